//! How many requests a credential may make, by the clock in the test's hand.

use axum::http::Method;
use cardwright_server::{
    app::Settings, ops::programs::SignedCredential, secrets::Secret, throttle::CallRate,
};
use serde_json::json;

use crate::harness::{FinciCaller, Network, TestApp, assert_golden, person};

async fn limited(count: u32) -> TestApp {
    let settings = Settings {
        call_rate: CallRate::per_second(count),
        ..Settings::default()
    };
    TestApp::with_settings(settings).await
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() {
    let app = limited(2).await;
    let finci = app.finci();
    let read = |id: &str| finci.request(&Method::GET, &format!("/v1/get-card/{id}"), "");
    let requests = vec![
        ("The first", read("0000000000000001")),
        ("The second", read("0000000000000002")),
        ("One too many", read("0000000000000003")),
    ];
    assert_golden(&app, "finci_rate_limited", requests).await;
    let message = || {
        let body = json!({"reference": "a"});
        app.network().draft("echo-test", &body).sign().request()
    };
    let requests = vec![
        ("The network has a bucket of its own", message()),
        ("And fills it", message()),
        ("One message too many", message()),
    ];
    assert_golden(&app, "network_rate_limited", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_refused_request_is_not_spent_and_succeeds_when_it_comes_back() {
    let app = limited(1).await;
    let finci = app.finci();
    let create = |id: &str| {
        let body = person(id).to_string();
        finci.draft("POST", "/v1/create-person", &body).sign()
    };
    app.send(create("p-1").request()).await.ok();
    let before = app.taken_signatures().await;
    let second = create("p-2");
    let refused = app.send(second.request()).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "rate_limited")
    );
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(app.taken_signatures().await, before);
    app.pass(1);
    app.send(second.request()).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn whoever_cannot_sign_takes_no_place_of_whoever_can() {
    let app = limited(1).await;
    let finci = app.finci();
    let request = |id: &str| finci.draft("GET", &format!("/v1/get-card/{id}"), "").sign();
    for number in 0..20 {
        let forged = request("0000000000000001").with("x-auth-signature", "00".repeat(32));
        assert_eq!(app.send(forged.request()).await.status, 401, "{number}");
        let elsewhere = request("0000000000000001").request();
        let elsewhere = app.send_from("10.0.0.1:1", elsewhere).await;
        assert_eq!(elsewhere.status, 403, "{number}");
    }
    assert_eq!(
        app.send(request("0000000000000001").request()).await.status,
        404
    );
    assert_eq!(
        app.send(request("0000000000000001").request()).await.status,
        429
    );
    app.finish().await;
}

#[tokio::test]
async fn each_credential_has_a_rate_of_its_own_and_without_one_there_is_no_limit() {
    let app = limited(1).await;
    let path = format!("tenants/{}/credentials", app.demo.tenant_uuid);
    let body = json!({"kind": "network", "allowlist": ["127.0.0.1"]});
    let made = app.operator().post(&path, &body).await.record();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let other = SignedCredential {
        token: text("token"),
        secret: Secret::new(text("secret")),
    };
    let echo = json!({"reference": "a"});
    for credential in [&app.demo.network, &other] {
        let network = Network::with(&app, credential.clone());
        assert_eq!(network.post("echo-test", &echo).await.status, 200);
        assert_eq!(network.post("echo-test", &echo).await.status, 429);
    }
    app.finish().await;

    let app = TestApp::new().await;
    let finci = FinciCaller::new(&app, &app.demo);
    for _ in 0..1_500 {
        let request = finci.request(&Method::GET, "/v1/get-card/0000000000000001", "");
        assert_eq!(app.send(request).await.status, 404);
    }
    app.finish().await;
}
