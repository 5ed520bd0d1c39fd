//! Holders of a named model: what they must have, in which form, and whom a card type takes.

use serde_json::{Value, json};

use super::CREATE;
use crate::{
    fincard::support::{business, consumer, refusal, upload, with},
    harness::{FincardCaller, TestApp, assert_golden},
};

const BUSINESS: &[&str] = &[
    "merchantOrderNo",
    "cardTypeId",
    "areaCode",
    "mobile",
    "email",
    "firstName",
    "lastName",
    "birthday",
    "country",
    "town",
    "address",
    "postCode",
];

const CONSUMER: &[&str] = &[
    "nationality",
    "gender",
    "occupation",
    "annualSalary",
    "expectedMonthlyVolume",
    "accountPurpose",
    "idType",
    "idNumber",
    "issueDate",
    "idNoExpiryDate",
    "ipAddress",
    "idFrontId",
    "idBackId",
    "idHoldId",
];

/// A field, values that do and values that do not.
type Bounds = (&'static str, Vec<Value>, Vec<Value>);

fn chars(letter: char, counts: &[usize]) -> Vec<Value> {
    let texts = counts
        .iter()
        .map(|count| String::from(letter).repeat(*count));
    texts.map(Value::from).collect()
}

fn words(words: &[&str]) -> Vec<Value> {
    words.iter().copied().map(Value::from).collect()
}

fn both(mut some: Vec<Value>, more: Vec<Value>) -> Vec<Value> {
    some.extend(more);
    some
}

/// The contract's table, field by field: what is just within its bounds and just without.
fn table() -> Vec<Bounds> {
    let email = |count: usize| json!(format!("{}@b.lt", "a".repeat(count - 5)));
    vec![
        (
            "merchantOrderNo",
            chars('n', &[20, 40]),
            both(chars('n', &[19, 41]), words(&["holder 0000000000001"])),
        ),
        (
            "mobile",
            both(chars('1', &[5, 20]), words(&["912 345-678", "1-2-3-4-5"])),
            both(
                chars('1', &[4, 21]),
                words(&["9123a5678", "1 - 2 - 34", "-----"]),
            ),
        ),
        (
            "email",
            vec![email(6), email(50)],
            vec![email(51), json!("ana")],
        ),
        (
            "firstName",
            chars('a', &[2, 26]),
            both(chars('a', &[1, 33]), words(&["J0hn", "Žana", "Ana-Maria"])),
        ),
        (
            "lastName",
            chars('a', &[2, 28]),
            both(
                chars('a', &[1, 29, 33]),
                words(&["O\u{2019}Neil", "Silva2"]),
            ),
        ),
        (
            "birthday",
            words(&["1985-03-02"]),
            words(&["02.03.1985", "1985-02-30", "2990-01-01"]),
        ),
        (
            "address",
            chars('a', &[2, 40]),
            both(chars('a', &[1, 41]), words(&["Rua Augusta, 1", "Rua/2"])),
        ),
        (
            "postCode",
            chars('1', &[2, 15]),
            both(chars('1', &[1, 16]), words(&["1100-048", "1100 048"])),
        ),
    ]
}

/// What only consumers are asked.
fn consumers() -> Vec<Bounds> {
    vec![
        (
            "gender",
            words(&["M", "F"]),
            words(&["male", "female", "X"]),
        ),
        (
            "accountPurpose",
            words(&["Travel"]),
            words(&["путешествия"]),
        ),
        (
            "idType",
            words(&["PASSPORT", "DLN", "GOVERNMENT_ISSUED_ID_CARD"]),
            words(&["VISA", "passport"]),
        ),
        ("idNumber", chars('1', &[2, 50]), chars('1', &[1, 51])),
        (
            "issueDate",
            words(&["2020-01-31", "2026-11-21"]),
            words(&["31.01.2020", "2020-02-30", "20200131", "2026-11-22"]),
        ),
        (
            "idNoExpiryDate",
            words(&["2030-12-31", "2026-11-21"]),
            words(&["2030-13-01", "soon", "2026-11-20"]),
        ),
        (
            "ipAddress",
            words(&["203.0.113.1"]),
            words(&["203.0.113.256", "::1", "localhost"]),
        ),
    ]
}

#[tokio::test]
async fn each_field_of_a_model_has_the_bounds_of_the_contract() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let mut number = 0;
    for (field, good, bad) in table().into_iter().chain(consumers()) {
        for (value, does) in good
            .iter()
            .map(|value| (value, true))
            .chain(bad.iter().map(|value| (value, false)))
        {
            number += 1;
            let body = consumer(&format!("c{number}@example.com"), &file);
            let reply = acme.call(CREATE, &with(body, &json!({field: value}))).await;
            if does {
                assert_eq!(
                    reply.ok()["data"]["cardHolderModel"],
                    "B2C",
                    "{field} {value}"
                );
            } else {
                assert_eq!(refusal(&reply), "invalid_field", "{field} {value}");
                let msg = reply.json()["msg"].as_str().unwrap().to_owned();
                assert!(msg.ends_with(&format!(": {field}")), "{msg}");
            }
        }
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_model_misses_each_of_its_fields_and_says_which() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let whole = consumer("ana@example.com", &file);
    for field in BUSINESS.iter().chain(CONSUMER) {
        for nothing in [json!("(absent)"), Value::Null, json!("")] {
            let reply = acme
                .call(CREATE, &with(whole.clone(), &json!({*field: nothing})))
                .await;
            assert_eq!(refusal(&reply), "missing_field", "{field}");
            let msg = reply.json()["msg"].as_str().unwrap().to_owned();
            assert!(msg.ends_with(&format!(": {field}")), "{msg}");
        }
    }
    // State is optional in both forms, and a business's holder needs no document.
    let body = with(
        business("eva@example.com"),
        &json!({"idNumber": "(absent)"}),
    );
    acme.call(CREATE, &body).await.ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn the_whole_name_is_bounded_with_its_blank() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (first, last, does) in [
        (16, 15, true),
        (16, 16, false),
        (30, 2, false),
        (29, 2, true),
    ] {
        let names = json!({"firstName": "a".repeat(first), "lastName": "b".repeat(last)});
        let body = with(business(&format!("n{first}x{last}@example.com")), &names);
        let body = with(body, &json!({"idNumber": "(absent)"}));
        let reply = acme.call(CREATE, &body).await;
        assert_eq!(
            reply.json()["success"],
            does,
            "{first} {last}: {}",
            reply.text
        );
    }
    app.run_jobs().await;
    app.finish().await;
}

/// What a call answers to a body with some fields replaced: success, or the word of the refusal.
async fn verdict(acme: &FincardCaller<'_>, body: Value) -> String {
    let reply = acme.call(CREATE, &body).await;
    let word = reply.json()["errorCode"].as_str().map(str::to_owned);
    word.unwrap_or_else(|| "success".to_owned())
}

#[tokio::test]
async fn a_card_type_takes_whom_it_supports() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let hong_kong = |kind: &str| json!({"nationality": "HK", "idType": kind});
    let cases = [
        (json!({"country": "IR"}), "restricted_country"),
        (json!({"nationality": "KP"}), "restricted_country"),
        (json!({"country": "AQ"}), "country_not_supported"),
        (json!({"country": "QQ"}), "country_not_supported"),
        (json!({"nationality": "QQ"}), "country_not_supported"),
        (json!({"areaCode": "+98"}), "area_code_not_supported"),
        (json!({"areaCode": "351"}), "area_code_not_supported"),
        (json!({"areaCode": "+999"}), "area_code_not_supported"),
        (json!({"town": "Lisboa"}), "city_not_found"),
        (json!({"town": "LT_58"}), "city_not_found"),
        (json!({"occupation": "99-9999"}), "occupation_not_found"),
        (json!({"occupation": "chief"}), "occupation_not_found"),
        (hong_kong("DLN"), "id_type_not_allowed"),
        (
            hong_kong("GOVERNMENT_ISSUED_ID_CARD"),
            "id_type_not_allowed",
        ),
        (json!({"idType": "HK_HKID"}), "id_type_not_allowed"),
        (
            json!({"kycVerification": "(absent)"}),
            "kyc_verification_required",
        ),
        (json!({"cardTypeId": 111_001}), "holder_model_mismatch"),
        (json!({"cardTypeId": 42}), "card_type_not_found"),
        // What spends from a FINCI account is not in this catalogue.
        (json!({"cardTypeId": 112_001}), "card_type_not_found"),
        (json!({"idFrontId": "front"}), "file_not_found"),
        (
            json!({"idBackId": "00000000-0000-4000-8000-000000000000"}),
            "file_not_found",
        ),
        (json!({"idHoldId": "hold"}), "file_not_found"),
    ];
    for (number, (changes, expected)) in cases.into_iter().enumerate() {
        let body = with(consumer(&format!("x{number}@example.com"), &file), &changes);
        assert_eq!(verdict(&acme, body).await, expected, "{changes}");
    }
    for (number, changes) in [
        hong_kong("PASSPORT"),
        hong_kong("HK_HKID"),
        json!({"town": "PT-11"}),
        json!({"areaCode": "+1"}),
        json!({"idFrontId": file.to_uppercase()}),
    ]
    .into_iter()
    .enumerate()
    {
        let body = with(consumer(&format!("y{number}@example.com"), &file), &changes);
        assert_eq!(verdict(&acme, body).await, "success", "{changes}");
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_strangers_file_is_no_file() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let theirs = upload(&app, &strangers).await;
    let foreign = acme
        .call(CREATE, &consumer("ana@example.com", &theirs))
        .await;
    let nobodys = consumer("ana@example.com", "00000000-0000-4000-8000-000000000000");
    let missing = acme.call(CREATE, &nobodys).await;
    assert_eq!(refusal(&foreign), "file_not_found");
    assert_eq!(foreign.bytes(), missing.bytes());
    strangers
        .call(CREATE, &consumer("ana@example.com", &theirs))
        .await
        .ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn outside_a_sandbox_every_file_must_be_there() {
    let name = cardwright_server::store::environment::EnvironmentName::Production;
    let app = TestApp::in_environment(name).await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let loose = crate::harness::holder("ana@example.com");
    let body = with(loose.clone(), &json!({"idFrontId": "front-1"}));
    assert_eq!(verdict(&acme, body).await, "file_not_found");
    let body = with(loose, &json!({"idFrontId": file}));
    assert_eq!(verdict(&acme, body).await, "success");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_place_goes_out_with_its_name() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let made = acme.call(CREATE, &business("ana@example.com")).await.ok();
    assert_eq!(made["data"]["countryStr"], "Portugal");
    assert_eq!(made["data"]["townStr"], "Lisboa");
    assert_eq!(made["data"]["cardholderType"], "B2B");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn the_strict_form_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let right = consumer("ana@example.com", &file);
    let but = |changes: Value| with(consumer("other@example.com", &file), &changes);
    let bodies = vec![
        ("a consumer", right.clone()),
        ("the same again", right.clone()),
        ("a business's holder", business("eva@example.com")),
        ("nothing but a model", json!({"cardHolderModel": "B2C"})),
        (
            "wrong forms",
            but(json!({"firstName": "Ž", "postCode": "1100-048", "gender": "female"})),
        ),
        ("an unsupported country", but(json!({"country": "AQ"}))),
        ("an unsupported dial code", but(json!({"areaCode": "+98"}))),
        ("no such place", but(json!({"town": "Lisboa"}))),
        ("no such occupation", but(json!({"occupation": "00-0000"}))),
        (
            "another country's document",
            but(json!({"idType": "HK_HKID"})),
        ),
        ("no check elsewhere", but(json!({"kycVerification": null}))),
        ("no such file", but(json!({"idHoldId": "hold-1"}))),
        (
            "another model's card type",
            but(json!({"cardTypeId": 111_001})),
        ),
        (
            "an address that is taken",
            but(json!({"email": "ana@example.com"})),
        ),
        (
            "a document that is taken",
            but(json!({"idNumber": right["idNumber"]})),
        ),
    ];
    let conversation = bodies
        .into_iter()
        .map(|(title, body)| (title, acme.request(CREATE, &body.to_string())))
        .collect();
    assert_golden(&app, "fincard_holder_create_strict", conversation).await;
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn the_older_creation_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let right = with(business("ana@example.com"), &json!({"nationality": "PT"}));
    let bodies = vec![
        ("a business's holder", right.clone()),
        ("the same again", right.clone()),
        ("other content", with(right, &json!({"firstName": "Eva"}))),
        ("no nationality", business("eva@example.com")),
        ("the loose form", crate::harness::holder("eva@example.com")),
        ("nothing", json!({})),
    ];
    let conversation = bodies
        .into_iter()
        .map(|(title, body)| (title, acme.request("card/holder/create", &body.to_string())))
        .collect();
    assert_golden(&app, "fincard_holder_create_v1", conversation).await;
    app.run_jobs().await;
    app.finish().await;
}
