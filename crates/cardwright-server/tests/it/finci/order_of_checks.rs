//! Which fault is named when a request has several: the cheapest check comes first, and nothing
//! before the signature tells whose credential it is.

use crate::harness::{Draft, Outgoing, Reply, TestApp, person};

const FAR_AWAY: &str = "10.0.0.1:50000";
const LARGE_BYTES: usize = 256 * 1024 + 1;

fn draft(app: &TestApp) -> Draft {
    let body = person("p-1").to_string();
    app.finci().draft("POST", "/v1/create-person", &body)
}

fn large(app: &TestApp) -> Draft {
    Draft {
        body: format!("{{{}}}", " ".repeat(LARGE_BYTES - 2)).into_bytes(),
        ..draft(app)
    }
}

fn wrongly_signed(request: Outgoing) -> Outgoing {
    request.with("x-auth-signature", "0".repeat(64))
}

#[track_caller]
fn assert_code(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code));
}

#[tokio::test]
async fn the_shape_of_the_headers_comes_before_the_time() {
    let app = TestApp::new().await;
    let stale = draft(&app).moved(-1_000).sign();
    for request in [
        stale.clone().with("x-auth-signature", "abc"),
        stale.clone().with("x-auth-token", "short"),
        stale.clone().without("x-auth-signature"),
        stale
            .with("x-auth-timestamp", "soon")
            .with("x-auth-token", ""),
    ] {
        let reply = app.send(request.request()).await;
        assert_code(&reply, 401, "authentication_failed");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_time_comes_before_the_form_and_the_size() {
    let app = TestApp::new().await;
    let stale = draft(&app).moved(301).sign();
    let spoilt = Draft {
        target: "/v1/get-card/{}".to_owned(),
        method: "GET".to_owned(),
        ..draft(&app)
    };
    for request in [
        large(&app).moved(301).sign(),
        stale.clone().with("content-encoding", "gzip"),
        stale.clone().with("content-type", "text/plain"),
        wrongly_signed(stale.clone()),
        spoilt.moved(301).sign(),
        Outgoing {
            body: b"[]".to_vec(),
            ..stale
        },
    ] {
        let reply = app.send(request.request()).await;
        assert_code(&reply, 401, "timestamp_out_of_range");
    }
    app.finish().await;
}

#[tokio::test]
async fn form_and_size_come_before_the_signature() {
    let app = TestApp::new().await;
    let signed = draft(&app).sign();
    let read = Draft {
        method: "GET".to_owned(),
        target: "/v1/get-card/0000000000000042".to_owned(),
        ..draft(&app)
    };
    for (status, code, request) in [
        (413, "body_too_large", large(&app).sign()),
        (
            413,
            "body_too_large",
            signed
                .clone()
                .with("content-length", LARGE_BYTES.to_string()),
        ),
        (
            415,
            "unsupported_media_type",
            signed.clone().with("content-encoding", "gzip"),
        ),
        (
            415,
            "unsupported_media_type",
            signed.clone().with("content-type", "text/plain"),
        ),
        (400, "body_not_allowed", read.sign()),
        (
            400,
            "not_an_object",
            Outgoing {
                body: b"[]".to_vec(),
                ..signed.clone()
            },
        ),
        (
            400,
            "not_an_object",
            Outgoing {
                body: b" {}".to_vec(),
                ..signed.clone()
            },
        ),
        (
            400,
            "not_an_object",
            Outgoing {
                body: b"\xef\xbb\xbf{}".to_vec(),
                ..signed.clone()
            },
        ),
        (
            400,
            "invalid_target",
            Outgoing {
                target: "/v1/create-person?{".to_owned(),
                ..signed
            },
        ),
    ] {
        let reply = app.send(wrongly_signed(request).request()).await;
        // A query does not change the route, so the last one reaches the checks as well.
        assert_code(&reply, status, code);
    }
    assert_eq!(app.taken_signatures().await, 0);
    app.finish().await;
}

#[tokio::test]
async fn the_signature_comes_before_the_address_and_the_address_before_the_content() {
    let app = TestApp::new().await;
    let signed = draft(&app).sign();
    let reply = app
        .send_from(FAR_AWAY, wrongly_signed(signed.clone()).request())
        .await;
    assert_code(&reply, 401, "authentication_failed");
    let broken = Draft {
        body: b"{".to_vec(),
        ..draft(&app)
    };
    let reply = app.send_from(FAR_AWAY, broken.sign().request()).await;
    assert_code(&reply, 403, "ip_not_allowed");

    app.send(signed.request()).await.ok();
    let reply = app.send_from(FAR_AWAY, signed.request()).await;
    assert_code(&reply, 403, "ip_not_allowed");
    let keyed = signed.with("idempotency-key", "");
    assert_code(&app.send(keyed.request()).await, 401, "request_replayed");
    app.finish().await;
}

#[tokio::test]
async fn bytes_that_could_be_another_part_never_stand_in_a_target() {
    let app = TestApp::new().await;
    let before = app.records().await;
    for byte in [b'{', b'}', b'"', b'\\', b'^', b'|'] {
        for target in ["/v1/get-card/0000000000000042", "/v1/create-person?x="] {
            let method = if target.contains("get") {
                "GET"
            } else {
                "POST"
            };
            if byte == b'"' && method == "POST" {
                continue;
            }
            let target = format!("{target}{}", char::from(byte));
            let signed = app.finci().draft(method, &target, "").sign();
            let reply = app.exchange(&signed.wire()).await;
            assert_code(&reply, 400, "invalid_target");
        }
    }
    // These never were HTTP; the answer is the engine's and says nothing more than 400.
    for bytes in [
        &b"<"[..],
        b">",
        b"`",
        b"\x01",
        b"\x7f",
        b"\xc3\xa4",
        b"\xff",
        b"?\"",
        b"?<",
        b"?\xc3\xa4",
    ] {
        let signed = app.finci().draft("GET", "/v1/get-card/0TARGET", "").sign();
        let mut wire = signed.wire();
        let at = wire.windows(6).position(|part| part == b"TARGET").unwrap();
        wire.splice(at..at + 6, bytes.iter().copied());
        let reply = app.exchange(&wire).await;
        assert_eq!(reply.status, 400, "{bytes:?}");
        let code = reply.code();
        assert!(["", "invalid_target"].contains(&code.as_str()), "{code}");
    }
    let mut signed = draft(&app).sign();
    signed.target = "http://127.0.0.1:8080/v1/create-person".to_owned();
    assert_eq!(app.exchange(&signed.wire()).await.status, 400);
    assert_eq!(app.records().await, before);
    app.finish().await;
}
