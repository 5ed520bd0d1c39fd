//! Transactions as operations see them: they know their tenant, the time and who is acting.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use cardwright_core::{AccountId, Date, DomainClock, Event, TenantId, Timestamp};
use jiff::tz::TimeZone;
use tokio::sync::Notify;

use super::{
    arrangements::{Arrangements, Noted},
    audit,
    books::{Book, Books},
    callers::Callers,
    clocks::Clocks,
    controls::{ControlsCache, Unsettled},
    db::{DbError, ReadSession, Row, Value, WriteSession},
    decisions::Integrators,
    environment::{self, RECORD_ID},
    events,
    news::News,
    scope::{Actor, Scope},
    sessions::Sessions,
    tenants::Decisioning,
};
use crate::{
    clock::Clock,
    entropy::Entropy,
    error::{Error, Result},
    metrics::Metrics,
    secrets::{SealContext, Vault},
};

/// What every transaction shares.
pub struct Resources {
    /// Real time.
    pub clock: Clock,
    /// How far tenants are away from it.
    pub clocks: Clocks,
    /// Randomness, repeatable where the environment was seeded.
    pub entropy: Entropy,
    /// Keys for what is sealed.
    pub vault: Vault,
    /// How new ids are numbered.
    pub numbering: environment::Numbering,
    /// Controls in memory.
    pub controls: ControlsCache,
    /// Ids of the tenants' own books in memory.
    pub books: Books,
    /// What is counted.
    pub metrics: Metrics,
    /// Tells the jobs that there is a new one, or that time has jumped.
    pub job_added: Notify,
    /// Tells those who deliver that there is something to deliver.
    pub news: News,
    /// Callers in memory, so that a signed request needs neither the database nor the vault.
    pub callers: Callers,
    /// Which tenants' own programs decide about authorizations.
    pub integrators: Integrators,
    /// Sessions in memory, so that a request in one asks the database for nothing but its answer.
    pub sessions: Sessions,
    /// Products and time zones in memory.
    pub arrangements: Arrangements,
}

impl Resources {
    /// Does what follows on a commit.
    pub(super) fn follow(&self, tenant: TenantId, aftermath: &Aftermath) {
        if let Some(clock) = aftermath.clock {
            self.clocks.set(tenant, clock);
        }
        if let Some(decisioning) = aftermath.decisioning {
            self.integrators.set(tenant, decisioning);
        }
        if aftermath.state == StateOrigin::Restored {
            self.books.forget(tenant);
        }
        self.books.learn(tenant, &aftermath.books);
        if aftermath.callers == CallersKnown::Outdated {
            self.callers.forget();
            self.sessions.forget();
        }
        if aftermath.arrangements == Arranged::Anew || aftermath.state == StateOrigin::Restored {
            self.arrangements.forget();
        }
        if aftermath.jobs == JobsLeft::Some || aftermath.clock.is_some() {
            self.job_added.notify_one();
        }
        if aftermath.news == JobsLeft::Some || aftermath.clock.is_some() {
            self.news.tell();
        }
    }
}

/// The sequence that numbers messages to endpoints.
const DELIVERY_ID: &str = "delivery";

/// A consistent view of one tenant's data.
pub struct ReadTx {
    session: ReadSession,
    tenant: TenantId,
    real_now: Timestamp,
    now: Timestamp,
    resources: Arc<Resources>,
    /// Nothing in a write.
    noted: Option<Noted>,
}

impl ReadTx {
    /// To be called before anything is read, which is what fixes the state that is seen.
    pub(super) fn begin(
        session: ReadSession,
        tenant: TenantId,
        resources: Arc<Resources>,
    ) -> ReadTx {
        let noted = Some(resources.arrangements.note());
        ReadTx {
            noted,
            ..ReadTx::of_write(session, tenant, resources)
        }
    }

    fn of_write(session: ReadSession, tenant: TenantId, resources: Arc<Resources>) -> ReadTx {
        let real_now = resources.clock.now();
        ReadTx {
            session,
            tenant,
            real_now,
            now: resources.clocks.of(tenant).now(real_now),
            resources,
            noted: None,
        }
    }

    /// What is in memory of what operators arranged, and what to remember more by; nothing in a
    /// write, which may share its commit with a change of it.
    pub(super) fn arrangements(&self) -> Option<(&Arrangements, Noted)> {
        Some((&self.resources.arrangements, self.noted?))
    }

    /// The tenant whose data this is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The tenant's time, the same throughout the transaction: what is recorded about holders,
    /// accounts, cards and money, and what becomes due, goes by it.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The day of the tenant's time, in UTC.
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// Real time, the same throughout the transaction: what is recorded about callers, credentials,
    /// sessions, repeats and deeds goes by it, whatever a sandbox's clock says.
    pub fn real_now(&self) -> Timestamp {
        self.real_now
    }

    /// The tenant's clock, as it was last committed.
    pub fn clock(&self) -> DomainClock {
        self.resources.clocks.of(self.tenant)
    }

    /// Where a sealed value of this tenant belongs.
    pub fn place<'a>(&self, table: &'a str, row: i64) -> SealContext<'a> {
        SealContext::of_tenant(self.tenant.get(), table, row)
    }

    /// The keys.
    pub fn vault(&self) -> &Vault {
        &self.resources.vault
    }

    /// `$1` is always the tenant: no statement of tenant data can be written without it.
    fn key(&self) -> Value {
        Value::Integer(self.tenant.get())
    }

    /// Rows of a statement whose first parameter is the tenant.
    pub(super) async fn query(
        &mut self,
        sql: &'static str,
        parameters: &[Value],
    ) -> Result<Vec<Row>> {
        let tenant = self.key();
        Ok(self.session.with(&tenant).query(sql, parameters).await?)
    }

    /// Shows the rows of a statement whose first parameter is the tenant one after another.
    pub(super) async fn query_each(
        &mut self,
        sql: &'static str,
        each: impl FnMut(Row) -> std::result::Result<(), DbError>,
    ) -> Result<()> {
        let tenant = self.key();
        let session = self.session.with(&tenant);
        Ok(session.query_each(sql, &[], each).await?)
    }

    /// The row of a statement whose first parameter is the tenant, if there is one.
    pub(super) async fn optional(
        &mut self,
        sql: &'static str,
        parameters: &[Value],
    ) -> Result<Option<Row>> {
        let tenant = self.key();
        let session = self.session.with(&tenant);
        Ok(session.optional(sql, parameters).await?)
    }

    /// One page of a list and how many rows there are in all: two statements with the same
    /// condition, the second of which ends with limit and offset as its last parameters.
    pub(super) async fn page(
        &mut self,
        (count, list): (&'static str, &'static str),
        mut parameters: Vec<Value>,
        (limit, offset): (i64, i64),
    ) -> Result<(Vec<Row>, i64)> {
        let total = self.one(count, &parameters).await?.get(0)?;
        parameters.extend([limit.into(), offset.into()]);
        Ok((self.query(list, &parameters).await?, total))
    }

    /// The only row of a statement whose first parameter is the tenant.
    pub(super) async fn one(&mut self, sql: &'static str, parameters: &[Value]) -> Result<Row> {
        let tenant = self.key();
        Ok(self.session.with(&tenant).one(sql, parameters).await?)
    }

    /// The session itself, for what belongs to no tenant (products).
    pub(super) fn session(&mut self) -> &mut ReadSession {
        &mut self.session
    }
}

/// What a write has done so far, so that none goes unexplained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trace {
    Untouched,
    Changed,
    Audited,
}

/// A write of one tenant's data.
pub struct Tx {
    read: ReadTx,
    session: WriteSession,
    actor: Actor,
    trace: Trace,
    aftermath: Aftermath,
    unsettled: Vec<Unsettled>,
}

/// What follows on the commit of a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Aftermath {
    jobs: JobsLeft,
    news: JobsLeft,
    clock: Option<DomainClock>,
    decisioning: Option<Decisioning>,
    state: StateOrigin,
    callers: CallersKnown,
    arrangements: Arranged,
    books: Vec<(Book, AccountId)>,
}

/// Whether what is remembered of callers and sessions still holds after a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum CallersKnown {
    Still,
    Outdated,
}

/// Whether what is remembered of products and time zones still holds after a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Arranged {
    AsBefore,
    Anew,
}

/// Whether a write left steps to take later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum JobsLeft {
    None,
    Some,
}

/// Whether a write went on from the tenant's state or put an earlier one back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum StateOrigin {
    Continued,
    Restored,
}

impl Deref for Tx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.read
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut ReadTx {
        &mut self.read
    }
}

impl Tx {
    pub(super) fn begin(session: WriteSession, scope: Scope, resources: Arc<Resources>) -> Tx {
        let read = ReadTx::of_write(session.reader(), scope.tenant, resources);
        Tx {
            read,
            session,
            actor: scope.actor,
            trace: Trace::Untouched,
            unsettled: Vec::new(),
            aftermath: Aftermath {
                jobs: JobsLeft::None,
                news: JobsLeft::None,
                clock: None,
                decisioning: None,
                state: StateOrigin::Continued,
                books: Vec::new(),
                callers: CallersKnown::Still,
                arrangements: Arranged::AsBefore,
            },
        }
    }

    /// Refuses a write that nobody could explain afterwards; else says what follows on it.
    pub(super) fn finish(&mut self) -> Result<Aftermath> {
        match self.trace {
            Trace::Untouched | Trace::Audited => Ok(self.aftermath.clone()),
            Trace::Changed => Err(Error::Storage(DbError::Misuse {
                what: "a write ended without an audit row".to_owned(),
            })),
        }
    }

    /// Remembers that there is something to do later.
    pub(super) fn leave_for_later(&mut self) {
        self.aftermath.jobs = JobsLeft::Some;
    }

    /// Remembers that there is something to deliver.
    pub(super) fn leave_for_delivery(&mut self) {
        self.aftermath.news = JobsLeft::Some;
    }

    /// Remembers that the tenant's clock is another one from the commit on. What is left of this
    /// transaction still goes by the time at which it began.
    pub(super) fn move_clock(&mut self, clock: DomainClock) {
        self.aftermath.clock = Some(clock);
    }

    /// Remembers who decides about authorizations from the commit on.
    pub(super) fn set_decisioning(&mut self, decisioning: Decisioning) {
        self.aftermath.decisioning = Some(decisioning);
    }

    /// Who decides about authorizations that the platform would approve.
    pub fn decisioning(&self) -> Decisioning {
        let known = self.read.resources.integrators.of(self.read.tenant);
        self.aftermath.decisioning.unwrap_or(known)
    }

    /// Remembers that an earlier state was put back.
    pub(super) fn put_state_back(&mut self) {
        // At once too, for those that share the commit.
        self.read.resources.books.forget(self.read.tenant);
        self.aftermath.books.clear();
        self.aftermath.state = StateOrigin::Restored;
        self.aftermath.jobs = JobsLeft::Some;
    }

    /// Remembers that a credential or a user changed, or that a session ended.
    pub(super) fn forget_callers(&mut self) {
        self.aftermath.callers = CallersKnown::Outdated;
    }

    /// Remembers that a product or a tenant's time zone is another one from the commit on.
    pub(super) fn arrange_anew(&mut self) {
        self.aftermath.arrangements = Arranged::Anew;
    }

    /// Controls in memory. Only a write uses them: reads run beside the writer and would see them
    /// change before their own view of the database does.
    pub(super) fn controls_cache(&self) -> &ControlsCache {
        &self.read.resources.controls
    }

    /// Keeps the sign of a change until the change is committed or undone.
    pub(super) fn keep_until_settled(&mut self, change: Unsettled) {
        self.unsettled.push(change);
    }

    /// The signs of this write's changes, to outlive it.
    pub(super) fn take_unsettled(&mut self) -> Vec<Unsettled> {
        std::mem::take(&mut self.unsettled)
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Randomness.
    pub fn entropy(&self) -> &Entropy {
        &self.read.resources.entropy
    }

    /// Changes rows by a statement whose first parameter is the tenant.
    pub(super) async fn execute(&mut self, sql: &'static str, parameters: &[Value]) -> Result<u64> {
        let tenant = self.read.key();
        let count = self.session.execute_with(&tenant, sql, parameters).await?;
        if count > 0 {
            self.leave_trace();
        }
        Ok(count)
    }

    /// Changes rows that belong to no tenant; whoever does it explains it like any other change.
    pub(super) async fn execute_shared(
        &mut self,
        sql: &'static str,
        parameters: &[Value],
    ) -> Result<u64> {
        let count = self.session.execute(sql, parameters).await?;
        if count > 0 {
            self.leave_trace();
        }
        Ok(count)
    }

    /// Changes at most one row and returns what the statement says about it.
    pub(super) async fn change(
        &mut self,
        sql: &'static str,
        parameters: &[Value],
    ) -> Result<Option<Row>> {
        let tenant = self.read.key();
        let row = self.session.with(&tenant).optional(sql, parameters).await?;
        if row.is_some() {
            self.leave_trace();
        }
        Ok(row)
    }

    /// A statement that found nothing to change needs no explanation.
    fn leave_trace(&mut self) {
        if self.trace == Trace::Untouched {
            self.trace = Trace::Changed;
        }
    }

    /// The next record id.
    pub async fn next_id(&mut self) -> Result<i64> {
        let lowest = self.read.resources.numbering.lowest_id(self.read.real_now);
        Ok(self.session.draw(RECORD_ID, lowest).await?)
    }

    /// The next id of a message to an endpoint. Messages are made when somebody gets to it; numbered
    /// with the records, they would number those otherwise each time.
    pub(super) async fn next_delivery_id(&mut self) -> Result<i64> {
        let lowest = self.read.resources.numbering.lowest_id(self.read.real_now);
        Ok(self.session.draw(DELIVERY_ID, lowest).await?)
    }

    /// The next number of a named sequence of the environment, beginning at 1.
    pub async fn next_number(&mut self, sequence: &'static str) -> Result<i64> {
        Ok(self.session.draw(sequence, 1).await?)
    }

    /// The id of a book of the tenant's own, if it is known without asking the database.
    pub(super) fn known_book(&self, book: Book) -> Option<AccountId> {
        match self.aftermath.state {
            StateOrigin::Continued => self.read.resources.books.get(self.read.tenant, book),
            // What is in memory is of the state that goes.
            StateOrigin::Restored => None,
        }
    }

    /// Remembers a book that was found, from the commit on.
    pub(super) fn learn_book(&mut self, book: Book, id: AccountId) {
        self.aftermath.books.push((book, id));
    }

    /// Records that something happened; it commits with its cause.
    pub async fn emit(&mut self, event: Event) -> Result<()> {
        self.leave_for_delivery();
        events::insert(self, event).await
    }

    /// Records what was done. Every write needs at least one such row.
    pub async fn audit(&mut self, action: &str, subject: (&str, &str)) -> Result<()> {
        self.audit_outcome(action, subject, "done").await
    }

    /// Records what was done where nothing else in this write was recorded.
    pub async fn audit_if_unexplained(
        &mut self,
        action: &str,
        subject: (&str, &str),
    ) -> Result<()> {
        match self.trace {
            Trace::Audited => Ok(()),
            Trace::Untouched | Trace::Changed => self.audit(action, subject).await,
        }
    }

    /// Records what was done, and why the actor says it was.
    pub async fn audit_reasoned(
        &mut self,
        action: &str,
        subject: (&str, &str),
        reason: Option<&str>,
    ) -> Result<()> {
        let outcome = match reason {
            Some(reason) => format!("done: {reason}"),
            None => "done".to_owned(),
        };
        self.audit_outcome(action, subject, &outcome).await
    }

    /// Records what was attempted and how it ended.
    pub async fn audit_outcome(
        &mut self,
        action: &str,
        subject: (&str, &str),
        outcome: &str,
    ) -> Result<()> {
        let record = audit::Record {
            action,
            subject,
            outcome,
        };
        audit::insert(self, record).await?;
        self.trace = Trace::Audited;
        Ok(())
    }

    /// Runs part of a write that may fail alone: its error undoes it, and only it.
    pub async fn attempt<T, E, F>(&mut self, work: F) -> Result<std::result::Result<T, E>>
    where
        F: AsyncFnOnce(&mut Tx) -> std::result::Result<T, E>,
    {
        self.session.begin_nested().await?;
        let before = (self.trace, self.aftermath.clone());
        let outcome = work(self).await;
        if outcome.is_ok() {
            self.session.commit_nested().await?;
        } else {
            self.session.rollback_nested().await?;
            (self.trace, self.aftermath) = before;
        }
        Ok(outcome)
    }
}

/// A write across tenants, for the platform's own bookkeeping.
pub struct SystemTx {
    /// The session.
    pub(super) session: WriteSession,
    now: Timestamp,
    resources: Arc<Resources>,
}

impl SystemTx {
    pub(super) fn begin(session: WriteSession, resources: Arc<Resources>) -> SystemTx {
        SystemTx {
            session,
            now: resources.clock.now(),
            resources,
        }
    }

    /// Real time, the same throughout the transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The same transaction, for statements that only read.
    pub fn reading(&mut self) -> &mut ReadSession {
        &mut self.session
    }

    /// The next id of a message to an endpoint; see [`Tx::next_delivery_id`].
    pub(super) async fn next_delivery_id(&mut self) -> Result<i64> {
        let lowest = self.resources.numbering.lowest_id(self.now);
        Ok(self.session.draw(DELIVERY_ID, lowest).await?)
    }

    /// One tenant's data in the same transaction.
    pub fn view(&mut self, tenant: TenantId) -> ReadTx {
        ReadTx::of_write(self.session.reader(), tenant, self.resources.clone())
    }

    /// Runs part of a write that may fail alone: its error undoes it, and only it. An error of the
    /// store itself ends the whole.
    pub async fn attempt<T, F>(&mut self, work: F) -> Result<Result<T>>
    where
        F: AsyncFnOnce(&mut SystemTx) -> Result<T>,
    {
        self.session.begin_nested().await?;
        match work(self).await {
            Ok(done) => {
                self.session.commit_nested().await?;
                Ok(Ok(done))
            }
            Err(error) => {
                self.session.rollback_nested().await?;
                if error.is_of_the_store() {
                    return Err(error);
                }
                Ok(Err(error))
            }
        }
    }

    /// Keys, clock and randomness.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// Records what was done, in the log of one tenant; it commits with its cause.
    pub async fn audit(&mut self, scope: Scope, action: &str, subject: (&str, &str)) -> Result<()> {
        self.within(scope, async |tx| tx.audit(action, subject).await)
            .await
    }

    /// Writes of one tenant in the same transaction. It leaves nothing for after the commit, so that
    /// it serves a tenant of which nothing is known yet.
    pub async fn within<T, F>(&mut self, scope: Scope, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T>,
    {
        let mut tx = Tx::begin(self.session.same(), scope, self.resources.clone());
        let done = work(&mut tx).await?;
        tx.finish()?;
        Ok(done)
    }

    /// The next record id.
    pub async fn next_id(&mut self) -> Result<i64> {
        let resources = self.resources.clone();
        resources
            .numbering
            .next_id(&mut self.session, self.now)
            .await
    }
}
