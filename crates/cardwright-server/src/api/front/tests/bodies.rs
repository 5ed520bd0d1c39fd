//! Framing, size and kind of bodies.

use super::super::{Media, MediaFault, check_media};
use super::{ECHO_BYTES, Wire, front, refuses, still_serves};
use axum::http::{HeaderMap, HeaderValue, header};

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n{body}")
}

#[tokio::test(start_paused = true)]
async fn pipelined_requests_are_answered_in_order() {
    let mut wire = Wire::open(&front());
    let first = post("/echo", "Content-Length: 3\r\n", "one");
    let second = post("/echo", "Content-Length: 3\r\n", "two");
    wire.send(format!(
        "{first}GET /hello HTTP/1.1\r\nHost: a\r\n\r\n{second}"
    ))
    .await;
    for expected in ["one", "hello", "two"] {
        let answer = wire.answer().await;
        assert_eq!((answer.status(), answer.body.as_str()), (200, expected));
        assert!(!answer.closes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_malformed_request_behind_a_good_one_spoils_only_itself() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost a\r\n\r\n")
        .await;
    assert_eq!(wire.answer().await.body, "hello");
    assert_eq!(wire.answer().await.status(), 400);
    assert!(wire.is_closed().await);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn with_a_transfer_coding_the_length_is_ignored_and_the_connection_ends() {
    let front = front();
    let smuggled = "GET /who HTTP/1.1\r\nHost: a\r\n\r\n";
    for headers in [
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: Chunked\r\nContent-Length: 999\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n",
    ] {
        let mut wire = Wire::open(&front);
        wire.send(post(
            "/echo",
            headers,
            &format!("5\r\nhello\r\n0\r\n\r\n{smuggled}"),
        ))
        .await;
        let answer = wire.answer().await;
        assert_eq!(
            (answer.status(), answer.body.as_str()),
            (200, "hello"),
            "{headers}"
        );
        assert!(answer.closes(), "{headers}");
        assert!(wire.is_closed().await, "{headers}");
        still_serves(&front).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_transfer_coding_other_than_one_chunked_is_400() {
    let front = front();
    for coding in [
        "gzip, chunked",
        "chunked, chunked",
        "identity",
        "chunked, gzip",
        "xchunked",
    ] {
        let headers = format!("Transfer-Encoding: {coding}\r\n");
        refuses(&front, post("/echo", &headers, "0\r\n\r\n"), 400).await;
    }
    let two_lines = "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n";
    refuses(&front, post("/echo", two_lines, "0\r\n\r\n"), 400).await;
}

#[tokio::test(start_paused = true)]
async fn a_length_that_contradicts_itself_or_is_no_number_is_400() {
    let front = front();
    for headers in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n",
    ] {
        refuses(&front, post("/echo", headers, "abc"), 400).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_at_the_limit_passes_and_one_byte_more_is_413() {
    let front = front();
    let mut wire = Wire::open(&front);
    let most = "b".repeat(ECHO_BYTES);
    wire.send(post(
        "/echo",
        &format!("Content-Length: {ECHO_BYTES}\r\n"),
        &most,
    ))
    .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.len()), (200, ECHO_BYTES));

    let announced = format!("Content-Length: {}\r\n", ECHO_BYTES + 1);
    let answer = refuses(&front, post("/echo", &announced, &format!("{most}b")), 413).await;
    assert_eq!(answer.body, "TooLarge");

    let counted = format!("{:x}\r\n{most}b\r\n0\r\n\r\n", ECHO_BYTES + 1);
    let answer = refuses(
        &front,
        post("/echo", "Transfer-Encoding: chunked\r\n", &counted),
        413,
    );
    assert_eq!(answer.await.body, "TooLarge");
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_refused_body_is_never_read_as_a_request() {
    let front = front();
    let mut wire = Wire::open(&front);
    let smuggled = "GET /who HTTP/1.1\r\nHost: a\r\n\r\n";
    wire.send(post("/echo", "Content-Length: 99999999\r\n", ""))
        .await;
    assert_eq!(wire.answer().await.status(), 413);
    wire.try_send(smuggled).await;
    assert!(wire.is_closed().await);

    // A handler that does not look at the body has the same effect.
    let mut wire = Wire::open(&front);
    wire.send(post("/ignore", "Content-Length: 100\r\n", smuggled))
        .await;
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), (200, "ignored"));
    assert!(answer.closes());
    assert!(wire.is_closed().await);
    still_serves(&front).await;
}

#[tokio::test(start_paused = true)]
async fn an_upload_in_full_flow_can_still_read_its_refusal() {
    let front = front();
    let mut wire = Wire::open_with_buffer(&front, 4 * 1024);
    wire.send(post("/echo", "Content-Length: 1000000\r\n", ""))
        .await;
    for _ in 0..100 {
        wire.send("u".repeat(10_000)).await;
    }
    assert_eq!(wire.answer().await.status(), 413);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_cut_off_or_misframed_is_broken() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send(post("/echo", "Content-Length: 10\r\n", "half"))
        .await;
    tokio::io::AsyncWriteExt::shutdown(&mut wire.stream)
        .await
        .unwrap();
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), (400, "Broken"));

    for chunks in [
        "zz\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloworld\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
    ] {
        let answer = refuses(
            &front,
            post("/echo", "Transfer-Encoding: chunked\r\n", chunks),
            400,
        );
        assert_eq!(answer.await.body, "Broken", "{chunks:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_waits_for_continue_gets_it_only_if_the_body_is_wanted() {
    let front = front();
    let mut wire = Wire::open(&front);
    wire.send(post(
        "/echo",
        "Expect: 100-Continue\r\nContent-Length: 2\r\n",
        "",
    ))
    .await;
    assert_eq!(wire.answer().await.status(), 100);
    wire.send("hi").await;
    assert_eq!(wire.answer().await.body, "hi");

    refuses(
        &front,
        post(
            "/echo",
            "Expect: 100-continue\r\nContent-Length: 70000\r\n",
            "",
        ),
        413,
    )
    .await;
}

fn media(content_type: &str) -> Result<Media, MediaFault> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(content_type).unwrap(),
    );
    check_media(&headers)
}

#[test]
fn json_is_json_in_any_spelling_and_in_no_other_charset() {
    for spelling in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json ; Charset=\"UTF-8\"",
        "application/json; charset=\"utf\\-8\"; profile=\"a;b\"",
        "application/json;",
    ] {
        assert_eq!(media(spelling), Ok(Media::Json), "{spelling}");
    }
    for charset in ["latin1", "utf-16", "\"iso-8859-1\"", "utf-8; charset=utf-7"] {
        let fault = media(&format!("application/json; charset={charset}"));
        assert_eq!(fault, Err(MediaFault::Charset), "{charset}");
    }
}

#[test]
fn other_types_keep_their_name_and_a_type_that_is_none_is_malformed() {
    assert_eq!(check_media(&HeaderMap::new()), Ok(Media::Absent));
    assert_eq!(media(""), Ok(Media::Absent));
    assert_eq!(
        media("Text/Plain; charset=UTF-8"),
        Ok(Media::Other("text/plain".to_owned()))
    );
    let boundary = "a b".to_owned();
    assert_eq!(
        media("multipart/form-data; boundary=\"a b\""),
        Ok(Media::Multipart { boundary })
    );
    for malformed in [
        "json",
        "application/",
        "/json",
        "application/json, text/plain",
        "application/json; charset",
        "application/json; charset=\"utf-8",
        "application/json; charset=\"utf-8\"x",
        "application/json; charset= utf-8",
        "multipart/form-data",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=a; boundary=b",
    ] {
        assert_eq!(media(malformed), Err(MediaFault::Malformed), "{malformed}");
    }
}

#[test]
fn a_doubled_type_and_a_content_coding_are_faults() {
    let json = HeaderValue::from_static("application/json");
    let mut headers = HeaderMap::new();
    headers.append(header::CONTENT_TYPE, json.clone());
    headers.append(header::CONTENT_TYPE, json);
    assert_eq!(check_media(&headers), Err(MediaFault::Doubled));

    for (coding, expected) in [
        ("identity", Ok(Media::Absent)),
        ("Identity, identity", Ok(Media::Absent)),
        ("gzip", Err(MediaFault::Encoding)),
        ("identity, br", Err(MediaFault::Encoding)),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        assert_eq!(check_media(&headers), expected, "{coding}");
    }
}
