//! Decisions, told in tables: every reason, and which of two comes first.

use super::*;
use crate::{AccountStatus, CardState, CloseReason, Expiry, PlatformBlock};

/// What is asked and known; every fact is fine until a line says otherwise.
struct Facts {
    question: Question,
    standing: Standing,
    ruling: Ruling,
}

fn reason(word: &str) -> DeclineReason {
    DeclineReason::from_word(word).unwrap_or_else(|| panic!("what is {word}?"))
}

impl Facts {
    fn fine() -> Facts {
        Facts {
            question: Question {
                kind: AuthorizationKind::Purchase,
                billing: Some(money(100, "USD")),
                partial: Partial::Refused,
                expiry: Presented::Right,
                cvv: Presented::Nothing,
                pin: Presented::Right,
                pin_free_minor: None,
                forced: None,
            },
            standing: Standing {
                state: CardState::Active,
                block: PlatformBlock::Clear,
                expiry: Expiry::new(2026, 3).unwrap(),
                account: AccountStatus::Active,
                available_minor: 100,
            },
            ruling: Ruling::FREE,
        }
    }

    fn but(mut self, fact: &str) -> Facts {
        let (question, standing) = (&mut self.question, &mut self.standing);
        let (since, at) = (noon(), noon());
        match fact.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["pending"] => standing.state = CardState::Pending,
            ["inactive"] => standing.state = CardState::Inactive,
            ["frozen"] => standing.state = CardState::Frozen { since },
            ["dormant"] => standing.state = CardState::Dormant { since },
            ["closed"] => {
                let reason = CloseReason::Lost;
                standing.state = CardState::Closed { reason, at };
            }
            ["closed", "of", "age"] => {
                let reason = CloseReason::Expired;
                standing.state = CardState::Closed { reason, at };
            }
            ["blocked"] => standing.block = PlatformBlock::Blocked { since },
            ["ended", "in", "february"] => standing.expiry = Expiry::new(2026, 2).unwrap(),
            ["month", "wrong"] => question.expiry = Presented::Wrong,
            ["month", "not", "presented"] => question.expiry = Presented::Nothing,
            ["cvv", "wrong"] => question.cvv = Presented::Wrong,
            ["cvv", "right"] => question.cvv = Presented::Right,
            ["pin", "wrong"] => question.pin = Presented::Wrong,
            ["pin", "locked"] => question.pin = Presented::Locked,
            ["pin", "not", "presented"] => question.pin = Presented::Nothing,
            ["pin", "free", "to", minor] => {
                question.pin_free_minor = Some(minor.parse().unwrap());
            }
            ["account", "frozen"] => standing.account = AccountStatus::Frozen,
            ["account", "closed"] => standing.account = AccountStatus::Closed,
            ["no", "rate"] => question.billing = None,
            ["against", word] => {
                self.ruling = Ruling {
                    against: Some(reason(word)),
                    room_minor: 0,
                }
            }
            ["room", room] => self.ruling.room_minor = room.parse().unwrap(),
            ["forced", word] => question.forced = Some(reason(word)),
            ["partial"] => question.partial = Partial::Allowed,
            ["available", minor] => standing.available_minor = minor.parse().unwrap(),
            [kind, minor] => {
                question.kind =
                    AuthorizationKind::from_word(kind).unwrap_or_else(|| panic!("what is {fact}?"));
                question.billing = Some(money(minor.parse().unwrap(), "USD"));
            }
            _ => panic!("what is {fact}?"),
        }
        self
    }

    fn decided(&self) -> String {
        let today = crate::Date::constant(2026, 3, 31);
        match decide(&self.question, &self.standing, self.ruling, today) {
            Decision::Approve { billing } => format!("approve {}", billing.minor()),
            Decision::Decline(reason) => reason.word().to_owned(),
        }
    }
}

/// Runs a table: what is not as it should be, and the answer.
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (facts, answer) = line.split_once("->").expect(line);
        let facts = facts
            .split(',')
            .map(str::trim)
            .filter(|fact| !fact.is_empty())
            .fold(Facts::fine(), Facts::but);
        assert_eq!(facts.decided(), answer.trim(), "{line}");
    }
}

#[test]
fn a_request_is_approved_or_declined_for_the_first_thing_that_is_wrong() {
    check(
        "
        purchase 100                                -> approve 100
        cash 100                                    -> approve 100
        quasi_cash 100                              -> approve 100
        purchase 101                                -> insufficient_funds
        purchase 1, available 0                     -> insufficient_funds
        purchase 1, available -5                    -> insufficient_funds
        month not presented, pin not presented      -> approve 100
        cvv right                                   -> approve 100
        pending                                     -> card_not_active
        inactive                                    -> card_not_active
        frozen                                      -> card_not_active
        dormant                                     -> card_not_active
        closed                                      -> card_not_active
        blocked                                     -> card_not_active
        ended in february                           -> card_expired
        closed of age                               -> card_expired
        closed of age, blocked                      -> card_expired
        closed of age, ended in february            -> card_expired
        month wrong                                 -> invalid_expiry
        cvv wrong                                   -> invalid_cvv
        pin wrong                                   -> invalid_pin
        pin locked                                  -> pin_tries_exceeded
        pin not presented, pin free to 99           -> pin_required
        pin not presented, pin free to 100          -> approve 100
        pin not presented, pin free to 0            -> pin_required
        pin free to 0                               -> approve 100
        pin wrong, pin free to 100                  -> invalid_pin
        pin locked, pin free to 100                 -> pin_tries_exceeded
        pin not presented, pin free to 0, no rate   -> currency_not_supported
        account frozen                              -> account_not_active
        account closed                              -> account_not_active
        no rate                                     -> currency_not_supported
        against channel_not_allowed                 -> channel_not_allowed
        against country_not_allowed                 -> country_not_allowed
        against merchant_not_allowed                -> merchant_not_allowed
        against limit_exceeded                      -> limit_exceeded
        forced system_error                         -> system_error
        forced insufficient_funds                   -> insufficient_funds
    ",
    );
}

#[test]
fn part_is_approved_only_where_it_is_asked_for_and_there_is_some() {
    check(
        "
        purchase 150, partial                                           -> approve 100
        purchase 100, partial                                           -> approve 100
        purchase 150, partial, available 0                              -> insufficient_funds
        purchase 150, partial, available -1                             -> insufficient_funds
        cash 150, partial, available 1                                  -> approve 1
        purchase 90, partial, against limit_exceeded, room 60           -> approve 60
        purchase 90, partial, against limit_exceeded, room 60, available 50 -> approve 50
        purchase 90, partial, against limit_exceeded, room 0            -> limit_exceeded
        purchase 90, against limit_exceeded, room 60                    -> limit_exceeded
        purchase 90, partial, against merchant_not_allowed, room 60     -> merchant_not_allowed
        purchase 90, partial, against limit_exceeded, room 60, available 0 -> insufficient_funds
    ",
    );
}

#[test]
fn what_spends_nothing_needs_no_money_but_a_card_that_works() {
    check(
        "
        account_verification 0, available -5        -> approve 0
        balance_inquiry 0, available -5             -> approve 0
        refund 150, available -5                    -> approve 150
        refund 150, against limit_exceeded          -> approve 150
        balance_inquiry 0, against limit_exceeded   -> approve 0
        account_verification 0, frozen              -> card_not_active
        account_verification 0, cvv wrong           -> invalid_cvv
        balance_inquiry 0, pin wrong                -> invalid_pin
        refund 150, ended in february               -> card_expired
        refund 150, account closed                  -> account_not_active
        refund 150, against country_not_allowed     -> country_not_allowed
        refund 150, no rate                         -> currency_not_supported
    ",
    );
}

#[test]
fn of_two_things_that_are_wrong_the_earlier_check_is_the_reason() {
    let order = [
        ("forced system_error", "system_error"),
        ("blocked", "card_not_active"),
        ("ended in february", "card_expired"),
        ("month wrong", "invalid_expiry"),
        ("cvv wrong", "invalid_cvv"),
        ("pin wrong", "invalid_pin"),
        ("account frozen", "account_not_active"),
        ("no rate", "currency_not_supported"),
        ("against country_not_allowed", "country_not_allowed"),
        ("available 99", "insufficient_funds"),
    ];
    for (index, (first, reason)) in order.iter().enumerate() {
        assert_eq!(Facts::fine().but(first).decided(), *reason, "{first}");
        for (second, _) in &order[index + 1..] {
            let both = Facts::fine().but(second).but(first);
            assert_eq!(both.decided(), *reason, "{first} and {second}");
        }
    }
    for later in [
        "account frozen",
        "against country_not_allowed",
        "available 99",
    ] {
        check(&format!(
            "pin not presented, pin free to 99, {later} -> pin_required"
        ));
    }
    check("pin not presented, pin free to 99, cvv wrong -> invalid_cvv");
    for other in ["pin locked, account frozen", "pin locked, no rate"] {
        check(&format!("{other} -> pin_tries_exceeded"));
    }
    check("against limit_exceeded, available 99 -> limit_exceeded");
}

#[test]
fn a_pin_is_asked_for_where_a_purchase_is_made_with_the_card_at_hand() {
    let asked: Vec<(AuthorizationKind, Channel)> = AuthorizationKind::ALL
        .into_iter()
        .flat_map(|kind| Channel::ALL.map(|channel| (kind, channel)))
        .filter(|(kind, channel)| kind.asks_for_pin(*channel))
        .collect();
    let purchase = AuthorizationKind::Purchase;
    assert_eq!(
        asked,
        [
            (purchase, Channel::Contactless),
            (purchase, Channel::Chip),
            (purchase, Channel::Magstripe),
        ]
    );
}

#[test]
fn amounts_must_suit_what_is_asked() {
    for kind in AuthorizationKind::ALL {
        let nothing = kind.check_amount(money(0, "USD"));
        let something = kind.check_amount(money(1, "USD"));
        match kind {
            AuthorizationKind::Purchase
            | AuthorizationKind::Cash
            | AuthorizationKind::QuasiCash
            | AuthorizationKind::Refund => {
                assert_eq!((nothing, something), (Err(Refusal::AmountZero), Ok(())));
            }
            AuthorizationKind::Verification | AuthorizationKind::BalanceInquiry => {
                let refused = Err(Refusal::AmountOutOfRange);
                assert_eq!((nothing, something), (Ok(()), refused));
            }
        }
    }
}
