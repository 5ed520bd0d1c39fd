//! The FINCI client: what it signs is what it sends.

use std::time::Duration;

use cardwright_client::finci::{Client, Credentials, IdempotencyKey};
use cardwright_client::{Error, Secret, Settings};
use cardwright_wire::finci::signature::{CanonicalForm, Parts, Presented, SigningKey};

use crate::responder::{Canned, HandClock, Recorded, Responder, settings};

pub(crate) const NOW: i64 = 1_767_225_600;
const TOKEN: &str = "demo-token-0123456789";
const OK: Canned = Canned::Answer(200, "X-Request-Id: r-1\r\n", r#"{"status":"success"}"#);

fn credentials() -> Credentials {
    let secret = Secret::new("an issued secret");
    Credentials::new(TOKEN, &secret, CanonicalForm::Default).unwrap()
}

pub(crate) fn client(url: &str) -> Client {
    Client::with_settings(url, credentials(), settings(&HandClock::at(NOW))).unwrap()
}

/// Checks the signature over what really arrived, as a server would.
pub(crate) fn is_signed(request: &Recorded, form: &CanonicalForm) -> bool {
    let values = |name| {
        request
            .values(name)
            .into_iter()
            .map(str::as_bytes)
            .collect::<Vec<_>>()
    };
    let presented = Presented::from_headers(
        &values("X-Auth-Token"),
        &values("X-Auth-Timestamp"),
        &values("X-Auth-Signature"),
    )
    .unwrap();
    let parts = Parts {
        token: &presented.token,
        timestamp: &presented.timestamp_text,
        method: &request.method,
        target: &request.target,
        body: request.body.as_bytes(),
    };
    SigningKey::new("an issued secret").verify(form, &parts, &presented.signature)
}

#[tokio::test]
async fn the_signature_covers_the_request_as_it_goes_out() {
    let server = Responder::start(vec![OK]).await;
    let body = r#"{"first_name": "Zoë",
        "last_name":"李"}"#;
    let answer = client(&server.url)
        .call("post", "/v1/create-person", Some(body))
        .await
        .unwrap();

    assert_eq!(
        (answer.status, answer.request_id.as_deref()),
        (200, Some("r-1"))
    );
    assert_eq!(answer.json().unwrap()["status"], "success");
    let request = &server.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/v1/create-person")
    );
    assert_eq!(request.body, body);
    assert_eq!(request.header("X-Auth-Timestamp"), NOW.to_string());
    assert_eq!(request.header("Content-Type"), "application/json");
    assert!(is_signed(request, &CanonicalForm::Default));
}

#[tokio::test]
async fn a_path_prefix_of_the_base_url_is_signed_too() {
    let server = Responder::start(vec![OK, OK, OK]).await;
    let client = client(&format!("{}/partner/api/", server.url));
    for path in [
        "/v1/get-card/42?x=%7b%C3%AB",
        "/partner/api/v1/get-card/42?x=%7b%C3%AB",
    ] {
        client.call("GET", path, None).await.unwrap();
    }
    client.call("POST", "get-cards", Some("{}")).await.unwrap();

    let requests = server.requests();
    assert_eq!(
        requests[0].target,
        "/partner/api/v1/get-card/42?x=%7b%C3%AB"
    );
    assert_eq!(requests[1].target, requests[0].target);
    assert_eq!(requests[2].target, "/partner/api/v1/get-cards");
    assert!(
        requests
            .iter()
            .all(|request| is_signed(request, &CanonicalForm::Default))
    );
}

#[tokio::test]
async fn every_named_form_is_sent_as_signed() {
    for form in CanonicalForm::NAMED {
        let server = Responder::start(vec![OK]).await;
        let credentials = credentials().with_form(form.clone());
        let client = Client::new(&server.url, credentials).unwrap();
        client
            .call("PATCH", "/v1/update-card-stage/42", Some("{}"))
            .await
            .unwrap();
        assert!(is_signed(&server.requests()[0], &form), "{form}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = Responder::start(vec![OK]).await;
    let location: &'static str = format!("Location: {}/v1/x\r\n", elsewhere.url).leak();
    let server = Responder::start(vec![Canned::Answer(307, location, "")]).await;
    let answer = client(&server.url)
        .call("POST", "/v1/x", Some("{}"))
        .await
        .unwrap();

    assert_eq!(answer.status, 307);
    assert!(
        elsewhere.requests().is_empty(),
        "the signature went to another server"
    );
}

#[tokio::test]
async fn a_plain_call_is_made_once_even_when_the_connection_breaks() {
    let server = Responder::start(vec![Canned::HangUp, OK]).await;
    let error = client(&server.url)
        .call("POST", "/v1/x", Some("{}"))
        .await
        .unwrap_err();

    assert!(matches!(error, Error::Connection { .. }), "{error:?}");
    assert!(error.is_transient());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_idempotent_call_is_repeated_under_its_key_and_signed_anew() {
    let server = Responder::start(vec![Canned::HangUp, Canned::HangUp, OK]).await;
    let key = IdempotencyKey::random();
    let client = client(&server.url);
    let answer = client
        .call_idempotent("POST", "/v1/x", Some("{}"), &key)
        .await
        .unwrap();

    assert_eq!(answer.status, 200);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for (number, request) in (0..).zip(&requests) {
        assert_eq!(request.header("Idempotency-Key"), key.to_string());
        // The clock stands still; a repeated second would give the same signature again.
        assert_eq!(
            request.header("X-Auth-Timestamp"),
            (NOW + number).to_string()
        );
        assert!(is_signed(request, &CanonicalForm::Default));
    }
}

#[tokio::test]
async fn an_idempotent_call_gives_up_after_its_attempts() {
    let server = Responder::start(vec![Canned::HangUp, Canned::HangUp, Canned::HangUp, OK]).await;
    let client = client(&server.url);
    let key = IdempotencyKey::new("order 7").unwrap();
    let outcome = client
        .call_idempotent("PATCH", "/v1/x", Some("{}"), &key)
        .await;

    assert!(outcome.unwrap_err().is_transient());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_read_is_repeated_without_a_key_and_an_answer_never_is() {
    let busy = Canned::Answer(503, "Retry-After: 2\r\n", r#"{"status":"error"}"#);
    let server = Responder::start(vec![Canned::HangUp, busy, OK]).await;
    let client = client(&server.url);
    let key = IdempotencyKey::random();
    let answer = client
        .call_idempotent("get", "/v1/get-card/42", None, &key)
        .await
        .unwrap();

    assert_eq!((answer.status, answer.retry_after_seconds), (503, Some(2)));
    assert!(!answer.is_success());
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].values("Idempotency-Key").is_empty());
    assert!(requests[1].values("Content-Type").is_empty());
}

#[tokio::test]
async fn a_silent_server_ends_in_a_timeout() {
    let server = Responder::start(vec![Canned::Silence]).await;
    let settings = Settings {
        timeout: Duration::from_millis(50),
        ..Settings::default()
    };
    let client = Client::with_settings(&server.url, credentials(), settings).unwrap();
    let error = client
        .call("GET", "/v1/get-card/42", None)
        .await
        .unwrap_err();

    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(
        error.to_string().contains("may or may not have acted"),
        "{error}"
    );
}

#[tokio::test]
async fn a_refused_connection_says_so() {
    // Below the ports that a test or a system gives away, so nobody listens there.
    let url = "http://127.0.0.1:1";
    let error = client(url)
        .call("GET", "/v1/x?pin=1234", None)
        .await
        .unwrap_err();

    let text = format!("{error} {error:?}");
    assert!(text.contains("refused") && text.contains(url), "{text}");
    assert!(
        !text.contains("1234"),
        "the query does not belong into a log: {text}"
    );
}

#[tokio::test]
async fn what_a_server_would_refuse_unsigned_is_not_sent() {
    let client = client("http://127.0.0.1:9");
    let error = async |method, path, body| client.call(method, path, body).await.unwrap_err();

    assert!(matches!(
        error("GET", "/v1/x", Some("{}")).await,
        Error::Body(_)
    ));
    assert!(matches!(
        error("POST", "/v1/x", Some("[]")).await,
        Error::Body(_)
    ));
    assert!(matches!(
        error("POST", "/v1/{x}", None).await,
        Error::Target { .. }
    ));
    assert!(matches!(
        error("POST", "/v1/../x", None).await,
        Error::Rewritten { .. }
    ));
    assert!(matches!(
        error("POST", "http://x/y", None).await,
        Error::Target { .. }
    ));
    assert!(matches!(
        error("PO ST", "/v1/x", None).await,
        Error::Method { .. }
    ));
}

#[test]
fn credentials_and_clients_hide_the_secret() {
    let secret = Secret::new("an issued secret");
    let client = Client::new("https://card.example", credentials()).unwrap();
    let shown = format!("{secret:?} {:?} {client:?}", credentials());
    assert!(
        shown.contains(TOKEN) && !shown.contains("issued"),
        "{shown}"
    );
}

#[test]
fn an_idempotency_key_is_1_to_64_printable_characters() {
    assert!(IdempotencyKey::new(&"k".repeat(64)).is_ok());
    for wrong in ["", " ", "a ", "a\tb", "ë", &"k".repeat(65)] {
        assert!(IdempotencyKey::new(wrong).is_err(), "{wrong:?}");
    }
    assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
}
