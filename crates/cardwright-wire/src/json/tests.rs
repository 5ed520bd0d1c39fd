//! What is JSON, what is not, and what it may cost to find out.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn number(literal: &str) -> Json {
    Json::Number(literal.to_owned())
}

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

/// What `serde_json` would have made of the same text.
fn as_serde(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(literal) => serde_json::from_str(literal).unwrap_or(Value::Null),
        Json::Text(text) => Value::String(text.clone()),
        Json::Array(elements) => elements.iter().map(as_serde).collect(),
        Json::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, json)| (name.clone(), as_serde(json)))
                .collect(),
        ),
    }
}

#[test]
fn every_kind_of_value_is_read_and_numbers_keep_their_spelling() {
    let body = br#"{"a": 12.50, "b": [1e3, -0, 123456789012345678901234567890],
        "c": "x\u0041\n", "d": null, "e": true, "f": {}}"#;
    let expected = vec![
        ("a".to_owned(), number("12.50")),
        (
            "b".to_owned(),
            Json::Array(vec![
                number("1e3"),
                number("-0"),
                number("123456789012345678901234567890"),
            ]),
        ),
        ("c".to_owned(), text("xA\n")),
        ("d".to_owned(), Json::Null),
        ("e".to_owned(), Json::Bool(true)),
        ("f".to_owned(), Json::Object(vec![])),
    ];
    assert_eq!(parse_object(body), Ok(expected));
}

#[test]
fn a_repeated_key_is_refused_at_every_level_and_after_unescaping() {
    let repeated = Err(JsonFault::DuplicateKey("a".to_owned()));
    assert_eq!(parse(br#"{"a":1,"a":1}"#), repeated);
    assert_eq!(parse(br#"{"b":[{"a":1,"c":2,"a":3}]}"#), repeated);
    assert_eq!(parse(br#"{"a":1,"\u0061":2}"#), repeated);
    assert!(
        parse(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok(),
        "different objects do not meet"
    );
}

#[test]
fn what_is_not_one_whole_json_value_in_utf8_is_refused() {
    let not_json: [&[u8]; 17] = [
        b"",
        b"   ",
        b"{} {}",
        b"{}x",
        b"{\"a\":1,}",
        b"{'a':1}",
        b"{a:1}",
        b"[1,]",
        b"01",
        b"+1",
        b".5",
        b"NaN",
        b"\xef\xbb\xbf{}",
        b"\"\xff\"",
        b"\"\\ud800\"",
        b"{\"\\udc00\":1}",
        b"\"a\nb\"",
    ];
    for bytes in not_json {
        assert_eq!(
            parse(bytes),
            Err(JsonFault::NotJson),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    assert_eq!(
        parse(br#""\ud83d\ude00""#),
        Ok(text("\u{1f600}")),
        "a surrogate pair is a character"
    );
}

#[test]
fn only_an_object_is_an_object() {
    for bytes in [&b"[]"[..], b"null", b"\"{}\"", b"1", b"true"] {
        assert_eq!(parse_object(bytes), Err(JsonFault::NotObject));
    }
    assert_eq!(parse_object(b"nul"), Err(JsonFault::NotJson));
}

#[test]
fn thirty_two_levels_are_read_and_one_more_is_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(nested(DEPTH_MAX).as_bytes()).is_ok());
    assert_eq!(
        parse(nested(DEPTH_MAX + 1).as_bytes()),
        Err(JsonFault::TooDeep)
    );
    let quoted = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(99), "{".repeat(99));
    assert!(
        parse(quoted.as_bytes()).is_ok(),
        "brackets in a string are not levels"
    );
}

#[test]
fn hostile_bodies_of_the_largest_size_are_judged_to_the_end() {
    const BODY_MAX: usize = 256 * 1024;
    let fill = |unit: &str| unit.repeat(BODY_MAX / unit.len());
    let deep_and_long = format!(
        "{}\"{}\"{}",
        "[".repeat(31),
        "x".repeat(BODY_MAX),
        "]".repeat(31)
    );
    let many_keys: Vec<String> = (0..20_000).map(|index| format!("\"k{index}\":0")).collect();
    let bodies = [
        fill("["),
        fill("{\"a\":"),
        fill("[[],"),
        fill("\""),
        fill("\\"),
        fill("9"),
        fill("\"\\u"),
        deep_and_long,
        format!("{{{}}}", many_keys.join(",")),
        format!("[{}0]", fill("0,")),
    ];
    // A parser that is quadratic in one of these would keep this test from ever ending.
    let judged = bodies.map(|body| parse(body.as_bytes()).is_ok());
    let expected = [
        false, false, false, false, false, true, false, true, true, true,
    ];
    assert_eq!(judged, expected);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read_as_the_same_value(value in any_value()) {
        let compact = serde_json::to_string(&value).expect("a value serializes");
        let pretty = serde_json::to_string_pretty(&value).expect("a value serializes");
        for written in [compact, pretty] {
            let json = parse(written.as_bytes()).expect("a written value parses");
            let expected: Value = serde_json::from_str(&written).expect("a written value parses");
            prop_assert_eq!(as_serde(&json), expected);
        }
    }

    #[test]
    fn both_parsers_agree_on_text_that_is_almost_json(
        written in r#"[\[\]{}:,"a\\u0dD8e.+\-1 ntrfalsue]{0,24}"#
    ) {
        let expected: Result<Value, _> = serde_json::from_str(&written);
        match (parse(written.as_bytes()), expected) {
            (Ok(json), Ok(value)) => prop_assert_eq!(as_serde(&json), value),
            (Err(fault), Ok(_)) => prop_assert!(matches!(fault, JsonFault::DuplicateKey(_))),
            (Ok(_), Err(refusal)) => {
                prop_assert!(refusal.to_string().contains("number out of range"), "{}", refusal);
            }
            (Err(_), Err(_)) => {}
        }
    }
}

#[test]
fn a_control_character_in_a_string_is_not_json_whether_something_is_escaped_or_not() {
    for body in [
        &b"\"a\x01b\""[..],
        b"\"a\nb\"",
        b"\"\\u0041\x1f\"",
        b"{\"a\x00\":1}",
    ] {
        assert_eq!(parse(body), Err(JsonFault::NotJson), "{body:?}");
    }
    assert_eq!(parse(b"\"a\x7fb\""), Ok(Json::Text("a\x7fb".to_owned())));
}

#[test]
fn a_repeated_key_is_found_among_few_and_among_many() {
    for count in [2, 16, 17, 100] {
        let names: Vec<String> = (0..count)
            .map(|number| format!("\"k{number}\":1"))
            .collect();
        let body = format!("{{{},\"k1\":2}}", names.join(","));
        let repeated = JsonFault::DuplicateKey("k1".to_owned());
        assert_eq!(parse(body.as_bytes()), Err(repeated), "{count}");
        let body = format!("{{{}}}", names.join(","));
        assert!(parse(body.as_bytes()).is_ok());
    }
}
