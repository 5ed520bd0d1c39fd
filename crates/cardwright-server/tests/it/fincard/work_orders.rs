//! Work orders, as their callers see them.

use serde_json::{Value, json};

use super::support::{refusal, with};
use crate::harness::{TestApp, assert_golden};

/// A work order, some fields of it replaced.
pub fn work_order(changes: &Value) -> Value {
    let body = json!({
        "merchantOrderNo": "work-1", "title": "ApplePay", "target": "card",
        "tradeType": "CARD_ACTIVE", "content": "Please activate Apple Pay", "remark": "soon",
    });
    with(body, changes)
}

#[tokio::test]
async fn work_orders_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let submit = |changes: Value| acme.request("work/submit", &work_order(&changes).to_string());
    let list = |body: Value| acme.request("work/list", &body.to_string());
    let requests = vec![
        ("A work order", submit(json!({}))),
        ("The same again", submit(json!({}))),
        (
            "The same number for something else",
            submit(json!({"title": "GooglePay"})),
        ),
        (
            "A kind of work has capitals",
            submit(json!({"tradeType": "card_active"})),
        ),
        (
            "It must say what is wanted",
            submit(json!({"content": "(absent)", "title": ""})),
        ),
        (
            "Several lines about a card",
            submit(json!({
                "merchantOrderNo": "work-2", "target": 1_734_567_890_123_i64,
                "content": "Please:\n\t- activate Apple Pay",
            })),
        ),
        ("All of them", list(json!({}))),
        ("None has failed", list(json!({"tradeStatus": "failed"}))),
        (
            "By its own number",
            list(json!({"merchantOrderNo": "work-1"})),
        ),
        ("Nobody's work order", list(json!({"orderNo": "no number"}))),
        ("No such status", list(json!({"tradeStatus": "open"}))),
    ];
    assert_golden(&app, "fincard_work_orders", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn work_orders_are_found_by_every_filter() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut ids = Vec::new();
    for (number, trade_type) in [
        ("work-1", "CARD_ACTIVE"),
        ("work-2", "CARD_ACTIVE"),
        ("work-3", "OTHER"),
    ] {
        let body = work_order(&json!({"merchantOrderNo": number, "tradeType": trade_type}));
        let made = acme.call("work/submit", &body).await.ok();
        assert_eq!(
            made["orderNo"], made["data"]["orderNo"],
            "inside and outside"
        );
        ids.push(made["orderNo"].clone());
    }
    let decision = json!({"decision": "fail", "description": "Not possible"});
    let path = format!("work-orders/{}/decision", ids[1].as_str().unwrap());
    app.operator().post(&path, &decision).await.record();
    for (filter, expected) in [
        (json!({}), vec![2, 1, 0]),
        (json!({"pageSize": 2}), vec![2, 1]),
        (json!({"pageNo": 2, "pageSize": 2}), vec![0]),
        (json!({"orderNo": ids[1]}), vec![1]),
        (json!({"merchantOrderNo": "work-3"}), vec![2]),
        (json!({"tradeType": "CARD_ACTIVE"}), vec![1, 0]),
        (json!({"tradeStatus": "fail"}), vec![1]),
        (json!({"tradeStatus": "failed"}), vec![1]),
        (
            json!({"tradeStatus": "processing", "tradeType": "OTHER"}),
            vec![2],
        ),
        (json!({"tradeStatus": "success"}), vec![]),
    ] {
        let page = acme.call("work/list", &filter).await.ok();
        let found: Vec<Value> = page["data"]["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["orderNo"].clone())
            .collect();
        let expected: Vec<Value> = expected
            .into_iter()
            .map(|at: usize| ids[at].clone())
            .collect();
        assert_eq!(found, expected, "{filter}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_number_that_came_in_by_another_way_is_taken() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    crate::parties::arranged::work_order(&app, &app.demo, "work-1").await;
    let refused = acme.call("work/submit", &work_order(&json!({}))).await;
    assert_eq!(refusal(&refused), "order_no_conflict");
    app.finish().await;
}
