//! Messages of the card network: each has its effect once, whatever how often it is sent.
//!
//! Law: a reference stands for one content. The same content again is answered as it was the first
//! time; other content under the same reference is refused, naming what differs. A message that is
//! refused uses up nothing.

use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        messages::{self, Message},
    },
};

/// A message as it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming<'a> {
    /// Which kind of message.
    pub kind: &'static str,
    /// The sender's reference.
    pub reference: &'a str,
    /// What it says: a JSON object in one spelling.
    pub content: &'a str,
}

/// Fields whose values are secrets: only a keyed digest of them is kept.
const SECRET_FIELDS: [&str; 3] = ["pan", "pin", "cvv"];
/// The domain of those digests.
const SECRET_DOMAIN: &str = "message.secret";

/// Does the work of a message unless it was done before; then answers the same again.
pub async fn once<F>(tx: &mut Tx, incoming: Incoming<'_>, work: F) -> Result<String>
where
    F: AsyncFnOnce(&mut Tx) -> Result<String>,
{
    let content = without_secrets(tx, incoming.reference, incoming.content)?;
    if let Some(before) = messages::find(tx, incoming.reference).await? {
        if let Some(field) = difference(&before, incoming.kind, &content)? {
            return Err(Error::ReferenceTaken(field));
        }
        tx.audit("message.repeat", ("message", incoming.reference))
            .await?;
        return Ok(before.answer);
    }
    let answer = work(tx).await?;
    let message = Message {
        kind: incoming.kind.to_owned(),
        content,
        answer: answer.clone(),
    };
    messages::insert(tx, incoming.reference, message).await?;
    Ok(answer)
}

/// The content with its secrets replaced, so that a repeat is still known as one. Nothing else is
/// learned from it: the same PIN reads differently under every other reference, so no list of all
/// PINs under known references tells which one a card has.
fn without_secrets(tx: &Tx, reference: &str, content: &str) -> Result<String> {
    // Most messages carry none: then the text is good as it is.
    if !SECRET_FIELDS.iter().any(|field| content.contains(field)) {
        return Ok(content.to_owned());
    }
    let mut fields = object(content)?;
    for field in SECRET_FIELDS {
        if let Some(value) = fields.get_mut(field) {
            let place = serde_json::json!([tx.tenant().get(), reference, field, value]);
            let digest = tx
                .vault()
                .lookup(SECRET_DOMAIN, place.to_string().as_bytes())?;
            *value = Value::String(hex::encode(digest));
        }
    }
    serde_json::to_string(&fields).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Every field that a message can have. What differs is named out of this list, never by a text
/// that came from outside.
const FIELDS: [&str; 23] = [
    "amount",
    "authorization_id",
    "card_id",
    "card_no",
    "channel",
    "currency",
    "cvv",
    "decision",
    "decline_reason",
    "dispute_id",
    "expiry",
    "final",
    "force_decline",
    "merchant",
    "pan",
    "partial_allowed",
    "pin",
    "reason",
    "reference",
    "token_id",
    "transaction_id",
    "type",
    "wallet_token_id",
];

/// The first field in which two messages differ, by name.
fn difference(before: &Message, kind: &str, content: &str) -> Result<Option<&'static str>> {
    if before.kind != kind {
        return Ok(Some("reference"));
    }
    if before.content == content {
        return Ok(None);
    }
    let (old, new) = (object(&before.content)?, object(content)?);
    let differing = FIELDS
        .into_iter()
        .find(|name| old.get(*name) != new.get(*name));
    // A field that is missing from the list must never pass for a repeat.
    Ok(differing.or((old != new).then_some("reference")))
}

fn object(text: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(text).map_err(|_| Error::Corrupt("a message's content".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_field_that_differs_is_named_and_spelling_alone_is_no_difference() {
        let before = Message {
            kind: "authorization".to_owned(),
            content: r#"{"amount":100,"card_id":"7","currency":"USD"}"#.to_owned(),
            answer: String::new(),
        };
        let table = [
            (
                "authorization",
                r#"{"amount":100,"card_id":"7","currency":"USD"}"#,
                None,
            ),
            (
                "authorization",
                r#"{"currency":"USD","card_id":"7","amount":100}"#,
                None,
            ),
            (
                "authorization",
                r#"{"amount":101,"card_id":"7","currency":"USD"}"#,
                Some("amount"),
            ),
            (
                "authorization",
                r#"{"amount":100,"card_id":"7"}"#,
                Some("currency"),
            ),
            (
                "authorization",
                r#"{"amount":100,"card_id":"7","currency":"USD","type":"cash"}"#,
                Some("type"),
            ),
            (
                "advice",
                r#"{"amount":100,"card_id":"7","currency":"USD"}"#,
                Some("reference"),
            ),
            (
                "authorization",
                r#"{"amount":100,"card_id":"7","currency":"USD","of_tomorrow":1}"#,
                Some("reference"),
            ),
        ];
        for (kind, content, expected) in table {
            let found = difference(&before, kind, content).expect("both are objects");
            assert_eq!(found, expected, "{kind} {content}");
        }
    }
}
