//! What a server counts about itself, as Prometheus reads it.

use std::collections::HashMap;

use axum::{body::Body, http::Request};
use cardwright_server::store::environment::EnvironmentName;

use crate::harness::{FincardCaller, Network, Operator, Reply, TestApp, context};

async fn get(app: &TestApp, path: &str) -> Reply {
    let request = Request::get(path).header("host", "a").body(Body::empty());
    app.send(request.unwrap()).await
}

/// The samples of a reply, by name and labels.
async fn samples(app: &TestApp) -> HashMap<String, f64> {
    let reply = get(app, "/metrics").await;
    assert_eq!(reply.status, 200);
    let kind = reply.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert!(reply.text.ends_with("# EOF\n"));
    let lines = reply.text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn every_answer_is_counted_under_its_pattern_and_status() {
    let app = TestApp::new().await;
    let before = samples(&app).await;
    let finci = app.finci();
    for number in 0..3 {
        finci.person(&format!("p-{number}")).await;
    }
    for id in ["0000000000000001", "0000000000000002"] {
        assert_eq!(finci.get(&format!("get-card/{id}")).await.status, 404);
    }
    assert_eq!(get(&app, "/nothing/4111111111111111").await.status, 404);
    let after = samples(&app).await;

    let requests = |method: &str, route: &str, status: u16| {
        let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
        after
            .get(&format!("cardwright_requests_total{{{labels}}}"))
            .copied()
    };
    assert_eq!(requests("POST", "/v1/create-person", 200), Some(3.0));
    assert_eq!(requests("GET", "/v1/get-card/{token_id}", 404), Some(2.0));
    assert_eq!(requests("GET", "unmatched", 404), Some(1.0));
    assert_eq!(requests("GET", "/metrics", 200), Some(1.0));
    let total: f64 = after
        .iter()
        .filter(|(name, _)| name.starts_with("cardwright_requests_total"))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(total.to_bits(), 7_f64.to_bits());

    let grew = |name: &str| after[name] - before[name];
    let (commits, operations) = (
        grew("cardwright_commit_seconds_count"),
        grew("cardwright_commit_operations_sum"),
    );
    assert!(
        commits >= 3.0 && operations >= commits,
        "{commits} {operations}"
    );
    assert!(after["cardwright_commit_seconds_sum"] > 0.0);
    assert!(after["cardwright_writes_waiting"].abs() < 0.5);
    assert!(after["cardwright_writes_refused_total"].abs() < 0.5);
    app.finish().await;
}

#[tokio::test]
async fn whoever_is_not_believed_is_counted_by_the_reason() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let draft = || finci.draft("GET", "/v1/get-card/1", "");
    let mut forged = draft();
    forged.secret = "another".to_owned();
    app.send(forged.sign().request()).await;
    app.send(forged.sign().request()).await;
    let mut late = draft();
    late.timestamp = "1700000000".to_owned();
    app.send(late.sign().request()).await;
    app.send_from("198.51.100.1:4000", draft().sign().request())
        .await;
    let mut stranger = FincardCaller::log_in(&app, &app.demo).await;
    stranger.token = "stranger".to_owned();
    stranger
        .call("card/info", &serde_json::json!({"cardId": "1"}))
        .await;
    get(&app, "/admin/v1/tenants").await;
    let guess = serde_json::json!({
        "email": app.demo.email,
        "password": "a guess",
        "tenantId": app.demo.tenant_uuid,
    });
    let login = context(&app.demo.tenant_uuid, "/api/auth/login");
    let login = login.body(Body::from(guess.to_string())).unwrap();
    let refused = app.send(login).await;
    assert_ne!(refused.json()["success"], true, "{}", refused.text);

    let counted = samples(&app).await;
    let count = |reason: &str| {
        let name = format!("cardwright_authentication_failures_total{{reason=\"{reason}\"}}");
        counted.get(&name).copied().unwrap_or_default().to_string()
    };
    assert_eq!(count("signature"), "2");
    assert_eq!(count("timestamp"), "1");
    assert_eq!(count("address"), "1");
    assert_eq!(count("session"), "1");
    assert_eq!(count("operator_key"), "1");
    assert_eq!(count("login"), "1");
    app.finish().await;
}

#[tokio::test]
async fn a_decision_is_counted_with_the_time_it_took() {
    let app = TestApp::new().await;
    for ms in [1, 4, 4] {
        app.app
            .metrics()
            .decision(std::time::Duration::from_millis(ms));
    }
    let counted = samples(&app).await;
    assert_eq!(
        counted["cardwright_decision_seconds_count"].to_string(),
        "3"
    );
    let sum = counted["cardwright_decision_seconds_sum"];
    assert!((sum - 0.009).abs() < 1e-9, "{sum}");
    app.finish().await;
}

#[tokio::test]
async fn an_authorization_is_counted_as_a_decision_whoever_sends_it_and_a_refusal_is_none() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let card = finci.card(&person).await;
    let message = |reference: &str, card: &str| {
        serde_json::json!({
            "reference": reference,
            "token_id": card,
            "amount": 100,
            "currency": "USD",
            "channel": "ecommerce",
            "merchant": {
                "name": "A shop", "id": "M-1", "mcc": "5411", "city": "Vilnius", "country": "LT",
            },
        })
    };
    let decisions = async || {
        let counted = samples(&app).await;
        counted["cardwright_decision_seconds_count"].to_string()
    };
    let network = Network::new(&app, &app.demo);
    assert_eq!(decisions().await, "0");
    let decided = network.post("authorization", &message("a-1", &card)).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!(decisions().await, "1");

    let nobody = message("a-2", "0000000000000001");
    assert_eq!(network.post("authorization", &nobody).await.status, 404);
    let echo = serde_json::json!({"reference": "e-1"});
    assert_eq!(network.post("echo-test", &echo).await.status, 200);
    assert_eq!(decisions().await, "1");

    let operator = Operator::new(&app, "/sandbox/v1", &app.demo.admin_key);
    let simulated = message("a-3", &card);
    let decided = operator.post("simulate/authorization", &simulated).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!(decisions().await, "2");
    app.finish().await;
}

#[tokio::test]
async fn a_repeated_message_is_no_further_decision() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let card = finci.card(&person).await;
    let decisions = async || {
        let counted = samples(&app).await;
        counted["cardwright_decision_seconds_count"].to_string()
    };
    let message = serde_json::json!({
        "reference": "a-1", "token_id": card, "amount": 100, "currency": "USD",
        "channel": "ecommerce",
        "merchant": {
            "name": "A shop", "id": "M-1", "mcc": "5411", "city": "Vilnius", "country": "LT",
        },
    });
    let network = Network::new(&app, &app.demo);
    let first = network.post("authorization", &message).await;
    let again = network.post("authorization", &message).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert_eq!(decisions().await, "1");

    let operator = Operator::new(&app, "/sandbox/v1", &app.demo.admin_key);
    let again = operator.post("simulate/authorization", &message).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    assert_eq!(decisions().await, "1", "whoever repeats it");
    let mut unnamed = message.clone();
    unnamed.as_object_mut().unwrap().remove("reference");
    for _ in 0..2 {
        let decided = operator.post("simulate/authorization", &unnamed).await;
        assert_eq!(decided.status, 200, "{}", decided.text);
    }
    assert_eq!(decisions().await, "3", "what has no name is no repeat");
    app.finish().await;
}

#[tokio::test]
async fn what_is_counted_names_nobody() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "EUR").await;
    get(&app, "/4111111111111111?secret=hush").await;
    let text = get(&app, "/metrics").await.text;
    for hidden in [
        &person,
        finci.token(),
        finci.secret(),
        "4111111111111111",
        "hush",
    ] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    app.finish().await;
}

#[tokio::test]
async fn production_tells_nobody_at_its_front_door() {
    let app = TestApp::in_environment(EnvironmentName::Production).await;
    assert_eq!(get(&app, "/metrics").await.status, 404);
    app.finish().await;
}
