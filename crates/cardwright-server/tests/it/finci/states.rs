//! The states of a card as a caller sees and moves them: every status against every other.

use cardwright_core::{CardId, CardStage, CardState, CloseReason, PlatformBlock};
use cardwright_server::store::cards;
use serde_json::json;

use super::conversation::varied;
use crate::harness::{FinciCaller, Reply, TestApp, card};

/// Every status there is, and those that are an end.
const STATUSES: [&str; 10] = [
    "new",
    "active",
    "deactivated",
    "referral",
    "blocked",
    "closed",
    "compromized",
    "damaged",
    "lost",
    "stolen",
];
const ENDS: [&str; 6] = [
    "blocked",
    "closed",
    "compromized",
    "damaged",
    "lost",
    "stolen",
];

/// The published arrows, written once more and on purpose not by the code under test.
fn is_arrow(from: &str, to: &str) -> bool {
    let lives = !ENDS.contains(&from);
    match to {
        "new" => false,
        _ if from == to => true,
        "deactivated" | "referral" => from == "active",
        // Back to work, or to one of the ends.
        _ => lives,
    }
}

async fn status_of(caller: &FinciCaller<'_>, token: &str) -> String {
    let read = caller.get(&format!("get-card/{token}")).await.ok();
    read["token_status"].as_str().unwrap().to_owned()
}

async fn set_status(caller: &FinciCaller<'_>, token: &str, status: &str) -> Reply {
    let body = json!({"token_status": status});
    caller
        .patch(&format!("update-card-status/{token}"), &body)
        .await
}

async fn set_stage(caller: &FinciCaller<'_>, token: &str, stage: &str) -> Reply {
    let body = json!({"token_stage": stage});
    caller
        .patch(&format!("update-card-stage/{token}"), &body)
        .await
}

/// Somebody with an account.
async fn owner(caller: &FinciCaller<'_>, external_id: &str) -> String {
    let owner = caller.person(external_id).await;
    caller.account(&owner, "EUR").await;
    owner
}

/// A new card, brought to a status by calls only.
async fn card_in(caller: &FinciCaller<'_>, owner: &str, status: &str) -> String {
    let first = if status == "new" { "new" } else { "active" };
    let body = varied(&card(owner), json!({"token_status": first}));
    let made = caller.post("create-card", &body).await.ok();
    let token = made["token_id"].as_str().unwrap().to_owned();
    if status != first {
        set_status(caller, &token, status).await.ok();
    }
    token
}

/// Changes a stored card as only the platform does.
async fn platform_changes(
    app: &TestApp,
    token: &str,
    change: impl FnOnce(&mut cardwright_core::Card, jiff::Timestamp) + Send + 'static,
) {
    let id = CardId::parse_padded(token).unwrap();
    app.operate(&app.demo, async move |tx| {
        let mut card = cards::get(tx, id).await?;
        change(&mut card, tx.now());
        cards::put(tx, &card).await
    })
    .await;
}

async fn block(app: &TestApp, token: &str) {
    platform_changes(app, token, |card, now| {
        card.block = PlatformBlock::Blocked { since: now };
    })
    .await;
}

#[tokio::test]
async fn every_status_goes_exactly_where_the_contract_says() {
    let app = TestApp::new().await;
    let acme = app.finci();
    for from in STATUSES {
        let owner = owner(&acme, from).await;
        for to in STATUSES {
            let token = card_in(&acme, &owner, from).await;
            assert_eq!(status_of(&acme, &token).await, from);
            let events = app.events_of_card(&token).await;
            let reply = set_status(&acme, &token, to).await;
            let moved = is_arrow(from, to) && from != to;
            if to == "new" {
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (400, "token_status:not_allowed")
                );
            } else if is_arrow(from, to) {
                assert_eq!(reply.ok()["token_id"], token, "{from} to {to}");
            } else {
                let code = "token_status:transition_not_allowed";
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (422, code),
                    "{from} to {to}"
                );
            }
            let expected = if moved { to } else { from };
            assert_eq!(status_of(&acme, &token).await, expected, "{from} to {to}");
            let told = app.events_of_card(&token).await - events;
            assert_eq!(
                told,
                i64::from(moved),
                "{from} to {to} was told {told} times"
            );
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_expired_or_failed_reads_as_closed_and_stays_so() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    for reason in [
        CloseReason::Expired,
        CloseReason::Failed,
        CloseReason::Cancelled,
    ] {
        let token = card_in(&acme, &owner, "active").await;
        platform_changes(&app, &token, move |card, at| {
            card.state = CardState::Closed { reason, at };
        })
        .await;
        let events = app.events_of_card(&token).await;
        assert_eq!(status_of(&acme, &token).await, "closed");
        set_status(&acme, &token, "closed").await.ok();
        for other in ["active", "deactivated", "referral", "lost"] {
            assert_eq!(
                set_status(&acme, &token, other).await.status,
                422,
                "{reason:?} {other}"
            );
        }
        assert_eq!(app.events_of_card(&token).await, events);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_card_still_in_the_making_reads_as_new_and_can_only_end() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    let token = card_in(&acme, &owner, "new").await;
    platform_changes(&app, &token, |card, _| card.state = CardState::Pending).await;
    assert_eq!(status_of(&acme, &token).await, "new");
    for status in ["active", "deactivated", "referral"] {
        let reply = set_status(&acme, &token, status).await;
        assert_eq!(
            reply.code(),
            "token_status:transition_not_allowed",
            "{status}"
        );
    }
    set_status(&acme, &token, "closed").await.ok();
    assert_eq!(status_of(&acme, &token).await, "closed");
    app.finish().await;
}

#[tokio::test]
async fn a_card_that_the_platform_blocked_reads_as_deactivated_and_only_the_platform_revives_it() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    for before in ["new", "active", "deactivated", "referral"] {
        let token = card_in(&acme, &owner, before).await;
        block(&app, &token).await;
        let events = app.events_of_card(&token).await;
        assert_eq!(status_of(&acme, &token).await, "deactivated", "{before}");
        for status in ["active", "referral"] {
            let reply = set_status(&acme, &token, status).await;
            let found = (reply.status, reply.code());
            assert_eq!(
                found,
                (422, "token_status:blocked_by_platform".to_owned()),
                "{before}"
            );
        }
        set_status(&acme, &token, "deactivated").await.ok();
        let stopped = i64::from(before == "active");
        assert_eq!(app.events_of_card(&token).await, events + stopped);
        platform_changes(&app, &token, |card, _| card.block = PlatformBlock::Clear).await;
        let after = match before {
            "active" => "deactivated",
            other => other,
        };
        assert_eq!(
            status_of(&acme, &token).await,
            after,
            "what the caller stopped under the block does not transact after it"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_blocked_card_can_be_ended_in_every_way() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    for end in ENDS {
        let token = card_in(&acme, &owner, "active").await;
        block(&app, &token).await;
        let events = app.events_of_card(&token).await;
        set_status(&acme, &token, end).await.ok();
        assert_eq!(status_of(&acme, &token).await, end);
        assert_eq!(app.events_of_card(&token).await, events + 1);
        let reply = set_status(&acme, &token, "active").await;
        assert_eq!(reply.code(), "token_status:transition_not_allowed");
    }
    app.finish().await;
}

#[tokio::test]
async fn every_stage_goes_exactly_where_the_contract_says() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    for from in CardStage::ALL {
        for to in CardStage::ALL {
            let token = card_in(&acme, &owner, "active").await;
            platform_changes(&app, &token, move |card, _| card.stage = from).await;
            let events = app.events_of_card(&token).await;
            let reply = set_stage(&acme, &token, to.word()).await;
            let (expected, moved) = match (from, to) {
                (_, CardStage::PlasticDelivered) => ((400, "token_stage:not_allowed"), 0),
                (CardStage::PlasticDelivered, _) => {
                    ((422, "token_stage:transition_not_allowed"), 0)
                }
                _ => ((200, ""), i64::from(from != to)),
            };
            assert_eq!(
                (reply.status, reply.code().as_str()),
                expected,
                "{from:?} to {to:?}"
            );
            let read = acme.get(&format!("get-card/{token}")).await.ok();
            let stage = if moved == 1 { to } else { from };
            assert_eq!(read["token_stage"], stage.word(), "{from:?} to {to:?}");
            assert_eq!(read["token_status"], "active", "the stage never decides");
            assert_eq!(app.events_of_card(&token).await, events + moved);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_card_in_any_status_but_an_end_gets_plastic() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = owner(&acme, "p-1").await;
    for status in STATUSES {
        let token = card_in(&acme, &owner, status).await;
        let reply = set_stage(&acme, &token, "plastic_not_delivered").await;
        if ENDS.contains(&status) {
            assert_eq!(
                reply.code(),
                "token_stage:transition_not_allowed",
                "{status}"
            );
            set_stage(&acme, &token, "digital").await.ok();
        } else {
            reply.ok();
        }
        assert_eq!(status_of(&acme, &token).await, status);
    }
    app.finish().await;
}
