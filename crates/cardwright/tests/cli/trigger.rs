//! `cardwright trigger`: each event by its name, in a real sandbox.

use std::collections::BTreeSet;

use cardwright_client::trigger::{Desk as Hand, EVENTS};
use cardwright_client::{SandboxFile, Settings};

use crate::desk::Desk;
use crate::sdk::wait_for;
use crate::server::Server;

#[test]
fn every_event_is_made_to_happen_by_what_causes_it() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let file = SandboxFile::parse(&file.to_string()).unwrap();
    let hand = Hand::new(&file, file.base_url().unwrap(), Settings::default()).unwrap();
    for event in EVENTS {
        let made = wait_for(hand.pull(event.name));
        let made = made.unwrap_or_else(|error| panic!("{}: {error}", event.name));
        assert!(!made.as_object().unwrap().is_empty(), "{}", event.name);
    }
    let names: BTreeSet<&str> = EVENTS.iter().map(|event| event.name).collect();
    assert_eq!(names.len(), EVENTS.len(), "no name stands for two");
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
