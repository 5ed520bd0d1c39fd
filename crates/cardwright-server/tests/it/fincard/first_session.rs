//! A first session: login, holder, card, freeze.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn a_card_is_opened_paid_for_frozen_and_thawed() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    let listed = acme
        .call("card/holder/list", &json!({"holderId": holder}))
        .await
        .ok();
    assert_eq!(listed["data"]["records"][0]["status"], "pass_audit");

    let card = acme.card("order-0000000000001", Some(holder)).await;
    let accounts = acme.call("account/info", &json!({})).await.ok();
    assert_eq!(
        accounts["data"][0]["totalBalance"], "999974.00",
        "price 1.00 and deposit 25.00"
    );
    let read = acme.call("card/info", &json!({"cardNo": card})).await.ok();
    assert_eq!(read["data"]["balance"], "25.00");
    assert_eq!(read["data"]["status"], "Normal");

    let body = json!({"cardNo": card, "merchantOrderNo": "order-0000000000002"});
    let frozen = acme.call("card/v2/freeze", &body).await.ok();
    assert_eq!(frozen["data"]["newCardStatus"], "FROZEN");
    let body = json!({"cardNo": card, "merchantOrderNo": "order-0000000000003"});
    acme.call("card/v2/unfreeze", &body).await.ok();
    let list = acme
        .call("card/list", &json!({"status": "ACTIVE"}))
        .await
        .ok();
    assert_eq!(list["data"]["total"], 1);
    assert_eq!(
        acme.call("card/v2/cardTypes", &json!({})).await.ok()["data"][0]["cardTypeId"],
        111_001
    );
    app.finish().await;
}
