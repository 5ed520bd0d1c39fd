//! What is refused before routing.

use super::{Wire, front, refuses, still_serves};

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{headers}\r\n")
}

#[tokio::test(start_paused = true)]
async fn a_request_needs_exactly_one_valid_host() {
    let front = front();
    for headers in [
        "",
        "Host:\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
        "Host: user@a\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
    ] {
        refuses(&front, get("/hello", headers), 400).await;
    }
    for host in ["a", "a:8080", "[::1]:80", "192.0.2.1"] {
        let mut wire = Wire::open(&front);
        wire.send(get("/hello", &format!("Host: {host}\r\n"))).await;
        assert_eq!(wire.answer().await.status(), 200, "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_target_must_be_a_path() {
    let front = front();
    for line in [
        "GET http://a/hello",
        "GET HTTPS://a/hello",
        "GET a:80",
        "GET hello",
        "OPTIONS *",
        "GET *",
        "CONNECT a:443",
        "GET ?q",
    ] {
        refuses(&front, format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"), 400).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_longer_than_eight_kibibytes_is_414_however_long() {
    let front = front();
    let longest = format!("/hello?{}", "q".repeat(8 * 1024 - 7));
    let mut wire = Wire::open(&front);
    wire.send(get(&longest, "Host: a\r\n")).await;
    assert_eq!(wire.answer().await.status(), 200);

    for excess in [1, 4 * 1024, 30 * 1024, 100 * 1024] {
        let target = format!("{longest}{}", "q".repeat(excess));
        refuses(&front, get(&target, "Host: a\r\n"), 414).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_sixty_fifth_header_is_431() {
    let front = front();
    let sixty_three = "X-Filler: 1\r\n".repeat(63);
    let mut wire = Wire::open(&front);
    wire.send(get("/hello", &format!("Host: a\r\n{sixty_three}")))
        .await;
    assert_eq!(wire.answer().await.status(), 200);

    refuses(
        &front,
        get("/hello", &format!("Host: a\r\n{sixty_three}X-More: 1\r\n")),
        431,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_header_block_above_sixteen_kibibytes_is_431() {
    let front = front();
    let block = |bytes: usize| format!("Host: a\r\nX-Filler: {}\r\n", "v".repeat(bytes - 21));
    let mut wire = Wire::open(&front);
    wire.send(get("/hello", &block(16 * 1024))).await;
    assert_eq!(wire.answer().await.status(), 200);

    for bytes in [16 * 1024 + 1, 17 * 1024, 30 * 1024, 128 * 1024] {
        refuses(&front, get("/hello", &block(bytes)), 431).await;
    }
}

#[tokio::test(start_paused = true)]
async fn folded_lines_stray_bytes_and_blanks_around_names_are_400() {
    let front = front();
    for headers in [
        "Host: a\r\n folded\r\n",
        "Host: a\r\nX: 1\r\n\tfolded\r\n",
        " Host: a\r\n",
        "Host : a\r\n",
        "Host: a\r\nX: 1\r2\r\n",
        "Host: a\r\nX: 1\u{0}2\r\n",
        "Host: a\r\nX\u{7f}: 1\r\n",
        "Host: a\r\nno colon\r\n",
        "Host: a\r\n: no name\r\n",
    ] {
        refuses(&front, get("/hello", headers), 400).await;
    }
    refuses(&front, "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400).await;
    refuses(&front, "GET /he llo HTTP/1.1\r\nHost: a\r\n\r\n", 400).await;
    refuses(&front, "GET /hello\r\nHost: a\r\n\r\n", 400).await;
    refuses(&front, "GET /hello HTTP/3.0\r\nHost: a\r\n\r\n", 400).await;
    refuses(&front, "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", 400).await;
}

#[tokio::test(start_paused = true)]
async fn a_bare_line_feed_ends_a_line_as_the_standard_allows() {
    // RFC 9112 section 2.2. It must then end the line everywhere, also for the Host check.
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send("GET /hello HTTP/1.1\nHost: a\n\n").await;
    assert_eq!(wire.answer().await.status(), 200);
    refuses(
        &front,
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: 1\nHost: b\r\n\r\n",
        400,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_request_before_http_one_one_is_answered_once_and_closed() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send("GET /hello HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "hello"));
    assert!(answer.closes());
    assert!(wire.is_closed().await);

    refuses(&front, "GET /hello HTTP/1.0\r\n\r\n", 400).await;
    let chunked = "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    refuses(&front, chunked, 400).await;
}

#[tokio::test(start_paused = true)]
async fn http_two_without_asking_ends_the_connection() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0")
        .await;
    let said = wire.rest().await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 400 "),
        "{said}"
    );
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn an_offer_to_upgrade_is_declined_by_answering_as_usual() {
    let front = front();
    let mut wire = Wire::open(&front);
    for protocol in ["h2c", "websocket"] {
        let offer = format!("Host: a\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n");
        wire.send(get("/hello", &offer)).await;
        let answer = wire.answer().await;
        assert_eq!((answer.status(), answer.body.as_str()), (200, "hello"));
        assert!(answer.header("upgrade").is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn connect_and_trace_are_no_methods_here() {
    let front = front();
    for method in ["TRACE", "CONNECT"] {
        let request = format!("{method} /hello HTTP/1.1\r\nHost: a\r\nX-Secret: 1\r\n\r\n");
        let answer = refuses(&front, request, 405).await;
        assert!(
            answer
                .header("allow")
                .is_some_and(|allow| !allow.contains(method))
        );
        assert!(!answer.body.contains("Secret"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_expectation_other_than_continue_is_417() {
    let front = front();
    for expect in [
        "Expect: 200-ok\r\n",
        "Expect: 100-continue\r\nExpect: x\r\n",
        "Expect: \r\n",
    ] {
        let request =
            format!("POST /echo HTTP/1.1\r\nHost: a\r\n{expect}Content-Length: 2\r\n\r\nhi");
        refuses(&front, request, 417).await;
    }
}
