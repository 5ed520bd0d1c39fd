//! Messages of the card network by their own references, with what they were answered.
//!
//! The reference is what makes a message happen once; it is kept for ever, like what the message
//! did.

use super::{ReadTx, Tx, db::Value};
use crate::error::Result;

/// A message that was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Which kind of message.
    pub kind: String,
    /// What it said: JSON, secrets replaced by keyed digests.
    pub content: String,
    /// What it was answered.
    pub answer: String,
}

/// The message with this reference, if there was one.
pub async fn find(tx: &mut ReadTx, reference: &str) -> Result<Option<Message>> {
    let sql = "SELECT kind, content, answer FROM network_message \
               WHERE tenant = $1 AND reference = $2";
    let Some(row) = tx.optional(sql, &[reference.into()]).await? else {
        return Ok(None);
    };
    let mut columns = row.reader();
    Ok(Some(Message {
        kind: columns.next()?,
        content: columns.next()?,
        answer: columns.next()?,
    }))
}

/// Keeps an answered message. Its reference must be free.
pub async fn insert(tx: &mut Tx, reference: &str, message: Message) -> Result<()> {
    let now = tx.now().as_millisecond();
    let parameters = [
        Value::from(reference),
        message.kind.into(),
        message.content.into(),
        message.answer.into(),
        now.into(),
    ];
    tx.execute(
        "INSERT INTO network_message (tenant, reference, kind, content, answer, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &parameters,
    )
    .await?;
    Ok(())
}
