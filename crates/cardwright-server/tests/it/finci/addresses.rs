//! Whence a request may come.

use cardwright_server::ops::programs;

use crate::harness::{Draft, Reply, TestApp, person};

async fn sent_from(app: &TestApp, address: &str, external_id: &str) -> Reply {
    let request = draft(app, external_id).sign().request();
    app.send_from(address, request).await
}

fn draft(app: &TestApp, external_id: &str) -> Draft {
    let body = person(external_id).to_string();
    app.finci().draft("POST", "/v1/create-person", &body)
}

#[tokio::test]
async fn a_right_request_from_an_address_off_the_list_is_refused_and_not_spent() {
    let app = TestApp::new().await;
    let before = app.records().await;
    for address in [
        "10.0.0.1:50000",
        "[::ffff:10.0.0.1]:50000",
        "[::2]:50000",
        "[::127.0.0.1]:50000",
        "128.0.0.1:50000",
        "[2001:db8::1]:50000",
    ] {
        let reply = sent_from(&app, address, "p-1").await;
        assert_eq!(reply.status, 403, "{address}");
        assert_eq!(
            reply.text, r#"{"status":"error","errors":["ip_not_allowed"]}"#,
            "{address}"
        );
    }
    assert_eq!(app.records().await, before);
    assert_eq!(app.taken_signatures().await, 0);
    sent_from(&app, "127.0.0.1:50000", "p-1").await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_listed_address_is_let_in_however_it_is_written() {
    let app = TestApp::new().await;
    for address in [
        "127.0.0.1:50000",
        "127.255.255.254:1",
        "[::1]:50000",
        "[::ffff:127.0.0.1]:50000",
    ] {
        sent_from(&app, address, address).await.ok();
    }
    app.finish().await;
}

#[tokio::test]
async fn what_a_caller_says_about_its_address_counts_for_nothing() {
    let app = TestApp::new().await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let signed = draft(&app, "p-1").sign().with(header, "127.0.0.1");
        let reply = app.send_from("10.0.0.1:50000", signed.request()).await;
        assert_eq!(reply.code(), "ip_not_allowed", "{header}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_list_is_shown_to_nobody_who_has_not_signed() {
    let app = TestApp::new().await;
    let unknown = Draft {
        token: "a-token-that-nobody-was-issued".to_owned(),
        ..draft(&app, "p-1")
    };
    let wrong = Draft {
        secret: "wrong".to_owned(),
        ..draft(&app, "p-1")
    };
    for request in [unknown, wrong] {
        let here = app.send(request.sign().request()).await;
        let there = app
            .send_from("10.0.0.1:50000", request.sign().request())
            .await;
        assert_eq!(here.code(), "authentication_failed");
        assert_eq!(here.bytes(), there.bytes());
    }
    app.finish().await;
}

#[tokio::test]
async fn an_empty_list_admits_nobody_and_a_new_list_counts_at_once() {
    let app = TestApp::new().await;
    let set = async |networks: &str| {
        programs::set_allowlist(app.app.store(), networks.to_owned())
            .await
            .unwrap();
    };
    set("").await;
    for address in ["127.0.0.1:50000", "[::1]:50000"] {
        let reply = sent_from(&app, address, "p-1").await;
        assert_eq!(reply.code(), "ip_not_allowed", "{address}");
    }
    set("10.0.0.0/8").await;
    sent_from(&app, "10.0.0.1:50000", "p-1").await.ok();
    sent_from(&app, "[::ffff:10.0.0.2]:50000", "p-2").await.ok();
    let reply = sent_from(&app, "127.0.0.1:50000", "p-3").await;
    assert_eq!(reply.code(), "ip_not_allowed");
    app.finish().await;
}

#[tokio::test]
async fn a_trusted_proxy_speaks_for_its_caller_and_nobody_else_does() {
    let app = TestApp::new().await.behind(&["192.0.2.0/24"]);
    let table: [(&str, &[&str], u16); 11] = [
        ("192.0.2.1:443", &["127.0.0.1"], 200),
        ("192.0.2.1:443", &["::ffff:127.0.0.1"], 200),
        (
            "[::ffff:192.0.2.1]:443",
            &["10.0.0.1, 127.0.0.1, 192.0.2.9"],
            200,
        ),
        ("192.0.2.1:443", &["10.0.0.1", "127.0.0.1"], 200),
        ("192.0.2.1:443", &["127.0.0.1, 10.0.0.1"], 403),
        ("192.0.2.1:443", &["127.0.0.1", "10.0.0.1"], 403),
        ("192.0.2.1:443", &[], 400),
        ("192.0.2.1:443", &["192.0.2.7"], 400),
        ("10.0.0.1:443", &["127.0.0.1"], 403),
        ("127.0.0.1:443", &["10.0.0.1"], 200),
        ("192.0.2.1:443", &["127.0.0.1, unknown"], 400),
    ];
    for (number, (peer, lines, status)) in table.into_iter().enumerate() {
        let mut signed = draft(&app, &format!("p-{number}")).sign();
        for line in lines {
            signed = signed.adding("x-forwarded-for", line);
        }
        let reply = app.send_from(peer, signed.request()).await;
        assert_eq!(reply.status, status, "{peer} {lines:?}: {}", reply.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_proxy_that_speaks_for_nobody_lends_its_address_to_nobody() {
    // The demo credential may be used from the proxy's own address.
    let app = TestApp::new().await.behind(&["127.0.0.1"]);
    let signed = draft(&app, "p-1").sign();
    let reply = app.send_from("127.0.0.1:443", signed.request()).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    let spoken = draft(&app, "p-2").sign();
    let spoken = spoken.adding("x-forwarded-for", "127.0.0.2");
    app.send_from("127.0.0.1:443", spoken.request()).await.ok();
    let health = axum::http::Request::get("/health/ready").header("host", "localhost");
    let health = health.body(axum::body::Body::empty()).unwrap();
    assert_eq!(app.send_from("127.0.0.1:443", health).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn what_is_recorded_is_the_address_of_the_caller_and_not_of_the_proxy() {
    let app = TestApp::new().await.behind(&["192.0.2.1"]);
    let proxied = |mut request: axum::http::Request<axum::body::Body>, from: &'static str| {
        let value = axum::http::HeaderValue::from_static(from);
        request.headers_mut().insert("x-forwarded-for", value);
        request
    };
    let send = async |request| app.send_from("192.0.2.1:443", request).await;
    let fincard = app.fincard().await;

    send(proxied(draft(&app, "p-1").sign().request(), "127.0.0.11"))
        .await
        .ok();
    let body = serde_json::json!({"kind": "finci", "allowlist": []});
    let path = format!("tenants/{}/credentials", app.demo.tenant_uuid);
    let operator = app
        .operator()
        .request(&axum::http::Method::POST, &path, &body);
    send(proxied(operator, "127.0.0.12")).await.record();
    let echo = serde_json::json!({"account_id": app.demo.wallet.to_string(), "reference": "a"});
    let message = app
        .network()
        .draft("balance-inquiry", &echo)
        .sign()
        .request();
    send(proxied(message, "127.0.0.13")).await;
    let holder = crate::harness::holder("ana@example.com").to_string();
    let create = fincard.request("card/holder/v2/create", &holder);
    send(proxied(create, "127.0.0.14")).await.ok();

    let audit = app.operator().get("audit?limit=100").await.record();
    let addresses: std::collections::BTreeSet<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["address"].as_str())
        .collect();
    for expected in ["127.0.0.11", "127.0.0.12", "127.0.0.14"] {
        assert!(addresses.contains(expected), "{expected}: {addresses:?}");
    }
    assert!(!addresses.contains("192.0.2.1"), "{addresses:?}");
    app.run_jobs().await;
    app.finish().await;
}
