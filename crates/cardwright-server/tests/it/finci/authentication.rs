//! Whoever cannot prove who it is learns nothing but that.

use cardwright_server::{ops::programs::SignedCredential, store::credentials};
use serde_json::json;

use crate::harness::{Draft, FinciCaller, Outgoing, Reply, TestApp, person};

const CREATE: &str = "/v1/create-person";

fn draft(app: &TestApp) -> Draft {
    let body = person("p-1").to_string();
    app.finci().draft("POST", CREATE, &body)
}

/// A draft with another credential's halves.
fn drafted_with(app: &TestApp, credential: &SignedCredential) -> Draft {
    Draft {
        token: credential.token.clone(),
        secret: credential.secret.expose().to_owned(),
        ..draft(app)
    }
}

/// Sends each request and expects the one answer that all of them share, and nothing stored.
async fn assert_refused_alike(app: &TestApp, requests: Vec<(String, Outgoing)>) {
    let before = app.records().await;
    let unknown = Draft {
        token: "a-token-that-nobody-was-issued".to_owned(),
        ..draft(app)
    };
    let reference = app.send(unknown.sign().request()).await;
    assert_eq!(
        reference.text,
        r#"{"status":"error","errors":["authentication_failed"]}"#
    );
    assert_eq!(reference.status, 401);
    for (cause, request) in requests {
        let reply = app.send(request.request()).await;
        assert_eq!(reply.bytes(), reference.bytes(), "{cause}");
    }
    assert_eq!(app.records().await, before);
    assert_eq!(app.taken_signatures().await, 0);
}

#[tokio::test]
async fn a_header_that_is_missing_empty_doubled_or_ill_shaped_is_refused_like_an_unknown_token() {
    let app = TestApp::new().await;
    let signed = draft(&app).sign();
    let mut requests = Vec::new();
    for name in ["x-auth-token", "x-auth-timestamp", "x-auth-signature"] {
        let value = signed.header(name);
        requests.extend([
            (format!("{name} missing"), signed.clone().without(name)),
            (format!("{name} empty"), signed.clone().with(name, "")),
            (format!("{name} blank"), signed.clone().with(name, "  ")),
            (
                format!("{name} doubled"),
                signed.clone().adding(name, &value),
            ),
            (
                format!("{name} doubled, once empty"),
                signed.clone().adding(name, ""),
            ),
        ]);
    }
    let hex = signed.header("x-auth-signature");
    for (cause, value) in [
        ("63 digits", hex[1..].to_owned()),
        ("65 digits", format!("{hex}0")),
        ("128 digits", hex.repeat(2)),
        ("62 digits", hex[2..].to_owned()),
        ("not hex", format!("{}g", &hex[1..])),
        ("prefixed", format!("0x{}", &hex[2..])),
        ("base64", "q".repeat(43) + "="),
        ("comma", format!("{hex},{hex}")),
    ] {
        let request = signed.clone().with("x-auth-signature", value);
        requests.push((format!("signature: {cause}"), request));
    }
    for token in [
        "a".repeat(15),
        "a".repeat(65),
        "a token with blanks".to_owned(),
        "'".repeat(20),
    ] {
        let unsuited = Draft {
            token: token.clone(),
            ..draft(&app)
        };
        requests.push((format!("token: {token}"), unsuited.sign()));
    }
    let foreign = signed
        .clone()
        .with("x-auth-token", b"t\xf6ken-0123456789abcdef");
    requests.push(("token: not ASCII".to_owned(), foreign));
    assert_refused_alike(&app, requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_credential_that_is_not_the_signers_is_refused_like_an_unknown_token() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    let own = draft(&app);
    let swapped = Draft {
        secret: own.token.clone(),
        token: own.token.clone(),
        ..own.clone()
    };
    let network = app.demo.network.clone();
    let requests = vec![
        (
            "network credential".to_owned(),
            drafted_with(&app, &network).sign(),
        ),
        (
            "wrong secret".to_owned(),
            Draft {
                secret: format!("{}x", own.secret),
                ..own.clone()
            }
            .sign(),
        ),
        (
            "secret without its last letter".to_owned(),
            Draft {
                secret: app.finci().secret()[..own.secret.len() - 1].to_owned(),
                ..own.clone()
            }
            .sign(),
        ),
        (
            "no secret".to_owned(),
            Draft {
                secret: String::new(),
                ..own.clone()
            }
            .sign(),
        ),
        (
            "other tenant's secret".to_owned(),
            Draft {
                secret: other.finci.secret.expose().to_owned(),
                ..own.clone()
            }
            .sign(),
        ),
        (
            "other tenant's token".to_owned(),
            Draft {
                token: other.finci.token.clone(),
                ..own.clone()
            }
            .sign(),
        ),
        (
            "own token, network secret".to_owned(),
            Draft {
                secret: network.secret.expose().to_owned(),
                ..own.clone()
            }
            .sign(),
        ),
        ("token for secret".to_owned(), swapped.sign()),
    ];
    assert_refused_alike(&app, requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_revoked_credential_is_refused_like_an_unknown_token_and_at_once() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let read = acme.draft(
        "POST",
        "/v1/get-cards",
        &json!({"person_id": "10011000000000000001"}).to_string(),
    );
    app.send(read.sign().request()).await.ok();

    let token = acme.token().to_owned();
    let was_active = app
        .operate(&app.demo, async move |tx| {
            credentials::revoke(tx, &token).await
        })
        .await;
    assert!(was_active);

    let requests = vec![
        ("a write".to_owned(), draft(&app).sign()),
        (
            "a read that was answered a moment ago".to_owned(),
            read.sign(),
        ),
    ];
    assert_refused_alike(&app, requests).await;
    app.finish().await;
}

#[tokio::test]
async fn a_request_that_is_not_the_one_signed_is_refused_like_an_unknown_token() {
    let app = TestApp::new().await;
    let signed = draft(&app).sign();
    let queried = Draft {
        target: format!("{CREATE}?a=1"),
        ..draft(&app)
    }
    .sign();
    let with_target = |request: &Outgoing, target: &str| Outgoing {
        target: target.to_owned(),
        ..request.clone()
    };
    let mut flipped = signed.clone();
    let last_letter = flipped.body.iter().rposition(|byte| *byte == b'J').unwrap();
    flipped.body[last_letter] = b'K';
    let mut longer = signed.clone();
    longer.body.push(b'\n');
    let mut spaced = signed.clone();
    spaced.body.insert(1, b' ');
    let patched = Draft {
        method: "PATCH".to_owned(),
        ..draft(&app)
    }
    .sign();
    let later = draft(&app).moved(1).timestamp;
    let requests = vec![
        ("another letter in the body", flipped),
        ("a line end after the body", longer),
        ("a blank in the body", spaced),
        (
            "no body",
            Outgoing {
                body: Vec::new(),
                ..signed.clone()
            },
        ),
        ("another path", with_target(&signed, "/v1/create-account")),
        (
            "the other prefix",
            with_target(&signed, "/api/v1/create-person"),
        ),
        (
            "a query added",
            with_target(&signed, "/v1/create-person?a=1"),
        ),
        (
            "an empty query added",
            with_target(&signed, "/v1/create-person?"),
        ),
        (
            "a query changed",
            with_target(&queried, "/v1/create-person?a=2"),
        ),
        ("a query dropped", with_target(&queried, CREATE)),
        (
            "signed as another method",
            Outgoing {
                method: "POST".to_owned(),
                ..patched
            },
        ),
        (
            "another second",
            signed.clone().with("x-auth-timestamp", later),
        ),
    ];
    let named = |(cause, request): (&str, Outgoing)| (cause.to_owned(), request);
    assert_refused_alike(&app, requests.into_iter().map(named).collect()).await;
    app.finish().await;
}

#[tokio::test]
async fn the_hex_of_a_signature_may_come_in_either_case() {
    let app = TestApp::new().await;
    for (number, spell) in [str::to_uppercase, str::to_lowercase]
        .into_iter()
        .enumerate()
    {
        let body = person(&format!("p-{number}")).to_string();
        let signed = app.finci().draft("POST", CREATE, &body).sign();
        let spelled = spell(&signed.header("x-auth-signature"));
        let request = signed.with("x-auth-signature", spelled);
        app.send(request.request()).await.ok();
    }
    app.finish().await;
}

#[tokio::test]
async fn every_answer_names_its_request_and_no_caller_names_it_for_us() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let signed = draft(&app).sign();
    let replies: Vec<Reply> = vec![
        app.send(signed.clone().with("x-request-id", "mine").request())
            .await,
        app.send(signed.request()).await,
        app.send(signed.without("x-auth-token").request()).await,
        app.send(acme.draft("GET", "/v1/nothing", "").sign().request())
            .await,
        app.send(acme.draft("PUT", CREATE, "").sign().request())
            .await,
    ];
    let ids: Vec<&str> = replies
        .iter()
        .map(|reply| reply.headers["x-request-id"].to_str().unwrap())
        .collect();
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 401, 401, 404, 405]);
    for (index, id) in ids.iter().enumerate() {
        assert_eq!(id.len(), 36, "{id}");
        assert!(!ids[..index].contains(id), "{id} came twice");
    }
    app.finish().await;
}

#[tokio::test]
async fn one_tenants_credential_shows_nothing_of_another_tenant() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    let stranger = FinciCaller::new(&app, &other);
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let card = acme.card(&owner).await;
    for path in [format!("get-card/{card}"), format!("get-account/{account}")] {
        let foreign = stranger.get(&path).await;
        let missing = stranger.get(&path.replace("/000", "/001")).await;
        assert_eq!(foreign.status, 404);
        assert_eq!(foreign.bytes(), missing.bytes(), "{path}");
        acme.get(&path).await.ok();
    }
    app.finish().await;
}
