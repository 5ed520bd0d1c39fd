//! How often what is secret about cards is shown: counted for users and tenants, by real time.

use std::num::NonZeroU32;

use cardwright_server::{app::Settings, ops::reveals::RevealLimits};
use serde_json::json;

use super::support::{failure, order_no, together};
use crate::harness::{Conversation, FincardCaller, TestApp};

const SHOW: &str = "card/info/sensitive";
const CHALLENGES: &str = "card/3ds/transaction";

/// A sandbox in which a user may look so often a minute.
async fn limited(per_user: u32) -> TestApp {
    let reveals = RevealLimits::for_user(NonZeroU32::new(per_user).unwrap());
    TestApp::with_settings(Settings {
        reveals,
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn who_looks_too_often_is_told_when_to_come_back() {
    let app = limited(2).await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let body = json!({"cardNo": card}).to_string();
    let mut talk = Conversation::default();
    talk.say(&app, "Looks at a card", acme.request(SHOW, &body))
        .await
        .ok();
    talk.say(&app, "Looks at its codes", acme.request(CHALLENGES, &body))
        .await
        .ok();
    let title = "Looks a third time within the minute";
    let refused = talk.say(&app, title, acme.request(SHOW, &body)).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    let title = "Codes are counted with the cards";
    let refused = talk.say(&app, title, acme.request(CHALLENGES, &body)).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    assert_eq!(refused.headers["retry-after"], "30");
    app.pass(30);
    let title = "Comes back when it was told to";
    talk.say(&app, title, acme.request(SHOW, &body)).await.ok();
    talk.assert_golden("fincard_rate_limited");
    let looks = "SELECT COUNT(*) FROM audit WHERE action = 'card.reveal'";
    assert_eq!(
        app.number(looks, &[]).await,
        2,
        "refused looks show nothing"
    );
    app.finish().await;
}

#[tokio::test]
async fn another_session_has_no_looks_of_its_own_and_another_user_of_another_tenant_has() {
    let app = limited(1).await;
    let acme = app.fincard().await;
    let card = json!({"cardNo": acme.card(&order_no(1), None).await});
    acme.call(SHOW, &card).await.ok();
    app.pass(1);
    let again = app.fincard().await;
    assert_ne!(again.token, acme.token);
    let refused = again.call(SHOW, &card).await;
    assert_eq!(failure(&refused), (429, "rate_limited".to_owned()));
    // Everything else is answered as before.
    again.call("card/info", &card).await.ok();
    let other = app.tenant("other").await;
    let other = FincardCaller::log_in(&app, &other).await;
    let card = json!({"cardNo": other.card(&order_no(1), None).await});
    other.call(SHOW, &card).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_clock_that_a_sandbox_moves_gives_no_looks_back() {
    let app = limited(1).await;
    let acme = app.fincard().await;
    let card = json!({"cardNo": acme.card(&order_no(1), None).await});
    acme.call(SHOW, &card).await.ok();
    app.sandbox()
        .post("clock/advance", &json!({"by": "PT1H"}))
        .await
        .record();
    assert_eq!(failure(&acme.call(SHOW, &card).await).0, 429);
    app.finish().await;
}

#[tokio::test]
async fn looks_at_the_same_time_are_counted_one_by_one() {
    let app = limited(5).await;
    let acme = app.fincard().await;
    let card = json!({"cardNo": acme.card(&order_no(1), None).await});
    let replies = together((0..20).map(|_| acme.call(SHOW, &card))).await;
    let shown = replies.iter().filter(|reply| reply.status == 200).count();
    let refused = replies.iter().filter(|reply| reply.status == 429).count();
    assert_eq!((shown, refused), (5, 15));
    let looks = "SELECT COUNT(*) FROM audit WHERE action = 'card.reveal'";
    assert_eq!(app.number(looks, &[]).await, 5);
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_is_not_there_uses_up_a_look_too() {
    let app = limited(1).await;
    let acme = app.fincard().await;
    let nobody = json!({"cardNo": "42"});
    assert_eq!(
        acme.call(SHOW, &nobody).await.json()["errorCode"],
        "card_not_found"
    );
    assert_eq!(failure(&acme.call(SHOW, &nobody).await).0, 429);
    app.finish().await;
}
