//! What one account has, and what each side of a movement makes of it.

use crate::{Amount, PaymentRefusal, Refusal};

/// The lowest balance a payment may leave behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Floor {
    /// At least this many minor units stay; 0 for customers' money, negative for a credit line.
    At(i64),
    /// The account is the outside world or our own book: it may go as low as it needs to.
    None,
}

/// What an account holds, as the sums of what it ever received and paid and of what is set aside
/// at present, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Balance {
    /// Sum of everything received.
    pub credits: i64,
    /// Sum of everything paid.
    pub debits: i64,
    /// Sum of what open holds will bring.
    pub held_credits: i64,
    /// Sum of what open holds keep from being spent.
    pub held_debits: i64,
    /// The lowest balance a payment may leave.
    pub floor: Floor,
}

impl Balance {
    /// An account that nothing has happened to.
    pub fn empty(floor: Floor) -> Balance {
        Balance {
            credits: 0,
            debits: 0,
            held_credits: 0,
            held_debits: 0,
            floor,
        }
    }

    /// What is there now, what is held included; negative where the floor allows it.
    pub fn posted(self) -> i64 {
        self.credits - self.debits
    }

    /// What is set aside of it.
    pub fn held(self) -> i64 {
        self.held_debits
    }

    /// What may be spent: posted less held, down to the floor. Negative after a forced payment.
    ///
    /// ```
    /// use cardwright_core::{Balance, Floor};
    ///
    /// let wallet = Balance { credits: 100, held_debits: 30, ..Balance::empty(Floor::At(-50)) };
    /// assert_eq!((wallet.posted(), wallet.held(), wallet.available()), (100, 30, 120));
    /// ```
    pub fn available(self) -> i64 {
        let lowest = match self.floor {
            Floor::At(lowest) => lowest,
            Floor::None => 0,
        };
        let available = self.unheld() - i128::from(lowest);
        let bounded = available.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        i64::try_from(bounded).unwrap_or(i64::MIN)
    }

    /// Whether a forced payment took it lower than a payment may.
    pub fn is_below_floor(self) -> bool {
        match self.floor {
            Floor::At(lowest) => self.posted() < lowest,
            Floor::None => false,
        }
    }

    /// The balance after paying.
    pub fn pay(self, amount: Amount) -> Result<Balance, Refusal> {
        self.force_pay(amount)?.require_floor()
    }

    /// The balance after paying what was settled already, whatever is there.
    pub fn force_pay(self, amount: Amount) -> Result<Balance, Refusal> {
        let debits = add(self.debits, amount)?;
        Ok(Balance { debits, ..self })
    }

    /// The balance after receiving.
    pub fn receive(self, amount: Amount) -> Result<Balance, Refusal> {
        let credits = add(self.credits, amount)?;
        Ok(Balance { credits, ..self })
    }

    /// The balance after setting an amount aside to be paid.
    pub fn hold(self, amount: Amount) -> Result<Balance, Refusal> {
        self.force_hold(amount)?.require_floor()
    }

    /// The balance after setting aside what was promised already, whatever is there.
    pub fn force_hold(self, amount: Amount) -> Result<Balance, Refusal> {
        let held_debits = add(self.held_debits, amount)?;
        Ok(Balance {
            held_debits,
            ..self
        })
    }

    /// The balance after setting less aside; refuses more than is set aside.
    pub fn release(self, amount: Amount) -> Result<Balance, Refusal> {
        let held_debits = take(self.held_debits, amount)?;
        Ok(Balance {
            held_debits,
            ..self
        })
    }

    /// The receiver's balance after a payer set an amount aside for it.
    pub fn expect(self, amount: Amount) -> Result<Balance, Refusal> {
        let held_credits = add(self.held_credits, amount)?;
        Ok(Balance {
            held_credits,
            ..self
        })
    }

    /// The receiver's balance after a payer set less aside for it.
    pub fn unexpect(self, amount: Amount) -> Result<Balance, Refusal> {
        let held_credits = take(self.held_credits, amount)?;
        Ok(Balance {
            held_credits,
            ..self
        })
    }

    /// Wide, because posted less held may be lower than an `i64` counts.
    fn unheld(self) -> i128 {
        i128::from(self.posted()) - i128::from(self.held_debits)
    }

    fn require_floor(self) -> Result<Balance, Refusal> {
        match self.floor {
            Floor::At(lowest) if self.unheld() < i128::from(lowest) => {
                Err(Refusal::InsufficientFunds)
            }
            Floor::At(_) | Floor::None => Ok(self),
        }
    }
}

fn add(sum: i64, amount: Amount) -> Result<i64, Refusal> {
    sum.checked_add(amount.minor())
        .ok_or(Refusal::BalanceOverflow)
}

fn take(sum: i64, amount: Amount) -> Result<i64, Refusal> {
    let left = sum - amount.minor();
    if left < 0 {
        return Err(Refusal::Payment(PaymentRefusal::ExceedsHold));
    }
    Ok(left)
}
