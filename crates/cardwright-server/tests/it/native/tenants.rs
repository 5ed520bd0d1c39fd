//! Tenants.

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn tenants_are_added_and_listed() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let post = |body: Value| operator.request(&Method::POST, "tenants", &body);
    let get = |path: &str| operator.request(&Method::GET, path, &Value::Null);
    let mut again = post(json!({"name": "Globex Ltd"}));
    let key = "once".parse().unwrap();
    again.headers_mut().insert("idempotency-key", key);
    let requests = vec![
        (
            "A tenant is added",
            post(json!({"name": "Globex Ltd", "kyc_mode": "manual"})),
        ),
        ("All tenants", get("tenants")),
        ("The first page of one", get("tenants?limit=1")),
        ("A name is needed", post(json!({"kyc_mode": "auto"}))),
        (
            "There is no such mode",
            post(json!({"name": "A", "kyc_mode": "later"})),
        ),
        ("Not under a key", again),
    ];
    assert_golden(&app, "admin_tenants", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_list_is_walked_page_by_page_and_a_cursor_is_good_for_its_list_only() {
    let app = TestApp::new().await;
    let operator = app.operator();
    for name in ["b", "c", "d", "e"] {
        operator
            .post("tenants", &json!({"name": name}))
            .await
            .record();
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator
            .get(&format!("tenants?limit=2{cursor}"))
            .await
            .record();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["Demo program", "b", "c", "d", "e"]);
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_is_read_and_changed() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let path = format!("tenants/{}", app.demo.tenant_uuid);
    let change = |body: Value| operator.request(&Method::PATCH, &path, &body);
    let zone = json!({"kyc_mode": "manual", "time_zone": "europe/vilnius"});
    let nobody = "tenants/00000000-0000-4000-8000-000000000000";
    let requests = vec![
        (
            "As it was made",
            operator.request(&Method::GET, &path, &Value::Null),
        ),
        ("Its calendar and its checks", change(zone)),
        (
            "How its callers sign",
            change(json!({"canonical_form": "lines"})),
        ),
        (
            "Its orders wait",
            change(json!({"order_mode": "deferred", "order_delay": "PT1M30S"})),
        ),
        (
            "A month has no length of its own",
            change(json!({"order_delay": "P1M"})),
        ),
        ("That is too long", change(json!({"order_delay": "P31D"}))),
        (
            "There is no such zone",
            change(json!({"time_zone": "Europe/Atlantis"})),
        ),
        (
            "There is no such form",
            change(json!({"canonical_form": "sideways"})),
        ),
        (
            "There is no such tenant",
            operator.request(&Method::GET, nobody, &Value::Null),
        ),
    ];
    assert_golden(&app, "admin_tenant", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn the_tenant_of_a_path_and_the_one_of_the_header_are_one() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let operator = app.operator();
    let path = format!("tenants/{}", other.tenant_uuid);
    let named = operator.get(&path).await.record();
    assert_eq!(named["name"], "globex");
    assert_eq!(
        operator.on(&other.tenant_uuid).get(&path).await.record(),
        named
    );
    let torn = operator.on(&app.demo.tenant_uuid).get(&path).await;
    assert_eq!(
        (torn.status, torn.native_code().as_str()),
        (404, "not_found")
    );
    app.finish().await;
}

#[tokio::test]
async fn a_new_tenant_has_a_log_that_says_who_added_it() {
    let app = TestApp::new().await;
    let body = json!({"name": "Globex Ltd"});
    let tenant = app.operator().post("tenants", &body).await.record();
    let sql = "SELECT COUNT(*) FROM audit a JOIN tenant t ON t.id = a.tenant \
               WHERE t.uuid = $1 AND a.action = 'tenant.create' AND a.actor_kind = 'operator'";
    let uuid = tenant["id"].as_str().unwrap();
    assert_eq!(app.number(sql, &[uuid.into()]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_new_tenant_has_an_empty_wallet_and_keeps_it_when_it_is_set_back() {
    let app = TestApp::new().await;
    let body = json!({"name": "Globex Ltd"});
    let tenant = app.operator().post("tenants", &body).await.record();
    let operator = app.operator().on(tenant["id"].as_str().unwrap());
    let sandbox = app.sandbox().on(tenant["id"].as_str().unwrap());
    let accounts = async || {
        let list = operator.get("accounts").await.record();
        list["items"].as_array().unwrap().clone()
    };
    let first = accounts().await;
    assert_eq!(first.len(), 1);
    let said = ["kind", "currency", "name", "status"].map(|name| &first[0][name]);
    assert_eq!(said, ["wallet", "USD", "WALLET", "active"]);
    assert_eq!(first[0]["balance"], 0);
    let path = format!("accounts/{}/credit", first[0]["id"].as_str().unwrap());
    let money = json!({"amount": 100_000, "currency": "USD", "reason": "The first payment"});
    let credited = operator.post(&path, &money).await.record();
    assert_eq!(credited["available_balance"], 100_000);
    sandbox.post("reset", &Value::Null).await.record();
    assert_eq!(accounts().await, first);
    app.finish().await;
}
