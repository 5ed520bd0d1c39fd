//! Coins and deposits of them: what is seen on a chain becomes money of an account, once.
//!
//! Law: coins are counted in their smallest unit, which no 64-bit number holds for a coin with
//! eighteen decimals; money is what is left after the fee, cut to whole minor units, so nothing is
//! ever credited that did not arrive.

use std::cmp::Ordering;

use crate::{AccountId, Amount, AmountError, Currency, DepositId, Refusal, Timestamp};

mod deposit_order;

pub use deposit_order::{DepositOrder, DepositOrderState};

/// A chain that coins move on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Chain {
    /// Tron, tokens of its TRC-20 standard.
    Trc20,
    /// BNB Smart Chain, tokens of its BEP-20 standard.
    Bep20,
}

impl Chain {
    /// Every chain.
    pub const ALL: [Chain; 2] = [Chain::Trc20, Chain::Bep20];

    /// The stored word, which is also FinCard's.
    pub fn word(self) -> &'static str {
        match self {
            Chain::Trc20 => "TRC20",
            Chain::Bep20 => "BEP20",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Chain::Trc20 => "Tron (TRC20)",
            Chain::Bep20 => "BNB Smart Chain (BEP20)",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Chain> {
        Chain::ALL.into_iter().find(|chain| chain.word() == word)
    }

    /// The hash of a block or a transaction as the chain writes it: without great letters, and on an
    /// EVM chain behind `0x`. Whoever reports one may leave that out.
    ///
    /// ```
    /// use cardwright_core::Chain;
    ///
    /// assert_eq!(Chain::Bep20.hash_text("C0FFEE"), "0xc0ffee");
    /// assert_eq!(Chain::Trc20.hash_text("C0FFEE"), "c0ffee");
    /// ```
    pub fn hash_text(self, given: &str) -> String {
        let text = given.to_ascii_lowercase();
        match self {
            Chain::Trc20 => text,
            Chain::Bep20 if text.starts_with("0x") => text,
            Chain::Bep20 => format!("0x{text}"),
        }
    }
}

/// Whether a coin takes deposits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CoinStatus {
    /// It does.
    Enabled,
    /// Not at present.
    Disabled,
}

impl CoinStatus {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            CoinStatus::Enabled => "enabled",
            CoinStatus::Disabled => "disabled",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<CoinStatus> {
        [CoinStatus::Enabled, CoinStatus::Disabled]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// What turning coins into money costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepositFee {
    /// Part of the amount, in hundredths of a percent: 150 is 1.5 %.
    pub rate_basis_points: u32,
    /// Added to it.
    pub fixed: Amount,
}

/// How much may come at a time, both ends included, in the money that the coin is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DepositBounds {
    /// The least.
    pub min: Amount,
    /// The most.
    pub max: Amount,
}

/// A coin of the wallet. One coin is worth one unit of its currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coin {
    /// Its key, such as `USDT_TRC20`.
    pub key: String,
    /// Which chain it moves on.
    pub chain: Chain,
    /// Its short name.
    pub name: String,
    /// Its name in full.
    pub full_name: String,
    /// Decimals of its smallest unit.
    pub decimals: u32,
    /// Decimals that are shown to people.
    pub shown_decimals: u32,
    /// How many blocks must lie on a deposit before it counts.
    pub confirmations: u32,
    /// The money it is turned into.
    pub currency: Currency,
    /// What that costs.
    pub fee: DepositFee,
    /// How much is taken at a time.
    pub bounds: DepositBounds,
    /// The token's contract on its chain.
    pub contract: String,
    /// Where people look at an address; `{address}` stands for it.
    pub address_page: String,
    /// Where people look at a transaction; `{txHash}` stands for it.
    pub transaction_page: String,
    /// Whether it takes deposits.
    pub status: CoinStatus,
}

/// So many coins, in the smallest unit of theirs; how many decimals that has is the coin's.
///
/// ```
/// use cardwright_core::CoinUnits;
///
/// let nine = CoinUnits::parse("9", 18)?;
/// assert_eq!(nine.print(18), "9.000000000000000000");
/// assert!(CoinUnits::parse("0.0000001", 6).is_err(), "six decimals are the smallest unit");
/// # Ok::<(), cardwright_core::AmountError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CoinUnits(u128);

impl CoinUnits {
    /// No coins.
    pub const NONE: CoinUnits = CoinUnits(0);

    /// No chain counts further, and the arithmetic of fees has room above it.
    const MOST: u128 = 1_000_000_000_000_000_000_000_000_000_000;

    /// Reads `digits[.digits]`, as [`Amount::parse`] does for money.
    pub fn parse(text: &str, decimals: u32) -> Result<CoinUnits, AmountError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(AmountError::NotDecimal),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(AmountError::NotDecimal);
        }
        let decimals = decimals as usize;
        let (kept, rest) = fraction.split_at(fraction.len().min(decimals));
        if rest.bytes().any(|byte| byte != b'0') {
            return Err(AmountError::TooManyDecimals);
        }
        let padding = std::iter::repeat_n(b'0', decimals - kept.len());
        let mut units = CoinUnits(0);
        for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
            let shifted = units.0 * 10 + u128::from(digit - b'0');
            units = CoinUnits::from_units(shifted).ok_or(AmountError::TooLarge)?;
        }
        Ok(units)
    }

    /// So many smallest units; nothing where that is more than can be counted.
    pub fn from_units(units: u128) -> Option<CoinUnits> {
        (units <= CoinUnits::MOST).then_some(CoinUnits(units))
    }

    /// The number of smallest units.
    pub fn units(self) -> u128 {
        self.0
    }

    /// Prints with all decimals.
    pub fn print(self, decimals: u32) -> String {
        let decimals = decimals as usize;
        let digits = format!("{:0>width$}", self.0, width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 {
            whole.to_owned()
        } else {
            format!("{whole}.{fraction}")
        }
    }
}

/// What coins come to in money.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proceeds {
    /// What the account receives.
    pub received: Amount,
    /// What the platform keeps.
    pub fee: Amount,
    /// What it was reckoned by; the coin may have other terms later.
    pub terms: DepositFee,
}

/// Hundredths of a percent in a whole.
const BASIS_POINTS: u128 = 10_000;

impl Coin {
    /// What so many coins come to: the amount less its fee, the fee rounded up to a minor unit, the
    /// rest cut to one. Nothing where the fee leaves nothing.
    pub fn proceeds(&self, units: CoinUnits) -> Result<Option<Proceeds>, Refusal> {
        let too_much = Refusal::BalanceOverflow;
        let counted = |number: u128| i64::try_from(number).map_err(|_| too_much);
        let power = |decimals| 10_u128.checked_pow(decimals).ok_or(too_much);
        let times = |left: u128, right: u128| left.checked_mul(right).ok_or(too_much);
        let unit = power(self.decimals)?;
        // Minor units, counted in parts as small as the coin's.
        let parts = times(units.0, power(self.currency.decimals())?)?;
        let gross = counted(parts / unit)?;
        let share = times(parts, self.fee.rate_basis_points.into())?;
        let share = counted(share.div_ceil(times(unit, BASIS_POINTS)?))?;
        let fee = share.checked_add(self.fee.fixed.minor()).ok_or(too_much)?;
        // The fee is whole minor units, so cutting before or after it is taken is the same.
        let left = gross.checked_sub(fee).filter(|left| *left > 0);
        let amount = |minor| Amount::from_minor(minor, self.currency);
        Ok(left
            .and_then(amount)
            .zip(amount(fee))
            .map(|(received, fee)| Proceeds {
                received,
                fee,
                terms: self.fee,
            }))
    }

    /// What becomes of coins that have blocks enough: money, or the reason why not.
    fn settle(&self, units: CoinUnits, now: Timestamp) -> Result<DepositState, Refusal> {
        let fail = |reason| DepositState::Fail { reason, at: now };
        let is_beyond =
            |bound: Amount, order| self.compare(units, bound).is_none_or(|it| it == order);
        if is_beyond(self.bounds.max, Ordering::Greater) {
            return Ok(fail(DepositFailure::TooLarge));
        }
        if is_beyond(self.bounds.min, Ordering::Less) {
            return Ok(fail(DepositFailure::TooSmall));
        }
        Ok(match self.proceeds(units)? {
            Some(proceeds) => DepositState::Success { proceeds, at: now },
            None => fail(DepositFailure::TooSmall),
        })
    }

    /// How coins and money compare, by what the coins are worth; nothing where that is more than
    /// can be counted.
    fn compare(&self, units: CoinUnits, amount: Amount) -> Option<Ordering> {
        let parts = 10_u128
            .checked_pow(self.currency.decimals())?
            .checked_mul(units.0)?;
        let minor = u128::try_from(amount.minor()).ok()?;
        let bound = 10_u128.checked_pow(self.decimals)?.checked_mul(minor)?;
        Some(parts.cmp(&bound))
    }

    /// Refuses an announced amount that a deposit may not have.
    pub fn check_bounds(&self, amount: Amount) -> Result<(), Refusal> {
        let bounds = self.bounds.min.minor()..=self.bounds.max.minor();
        if bounds.contains(&amount.minor()) {
            Ok(())
        } else {
            Err(Refusal::AmountOutOfRange)
        }
    }

    /// So much money in coins, as it is shown: what is finer than that is cut.
    pub fn print_worth(&self, amount: Amount) -> String {
        let whole = amount.to_string();
        let (integer, fraction) = whole.split_once('.').unwrap_or((&whole, ""));
        let width = self.shown_decimals as usize;
        let fraction: String = fraction
            .chars()
            .chain(std::iter::repeat('0'))
            .take(width)
            .collect();
        if width == 0 {
            integer.to_owned()
        } else {
            format!("{integer}.{fraction}")
        }
    }

    /// So many coins as they are shown: what is finer than that is cut.
    pub fn print_units(&self, units: CoinUnits) -> String {
        let hidden = self.decimals.saturating_sub(self.shown_decimals);
        let shown = units.0 / 10_u128.saturating_pow(hidden);
        CoinUnits(shown).print(self.decimals - hidden)
    }

    /// Refuses unless deposits are taken.
    pub fn require_enabled(&self) -> Result<(), Refusal> {
        match self.status {
            CoinStatus::Enabled => Ok(()),
            CoinStatus::Disabled => Err(Refusal::CoinNotEnabled),
        }
    }
}

/// How far a deposit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DepositState {
    /// Announced, in no block yet.
    Seen,
    /// In a block, with fewer on it than are needed.
    Processing,
    /// Turned into money.
    Success {
        /// Into how much.
        proceeds: Proceeds,
        /// When it had blocks enough.
        at: Timestamp,
    },
    /// It will never be.
    Fail {
        /// Why.
        reason: DepositFailure,
        /// Since when.
        at: Timestamp,
    },
}

/// Why a deposit is never turned into money.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DepositFailure {
    /// Less than is taken at a time, or the fee leaves nothing of it.
    TooSmall,
    /// More than is taken at a time.
    TooLarge,
    /// The chain took it back.
    Dropped,
}

impl DepositFailure {
    /// Every reason.
    pub const ALL: [DepositFailure; 3] = [
        DepositFailure::TooSmall,
        DepositFailure::TooLarge,
        DepositFailure::Dropped,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            DepositFailure::TooSmall => "too_small",
            DepositFailure::TooLarge => "too_large",
            DepositFailure::Dropped => "dropped",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<DepositFailure> {
        DepositFailure::ALL
            .into_iter()
            .find(|failure| failure.word() == word)
    }
}

impl DepositState {
    /// The stored word, which is also FinCard's.
    pub fn word(self) -> &'static str {
        match self {
            DepositState::Seen => "wait_process",
            DepositState::Processing => "processing",
            DepositState::Success { .. } => "success",
            DepositState::Fail { .. } => "fail",
        }
    }
}

/// Coins that somebody sent to an account's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposit {
    /// Its id (`orderNo`).
    pub id: DepositId,
    /// Whose address they were sent to.
    pub account: AccountId,
    /// The coin's key.
    pub coin: String,
    /// The transaction on the chain.
    pub transaction_hash: String,
    /// Where they came from.
    pub from_address: String,
    /// Where they went.
    pub to_address: String,
    /// How many.
    pub units: CoinUnits,
    /// How many blocks lie on it.
    pub confirmations: u32,
    /// The block it is in, once it is in one and its observer said which.
    pub block: Option<Block>,
    /// How far it is.
    pub state: DepositState,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// A block of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// How many came before it.
    pub number: i64,
    /// Its hash, as its chain writes it.
    pub hash: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Chain {
    /// How many blocks the chain has at a time, as far as it made each when it should have: one in
    /// three seconds since its first, on either chain.
    pub fn height_at(self, now: Timestamp) -> i64 {
        const SECONDS_PER_BLOCK: i64 = 3;
        let first_second = match self {
            Chain::Trc20 => 1_529_891_469,
            Chain::Bep20 => 1_598_671_449,
        };
        (now.as_second() - first_second).max(0) / SECONDS_PER_BLOCK
    }
}

impl Deposit {
    /// Staff take a deposit that failed all the same: it becomes money by the coin's terms of today,
    /// whatever its bounds. One that is money already stays as it is.
    pub fn accept(self, coin: &Coin, now: Timestamp) -> Result<Deposit, Refusal> {
        match self.state {
            DepositState::Success { .. } => Ok(self),
            DepositState::Seen | DepositState::Processing => {
                Err(Refusal::DepositTransitionNotAllowed)
            }
            DepositState::Fail { .. } => {
                let proceeds = coin.proceeds(self.units)?;
                // Nobody is given nothing.
                let proceeds = proceeds.ok_or(Refusal::AmountOutOfRange)?;
                Ok(Deposit {
                    state: DepositState::Success { proceeds, at: now },
                    updated_at: now,
                    ..self
                })
            }
        }
    }

    /// So many blocks lie on it now.
    ///
    /// Fewer than before, or more on one that has ended, change nothing: chains repeat themselves
    /// and observers come late.
    pub fn confirm(self, blocks: u32, coin: &Coin, now: Timestamp) -> Result<Deposit, Refusal> {
        match self.state {
            DepositState::Success { .. } | DepositState::Fail { .. } => return Ok(self),
            DepositState::Seen | DepositState::Processing => {}
        }
        if blocks <= self.confirmations {
            return Ok(self);
        }
        let state = if blocks < coin.confirmations {
            DepositState::Processing
        } else {
            coin.settle(self.units, now)?
        };
        Ok(Deposit {
            state,
            confirmations: blocks,
            updated_at: now,
            ..self
        })
    }

    /// The chain took it back. One that was turned into money stays: that is what waiting for
    /// blocks is for.
    pub fn drop_out(self, now: Timestamp) -> Result<Deposit, Refusal> {
        let reason = DepositFailure::Dropped;
        match self.state {
            DepositState::Fail { reason: before, .. } if before == reason => Ok(self),
            DepositState::Success { .. } | DepositState::Fail { .. } => {
                Err(Refusal::DepositTransitionNotAllowed)
            }
            DepositState::Seen | DepositState::Processing => Ok(Deposit {
                state: DepositState::Fail { reason, at: now },
                updated_at: now,
                ..self
            }),
        }
    }
}

#[cfg(test)]
mod tests;
