//! Holders: the loose form under all its names, what is unique, and who sees how much.

mod checks;
mod corrections;
mod lists;
mod strict;

use serde_json::{Value, json};

use super::{
    conversations::full_holder,
    support::{refusal, with},
};
use crate::harness::{FincardCaller, TestApp, holder};

const CREATE: &str = "card/holder/v2/create";

/// Names under which a field may come, the field of the answer in which it goes out, and a value.
/// A dot leads into a nested object, a number into a list.
const NAMES: [(&[&str], &str, &str); 26] = [
    (&["firstName", "personalInfo.firstName"], "firstName", "Eva"),
    (&["lastName", "personalInfo.lastName"], "lastName", "Silva"),
    (
        &["middleName", "personalInfo.middleName"],
        "personalInfo.middleName",
        "Rosa",
    ),
    (
        &["birthday", "dateOfBirth", "personalInfo.dateOfBirth"],
        "birthday",
        "1970-12-31",
    ),
    (&["email", "personalInfo.email"], "email", "eva@example.net"),
    (&["areaCode", "phoneCountryCode"], "areaCode", "+351"),
    (
        &[
            "mobile",
            "phone",
            "phoneNumber",
            "mobileNumber",
            "personalInfo.phoneNumber",
            "personalInfo.mobileNumber",
        ],
        "mobile",
        "912345678",
    ),
    (&["country", "residentialAddress.country"], "country", "ES"),
    (
        &["nationality", "personalInfo.nationality"],
        "nationality",
        "FR",
    ),
    (
        &["address", "addressLine1", "residentialAddress.addressLine1"],
        "address",
        "Rua Nova 7",
    ),
    (
        &["addressLine2", "residentialAddress.addressLine2"],
        "residentialAddress.addressLine2",
        "3. Esq",
    ),
    (
        &["town", "city", "residentialAddress.city"],
        "town",
        "PT_11",
    ),
    (&["state", "residentialAddress.state"], "state", "Lisboa"),
    (
        &[
            "postCode",
            "zipCode",
            "postalCode",
            "residentialAddress.postalCode",
        ],
        "postCode",
        "1100-048",
    ),
    (&["gender", "personalInfo.gender"], "gender", "female"),
    (
        &[
            "occupation",
            "occupationCode",
            "employmentInfo.occupationCode",
        ],
        "occupation",
        "11-1011",
    ),
    (
        &[
            "annualSalary",
            "annualIncome",
            "employmentInfo.annualIncome",
        ],
        "annualSalary",
        "100000 USD",
    ),
    (
        &["idType", "documentType", "kycDocuments.0.documentType"],
        "idType",
        "PASSPORT",
    ),
    (
        &[
            "issueDate",
            "documentIssueDate",
            "kycDocuments.0.documentIssueDate",
        ],
        "issueDate",
        "2020-01-31",
    ),
    (
        &[
            "idNoExpiryDate",
            "documentExpiryDate",
            "kycDocuments.0.documentExpiryDate",
        ],
        "idNoExpiryDate",
        "2030-01-31",
    ),
    (&["idFrontId", "idFrontFileId"], "idFrontId", "front-1"),
    (&["idBackId", "idBackFileId"], "idBackId", "back-1"),
    (
        &["employmentInfo.employerName"],
        "employmentInfo.employerName",
        "Pastelaria",
    ),
    (
        &["residentialAddress.addressType"],
        "residentialAddress.addressType",
        "RESIDENTIAL",
    ),
    (&["mailingAddress.city"], "mailingAddress.city", "Porto"),
    (
        &["kycDocuments.0.documentIssuingCountry"],
        "kycDocuments.0.documentIssuingCountry",
        "PT",
    ),
];

/// Puts a value where a dotted name leads.
fn put(body: &mut Value, name: &str, value: &Value) {
    let Some((outer, rest)) = name.split_once('.') else {
        body[name] = value.clone();
        return;
    };
    let (empty, index) = match outer {
        "kycDocuments" => (json!([{}]), Some(0)),
        _ => (json!({}), None),
    };
    if body[outer].is_null() {
        body[outer] = empty;
    }
    match index {
        Some(index) => put(
            &mut body[outer][index],
            rest.trim_start_matches("0."),
            value,
        ),
        None => put(&mut body[outer], rest, value),
    }
}

fn got<'v>(object: &'v Value, name: &str) -> &'v Value {
    name.split('.')
        .fold(object, |at, part| match part.parse::<usize>() {
            Ok(index) => &at[index],
            Err(_) => &at[part],
        })
}

/// A holder nobody else is, without the fields of a name.
fn nobody_else(number: usize, names: &[&str]) -> Value {
    let mut body = holder(&format!("holder-{number}@example.com"));
    for name in names {
        body.as_object_mut().unwrap().remove(*name);
    }
    body
}

#[tokio::test]
async fn a_field_is_taken_under_each_of_its_names_and_goes_out_under_its_own() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut number = 0;
    for (names, field, value) in NAMES {
        for name in names {
            number += 1;
            let mut body = nobody_else(number, names);
            let value = if field == "email" {
                json!(format!("{number}.{value}"))
            } else {
                json!(value)
            };
            put(&mut body, name, &value);
            let reply = acme.call(CREATE, &body).await.ok();
            assert_eq!(got(&reply["data"], field), &value, "{name}");
        }
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn two_names_of_a_field_agree_or_are_refused() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (number, (names, field, value)) in NAMES.into_iter().enumerate() {
        for other in &names[1..] {
            let mut body = nobody_else(number, names);
            put(&mut body, names[0], &json!(value));
            put(&mut body, other, &json!(format!("{value}0")));
            // Another spelling of the value may be no value of its kind at all.
            let word = refusal(&acme.call(CREATE, &body).await);
            let strict = ["birthday", "country", "nationality"].contains(&field);
            let expected = if strict {
                "invalid_field"
            } else {
                "alias_conflict"
            };
            assert_eq!(word, expected, "{} and {other}", names[0]);
        }
        let mut body = nobody_else(1_000 + number, names);
        for name in names {
            put(&mut body, name, &json!(value));
        }
        acme.call(CREATE, &body).await.ok();
    }
    let body = with(
        holder("x@example.com"),
        &json!({"birthday": "1985-03-02", "dateOfBirth": "1985-03-03"}),
    );
    assert_eq!(refusal(&acme.call(CREATE, &body).await), "alias_conflict");
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_wholly_nested_body_says_the_same_as_a_flat_one() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let flat = with(
        full_holder("ana@example.com"),
        &json!({"merchantOrderNo": "(absent)", "kycVerification": "(absent)"}),
    );
    let nested = json!({
        "cardTypeId": 111_001,
        "personalInfo": {
            "firstName": "Ana", "lastName": "Costa", "dateOfBirth": "1985-03-02", "gender": "F",
            "nationality": "PT", "email": "ana@example.com", "phoneNumber": "912345678",
            "mobileNumber": "912345678",
        },
        "phoneCountryCode": "+351",
        "residentialAddress": {
            "addressLine1": "Rua Augusta 1", "city": "PT_11", "state": "Lisboa",
            "postalCode": "1100-048", "country": "PT",
        },
        "employmentInfo": {"occupationCode": "11-1011", "annualIncome": "100000 USD"},
        "kycDocuments": [{
            "documentType": "PASSPORT", "documentNumber": "P12345678",
            "documentIssueDate": "2020-01-31", "documentExpiryDate": "2030-01-31",
        }],
        "idFrontFileId": "front-1", "idBackFileId": "back-1", "idHoldId": "hold-1",
        "ipAddress": "198.51.100.7", "accountPurpose": "Travel expenses",
        "expectedMonthlyVolume": "10000 USD",
    });
    let mut answers = Vec::new();
    for (caller, body) in [(&acme, flat), (&strangers, nested)] {
        let mut reply = caller.call(CREATE, &body).await.ok();
        for id in ["holderId", "cardholderId", "merchantOrderNo"] {
            reply["data"][id] = Value::Null;
        }
        answers.push(reply);
    }
    assert_eq!(answers[0], answers[1]);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn the_loose_form_requires_little_and_says_what_is_missing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for field in [
        "firstName",
        "lastName",
        "birthday",
        "email",
        "address",
        "country",
        "idNumber",
    ] {
        for nothing in [json!("(absent)"), Value::Null, json!("")] {
            let body = with(holder("ana@example.com"), &json!({field: nothing}));
            let reply = acme.call(CREATE, &body).await;
            assert_eq!(refusal(&reply), "missing_field", "{field}");
            let msg = reply.json()["msg"].as_str().unwrap().to_owned();
            assert!(msg.ends_with(&format!(": {field}")), "{msg}");
        }
    }
    let nationality = json!({"country": "(absent)", "nationality": "PT"});
    let picture = json!({"idNumber": "(absent)", "idFrontId": "front-1"});
    for (email, changes) in [
        ("one@example.com", nationality),
        ("two@example.com", picture),
    ] {
        acme.call(CREATE, &with(holder(email), &changes)).await.ok();
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn fields_have_their_bounds() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for changes in [
        json!({"firstName": "x".repeat(101)}),
        json!({"firstName": "a\u{0}b"}),
        json!({"firstName": ["Ana"]}),
        json!({"birthday": "02.03.1985"}),
        json!({"birthday": "1985-3-2"}),
        json!({"birthday": 476_582_400_000_i64}),
        json!({"email": "ana"}),
        json!({"email": "ana@example"}),
        json!({"email": "Ana <ana@example.com>"}),
        json!({"country": "PRT"}),
        json!({"country": "pt"}),
        json!({"nationality": "QQ"}),
        json!({"town": "x".repeat(101)}),
        json!({"idNumber": "x".repeat(101)}),
        json!({"merchantOrderNo": "x".repeat(101)}),
        json!({"cardHolderModel": "b2b"}),
        json!({"personalInfo": "Ana"}),
        json!({"kycDocuments": {}}),
        json!({"mailingAddress": []}),
        json!({"kycVerification": "SUMSUB"}),
    ] {
        let body = with(holder("ana@example.com"), &changes);
        assert_eq!(
            refusal(&acme.call(CREATE, &body).await),
            "invalid_field",
            "{changes}"
        );
    }
    let body = with(
        holder("ana@example.com"),
        &json!({"kycVerification": {"provider": "SUMSUB"}}),
    );
    assert_eq!(refusal(&acme.call(CREATE, &body).await), "missing_field");
    let changes =
        json!({"firstName": "x".repeat(100), "town": "ü".repeat(100), "merchantOrderNo": "1"});
    acme.call(CREATE, &with(holder("ana@example.com"), &changes))
        .await
        .ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn nobody_of_a_restricted_country_is_taken_by_residence_or_by_passport() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let restricted = "AF BI BY CF CU EG IR KP LY MM NG RU SD SO SS SY UA VE ZA ZW";
    for country in restricted.split(' ') {
        for field in ["country", "nationality"] {
            let body = with(holder("ana@example.com"), &json!({field: country}));
            assert_eq!(
                refusal(&acme.call(CREATE, &body).await),
                "restricted_country",
                "{country}"
            );
        }
    }
    acme.call(CREATE, &holder("ana@example.com")).await.ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn nobody_is_born_tomorrow_and_a_name_says_something() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (field, value) in [
        ("birthday", "2026-11-22"),
        ("birthday", "1899-12-31"),
        ("firstName", " "),
        ("lastName", "\u{a0}"),
        ("idNumber", " "),
        ("address", "\u{202e}x"),
    ] {
        let body = with(holder("ana@example.com"), &json!({field: value}));
        let reply = acme.call(CREATE, &body).await;
        assert_eq!(refusal(&reply), "invalid_field", "{field} {value:?}");
    }
    let today = with(
        holder("ana@example.com"),
        &json!({"birthday": "2026-11-21"}),
    );
    acme.call(CREATE, &today).await.ok();
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_holder_without_an_order_number_gets_one_and_is_found_by_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let made = acme.call(CREATE, &holder("ana@example.com")).await.ok();
    let number = made["data"]["merchantOrderNo"].clone();
    assert!(
        (20..=40).contains(&number.as_str().unwrap().len()),
        "{number}"
    );
    app.run_jobs().await;
    let body = json!({"merchantOrderNo": number});
    let found = acme.call("card/holder/list", &body).await.ok();
    assert_eq!(found["data"]["total"], 1);
    app.finish().await;
}

#[tokio::test]
async fn address_and_document_are_unique_for_a_card_type_within_a_tenant() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    let body = |email: &str, number: &str, product: Value| {
        with(
            holder(email),
            &json!({"idNumber": number, "cardTypeId": product}),
        )
    };
    let (first, second, any) = (json!(111_001), json!(111_065), Value::Null);
    acme.call(CREATE, &body("ana@example.com", "P-1", first.clone()))
        .await
        .ok();
    for (email, number, product, word) in [
        ("ANA@example.com", "P-2", &first, "duplicate_email"),
        ("ana@example.com", "P-1", &any, "duplicate_email"),
        ("eve@example.com", "P-1", &first, "duplicate_id_number"),
        ("eve@example.com", "P-1", &any, "duplicate_id_number"),
        ("eve@example.com", " p-1 ", &first, "duplicate_id_number"),
    ] {
        let reply = acme
            .call(CREATE, &body(email, number, product.clone()))
            .await;
        assert_eq!(refusal(&reply), word, "{email} {number} {product}");
    }
    acme.call(CREATE, &body("ana@example.com", "P-1", second))
        .await
        .ok();
    strangers
        .call(CREATE, &body("ana@example.com", "P-1", first.clone()))
        .await
        .ok();
    acme.call(CREATE, &body("any@example.com", "P-9", any))
        .await
        .ok();
    let reply = acme
        .call(CREATE, &body("any@example.com", "P-8", first))
        .await;
    assert_eq!(
        refusal(&reply),
        "duplicate_email",
        "who suits every card type suits this one"
    );
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn the_number_of_a_document_is_shown_and_stored_masked_only() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let number = "SECRET4711DOCUMENT";
    let body = with(full_holder("ana@example.com"), &json!({"idNumber": number}));
    let created = acme.call(CREATE, &body).await;
    let id = created.ok()["data"]["holderId"].clone();
    app.run_jobs().await;
    let again = acme.call(CREATE, &body).await;
    let listed = acme
        .call("card/holder/list", &json!({"holderId": id}))
        .await;
    for reply in [&created, &again, &listed] {
        assert!(!reply.text.contains(number), "{}", reply.text);
    }
    assert_eq!(created.bytes(), again.bytes());
    for holder in [
        &created.json()["data"],
        &listed.json()["data"]["records"][0],
    ] {
        assert_eq!(holder["idNumber"], "**************MENT");
        assert_eq!(
            holder["kycDocuments"][0]["documentNumber"],
            "**************MENT"
        );
    }
    for sql in [
        "SELECT COUNT(*) FROM holder WHERE INSTR(profile, 'SECRET4711') > 0 \
         OR INSTR(COALESCE(document_masked, ''), 'SECRET4711') > 0 \
         OR INSTR(CAST(document_sealed AS TEXT), 'SECRET4711') > 0",
        "SELECT COUNT(*) FROM answered_request WHERE INSTR(answer, 'SECRET4711') > 0",
        "SELECT COUNT(*) FROM event WHERE INSTR(facts, 'SECRET4711') > 0",
        "SELECT COUNT(*) FROM audit WHERE INSTR(subject_id || outcome, 'SECRET4711') > 0",
    ] {
        assert_eq!(app.number(sql, &[]).await, 0, "{sql}");
    }
    app.finish().await;
}
