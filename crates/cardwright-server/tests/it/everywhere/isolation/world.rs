//! A tenant with one record of every kind.

use std::{cell::Cell, collections::BTreeMap};

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_core::{
    AccountId, Holder, HolderContact, HolderId, HolderKind, HolderModel, HolderName, KycState,
    TenantId, Timestamp, holder_number,
};
use cardwright_server::{
    ops::programs::DemoProgram,
    store::holders::{self, IdSpace},
};
use serde_json::{Value, json};

use super::{
    counterparts::Counterparts, issuing::Issuing, payments::Payments, queries::Queries,
    table::Position, wallet::Wallet,
};
use crate::{
    everywhere::beneath,
    harness::{FincardCaller, FinciCaller, Network, Operator, TestApp, callers},
};

/// A tenant, its callers and its records.
pub struct World<'a> {
    pub tenant: TenantId,
    pub program: DemoProgram,
    pub finci: FinciCaller<'a>,
    pub fincard: FincardCaller<'a>,
    pub person: String,
    pub corporate: String,
    pub employee: String,
    pub account: String,
    pub corporate_account: String,
    pub card: String,
    pub cursor: String,
    pub holder: String,
    pub prepaid: String,
    pub email: String,
    pub external_id: String,
    pub snapshot: String,
    pub operator: Operator<'a>,
    pub sandbox: Operator<'a>,
    pub network: Network<'a>,
    pub counterparts: Counterparts,
    pub payments: Payments,
    pub wallet: Wallet,
    pub queries: Queries,
    pub issuing: Issuing,
    pub spare_credential: String,
    pub spare_user: String,
    pub spare_key: String,
    pub endpoint: String,
    /// An event, and a message that tells an endpoint of it.
    pub told: (String, String),
    pub spare_endpoint: String,
    /// A holder that nobody has decided about.
    pub reviewed: String,
    cursors: BTreeMap<&'static str, String>,
    numbers: Cell<u64>,
}

impl<'a> World<'a> {
    /// Fills a tenant.
    pub async fn of(app: &'a TestApp, program: &DemoProgram) -> World<'a> {
        let tenant = app.tenant_id(program).await;
        let external_id = format!("person-{tenant}");
        let finci = FinciCaller::new(app, program);
        let fincard = FincardCaller::log_in(app, program).await;
        let person = finci.person(&external_id).await;
        // In dollars, so that it can also pay for a prepaid card.
        let account = finci.account(&person, "USD").await;
        let paying = AccountId::parse_padded(&account).unwrap();
        beneath::fund(app, tenant, paying, 100_000).await;
        let card = finci.card(&person).await;
        finci.card(&person).await;
        let page = json!({"person_id": person, "limit": 1});
        let page = finci.post("get-cards", &page).await.ok();
        let (corporate, employee) = company(app, tenant).await;
        let body = json!({"corporate_id": corporate, "currency": "USD"});
        let opened = finci.post("create-account", &body).await.ok();
        let email = format!("ana@{tenant}.example");
        let holder = fincard.holder(&email).await;
        let counterparts = Counterparts::of(app, program).await;
        let payments = Payments::of(app, program, &card).await;
        let wallet = Wallet::of(app, program).await;
        let issuing = Issuing::of(app, program, (&person, &account)).await;
        let operator = Operator::new(app, "/admin/v1", &program.admin_key);
        let (spare_credential, spare_user, spare_key) = spares(&operator, program).await;
        let (endpoint, spare_endpoint) = endpoints(&operator).await;
        let told = told(&operator, &endpoint).await;
        let reviewed = waiting_holder(app, &fincard, tenant).await;
        let sandbox = Operator::new(app, "/sandbox/v1", &program.admin_key);
        let number = format!("prepaid-of-tenant-{tenant}");
        let prepaid = fincard.card(&number, Some(holder)).await;
        let queries = Queries::of(app, program, &fincard, (&prepaid, number)).await;
        let snapshot = saved_state(&sandbox, tenant).await;
        World {
            prepaid,
            snapshot,
            network: Network::new(app, program),
            counterparts,
            payments,
            wallet,
            queries,
            issuing,
            holder: holder.to_string(),
            email,
            external_id,
            cursor: page["next_cursor"].as_str().unwrap().to_owned(),
            corporate_account: opened["account_id"].as_str().unwrap().to_owned(),
            cursors: cursors(&operator, program).await,
            spare_credential,
            spare_user,
            spare_key,
            endpoint,
            told,
            spare_endpoint,
            reviewed: reviewed.to_string(),
            sandbox,
            operator,
            program: program.clone(),
            numbers: Cell::new(100),
            tenant,
            finci,
            fincard,
            person,
            corporate,
            employee,
            account,
            card,
        }
    }

    /// This tenant's own id for a position.
    pub fn own(&self, position: &Position) -> String {
        (position.own)(self)
    }

    /// A signed request without a body, below `/v1`.
    pub fn get(&self, path: &str) -> Request<Body> {
        self.finci.request(&Method::GET, &format!("/v1/{path}"), "")
    }

    /// A signed `POST` below `/v1`.
    pub fn post(&self, path: &str, body: &Value) -> Request<Body> {
        let target = format!("/v1/{path}");
        self.finci
            .request(&Method::POST, &target, &body.to_string())
    }

    /// A signed `PATCH` below `/v1`.
    pub fn patch(&self, path: &str, body: &Value) -> Request<Body> {
        let target = format!("/v1/{path}");
        self.finci
            .request(&Method::PATCH, &target, &body.to_string())
    }

    /// A call in the session.
    pub fn call(&self, path: &str, body: &Value) -> Request<Body> {
        self.fincard.request(path, &body.to_string())
    }

    /// A call of the tenant's operator.
    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Request<Body> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.operator.request(&method, path, body)
    }

    /// The cursor behind the first record of an operator's list.
    pub fn cursor_of(&self, list: &str) -> String {
        self.cursors[list].clone()
    }

    /// An order number that was not used before.
    pub fn order_no(&self) -> String {
        self.numbers.set(self.numbers.get() + 1);
        format!("order-{:013}", self.numbers.get())
    }
}

/// For each list of operators the cursor behind its first record, as far as it has more than one.
async fn cursors(operator: &Operator<'_>, program: &DemoProgram) -> BTreeMap<&'static str, String> {
    let own = |list: &str| format!("tenants/{}/{list}", program.tenant_uuid);
    let lists = [
        ("tenants", "tenants".to_owned()),
        ("credentials", own("credentials")),
        ("users", own("users")),
        ("admin-keys", "admin-keys".to_owned()),
        ("products", "products".to_owned()),
        ("audit", "audit".to_owned()),
        ("work-orders", "work-orders".to_owned()),
        ("webhook-endpoints", "webhook-endpoints".to_owned()),
        ("events", "events".to_owned()),
        ("webhook-deliveries", "webhook-deliveries".to_owned()),
        ("rates", "rates".to_owned()),
        ("coins", "coins".to_owned()),
        ("addresses", "coins/USDT_BEP20/addresses".to_owned()),
        ("accounts", "accounts".to_owned()),
        ("deposits", "deposits".to_owned()),
        ("files", "files".to_owned()),
        ("card-designs", "card-designs".to_owned()),
    ];
    for source in ["ISK", "KPW"] {
        let body = json!({"source": source, "target": "USD", "rate_micros": 7_500});
        operator.put("rates", &body).await.record();
    }
    let brought: Vec<String> = (1..=2).map(|number| format!("0x{number:040x}")).collect();
    operator
        .post("coins/USDT_BEP20/addresses", &json!({"addresses": brought}))
        .await
        .record();
    let mut cursors = BTreeMap::new();
    for (name, path) in lists {
        let page = operator.get(&format!("{path}?limit=1")).await.record();
        let cursor = page["next_cursor"].as_str().unwrap_or_default();
        cursors.insert(name, cursor.to_owned());
    }
    cursors
}

/// What operators can do away with, so that the rest stays: the ids of a credential, a user and a
/// key of its own kind.
async fn spares(operator: &Operator<'_>, program: &DemoProgram) -> (String, String, String) {
    let tenant = &program.tenant_uuid;
    let id = |record: Value| record["id"].as_str().unwrap().to_owned();
    let body = json!({"kind": "finci", "allowlist": ["192.0.2.0/24"]});
    let credential = operator
        .post(&format!("tenants/{tenant}/credentials"), &body)
        .await;
    let body = json!({"email": "spare@demo.example", "username": "spare"});
    let user = operator
        .post(&format!("tenants/{tenant}/users"), &body)
        .await;
    let key = operator
        .post("admin-keys", &json!({"role": "auditor"}))
        .await;
    (id(credential.record()), id(user.record()), id(key.record()))
}

/// Two webhook endpoints that nothing is delivered to.
async fn endpoints(operator: &Operator<'_>) -> (String, String) {
    let mut ids = Vec::new();
    for path in ["one", "two"] {
        let url = format!("https://hooks.example.com/{path}");
        let body = json!({"url": url, "dialect": "standard"});
        let made = operator.post("webhook-endpoints", &body).await.record();
        let id = made["id"].as_str().unwrap().to_owned();
        let disable = format!("webhook-endpoints/{id}/disable");
        operator.post(&disable, &Value::Null).await.record();
        ids.push(id);
    }
    let spare = ids.pop().unwrap();
    (ids.pop().unwrap(), spare)
}

/// An event, and a message that tells an endpoint of it.
async fn told(operator: &Operator<'_>, endpoint: &str) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = operator.get("events?limit=1").await.record();
    let event = text(&events["items"][0]["event_id"]);
    let resend = format!("events/{event}/resend");
    let body = json!({"webhook_endpoint_id": endpoint});
    for _ in 0..2 {
        operator.post(&resend, &body).await.record();
    }
    let sent = operator.get("webhook-deliveries?limit=1").await.record();
    (event, text(&sent["items"][0]["webhook_delivery_id"]))
}

/// A holder whose checks never end by themselves.
async fn waiting_holder(app: &TestApp, fincard: &FincardCaller<'_>, tenant: TenantId) -> i64 {
    let mut body = callers::holder(&format!("waits@{tenant}.example"));
    body["lastName"] = "REVIEW".into();
    let reply = fincard.call("card/holder/v2/create", &body).await.ok();
    app.run_jobs().await;
    reply["data"]["holderId"].as_i64().unwrap()
}

/// A corporate and its employee, which no call here can record: the number of the one and the
/// spelled id of the other.
async fn company(app: &TestApp, tenant: TenantId) -> (String, String) {
    beneath::write(app, tenant, async |tx| {
        let sequence = tx.next_number("corporate").await?;
        let number = holder_number(HolderKind::Corporate, sequence).unwrap();
        let corporate = Holder {
            number: Some(number.clone()),
            ..holder(tx.next_id().await?, HolderKind::Corporate, tx.now())
        };
        holders::insert(tx, &corporate, (IdSpace::ExternalId, None)).await?;
        let employee = Holder {
            corporate: Some(corporate.id),
            ..holder(tx.next_id().await?, HolderKind::Employee, tx.now())
        };
        holders::insert(tx, &employee, (IdSpace::ExternalId, None)).await?;
        Ok((number, employee.id.padded()))
    })
    .await
}

fn holder(id: i64, kind: HolderKind, now: Timestamp) -> Holder {
    Holder {
        id: HolderId::new(id).unwrap(),
        kind,
        number: None,
        corporate: None,
        model: Some(HolderModel::B2B),
        product: None,
        name: HolderName {
            first: "Ona".to_owned(),
            middle: None,
            last: "Onaite".to_owned(),
        },
        birth_date: None,
        nationality: None,
        contact: HolderContact {
            email: None,
            area_code: None,
            phone: None,
        },
        address: None,
        document: None,
        kyc: KycState::Approved,
        external_id: None,
        profile: "{}".to_owned(),
        created_at: now,
        updated_at: now,
    }
}

/// A saved state of a tenant, by its name.
async fn saved_state(sandbox: &Operator<'_>, tenant: TenantId) -> String {
    let name = format!("state-of-{tenant}");
    let body = json!({"name": name});
    sandbox.post("snapshot", &body).await.record();
    name
}
