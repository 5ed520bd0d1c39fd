//! Input out of bounds gets an answer that says so, and leaves nothing behind.

use serde_json::json;

use super::conversation::varied;
use crate::harness::{Draft, Outgoing, Reply, TestApp, card, person};

const LIMIT_BYTES: usize = 256 * 1024;
const CREATE: &str = "/v1/create-person";

/// Signs bytes as a body and sends them.
async fn posted(app: &TestApp, path: &str, body: impl Into<Vec<u8>>) -> Reply {
    app.pass(1);
    let draft = app.finci().draft("POST", path, "");
    let signed = Draft {
        body: body.into(),
        ..draft
    }
    .sign();
    app.send(signed.request()).await
}

fn signed(app: &TestApp, external_id: &str) -> Outgoing {
    let body = person(external_id).to_string();
    app.finci().draft("POST", CREATE, &body).sign()
}

/// A person whose body has this many bytes.
fn padded(bytes: usize) -> Vec<u8> {
    let body = person("p-1").to_string();
    let blanks = " ".repeat(bytes - body.len());
    format!("{{{blanks}{}", &body[1..]).into_bytes()
}

#[tokio::test]
async fn a_body_of_256_kib_is_read_and_one_byte_more_is_too_much() {
    let app = TestApp::new().await;
    let before = app.records().await;
    let reply = posted(&app, CREATE, padded(LIMIT_BYTES + 1)).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (413, "body_too_large")
    );
    let mut announced = signed(&app, "p-1");
    announced = announced.with("content-length", (LIMIT_BYTES + 1).to_string());
    assert_eq!(app.send(announced.request()).await.status, 413);
    let filler = format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT_BYTES - 8));
    assert_eq!(filler.len(), LIMIT_BYTES);
    let reply = posted(&app, CREATE, filler).await;
    assert_eq!(reply.status, 400);
    assert!(reply.code().contains("a:unknown"));
    assert_eq!(app.records().await, before);
    posted(&app, CREATE, padded(LIMIT_BYTES)).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn only_plain_json_in_utf_8_is_taken() {
    let app = TestApp::new().await;
    let before = app.records().await;
    for (name, value) in [
        ("content-encoding", "gzip"),
        ("content-encoding", "identity, br"),
        ("content-type", "application/json; charset=latin1"),
        ("content-type", "application/json; charset=utf-16"),
        ("content-type", "text/plain"),
        ("content-type", "application/xml"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-type", "multipart/form-data; boundary=x"),
        ("content-type", "json"),
    ] {
        let reply = app
            .send(signed(&app, "p-1").with(name, value).request())
            .await;
        let found = (reply.status, reply.code());
        assert_eq!(
            found,
            (415, "unsupported_media_type".to_owned()),
            "{name}: {value}"
        );
    }
    let doubled = signed(&app, "p-1").adding("content-type", "application/json");
    assert_eq!(app.send(doubled.request()).await.status, 415);
    assert_eq!(app.records().await, before);
    for (number, value) in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let request = signed(&app, &format!("p-{number}")).with("content-type", value);
        app.send(request.request()).await.ok();
    }
    let absent = signed(&app, "absent").without("content-type");
    app.send(absent.request()).await.ok();
    let identity = signed(&app, "identity").with("content-encoding", "identity");
    app.send(identity.request()).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn nested_endless_and_broken_json_is_refused_by_name() {
    let app = TestApp::new().await;
    let before = app.records().await;
    let nested = |depth: usize| {
        format!(
            "{{\"a\":{}{}}}",
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    let unclosed = |bracket: &str| format!("{{\"a\":{}", bracket.repeat(100_000));
    for (body, code) in [
        (nested(33), "nesting_too_deep"),
        (nested(50_000), "nesting_too_deep"),
        (unclosed("["), "nesting_too_deep"),
        (unclosed("{\"a\":"), "body_too_large"),
        (
            format!("{{{}", "\"a\":{".repeat(50_000)),
            "nesting_too_deep",
        ),
        ("{\"a\":\"\\ud800\"}".to_owned(), "malformed_json"),
        ("{\"\\udc00\":1}".to_owned(), "malformed_json"),
        ("{\"a\":\"\\ud800\\ud800\"}".to_owned(), "malformed_json"),
        ("{\"a\":01}".to_owned(), "malformed_json"),
        ("{\"a\":NaN}".to_owned(), "malformed_json"),
        ("{\"a\":1,}".to_owned(), "malformed_json"),
        ("{'a':1}".to_owned(), "malformed_json"),
        ("{}x".to_owned(), "malformed_json"),
        ("{}{}".to_owned(), "malformed_json"),
        ("{\"a\":\"\u{0}\"}".to_owned(), "malformed_json"),
        ("{\"a\":\"line\nbreak\"}".to_owned(), "malformed_json"),
        ("{\"a\":1,\"\\u0061\":2}".to_owned(), "duplicate_key"),
        ("{\"b\":{\"a\":1,\"a\":1}}".to_owned(), "duplicate_key"),
    ] {
        let shown: String = body.chars().take(40).collect();
        let reply = posted(&app, CREATE, body).await;
        let status = if code == "body_too_large" { 413 } else { 400 };
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{shown}"
        );
    }
    for bytes in [
        &b"{\"a\":\"\xff\"}"[..],
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"\xc3\":1}",
        b"{\0}",
    ] {
        let reply = posted(&app, CREATE, bytes).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "malformed_json"),
            "{bytes:?}"
        );
    }
    let deepest = posted(&app, CREATE, nested(32)).await;
    assert!(deepest.code().contains("a:unknown"), "32 levels are read");
    assert_eq!(app.records().await, before);
    app.finish().await;
}

#[tokio::test]
async fn texts_and_numbers_out_of_bounds_are_named_and_never_stored() {
    let app = TestApp::new().await;
    let owner = app.finci().person("p-0").await;
    app.finci().account(&owner, "EUR").await;
    let before = app.records().await;
    for (field, literal) in [
        ("product_id", "1e400"),
        ("product_id", "-1e400"),
        ("product_id", "1e-400"),
        ("product_id", "112001.5"),
        ("product_id", "1.12001e5"),
        ("product_id", "-112001"),
        ("product_id", "9223372036854775808"),
        ("product_id", "\"112001\""),
        ("embossing_name", "\"A\\u0000B\""),
        ("embossing_name", "\"ŽIVILĖ\""),
        ("embossing_name", "\"A\""),
        ("embossing_name", "\" AB\""),
        ("external_id", "\"\\u0000\""),
        ("external_id", "\"\\u0085\""),
        ("expiration_date", "\"2031-1\""),
        ("expiration_date", "\"٢٠٣١-٠١\""),
        ("account_id", "\"٠٠٠٠٠٠٠٠٠٠٠٠٠٠٤٢\""),
        ("account_id", "\"42\""),
        ("person_id", "\"１0011000000000000004\""),
        ("person_id", "10011000000000000004"),
        ("express_delivery", "1"),
        ("express_delivery", "\"false\""),
    ] {
        let marked = varied(&card(&owner), json!({field: "MARK"}));
        let body = marked.to_string().replace("\"MARK\"", literal);
        let reply = posted(&app, "/v1/create-card", body).await;
        assert_eq!(reply.status, 400, "{field} {literal}: {}", reply.text);
        assert_eq!(reply.code(), format!("{field}:invalid"), "{literal}");
    }
    let large = varied(&card(&owner), json!({"product_id": i64::MAX}));
    let reply = posted(&app, "/v1/create-card", large.to_string()).await;
    assert_eq!(reply.code(), "product_id:not_available");
    assert_eq!(app.records().await, before);
    app.finish().await;
}

#[tokio::test]
async fn unknown_names_come_back_shortened_and_not_without_end() {
    let app = TestApp::new().await;
    let many: Vec<String> = (0..5_000)
        .map(|number| format!("\"x{number}\":1"))
        .collect();
    let reply = posted(&app, CREATE, format!("{{{}}}", many.join(","))).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.len() < 2_000, "{} bytes", reply.text.len());
    let long = format!("{{\"{}\":1,\"\\u0000\\u001b[2J\":1}}", "n".repeat(10_000));
    let reply = posted(&app, CREATE, long).await;
    assert_eq!(reply.status, 400);
    assert!(reply.text.len() < 2_000, "{} bytes", reply.text.len());
    assert!(
        !reply.text.contains('\u{1b}'),
        "control characters are escaped"
    );
    app.finish().await;
}

#[tokio::test]
async fn an_id_in_a_path_has_one_spelling() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let before = app.records().await;
    let number = token.trim_start_matches('0');
    let spellings = [
        number.to_owned(),
        format!("0{token}"),
        format!("{token}0"),
        format!("{token}%20"),
        format!("%30{}", &token[1..]),
        format!("+{}", &token[1..]),
        format!("-{}", &token[1..]),
        format!("{}.0", &token[..14]),
        "%D9%A1".repeat(16),
        "%FF".to_owned(),
        "%00".to_owned(),
        "9".repeat(16),
        "9".repeat(20),
        "9".repeat(4_000),
        "0".repeat(16),
        "0000009007199254740993".to_owned(),
        "..".to_owned(),
        "null".to_owned(),
        account.clone(),
    ];
    for id in &spellings {
        for path in ["get-card", "update-card-status", "update-card-stage"] {
            let reply = match path {
                "get-card" => acme.get(&format!("{path}/{id}")).await,
                "update-card-status" => {
                    let body = json!({"token_status": "lost"});
                    acme.patch(&format!("{path}/{id}"), &body).await
                }
                _ => {
                    let body = json!({"token_stage": "plastic_not_delivered"});
                    acme.patch(&format!("{path}/{id}"), &body).await
                }
            };
            assert_eq!(reply.status, 404, "{path}/{id}");
            assert_eq!(reply.text, r#"{"status":"error","errors":["not_found"]}"#);
        }
    }
    assert_eq!(acme.get(&format!("get-account/{token}")).await.status, 404);
    assert_eq!(app.records().await, before);
    app.finish().await;
}
