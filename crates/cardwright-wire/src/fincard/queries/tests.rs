//! The odd bodies, and the names that go out.

use super::*;
use crate::fincard::assert_names;
use crate::fincard::envelope::Failure;
use crate::fincard::orders::OrderStatus;
use crate::pan::MaskedPan;
use crate::shape;

fn refused<T: Shape>(body: &str) -> &'static str {
    match shape::from_body::<T>(body.as_bytes()) {
        Ok(_) => "taken",
        Err(fault) => Failure::from(fault).error_code(),
    }
}

fn card() -> CardFacts {
    CardFacts {
        id: 7,
        pan: MaskedPan::new("424242", "4242").expect("digits"),
    }
}

fn money() -> Money {
    Money {
        amount: "1.00".to_owned(),
        currency: "USD".to_owned(),
    }
}

#[test]
fn a_query_takes_nothing_at_all_and_both_names_of_a_card() {
    for body in ["", "{}", r#"{"type": "", "tradeNo": null, "cardNo": ""}"#] {
        assert_eq!(refused::<ListAuthorizations>(body), "taken", "{body}");
    }
    let read = shape::from_body::<ListAuthorizations>(br#"{"cardId": "7", "type": "Void"}"#);
    let read = read.expect("right").value;
    assert_eq!(read.common.card_no, Some(GivenId::Id(7)));
    assert_eq!(read.trade_type, Some(TradeType::Void));
}

#[test]
fn words_and_numbers_of_the_wrong_kind_are_refused() {
    assert_eq!(
        refused::<ListAuthorizations>(r#"{"type": "void"}"#),
        "invalid_field"
    );
    assert_eq!(
        refused::<ListOrders>(r#"{"type": "freeze"}"#),
        "invalid_field"
    );
    assert_eq!(
        refused::<ListChallenges>(r#"{"tradeNo": true}"#),
        "invalid_field"
    );
    assert_eq!(
        refused::<ListFeePatches>(r#"{"tradeType": "fee"}"#),
        "invalid_field"
    );
    assert_eq!(
        refused::<ListBills>(r#"{"cardNo": "1", "cardId": "2"}"#),
        "alias_conflict"
    );
}

#[test]
fn a_trade_is_named_by_a_text_or_by_a_number() {
    let read = |given: &str| {
        let body = format!(r#"{{"tradeNo": {given}, "originTradeNo": {given}}}"#);
        let read = shape::from_body::<ListFeePatches>(body.as_bytes()).expect("right");
        (read.value.trade_no, read.value.origin_trade_no)
    };
    let trade = || Some(GivenTrade("261121000000000001".to_owned()));
    assert_eq!(read("261121000000000001"), (trade(), trade()));
    assert_eq!(read(r#""261121000000000001""#), (trade(), trade()));
    assert_eq!(refused::<ListChallenges>(r#"{"tradeNo": 7}"#), "taken");
    assert_eq!(
        refused::<ListChallenges>(r#"{"tradeNo": "no such"}"#),
        "taken"
    );
}

#[test]
fn every_word_of_a_filter_is_the_word_of_a_record() {
    for (word, meaning) in ORDER_TYPES {
        assert_eq!(*word, meaning.word());
    }
    for (word, meaning) in TRADE_TYPES {
        assert_eq!(*word, meaning.word());
    }
    for (word, meaning) in PATCH_TYPES {
        assert_eq!(*word, meaning.word());
    }
    for (word, meaning) in CHALLENGE_TYPES {
        assert_eq!(*word, meaning.word());
    }
}

#[test]
fn records_are_written_under_every_published_name() {
    let authorization = Authorization::from(AuthorizationFacts {
        card: card(),
        trade_no: "114981460721664".to_owned(),
        origin_trade_no: None,
        money: money(),
        authorized: money(),
        fee: money(),
        cross_border_fee: None,
        settled: Some(money()),
        settled_on: None,
        authorization_code: None,
        merchant: Some(MerchantFacts {
            category: "Retail",
            name: "Shop".to_owned(),
            id: "M-1".to_owned(),
            category_code: "5411".to_owned(),
            city: "Vilnius".to_owned(),
            country: "LTU".to_owned(),
            wallet: None,
        }),
        trade_type: TradeType::Auth,
        status: TradeStatus::Succeed,
        description: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    });
    let written = serde_json::to_value(authorization).expect("plain");
    assert_names(
        &written,
        "cardNo cardId last4 tradeNo originTradeNo currency amount authorizedAmount \
         authorizedCurrency fee feeCurrency crossBoardFee crossBoardFeeCurrency settleAmount \
         settleCurrency settleDate authorizationCode merchantName merchantData type status \
         description transactionTime",
    );
    assert_names(
        &written["merchantData"],
        "name categoryCode category country state city zipCode mid walletType",
    );
    let patch = FeePatch::from(FeePatchFacts {
        card: card(),
        trade_no: "9".to_owned(),
        origin_trade_no: None,
        money: money(),
        patch_type: PatchType::CrossBorder,
        at: jiff::Timestamp::UNIX_EPOCH,
    });
    assert_names(
        &serde_json::to_value(patch).expect("plain"),
        "cardNo cardId last4 tradeNo originTradeNo currency amount type deductionSourceFunds \
         status transactionTime",
    );
}

#[test]
fn a_bill_says_price_and_deposit_and_both_together() {
    use crate::fincard::card_types::{Form, Organization};
    let bill = Bill::from(BillFacts {
        order: 9,
        merchant_order_no: Some("order-0000000000001".to_owned()),
        card: card(),
        card_type_id: 111_001,
        card_type_name: "Virtual".to_owned(),
        form: Form::Virtual,
        organization: Organization::Visa,
        bin: "424242".to_owned(),
        currency: "USD".to_owned(),
        card_fee: "1.00".to_owned(),
        deposit: "25.00".to_owned(),
        total: "26.00".to_owned(),
        status: OrderStatus::Success,
        at: jiff::Timestamp::UNIX_EPOCH,
    });
    assert_names(
        &serde_json::to_value(bill).expect("plain"),
        "orderNo merchantOrderNo cardNo cardId last4 cardTypeId cardType organization bankCardBin \
         currency cardFee depositAmount amount merchantName status transactionTime tradeTime \
         createTime",
    );
}

#[test]
fn an_activation_code_has_no_payment_and_costs_nothing() {
    let challenge = Challenge::from(ChallengeFacts {
        card: card(),
        trade_no: "9".to_owned(),
        payment: None,
        values: "123456".to_owned(),
        challenge_type: ChallengeType::ActivationCode,
        description: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        expires_at: None,
    });
    let written = serde_json::to_value(challenge).expect("plain");
    assert_names(
        &written,
        "cardNo cardId last4 tradeNo originTradeNo currency amount merchantName values type \
         transactionTime description expirationTime",
    );
    assert_eq!(written["amount"], "0");
    assert!(written["currency"].is_null() && written["merchantName"].is_null());
}
