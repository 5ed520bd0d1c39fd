//! Signatures made by other people's code open the same door.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use cardwright_wire::finci::signature::{CanonicalForm, Parts, canonical_bytes};
use serde_json::json;

use crate::harness::{Draft, Outgoing, TestApp, person};

/// The scheme as a Python program has it: nothing but its standard library.
const PYTHON: &str = r"
import hashlib, hmac, sys
secret, timestamp, method, target = sys.argv[1:5]
body = sys.stdin.buffer.read()
message = timestamp.encode() + method.encode() + target.encode() + body
print(hmac.new(secret.encode(), message, hashlib.sha256).hexdigest())
";

/// What a program says about this input; nothing where there is no such program.
fn said(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Whether the program is here. It may be missing, unless everything was asked for.
fn has(program: &str, probe: &[&str]) -> bool {
    if said(program, probe, b"").is_some() {
        return true;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the tests says whether a missing program is a fault"
    )]
    let required = std::env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "CARDWRIGHT_REQUIRE_ALL=1, but there is no {program}"
    );
    println!("skipped: there is no {program} to sign with");
    false
}

/// Requests with and without body, with what other code tends to spoil: blanks, escapes, letters
/// beyond ASCII, a query, a line end.
fn drafts(app: &TestApp, name: &str) -> Vec<(u16, Draft)> {
    let acme = app.finci();
    let mut foreign = person(&format!("{name}-1"));
    foreign["first_name"] = "Živilė \"ž\" \\ 名".into();
    let plain = format!(
        "{{\n  \"external_id\" : \"{name}-2\",{}\n",
        &person("x").to_string()[1..]
    );
    let plain = plain.replacen("\"external_id\":\"x\",", "", 1);
    let status = json!({"token_status": "lost"}).to_string();
    vec![
        (
            200,
            acme.draft("POST", "/v1/create-person", &foreign.to_string()),
        ),
        (
            200,
            acme.draft("POST", "/api/v1/create-person?a=%7B1%7D&b=", &plain),
        ),
        (
            404,
            acme.draft("GET", "/v1/get-card/0000000000000042?note=%C5%BD", ""),
        ),
        (
            404,
            acme.draft("PATCH", "/v1/update-card-status/0000000000000042", &status),
        ),
        (400, acme.draft("POST", "/v1/create-person", "")),
    ]
}

async fn assert_accepted(app: &TestApp, status: u16, draft: &Draft, signature: &str) {
    let signed: Outgoing = draft.sign();
    assert_eq!(
        signature,
        signed.header("x-auth-signature"),
        "{}",
        draft.target
    );
    // The other program's text goes out, not ours.
    let request = signed.with("x-auth-signature", signature).request();
    let reply = app.send(request).await;
    assert_eq!(reply.status, status, "{} {}", draft.target, reply.text);
}

#[tokio::test]
async fn a_request_signed_by_python_is_accepted() {
    if !has("python3", &["--version"]) {
        return;
    }
    let app = TestApp::new().await;
    for (status, draft) in drafts(&app, "python") {
        let arguments = [
            "-c",
            PYTHON,
            &draft.secret,
            &draft.timestamp,
            &draft.method,
            &draft.target,
        ];
        let printed = said("python3", &arguments, &draft.body).unwrap();
        assert_accepted(&app, status, &draft, printed.trim_end()).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn a_request_signed_by_openssl_is_accepted() {
    if !has("openssl", &["version"]) {
        return;
    }
    let app = TestApp::new().await;
    for (status, draft) in drafts(&app, "openssl") {
        let parts = Parts {
            token: &draft.token,
            timestamp: &draft.timestamp,
            method: &draft.method,
            target: &draft.target,
            body: &draft.body,
        };
        let message = canonical_bytes(&CanonicalForm::Default, &parts);
        let key = format!("hexkey:{}", hex::encode(&draft.secret));
        let arguments = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key, "-r"];
        let printed = said("openssl", &arguments, &message).unwrap();
        let signature = printed.split_whitespace().next().unwrap();
        assert_accepted(&app, status, &draft, signature).await;
    }
    app.finish().await;
}
