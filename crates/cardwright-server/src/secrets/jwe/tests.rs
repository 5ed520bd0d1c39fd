//! What is encrypted here is read here, and what is spoiled is not. That others read it too is
//! shown where the whole server runs.

use std::sync::OnceLock;

use super::*;

/// Making a pair takes long; the tests share one.
fn pair() -> &'static DecryptionKey {
    static PAIR: OnceLock<DecryptionKey> = OnceLock::new();
    PAIR.get_or_init(|| DecryptionKey::generate().expect("a pair"))
}

fn entropy() -> Entropy {
    Entropy::fixed_for_tests(7)
}

fn sealed(content: &[u8]) -> String {
    encrypt(pair().public(), content, &entropy()).expect("a JWE")
}

fn with_header(jwe: &str, header: &str) -> String {
    let (_, rest) = jwe.split_once('.').expect("five parts");
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

#[test]
fn what_is_encrypted_is_read_again_and_never_looks_the_same() {
    for content in [&b"7391"[..], b"", &[0; 4_096]] {
        let jwe = sealed(content);
        assert_eq!(jwe.split('.').count(), 5);
        assert_eq!(**pair().decrypt(&jwe).expect("readable"), *content);
    }
    assert_ne!(sealed(b"7391"), sealed(b"7391"));
}

#[test]
fn a_pair_comes_back_from_its_sealed_form() {
    let again = DecryptionKey::from_pkcs8(&pair().to_pkcs8().expect("DER")).expect("a pair");
    assert_eq!(
        **again.decrypt(&sealed(b"7391")).expect("readable"),
        *b"7391"
    );
    assert_eq!(again.public().fingerprint(), pair().public().fingerprint());
    assert_eq!(format!("{again:?}"), "DecryptionKey(…)");
}

#[test]
fn the_public_half_is_told_as_jwk_and_as_pem() {
    let public = pair().public();
    let (modulus, exponent) = public.jwk().expect("two numbers");
    assert_eq!(exponent, "AQAB");
    let read = CardDataKey::from_jwk(&modulus, &exponent).expect("a key");
    assert_eq!(read.fingerprint(), public.fingerprint());
    let read = CardDataKey::from_pem(&public_pem(public)).expect("a key");
    assert_eq!(read.fingerprint(), public.fingerprint());
}

#[test]
fn a_header_that_says_anything_else_is_not_followed() {
    let jwe = sealed(b"7391");
    for header in [
        r#"{"alg":"none","enc":"A256GCM"}"#,
        r#"{"alg":"RSA1_5","enc":"A256GCM"}"#,
        r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A256GCM"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A128GCM"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["exp"],"exp":1}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":[]}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","jwk":{}}"#,
        r#"{"alg":"RSA-OAEP-256","alg":"none","enc":"A256GCM"}"#,
        r#"{"alg":["RSA-OAEP-256"],"enc":"A256GCM"}"#,
        r#"{"enc":"A256GCM"}"#,
        "{}",
    ] {
        let refused = pair().decrypt(&with_header(&jwe, header)).map(drop);
        assert_eq!(refused, Err(JweError::NotAllowed), "{header}");
    }
    for header in ["", "[]", "null", "{", "\u{0}"] {
        let refused = pair().decrypt(&with_header(&jwe, header)).map(drop);
        assert_eq!(refused, Err(JweError::Malformed), "{header}");
    }
    let other_key = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"other"}"#;
    let refused = pair().decrypt(&with_header(&jwe, other_key)).map(drop);
    assert_eq!(refused, Err(JweError::Unreadable));
    // Right words in another order are another header: the content is bound to the one it had.
    let reordered = r#"{"enc":"A256GCM","alg":"RSA-OAEP-256"}"#;
    let refused = pair().decrypt(&with_header(&jwe, reordered)).map(drop);
    assert_eq!(refused, Err(JweError::Unreadable));
}

#[test]
fn every_spoiled_part_is_the_same_error() {
    let jwe = sealed(b"7391");
    let parts: Vec<&str> = jwe.split('.').collect();
    for spoiled in 1..parts.len() {
        for other in ["", "AA", "!", &"A".repeat(parts[spoiled].len())] {
            let mut changed = parts.clone();
            changed[spoiled] = other;
            let refused = pair().decrypt(&changed.join(".")).map(drop);
            assert_eq!(
                refused,
                Err(JweError::Unreadable),
                "part {spoiled}: {other}"
            );
        }
    }
    for wrong in [
        "",
        "a",
        "a.b.c.d",
        &format!("{jwe}.AA"),
        &jwe[..jwe.len() / 2],
    ] {
        let refused = pair().decrypt(wrong).map(drop);
        assert_eq!(refused, Err(JweError::Malformed), "{wrong}");
    }
    let stranger = DecryptionKey::generate().expect("a pair");
    let theirs = encrypt(stranger.public(), b"7391", &entropy()).expect("a JWE");
    assert_eq!(pair().decrypt(&theirs).map(drop), Err(JweError::Unreadable));
}
