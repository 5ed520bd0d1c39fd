//! `cardwright init`: made once, for one environment, and never again.

use std::fs;

use crate::desk::Desk;
use crate::server::{PERSON, Server, finci};

fn init(desk: &Desk, arguments: &[&str]) -> crate::desk::Ran {
    desk.run(&[&["init", "--data", "d"], arguments].concat())
}

#[test]
fn init_makes_a_sandbox_that_starts_and_prints_no_secret() {
    let desk = Desk::new();
    let ran = init(&desk, &["--environment", "sandbox", "--seed", "5"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for word in ["sandbox", "d/keys/master.key", "d/cardwright.db"] {
        assert!(ran.text().contains(word), "{}", ran.text());
    }
    assert_eq!(desk.names("d"), ["cardwright.db", "keys", "lock"]);

    // Its credentials are issued by the first start.
    let (mut server, file) = Server::ready(&desk, &["--data", "d", "--seed", "5"]);
    finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
    assert_eq!(server.end("TERM").code, 0);
    let (_server, directly) = Server::ready(&desk, &["--data", "e", "--seed", "5"]);
    let id = "/fincard/wallet_account_id";
    assert_eq!(file.pointer(id), directly.pointer(id));
}

#[test]
fn init_never_touches_what_is_there() {
    let desk = Desk::new();
    assert_eq!(init(&desk, &["--environment", "production"]).code, 0);
    let before = fs::read(desk.path("d/cardwright.db")).unwrap();
    for environment in ["production", "sandbox"] {
        init(&desk, &["--environment", environment])
            .is_refusal(&["--data d: ", "an environment already"]);
    }
    assert_eq!(fs::read(desk.path("d/cardwright.db")).unwrap(), before);

    fs::remove_file(desk.path("d/keys/master.key")).unwrap();
    init(&desk, &["--environment", "production"]).is_refusal(&["--data d: ", "restore the key"]);
    assert_eq!(fs::read(desk.path("d/cardwright.db")).unwrap(), before);
    assert!(!desk.path("d/keys/master.key").exists());
}

#[test]
fn init_uses_the_key_that_an_attempt_before_left() {
    let desk = Desk::new();
    assert_eq!(init(&desk, &["--environment", "sandbox"]).code, 0);
    let key = fs::read(desk.path("d/keys/master.key")).unwrap();
    fs::remove_file(desk.path("d/cardwright.db")).unwrap();
    let again = init(&desk, &["--environment", "sandbox"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(fs::read(desk.path("d/keys/master.key")).unwrap(), key);
    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
    finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
}

#[test]
fn a_sandbox_never_opens_production() {
    let desk = Desk::new();
    assert_eq!(init(&desk, &["--environment", "production"]).code, 0);
    let before = fs::read(desk.path("d/cardwright.db")).unwrap();
    desk.run(&["sandbox", "--data", "d", "--listen", "127.0.0.1:0"])
        .is_refusal(&["--data d: ", "environment production"]);
    assert_eq!(desk.names("d"), ["cardwright.db", "keys", "lock"]);
    assert_eq!(fs::read(desk.path("d/cardwright.db")).unwrap(), before);
}

#[test]
fn wrong_arguments_of_init_are_named_and_make_nothing() {
    let desk = Desk::new();
    init(&desk, &[]).is_usage_error(&["--environment"]);
    init(&desk, &["--environment", "staging"]).is_usage_error(&["staging", "production"]);
    init(&desk, &["--environment", "production", "--seed", "1"]).is_usage_error(&["--seed"]);
    assert!(desk.names("").is_empty());
}
