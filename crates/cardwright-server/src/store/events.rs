//! Events: they commit with their cause, in the order of their ids. Delivery reads them from here.

use cardwright_core::{Event, Timestamp};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

/// An event as it is kept.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredEvent {
    /// Its id.
    pub id: i64,
    /// What happened: a word of [`Event::word`].
    pub kind: String,
    /// What it is about: a word of [`cardwright_core::Subject::word`].
    pub subject_kind: String,
    /// The id of that.
    pub subject: i64,
    /// What its record would not say later.
    pub facts: serde_json::Map<String, serde_json::Value>,
    /// When it happened, by the tenant's time.
    pub created_at: Timestamp,
    /// Why no message could be made of it, where that is so.
    pub unsent: Option<String>,
}

impl StoredEvent {
    /// A fact that this kind of event has.
    pub fn fact(&self, name: &str) -> Result<&str> {
        let found = self.facts.get(name).and_then(serde_json::Value::as_str);
        found.ok_or_else(|| Error::Corrupt(format!("event {} lacks {name}", self.id)))
    }

    /// The id of a record among the facts.
    pub fn record<T, E>(&self, name: &str, id: fn(i64) -> std::result::Result<T, E>) -> Result<T> {
        let number = self.fact(name)?.parse().ok();
        let found = number.and_then(|number| id(number).ok());
        found.ok_or_else(|| Error::Corrupt(format!("{name} of event {}", self.id)))
    }

    /// A fact that this kind of event has by now, and had not always.
    pub fn later_fact(&self, name: &str) -> Result<Option<&str>> {
        match self.facts.get(name) {
            None => Ok(None),
            Some(_) => self.fact(name).map(Some),
        }
    }

    /// A whole number among the facts.
    pub fn number(&self, name: &str) -> Result<i64> {
        let corrupt = || Error::Corrupt(format!("{name} of event {}", self.id));
        self.fact(name)?.parse().map_err(|_| corrupt())
    }

    /// The record that it is about.
    pub fn subject<T, E>(&self, id: fn(i64) -> std::result::Result<T, E>) -> Result<T> {
        id(self.subject).map_err(|_| Error::Corrupt(format!("subject of event {}", self.id)))
    }
}

/// An event whose row cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// Its id.
    pub id: i64,
    /// What happened, as far as its row says so.
    pub kind: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Which events a list shows; what is absent does not narrow it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventFilter {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only about this record.
    pub subject: Option<i64>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub until: Option<Timestamp>,
    /// Only those, or all.
    pub handed_out: Option<HandedOut>,
}

/// How handing an event out to endpoints went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandedOut {
    /// No message could be made of it.
    Unsent,
}

/// The event with this id, if there is one.
pub async fn find(tx: &mut ReadTx, id: i64) -> Result<Option<StoredEvent>> {
    let sql = "SELECT id, kind, subject_kind, subject_id, facts, created_at, \
               (SELECT reason FROM event_unsent \
               WHERE event_unsent.tenant = event.tenant AND event_unsent.event = event.id) \
               FROM event WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Events before an id, the newest first.
pub async fn list(
    tx: &mut ReadTx,
    filter: &EventFilter,
    before: i64,
    limit: i64,
) -> Result<Vec<StoredEvent>> {
    let sql = "SELECT id, kind, subject_kind, subject_id, facts, created_at, \
               (SELECT reason FROM event_unsent \
               WHERE event_unsent.tenant = event.tenant AND event_unsent.event = event.id) \
               FROM event WHERE tenant = $1 AND id < $2 AND ($3 IS NULL OR kind = $3) \
               AND ($4 IS NULL OR subject_id = $4) AND created_at >= $5 AND created_at < $6 \
               AND ($7 = 0 OR id IN \
               (SELECT event_unsent.event FROM event_unsent WHERE event_unsent.tenant = $1)) \
               ORDER BY id DESC LIMIT $8";
    let only_unsent = i64::from(filter.handed_out == Some(HandedOut::Unsent));
    let parameters = [
        before.into(),
        Value::from(filter.kind.as_deref()),
        filter.subject.into(),
        bound(filter.from, i64::MIN),
        bound(filter.until, i64::MAX),
        only_unsent.into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(listed).collect()
}

/// As a list shows it: an event that cannot be read is listed with what is wrong with it, and without
/// facts.
fn listed(row: &Row) -> Result<StoredEvent> {
    let unreadable = match readable(row)? {
        Ok(event) => return Ok(event),
        Err(unreadable) => unreadable,
    };
    Ok(StoredEvent {
        id: unreadable.id,
        kind: unreadable.kind,
        subject_kind: row.get(2)?,
        subject: row.get(3)?,
        facts: serde_json::Map::new(),
        created_at: time(row.get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
        unsent: Some(unreadable.reason),
    })
}

fn bound(at: Option<Timestamp>, otherwise: i64) -> Value {
    at.map_or(otherwise, Timestamp::as_millisecond).into()
}

/// Reads a row, or says which event it is that cannot be read.
pub(super) fn readable(row: &Row) -> Result<std::result::Result<StoredEvent, Unreadable>> {
    match from_row(row) {
        Ok(event) => Ok(Ok(event)),
        Err(error) if error.is_of_the_store() => Err(error),
        Err(error) => Ok(Err(Unreadable {
            id: row.get(0)?,
            kind: row.get(1).unwrap_or_default(),
            reason: error.log_text(),
        })),
    }
}

pub(super) fn from_row(row: &Row) -> Result<StoredEvent> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let (kind, subject_kind): (String, String) = (columns.next()?, columns.next()?);
    let subject = columns.next()?;
    let facts: String = columns.next()?;
    let facts = serde_json::from_str(&facts);
    Ok(StoredEvent {
        id,
        kind,
        subject_kind,
        subject,
        facts: facts.map_err(|error| Error::Corrupt(format!("facts of event {id}: {error}")))?,
        created_at: time(columns.next()?)?,
        unsent: columns.next()?,
    })
}

/// Adds an event. Its id is higher than that of any event before it, also of the same subject.
pub(super) async fn insert(tx: &mut Tx, event: Event) -> Result<()> {
    let id = tx.next_id().await?;
    let facts: serde_json::Map<String, serde_json::Value> = event
        .facts()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let facts = serde_json::to_string(&facts).map_err(|error| Error::Corrupt(error.to_string()))?;
    let subject = event.subject();
    let parameters = [
        Value::from(id),
        event.word().into(),
        subject.word().into(),
        subject.id().into(),
        facts.into(),
        tx.now().as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, facts, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &parameters,
    )
    .await?;
    Ok(())
}
