//! Lists of holders.

use serde_json::{Value, json};

use super::CREATE;
use crate::{
    fincard::support::{business, consumer, refusal, upload, with},
    harness::{FincardCaller, TestApp, holder},
};

/// The e-mail addresses on a page, in its order.
async fn listed(acme: &FincardCaller<'_>, body: &Value) -> Vec<String> {
    let reply = acme.call("card/holder/list", body).await.ok();
    let records = reply["data"]["records"].as_array().unwrap();
    let addresses = records
        .iter()
        .map(|holder| holder["email"].as_str().unwrap().to_owned());
    addresses.collect()
}

/// Ana, approved; Bea, under review; Cid, rejected. Ana's id.
async fn three_holders(app: &TestApp, acme: &FincardCaller<'_>) -> Value {
    let file = upload(app, acme).await;
    let ana = with(business(ANA), &json!({"merchantOrderNo": NUMBER}));
    let bea = json!({"firstName": "Bea", "lastName": "REVIEW", "mobile": "900000000"});
    let cid = json!({
        "firstName": "Cid_100%", "lastName": "REJECT", "areaCode": "+34", "mobile": "912345678",
    });
    let mut ids = Vec::new();
    for body in [
        ana,
        with(consumer(BEA, &file), &bea),
        with(holder(CID), &cid),
    ] {
        let created = acme.call(CREATE, &body).await.ok();
        ids.push(created["data"]["holderId"].clone());
    }
    app.run_jobs().await;
    ids.swap_remove(0)
}

const NUMBER: &str = "holder-0000000000001";
const ANA: &str = "ana@example.com";
const BEA: &str = "bea@example.com";
const CID: &str = "cid@example.org";

#[tokio::test]
async fn each_filter_narrows_the_list_and_all_of_them_together() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = three_holders(&app, &acme).await;
    let (a, b, c) = (ANA, BEA, CID);
    for (filter, expected) in [
        (json!({"holderId": ana}), vec![a]),
        (json!({"cardholderId": ana.to_string()}), vec![a]),
        (json!({"areaCode": "+351", "mobile": "912345678"}), vec![a]),
        (
            json!({"phoneCountryCode": "+34", "phone": "912345678"}),
            vec![c],
        ),
        (json!({"areaCode": "+351", "mobile": "1"}), vec![]),
        (json!({"email": "BEA@example.COM"}), vec![b]),
        (json!({"email": "example.com"}), vec![]),
        (json!({"merchantOrderNo": NUMBER}), vec![a]),
        (json!({"merchantOrderNo": "holder"}), vec![]),
        (
            json!({"cardHolderModel": "B2C", "searchTerm": "example"}),
            vec![b],
        ),
        (
            json!({"cardholderType": "B2B", "searchTerm": "example."}),
            vec![c, a],
        ),
        (json!({"cardholderStatus": "REJECTED"}), vec![c]),
        (json!({"status": "reject"}), vec![c]),
        (json!({"status": "under_review"}), vec![b]),
        (json!({"cardholderStatus": "UNDER_REVIEW"}), vec![b]),
        (json!({"status": "wait_audit"}), vec![]),
        (json!({"cardholderStatus": "PENDING"}), vec![]),
        (json!({"searchTerm": "COSTA"}), vec![a]),
        (json!({"searchTerm": "ana costa"}), vec![a]),
        (json!({"searchTerm": "bea@"}), vec![b]),
        (json!({"searchTerm": "_100%"}), vec![c]),
        (json!({"searchTerm": "%a%"}), vec![]),
        (json!({"searchTerm": "nobody"}), vec![]),
        (
            json!({
                "holderId": ana, "areaCode": "+351", "mobile": "912345678", "email": a,
                "merchantOrderNo": NUMBER, "cardholderType": "B2B",
                "cardholderStatus": "APPROVED", "searchTerm": "Costa",
            }),
            vec![a],
        ),
        (json!({"holderId": ana, "email": b}), vec![]),
    ] {
        assert_eq!(listed(&acme, &filter).await, expected, "{filter}");
    }
    app.finish().await;
}

#[tokio::test]
async fn both_words_for_approved_find_the_same_and_half_a_telephone_number_finds_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    three_holders(&app, &acme).await;
    let passed = listed(&acme, &json!({"status": "pass_audit"})).await;
    assert_eq!(passed.len(), 4, "Ana and the demo people");
    assert_eq!(
        passed,
        listed(&acme, &json!({"cardholderStatus": "APPROVED"})).await
    );
    for half in [json!({"areaCode": "+351"}), json!({"mobile": "912345678"})] {
        assert_eq!(
            refusal(&acme.call("card/holder/list", &half).await),
            "missing_field"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_page_has_ten_records_unless_told_and_never_more_than_a_hundred() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for number in 0..99 {
        let body = holder(&format!("{number}@example.com"));
        acme.call(CREATE, &body).await.ok();
    }
    for (page, (num, size), (first, count)) in [
        (json!({}), (1, 10), ("98@example.com", 10)),
        (json!({"pageNum": 2}), (2, 10), ("88@example.com", 10)),
        (
            json!({"pageNo": 3, "pageSize": 40}),
            (3, 40),
            ("18@example.com", 22),
        ),
        (json!({"pageSize": 101}), (1, 100), ("98@example.com", 100)),
        (json!({"pageSize": 1}), (1, 1), ("98@example.com", 1)),
    ] {
        let reply = acme.call("card/holder/list", &page).await.ok();
        let data = &reply["data"];
        assert_eq!(
            (&data["pageNum"], &data["pageSize"]),
            (&json!(num), &json!(size))
        );
        assert_eq!(data["total"], 99 + 3, "with the demo people");
        let records = data["records"].as_array().unwrap();
        assert_eq!(records.len(), count, "{page}");
        assert_eq!(records[0]["email"], first, "{page}");
    }
    for wrong in [
        json!({"pageNum": 0}),
        json!({"pageSize": 0}),
        json!({"pageSize": "10"}),
        json!({"pageNum": -1}),
    ] {
        assert_eq!(
            refusal(&acme.call("card/holder/list", &wrong).await),
            "invalid_field"
        );
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn companies_are_no_holders_here() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let sql = "UPDATE holder SET kind = 'corporate' WHERE external_id = 'demo-person-1'";
    assert_eq!(app.change_rows(sql, vec![]).await, 1);
    let reply = acme.call("card/holder/list", &json!({})).await.ok();
    assert_eq!(reply["data"]["total"], 2);
    app.finish().await;
}

#[tokio::test]
async fn a_search_knows_capitals_of_every_alphabet() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let changes = json!({"firstName": "Émile", "lastName": "Žižka"});
    acme.call(CREATE, &with(holder(ANA), &changes)).await.ok();
    app.run_jobs().await;
    for term in ["Émile", "émile", "ŽIŽ", "žižka"] {
        assert_eq!(
            listed(&acme, &json!({"searchTerm": term})).await,
            [ANA],
            "{term}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_list_by_model_shows_what_its_records_say() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    three_holders(&app, &acme).await;
    for model in ["B2B", "B2C"] {
        let body = json!({"cardHolderModel": model, "pageSize": 100});
        let reply = acme.call("card/holder/list", &body).await.ok();
        let records = reply["data"]["records"].as_array().unwrap();
        assert!(!records.is_empty());
        for record in records {
            assert_eq!(record["cardHolderModel"], model);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn an_order_number_that_is_a_persons_external_id_elsewhere_is_taken() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    app.finci().person("shared-id").await;
    let changes = json!({"merchantOrderNo": "shared-id"});
    let reply = acme.call(CREATE, &with(holder(ANA), &changes)).await;
    assert_eq!(reply.json()["errorCode"], "order_no_conflict");
    app.finish().await;
}
