//! Who did what: every write explains itself, and what happened is told once.

use axum::http::Method;
use cardwright_core::{Event, JobId, KycState};
use cardwright_server::{
    error::Error,
    store::{
        Actor, Scope,
        db::{DbError, Row},
        holders, jobs,
    },
};
use serde_json::{Value, json};

use super::beneath;
use crate::harness::{LOOPBACK, Reply, TestApp, callers};

/// What an operation leaves behind.
#[derive(PartialEq, Eq, Debug)]
struct Trail {
    /// `action subject_kind outcome` of each audit row.
    audit: Vec<String>,
    /// `kind subject_kind` of each event.
    events: Vec<String>,
}

/// Where the two logs ended.
struct Mark {
    audit: i64,
    event: i64,
}

const AUDIT: &str = "SELECT action, subject_kind, outcome, actor_kind, actor_id, address, \
     request_id, subject_id, claimed_for, claimed_from FROM audit WHERE id > $1 ORDER BY id";

async fn mark(app: &TestApp) -> Mark {
    Mark {
        audit: app.number("SELECT MAX(id) FROM audit", &[]).await,
        event: app.number("SELECT MAX(id) FROM event", &[]).await,
    }
}

fn words(row: &Row, columns: usize) -> String {
    let column = |index| row.get::<String>(index).unwrap();
    (0..columns).map(column).collect::<Vec<_>>().join(" ")
}

/// Everything since the mark. Each audit row must name its actor, address and request.
async fn since(app: &TestApp, mark: &Mark, (kind, id, request): (&str, &str, &str)) -> Trail {
    let rows = app.rows(AUDIT, vec![mark.audit.into()]).await;
    for row in &rows {
        let text = |index| row.get::<String>(index).unwrap();
        let address = LOOPBACK.split(':').next().unwrap();
        assert_eq!((text(3), text(4)), (kind.to_owned(), id.to_owned()));
        assert_eq!((text(5), text(6)), (address.to_owned(), request.to_owned()));
        let is_refusal = text(2).starts_with("refused");
        assert!(is_refusal || !text(7).is_empty(), "a subject: {}", text(0));
        let claims: (Option<String>, Option<String>) = (row.get(8).unwrap(), row.get(9).unwrap());
        let claimed = (Some("203.0.113.9".to_owned()), Some("shop".to_owned()));
        let expected = if kind == "user" {
            claimed
        } else {
            (None, None)
        };
        assert_eq!(claims, expected, "claims are kept as claims");
    }
    let sql = "SELECT kind, subject_kind FROM event WHERE id > $1 ORDER BY id";
    let events = app.rows(sql, vec![mark.event.into()]).await;
    Trail {
        audit: rows.iter().map(|row| words(row, 3)).collect(),
        events: events.iter().map(|row| words(row, 2)).collect(),
    }
}

fn request_id(reply: &Reply) -> String {
    reply.headers["x-request-id"].to_str().unwrap().to_owned()
}

fn trail(audit: &[&str], events: &[&str]) -> Trail {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Trail {
        audit: owned(audit),
        events: owned(events),
    }
}

async fn credential(app: &TestApp) -> String {
    let token = app.demo.finci.token.as_str().into();
    let sql = "SELECT id FROM credential WHERE token = $1";
    app.number(sql, &[token]).await.to_string()
}

/// A request and what it leaves behind: audit rows and events, separated by semicolons.
struct Case {
    method: Method,
    path: String,
    body: Value,
    left: Trail,
}

fn case(method: Method, (path, body): (&str, &Value), audit: &str, events: &str) -> Case {
    let list = |text: &str| -> Vec<String> {
        let parts = text.split("; ").filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    Case {
        method,
        path: path.to_owned(),
        body: body.clone(),
        left: Trail {
            audit: list(audit),
            events: list(events),
        },
    }
}

fn post(path: &str, body: &Value, audit: &str, events: &str) -> Case {
    case(Method::POST, (path, body), audit, events)
}

/// Creations, their repeats and their refusals.
fn creations(person: &str) -> Vec<Case> {
    let (create, open) = ("create-person", "create-account");
    let body = callers::person("p-1");
    let mut other = body.clone();
    other["first_name"] = "Petras".into();
    let euros = json!({"person_id": person, "currency": "EUR", "external_id": "a"});
    let nothing = json!({"person_id": person, "currency": "XXQ"});
    let card = callers::card(person);
    let (repeat, told) = (
        "request.repeat request done",
        "holder_status_changed holder",
    );
    let conflict = "finci.create-person request refused:external_id_conflict";
    let invalid = "finci.create-account request refused:currency:invalid";
    let ambiguous = "finci.create-card request refused:account_id:ambiguous";
    vec![
        post(create, &body, "holder.create holder done", told),
        post(create, &body, repeat, ""),
        post(create, &other, conflict, ""),
        post(
            open,
            &euros,
            "account.create account done",
            "account_created account",
        ),
        post(open, &euros, repeat, ""),
        post(open, &nothing, invalid, ""),
        post("create-card", &card, ambiguous, ""),
    ]
}

/// Changes of a card, to what it is already, too, and to what it cannot be.
fn changes(card: &str) -> Vec<Case> {
    let status = |word: &str, audit: &str, events: &str| {
        let path = format!("update-card-status/{card}");
        let body = json!({"token_status": word});
        case(Method::PATCH, (&path, &body), audit, events)
    };
    let stage = |word: &str, audit: &str, events: &str| {
        let path = format!("update-card-stage/{card}");
        let body = json!({"token_stage": word});
        case(Method::PATCH, (&path, &body), audit, events)
    };
    let (done, told) = ("card.change_status card done", "card_status_changed card");
    let refused =
        |why: &str| format!("finci.update-card-status request refused:token_status:{why}");
    let staged = "card.change_stage card done";
    vec![
        status("deactivated", done, told),
        status("deactivated", done, ""),
        status("referral", &refused("transition_not_allowed"), ""),
        stage("plastic_not_delivered", staged, "card_stage_changed card"),
        stage("plastic_not_delivered", staged, ""),
        status("lost", done, told),
        status("lost", done, ""),
        status("gone", &refused("not_allowed"), ""),
    ]
}

#[tokio::test]
async fn every_signed_write_says_who_did_what_and_tells_what_happened_once() {
    let app = TestApp::new().await;
    let (finci, credential) = (app.finci(), credential(&app).await);
    let person = finci.person("p-0").await;
    finci.account(&person, "USD").await;
    let card = finci.card(&person).await;
    let mut cases = creations(&person);
    cases.extend(changes(&card));
    cases.push(post("get-cards", &json!({"person_id": person}), "", ""));
    for case in cases {
        let mark = mark(&app).await;
        let (target, body) = (format!("/v1/{}", case.path), case.body.to_string());
        let reply = finci.call(case.method, &target, &body).await;
        let by = ("credential", credential.as_str(), &*request_id(&reply));
        let found = since(&app, &mark, by).await;
        assert_eq!(found, case.left, "{target} {body} -> {}", reply.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn an_issued_card_is_audited_and_told_and_a_replayed_request_only_audited() {
    let app = TestApp::new().await;
    let (finci, credential) = (app.finci(), credential(&app).await);
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let body = callers::card(&person).to_string();
    for expected in [
        trail(&["card.create card done"], &["card_created card"]),
        trail(&["finci.create-card request refused:request_replayed"], &[]),
    ] {
        let mark = mark(&app).await;
        let reply = app
            .send(finci.request(&Method::POST, "/v1/create-card", &body))
            .await;
        let by = ("credential", credential.as_str(), &*request_id(&reply));
        assert_eq!(since(&app, &mark, by).await, expected);
    }
    app.finish().await;
}

/// Calls on a card, repeats and what changes nothing among them.
fn calls(card: &str) -> Vec<Case> {
    let order = |number: u8| json!({"cardNo": card, "merchantOrderNo": format!("order-10000000{number:05}")});
    let open =
        json!({"merchantOrderNo": "order-0000000000009", "cardTypeId": 111_001, "amount": "10"});
    let mut holder = callers::holder("ana@example.com");
    holder["merchantOrderNo"] = "holder-0000000000000001".into();
    let duplicate = callers::holder("ana@example.com");
    let (create, opening) = ("card/holder/v2/create", "card/v2/openCard");
    let (freeze, unfreeze) = ("card/v2/freeze", "card/v2/unfreeze");
    let (repeat, moved) = (
        "request.repeat request done",
        "card_status_changed card; order_finished card",
    );
    let opened = "card.create card done; order.create card done";
    let told = "card_created card; order_finished card";
    let recorded = "holder_status_changed holder";
    vec![
        post(create, &holder, "holder.create holder done", recorded),
        post(create, &holder, repeat, ""),
        post(create, &duplicate, "", ""),
        post(opening, &open, opened, told),
        post(opening, &open, repeat, ""),
        post(freeze, &order(1), "order.freeze card done", moved),
        post(freeze, &order(1), repeat, ""),
        post(
            freeze,
            &order(2),
            "order.freeze card done",
            "order_finished card",
        ),
        post(unfreeze, &order(3), "order.unfreeze card done", moved),
        post(unfreeze, &order(4), "", ""),
        post("card/list", &json!({}), "", ""),
    ]
}

#[tokio::test]
async fn every_write_in_a_session_says_who_did_what_and_tells_what_happened_once() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let user = app.demo.user_uuid.clone();
    let card = fincard.card("order-0000000000001", None).await;
    for case in calls(&card) {
        let mark = mark(&app).await;
        let reply = fincard.call(&case.path, &case.body).await;
        let by = ("user", user.as_str(), &*request_id(&reply));
        let found = since(&app, &mark, by).await;
        assert_eq!(
            found, case.left,
            "{} {} -> {}",
            case.path, case.body, reply.text
        );
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn logins_are_audited_whether_they_succeed_or_not() {
    let app = TestApp::new().await;
    for (password, expected) in [
        (app.demo.password.expose(), "session.begin session done"),
        ("wrong", "session.begin user refused:invalid_credentials"),
    ] {
        let mark = mark(&app).await;
        let body = json!({"email": app.demo.email, "password": password, "tenantId": app.demo.tenant_uuid});
        let request = callers::context(&app.demo.tenant_uuid, "/api/auth/login");
        let reply = app
            .send(request.body(body.to_string().into()).unwrap())
            .await;
        let by = ("user", app.demo.user_uuid.as_str(), &*request_id(&reply));
        assert_eq!(since(&app, &mark, by).await, trail(&[expected], &[]));
    }
    app.finish().await;
}

#[tokio::test]
async fn the_platforms_own_steps_are_audited_as_its_own() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    fincard
        .call("card/holder/v2/create", &callers::holder("a@example.com"))
        .await
        .ok();
    let before = mark(&app).await;
    assert_eq!(app.run_jobs().await, 2, "two steps, one event each");
    let rows = app.rows(AUDIT, vec![before.audit.into()]).await;
    let found: Vec<String> = rows.iter().map(|row| words(row, 6)).collect();
    let step = [
        "job.take job done system job ",
        "holder.review holder done system job ",
    ];
    assert_eq!(found, [step, step].concat());
    let sql = "SELECT kind, facts FROM event WHERE id > $1 ORDER BY id";
    let events = app.rows(sql, vec![before.event.into()]).await;
    let events: Vec<String> = events.iter().map(|row| words(row, 2)).collect();
    assert_eq!(
        events,
        [
            r#"holder_status_changed {"status":"under_review"}"#,
            r#"holder_status_changed {"status":"pass_audit"}"#,
        ]
    );
    app.finish().await;
}

#[tokio::test]
async fn events_of_one_subject_have_ids_in_the_order_of_their_causes() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let card = fincard.card("order-0000000000001", None).await;
    for number in 10..20 {
        let path = if number % 2 == 0 {
            "card/v2/freeze"
        } else {
            "card/v2/unfreeze"
        };
        let body = json!({"cardNo": card, "merchantOrderNo": format!("order-00000000000{number}")});
        fincard.call(path, &body).await.ok();
    }
    let sql = "SELECT kind FROM event WHERE subject_id = $1 ORDER BY id";
    let id: i64 = card.parse().unwrap();
    let rows = app.rows(sql, vec![id.into()]).await;
    let kinds: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    let (made, orders) = kinds.split_at(2);
    assert_eq!(made, ["card_created", "order_finished"]);
    for pair in orders.chunks(2) {
        assert_eq!(pair, ["card_status_changed", "order_finished"], "{kinds:?}");
    }
    assert_eq!(orders.len(), 20);
    app.finish().await;
}

#[tokio::test]
async fn a_write_that_nobody_could_explain_is_refused_and_undone() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let sql = "SELECT id FROM holder ORDER BY id LIMIT 1";
    let holder = app.number(sql, &[]).await;
    let holder = cardwright_core::HolderId::new(holder).unwrap();
    let scope = Scope {
        tenant,
        actor: Actor::system("test"),
    };
    let before = beneath::rows(&app, tenant).await;

    let changed = app.app.store().write(&scope, async move |tx| {
        let holder = holders::get(tx, holder).await?;
        holders::put_kyc(tx, &holder).await
    });
    let refusal = changed.await.unwrap_err();
    assert!(
        matches!(refusal, Error::Storage(DbError::Misuse { .. })),
        "{refusal}"
    );
    let told = app.app.store().write(&scope, async move |tx| {
        tx.emit(Event::HolderStatusChanged {
            holder,
            kyc: KycState::Approved,
        })
        .await
    });
    assert!(told.await.is_err(), "an event is a change, too");
    assert_eq!(beneath::rows(&app, tenant).await, before);

    // Such as a step that another instance has already taken.
    let nothing = app.app.store().write(&scope, async |tx| {
        jobs::claim(tx, JobId::new(42).unwrap()).await
    });
    assert!(
        !nothing.await.unwrap(),
        "what changes no row needs no explanation"
    );
    let looked = app
        .app
        .store()
        .write(&scope, async move |tx| holders::get(tx, holder).await);
    assert!(looked.await.is_ok(), "who only looks owes no explanation");
    let changed = app.app.store().write(&scope, async move |tx| {
        let holder = holders::get(tx, holder).await?;
        holders::put_kyc(tx, &holder).await?;
        tx.audit("test.change", ("holder", &holder.id.to_string()))
            .await
    });
    assert!(changed.await.is_ok());
    app.finish().await;
}
