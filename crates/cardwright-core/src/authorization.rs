//! Authorizations: what the card network asks, what it is answered, and what becomes of the yes.
//!
//! Law: an approval sets money aside once; what is set aside ends posted, given back or expired,
//! and nothing is given back that was not set aside. Clearing always posts, whatever is left of
//! the approval, because the merchant has been paid already.

mod decide;
mod decline;
mod terms;
mod transaction;

pub use decide::{Decision, Partial, Presented, Question, Ruling, Standing, decide};
pub use decline::DeclineReason;
pub use terms::{AuthorizationTerms, LimitsAfterRefund};
pub use transaction::{
    Dispute, DisputeOutcome, DisputeState, Return, Settlement, Transaction, TransactionKind, Void,
};

use crate::{
    AccountId, Amount, AuthorizationId, CardId, Channel, Currency, HoldId, Merchant,
    PaymentRefusal, Rate, Refusal, Timestamp, exchange::proportion,
};

/// What the network asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AuthorizationKind {
    /// Goods or services.
    Purchase,
    /// Cash, at a machine or a counter.
    Cash,
    /// What is as good as cash: chips, money orders, coins.
    QuasiCash,
    /// Whether the card exists and works; of nothing.
    Verification,
    /// How much there is; of nothing.
    BalanceInquiry,
    /// Leave to give money back.
    Refund,
}

impl AuthorizationKind {
    /// Every kind.
    pub const ALL: [AuthorizationKind; 6] = [
        AuthorizationKind::Purchase,
        AuthorizationKind::Cash,
        AuthorizationKind::QuasiCash,
        AuthorizationKind::Verification,
        AuthorizationKind::BalanceInquiry,
        AuthorizationKind::Refund,
    ];

    /// The stored word, also the one on the native wire.
    pub fn word(self) -> &'static str {
        match self {
            AuthorizationKind::Purchase => "purchase",
            AuthorizationKind::Cash => "cash",
            AuthorizationKind::QuasiCash => "quasi_cash",
            AuthorizationKind::Verification => "account_verification",
            AuthorizationKind::BalanceInquiry => "balance_inquiry",
            AuthorizationKind::Refund => "refund",
        }
    }

    /// Whether a PIN is asked for above what a card pays without: of purchases with the card at
    /// hand. Cash has rules of its own, and a number alone has no keypad beside it.
    pub fn asks_for_pin(self, channel: Channel) -> bool {
        let at_hand = match channel {
            Channel::Contactless | Channel::Chip | Channel::Magstripe => true,
            Channel::Ecommerce | Channel::Atm | Channel::Manual | Channel::Recurring => false,
        };
        self == AuthorizationKind::Purchase && at_hand
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<AuthorizationKind> {
        AuthorizationKind::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// Whether it spends the holder's money.
    pub fn spends(self) -> bool {
        match self {
            AuthorizationKind::Purchase
            | AuthorizationKind::Cash
            | AuthorizationKind::QuasiCash => true,
            AuthorizationKind::Verification
            | AuthorizationKind::BalanceInquiry
            | AuthorizationKind::Refund => false,
        }
    }

    /// Refuses an amount where there is none, and none where there is one.
    pub fn check_amount(self, amount: Amount) -> Result<(), Refusal> {
        match self {
            AuthorizationKind::Purchase
            | AuthorizationKind::Cash
            | AuthorizationKind::QuasiCash
            | AuthorizationKind::Refund
                if amount.is_zero() =>
            {
                Err(Refusal::AmountZero)
            }
            AuthorizationKind::Verification | AuthorizationKind::BalanceInquiry
                if !amount.is_zero() =>
            {
                Err(Refusal::AmountOutOfRange)
            }
            _ => Ok(()),
        }
    }
}

/// Who decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Origin {
    /// We did.
    Platform,
    /// The network did, while we could not be reached; we record it.
    StandIn,
}

impl Origin {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Platform => "platform",
            Origin::StandIn => "stand_in",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Origin> {
        [Origin::Platform, Origin::StandIn]
            .into_iter()
            .find(|origin| origin.word() == word)
    }
}

/// Where an authorization stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AuthorizationStatus {
    /// Answered no.
    Declined(DeclineReason),
    /// Answered yes, with nothing to set aside.
    Answered,
    /// Answered yes, and money is set aside.
    Open,
    /// All that will be posted is posted.
    Cleared,
    /// Taken back before anything was posted.
    Reversed,
    /// Nothing came of it in time.
    Expired,
}

impl AuthorizationStatus {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            AuthorizationStatus::Declined(_) => "declined",
            AuthorizationStatus::Answered => "answered",
            AuthorizationStatus::Open => "open",
            AuthorizationStatus::Cleared => "cleared",
            AuthorizationStatus::Reversed => "reversed",
            AuthorizationStatus::Expired => "expired",
        }
    }

    /// Puts a status together again from its stored parts.
    pub fn from_parts(word: &str, reason: Option<DeclineReason>) -> Option<AuthorizationStatus> {
        match (word, reason) {
            ("declined", Some(reason)) => Some(AuthorizationStatus::Declined(reason)),
            ("answered", None) => Some(AuthorizationStatus::Answered),
            ("open", None) => Some(AuthorizationStatus::Open),
            ("cleared", None) => Some(AuthorizationStatus::Cleared),
            ("reversed", None) => Some(AuthorizationStatus::Reversed),
            ("expired", None) => Some(AuthorizationStatus::Expired),
            _ => None,
        }
    }

    /// Why it was declined, if it was.
    pub fn reason(self) -> Option<DeclineReason> {
        match self {
            AuthorizationStatus::Declined(reason) => Some(reason),
            _ => None,
        }
    }
}

/// An authorization.
///
/// Its amounts are in two currencies: what the merchant asked for, and what that means for the
/// account. They are the same where the two currencies are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authorization {
    /// Its record id.
    pub id: AuthorizationId,
    /// Its published number, 18 digits.
    pub number: String,
    /// Which card was used.
    pub card: CardId,
    /// Whose money.
    pub account: AccountId,
    /// What for.
    pub kind: AuthorizationKind,
    /// Who decided.
    pub origin: Origin,
    /// Where it stands.
    pub status: AuthorizationStatus,
    /// Why we would have declined what the network approved in our place; none where we would not.
    pub overruled: Option<DeclineReason>,
    /// What was asked for first.
    pub asked: Amount,
    /// What was approved in all, increments included, in the asked currency.
    pub approved_minor: i64,
    /// What was taken back of it.
    pub reversed_minor: i64,
    /// What was cleared of it; may exceed what was approved.
    pub cleared_minor: i64,
    /// The account's currency.
    pub billing_currency: Currency,
    /// What the asked amount means for the account, markup included; zero where no rate led there.
    pub billing_minor: i64,
    /// The rate between the two.
    pub rate: Rate,
    /// What is set aside now, in the account's currency.
    pub held_minor: i64,
    /// What was posted through it, in the account's currency.
    pub posted_minor: i64,
    /// What refunds gave back of its limits.
    pub restored_minor: i64,
    /// Where the money is set aside; none where nothing ever was.
    pub hold: Option<HoldId>,
    /// How the card was presented.
    pub channel: Channel,
    /// Where.
    pub merchant: Merchant,
    /// The wallet token that stood for the card.
    pub wallet_token: Option<i64>,
    /// The network's own reference.
    pub reference: String,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When what is still set aside is given free.
    pub expires_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a reversal gives back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reversal {
    /// The authorization afterwards.
    pub after: Authorization,
    /// What is no longer approved, in the asked currency.
    pub given_back: Amount,
    /// What is no longer set aside, in minor units of the account.
    pub released_minor: i64,
}

/// What is taken back of an authorization that was not approved after all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withdrawn {
    /// All of it.
    All,
    /// What it was raised by: in the asked currency, and in minor units of the account.
    Raise(Amount, i64),
}

/// What a clearing does to an authorization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clearing {
    /// The authorization afterwards.
    pub after: Authorization,
    /// How much of what was set aside the posting uses up, in minor units of the account.
    pub used_minor: i64,
    /// How much is given free besides.
    pub released_minor: i64,
}

/// Whether more clearings follow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sequel {
    /// This was the last; what is left is given free.
    Last,
    /// More follow.
    More,
}

impl Authorization {
    /// What is approved and neither taken back nor cleared, in the asked currency; nothing after
    /// the end.
    pub fn open_minor(&self) -> i64 {
        if self.status != AuthorizationStatus::Open {
            return 0;
        }
        let used = self.reversed_minor.saturating_add(self.cleared_minor);
        self.approved_minor.saturating_sub(used).max(0)
    }

    /// What it counts towards limits: what it holds and what it posted, less what refunds gave
    /// back. It counts as one use as long as that is something.
    pub fn counted_minor(&self) -> i64 {
        if !self.kind.spends() {
            return 0;
        }
        let taken = self.held_minor.saturating_add(self.posted_minor);
        taken.saturating_sub(self.restored_minor).max(0)
    }

    /// Raises what is approved and set aside.
    pub fn increment(
        self,
        amount: Amount,
        billing_minor: i64,
        now: Timestamp,
    ) -> Result<Authorization, Refusal> {
        self.check_increment(amount)?;
        let add = |one: i64, other: i64| one.checked_add(other).ok_or(Refusal::BalanceOverflow);
        Ok(Authorization {
            approved_minor: add(self.approved_minor, amount.minor())?,
            billing_minor: add(self.billing_minor, billing_minor)?,
            held_minor: add(self.held_minor, billing_minor)?,
            updated_at: now,
            ..self
        })
    }

    /// Refuses an increment of what is not open, or of nothing.
    pub fn check_increment(&self, amount: Amount) -> Result<(), Refusal> {
        if self.status != AuthorizationStatus::Open || !self.kind.spends() {
            return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen));
        }
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        self.check_currency(amount)
    }

    /// Takes back all that is open, or so much of it.
    ///
    /// What holds nothing any more has nothing to give back and stays as it is, however often the
    /// network asks, also where part of it had been cleared before the rest was taken back. What
    /// was cleared is given back by a refund instead.
    pub fn reverse(self, amount: Option<Amount>, now: Timestamp) -> Result<Reversal, Refusal> {
        if let Some(amount) = amount {
            self.check_currency(amount)?;
            if amount.is_zero() {
                return Err(Refusal::AmountZero);
            }
        }
        match self.status {
            AuthorizationStatus::Open => self.release(amount, AuthorizationStatus::Reversed, now),
            AuthorizationStatus::Cleared if amount.is_some() || self.reversed_minor == 0 => {
                Err(Refusal::Payment(PaymentRefusal::AuthorizationCleared))
            }
            AuthorizationStatus::Cleared
            | AuthorizationStatus::Declined(_)
            | AuthorizationStatus::Answered
            | AuthorizationStatus::Reversed
            | AuthorizationStatus::Expired => Ok(Reversal {
                given_back: Amount::zero(self.asked.currency()),
                released_minor: 0,
                after: self,
            }),
        }
    }

    /// Takes back what was set aside while somebody else was asked, who did not say yes: all of it,
    /// or, of one that was to be raised, what it was raised by, in both currencies.
    ///
    /// What was taken back, cleared or expired meanwhile stays so; only the rest is given free.
    pub fn withdraw(self, what: Withdrawn, reason: DeclineReason, now: Timestamp) -> Reversal {
        let nothing = |after: Authorization| Reversal {
            given_back: Amount::zero(after.asked.currency()),
            released_minor: 0,
            after,
        };
        let used = self.cleared_minor > 0 || self.posted_minor > 0;
        let declined = AuthorizationStatus::Declined(reason);
        let (part, released_minor, status) = match (self.status, what) {
            (AuthorizationStatus::Answered, Withdrawn::All) => (0, 0, declined),
            (AuthorizationStatus::Open, Withdrawn::All) => {
                let end = if used {
                    AuthorizationStatus::Cleared
                } else {
                    declined
                };
                (self.open_minor(), self.held_minor, end)
            }
            (AuthorizationStatus::Open, Withdrawn::Raise(more, billing_minor)) => {
                let open = self.open_minor();
                let part = more.minor().min(open);
                let released_minor = if part < open {
                    billing_minor.min(self.held_minor)
                } else {
                    self.held_minor
                };
                let end = match (part < open, used) {
                    (true, _) => AuthorizationStatus::Open,
                    (false, true) => AuthorizationStatus::Cleared,
                    (false, false) => AuthorizationStatus::Reversed,
                };
                (part, released_minor, end)
            }
            _ => return nothing(self),
        };
        let billing_minor = match what {
            Withdrawn::All => self.billing_minor,
            Withdrawn::Raise(_, billing_minor) => self.billing_minor.saturating_sub(billing_minor),
        };
        let given_back = Amount::from_minor(part, self.asked.currency());
        Reversal {
            given_back: given_back.unwrap_or_else(|| Amount::zero(self.asked.currency())),
            released_minor,
            after: Authorization {
                status,
                approved_minor: self.approved_minor.saturating_sub(part),
                billing_minor,
                held_minor: self.held_minor.saturating_sub(released_minor),
                updated_at: now,
                ..self
            },
        }
    }

    /// Gives free what is still open after its time.
    pub fn expire(self, now: Timestamp) -> Result<Reversal, Refusal> {
        if self.status != AuthorizationStatus::Open {
            return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen));
        }
        self.release(None, AuthorizationStatus::Expired, now)
    }

    fn release(
        self,
        amount: Option<Amount>,
        end: AuthorizationStatus,
        now: Timestamp,
    ) -> Result<Reversal, Refusal> {
        let open = self.open_minor();
        let part = amount.map_or(open, Amount::minor);
        if part > open {
            return Err(Refusal::Payment(PaymentRefusal::ExceedsHold));
        }
        let released_minor = proportion(self.held_minor, part, open);
        let status = if part < open {
            AuthorizationStatus::Open
        } else if self.cleared_minor > 0 || self.posted_minor > 0 {
            AuthorizationStatus::Cleared
        } else {
            end
        };
        let currency = self.asked.currency();
        let given_back = Amount::from_minor(part, currency).ok_or(Refusal::BalanceOverflow)?;
        let after = Authorization {
            status,
            reversed_minor: self.reversed_minor.saturating_add(part),
            held_minor: self.held_minor - released_minor,
            updated_at: now,
            ..self
        };
        Ok(Reversal {
            after,
            given_back,
            released_minor,
        })
    }

    /// How much a refund gives back by the leave that was asked for it: all that is open, or so
    /// much of it. An amount in another currency would have no bound, so it is refused.
    pub fn refunded(&self, amount: Option<Amount>) -> Result<Amount, Refusal> {
        if self.kind != AuthorizationKind::Refund || self.status != AuthorizationStatus::Open {
            return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen));
        }
        let open = Amount::from_minor(self.open_minor(), self.asked.currency());
        let amount = amount.or(open).ok_or(Refusal::AmountZero)?;
        self.check_currency(amount)?;
        if amount.minor() > self.open_minor() {
            return Err(Refusal::Payment(PaymentRefusal::ExceedsOriginal));
        }
        Ok(amount)
    }

    /// Posts an amount that the merchant was paid.
    ///
    /// What is open is used up in the same proportion; a clearing in another currency than was
    /// asked uses up as much as it posts. What is not open any more, or never was, is posted all
    /// the same and uses up nothing. It ends with its last clearing, or when nothing is left in
    /// either currency: a rounding that uses up the last cent held ends nothing.
    pub fn clear(
        self,
        amount: Amount,
        billing_minor: i64,
        sequel: Sequel,
        now: Timestamp,
    ) -> Result<Clearing, Refusal> {
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        let is_open = self.status == AuthorizationStatus::Open;
        let (open, same) = (
            self.open_minor(),
            amount.currency() == self.asked.currency(),
        );
        let used_minor = match (is_open, same) {
            (false, _) => 0,
            (true, true) => proportion(self.held_minor, amount.minor(), open),
            (true, false) => self.held_minor.min(billing_minor),
        };
        let cleared = match (is_open, same) {
            (_, true) => amount.minor(),
            (true, false) => proportion(open, used_minor, self.held_minor),
            (false, false) => 0,
        };
        let left = self.held_minor - used_minor;
        let is_used_up = left == 0 && cleared >= open;
        let is_last = sequel == Sequel::Last || is_used_up;
        let released_minor = if is_open && is_last { left } else { 0 };
        let status = match (is_open, is_last) {
            (true, false) => AuthorizationStatus::Open,
            (true, true) => AuthorizationStatus::Cleared,
            (false, _) => self.status,
        };
        let add = |one: i64, other: i64| one.checked_add(other).ok_or(Refusal::BalanceOverflow);
        let after = Authorization {
            status,
            cleared_minor: add(self.cleared_minor, cleared)?,
            posted_minor: add(self.posted_minor, billing_minor)?,
            held_minor: left - released_minor,
            updated_at: now,
            ..self
        };
        Ok(Clearing {
            after,
            used_minor,
            released_minor,
        })
    }

    /// Gives back so much of the limits, in minor units of the account.
    #[must_use]
    pub fn restore(self, billing_minor: i64, now: Timestamp) -> Authorization {
        Authorization {
            restored_minor: self.restored_minor.saturating_add(billing_minor),
            updated_at: now,
            ..self
        }
    }

    /// Counts again what a refund had given back of the limits, because the refund was taken back.
    #[must_use]
    pub fn count_again(self, billing_minor: i64, now: Timestamp) -> Authorization {
        Authorization {
            restored_minor: self.restored_minor.saturating_sub(billing_minor).max(0),
            updated_at: now,
            ..self
        }
    }

    fn check_currency(&self, amount: Amount) -> Result<(), Refusal> {
        if amount.currency() == self.asked.currency() {
            Ok(())
        } else {
            Err(Refusal::CurrencyMismatch)
        }
    }
}

#[cfg(test)]
mod tests;
