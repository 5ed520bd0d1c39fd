//! Card data and PINs as another program reads and writes them: joserfc, which shares no code with us.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::TestApp;

/// Two lines in, one line out: a word, and what it is about.
const PROGRAM: &str = r#"
import json, sys
from joserfc import jwe
from joserfc.jwk import RSAKey

registry = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"])
asked = json.load(sys.stdin)
if asked["do"] == "make":
    key = RSAKey.generate_key(asked["bits"], private=True, auto_kid=False)
    said = {"private": key.as_dict(private=True), "public": key.as_dict(private=False)}
elif asked["do"] == "decrypt":
    key = RSAKey.import_key(asked["key"])
    read = jwe.decrypt_compact(asked["jwe"], key, registry=registry)
    said = {"header": read.protected, "content": read.plaintext.decode()}
else:
    key = RSAKey.import_key(asked["key"])
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", **asked["header"]}
    said = {"jwe": jwe.encrypt_compact(header, asked["content"].encode(), key, registry=registry)}
print(json.dumps(said))
"#;

#[expect(
    clippy::disallowed_methods,
    reason = "what a test run is asked for has no other way in"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A Python that has joserfc; nothing where there is none and none has to be.
fn python() -> Option<String> {
    let found = variable("CARDWRIGHT_VENV_PYTHON");
    let required = variable("CARDWRIGHT_REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(
        found.is_some() || !required,
        "CARDWRIGHT_VENV_PYTHON names no Python with joserfc"
    );
    if found.is_none() {
        eprintln!("skipped: CARDWRIGHT_VENV_PYTHON names no Python with joserfc");
    }
    found
}

fn said(python: &str, asked: &Value) -> Value {
    let mut child = Command::new(python)
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(asked.to_string().as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the program failed at {}",
        asked["do"]
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The parts of a public key that the operator's call takes.
fn registration(public: &Value) -> Value {
    json!({"jwk": {"kty": "RSA", "n": public["n"], "e": public["e"]}})
}

#[tokio::test]
async fn card_data_is_read_by_another_jose_library() {
    let Some(python) = python() else { return };
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    for bits in [2_048, 3_072] {
        let made = said(&python, &json!({"do": "make", "bits": bits}));
        let path = format!("tenants/{}/card-data-key", app.demo.tenant_uuid);
        let body = registration(&made["public"]);
        let registered = app.operator().put(&path, &body).await.record();
        assert_eq!(registered["bits"], bits);
        let path = format!("get-card-details/{token}");
        let sealed = acme.post(&path, &json!({})).await.ok();
        let asked = json!({
            "do": "decrypt", "key": made["private"], "jwe": sealed["encrypted_data"],
        });
        let read = said(&python, &asked);
        assert_eq!(read["header"]["alg"], "RSA-OAEP-256");
        assert_eq!(read["header"]["enc"], "A256GCM");
        assert_eq!(read["header"]["kid"], registered["fingerprint"]);
        let content: Value = serde_json::from_str(read["content"].as_str().unwrap()).unwrap();
        let card = acme.get(&format!("get-card/{token}")).await.ok();
        assert_eq!(content["expiration_date"], card["expiration_date"]);
        let number = content["card_number"].as_str().unwrap();
        let shown = card["card_number"].as_str().unwrap();
        assert!(
            number.len() == 16 && shown.ends_with(&number[12..]),
            "{shown}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn a_pin_from_another_jose_library_is_the_cards_pin() {
    let Some(python) = python() else { return };
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let key = acme.get("get-encryption-key").await.ok()["jwk"].clone();
    let seal = |content: &str, header: Value| {
        let asked = json!({"do": "encrypt", "key": key, "content": content, "header": header});
        json!({"encrypted_pin": said(&python, &asked)["jwe"]})
    };
    let path = format!("set-card-pin/{token}");
    acme.post(&path, &seal("7391", json!({}))).await.ok();
    let answered = async |pin: &str| {
        let asked = json!({
            "token_id": token, "amount": 0, "currency": "EUR", "pin": pin,
            "type": "account_verification",
        });
        let answer = app.sandbox().post("simulate/authorization", &asked).await;
        answer.record()["response_code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(answered("7391").await, "Approved");
    let named = json!({"kid": key["kid"], "typ": "JWE", "cty": "text/plain"});
    acme.post(&path, &seal("739154", named)).await.ok();
    assert_eq!(answered("739154").await, "Approved");
    assert_eq!(answered("7391").await, "InvalidPin");
    for (content, header, code) in [
        ("739", json!({}), "encrypted_pin:not_a_pin"),
        (
            "7391",
            json!({"kid": "other"}),
            "encrypted_pin:not_readable",
        ),
    ] {
        let refused = acme.post(&path, &seal(content, header)).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, code));
    }
    app.finish().await;
}
