//! Claims about signed requests: grammar and rules here, vectors and forgeries beside.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod forgeries;
mod vectors;

use super::*;

const TOKEN: &[u8] = b"demo-token-0123456789";
const TIME: &[u8] = b"1767225600";
const HEX: &[u8] = b"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

fn fault(
    tokens: &[&[u8]],
    timestamps: &[&[u8]],
    signatures: &[&[u8]],
) -> (&'static str, HeaderProblem) {
    let fault = Presented::from_headers(tokens, timestamps, signatures).unwrap_err();
    (fault.header, fault.problem)
}

#[test]
fn each_header_is_needed_exactly_once_and_not_empty() {
    use HeaderProblem::{Doubled, Empty, Missing};

    assert_eq!(fault(&[], &[TIME], &[HEX]), (TOKEN_HEADER, Missing));
    assert_eq!(fault(&[TOKEN], &[], &[HEX]), (TIMESTAMP_HEADER, Missing));
    assert_eq!(fault(&[TOKEN], &[TIME], &[]), (SIGNATURE_HEADER, Missing));
    assert_eq!(
        fault(&[TOKEN, TOKEN], &[TIME], &[HEX]),
        (TOKEN_HEADER, Doubled)
    );
    assert_eq!(
        fault(&[TOKEN], &[TIME, TIME], &[HEX]),
        (TIMESTAMP_HEADER, Doubled)
    );
    assert_eq!(
        fault(&[TOKEN], &[TIME], &[HEX, HEX]),
        (SIGNATURE_HEADER, Doubled)
    );
    assert_eq!(fault(&[b""], &[TIME], &[HEX]), (TOKEN_HEADER, Empty));
    assert_eq!(fault(&[TOKEN], &[b""], &[HEX]), (TIMESTAMP_HEADER, Empty));
    assert_eq!(fault(&[TOKEN], &[TIME], &[b""]), (SIGNATURE_HEADER, Empty));
    assert!(Presented::from_headers(&[TOKEN], &[TIME], &[HEX]).is_ok());
}

#[test]
fn a_token_is_16_to_64_letters_digits_dashes_and_underscores() {
    let read = |token: &[u8]| Presented::from_headers(&[token], &[TIME], &[HEX]);
    let longest = [b'a'; 64];

    assert_eq!(read(&longest).unwrap().token, "a".repeat(64));
    assert!(read(b"Az09_-Az09_-Az09").is_ok());
    for wrong in [
        &b"fifteen-letters"[..],
        &[b'a'; 65],
        b"a-token-with-a.dot",
        b"a token with spaces",
        b"a-token-with-\xc3\xab-in",
        b"a-token-with-\xff-in-it",
    ] {
        let wrong_token = HeaderFault {
            header: TOKEN_HEADER,
            problem: HeaderProblem::Malformed,
        };
        assert_eq!(
            read(wrong).unwrap_err(),
            wrong_token,
            "{}",
            wrong.escape_ascii()
        );
    }
}

#[test]
fn a_signature_is_64_hex_digits_in_either_case() {
    let read = |signature: &[u8]| Presented::from_headers(&[TOKEN], &[TIME], &[signature]);

    let decoded = read(HEX).unwrap().signature;
    assert_eq!(decoded, read(&HEX.to_ascii_lowercase()).unwrap().signature);
    assert_eq!(decoded, read(&HEX.to_ascii_uppercase()).unwrap().signature);
    for wrong in [
        &HEX[1..],
        &HEX[2..],
        &[HEX, b"0"].concat(),
        &[HEX, b"00"].concat(),
        &[b'g'; 64],
    ] {
        assert!(read(wrong).is_err(), "{}", wrong.escape_ascii());
    }
}

#[test]
fn a_wrong_shape_is_found_before_a_wrong_time() {
    let unreadable_time: &[u8] = b"soon \xff";
    let malformed = (SIGNATURE_HEADER, HeaderProblem::Malformed);
    assert_eq!(fault(&[TOKEN], &[unreadable_time], &[b"no hex"]), malformed);

    let presented = Presented::from_headers(&[TOKEN], &[unreadable_time], &[HEX]).unwrap();
    assert_eq!(
        parse_timestamp(&presented.timestamp_text),
        Err(TimestampFault)
    );
}

#[test]
fn a_timestamp_is_ten_digits_and_nothing_else() {
    assert_eq!(parse_timestamp("1000000000"), Ok(1_000_000_000));
    assert_eq!(parse_timestamp("9999999999"), Ok(9_999_999_999));
    for wrong in [
        "",
        "0767225600",
        "176722560",
        "17672256000",
        "1767225600000",
        "+767225600",
        "-767225600",
        "1767225600 ",
        " 767225600",
        "17672256.0",
        "1_67225600",
        "0x69557500",
        "1767225٦00",
        "1767225600\n",
    ] {
        assert_eq!(parse_timestamp(wrong), Err(TimestampFault), "{wrong:?}");
    }
}

#[test]
fn a_window_reaches_as_far_back_as_ahead_and_includes_its_ends() {
    let window = Window::default();
    let now = 1_767_225_600;

    assert_eq!(window.seconds(), 300);
    assert!(window.contains(now, now - 300) && window.contains(now, now + 300));
    assert!(!window.contains(now, now - 301) && !window.contains(now, now + 301));
    assert!(
        !window.contains(i64::MIN, i64::MAX),
        "no overflow at the ends of time"
    );
}

#[test]
fn a_window_cannot_be_switched_off_or_stretched() {
    assert!(Window::from_seconds(30).is_ok() && Window::from_seconds(900).is_ok());
    for wrong in [i64::MIN, -300, 0, 29, 901, i64::MAX] {
        assert_eq!(
            Window::from_seconds(wrong),
            Err(WindowFault { seconds: wrong })
        );
    }
}

#[test]
fn a_target_holds_no_byte_that_a_body_needs() {
    for allowed in ["/", "/v1/x?a=b&c=%7B%22%5C#!$'()*+,;:@-._~[]", "//x/../y"] {
        assert_eq!(check_target(allowed), Ok(()), "{allowed}");
    }
    for byte in 0..=u8::MAX {
        let refused = byte <= b' ' || byte >= 0x7f || b"{}\"\\^|<>`".contains(&byte);
        let target = [b"/v1/x", &[byte][..], b"y"].concat();
        let expected = if refused {
            Err(TargetFault::Forbidden { byte, at: 5 })
        } else {
            Ok(())
        };
        assert_eq!(check_target(&target), expected, "byte {byte:#04x}");
    }
    for no_path in [
        "",
        "*",
        "v1/x",
        "http://card.example/v1/x",
        "card.example:443",
        "?a=/",
    ] {
        assert_eq!(
            check_target(no_path),
            Err(TargetFault::NotAPath),
            "{no_path}"
        );
    }
}

#[test]
fn a_body_is_an_object_from_its_first_byte_and_a_read_has_none() {
    for method in ["GET", "POST", "PATCH"] {
        assert_eq!(check_body(method, b""), Ok(()));
    }
    assert_eq!(check_body("GET", b"{}"), Err(BodyFault::NotAllowed));
    assert_eq!(check_body("GET", b" "), Err(BodyFault::NotAllowed));
    for method in ["POST", "PATCH", "PUT", "DELETE", "post"] {
        assert_eq!(check_body(method, b"{}"), Ok(()));
        for wrong in [
            &b"[]"[..],
            b" {}",
            b"\n{}",
            b"\xef\xbb\xbf{}",
            b"0",
            b"\"\"",
            b"/x",
            b"\0",
        ] {
            let answer = check_body(method, wrong);
            assert_eq!(
                answer,
                Err(BodyFault::NotAnObject),
                "{}",
                wrong.escape_ascii()
            );
        }
    }
}

#[test]
fn a_form_is_stored_as_text_and_read_back() {
    for form in CanonicalForm::NAMED {
        assert_eq!(form.to_string().parse(), Ok(form));
    }
    for text in [
        "custom:timestamp+path+body",
        "custom:body+path+timestamp+token+method",
        "custom:path+timestamp+body;separator=|",
        r"custom:path+timestamp+body;separator=\r\n\t\\",
        "custom:path+timestamp+body;separator= ; +",
    ] {
        let form: CanonicalForm = text.parse().unwrap();
        assert_eq!(form.to_string().parse(), Ok(form.clone()), "{text}");
        if text != "custom:timestamp+path+body" {
            assert_eq!(form.to_string(), text);
        }
    }
}

#[test]
fn a_custom_form_that_joins_like_a_named_one_is_the_named_one() {
    assert_eq!(
        "custom:timestamp+path+body".parse(),
        Ok(CanonicalForm::NoMethod)
    );
    let lines = r"custom:method+path+timestamp+body;separator=\n";
    assert_eq!(lines.parse(), Ok(CanonicalForm::Lines));
}

#[test]
fn a_form_must_sign_timestamp_path_and_body_each_once() {
    use FormFault::{MissingPart, NoParts, RepeatedPart, Separator, UnknownName, UnknownPart};

    for (text, fault) in [
        ("", UnknownName(String::new())),
        ("Default", UnknownName("Default".to_owned())),
        ("detect", UnknownName("detect".to_owned())),
        ("custom:", NoParts),
        ("custom:;separator=x", NoParts),
        ("custom:path+body", MissingPart(Part::Timestamp)),
        ("custom:timestamp+body", MissingPart(Part::Path)),
        ("custom:timestamp+path", MissingPart(Part::Body)),
        ("custom:timestamp+path+path+body", RepeatedPart(Part::Path)),
        ("custom:timestamp++path+body", UnknownPart(String::new())),
        ("custom:timestamp+uri+body", UnknownPart("uri".to_owned())),
        ("custom:timestamp+path+body;separator=123456789", Separator),
        ("custom:timestamp+path+body;separator=ë", Separator),
        ("custom:timestamp+path+body;separator=\\", Separator),
        ("custom:timestamp+path+body;separator=\\0", Separator),
    ] {
        assert_eq!(text.parse::<CanonicalForm>(), Err(fault), "{text}");
    }
    assert_eq!(CanonicalForm::custom(&[], ""), Err(NoParts));
}

#[test]
fn a_custom_form_signs_its_parts_in_its_order() {
    let parts = Parts {
        token: "demo-token-0123456789",
        timestamp: "1767225600",
        method: "POST",
        target: "/v1/x?y",
        body: b"{}",
    };
    let form: CanonicalForm = "custom:body+token+path+timestamp;separator=, "
        .parse()
        .unwrap();
    let expected = b"{}, demo-token-0123456789, /v1/x?y, 1767225600";
    assert_eq!(canonical_bytes(&form, &parts), expected);
}

#[test]
fn a_key_does_not_show_its_secret() {
    let shown = format!("{:?}", SigningKey::new("an issued secret"));
    assert_eq!(shown, "SigningKey(hidden)");
}
