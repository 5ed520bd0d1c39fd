//! `cardwright trigger`: each event by its name, in a real sandbox.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, channel};

use cardwright_client::trigger::{Desk as Hand, EVENTS};
use cardwright_client::webhook::Verifier;
use cardwright_client::{SandboxFile, Secret, Settings, sandbox};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::integrator::{Received, serve_any};
use crate::sdk::{operator, wait_for};
use crate::server::{PATIENCE, Server};

/// What FINCI calls events, as far as we might call them the same.
const FINCI: [&str; 3] = ["card_created", "card_status_changed", "card_stage_changed"];

/// Whether a delivery tells of an event by this name.
fn tells(received: &Received, name: &str) -> bool {
    let body = &received.body;
    if let Some(category) = &received.category {
        let kind = body["eventType"].as_str().unwrap();
        return format!("{category}.{kind}") == name;
    }
    // Our own words have a name for everything; what FINCI tells must come in FINCI's words.
    if let Some(own) = body["type"].as_str() {
        return own == name && !FINCI.contains(&name);
    }
    let (event, kind) = name.split_once('.').unwrap_or((name, ""));
    let is_approved = body["response_code"] == "Approved";
    body["event"] == event
        && match (event, kind) {
            ("authorization", "declined") => !is_approved,
            ("authorization", "") => is_approved && body["authorization_type"] == "authorization",
            ("authorization", kind) => body["authorization_type"] == kind,
            ("presentment", "") => body["authorization_id"].is_string(),
            ("presentment", _) => body["authorization_id"].is_null(),
            _ => true,
        }
}

/// Endpoints in every dialect, whose receivers verify what comes.
async fn listening(operator: &sandbox::Client, file: &Value) -> Receiver<Received> {
    let secret = [Secret::new(
        file["finci"]["webhook_secret"].as_str().unwrap(),
    )];
    let standard = Verifier::standard(&secret).unwrap();
    let key = file["fincard"]["webhook_public_key_pem"].as_str().unwrap();
    let fincard = Verifier::fincard(&[key]).unwrap();
    let (sender, taken) = channel();
    for (dialect, verifier) in [
        ("finci", Verifier::finci(&secret).and(standard.clone())),
        ("fincard", fincard.and(standard.clone())),
        ("standard", standard.clone()),
    ] {
        let address = serve_any(verifier, sender.clone());
        let endpoint = json!({"url": format!("http://{address}/hooks"), "dialect": dialect});
        let made = operator
            .post("/admin/v1/webhook-endpoints", &endpoint)
            .await;
        made.unwrap();
    }
    taken
}

/// The number of the newest event.
async fn newest(operator: &sandbox::Client) -> i64 {
    let list = operator.get("/admin/v1/events?limit=1").await.unwrap();
    let newest = list.json().unwrap()["items"][0]["event_id"].clone();
    newest.as_str().unwrap_or("0").parse().unwrap()
}

/// The number of the event that a delivery is about.
fn number(received: &Received) -> i64 {
    let digits = received.id.trim_start_matches("evt_");
    digits.split('_').next().unwrap().parse().unwrap()
}

#[test]
fn every_event_is_made_to_happen_by_what_causes_it_and_delivered_under_its_name() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let operator = operator(&file);
    let taken = wait_for(listening(&operator, &file));
    let sandbox = SandboxFile::parse(&file.to_string()).unwrap();
    let hand = Hand::new(&sandbox, sandbox.base_url().unwrap(), Settings::default()).unwrap();
    for event in EVENTS {
        let before = wait_for(newest(&operator));
        let made = wait_for(hand.pull(event.name));
        let made = made.unwrap_or_else(|error| panic!("{}: {error}", event.name));
        assert!(!made.as_object().unwrap().is_empty(), "{}", event.name);
        let mut others = Vec::new();
        loop {
            let Ok(received) = taken.recv_timeout(PATIENCE) else {
                panic!("{} was not delivered, only {others:?}", event.name);
            };
            if number(&received) > before && tells(&received, event.name) {
                break;
            }
            others.push((received.category, received.body));
        }
    }
    let names: BTreeSet<&str> = EVENTS.iter().map(|event| event.name).collect();
    assert_eq!(names.len(), EVENTS.len(), "no name stands for two");
    // 401 is what a receiver answers to what is not signed as it should be.
    let refused = wait_for(operator.get("/admin/v1/webhook-deliveries?state=dead"));
    assert_eq!(refused.unwrap().json().unwrap()["items"], json!([]));
    drop(server);
    let verified = desk.run(&["ledger", "verify", "--data", "sandbox"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn the_names_are_listed_and_another_name_is_refused() {
    let desk = Desk::new();
    let listed = desk.run(&["trigger", "--list"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(listed.text().lines().count(), EVENTS.len());
    desk.run(&["trigger", "card_melted"])
        .is_usage_error(&["card_melted"]);
    desk.run(&["trigger"]).is_usage_error(&["EVENT"]);
    desk.run(&["trigger", "return"])
        .is_usage_error(&["sandbox.json"]);
}
