//! The question about an authorization, as a FINCI integrator reads it, and what it answers.
//!
//! It says what the advice afterwards says again, under the same `id`, but for what is not known yet:
//! the code that the network is told, and the place among the card's events.

use cardwright_core::{Authorization, Timestamp};
use cardwright_wire::{
    finci::events::{AuthorizationType, Event, Kind},
    instant::Rfc3339,
};
use serde_json::Value;

use super::payloads::{
    finci::authorization::{described, number},
    written,
};
use crate::error::Result;
use crate::store::decisions::{DecisionKind, StoredDecision};

/// The `id` of a question, and of the advice that follows it.
pub fn id(asked: &StoredDecision, of: &Authorization) -> String {
    match asked.kind {
        DecisionKind::Authorization => of.number.clone(),
        DecisionKind::Incremental => number(asked.id),
    }
}

/// The name of a question as an event.
pub fn event_id(asked: &StoredDecision) -> String {
    format!("question_{:016}", asked.id)
}

/// The body of a question.
pub fn body(
    asked: &StoredDecision,
    of: &Authorization,
    (wallet, now): (Option<&'static str>, Timestamp),
) -> Result<Vec<u8>> {
    let (kind, original) = match asked.kind {
        DecisionKind::Authorization => (AuthorizationType::Authorization, None),
        DecisionKind::Incremental => (AuthorizationType::Incremental, Some(of.number.clone())),
    };
    let begun = Event::new(Kind::Authorization, event_id(asked), Rfc3339(now));
    let amounts = (asked.amount, asked.billing_minor);
    let question = Event {
        id: Some(id(asked, of)),
        authorization_type: Some(kind),
        advice: Some(false),
        original_id: original,
        ..described(begun, of, (amounts, wallet))
    };
    written(&question).map(String::into_bytes)
}

/// What an integrator answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// Yes.
    Success,
    /// No.
    Error,
    /// Nothing that the contract knows.
    Invalid,
}

/// Reads an answer: a status of success and `{"status": "success"}` is a yes.
pub fn read((status, body): (u16, &[u8])) -> Said {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let word = body.as_ref().and_then(|body| body["status"].as_str());
    match ((200..300).contains(&status), word) {
        (true, Some("success")) => Said::Success,
        (_, Some("error")) => Said::Error,
        _ => Said::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_contracts_own_words_mean_yes_or_no() {
        for (status, body, expected) in [
            (200, r#"{"status":"success"}"#, Said::Success),
            (201, r#" {"status": "success", "more": 1} "#, Said::Success),
            (200, r#"{"status":"error","errors":["a"]}"#, Said::Error),
            (422, r#"{"status":"error"}"#, Said::Error),
            (500, r#"{"status":"success"}"#, Said::Invalid),
            (302, r#"{"status":"success"}"#, Said::Invalid),
            (200, r#"{"status":"Success"}"#, Said::Invalid),
            (200, r#"{"status":true}"#, Said::Invalid),
            (200, r#"["success"]"#, Said::Invalid),
            (200, "success", Said::Invalid),
            (200, "", Said::Invalid),
            (204, "", Said::Invalid),
            (200, r#"{"status":"success""#, Said::Invalid),
        ] {
            assert_eq!(read((status, body.as_bytes())), expected, "{status} {body}");
        }
    }
}
