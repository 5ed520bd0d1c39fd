//! `cardwright tenant` over the wire: what is asked of a server about tenants.

use crate::desk::{Desk, server};
use crate::server::Server;

const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// What a command sends: its first line and its body.
fn sent(arguments: &[&str]) -> (String, String) {
    let desk = Desk::new();
    let (url, requests) = server(vec![DONE]);
    let file = format!(
        r#"{{"base_url":"{url}","admin":{{"api_key":"key-of-the-file"}},"fincard":{{"tenant_id":"acme"}}}}"#
    );
    desk.file("cardwright-data/sandbox.json", file);
    let ran = desk.run(&[&["tenant"], arguments].concat());
    assert_eq!((ran.code, ran.text()), (0, "{}\n"), "{ran:?}");
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = head.lines().next().unwrap_or_default();
    (line.to_owned(), body.to_owned())
}

#[test]
fn each_action_is_one_call_of_the_operator() {
    let tenants = "/admin/v1/tenants";
    for (arguments, line, body) in [
        ("list", format!("GET {tenants}?limit=100"), ""),
        (
            "list --limit 2 --cursor abc",
            format!("GET {tenants}?limit=2&cursor=abc"),
            "",
        ),
        ("show", format!("GET {tenants}/acme"), ""),
        ("show --tenant other", format!("GET {tenants}/other"), ""),
        (
            "change --decisioning integrator",
            format!("PATCH {tenants}/acme"),
            r#"{"decisioning":"integrator"}"#,
        ),
        (
            "change --order-mode deferred --order-delay PT30S --kyc-mode manual --time-zone Europe/Vilnius --canonical-form lines",
            format!("PATCH {tenants}/acme"),
            r#"{"canonical_form":"lines","kyc_mode":"manual","order_delay":"PT30S","order_mode":"deferred","time_zone":"Europe/Vilnius"}"#,
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let (sent_line, sent_body) = sent(&arguments);
        assert_eq!(sent_line, format!("{line} HTTP/1.1"), "{arguments:?}");
        assert_eq!(sent_body, body, "{arguments:?}");
    }
}

#[test]
fn a_change_of_nothing_and_a_choice_that_nobody_has_are_refused() {
    let desk = Desk::new();
    desk.run(&["tenant", "change"])
        .is_usage_error(&["--decisioning"]);
    desk.run(&["tenant", "change", "--decisioning", "nobody"])
        .is_usage_error(&["platform", "integrator"]);
}

#[test]
fn who_decides_is_changed_on_a_real_server_and_shown() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox"]);
    let tenant = |arguments: &[&str]| {
        let ran = desk.run(&[&["tenant"], arguments, &["--data", "sandbox"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let json: serde_json::Value = serde_json::from_str(ran.text()).unwrap();
        json
    };
    let before = tenant(&["show"]);
    assert_eq!(before["id"], file["fincard"]["tenant_id"]);
    assert_eq!(before["decisioning"], "platform");
    tenant(&["change", "--decisioning", "integrator"]);
    assert_eq!(tenant(&["show"])["decisioning"], "integrator");
    let listed = tenant(&["list"]);
    assert_eq!(listed["items"][0]["decisioning"], "integrator");
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    drop(server);
}
