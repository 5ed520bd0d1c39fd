//! Who did what: every write explains itself, and what happened is told once.

use axum::http::Method;
use cardwright_core::{Event, JobId};
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
        audit: beneath::number(app, "SELECT MAX(id) FROM audit", Vec::new()).await,
        event: beneath::number(app, "SELECT MAX(id) FROM event", Vec::new()).await,
    }
}

fn words(row: &Row, columns: usize) -> String {
    let column = |index| row.get::<String>(index).unwrap();
    (0..columns).map(column).collect::<Vec<_>>().join(" ")
}

/// Everything since the mark. Each audit row must name its actor, address and request.
async fn since(app: &TestApp, mark: &Mark, (kind, id, request): (&str, &str, &str)) -> Trail {
    let rows = beneath::query(app, AUDIT, vec![mark.audit.into()]).await;
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
    let events = beneath::query(app, sql, vec![mark.event.into()]).await;
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
    beneath::number(app, sql, vec![token]).await.to_string()
}

#[tokio::test]
async fn every_signed_write_says_who_did_what_and_tells_what_happened_once() {
    let app = TestApp::new().await;
    let (finci, credential) = (app.finci(), credential(&app).await);
    let person = finci.person("p-0").await;
    finci.account(&person, "USD").await;
    let card = finci.card(&person).await;
    let status = format!("update-card-status/{card}");
    let stage = format!("update-card-stage/{card}");
    let (post, patch) = (Method::POST, Method::PATCH);
    let changed = ["card_status_changed card"];
    let body = callers::person("p-1");
    let mut other = body.clone();
    other["first_name"] = "Petras".into();
    let cases: Vec<(&Method, &str, Value, Trail)> = vec![
        (
            &post,
            "create-person",
            body.clone(),
            trail(
                &["holder.create holder done"],
                &["holder_status_changed holder"],
            ),
        ),
        (
            &post,
            "create-person",
            body,
            trail(&["request.repeat request done"], &[]),
        ),
        (
            &post,
            "create-person",
            other,
            trail(
                &["finci.create-person request refused:external_id_conflict"],
                &[],
            ),
        ),
        (
            &post,
            "create-account",
            json!({"person_id": person, "currency": "EUR", "external_id": "a"}),
            trail(
                &["account.create account done"],
                &["account_created account"],
            ),
        ),
        (
            &post,
            "create-account",
            json!({"person_id": person, "currency": "EUR", "external_id": "a"}),
            trail(&["request.repeat request done"], &[]),
        ),
        (
            &post,
            "create-account",
            json!({"person_id": person, "currency": "XXQ"}),
            trail(
                &["finci.create-account request refused:currency:invalid"],
                &[],
            ),
        ),
        (
            &post,
            "create-card",
            callers::card(&person),
            trail(
                &["finci.create-card request refused:account_id:ambiguous"],
                &[],
            ),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "deactivated"}),
            trail(&["card.change_status card done"], &changed),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "deactivated"}),
            trail(&["card.change_status card done"], &[]),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "referral"}),
            trail(
                &["finci.update-card-status request refused:token_status:transition_not_allowed"],
                &[],
            ),
        ),
        (
            &patch,
            &stage,
            json!({"token_stage": "plastic_not_delivered"}),
            trail(
                &["card.change_stage card done"],
                &["card_stage_changed card"],
            ),
        ),
        (
            &patch,
            &stage,
            json!({"token_stage": "plastic_not_delivered"}),
            trail(&["card.change_stage card done"], &[]),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "lost"}),
            trail(&["card.change_status card done"], &changed),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "lost"}),
            trail(&["card.change_status card done"], &[]),
        ),
        (
            &patch,
            &status,
            json!({"token_status": "gone"}),
            trail(
                &["finci.update-card-status request refused:token_status:not_allowed"],
                &[],
            ),
        ),
        (
            &post,
            "get-cards",
            json!({"person_id": person}),
            trail(&[], &[]),
        ),
    ];
    for (method, path, body, expected) in cases {
        let mark = mark(&app).await;
        let target = format!("/v1/{path}");
        let reply = finci.call(method.clone(), &target, &body.to_string()).await;
        let by = ("credential", credential.as_str(), &*request_id(&reply));
        let found = since(&app, &mark, by).await;
        assert_eq!(found, expected, "{path} {body} -> {}", reply.text);
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

#[tokio::test]
async fn every_write_in_a_session_says_who_did_what_and_tells_what_happened_once() {
    let app = TestApp::new().await;
    let fincard = app.fincard().await;
    let user = app.demo.user_uuid.clone();
    let card = fincard.card("order-0000000000001", None).await;
    let order = |number: u8| json!({"cardNo": card, "merchantOrderNo": format!("order-10000000000{number:02}")});
    let open =
        json!({"merchantOrderNo": "order-0000000000009", "cardTypeId": 111_001, "amount": "10"});
    let mut holder = callers::holder("ana@example.com");
    holder["merchantOrderNo"] = "holder-0000000000000001".into();
    let (freeze, unfreeze) = ("card/v2/freeze", "card/v2/unfreeze");
    let moved = ["card_status_changed card", "order_finished card"];
    let cases: Vec<(&str, Value, Trail)> = vec![
        (
            "card/holder/v2/create",
            holder.clone(),
            trail(
                &["holder.create holder done"],
                &["holder_status_changed holder"],
            ),
        ),
        (
            "card/holder/v2/create",
            holder,
            trail(&["request.repeat request done"], &[]),
        ),
        (
            "card/holder/v2/create",
            callers::holder("ana@example.com"),
            trail(&[], &[]),
        ),
        (
            "card/v2/openCard",
            open.clone(),
            trail(
                &["card.create card done", "order.create card done"],
                &["card_created card", "order_finished card"],
            ),
        ),
        (
            "card/v2/openCard",
            open,
            trail(&["request.repeat request done"], &[]),
        ),
        (freeze, order(1), trail(&["order.freeze card done"], &moved)),
        (
            freeze,
            order(1),
            trail(&["request.repeat request done"], &[]),
        ),
        (
            freeze,
            order(2),
            trail(&["order.freeze card done"], &["order_finished card"]),
        ),
        (
            unfreeze,
            order(3),
            trail(&["order.unfreeze card done"], &moved),
        ),
        (unfreeze, order(4), trail(&[], &[])),
        ("card/list", json!({}), trail(&[], &[])),
    ];
    for (path, body, expected) in cases {
        let mark = mark(&app).await;
        let reply = fincard.call(path, &body).await;
        let by = ("user", user.as_str(), &*request_id(&reply));
        let found = since(&app, &mark, by).await;
        assert_eq!(found, expected, "{path} {body} -> {}", reply.text);
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
    let rows = beneath::query(&app, AUDIT, vec![before.audit.into()]).await;
    let found: Vec<String> = rows.iter().map(|row| words(row, 6)).collect();
    let step = [
        "job.take job done system job ",
        "holder.review holder done system job ",
    ];
    assert_eq!(found, [step, step].concat());
    let sql = "SELECT kind, facts FROM event WHERE id > $1 ORDER BY id";
    let events = beneath::query(&app, sql, vec![before.event.into()]).await;
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
async fn events_of_one_subject_are_numbered_without_gaps() {
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
    let sql = "SELECT subject_sequence FROM event WHERE subject_id = $1 ORDER BY id";
    let id: i64 = card.parse().unwrap();
    let rows = beneath::query(&app, sql, vec![id.into()]).await;
    let numbers: Vec<i64> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(
        numbers,
        (1..=22).collect::<Vec<i64>>(),
        "made, then two for each order"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_write_that_nobody_could_explain_is_refused_and_undone() {
    let app = TestApp::new().await;
    let tenant = beneath::tenant(&app, &app.demo).await;
    let sql = "SELECT id FROM holder ORDER BY id LIMIT 1";
    let holder = beneath::number(&app, sql, Vec::new()).await;
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
            status: "approved",
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
