//! Guessing passwords: ten wrong ones lock a user for one address, a hundred slow it everywhere.

use cardwright_server::store::logins;
use serde_json::json;

use super::{DENIED, by_email, first_form, log_in};
use crate::{
    fincard::support::{headed, together, with},
    harness::{Reply, TestApp},
};

const HOME: &str = "192.0.2.1:1000";
const ELSEWHERE: &str = "192.0.2.2:1000";

async fn from(app: &TestApp, peer: &str, password: Option<&str>) -> Reply {
    let mut body = by_email(app);
    if let Some(password) = password {
        body["password"] = password.into();
    }
    let request = first_form(&app.demo.tenant_uuid, &body.to_string());
    app.send_from(peer, request).await
}

async fn fail(app: &TestApp, peer: &str, times: usize) {
    for _ in 0..times {
        let reply = from(app, peer, Some("wrong")).await;
        assert_eq!((reply.status, reply.text.as_str()), (401, DENIED));
    }
}

async fn audited(app: &TestApp, outcome: &str) -> i64 {
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'session.begin' AND outcome = $1";
    app.number(sql, &[outcome.into()]).await
}

#[tokio::test]
async fn ten_failures_lock_a_user_for_one_address_and_half_an_hour() {
    let app = TestApp::new().await;
    fail(&app, HOME, 9).await;
    from(&app, HOME, None).await.ok();
    fail(&app, HOME, 9).await;
    assert_eq!(
        audited(&app, "refused:locked").await,
        0,
        "a login begins a new row"
    );
    fail(&app, HOME, 1).await;
    assert_eq!(audited(&app, "refused:locked").await, 1);
    let locked = from(&app, HOME, None).await;
    assert_eq!((locked.status, locked.text.as_str()), (401, DENIED));
    from(&app, ELSEWHERE, None).await.ok();
    app.pass(30 * 60 - 1);
    assert_eq!(from(&app, HOME, None).await.text, DENIED);
    app.pass(1);
    from(&app, HOME, None).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn trying_on_does_not_prolong_a_lock_and_its_end_is_a_new_beginning() {
    let app = TestApp::new().await;
    fail(&app, HOME, 10).await;
    app.pass(20 * 60);
    fail(&app, HOME, 3).await;
    app.pass(10 * 60);
    fail(&app, HOME, 9).await;
    from(&app, HOME, None).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn an_address_that_is_only_claimed_does_not_count() {
    let app = TestApp::new().await;
    for number in 0..10 {
        let body = with(by_email(&app), &json!({"password": "wrong"})).to_string();
        let request = first_form(&app.demo.tenant_uuid, &body);
        let claim = format!("198.51.100.{number}");
        let request = headed(request, "x-forwarded-for", &[&claim]);
        assert_eq!(app.send_from(HOME, request).await.text, DENIED);
    }
    let right = first_form(&app.demo.tenant_uuid, &by_email(&app).to_string());
    let right = headed(right, "x-forwarded-for", &["203.0.113.200"]);
    assert_eq!(app.send_from(HOME, right).await.text, DENIED);
    app.finish().await;
}

#[tokio::test]
async fn another_port_and_another_spelling_are_the_same_address() {
    let app = TestApp::new().await;
    fail(&app, "192.0.2.1:1", 5).await;
    fail(&app, "[::ffff:192.0.2.1]:2", 5).await;
    assert_eq!(from(&app, HOME, None).await.text, DENIED);
    app.finish().await;
}

#[tokio::test]
async fn a_lock_holds_for_one_user_only() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    fail(&app, crate::harness::LOOPBACK, 10).await;
    crate::harness::FincardCaller::log_in(&app, &other).await;
    assert_eq!(log_in(&app, &json!({})).await.text, DENIED);
    app.finish().await;
}

#[tokio::test]
async fn the_second_form_counts_for_the_same_lock() {
    let app = TestApp::new().await;
    for _ in 0..10 {
        let reply = super::log_in_as(&app, &json!({"password": "wrong"})).await;
        assert_eq!(reply.text, DENIED);
    }
    assert_eq!(log_in(&app, &json!({})).await.text, DENIED);
    app.finish().await;
}

#[tokio::test]
async fn guesses_at_the_same_time_are_all_counted() {
    let app = TestApp::new().await;
    let guesses = (0..20).map(|_| from(&app, HOME, Some("wrong")));
    for reply in together(guesses).await {
        assert_eq!(reply.text, DENIED);
    }
    assert_eq!(from(&app, HOME, None).await.text, DENIED);
    let sql = "SELECT failures FROM login_pressure";
    assert_eq!(app.number(sql, &[]).await, 20, "the right one is no guess");
    app.finish().await;
}

#[tokio::test]
async fn a_hundred_failures_from_anywhere_slow_a_user_to_one_login_a_second() {
    let app = TestApp::new().await;
    for network in 0..10 {
        fail(&app, &format!("192.0.2.{network}:1000"), 10).await;
    }
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'user.slow_logins' AND subject_id = $1";
    let slowed = app.number(sql, &[app.demo.user_uuid.as_str().into()]).await;
    assert_eq!(slowed, 1, "the operator reads of it once");
    let fresh = "198.51.100.1:1000";
    assert_eq!(from(&app, fresh, None).await.text, DENIED, "too soon");
    app.pass(1);
    from(&app, fresh, None).await.ok();
    assert_eq!(from(&app, fresh, None).await.text, DENIED, "one a second");
    app.pass(1);
    from(&app, fresh, None).await.ok();
    // A minute counts until all of it is ten minutes over.
    app.pass(11 * 60);
    for _ in 0..3 {
        from(&app, fresh, None).await.ok();
    }
    app.finish().await;
}

#[tokio::test]
async fn a_hundred_failures_around_the_end_of_ten_minutes_are_a_hundred_failures() {
    let app = TestApp::new().await;
    fail(&app, "192.0.2.0:1000", 1).await;
    app.pass(10 * 60 - 1);
    for network in 1..=98 {
        fail(&app, &format!("192.0.2.{network}:1000"), 1).await;
    }
    app.pass(2);
    fail(&app, "192.0.2.200:1000", 2).await;
    let fresh = "198.51.100.1:1000";
    assert_eq!(from(&app, fresh, None).await.text, DENIED, "too soon");
    app.pass(1);
    from(&app, fresh, None).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn whoever_hammers_a_slowed_user_does_not_keep_it_out() {
    let app = TestApp::new().await;
    for network in 0..100 {
        fail(&app, &format!("192.0.2.{network}:1000"), 1).await;
    }
    app.clock.advance(jiff::SignedDuration::from_millis(500));
    fail(&app, "192.0.2.200:1000", 1).await;
    app.clock.advance(jiff::SignedDuration::from_millis(500));
    from(&app, "198.51.100.1:1000", None).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_guess_at_nobody_waits_for_the_disk_like_a_wrong_password() {
    let app = TestApp::new().await;
    let nobody = json!({"email": "nobody@demo.example"});
    for _ in 0..3 {
        assert_eq!(log_in(&app, &nobody).await.text, DENIED);
    }
    let sql = "SELECT failures FROM login_failure WHERE tenant = 0";
    assert_eq!(app.number(sql, &[]).await, 3, "in one row, whoever guesses");
    app.finish().await;
}

#[tokio::test]
async fn the_right_password_at_a_bad_time_is_refused_and_counts_as_no_guess() {
    let app = TestApp::new().await;
    fail(&app, HOME, 10).await;
    for _ in 0..3 {
        assert_eq!(from(&app, HOME, None).await.text, DENIED);
    }
    let pressure = "SELECT failures FROM login_pressure";
    assert_eq!(app.number(pressure, &[]).await, 10);
    assert_eq!(audited(&app, "refused:locked").await, 4);
    for network in 100..190 {
        fail(&app, &format!("192.0.2.{network}:1000"), 1).await;
    }
    for _ in 0..12 {
        assert_eq!(from(&app, ELSEWHERE, None).await.text, DENIED, "slowed");
    }
    assert_eq!(app.number(pressure, &[]).await, 100);
    assert_eq!(audited(&app, "refused:slowed").await, 12);
    let sql = "SELECT COUNT(*) FROM audit WHERE action = 'user.slow_logins'";
    assert_eq!(app.number(sql, &[]).await, 1, "said once");
    app.pass(1);
    from(&app, ELSEWHERE, None).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn all_addresses_of_an_ipv6_network_share_one_lock() {
    let app = TestApp::new().await;
    for host in 1..=10 {
        fail(&app, &format!("[2001:db8:0:1::{host:x}]:1000"), 1).await;
    }
    let neighbour = "[2001:db8:0:1:ffff::1]:1000";
    assert_eq!(from(&app, neighbour, None).await.text, DENIED);
    let rows = "SELECT COUNT(*) FROM login_failure";
    assert_eq!(app.number(rows, &[]).await, 1);
    from(&app, "[2001:db8:0:2::1]:1000", None).await.ok();
    app.finish().await;
}

async fn purge(app: &TestApp, limit: i64) -> u64 {
    let now = app.now();
    app.app
        .store()
        .system(async move |tx| logins::purge(tx, now, limit).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn failures_are_forgotten_after_a_quiet_hour_unless_they_lock() {
    let app = TestApp::new().await;
    fail(&app, HOME, 10).await;
    for network in 100..103 {
        fail(&app, &format!("192.0.2.{network}:1000"), 1).await;
    }
    app.pass(60 * 60);
    fail(&app, ELSEWHERE, 1).await;
    assert_eq!(purge(&app, 100).await, 0, "not yet longer than an hour");
    let sql = "UPDATE login_failure SET locked_until = $1 WHERE failures = 10";
    let locked_until = app.now().as_millisecond() + 2000;
    assert_eq!(app.change_rows(sql, vec![locked_until.into()]).await, 1);
    app.pass(1);
    assert_eq!(purge(&app, 2).await, 2, "no more than asked for");
    assert_eq!(purge(&app, 100).await, 1);
    app.pass(1);
    assert_eq!(purge(&app, 100).await, 1, "the lock is over");
    let sql = "SELECT COUNT(*) FROM login_failure WHERE address = '192.0.2.2'";
    assert_eq!(app.number(sql, &[]).await, 1);
    app.finish().await;
}
