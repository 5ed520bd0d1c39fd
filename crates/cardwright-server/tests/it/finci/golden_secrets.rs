//! Card data and PINs, whole: every answer that these operations can give.

use std::num::NonZeroU32;

use axum::http::{HeaderValue, Method};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cardwright_core::Timestamp;
use cardwright_server::{
    app::Settings,
    entropy::Entropy,
    ops::reveals::RevealLimits,
    secrets::{
        card_encryption::CardDataKey,
        jwe::{self, DecryptionKey},
    },
};
use serde_json::{Value, json};

use super::conversation::Conversation;
use crate::harness::{FinciCaller, Reply, TestApp};

/// A tenant's card, and another tenant's.
async fn two_cards(app: &TestApp) -> (String, String) {
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let stranger = FinciCaller::new(app, &app.tenant("other").await);
    let other = stranger.person("p-1").await;
    stranger.account(&other, "EUR").await;
    (acme.card(&owner).await, stranger.card(&other).await)
}

async fn ended(app: &TestApp) -> String {
    let owner = app.finci().person("p-2").await;
    app.finci().account(&owner, "EUR").await;
    let token = app.finci().card(&owner).await;
    let path = format!("update-card-status/{token}");
    app.finci()
        .patch(&path, &json!({"token_status": "lost"}))
        .await
        .ok();
    token
}

/// Registers a key pair's public half for card data.
pub(super) async fn register(app: &TestApp, key: &CardDataKey) {
    let path = format!("tenants/{}/card-data-key", app.demo.tenant_uuid);
    let body = json!({"pem": jwe::public_pem(key)});
    app.operator().put(&path, &body).await.record();
}

/// The platform's key, as a caller reads it.
async fn platform_key(caller: &FinciCaller<'_>) -> CardDataKey {
    let read = caller.get("get-encryption-key").await.ok();
    let text = |name: &str| read["jwk"][name].as_str().unwrap().to_owned();
    CardDataKey::from_jwk(&text("n"), &text("e")).unwrap()
}

fn pin_for(key: &CardDataKey, content: &[u8]) -> Value {
    let sealed = jwe::encrypt(key, content, &Entropy::fixed_for_tests(1)).unwrap();
    json!({"encrypted_pin": sealed})
}

#[tokio::test]
async fn get_card_details_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let (token, theirs) = two_cards(&app).await;
    let ended = ended(&app).await;
    let call = |id: &str| format!("POST /v1/get-card-details/{id}");
    let mut talk = Conversation::new(&app);
    talk.say("no key is registered", &call(&token), "{}");
    talk.assert_golden("finci_get_card_details_without_key")
        .await;

    register(&app, DecryptionKey::generate().unwrap().public()).await;
    let mut talk = Conversation::new(&app);
    talk.say("a card", &call(&token), "{}");
    let prefixed = format!("POST /api/v1/get-card-details/{token}");
    talk.say("under the other prefix", &prefixed, "{}");
    talk.say("one that has ended", &call(&ended), "{}");
    talk.say("no such card", &call("0000000000000042"), "{}");
    talk.say("somebody else's", &call(&theirs), "{}");
    talk.say("no id at all", &call("abc"), "{}");
    talk.say(
        "a field that nobody knows",
        &call(&token),
        r#"{"format":"plain"}"#,
    );
    talk.malformed(&call(&token));
    talk.assert_golden("finci_get_card_details").await;
    app.finish().await;
}

#[tokio::test]
async fn a_forged_request_for_card_data_is_never_stored_on_the_way_either() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let path = "/v1/get-card-details/0000000000000042";
    let mut forged = acme.request(&Method::POST, path, "{}");
    let headers = forged.headers_mut();
    headers.insert("x-auth-signature", HeaderValue::from_static("00"));
    let refused = app.send(forged).await;
    assert!([400, 401].contains(&refused.status), "{}", refused.status);
    assert_eq!(refused.headers["cache-control"], "no-store");
    app.finish().await;
}

#[tokio::test]
async fn card_data_is_read_by_the_registered_key_leaves_a_trace_and_is_kept_nowhere() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (token, _) = two_cards(&app).await;
    let pair = DecryptionKey::generate().unwrap();
    register(&app, pair.public()).await;
    let path = format!("/v1/get-card-details/{token}");
    let request = acme.draft("POST", &path, "{}").sign();
    let first = app.send(request.request()).await;
    assert_eq!(first.headers["cache-control"], "no-store");
    let again = app.send(request.request()).await;
    again.ok();
    let open = |reply: &Reply| {
        let sealed = reply.ok()["encrypted_data"].as_str().unwrap().to_owned();
        let content = pair.decrypt(&sealed).unwrap();
        serde_json::from_slice::<Value>(&content).unwrap()
    };
    let content = open(&first);
    assert_eq!(content, open(&again), "a read can be repeated as it is");
    assert_ne!(first.text, again.text, "and never looks the same");
    let read = acme.get(&format!("get-card/{token}")).await.ok();
    assert_eq!(content["token_id"], token);
    assert_eq!(content["expiration_date"], read["expiration_date"]);
    let number = content["card_number"].as_str().unwrap();
    let masked = format!(
        "{}-{}**-****-{}",
        &number[..4],
        &number[4..6],
        &number[12..]
    );
    assert_eq!(read["card_number"], masked);
    assert_eq!(content["cvv2"].as_str().unwrap().len(), 3);
    let fields: Vec<&String> = content.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["card_number", "cvv2", "expiration_date", "token_id"]
    );
    let trace = "SELECT COUNT(*) FROM audit WHERE action = 'card.reveal'";
    assert_eq!(app.number(trace, &[]).await, 2);
    let kept = "SELECT COUNT(*) FROM answered_request WHERE scope LIKE '%details%'";
    assert_eq!(app.number(kept, &[]).await, 0);
    let refused = acme
        .post("get-card-details/0000000000000042", &json!({}))
        .await;
    assert_eq!(refused.status, 404);
    assert_eq!(refused.headers["cache-control"], "no-store");
    let refusals = "SELECT COUNT(*) FROM audit WHERE action = 'finci.get-card-details' \
                    AND subject_kind = 'card' AND subject_id = '42' \
                    AND outcome = 'refused:not_found'";
    assert_eq!(app.number(refusals, &[]).await, 1);
    for body in ["{\"", "[]", r#"{"format":"plain"}"#] {
        let said_nothing = acme.draft("POST", &path, body).sign().request();
        assert_eq!(app.send(said_nothing).await.status, 400, "{body}");
    }
    let asked = token.trim_start_matches('0').to_owned();
    let tried = "SELECT COUNT(*) FROM audit WHERE action = 'finci.get-card-details' \
                 AND subject_kind = 'card' AND subject_id = $1 AND outcome LIKE 'refused:%'";
    assert_eq!(
        app.number(tried, &[asked.into()]).await,
        2,
        "all but the array, which came no further"
    );
    app.finish().await;
}

/// Adds what is encrypted otherwise than it has to be, and what is not encrypted at all.
fn not_as_it_should_be(talk: &mut Conversation<'_>, call: &str, named: &str) {
    for (title, header) in [
        ("not encrypted", r#"{"alg":"none","enc":"A256GCM"}"#),
        ("an old padding", r#"{"alg":"RSA1_5","enc":"A256GCM"}"#),
        (
            "another content cipher",
            r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256"}"#,
        ),
        (
            "compressed",
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#,
        ),
        (
            "with what must be understood",
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["exp"],"exp":1}"#,
        ),
        (
            "another key named",
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"x"}"#,
        ),
        (
            "another header than it was made with",
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#,
        ),
        ("a header that is no object", "[]"),
    ] {
        let (_, rest) = named.split_once('.').unwrap();
        let changed = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        let body = json!({"encrypted_pin": changed}).to_string();
        talk.say(title, call, &body);
    }
    for (title, body) in [
        ("in the clear", json!({"encrypted_pin": "7391"})),
        ("a number", json!({"encrypted_pin": 7391})),
        (
            "four parts",
            json!({"encrypted_pin": "eyJhbGciOiJub25lIn0.AA.AA.AA"}),
        ),
        ("nothing in the body", json!({})),
        (
            "a field that nobody knows",
            json!({"encrypted_pin": named, "pin": "1"}),
        ),
    ] {
        talk.say(title, call, &body.to_string());
    }
}

#[tokio::test]
async fn set_card_pin_is_answered_as_written_down() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (token, theirs) = two_cards(&app).await;
    let ended = ended(&app).await;
    let call = |id: &str| format!("POST /v1/set-card-pin/{id}");
    let stranger = DecryptionKey::generate().unwrap();
    let to_stranger = pin_for(stranger.public(), b"7391").to_string();
    let mut talk = Conversation::new(&app);
    talk.say(
        "before anybody asked for a key",
        &call(&token),
        &to_stranger,
    );
    talk.say("the key", "GET /v1/get-encryption-key", "");
    talk.say("the same one again", "GET /api/v1/get-encryption-key", "");
    talk.say("a body", "GET /v1/get-encryption-key", "{}");
    talk.wrongly_signed("GET /v1/get-encryption-key");
    talk.assert_golden("finci_get_encryption_key").await;

    let key = platform_key(&acme).await;
    let pin = |content: &[u8]| pin_for(&key, content).to_string();
    let mut talk = Conversation::new(&app);
    talk.say("four digits", &call(&token), &pin(b"7391"));
    let prefixed = format!("POST /api/v1/set-card-pin/{token}");
    talk.say("six, under the other prefix", &prefixed, &pin(b"739154"));
    for (title, content) in [
        ("three digits", &b"739"[..]),
        ("seven digits", b"7391547"),
        ("letters", b"7e91"),
        ("digits of another alphabet", "٧٣٩١".as_bytes()),
        ("blanks around it", b" 7391 "),
        ("no text", &[0xff, 0xfe, 0xfd, 0xfc]),
        ("an object", br#"{"pin":"7391"}"#),
        ("nothing", b" "),
    ] {
        talk.say(title, &call(&token), &pin(content));
    }
    talk.say("to another key", &call(&token), &to_stranger);
    let named: Value = serde_json::from_str(&pin(b"7391")).unwrap();
    let named = named["encrypted_pin"].as_str().unwrap();
    not_as_it_should_be(&mut talk, &call(&token), named);
    talk.say("one that has ended", &call(&ended), &pin(b"7391"));
    talk.say("no such card", &call("0000000000000042"), &pin(b"7391"));
    talk.say("somebody else's", &call(&theirs), &pin(b"7391"));
    talk.say("no id at all", &call("abc"), &pin(b"7391"));
    talk.malformed(&call(&token));
    talk.assert_golden("finci_set_card_pin").await;
    app.finish().await;
}

#[tokio::test]
async fn a_pin_works_from_then_on_and_is_kept_as_a_keyed_value_only() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let key = platform_key(&acme).await;
    let money = json!({
        "account_id": account.trim_start_matches('0'), "amount": 10_000, "currency": "EUR",
    });
    app.sandbox()
        .post("simulate/funding", &money)
        .await
        .record();
    let answered = async |pin: &str| {
        let asked = json!({"token_id": token, "amount": 100, "currency": "EUR", "pin": pin});
        let answer = app.sandbox().post("simulate/authorization", &asked).await;
        answer.record()["response_code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(answered("7391").await, "InvalidPin", "none is set");
    let path = format!("set-card-pin/{token}");
    for (pin, other) in [("7391", "7392"), ("005500", "7391")] {
        acme.post(&path, &pin_for(&key, pin.as_bytes())).await.ok();
        assert_eq!(answered(pin).await, "Approved");
        assert_eq!(answered(other).await, "InvalidPin");
    }
    let values = "SELECT COUNT(*) FROM card_pin WHERE length(value) = 32";
    assert_eq!(app.number(values, &[]).await, 1);
    let leaked = "SELECT COUNT(*) FROM audit WHERE subject_id || action || outcome LIKE '%005500%'";
    assert_eq!(app.number(leaked, &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn every_tenant_has_a_key_of_its_own_and_keeps_it() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let other = app.tenant("other").await;
    let theirs = platform_key(&FinciCaller::new(&app, &other)).await;
    let ours = platform_key(&acme).await;
    assert_ne!(ours.fingerprint(), theirs.fingerprint());
    assert_eq!(platform_key(&acme).await.fingerprint(), ours.fingerprint());
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let path = format!("set-card-pin/{}", acme.card(&owner).await);
    let refused = acme.post(&path, &pin_for(&theirs, b"7391")).await;
    assert_eq!(refused.code(), "encrypted_pin:not_readable");
    let made = "SELECT COUNT(*) FROM audit WHERE action = 'encryption_key.create'";
    assert_eq!(app.number(made, &[]).await, 2);
    app.finish().await;
}

#[tokio::test]
async fn two_that_ask_for_the_first_time_at_once_are_told_of_one_key() {
    let app = TestApp::new().await;
    let acme = app.finci();
    // Making a key takes long: the second asks before the first has one.
    let (one, two) = tokio::join!(
        acme.call(Method::GET, "/v1/get-encryption-key", ""),
        acme.call(Method::GET, "/api/v1/get-encryption-key", "")
    );
    assert_eq!(one.ok()["jwk"], two.ok()["jwk"]);
    let made = "SELECT COUNT(*) FROM audit WHERE action = 'encryption_key.create'";
    assert_eq!(app.number(made, &[]).await, 1);
    app.finish().await;
}

#[tokio::test]
async fn telling_the_public_key_opens_no_private_one() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let before = platform_key(&acme).await.fingerprint();
    let harm = "UPDATE tenant_secret SET sealed = x'00' WHERE purpose = 'secrets_rsa'";
    app.meddle(harm, &[]).await;
    assert_eq!(platform_key(&acme).await.fingerprint(), before);
    app.finish().await;
}

#[tokio::test]
async fn a_pair_of_before_public_halves_were_kept_is_told_all_the_same() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let before = platform_key(&acme).await.fingerprint();
    let older = "UPDATE tenant_secret SET public_text = NULL WHERE purpose = 'secrets_rsa'";
    app.meddle(older, &[]).await;
    assert_eq!(platform_key(&acme).await.fingerprint(), before);
    app.finish().await;
}

#[tokio::test]
async fn who_looks_at_cards_too_often_is_told_when_to_come_back() {
    let twice = RevealLimits::for_user(NonZeroU32::new(2).unwrap());
    let app = TestApp::with_settings(Settings {
        reveals: twice,
        ..Settings::default()
    })
    .await;
    let (token, _) = two_cards(&app).await;
    register(&app, DecryptionKey::generate().unwrap().public()).await;
    let call = format!("POST /v1/get-card-details/{token}");
    let mut talk = Conversation::new(&app);
    talk.say("a look", &call, "{}");
    talk.say("another", &call, "{}");
    talk.say("a third within the minute", &call, "{}");
    talk.assert_golden("finci_card_details_rate_limited").await;
    let looks = "SELECT COUNT(*) FROM audit WHERE action = 'card.reveal'";
    assert_eq!(app.number(looks, &[]).await, 2, "the third showed nothing");
    app.pass(30);
    let path = format!("get-card-details/{token}");
    app.finci().post(&path, &json!({})).await.ok();
    let refused = app.finci().post(&path, &json!({})).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["cache-control"], "no-store");
    let wait = refused.headers["retry-after"].to_str().unwrap();
    app.pass(wait.parse().unwrap());
    app.finci().post(&path, &json!({})).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_card_whose_last_month_is_over_has_ended_though_no_step_was_taken_yet() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let pin = pin_for(&platform_key(&acme).await, b"7391");
    let later: Timestamp = "2040-01-01T00:00:00Z".parse().unwrap();
    app.clock.advance(later.duration_since(app.now()));
    for (path, body) in [("set-card-pin", pin), ("get-card-details", json!({}))] {
        let refused = acme.post(&format!("{path}/{token}"), &body).await;
        assert_eq!(refused.code(), "token_status:card_ended", "{path}");
    }
    assert_eq!(app.run_jobs().await, 1, "a refusal ends no card");
    app.finish().await;
}
