//! Card products.

use serde_json::{Value, json};

use super::call;
use crate::harness::{TestApp, assert_golden};

fn product() -> Value {
    json!({
        "id": 113_001, "name": "Team card", "bin": "411111", "scheme": "visa", "mode": "prepaid",
        "form": "virtual", "category": "purchase", "currency": "USD", "price": 250,
        "holder_model": "B2B", "holder_required": false, "cards_per_holder": 5,
        "initial_deposit": {"min": 1_000, "max": 100_000},
    })
}

fn but(field: &str, value: Value) -> Value {
    let mut body = product();
    body[field] = value;
    body
}

#[tokio::test]
async fn products_are_added_and_changed() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let post = |body: &Value| call(&operator, "POST products", body);
    let mut unnumbered = product();
    unnumbered.as_object_mut().unwrap().remove("id");
    let change = json!({
        "price": 300, "status": "offline",
        "recharge": {"min": 100, "max": 5_000, "rate_basis_points": 100, "fixed_fee": 50},
    });
    let requests = vec![
        ("A product", post(&product())),
        ("The id is taken", post(&product())),
        ("The next free id", post(&unnumbered)),
        (
            "Real cards are not for a sandbox",
            post(&but("bin", json!("453201"))),
        ),
        (
            "There is no such currency",
            post(&but("currency", json!("XXZ"))),
        ),
        (
            "The least is more than the most",
            post(&but("initial_deposit", json!({"min": 2, "max": 1}))),
        ),
        (
            "Other terms",
            call(&operator, "PATCH products/113001", &change),
        ),
        (
            "As it is now",
            call(&operator, "GET products/113001", &Value::Null),
        ),
        (
            "There is no such product",
            call(&operator, "GET products/113009", &Value::Null),
        ),
        (
            "The first two",
            call(&operator, "GET products?limit=2", &Value::Null),
        ),
    ];
    assert_golden(&app, "admin_products", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_new_product_is_sold_at_once_and_an_offline_one_no_more() {
    let app = TestApp::new().await;
    app.operator().post("products", &product()).await.record();
    let fincard = app.fincard().await;
    let open = async |number: &str| {
        let body = json!({"merchantOrderNo": number, "cardTypeId": 113_001, "amount": "25.00"});
        fincard.call("card/v2/openCard", &body).await
    };
    let types = fincard.call("card/v2/cardTypes", &json!({})).await.ok();
    assert!(types.to_string().contains("Team card"), "{types}");
    open("order-0000000000001").await.ok();
    let body = json!({"status": "offline"});
    app.operator()
        .patch("products/113001", &body)
        .await
        .record();
    assert_ne!(open("order-0000000000002").await.json()["success"], true);
    app.finish().await;
}

#[tokio::test]
async fn what_is_remembered_for_reads_is_another_one_right_after_a_change_of_it() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let card = fincard.card("order-0000000000001", None).await;
    let body = json!({"cardNo": card});
    // Sessions do not live as long as this takes.
    let shown = async || {
        let fincard = app.fincard().await;
        fincard.call("card/info", &body).await.ok()["data"].clone()
    };
    let spend = json!({"cardNo": card, "type": "auth", "amount": "1.00", "currency": "USD"});
    fincard
        .call("card/simulateAuthTransaction", &spend)
        .await
        .ok();
    let before = shown().await;
    assert_eq!(before["dailySpent"], "1.00");

    let product = format!("products/{}", before["cardTypeId"]).replace('"', "");
    let renamed = json!({"name": "Renamed while it is looked at"});
    app.operator().patch(&product, &renamed).await.record();
    assert_eq!(shown().await["cardName"], renamed["name"]);

    // Three in the morning of the next day in Greenwich is still the evening before in New York.
    app.pass(15 * 60 * 60);
    assert_eq!(shown().await["dailySpent"], "0.00");
    let tenant = format!("tenants/{}", app.demo.tenant_uuid);
    let zone = json!({"time_zone": "America/New_York"});
    app.operator().patch(&tenant, &zone).await.record();
    assert_eq!(shown().await["dailySpent"], "1.00");
    app.finish().await;
}
