//! What is taken back of an authorization that somebody else was asked about and did not approve.

use super::*;

const NO: DeclineReason = DeclineReason::InsufficientFunds;

fn open() -> Authorization {
    approved(
        AuthorizationKind::Purchase,
        money(1_000, "USD"),
        money(900, "EUR"),
    )
}

/// Status, approved, still held, and what the withdrawal itself gives free.
fn figures(reversal: &Reversal) -> (&'static str, i64, i64, i64) {
    let after = &reversal.after;
    (
        after.status.word(),
        after.approved_minor,
        after.held_minor,
        reversal.released_minor,
    )
}

#[test]
fn a_new_authorization_is_declined_and_holds_nothing() {
    let withdrawn = open().withdraw(Withdrawn::All, NO, later());
    assert_eq!(figures(&withdrawn), ("declined", 0, 0, 900));
    assert_eq!(withdrawn.after.status.reason(), Some(NO));
    assert_eq!(withdrawn.after.counted_minor(), 0);
    assert_eq!(withdrawn.after.reversed_minor, 0, "it was never approved");
}

#[test]
fn a_verification_is_declined() {
    let answered = Authorization {
        status: AuthorizationStatus::Answered,
        approved_minor: 0,
        held_minor: 0,
        ..open()
    };
    let withdrawn = answered.withdraw(Withdrawn::All, NO, later());
    assert_eq!(figures(&withdrawn), ("declined", 0, 0, 0));
}

#[test]
fn a_raise_gives_back_exactly_what_it_set_aside() {
    for (more, billing) in [(500, 449), (1, 0), (333, 301)] {
        let raised = open().increment(money(more, "USD"), billing, later());
        let what = Withdrawn::Raise(money(more, "USD"), billing);
        let withdrawn = raised.unwrap().withdraw(what, NO, later());
        assert_eq!(figures(&withdrawn), ("open", 1_000, 900, billing), "{more}");
        assert_eq!(withdrawn.after.billing_minor, 900);
    }
}

#[test]
fn what_was_taken_back_meanwhile_is_not_given_back_twice() {
    let raised = open().increment(money(500, "USD"), 450, later()).unwrap();
    let what = Withdrawn::Raise(money(500, "USD"), 450);
    let partly = raised.clone().reverse(Some(money(1_200, "USD")), later());
    let partly = partly.unwrap().after;
    let held = partly.held_minor;
    let withdrawn = partly.withdraw(what, NO, later());
    assert_eq!(figures(&withdrawn), ("reversed", 1_200, 0, held));

    for what in [what, Withdrawn::All] {
        let reversed = raised.clone().reverse(None, later()).unwrap().after;
        let withdrawn = reversed.clone().withdraw(what, NO, later());
        assert_eq!(withdrawn.after, reversed);
        assert_eq!(withdrawn.released_minor, 0);
    }
}

#[test]
fn a_merchant_that_was_paid_meanwhile_keeps_what_it_has() {
    let cleared = open().clear(money(400, "USD"), 360, Sequel::More, later());
    let cleared = cleared.unwrap().after;
    let held = cleared.held_minor;
    let withdrawn = cleared.withdraw(Withdrawn::All, NO, later());
    assert_eq!(figures(&withdrawn), ("cleared", 400, 0, held));
}
