//! Replacing cards, whole: every answer there is, and what follows a card to the one after it.

use cardwright_core::{CardId, PlatformBlock};
use cardwright_server::store::cards;
use serde_json::{Value, json};

use super::conversation::{Conversation, varied};
use crate::harness::{FinciCaller, TestApp, address, card};

async fn owner(app: &TestApp, external_id: &str) -> String {
    let owner = app.finci().person(external_id).await;
    app.finci().account(&owner, "EUR").await;
    owner
}

async fn made(app: &TestApp, owner: &str, with: Value) -> String {
    let made = app
        .finci()
        .post("create-card", &varied(&card(owner), with))
        .await
        .ok();
    made["token_id"].as_str().unwrap().to_owned()
}

async fn set_status(app: &TestApp, token: &str, status: &str) {
    let path = format!("update-card-status/{token}");
    app.finci()
        .patch(&path, &json!({"token_status": status}))
        .await
        .ok();
}

async fn read(app: &TestApp, token: &str) -> Value {
    app.finci().get(&format!("get-card/{token}")).await.ok()
}

async fn replaced(app: &TestApp, token: &str, body: Value) -> String {
    let answer = app
        .finci()
        .post(&format!("replace-card/{token}"), &body)
        .await
        .ok();
    assert_eq!(answer["replaces"], token);
    answer["token_id"].as_str().unwrap().to_owned()
}

/// Adds bodies that do not say what has to be said.
fn wrong_bodies(talk: &mut Conversation<'_>, call: &str) {
    talk.say("no reason", call, "{}");
    talk.say("a reason that there is not", call, r#"{"reason":"bored"}"#);
    let wrong = json!({
        "reason": 1, "delivery_address": {"line1": "x"}, "express_delivery": "no", "price": 1,
    });
    talk.say(
        "wrong types, and what nobody knows",
        call,
        &wrong.to_string(),
    );
    let mut nowhere = address();
    nowhere["country"] = "ZZ".into();
    let nowhere = json!({"reason": "lost", "delivery_address": nowhere});
    talk.say("delivered to no country", call, &nowhere.to_string());
}

#[tokio::test]
async fn replace_card_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let owner = owner(&app, "p-1").await;
    let token = made(&app, &owner, json!({})).await;
    let closed = made(&app, &owner, json!({})).await;
    set_status(&app, &closed, "closed").await;
    let blocked = made(&app, &owner, json!({})).await;
    let id = CardId::parse_padded(&blocked).unwrap();
    app.operate(&app.demo, async move |tx| {
        let mut card = cards::get(tx, id).await?;
        card.block = PlatformBlock::Blocked { since: tx.now() };
        cards::put(tx, &card).await
    })
    .await;
    let fincard = app.fincard().await;
    let prepaid = format!("{:0>16}", fincard.card("order-000000000001", None).await);
    let stranger = FinciCaller::new(&app, &app.tenant("other").await);
    let other = stranger.person("p-1").await;
    stranger.account(&other, "EUR").await;
    let theirs = stranger.card(&other).await;

    let mut talk = Conversation::new(&app);
    let call = |id: &str| format!("POST /v1/replace-card/{id}");
    let lost = json!({"reason": "lost"}).to_string();
    talk.say(
        "not in its last month",
        &call(&token),
        r#"{"reason":"expired"}"#,
    );
    talk.say("a lost card", &call(&token), &lost);
    let read = format!("GET /v1/get-card/{token}");
    talk.say("it has ended, and names the one after it", &read, "");
    let prefixed = format!("POST /api/v1/replace-card/{token}");
    let stolen = json!({"reason": "stolen"}).to_string();
    talk.say("replaced before: its replacement", &prefixed, &stolen);
    talk.say("one that was wanted no more", &call(&closed), &lost);
    talk.say("one that the platform blocked", &call(&blocked), &lost);
    talk.say("a prepaid card of the other API", &call(&prepaid), &lost);
    talk.say("no such card", &call("0000000000000042"), &lost);
    talk.say("somebody else's", &call(&theirs), &lost);
    talk.say("no id at all", &call("abc"), &lost);
    wrong_bodies(&mut talk, &call(&token));
    talk.malformed(&call(&token));
    talk.assert_golden("finci_replace_card").await;

    let second = made(&app, &owner, json!({})).await;
    app.meddle(
        "UPDATE account_balance SET status = 'frozen' \
         WHERE account IN (SELECT id FROM account_record WHERE owner IS NOT NULL)",
        &[],
    )
    .await;
    let path = format!("replace-card/{second}");
    let refused = app.finci().post(&path, &json!({"reason": "lost"})).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "account_id:not_active")
    );
    app.finish().await;
}

#[tokio::test]
async fn the_new_card_is_another_card_on_the_same_account() {
    let app = TestApp::new().await;
    let owner = owner(&app, "p-1").await;
    let token = made(&app, &owner, json!({"external_id": "card-1"})).await;
    let before = read(&app, &token).await;
    let events = app.events_of_card(&token).await;
    let new = replaced(&app, &token, json!({"reason": "stolen"})).await;
    let (old, after) = (read(&app, &token).await, read(&app, &new).await);
    for same in [
        "person_id",
        "account_id",
        "product_id",
        "embossing_name",
        "token_stage",
    ] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_ne!(after["card_number"], before["card_number"]);
    assert_eq!(
        (&after["replaces"], &after["replaced_by"]),
        (&json!(token), &Value::Null)
    );
    assert_eq!(
        (&old["replaced_by"], &old["replaces"]),
        (&json!(new), &Value::Null)
    );
    assert_eq!(
        (&old["token_status"], &after["token_status"]),
        (&json!("stolen"), &json!("active"))
    );
    assert_eq!(after["external_id"], Value::Null);
    assert_eq!(
        app.events_of_card(&token).await,
        events + 1,
        "it ended once"
    );
    assert_eq!(app.events_of_card(&new).await, 1, "it was created");
    // A chain: the second replacement knows the first, and each answers its own.
    let third = replaced(&app, &new, json!({"reason": "damaged"})).await;
    assert_eq!(
        replaced(&app, &token, json!({"reason": "damaged"})).await,
        new
    );
    assert_eq!(read(&app, &third).await["replaces"], json!(new));
    app.finish().await;
}

#[tokio::test]
async fn how_a_card_ended_before_and_how_it_began_decides_how_the_next_one_begins() {
    let app = TestApp::new().await;
    let owner = owner(&app, "p-1").await;
    let plastic = json!({"token_stage": "plastic_not_delivered"});
    for (with, status, reason, ended, begins) in [
        (json!({}), "active", "damaged", "damaged", "active"),
        (json!({"token_status": "new"}), "new", "lost", "lost", "new"),
        (json!({}), "deactivated", "lost", "lost", "new"),
        (json!({}), "referral", "lost", "lost", "new"),
        (json!({}), "lost", "stolen", "lost", "active"),
        (json!({}), "compromized", "stolen", "compromized", "active"),
        (
            json!({"token_status": "new"}),
            "lost",
            "lost",
            "lost",
            "new",
        ),
        (plastic, "active", "lost", "lost", "new"),
    ] {
        let token = made(&app, &owner, with.clone()).await;
        if !["new", "active"].contains(&status) {
            set_status(&app, &token, status).await;
        }
        let new = replaced(&app, &token, json!({"reason": reason})).await;
        assert_eq!(
            read(&app, &token).await["token_status"],
            ended,
            "{with} {status}"
        );
        let new = read(&app, &new).await;
        assert_eq!(new["token_status"], begins, "{with} {status}");
        let stage = with["token_stage"].as_str().unwrap_or("digital");
        assert_eq!(new["token_stage"], stage);
    }
    for status in ["deactivated", "referral"] {
        let token = made(&app, &owner, json!({})).await;
        set_status(&app, &token, status).await;
        set_status(&app, &token, "stolen").await;
        let new = replaced(&app, &token, json!({"reason": "stolen"})).await;
        let begins = read(&app, &new).await["token_status"].clone();
        assert_eq!(begins, "new", "{status}, then reported, then replaced");
    }
    let token = made(&app, &owner, json!({"expiration_date": "2026-12"})).await;
    let path = format!("replace-card/{token}");
    let early = app.finci().post(&path, &json!({"reason": "expired"})).await;
    assert_eq!(early.code(), "reason:not_expired");
    let december = json!({"to": "2026-12-01T00:00:00Z"});
    app.sandbox()
        .post("clock/advance", &december)
        .await
        .record();
    let new = replaced(&app, &token, json!({"reason": "expired"})).await;
    assert_eq!(read(&app, &token).await["token_status"], "closed");
    assert_eq!(read(&app, &new).await["expiration_date"], "2029-12");
    app.finish().await;
}

#[tokio::test]
async fn limits_and_what_was_used_of_them_follow_a_card_to_the_one_after_it() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let money = json!({
        "account_id": account.trim_start_matches('0'), "amount": 100_000, "currency": "EUR",
    });
    app.sandbox()
        .post("simulate/funding", &money)
        .await
        .record();
    let limits =
        json!({"daily": {"amount": "30.00"}, "monthly": {"count": 5}, "channels": {"atm": false}});
    acme.patch(&format!("update-card-limits/{token}"), &limits)
        .await
        .ok();
    let paid = async |token: &str, minor: i64| {
        let asked = json!({"token_id": token, "amount": minor, "currency": "EUR"});
        let answer = app.sandbox().post("simulate/authorization", &asked).await;
        answer.record()["response_code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(paid(&token, 2_000).await, "Approved");
    let before = acme.get(&format!("get-card-limits/{token}")).await.ok();
    let new = replaced(&app, &token, json!({"reason": "lost"})).await;
    let mut after = acme.get(&format!("get-card-limits/{new}")).await.ok();
    after["token_id"] = token.as_str().into();
    assert_eq!(after, before);
    assert_eq!(paid(&new, 1_001).await, "LimitExceeded", "ten are left");
    assert_eq!(paid(&new, 1_000).await, "Approved");
    assert_eq!(paid(&token, 1).await, "CardNotActive");
    app.finish().await;
}

#[tokio::test]
async fn the_new_card_must_fit_as_any_other_and_one_that_had_ended_counts_no_longer() {
    let app = TestApp::new().await;
    let owner = owner(&app, "p-1").await;
    let lost = json!({"reason": "lost"});
    let in_use = made(&app, &owner, json!({})).await;
    let ended = made(&app, &owner, json!({})).await;
    set_status(&app, &ended, "lost").await;
    app.meddle(
        "UPDATE product SET cards_per_holder = 1 WHERE id = 112001",
        &[],
    )
    .await;
    let asked = async |token: &str| {
        let path = format!("replace-card/{token}");
        let refused = app.finci().post(&path, &lost).await;
        (refused.status, refused.code())
    };
    let reached = "product_id:card_limit_reached".to_owned();
    assert_eq!(asked(&ended).await, (422, reached), "there is one in use");
    for (harm, repair, code) in [
        (
            "UPDATE product SET status = 'offline' WHERE id = 112001",
            "UPDATE product SET status = 'online' WHERE id = 112001",
            "product_id:not_available",
        ),
        (
            "UPDATE holder SET kyc_status = 'under_review' WHERE external_id = 'p-1'",
            "UPDATE holder SET kyc_status = 'pass_audit' WHERE external_id = 'p-1'",
            "person_id:not_eligible",
        ),
    ] {
        app.meddle(harm, &[]).await;
        for token in [&in_use, &ended] {
            assert_eq!(asked(token).await, (422, code.to_owned()));
        }
        app.meddle(repair, &[]).await;
    }
    let new = replaced(&app, &in_use, lost.clone()).await;
    set_status(&app, &new, "closed").await;
    replaced(&app, &ended, lost.clone()).await;
    app.finish().await;
}
