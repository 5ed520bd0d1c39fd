//! What operators say about coins, and the addresses that they bring.

use cardwright_core::{Amount, Coin, CoinStatus, DepositBounds, DepositFee, Refusal};

use super::deposits::address;
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, Tx, coin_addresses, coins,
        environment::{self, EnvironmentName},
    },
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
    if terms.status == Some(CoinStatus::Enabled) {
        require_addresses(tx, key).await?;
    }
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

/// Refuses in production until an operator has brought an address of the coin: we have no key of any
/// that we could make up.
async fn require_addresses(tx: &mut ReadTx, key: &str) -> Result<()> {
    match environment::of(tx).await?.name {
        EnvironmentName::Sandbox => Ok(()),
        EnvironmentName::Production if coin_addresses::exist(tx, key).await? => Ok(()),
        EnvironmentName::Production => Err(Refusal::CoinWithoutAddresses.into()),
    }
}

/// What became of addresses that were brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brought {
    /// The coin's key.
    pub coin: String,
    /// How many are new.
    pub added: usize,
    /// How many had been brought before.
    pub known: usize,
    /// How many can now be given.
    pub free: i64,
}

/// Takes addresses into a coin's pool: all, or none where one of them is no address of the coin's
/// chain. Whoever brings one says that the company can move what is sent there.
pub async fn bring_addresses(tx: &mut Tx, key: &str, given: &[String]) -> Result<Brought> {
    let coin = coins::get(tx, key).await?;
    let mut added = 0;
    for (place, text) in (1..).zip(given) {
        let unfit = |why: &str| Error::Unfit("addresses", format!("number {place} {why}"));
        let chain = coin.chain.title();
        let kept = address::parse(coin.chain, text)
            .ok_or_else(|| unfit(&format!("is no address of {chain}")))?;
        if kept == coin.contract {
            return Err(unfit("is the contract of the coin itself"));
        }
        if coin_addresses::insert(tx, &coin.key, &kept).await? {
            added += 1;
            tx.audit("coin_address.bring", ("coin_address", &kept))
                .await?;
        }
    }
    tx.audit("coin.bring_addresses", ("coin", key)).await?;
    let free = coin_addresses::count_free(tx, &coin.key).await?;
    Ok(Brought {
        coin: coin.key,
        added,
        known: given.len() - added,
        free,
    })
}
