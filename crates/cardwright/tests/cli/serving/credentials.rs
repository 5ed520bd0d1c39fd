//! `cardwright credential` and `cardwright logs`.

use serde_json::Value;

use crate::desk::{Desk, Ran};
use crate::server::Server;

#[test]
fn credentials_are_administered_from_the_command_line() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    let run = |arguments: &[&str]| {
        let ran = desk.run(&[&["credential"], arguments, &["--data", "d"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str::<Value>(ran.text()).unwrap()
    };
    let made = run(&["create", "--kind", "finci", "--form", "detect"]);
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&made["allowlist"], &made["canonical_form"]),
        (&serde_json::json!([]), &"detect".into())
    );
    let call = |token: &Value, secret: &Value, form: &str| {
        let target = [
            "call",
            "finci",
            "GET",
            "/v1/get-card/0000000000000042",
            "--data",
            "d",
            "--form",
            form,
        ];
        let mut command = desk.command(&target);
        command
            .env("CARDWRIGHT_FINCI_TOKEN", token.as_str().unwrap())
            .env("CARDWRIGHT_FINCI_SECRET", secret.as_str().unwrap());
        Ran::from(command.output().unwrap()).stderr
    };
    let said = call(&made["token"], &made["secret"], "lines");
    assert!(
        said.contains("HTTP 403"),
        "an empty list admits nobody: {said}"
    );
    run(&["allowlist", "set", &id, "10.0.0.0/8"]);
    run(&["allowlist", "add", &id, "127.0.0.1"]);
    let list = run(&["allowlist", "remove", &id, "10.0.0.0/8"]);
    assert_eq!(list["allowlist"], serde_json::json!(["127.0.0.1/32"]));
    let said = call(&made["token"], &made["secret"], "lines");
    assert!(
        said.contains("HTTP 404") && said.contains("canonical form lines"),
        "{said}"
    );
    run(&["canonical-form", &id, "path-first"]);
    assert!(call(&made["token"], &made["secret"], "lines").contains("HTTP 401"));

    let new = run(&["rotate", &id, "--at-once"]);
    assert!(call(&made["token"], &made["secret"], "path-first").contains("HTTP 401"));
    assert!(call(&new["token"], &new["secret"], "path-first").contains("HTTP 404"));
    run(&["revoke", new["id"].as_str().unwrap()]);
    assert!(call(&new["token"], &new["secret"], "path-first").contains("HTTP 401"));
    let all = run(&["list"]);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(4));
    assert!(!all.to_string().contains(new["secret"].as_str().unwrap()));

    for (network, word) in [
        ("10.1.0.0/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "allow_any"),
        ("010.0.0.0/8", "leading zeros"),
    ] {
        let ran = desk.run(&[
            "credential",
            "allowlist",
            "add",
            &id,
            network,
            "--data",
            "d",
        ]);
        ran.is_usage_error(&["CIDR", network, word]);
    }

    // The log has every one of the failures above.
    let ran = desk.run(&["logs", "tail", "--data", "d", "-n", "2"]);
    let lines: Vec<Value> = ran
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert_eq!(
        lines[0]["detail"],
        "the credential has expired: another one took its place"
    );
    assert_eq!(lines[1]["detail"], "the credential was revoked");
    assert_eq!(server.end("TERM").code, 0);
}
