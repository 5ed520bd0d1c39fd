//! How the parts of a request are joined is a setting of the credential, and the only one it takes.

use cardwright_wire::finci::signature::{CanonicalForm, Part};

use crate::harness::{Draft, TestApp, person};

/// Sets the form of every credential, as an operator will.
async fn set_form(app: &TestApp, form: &CanonicalForm) {
    let text = form.to_string();
    app.meddle("UPDATE credential SET canonical_form = $1", &[text.into()])
        .await;
}

#[tokio::test]
async fn a_credential_takes_its_own_form_and_no_other() {
    let app = TestApp::new().await;
    let newline = CanonicalForm::custom(&[Part::Body, Part::Path, Part::Timestamp], "\n").unwrap();
    let mut forms = CanonicalForm::NAMED.to_vec();
    forms.push(newline);
    for (number, set) in forms.iter().enumerate() {
        set_form(&app, set).await;
        for used in &forms {
            let body = person(&format!("p-{number}-{used}")).to_string();
            let post = app.finci().draft("POST", "/v1/create-person", &body);
            let get = app
                .finci()
                .draft("GET", "/v1/get-card/0000000000000042?a=1", "");
            for (draft, accepted) in [(post, 200), (get, 404)] {
                let request = Draft {
                    form: used.clone(),
                    ..draft
                }
                .sign()
                .request();
                let reply = app.send(request).await;
                if used == set {
                    assert_eq!(reply.status, accepted, "{set}: {}", reply.text);
                } else {
                    assert_eq!(reply.code(), "authentication_failed", "{set} took {used}");
                }
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_request_is_spent_in_every_form() {
    let app = TestApp::new().await;
    for form in CanonicalForm::NAMED {
        set_form(&app, &form).await;
        let body = person(&form.to_string()).to_string();
        let draft = app.finci().draft("POST", "/v1/create-person", &body);
        let signed = Draft { form, ..draft }.sign();
        app.send(signed.request()).await.ok();
        assert_eq!(app.send(signed.request()).await.code(), "request_replayed");
    }
    app.finish().await;
}

#[tokio::test]
async fn bytes_that_move_between_the_parts_are_another_request() {
    let app = TestApp::new().await;
    let acme = app.finci();
    // Without separators a body's beginning could have been a path's end; no body begins so.
    let whole = acme.draft("POST", "/v1/create-person", r#"{"a":1}"#).sign();
    for (target, body) in [
        ("/v1/create-perso", r#"n{"a":1}"#),
        (r#"/v1/create-person{"a":1}"#, ""),
        ("/v1/create-person?", r#"{"a":1}"#),
    ] {
        let mut moved = whole.clone();
        moved.target = target.to_owned();
        moved.body = body.as_bytes().to_vec();
        let reply = app.send(moved.request()).await;
        assert!(
            [400, 401, 404].contains(&reply.status),
            "{target}: {}",
            reply.text
        );
    }
    let now = app.now().as_second();
    let mut earlier = whole.clone();
    earlier = earlier.with("x-auth-timestamp", &now.to_string()[..9]);
    assert_eq!(
        app.send(earlier.request()).await.code(),
        "timestamp_out_of_range"
    );
    assert_eq!(app.taken_signatures().await, 0);
    app.finish().await;
}
