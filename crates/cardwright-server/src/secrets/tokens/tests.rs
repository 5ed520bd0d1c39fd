//! Claims about tokens; every way for one to be bad stands in `refused`.

mod refused;

use serde_json::{Value, json};
use sha2::Sha256;

use super::*;

const NOW: i64 = 1_772_366_400;
const USER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
const SESSION: &str = "0b9e1c0a-5f43-4f4e-9d3c-6a1f1f1d2c3b";

fn key_bytes() -> [u8; 32] {
    std::array::from_fn(|index| u8::try_from(index).unwrap())
}

fn key() -> KeyBytes {
    KeyBytes::from_slice(&key_bytes()).unwrap()
}

fn keys() -> TokenKeys {
    TokenKeys::new("sandbox", "k1", [("k1".to_owned(), key())]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn claims() -> Claims {
    let id = |text| Uuid::parse_str(text).unwrap();
    Claims::starting(
        at(NOW),
        "acme".into(),
        id(USER),
        id(SESSION),
        "iPhone de Zoé".into(),
    )
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": "k1"})
}

fn payload() -> Value {
    json!({
        "iss": "bff", "aud": "bff-clients", "sub": USER, "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
        "jti": SESSION, "tenantId": "acme", "userId": USER, "env": "sandbox", "typ": "access",
        "deviceId": "iPhone de Zoé",
    })
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// HMAC from its definition in RFC 2104, so that the check does not lean on the library under test.
fn hmac_by_hand(key: &[u8; 32], message: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

/// A token of any header and payload text, correctly signed: what is wrong with it is the text.
fn signed_text(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(hmac_by_hand(&key_bytes(), message.as_bytes()));
    format!("{message}.{signature}")
}

fn signed(header: &Value, payload: &Value) -> String {
    signed_text(&header.to_string(), &payload.to_string())
}

fn verify(token: &str) -> Result<Claims, TokenFault> {
    keys().verify(token, at(NOW))
}

#[test]
fn a_token_made_by_hand_verifies_so_that_the_bad_ones_below_are_bad_for_their_own_reason() {
    assert_eq!(verify(&signed(&header(), &payload())), Ok(claims()));
}

#[test]
fn a_token_made_by_another_implementation_verifies() {
    let vector: Value = serde_json::from_str(include_str!("../vectors/pyjwt.json")).unwrap();
    let key = hex::decode(vector["key_hex"].as_str().unwrap()).unwrap();
    let kid = vector["kid"].as_str().unwrap();
    let keys = TokenKeys::new(
        "sandbox",
        kid,
        [(kid.to_owned(), KeyBytes::from_slice(&key).unwrap())],
    );
    let token = vector["token"].as_str().unwrap();
    assert_eq!(keys.unwrap().verify(token, at(NOW)), Ok(claims()));
}

#[test]
fn our_tokens_are_what_the_standard_says_by_a_check_from_scratch() {
    let token = keys().issue(&claims()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("three parts")
    };
    let message = format!("{head}.{body}");
    let expected = hmac_by_hand(&key_bytes(), message.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap(), expected);
    let read =
        |part| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(read(head), header());
    assert_eq!(read(body), payload());
    assert_eq!(verify(&token), Ok(claims()));
}

#[test]
fn time_is_the_time_given_with_five_seconds_of_leeway() {
    let token = signed(&header(), &payload());
    let table = [
        (NOW - 3600, Err(TokenFault::NotYetValid)),
        (NOW - 6, Err(TokenFault::NotYetValid)),
        (NOW - 5, Ok(())),
        (NOW, Ok(())),
        (NOW + 3599, Ok(())),
        (NOW + 3604, Ok(())),
        (NOW + 3605, Err(TokenFault::Expired)),
        (NOW + 100_000, Err(TokenFault::Expired)),
    ];
    for (now, expected) in table {
        let answer = keys().verify(&token, at(now)).map(|_| ());
        assert_eq!(answer, expected, "{}", now - NOW);
    }
    let just_before = at(NOW - 5)
        .saturating_add(SignedDuration::from_millis(-1))
        .unwrap();
    assert_eq!(
        keys().verify(&token, just_before),
        Err(TokenFault::NotYetValid)
    );
    for end in [Timestamp::MIN, Timestamp::MAX] {
        assert!(
            keys().verify(&token, end).is_err(),
            "the ends of time are no exception"
        );
    }
}

#[test]
fn a_token_made_in_the_future_is_refused_even_if_it_claims_to_hold_already() {
    let made_at = |iat: i64| {
        let mut claims = payload();
        claims["iat"] = iat.into();
        claims["exp"] = (iat + 3600).into();
        verify(&signed(&header(), &claims)).map(|_| ())
    };
    assert_eq!(made_at(NOW + 5), Ok(()));
    assert_eq!(made_at(NOW + 6), Err(TokenFault::NotYetValid));
}

#[test]
fn each_key_verifies_its_own_tokens_while_both_stand() {
    let new_key = KeyBytes::from_slice(&[9; 32]).unwrap();
    let pair = || [("k1".to_owned(), key()), ("k2".to_owned(), new_key.clone())];
    let old_token = keys().issue(&claims()).unwrap();
    let both = TokenKeys::new("sandbox", "k2", pair()).unwrap();
    let new_token = both.issue(&claims()).unwrap();
    assert_ne!(old_token, new_token);
    assert!(both.verify(&old_token, at(NOW)).is_ok() && both.verify(&new_token, at(NOW)).is_ok());
    assert_eq!(
        keys().verify(&new_token, at(NOW)),
        Err(TokenFault::UnknownKey)
    );

    let after = TokenKeys::new("sandbox", "k2", [("k2".to_owned(), new_key)]).unwrap();
    assert_eq!(
        after.verify(&old_token, at(NOW)),
        Err(TokenFault::UnknownKey)
    );

    let mut exchanged = header();
    exchanged["kid"] = "k2".into();
    assert_eq!(
        both.verify(&signed(&exchanged, &payload()), at(NOW)),
        Err(TokenFault::Signature)
    );
}

#[test]
fn a_token_that_would_be_refused_is_not_issued() {
    let long = Claims {
        expires_at: at(NOW + 3601),
        ..claims()
    };
    assert_eq!(keys().issue(&long), Err(TokenFault::Lifetime));
    let nobody = Claims {
        tenant: String::new(),
        ..claims()
    };
    assert_eq!(keys().issue(&nobody), Err(TokenFault::Claims));
    let chatty = Claims {
        device: "x".repeat(4096),
        ..claims()
    };
    assert_eq!(keys().issue(&chatty), Err(TokenFault::TooLong));
}

#[test]
fn claims_start_at_the_whole_second_and_last_an_hour() {
    let now = at(NOW)
        .saturating_add(SignedDuration::from_millis(999))
        .unwrap();
    let claims = Claims {
        device: String::new(),
        ..claims()
    };
    let id = claims.user;
    let started = Claims::starting(now, "acme".into(), id, claims.session, String::new());
    assert_eq!(started, claims);
    assert_eq!(started.expires_at, at(NOW + 3600));
    let token = keys().issue(&started).unwrap();
    assert_eq!(keys().verify(&token, now), Ok(started));
}

#[test]
fn a_set_of_keys_must_be_sound() {
    let make = |current, kids: &[&str]| {
        TokenKeys::new(
            "sandbox",
            current,
            kids.iter().map(|kid| ((*kid).to_owned(), key())),
        )
    };
    assert_eq!(
        make("k2", &["k1"]).unwrap_err(),
        TokenKeysError::NoCurrent("k2".into())
    );
    assert_eq!(
        make("k1", &["k1", "k1"]).unwrap_err(),
        TokenKeysError::Doubled("k1".into())
    );
    for kid in ["", "k 1", "k\"1", "schlüssel", &"k".repeat(65)] {
        assert_eq!(
            make(kid, &[kid]).unwrap_err(),
            TokenKeysError::KeyId(kid.into())
        );
    }
    assert_eq!(
        format!("{:?}", keys()),
        "TokenKeys { environment: \"sandbox\", current: \"k1\", .. }"
    );
}
