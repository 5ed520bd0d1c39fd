//! The caller's own number: a repeat is answered as the first time, other content is refused, and
//! a refused call uses nothing up.

use serde_json::{Value, json};

use super::assert_books_balance;
use crate::{
    fincard::support::{decide_by_hand, opening, order, order_no, refusal, together, wallet, with},
    harness::{FincardCaller, TestApp, holder},
};

#[tokio::test]
async fn the_same_content_in_other_words_is_answered_byte_for_byte_as_the_first_time() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let first = acme
        .call("card/v2/openCard", &opening(1, &json!({"holderId": ana})))
        .await;
    first.ok();
    let number = order_no(1);
    let text = ana.to_string();
    for body in [
        format!(
            r#"{{"merchantOrderNo":"{number}","cardTypeId":111001,"amount":25,"holderId":{ana}}}"#
        ),
        format!(
            r#"{{"amount":"25.000","holderId":"{text}","cardTypeId":"111001","merchantOrderNo":"{number}"}}"#
        ),
        format!(
            r#"{{"initialDeposit":25.0,"cardholderId":{ana},"cardTypeId":111001,"merchantOrderNo":"{number}"}}"#
        ),
        format!(
            r#"{{"initialDeposit":"25","amount":25.00,"cardholderId":"{text}","holderId":{ana},
                "cardTypeId":111001,"merchantOrderNo":"{number}","accountId":null,"more":[1]}}"#
        ),
    ] {
        app.pass(60);
        let again = app.send(acme.request("card/v2/openCard", &body)).await;
        assert_eq!(again.bytes(), first.bytes(), "{body}");
    }
    assert_eq!(wallet(&acme).await, "999974.00", "paid for once");
    app.finish().await;
}

#[tokio::test]
async fn a_repeat_in_a_later_session_is_still_a_repeat() {
    let app = TestApp::new().await;
    let body = opening(1, &json!({}));
    let first = app.fincard().await.call("card/v2/openCard", &body).await;
    app.pass(40 * 24 * 3600);
    let acme = app.fincard().await;
    let again = acme.call("card/v2/openCard", &body).await;
    assert_eq!(again.bytes(), first.bytes());
    app.finish().await;
}

#[tokio::test]
async fn other_content_under_a_used_number_is_a_conflict() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    acme.call("card/v2/openCard", &opening(1, &json!({})))
        .await
        .ok();
    for changes in [
        json!({"amount": "25.01"}),
        json!({"holderId": ana}),
        json!({"cardTypeId": 111_065}),
        json!({"accountId": app.demo.wallet.get()}),
        json!({"cardTypeId": "nobody"}),
    ] {
        let reply = acme.call("card/v2/openCard", &opening(1, &changes)).await;
        assert_eq!(refusal(&reply), "order_no_conflict", "{changes}");
    }
    assert_eq!(wallet(&acme).await, "999974.00");
    app.finish().await;
}

#[tokio::test]
async fn a_number_counts_for_one_operation_of_one_tenant() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let card = acme.card(&order_no(1), None).await;
    acme.call("card/v2/freeze", &order(1, &card)).await.ok();
    acme.call("card/v2/unfreeze", &order(1, &card)).await.ok();
    let body = with(
        holder("ana@example.com"),
        &json!({"merchantOrderNo": order_no(1)}),
    );
    acme.call("card/holder/v2/create", &body).await.ok();
    let theirs = strangers.card(&order_no(1), None).await;
    assert_ne!(card, theirs);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_refused_call_uses_up_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let ana = acme
        .call("card/holder/v2/create", &holder("ana@example.com"))
        .await
        .ok();
    let ana = ana["data"]["holderId"].clone();
    let body = opening(1, &json!({"holderId": ana}));
    for _ in 0..2 {
        let reply = acme.call("card/v2/openCard", &body).await;
        assert_eq!(refusal(&reply), "holder_not_approved");
    }
    let sql = "UPDATE holder SET kyc_status = 'pass_audit', kyc_stage = 'channel' WHERE id = $1";
    let parameters = vec![ana.as_i64().unwrap().into()];
    assert_eq!(app.change_rows(sql, parameters).await, 1);
    let opened = acme.call("card/v2/openCard", &body).await.ok();
    assert_eq!(opened["data"]["holderId"], ana, "the same number, at last");
    let refused = acme
        .call("card/v2/openCard", &opening(2, &json!({"amount": 1})))
        .await;
    assert_eq!(refusal(&refused), "amount_out_of_range");
    acme.call("card/v2/openCard", &opening(2, &json!({})))
        .await
        .ok();
    app.finish().await;
}

#[tokio::test]
async fn fifty_equal_openings_at_once_make_one_card() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = opening(1, &json!({}));
    let replies = together((0..50).map(|_| acme.call("card/v2/openCard", &body))).await;
    assert_eq!(replies.len(), 50);
    for reply in &replies {
        reply.ok();
        assert_eq!(reply.bytes(), replies[0].bytes());
    }
    let cards = acme.call("card/list", &json!({})).await.ok();
    assert_eq!(cards["data"]["total"], 1);
    assert_eq!(wallet(&acme).await, "999974.00");
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn of_different_openings_at_once_under_one_number_one_wins() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let bodies: Vec<Value> = (10..30)
        .map(|amount| opening(1, &json!({"amount": amount})))
        .collect();
    let replies = together(
        bodies
            .iter()
            .map(|body| acme.call("card/v2/openCard", body)),
    )
    .await;
    let won = replies
        .iter()
        .filter(|reply| reply.json()["success"] == true);
    assert_eq!(won.count(), 1);
    for reply in &replies {
        if reply.json()["success"] == false {
            assert_eq!(refusal(reply), "order_no_conflict");
        }
    }
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_kept_to_notice_a_repeat_cannot_be_guessed_without_a_key() {
    use cardwright_wire::{fincard::cards::OpenCard, shape};
    use sha2::{Digest, Sha256};

    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = json!({
        "merchantOrderNo": "order-0000000000001", "cardTypeId": 111_001, "amount": "25.00",
        "cardNumber": "4111111111111111",
    });
    acme.call("card/v2/openCard", &body).await.ok();
    let sql = "SELECT fingerprint FROM answered_request WHERE request_key = $1";
    let rows = app.rows(sql, vec!["order-0000000000001".into()]).await;
    let kept: Vec<u8> = rows[0].get(0).unwrap();
    assert_eq!(kept.len(), 32);
    let text = body.to_string();
    let read = shape::from_body::<OpenCard>(text.as_bytes()).unwrap();
    for guess in [read.canonical(), text.as_str()] {
        assert_ne!(kept, Sha256::digest(guess.as_bytes()).to_vec());
    }
    app.finish().await;
}
