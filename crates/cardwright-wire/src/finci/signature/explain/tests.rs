//! Each common mistake, made on purpose and found again.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use super::*;

const TOKEN: &str = "demo-token-0123456789";
const SECRET: &str = "uHc3J0bG9vay1hdC1tZS1pLWFtLWEtc2VjcmV0LW9m";
const TIME: &str = "1767225600";
const BODY: &str = r#"{"name": "Zoë", "amount": 12.50, "path": "a/b"}"#;
const TARGET: &str = "/api/v1/get-cards?page=2&size=5";

fn parts<'a>(target: &'a str, body: &'a str) -> Parts<'a> {
    Parts {
        token: TOKEN,
        timestamp: TIME,
        method: "POST",
        target,
        body: body.as_bytes(),
    }
}

fn sent(signature: &str) -> Presentation<'_> {
    Presentation {
        token: TOKEN,
        method: "POST",
        target: TARGET,
        timestamp: TIME,
        body: BODY.as_bytes(),
        signature,
    }
}

fn signed(form: &CanonicalForm, parts: &Parts<'_>) -> String {
    hex::encode(SigningKey::new(SECRET).sign(form, parts))
}

fn explained(sent: &Presentation<'_>) -> Explanation {
    let form = FormSetting::Fixed(CanonicalForm::Default);
    let issued = Issued {
        token: TOKEN,
        secret: SECRET,
        form: &form,
    };
    explain(issued, sent)
}

/// The mistakes that are found, in every named form that they can be made in.
#[track_caller]
fn finds(mistakes: &[Mistake], make: impl Fn(&CanonicalForm) -> String) {
    for form in CanonicalForm::NAMED {
        let signature = make(&form);
        let explanation = explained(&sent(&signature));
        assert_eq!(explanation.mistakes, mistakes, "{form}");
        assert_eq!(explanation.matched_form, None, "{form}");
    }
}

#[test]
fn a_right_signature_matches_in_its_form_and_explains_nothing() {
    for form in CanonicalForm::NAMED {
        let signature = signed(&form, &parts(TARGET, BODY));
        let explanation = explained(&sent(&signature));
        assert_eq!(explanation.matched_form, Some(form));
        assert_eq!(explanation.mistakes, []);
        let whole = signed(&CanonicalForm::Default, &parts(TARGET, BODY));
        assert_eq!(hex::encode(explanation.expected), whole);
        assert_eq!(explanation.forms.len(), 5);
    }
}

#[test]
fn body_reserialized_is_found_in_the_spellings_of_common_libraries() {
    for spelling in [
        r#"{"name":"Zoë","amount":12.50,"path":"a/b"}"#,
        r#"{"name": "Zo\u00eb", "amount": 12.50, "path": "a/b"}"#,
        r#"{"name":"Zo\u00eb","amount":12.50,"path":"a\/b"}"#,
        r#"{"amount": 12.50, "name": "Zoë", "path": "a/b"}"#,
        "{\n  \"name\": \"Zoë\",\n  \"amount\": 12.50,\n  \"path\": \"a/b\"\n}",
    ] {
        finds(&[Mistake::BodyReserialized], |form| {
            signed(form, &parts(TARGET, spelling))
        });
    }
}

#[test]
fn path_prefix_missing_is_found_for_every_end_of_the_path() {
    for target in [
        "/v1/get-cards?page=2&size=5",
        "/get-cards?page=2&size=5",
        "get-cards?page=2&size=5",
        "api/v1/get-cards?page=2&size=5",
    ] {
        finds(&[Mistake::PathPrefixMissing], |form| {
            signed(form, &parts(target, BODY))
        });
    }
}

#[test]
fn query_dropped_is_found() {
    finds(&[Mistake::QueryDropped], |form| {
        signed(form, &parts("/api/v1/get-cards", BODY))
    });
}

#[test]
fn timestamp_milliseconds_is_found_where_they_were_signed_and_where_they_were_sent() {
    finds(&[Mistake::TimestampMilliseconds], |form| {
        let milliseconds = Parts {
            timestamp: "1767225600000",
            ..parts(TARGET, BODY)
        };
        signed(form, &milliseconds)
    });
    for signed_at in [TIME, "1767225600123"] {
        let at = Parts {
            timestamp: signed_at,
            ..parts(TARGET, BODY)
        };
        let signature = signed(&CanonicalForm::Default, &at);
        let sent = Presentation {
            timestamp: "1767225600123",
            ..sent(&signature)
        };
        let explanation = explained(&sent);
        assert_eq!(explanation.mistakes, [Mistake::TimestampMilliseconds]);
    }
    let sent = Presentation {
        timestamp: "1767225600123",
        ..sent("00")
    };
    assert_eq!(explained(&sent).mistakes, [Mistake::TimestampMilliseconds]);
}

#[test]
fn signature_base64_is_found_in_both_alphabets_and_around_the_hex() {
    finds(&[Mistake::SignatureBase64], |form| {
        BASE64_STANDARD.encode(SigningKey::new(SECRET).sign(form, &parts(TARGET, BODY)))
    });
    finds(&[Mistake::SignatureBase64], |form| {
        BASE64_URL_SAFE_NO_PAD.encode(SigningKey::new(SECRET).sign(form, &parts(TARGET, BODY)))
    });
    finds(&[Mistake::SignatureBase64], |form| {
        BASE64_STANDARD.encode(signed(form, &parts(TARGET, BODY)))
    });
}

#[test]
fn secret_token_swapped_is_found_in_the_key_and_in_the_header() {
    finds(&[Mistake::SecretTokenSwapped], |form| {
        hex::encode(SigningKey::new(TOKEN).sign(form, &parts(TARGET, BODY)))
    });
    let swapped = Parts {
        token: SECRET,
        ..parts(TARGET, BODY)
    };
    for form in CanonicalForm::NAMED {
        let signature = hex::encode(SigningKey::new(TOKEN).sign(&form, &swapped));
        let sent = Presentation {
            token: SECRET,
            ..sent(&signature)
        };
        assert_eq!(explained(&sent).mistakes, [Mistake::SecretTokenSwapped]);
    }
}

#[test]
fn trailing_newline_is_found_in_the_string_in_the_body_and_behind_the_hex() {
    finds(&[Mistake::TrailingNewline], |form| {
        let mut state = SigningKey::new(SECRET).state(form, &parts(TARGET, BODY));
        state.update(b"\n");
        hex::encode(state.finalize().into_bytes())
    });
    finds(&[Mistake::TrailingNewline], |form| {
        signed(form, &parts(TARGET, BODY)) + "\n"
    });
    let signature = signed(&CanonicalForm::Lines, &parts(TARGET, BODY));
    let with_end = format!("{BODY}\r\n");
    let sent = Presentation {
        body: with_end.as_bytes(),
        ..sent(&signature)
    };
    assert_eq!(explained(&sent).mistakes, [Mistake::TrailingNewline]);
}

#[test]
fn two_mistakes_at_once_are_both_named() {
    let compact = r#"{"name":"Zoë","amount":12.50,"path":"a/b"}"#;
    finds(
        &[Mistake::BodyReserialized, Mistake::QueryDropped],
        |form| signed(form, &parts("/api/v1/get-cards", compact)),
    );
    finds(
        &[Mistake::PathPrefixMissing, Mistake::SignatureBase64],
        |form| {
            let digest =
                SigningKey::new(SECRET).sign(form, &parts("/get-cards?page=2&size=5", BODY));
            BASE64_STANDARD.encode(digest)
        },
    );
}

#[test]
fn what_nothing_explains_is_not_guessed_at() {
    let foreign =
        hex::encode(SigningKey::new("another").sign(&CanonicalForm::Default, &parts(TARGET, BODY)));
    for signature in ["", "00", "no hex at all", &"f".repeat(64), &foreign] {
        let explanation = explained(&sent(signature));
        assert_eq!(explanation.mistakes, [], "{signature}");
        assert_eq!(explanation.matched_form, None);
    }
}

#[test]
fn a_form_of_ones_own_comes_first_and_is_matched_like_a_named_one() {
    let own: FormSetting = r"custom:body+path+timestamp;separator=|".parse().unwrap();
    let form = own.candidates()[0].clone();
    let signature = signed(&form, &parts(TARGET, BODY));
    let issued = Issued {
        token: TOKEN,
        secret: SECRET,
        form: &own,
    };
    let explanation = explain(issued, &sent(&signature));
    assert_eq!(explanation.matched_form, Some(form.clone()));
    assert_eq!(
        (explanation.forms.len(), &explanation.forms[0].form),
        (6, &form)
    );
    assert_eq!(hex::encode(explanation.expected), signature);
}

#[test]
fn a_long_body_costs_a_bounded_amount_of_work() {
    let body = format!(r#"{{"a": "{}"}}"#, "x".repeat(1024 * 1024));
    let sent = Presentation {
        body: body.as_bytes(),
        ..sent("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")
    };
    assert_eq!(explained(&sent).mistakes, []);
}
