//! Persons, corporates and employees, whole: what their operations answer besides creating persons.

use cardwright_core::{HolderContact, HolderName};
use cardwright_server::ops::holders::{Evidence, NewPerson, Vetting, create_person};
use serde_json::{Value, json};

use super::conversation::Conversation;
use crate::harness::{FinciCaller, TestApp, address, callers, holder, person};

/// Somebody else's tenant with one record of each kind: the ids of person, corporate and employee.
async fn strangers(app: &TestApp) -> [String; 3] {
    let stranger = FinciCaller::new(app, &app.tenant("other").await);
    let theirs = stranger.person("p-1").await;
    let (corporate, employee) = company(&stranger, "c-1").await;
    [theirs, corporate, employee]
}

/// A corporate with an employee.
async fn company(caller: &FinciCaller<'_>, external_id: &str) -> (String, String) {
    let body = callers::corporate(external_id);
    let made = caller.post("create-corporate", &body).await.ok();
    let corporate = made["corporate_id"].as_str().unwrap().to_owned();
    let body = callers::employee(&format!("{external_id}-e"), &corporate);
    let made = caller.post("create-employee", &body).await.ok();
    (corporate, made["employee_id"].as_str().unwrap().to_owned())
}

/// The answers to ids in a path that are nobody's, somebody else's, or none.
fn unknown_in_path(talk: &mut Conversation<'_>, call: &str, (missing, theirs): (&str, &str)) {
    let body = if call.starts_with("GET") { "" } else { "{}" };
    for (title, id) in [
        ("no such record", missing),
        ("somebody else's", theirs),
        ("no id at all", "abc"),
    ] {
        talk.say(title, &format!("{call}/{id}"), body);
    }
}

const PERSON: &str = "10011000000000009999";
const CORPORATE: &str = "10011100000000009999";
const EMPLOYEE: &str = "0000000000000042";

#[tokio::test]
async fn create_corporate_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let mut talk = Conversation::new(&app);
    let call = "POST /v1/create-corporate";
    let wire = callers::corporate("corporate-1");
    talk.say("a corporate", call, &wire.to_string());
    talk.say("the same again: the first answer", call, &wire.to_string());
    let whole = json!({
        "external_id": "corporate-2", "phone": "+37060000000", "address": address(),
    });
    let prefixed = "POST /api/v1/create-corporate";
    talk.vary(
        "all there is, under the other prefix",
        prefixed,
        (&wire, whole),
    );
    let renamed = json!({"name": "Other UAB"});
    talk.vary("the same id for another corporate", call, (&wire, renamed));
    talk.say("nothing", call, "{}");
    let unknown = json!({"vat": "1", "address": {"town": "x"}});
    talk.vary("fields that nobody knows", call, (&wire, unknown));
    let types = json!({
        "external_id": 1, "name": [], "registration_number": 305_123_456, "country": 1,
        "email": true, "phone": 1, "address": "Vilnius",
    });
    talk.vary("wrong types", call, (&wire, types));
    let forms = json!({
        "external_id": "", "name": "x".repeat(101), "registration_number": "x".repeat(65),
        "country": "lt", "email": "office", "phone": "060000000",
    });
    talk.vary("wrong forms", call, (&wire, forms));
    let nowhere = json!({"external_id": "corporate-3", "country": "ZZ"});
    talk.vary("registered in no country", call, (&wire, nowhere));
    talk.malformed(call);
    talk.assert_golden("finci_create_corporate").await;
    app.finish().await;
}

#[tokio::test]
async fn create_employee_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let [_, their_corporate, _] = strangers(&app).await;
    let (corporate, _) = company(&acme, "c-1").await;
    let owner = acme.person("p-1").await;
    let mut talk = Conversation::new(&app);
    let call = "POST /v1/create-employee";
    let ruta = callers::employee("employee-1", &corporate);
    talk.say("an employee", call, &ruta.to_string());
    talk.say("the same again: the first answer", call, &ruta.to_string());
    let short = json!({"external_id": "employee-2", "birth_date": null});
    let prefixed = "POST /api/v1/create-employee";
    talk.vary(
        "no more than needed, under the other prefix",
        prefixed,
        (&ruta, short),
    );
    let other = json!({"first_name": "Petra"});
    talk.vary("the same id for somebody else", call, (&ruta, other));
    talk.say("nothing", call, "{}");
    let unknown = json!({"salary": "1.00"});
    talk.vary("a field that nobody knows", call, (&ruta, unknown));
    let types = json!({
        "external_id": 1, "corporate_id": 1, "first_name": 1, "last_name": [], "birth_date": 1,
        "email": 0, "phone": 37_060_000_000_i64,
    });
    talk.vary("wrong types", call, (&ruta, types));
    let forms = json!({
        "corporate_id": "1", "first_name": "", "birth_date": "1991-02-30", "email": "ruta",
        "phone": "060000000",
    });
    talk.vary("wrong forms", call, (&ruta, forms));
    let unborn = json!({"external_id": "employee-3", "birth_date": "2090-02-03"});
    talk.vary("born in the future", call, (&ruta, unborn));
    for (title, id) in [
        ("a corporate that is not there", CORPORATE),
        ("somebody else's corporate", &their_corporate),
        ("a person is no corporate", &owner),
    ] {
        let with = json!({"external_id": "employee-4", "corporate_id": id});
        talk.vary(title, call, (&ruta, with));
    }
    talk.malformed(call);
    talk.assert_golden("finci_create_employee").await;
    app.finish().await;
}

#[tokio::test]
async fn update_person_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let [theirs, ..] = strangers(&app).await;
    let elsewhere = recorded_elsewhere(&app).await;
    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-person/{owner}");
    let read = format!("GET /v1/get-person/{owner}");
    let some = json!({"last_name": "Petraitis", "email": "petraitis@example.com"});
    talk.say("some of it", &call, &some.to_string());
    talk.say("the rest stays", &read, "");
    let mut moved = address();
    moved["city"] = "Kaunas".into();
    let all = json!({
        "first_name": "Petras", "last_name": "Petraitis", "birth_date": "1990-05-18",
        "nationality": null, "email": "petras@example.com", "phone": "+37060000009",
        "address": moved,
    });
    let prefixed = format!("PATCH /api/v1/update-person/{owner}");
    talk.say(
        "all of it, and the nationality is cleared",
        &prefixed,
        &all.to_string(),
    );
    talk.say("as it reads then", &read, "");
    talk.say("nothing at all: nothing changes", &call, "{}");
    let needed = json!({
        "first_name": null, "last_name": null, "birth_date": null, "email": null, "phone": null,
        "address": null,
    });
    talk.say(
        "what is required cannot be cleared",
        &call,
        &needed.to_string(),
    );
    talk.say(
        "the id of ours stays what it is",
        &call,
        r#"{"external_id":"p-2"}"#,
    );
    let types = json!({"first_name": 1, "birth_date": 1, "nationality": 1, "address": []});
    talk.say("wrong types", &call, &types.to_string());
    let forms = json!({"first_name": "", "birth_date": "1990-02-30", "phone": "1"});
    talk.say("wrong forms", &call, &forms.to_string());
    talk.say("a nationality of nowhere", &call, r#"{"nationality":"ZZ"}"#);
    talk.say(
        "born in the future",
        &call,
        r#"{"birth_date":"2090-01-01"}"#,
    );
    let mut nowhere = address();
    nowhere["country"] = "ZZ".into();
    let nowhere = json!({"address": nowhere});
    talk.say("an address in no country", &call, &nowhere.to_string());
    let checked = format!("PATCH /v1/update-person/{elsewhere}");
    talk.say(
        "somebody whom the platform checked",
        &checked,
        &some.to_string(),
    );
    unknown_in_path(&mut talk, "PATCH /v1/update-person", (PERSON, &theirs));
    talk.malformed(&call);
    talk.assert_golden("finci_update_person").await;
    app.finish().await;
}

#[tokio::test]
async fn whom_the_platform_approved_is_changed_there_however_little_there_was_to_check() {
    let app = TestApp::new().await;
    let number = app
        .operate(&app.demo, async |tx| {
            let loose = NewPerson {
                external_id: None,
                model: None,
                product: None,
                name: HolderName {
                    first: "Ana".to_owned(),
                    middle: None,
                    last: "Costa".to_owned(),
                },
                birth_date: None,
                nationality: None,
                contact: HolderContact {
                    email: None,
                    area_code: None,
                    phone: None,
                },
                address: None,
                document: None,
                profile: "{}".to_owned(),
            };
            let evidence = Evidence::default();
            let made = create_person(tx, loose, Vetting::Needed(&evidence)).await?;
            Ok(made.number.unwrap())
        })
        .await;
    app.run_jobs().await;
    let approved = "SELECT COUNT(*) FROM holder WHERE last_name = 'Costa' \
                    AND kyc_status = 'pass_audit'";
    assert_eq!(app.number(approved, &[]).await, 1);
    let path = format!("update-person/{number}");
    let renamed = json!({"last_name": "Petraitis"});
    let refused = app.finci().patch(&path, &renamed).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "person_id:not_changeable")
    );
    assert_eq!(app.number(approved, &[]).await, 1, "the name stays");
    app.finish().await;
}

/// Somebody whom the other API recorded and the platform checked: the published number.
async fn recorded_elsewhere(app: &TestApp) -> String {
    let fincard = app.fincard().await;
    let body = holder("ana@example.com");
    fincard.call("card/holder/v2/create", &body).await.ok();
    app.run_jobs().await;
    let newest = "SELECT MAX(CAST(SUBSTR(number, 7) AS INTEGER)) FROM holder \
                  WHERE email = 'ana@example.com'";
    format!("100110{:014}", app.number(newest, &[]).await)
}

#[tokio::test]
async fn update_corporate_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let (corporate, _) = company(&app.finci(), "c-1").await;
    let [_, theirs, _] = strangers(&app).await;
    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-corporate/{corporate}");
    let read = format!("GET /v1/get-corporate/{corporate}");
    let some = json!({"name": "Baltic Wire AB", "phone": "+37060000000", "address": address()});
    talk.say("some of it", &call, &some.to_string());
    talk.say("the rest stays", &read, "");
    let all = json!({
        "name": "Wire SIA", "registration_number": "40003000000", "country": "LV", "email": null,
        "phone": null, "address": null,
    });
    let prefixed = format!("PATCH /api/v1/update-corporate/{corporate}");
    talk.say("what is optional is cleared", &prefixed, &all.to_string());
    talk.say("as it reads then", &read, "");
    talk.say("nothing at all: nothing changes", &call, "{}");
    let needed = json!({"name": null, "registration_number": null, "country": null});
    talk.say(
        "what is required cannot be cleared",
        &call,
        &needed.to_string(),
    );
    talk.say(
        "a field that nobody knows",
        &call,
        r#"{"external_id":"c-2"}"#,
    );
    talk.say("registered in no country", &call, r#"{"country":"ZZ"}"#);
    let mut nowhere = address();
    nowhere["country"] = "ZZ".into();
    let nowhere = json!({"address": nowhere});
    talk.say("an address in no country", &call, &nowhere.to_string());
    unknown_in_path(
        &mut talk,
        "PATCH /v1/update-corporate",
        (CORPORATE, &theirs),
    );
    talk.malformed(&call);
    talk.assert_golden("finci_update_corporate").await;
    app.finish().await;
}

#[tokio::test]
async fn update_employee_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (_, employee) = company(&acme, "c-1").await;
    let owner = acme.person("p-1").await;
    let [_, _, theirs] = strangers(&app).await;
    let number: i64 = owner[6..].parse().unwrap();
    assert!(number > 0, "a person has a number and no sixteen digits");
    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-employee/{employee}");
    let read = format!("GET /v1/get-employee/{employee}");
    talk.say("some of it", &call, r#"{"last_name":"Jonaite"}"#);
    talk.say("the rest stays", &read, "");
    let all = json!({
        "first_name": "Rasa", "last_name": "Rasaite", "birth_date": null,
        "email": "rasa@example.com", "phone": "+37060000005",
    });
    let prefixed = format!("PATCH /api/v1/update-employee/{employee}");
    talk.say(
        "all of it, and the day of birth is cleared",
        &prefixed,
        &all.to_string(),
    );
    talk.say("as it reads then", &read, "");
    talk.say(
        "a day of birth again",
        &call,
        r#"{"birth_date":"1991-02-04"}"#,
    );
    talk.say("nothing at all: nothing changes", &call, "{}");
    let needed = json!({"first_name": null, "last_name": null, "email": null, "phone": null});
    talk.say(
        "what is required cannot be cleared",
        &call,
        &needed.to_string(),
    );
    talk.say(
        "the corporate stays what it is",
        &call,
        r#"{"corporate_id":"1"}"#,
    );
    talk.say(
        "born in the future",
        &call,
        r#"{"birth_date":"2090-01-01"}"#,
    );
    unknown_in_path(&mut talk, "PATCH /v1/update-employee", (EMPLOYEE, &theirs));
    talk.malformed(&call);
    talk.assert_golden("finci_update_employee").await;
    app.finish().await;
}

#[tokio::test]
async fn holders_are_read_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let (corporate, employee) = company(&acme, "c-1").await;
    let [their_person, their_corporate, their_employee] = strangers(&app).await;
    let elsewhere = recorded_elsewhere(&app).await;
    let mut talk = Conversation::new(&app);
    for (title, call, (own, missing, theirs)) in [
        (
            "a person",
            "GET /v1/get-person",
            (&owner, PERSON, &their_person),
        ),
        (
            "a corporate",
            "GET /v1/get-corporate",
            (&corporate, CORPORATE, &their_corporate),
        ),
        (
            "an employee",
            "GET /v1/get-employee",
            (&employee, EMPLOYEE, &their_employee),
        ),
    ] {
        talk.say(title, &format!("{call}/{own}"), "");
        let prefixed = call.replace("/v1", "/api/v1");
        talk.say("under the other prefix", &format!("{prefixed}/{own}"), "");
        unknown_in_path(&mut talk, call, (missing, theirs));
        talk.say("a body", &format!("{call}/{own}"), "{}");
        talk.wrongly_signed(&format!("{call}/{own}"));
    }
    let call = format!("GET /v1/get-person/{elsewhere}");
    talk.say("a person whom the other API recorded", &call, "");
    let call = format!("GET /v1/get-person/{corporate}");
    talk.say("a corporate is no person", &call, "");
    talk.assert_golden("finci_get_holders").await;
    app.finish().await;
}

#[tokio::test]
async fn lists_of_owners_are_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    acme.account(&owner, "USD").await;
    let (corporate, employee) = company(&acme, "c-1").await;
    let (other, _) = company(&acme, "c-2").await;
    acme.post("create-person", &person("p-2")).await.ok();
    let mut conversation = crate::harness::Conversation::default();
    for (list, narrow) in [
        ("get-persons", json!({"person_id": owner})),
        ("get-corporates", json!({"corporate_id": corporate})),
        ("get-employees", json!({"employee_id": employee})),
        ("get-accounts", json!({"account_id": account})),
    ] {
        let narrow: (&str, &Value) = (list, &narrow);
        list_conversation(&app, &mut conversation, narrow).await;
    }
    let mut say = async |title: &str, target: &str, body: Value| {
        app.pass(1);
        let request = acme
            .draft("POST", target, &body.to_string())
            .sign()
            .request();
        conversation.say(&app, title, request).await
    };
    let of_other = json!({"corporate_id": other});
    say(
        "the employees of a corporate",
        "/v1/get-employees",
        of_other.clone(),
    )
    .await;
    let missing = json!({"corporate_id": CORPORATE});
    say(
        "of one that is not there",
        "/v1/get-employees",
        missing.clone(),
    )
    .await;
    say(
        "the accounts of a person",
        "/v1/get-accounts",
        json!({"person_id": owner}),
    )
    .await;
    say("of a corporate without one", "/v1/get-accounts", of_other).await;
    say("of an owner that is not there", "/v1/get-accounts", missing).await;
    let two = json!({"person_id": owner, "corporate_id": other});
    say("of two owners", "/v1/get-accounts", two).await;
    conversation.assert_golden("finci_lists_of_owners");
    app.finish().await;
}

/// A list whole, narrowed, in pages, and with what it does not take.
async fn list_conversation(
    app: &TestApp,
    conversation: &mut crate::harness::Conversation,
    (list, narrow): (&str, &Value),
) {
    let acme = app.finci();
    let target = format!("/v1/{list}");
    let mut say = async |title: &str, target: &str, body: Value| {
        app.pass(1);
        let request = acme
            .draft("POST", target, &body.to_string())
            .sign()
            .request();
        conversation.say(app, title, request).await
    };
    let page = say(&format!("{list}: a page"), &target, json!({"limit": 1})).await;
    let cursor = page.ok()["next_cursor"].clone();
    let next = json!({"limit": 1, "cursor": cursor});
    let prefixed = format!("/api/v1/{list}");
    say("the next, under the other prefix", &prefixed, next).await;
    say("one by its id", &target, narrow.clone()).await;
    let none = json!({"external_id": "nobody's"});
    say("one by an id that we gave nobody", &target, none).await;
    let mut elsewhere = narrow.clone();
    elsewhere["cursor"] = cursor;
    say("a cursor of another filter", &target, elsewhere).await;
    say("a limit too large", &target, json!({"limit": 101})).await;
    let wrong = json!({"limit": "2", "cursor": 7, "external_id": 1, "offset": 1});
    say("wrong types, and what nobody knows", &target, wrong).await;
}
