//! A first session: person, account, card, status.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn a_card_is_issued_read_listed_frozen_and_closed() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let person = acme.person("p-1").await;
    let account = acme.account(&person, "EUR").await;
    let card = acme.card(&person).await;

    let read = acme.get(&format!("get-card/{card}")).await.ok();
    assert_eq!(read["token_status"], "active");
    assert_eq!(read["person_id"], person);
    assert_eq!(read["account_id"], account);
    let listed = acme
        .post("get-cards", &json!({"person_id": person}))
        .await
        .ok();
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["items"][0]["token_id"], card);

    for (wanted, seen) in [
        ("deactivated", "deactivated"),
        ("active", "active"),
        ("lost", "lost"),
    ] {
        let path = format!("update-card-status/{card}");
        acme.patch(&path, &json!({"token_status": wanted}))
            .await
            .ok();
        let read = acme.get(&format!("get-card/{card}")).await.ok();
        assert_eq!(read["token_status"], seen);
    }
    let balance = acme.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(balance["balance"], "0.00");
    app.finish().await;
}
