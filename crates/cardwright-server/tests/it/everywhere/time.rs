//! A tenant's own time: what goes by it, and what keeps real time whatever it says.

use cardwright_core::{ClockMode, DomainClock, HolderId, Refusal, SandboxRefusal, Timestamp};
use cardwright_server::{
    error::Error,
    ops::{clock::ClockChange, programs::DemoProgram},
    steering::{self, Moved},
    store::{Actor, Scope, Tx, jobs},
};
use jiff::{SignedDuration, Span};
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{FincardCaller, TestApp, holder};

const FORTY_DAYS_S: i64 = 40 * 24 * 60 * 60;

/// Changes a tenant's clock as an operator does.
async fn change(app: &TestApp, program: &DemoProgram, change: ClockChange) -> Result<Moved, Error> {
    let scope = Scope {
        tenant: app.tenant_id(program).await,
        actor: Actor::system("test"),
    };
    steering::change_clock(&app.app, &scope, change).await
}

async fn moved(app: &TestApp, wanted: ClockChange) -> Moved {
    change(app, &app.demo, wanted).await.unwrap()
}

fn by(text: &str) -> ClockChange {
    let by: Span = text.parse().unwrap();
    ClockChange::Advance { by }
}

fn to(time: Timestamp) -> ClockChange {
    let to = Some(time);
    ClockChange::Set { to, mode: None }
}

fn mode(mode: ClockMode) -> ClockChange {
    let mode = Some(mode);
    ClockChange::Set { to: None, mode }
}

async fn time_of(app: &TestApp, program: &DemoProgram) -> Timestamp {
    app.app.now_of(app.tenant_id(program).await)
}

/// Remembers a step of a holder's checks that is due so much later by the tenant's time.
async fn review_after(app: &TestApp, program: &DemoProgram, (holder, delay): (i64, &str)) {
    let delay: SignedDuration = delay.parse().unwrap();
    let schedule = async move |tx: &mut Tx| {
        let task = jobs::Task::ReviewHolder(HolderId::new(holder).unwrap());
        let due_at = tx.now().checked_add(delay).unwrap();
        jobs::schedule(tx, task, due_at).await
    };
    app.operate(program, schedule).await;
}

async fn waiting_holder(app: &TestApp, caller: &FincardCaller<'_>, email: &str) -> i64 {
    let answer = caller.call("card/holder/v2/create", &holder(email)).await;
    let id = answer.ok()["data"]["holderId"].as_i64().unwrap();
    app.change_rows("DELETE FROM job", vec![]).await;
    id
}

async fn kyc(app: &TestApp, holder: i64) -> String {
    let sql = "SELECT kyc_status FROM holder WHERE id = $1";
    app.rows(sql, vec![holder.into()]).await[0].get(0).unwrap()
}

#[tokio::test]
async fn sessions_and_signatures_keep_real_time() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    moved(&app, by("P40D")).await;

    let listed = session.call("account/info", &json!({})).await;
    assert_ne!(listed.json()["code"], 401, "{}", listed.text);
    let signer = app.finci();
    let person = signer.person("after-the-jump").await;
    let account = signer.account(&person, "EUR").await;
    let replayed = signer.draft("POST", "/v1/create-person", "{}");
    assert_eq!(app.send(replayed.sign().request()).await.status, 400);
    let again = signer.draft("POST", "/v1/create-person", "{}");
    assert_eq!(
        app.send(again.sign().request()).await.code(),
        "request_replayed"
    );

    // A token still ends an hour after the login, in real time.
    app.pass(3_590);
    assert_eq!(session.call("account/info", &json!({})).await.status, 200);
    app.pass(20);
    assert_eq!(session.call("account/info", &json!({})).await.status, 401);
    assert_eq!(
        signer.get(&format!("get-account/{account}")).await.status,
        200
    );
    app.finish().await;
}

#[tokio::test]
async fn login_locks_and_what_is_removed_when_it_is_over_keep_real_time() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    app.finci().person("before").await;
    let (signatures, sessions) = (
        app.taken_signatures().await,
        app.number("SELECT COUNT(*) FROM session", &[]).await,
    );
    moved(&app, by("P40D")).await;
    cardwright_server::jobs::remove_outdated(&app.app)
        .await
        .unwrap();
    assert_eq!(app.taken_signatures().await, signatures);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM session", &[]).await,
        sessions
    );
    let began = "SELECT COUNT(*) FROM session WHERE created_at > $1";
    let start = app.now().as_millisecond();
    FincardCaller::log_in(&app, &app.demo).await;
    assert_eq!(app.number(began, &[start.into()]).await, 0);
    assert_eq!(session.call("account/info", &json!({})).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn records_go_by_the_tenants_time_and_audit_rows_by_real_time() {
    let app = TestApp::new().await;
    let signer = app.finci();
    moved(&app, by("P40D")).await;
    let after = signer.person("after").await;
    signer.account(&after, "EUR").await;
    let card = signer.card(&after).await;

    let now = app.now().as_millisecond();
    let later = now + FORTY_DAYS_S * 1_000;
    for sql in [
        "SELECT MAX(created_at) FROM holder",
        "SELECT MAX(created_at) FROM card",
        "SELECT MAX(created_at) FROM account",
        "SELECT MAX(created_at) FROM event",
    ] {
        let made = app.number(sql, &[]).await;
        assert!(made > later - 10_000 && made <= later, "{sql}: {made}");
    }
    for sql in [
        "SELECT MAX(at) FROM audit",
        "SELECT MAX(created_at) FROM answered_request",
    ] {
        assert!(app.number(sql, &[]).await <= now, "{sql}");
    }
    // 36 months after the month of issue, which is by now January.
    let expiry = "SELECT expiry_month FROM card WHERE id = $1";
    let expiry = app
        .number(expiry, &[card.parse::<i64>().unwrap().into()])
        .await;
    assert_eq!((expiry / 12, expiry % 12 + 1), (2026 + 3, 12));
    app.finish().await;
}

#[tokio::test]
async fn ids_are_numbered_by_real_time() {
    let app = TestApp::without_seed().await;
    let other = app.tenant("Other").await;
    moved(&app, by("P10Y")).await;
    let mine = app.operate(&app.demo, async |tx: &mut Tx| tx.next_id().await);
    let theirs = app.operate(&other, async |tx: &mut Tx| tx.next_id().await);
    let (mine, theirs) = (mine.await, theirs.await);
    assert!(mine < theirs && theirs - mine < 100, "{mine} {theirs}");
    app.finish().await;
}

#[tokio::test]
async fn steps_become_due_by_the_tenants_time_and_are_taken_before_the_answer() {
    let app = TestApp::new().await;
    let caller = app.fincard().await;
    let (soon, late) = (
        waiting_holder(&app, &caller, "soon@example.com").await,
        waiting_holder(&app, &caller, "late@example.com").await,
    );
    review_after(&app, &app.demo, (soon, "PT24H")).await;
    review_after(&app, &app.demo, (late, "PT960H")).await;

    assert_eq!(app.run_jobs().await, 0);
    assert_eq!(moved(&app, by("PT23H59M")).await.ran.count(), 0);
    assert_eq!(kyc(&app, soon).await, "wait_audit");
    let ran = moved(&app, by("PT1M")).await.ran;
    // The second step became due by the first.
    assert_eq!(
        ran.per_kind.into_iter().collect::<Vec<_>>(),
        [("review_holder", 2)]
    );
    assert_eq!(kyc(&app, soon).await, "pass_audit");
    assert_eq!(kyc(&app, late).await, "wait_audit");
    // Real time brings the rest closer as well.
    app.pass(FORTY_DAYS_S - 24 * 60 * 60);
    assert_eq!(app.run_jobs().await, 2);
    assert_eq!(kyc(&app, late).await, "pass_audit");
    app.finish().await;
}

#[tokio::test]
async fn nothing_becomes_due_while_a_clock_stands_still() {
    let app = TestApp::new().await;
    let caller = app.fincard().await;
    let (frozen, running) = (
        waiting_holder(&app, &caller, "frozen@example.com").await,
        app.tenant("Other").await,
    );
    moved(&app, mode(ClockMode::Frozen)).await;
    review_after(&app, &app.demo, (frozen, "PT1H")).await;
    app.pass(FORTY_DAYS_S);
    assert_eq!(app.run_jobs().await, 0);
    let next = app
        .app
        .store()
        .system_read(async |session| jobs::next_due(session).await);
    assert_eq!(
        next.await.unwrap(),
        None,
        "nobody waits for a clock that stands"
    );

    // Another tenant's time is its own.
    assert_eq!(time_of(&app, &running).await, app.now());
    let stood = time_of(&app, &app.demo).await;
    assert_eq!(
        app.now().duration_since(stood),
        SignedDuration::from_secs(FORTY_DAYS_S)
    );
    moved(&app, mode(ClockMode::Running)).await;
    assert_eq!(time_of(&app, &app.demo).await, stood);
    app.pass(3_599);
    assert_eq!(app.run_jobs().await, 0);
    app.pass(1);
    assert_eq!(app.run_jobs().await, 2);
    app.finish().await;
}

#[tokio::test]
async fn the_next_step_is_awaited_by_the_clock_of_its_tenant() {
    let app = TestApp::new().await;
    let caller = app.fincard().await;
    let holder = waiting_holder(&app, &caller, "a@example.com").await;
    moved(&app, by("P40D")).await;
    review_after(&app, &app.demo, (holder, "PT1H")).await;
    let next = app
        .app
        .store()
        .system_read(async |session| jobs::next_due(session).await);
    let expected = app.now().checked_add(SignedDuration::from_hours(1));
    assert_eq!(next.await.unwrap(), Some(expected.unwrap()));
    moved(&app, by("PT1H")).await;
    app.finish().await;
}

#[tokio::test]
async fn a_clock_that_was_moved_wakes_whoever_waits_for_steps() {
    let app = TestApp::new().await;
    moved(&app, by("PT1H")).await;
    app.app.job_added().await;
    app.finish().await;
}

#[tokio::test]
async fn a_clock_goes_neither_back_nor_beyond_its_end_and_says_so() {
    let app = TestApp::new().await;
    moved(&app, by("P1D")).await;
    let refused = async |wanted| match change(&app, &app.demo, wanted).await {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused(to(app.now())).await,
        Refusal::Sandbox(SandboxRefusal::ClockBackwards)
    );
    assert_eq!(
        refused(by("-PT1S")).await,
        Refusal::Sandbox(SandboxRefusal::ClockBackwards)
    );
    assert_eq!(
        refused(by("-P9999Y")).await,
        Refusal::Sandbox(SandboxRefusal::ClockBackwards)
    );
    assert_eq!(
        refused(by("P100Y")).await,
        Refusal::Sandbox(SandboxRefusal::ClockTooFar)
    );
    assert_eq!(
        refused(by("P9999Y")).await,
        Refusal::Sandbox(SandboxRefusal::ClockTooFar)
    );
    let end = DomainClock::latest();
    moved(&app, to(end)).await;
    let person = app.finci().person("at-the-end").await;
    app.finci().account(&person, "EUR").await;
    app.finci().card(&person).await;
    app.finish().await;
}

#[tokio::test]
async fn months_are_those_of_the_calendar() {
    let app = TestApp::new().await;
    moved(&app, to("2027-01-31T08:00:00Z".parse().unwrap())).await;
    moved(&app, by("P1M")).await;
    let now = time_of(&app, &app.demo).await;
    assert_eq!(now.to_string(), "2027-02-28T08:00:00Z");
    app.finish().await;
}

#[tokio::test]
async fn two_changes_in_one_commit_see_each_other() {
    let app = TestApp::new().await;
    let scope = Scope {
        tenant: app.tenant_id(&app.demo).await,
        actor: Actor::system("test"),
    };
    let mut changes = JoinSet::new();
    for _ in 0..8 {
        let (app, scope) = (app.app.clone(), scope.clone());
        changes.spawn(async move { steering::change_clock(&app, &scope, by("PT1H")).await });
    }
    for change in changes.join_all().await {
        change.unwrap();
    }
    let ahead = time_of(&app, &app.demo).await.duration_since(app.now());
    assert_eq!(ahead, SignedDuration::from_hours(8));
    app.finish().await;
}

#[tokio::test]
async fn a_clock_outlives_the_process() {
    let app = TestApp::on_file().await;
    moved(&app, by("P40D")).await;
    let other = app.tenant("Other").await;
    change(&app, &other, mode(ClockMode::Frozen)).await.unwrap();
    let (mine, theirs) = (time_of(&app, &app.demo).await, time_of(&app, &other).await);
    let app = app.restarted().await;
    assert_eq!(time_of(&app, &app.demo).await, mine);
    app.pass(60);
    assert_eq!(time_of(&app, &other).await, theirs);
    app.finish().await;
}

#[tokio::test]
async fn production_keeps_real_time() {
    let environment = cardwright_server::store::environment::EnvironmentName::Production;
    let app = TestApp::in_environment(environment).await;
    let error = change(&app, &app.demo, by("P1D")).await.unwrap_err();
    assert!(error.log_text().contains("only a sandbox"), "{error}");
    assert_eq!(time_of(&app, &app.demo).await, app.now());
    app.finish().await;
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_still_counts() {
    let app = TestApp::new().await;
    let scope = Scope {
        tenant: app.tenant_id(&app.demo).await,
        actor: Actor::system("test"),
    };
    let change = steering::change_clock(&app.app, &scope, by("P1D"));
    // Begun and left at its first wait.
    {
        let mut change = std::pin::pin!(change);
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        // Ready only where the store was faster than this line.
        let _begun = change.as_mut().poll(&mut context);
    }
    // The store does one write after the other, so this one comes after the change.
    app.operate(&app.demo, async |_: &mut Tx| Ok(())).await;
    let ahead = time_of(&app, &app.demo).await.duration_since(app.now());
    assert_eq!(ahead, SignedDuration::from_hours(24));
    app.finish().await;
}
