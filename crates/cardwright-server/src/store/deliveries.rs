//! Messages on their way to endpoints, and what came of each time they were sent.
//!
//! Law: a message is due by the time of its tenant, and leased by real time. Whoever sends it has
//! leased it first; what it came to is written only over the send it was leased for, so that an
//! answer that comes after the lease changes nothing twice.

macro_rules! columns {
    () => {
        "id, endpoint, event, message, word, category, cause, ordinal, state, sends, due_at, \
         created_at, ended_at, body_sealed, end_reason"
    };
}

mod ends;
mod leases;
mod lists;

use cardwright_core::{DeliveryId, EndpointId, TenantId, Timestamp};
use zeroize::Zeroizing;

pub use ends::{
    Abandoned, EndedRows, Old, Removed, abandon, end_of_removed, endpoint_removed, old, purge,
    removed, tenants,
};
pub use leases::{
    Backlog, Past, Waiting, backlog, end_leases, endpoint_failed, endpoint_took, give_back, lease,
    record, settle, waiting,
};
pub use lists::{DeliveryFilter, attempts, find, list, missed, of_event, of_time};

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::{
    error::{Error, Result},
    secrets::{SealContext, Vault, VaultError},
};

/// Where bodies are sealed.
const PLACE: &str = "delivery";

/// Why there is a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Something happened.
    Event,
    /// An operator sent the event again.
    Resend,
    /// An operator sent again what an endpoint may have missed.
    Replay,
    /// A sandbox was asked to repeat itself.
    Deliver,
}

impl Cause {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Event => "event",
            Cause::Resend => "resend",
            Cause::Replay => "replay",
            Cause::Deliver => "deliver",
        }
    }

    fn from_word(word: &str) -> Option<Cause> {
        [Cause::Event, Cause::Resend, Cause::Replay, Cause::Deliver]
            .into_iter()
            .find(|cause| cause.word() == word)
    }
}

/// How far a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// It is sent when it is due.
    Pending,
    /// It was taken.
    Delivered,
    /// Nobody took it.
    Dead,
    /// Nobody took it, and another one was made in its place.
    Replayed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [DeliveryState; 4] = [
        DeliveryState::Pending,
        DeliveryState::Delivered,
        DeliveryState::Dead,
        DeliveryState::Replayed,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            DeliveryState::Pending => "pending",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Dead => "dead",
            DeliveryState::Replayed => "replayed",
        }
    }

    fn from_word(word: &str) -> Option<DeliveryState> {
        DeliveryState::ALL
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A message to an endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint: EndpointId,
    /// About which event.
    pub event: i64,
    /// What names it towards the endpoint, in every repeat.
    pub message: String,
    /// What it tells, in the words of its dialect.
    pub word: String,
    /// Its family, for FinCard.
    pub category: Option<String>,
    /// Why it is.
    pub cause: Cause,
    /// Its number among the messages to its endpoint.
    pub ordinal: i64,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was sent by its schedule.
    pub sends: i64,
    /// When it is sent next, by the tenant's time.
    pub due_at: Timestamp,
    /// When it was made, by the tenant's time.
    pub created_at: Timestamp,
    /// When it was taken or given up.
    pub ended_at: Option<Timestamp>,
    /// Why it was given up before its schedule was over: a word of [`Abandoned`].
    pub end_reason: Option<String>,
    /// The body, sealed.
    sealed: Vec<u8>,
}

impl Delivery {
    /// The body that goes out.
    pub fn body(&self, tx: &ReadTx) -> Result<Zeroizing<Vec<u8>>> {
        let place = tx.place(PLACE, self.id.get());
        Ok(tx.vault().open(&place, &self.sealed)?)
    }

    /// The same where no transaction is open.
    pub fn opened(
        &self,
        tenant: TenantId,
        vault: &Vault,
    ) -> std::result::Result<Zeroizing<Vec<u8>>, VaultError> {
        let place = SealContext::of_tenant(tenant.get(), PLACE, self.id.get());
        vault.open(&place, &self.sealed)
    }
}

/// A message that is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// To whom.
    pub endpoint: EndpointId,
    /// About which event.
    pub event: i64,
    /// What names it towards the endpoint.
    pub message: String,
    /// What it tells.
    pub word: String,
    /// Its family, for FinCard.
    pub category: Option<String>,
    /// Why it is.
    pub cause: Cause,
    /// Its number among the messages to its endpoint.
    pub ordinal: i64,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
    /// When it is sent, by the tenant's time.
    pub due_at: Timestamp,
}

/// What came of one time that a message was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// When, in real time.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// How it ended: answered, refused, …
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<i64>,
    /// What was wrong where there was no answer.
    pub reason: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<Vec<u8>>,
    /// What a sandbox did wrong on purpose.
    pub fault: Option<String>,
    /// When it is sent next, by the tenant's time.
    pub next_at: Option<Timestamp>,
}

/// What becomes of a message that was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It was taken.
    Delivered,
    /// It is sent again then, by the tenant's time.
    Again(Timestamp),
    /// It is given up.
    Dead,
}

/// Adds a message.
pub async fn insert(tx: &mut SystemTx, tenant: TenantId, new: &NewDelivery) -> Result<DeliveryId> {
    let id = tx.next_delivery_id().await?;
    let view = tx.view(tenant);
    let sealed = seal(&view, id, &new.body, &tx.resources().entropy)?;
    let now = view.now();
    let mut parameters = vec![Value::from(tenant.get())];
    parameters.extend(columns_of(id, new, sealed, now));
    tx.session.execute(INSERT, &parameters).await?;
    DeliveryId::new(id).map_err(|_| Error::Corrupt("ids have run out".to_owned()))
}

/// Adds a message that an operator asked for.
pub async fn insert_asked(tx: &mut Tx, new: &NewDelivery) -> Result<DeliveryId> {
    let id = tx.next_delivery_id().await?;
    let sealed = seal(tx, id, &new.body, tx.entropy())?;
    let now = tx.now();
    tx.execute(INSERT, &columns_of(id, new, sealed, now))
        .await?;
    tx.leave_for_delivery();
    DeliveryId::new(id).map_err(|_| Error::Corrupt("ids have run out".to_owned()))
}

/// The next number of a message to an endpoint.
pub async fn ordinal(tx: &mut Tx, endpoint: EndpointId) -> Result<i64> {
    let sql = "INSERT INTO event_counter (tenant, subject_kind, subject_id, last) \
               VALUES ($1, 'messages_to', $2, 1) ON CONFLICT (tenant, subject_kind, subject_id) \
               DO UPDATE SET last = event_counter.last + 1 RETURNING last";
    let row = tx.change(sql, &[endpoint.get().into()]).await?;
    let row = row.ok_or_else(|| Error::Corrupt("a counter without a row".to_owned()))?;
    Ok(row.get(0)?)
}

const INSERT: &str = "INSERT INTO delivery (tenant, id, endpoint, event, message, word, category, \
                      cause, ordinal, body_sealed, state, sends, due_at, created_at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', 0, $11, $12)";

fn seal(tx: &ReadTx, id: i64, body: &[u8], entropy: &crate::entropy::Entropy) -> Result<Vec<u8>> {
    Ok(tx.vault().seal(&tx.place(PLACE, id), body, entropy)?)
}

fn columns_of(id: i64, new: &NewDelivery, sealed: Vec<u8>, now: Timestamp) -> [Value; 11] {
    [
        id.into(),
        new.endpoint.get().into(),
        new.event.into(),
        new.message.as_str().into(),
        new.word.as_str().into(),
        new.category.as_deref().into(),
        new.cause.word().into(),
        new.ordinal.into(),
        sealed.into(),
        new.due_at.as_millisecond().into(),
        now.as_millisecond().into(),
    ]
}

/// Forgets the failures of an endpoint, which begins anew.
pub async fn forget_failures(tx: &mut Tx, endpoint: EndpointId) -> Result<()> {
    let sql = "DELETE FROM endpoint_failure WHERE tenant = $1 AND endpoint = $2";
    tx.execute(sql, &[endpoint.get().into()]).await?;
    Ok(())
}

/// Marks a message that nobody took as replaced by a new one of the same name.
pub async fn replace_dead(
    tx: &mut Tx,
    endpoint: EndpointId,
    (event, message): (i64, &str),
) -> Result<()> {
    let sql = "UPDATE delivery SET state = 'replayed' WHERE tenant = $1 AND endpoint = $2 \
               AND event = $3 AND message = $4 AND state = 'dead'";
    let parameters = [endpoint.get().into(), event.into(), message.into()];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// The number of the last message to an endpoint so far; 0 where there was none.
pub async fn last_ordinal(tx: &mut Tx, endpoint: EndpointId) -> Result<i64> {
    let sql = "SELECT last FROM event_counter WHERE tenant = $1 \
               AND subject_kind = 'messages_to' AND subject_id = $2";
    let row = tx.optional(sql, &[endpoint.get().into()]).await?;
    Ok(row.map(|row| row.get(0)).transpose()?.unwrap_or_default())
}

fn from_row(row: &Row) -> Result<Delivery> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("delivery {id}"));
    let endpoint = EndpointId::new(columns.next()?).map_err(|_| corrupt())?;
    let (event, message, word) = (columns.next()?, columns.next()?, columns.next()?);
    let category = columns.next()?;
    let cause = Cause::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let ordinal = columns.next()?;
    let state = DeliveryState::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    Ok(Delivery {
        id: DeliveryId::new(id).map_err(|_| corrupt())?,
        endpoint,
        event,
        message,
        word,
        category,
        cause,
        ordinal,
        state,
        sends: columns.next()?,
        due_at: time(columns.next()?)?,
        created_at: time(columns.next()?)?,
        ended_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
        sealed: columns.next()?,
        end_reason: columns.next()?,
    })
}
