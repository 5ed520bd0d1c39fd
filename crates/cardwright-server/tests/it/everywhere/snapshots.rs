//! Saved states: what goes back, what stays, and that nobody else's rows are touched.

mod former;
mod schema;

use cardwright_core::{CardId, Record, Refusal, TenantId};
use cardwright_server::{
    error::Error,
    ops::{
        clock::ClockChange,
        programs::DemoProgram,
        snapshots::{self, SnapshotName},
    },
    seed_file::SeedFile,
    steering::{self, Restored},
    store::{Actor, Scope, db::WriteSession, environment::EnvironmentName, jobs},
};
use serde_json::json;

use super::beneath;
use crate::harness::{FinciCaller, TestApp, holder};

async fn scope(app: &TestApp, program: &DemoProgram) -> Scope {
    Scope {
        tenant: app.tenant_id(program).await,
        actor: Actor::system("test"),
    }
}

fn named(name: &str) -> SnapshotName {
    SnapshotName::parse(name).unwrap()
}

async fn take(app: &TestApp, program: &DemoProgram, name: &str) -> i64 {
    let (scope, name) = (scope(app, program).await, named(name));
    let taken = app
        .app
        .write(&scope, async move |tx| snapshots::take(tx, &name).await);
    taken.await.unwrap()
}

async fn restore(
    app: &TestApp,
    program: &DemoProgram,
    name: SnapshotName,
) -> Result<Restored, Error> {
    steering::restore(&app.app, &scope(app, program).await, name).await
}

/// Some of everything that callers can make: holders, accounts, cards, orders, money, events.
async fn live(app: &TestApp, program: &DemoProgram, mark: &str) -> String {
    let signer = FinciCaller::new(app, program);
    let person = signer.person(mark).await;
    signer.account(&person, "EUR").await;
    let card = signer.card(&person).await;
    let session = crate::harness::FincardCaller::log_in(app, program).await;
    let email = format!("{mark}@example.com");
    let holder = session.holder(&email).await;
    session
        .card(&format!("order-number-{mark:0>10}"), Some(holder))
        .await;
    card
}

/// Balances that differ from what the journal says, over all tenants.
async fn faults(app: &TestApp) -> i64 {
    let sql = "SELECT COUNT(*) FROM account WHERE credits <> (SELECT COALESCE(SUM(amount), 0) \
               FROM transfer WHERE transfer.tenant = account.tenant AND receiver = account.id) \
               OR debits <> (SELECT COALESCE(SUM(amount), 0) FROM transfer \
               WHERE transfer.tenant = account.tenant AND payer = account.id) \
               OR entry_sequence <> (SELECT COUNT(*) FROM transfer WHERE \
               transfer.tenant = account.tenant AND (payer = account.id OR receiver = account.id))";
    app.number(sql, &[]).await
}

async fn statement(app: &TestApp, sql: &'static str, tenant: TenantId) -> Result<u64, String> {
    let done = app
        .app
        .store()
        .db()
        .write(async move |mut session: WriteSession| {
            session.execute(sql, &[tenant.get().into()]).await
        });
    done.await
        .map_err(|error: cardwright_server::store::db::DbError| error.to_string())
}

#[tokio::test]
async fn a_saved_state_comes_back_whole_and_alone() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    let (mine, theirs) = (app.tenant_id(&app.demo).await, app.tenant_id(&other).await);
    live(&app, &app.demo, "before").await;
    live(&app, &other, "theirs").await;
    let rows = take(&app, &app.demo, "one").await;
    let (before, strange) = (
        beneath::rows(&app, mine).await,
        beneath::rows(&app, theirs).await,
    );

    live(&app, &app.demo, "after").await;
    live(&app, &app.demo, "later").await;
    let last = app.number("SELECT MAX(id) FROM event", &[]).await;
    let restored = restore(&app, &app.demo, named("one")).await.unwrap();
    assert_eq!((restored.rows, restored.ran.count()), (rows, 0));
    let after = beneath::rows(&app, mine).await;
    // Who logged in, what was signed and what was done is not forgotten.
    assert_eq!(after.changed_since(&before), ["audit", "replay", "session"]);
    assert_eq!(
        beneath::rows(&app, theirs).await.changed_since(&strange),
        [""; 0]
    );
    assert_eq!(faults(&app).await, 0);

    // Ids go on from where they were, so that nothing is named like something that was there.
    live(&app, &app.demo, "after").await;
    let first = "SELECT MIN(id) FROM holder WHERE tenant = $1 AND external_id = 'after'";
    assert!(app.number(first, &[mine.get().into()]).await > last);
    assert_eq!(faults(&app).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_tenant_goes_back_to_how_it_was_made() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    for program in [&app.demo, &other] {
        let tenant = app.tenant_id(program).await;
        let made = beneath::rows(&app, tenant).await;
        live(&app, program, "something").await;
        restore(&app, program, SnapshotName::seed()).await.unwrap();
        restore(&app, program, SnapshotName::seed()).await.unwrap();
        let after = beneath::rows(&app, tenant).await;
        assert_eq!(after.changed_since(&made), ["audit", "replay", "session"]);
    }
    app.finish().await;
}

#[tokio::test]
async fn what_a_seed_file_put_in_belongs_to_how_the_tenant_was_made() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/sandbox-seed.json"
    );
    let file = SeedFile::read(example.as_ref()).unwrap();
    let ids = file.apply(app.app.store()).await.unwrap();
    let card = ids["cards"]["jonas-card"]["token_id"].as_str().unwrap();
    let made = beneath::rows(&app, tenant).await;
    live(&app, &app.demo, "later").await;
    restore(&app, &app.demo, SnapshotName::seed())
        .await
        .unwrap();
    let after = beneath::rows(&app, tenant).await;
    assert_eq!(after.changed_since(&made), ["audit", "replay", "session"]);
    assert_eq!(faults(&app).await, 0);
    let found = app.finci().get(&format!("get-card/{card}")).await.ok();
    assert_eq!(found["person_id"], ids["persons"]["jonas"]["person_id"]);
    app.finish().await;
}

#[tokio::test]
async fn a_seed_file_sets_zone_rates_and_controls_as_the_calls_would() {
    let app = TestApp::new().await;
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/sandbox-seed.json"
    );
    let file = SeedFile::read(example.as_ref()).unwrap();
    let ids = file.apply(app.app.store()).await.unwrap();
    let operator = app.operator();
    let read = async |path: String| operator.get(&path).await.record();
    let tenant = read(format!("tenants/{}", app.demo.tenant_uuid)).await;
    assert_eq!(tenant["time_zone"], "Europe/Vilnius");
    let rates = read("rates".to_owned()).await;
    assert_eq!(rates["items"][0]["source"], "ISK");
    assert_eq!(rates["items"][0]["rate_micros"], 6_800);
    let product = read("products/112001/controls".to_owned()).await;
    assert_eq!(product["blocked_mcc"], json!(["7995"]));
    let card = ids["cards"]["jonas-card"]["card_no"].as_str().unwrap();
    let controls = read(format!("cards/{card}/controls")).await;
    assert_eq!(controls["channels"]["atm"], false);
    let limits = read(format!("cards/{card}/limits")).await;
    assert_eq!(limits["limits"][0]["remaining_amount"], 50_000);
    // Midnight in Vilnius, where limits of a day begin anew.
    assert_eq!(limits["limits"][0]["resets_at"], "2027-01-04T22:00:00.000Z");
    app.finish().await;
}

#[tokio::test]
async fn a_name_that_is_used_again_names_the_later_state() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    take(&app, &app.demo, "one").await;
    live(&app, &app.demo, "a").await;
    let two = take(&app, &app.demo, "two").await;
    let one = take(&app, &app.demo, "one").await;
    assert_eq!(one, two);
    let kept = beneath::rows(&app, tenant).await;
    live(&app, &app.demo, "b").await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    let after = beneath::rows(&app, tenant).await;
    assert_eq!(after.changed_since(&kept), ["audit", "replay", "session"]);
    app.finish().await;
}

#[tokio::test]
async fn there_is_no_going_back_to_a_state_of_somebody_else() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    take(&app, &other, "theirs").await;
    let refused = restore(&app, &app.demo, named("theirs")).await.unwrap_err();
    let Error::Refused(refusal) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refusal, Refusal::NotFound(Record::Snapshot));
    app.finish().await;
}

#[tokio::test]
async fn what_was_asked_since_may_be_asked_again_but_no_signature_twice() {
    let app = TestApp::new().await;
    take(&app, &app.demo, "one").await;
    let signer = app.finci();
    let body = crate::harness::person("again").to_string();
    let draft = signer.draft("POST", "/v1/create-person", &body);
    assert_eq!(app.send(draft.sign().request()).await.status, 200);
    live(&app, &app.demo, "first").await;
    restore(&app, &app.demo, named("one")).await.unwrap();

    let replayed = app.send(draft.sign().request()).await;
    assert_eq!(replayed.code(), "request_replayed");
    // The same order number, e-mail address and own id, and everything is new.
    live(&app, &app.demo, "first").await;
    app.finish().await;
}

#[tokio::test]
async fn a_session_and_a_credential_outlive_going_back() {
    let app = TestApp::new().await;
    take(&app, &app.demo, "one").await;
    let session = app.fincard().await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    session.call("account/info", &json!({})).await.ok();
    app.finci().person("still-here").await;
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_came_back_has_its_number_and_one_that_went_gives_its_number_free() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let kept = live(&app, &app.demo, "kept").await;
    let kept = CardId::new(kept.parse().unwrap()).unwrap();
    let number = beneath::card_number(&app, tenant, kept).await;
    take(&app, &app.demo, "one").await;
    live(&app, &app.demo, "gone").await;
    app.meddle(
        "UPDATE card SET state = 'frozen' WHERE id = $1",
        &[kept.get().into()],
    )
    .await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    assert_eq!(beneath::card_number(&app, tenant, kept).await, number);
    let frozen = "SELECT COUNT(*) FROM card WHERE state = 'frozen'";
    assert_eq!(app.number(frozen, &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn time_does_not_go_back_and_what_became_due_meanwhile_is_done_before_the_answer() {
    let app = TestApp::new().await;
    let session = app.fincard().await;
    let created = session
        .call("card/holder/v2/create", &holder("a@example.com"))
        .await
        .ok();
    let id = created["data"]["holderId"].as_i64().unwrap();
    app.change_rows("UPDATE job SET due_at = due_at + 86400000", vec![])
        .await;
    take(&app, &app.demo, "waiting").await;
    let scope = scope(&app, &app.demo).await;
    let by = ClockChange::Advance {
        by: "P2D".parse().unwrap(),
    };
    let moved = steering::change_clock(&app.app, &scope, by).await.unwrap();
    assert_eq!(moved.ran.count(), 2);
    let ahead = app.app.now_of(scope.tenant);

    let restored = restore(&app, &app.demo, named("waiting")).await.unwrap();
    assert_eq!(app.app.now_of(scope.tenant), ahead);
    assert_eq!(restored.ran.per_kind.get("review_holder"), Some(&2));
    let sql = "SELECT COUNT(*) FROM holder WHERE id = $1 AND kyc_status = 'pass_audit'";
    assert_eq!(app.number(sql, &[id.into()]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn settings_go_back_and_who_the_tenant_is_stays() {
    let app = TestApp::new().await;
    take(&app, &app.demo, "one").await;
    app.meddle(
        "UPDATE tenant SET kyc_mode = 'manual', time_zone = 'Asia/Tokyo', name = 'New'",
        &[],
    )
    .await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    let sql = "SELECT COUNT(*) FROM tenant WHERE kyc_mode = 'auto' AND time_zone = 'UTC' \
               AND name = 'New'";
    assert_eq!(app.number(sql, &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn a_state_with_too_many_rows_is_not_saved() {
    let app = TestApp::new().await;
    let scope = scope(&app, &app.demo).await;
    let rows = take(&app, &app.demo, "one").await;
    for (most, fits) in [(rows, true), (rows - 1, false)] {
        let taken = app.app.write(&scope, async move |tx| {
            snapshots::take_within(tx, &named("two"), most).await
        });
        match taken.await {
            Ok(taken) => assert!(fits && taken == rows),
            Err(error) => {
                assert!(!fits);
                assert_eq!(error.log_text(), "refused: snapshot_too_large");
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_state_that_cannot_be_read_changes_nothing() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    take(&app, &app.demo, "one").await;
    live(&app, &app.demo, "since").await;
    let cut = "UPDATE snapshot_part SET content = substr(content, 1, length(content) - 1) \
               WHERE tenant = $1 AND table_name = 'event'";
    app.meddle(cut, &[tenant.get().into()]).await;
    let before = beneath::rows(&app, tenant).await;
    let error = restore(&app, &app.demo, named("one")).await.unwrap_err();
    assert!(error.log_text().starts_with("corrupt"), "{error}");
    for older in [
        // A column that went since, one that came since, and a state from before forms were kept.
        "UPDATE snapshot SET form = form || ' gone' WHERE tenant = $1",
        "UPDATE snapshot SET form = replace(form, ' external_space', '') WHERE tenant = $1",
        "UPDATE snapshot SET form = NULL WHERE tenant = $1",
    ] {
        app.meddle(older, &[tenant.get().into()]).await;
        let error = restore(&app, &app.demo, named("one")).await.unwrap_err();
        assert_eq!(error.log_text(), "refused: snapshot_outdated", "{older}");
    }
    let after = beneath::rows(&app, tenant).await;
    assert_eq!(after.changed_since(&before), ["snapshot"]);
    app.finish().await;
}

#[tokio::test]
async fn a_state_of_an_older_program_is_put_back_as_long_as_its_tables_are_the_same() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    live(&app, &app.demo, "before").await;
    take(&app, &app.demo, "one").await;
    let saved = beneath::rows(&app, tenant).await;
    // As if the program that saved it had known neither the last steps nor a table of theirs, which
    // was empty anyway.
    let older = "UPDATE snapshot SET schema_version = 12, \
                 form = replace(form, substr(form, instr(form, char(10) || 'dispute '), \
                 instr(substr(form, instr(form, char(10) || 'dispute ') + 1), char(10))), '') \
                 WHERE tenant = $1";
    app.meddle(older, &[tenant.get().into()]).await;
    let kept = "SELECT COUNT(*) FROM snapshot WHERE name = 'one' AND form LIKE '%dispute%'";
    assert_eq!(app.number(kept, &[]).await, 0);
    live(&app, &app.demo, "since").await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    let after = beneath::rows(&app, tenant).await;
    let changed = after.changed_since(&saved);
    assert!(
        changed
            .iter()
            .all(|table| ["snapshot", "audit", "replay", "session"].contains(table)),
        "{changed:?}"
    );
    app.finish().await;
}

#[tokio::test]
async fn the_append_only_tables_stay_so_for_everybody_else() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    live(&app, &app.demo, "a").await;
    take(&app, &app.demo, "one").await;
    restore(&app, &app.demo, named("one")).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) FROM restoring", &[]).await, 0);
    for sql in [
        "DELETE FROM transfer WHERE tenant = $1",
        "DELETE FROM journal_entry WHERE tenant = $1",
        "DELETE FROM event WHERE tenant = $1",
        "DELETE FROM audit WHERE tenant = $1",
        "UPDATE transfer SET amount = 1 WHERE tenant = $1",
        "UPDATE event SET facts = '' WHERE tenant = $1",
    ] {
        let refused = statement(&app, sql, tenant).await.unwrap_err();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    // Who marks another tenant gets nowhere either.
    let other = app.tenant("Other").await;
    let other = app.tenant_id(&other).await;
    let marked = app
        .app
        .store()
        .db()
        .write(async move |mut session: WriteSession| {
            let mark = "INSERT INTO restoring (tenant) VALUES ($1)";
            session.execute(mark, &[other.get().into()]).await?;
            let clear = "DELETE FROM transfer WHERE tenant = $1";
            session.execute(clear, &[tenant.get().into()]).await
        });
    let refused: cardwright_server::store::db::DbError = marked.await.unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
    app.finish().await;
}

#[tokio::test]
async fn production_neither_saves_nor_goes_back() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let tenant = app.tenant_id(&app.demo).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM snapshot", &[]).await, 0);
    for (sql, words) in [
        (
            "INSERT INTO restoring (tenant) VALUES ($1)",
            "only a sandbox",
        ),
        (
            "INSERT INTO snapshot (tenant, name, schema_version, row_count, taken_at) \
             VALUES ($1, 'a', 1, 0, 0)",
            "only a sandbox",
        ),
        (
            "INSERT INTO domain_clock (tenant, offset_ms) VALUES ($1, 5)",
            "only a sandbox",
        ),
        ("DELETE FROM environment WHERE $1 = $1", "never changes"),
        (
            "UPDATE environment SET name = 'sandbox' WHERE $1 = $1",
            "never changes",
        ),
    ] {
        let refused = statement(&app, sql, tenant).await.unwrap_err();
        assert!(refused.contains(words), "{sql}: {refused}");
    }
    // A second row would make both true.
    let second = "INSERT INTO environment (name, created_at) VALUES ('sandbox', $1)";
    statement(&app, second, tenant).await.unwrap();
    let mark = "INSERT INTO restoring (tenant) VALUES ($1)";
    assert!(statement(&app, mark, tenant).await.is_err());
    app.finish().await;
}

#[tokio::test]
async fn a_book_that_went_back_is_opened_again_when_it_is_needed() {
    let app = TestApp::new().await;
    take(&app, &app.demo, "one").await;
    let card = app.fincard().await.card("order-0000000000001", None).await;
    let body = json!({"card_id": card, "amount": 100, "currency": "USD"});
    let pay = async || app.sandbox().post("simulate/authorization", &body).await;
    assert_eq!(pay().await.record()["approved"], true);
    restore(&app, &app.demo, named("one")).await.unwrap();
    // The card is gone with everything else, and so is the book that its payment had opened.
    assert_eq!(pay().await.status, 404);
    let card = app.fincard().await.card("order-0000000000001", None).await;
    let body = json!({"card_id": card, "amount": 100, "currency": "USD"});
    let paid = app.sandbox().post("simulate/authorization", &body).await;
    assert_eq!(paid.record()["approved"], true);
    app.finish().await;
}

#[tokio::test]
async fn steps_of_a_state_that_came_back_are_taken_once() {
    let app = TestApp::new().await;
    let holder_id = {
        let session = app.fincard().await;
        let answer = session
            .call("card/holder/v2/create", &holder("once@example.com"))
            .await;
        answer.ok()["data"]["holderId"].as_i64().unwrap()
    };
    take(&app, &app.demo, "waiting").await;
    assert_eq!(app.run_jobs().await, 2);
    let restored = restore(&app, &app.demo, named("waiting")).await.unwrap();
    assert_eq!(restored.ran.count(), 2);
    let next = app
        .app
        .store()
        .system_read(async |session| jobs::next_due(session).await);
    assert_eq!(next.await.unwrap(), None);
    let told = "SELECT COUNT(*) FROM event WHERE subject_kind = 'holder' AND subject_id = $1";
    assert_eq!(app.number(told, &[holder_id.into()]).await, 3);
    app.finish().await;
}
