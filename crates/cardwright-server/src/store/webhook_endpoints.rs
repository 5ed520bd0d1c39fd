//! Where a tenant's events are delivered to. Times are real time: endpoints are callers turned
//! around, not part of what happens in the tenant's time.

use cardwright_core::{EndpointId, Record, TenantId, Timestamp, WebhookDialect};
use zeroize::Zeroizing;

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, Value},
    holders::time,
};
use crate::{
    error::{Error, Result},
    secrets::Secret,
};

/// The word of a filter by which an endpoint is the one that is asked to decide.
pub const DECISION: &str = "decision";

/// Where secrets of endpoints are sealed, by what they are.
const SECRET_PLACE: &str = "webhook_endpoint.secret";
const PREVIOUS_PLACE: &str = "webhook_endpoint.previous";
const HEADERS_PLACE: &str = "webhook_endpoint.headers";

macro_rules! columns {
    () => {
        "id, url, dialect, events, disabled_reason, disabled_at, secret_sealed, previous_sealed, \
         previous_until, switches_at, headers_sealed, header_names, timeout_ms, fault_plan, \
         created_at, updated_at"
    };
}

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Where deliveries go; a URL that was read before.
    pub url: String,
    /// In whose words.
    pub dialect: WebhookDialect,
    /// Which events are delivered, in the words of the dialect; all, where it is empty.
    pub events: Vec<String>,
    /// Whether anything is delivered.
    pub state: EndpointState,
    /// What signs, sealed.
    pub secret_sealed: Vec<u8>,
    /// The secret that is being replaced.
    pub rotation: Option<Rotation>,
    /// Headers of the tenant's own, sealed; their values may be secrets.
    pub headers_sealed: Option<Vec<u8>>,
    /// The names of those headers.
    pub header_names: Vec<String>,
    /// How long a delivery may take, in milliseconds.
    pub timeout_ms: i64,
    /// What a sandbox does wrong on purpose: JSON.
    pub fault_plan: Option<String>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whether anything is delivered to an endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndpointState {
    /// Everything its filter lets through.
    Enabled,
    /// Nothing.
    Disabled {
        /// Why.
        reason: String,
        /// Since when.
        at: Timestamp,
    },
}

/// Secrets that another one takes the place of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// The old secrets, sealed.
    pub sealed: Vec<u8>,
    /// Until when any of them signs beside the new one.
    pub until: Timestamp,
    /// From when on the new one signs where only one can.
    pub switches_at: Timestamp,
}

/// A secret that still signs beside the newest.
#[derive(Clone)]
pub struct OlderSecret {
    /// The secret.
    pub secret: Secret,
    /// Until when.
    pub until: Timestamp,
}

impl Endpoint {
    /// Whether anything is delivered.
    pub fn is_enabled(&self) -> bool {
        self.state == EndpointState::Enabled
    }

    /// Whether its filter lets an event through that has one of these words.
    pub fn wants(&self, words: &[&str]) -> bool {
        self.events.is_empty()
            || self
                .events
                .iter()
                .any(|wanted| words.contains(&wanted.as_str()))
    }
}

/// The endpoint with this id.
pub async fn find(tx: &mut ReadTx, id: EndpointId) -> Result<Endpoint> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_endpoint WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::WebhookEndpoint))?)
}

/// The endpoints that something is delivered to, the oldest first.
pub async fn enabled(tx: &mut ReadTx) -> Result<Vec<Endpoint>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_endpoint WHERE tenant = $1 AND deleted_at IS NULL \
         AND disabled_at IS NULL ORDER BY id"
    );
    tx.query(sql, &[]).await?.iter().map(from_row).collect()
}

/// Every endpoint that something is delivered to, whoever's it is.
pub async fn all_enabled(session: &mut ReadSession) -> Result<Vec<(TenantId, EndpointId)>> {
    let sql = "SELECT tenant, id FROM webhook_endpoint \
               WHERE deleted_at IS NULL AND disabled_at IS NULL";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            let corrupt = |_| Error::Corrupt("an endpoint's id".to_owned());
            Ok((
                TenantId::new(row.get(0)?).map_err(corrupt)?,
                EndpointId::new(row.get(1)?).map_err(corrupt)?,
            ))
        })
        .collect()
}

/// The endpoint that is asked to decide: the one whose filter says so and, where none does, the oldest
/// FINCI one that is switched on and told of authorizations. While the one that says so is switched off
/// nobody is asked: another one may answer yes to whatever it is told.
pub async fn decider(tx: &mut ReadTx) -> Result<Option<Endpoint>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_endpoint WHERE tenant = $1 AND deleted_at IS NULL \
         AND dialect = 'finci' AND (' ' || events || ' ' LIKE '% decision %' \
         OR disabled_at IS NULL AND (events = '' OR ' ' || events || ' ' LIKE '% authorization %')) \
         ORDER BY ' ' || events || ' ' LIKE '% decision %' DESC, id LIMIT 1"
    );
    let found = tx.optional(sql, &[]).await?;
    let found = found.as_ref().map(from_row).transpose()?;
    Ok(found.filter(Endpoint::is_enabled))
}

/// The endpoint whose filter says that it decides, switched off or not.
pub async fn named_decider(tx: &mut ReadTx) -> Result<Option<i64>> {
    let sql = "SELECT id FROM webhook_endpoint WHERE tenant = $1 AND deleted_at IS NULL \
               AND ' ' || events || ' ' LIKE '% decision %'";
    let found = tx.optional(sql, &[]).await?;
    Ok(found.map(|row| row.get(0)).transpose()?)
}

/// The endpoints behind an id, the oldest first.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<Endpoint>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_endpoint WHERE tenant = $1 AND deleted_at IS NULL AND id > $2 \
         ORDER BY id LIMIT $3"
    );
    let rows = tx.query(sql, &[after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Adds an endpoint.
pub async fn insert(tx: &mut Tx, new: &Endpoint) -> Result<()> {
    let mut parameters = vec![
        Value::from(new.id.get()),
        new.dialect.word().into(),
        new.created_at.as_millisecond().into(),
    ];
    parameters.extend(changeable(new));
    tx.execute(
        "INSERT INTO webhook_endpoint (tenant, id, dialect, created_at, url, events, \
         disabled_reason, disabled_at, secret_sealed, previous_sealed, previous_until, \
         switches_at, headers_sealed, header_names, timeout_ms, fault_plan, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        &parameters,
    )
    .await?;
    Ok(())
}

/// Replaces what of an endpoint can change.
pub async fn put(tx: &mut Tx, endpoint: &Endpoint) -> Result<()> {
    let mut parameters = vec![Value::from(endpoint.id.get())];
    parameters.extend(changeable(endpoint));
    tx.execute(
        "UPDATE webhook_endpoint SET url = $3, events = $4, disabled_reason = $5, \
         disabled_at = $6, secret_sealed = $7, previous_sealed = $8, previous_until = $9, \
         switches_at = $10, headers_sealed = $11, header_names = $12, timeout_ms = $13, \
         fault_plan = $14, updated_at = $15 \
         WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL",
        &parameters,
    )
    .await?;
    Ok(())
}

fn changeable(endpoint: &Endpoint) -> [Value; 13] {
    let (reason, at) = match &endpoint.state {
        EndpointState::Enabled => (None, None),
        EndpointState::Disabled { reason, at } => {
            (Some(reason.as_str()), Some(at.as_millisecond()))
        }
    };
    let rotation = endpoint.rotation.as_ref();
    [
        endpoint.url.as_str().into(),
        endpoint.events.join(" ").into(),
        reason.into(),
        at.into(),
        endpoint.secret_sealed.as_slice().into(),
        rotation.map(|rotation| rotation.sealed.as_slice()).into(),
        rotation
            .map(|rotation| rotation.until.as_millisecond())
            .into(),
        rotation
            .map(|rotation| rotation.switches_at.as_millisecond())
            .into(),
        endpoint.headers_sealed.as_deref().into(),
        endpoint.header_names.join(" ").into(),
        endpoint.timeout_ms.into(),
        endpoint.fault_plan.as_deref().into(),
        endpoint.updated_at.as_millisecond().into(),
    ]
}

/// Takes an endpoint away. Its row stays for the log of deliveries; its secrets do not.
pub async fn remove(tx: &mut Tx, id: EndpointId) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "UPDATE webhook_endpoint SET deleted_at = $3, secret_sealed = $4, previous_sealed = NULL, \
         previous_until = NULL, switches_at = NULL, headers_sealed = NULL \
         WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL",
        &[id.get().into(), now.into(), [0_u8; 0].as_slice().into()],
    )
    .await?;
    Ok(())
}

/// How many endpoints the tenant has.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM webhook_endpoint WHERE tenant = $1 AND deleted_at IS NULL";
    Ok(tx.one(sql, &[]).await?.get(0)?)
}

/// Seals the secret of an endpoint.
pub fn seal_secret(tx: &Tx, id: EndpointId, secret: &Secret) -> Result<Vec<u8>> {
    seal(tx, (SECRET_PLACE, id), secret)
}

/// Seals secrets that are being replaced, the one that signs alone until the newest does first.
pub fn seal_older(tx: &Tx, id: EndpointId, older: &[OlderSecret]) -> Result<Vec<u8>> {
    let plain = |one: &OlderSecret| (one.secret.expose().to_owned(), one.until.as_millisecond());
    let list: Vec<(String, i64)> = older.iter().map(plain).collect();
    let text = serde_json::to_string(&list).map_err(|error| Error::Corrupt(error.to_string()))?;
    seal(tx, (PREVIOUS_PLACE, id), &Secret::new(text))
}

/// Seals the tenant's own headers; nothing where there are none.
pub fn seal_headers(
    tx: &Tx,
    id: EndpointId,
    headers: &[(String, String)],
) -> Result<Option<Vec<u8>>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(headers).map_err(|error| Error::Corrupt(error.to_string()))?;
    seal(tx, (HEADERS_PLACE, id), &Secret::new(text)).map(Some)
}

fn seal(tx: &Tx, (place, id): (&str, EndpointId), secret: &Secret) -> Result<Vec<u8>> {
    let place = tx.place(place, id.get());
    let plain = secret.expose().as_bytes();
    Ok(tx.vault().seal(&place, plain, tx.entropy())?)
}

/// The newest secret of an endpoint.
pub fn secret(tx: &ReadTx, endpoint: &Endpoint) -> Result<Secret> {
    open(tx, (SECRET_PLACE, endpoint.id), &endpoint.secret_sealed)
}

/// The secrets that are being replaced and still sign at the transaction's real time, in the order
/// they were sealed in.
pub fn older_secrets(tx: &ReadTx, endpoint: &Endpoint) -> Result<Vec<OlderSecret>> {
    let Some(rotation) = &endpoint.rotation else {
        return Ok(Vec::new());
    };
    let text = open(tx, (PREVIOUS_PLACE, endpoint.id), &rotation.sealed)?;
    let mut older = if text.expose().starts_with('[') {
        let corrupt = || Error::Corrupt(format!("older secrets of endpoint {}", endpoint.id));
        let list: Vec<(String, i64)> =
            serde_json::from_str(text.expose()).map_err(|_| corrupt())?;
        let opened = list.into_iter().map(|(secret, until)| {
            let (secret, until) = (Secret::new(secret), time(until)?);
            Ok(OlderSecret { secret, until })
        });
        opened.collect::<Result<Vec<_>>>()?
    } else {
        // Before there could be several, the one was sealed by itself.
        vec![OlderSecret {
            secret: text,
            until: rotation.until,
        }]
    };
    older.retain(|one| tx.real_now() < one.until);
    Ok(older)
}

/// The tenant's own headers, by name and value.
pub fn headers(tx: &ReadTx, endpoint: &Endpoint) -> Result<Vec<(String, String)>> {
    let Some(sealed) = &endpoint.headers_sealed else {
        return Ok(Vec::new());
    };
    let text = open(tx, (HEADERS_PLACE, endpoint.id), sealed)?;
    serde_json::from_str(text.expose()).map_err(|_| Error::Corrupt("webhook headers".to_owned()))
}

fn open(tx: &ReadTx, (place, id): (&str, EndpointId), sealed: &[u8]) -> Result<Secret> {
    let plain: Zeroizing<Vec<u8>> = tx.vault().open(&tx.place(place, id.get()), sealed)?;
    let text = std::str::from_utf8(&plain);
    let text = text.map_err(|_| Error::Corrupt("a webhook secret".to_owned()))?;
    Ok(Secret::new(text.to_owned()))
}

fn from_row(row: &Row) -> Result<Endpoint> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("webhook endpoint {id}"));
    let url = columns.next()?;
    let dialect: String = columns.next()?;
    let events: String = columns.next()?;
    let (reason, at): (Option<String>, Option<i64>) = (columns.next()?, columns.next()?);
    let secret_sealed = columns.next()?;
    let previous: Option<Vec<u8>> = columns.next()?;
    let (until, switches_at): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let headers_sealed = columns.next()?;
    let header_names: String = columns.next()?;
    Ok(Endpoint {
        id: EndpointId::new(id).map_err(|_| corrupt())?,
        url,
        dialect: WebhookDialect::from_word(&dialect).ok_or_else(corrupt)?,
        events: words(&events),
        state: match (reason, at) {
            (Some(reason), Some(at)) => EndpointState::Disabled {
                reason,
                at: time(at)?,
            },
            _ => EndpointState::Enabled,
        },
        secret_sealed,
        rotation: match (previous, until, switches_at) {
            (Some(sealed), Some(until), Some(switches_at)) => Some(Rotation {
                sealed,
                until: time(until)?,
                switches_at: time(switches_at)?,
            }),
            _ => None,
        },
        headers_sealed,
        header_names: words(&header_names),
        timeout_ms: columns.next()?,
        fault_plan: columns.next()?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
