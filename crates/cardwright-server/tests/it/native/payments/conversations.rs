//! Whole conversations of the network, message by message, as they go over the wire.

use std::collections::BTreeSet;

use axum::http::Method;
use cardwright_server::api::{network, sandbox};
use serde_json::{Value, json};

use super::{Payer, shop, with};
use crate::harness::{Conversation, TestApp};

/// A conversation between the network and a payer's issuer.
struct Talk<'a> {
    app: &'a TestApp,
    payer: Payer<'a>,
    said: Conversation,
}

impl<'a> Talk<'a> {
    /// With a card that has a hundred euros behind it.
    async fn begin(app: &'a TestApp) -> Talk<'a> {
        Talk {
            app,
            payer: Payer::with(app, 10_000, "EUR").await,
            said: Conversation::default(),
        }
    }

    async fn say(&mut self, title: &str, path: &str, body: &Value) -> Value {
        let request = self.payer.request(path, body);
        self.said.say(self.app, title, request).await.json()
    }

    fn end(self, name: &str) {
        self.said.assert_golden(name);
    }
}

#[tokio::test]
async fn the_network_asks() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let ask = |talk: &Talk<'_>, minor, more: Value| talk.payer.question(minor, &more);
    let first = ask(&talk, 2_550, json!({"reference": "rrn-1"}));
    talk.say("Dinner", "authorization", &first).await;
    talk.say("The same message again", "authorization", &first)
        .await;
    let other = with(first, &json!({"amount": 2_551}));
    talk.say("Its reference with another amount", "authorization", &other)
        .await;
    let dollars = ask(
        &talk,
        1_000,
        json!({"currency": "USD", "type": "cash", "channel": "atm"}),
    );
    talk.say("Dollars from a machine", "authorization", &dollars)
        .await;
    let rich = ask(&talk, 50_000, json!({}));
    talk.say("More than there is", "authorization", &rich).await;
    let part = ask(&talk, 50_000, json!({"partial_allowed": true}));
    talk.say("Part of it would do", "authorization", &part)
        .await;
    let verify = ask(
        &talk,
        0,
        json!({"type": "account_verification", "expiry": "2020-01"}),
    );
    talk.say("Whether the card is right", "authorization", &verify)
        .await;
    let refund = ask(&talk, 700, json!({"type": "refund"}));
    talk.say("Whether money may come back", "authorization", &refund)
        .await;
    let nothing = ask(&talk, 0, json!({}));
    talk.say("Nothing", "authorization", &nothing).await;
    let verify = ask(&talk, 1, json!({"type": "account_verification"}));
    talk.say("Something where there is nothing", "authorization", &verify)
        .await;
    let nobody = ask(&talk, 1, json!({"card_id": "42"}));
    talk.say("Nobody's card", "authorization", &nobody).await;
    let forced = ask(&talk, 1, json!({"force_decline": "card_expired"}));
    talk.say(
        "Only a sandbox is told what to answer",
        "authorization",
        &forced,
    )
    .await;
    talk.end("network_authorization");
    app.finish().await;
}

#[tokio::test]
async fn the_network_has_decided() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let ask = |talk: &Talk<'_>, minor, more: Value| talk.payer.question(minor, &more);
    let approved = ask(&talk, 50_000, json!({}));
    talk.say("Approved beyond what there is", "advice", &approved)
        .await;
    let declined = ask(&talk, 10, json!({"decline_reason": "insufficient_funds"}));
    talk.say("Declined", "advice", &declined).await;
    let unknown = ask(&talk, 10, json!({"currency": "ISK"}));
    talk.say("Approved in a currency without a rate", "advice", &unknown)
        .await;
    let nothing = ask(&talk, 0, json!({}));
    talk.say("Approved nothing", "advice", &nothing).await;
    let something = ask(&talk, 1, json!({"type": "balance_inquiry"}));
    talk.say(
        "Approved something where there is nothing",
        "advice",
        &something,
    )
    .await;
    talk.end("network_advice");
    app.finish().await;
}

#[tokio::test]
async fn the_network_asks_for_more() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let number = talk.payer.approved(6_000).await;
    let more = |minor: i64| json!({"authorization_id": number, "amount": minor});
    talk.say("Another night", "increment", &more(3_000)).await;
    talk.say("More than there is", "increment", &more(1_001))
        .await;
    let dollars = with(more(1), &json!({"currency": "USD"}));
    talk.say("In another currency", "increment", &dollars).await;
    let nobody = json!({"authorization_id": "261121999999999999", "amount": 1});
    talk.say("Of nobody's authorization", "increment", &nobody)
        .await;
    let back = json!({"authorization_id": number});
    talk.say("All is taken back", "reversal", &back).await;
    talk.say("Too late", "increment", &more(1)).await;
    talk.end("network_increment");
    app.finish().await;
}

#[tokio::test]
async fn the_network_takes_back() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let number = talk.payer.approved(6_000).await;
    let (cleared, _) = talk.payer.paid(1_000).await;
    let back = |minor: i64| json!({"authorization_id": number, "amount": minor});
    talk.say("Part of it", "reversal", &back(2_500)).await;
    talk.say("More than is left", "reversal", &back(3_501))
        .await;
    let dollars = with(back(1), &json!({"currency": "USD"}));
    talk.say("In another currency", "reversal", &dollars).await;
    let rest = json!({"authorization_id": number});
    talk.say("The rest", "reversal", &rest).await;
    talk.say("Once more", "reversal", &rest).await;
    let cleared = json!({"authorization_id": cleared});
    talk.say("What was cleared", "reversal", &cleared).await;
    talk.end("network_reversal");
    app.finish().await;
}

#[tokio::test]
async fn the_network_clears() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let number = talk.payer.approved(6_000).await;
    let leave = talk.payer.ask(100, &json!({"type": "refund"})).await;
    let clear = |minor: i64| json!({"authorization_id": number, "amount": minor});
    let first = with(clear(2_000), &json!({"final": false}));
    talk.say("The first parcel", "clearing", &first).await;
    let dollars = with(first, &json!({"currency": "USD", "amount": 1_000}));
    talk.say("One from overseas", "clearing", &dollars).await;
    talk.say("The last, with a tip", "clearing", &clear(3_500))
        .await;
    talk.say("One more, unexpected", "clearing", &clear(100))
        .await;
    let alone = json!({
        "card_id": talk.payer.card, "amount": 250, "currency": "EUR", "merchant": shop(),
    });
    talk.say("Without an authorization", "clearing", &alone)
        .await;
    let unsaid = with(alone.clone(), &json!({"merchant": null}));
    talk.say("Without one, and nobody says where", "clearing", &unsaid)
        .await;
    let unknown = with(alone, &json!({"currency": "ISK"}));
    talk.say("In a currency without a rate", "clearing", &unknown)
        .await;
    let leave = json!({"authorization_id": leave["authorization_id"], "amount": 100});
    talk.say("What is to come back", "clearing", &leave).await;
    talk.end("network_clearing");
    app.finish().await;
}

#[tokio::test]
async fn the_network_forces_a_posting() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let post = json!({
        "card_id": talk.payer.card, "amount": 250, "currency": "EUR", "merchant": shop(),
    });
    talk.say("A coffee on board", "force-post", &post).await;
    let rich = with(post.clone(), &json!({"amount": 20_000}));
    talk.say("More than there is", "force-post", &rich).await;
    let unknown = with(post.clone(), &json!({"currency": "ISK"}));
    talk.say("In a currency without a rate", "force-post", &unknown)
        .await;
    let nobody = with(post, &json!({"card_id": "42"}));
    talk.say("Nobody's card", "force-post", &nobody).await;
    talk.end("network_force_post");
    app.finish().await;
}

#[tokio::test]
async fn the_network_gives_money_back() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let (number, payment) = talk.payer.paid(6_000).await;
    let back = |minor: i64| json!({"transaction_id": payment, "amount": minor});
    talk.say("Part of a payment", "refund", &back(1_000)).await;
    talk.say("More than is left of it", "refund", &back(5_001))
        .await;
    let dollars = with(back(1), &json!({"currency": "USD"}));
    talk.say("In another currency", "refund", &dollars).await;
    let by_number = json!({"authorization_id": number});
    let rest = talk
        .say("The rest, by its authorization", "refund", &by_number)
        .await;
    let of_refund = json!({"transaction_id": rest["transaction_id"]});
    talk.say("Of a refund", "refund", &of_refund).await;
    let alone = json!({
        "card_id": talk.payer.card, "amount": 99, "currency": "EUR", "merchant": shop(),
    });
    talk.say("For no payment we know", "refund", &alone).await;
    let unknown = with(alone, &json!({"currency": "ISK"}));
    talk.say("In a currency without a rate", "refund", &unknown)
        .await;
    let leave = talk.payer.question(300, &json!({"type": "refund"}));
    let leave = talk
        .say("Whether money may come back", "authorization", &leave)
        .await;
    let leave = json!({"authorization_id": leave["authorization_id"]});
    talk.say("It may, and does", "refund", &leave).await;
    talk.say("But once", "refund", &leave).await;
    talk.end("network_refund");
    app.finish().await;
}

#[tokio::test]
async fn the_network_takes_a_refund_back() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let (_, payment) = talk.payer.paid(6_000).await;
    let of_payment = json!({"transaction_id": payment});
    let refund = talk.payer.tell("refund", &of_payment).await;
    let back = |minor: i64| json!({"transaction_id": refund["transaction_id"], "amount": minor});
    talk.say("Part of it", "refund-reversal", &back(1_000))
        .await;
    talk.say("More than is left of it", "refund-reversal", &back(5_001))
        .await;
    let dollars = with(back(1), &json!({"currency": "USD"}));
    talk.say("In another currency", "refund-reversal", &dollars)
        .await;
    talk.say("What is no refund", "refund-reversal", &of_payment)
        .await;
    talk.end("network_refund_reversal");
    app.finish().await;
}

#[tokio::test]
async fn the_network_asks_how_much_there_is() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    talk.payer.approved(1_234).await;
    let ask = json!({"card_id": talk.payer.card, "channel": "atm", "merchant": shop()});
    talk.say("At a machine", "balance-inquiry", &ask).await;
    let wrong = with(ask.clone(), &json!({"pin": "1234"}));
    talk.say(
        "With a PIN that is not the card's",
        "balance-inquiry",
        &wrong,
    )
    .await;
    let nobody = with(ask, &json!({"card_id": "42"}));
    talk.say("Nobody's card", "balance-inquiry", &nobody).await;
    talk.end("network_balance_inquiry");
    app.finish().await;
}

#[tokio::test]
async fn the_network_tells_of_disputes() {
    let app = TestApp::new().await;
    let mut talk = Talk::begin(&app).await;
    let (_, payment) = talk.payer.paid(6_000).await;
    let (_, other) = talk.payer.paid(1_000).await;
    let refund = talk
        .payer
        .tell("refund", &json!({"transaction_id": other}))
        .await;
    let open = json!({"transaction_id": payment, "amount": 4_000, "reason": "never arrived"});
    let opened = talk
        .say("The holder disputes part of a payment", "dispute", &open)
        .await;
    let decide = |of: &Value, word: &str| json!({"dispute_id": of["dispute_id"], "decision": word});
    talk.say("And is right", "dispute", &decide(&opened, "won"))
        .await;
    talk.say("It is decided once", "dispute", &decide(&opened, "lost"))
        .await;
    let rest = json!({"transaction_id": payment});
    let opened = talk.say("The rest of it", "dispute", &rest).await;
    talk.say("More than there was", "dispute", &rest).await;
    talk.say(
        "The holder is not right",
        "dispute",
        &decide(&opened, "lost"),
    )
    .await;
    let dollars = with(rest, &json!({"amount": 1, "currency": "USD"}));
    talk.say("In another currency", "dispute", &dollars).await;
    let of_refund = json!({"transaction_id": refund["transaction_id"]});
    talk.say("Of a refund", "dispute", &of_refund).await;
    let undecided = json!({"dispute_id": opened["dispute_id"]});
    talk.say("Nobody says how it ends", "dispute", &undecided)
        .await;
    talk.end("network_dispute");
    app.finish().await;
}

/// A conversation with a sandbox in the network's place.
struct Play<'a> {
    app: &'a TestApp,
    said: Conversation,
}

impl Play<'_> {
    async fn say(&mut self, title: &str, path: &str, body: &Value) -> Value {
        let sandbox = self.app.sandbox();
        let path = format!("simulate/{path}");
        let request = sandbox.request(&Method::POST, &path, body);
        self.said.say(self.app, title, request).await.json()
    }
}

#[tokio::test]
async fn a_sandbox_plays_the_network() {
    let app = TestApp::new().await;
    let payer = Payer::with(&app, 10_000, "EUR").await;
    let mut play = Play {
        app: &app,
        said: Conversation::default(),
    };
    let asked = json!({"card_id": payer.card, "amount": 2_000, "currency": "EUR"});
    let approved = play
        .say("A purchase somewhere", "authorization", &asked)
        .await;
    let forced = with(asked.clone(), &json!({"force_decline": "card_expired"}));
    play.say("One that is to be declined", "authorization", &forced)
        .await;
    let advice = with(asked.clone(), &json!({"reference": "stand-in-1"}));
    let advised = play
        .say("One that the network approved", "advice", &advice)
        .await;
    let number = &approved["authorization_id"];
    let about = |minor: i64| json!({"authorization_id": number, "amount": minor});
    play.say("More of the first", "increment", &about(500))
        .await;
    play.say("Less of it", "reversal", &about(300)).await;
    let cleared = play
        .say("The merchant is paid", "clearing", &about(2_100))
        .await;
    let advised = json!({"authorization_id": advised["authorization_id"]});
    play.say("The time of the second is over", "expiry", &advised)
        .await;
    play.say("It is over once", "expiry", &advised).await;
    play.say("A toll on the road", "force-post", &asked).await;
    let part = json!({"transaction_id": cleared["transaction_id"], "amount": 100});
    let refund = play.say("Some of it comes back", "refund", &part).await;
    let back = json!({"transaction_id": refund["transaction_id"]});
    play.say("And goes again", "refund-reversal", &back).await;
    let inquiry = json!({"card_id": payer.card});
    play.say("How much there is", "balance-inquiry", &inquiry)
        .await;
    let opened = play.say("The holder disputes it", "dispute", &part).await;
    let lost = json!({"dispute_id": opened["dispute_id"], "decision": "lost"});
    play.say("In vain", "dispute", &lost).await;
    let conflict = with(advice, &json!({"amount": 1}));
    play.say("A name that is taken", "advice", &conflict).await;
    play.said.assert_golden("sandbox_messages");
    app.finish().await;
}

/// What only a rate like no other leads to; the tests of numbers have it.
const BEYOND_COUNTING: &str = "balance_overflow";

/// The code of every refusal in a recorded conversation, with the path it was given at.
fn refusals_in(golden: &str) -> BTreeSet<(String, String)> {
    let (mut path, mut found) = (String::new(), BTreeSet::new());
    for line in golden.lines() {
        if let Some(target) = line.strip_prefix("POST ") {
            target.clone_into(&mut path);
        }
        if let Some(code) = line.trim().strip_prefix("\"code\": \"") {
            found.insert((path.clone(), code.trim_end_matches("\",").to_owned()));
        }
    }
    found
}

#[test]
fn every_refusal_that_the_domain_documents_for_a_message_is_recorded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/goldens");
    let mut recorded = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        recorded.extend(refusals_in(&std::fs::read_to_string(path).unwrap()));
    }
    let mut missing = Vec::new();
    for surface in [&network::SURFACE, &sandbox::SURFACE] {
        for route in surface.routes() {
            // A sandbox's messages go through the same verbs, but for the one that only it has.
            let own = surface.slug == "network" || route.path.ends_with("/expiry");
            if !own || route.path == "/echo-test" {
                continue;
            }
            let path = format!("{}{}", surface.prefixes[0], route.path);
            for error in surface.errors_of(route) {
                let of_domain =
                    error.http == 422 || error.text.ends_with("_transition_not_allowed");
                let row = (path.clone(), error.text.clone());
                if of_domain && error.text != BEYOND_COUNTING && !recorded.contains(&row) {
                    missing.push(row);
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "documented and never seen: {missing:#?}"
    );
}
