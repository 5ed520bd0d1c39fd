//! Messages of the card network: who may send them.

use serde_json::json;

use crate::harness::{Network, TestApp, assert_golden};

#[tokio::test]
async fn an_echo_test_is_answered() {
    let app = TestApp::new().await;
    let network = app.network();
    let body = json!({"reference": "echo-1"});
    let echo = || network.draft("echo-test", &body).sign();
    let mut late = network.draft("echo-test", &body);
    late.timestamp = (app.now().as_second() - 301).to_string();
    let requests = vec![
        ("It is there", echo().request()),
        (
            "The tenant may be named",
            echo().with("x-tenant-id", &app.demo.tenant_uuid).request(),
        ),
        (
            "Another tenant is none",
            echo()
                .with("x-tenant-id", "00000000-0000-4000-8000-000000000000")
                .request(),
        ),
        ("Too late", late.sign().request()),
        (
            "A wrong signature",
            echo().with("x-auth-signature", "00".repeat(32)).request(),
        ),
        (
            "Nothing is said",
            network.draft("echo-test", &json!({})).sign().request(),
        ),
    ];
    assert_golden(&app, "network_echo", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn every_cause_of_a_failed_authentication_is_answered_alike() {
    let app = TestApp::new().await;
    let body = json!({"reference": "echo-1"});
    let network = app.network();
    let other = app.tenant("globex").await;
    let sign = || network.draft("echo-test", &body).sign();
    let mut unknown = network.draft("echo-test", &body);
    unknown.token = "nobody-has-this-token".to_owned();
    let mut stolen = network.draft("echo-test", &body);
    stolen.secret = other.network.secret.expose().to_owned();
    // Right in every way, but a credential of the other kind.
    let finci = Network::with(&app, app.demo.finci.clone());
    let requests = [
        unknown.sign(),
        stolen.sign(),
        finci.draft("echo-test", &body).sign(),
        sign().without("x-auth-token"),
        sign().without("x-auth-signature"),
        sign().adding("x-auth-timestamp", "1"),
        sign().with("x-auth-signature", "zz"),
    ];
    let mut answers = Vec::new();
    for request in requests {
        answers.push(app.send(request.request()).await);
    }
    for answer in &answers {
        assert_eq!(
            (answer.status, answer.native_code().as_str()),
            (401, "authentication_failed")
        );
        assert_eq!(answer.bytes(), answers[0].bytes());
    }
    let reply = app.send(sign().request()).await;
    assert_eq!(reply.record()["reference"], "echo-1");
    let elsewhere = app.send_from("203.0.113.9:5000", sign().request()).await;
    assert_eq!(
        (elsewhere.status, elsewhere.native_code().as_str()),
        (403, "ip_not_allowed")
    );
    app.finish().await;
}

#[tokio::test]
async fn a_network_credential_opens_no_other_surface() {
    let app = TestApp::new().await;
    let mut draft = app.network().draft("echo-test", &json!({}));
    draft.target = "/v1/get-cards".to_owned();
    let reply = app.send(draft.sign().request()).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "authentication_failed")
    );
    app.finish().await;
}
