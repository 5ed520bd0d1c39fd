//! Controls and limits, as operators set and read them.

use axum::http::Method;
use cardwright_server::store::admin_keys::Role;
use serde_json::{Value, json};

use super::access::key_of;
use crate::harness::{Operator, TestApp, assert_golden};

/// A card with its account; their ids as this surface writes them.
async fn card(app: &TestApp) -> (String, String) {
    let finci = app.finci();
    let person = finci.person("person-1").await;
    let account = finci.account(&person, "EUR").await;
    let card = finci.card(&person).await;
    let plain = |padded: String| padded.trim_start_matches('0').to_owned();
    (plain(card), plain(account))
}

fn rich() -> Value {
    json!({
        "limits": [
            {"window": "month", "amount": 500_000, "count": 100},
            {"window": "per_transaction", "amount": 25_000},
            {"window": "sliding", "seconds": 60, "count": 2},
        ],
        "blocked_mcc": ["7995", "0742"],
        "allowed_countries": ["LV", "LT"],
        "channels": {"atm": false},
    })
}

#[tokio::test]
async fn controls_are_set_read_and_cleared() {
    let app = TestApp::new().await;
    let (card, account) = card(&app).await;
    let operator = app.operator();
    let put = |path: String, body: &Value| operator.request(&Method::PUT, &path, body);
    let get = |path: String| operator.request(&Method::GET, &path, &Value::Null);
    let daily = json!({"limits": [{"window": "day", "amount": 80_000}]});
    let weekly = json!({"limits": [{"window": "week", "count": 50}]});
    let requests = vec![
        (
            "Nothing is restricted",
            get(format!("cards/{card}/controls")),
        ),
        (
            "A card's controls are set",
            put(format!("cards/{card}/controls"), &rich()),
        ),
        (
            "Once more, they are the same",
            put(format!("cards/{card}/controls"), &rich()),
        ),
        (
            "An account's",
            put(format!("accounts/{account}/controls"), &daily),
        ),
        (
            "A product's",
            put("products/112001/controls".to_owned(), &weekly),
        ),
        (
            "A product has no currency of its own",
            get("products/112001/controls".to_owned()),
        ),
        (
            "What is left of all of them",
            get(format!("cards/{card}/limits")),
        ),
        (
            "No content clears them",
            put(format!("accounts/{account}/controls"), &json!({})),
        ),
        ("Cleared", get(format!("accounts/{account}/controls"))),
    ];
    assert_golden(&app, "admin_controls", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn controls_that_cannot_be_right_name_the_field_and_change_nothing() {
    let app = TestApp::new().await;
    let (card, _) = card(&app).await;
    let operator = app.operator();
    let path = format!("cards/{card}/controls");
    operator.put(&path, &rich()).await.record();
    let before = operator.get(&path).await.record();
    let limit = |limit: Value| json!({"limits": [limit]});
    let day = json!({"window": "day", "amount": 1});
    for (body, code) in [
        (json!({"limits": [day, day]}), "field_invalid limits.window"),
        (
            limit(json!({"window": "day"})),
            "field_required limits.0.amount",
        ),
        (
            limit(json!({"window": "per_transaction", "count": 1})),
            "field_invalid limits.count",
        ),
        (
            limit(json!({"window": "sliding", "amount": 1})),
            "field_required limits.0.seconds",
        ),
        (
            limit(json!({"window": "week", "seconds": 5, "amount": 1})),
            "field_not_allowed limits.0.seconds",
        ),
        (
            json!({"allowed_mcc": ["5411"], "blocked_mcc": ["7995"]}),
            "field_invalid blocked_mcc",
        ),
        (
            json!({"allowed_countries": ["LT"], "blocked_countries": ["LV"]}),
            "field_invalid blocked_countries",
        ),
        (
            json!({"blocked_countries": ["ZZ"]}),
            "field_invalid blocked_countries",
        ),
        (
            json!({"allowed_mcc": ["54"]}),
            "field_invalid allowed_mcc.0",
        ),
        (
            json!({"channels": {"chip": false}}),
            "field_unknown channels.chip",
        ),
    ] {
        let reply = operator.put(&path, &body).await;
        assert_eq!(reply.native_code(), code, "{body}");
        assert_eq!(reply.status, 400, "{body}");
    }
    assert_eq!(operator.get(&path).await.record(), before);
    app.finish().await;
}

#[tokio::test]
async fn only_visible_records_and_known_products_have_controls() {
    let app = TestApp::new().await;
    let (card, _) = card(&app).await;
    let operator = app.operator();
    let hidden = "SELECT id FROM account WHERE kind = 'external_funding' LIMIT 1";
    let hidden = app.number(hidden, &[]).await;
    for path in [
        format!("accounts/{hidden}/controls"),
        format!("accounts/{card}/controls"),
        "products/42/controls".to_owned(),
        "cards/x/controls".to_owned(),
        "cards/42/limits".to_owned(),
    ] {
        assert_eq!(operator.get(&path).await.status, 404, "{path}");
    }
    app.finish().await;
}

#[tokio::test]
async fn setting_controls_is_audited_and_counts_once_under_a_key() {
    let app = TestApp::new().await;
    let (card, _) = card(&app).await;
    let operator = app.operator();
    let path = format!("cards/{card}/controls");
    let set = |body: &Value| {
        let mut request = operator.request(&Method::PUT, &path, body);
        let key = "limits-1".parse().unwrap();
        request.headers_mut().insert("idempotency-key", key);
        request
    };
    let first = app.send(set(&rich())).await;
    operator.put(&path, &json!({})).await.record();
    let again = app.send(set(&rich())).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    let now = operator.get(&path).await.record();
    assert_eq!(now["limits"], json!([]), "the repeat had no effect");
    assert_eq!(app.send(set(&json!({}))).await.status, 409, "other content");
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'controls.set' \
               AND subject_kind = 'card' AND actor_kind = 'operator'";
    assert_eq!(app.number(sql, &[]).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn an_auditor_reads_limits_and_sets_none() {
    let app = TestApp::new().await;
    let (card, _) = card(&app).await;
    let key = key_of(&app, &app.demo, Role::Auditor).await;
    let auditor = Operator::new(&app, "/admin/v1", &key);
    let path = format!("cards/{card}/controls");
    assert_eq!(auditor.get(&path).await.status, 200);
    assert_eq!(
        auditor.get(&format!("cards/{card}/limits")).await.status,
        200
    );
    let refused = auditor.put(&path, &rich()).await;
    assert_eq!(
        (refused.status, refused.native_code().as_str()),
        (403, "forbidden")
    );
    app.finish().await;
}
