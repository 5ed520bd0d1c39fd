//! `cardwright clock` over the wire: what is sent where, and what becomes of the answer.

use crate::desk::{Desk, server};

const CLOCK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"mode\":\"frozen\"}";
const REFUSED: &str = "HTTP/1.1 409 Conflict\r\ncontent-length: 103\r\n\r\n\
    {\"error\":{\"code\":\"clock_backwards\",\"message\":\"time does not go back\",\"field\":null,\
    \"request_id\":\"r-17\"}}";

/// What a command sends: its first line, its key, its tenant and its body.
fn sent(arguments: &[&str]) -> (String, String) {
    let desk = Desk::new();
    let (url, requests) = server(vec![CLOCK]);
    let file = format!(r#"{{"base_url":"{url}","admin":{{"api_key":"key-of-the-file"}}}}"#);
    desk.file("cardwright-data/sandbox.json", file);
    let ran = desk.run(&[&["clock"], arguments].concat());
    assert_eq!(
        (ran.code, ran.text()),
        (0, "{\"mode\":\"frozen\"}\n"),
        "{ran:?}"
    );
    let request = requests.recv().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(
        head.contains("authorization: bearer key-of-the-file"),
        "{head}"
    );
    let line = head.lines().next().unwrap_or_default();
    let tenant = head.lines().find(|line| line.starts_with("x-tenant-id"));
    let facts = [Some(line), tenant].into_iter().flatten();
    (facts.collect::<Vec<_>>().join("; "), body.to_owned())
}

#[test]
fn each_action_is_one_call_with_the_key_of_the_sandbox() {
    let put = "put /sandbox/v1/clock http/1.1";
    let advance = "post /sandbox/v1/clock/advance http/1.1";
    let get = "get /sandbox/v1/clock http/1.1";
    let cases: [(&[&str], &str, &str); 6] = [
        (&["get"], get, ""),
        (&["freeze"], put, r#"{"mode":"frozen"}"#),
        (&["unfreeze"], put, r#"{"mode":"running"}"#),
        (
            &["set", "2027-01-31T08:00:00Z"],
            put,
            r#"{"now":"2027-01-31T08:00:00Z"}"#,
        ),
        (&["advance", "P7D"], advance, r#"{"by":"P7D"}"#),
        (
            &["advance", "--to", "2027-01-31T08:00:00Z"],
            advance,
            r#"{"to":"2027-01-31T08:00:00Z"}"#,
        ),
    ];
    for (arguments, line, body) in cases {
        assert_eq!(sent(arguments), (line.to_owned(), body.to_owned()));
    }
    let (head, _) = sent(&["get", "--tenant", "acme"]);
    assert_eq!(head, format!("{get}; x-tenant-id: acme"));
}

#[test]
fn a_refusal_is_one_line_on_stderr_and_exit_code_1() {
    let desk = Desk::new();
    let (url, _requests) = server(vec![REFUSED]);
    let ran = desk.run(&[
        "clock",
        "advance",
        "-P1D",
        "--base-url",
        &url,
        "--admin-key",
        "k",
    ]);
    ran.is_refusal(&["HTTP 409 clock_backwards", "time does not go back", "r-17"]);
}

#[test]
fn what_cannot_be_called_is_named() {
    let desk = Desk::new();
    desk.run(&["clock", "get"])
        .is_usage_error(&["cardwright-data/sandbox.json", "cardwright sandbox"]);
    desk.run(&["clock", "get", "--base-url", "http://127.0.0.1:1"])
        .is_usage_error(&["--base-url and --admin-key"]);
    desk.run(&["clock", "advance"])
        .is_usage_error(&["DURATION"]);
    let both = ["clock", "advance", "P1D", "--to", "2027-01-31T08:00:00Z"];
    desk.run(&both).is_usage_error(&["--to"]);
    let key = [
        "clock",
        "get",
        "--base-url",
        "http://127.0.0.1:1",
        "--admin-key",
        "a\nb",
    ];
    desk.run(&key).is_usage_error(&["--admin-key"]);
}
