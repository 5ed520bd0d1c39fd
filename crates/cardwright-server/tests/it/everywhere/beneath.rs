//! What lies beneath the surfaces: the rows of the store, and changes no caller can make.

use std::collections::BTreeMap;

use cardwright_core::{
    AccountId, AccountKind, Amount, CardId, Currency, TenantId, Transfer, TransferKind,
};
use cardwright_server::{
    error::Result,
    store::{
        Actor, Scope, Tx, accounts, cards,
        db::Row,
        journal::{self, Cause},
    },
};

use crate::harness::TestApp;

/// Every table whose rows belong to a tenant, and how to read one tenant's rows in order.
const TABLES: &[(&str, &str)] = &[
    ("tenant", "SELECT * FROM tenant WHERE id = $1"),
    (
        "data_key",
        "SELECT * FROM data_key WHERE tenant = $1 ORDER BY 1",
    ),
    (
        "tenant_secret",
        "SELECT * FROM tenant_secret WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_data_key",
        "SELECT * FROM card_data_key WHERE tenant = $1",
    ),
    (
        "credential",
        "SELECT * FROM credential WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "webhook_endpoint",
        "SELECT * FROM webhook_endpoint WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "delivery",
        "SELECT * FROM delivery WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "delivery_attempt",
        "SELECT * FROM delivery_attempt WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "endpoint_failure",
        "SELECT * FROM endpoint_failure WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "event_counter",
        "SELECT * FROM event_counter WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "event_number",
        "SELECT * FROM event_number WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "event_outbox",
        "SELECT * FROM event_outbox WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "event_unsent",
        "SELECT * FROM event_unsent WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "webhook_key",
        "SELECT * FROM webhook_key WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "admin_key",
        "SELECT * FROM admin_key WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "api_user",
        "SELECT * FROM api_user WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "session",
        "SELECT * FROM session WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "login_failure",
        "SELECT * FROM login_failure WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "login_pressure",
        "SELECT * FROM login_pressure WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "holder",
        "SELECT * FROM holder WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "holder_file",
        "SELECT * FROM holder_file WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "account_record",
        "SELECT * FROM account_record WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "account_balance",
        "SELECT * FROM account_balance WHERE tenant = $1 ORDER BY 1",
    ),
    ("card", "SELECT * FROM card WHERE tenant = $1 ORDER BY 2"),
    (
        "card_standing",
        "SELECT * FROM card_standing WHERE tenant = $1 ORDER BY 1",
    ),
    (
        "card_order",
        "SELECT * FROM card_order WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "journal_entry",
        "SELECT * FROM journal_entry WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "transfer",
        "SELECT * FROM transfer WHERE tenant = $1 ORDER BY 2",
    ),
    ("hold", "SELECT * FROM hold WHERE tenant = $1 ORDER BY 2"),
    (
        "controls",
        "SELECT * FROM controls WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "usage_counter",
        "SELECT * FROM usage_counter WHERE tenant = $1 ORDER BY 2, 3, 4, 5",
    ),
    ("audit", "SELECT * FROM audit WHERE tenant = $1 ORDER BY 2"),
    ("event", "SELECT * FROM event WHERE tenant = $1 ORDER BY 2"),
    (
        "replay",
        "SELECT * FROM replay WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "answered_request",
        "SELECT * FROM answered_request WHERE tenant = $1 ORDER BY 2, 3",
    ),
    (
        "card_replacement",
        "SELECT * FROM card_replacement WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_pin",
        "SELECT * FROM card_pin WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_authorization",
        "SELECT * FROM card_authorization WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "decision",
        "SELECT * FROM decision WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_transaction",
        "SELECT * FROM card_transaction WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "challenge",
        "SELECT * FROM challenge WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "deposit",
        "SELECT * FROM deposit WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "deposit_address",
        "SELECT * FROM deposit_address WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "deposit_order",
        "SELECT * FROM deposit_order WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "account_transfer",
        "SELECT * FROM account_transfer WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_void",
        "SELECT * FROM card_void WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "card_fee",
        "SELECT * FROM card_fee WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "received_event",
        "SELECT * FROM received_event WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "dispute",
        "SELECT * FROM dispute WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "network_message",
        "SELECT * FROM network_message WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "shipment",
        "SELECT * FROM shipment WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "wallet_token",
        "SELECT * FROM wallet_token WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "work_order",
        "SELECT * FROM work_order WHERE tenant = $1 ORDER BY 2",
    ),
    ("job", "SELECT * FROM job WHERE tenant = $1 ORDER BY 2"),
    (
        "domain_clock",
        "SELECT * FROM domain_clock WHERE tenant = $1",
    ),
    (
        "snapshot",
        "SELECT * FROM snapshot WHERE tenant = $1 ORDER BY 2",
    ),
    (
        "snapshot_part",
        "SELECT * FROM snapshot_part WHERE tenant = $1 ORDER BY 2, 3",
    ),
    ("restoring", "SELECT * FROM restoring WHERE tenant = $1"),
];

/// Tables whose rows belong to the environment.
const SHARED_TABLES: [&str; 12] = [
    "card_design",
    "coin",
    "coin_address",
    "environment",
    "exchange_rate",
    "product",
    "product_controls",
    "product_terms",
    "schema_migration",
    "sequence",
    "token_key",
    "verification_key",
];

/// All rows of one tenant, by table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rows(BTreeMap<&'static str, Vec<Row>>);

impl Rows {
    /// The tables in which the two differ.
    pub fn changed_since(&self, before: &Rows) -> Vec<&'static str> {
        let differs = |table: &&&str| self.0[**table] != before.0[**table];
        self.0.keys().filter(differs).copied().collect()
    }
}

/// Every row of a tenant.
pub async fn rows(app: &TestApp, tenant: TenantId) -> Rows {
    let mut all = BTreeMap::new();
    for &(table, sql) in TABLES {
        all.insert(table, app.rows(sql, vec![tenant.get().into()]).await);
    }
    Rows(all)
}

/// Tries to change a tenant's records as no caller can.
pub async fn try_write<T, F>(app: &TestApp, tenant: TenantId, work: F) -> Result<T>
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Tx) -> Result<T> + Send + 'static,
{
    let scope = Scope {
        tenant,
        actor: Actor::system("test"),
    };
    let written = app.app.store().write(&scope, async move |tx| {
        let answer = work(tx).await?;
        tx.audit("test.arrange", ("test", "")).await?;
        Ok(answer)
    });
    written.await
}

/// Changes a tenant's records as no caller can.
pub async fn write<T, F>(app: &TestApp, tenant: TenantId, work: F) -> T
where
    T: Send + 'static,
    F: AsyncFnOnce(&mut Tx) -> Result<T> + Send + 'static,
{
    try_write(app, tenant, work).await.unwrap()
}

/// Brings money from outside into an account in dollars.
pub async fn fund(app: &TestApp, tenant: TenantId, account: AccountId, minor: i64) {
    write(app, tenant, async move |tx| {
        let outside = accounts::book(tx, AccountKind::ExternalFunding, Currency::USD).await?;
        let amount = Amount::from_minor(minor, Currency::USD).unwrap();
        let transfer = Transfer::new(outside.id, account, amount, TransferKind::Funding)?;
        journal::record(tx, Cause::None, &[transfer]).await
    })
    .await;
}

/// The full number of a card.
pub async fn card_number(app: &TestApp, tenant: TenantId, card: CardId) -> String {
    app.app
        .read(tenant, async move |tx| {
            Ok(cards::number(tx, card).await?.expose().to_owned())
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn every_table_is_known_to_belong_to_a_tenant_or_to_the_environment() {
    let app = TestApp::new().await;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let found: Vec<String> = app
        .rows(sql, Vec::new())
        .await
        .iter()
        .map(|row| row.get(0).unwrap())
        .collect();
    let mut known: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    known.extend(SHARED_TABLES);
    known.sort_unstable();
    assert_eq!(found, known, "list the new table here");
    app.finish().await;
}
