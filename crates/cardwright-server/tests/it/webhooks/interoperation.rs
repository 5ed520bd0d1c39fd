//! Deliveries are verified by other people's code: the official libraries of Standard Webhooks for
//! Python and Node, OpenSSL, Python's own HMAC. Each is handed exactly what a consumer would have.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use cardwright_server::jobs::deliveries;
use serde_json::{Value, json};

use super::{ADDRESS, know_host, ping, register};
use crate::harness::{Listener, Reaction, Received, TestApp};

const PYTHON_STANDARD: &str = r"
import json, sys
from datetime import datetime, timezone
import standardwebhooks.webhooks as library
given = json.load(sys.stdin)
# The library asks for the time by this name alone; the test's server lives at another one.
class Then(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(given['now'], tz=tz)
library.datetime = Then
try:
    library.Webhook(given['secret']).verify(given['body'], given['headers'])
    print('right')
except library.WebhookVerificationError as error:
    print('wrong')
";

const NODE_STANDARD: &str = r"
const { Webhook, WebhookVerificationError } = require('standardwebhooks');
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
Date.now = () => given.now * 1000;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...parts) { super(...(parts.length ? parts : [given.now * 1000])); }
};
try {
  new Webhook(given.secret).verify(given.body, given.headers);
  console.log('right');
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  console.log('wrong');
}
";

const PYTHON_FINCI: &str = r"
import hashlib, hmac, json, sys
given = json.load(sys.stdin)
message = given['headers']['x-auth-timestamp'] + 'POST' + given['target'] + given['body']
digest = hmac.new(given['secret'].encode(), message.encode(), hashlib.sha256).hexdigest()
print('right' if hmac.compare_digest(digest, given['headers']['x-auth-signature']) else 'wrong')
";

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says where programs are, and whether a missing one is a fault"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a program prints for this input; nothing where it cannot be run.
fn said(command: &mut Command, input: &[u8]) -> Option<String> {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    // A program that ends before it has read everything says so by its status.
    let _written = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    output.status.success().then(|| printed.trim().to_owned())
}

fn python(program: &str) -> Command {
    let path = variable("CARDWRIGHT_VENV_PYTHON").unwrap_or_else(|| "python3".to_owned());
    let mut command = Command::new(path);
    command.args(["-c", program]);
    command
}

fn node(program: &str) -> Command {
    let mut command = Command::new("node");
    command.args(["-e", program]);
    if let Some(modules) = variable("CARDWRIGHT_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    command
}

/// Whether a program can be run. It may be missing, unless everything was asked for.
fn has(what: &str, probe: &mut Command) -> bool {
    if said(probe, b"").is_some() {
        return true;
    }
    let required = variable("CARDWRIGHT_REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(
        !required,
        "CARDWRIGHT_REQUIRE_ALL=1, but there is no {what}"
    );
    println!("skipped: there is no {what} to verify with");
    false
}

/// What a consumer has in hand, for a program that verifies.
fn in_hand(app: &TestApp, received: &Received, secret: &str) -> Value {
    let mut headers = json!({});
    for (name, value) in &received.headers {
        headers[name.as_str()] = value.to_str().unwrap().into();
    }
    json!({
        "now": app.now().as_second(),
        "secret": secret,
        "target": received.target,
        "headers": headers,
        "body": String::from_utf8(received.body.clone()).unwrap(),
    })
}

/// A test with somebody who takes everything.
async fn listening() -> (TestApp, Arc<Listener>) {
    let app = TestApp::new().await;
    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    (app, listener)
}

/// Lets something happen that endpoints of this dialect are told of, and delivers it to one; the
/// delivery.
async fn told(app: &TestApp, listener: &Listener, (dialect, name): (&str, &str)) -> Received {
    let before = listener.received().len();
    if dialect == "fincard" {
        let acme = app.fincard().await;
        acme.holder(&format!("{name}@example.com")).await;
    } else {
        let finci = app.finci();
        let person = finci.person(name).await;
        finci.account(&person, "EUR").await;
        finci.card(&person).await;
    }
    deliveries::run_due(&app.app).await.unwrap();
    let is_of_the_dialect = |received: &Received| {
        let has = |name: &str| !received.header(name).is_empty();
        let of = [has("x-auth-signature"), has("x-wsb-signature")];
        match dialect {
            "finci" => of == [true, false],
            "fincard" => of == [false, true],
            _ => of == [false, false],
        }
    };
    let mut new = listener.received().split_off(before);
    new.retain(is_of_the_dialect);
    let received = new.pop().expect("a delivery");
    assert!(received.header("webhook-id").starts_with("evt_"));
    received
}

/// One delivery of an event to a new endpoint of this dialect, and its secret.
async fn delivered(app: &TestApp, listener: &Listener, dialect: &str) -> (Received, String) {
    let (_, secret) = register(app, dialect, json!({})).await;
    (told(app, listener, (dialect, dialect)).await, secret)
}

/// Asserts that a program finds the delivery right, and every part of it wrong once it is changed.
fn assert_verified(verify: impl Fn(&Value) -> String, right: &Value, parts: &[&str]) {
    assert_eq!(verify(right), "right", "{right}");
    for part in parts {
        let mut spoiled = right.clone();
        let place = spoiled.pointer_mut(part).unwrap();
        let text = place.as_str().unwrap().to_owned();
        let last = if text.ends_with('0') { "1" } else { "0" };
        *place = format!("{}{last}", &text[..text.len() - 1]).into();
        assert_eq!(verify(&spoiled), "wrong", "{part}: {spoiled}");
    }
}

const STANDARD_PARTS: [&str; 3] = ["/body", "/headers/webhook-id", "/headers/webhook-timestamp"];

#[tokio::test]
async fn the_standard_library_for_python_verifies_every_dialect() {
    if !has(
        "standardwebhooks for Python",
        &mut python("import standardwebhooks"),
    ) {
        return;
    }
    let (app, listener) = listening().await;
    for dialect in ["standard", "finci", "fincard"] {
        let (received, secret) = delivered(&app, &listener, dialect).await;
        let verify = |given: &Value| {
            said(&mut python(PYTHON_STANDARD), given.to_string().as_bytes()).unwrap()
        };
        assert_verified(verify, &in_hand(&app, &received, &secret), &STANDARD_PARTS);
    }
    app.finish().await;
}

#[tokio::test]
async fn the_standard_library_for_node_verifies_every_dialect() {
    if !has(
        "standardwebhooks for Node",
        &mut node("require('standardwebhooks')"),
    ) {
        return;
    }
    let (app, listener) = listening().await;
    for dialect in ["standard", "finci", "fincard"] {
        let (received, secret) = delivered(&app, &listener, dialect).await;
        let verify =
            |given: &Value| said(&mut node(NODE_STANDARD), given.to_string().as_bytes()).unwrap();
        assert_verified(verify, &in_hand(&app, &received, &secret), &STANDARD_PARTS);
    }
    app.finish().await;
}

#[tokio::test]
async fn python_verifies_the_signature_that_finci_consumers_know() {
    if !has("Python", &mut python("import hmac")) {
        return;
    }
    let (app, listener) = listening().await;
    let (received, secret) = delivered(&app, &listener, "finci").await;
    let verify =
        |given: &Value| said(&mut python(PYTHON_FINCI), given.to_string().as_bytes()).unwrap();
    let parts = ["/body", "/target", "/headers/x-auth-timestamp", "/secret"];
    assert_verified(verify, &in_hand(&app, &received, &secret), &parts);
    app.finish().await;
}

/// Whether `OpenSSL` finds a signature right.
fn openssl_verifies(directory: &Path, pem: &str, body: &[u8], signature: &str) -> bool {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(signature);
    let (key, raw) = (directory.join("key.pem"), directory.join("signature"));
    fs::write(&key, pem).unwrap();
    fs::write(&raw, bytes.unwrap()).unwrap();
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-verify"]).arg(&key);
    command.arg("-signature").arg(&raw);
    said(&mut command, body).as_deref() == Some("Verified OK")
}

#[tokio::test]
async fn openssl_verifies_the_signature_that_fincard_consumers_know() {
    if !has("openssl", Command::new("openssl").arg("version")) {
        return;
    }
    let (app, listener) = listening().await;
    let directory = tempfile::tempdir().unwrap();
    register(&app, "fincard", json!({})).await;
    let tenant = app.demo.tenant_uuid.clone();
    let rotate = format!("tenants/{tenant}/webhook-keys/rotate");
    let rotated = app
        .operator()
        .post(&rotate, &json!({"switch_after_seconds": 600}))
        .await;
    let keys = rotated.record();
    let pem = |index: usize| keys["items"][index]["public_key_pem"].as_str().unwrap();
    // Before the new key's time, at it, and after it.
    for (passed, right, wrong) in [(0, 1, 0), (599, 1, 0), (1, 0, 1), (86_400, 0, 1)] {
        app.pass(passed);
        let name = format!("after-{passed}-{right}");
        let received = told(&app, &listener, ("fincard", &name)).await;
        let signature = received.header("x-fc-signature");
        assert_eq!(signature, received.header("x-wsb-signature"));
        assert_eq!(
            received.header("x-wsb-request-id"),
            received.header("webhook-id")
        );
        let verified =
            |index| openssl_verifies(directory.path(), pem(index), &received.body, signature);
        assert!(verified(right) && !verified(wrong), "{passed}");
        let spoiled = [received.body.as_slice(), b" "].concat();
        assert!(!openssl_verifies(
            directory.path(),
            pem(right),
            &spoiled,
            signature
        ));
    }
    app.finish().await;
}

#[tokio::test]
async fn while_a_secret_is_exchanged_either_verifies_and_the_old_one_ends_in_time() {
    if !has(
        "standardwebhooks for Python",
        &mut python("import standardwebhooks"),
    ) {
        return;
    }
    let (app, listener) = listening().await;
    let (id, old) = register(&app, "finci", json!({})).await;
    let rotate = format!("webhook-endpoints/{id}/rotate");
    let body = json!({"overlap_seconds": 3_600, "switch_after_seconds": 60});
    let rotated = app.operator().post(&rotate, &body).await.record();
    let new = rotated["secret"].as_str().unwrap().to_owned();
    // After so many seconds: does the old one verify Standard Webhooks, and which verifies FINCI's?
    for (passed, old_is_good, finci) in [
        (0, true, &old),
        (59, true, &old),
        (1, true, &new),
        (3_539, true, &new),
        (1, false, &new),
    ] {
        app.pass(passed);
        ping(&app, &id).await;
        let received = listener.received().pop().unwrap();
        let standard = |secret: &str| {
            let given = in_hand(&app, &received, secret).to_string();
            said(&mut python(PYTHON_STANDARD), given.as_bytes()).unwrap() == "right"
        };
        assert_eq!(
            (standard(&old), standard(&new)),
            (old_is_good, true),
            "{passed}"
        );
        for secret in [&old, &new] {
            let given = in_hand(&app, &received, secret).to_string();
            let word = said(&mut python(PYTHON_FINCI), given.as_bytes()).unwrap();
            assert_eq!(word == "right", secret == finci, "{passed}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_second_exchange_before_the_first_has_taken_over_keeps_the_secret_that_consumers_hold() {
    if !has("Python", &mut python("import hmac")) {
        return;
    }
    let (app, listener) = listening().await;
    let (id, held) = register(&app, "finci", json!({})).await;
    let rotate = format!("webhook-endpoints/{id}/rotate");
    let body = json!({"overlap_seconds": 3_600, "switch_after_seconds": 600});
    app.operator().post(&rotate, &body).await.record();
    app.pass(60);
    let rotated = app.operator().post(&rotate, &body).await.record();
    let newest = rotated["secret"].as_str().unwrap().to_owned();
    for (passed, expected) in [(0, &held), (599, &held), (1, &newest)] {
        app.pass(passed);
        ping(&app, &id).await;
        let received = listener.received().pop().unwrap();
        for secret in [&held, &newest] {
            let given = in_hand(&app, &received, secret).to_string();
            let word = said(&mut python(PYTHON_FINCI), given.as_bytes()).unwrap();
            assert_eq!(word == "right", secret == expected, "{passed}");
        }
    }
    app.finish().await;
}
