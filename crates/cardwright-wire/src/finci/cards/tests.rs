//! What requests about cards say, and how cards read.

use super::*;
use crate::finci::envelope::{Failure, Success};
use crate::shape;

const GOOD: &str = r#"{"person_id":"10011000000000000001","product_id":112001,"embossing_name":"JONAS JONAITIS",
    "token_status":"new","token_stage":"digital","express_delivery":false,
    "delivery_address":{"line1":"Gedimino pr. 1","city":"Vilnius","postal_code":"LT-01103","country":"LT"}}"#;

fn codes<T: Shape + std::fmt::Debug>(body: &str) -> Vec<String> {
    let fault = shape::from_body::<T>(body.as_bytes()).expect_err("a bad body");
    Failure::from(fault).codes().to_vec()
}

fn item() -> CardItem {
    CardItem {
        token_id: PaddedId(42),
        embossing_name: "JONAS JONAITIS".to_owned(),
        card_number: MaskedPan::new("520000", "1234").expect("digits"),
        expiration_date: Month {
            year: 2031,
            month: 7,
        },
        product_id: 112_001,
    }
}

#[test]
fn a_card_is_ordered_with_the_least_that_is_required() {
    let card = shape::from_body::<CreateCard>(GOOD.as_bytes())
        .expect("a good body")
        .value;
    assert_eq!(
        card.holder,
        CardHolder::Person("10011000000000000001".to_owned())
    );
    assert_eq!(
        (card.account_id, card.expiration_date, card.external_id),
        (None, None, None)
    );
    assert_eq!(
        (card.token_status, card.token_stage),
        (TokenStatus::New, TokenStage::Digital)
    );
}

#[test]
fn a_card_is_ordered_with_everything() {
    let body = GOOD.replace(r#""person_id":"10011000000000000001""#,
        r#""employee_id":"0000000000000005","account_id":"0000000000000007","expiration_date":"2031-07","external_id":"k-1""#);
    let card = shape::from_body::<CreateCard>(body.as_bytes())
        .expect("a good body")
        .value;
    assert_eq!(card.holder, CardHolder::Employee(PaddedId(5)));
    assert_eq!(card.account_id, Some(PaddedId(7)));
    assert_eq!(
        card.expiration_date,
        Some(Month {
            year: 2031,
            month: 7
        })
    );
    assert_eq!(card.external_id.as_deref(), Some("k-1"));
}

#[test]
fn delivery_is_required_of_digital_cards_too() {
    let expected = [
        "person_id",
        "product_id",
        "embossing_name",
        "token_status",
        "token_stage",
        "delivery_address",
        "express_delivery",
    ];
    assert_eq!(
        codes::<CreateCard>("{}"),
        expected.map(|field| format!("{field}:required"))
    );
}

#[test]
fn each_wrong_field_of_a_card_order_is_named() {
    let replaced = |from: &str, to: &str| codes::<CreateCard>(&GOOD.replace(from, to));
    for name in [
        "J",
        "JONAS  JONAITIS",
        " JONAS",
        "JONAS ",
        "JONAS-J",
        "JÓNAS J",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZA",
    ] {
        assert_eq!(
            replaced("JONAS JONAITIS", name),
            ["embossing_name:invalid"],
            "{name}"
        );
    }
    assert_eq!(
        replaced(r#""new""#, r#""closed""#),
        ["token_status:not_allowed"]
    );
    assert_eq!(
        replaced(r#""digital""#, r#""plastic_delivered""#),
        ["token_stage:not_allowed"]
    );
    assert_eq!(replaced("112001", r#""112001""#), ["product_id:invalid"]);
    assert_eq!(replaced("false", r#""no""#), ["express_delivery:invalid"]);
    assert_eq!(
        replaced(r#""country":"LT""#, r#""country":null"#),
        ["delivery_address.country:invalid"]
    );
    let both = replaced(
        r#"{"person_id""#,
        r#"{"employee_id":"0000000000000005","person_id""#,
    );
    assert_eq!(both, ["employee_id:not_allowed"]);
}

#[test]
fn every_published_status_can_be_asked_for_and_new_cannot() {
    for &(word, status) in STATUS_IN_CHANGE {
        let body = format!(r#"{{"token_status":"{word}"}}"#);
        let change =
            shape::from_body::<UpdateCardStatus>(body.as_bytes()).expect("a published word");
        assert_eq!(change.value.token_status, status);
    }
    for word in ["new", "ACTIVE", "compromised", "frozen"] {
        let body = format!(r#"{{"token_status":"{word}"}}"#);
        assert_eq!(
            codes::<UpdateCardStatus>(&body),
            ["token_status:not_allowed"],
            "{word}"
        );
    }
    assert_eq!(codes::<UpdateCardStatus>("{}"), ["token_status:required"]);
    assert_eq!(
        codes::<UpdateCardStage>(r#"{"token_stage":"plastic_delivered"}"#),
        ["token_stage:not_allowed"]
    );
}

#[test]
fn what_is_read_as_a_word_is_written_as_the_same_word() {
    for (word, status) in STATUS_AT_CREATION.iter().chain(STATUS_IN_CHANGE) {
        assert_eq!(serde_json::json!(status), *word);
    }
    for (word, stage) in STAGE_IN_REQUEST {
        assert_eq!(serde_json::json!(stage), *word);
    }
}

#[test]
fn cards_are_listed_for_exactly_one_owner() {
    let body = r#"{"corporate_id":"10011100000000000001","limit":100,"cursor":"abc"}"#;
    let list = shape::from_body::<GetCards>(body.as_bytes())
        .expect("a good body")
        .value;
    assert_eq!(
        (list.limit, list.cursor.as_deref()),
        (Some(100), Some("abc"))
    );
    assert_eq!(codes::<GetCards>("{}"), ["person_id:required"]);
    assert_eq!(
        codes::<GetCards>(r#"{"person_id":"10011000000000000001","limit":101}"#),
        ["limit:invalid"]
    );
}

#[test]
fn a_list_of_cards_is_written_as_published() {
    let whole = CardList {
        items: vec![item()],
        total: 1,
        next_cursor: None,
    };
    let expected = concat!(
        r#"{"status":"success","errors":[],"items":[{"token_id":"0000000000000042","#,
        r#""embossing_name":"JONAS JONAITIS","card_number":"5200-00**-****-1234","#,
        r#""expiration_date":"2031-07","product_id":112001}],"total":1}"#,
    );
    assert_eq!(
        serde_json::to_string(&Success::of(whole)).expect("plain"),
        expected
    );
}

#[test]
fn a_card_is_answered_with_every_field() {
    let card = Card {
        item: item(),
        token_status: TokenStatus::Active,
        token_stage: TokenStage::PlasticNotDelivered,
        person_id: Some("10011000000000000001".to_owned()),
        employee_id: None,
        account_id: PaddedId(7),
        limits: Limits::none(),
        external_id: None,
        replaces: None,
        replaced_by: None,
        created_at: Rfc3339("2025-10-01T08:30:00Z".parse().expect("an instant")),
    };
    let expected = concat!(
        r#"{"status":"success","errors":[],"token_id":"0000000000000042","#,
        r#""embossing_name":"JONAS JONAITIS","card_number":"5200-00**-****-1234","#,
        r#""expiration_date":"2031-07","product_id":112001,"token_status":"active","#,
        r#""token_stage":"plastic_not_delivered","person_id":"10011000000000000001","employee_id":null,"#,
        r#""account_id":"0000000000000007","limits":{"per_transaction":null,"daily":null,"weekly":null,"#,
        r#""monthly":null,"yearly":null,"lifetime":null,"allowed_mcc":[],"blocked_mcc":[],"#,
        r#""allowed_countries":[],"blocked_countries":[],"channels":{"ecommerce":true,"contactless":true,"#,
        r#""atm":true,"magstripe":true}},"external_id":null,"replaces":null,"replaced_by":null,"#,
        r#""created_at":"2025-10-01T08:30:00.000Z"}"#,
    );
    assert_eq!(
        serde_json::to_string(&Success::of(card)).expect("plain"),
        expected
    );
}

#[test]
fn the_answer_schema_of_a_card_holds_the_envelope_and_the_fields() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_string(&Success::<Card>::schema()).expect("a schema");
    for name in ["\"status\"", "\"errors\"", "Card"] {
        assert!(schema.contains(name), "{name} in {schema}");
    }
    let card = serde_json::to_string(&Card::schema()).expect("a schema");
    for name in ["token_status", "created_at", "replaced_by", "CardItem"] {
        assert!(card.contains(name), "{name} in {card}");
    }
}
