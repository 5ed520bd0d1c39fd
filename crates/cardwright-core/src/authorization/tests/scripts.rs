//! What becomes of an approval, told in scripts that an accountant can follow.

use super::*;

fn sequel(word: &str) -> Sequel {
    match word {
        "more" => Sequel::More,
        "last" => Sequel::Last,
        other => panic!("what is {other}?"),
    }
}

fn amount(code: &str, text: &str) -> Amount {
    Amount::parse(text, currency(code)).unwrap()
}

/// One line of a script, from the authorization before to the one after.
fn take(before: Authorization, words: &[&str]) -> Result<Authorization, Refusal> {
    let account = before.billing_currency.code();
    let billing = |text: &str| amount(account, text).minor();
    match words {
        ["increment", code, more, "as", cost] => {
            before.increment(amount(code, more), billing(cost), later())
        }
        ["reverse"] => before.reverse(None, later()).map(|done| done.after),
        ["reverse", code, part] => {
            let part = Some(amount(code, part));
            before.reverse(part, later()).map(|done| done.after)
        }
        ["expire"] => before.expire(later()).map(|done| done.after),
        ["clear", code, part, "as", cost, word] => {
            let (part, cost) = (amount(code, part), billing(cost));
            let done = before.clear(part, cost, sequel(word), later());
            done.map(|done| done.after)
        }
        ["refund", code, part, "as", cost] => {
            let part = before.refunded(Some(amount(code, part)))?;
            let done = before.clear(part, billing(cost), Sequel::Last, later());
            done.map(|done| done.after)
        }
        ["refund", "as", cost] => {
            let all = before.refunded(None)?;
            let done = before.clear(all, billing(cost), Sequel::Last, later());
            done.map(|done| done.after)
        }
        ["restore", minor] => Ok(before.restore(billing(minor), later())),
        ["count", "again", minor] => Ok(before.count_again(billing(minor), later())),
        other => panic!("what is {other:?}?"),
    }
}

fn shown(found: &Authorization) -> String {
    let asked = |minor| found.asked.currency().print(minor);
    let billed = |minor| found.billing_currency.print(minor);
    format!(
        "open {} held {} posted {} counted {} {}",
        asked(found.open_minor()),
        billed(found.held_minor),
        billed(found.posted_minor),
        billed(found.counted_minor()),
        found.status.word()
    )
}

/// Runs a script: what happens, and after `=` what is open, held, posted and counted then, or why
/// it is refused.
fn check(script: &str) {
    let mut now: Option<Authorization> = None;
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (happens, expected) = line.split_once('=').expect(line);
        let words: Vec<&str> = happens.split_whitespace().collect();
        let outcome = match (words.as_slice(), &now) {
            (["authorize", kind, code, asked, "as", account, cost], _) => {
                let kind = AuthorizationKind::from_word(kind).expect(line);
                Ok(approved(kind, amount(code, asked), amount(account, cost)))
            }
            (words, Some(before)) => take(before.clone(), words),
            (_, None) => panic!("begin with authorize: {line}"),
        };
        let said = match outcome {
            Ok(after) => {
                let said = shown(&after);
                now = Some(after);
                said
            }
            Err(refusal) => refusal.code().to_owned(),
        };
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(said, expected.join(" "), "{line}");
    }
}

#[test]
fn an_approval_is_cleared_in_parts_until_the_last() {
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 40.00 as 40.00 more               = open 60.00 held 60.00 posted 40.00 counted 100.00 open
        reverse USD 10.00                           = open 50.00 held 50.00 posted 40.00 counted 90.00 open
        reverse USD 50.01                           = exceeds_hold
        clear USD 0.00 as 0.00 last                 = amount_zero
        clear USD 70.00 as 70.00 last               = open 0.00 held 0.00 posted 110.00 counted 110.00 cleared
        expire                                      = authorization_not_open
        increment USD 1.00 as 1.00                  = authorization_not_open
        reverse USD 1.00                            = authorization_cleared
    ",
    );
}

#[test]
fn an_approval_in_another_currency_is_used_up_in_proportion() {
    check(
        "
        authorize purchase EUR 100.00 as USD 108.50 = open 100.00 held 108.50 posted 0.00 counted 108.50 open
        clear EUR 40.00 as 43.90 more               = open 60.00 held 65.10 posted 43.90 counted 109.00 open
        reverse EUR 10.00                           = open 50.00 held 54.25 posted 43.90 counted 98.15 open
        reverse USD 10.00                           = currency_mismatch
        increment EUR 20.00 as 21.70                = open 70.00 held 75.95 posted 43.90 counted 119.85 open
        increment USD 20.00 as 20.00                = currency_mismatch
        clear USD 30.00 as 30.00 more               = open 42.35 held 45.95 posted 73.90 counted 119.85 open
        expire                                      = open 0.00 held 0.00 posted 73.90 counted 73.90 cleared
    ",
    );
}

#[test]
fn the_last_clearing_gives_the_rest_free_and_one_may_exceed_the_hold() {
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 30.00 as 30.00 last               = open 0.00 held 0.00 posted 30.00 counted 30.00 cleared
    ",
    );
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 125.00 as 125.00 more             = open 0.00 held 0.00 posted 125.00 counted 125.00 cleared
        clear USD 5.00 as 5.00 more                 = open 0.00 held 0.00 posted 130.00 counted 130.00 cleared
    ",
    );
}

#[test]
fn a_reversal_may_come_again_and_after_the_end_and_changes_nothing_then() {
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        reverse USD 0.00                            = amount_zero
        reverse                                     = open 0.00 held 0.00 posted 0.00 counted 0.00 reversed
        reverse                                     = open 0.00 held 0.00 posted 0.00 counted 0.00 reversed
        reverse USD 5.00                            = open 0.00 held 0.00 posted 0.00 counted 0.00 reversed
        clear USD 30.00 as 30.00 last               = open 0.00 held 0.00 posted 30.00 counted 30.00 reversed
    ",
    );
    check(
        "
        authorize cash USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        expire                                  = open 0.00 held 0.00 posted 0.00 counted 0.00 expired
        expire                                  = authorization_not_open
        reverse                                 = open 0.00 held 0.00 posted 0.00 counted 0.00 expired
        clear EUR 30.00 as 32.55 last           = open 0.00 held 0.00 posted 32.55 counted 32.55 expired
    ",
    );
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 40.00 as 40.00 more               = open 60.00 held 60.00 posted 40.00 counted 100.00 open
        reverse                                     = open 0.00 held 0.00 posted 40.00 counted 40.00 cleared
        reverse                                     = open 0.00 held 0.00 posted 40.00 counted 40.00 cleared
        reverse USD 40.00                           = authorization_cleared
    ",
    );
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 100.00 as 100.00 more             = open 0.00 held 0.00 posted 100.00 counted 100.00 cleared
        reverse                                     = authorization_cleared
    ",
    );
}

#[test]
fn a_rounding_that_uses_up_the_last_cent_held_ends_nothing() {
    // 150 dong are worth 0.585 cents here: one cent is held, and 60% of it is one cent again.
    check(
        "
        authorize purchase VND 150 as USD 0.01 = open 150 held 0.01 posted 0.00 counted 0.01 open
        clear VND 90 as 0.00 more              = open 60 held 0.00 posted 0.00 counted 0.00 open
        increment VND 260 as 0.01              = open 320 held 0.01 posted 0.00 counted 0.01 open
        reverse VND 300                        = open 20 held 0.00 posted 0.00 counted 0.00 open
        expire                                 = open 0 held 0.00 posted 0.00 counted 0.00 cleared
    ",
    );
    // Of one cent asked in euros three are held: clearing two in dollars is 0.67 of it, rounded up.
    check(
        "
        authorize purchase EUR 0.01 as USD 0.03 = open 0.01 held 0.03 posted 0.00 counted 0.03 open
        clear USD 0.02 as 0.02 more             = open 0.00 held 0.01 posted 0.02 counted 0.03 open
        reverse                                 = open 0.00 held 0.00 posted 0.02 counted 0.02 cleared
    ",
    );
}

#[test]
fn refunds_give_limits_back_and_their_reversals_take_them_again() {
    check(
        "
        authorize purchase USD 100.00 as USD 100.00 = open 100.00 held 100.00 posted 0.00 counted 100.00 open
        clear USD 100.00 as 100.00 last             = open 0.00 held 0.00 posted 100.00 counted 100.00 cleared
        restore 60.00                               = open 0.00 held 0.00 posted 100.00 counted 40.00 cleared
        restore 40.00                               = open 0.00 held 0.00 posted 100.00 counted 0.00 cleared
        count again 25.00                           = open 0.00 held 0.00 posted 100.00 counted 25.00 cleared
        count again 99.00                           = open 0.00 held 0.00 posted 100.00 counted 100.00 cleared
    ",
    );
}

#[test]
fn leave_to_give_money_back_counts_nothing_and_is_not_raised() {
    check(
        "
        authorize refund USD 50.00 as USD 50.00 = open 50.00 held 50.00 posted 0.00 counted 0.00 open
        increment USD 1.00 as 1.00              = authorization_not_open
        clear USD 50.00 as 50.00 last           = open 0.00 held 0.00 posted 50.00 counted 0.00 cleared
    ",
    );
}

#[test]
fn a_refund_gives_back_what_leave_was_asked_for_in_its_currency_and_once() {
    check(
        "
        authorize refund EUR 50.00 as USD 54.25 = open 50.00 held 54.25 posted 0.00 counted 0.00 open
        refund EUR 50.01 as 54.26               = exceeds_original
        refund USD 50.00 as 50.00               = currency_mismatch
        refund USD 99.00 as 99.00               = currency_mismatch
        refund EUR 0.00 as 0.00                 = amount_zero
        reverse EUR 10.00                       = open 40.00 held 43.40 posted 0.00 counted 0.00 open
        refund EUR 40.01 as 43.41               = exceeds_original
        refund EUR 30.00 as 32.55               = open 0.00 held 0.00 posted 32.55 counted 0.00 cleared
        refund EUR 10.00 as 10.85               = authorization_not_open
    ",
    );
    check(
        "
        authorize refund EUR 50.00 as USD 54.25 = open 50.00 held 54.25 posted 0.00 counted 0.00 open
        refund as 54.25                         = open 0.00 held 0.00 posted 54.25 counted 0.00 cleared
        refund as 54.25                         = authorization_not_open
    ",
    );
    check(
        "
        authorize purchase EUR 50.00 as USD 54.25 = open 50.00 held 54.25 posted 0.00 counted 54.25 open
        refund EUR 50.00 as 54.25                 = authorization_not_open
    ",
    );
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let most = money(i64::MAX, "USD");
    let before = approved(AuthorizationKind::Purchase, most, most);
    let more = before.clone().increment(money(1, "USD"), 1, later());
    assert_eq!(more, Err(Refusal::BalanceOverflow));
    let cleared = before.clear(most, i64::MAX, Sequel::More, later()).unwrap();
    let again = cleared.after.clear(most, i64::MAX, Sequel::More, later());
    assert_eq!(again, Err(Refusal::BalanceOverflow));
}
