//! Events in our own words, in the form of the Standard Webhooks specification: type, time, data.

use cardwright_core::Event;
use cardwright_wire::instant::Rfc3339;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Message, Told, written};
use crate::error::Result;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: Rfc3339,
    data: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    event_id: String,
    sequence: i64,
    subject: Subject<'a>,
    #[serde(flatten)]
    facts: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct Subject<'a> {
    kind: &'a str,
    id: String,
}

/// Every event is one message.
pub(super) fn messages(told: Told<'_>) -> Result<Vec<Message>> {
    let event = told.event;
    let body = Body {
        kind: &event.kind,
        timestamp: Rfc3339(event.created_at),
        data: Content {
            event_id: told.id(),
            sequence: told.sequence,
            subject: Subject {
                kind: &event.subject_kind,
                id: event.subject.to_string(),
            },
            facts: &event.facts,
        },
    };
    Ok(vec![Message {
        id: told.id(),
        event: event.kind.clone(),
        words: vec![event.kind.clone()],
        category: None,
        body: written(&body)?,
    }])
}

/// Our own words.
pub(super) fn words() -> Vec<&'static str> {
    Event::WORDS.to_vec()
}
