//! What products say about authorizations, and rates, as operators set and read them.

use axum::http::Method;
use cardwright_server::store::admin_keys::Role;
use serde_json::{Value, json};

use super::access::key_of;
use crate::harness::{Operator, TestApp, assert_golden};

const TERMS: &str = "products/112001/terms";

fn terms() -> Value {
    json!({
        "markup_basis_points": 150, "hold_days": 5, "lodging_hold_days": 20,
        "limits_after_refund": "restored",
    })
}

fn rate(source: &str, target: &str, micros: i64) -> Value {
    json!({"source": source, "target": target, "rate_micros": micros})
}

#[tokio::test]
async fn terms_are_read_and_set() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let put = |path: &str, body: &Value| operator.request(&Method::PUT, path, body);
    let get = |path: &str| operator.request(&Method::GET, path, &Value::Null);
    let mut partial = terms();
    partial.as_object_mut().unwrap().remove("hold_days");
    let requests = vec![
        ("What holds where nobody said anything", get(TERMS)),
        ("They are set", put(TERMS, &terms())),
        ("And read", get(TERMS)),
        ("Another product has its own", get("products/111001/terms")),
        ("All of them are said", put(TERMS, &partial)),
        (
            "Of a product that is there",
            put("products/42/terms", &terms()),
        ),
    ];
    assert_golden(&app, "admin_terms", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn rates_are_fed_and_listed() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let put = |body: &Value| operator.request(&Method::PUT, "rates", body);
    let get = |path: &str| operator.request(&Method::GET, path, &Value::Null);
    let requests = vec![
        ("Nobody fed any", get("rates")),
        ("One", put(&rate("USD", "EUR", 920_000))),
        ("Another", put(&rate("GBP", "EUR", 1_170_000))),
        ("The first moves", put(&rate("USD", "EUR", 930_000))),
        ("All of them", get("rates")),
        ("The first page of one", get("rates?limit=1")),
        (
            "From a currency to itself",
            put(&rate("USD", "USD", 1_000_000)),
        ),
        ("There is no such currency", put(&rate("XXZ", "EUR", 1))),
        ("For nothing", put(&rate("USD", "EUR", 0))),
    ];
    assert_golden(&app, "admin_rates", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn terms_that_cannot_be_right_name_the_field_and_change_nothing() {
    let app = TestApp::new().await;
    let operator = app.operator();
    operator.put(TERMS, &terms()).await.record();
    for (field, wrong) in [
        ("markup_basis_points", json!(-1)),
        ("markup_basis_points", json!(10_001)),
        ("markup_basis_points", json!("150")),
        ("hold_days", json!(0)),
        ("hold_days", json!(366)),
        ("lodging_hold_days", json!(0)),
        ("lodging_hold_days", json!(1.5)),
    ] {
        let mut body = terms();
        body[field] = wrong.clone();
        let reply = operator.put(TERMS, &body).await;
        assert_eq!(reply.status, 400, "{field} {wrong}");
        assert_eq!(
            reply.native_code(),
            format!("field_invalid {field}"),
            "{wrong}"
        );
    }
    let mut body = terms();
    body["limits_after_refund"] = "forgotten".into();
    let reply = operator.put(TERMS, &body).await;
    assert_eq!(reply.native_code(), "field_not_allowed limits_after_refund");
    for (body, field) in [
        (rate("USD", "USD", 1), "target"),
        (rate("usd", "EUR", 1), "source"),
        (rate("USD", "XXZ", 1), "target"),
        (rate("USD", "EUR", 1 << 53), "rate_micros"),
    ] {
        let reply = operator.put("rates", &body).await;
        assert_eq!(
            reply.native_code(),
            format!("field_invalid {field}"),
            "{body}"
        );
    }
    let kept = operator.get(TERMS).await.record();
    assert_eq!(kept["hold_days"], 5);
    assert_eq!(operator.get("rates").await.record()["items"], json!([]));
    app.finish().await;
}

#[tokio::test]
async fn rates_are_walked_page_by_page_in_the_order_of_their_currencies() {
    let app = TestApp::new().await;
    let operator = app.operator();
    for (source, target) in [
        ("USD", "EUR"),
        ("AED", "EUR"),
        ("USD", "CHF"),
        ("EUR", "USD"),
    ] {
        operator
            .put("rates", &rate(source, target, 1))
            .await
            .record();
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator
            .get(&format!("rates?limit=1{cursor}"))
            .await
            .record();
        let one = &page["items"][0];
        let (source, target) = (one["source"].as_str(), one["target"].as_str());
        seen.push(format!("{}-{}", source.unwrap(), target.unwrap()));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["AED-EUR", "EUR-USD", "USD-CHF", "USD-EUR"]);
    app.finish().await;
}

#[tokio::test]
async fn an_auditor_reads_terms_and_rates_and_sets_none_and_setting_is_audited() {
    let app = TestApp::new().await;
    for role in Role::ALL {
        let key = key_of(&app, &app.demo, role).await;
        let caller = Operator::new(&app, "/admin/v1", &key);
        let expected = if role >= Role::Operator { 200 } else { 403 };
        let set = caller.put(TERMS, &terms()).await;
        assert_eq!(set.status, expected, "{role:?}");
        let fed = caller.put("rates", &rate("USD", "EUR", 920_000)).await;
        assert_eq!(fed.status, expected, "{role:?}");
        assert_eq!(caller.get(TERMS).await.status, 200, "{role:?}");
        assert_eq!(caller.get("rates").await.status, 200, "{role:?}");
    }
    let setters = Role::ALL.into_iter().filter(|role| *role >= Role::Operator);
    let setters = i64::try_from(setters.count()).unwrap();
    for action in ["product.set_terms", "exchange_rate.set"] {
        let sql = "SELECT COUNT(*) FROM audit WHERE action = $1 AND actor_kind = 'operator'";
        assert_eq!(app.number(sql, &[action.into()]).await, setters, "{action}");
    }
    app.finish().await;
}
