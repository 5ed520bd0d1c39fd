//! What is stored: counted, and put into states that no call of a caller brings about.

use std::collections::BTreeMap;

use cardwright_core::TenantId;
use cardwright_server::{
    error::Result,
    ops::programs::DemoProgram,
    store::{
        Actor, Scope, Tx,
        db::{ReadSession, Row, Value, WriteSession},
        tenants,
    },
};

use super::TestApp;

/// What a refused request must leave alone. Not here: the audit log and taken signatures, which
/// record refusals too.
const RECORDS: [(&str, &str); 9] = [
    ("holder", "SELECT COUNT(*) FROM holder"),
    ("account", "SELECT COUNT(*) FROM account"),
    ("card", "SELECT COUNT(*) FROM card"),
    ("order", "SELECT COUNT(*) FROM card_order"),
    ("entry", "SELECT COUNT(*) FROM journal_entry"),
    ("transfer", "SELECT COUNT(*) FROM transfer"),
    ("event", "SELECT COUNT(*) FROM event"),
    ("answer", "SELECT COUNT(*) FROM answered_request"),
    ("job", "SELECT COUNT(*) FROM job"),
];

impl TestApp {
    /// How many records of each kind there are.
    pub async fn records(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for (name, sql) in RECORDS {
            counts.insert(name, self.number(sql, &[]).await);
        }
        counts
    }

    /// Changes rows as an operator's tool would. How many.
    pub async fn change_rows(&self, sql: &'static str, parameters: Vec<Value>) -> u64 {
        let store = self.app.store();
        let work = async move |mut session: WriteSession| session.execute(sql, &parameters).await;
        let changed = store.db().write(work).await.unwrap();
        // Nothing that is remembered knows of what goes past every rule.
        store.resources().callers.forget();
        changed
    }

    /// Rows as they are stored.
    pub async fn rows(&self, sql: &'static str, parameters: Vec<Value>) -> Vec<Row> {
        self.app
            .store()
            .system_read(async move |session| Ok(session.query(sql, &parameters).await?))
            .await
            .unwrap()
    }

    /// The one number that a statement answers.
    pub async fn number(&self, sql: &'static str, parameters: &[Value]) -> i64 {
        let rows = self.rows(sql, parameters.to_vec()).await;
        assert_eq!(rows.len(), 1, "one row: {sql}");
        rows[0].get(0).unwrap()
    }

    /// How many signatures are remembered.
    pub async fn taken_signatures(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM replay", &[]).await
    }

    /// How often something happened to a card, as its integrator would be told.
    pub async fn events_of_card(&self, token_id: &str) -> i64 {
        let sql = "SELECT COUNT(*) FROM event WHERE subject_kind = 'card' AND subject_id = $1";
        let id: i64 = token_id.parse().unwrap();
        self.number(sql, &[id.into()]).await
    }

    /// Changes stored rows past every rule, where no operation leads to what a test needs.
    pub async fn meddle(&self, sql: &'static str, parameters: &[Value]) {
        let changed = self.change_rows(sql, parameters.to_vec()).await;
        assert!(changed > 0, "{sql} changed nothing");
    }

    /// Does something as the operator of a tenant.
    pub async fn operate<T, F>(&self, program: &DemoProgram, work: F) -> T
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T> + Send + 'static,
    {
        let scope = Scope {
            tenant: self.tenant_id(program).await,
            actor: Actor::system("test"),
        };
        let audited = async move |tx: &mut Tx| -> Result<T> {
            let done = work(tx).await?;
            tx.audit("test", ("test", "")).await?;
            Ok(done)
        };
        self.app.write(&scope, audited).await.unwrap()
    }

    /// The id of a tenant.
    pub async fn tenant_id(&self, program: &DemoProgram) -> TenantId {
        let uuid = program.tenant_uuid.clone();
        let find =
            async move |session: &mut ReadSession| tenants::find_by_uuid(session, &uuid).await;
        let found = self.app.store().system_read(find).await.unwrap();
        found.unwrap().id
    }
}
