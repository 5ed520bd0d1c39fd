//! The call that shows card numbers: what it shows, to whom, and what it leaves behind.

use std::{fs, process::Command};

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{card, opened, place};
use crate::{
    fincard::support::{opening, order_no, refusal},
    harness::TestApp,
};

#[tokio::test]
async fn it_is_audited_and_never_stored_on_the_way() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let before = app.number("SELECT COUNT(*) FROM audit", &[]).await;
    let reply = acme
        .call("card/info/sensitive", &json!({"cardNo": id}))
        .await;
    reply.ok();
    assert_eq!(reply.headers["cache-control"], "no-store");
    let refused = acme
        .call("card/info/sensitive", &json!({"cardNo": "42"}))
        .await;
    assert_eq!(refusal(&refused), "card_not_found");
    assert_eq!(refused.headers["cache-control"], "no-store");
    let shown = "SELECT COUNT(*) FROM audit WHERE action = 'card.reveal' AND actor_kind = 'user' \
                 AND subject_id = $1";
    assert_eq!(app.number(shown, &[id.as_str().into()]).await, 1);
    let tried = "SELECT COUNT(*) FROM audit WHERE action = 'fincard.card.sensitive' \
                 AND actor_kind = 'user' AND subject_kind = $1 AND subject_id = $2 \
                 AND outcome = $3";
    let missing = ["card", "42", "refused:card_not_found"].map(Into::into);
    assert_eq!(app.number(tried, &missing).await, 1);
    let nothing = acme.call("card/info/sensitive", &json!({})).await;
    assert_eq!(refusal(&nothing), "missing_field");
    let nameless = ["request", "", "refused:missing_field"].map(Into::into);
    assert_eq!(app.number(tried, &nameless).await, 1);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit", &[]).await,
        before + 3
    );
    let number = reply.json()["data"]["cardNumber"]
        .as_str()
        .unwrap()
        .to_owned();
    let kept = "SELECT COUNT(*) FROM answered_request WHERE answer LIKE '%' || $1 || '%'";
    assert_eq!(app.number(kept, &[number.as_str().into()]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn no_other_answer_has_the_number() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let shown = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    let number = shown["pan"].as_str().unwrap();
    for (path, body) in [
        ("card/info", json!({"cardNo": id, "onlySimpleInfo": false})),
        ("card/balance", json!({"cardNo": id})),
        ("card/list", json!({})),
        ("card/v2/updateNote", json!({"cardNo": id, "remark": "x"})),
        (
            "card/deposit",
            json!({"cardNo": id, "merchantOrderNo": order_no(2), "amount": "5"}),
        ),
        (
            "card/v2/freeze",
            json!({"cardNo": id, "merchantOrderNo": order_no(3)}),
        ),
        (
            "card/cancel",
            json!({"cardNo": id, "merchantOrderNo": order_no(4)}),
        ),
    ] {
        let reply = acme.call(path, &body).await;
        reply.ok();
        assert!(!reply.text.contains(number), "{path}: {}", reply.text);
    }
    let reply = acme
        .call("card/info/sensitive", &json!({"cardNo": id}))
        .await;
    assert_eq!(refusal(&reply), "state_not_allowed", "not after its end");
    app.finish().await;
}

/// Another program with a key of its own.
struct Openssl(TempDir);

impl Openssl {
    /// With a new key; nothing where the program is not there and need not be.
    fn with_key() -> Option<Openssl> {
        let version = Command::new("openssl").arg("version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            #[expect(
                clippy::disallowed_methods,
                reason = "what a test run is asked for has no other way in"
            )]
            let required = std::env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(
                !required,
                "CARDWRIGHT_REQUIRE_ALL=1, but there is no openssl"
            );
            println!("skipped: there is no openssl command to decrypt with");
            return None;
        }
        let openssl = Openssl(tempfile::tempdir().unwrap());
        openssl.run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key");
        Some(openssl)
    }

    fn run(&self, arguments: &str) -> String {
        let output = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn public_pem(&self) -> String {
        self.run("pkey -in key -pubout")
    }

    /// Reads a value that was encrypted to the key.
    fn open(&self, value: &Value) -> String {
        let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
        fs::write(self.0.path().join("sealed"), bytes).unwrap();
        self.run(
            "pkeyutl -decrypt -inkey key -in sealed -pkeyopt rsa_padding_mode:oaep \
             -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256",
        )
    }
}

#[tokio::test]
async fn with_a_registered_key_only_its_owner_reads_the_values() {
    let Some(openssl) = Openssl::with_key() else {
        return;
    };
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    let plain = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    let path = format!("tenants/{}/card-data-key", app.demo.tenant_uuid);
    let request = |method: Method, body: &Value| app.operator().request(&method, &path, body);
    let pem = json!({"pem": openssl.public_pem()});
    let registered = app.send(request(Method::PUT, &pem)).await;
    assert_eq!(registered.record()["bits"], 2_048);
    let sealed = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    assert_eq!(sealed["last4"], plain["last4"]);
    for name in ["cardNumber", "pan", "cvv", "expireDate", "expiry"] {
        assert_ne!(sealed[name], plain[name], "{name}");
        let opened = openssl.open(&sealed[name]);
        assert_eq!(opened, plain[name].as_str().unwrap(), "{name}");
    }
    let gift = opened(&app, &acme, &opening(2, &json!({"cardTypeId": 111_004}))).await;
    let gift = place(&acme, "card/info/sensitive", &json!({"cardNo": gift})).await;
    let link = openssl.open(&gift["activateUrl"]);
    assert!(link.starts_with("https://gift.example/activate/"), "{link}");
    let ask = json!({
        "card_id": id, "kind": "otp", "merchant": {"name": "Shop"}, "amount": 1, "currency": "USD",
    });
    let asked = app.sandbox().post("simulate/three-ds", &ask).await.record();
    let listed = place(&acme, "card/3ds/transaction", &json!({"cardNo": id})).await;
    let code = openssl.open(&listed["records"][0]["values"]);
    assert_eq!(code, asked["value"].as_str().unwrap());
    app.send(request(Method::DELETE, &Value::Null))
        .await
        .record();
    let again = place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    assert_eq!(again, plain, "without a key in the clear again");
    app.finish().await;
}

#[tokio::test]
async fn a_frozen_and_a_blocked_card_still_show_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let id = acme.card(&order_no(1), None).await;
    place(
        &acme,
        "card/v2/freeze",
        &json!({"cardNo": id, "merchantOrderNo": order_no(2)}),
    )
    .await;
    place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    let block = format!("cards/{id}/block");
    app.operator()
        .post(&block, &json!({"reason": "under review"}))
        .await
        .record();
    assert_eq!(card(&acme, &id).await["blocked"], true);
    place(&acme, "card/info/sensitive", &json!({"cardNo": id})).await;
    app.finish().await;
}
