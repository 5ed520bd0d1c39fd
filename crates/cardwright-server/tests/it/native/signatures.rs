//! The debugger of signatures: what it explains, what it keeps, and what it hides.

use cardwright_server::store::environment::EnvironmentName;
use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};
use serde_json::{Value, json};

use super::call;
use crate::harness::{Draft, Reply, TestApp, assert_golden, person};

const BODY: &str = r#"{"person_id": "10011000000000000001"}"#;

/// A signed request that lists cards.
fn draft(app: &TestApp) -> Draft {
    app.finci().draft("POST", "/v1/get-cards?page=1", BODY)
}

/// What the debugger is asked about a request as it was sent.
fn question(sent: &Draft, signature: &str) -> Value {
    json!({
        "token": sent.token, "method": sent.method, "target": sent.target,
        "timestamp": sent.timestamp, "body": String::from_utf8(sent.body.clone()).unwrap(),
        "signature": signature,
    })
}

fn signature(secret: &str, draft: &Draft) -> String {
    let parts = Parts {
        token: &draft.token,
        timestamp: &draft.timestamp,
        method: &draft.method,
        target: &draft.target,
        body: &draft.body,
    };
    hex::encode(SigningKey::new(secret).sign(&draft.form, &parts))
}

async fn explained(app: &TestApp, sent: &Draft, signature: &str) -> Value {
    let path = "signature/explain";
    app.sandbox()
        .post(path, &question(sent, signature))
        .await
        .record()
}

async fn log(app: &TestApp) -> Vec<Value> {
    let reply = app.sandbox().get("request-log").await.record();
    reply["items"].as_array().unwrap().clone()
}

/// Sends what was signed wrongly; the wire must say nothing. The entry of the log.
async fn refused(app: &TestApp, sent: &Draft, signature: &str) -> Value {
    let request = sent.sign().with("x-auth-signature", signature).request();
    let reply = app.send(request).await;
    generic(&reply);
    log(app).await.pop().unwrap()
}

#[track_caller]
fn generic(reply: &Reply) {
    assert_eq!(reply.status, 401);
    assert_eq!(
        reply.text,
        r#"{"status":"error","errors":["authentication_failed"]}"#
    );
}

/// The mistake is named to whoever asks, and in the log of the request that was sent with it.
async fn is_named(app: &TestApp, sent: &Draft, signature: &str, mistake: &str) {
    let explanation = explained(app, sent, signature).await;
    assert_eq!(explanation["mistakes"], json!([mistake]));
    assert_eq!(explanation["matched_form"], Value::Null);
    let entry = refused(app, sent, signature).await;
    assert_eq!(entry["mistakes"], json!([mistake]), "{entry}");
    assert_eq!(entry["expected"], explanation["expected"]);
}

#[tokio::test]
async fn an_explanation_works_the_request_out_in_every_form() {
    let app = TestApp::new().await;
    let right = Draft {
        form: CanonicalForm::Lines,
        ..draft(&app)
    };
    let signed = signature(&right.secret, &right);
    let shorter = Draft {
        target: "/get-cards".to_owned(),
        ..right.clone()
    };
    let wrong = signature(&right.secret, &shorter);
    let sandbox = app.sandbox();
    let ask = |body: &Value| call(&sandbox, "POST signature/explain", body);
    let unknown = json!({"token": "a-token-that-nobody-was-issued"});
    let mut of_nobody = question(&right, &signed);
    of_nobody["token"] = unknown["token"].clone();
    let requests = vec![
        (
            "Right, but in another form than the credential's",
            ask(&question(&right, &signed)),
        ),
        ("Two mistakes at once", ask(&question(&right, &wrong))),
        ("Nobody has this token", ask(&of_nobody)),
        ("Something is missing", ask(&unknown)),
    ];
    assert_golden(&app, "sandbox_signature_explain", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_body_that_was_written_anew_is_named() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let signed = Draft {
        body: br#"{"person_id":"10011000000000000001"}"#.to_vec(),
        ..sent.clone()
    };
    is_named(
        &app,
        &sent,
        &signature(&sent.secret, &signed),
        "body_reserialized",
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_path_without_its_prefix_is_named() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let signed = Draft {
        target: "/get-cards?page=1".to_owned(),
        ..sent.clone()
    };
    is_named(
        &app,
        &sent,
        &signature(&sent.secret, &signed),
        "path_prefix_missing",
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_query_that_was_not_signed_is_named() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let signed = Draft {
        target: "/v1/get-cards".to_owned(),
        ..sent.clone()
    };
    is_named(
        &app,
        &sent,
        &signature(&sent.secret, &signed),
        "query_dropped",
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn milliseconds_are_named_signed_or_sent() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let in_ms = Draft {
        timestamp: format!("{}000", sent.timestamp),
        ..sent.clone()
    };
    let signed = signature(&sent.secret, &in_ms);
    is_named(&app, &sent, &signed, "timestamp_milliseconds").await;

    let reply = app.send(in_ms.sign().request()).await;
    assert_eq!(reply.code(), "timestamp_out_of_range");
    let entry = log(&app).await.pop().unwrap();
    assert_eq!(entry["mistakes"], json!(["timestamp_milliseconds"]));
    assert_eq!(
        entry["detail"],
        format!("the time here is {}", app.now().as_second())
    );
    app.finish().await;
}

#[tokio::test]
async fn a_signature_in_base64_is_named() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let digest = hex::decode(signature(&sent.secret, &sent)).unwrap();
    let encoded = base64(&digest);
    is_named(&app, &sent, &encoded, "signature_base64").await;
    let entry = log(&app).await.pop().unwrap();
    assert_eq!(entry["detail"], "X-Auth-Signature is malformed");
    app.finish().await;
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

#[tokio::test]
async fn a_secret_in_the_tokens_place_is_named_and_kept_by_nobody() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let key_swapped = signature(&sent.token, &sent);
    is_named(&app, &sent, &key_swapped, "secret_token_swapped").await;

    let swapped = Draft {
        token: sent.secret.clone(),
        secret: sent.token.clone(),
        ..sent.clone()
    };
    let signed = signature(&sent.token, &swapped);
    is_named(&app, &swapped, &signed, "secret_token_swapped").await;
    let kept = app.sandbox().get("request-log").await.text;
    assert!(!kept.contains(&sent.secret), "{kept}");
    app.finish().await;
}

#[tokio::test]
async fn a_line_end_that_was_signed_is_named() {
    let app = TestApp::new().await;
    let sent = draft(&app);
    let signed = Draft {
        body: format!("{BODY}\n").into_bytes(),
        ..sent.clone()
    };
    is_named(
        &app,
        &sent,
        &signature(&sent.secret, &signed),
        "trailing_newline",
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn the_log_tells_what_the_wire_does_not() {
    let app = TestApp::new().await;
    let right = draft(&app);
    let signed = right.sign();
    let network = app.network().draft("echo-test", &json!({"reference": "a"}));
    let of_network = Draft {
        token: network.token.clone(),
        secret: network.secret.clone(),
        ..right.clone()
    };
    let foreign = Draft {
        secret: "another".to_owned(),
        ..right.clone()
    };
    let unknown = Draft {
        token: "a-token-that-nobody-was-issued".to_owned(),
        ..right.clone()
    };
    for (request, detail) in [
        (
            signed.clone().without("x-auth-token"),
            "X-Auth-Token is missing",
        ),
        (
            signed.clone().adding("x-auth-timestamp", "1"),
            "X-Auth-Timestamp is doubled",
        ),
        (unknown.sign(), "nobody has this token"),
        (
            foreign.sign(),
            "the signature is not the one that was expected",
        ),
        (
            of_network.sign(),
            "the credential is of kind network and opens another surface",
        ),
    ] {
        generic(&app.send(request.request()).await);
        assert_eq!(log(&app).await.pop().unwrap()["detail"], detail);
    }
    let elsewhere = app.send_from("10.0.0.1:1", right.sign().request()).await;
    assert_eq!(elsewhere.code(), "ip_not_allowed");
    let entry = log(&app).await.pop().unwrap();
    assert_eq!(entry["address"], "10.0.0.1");
    assert_eq!(
        entry["detail"],
        "the list of the credential is: 127.0.0.0/8 ::1/128"
    );
    assert_eq!(
        entry["request_id"],
        elsewhere.headers["x-request-id"].to_str().unwrap()
    );
    let wrong = Draft {
        secret: "another".to_owned(),
        ..network
    };
    assert_eq!(app.send(wrong.sign().request()).await.status, 401);
    assert_eq!(log(&app).await.pop().unwrap()["kind"], "network");
    app.finish().await;
}

#[tokio::test]
async fn the_log_is_read_in_pages_from_where_one_stopped() {
    let app = TestApp::new().await;
    let sandbox = app.sandbox();
    for _ in 0..3 {
        refused(&app, &draft(&app), &"00".repeat(32)).await;
    }
    let get = |query: &str| call(&sandbox, &format!("GET request-log{query}"), &Value::Null);
    let requests = vec![
        ("The newest one", get("?limit=1")),
        ("Those behind the first", get("?after=1&limit=1")),
        ("Nothing new", get("?after=3")),
        ("No number", get("?after=x")),
    ];
    assert_golden(&app, "sandbox_request_log", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_body_is_cut_and_numbers_of_cards_in_it_are_hidden() {
    let app = TestApp::new().await;
    let padding = "x".repeat(5_000);
    let body = format!(
        r#"{{"pan": "4111111111111111", "spaced": "5555 5555 5555 4444", "x": "{padding}"}}"#
    );
    let mut sent = app
        .finci()
        .draft("POST", "/v1/create-card?n=378282246310005", &body);
    sent.secret = "another".to_owned();
    generic(&app.send(sent.sign().request()).await);
    let entry = log(&app).await.pop().unwrap();
    let kept = entry["body"].as_str().unwrap();
    assert_eq!(kept.len(), 4_096);
    assert!(
        kept.contains(r#""411111******1111", "spaced": "5555 55** **** 4444""#),
        "{kept}"
    );
    assert_eq!(entry["target"], "/v1/create-card?n=378282*****0005");
    assert_eq!(entry["body_bytes"], body.len());
    app.finish().await;
}

#[tokio::test]
async fn the_log_keeps_the_last_thousand_and_shows_each_tenant_its_own() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    for _ in 0..1_005 {
        let request = draft(&app).sign().with("x-auth-signature", "00".repeat(32));
        generic(&app.send(request.request()).await);
    }
    let all = app
        .sandbox()
        .get("request-log?limit=1000&after=0")
        .await
        .record();
    let items = all["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["number"]), (1_000, &json!("6")));
    let of_other = app
        .sandbox()
        .on(&other.tenant_uuid)
        .get("request-log")
        .await;
    assert_eq!(of_other.record(), json!({"items": []}));
    let asked = app.sandbox().on(&other.tenant_uuid);
    let foreign = asked
        .post("signature/explain", &question(&draft(&app), "00"))
        .await;
    assert_eq!(
        (foreign.status, foreign.native_code().as_str()),
        (404, "not_found")
    );
    app.finish().await;
}

#[tokio::test]
async fn production_has_no_debugger_and_keeps_nothing() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    let request = draft(&app).sign().with("x-auth-signature", "00".repeat(32));
    generic(&app.send(request.request()).await);
    assert!(app.app.request_log().is_none());
    let asked = app
        .sandbox()
        .post("signature/explain", &question(&draft(&app), "00"))
        .await;
    assert_eq!(asked.status, 404);
    assert_eq!(app.sandbox().get("request-log").await.status, 404);
    app.finish().await;
}

#[tokio::test]
async fn what_passes_is_not_kept() {
    let app = TestApp::new().await;
    app.finci().post("create-person", &person("p-1")).await.ok();
    assert_eq!(
        app.finci().get("get-card/0000000000000042").await.status,
        404
    );
    assert_eq!(log(&app).await, Vec::<Value>::new());
    app.finish().await;
}
