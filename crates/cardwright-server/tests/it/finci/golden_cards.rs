//! Issuing and reading cards, whole: every answer that these operations can give.

use serde_json::{Value, json};

use super::conversation::{Conversation, varied};
use crate::harness::{FinciCaller, TestApp, card, holder};

const CREATE: &str = "POST /v1/create-card";

#[tokio::test]
async fn create_card_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let mut talk = Conversation::new(&app);
    let plain = card(&owner);
    let named = varied(
        &plain,
        json!({"external_id": "card-1", "account_id": account}),
    );
    talk.say("a card", CREATE, &plain.to_string());
    talk.say("one with an id of ours", CREATE, &named.to_string());
    talk.say(
        "the same again: the first answer",
        CREATE,
        &named.to_string(),
    );
    let plastic = json!({
        "token_status": "new", "token_stage": "plastic_not_delivered", "express_delivery": true,
        "expiration_date": "2026-12",
    });
    let prefixed = "POST /api/v1/create-card";
    talk.vary(
        "plastic, not yet active, under the other prefix",
        prefixed,
        (&plain, plastic),
    );
    let other_name = json!({"embossing_name": "PETRAS JONAITIS"});
    talk.vary("the same id for another card", CREATE, (&named, other_name));
    wrong_fields(&mut talk, &plain);
    for (title, with) in [
        ("no such product", json!({"product_id": 999})),
        ("a product of the other API", json!({"product_id": 111_001})),
        ("this month", json!({"expiration_date": "2026-11"})),
        ("a month gone by", json!({"expiration_date": "2020-01"})),
        (
            "a month of the next century",
            json!({"expiration_date": "2126-11"}),
        ),
        (
            "a person that is not there",
            json!({"person_id": "10011000000000009999"}),
        ),
        (
            "an account that is not there",
            json!({"account_id": "0000000000000042"}),
        ),
        (
            "an employee that is not there",
            json!({"person_id": null, "employee_id": "0000000000000042"}),
        ),
    ] {
        talk.vary(title, CREATE, (&plain, with));
    }
    talk.malformed(CREATE);
    talk.assert_golden("finci_create_card").await;
    app.finish().await;
}

fn wrong_fields(talk: &mut Conversation<'_>, plain: &Value) {
    talk.say("nothing", CREATE, "{}");
    let unknown = json!({"pan": "5200828282828210", "delivery_address": {"zip": "1"}});
    talk.vary("fields that nobody knows", CREATE, (plain, unknown));
    let types = json!({
        "person_id": 1, "account_id": 1, "product_id": "112001", "embossing_name": 5,
        "expiration_date": 202_612, "token_status": 1, "token_stage": null, "external_id": 1,
        "delivery_address": [], "express_delivery": "false",
    });
    talk.vary("wrong types", CREATE, (plain, types));
    let forms = json!({
        "person_id": "1", "account_id": "42", "product_id": 0.5, "embossing_name": "JONAS  J0NAITIS",
        "expiration_date": "2031-13", "external_id": "",
    });
    talk.vary("wrong forms", CREATE, (plain, forms));
    let words = json!({"token_status": "closed", "token_stage": "plastic_delivered"});
    talk.vary("words for later", CREATE, (plain, words));
    let both = json!({"employee_id": "0000000000000042"});
    talk.vary("two holders", CREATE, (plain, both));
    let mut nowhere = plain.clone();
    nowhere["delivery_address"]["country"] = "ZZ".into();
    talk.say("delivered to no country", CREATE, &nowhere.to_string());
}

#[tokio::test]
async fn create_card_is_refused_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (rich, poor) = (acme.person("p-1").await, acme.person("p-2").await);
    let account = acme.account(&rich, "EUR").await;
    acme.account(&rich, "USD").await;
    let single = acme.person("p-3").await;
    let frozen = acme.account(&single, "EUR").await;
    let unfinished = unfinished_person(&app).await;
    acme.account(&unfinished, "EUR").await;
    let stranger = FinciCaller::new(&app, &app.tenant("other").await);
    let theirs = stranger.account(&stranger.person("p-1").await, "EUR").await;
    let wallet = format!("{:016}", app.demo.wallet.get());
    let number: i64 = frozen.parse().unwrap();
    app.meddle(
        "UPDATE account_balance SET status = 'frozen' WHERE account = $1",
        &[number.into()],
    )
    .await;

    let mut talk = Conversation::new(&app);
    for (title, holder, account) in [
        ("an owner without account", &poor, None),
        ("an owner with two accounts and none named", &rich, None),
        ("another owner's account", &poor, Some(&account)),
        (
            "the program's wallet is nobody's account",
            &poor,
            Some(&wallet),
        ),
        ("another tenant's account", &rich, Some(&theirs)),
        ("an account that is not active", &single, None),
        ("a holder whose checks have not ended", &unfinished, None),
    ] {
        let body = varied(&card(holder), json!({"account_id": account}));
        talk.say(title, CREATE, &body.to_string());
    }
    talk.assert_golden("finci_create_card_refused").await;

    meddled_product(&app, &rich, &account).await;
    app.finish().await;
}

/// Somebody whom the other API recorded and whose checks never end.
async fn unfinished_person(app: &TestApp) -> String {
    let mut body = holder("review@example.com");
    body["lastName"] = "REVIEW".into();
    let fincard = app.fincard().await;
    fincard.call("card/holder/v2/create", &body).await.ok();
    app.run_jobs().await;
    let newest = "SELECT MAX(CAST(SUBSTR(number, 7) AS INTEGER)) FROM holder \
                  WHERE kyc_status = 'under_review'";
    format!("100110{:014}", app.number(newest, &[]).await)
}

async fn meddled_product(app: &TestApp, owner: &str, account: &str) {
    let body = varied(&card(owner), json!({"account_id": account}));
    let acme = app.finci();
    let before = app.records().await;
    for (sql, code) in [
        (
            "UPDATE product SET price = 100, currency = 'USD' WHERE id = 112001",
            "account_id:currency_mismatch",
        ),
        (
            "UPDATE product SET price = 100, currency = 'EUR' WHERE id = 112001",
            "account_id:insufficient_funds",
        ),
        (
            "UPDATE product SET price = 0, status = 'offline' WHERE id = 112001",
            "product_id:not_available",
        ),
        (
            "UPDATE product SET status = 'online', form = 'physical' WHERE id = 112001",
            "token_stage:not_supported",
        ),
    ] {
        app.meddle(sql, &[]).await;
        let reply = acme.post("create-card", &body).await;
        assert_eq!((reply.status, reply.code()), (422, code.to_owned()));
        assert_eq!(app.records().await, before, "{code} left something behind");
    }
    let one = "UPDATE product SET form = 'as_ordered', cards_per_holder = 1 WHERE id = 112001";
    app.meddle(one, &[]).await;
    acme.post("create-card", &body).await.ok();
    let reply = acme.post("create-card", &body).await;
    assert_eq!(reply.code(), "product_id:card_limit_reached");
}

#[tokio::test]
async fn get_card_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let stranger = FinciCaller::new(&app, &app.tenant("other").await);
    let other = stranger.person("p-1").await;
    stranger.account(&other, "EUR").await;
    let theirs = stranger.card(&other).await;
    let mut talk = Conversation::new(&app);
    talk.say("a card", &format!("GET /v1/get-card/{token}"), "");
    let prefixed = format!("GET /api/v1/get-card/{token}");
    talk.say("under the other prefix", &prefixed, "");
    let query = format!("GET /v1/get-card/{token}?note=1");
    talk.say("with a query, signed and ignored", &query, "");
    talk.say("no such card", "GET /v1/get-card/0000000000000042", "");
    talk.say("somebody else's", &format!("GET /v1/get-card/{theirs}"), "");
    talk.say("no id at all", "GET /v1/get-card/abc", "");
    talk.say("a body", &format!("GET /v1/get-card/{token}"), "{}");
    talk.wrongly_signed(&format!("GET /v1/get-card/{token}"));
    talk.say(
        "another method",
        &format!("DELETE /v1/get-card/{token}"),
        "",
    );
    talk.assert_golden("finci_get_card").await;
    app.finish().await;
}

#[tokio::test]
async fn get_cards_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    for _ in 0..3 {
        acme.card(&owner).await;
    }
    let nobody = acme.person("p-2").await;
    let theirs = FinciCaller::new(&app, &app.tenant("other").await)
        .person("p-1")
        .await;
    let page = json!({"person_id": owner, "limit": 2});
    let first = acme.post("get-cards", &page).await.ok();
    let mut talk = Conversation::new(&app);
    let call = "POST /v1/get-cards";
    let all = json!({"person_id": owner});
    talk.say("all cards of a person", call, &all.to_string());
    talk.say("the first two", call, &page.to_string());
    let rest = json!({"limit": 2, "cursor": first["next_cursor"]});
    talk.vary(
        "the rest, under the other prefix",
        "POST /api/v1/get-cards",
        (&all, rest),
    );
    let none = json!({"person_id": nobody});
    talk.say("somebody without cards", call, &none.to_string());
    talk.say("nobody in particular", call, "{}");
    let two = json!({"corporate_id": "10011100000000000001"});
    talk.vary("two owners", call, (&all, two.clone()));
    talk.say("a corporate that is not there", call, &two.to_string());
    let missing = json!({"person_id": "10011000000000009999"});
    talk.say("a person that is not there", call, &missing.to_string());
    let foreign = json!({"person_id": theirs});
    talk.say("somebody else's person", call, &foreign.to_string());
    for (title, with) in [
        ("a field that nobody knows", json!({"offset": 1})),
        (
            "wrong types",
            json!({"person_id": 1, "limit": "2", "cursor": 7}),
        ),
        ("a limit too small", json!({"limit": 0})),
        ("a limit too large", json!({"limit": 101})),
        ("a cursor that is none", json!({"cursor": "abc"})),
    ] {
        talk.vary(title, call, (&all, with));
    }
    talk.malformed(call);
    talk.assert_golden("finci_get_cards").await;
    app.finish().await;
}
