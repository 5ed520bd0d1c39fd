//! What operators say about coins.

use cardwright_core::{Amount, Coin, CoinStatus, DepositBounds, DepositFee};

use crate::{
    error::{Error, Result},
    store::{Tx, coins},
};

/// What of a coin can change; what is absent stays. Amounts are minor units of its currency.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Terms {
    /// Whether it takes deposits.
    pub status: Option<CoinStatus>,
    /// Part of a deposit that is kept, in hundredths of a percent.
    pub fee_rate_basis_points: Option<u32>,
    /// What is kept on top.
    pub fee_fixed_minor: Option<i64>,
    /// How many blocks must lie on a deposit.
    pub confirmations: Option<u32>,
    /// The least that is taken at a time.
    pub deposit_min_minor: Option<i64>,
    /// The most that is taken at a time.
    pub deposit_max_minor: Option<i64>,
}

/// Changes a coin. Deposits that have ended keep what they were reckoned by; those on their way end
/// by the new terms.
pub async fn change(tx: &mut Tx, key: &str, terms: Terms) -> Result<Coin> {
    let before = coins::get(tx, key).await?;
    let currency = before.currency;
    let amount = |minor: Option<i64>, before: Amount, field| match minor {
        Some(minor) => Amount::from_minor(minor, currency).ok_or(Error::Invalid(field)),
        None => Ok(before),
    };
    let bounds = DepositBounds {
        min: amount(terms.deposit_min_minor, before.bounds.min, "deposit_min")?,
        max: amount(terms.deposit_max_minor, before.bounds.max, "deposit_max")?,
    };
    if bounds.min.minor() > bounds.max.minor() {
        let field = terms
            .deposit_max_minor
            .map_or("deposit_min", |_| "deposit_max");
        return Err(Error::Invalid(field));
    }
    let rate = terms.fee_rate_basis_points;
    let after = Coin {
        status: terms.status.unwrap_or(before.status),
        fee: DepositFee {
            rate_basis_points: rate.unwrap_or(before.fee.rate_basis_points),
            fixed: amount(terms.fee_fixed_minor, before.fee.fixed, "fee_fixed")?,
        },
        confirmations: terms.confirmations.unwrap_or(before.confirmations),
        bounds,
        ..before
    };
    coins::put(tx, &after).await?;
    tx.audit("coin.change", ("coin", key)).await?;
    Ok(after)
}
