//! The events that integrators of this dialect are told of, as the document shows them.

use cardwright_wire::finci::{
    events::{Event, Kind},
    signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER},
};

use crate::api::route::{BodyDoc, EventDoc, Parameter, Presence, answer_schema};

/// Every kind there is, in the order of [`Kind::ALL`].
pub(super) const EVENTS: &[EventDoc] = &[
    told(
        Kind::Authorization,
        "A payment was asked for, raised or taken back; with `advice: false` it is a question, which \
         your answer decides",
    ),
    told(Kind::Presentment, "A merchant was paid"),
    told(Kind::Return, "A merchant gave money back"),
    told(Kind::CardCreated, "A card was issued"),
    told(Kind::CardStatusChanged, "A card has another status"),
    told(Kind::CardStageChanged, "A card's plastic moved"),
];

const HEADERS: &[Parameter] = &[
    Parameter {
        name: TIMESTAMP_HEADER,
        about: "When it was signed, Unix seconds",
        pattern: Some("^[0-9]+$"),
        example: "1759312800",
        presence: Presence::Required,
    },
    Parameter {
        name: SIGNATURE_HEADER,
        about: "HMAC-SHA256 by the endpoint's secret over timestamp, `POST`, your path with its \
                query, and the body's bytes, as requests to this API are signed; in hexadecimal",
        pattern: Some("^[0-9a-f]{64}$"),
        example: "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0",
        presence: Presence::Required,
    },
    Parameter {
        name: "webhook-id",
        about: "Names the event, the same in every repeat; Standard Webhooks",
        pattern: None,
        example: "evt_0001099518967861",
        presence: Presence::Required,
    },
    Parameter {
        name: "webhook-timestamp",
        about: "When it was signed, Unix seconds; Standard Webhooks",
        pattern: Some("^[0-9]+$"),
        example: "1759312800",
        presence: Presence::Required,
    },
    Parameter {
        name: "webhook-signature",
        about: "`v1,` and HMAC-SHA256 over `id.timestamp.body` in base64, one for each secret that \
                is good; Standard Webhooks",
        pattern: None,
        example: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        presence: Presence::Required,
    },
];

const fn told(kind: Kind, summary: &'static str) -> EventDoc {
    EventDoc {
        name: kind.word(),
        summary,
        headers: HEADERS,
        body: BodyDoc {
            name: "Event",
            schema: answer_schema::<Event>,
        },
        acknowledged: "Any status of success acknowledges. To a question, `{\"status\": \"success\"}` \
                       approves, and anything else declines.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_is_documented() {
        let documented: Vec<&str> = EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(documented, Kind::ALL.map(Kind::word));
    }
}
