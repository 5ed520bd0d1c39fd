//! From a picture to an approved holder, corrections on the way, and new addresses.

use cardwright_server::store::db::Value as Stored;
use serde_json::{Value, json};

use super::CREATE;
use crate::{
    fincard::support::{business, consumer, decide_by_hand, opening, refusal, upload, with},
    harness::{FincardCaller, TestApp, assert_golden, callers, holder},
};

const UPDATE: &str = "card/holder/v2/update";
const EMAIL: &str = "card/holder/updateEmail";

/// Kind and status of what was told about a holder, the oldest first.
async fn told(app: &TestApp, holder: &Value) -> Vec<String> {
    let sql = "SELECT kind, facts FROM event WHERE subject_kind = 'holder' AND subject_id = $1 \
               ORDER BY id";
    let id = Stored::from(holder.as_i64().unwrap());
    let rows = app.rows(sql, vec![id]).await;
    let said = |row: &cardwright_server::store::db::Row| {
        let facts: Value = serde_json::from_str(&row.get::<String>(1).unwrap()).unwrap();
        let kind = row.get::<String>(0).unwrap();
        facts["status"].as_str().map_or(kind, str::to_owned)
    };
    rows.iter().map(said).collect()
}

async fn decide(app: &TestApp, holder: &Value, decision: Value) {
    let body = with(json!({"holder_id": holder.to_string()}), &decision);
    let sandbox = app.sandbox();
    sandbox.post("simulate/holder-review", &body).await.record();
}

async fn read(caller: &FincardCaller<'_>, holder: &Value) -> Value {
    let body = json!({"holderId": holder});
    let listed = caller.call("card/holder/list", &body).await.ok();
    listed["data"]["records"][0].clone()
}

/// A holder whom staff has refused.
async fn refused_holder(app: &TestApp, caller: &FincardCaller<'_>, body: &Value) -> Value {
    let made = caller.call(CREATE, body).await.ok();
    let id = made["data"]["holderId"].clone();
    let reason = json!({"decision": "reject", "reason": "The picture is blurred"});
    decide(app, &id, reason).await;
    id
}

#[tokio::test]
async fn from_a_picture_to_an_approved_holder_with_one_correction_on_the_way() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;

    // What the form is filled in with.
    let blurred = upload(&app, &acme).await;
    let occupations = acme.call("card/holder/occupations", &json!({})).await.ok();
    let places = json!({"regionCode": "PT"});
    let places = acme.call("common/v2/city", &places).await.ok();
    let codes = acme.call("common/mobileAreaCode", &json!({})).await.ok();
    let codes = codes["data"].as_array().unwrap();
    let portugal = codes.iter().find(|code| code["areaCode"] == "PT").unwrap();
    let filled_in = json!({
        "occupation": occupations["data"][0]["occupationCode"],
        "town": places["data"][0]["children"][0]["code"],
        "areaCode": portugal["code"],
    });

    // The form is sent, and staff refuses it.
    let body = with(consumer("ana@example.com", &blurred), &filled_in);
    let made = acme.call(CREATE, &body).await.ok();
    let ana = made["data"]["holderId"].clone();
    assert_eq!(made["data"]["status"], "wait_audit");
    let reason = json!({"decision": "reject", "reason": "The picture is blurred"});
    decide(&app, &ana, reason).await;
    let refused = read(&acme, &ana).await;
    assert_eq!(refused["status"], "reject");
    assert_eq!(refused["statusFlowLocation"], "admin");
    assert_eq!(refused["description"], "The picture is blurred");

    // A better picture; staff and channel are content.
    let sharp = upload(&app, &acme).await;
    let better = json!({"holderId": ana, "idFrontId": sharp});
    let corrected = acme.call(UPDATE, &better).await.ok();
    assert_eq!(corrected["data"]["status"], "wait_audit");
    assert_eq!(corrected["data"]["idFrontFileId"], sharp.as_str());
    assert_eq!(corrected["data"]["idBackFileId"], blurred.as_str());
    assert!(corrected["data"]["description"].is_null());
    decide(&app, &ana, json!({"decision": "approve"})).await;
    decide(&app, &ana, json!({"decision": "approve"})).await;
    assert_eq!(read(&acme, &ana).await["cardholderStatus"], "APPROVED");
    let steps = [
        "wait_audit",
        "reject",
        "wait_audit",
        "under_review",
        "pass_audit",
    ];
    assert_eq!(told(&app, &ana).await, steps);

    // The card that all this was for.
    let open = json!({
        "merchantOrderNo": "order-0000000000001", "cardTypeId": 111_065, "amount": "25.00",
        "holderId": ana,
    });
    acme.call("card/v2/openCard", &open).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn checks_that_decide_themselves_look_again_after_a_correction() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let body = with(business("ana@example.com"), &json!({"lastName": "REJECT"}));
    let made = acme.call(CREATE, &body).await.ok();
    let id = made["data"]["holderId"].clone();
    app.run_jobs().await;
    assert_eq!(read(&acme, &id).await["status"], "reject");
    let renamed = json!({"holderId": id, "lastName": "Costa"});
    let answer = acme.call(UPDATE, &renamed).await.ok();
    assert_eq!(answer["data"]["status"], "wait_audit");
    app.run_jobs().await;
    assert_eq!(read(&acme, &id).await["status"], "pass_audit");
    let steps = [
        "wait_audit",
        "reject",
        "wait_audit",
        "under_review",
        "pass_audit",
    ];
    assert_eq!(told(&app, &id).await, steps);
    app.finish().await;
}

#[tokio::test]
async fn a_correction_changes_what_it_names_and_leaves_the_rest() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let file = upload(&app, &acme).await;
    let id = refused_holder(&app, &acme, &consumer("ana@example.com", &file)).await;
    let before = read(&acme, &id).await;
    app.pass(60);
    let changes = json!({
        "holderId": id, "residentialAddress": {"addressLine1": "Rua Nova 7"},
        "idNumber": "X987654321", "riskLevel": "HIGH", "mailingAddress": {"city": "Porto"},
        "state": null, "lastName": "",
    });
    acme.call("card/holder/update", &changes).await.ok();
    let after = read(&acme, &id).await;
    let mut changed: Vec<&str> = Vec::new();
    for (name, value) in after.as_object().unwrap() {
        if before[name] != *value {
            changed.push(name);
        }
    }
    changed.sort_unstable();
    let expected = [
        "address",
        "cardholderStatus",
        "description",
        "idNumber",
        "kycDocuments",
        "mailingAddress",
        "residentialAddress",
        "respMsg",
        "riskLevel",
        "status",
        "updateTime",
    ];
    assert_eq!(changed, expected);
    assert_eq!(after["idNumber"], "*******321");
    // The new number is taken now, and the old one is free.
    let taken = with(
        consumer("eva@example.com", &file),
        &json!({"idNumber": "X987654321"}),
    );
    assert_eq!(
        refusal(&acme.call(CREATE, &taken).await),
        "duplicate_id_number"
    );
    let free = with(taken, &json!({"idNumber": "P-ana@example.com"}));
    acme.call(CREATE, &free).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_correction_keeps_the_rules_of_the_holders_model() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let file = upload(&app, &acme).await;
    let strict = refused_holder(&app, &acme, &consumer("ana@example.com", &file)).await;
    let loose = refused_holder(&app, &acme, &holder("eva@example.com")).await;
    for (id, changes, word) in [
        (&strict, json!({"postCode": "1100-048"}), "invalid_field"),
        (&strict, json!({"gender": "female"}), "invalid_field"),
        (
            &strict,
            json!({"lastName": "a".repeat(31)}),
            "invalid_field",
        ),
        (&strict, json!({"town": "Lisboa"}), "city_not_found"),
        (&strict, json!({"country": "LT"}), "city_not_found"),
        (
            &strict,
            json!({"nationality": "HK", "idType": "DLN"}),
            "id_type_not_allowed",
        ),
        (&strict, json!({"nationality": "SY"}), "restricted_country"),
        (
            &strict,
            json!({"areaCode": "+98"}),
            "area_code_not_supported",
        ),
        (&strict, json!({"occupation": "1"}), "occupation_not_found"),
        (&strict, json!({"idHoldId": "hold"}), "file_not_found"),
        (
            &strict,
            json!({"cardTypeId": 111_001}),
            "holder_model_mismatch",
        ),
        (
            &strict,
            json!({"email": "eva@example.com"}),
            "duplicate_email",
        ),
        (
            &strict,
            json!({"idNumber": "P-eva@example.com"}),
            "duplicate_id_number",
        ),
        (&strict, json!({"birthday": "2990-01-01"}), "invalid_field"),
        (&loose, json!({"cardHolderModel": "B2B"}), "missing_field"),
        (&loose, json!({"cardTypeId": 42}), "card_type_not_found"),
        (&loose, json!({"country": "QQ"}), "invalid_field"),
    ] {
        let body = with(changes.clone(), &json!({"holderId": id}));
        assert_eq!(refusal(&acme.call(UPDATE, &body).await), word, "{changes}");
        assert_eq!(read(&acme, id).await["status"], "reject");
    }
    // The loose form stays loose, and may become strict once it is whole.
    let free =
        json!({"holderId": loose, "postCode": "1100-048", "town": "Lisboa", "idFrontId": "x"});
    acme.call(UPDATE, &free).await.ok();
    let reason = json!({"decision": "reject", "reason": "Which card type is it for?"});
    decide(&app, &loose, reason).await;
    let whole = with(business("eva@example.com"), &json!({"holderId": loose}));
    assert_eq!(refusal(&acme.call(UPDATE, &whole).await), "file_not_found");
    let whole = with(whole, &json!({"idFrontId": file}));
    let answer = acme.call(UPDATE, &whole).await.ok();
    assert_eq!(answer["data"]["cardTypeId"], 111_001);
    app.finish().await;
}

#[tokio::test]
async fn nobody_is_corrected_but_whom_staff_has_refused() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let made = acme.call(CREATE, &holder("ana@example.com")).await.ok();
    let id = made["data"]["holderId"].clone();
    let body = json!({"holderId": id, "firstName": "Eva"});
    let state_not_allowed = async || {
        let reply = acme.call(UPDATE, &body).await;
        assert_eq!(refusal(&reply), "state_not_allowed");
        assert_eq!(read(&acme, &id).await["firstName"], "Ana");
    };
    state_not_allowed().await;
    decide(&app, &id, json!({"decision": "approve"})).await;
    state_not_allowed().await;
    let by_channel = json!({"decision": "reject", "reason": "On a list"});
    decide(&app, &id, by_channel).await;
    assert_eq!(read(&acme, &id).await["statusFlowLocation"], "channel");
    state_not_allowed().await;
    app.finish().await;
}

#[tokio::test]
async fn whom_the_channel_refused_for_good_is_described_anew_as_somebody_else() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let body = with(
        holder("ana@example.com"),
        &json!({"idNumber": "P-1", "merchantOrderNo": "(absent)"}),
    );
    let reject = || json!({"decision": "reject", "reason": "On a list"});
    let by_staff = refused_holder(&app, &acme, &body).await;
    let taken = acme.call(CREATE, &body).await;
    assert_eq!(
        refusal(&taken),
        "duplicate_email",
        "whom staff refused may be corrected"
    );
    acme.call(UPDATE, &json!({"holderId": by_staff})).await.ok();
    decide(&app, &by_staff, json!({"decision": "approve"})).await;
    decide(&app, &by_staff, reject()).await;
    assert_eq!(
        read(&acme, &by_staff).await["statusFlowLocation"],
        "channel"
    );
    let anew = acme.call(CREATE, &body).await.ok();
    let anew = anew["data"]["holderId"].clone();
    assert_ne!(anew, by_staff);
    // The new one has both again.
    for (email, number, word) in [
        ("ana@example.com", "P-2", "duplicate_email"),
        ("eva@example.com", "P-1", "duplicate_id_number"),
    ] {
        let changes = json!({"email": email, "idNumber": number});
        let taken = acme.call(CREATE, &with(body.clone(), &changes)).await;
        assert_eq!(refusal(&taken), word);
    }
    // Nor does a correction or a new address meet the one who is gone.
    decide(&app, &anew, reject()).await;
    acme.call(UPDATE, &json!({"holderId": anew, "firstName": "Anna"}))
        .await
        .ok();
    app.finish().await;
}

#[tokio::test]
async fn a_company_is_nobody_to_every_call_about_holders() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let company = callers::corporate("c-1");
    let company = app.finci().post("create-corporate", &company).await;
    company.ok();
    let sql = "SELECT id FROM holder WHERE kind = 'corporate'";
    let company = app.number(sql, &[]).await;
    let before = app.number("SELECT COUNT(*) FROM audit", &[]).await;
    for (path, body) in [
        (UPDATE, json!({"firstName": "Eva"})),
        ("card/holder/update", json!({"firstName": "Eva"})),
        (EMAIL, json!({"email": "eva@example.com"})),
        ("card/v2/openCard", opening(1, &json!({}))),
        ("card/openCard", opening(2, &json!({}))),
    ] {
        let of = |id: i64| with(body.clone(), &json!({"holderId": id}));
        let refused = acme.call(path, &of(company)).await;
        assert_eq!(refusal(&refused), "holder_not_found", "{path}");
        let nobodys = acme.call(path, &of(42)).await;
        assert_eq!(refused.bytes(), nobodys.bytes(), "{path}");
    }
    let after = app.number("SELECT COUNT(*) FROM audit", &[]).await;
    assert_eq!(after, before, "nothing was done");
    let of = json!({"holderId": company});
    for path in ["card/holder/list", "card/list"] {
        let found = acme.call(path, &of).await.ok();
        assert_eq!(found["data"]["total"], 0, "{path}");
    }
    app.finish().await;
}

#[tokio::test]
async fn corrections_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let file = upload(&app, &acme).await;
    let first = refused_holder(&app, &acme, &consumer("ana@example.com", &file)).await;
    let second = refused_holder(&app, &acme, &business("eva@example.com")).await;
    acme.call(CREATE, &holder("taken@example.com")).await.ok();
    let but = |changes: Value| with(json!({"holderId": first}), &changes);
    let bodies = vec![
        ("no holder", json!({"firstName": "Eva"})),
        ("no such holder", json!({"holderId": 42})),
        ("a wrong form", but(json!({"mobile": "12"}))),
        (
            "an address that is taken",
            but(json!({"email": "taken@example.com"})),
        ),
        ("no such file", but(json!({"idFrontId": "front-1"}))),
        (
            "a card type of the other API",
            but(json!({"cardTypeId": 112_001})),
        ),
        (
            "another model's card type",
            but(json!({"cardTypeId": 111_001})),
        ),
        (
            "a correction",
            but(json!({"firstName": "Anna", "annualSalary": "90000 USD"})),
        ),
        (
            "another, before anybody has looked",
            but(json!({"firstName": "Hanna"})),
        ),
    ];
    let conversation = bodies
        .into_iter()
        .map(|(title, body)| (title, acme.request(UPDATE, &body.to_string())))
        .collect();
    assert_golden(&app, "fincard_holder_update", conversation).await;
    let body =
        json!({"cardholderId": second, "mailingAddress": {"city": "Porto"}, "riskLevel": "HIGH"});
    let conversation = vec![
        (
            "a correction",
            acme.request("card/holder/update", &body.to_string()),
        ),
        (
            "the same again",
            acme.request("card/holder/update", &body.to_string()),
        ),
    ];
    assert_golden(&app, "fincard_holder_update_v1", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn a_new_address_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let file = upload(&app, &acme).await;
    let ana = acme.call(CREATE, &business("ana@example.com")).await.ok();
    let ana = &ana["data"]["holderId"];
    let eva = acme
        .call(CREATE, &consumer("eva@example.com", &file))
        .await
        .ok();
    let eva = &eva["data"]["holderId"];
    app.run_jobs().await;
    acme.call(CREATE, &holder("taken@example.com")).await.ok();
    app.run_jobs().await;
    let bodies = vec![
        (
            "a new address",
            json!({"holderId": ana, "email": "ana@example.net"}),
        ),
        (
            "the same again",
            json!({"holderId": ana, "email": "ana@example.net"}),
        ),
        (
            "one that is taken",
            json!({"holderId": ana, "email": "TAKEN@example.com"}),
        ),
        ("no address", json!({"holderId": ana, "email": ""})),
        (
            "a longer one than its model takes",
            json!({"holderId": ana, "email": format!("{}@b.lt", "a".repeat(46))}),
        ),
        (
            "no e-mail address",
            json!({"holderId": ana, "email": "ana"}),
        ),
        (
            "no such holder",
            json!({"holderId": "42", "email": "x@example.com"}),
        ),
        (
            "a card type that keeps addresses",
            json!({"holderId": eva, "email": "x@example.com"}),
        ),
    ];
    let conversation = bodies
        .into_iter()
        .map(|(title, body)| (title, acme.request(EMAIL, &body.to_string())))
        .collect();
    assert_golden(&app, "fincard_holder_update_email", conversation).await;
    let steps = [
        "wait_audit",
        "under_review",
        "pass_audit",
        "holder_email_changed",
    ];
    assert_eq!(told(&app, ana).await, steps);
    assert_eq!(told(&app, eva).await, steps[..3]);
    let found = json!({"email": "ana@example.net"});
    let found = acme.call("card/holder/list", &found).await.ok();
    assert_eq!(found["data"]["records"][0]["holderId"], *ana);
    app.finish().await;
}
