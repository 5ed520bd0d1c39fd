//! Laws that hold whatever happens to an approval or goes back of a payment.

use proptest::prelude::*;

use super::*;
use crate::TransactionId;

/// What a random line of a script is made of.
type Line = (u8, i64, i64, u8);

/// How much was used and given free so far.
#[derive(Default)]
struct Gone {
    used: i64,
    released: i64,
}

fn happen(
    before: &Authorization,
    (verb, minor, cost, choice): Line,
    gone: &mut Gone,
) -> Option<Authorization> {
    let asked = money(minor, "EUR");
    let sequel = if choice == 0 {
        Sequel::Last
    } else {
        Sequel::More
    };
    let freed = |reversal: Reversal| {
        gone.released += reversal.released_minor;
        reversal.after
    };
    let before = before.clone();
    match verb {
        0 => before.increment(asked, cost, later()).ok(),
        1 => before.reverse(Some(asked), later()).ok().map(freed),
        2 => before.reverse(None, later()).ok().map(freed),
        3 => before.expire(later()).ok().map(freed),
        4 => {
            // Refunds never give back more than was posted.
            let most = before.posted_minor - before.restored_minor;
            Some(before.restore(cost.min(most), later()))
        }
        5 => Some(before.count_again(cost, later())),
        _ => {
            let other = if choice == 1 { "USD" } else { "EUR" };
            let done = before.clear(money(minor, other), cost, sequel, later());
            done.ok().map(|clearing| {
                gone.used += clearing.used_minor;
                gone.released += clearing.released_minor;
                clearing.after
            })
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_all_that_was_approved_is_held_used_or_given_free(
        asked in 1..2_000_i64,
        billing in 0..3_000_i64,
        lines in prop::collection::vec((0..9_u8, 0..1_500_i64, 0..1_500_i64, 0..4_u8), 0..30),
    ) {
        let (asked, cost) = (money(asked, "EUR"), money(billing, "USD"));
        let mut now = approved(AuthorizationKind::Purchase, asked, cost);
        let mut gone = Gone::default();
        for line in lines {
            let was_open = now.status == AuthorizationStatus::Open;
            let before = now.clone();
            let Some(after) = happen(&before, line, &mut gone) else { continue };
            now = after;
            let is_open = now.status == AuthorizationStatus::Open;
            prop_assert!(now.open_minor() >= 0 && now.held_minor >= 0, "{line:?}: {now:?}");
            prop_assert_eq!(
                now.billing_minor,
                now.held_minor + gone.used + gone.released,
                "{:?}",
                line
            );
            prop_assert!(was_open || !is_open, "it was opened again: {line:?}");
            prop_assert!(is_open || now.held_minor == 0, "held after the end: {line:?}");
            if is_open {
                let can_come = now.open_minor() > 0 || now.held_minor > 0;
                prop_assert!(can_come, "open for nothing: {line:?}");
            }
            let counted = now.held_minor + now.posted_minor - now.restored_minor;
            prop_assert!(counted >= 0);
            prop_assert_eq!(now.counted_minor(), counted);
            prop_assert!(now.posted_minor >= before.posted_minor, "unposted: {line:?}");
            prop_assert!(now.reversed_minor + now.open_minor() <= now.approved_minor);
        }
    }

    #[test]
    fn whatever_goes_back_in_parts_adds_up_to_what_was_paid(
        amount in 1..5_000_i64,
        billing in 0..6_000_i64,
        markup in 0..300_i64,
        parts in prop::collection::vec(1..900_i64, 0..20),
    ) {
        let markup = markup.min(billing / 2);
        let mut now = Transaction {
            id: TransactionId::new(7).unwrap(),
            kind: TransactionKind::Clearing,
            authorization: None,
            original: None,
            card: CardId::new(2).unwrap(),
            account: AccountId::new(3).unwrap(),
            amount: money(amount, "EUR"),
            billing: money(billing, "USD"),
            markup_minor: markup,
            returned_minor: 0,
            returned_billing_minor: 0,
            settlement: Settlement::Covered,
            merchant: shop(),
            reference: "s1".to_owned(),
            created_at: noon(),
        };
        let (mut back, mut of_markup) = (0, 0);
        let parts = parts.into_iter().map(|part| Some(money(part, "EUR"))).chain([None]);
        for part in parts {
            let Ok(taken) = now.clone().give_back(TransactionKind::Refund, part) else { continue };
            prop_assert!((0..=taken.billing_minor).contains(&taken.markup_minor));
            back += taken.billing_minor;
            of_markup += taken.markup_minor;
            now = taken.original;
        }
        prop_assert_eq!((now.left_minor(), back), (0, billing));
        prop_assert!(of_markup <= markup);
    }
}
