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
