//! What calls about cards say, both ways.

use jiff::Timestamp;

use super::*;
use crate::fincard::assert_names;
use crate::fincard::card_types::{Form, Organization};
use crate::fincard::envelope::Failure;
use crate::kind::Month;
use crate::pan::MaskedPan;
use crate::shape;

fn refused<T: Shape + std::fmt::Debug>(body: &str) -> (&'static str, String) {
    let fault = shape::from_body::<T>(body.as_bytes()).expect_err("a bad body");
    let failure = Failure::from(fault);
    (failure.error_code(), failure.msg().to_owned())
}

fn facts() -> CardFacts {
    CardFacts {
        id: 7,
        pan: MaskedPan::new("400012", "0009").expect("digits"),
        card_type_id: 111_001,
        bin: "400012".to_owned(),
        organization: Organization::Visa,
        form: Form::Virtual,
        holder_id: Some(4),
        holder: None,
        account_id: Some(3),
        state: CardState::Active,
        block: Block::None,
        expiry: Month {
            year: 2031,
            month: 7,
        },
        name: None,
        currency: "USD".to_owned(),
        balances: Balances {
            available: "190.00".to_owned(),
            current: "200.00".to_owned(),
            held: "10.00".to_owned(),
            used: Some("5.00".to_owned()),
        },
        remark: None,
        no_pin_payment_amount: None,
        custom_category: None,
        spending_controls: vec![],
        risk_controls: RiskControls::default(),
        settings: Settings::default(),
        limits: Limits::default(),
        daily_spent: None,
        monthly_spent: None,
        features: vec![],
        created_at: Timestamp::from_millisecond(1).expect("an instant"),
        updated_at: Timestamp::from_millisecond(2).expect("an instant"),
        bound_at: Timestamp::from_millisecond(3).ok(),
        activated_at: None,
        expires_at: None,
    }
}

#[test]
fn a_card_has_exactly_the_published_names() {
    let written = serde_json::to_value(Card::from(facts())).expect("plain");
    let names = "cardNo cardId last4 cardTypeId cardBankBin holderId cardholderId status blocked bindTime \
        remark noPinPaymentAmount balanceInfo customCategory holderInfo spendingControls riskControls \
        cardToken maskedCardNumber expiryDate cardStatus cardType brand currency accountId cardName \
        availableBalance currentBalance blockedAmount spendingLimit dailyLimit monthlyLimit dailySpent \
        monthlySpent createTime updateTime activateTime expireTime settings limits features maskedPan \
        network balance";
    assert_names(&written, names);
    let settings = "enableOnline enableInternational enableContactless enableAtm allowedMcc blockedMcc \
        pinFreeAmount autoLoad autoLoadAmount autoLoadThreshold";
    assert_names(&written["settings"], settings);
    let limits = "spendingLimit dailyLimit monthlyLimit perTransactionLimit atmDailyLimit atmPerTransactionLimit";
    assert_names(&written["limits"], limits);
    assert_names(&written["riskControls"], "allowedMcc blockedMcc");
}

#[test]
fn a_card_says_the_same_under_each_of_two_names() {
    let written = serde_json::to_value(Card::from(facts())).expect("plain");
    for (one, other) in [
        ("cardNo", "cardId"),
        ("cardNo", "cardToken"),
        ("maskedCardNumber", "maskedPan"),
        ("brand", "network"),
        ("availableBalance", "balance"),
    ] {
        assert_eq!(written[one], written[other], "{one} and {other}");
    }
    assert_eq!(
        (&written["holderId"], &written["cardholderId"]),
        (&4.into(), &"4".into())
    );
    assert_eq!(written["expiryDate"], "07/31");
    assert_eq!(
        (&written["status"], &written["cardStatus"]),
        (&"Normal".into(), &"ACTIVE".into())
    );
    assert_eq!(written["maskedPan"], "400012******0009");
    assert_eq!(written["bindTime"], 3);
}

#[test]
fn the_balance_is_told_apart_only_to_who_asks() {
    let simple = serde_json::to_value(Card::from(facts())).expect("plain");
    assert!(simple["balanceInfo"].is_null());
    assert_eq!(simple["balance"], "190.00");
    let whole = serde_json::to_value(Card::with_balance(facts())).expect("plain");
    assert_names(
        &whole["balanceInfo"],
        "cardNo cardId last4 amount usedAmount currency",
    );
    assert_eq!(whole["balanceInfo"]["amount"], "190.00");
    assert_eq!(whole["balanceInfo"]["usedAmount"], "5.00");
}

#[test]
fn a_platform_block_covers_the_state_in_one_vocabulary_only() {
    let blocked = CardFacts {
        block: Block::ByPlatform,
        ..facts()
    };
    let written = serde_json::to_value(Card::from(blocked)).expect("plain");
    assert_eq!(written["blocked"], true);
    assert_eq!(
        (&written["status"], &written["cardStatus"]),
        (&"Normal".into(), &"BLOCKED".into())
    );
}

#[test]
fn every_word_of_both_vocabularies_is_a_filter_and_means_itself() {
    for state in CardState::ALL {
        for block in [Block::None, Block::ByPlatform] {
            for word in [state.status(), state.card_status(block)] {
                let body = format!(r#"{{"status": "{word}"}}"#);
                let list = shape::from_body::<ListCards>(body.as_bytes())
                    .expect("a known word")
                    .value;
                assert!(
                    list.status
                        .is_some_and(|filter| filter.matches(state, block)),
                    "{word}"
                );
            }
        }
    }
    for (word, filter) in STATUS_WORDS {
        let mut meant = CardState::ALL
            .iter()
            .flat_map(|state| [(state, Block::None), (state, Block::ByPlatform)]);
        assert!(
            meant.any(|(state, block)| filter.matches(*state, block)),
            "{word} means nothing"
        );
    }
    let active = STATUS_WORDS
        .iter()
        .find(|(word, _)| *word == "ACTIVE")
        .map(|(_, filter)| *filter);
    assert!(
        !active
            .expect("a word")
            .matches(CardState::Active, Block::ByPlatform)
    );
    assert_eq!(
        refused::<ListCards>(r#"{"status": "active"}"#).0,
        "invalid_field"
    );
}

#[test]
fn a_card_is_opened_with_aliases_and_either_spelling_of_numbers() {
    let published = br#"{"merchantOrderNo":"open-20251001-0001","cardTypeId":"111001","initialDeposit":200.00,
        "cardholderId":4,"accountId":"3","cardNumber":"4000120000000009","designId":null,"tenant":"x"}"#;
    let ours = br#"{"merchantOrderNo":"open-20251001-0001","cardTypeId":111001,"amount":"200",
        "holderId":"4","accountId":3,"cardNumber":"4000120000000009"}"#;
    let read = shape::from_body::<OpenCard>(published).expect("a good body");
    assert_eq!(read.value.holder_id, Some(GivenId::Id(4)));
    assert_eq!(read.value.amount.as_deref(), Some("200.00"));
    assert!(!format!("{:?}", read.value).contains("4000120000000009"));
    let again = shape::from_body::<OpenCard>(ours).expect("a good body");
    assert_eq!(read.fingerprint(), again.fingerprint());
}

#[test]
fn each_wrong_field_of_an_opening_has_its_error() {
    let body =
        |rest: &str| format!(r#"{{"merchantOrderNo":"open-20251001-0001","cardTypeId":1{rest}}}"#);
    assert_eq!(
        refused::<OpenCard>("{}"),
        (
            "missing_field",
            "A required field is missing: merchantOrderNo, cardTypeId".to_owned()
        )
    );
    assert_eq!(
        refused::<OpenCard>(&body(r#","amount":-1"#)).0,
        "amount_invalid"
    );
    assert_eq!(
        refused::<OpenCard>(&body(r#","amount":"1e2""#)).0,
        "amount_invalid"
    );
    let conflict = refused::<OpenCard>(&body(r#","holderId":1,"cardholderId":2"#));
    assert_eq!(
        conflict,
        (
            "alias_conflict",
            "Two names of one field have different values: holderId".to_owned()
        )
    );
    for order_no in [
        "short",
        "open 20251001 0001",
        "öpen-20251001-0001",
        &"x".repeat(66),
    ] {
        let body = format!(r#"{{"merchantOrderNo":"{order_no}","cardTypeId":1}}"#);
        assert_eq!(refused::<OpenCard>(&body).0, "invalid_field", "{order_no}");
    }
    let other_text =
        shape::from_body::<OpenCard>(body(r#","holderId":"abc""#).as_bytes()).expect("well-formed");
    assert_eq!(other_text.value.holder_id, Some(GivenId::Nobody));
}

#[test]
fn card_info_is_simple_unless_asked_otherwise() {
    let read = |body: &str| {
        shape::from_body::<CardInfo>(body.as_bytes())
            .expect("a good body")
            .value
            .detail
    };
    assert_eq!(read(r#"{"cardNo":7}"#), Detail::Simple);
    assert_eq!(
        read(r#"{"cardId":"7","onlySimpleInfo":null}"#),
        Detail::Simple
    );
    assert_eq!(
        read(r#"{"cardNo":7,"onlySimpleInfo":false}"#),
        Detail::WithBalance
    );
    assert_eq!(refused::<CardInfo>("").0, "missing_field");
}

#[test]
fn a_freeze_needs_card_and_order_number() {
    let body = br#"{"cardId":"7","merchantOrderNo":"freeze-0000000001","clientRemark":"lost it"}"#;
    let freeze = shape::from_body::<ChangeCard>(body)
        .expect("a good body")
        .value;
    assert_eq!(
        (freeze.card_no, freeze.remark.as_deref()),
        (GivenId::Id(7), Some("lost it"))
    );
    assert_eq!(
        refused::<ChangeCard>("{}").1,
        "A required field is missing: cardNo, merchantOrderNo"
    );
    let long = format!(
        r#"{{"cardNo":7,"merchantOrderNo":"freeze-0000000001","remark":"{}"}}"#,
        "x".repeat(51)
    );
    assert_eq!(refused::<ChangeCard>(&long).0, "invalid_field");
}

#[test]
fn a_list_of_cards_takes_pages_times_and_filters() {
    let body = br#"{"pageNo":2,"pageSize":500,"startTime":1,"endTime":2,"cardTypeId":111001,"holderId":"4"}"#;
    let list = shape::from_body::<ListCards>(body)
        .expect("a good body")
        .value;
    assert_eq!((list.page.num, list.page.size), (2, 100));
    assert_eq!((list.time.start_ms, list.time.end_ms), (Some(1), Some(2)));
    assert_eq!(
        (list.card_type_id, list.holder_id),
        (Some(GivenId::Id(111_001)), Some(GivenId::Id(4)))
    );
    assert!(shape::from_body::<ListCards>(b"").is_ok());
}
