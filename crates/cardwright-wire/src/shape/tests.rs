//! One declaration reads, refuses and documents.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::kind::{
    GivenId, Kind, amount, boolean, core_id, date, integer, list, object, one_of, text,
};

#[derive(Debug, PartialEq)]
struct Street {
    line: String,
}

impl Shape for Street {
    const NAME: &'static str = "Street";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let line = fields.required("line", text(1..=10));
        Some(Street { line: line? })
    }
}

#[derive(Debug, PartialEq)]
struct Strict {
    owner: Either<String, i64>,
    street: Street,
    streets: Option<Vec<Street>>,
    colour: Option<u8>,
}

impl Shape for Strict {
    const NAME: &'static str = "Strict";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let owner = fields.either(("name", text(1..=5)), ("number", integer(1..=9)));
        let street = fields.required("street", object::<Street>().about("Where"));
        let streets = fields.optional("streets", list(object::<Street>(), 2));
        let colour = fields.optional("colour", one_of(&[("red", 1), ("blue", 2)]).example("red"));
        Some(Strict {
            owner: owner?,
            street: street?,
            streets: streets?,
            colour: colour?,
        })
    }
}

#[derive(Debug, PartialEq)]
struct Lenient {
    card: GivenId,
    amount: Option<String>,
    born: Option<jiff::civil::Date>,
    kind: Option<String>,
    code: Option<String>,
    mobile: Option<String>,
    simple: Option<bool>,
}

impl Shape for Lenient {
    const NAME: &'static str = "Lenient";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card = fields.required(&["cardNo", "cardId"], core_id());
        let amount = fields.optional(&["amount", "initialDeposit"], amount());
        let born = fields.optional(&["birthday", "person.dateOfBirth"], date());
        let kind = fields.optional(&["idType", "documents.0.type"], text(1..=9));
        let code = fields.optional("areaCode", text(1..=9));
        let mobile = fields.optional("mobile", text(1..=9));
        fields.all_or_none(&["areaCode", "mobile"]);
        let simple = fields.optional("simple", boolean());
        Some(Lenient {
            card: card?,
            amount: amount?,
            born: born?,
            kind: kind?,
            code: code?,
            mobile: mobile?,
            simple: simple?,
        })
    }
}

/// All faults as `field:Kind`, in order.
fn faults<T: Shape + std::fmt::Debug>(body: &str) -> Vec<String> {
    match from_body::<T>(body.as_bytes()) {
        Err(BodyFault::Fields(faults)) => faults
            .into_iter()
            .map(|fault| format!("{}:{:?}", fault.field, fault.kind))
            .collect(),
        other => panic!("expected faults of fields, got {other:?}"),
    }
}

fn lenient(body: &str) -> Read<Lenient> {
    from_body(body.as_bytes()).expect("a good body")
}

#[test]
fn a_good_strict_body_is_read_whole() {
    let body = br#"{"street": {"line": "Main 1"}, "number": 3, "streets": [{"line": "B"}]}"#;
    let read = from_body::<Strict>(body).expect("a good body");
    let expected = Strict {
        owner: Either::Second(3),
        street: Street {
            line: "Main 1".to_owned(),
        },
        streets: Some(vec![Street {
            line: "B".to_owned(),
        }]),
        colour: None,
    };
    assert_eq!(read.value, expected);
}

#[test]
fn every_fault_is_reported_in_order_of_the_declaration_then_unknown_ones_in_body_order() {
    let body = r#"{"zebra": 1, "colour": "pink", "apple": 2, "street": {"line": "", "x": 0},
        "streets": [{"line": "a"}, {}, 3]}"#;
    let expected = [
        "name:Required",
        "street.line:Invalid",
        "street.x:Unknown",
        "streets:Invalid",
    ]
    .map(str::to_owned);
    let tail = ["colour:NotAllowed", "zebra:Unknown", "apple:Unknown"].map(str::to_owned);
    assert_eq!(faults::<Strict>(body), [&expected[..], &tail[..]].concat());
    let inside =
        r#"{"name": "a", "street": {"line": "b"}, "streets": [{"line": "a"}, {"lime": 1}]}"#;
    assert_eq!(
        faults::<Strict>(inside),
        ["streets.1.line:Required", "streets.1.lime:Unknown"]
    );
}

#[test]
fn exactly_one_means_neither_none_nor_both() {
    let with = |owner: &str| format!(r#"{{{owner}"street": {{"line": "a"}}}}"#);
    assert_eq!(faults::<Strict>(&with("")), ["name:Required"]);
    assert_eq!(
        faults::<Strict>(&with(r#""name": "a", "number": 1, "#)),
        ["number:NotAllowed"]
    );
    assert_eq!(
        faults::<Strict>(&with(r#""number": 0, "#)),
        ["number:Invalid"]
    );
}

#[test]
fn strict_has_no_null_and_wants_an_object() {
    let body = r#"{"name": null, "street": {"line": "a"}, "colour": null}"#;
    assert_eq!(faults::<Strict>(body), ["name:Invalid", "colour:Invalid"]);
    for body in ["[]", "\"\"", "null"] {
        let fault = from_body::<Strict>(body.as_bytes()).expect_err("no object");
        assert_eq!(fault, BodyFault::Json(JsonFault::NotObject));
    }
    let fault = from_body::<Strict>(b"").expect_err("no body");
    assert_eq!(fault, BodyFault::Json(JsonFault::NotJson));
}

#[test]
fn unknown_names_are_given_back_in_moderation() {
    let many: Vec<String> = (0..100)
        .map(|index| format!(r#""{}{index}": 0"#, "x".repeat(99)))
        .collect();
    let body = format!(
        r#"{{"name": "a", "street": {{"line": "b"}}, {}}}"#,
        many.join(",")
    );
    let Err(BodyFault::Fields(faults)) = from_body::<Strict>(body.as_bytes()) else {
        panic!("unknown fields are faults");
    };
    assert_eq!(faults.len(), 32);
    assert!(faults.iter().all(|fault| fault.field == "x".repeat(64)));
}

#[test]
fn lenient_ignores_the_unknown_and_takes_nothing_for_absent() {
    let read = lenient(
        r#"{"cardNo": 7, "amount": null, "birthday": "", "idType": "", "extra": {"a": 1}}"#,
    );
    let bare = lenient(r#"{"cardNo": "7"}"#);
    assert_eq!(read.value, bare.value);
    assert_eq!(read.canonical(), bare.canonical());
    assert_eq!(faults::<Lenient>(r#"{"cardNo": ""}"#), ["cardNo:Required"]);
    assert_eq!(faults::<Lenient>("{}"), ["cardNo:Required"]);
}

#[test]
fn lenient_takes_no_body_and_a_string_for_an_empty_object() {
    for body in ["", "  \r\n", "{}", "\"\"", "\"anything\""] {
        assert_eq!(
            from_body::<Nothing>(body.as_bytes()).map(|read| read.value),
            Ok(Nothing),
            "{body}"
        );
    }
    for body in ["[]", "null", "1", "true"] {
        let fault = from_body::<Nothing>(body.as_bytes()).expect_err("no object");
        assert_eq!(fault, BodyFault::Json(JsonFault::NotObject), "{body}");
    }
    assert_eq!(faults::<Lenient>(""), ["cardNo:Required"]);
    let fault = from_body::<Lenient>(b"\"\"").expect_err("something is required");
    assert_eq!(fault, BodyFault::Json(JsonFault::NotObject));
}

#[test]
fn every_name_of_a_field_is_taken_and_equal_values_agree() {
    let both = lenient(r#"{"cardNo": 7, "cardId": "7", "amount": 10, "initialDeposit": "10.00"}"#);
    assert_eq!(both.value.card, GivenId::Id(7));
    assert_eq!(
        both.value.amount.as_deref(),
        Some("10"),
        "the main name's spelling is kept"
    );
    let nested =
        r#"{"cardId": 7, "person": {"dateOfBirth": "1990-01-02"}, "documents": [{"type": "P"}]}"#;
    let flat = r#"{"idType": "P", "birthday": "1990-01-02", "cardNo": "7"}"#;
    assert_eq!(lenient(nested), lenient(flat));
    let alias_only = lenient(r#"{"cardNo": null, "cardId": 7}"#);
    assert_eq!(alias_only.value.card, GivenId::Id(7));
}

#[test]
fn two_names_with_different_values_are_a_conflict_of_the_main_name() {
    assert_eq!(
        faults::<Lenient>(r#"{"cardNo": 7, "cardId": 8}"#),
        ["cardNo:Conflict"]
    );
    let nested =
        r#"{"cardNo": 7, "birthday": "1990-01-02", "person": {"dateOfBirth": "1990-01-03"}}"#;
    assert_eq!(faults::<Lenient>(nested), ["birthday:Conflict"]);
    let wrong_alias = r#"{"cardNo": 7, "initialDeposit": "ten"}"#;
    assert_eq!(
        faults::<Lenient>(wrong_alias),
        ["initialDeposit:InvalidAmount"]
    );
}

#[test]
fn what_cannot_be_descended_into_is_invalid_and_reported_once() {
    let body = r#"{"cardNo": 7, "person": 5, "documents": [3]}"#;
    assert_eq!(
        faults::<Lenient>(body),
        ["person:Invalid", "documents.0:Invalid"]
    );
    assert!(from_body::<Lenient>(br#"{"cardNo": 7, "person": null, "documents": []}"#).is_ok());
}

#[test]
fn fields_that_go_together_demand_each_other() {
    assert_eq!(
        faults::<Lenient>(r#"{"cardNo": 7, "areaCode": "+1"}"#),
        ["mobile:Required"]
    );
    assert_eq!(
        faults::<Lenient>(r#"{"cardNo": 7, "mobile": "1"}"#),
        ["areaCode:Required"]
    );
    assert!(from_body::<Lenient>(br#"{"cardNo": 7, "mobile": "1", "areaCode": "+1"}"#).is_ok());
}

#[test]
fn different_content_has_a_different_canonical_form() {
    let bodies = [
        r#"{"cardNo": 7}"#,
        r#"{"cardNo": 8}"#,
        r#"{"cardNo": 7, "amount": 1}"#,
        r#"{"cardNo": 7, "amount": 10}"#,
        r#"{"cardNo": 7, "simple": true}"#,
        r#"{"cardNo": 7, "idType": "1"}"#,
        r#"{"cardNo": 7, "areaCode": "a\",\"b", "mobile": "b"}"#,
        r#"{"cardNo": 7, "areaCode": "a", "mobile": "b"}"#,
    ];
    let prints: std::collections::BTreeSet<_> = bodies
        .iter()
        .map(|body| lenient(body).canonical().to_owned())
        .collect();
    assert_eq!(prints.len(), bodies.len());
}

#[test]
fn the_debug_output_does_not_show_the_canonical_form() {
    let shown = format!("{:?}", lenient(r#"{"cardNo": 7}"#));
    assert!(
        shown.contains("Lenient") && !shown.contains("cardNo"),
        "{shown}"
    );
}

#[test]
fn the_canonical_form_is_wiped_when_dropped() {
    fn assert_wiped(_: &impl zeroize::ZeroizeOnDrop) {}
    assert_wiped(&lenient(r#"{"cardNo": 7}"#).canonical);
}

#[test]
fn the_same_declaration_draws_a_strict_schema() {
    let street = json!({
        "type": "object",
        "required": ["line"],
        "properties": { "line": { "type": "string", "minLength": 1, "maxLength": 10 } },
        "additionalProperties": false,
    });
    let mut described = street.clone();
    described["description"] = json!("Where");
    let expected = json!({ "allOf": [
        {
            "type": "object",
            "required": ["street"],
            "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 5 },
                "number": { "type": "integer", "minimum": 1, "maximum": 9 },
                "street": described,
                "streets": { "type": "array", "maxItems": 2, "items": street },
                "colour": { "type": "string", "enum": ["red", "blue"], "examples": ["red"] },
            },
            "additionalProperties": false,
        },
        { "oneOf": [{ "required": ["name"] }, { "required": ["number"] }] },
    ]});
    assert_eq!(
        serde_json::to_value(schema::<Strict>()).expect("a schema"),
        expected
    );
}

#[test]
fn a_lenient_schema_shows_every_name_and_grows_nested_ones() {
    let schema = serde_json::to_value(schema::<Lenient>()).expect("a schema");
    let object = &schema["allOf"][0];
    assert_eq!(object["additionalProperties"], json!(null));
    assert_eq!(
        object["properties"]["cardId"]["description"],
        "Another name of `cardNo`."
    );
    assert_eq!(
        object["properties"]["person"]["properties"]["dateOfBirth"]["format"],
        "date"
    );
    assert_eq!(
        object["properties"]["documents"]["items"]["properties"]["type"]["maxLength"],
        9
    );
    let either_name = json!({ "anyOf": [{ "required": ["cardNo"] }, { "required": ["cardId"] }] });
    assert_eq!(schema["allOf"][1], either_name);
}

proptest! {
    #[test]
    fn the_order_of_keys_and_the_spelling_of_numbers_do_not_change_the_canonical_form(
        cents in 0_u32..1_000_000,
        keys in Just(vec!["cardNo", "amount", "idType", "simple"]).prop_shuffle(),
    ) {
        let plain = format!(r#"{{"cardNo": 7, "amount": {}.{:02}, "idType": "P", "simple": true}}"#, cents / 100, cents % 100);
        let spelled = |key: &str| match key {
            "cardNo" => r#""cardId": "7""#.to_owned(),
            "amount" => format!(r#""initialDeposit": "{}.{:02}00""#, cents / 100, cents % 100),
            "idType" => r#""idType": "\u0050""#.to_owned(),
            _ => r#""simple": true"#.to_owned(),
        };
        let members: Vec<String> = keys.into_iter().map(spelled).collect();
        let other = format!("{{{}}}", members.join(","));
        let (plain, other) = (lenient(&plain), lenient(&other));
        prop_assert_eq!(plain.canonical(), other.canonical());
    }
}
