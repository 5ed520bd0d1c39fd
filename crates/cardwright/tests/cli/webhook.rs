//! `cardwright webhook` over the wire: what is sent where, and what becomes of the answer.

use crate::desk::{Desk, server};

const DONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n\
    {\"error\":{\"code\":\"field_invalid\",\"message\":\"The value is wrong.\",\
    \"field\":\"url\",\"request_id\":\"r-17\"}}";

/// What a command sends: its first line and its body.
fn sent(arguments: &[&str]) -> (String, String) {
    let desk = Desk::new();
    let (url, requests) = server(vec![DONE]);
    let file = format!(
        r#"{{"base_url":"{url}","admin":{{"api_key":"key-of-the-file"}},"fincard":{{"tenant_id":"acme"}}}}"#
    );
    desk.file("cardwright-data/sandbox.json", file);
    let ran = desk.run(&[&["webhook"], arguments].concat());
    assert_eq!((ran.code, ran.text()), (0, "{}\n"), "{ran:?}");
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.to_ascii_lowercase()
            .contains("authorization: bearer key-of-the-file"),
        "{head}"
    );
    let line = head.lines().next().unwrap_or_default();
    (line.to_owned(), body.to_owned())
}

const BASE: &str = "/admin/v1/webhook-endpoints";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn assert_sent(arguments: &[&str], line: &str, body: &str) {
    let (sent_line, sent_body) = sent(arguments);
    assert_eq!(sent_line, format!("{line} HTTP/1.1"), "{arguments:?}");
    assert_eq!(sent_body, body, "{arguments:?}");
}

#[test]
fn an_endpoint_is_registered_with_what_the_flags_say() {
    assert_sent(
        &["create", "https://example.com/hooks"],
        &format!("POST {BASE}"),
        r#"{"dialect":"finci","url":"https://example.com/hooks"}"#,
    );
    let flags = "--dialect standard --event card_created --event card_frozen --timeout-ms 500";
    let mut arguments = vec!["create", "https://example.com/", "--secret", SECRET];
    arguments.extend(flags.split(' '));
    arguments.extend(["--header", "X-Shop: a: b"]);
    let body = format!(
        "{}{SECRET}{}",
        r#"{"dialect":"standard","events":["card_created","card_frozen"],"headers":[{"name":"X-Shop","value":"a: b"}],"secret":""#,
        r#"","timeout_ms":500,"url":"https://example.com/"}"#,
    );
    assert_sent(&arguments, &format!("POST {BASE}"), &body);
}

#[test]
fn each_action_is_one_call_of_the_operator() {
    let keys = "/admin/v1/tenants/acme";
    for (arguments, line, body) in [
        ("list", format!("GET {BASE}?limit=100"), ""),
        ("show 7", format!("GET {BASE}/7"), ""),
        (
            "change 7 --timeout-ms 5",
            format!("PATCH {BASE}/7"),
            r#"{"timeout_ms":5}"#,
        ),
        ("ping 7", format!("POST {BASE}/7/ping"), "{}"),
        (
            "rotate 7 --overlap-s 60 --switch-after-s 0",
            format!("POST {BASE}/7/rotate"),
            r#"{"overlap_seconds":60,"switch_after_seconds":0}"#,
        ),
        (
            "disable 7 --reason why",
            format!("POST {BASE}/7/disable"),
            r#"{"reason":"why"}"#,
        ),
        ("enable 7", format!("POST {BASE}/7/enable"), "{}"),
        ("remove 7", format!("DELETE {BASE}/7"), ""),
        ("keys", format!("GET {keys}/webhook-public-keys"), ""),
        (
            "rotate-key --switch-after-s 5",
            format!("POST {keys}/webhook-keys/rotate"),
            r#"{"switch_after_seconds":5}"#,
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        assert_sent(&arguments, &line, body);
    }
}

#[test]
fn a_refusal_is_one_line_on_stderr_and_exit_code_1() {
    let desk = Desk::new();
    let (url, _requests) = server(vec![REFUSED]);
    let ran = desk.run(&[
        "webhook",
        "create",
        "nowhere",
        "--base-url",
        &url,
        "--admin-key",
        "k",
    ]);
    ran.is_refusal(&["HTTP 400 field_invalid", "r-17"]);
}

#[test]
fn a_header_is_a_name_and_a_value() {
    let desk = Desk::new();
    let ran = desk.run(&[
        "webhook",
        "create",
        "https://a.example/",
        "--header",
        "X-Shop",
    ]);
    assert_eq!(ran.code, 2, "{ran:?}");
}
