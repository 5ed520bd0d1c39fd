//! What an accountant can check by reading: decisions, what becomes of an approval, and what goes
//! back of a payment, each as a table.

mod decisions;
mod laws;
mod returns;
mod scripts;
mod withdrawals;

use super::*;
use crate::{Country, Mcc};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn money(minor: i64, code: &str) -> Amount {
    Amount::from_minor(minor, currency(code)).unwrap()
}

fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

fn shop() -> Merchant {
    Merchant {
        name: "Corner".to_owned(),
        id: "M1".to_owned(),
        mcc: Mcc::parse("5411").unwrap(),
        city: "Lisbon".to_owned(),
        country: Country::parse("PT").unwrap(),
    }
}

/// An approval of so much, set aside as so much of the account's currency.
fn approved(kind: AuthorizationKind, asked: Amount, billing: Amount) -> Authorization {
    Authorization {
        id: AuthorizationId::new(1).unwrap(),
        number: "260301000000000001".to_owned(),
        card: CardId::new(2).unwrap(),
        account: AccountId::new(3).unwrap(),
        kind,
        origin: Origin::Platform,
        status: AuthorizationStatus::Open,
        asked,
        approved_minor: asked.minor(),
        reversed_minor: 0,
        cleared_minor: 0,
        billing_currency: billing.currency(),
        billing_minor: billing.minor(),
        rate: Rate::ONE,
        held_minor: billing.minor(),
        posted_minor: 0,
        restored_minor: 0,
        hold: HoldId::new(4).ok(),
        channel: Channel::Chip,
        merchant: shop(),
        wallet_token: None,
        overruled: None,
        reference: "r1".to_owned(),
        created_at: noon(),
        expires_at: AuthorizationTerms::DEFAULT.expires_at(&shop(), noon()),
        updated_at: noon(),
    }
}

#[test]
fn words_read_back() {
    for kind in AuthorizationKind::ALL {
        assert_eq!(AuthorizationKind::from_word(kind.word()), Some(kind));
    }
    for reason in DeclineReason::ALL {
        assert_eq!(DeclineReason::from_word(reason.word()), Some(reason));
        let status = AuthorizationStatus::Declined(reason);
        let read = AuthorizationStatus::from_parts(status.word(), status.reason());
        assert_eq!(read, Some(status));
    }
    for status in [
        AuthorizationStatus::Answered,
        AuthorizationStatus::Open,
        AuthorizationStatus::Cleared,
        AuthorizationStatus::Reversed,
        AuthorizationStatus::Expired,
    ] {
        let read = AuthorizationStatus::from_parts(status.word(), None);
        assert_eq!(read, Some(status));
        let reason = Some(DeclineReason::InvalidPin);
        assert_eq!(AuthorizationStatus::from_parts(status.word(), reason), None);
    }
    assert_eq!(AuthorizationStatus::from_parts("declined", None), None);
    for kind in TransactionKind::ALL {
        assert_eq!(TransactionKind::from_word(kind.word()), Some(kind));
    }
    for origin in [Origin::Platform, Origin::StandIn] {
        assert_eq!(Origin::from_word(origin.word()), Some(origin));
    }
}

#[test]
fn an_approval_lasts_a_week_and_a_month_at_hotels_and_rentals() {
    let until = |mcc: &str| {
        let place = Merchant {
            mcc: Mcc::parse(mcc).unwrap(),
            ..shop()
        };
        let ends = AuthorizationTerms::DEFAULT.expires_at(&place, noon());
        ends.to_string()
    };
    assert_eq!(until("5411"), "2026-03-08T12:00:00Z");
    assert_eq!(until("7011"), "2026-04-01T12:00:00Z");
    assert_eq!(until("7512"), "2026-04-01T12:00:00Z");
    let most = AuthorizationTerms::DEFAULT.expires_at(&shop(), Timestamp::MAX);
    assert_eq!(most, Timestamp::MAX, "time stops at its end");
}
