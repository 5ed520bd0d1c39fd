//! The question about an authorization, as a FINCI integrator reads it, and what it answers.
//!
//! It says what the advice afterwards says again, under the same `id`, but for what is not known yet:
//! the code that the network is told, and the place among the card's events.

use cardwright_core::{Authorization, Timestamp};
use cardwright_wire::{instant::Rfc3339, kind::PaddedId};
use serde_json::{Value, json};

use crate::store::decisions::{DecisionKind, StoredDecision};

/// The `id` of a question, and of the advice that follows it.
pub fn id(asked: &StoredDecision, of: &Authorization) -> String {
    match asked.kind {
        DecisionKind::Authorization => of.number.clone(),
        DecisionKind::Incremental => format!("{:018}", asked.id),
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
) -> Vec<u8> {
    let merchant = json!({
        "name": of.merchant.name,
        "id": of.merchant.id,
        "mcc": of.merchant.mcc.to_string(),
        "city": of.merchant.city,
        "country": of.merchant.country.alpha2(),
    });
    let mut body = json!({
        "event": "authorization",
        "event_id": event_id(asked),
        "created_at": Rfc3339(now),
        "id": id(asked, of),
        "authorization_type": asked.kind.word(),
        "advice": false,
        "token_id": PaddedId(of.card.get()).to_string(),
        "account_id": PaddedId(of.account.get()).to_string(),
        "amount": asked.amount.to_string(),
        "currency": asked.amount.currency().code(),
        "billing_amount": of.billing_currency.print(asked.billing_minor),
        "billing_currency": of.billing_currency.code(),
        "merchant": merchant,
        "channel": of.channel.word(),
    });
    if let Some(wallet) = wallet {
        body["wallet"] = wallet.into();
    }
    if asked.kind == DecisionKind::Incremental {
        body["original_id"] = of.number.as_str().into();
    }
    body.to_string().into_bytes()
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
