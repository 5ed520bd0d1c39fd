//! Which headers do, which do not, and what is said about it.

use super::*;

const GOOD: &[(&str, &str)] = &[
    ("X-Tenant-ID", "Acme"),
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Forwarded-From", "shop"),
    ("platform", "ios"),
    ("deviceId", "d-1"),
    ("Content-Type", "application/json"),
];

fn look<'a>(headers: &[(&str, &'a str)], name: &str) -> Vec<&'a [u8]> {
    let matching = headers
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    matching.map(|(_, value)| value.as_bytes()).collect()
}

fn check_these(headers: &[(&str, &str)]) -> Result<Context, HeaderFault> {
    check(|name| look(headers, name), Expected::Json)
}

/// The good headers, one of them replaced; no value means it is left out.
fn with(name: &str, values: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let others = GOOD.iter().copied().filter(|(known, _)| *known != name);
    others.chain(values.iter().copied()).collect()
}

fn msg(headers: &[(&str, &str)]) -> String {
    Failure::from(check_these(headers).expect_err("bad headers"))
        .msg()
        .to_owned()
}

#[test]
fn good_headers_give_the_context() {
    let expected = Context {
        tenant: "Acme".to_owned(),
        forwarded_for: "203.0.113.7".to_owned(),
        forwarded_from: "shop".to_owned(),
        platform: Platform::Ios,
        device_id: "d-1".to_owned(),
    };
    assert_eq!(check_these(GOOD), Ok(expected));
}

#[test]
fn missing_headers_are_named_in_the_documented_order_with_the_content_type_last() {
    let some = [("deviceId", ""), ("X-Forwarded-For", "")];
    let expected =
        "Missing required header(s): X-Tenant-ID, X-Forwarded-From, platform, Content-Type";
    assert_eq!(msg(&some), expected);
    for (name, _) in GOOD {
        assert_eq!(
            msg(&with(name, &[])),
            format!("Missing required header(s): {name}")
        );
    }
    let failure = Failure::from(HeaderFault::Missing(vec!["platform"]));
    assert_eq!(
        (failure.http(), failure.error_code()),
        (400, "missing_header")
    );
}

#[test]
fn device_and_forwarding_may_be_empty_but_the_tenant_may_not() {
    for name in ["deviceId", "X-Forwarded-For", "X-Forwarded-From"] {
        assert!(check_these(&with(name, &[(name, "")])).is_ok(), "{name}");
    }
    let empty = check_these(&with("X-Tenant-ID", &[("X-Tenant-ID", "  ")]));
    assert_eq!(empty, Err(HeaderFault::Invalid("X-Tenant-ID")));
}

#[test]
fn device_and_forwarding_are_bounded_in_characters_and_hold_no_control_characters() {
    for (name, chars_max) in [
        ("deviceId", 256),
        ("X-Device-Id", 256),
        ("X-Forwarded-For", 1024),
        ("X-Forwarded-From", 1024),
    ] {
        let main = if name == "X-Device-Id" {
            "deviceId"
        } else {
            name
        };
        let judged = |value: &str| {
            let others = GOOD.iter().copied().filter(|(known, _)| *known != main);
            let headers: Vec<_> = others.chain([(name, value)]).collect();
            check_these(&headers).map(|_| ())
        };
        assert_eq!(judged(&"ž".repeat(chars_max)), Ok(()), "{name}");
        let long = "x".repeat(chars_max + 1);
        for bad in [long.as_str(), "a\tb", "a\u{9b}b"] {
            let fault = Err(HeaderFault::Invalid(name));
            assert_eq!(judged(bad), fault, "{name}: {bad:?}");
        }
    }
}

#[test]
fn a_header_sent_twice_is_invalid_even_with_equal_values() {
    for (name, value) in GOOD {
        let doubled = with(name, &[(name, value), (name, value)]);
        assert_eq!(
            check_these(&doubled),
            Err(HeaderFault::Invalid(name)),
            "{name}"
        );
    }
}

#[test]
fn the_platform_is_one_of_three_words() {
    for (word, platform) in [
        ("web", Platform::Web),
        ("ios", Platform::Ios),
        ("android", Platform::Android),
    ] {
        let context = check_these(&with("platform", &[("platform", word)])).expect("a platform");
        assert_eq!(context.platform, platform);
    }
    for word in ["", "windows", "Web", "\"web\""] {
        let fault = check_these(&with("platform", &[("platform", word)]));
        assert_eq!(fault, Err(HeaderFault::Invalid("platform")), "{word}");
    }
}

#[test]
fn other_names_count_while_the_main_one_is_absent() {
    let hinted = with("platform", &[("sec-ch-ua-platform", "\"Android\"")]);
    assert_eq!(
        check_these(&hinted).map(|context| context.platform),
        Ok(Platform::Android)
    );
    let both = with("", &[("sec-ch-ua-platform", "\"Windows\"")]);
    assert_eq!(
        check_these(&both).map(|context| context.platform),
        Ok(Platform::Ios)
    );
    let unknown = with("platform", &[("sec-ch-ua-platform", "\"Windows\"")]);
    assert_eq!(
        check_these(&unknown),
        Err(HeaderFault::Invalid("sec-ch-ua-platform"))
    );
    for name in ["X-Device-Id", "device-id"] {
        let other = with("deviceId", &[(name, "other")]);
        assert_eq!(
            check_these(&other).map(|context| context.device_id),
            Ok("other".to_owned())
        );
    }
}

#[test]
fn missing_comes_before_invalid_and_invalid_before_the_media_type() {
    let all_wrong = [("platform", "tv"), ("Content-Type", "text/plain")];
    assert!(matches!(
        check_these(&all_wrong),
        Err(HeaderFault::Missing(_))
    ));
    let mut two_wrong = with("platform", &[("platform", "tv")]);
    two_wrong.retain(|(name, _)| *name != "Content-Type");
    two_wrong.push(("Content-Type", "text/plain"));
    assert_eq!(
        check_these(&two_wrong),
        Err(HeaderFault::Invalid("platform"))
    );
    let one_wrong = with("Content-Type", &[("Content-Type", "text/plain")]);
    assert_eq!(check_these(&one_wrong), Err(HeaderFault::MediaType));
}

#[test]
fn an_upload_takes_multipart_and_nothing_else() {
    let multipart = with(
        "Content-Type",
        &[("Content-Type", "Multipart/Form-Data; boundary=x")],
    );
    assert!(check(|name| look(&multipart, name), Expected::Multipart).is_ok());
    assert_eq!(check_these(&multipart), Err(HeaderFault::MediaType));
    let json = check(|name| look(GOOD, name), Expected::Multipart);
    assert_eq!(json, Err(HeaderFault::MediaType));
}

#[test]
fn a_signed_event_needs_its_media_type_only() {
    let check = |headers: &[(&'static str, &'static str)]| {
        check_media_type(|name| look(headers, name))
            .map_err(|fault| Failure::from(fault).msg().to_owned())
    };
    assert_eq!(
        check(&[("Content-Type", "Application/JSON; charset=utf-8")]),
        Ok(())
    );
    assert_eq!(
        check(&[("X-Tenant-ID", "Acme")]),
        Err("Missing required header(s): Content-Type".to_owned())
    );
    assert_eq!(
        check_media_type(|name| look(&[("Content-Type", "text/plain")], name)),
        Err(HeaderFault::MediaType)
    );
}

#[test]
fn the_session_call_needs_the_tenant_only() {
    let headers = [
        ("X-Tenant-ID", "Acme"),
        ("Content-Type", "application/json"),
    ];
    assert_eq!(
        check_tenant(|name| look(&headers, name)),
        Ok("Acme".to_owned())
    );
    let fault = check_tenant(|name| look(&[("platform", "web")], name));
    assert_eq!(
        fault,
        Err(HeaderFault::Missing(vec!["X-Tenant-ID", "Content-Type"]))
    );
}
