//! The events that integrators of this dialect are told of, as the document shows them.
//!
//! Law: the record of an event is the one that the query for it answers; what it has besides stands
//! here. A test compares this with every event that was recorded.

use cardwright_wire::fincard::{
    events::{Category, Event},
    holders::Holder,
    orders::Order,
    queries::{Authorization, Challenge, FeePatch},
    wallet::{DepositRecord, Transaction},
    work_orders::WorkOrder,
};
use utoipa::{
    ToSchema,
    openapi::{
        RefOr,
        schema::{AllOf, Object, Schema, SchemaType, Type},
    },
};

use crate::api::route::{BodyDoc, EventDoc, Parameter, Presence, Schemas, named};

/// Every family there is, in the order of [`Category::ALL`].
pub(super) const EVENTS: &[EventDoc] = &[
    told(
        Category::CardTransaction,
        "An order on a card ended; `eventType` is its `type`",
        BodyDoc {
            name: "CardTransactionEvent",
            schema: |schemas| {
                let more = [
                    (
                        "balance",
                        "What the card has, or, of a budget card, nothing.",
                    ),
                    (
                        "subType",
                        "Of a cancellation: `DEFAULT`, or `REFUND` of what came later.",
                    ),
                ];
                of::<Order>(schemas, &more)
            },
        },
    ),
    told(
        Category::CardAuthTransaction,
        "Money moved through a card; `eventType` is the `type`. A `tradeNo` comes again when its record \
         says something else",
        BodyDoc {
            name: "CardAuthTransactionEvent",
            schema: |schemas| of::<Authorization>(schemas, &[]),
        },
    ),
    told(
        Category::CardFeePatch,
        "The wallet paid a fee in a card's place; `eventType` is the `type`",
        BodyDoc {
            name: "CardFeePatchEvent",
            schema: |schemas| of::<FeePatch>(schemas, &[]),
        },
    ),
    told(
        Category::CardThreeDs,
        "A cardholder is asked to prove something; `eventType` is the `type`. The code or link is in \
         `values`, encrypted where you registered a key for card data",
        BodyDoc {
            name: "CardThreeDsEvent",
            schema: |schemas| of::<Challenge>(schemas, &[]),
        },
    ),
    told(
        Category::PhysicalCard,
        "A physical card was activated; `eventType` is `card_activated`",
        BodyDoc {
            name: "PhysicalCardEvent",
            schema: |schemas| of::<Order>(schemas, &[]),
        },
    ),
    told(
        Category::CardHolder,
        "The checks of a cardholder moved; `eventType` is the new `status`",
        BodyDoc {
            name: "CardHolderEvent",
            schema: |schemas| of::<Holder>(schemas, REASONS),
        },
    ),
    told(
        Category::CardHolderChangeEmail,
        "A cardholder has another e-mail address; `eventType` is `holder_change_email`",
        BodyDoc {
            name: "CardHolderChangeEmailEvent",
            schema: |schemas| of::<Holder>(schemas, REASONS),
        },
    ),
    told(
        Category::Work,
        "A work order was decided; `eventType` is `work`",
        BodyDoc {
            name: "WorkEvent",
            schema: |schemas| of::<WorkOrder>(schemas, &[]),
        },
    ),
    told(
        Category::WalletTransactionV2,
        "Coins became money, or never will; `eventType` is `DEPOSIT`",
        BodyDoc {
            name: "WalletTransactionV2Event",
            schema: |schemas| of::<Transaction>(schemas, &[("balance", CREDITED)]),
        },
    ),
    told(
        Category::WalletTransaction,
        "An announced deposit ended, in the older form; `eventType` is `chain_deposit`",
        BodyDoc {
            name: "WalletTransactionEvent",
            schema: |schemas| {
                let more = [
                    ("coinKey", "Which coin."),
                    ("amount", "What was credited."),
                    ("balance", CREDITED),
                ];
                of::<DepositRecord>(schemas, &more)
            },
        },
    ),
];

const CREDITED: &str = "What the account has.";
const REASONS: &[(&str, &str)] = &[
    ("reason", "Why the cardholder was rejected, if so."),
    ("rejectReason", "The same."),
];

const fn signature(name: &'static str) -> Parameter {
    Parameter {
        name,
        about: "Signature of the body's bytes by the tenant's webhook key: RSA PKCS #1 v1.5 with \
                SHA-256, in base64",
        pattern: Some("^[A-Za-z0-9+/]+={0,2}$"),
        example: "b2sgdGhpcyBpcyBub3QgYSBzaWduYXR1cmU=",
        presence: Presence::Required,
    }
}

const fn header(name: &'static str, about: &'static str, example: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        pattern: None,
        example,
        presence: Presence::Required,
    }
}

const HEADERS: &[Parameter] = &[
    signature("X-FC-SIGNATURE"),
    signature("X-WSB-SIGNATURE"),
    header(
        "X-WSB-CATEGORY",
        "The family of the event",
        "card_transaction",
    ),
    header("X-WSB-REQUEST-ID", "The `eventId`", "evt_0001099518967861"),
    header(
        "webhook-id",
        "The `eventId`; Standard Webhooks",
        "evt_0001099518967861",
    ),
    header(
        "webhook-timestamp",
        "When it was signed, Unix seconds; Standard Webhooks",
        "1759312800",
    ),
    header(
        "webhook-signature",
        "`v1,` and HMAC-SHA256 over `id.timestamp.body` in base64, one for each secret that is good; \
         Standard Webhooks",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
];

const fn told(category: Category, summary: &'static str, body: BodyDoc) -> EventDoc {
    EventDoc {
        name: category.word(),
        summary,
        headers: HEADERS,
        body,
        acknowledged: "`{\"success\": true}`; anything else is no acknowledgement, and the event comes \
                       again.",
    }
}

/// An event about such a record, which has these texts besides.
fn of<T: ToSchema>(schemas: &mut Schemas, more: &[(&str, &str)]) -> RefOr<Schema> {
    let record = named::<T>(schemas);
    if more.is_empty() {
        return RefOr::T(Event::schema_around(record));
    }
    let mut besides = Object::builder();
    for (name, about) in more {
        let text = SchemaType::from_iter([Type::String, Type::Null]);
        let text = Object::builder()
            .schema_type(text)
            .description(Some(*about));
        besides = besides.property(*name, text);
    }
    let whole = AllOf::builder().item(record).item(besides).build();
    RefOr::T(Event::schema_around(RefOr::T(Schema::AllOf(whole))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_of_events_is_documented() {
        let documented: Vec<&str> = EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(documented, Category::ALL.map(Category::word));
    }
}
