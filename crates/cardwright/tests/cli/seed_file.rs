//! `cardwright sandbox --seed-file`: what a sandbox begins with, and what is wrong with a file.

use std::fs;

use serde_json::Value;

use crate::desk::{Desk, Ran};
use crate::server::{Server, finci};

/// The example of the README.
const EXAMPLE: &str = include_str!("../../../../examples/sandbox-seed.json");

fn seeded(desk: &Desk, data: &str) -> Value {
    let text = fs::read_to_string(desk.path(&format!("{data}/seeded.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn start(desk: &Desk, data: &str, content: &str) -> Ran {
    let file = desk.file("seed.json", content);
    let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--data", data];
    desk.run(&[&arguments[..], &["--seed-file", &file]].concat())
}

#[test]
fn a_sandbox_begins_with_what_the_file_says() {
    let desk = Desk::new();
    let file = desk.file("seed.json", EXAMPLE);
    let arguments = ["--data", "d", "--seed-file", &file];
    let (mut server, _) = Server::ready(&desk, &arguments);
    let ids = seeded(&desk, "d");
    let id = |kind: &str, name: &str, id: &str| ids[kind][name][id].as_str().unwrap().to_owned();

    let account = id("accounts", "jonas-main", "account_id");
    let account = finci(&desk, "d", &["GET", &format!("/v1/get-account/{account}")]);
    assert_eq!(account["balance"], "1000.00");
    let employees_card = id("cards", "ada-card", "token_id");
    let card = finci(
        &desk,
        "d",
        &["GET", &format!("/v1/get-card/{employees_card}")],
    );
    assert_eq!(
        card["account_id"],
        ids["accounts"]["acme-travel"]["account_id"]
    );
    let number = id("cards", "shopping-card-0001", "card_no");
    let body = format!(r#"{{"cardNo": "{number}"}}"#);
    let prepaid = desk.run(&["call", "fincard", "card/info", &body, "--data", "d"]);
    assert!(prepaid.text().contains(r#""success":true"#), "{prepaid:?}");
    let clock = desk.run(&["clock", "get", "--data", "d"]);
    assert!(clock.text().contains(r#""now":"2027-01-0"#), "{clock:?}");

    let frozen = desk.run(&["clock", "freeze", "--data", "d"]);
    assert!(frozen.text().contains(r#""mode":"frozen""#), "{frozen:?}");
    let back = ["clock", "set", "2020-01-01T00:00:00Z", "--data", "d"];
    desk.run(&back)
        .is_refusal(&["HTTP 409 clock_backwards", "request "]);
    assert_eq!(server.end("TERM").code, 0);

    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
    let still = desk.run(&["clock", "get", "--data", "d"]);
    let now = |ran: &Ran| serde_json::from_slice::<Value>(&ran.stdout).unwrap()["now"].clone();
    assert_eq!(now(&still), now(&frozen));
}

#[test]
fn a_file_is_for_a_new_database_and_says_so() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(server.end("TERM").code, 0);
    start(&desk, "d", EXAMPLE).is_refusal(&["--seed-file", "new database"]);
}

#[test]
fn a_wrong_form_is_named_by_its_entry_before_anything_is_made() {
    let desk = Desk::new();
    for (content, words) in [
        ("{", "JSON"),
        (r#"{"people": []}"#, "`people` is not known"),
        (
            r#"{"accounts": [{"holder": "a", "currency": "EUR"}]}"#,
            "`accounts.0.external_id` is missing",
        ),
        (
            r#"{"settings": {"kyc_mode": "never"}}"#,
            "`settings.kyc_mode` is none of",
        ),
        (
            r#"{"products": [{"product_id": 112001}]}"#,
            "`products.0.controls` is missing",
        ),
    ] {
        start(&desk, "d", content).is_usage_error(&["seed.json", words]);
    }
    let none = ["sandbox", "--data", "d", "--seed-file", "none.json"];
    desk.run(&none).is_usage_error(&["none.json"]);
    assert!(!desk.path("d").exists());
}

#[test]
fn what_cannot_be_put_in_is_named_and_leaves_no_database() {
    let desk = Desk::new();
    let account = |holder: &str, currency: &str| {
        format!(
            r#"{{"corporates": [{{"external_id": "acme", "name": "Acme"}}], "accounts": [
                {{"external_id": "one", "holder": "{holder}", "currency": "{currency}"}}]}}"#
        )
    };
    let twice =
        r#"{"corporates": [{"external_id": "a", "name": "A"}, {"external_id": "a", "name": "B"}]}"#;
    for (content, words) in [
        (
            account("nobody", "EUR"),
            "accounts.0.holder: the file has no `nobody`",
        ),
        (account("acme", "XXZ"), "accounts.0.currency"),
        (twice.to_owned(), "corporates.1: external_id_conflict"),
        (
            r#"{"cards": [{"external_id": "order-0001-abcdef", "product_id": 9}]}"#.to_owned(),
            "cards.0: product_not_found",
        ),
        (
            r#"{"cards": [{"external_id": "c", "product_id": 112001}]}"#.to_owned(),
            "cards.0: missing: holder",
        ),
        (
            r#"{"settings": {"clock": {"now": "2020-01-01T00:00:00Z"}}}"#.to_owned(),
            "settings.clock: clock_backwards",
        ),
        (
            r#"{"settings": {"time_zone": "Mars/Olympus"}}"#.to_owned(),
            "settings.time_zone: invalid: time_zone",
        ),
        (
            r#"{"rates": [{"source": "EUR", "target": "EUR", "rate_micros": 1}]}"#.to_owned(),
            "rates.0: invalid: target",
        ),
        (
            r#"{"products": [{"product_id": 9, "controls": {}}]}"#.to_owned(),
            "products.0.controls: product_not_found",
        ),
    ] {
        start(&desk, "d", &content).is_refusal(&["seed.json", words]);
        assert!(!desk.path("d/cardwright.db").exists());
    }
    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
}
