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

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// Its answer, now or as it was the first time.
    Answer(String),
    /// Its reference stands for another content: the first field that differs.
    Conflict(String),
}

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
pub async fn once<F>(tx: &mut Tx, incoming: Incoming<'_>, work: F) -> Result<Taken>
where
    F: AsyncFnOnce(&mut Tx) -> Result<String>,
{
    let content = without_secrets(tx, incoming.content)?;
    if let Some(before) = messages::find(tx, incoming.reference).await? {
        if let Some(field) = difference(&before, incoming.kind, &content)? {
            return Ok(Taken::Conflict(field));
        }
        tx.audit("message.repeat", ("message", incoming.reference))
            .await?;
        return Ok(Taken::Answer(before.answer));
    }
    let answer = work(tx).await?;
    let message = Message {
        kind: incoming.kind.to_owned(),
        content,
        answer: answer.clone(),
    };
    messages::insert(tx, incoming.reference, message).await?;
    Ok(Taken::Answer(answer))
}

/// The content with its secrets replaced, so that equal contents stay equal and nothing else is
/// learned from it.
fn without_secrets(tx: &Tx, content: &str) -> Result<String> {
    // Most messages carry none: then the text is good as it is.
    let may_hold = |field: &&str| content.contains(&format!("\"{field}\""));
    if !SECRET_FIELDS.iter().any(|field| may_hold(&field)) {
        return Ok(content.to_owned());
    }
    let mut fields = object(content)?;
    for field in SECRET_FIELDS {
        if let Some(value) = fields.get_mut(field) {
            let digest = tx
                .vault()
                .lookup(SECRET_DOMAIN, value.to_string().as_bytes())?;
            *value = Value::String(hex::encode(digest));
        }
    }
    serde_json::to_string(&fields).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The first field in which two messages differ, by name.
fn difference(before: &Message, kind: &str, content: &str) -> Result<Option<String>> {
    if before.kind != kind {
        return Ok(Some("reference".to_owned()));
    }
    if before.content == content {
        return Ok(None);
    }
    let (old, new) = (object(&before.content)?, object(content)?);
    let differing = |name: &&String| old.get(*name) != new.get(*name);
    Ok(old.keys().chain(new.keys()).find(differing).cloned())
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
        ];
        for (kind, content, expected) in table {
            let found = difference(&before, kind, content).expect("both are objects");
            assert_eq!(found.as_deref(), expected, "{kind} {content}");
        }
    }
}
