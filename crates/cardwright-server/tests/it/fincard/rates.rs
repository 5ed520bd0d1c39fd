//! How many calls a user may make in its sessions, by the clock in the test's hand.

use cardwright_server::{app::Settings, throttle::CallRate};
use serde_json::json;

use super::support::{failure, form, together};
use crate::harness::{Conversation, FincardCaller, TestApp};

const INFO: &str = "account/info";

async fn limited(per_second: u32) -> TestApp {
    let settings = Settings {
        call_rate: CallRate::per_second(per_second),
        ..Settings::default()
    };
    TestApp::with_settings(settings).await
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_back() {
    let app = limited(2).await;
    let acme = app.fincard().await;
    let mut talk = Conversation::default();
    let info = || acme.request(INFO, "{}");
    talk.say(&app, "The first", info()).await.ok();
    talk.say(&app, "The second", info()).await.ok();
    let refused = talk.say(&app, "One too many", info()).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    assert_eq!(refused.headers["retry-after"], "1");
    let file = form(&acme, &[("file", Some("a.png"), b"no picture")]);
    let refused = talk.say(&app, "A file is a call too", file).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    app.pass(1);
    talk.say(&app, "Comes back when it was told to", info())
        .await
        .ok();
    talk.assert_golden("fincard_call_rate");
    app.finish().await;
}

#[tokio::test]
async fn all_sessions_of_a_user_share_its_calls_and_nobody_elses() {
    let app = limited(3).await;
    let acme = app.fincard().await;
    let again = app.fincard().await;
    let other = app.tenant("other").await;
    let other = FincardCaller::log_in(&app, &other).await;
    let body = json!({});
    let callers = [&acme, &again, &acme, &again, &other, &other];
    let replies = together(callers.iter().map(|caller| caller.call(INFO, &body))).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    let refused = statuses.iter().filter(|status| **status == 429).count();
    assert_eq!(refused, 1, "{statuses:?}");
    assert_eq!(
        other.call(INFO, &body).await.ok()["success"],
        true,
        "its third"
    );
    app.finish().await;
}

#[tokio::test]
async fn who_cannot_say_who_it_is_takes_nobodys_place() {
    let app = limited(1).await;
    let acme = app.fincard().await;
    let other = app.tenant("other").await.tenant_uuid;
    for _ in 0..5 {
        // A token of the one with the name of the other.
        let mut request = acme.request(INFO, "{}");
        let name = other.parse().unwrap();
        request.headers_mut().insert("x-tenant-id", name);
        assert_eq!(app.send(request).await.status, 401);
    }
    acme.call(INFO, &json!({})).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_refused_call_has_no_effect_and_can_be_made_later() {
    let app = limited(1).await;
    let acme = app.fincard().await;
    let pool = |name: &str| json!({"accountName": name});
    acme.call("account/create", &pool("One")).await.ok();
    let refused = acme.call("account/create", &pool("Two")).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    app.pass(1);
    let accounts = acme.call("account/list", &json!({})).await.ok();
    assert_eq!(accounts["data"]["total"], 2, "the wallet and one pool");
    app.pass(1);
    acme.call("account/create", &pool("Two")).await.ok();
    app.finish().await;
}
