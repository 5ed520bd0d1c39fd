//! Tenants: the companies that use the platform.

use std::sync::Arc;

use cardwright_core::{TenantId, TimeZone, Timestamp};
use jiff::SignedDuration;

use super::{
    ReadTx, SystemTx, Tx,
    db::{ReadSession, Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, uuid, organization_uuid, name, kyc_mode, created_at, time_zone, canonical_form, \
         order_mode, order_delay_ms, decisioning"
    };
}

/// How holders' checks are decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KycMode {
    /// By themselves, step by step.
    Auto,
    /// By an operator.
    Manual,
}

impl KycMode {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            KycMode::Auto => "auto",
            KycMode::Manual => "manual",
        }
    }

    fn from_word(word: &str) -> Option<KycMode> {
        [KycMode::Auto, KycMode::Manual]
            .into_iter()
            .find(|mode| mode.word() == word)
    }
}

/// When orders on cards are carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderMode {
    /// In the call that places them.
    Immediate,
    /// Later, by the tenant's clock.
    Deferred,
}

impl OrderMode {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            OrderMode::Immediate => "immediate",
            OrderMode::Deferred => "deferred",
        }
    }

    fn from_word(word: &str) -> Option<OrderMode> {
        [OrderMode::Immediate, OrderMode::Deferred]
            .into_iter()
            .find(|mode| mode.word() == word)
    }
}

/// Who decides about authorizations that the platform would approve.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Decisioning {
    /// The platform, which approves them.
    #[default]
    Platform,
    /// The tenant's own program, which is asked each time.
    Integrator,
}

impl Decisioning {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Decisioning::Platform => "platform",
            Decisioning::Integrator => "integrator",
        }
    }

    fn from_word(word: &str) -> Option<Decisioning> {
        [Decisioning::Platform, Decisioning::Integrator]
            .into_iter()
            .find(|who| who.word() == word)
    }
}

/// How the order that is being placed goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderCourse {
    /// It is carried out in the same write.
    AtOnce,
    /// It is carried out so much later.
    After(SignedDuration),
}

/// A tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// Its id here.
    pub id: TenantId,
    /// The id its `FinCard` callers send.
    pub uuid: String,
    /// The organization in the path of the second login.
    pub organization_uuid: String,
    /// Its name.
    pub name: String,
    /// How its holders are checked.
    pub kyc_mode: KycMode,
    /// When it was added.
    pub created_at: Timestamp,
    /// Whose calendar the windows of limits follow; a name of the IANA database.
    pub time_zone: String,
    /// The canonical form of credentials that are made from now on.
    pub canonical_form: String,
    /// When orders on its cards are carried out.
    pub order_mode: OrderMode,
    /// How much later, where they are deferred, in milliseconds of its clock.
    pub order_delay_ms: i64,
    /// Who decides about authorizations that the platform would approve.
    pub decisioning: Decisioning,
}

fn from_row(row: &Row) -> Result<Tenant> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("tenant {id}"));
    Ok(Tenant {
        id: TenantId::new(id).map_err(|_| corrupt())?,
        uuid: columns.next()?,
        organization_uuid: columns.next()?,
        name: columns.next()?,
        kyc_mode: KycMode::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        created_at: time(columns.next()?)?,
        time_zone: columns.next()?,
        canonical_form: columns.next()?,
        order_mode: OrderMode::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        order_delay_ms: columns.next()?,
        decisioning: Decisioning::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
    })
}

/// Adds a tenant.
pub async fn insert(tx: &mut SystemTx, tenant: &Tenant) -> Result<()> {
    tx.session
        .execute(
            "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at, \
             time_zone, canonical_form, order_mode, order_delay_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                Value::from(tenant.id.get()),
                tenant.uuid.as_str().into(),
                tenant.organization_uuid.as_str().into(),
                tenant.name.as_str().into(),
                tenant.kyc_mode.word().into(),
                tenant.created_at.as_millisecond().into(),
                tenant.time_zone.as_str().into(),
                tenant.canonical_form.as_str().into(),
                tenant.order_mode.word().into(),
                tenant.order_delay_ms.into(),
            ],
        )
        .await?;
    Ok(())
}

/// The tenant of a transaction.
pub async fn current(tx: &mut ReadTx) -> Result<Tenant> {
    let sql = concat!("SELECT ", columns!(), " FROM tenant WHERE id = $1");
    from_row(&tx.one(sql, &[]).await?)
}

/// Sets how the transaction's tenant's holders are checked.
pub async fn set_kyc_mode(tx: &mut Tx, mode: KycMode) -> Result<()> {
    let sql = "UPDATE tenant SET kyc_mode = $2 WHERE id = $1";
    tx.execute(sql, &[mode.word().into()]).await?;
    Ok(())
}

/// How an order that is placed now goes on.
pub async fn order_course(tx: &mut ReadTx) -> Result<OrderCourse> {
    let sql = "SELECT order_delay_ms FROM tenant WHERE id = $1 AND order_mode = 'deferred'";
    Ok(match tx.optional(sql, &[]).await? {
        Some(row) => OrderCourse::After(SignedDuration::from_millis(row.get(0)?)),
        None => OrderCourse::AtOnce,
    })
}

/// The time zone whose calendar the windows of limits follow.
pub async fn zone(tx: &mut ReadTx) -> Result<TimeZone> {
    let known = tx.arrangements();
    if let Some(zone) = known.and_then(|(arrangements, _)| arrangements.zone(tx.tenant())) {
        return Ok(zone.as_ref().clone());
    }
    let sql = "SELECT time_zone FROM tenant WHERE id = $1";
    let name: String = tx.one(sql, &[]).await?.get(0)?;
    // Most tenants never choose one; for them nothing is looked up.
    let zone = Arc::new(match name.as_str() {
        "UTC" => TimeZone::UTC,
        name => {
            TimeZone::get(name).map_err(|error| Error::Corrupt(format!("time zone: {error}")))?
        }
    });
    if let Some((arrangements, noted)) = tx.arrangements() {
        arrangements.remember_zone(tx.tenant(), &zone, noted);
    }
    Ok(zone.as_ref().clone())
}

/// Replaces what of a tenant can change.
pub async fn put(tx: &mut Tx, tenant: &Tenant) -> Result<()> {
    let sql = "UPDATE tenant SET kyc_mode = $2, time_zone = $3, canonical_form = $4, \
               order_mode = $5, order_delay_ms = $6, decisioning = $7 WHERE id = $1";
    let parameters = [
        tenant.kyc_mode.word().into(),
        tenant.time_zone.as_str().into(),
        tenant.canonical_form.as_str().into(),
        tenant.order_mode.word().into(),
        tenant.order_delay_ms.into(),
        tenant.decisioning.word().into(),
    ];
    tx.execute(sql, &parameters).await?;
    tx.set_decisioning(tenant.decisioning);
    tx.arrange_anew();
    Ok(())
}

/// The tenant whose callers send this id.
pub async fn find_by_uuid(session: &mut ReadSession, uuid: &str) -> Result<Option<Tenant>> {
    let sql = concat!("SELECT ", columns!(), " FROM tenant WHERE uuid = $1");
    session
        .optional(sql, &[uuid.into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// Every tenant's id, the oldest first.
pub async fn ids(session: &mut ReadSession) -> Result<Vec<TenantId>> {
    let rows = session
        .query("SELECT id FROM tenant ORDER BY id", &[])
        .await?;
    rows.iter()
        .map(|row| TenantId::new(row.get(0)?).map_err(|_| Error::Corrupt("tenant id".to_owned())))
        .collect()
}

/// The tenants whose own programs decide.
pub(super) async fn integrators(session: &mut ReadSession) -> Result<Vec<TenantId>> {
    let sql = "SELECT id FROM tenant WHERE decisioning = 'integrator'";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| TenantId::new(row.get(0)?).map_err(|_| Error::Corrupt("tenant id".to_owned())))
        .collect()
}

/// All tenants behind an id, the oldest first. The list belongs to no tenant: it is for owners.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<Tenant>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM tenant WHERE id > $1 ORDER BY id LIMIT $2"
    );
    let session = tx.session();
    let rows = session.query(sql, &[after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}
