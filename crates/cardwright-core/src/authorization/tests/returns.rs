//! What goes back of a payment, told in tables: refunds, disputes, and their ends.

use super::*;
use crate::{DisputeId, TransactionId};

/// A payment of 100 euros that cost 110.14 dollars, 1.64 of them markup.
fn payment(kind: TransactionKind) -> Transaction {
    settled(kind, money(10_000, "EUR"), (money(11_014, "USD"), 164))
}

fn settled(
    kind: TransactionKind,
    amount: Amount,
    (billing, markup_minor): (Amount, i64),
) -> Transaction {
    Transaction {
        id: TransactionId::new(7).unwrap(),
        kind,
        authorization: AuthorizationId::new(1).ok(),
        original: None,
        card: CardId::new(2).unwrap(),
        account: AccountId::new(3).unwrap(),
        amount,
        billing,
        markup_minor,
        returned_minor: 0,
        returned_billing_minor: 0,
        settlement: Settlement::Covered,
        merchant: shop(),
        reference: "s1".to_owned(),
        created_at: noon(),
    }
}

fn word(kind: &str) -> TransactionKind {
    TransactionKind::from_word(kind).unwrap_or_else(|| panic!("what is {kind}?"))
}

/// Runs a table about one transaction: what goes back of it, and after `=` how much that is in its
/// currency and in the account's, the markup in that, and what is left; or why not.
fn check(mut now: Transaction, table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (happens, expected) = line.split_once('=').expect(line);
        let amount = |code: &str, text: &str| Amount::parse(text, currency(code)).ok();
        let outcome = match happens.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["dispute"] => now.clone().dispute(None),
            ["dispute", code, part] => now.clone().dispute(amount(code, part)),
            ["put", "back", part, billing] => {
                let minor = |text: &str| amount("USD", text).unwrap().minor();
                now = now.put_back(minor(part), minor(billing));
                let left = now.amount.currency().print(now.left_minor());
                assert_eq!(format!("left {left}"), expected.trim(), "{line}");
                continue;
            }
            [kind] => now.clone().give_back(word(kind), None),
            [kind, code, part] => now.clone().give_back(word(kind), amount(code, part)),
            other => panic!("what is {other:?}?"),
        };
        let said = match outcome {
            Ok(back) => {
                let (asked, billed) = (now.amount.currency(), now.billing.currency());
                now = back.original;
                format!(
                    "{} as {} markup {} left {}",
                    asked.print(back.minor),
                    billed.print(back.billing_minor),
                    billed.print(back.markup_minor),
                    asked.print(now.left_minor())
                )
            }
            Err(refusal) => refusal.code().to_owned(),
        };
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(said, expected.join(" "), "{line}");
    }
}

#[test]
fn refunds_in_parts_give_back_exactly_what_was_taken() {
    check(
        payment(TransactionKind::Clearing),
        "
        refund EUR 33.33  = 33.33 as 36.71 markup 0.55 left 66.67
        refund USD 33.33  = currency_mismatch
        refund EUR 0.00   = amount_zero
        refund EUR 66.68  = exceeds_original
        refund EUR 33.33  = 33.33 as 36.71 markup 0.54 left 33.34
        refund            = 33.34 as 36.72 markup 0.55 left 0.00
        refund            = exceeds_original
        refund EUR 0.01   = exceeds_original
    ",
    );
    // A cent of markup on three: it goes back once.
    check(
        settled(
            TransactionKind::ForcedPosting,
            money(4, "EUR"),
            (money(5, "USD"), 1),
        ),
        "
        refund EUR 0.02 = 0.02 as 0.03 markup 0.01 left 0.02
        refund EUR 0.02 = 0.02 as 0.02 markup 0.00 left 0.00
    ",
    );
}

#[test]
fn what_is_disputed_is_not_refunded_too_unless_the_dispute_is_lost() {
    check(
        payment(TransactionKind::Clearing),
        "
        dispute EUR 60.00    = 60.00 as 66.08 markup 0.98 left 40.00
        refund EUR 40.01     = exceeds_original
        put back 60.00 66.08 = left 100.00
        refund EUR 100.00    = 100.00 as 110.14 markup 1.64 left 0.00
        dispute              = exceeds_original
        put back 100.00 110.14 = left 100.00
        dispute              = 100.00 as 110.14 markup 1.64 left 0.00
    ",
    );
}

#[test]
fn each_kind_goes_back_its_own_way() {
    let no_refund = "transaction_not_refundable";
    let no_dispute = "transaction_not_disputable";
    for (kind, refund, reversal, dispute) in [
        (TransactionKind::Clearing, "", no_refund, ""),
        (TransactionKind::ForcedPosting, "", no_refund, ""),
        (TransactionKind::Refund, no_refund, "", no_dispute),
        (
            TransactionKind::RefundReversal,
            no_refund,
            no_refund,
            no_dispute,
        ),
    ] {
        let code = |outcome: Result<Return, Refusal>| outcome.err().map_or("", Refusal::code);
        let back = |how| code(payment(kind).give_back(how, None));
        assert_eq!(back(TransactionKind::Refund), refund, "{kind:?}");
        assert_eq!(back(TransactionKind::RefundReversal), reversal, "{kind:?}");
        assert_eq!(back(TransactionKind::Clearing), no_refund, "{kind:?}");
        assert_eq!(back(TransactionKind::ForcedPosting), no_refund, "{kind:?}");
        assert_eq!(code(payment(kind).dispute(None)), dispute, "{kind:?}");
    }
}

#[test]
fn a_dispute_ends_once() {
    let open = Dispute {
        id: DisputeId::new(9).unwrap(),
        transaction: TransactionId::new(7).unwrap(),
        state: DisputeState::Open,
        amount: money(10_000, "EUR"),
        billing: money(11_014, "USD"),
        reason: "not mine".to_owned(),
        created_at: noon(),
        updated_at: noon(),
    };
    for (outcome, word) in [(DisputeOutcome::Won, "won"), (DisputeOutcome::Lost, "lost")] {
        let ended = open.clone().end(outcome, later()).unwrap();
        assert_eq!((ended.state.word(), ended.updated_at), (word, later()));
        assert_eq!(DisputeState::from_word(word), Some(ended.state));
        for again in [DisputeOutcome::Won, DisputeOutcome::Lost] {
            let refused = Err(Refusal::DisputeTransitionNotAllowed);
            assert_eq!(ended.clone().end(again, later()), refused);
        }
    }
}
