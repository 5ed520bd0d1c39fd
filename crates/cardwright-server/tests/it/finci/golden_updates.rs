//! Changing cards, whole: every answer that these operations can give.

use cardwright_core::{CardId, PlatformBlock};
use cardwright_server::store::cards;
use serde_json::json;

use super::conversation::Conversation;
use crate::harness::{FinciCaller, TestApp};

/// A tenant's card, and another tenant's.
async fn two_cards(app: &TestApp) -> (String, String) {
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let stranger = FinciCaller::new(app, &app.tenant("other").await);
    let other = stranger.person("p-1").await;
    stranger.account(&other, "EUR").await;
    (acme.card(&owner).await, stranger.card(&other).await)
}

#[tokio::test]
async fn update_card_status_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let (token, theirs) = two_cards(&app).await;
    let owner = app.finci().person("p-2").await;
    app.finci().account(&owner, "EUR").await;
    let blocked = app.finci().card(&owner).await;
    block(&app, &blocked).await;

    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-card-status/{token}");
    let wanting = |status: &str| json!({"token_status": status}).to_string();
    talk.say("another status", &call, &wanting("deactivated"));
    talk.say("the status it has", &call, &wanting("deactivated"));
    let prefixed = format!("PATCH /api/v1/update-card-status/{token}");
    talk.say(
        "back, under the other prefix",
        &prefixed,
        &wanting("active"),
    );
    talk.say("a status for creation only", &call, &wanting("new"));
    talk.say("no status", &call, &wanting("Active"));
    talk.say("nothing", &call, "{}");
    talk.say("a number", &call, r#"{"token_status":1}"#);
    talk.say("null", &call, r#"{"token_status":null}"#);
    let more = r#"{"token_status":"active","reason":"x"}"#;
    talk.say("a field that nobody knows", &call, more);
    for (title, id) in [
        ("no such card", "0000000000000042"),
        ("somebody else's", &theirs),
        ("no id at all", "abc"),
    ] {
        let call = format!("PATCH /v1/update-card-status/{id}");
        talk.say(title, &call, &wanting("deactivated"));
    }
    let call_blocked = format!("PATCH /v1/update-card-status/{blocked}");
    talk.say(
        "one the platform blocked",
        &call_blocked,
        &wanting("active"),
    );
    talk.say("an end", &call, &wanting("compromized"));
    talk.say("what an end allows no more", &call, &wanting("active"));
    talk.malformed(&call);
    talk.assert_golden("finci_update_card_status").await;
    app.finish().await;
}

/// Blocks a card as an operator does.
async fn block(app: &TestApp, token_id: &str) {
    let id = CardId::parse_padded(token_id).unwrap();
    app.operate(&app.demo, async move |tx| {
        let mut card = cards::get(tx, id).await?;
        card.block = PlatformBlock::Blocked { since: tx.now() };
        cards::put(tx, &card).await
    })
    .await;
}

#[tokio::test]
async fn update_card_stage_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let (token, theirs) = two_cards(&app).await;
    let owner = app.finci().person("p-2").await;
    app.finci().account(&owner, "EUR").await;
    let closed = app.finci().card(&owner).await;
    let path = format!("update-card-status/{closed}");
    let lost = json!({"token_status": "lost"});
    app.finci().patch(&path, &lost).await.ok();
    let virtual_only = virtual_card(&app).await;

    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-card-stage/{token}");
    let wanting = |stage: &str| json!({"token_stage": stage}).to_string();
    let plastic = wanting("plastic_not_delivered");
    talk.say("plastic is ordered", &call, &plastic);
    talk.say("and ordered again", &call, &plastic);
    let prefixed = format!("PATCH /api/v1/update-card-stage/{token}");
    talk.say(
        "and cancelled, under the other prefix",
        &prefixed,
        &wanting("digital"),
    );
    talk.say(
        "a stage that only fulfilment sets",
        &call,
        &wanting("plastic_delivered"),
    );
    talk.say("no stage", &call, &wanting("metal"));
    talk.say("nothing", &call, "{}");
    talk.say("a number", &call, r#"{"token_stage":1}"#);
    let more = r#"{"token_stage":"digital","express_delivery":true}"#;
    talk.say("a field that nobody knows", &call, more);
    for (title, id) in [
        ("no such card", "0000000000000042"),
        ("somebody else's", &theirs),
        ("no id at all", "abc"),
        ("a card that is closed", &closed),
        ("a product without plastic", &virtual_only),
    ] {
        talk.say(
            title,
            &format!("PATCH /v1/update-card-stage/{id}"),
            &plastic,
        );
    }
    talk.malformed(&call);
    talk.assert_golden("finci_update_card_stage").await;
    app.finish().await;
}

/// A card of a product that has no plastic, opened through the other API.
async fn virtual_card(app: &TestApp) -> String {
    let card = app.fincard().await.card("order-0000000000001", None).await;
    app.run_jobs().await;
    format!("{:016}", card.parse::<i64>().unwrap())
}
