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
        (json!({"pageSize": "1"}), (1, 1), ("98@example.com", 1)),
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
        json!({"pageSize": "10 "}),
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
async fn numbers_of_both_creations_and_ids_of_another_api_stand_beside_each_other() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let elsewhere = app.finci().person("shared-id").await;
    let body = |email: &str| with(holder(email), &json!({"merchantOrderNo": "shared-id"}));
    let create = async |path: &str, email: &str| {
        let reply = acme.call(path, &body(email)).await.ok();
        assert_eq!(reply["data"]["merchantOrderNo"], "shared-id");
        reply["data"]["holderId"].as_i64().unwrap()
    };
    let newer = create(CREATE, "newer@example.com").await;
    let older = create("card/holder/create", "older@example.com").await;
    assert_ne!(newer, older, "each operation has numbers of its own");
    assert_eq!(newer, create(CREATE, "newer@example.com").await);
    for path in [CREATE, "card/holder/create"] {
        let reply = acme.call(path, &body("other@example.com")).await;
        assert_eq!(reply.json()["errorCode"], "order_no_conflict", "{path}");
    }
    let filter = json!({"merchantOrderNo": "shared-id"});
    let listed = acme.call("card/holder/list", &filter).await.ok();
    assert_eq!(
        listed["data"]["total"], 3,
        "the person of the other API too"
    );
    let again = app.finci().person("shared-id").await;
    assert_eq!(again, elsewhere, "whose id still means the same");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn an_id_of_the_other_api_is_free_until_that_api_gives_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let changes = json!({"merchantOrderNo": "early-bird"});
    let reply = acme.call(CREATE, &with(holder(ANA), &changes)).await.ok();
    app.run_jobs().await;
    assert_eq!(reply["data"]["merchantOrderNo"], "early-bird");
    app.finci().person("early-bird").await;
    let taken = crate::harness::person("demo-person-1");
    let refused = app.finci().post("create-person", &taken).await;
    assert_eq!(refused.code(), "external_id_conflict", "{}", refused.text);
    app.finish().await;
}

#[tokio::test]
async fn a_loose_number_is_free_text_and_a_strict_one_is_not() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let loose = json!({"merchantOrderNo": "Nr. 7 / \u{160}iauliai"});
    let reply = acme.call(CREATE, &with(holder(ANA), &loose)).await.ok();
    assert_eq!(reply["data"]["merchantOrderNo"], "Nr. 7 / \u{160}iauliai");
    let long = json!({"merchantOrderNo": "x".repeat(101)});
    let reply = acme
        .call(CREATE, &with(holder("b@example.com"), &long))
        .await;
    assert_eq!(reply.json()["errorCode"], "invalid_field");
    for number in [
        "holder with some blanks",
        "holder/with/some/slashes",
        "short",
        &"x".repeat(41),
    ] {
        let strict = with(
            business("c@example.com"),
            &json!({"merchantOrderNo": number}),
        );
        let reply = acme.call(CREATE, &strict).await.json();
        assert_eq!(reply["errorCode"], "invalid_field", "{number}");
        assert!(reply["msg"].as_str().unwrap().contains("merchantOrderNo"));
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn what_nobody_said_is_answered_by_its_default_and_further_documents_are_kept() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let reply = acme.call(CREATE, &holder(ANA)).await.ok();
    let plain = &reply["data"];
    assert_eq!(plain["riskLevel"], "LOW");
    assert_eq!(plain["residentialAddress"]["addressType"], "RESIDENTIAL");
    assert_eq!(plain["residentialAddress"]["isPrimary"], true);
    assert_eq!(plain["kycDocuments"].as_array().unwrap().len(), 1);
    let documents = json!([
        {"documentType": "PASSPORT", "documentNumber": "P7654321"},
        {"documentType": "DLN", "documentNumber": "D1234567", "documentIssuingCountry": "PT"},
        {},
        {"documentType": "UTILITY_BILL", "documentFrontImageUrl": "https://kyc.example/bill.png"},
    ]);
    let changes = json!({
        "riskLevel": "HIGH", "idNumber": "(absent)", "kycDocuments": documents,
        "residentialAddress": {"addressType": "OFFICE", "isPrimary": false},
    });
    let body = with(holder("bea@example.com"), &changes);
    let reply = acme.call(CREATE, &body).await.ok();
    let told = &reply["data"];
    assert_eq!(told["riskLevel"], "HIGH");
    assert_eq!(told["residentialAddress"]["addressType"], "OFFICE");
    assert_eq!(told["residentialAddress"]["isPrimary"], false);
    let kept = told["kycDocuments"].as_array().unwrap();
    let seen = |index: usize, name: &str| kept[index][name].as_str().unwrap_or("(null)");
    assert_eq!(kept.len(), 3, "an empty one says nothing");
    assert_eq!(
        (seen(0, "documentType"), seen(0, "documentNumber")),
        ("PASSPORT", "******21")
    );
    assert_eq!(
        (seen(1, "documentType"), seen(1, "documentNumber")),
        ("DLN", "******67")
    );
    assert_eq!(seen(1, "documentIssuingCountry"), "PT");
    assert_eq!(
        seen(2, "documentFrontImageUrl"),
        "https://kyc.example/bill.png"
    );
    let listed = json!({"holderId": told["holderId"]});
    let listed = acme.call("card/holder/list", &listed).await.ok();
    assert_eq!(
        listed["data"]["records"][0]["kycDocuments"],
        told["kycDocuments"]
    );
    let whole = "SELECT COUNT(*) FROM holder WHERE profile LIKE '%D1234567%'";
    assert_eq!(
        app.number(whole, &[]).await,
        0,
        "no more is kept than is shown"
    );
    let many = json!({"kycDocuments": vec![json!({"documentType": "DLN"}); 11]});
    let reply = acme
        .call(CREATE, &with(holder("c@example.com"), &many))
        .await;
    assert_eq!(reply.json()["errorCode"], "invalid_field");
    let wrong = json!({"kycDocuments": [{}, "PASSPORT"]});
    let reply = acme
        .call(CREATE, &with(holder("d@example.com"), &wrong))
        .await;
    assert_eq!(reply.json()["errorCode"], "invalid_field", "{}", reply.text);
    app.run_jobs().await;
    app.finish().await;
}
