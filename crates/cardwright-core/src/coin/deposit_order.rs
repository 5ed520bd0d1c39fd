//! Deposits that a caller announced: so much is to come to an address, for some hours.

use super::Coin;
use crate::{AccountId, Amount, DepositId, DepositOrderId, Refusal, SandboxRefusal, Timestamp};

/// An announced deposit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositOrder {
    /// Its id (`orderNo`).
    pub id: DepositOrderId,
    /// Whose address it goes to.
    pub account: AccountId,
    /// The coin's key.
    pub coin: String,
    /// How much was announced, in the money that the coin is worth.
    pub amount: Amount,
    /// Where it is to be sent.
    pub to_address: String,
    /// What is on its way, or came. Nothing any more where that failed in time: another deposit may
    /// come in its place.
    pub deposit: Option<DepositId>,
    /// When it was announced.
    pub created_at: Timestamp,
    /// From when on nothing is awaited any more.
    pub expires_at: Timestamp,
}

/// How an announced deposit stands as long as nothing came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DepositOrderState {
    /// It is awaited.
    Waiting,
    /// Nothing came in time.
    Expired,
}

impl DepositOrder {
    /// How long a deposit is awaited.
    pub const SECONDS: i64 = 10_800;

    /// When an order that is placed now ends.
    pub fn end_of(now: Timestamp) -> Result<Timestamp, Refusal> {
        let milliseconds = now.as_millisecond().saturating_add(Self::SECONDS * 1_000);
        Timestamp::from_millisecond(milliseconds)
            .map_err(|_| Refusal::Sandbox(SandboxRefusal::ClockTooFar))
    }

    /// How it stands as long as nothing came.
    pub fn state(&self, now: Timestamp) -> DepositOrderState {
        if now < self.expires_at {
            DepositOrderState::Waiting
        } else {
            DepositOrderState::Expired
        }
    }
}

impl Coin {
    /// What so many coins are worth, where that is a whole number of minor units: the one amount
    /// under which they can have been announced.
    ///
    /// Any other amount is another deposit: dust that a stranger sends must not use up what somebody
    /// announced.
    pub fn exact_worth(&self, units: super::CoinUnits) -> Option<Amount> {
        let minor = 10_u128
            .checked_pow(self.currency.decimals())?
            .checked_mul(units.units())?;
        let unit = 10_u128.checked_pow(self.decimals)?;
        if minor % unit != 0 {
            return None;
        }
        Amount::from_minor(i64::try_from(minor / unit).ok()?, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn a_deposit_is_awaited_for_three_hours() {
        let now = Timestamp::UNIX_EPOCH;
        let order = DepositOrder {
            id: DepositOrderId::new(1).expect("positive"),
            account: AccountId::new(2).expect("positive"),
            coin: "USDT_TRC20".to_owned(),
            amount: Amount::zero(Currency::USD),
            to_address: String::new(),
            deposit: None,
            created_at: now,
            expires_at: DepositOrder::end_of(now).expect("in range"),
        };
        let at = |second| order.state(Timestamp::from_second(second).expect("in range"));
        assert_eq!(at(10_799), DepositOrderState::Waiting);
        assert_eq!(at(10_800), DepositOrderState::Expired);
    }
}
