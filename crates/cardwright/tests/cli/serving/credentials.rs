//! `cardwright credential` and `cardwright logs`.

use serde_json::{Value, json};

use super::at;
use crate::desk::{Desk, Ran};
use crate::server::Server;

/// What a command of `cardwright credential` prints.
fn run(desk: &Desk, arguments: &[&str]) -> Value {
    let ran = desk.run(&[&["credential"], arguments, &["--data", "d"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(ran.text()).unwrap()
}

/// What is said about a call that is signed by a credential, in a form, for a card that is not there.
fn call(desk: &Desk, credential: &Value, form: &str) -> String {
    let target = ["call", "finci", "GET", "/v1/get-card/0000000000000042"];
    let flags = ["--data", "d", "--form", form];
    let mut command = desk.command(&[&target[..], &flags].concat());
    command
        .env("CARDWRIGHT_FINCI_TOKEN", at(credential, "token"))
        .env("CARDWRIGHT_FINCI_SECRET", at(credential, "secret"));
    Ran::from(command.output().unwrap()).stderr
}

/// The newest entries of the request log.
fn tail(desk: &Desk, count: &str) -> Vec<Value> {
    let ran = desk.run(&["logs", "tail", "--data", "d", "-n", count]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines = ran.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_list_says_where_a_credential_may_be_used_from() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    let made = run(&desk, &["create", "--kind", "finci"]);
    let id = at(&made, "id");
    assert_eq!(made["allowlist"], json!([]));
    let said = call(&desk, &made, "default");
    assert!(
        said.contains("HTTP 403"),
        "an empty list admits nobody: {said}"
    );
    run(&desk, &["allowlist", "set", id, "10.0.0.0/8"]);
    run(&desk, &["allowlist", "add", id, "127.0.0.1"]);
    let list = run(&desk, &["allowlist", "remove", id, "10.0.0.0/8"]);
    assert_eq!(list["allowlist"], json!(["127.0.0.1/32"]));
    assert!(call(&desk, &made, "default").contains("HTTP 404"));
    for (network, word) in [
        ("10.1.0.0/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "allow_any"),
        ("010.0.0.0/8", "leading zeros"),
    ] {
        let add = ["credential", "allowlist", "add", id, network];
        let ran = desk.run(&[&add[..], &["--data", "d"]].concat());
        ran.is_usage_error(&["CIDR", network, word]);
    }
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn a_form_is_detected_until_it_is_set() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    let create = ["create", "--form", "detect", "--allow", "127.0.0.1/32"];
    let made = run(&desk, &create);
    assert_eq!(made["canonical_form"], "detect");
    let said = call(&desk, &made, "lines");
    assert!(
        said.contains("HTTP 404") && said.contains("canonical form lines"),
        "{said}"
    );
    run(&desk, &["canonical-form", at(&made, "id"), "path-first"]);
    assert!(call(&desk, &made, "lines").contains("HTTP 401"));
    assert!(call(&desk, &made, "path-first").contains("HTTP 404"));
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn what_was_rotated_or_revoked_signs_no_more_and_the_log_says_which() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    let before = run(&desk, &["list"]);
    let before = before["items"].as_array().unwrap().len();
    let made = run(&desk, &["create", "--allow", "127.0.0.1/32"]);
    let new = run(&desk, &["rotate", at(&made, "id"), "--at-once"]);
    assert!(call(&desk, &made, "default").contains("HTTP 401"));
    assert!(call(&desk, &new, "default").contains("HTTP 404"));
    run(&desk, &["revoke", at(&new, "id")]);
    assert!(call(&desk, &new, "default").contains("HTTP 401"));
    let all = run(&desk, &["list"]);
    assert_eq!(all["items"].as_array().unwrap().len(), before + 2);
    assert!(!all.to_string().contains(at(&new, "secret")));
    let details: Vec<Value> = tail(&desk, "2")
        .iter()
        .map(|entry| entry["detail"].clone())
        .collect();
    assert_eq!(
        details,
        [
            "the credential has expired: another one took its place",
            "the credential was revoked"
        ]
    );
    assert_eq!(server.end("TERM").code, 0);
}
