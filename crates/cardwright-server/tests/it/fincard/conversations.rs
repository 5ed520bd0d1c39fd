//! Golden conversations: for each call what it answers when it goes well, and every refusal it can
//! give, whole.

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, header},
};
use serde_json::{Value, json};

use super::support::{business, opening, order, with};
use crate::harness::{FincardCaller, TestApp, assert_golden, context, holder};

/// The calls of a conversation: a title and a body for each.
fn calls<'t>(
    caller: &FincardCaller<'_>,
    path: &str,
    bodies: Vec<(&'t str, Value)>,
) -> Vec<(&'t str, Request<Body>)> {
    let request = |body: Value| caller.request(path, &body.to_string());
    bodies
        .into_iter()
        .map(|(title, body)| (title, request(body)))
        .collect()
}

#[tokio::test]
async fn the_login_by_email_answers_as_recorded() {
    let app = TestApp::new().await;
    let demo = app.demo.clone();
    let login = |body: &Value| {
        let request = context(&demo.tenant_uuid, "/api/auth/login");
        request.body(Body::from(body.to_string())).unwrap()
    };
    let right = json!({
        "email": demo.email,
        "password": demo.password.expose(),
        "tenantId": demo.tenant_uuid,
        "captchaToken": "ignored",
    });
    let conversation = vec![
        ("a login", login(&right)),
        (
            "a wrong password",
            login(&with(right.clone(), &json!({"password": "wrong"}))),
        ),
        (
            "no JSON",
            context(&demo.tenant_uuid, "/api/auth/login")
                .body(Body::from("{"))
                .unwrap(),
        ),
    ];
    assert_golden(&app, "fincard_login_by_email", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn the_login_of_an_organizations_user_answers_as_recorded() {
    let app = TestApp::new().await;
    let demo = app.demo.clone();
    let login = |body: &Value| {
        let path = format!(
            "/api/v2.1/admin/organization/{}/users/{}/sessions",
            demo.organization_uuid, demo.user_uuid
        );
        Request::post(path)
            .header("host", "127.0.0.1:8080")
            .header("content-type", "application/json")
            .header("x-tenant-id", &demo.tenant_uuid)
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let right = json!({"username": demo.username, "password": demo.password.expose()});
    let everything = json!({
        "tenantKey": "key", "tenantSecret": null, "ipAddress": "203.0.113.9", "userAgent": "x",
        "platform": "web", "deviceId": "device-2", "role": "owner", "organizationType": 7,
    });
    let mut bare = login(&right);
    bare.headers_mut().remove("x-tenant-id");
    let conversation = vec![
        ("a login", login(&right)),
        (
            "a login with all that is not used",
            login(&with(right.clone(), &everything)),
        ),
        (
            "a wrong password",
            login(&with(right.clone(), &json!({"password": "wrong"}))),
        ),
        ("no tenant", bare),
    ];
    assert_golden(&app, "fincard_login_by_organization", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn account_info_answers_as_recorded() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("person-1").await;
    finci.account(&person, "EUR").await;
    let acme = app.fincard().await;
    let bodies = vec![("wallet and a holder's account", json!({}))];
    let conversation = calls(&acme, "account/info", bodies);
    assert_golden(&app, "fincard_account_info", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn card_types_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let conversation = calls(&acme, "card/v2/cardTypes", vec![("all", json!({}))]);
    assert_golden(&app, "fincard_card_types", conversation).await;
    app.finish().await;
}

/// A holder in which nothing is left out, in flat fields.
pub fn full_holder(email: &str) -> Value {
    with(
        holder(email),
        &json!({
            "merchantOrderNo": "holder-00000000000001",
            "cardTypeId": 111_001,
            "areaCode": "+351",
            "mobile": "912345678",
            "town": "PT_11",
            "state": "Lisboa",
            "postCode": "1100-048",
            "nationality": "PT",
            "gender": "F",
            "occupation": "11-1011",
            "annualSalary": "100000 USD",
            "expectedMonthlyVolume": "10000 USD",
            "accountPurpose": "Travel expenses",
            "idType": "PASSPORT",
            "idNumber": "P12345678",
            "issueDate": "2020-01-31",
            "idNoExpiryDate": "2030-01-31",
            "ipAddress": "198.51.100.7",
            "idFrontId": "front-1",
            "idBackId": "back-1",
            "idHoldId": "hold-1",
            "kycVerification": {"provider": "SUMSUB", "referenceId": "applicant-1"},
        }),
    )
}

#[tokio::test]
async fn holder_create_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let small = holder("small@example.com");
    let but = |changes: Value| with(holder("other@example.com"), &changes);
    let full = full_holder("ana@example.com");
    let bodies = vec![
        ("the least", small.clone()),
        ("everything", full.clone()),
        ("everything again", full.clone()),
        (
            "other content under the same number",
            with(full, &json!({"firstName": "Eva"})),
        ),
        ("no names", but(json!({"firstName": "", "lastName": null}))),
        ("neither country", but(json!({"country": "(absent)"}))),
        ("no document", but(json!({"idNumber": "(absent)"}))),
        (
            "a day there never was",
            but(json!({"birthday": "1985-02-30"})),
        ),
        ("a country there is not", but(json!({"country": "QQ"}))),
        (
            "two telephone numbers",
            but(json!({"mobile": "1", "phone": "2"})),
        ),
        ("no such card type", but(json!({"cardTypeId": 999_999}))),
        (
            "another model than the card type's",
            with(
                business("other@example.com"),
                &json!({"cardTypeId": 111_065}),
            ),
        ),
        (
            "a model and nothing that it asks for",
            but(json!({"cardHolderModel": "B2C"})),
        ),
        ("a restricted country", but(json!({"country": "CU"}))),
        (
            "a restricted nationality",
            but(json!({"nationality": "KP"})),
        ),
        (
            "an address that is taken, in capitals",
            but(json!({"email": "SMALL@example.com"})),
        ),
        (
            "a document that is taken",
            but(json!({"idNumber": small["idNumber"]})),
        ),
    ];
    let conversation = calls(&acme, "card/holder/v2/create", bodies);
    assert_golden(&app, "fincard_holder_create", conversation).await;
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn holder_list_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let created = acme
        .call("card/holder/v2/create", &full_holder("ana@example.com"))
        .await
        .ok();
    app.run_jobs().await;
    let id = &created["data"]["holderId"];
    let bodies = vec![
        ("one holder", json!({"holderId": id})),
        ("nobody", json!({"holderId": "nobody"})),
        ("a page beyond the last", json!({"pageNum": 9})),
        ("half a telephone number", json!({"areaCode": "+351"})),
        ("a status there is not", json!({"status": "approved"})),
        ("a page before the first", json!({"pageNum": 0})),
        ("two pages", json!({"pageNum": 1, "pageNo": 2})),
    ];
    let conversation = calls(&acme, "card/holder/list", bodies);
    assert_golden(&app, "fincard_holder_list", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn open_card_answers_as_recorded_when_it_goes_well() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let bodies = vec![
        ("for nobody in particular", opening(1, &json!({}))),
        (
            "for a holder, paid by the wallet",
            opening(
                2,
                &json!({"holderId": ana, "accountId": app.demo.wallet.get().to_string()}),
            ),
        ),
        ("the first again", opening(1, &json!({}))),
    ];
    let conversation = calls(&acme, "card/v2/openCard", bodies);
    assert_golden(&app, "fincard_open_card", conversation).await;
    app.finish().await;
}

/// One card a holder of the usual card type; a card type that takes no deposit; and one that is not
/// offered any more.
async fn offer_special_card_types(app: &TestApp) {
    for sql in [
        "UPDATE product SET cards_per_holder = 1 WHERE id = 111001",
        "INSERT INTO product SELECT 111901, name, description, bin, scheme, mode, form, category, \
         currency, price, holder_model, holder_required, cards_per_holder, NULL, NULL, \
         recharge_min, recharge_max, recharge_rate_basis_points, recharge_fixed_fee, retention, \
         activation, freezing, kyc_verification, validity_months, status FROM product \
         WHERE id = 111001",
        "INSERT INTO product SELECT 111903, name, description, bin, scheme, mode, 'as_ordered', \
         category, currency, price, holder_model, holder_required, cards_per_holder, initial_min, \
         initial_max, recharge_min, recharge_max, recharge_rate_basis_points, recharge_fixed_fee, \
         retention, activation, freezing, kyc_verification, validity_months, status \
         FROM product WHERE id = 111001",
        "INSERT INTO product SELECT 111902, name, description, bin, scheme, mode, form, category, \
         currency, price, holder_model, holder_required, cards_per_holder, initial_min, \
         initial_max, recharge_min, recharge_max, recharge_rate_basis_points, recharge_fixed_fee, \
         retention, activation, freezing, kyc_verification, validity_months, 'offline' \
         FROM product WHERE id = 111001",
    ] {
        assert_eq!(app.change_rows(sql, vec![]).await, 1);
    }
}

/// Openings that say too little, too much, or contradict themselves.
fn ill_formed_openings() -> Vec<(&'static str, Value)> {
    let but = |changes: Value| opening(7, &changes);
    vec![
        ("nothing said", json!({})),
        ("no amount", but(json!({"amount": "(absent)"}))),
        ("a short number", but(json!({"merchantOrderNo": "short"}))),
        (
            "a blank in the number",
            but(json!({"merchantOrderNo": "order 000000000001"})),
        ),
        ("two amounts", but(json!({"initialDeposit": "26"}))),
        ("a negative amount", but(json!({"amount": -5}))),
        ("a tenth of a cent", but(json!({"amount": "25.001"}))),
        ("too little", but(json!({"amount": "9.99"}))),
        ("too much", but(json!({"amount": "10000.01"}))),
    ]
}

/// Openings of card types that cannot be opened, or not like this.
fn openings_of_unfit_card_types() -> Vec<(&'static str, Value)> {
    let but = |changes: Value| opening(7, &changes);
    vec![
        ("no such card type", but(json!({"cardTypeId": 1}))),
        (
            "a card type of the other API",
            but(json!({"cardTypeId": 112_001})),
        ),
        (
            "a card type not offered any more",
            but(json!({"cardTypeId": 111_902})),
        ),
        (
            "a card type made as ordered",
            but(json!({"cardTypeId": 111_903})),
        ),
        (
            "a deposit where there is none",
            but(json!({"cardTypeId": 111_901})),
        ),
        (
            "no holder where one is needed",
            but(json!({"cardTypeId": 111_065})),
        ),
    ]
}

#[tokio::test]
async fn open_card_refuses_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let finci = app.finci();
    let person = finci.person("person-1").await;
    let euros = finci.account(&person, "EUR").await;
    let with_card = acme.holder("busy@example.com").await;
    acme.card("order-of-the-only", Some(with_card)).await;
    let business = business("business@example.com");
    let business = acme.call("card/holder/v2/create", &business).await.ok();
    app.run_jobs().await;
    let waiting = holder("waiting@example.com");
    let waiting = acme.call("card/holder/v2/create", &waiting).await.ok();
    offer_special_card_types(&app).await;
    let but = |changes: Value| opening(7, &changes);
    let waiting = &waiting["data"]["holderId"];
    let business = &business["data"]["holderId"];
    let mut bodies = ill_formed_openings();
    bodies.extend(openings_of_unfit_card_types());
    bodies.extend([
        ("no such holder", but(json!({"holderId": "42"}))),
        (
            "a holder still being checked",
            but(json!({"holderId": waiting})),
        ),
        (
            "a holder of another model",
            but(json!({"cardTypeId": 111_065, "holderId": business})),
        ),
        (
            "a holder with the card that is allowed",
            but(json!({"holderId": with_card})),
        ),
        ("no such account", but(json!({"accountId": 42}))),
        (
            "an account in another currency",
            but(json!({"accountId": euros})),
        ),
        (
            "a number used before",
            opening(7, &json!({"merchantOrderNo": "order-of-the-only"})),
        ),
    ]);
    let conversation = calls(&acme, "card/v2/openCard", bodies);
    assert_golden(&app, "fincard_open_card_refusals", conversation).await;
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_wallet_that_cannot_pay_refuses_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for number in 0..99 {
        let body = opening(number, &json!({"amount": 10_000}));
        acme.call("card/v2/openCard", &body).await.ok();
    }
    let poor = calls(
        &acme,
        "card/v2/openCard",
        vec![(
            "more than there is",
            opening(100, &json!({"amount": 9_901})),
        )],
    );
    assert_golden(&app, "fincard_open_card_insufficient_balance", poor).await;
    let sql = "UPDATE account_balance SET status = 'frozen' \
               WHERE account IN (SELECT id FROM account_record WHERE kind = 'wallet')";
    assert_eq!(app.change_rows(sql, vec![]).await, 1);
    let frozen = calls(
        &acme,
        "card/v2/openCard",
        vec![("out of a frozen account", opening(101, &json!({})))],
    );
    assert_golden(&app, "fincard_open_card_account_not_active", frozen).await;
    app.finish().await;
}

#[tokio::test]
async fn card_info_and_card_list_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let held = acme.card("order-of-ana-0001", Some(ana)).await;
    let card = acme.card("order-of-nobody-1", None).await;
    let bodies = vec![
        ("a card of a holder", json!({"cardNo": held})),
        (
            "with its balance",
            json!({"cardId": card, "onlySimpleInfo": false}),
        ),
        ("without a number", json!({})),
        ("no such card", json!({"cardNo": "42"})),
        ("two numbers", json!({"cardNo": held, "cardId": card})),
        ("a list for a number", json!({"cardNo": [held]})),
    ];
    let conversation = calls(&acme, "card/info", bodies);
    assert_golden(&app, "fincard_card_info", conversation).await;
    let bodies = vec![
        ("the newest", json!({"pageSize": 1})),
        ("none", json!({"status": "cancel"})),
        ("a status there is not", json!({"status": "frozen"})),
        ("a time that is none", json!({"startTime": "yesterday"})),
    ];
    let conversation = calls(&acme, "card/list", bodies);
    assert_golden(&app, "fincard_card_list", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn freeze_and_unfreeze_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card("order-of-nobody-1", None).await;
    let blocked = acme.card("order-of-nobody-2", None).await;
    let closed = acme.card("order-of-nobody-3", None).await;
    let fixed = acme
        .call(
            "card/v2/openCard",
            &opening(
                1,
                &json!({"cardTypeId": 111_903, "merchantOrderNo": "order-of-nobody-4"}),
            ),
        )
        .await;
    assert_eq!(super::support::refusal(&fixed), "card_type_not_found");
    let sql = "INSERT INTO product SELECT 111903, name, description, bin, scheme, mode, form, \
               category, currency, price, holder_model, holder_required, cards_per_holder, \
               initial_min, initial_max, recharge_min, recharge_max, recharge_rate_basis_points, \
               recharge_fixed_fee, retention, activation, 0, kyc_verification, validity_months, \
               status FROM product WHERE id = 111001";
    assert_eq!(app.change_rows(sql, vec![]).await, 1);
    let body = json!({"cardTypeId": 111_903, "merchantOrderNo": "order-of-nobody-4"});
    let fixed = acme.call("card/v2/openCard", &opening(1, &body)).await.ok();
    let fixed = fixed["data"]["cardNo"].as_str().unwrap().to_owned();
    let sql = "UPDATE card SET blocked_since = 1 WHERE id = $1";
    let id = |card: &str| vec![card.parse::<i64>().unwrap().into()];
    assert_eq!(app.change_rows(sql, id(&blocked)).await, 1);
    let sql = "UPDATE card SET state = 'closed', state_since = 1, close_reason = 'cancelled' \
               WHERE id = $1";
    assert_eq!(app.change_rows(sql, id(&closed)).await, 1);
    let note = |number, card: &str| with(order(number, card), &json!({"remark": "lost at sea"}));
    let refusals = |number: usize| {
        vec![
            ("nothing said", json!({})),
            (
                "a remark too long",
                with(order(number, &card), &json!({"remark": "x".repeat(51)})),
            ),
            (
                "two remarks",
                with(note(number, &card), &json!({"clientRemark": "stolen"})),
            ),
            ("a number used for another card", order(number, &closed)),
            ("no such card", order(90, "42")),
            ("a blocked card", order(91, &blocked)),
            ("a closed card", order(92, &closed)),
            ("a card that stays as it is", order(93, &fixed)),
        ]
    };
    let mut bodies = vec![
        ("a freeze", note(11, &card)),
        ("the same again", note(11, &card)),
        ("a frozen card once more", order(12, &card)),
    ];
    bodies.extend(refusals(11));
    let conversation = calls(&acme, "card/v2/freeze", bodies);
    assert_golden(&app, "fincard_freeze", conversation).await;
    let mut bodies = vec![
        ("an unfreeze", note(11, &card)),
        ("the same again", note(11, &card)),
        ("a card that is not frozen", order(12, &card)),
    ];
    bodies.extend(refusals(11));
    let conversation = calls(&acme, "card/v2/unfreeze", bodies);
    assert_golden(&app, "fincard_unfreeze", conversation).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_call_answers_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let call = |path: &str| acme.request(path, "{}");
    let (mut read, mut watch) = (call("account/info"), call("account/info"));
    *read.method_mut() = Method::GET;
    watch
        .headers_mut()
        .insert("platform", HeaderValue::from_static("watch"));
    let mut long = call("account/info");
    let length = HeaderValue::from_static("262145");
    long.headers_mut().insert(header::CONTENT_LENGTH, length);
    let conversation = vec![
        ("a path that is none", call("account/infos")),
        ("another method", read),
        ("a platform that is none", watch),
        ("a body that is announced as too long", long),
    ];
    assert_golden(&app, "fincard_no_call", conversation).await;
    app.finish().await;
}
