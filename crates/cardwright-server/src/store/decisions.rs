//! Questions to integrators about authorizations, each asked once: what was set aside meanwhile, how
//! they were answered, and what the network was told.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use cardwright_core::{Amount, AuthorizationId, Currency, DeclineReason, TenantId, Timestamp};

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, RowReader, Value},
    holders::time,
    tenants::Decisioning,
};
use crate::error::{Error, Result};

/// Names a question within its tenant.
pub type DecisionId = i64;

/// Which tenants' own programs decide, in memory: every authorization asks. Taken when the store is
/// opened and renewed right after each commit.
#[derive(Debug, Default)]
pub struct Integrators(RwLock<HashSet<TenantId>>);

impl Integrators {
    /// Who decides for a tenant.
    pub fn of(&self, tenant: TenantId) -> Decisioning {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.contains(&tenant) {
            Decisioning::Integrator
        } else {
            Decisioning::Platform
        }
    }

    /// Takes over what was committed.
    pub(super) fn set(&self, tenant: TenantId, decisioning: Decisioning) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match decisioning {
            Decisioning::Integrator => known.insert(tenant),
            Decisioning::Platform => known.remove(&tenant),
        };
    }
}

/// What is asked about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecisionKind {
    /// A new authorization.
    Authorization,
    /// More of an open one.
    Incremental,
}

impl DecisionKind {
    /// The stored word, also the one that the integrator reads.
    pub fn word(self) -> &'static str {
        match self {
            DecisionKind::Authorization => "authorization",
            DecisionKind::Incremental => "incremental",
        }
    }

    fn from_word(word: &str) -> Option<DecisionKind> {
        [DecisionKind::Authorization, DecisionKind::Incremental]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredDecision {
    /// Its number.
    pub id: DecisionId,
    /// The authorization it is about.
    pub authorization: AuthorizationId,
    /// What is asked.
    pub kind: DecisionKind,
    /// How much, in the asked currency.
    pub amount: Amount,
    /// What that means for the account, in minor units of its currency.
    pub billing_minor: i64,
    /// How it was answered, once it was.
    pub outcome: Option<String>,
    /// Why the network was told no, if it was.
    pub declined: Option<DeclineReason>,
    /// What the network was told.
    pub answer: Option<String>,
}

/// A question with what came of it, for those who look at it later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The question.
    pub question: StoredDecision,
    /// How long the answer was waited for.
    pub duration_ms: Option<i64>,
    /// What came in time and was neither a yes nor a no.
    pub invalid: Option<String>,
    /// What came after the time was over.
    pub late: Option<String>,
    /// How long that took.
    pub late_ms: Option<i64>,
    /// When it was asked, by the tenant's time.
    pub created_at: Timestamp,
    /// When it ended, by the tenant's time.
    pub decided_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, authorization_id, kind, currency, amount, billing, outcome, decline, answer"
    };
}

/// Keeps a question before it is asked.
pub async fn insert(tx: &mut Tx, new: &StoredDecision) -> Result<()> {
    let now = tx.now().as_millisecond();
    tx.execute(
        "INSERT INTO decision (tenant, id, authorization_id, kind, currency, amount, billing, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::from(new.id),
            new.authorization.get().into(),
            new.kind.word().into(),
            new.amount.currency().code().into(),
            new.amount.minor().into(),
            new.billing_minor.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The question with this number; nothing where an earlier state was put back.
pub async fn find(tx: &mut ReadTx, id: DecisionId) -> Result<Option<StoredDecision>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM decision WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The question about a new authorization itself, if there was one.
pub async fn about(tx: &mut ReadTx, id: AuthorizationId) -> Result<Option<StoredDecision>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM decision WHERE tenant = $1 AND authorization_id = $2 AND kind = 'authorization'"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The questions about an authorization, the oldest first, at most `limit` of them.
pub async fn of_authorization(
    tx: &mut ReadTx,
    id: AuthorizationId,
    limit: i64,
) -> Result<Vec<Asked>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", duration_ms, invalid, late, late_ms, created_at, decided_at FROM decision \
         WHERE tenant = $1 AND authorization_id = $2 ORDER BY id LIMIT $3"
    );
    let rows = tx.query(sql, &[id.get().into(), limit.into()]).await?;
    rows.iter().map(asked).collect()
}

fn asked(row: &Row) -> Result<Asked> {
    let mut columns = row.reader();
    let question = read(&mut columns)?;
    Ok(Asked {
        question,
        duration_ms: columns.next()?,
        invalid: columns.next()?,
        late: columns.next()?,
        late_ms: columns.next()?,
        created_at: time(columns.next()?)?,
        decided_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
    })
}

/// Questions behind `seen` that nobody answered yet, the oldest first.
pub async fn open(tx: &mut ReadTx, seen: DecisionId, limit: i64) -> Result<Vec<DecisionId>> {
    let sql = "SELECT id FROM decision WHERE tenant = $1 AND outcome IS NULL AND id > $2 \
               ORDER BY id LIMIT $3";
    let rows = tx.query(sql, &[seen.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok(row.get(0)?)).collect()
}

/// Tenants with questions that nobody answered yet.
pub async fn tenants_open(session: &mut ReadSession) -> Result<Vec<TenantId>> {
    let sql = "SELECT DISTINCT tenant FROM decision WHERE outcome IS NULL ORDER BY tenant";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| TenantId::new(row.get(0)?).map_err(|_| Error::Corrupt("tenant id".to_owned())))
        .collect()
}

/// The number of the newest question that nobody answered yet; 0 where there is none.
pub async fn newest_open(session: &mut ReadSession) -> Result<DecisionId> {
    let sql = "SELECT COALESCE(MAX(id), 0) FROM decision WHERE outcome IS NULL";
    Ok(session.one(sql, &[]).await?.get(0)?)
}

/// Keeps how a question was answered, and how long that took.
pub async fn decide(
    tx: &mut Tx,
    id: DecisionId,
    (outcome, declined): (&str, Option<DeclineReason>),
    took: Option<Duration>,
) -> Result<()> {
    let now = tx.now().as_millisecond();
    tx.execute(
        "UPDATE decision SET outcome = $3, decline = $4, duration_ms = $5, decided_at = $6 \
         WHERE tenant = $1 AND id = $2 AND outcome IS NULL",
        &[
            Value::from(id),
            outcome.into(),
            declined.map(DeclineReason::word).into(),
            took.map(milliseconds).into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Keeps an answer that came in time and was neither a yes nor a no.
pub async fn keep_invalid(tx: &mut Tx, id: DecisionId, answer: &str) -> Result<()> {
    tx.execute(
        "UPDATE decision SET invalid = $3 WHERE tenant = $1 AND id = $2 AND invalid IS NULL",
        &[Value::from(id), answer.into()],
    )
    .await?;
    Ok(())
}

/// Keeps what the network is told, for repeats.
pub async fn keep_answer(tx: &mut Tx, id: DecisionId, answer: &str) -> Result<()> {
    tx.execute(
        "UPDATE decision SET answer = $3 WHERE tenant = $1 AND id = $2 AND answer IS NULL",
        &[Value::from(id), answer.into()],
    )
    .await?;
    Ok(())
}

/// Keeps what came after the time was over. It changes nothing else.
pub async fn keep_late(tx: &mut Tx, id: DecisionId, late: &str, took: Duration) -> Result<u64> {
    tx.execute(
        "UPDATE decision SET late = $3, late_ms = $4 WHERE tenant = $1 AND id = $2",
        &[Value::from(id), late.into(), milliseconds(took).into()],
    )
    .await
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn from_row(row: &Row) -> Result<StoredDecision> {
    read(&mut row.reader())
}

fn read(columns: &mut RowReader<'_>) -> Result<StoredDecision> {
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("decision {id}"));
    let authorization = AuthorizationId::new(columns.next()?).map_err(|_| corrupt())?;
    let kind = DecisionKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let billing_minor = columns.next()?;
    let outcome = columns.next()?;
    let declined: Option<String> = columns.next()?;
    Ok(StoredDecision {
        id,
        authorization,
        kind,
        amount,
        billing_minor,
        outcome,
        declined: declined.as_deref().and_then(DeclineReason::from_word),
        answer: columns.next()?,
    })
}
