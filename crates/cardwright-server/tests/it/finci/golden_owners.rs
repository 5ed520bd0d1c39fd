//! Persons and accounts, whole: every answer that their operations can give.

use serde_json::{Value, json};

use super::conversation::Conversation;
use crate::harness::{FinciCaller, TestApp, address, person};

#[tokio::test]
async fn create_person_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let mut talk = Conversation::new(&app);
    let call = "POST /v1/create-person";
    let jonas = person("customer-1");
    talk.say("a person", call, &jonas.to_string());
    talk.say("the same again: the first answer", call, &jonas.to_string());
    talk.vary(
        "under the other prefix, with all that is optional",
        "POST /api/v1/create-person",
        (
            &jonas,
            json!({"external_id": "customer-2", "address": full_address()}),
        ),
    );
    talk.vary(
        "the same id for somebody else",
        call,
        (&jonas, json!({"first_name": "Petras"})),
    );
    talk.vary(
        "the id of a seeded person",
        call,
        (&jonas, json!({"external_id": "demo-person-1"})),
    );
    talk.say("nothing", call, "{}");
    talk.vary(
        "fields that nobody knows",
        call,
        (&jonas, json!({"tenant": 1, "address": {"town": "x"}})),
    );
    talk.vary("wrong types", call, (&jonas, wrong_types()));
    talk.vary("wrong forms", call, (&jonas, wrong_forms()));
    talk.say("null is no value", call, &with_null(&jonas));
    talk.vary(
        "no such country",
        call,
        (&jonas, json!({"external_id": "c-3", "nationality": "ZZ"})),
    );
    talk.vary(
        "born in the future",
        call,
        (
            &jonas,
            json!({"external_id": "c-5", "birth_date": "2090-05-17"}),
        ),
    );
    let mut nowhere = address();
    nowhere["country"] = "ZZ".into();
    talk.vary(
        "an address in no country",
        call,
        (&jonas, json!({"external_id": "c-4", "address": nowhere})),
    );
    let mut anywhere = address();
    anywhere["country"] = "ZA".into();
    talk.vary(
        "any country will do: the caller has vetted the person",
        call,
        (
            &jonas,
            json!({"external_id": "c-6", "nationality": "UA", "address": anywhere}),
        ),
    );
    talk.malformed(call);
    talk.assert_golden("finci_create_person").await;
    app.finish().await;
}

fn full_address() -> Value {
    let mut full = address();
    full["line2"] = "Flat 4".into();
    full["region"] = "Vilniaus apskritis".into();
    full
}

fn wrong_types() -> Value {
    json!({
        "external_id": 1, "first_name": true, "last_name": [], "birth_date": 19_900_517,
        "nationality": {}, "email": 0, "phone": 37_060_000_000_i64, "address": "Vilnius",
    })
}

fn wrong_forms() -> Value {
    json!({
        "external_id": "x".repeat(65), "first_name": "", "last_name": "a\u{0}b",
        "birth_date": "1990-02-30", "nationality": "lt", "email": "jonas", "phone": "060000000",
        "address": {"line1": "", "city": "x".repeat(65), "postal_code": "x".repeat(17), "country": "LTU"},
    })
}

fn with_null(person: &Value) -> String {
    let mut person = person.clone();
    person["nationality"] = Value::Null;
    person.to_string()
}

#[tokio::test]
async fn create_account_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let owner = app.finci().person("p-1").await;
    let other = FinciCaller::new(&app, &app.tenant("other").await)
        .person("p-1")
        .await;
    let mut talk = Conversation::new(&app);
    let call = "POST /v1/create-account";
    let account = json!({"person_id": owner, "currency": "EUR", "external_id": "a-1"});
    talk.say("an account", call, &account.to_string());
    talk.say(
        "the same again: the first answer",
        call,
        &account.to_string(),
    );
    let another = json!({"currency": "USD", "external_id": null});
    let prefixed = "POST /api/v1/create-account";
    talk.vary(
        "a second one, under the other prefix",
        prefixed,
        (&account, another),
    );
    talk.vary(
        "the same id for another currency",
        call,
        (&account, json!({"currency": "JPY"})),
    );
    talk.say("nothing", call, "{}");
    let corporate = json!({"corporate_id": "10011100000000000001"});
    talk.vary("two owners", call, (&account, corporate.clone()));
    let only = json!({"corporate_id": "10011100000000000001", "currency": "EUR"});
    talk.say("a corporate that is not there", call, &only.to_string());
    let nobody = json!({"person_id": "10011000000000009999", "currency": "EUR"});
    talk.say("a person that is not there", call, &nobody.to_string());
    let foreign = json!({"person_id": other, "currency": "EUR"});
    talk.say("somebody else's person", call, &foreign.to_string());
    let unknown = json!({"balance": "1.00", "external_id": "a-2"});
    talk.vary("a field that nobody knows", call, (&account, unknown));
    let wrong = json!({"person_id": 1, "currency": 978, "external_id": ""});
    talk.vary("wrong types and forms", call, (&account, wrong));
    let lower = json!({"currency": "eur", "external_id": "a-3"});
    talk.vary("a currency in small letters", call, (&account, lower));
    let none = json!({"currency": "QQQ", "external_id": "a-4"});
    talk.vary("no such currency", call, (&account, none));
    talk.malformed(call);
    talk.assert_golden("finci_create_account").await;
    app.finish().await;
}

#[tokio::test]
async fn get_account_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let yen = acme.account(&owner, "JPY").await;
    let stranger = FinciCaller::new(&app, &app.tenant("other").await);
    let theirs = stranger.account(&stranger.person("p-1").await, "EUR").await;
    let wallet = format!("{:016}", app.demo.wallet.get());
    let mut talk = Conversation::new(&app);
    talk.say("an account", &format!("GET /v1/get-account/{account}"), "");
    talk.say(
        "one without decimals, under the other prefix",
        &format!("GET /api/v1/get-account/{yen}"),
        "",
    );
    talk.say(
        "the program's own wallet",
        &format!("GET /v1/get-account/{wallet}"),
        "",
    );
    talk.say(
        "no such account",
        "GET /v1/get-account/0000000000000042",
        "",
    );
    talk.say(
        "somebody else's",
        &format!("GET /v1/get-account/{theirs}"),
        "",
    );
    talk.say("no id at all", "GET /v1/get-account/abc", "");
    talk.say("a body", &format!("GET /v1/get-account/{account}"), "{}");
    talk.wrongly_signed(&format!("GET /v1/get-account/{account}"));
    talk.assert_golden("finci_get_account").await;
    app.finish().await;
}
