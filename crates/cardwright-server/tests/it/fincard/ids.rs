//! Ids: a number or its decimal text names a record; whatever else one could write names nobody,
//! and nobody's record is answered like another tenant's.

use serde_json::json;

use super::support::{opening, order, order_no, refusal};
use crate::harness::{FincardCaller, TestApp, holder};

/// Spellings of ids that nobody has, whatever the ids in use.
const NOBODY: [&str; 21] = [
    "0",
    "-1",
    "1.5",
    "1e3",
    "9007199254740991",
    "9007199254740992",
    "99999999999999999999999",
    r#""0""#,
    r#""-1""#,
    r#""+1""#,
    r#""1.5""#,
    r#""01""#,
    r#""abc""#,
    r#"" ""#,
    r#""9007199254740992""#,
    r#""18446744073709551617""#,
    r#""٤٢""#,
    r#""0x10""#,
    r#""1 OR 1=1""#,
    r#""%""#,
    r#""null""#,
];

/// Spellings close to that of an id in use, of which none is right.
fn almost(id: i64) -> Vec<String> {
    vec![
        format!("\"0{id}\""),
        format!("\"{id}.0\""),
        format!("\" {id}\""),
        format!("\"{id} \""),
        format!("\"+{id}\""),
        format!("{id}.0"),
        format!("{id}e0"),
        format!("\"{:0>16}\"", id),
    ]
}

/// What each field that names a record is answered when it names nobody: path, a body with `<id>` in
/// the place of the id, and the word.
const FIELDS: [(&str, &str, &str); 9] = [
    ("card/info", r#"{"cardNo": <id>}"#, "card_not_found"),
    ("card/info", r#"{"cardId": <id>}"#, "card_not_found"),
    (
        "card/v2/freeze",
        r#"{"merchantOrderNo": "order-of-nobody-1", "cardNo": <id>}"#,
        "card_not_found",
    ),
    (
        "card/v2/unfreeze",
        r#"{"merchantOrderNo": "order-of-nobody-1", "cardId": <id>}"#,
        "card_not_found",
    ),
    (
        "card/v2/openCard",
        r#"{"merchantOrderNo": "order-of-nobody-1", "amount": 25, "cardTypeId": <id>}"#,
        "card_type_not_found",
    ),
    (
        "card/v2/openCard",
        r#"{"merchantOrderNo": "order-of-nobody-1", "amount": 25, "cardTypeId": 111001, "holderId": <id>}"#,
        "holder_not_found",
    ),
    (
        "card/v2/openCard",
        r#"{"merchantOrderNo": "order-of-nobody-1", "amount": 25, "cardTypeId": 111001, "cardholderId": <id>}"#,
        "holder_not_found",
    ),
    (
        "card/v2/openCard",
        r#"{"merchantOrderNo": "order-of-nobody-1", "amount": 25, "cardTypeId": 111001, "accountId": <id>}"#,
        "account_not_found",
    ),
    (
        "card/holder/v2/create",
        r#"{"firstName": "A", "lastName": "B", "birthday": "1990-01-01", "email": "a@example.com",
            "address": "x", "country": "PT", "idNumber": "1", "cardTypeId": <id>}"#,
        "card_type_not_found",
    ),
];

const FILTERS: [(&str, &str); 4] = [
    ("card/list", r#"{"cardNo": <id>}"#),
    ("card/list", r#"{"cardTypeId": <id>}"#),
    ("card/list", r#"{"holderId": <id>}"#),
    ("card/holder/list", r#"{"cardholderId": <id>}"#),
];

#[tokio::test]
async fn an_id_is_taken_as_number_and_as_text() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let wallet = app.demo.wallet.get();
    for (number, (holder, account, product)) in [
        (json!(ana), json!(wallet), json!(111_001)),
        (
            json!(ana.to_string()),
            json!(wallet.to_string()),
            json!("111001"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"holderId": holder, "accountId": account, "cardTypeId": product});
        let opened = acme
            .call("card/v2/openCard", &opening(number, &body))
            .await
            .ok();
        let card = opened["data"]["cardNo"].as_str().unwrap().to_owned();
        let as_number: i64 = card.parse().unwrap();
        for spelling in [json!(card), json!(as_number)] {
            let read = acme
                .call("card/info", &json!({"cardNo": spelling}))
                .await
                .ok();
            assert_eq!(read["data"]["cardNo"], card);
            let list = json!({"cardId": spelling, "cardTypeId": product, "holderId": holder});
            let list = acme.call("card/list", &list).await.ok();
            assert_eq!(list["data"]["total"], 1);
        }
        let found = acme
            .call("card/holder/list", &json!({"holderId": holder}))
            .await
            .ok();
        assert_eq!(found["data"]["total"], 1);
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_id_of_ours_is_not_found_wherever_it_stands() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let card: i64 = acme.card(&order_no(1), None).await.parse().unwrap();
    let mut spellings = NOBODY.map(str::to_owned).to_vec();
    for id in [ana, card, app.demo.wallet.get(), 111_001] {
        spellings.extend(almost(id));
    }
    for spelling in spellings {
        for (path, body, word) in FIELDS {
            let reply = app
                .send(acme.request(path, &body.replace("<id>", &spelling)))
                .await;
            assert_eq!(refusal(&reply), word, "{path} {spelling}");
        }
        for (path, body) in FILTERS {
            let reply = app
                .send(acme.request(path, &body.replace("<id>", &spelling)))
                .await;
            let page = &reply.ok()["data"];
            assert_eq!(page["total"], 0, "{path} {spelling}");
            assert_eq!(page["records"], json!([]));
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_neither_number_nor_text_is_no_id_at_all() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for spelling in ["true", "[1]", "{}"] {
        for (path, body, _) in FIELDS {
            let reply = app
                .send(acme.request(path, &body.replace("<id>", spelling)))
                .await;
            assert_eq!(refusal(&reply), "invalid_field", "{path} {spelling}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_record_of_another_tenant_is_answered_like_one_that_is_not_there() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let body = holder("eve@example.com");
    let eve = strangers.call("card/holder/v2/create", &body).await.ok();
    app.run_jobs().await;
    let eve = eve["data"]["holderId"].as_i64().unwrap();
    let theirs = strangers.card(&order_no(1), Some(eve)).await;
    let ids = |word: &str| match word {
        "card_not_found" => theirs.clone(),
        "holder_not_found" => eve.to_string(),
        "account_not_found" => other.wallet.get().to_string(),
        _ => "42".to_owned(),
    };
    for (path, body, word) in FIELDS {
        let foreign = app
            .send(acme.request(path, &body.replace("<id>", &ids(word))))
            .await;
        let missing = app
            .send(acme.request(path, &body.replace("<id>", "424242424242")))
            .await;
        assert_eq!(refusal(&foreign), word, "{path}");
        assert_eq!(foreign.bytes(), missing.bytes(), "{path}");
    }
    for (path, id) in [
        (FILTERS[0], &theirs),
        (FILTERS[2], &eve.to_string()),
        (FILTERS[3], &eve.to_string()),
    ] {
        let (path, body) = path;
        let foreign = app
            .send(acme.request(path, &body.replace("<id>", id)))
            .await;
        let missing = app
            .send(acme.request(path, &body.replace("<id>", "424242424242")))
            .await;
        assert_eq!(foreign.ok()["data"]["total"], 0, "{path}");
        assert_eq!(foreign.bytes(), missing.bytes(), "{path}");
    }
    strangers
        .call("card/v2/freeze", &order(2, &theirs))
        .await
        .ok();
    app.finish().await;
}
