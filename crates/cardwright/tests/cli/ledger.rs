//! `cardwright ledger verify`: beside a running server, after it, and on what is no ledger.

use std::fs;

use crate::desk::{Desk, Ran};
use crate::server::{PERSON, Server, finci};

fn verify(desk: &Desk, data: &str) -> Ran {
    desk.run(&["ledger", "verify", "--data", data])
}

/// The number in the line that begins with these words.
fn figure(ran: &Ran, name: &str) -> u64 {
    let line = ran.text().lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in: {}", ran.text()));
    line.split_whitespace().last().unwrap().parse().unwrap()
}

#[test]
fn a_ledger_is_verified_beside_a_running_server_and_after_it() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
    let beside = verify(&desk, "d");
    assert_eq!((beside.code, beside.stderr.as_str()), (0, ""), "{beside:?}");
    assert_eq!(figure(&beside, "tenants"), 1);
    assert_eq!(figure(&beside, "transfers"), 1);
    assert_eq!(figure(&beside, "holds open"), 0);
    assert!(figure(&beside, "accounts") >= 2);
    assert!(
        beside.text().contains("USD  sum 0.00  moved "),
        "{}",
        beside.text()
    );

    // The server works on as if nobody had looked.
    let other = PERSON.replace("p-1", "p-2").replace("ada@", "eva@");
    finci(&desk, "d", &["POST", "/v1/create-person", &other]);
    assert_eq!(server.end("TERM").code, 0);
    let after = verify(&desk, "d");
    assert_eq!((after.code, after.text()), (0, beside.text()), "{after:?}");
    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
}

#[test]
fn what_cannot_be_read_is_told_apart_from_what_is_wrong() {
    let desk = Desk::new();
    verify(&desk, "nowhere").is_usage_error(&["--data nowhere: ", "cardwright.db"]);
    assert!(desk.names("").is_empty(), "nothing is made by looking");
    desk.file("d/cardwright.db", "this is no database");
    verify(&desk, "d").is_usage_error(&["--data d: "]);
    desk.file("e/cardwright.db", "");
    verify(&desk, "e").is_usage_error(&["--data e: ", "is no database"]);
    desk.run(&["ledger"]).is_usage_error(&["verify"]);
}

#[test]
fn a_damaged_ledger_is_counted_and_its_first_wrong_record_named() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(server.end("TERM").code, 0);
    let path = desk.path("d/cardwright.db");
    let mut bytes = fs::read(&path).unwrap();
    // Kind and currency of the transfer by which the opening money came stand side by side, as those
    // of the account do that it came from.
    let (old, new) = (b"fundingUSD", b"fundingEUR");
    let is_transfer = |at: usize| bytes[at..].starts_with(old) && bytes[at - 1] != b'_';
    let places: Vec<usize> = (1..bytes.len()).filter(|at| is_transfer(*at)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    fs::write(&path, bytes).unwrap();
    let ran = verify(&desk, "d");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(figure(&ran, "transfers"), 1);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    for word in [
        "error: tenant ",
        ", transfer ",
        "its currency is \"EUR\", that of account ",
    ] {
        assert!(
            ran.stderr.contains(word),
            "`{word}` is not in: {}",
            ran.stderr
        );
    }
}
