//! What an event reads like to those who are told.
//!
//! Law: a message is made once, when the event is handed out, and kept; every repeat of it says the
//! same. What the record would not say later is among the facts of the event.

pub mod fincard;
pub mod finci;
pub mod standard;

use cardwright_core::WebhookDialect;
use serde::Serialize;

use crate::{
    error::{Error, Result},
    store::{ReadTx, events::StoredEvent},
};

/// One message to an endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Names the event, and the message where an event has several; the same in every repeat.
    pub id: String,
    /// What it tells, in the words of its dialect.
    pub event: String,
    /// Words that let it through a filter.
    pub words: Vec<String>,
    /// Its family, for FinCard.
    pub category: Option<&'static str>,
    /// The body.
    pub body: String,
}

/// An event on its way out, with its place among those of its subject.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What happened.
    pub event: &'a StoredEvent,
    /// Its number among the events of its subject; 0 where it happened before anybody listened.
    pub sequence: i64,
}

impl Told<'_> {
    /// The name of the event, which is that of its first message.
    pub fn id(&self) -> String {
        event_name(self.event.id)
    }
}

/// The name of an event towards integrators.
pub fn event_name(id: i64) -> String {
    format!("evt_{id:016}")
}

/// Reads the name of an event, or the number in it.
pub fn event_id(name: &str) -> Option<i64> {
    let digits = name.strip_prefix("evt_").unwrap_or(name);
    let plain = (1..=16).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The messages that an event means in a dialect: none, mostly one.
pub async fn render(
    tx: &mut ReadTx,
    dialect: WebhookDialect,
    told: Told<'_>,
) -> Result<Vec<Message>> {
    match dialect {
        WebhookDialect::Finci => finci::messages(tx, told).await,
        WebhookDialect::Fincard => fincard::messages(tx, told).await,
        WebhookDialect::Standard => standard::messages(told),
    }
}

pub(super) fn written<T: Serialize>(body: &T) -> Result<String> {
    serde_json::to_string(body).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The words of every event that a dialect has: what a filter may name.
pub fn words(dialect: WebhookDialect) -> Vec<&'static str> {
    match dialect {
        WebhookDialect::Finci => finci::words(),
        WebhookDialect::Fincard => fincard::words(),
        WebhookDialect::Standard => standard::words(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_found_by_its_name_and_by_the_number_in_it() {
        assert_eq!(event_name(42), "evt_0000000000000042");
        assert_eq!(event_id("evt_0000000000000042"), Some(42));
        assert_eq!(event_id("42"), Some(42));
        for wrong in [
            "",
            "evt_",
            "evt_x",
            "-1",
            "+1",
            "00000000000000042",
            "evt_1_1",
        ] {
            assert_eq!(event_id(wrong), None, "{wrong}");
        }
    }
}
