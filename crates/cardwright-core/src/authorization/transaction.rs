//! What was settled: postings, refunds, and disputes about them.

use crate::{
    AccountId, Amount, AuthorizationId, CardId, DisputeId, Merchant, PaymentRefusal, Refusal,
    Timestamp, TransactionId, VoidId, exchange::proportion,
};

/// What kind of settlement a transaction is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TransactionKind {
    /// The merchant was paid for what had been authorized.
    Clearing,
    /// The merchant was paid without, or after the end of, an authorization.
    ForcedPosting,
    /// The merchant gave money back.
    Refund,
    /// The merchant took a refund back.
    RefundReversal,
}

impl TransactionKind {
    /// Every kind.
    pub const ALL: [TransactionKind; 4] = [
        TransactionKind::Clearing,
        TransactionKind::ForcedPosting,
        TransactionKind::Refund,
        TransactionKind::RefundReversal,
    ];

    /// The stored word, also the one on the native wire.
    pub fn word(self) -> &'static str {
        match self {
            TransactionKind::Clearing => "clearing",
            TransactionKind::ForcedPosting => "forced_posting",
            TransactionKind::Refund => "refund",
            TransactionKind::RefundReversal => "refund_reversal",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<TransactionKind> {
        TransactionKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// Whether the holder paid.
    fn is_payment(self) -> bool {
        matches!(
            self,
            TransactionKind::Clearing | TransactionKind::ForcedPosting
        )
    }
}

/// Where a settlement left its account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Settlement {
    /// At or above its floor.
    Covered,
    /// Below: the account owes.
    Overdrawn,
}

/// A transaction of a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transaction {
    /// Its record id.
    pub id: TransactionId,
    /// What kind.
    pub kind: TransactionKind,
    /// What had been asked before, if anything had.
    pub authorization: Option<AuthorizationId>,
    /// What it gives back or takes back, if that is known.
    pub original: Option<TransactionId>,
    /// Which card.
    pub card: CardId,
    /// Whose money.
    pub account: AccountId,
    /// How much, in the merchant's currency.
    pub amount: Amount,
    /// How much in the account's currency, markup included.
    pub billing: Amount,
    /// The markup in it.
    pub markup_minor: i64,
    /// How much of `amount` was given back, or, of a refund, taken back.
    pub returned_minor: i64,
    /// How much of `billing` that was.
    pub returned_billing_minor: i64,
    /// How it left the account.
    pub settlement: Settlement,
    /// Where.
    pub merchant: Merchant,
    /// The network's own reference.
    pub reference: String,
    /// When it was posted.
    pub created_at: Timestamp,
}

/// A part of a transaction that goes back, in both currencies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Return {
    /// The original afterwards.
    pub original: Transaction,
    /// What goes back, in the merchant's currency.
    pub minor: i64,
    /// What goes back, in minor units of the account, markup included.
    pub billing_minor: i64,
    /// The markup in it.
    pub markup_minor: i64,
}

impl Transaction {
    /// Gives back all that is left of it, or so much, at the rate it was settled at: whoever gives
    /// everything back gives back exactly what was taken.
    ///
    /// A payment is given back by a refund, a refund by its reversal.
    pub fn give_back(
        self,
        kind: TransactionKind,
        amount: Option<Amount>,
    ) -> Result<Return, Refusal> {
        let fits = match kind {
            TransactionKind::Refund => self.kind.is_payment(),
            TransactionKind::RefundReversal => self.kind == TransactionKind::Refund,
            TransactionKind::Clearing | TransactionKind::ForcedPosting => false,
        };
        if fits {
            self.take_out(amount)
        } else {
            Err(Refusal::Payment(PaymentRefusal::TransactionNotRefundable))
        }
    }

    /// Puts all that is left of a payment, or so much, in dispute. It is not given back a second
    /// time while the dispute lasts.
    pub fn dispute(self, amount: Option<Amount>) -> Result<Return, Refusal> {
        if self.kind.is_payment() {
            self.take_out(amount)
        } else {
            Err(Refusal::Payment(PaymentRefusal::TransactionNotDisputable))
        }
    }

    fn take_out(self, amount: Option<Amount>) -> Result<Return, Refusal> {
        let left = self.left_minor();
        let part = match amount {
            Some(amount) if amount.currency() != self.amount.currency() => {
                return Err(Refusal::CurrencyMismatch);
            }
            Some(amount) if amount.is_zero() => return Err(Refusal::AmountZero),
            Some(amount) => amount.minor(),
            None => left,
        };
        if part > left || left == 0 {
            return Err(Refusal::Payment(PaymentRefusal::ExceedsOriginal));
        }
        let left_billing = self.billing.minor() - self.returned_billing_minor;
        let billing_minor = proportion(left_billing, part, left);
        // The difference of two shares of the whole, so that all parts add up to all of it.
        let markup_of = |minor| proportion(self.markup_minor, minor, self.amount.minor());
        let markup_minor = markup_of(self.returned_minor + part) - markup_of(self.returned_minor);
        Ok(Return {
            original: Transaction {
                returned_minor: self.returned_minor + part,
                returned_billing_minor: self.returned_billing_minor + billing_minor,
                ..self
            },
            minor: part,
            billing_minor,
            markup_minor: markup_minor.min(billing_minor),
        })
    }

    /// Puts back what a dispute that was lost, or a refund that was taken back, had taken out, in
    /// both currencies: it can be given back again.
    #[must_use]
    pub fn put_back(self, minor: i64, billing_minor: i64) -> Transaction {
        Transaction {
            returned_minor: self.returned_minor - minor,
            returned_billing_minor: self.returned_billing_minor - billing_minor,
            ..self
        }
    }

    /// What can still be given back, in the merchant's currency.
    pub fn left_minor(&self) -> i64 {
        self.amount.minor() - self.returned_minor
    }
}

/// The record that an authorization was taken back: all of it, or so much.
///
/// The authorization itself says only how much is gone in all; whoever follows a card wants to see
/// each time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Void {
    /// Its record id.
    pub id: VoidId,
    /// What was taken back.
    pub authorization: AuthorizationId,
    /// Of which card.
    pub card: CardId,
    /// How much, in the merchant's currency.
    pub amount: Amount,
    /// How much was no longer set aside, in the account's currency.
    pub billing: Amount,
    /// When.
    pub created_at: Timestamp,
}

/// How far a dispute is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DisputeState {
    /// The holder has the money back for the time being.
    Open,
    /// The holder keeps it; the network pays.
    Won,
    /// It was taken back.
    Lost,
}

/// How a dispute ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DisputeOutcome {
    /// For the holder.
    Won,
    /// Against the holder.
    Lost,
}

impl DisputeState {
    /// The stored word, also the one on the native wire.
    pub fn word(self) -> &'static str {
        match self {
            DisputeState::Open => "open",
            DisputeState::Won => "won",
            DisputeState::Lost => "lost",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<DisputeState> {
        [DisputeState::Open, DisputeState::Won, DisputeState::Lost]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A dispute about a payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispute {
    /// Its record id.
    pub id: DisputeId,
    /// What it is about.
    pub transaction: TransactionId,
    /// How far it is.
    pub state: DisputeState,
    /// How much of the payment, in the merchant's currency.
    pub amount: Amount,
    /// How much that was in the account's currency.
    pub billing: Amount,
    /// What the holder says.
    pub reason: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Dispute {
    /// Ends the dispute, once.
    pub fn end(self, outcome: DisputeOutcome, now: Timestamp) -> Result<Dispute, Refusal> {
        let state = match (self.state, outcome) {
            (DisputeState::Open, DisputeOutcome::Won) => DisputeState::Won,
            (DisputeState::Open, DisputeOutcome::Lost) => DisputeState::Lost,
            (DisputeState::Won | DisputeState::Lost, _) => {
                return Err(Refusal::DisputeTransitionNotAllowed);
            }
        };
        Ok(Dispute {
            state,
            updated_at: now,
            ..self
        })
    }
}
