//! Money set aside between two accounts, and what becomes of it.
//!
//! Law: what is open is never negative, and a hold ends once, at the moment nothing is open.

use crate::{AccountId, Amount, HoldId, PaymentRefusal, Refusal};

/// How a hold ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HoldEnd {
    /// Money was paid on it, and no more will be.
    Posted,
    /// It was given free.
    Voided,
    /// Nobody came for it in time.
    Expired,
}

/// Whether a hold still keeps money from being spent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HoldState {
    /// It does.
    Open,
    /// Not any more.
    Ended(HoldEnd),
}

impl HoldState {
    /// Every state.
    pub const ALL: [HoldState; 4] = [
        HoldState::Open,
        HoldState::Ended(HoldEnd::Posted),
        HoldState::Ended(HoldEnd::Voided),
        HoldState::Ended(HoldEnd::Expired),
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            HoldState::Open => "open",
            HoldState::Ended(HoldEnd::Posted) => "posted",
            HoldState::Ended(HoldEnd::Voided) => "voided",
            HoldState::Ended(HoldEnd::Expired) => "expired",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<HoldState> {
        HoldState::ALL
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// An amount that a payer cannot spend because a receiver may get it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Whose money is set aside.
    pub payer: AccountId,
    /// For whom.
    pub receiver: AccountId,
    /// Everything that was ever set aside by it.
    pub amount: Amount,
    /// How much of that was posted.
    pub posted: Amount,
    /// How much of that was given free.
    pub voided: Amount,
    /// Whether the rest is still set aside; there is a rest exactly while it is open.
    pub state: HoldState,
}

impl Hold {
    /// A hold between two different accounts of something more than nothing.
    pub fn place(
        id: HoldId,
        (payer, receiver): (AccountId, AccountId),
        amount: Amount,
    ) -> Result<Hold, Refusal> {
        if payer == receiver {
            return Err(Refusal::SameAccount);
        }
        if amount.is_zero() {
            return Err(Refusal::AmountZero);
        }
        let nothing = Amount::zero(amount.currency());
        Ok(Hold {
            id,
            payer,
            receiver,
            amount,
            posted: nothing,
            voided: nothing,
            state: HoldState::Open,
        })
    }

    /// What is still set aside.
    pub fn open(self) -> Amount {
        let open = self.amount.minor() - self.posted.minor() - self.voided.minor();
        let nothing = Amount::zero(self.amount.currency());
        Amount::from_minor(open, self.amount.currency()).unwrap_or(nothing)
    }

    /// Sets more aside.
    pub fn raise(self, more: Amount) -> Result<Hold, Refusal> {
        self.require_open(more)?;
        let amount = add(self.amount, more)?;
        Ok(Hold { amount, ..self })
    }

    /// Takes an amount out of it that is being paid; the last of it ends the hold.
    pub fn post(self, amount: Amount) -> Result<Hold, Refusal> {
        self.require_within(amount)?;
        let posted = add(self.posted, amount)?;
        Ok(Hold { posted, ..self }.end_if_empty(HoldEnd::Posted))
    }

    /// Gives an amount of it free; the last of it ends the hold, in the way that is named.
    pub fn void(self, amount: Amount, end: HoldEnd) -> Result<Hold, Refusal> {
        self.require_within(amount)?;
        let voided = add(self.voided, amount)?;
        Ok(Hold { voided, ..self }.end_if_empty(end))
    }

    /// Gives free whatever is left, which ends it.
    pub fn end(self, end: HoldEnd) -> Result<Hold, Refusal> {
        self.void(self.open(), end)
    }

    fn require_open(self, amount: Amount) -> Result<(), Refusal> {
        match self.state {
            HoldState::Ended(_) => Err(Refusal::Payment(PaymentRefusal::HoldEnded)),
            HoldState::Open if amount.currency() != self.amount.currency() => {
                Err(Refusal::CurrencyMismatch)
            }
            HoldState::Open if amount.is_zero() => Err(Refusal::AmountZero),
            HoldState::Open => Ok(()),
        }
    }

    fn require_within(self, amount: Amount) -> Result<(), Refusal> {
        self.require_open(amount)?;
        if amount.minor() > self.open().minor() {
            return Err(Refusal::Payment(PaymentRefusal::ExceedsHold));
        }
        Ok(())
    }

    fn end_if_empty(self, end: HoldEnd) -> Hold {
        if self.open().is_zero() {
            let state = HoldState::Ended(end);
            return Hold { state, ..self };
        }
        self
    }
}

fn add(sum: Amount, amount: Amount) -> Result<Amount, Refusal> {
    sum.checked_add(amount).ok_or(Refusal::BalanceOverflow)
}
