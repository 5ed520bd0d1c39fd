//! What the platform does by itself: it looks at the money before it tells of a card number, and it
//! records that it stopped a card.

use serde_json::{Value, json};

use super::{card, opened, physical, printed};
use crate::{
    fincard::{
        queries::{each, records},
        support::{order_no, refusal},
    },
    harness::TestApp,
};

#[tokio::test]
async fn who_cannot_pay_does_not_learn_which_card_numbers_are_taken() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let holder = acme.holder("ana@example.com").await;
    opened(&app, &acme, &physical(1, holder)).await;
    let account = app.demo.wallet.to_string();
    let rest = acme.call("account/info", &json!({})).await.ok();
    let rest = rest["data"][0]["availableBalance"]
        .as_str()
        .unwrap()
        .replace('.', "");
    // All but a cent of what the next card costs: 5.00, and 25.00 to put on it.
    let all: i64 = rest.parse::<i64>().unwrap() - 2_999;
    let body = json!({"amount": all, "currency": "USD", "reason": "emptied"});
    app.operator()
        .post(&format!("accounts/{account}/debit"), &body)
        .await
        .record();
    let ask = async |number: &str| {
        let mut body = physical(2, holder);
        body["cardNumber"] = number.into();
        acme.call("card/v2/openCard", &body).await
    };
    let taken = ask(&printed(1)).await;
    assert_eq!(refusal(&taken), "insufficient_balance");
    assert_eq!(
        ask(&printed(2)).await.bytes(),
        taken.bytes(),
        "a free one reads the same"
    );
    let cent = json!({"account_id": account, "amount": 1, "currency": "USD"});
    app.sandbox().post("simulate/funding", &cent).await.record();
    assert_eq!(refusal(&ask(&printed(1)).await), "card_number_in_use");
    ask(&printed(2)).await.ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_block_by_the_platform_is_an_order_and_lifting_it_is_none() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let act = async |what: &str| {
        let path = format!("cards/{id}/{what}");
        let reason = json!({"reason": "under review"});
        app.operator().post(&path, &reason).await.record();
    };
    let blocks = async || {
        let body = json!({"type": "blocked", "cardNo": id});
        let listed = records(&acme, "card/transaction", &body).await;
        let newer = records(&acme, "card/v2/transaction", &body).await;
        assert_eq!(listed, newer);
        listed
    };
    assert!(blocks().await.is_empty());
    act("block").await;
    let told = blocks().await;
    assert_eq!(each(&told, "type"), ["blocked"]);
    assert_eq!(each(&told, "status"), ["success"]);
    assert_eq!(each(&told, "operationType"), ["BLOCKED"]);
    assert_eq!(each(&told, "operationStatus"), ["COMPLETED"]);
    assert_eq!(each(&told, "previousCardStatus"), ["ACTIVE"]);
    assert_eq!(each(&told, "newCardStatus"), ["BLOCKED"]);
    assert_eq!(each(&told, "amount"), ["0.00"]);
    assert_eq!(told[0]["transactionId"], told[0]["orderNo"]);
    assert_eq!(card(&acme, &id).await["blocked"], true);
    act("block").await;
    assert_eq!(blocks().await, told, "it was blocked already");
    act("unblock").await;
    assert_eq!(blocks().await, told);
    assert_eq!(card(&acme, &id).await["blocked"], false);
    act("block").await;
    assert_eq!(blocks().await.len(), 2, "another time is another order");
    let finished = "SELECT COUNT(*) FROM event WHERE kind = 'order_finished' AND facts LIKE '%' \
                    || $1 || '%'";
    let order: Value = told[0]["orderNo"].clone();
    let order = order.as_str().unwrap();
    assert_eq!(app.number(finished, &[order.into()]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_no_order_opened_is_blocked_without_one() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let id = finci.card(&person).await;
    let path = format!("cards/{}/block", id.trim_start_matches('0'));
    let reason = json!({"reason": "under review"});
    app.operator().post(&path, &reason).await.record();
    assert_eq!(app.number("SELECT COUNT(*) FROM card_order", &[]).await, 0);
    app.finish().await;
}
