//! Deposits of coins: as movements of the wallet, and as the older list shows them.

use cardwright_core::{
    Coin, Deposit, DepositFailure, DepositOrder, DepositOrderState, DepositState,
};
use cardwright_wire::fincard::wallet::{
    BlockFacts, DepositRecord, DepositRecordFacts, Status, TransactionFacts, TransactionFee,
};

use crate::{
    error::{Error, Result},
    store::{
        ReadTx, coins,
        deposit_orders::{self, Announced},
    },
};

/// A deposit as a movement of coins, with its address and its announcement, if they are known.
pub(crate) fn transaction_out(
    deposit: Deposit,
    coin: &Coin,
    (address_id, announced): (Option<i64>, Option<&DepositOrder>),
) -> TransactionFacts {
    let (received, confirmed_at) = match deposit.state {
        DepositState::Success { proceeds, at } => (Some(proceeds.received.to_string()), Some(at)),
        DepositState::Seen | DepositState::Processing | DepositState::Fail { .. } => (None, None),
    };
    TransactionFacts {
        id: deposit.id.get(),
        announced_id: announced.map(|order| order.id.get()),
        coin_name: coin.name.clone(),
        chain: coin.chain.word(),
        address_id,
        account_id: deposit.account.get(),
        units: coin.print_units(deposit.units),
        fee: fee_out(Some(&deposit.state), coin),
        received,
        currency: coin.currency.code().to_owned(),
        status: status_out(&deposit.state),
        message: message(&deposit.state),
        block: deposit.block.map(|block| BlockFacts {
            number: block.number,
            hash: block.hash,
            at: block.at,
        }),
        confirmations: deposit.confirmations,
        required_confirmations: coin.confirmations,
        seen_at: deposit.created_at,
        confirmed_at,
        updated_at: deposit.updated_at,
        coin_key: deposit.coin,
        from_address: deposit.from_address,
        to_address: deposit.to_address,
        tx_hash: deposit.transaction_hash,
    }
}

/// How a deposit stands.
pub(crate) fn status_out(state: &DepositState) -> Status {
    match state {
        DepositState::Seen => Status::WaitProcess,
        DepositState::Processing => Status::Processing,
        DepositState::Success { .. } => Status::Success,
        DepositState::Fail { .. } => Status::Fail,
    }
}

/// Why a deposit is never turned into money.
pub(crate) fn message(state: &DepositState) -> Option<&'static str> {
    match state {
        DepositState::Seen | DepositState::Processing | DepositState::Success { .. } => None,
        DepositState::Fail { reason, .. } => Some(match reason {
            DepositFailure::TooSmall => "Less than the least amount, or than the fee",
            DepositFailure::TooLarge => "More than the most that is taken at a time",
            DepositFailure::Dropped => "The chain took the transaction back",
        }),
    }
}

/// What a deposit costs: by the terms it was reckoned by, or by those of today.
pub(crate) fn fee_out(state: Option<&DepositState>, coin: &Coin) -> TransactionFee {
    let proceeds = match state {
        Some(DepositState::Success { proceeds, .. }) => Some(proceeds),
        Some(DepositState::Seen | DepositState::Processing | DepositState::Fail { .. }) | None => {
            None
        }
    };
    let terms = proceeds.map_or(coin.fee, |proceeds| proceeds.terms);
    TransactionFee {
        rate: percent(terms.rate_basis_points.into()),
        fixed: terms.fixed.to_string(),
        total: proceeds.map(|proceeds| proceeds.fee.to_string()),
    }
}

/// The coin with this key, which a record of ours names.
pub(crate) fn named<'a>(coins: &'a [Coin], key: &str) -> Result<&'a Coin> {
    let found = coins.iter().find(|coin| coin.key == key);
    found.ok_or_else(|| Error::Corrupt(format!("there is no coin {key}")))
}

/// A deposit, announced or not, as the older list shows it.
pub(crate) async fn record(
    tx: &mut ReadTx,
    listed: Announced,
    coins: &[Coin],
) -> Result<DepositRecord> {
    let order = match listed.order {
        Some(id) => Some(deposit_orders::get(tx, id).await?),
        None => None,
    };
    let deposit = match listed.deposit {
        Some(id) => Some(coins::get_deposit(tx, id).await?),
        None => None,
    };
    let facts = match (order, deposit) {
        (Some(order), None) => awaited(tx, &order, named(coins, &order.coin)?),
        (order, Some(deposit)) => {
            let coin = named(coins, &deposit.coin)?;
            came(order.as_ref(), deposit, coin)
        }
        (None, None) => return Err(Error::Corrupt("a listed deposit".to_owned())),
    };
    Ok(facts.into())
}

/// An announced deposit of which nothing came yet, or ever.
pub(crate) fn awaited(tx: &ReadTx, order: &DepositOrder, coin: &Coin) -> DepositRecordFacts {
    let (status, remark, updated_at) = match order.state(tx.now()) {
        DepositOrderState::Waiting => (Status::WaitProcess, None, order.created_at),
        DepositOrderState::Expired => {
            let reason = "Nothing came in time";
            (Status::Fail, Some(reason), order.expires_at)
        }
    };
    DepositRecordFacts {
        id: order.id.get(),
        movement_id: None,
        account_id: order.account.get(),
        announced: Some(coin.print_worth(order.amount)),
        units: None,
        fee: fee_out(None, coin),
        coin_name: coin.name.clone(),
        received: None,
        received_currency: coin.currency.code().to_owned(),
        chain: coin.chain.word(),
        from_address: None,
        to_address: order.to_address.clone(),
        tx_hash: None,
        block: None,
        confirmed_at: None,
        status,
        remark,
        created_at: order.created_at,
        updated_at,
    }
}

/// A deposit that came, announced or not.
pub(crate) fn came(
    order: Option<&DepositOrder>,
    deposit: Deposit,
    coin: &Coin,
) -> DepositRecordFacts {
    let remark = message(&deposit.state);
    let seen = transaction_out(deposit, coin, (None, order));
    DepositRecordFacts {
        id: seen.announced_id.unwrap_or(seen.id),
        movement_id: Some(seen.id),
        account_id: seen.account_id,
        announced: order.map(|order| coin.print_worth(order.amount)),
        units: Some(seen.units),
        fee: seen.fee,
        coin_name: seen.coin_name,
        received: seen.received,
        received_currency: seen.currency,
        chain: seen.chain,
        from_address: Some(seen.from_address),
        to_address: seen.to_address,
        tx_hash: Some(seen.tx_hash),
        block: seen.block.map(|block| block.number.to_string()),
        confirmed_at: seen.confirmed_at,
        status: seen.status,
        remark,
        created_at: order.map_or(seen.seen_at, |order| order.created_at),
        updated_at: seen.updated_at,
    }
}

/// A rate as this dialect writes it: 1 is one percent.
pub(crate) fn percent(basis_points: i64) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_rate_is_written_in_percent_without_needless_zeros() {
        for (basis_points, text) in [(0, "0"), (100, "1"), (150, "1.5"), (1_005, "10.05")] {
            assert_eq!(percent(basis_points), text);
        }
    }
}
