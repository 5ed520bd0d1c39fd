//! `cardwright call`: where the answer goes, how a refusal exits, and which argument is at fault.

use crate::desk::{Desk, Ran, SECRET, TOKEN, server};

const FINCI_DONE: &str = "HTTP/1.1 200 OK\r\nX-Request-Id: r-7\r\nConnection: close\r\n\r\n\
                          {\"status\":\"success\", \"items\":[1.10]}";

#[test]
fn call_finci_prints_the_answer_as_it_came_and_its_status_aside() {
    let desk = Desk::new();
    let (url, requests) = server(vec![FINCI_DONE]);
    let content = format!(
        r#"{{"base_url": "{url}", "finci": {{"token": "{TOKEN}", "secret": "{SECRET}"}}}}"#
    );
    desk.file("cardwright-data/sandbox.json", content);
    // A proxy of the environment leads nowhere, so the call succeeds only by ignoring it.
    let output = desk
        .command(&["call", "finci", "POST", "get-cards", "{}"])
        .envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:9")))
        .output()
        .unwrap();
    let ran = Ran::from(output);

    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.text(), "{\"status\":\"success\", \"items\":[1.10]}\n");
    assert_eq!(ran.stderr, "HTTP 200, request r-7\n");
    let request = requests.recv().unwrap();
    assert!(
        request.starts_with("POST /v1/get-cards HTTP/1.1\r\n"),
        "{request}"
    );
    let header = |name: &str| {
        let line = request.lines().find(|line| line.starts_with(name));
        line.unwrap().split_once(": ").unwrap().1.to_owned()
    };
    let timestamp = header("x-auth-timestamp");
    let signed = desk.sign(&["POST", "/v1/get-cards", "{}", "--timestamp", &timestamp]);
    let last = signed.text().lines().last().unwrap().to_owned();
    assert_eq!(
        last,
        format!("X-Auth-Signature: {}", header("x-auth-signature"))
    );
}

#[test]
fn a_refused_call_shows_the_answer_and_exits_with_1() {
    let desk = Desk::new();
    let refusal = "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n\
                   {\"status\":\"error\",\"errors\":[\"authentication_failed\"]}";
    let (url, _requests) = server(vec![refusal]);
    let secret = desk.file("secret", SECRET);
    let arguments = [
        "call",
        "finci",
        "GET",
        "/v1/get-card/42",
        "--base-url",
        &url,
    ];
    let ran = desk.run(
        &[
            &arguments[..],
            &["--token", TOKEN, "--secret-file", &secret],
        ]
        .concat(),
    );

    assert_eq!((ran.code, ran.stderr.as_str()), (1, "HTTP 401\n"));
    assert!(ran.text().contains("authentication_failed"));
}

#[test]
fn call_fincard_logs_in_and_fails_on_a_business_refusal_with_status_200() {
    let desk = Desk::new();
    let granted = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\
                   {\"success\":true,\"code\":200,\"accessToken\":\"t1\",\"expiresIn\":3600}";
    let refused = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\
        {\"success\":false,\"code\":-1,\"msg\":\"No\",\"data\":null,\"errorCode\":\"card_not_found\"}";
    let (url, requests) = server(vec![granted, refused]);
    let content = format!(
        r#"{{"base_url": "{url}", "fincard": {{"tenant_id": "acme",
            "email": "owner@acme.example", "password": "hunter2"}}}}"#
    );
    desk.file("cardwright-data/sandbox.json", content);
    let ran = desk.run(&["call", "fincard", "card/info", r#"{"cardNo":"1"}"#]);

    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (1, "HTTP 200, code -1, card_not_found\n")
    );
    assert!(ran.text().starts_with(r#"{"success":false"#));
    let login = requests.recv().unwrap();
    assert!(
        login.starts_with("POST /api/auth/login ") && login.contains("hunter2"),
        "{login}"
    );
    let call = requests.recv().unwrap();
    assert!(
        call.starts_with("POST /api/v2.1/fincard/virtual/card/info "),
        "{call}"
    );
    assert!(call.contains("authorization: Bearer t1\r\n"), "{call}");
}

#[test]
fn a_call_that_cannot_be_made_names_the_argument_at_fault() {
    let desk = Desk::new();
    let secret = desk.file("secret", SECRET);
    let call = |arguments: &[&str]| {
        let credentials = ["--token", TOKEN, "--secret-file", &secret];
        desk.run(&[&["call", "finci"], arguments, &credentials].concat())
    };

    call(&["GET", "/x", "--base-url", "card.example"]).is_usage_error(&["--base-url"]);
    call(&["GET", "/x", "--base-url", "http://card.example"]).is_usage_error(&[
        "--base-url",
        "--allow-plain-http",
        "not encrypted",
    ]);
    let local = ["--base-url", "http://127.0.0.1:9"];
    call(&[&["GET", "/{x}"], &local[..]].concat()).is_usage_error(&["PATH", "%7B"]);
    call(&[&["GET", "/a/../x"], &local[..]].concat()).is_usage_error(&["PATH", "sent as `/x`"]);
    call(&[&["GET", "/x", "{}"], &local[..]].concat()).is_usage_error(&["BODY"]);
    call(&[&["POST", "/x", "--idempotency-key", ""], &local[..]].concat())
        .is_usage_error(&["--idempotency-key"]);
    call(&[&["GET", "/x", "--timeout", "0"], &local[..]].concat()).is_usage_error(&["--timeout"]);
    desk.run(
        &[
            &["call", "fincard", "card/info", "--email", "a@b"],
            &local[..],
        ]
        .concat(),
    )
    .is_usage_error(&["--tenant-id"]);
}

#[test]
fn an_unreachable_server_is_no_usage_error() {
    let desk = Desk::new();
    let secret = desk.file("secret", SECRET);
    // Below the ports that a test or a system gives away, so nobody listens there.
    let url = "http://127.0.0.1:1";
    let arguments = ["call", "finci", "GET", "/v1/x", "--base-url", url];
    let ran = desk.run(
        &[
            &arguments[..],
            &["--token", TOKEN, "--secret-file", &secret],
        ]
        .concat(),
    );

    assert_eq!((ran.code, ran.text()), (1, ""), "{ran:?}");
    assert!(
        ran.stderr.contains(url) && ran.stderr.contains("refused"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_missing_sandbox_file_is_named_with_what_to_do() {
    let desk = Desk::new();
    let words = [
        "cardwright-data/sandbox.json",
        "cardwright sandbox",
        "--data",
    ];
    desk.run(&["sign", "GET", "/v1/x"]).is_usage_error(&words);
    desk.run(&["sign", "GET", "/v1/x"])
        .is_usage_error(&["--token and --secret-file"]);
    desk.run(&["call", "finci", "GET", "/v1/x"])
        .is_usage_error(&words);
    desk.run(&["call", "fincard", "account/info"])
        .is_usage_error(&words);
}
