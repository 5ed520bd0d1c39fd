//! Deposits of coins: addresses to send them to, and what chains report.
//!
//! Law: a transaction on a chain is turned into money once, however often it is reported; what the
//! account receives and what the platform keeps leave the clearing account in one entry. A deposit
//! that was announced knows what came of it, and what came belongs to one announcement at most.

use cardwright_core::{
    AccountId, AccountKind, Amount, Block, Coin, CoinUnits, Deposit, DepositAddressId, DepositId,
    DepositOrder, DepositOrderId, DepositState, Event, Refusal, Transfer, TransferKind,
};
use rand::Rng;

use super::accounts as account_ops;
use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts,
        coins::{self, DepositAddress},
        deposit_orders,
        jobs::{self, Task},
        journal::{self, Cause, FloorRule, Posting},
    },
};

mod address;

/// How many addresses are drawn before something must be broken: they have 160 bits.
const ADDRESS_DRAWS: usize = 3;

/// The address to which deposits of a coin for an account are sent; made when it is first asked
/// for.
///
/// The address is one of the sandbox: it has the form of its chain, and nobody has its key.
pub async fn address(
    tx: &mut Tx,
    account: AccountId,
    coin: &Coin,
    label: Option<String>,
) -> Result<DepositAddress> {
    coin.require_enabled()?;
    let owner = accounts::get_visible(tx, account).await?;
    owner.require_active()?;
    if owner.currency != coin.currency {
        return Err(Refusal::CurrencyMismatch.into());
    }
    if let Some(known) = coins::find_address(tx, account, &coin.key).await? {
        return Ok(known);
    }
    let id = DepositAddressId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let mut random = tx.entropy().record(id.get());
    for _ in 0..ADDRESS_DRAWS {
        let mut bytes = [0; 20];
        random.fill_bytes(&mut bytes);
        let made = DepositAddress {
            id,
            account,
            coin: coin.key.clone(),
            address: address::text(coin.chain, bytes),
            label: label.clone(),
            created_at: tx.now(),
        };
        if coins::insert_address(tx, &made).await? {
            tx.audit(
                "deposit_address.create",
                ("deposit_address", &id.to_string()),
            )
            .await?;
            return Ok(made);
        }
    }
    Err(Error::Corrupt("no free deposit address".to_owned()))
}

/// Announces a deposit of a coin for an account: where to send it, and until when.
pub async fn announce(
    tx: &mut Tx,
    account: AccountId,
    coin: &Coin,
    amount: Amount,
) -> Result<DepositOrder> {
    let to = address(tx, account, coin, None).await?;
    coin.check_bounds(amount)?;
    let id = DepositOrderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let order = DepositOrder {
        id,
        account,
        coin: coin.key.clone(),
        amount,
        to_address: to.address,
        deposit: None,
        created_at: tx.now(),
        expires_at: DepositOrder::end_of(tx.now())?,
    };
    deposit_orders::insert(tx, &order).await?;
    jobs::schedule(tx, Task::EndDepositOrder(id), order.expires_at).await?;
    tx.audit("deposit.announce", ("deposit_order", &id.to_string()))
        .await?;
    Ok(order)
}

/// Ends the time of an announced deposit: where nothing came of it, that is told, once.
pub async fn expire(tx: &mut Tx, id: DepositOrderId) -> Result<()> {
    let order = deposit_orders::get(tx, id).await?;
    if order.deposit.is_some() {
        return Ok(());
    }
    tx.audit("deposit.expire", ("deposit_order", &id.to_string()))
        .await?;
    tx.emit(Event::DepositExpired {
        account: order.account,
        order: id,
    })
    .await
}

/// Finds the announcement that a deposit belongs to: the oldest of exactly this amount, else the
/// oldest, because people send what is left after a fee of their exchange.
async fn fulfil(tx: &mut Tx, coin: &Coin, deposit: &Deposit) -> Result<()> {
    let awaited = deposit_orders::awaited(tx, deposit.account, &coin.key).await?;
    let exact = awaited
        .iter()
        .find(|order| coin.is_worth(deposit.units, order.amount));
    match exact.or(awaited.first()) {
        Some(order) => deposit_orders::fulfil(tx, order.id, deposit.id).await,
        None => Ok(()),
    }
}

/// What an observer of a chain saw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// The account whose address was paid.
    pub account: AccountId,
    /// The transaction on the chain.
    pub transaction_hash: String,
    /// Who sent the coins.
    pub from_address: String,
    /// How many.
    pub units: CoinUnits,
    /// How many blocks lie on the transaction.
    pub confirmations: u32,
}

/// Takes a report about coins on their way. The same transaction reported again moves its deposit
/// on; reported with other content, it is refused.
pub async fn report(tx: &mut Tx, coin: &Coin, seen: Sighting) -> Result<Deposit> {
    let known = coins::find_deposit(tx, &coin.key, &seen.transaction_hash).await?;
    let before = match known {
        Some(known) if known.account != seen.account || known.units != seen.units => {
            return Err(Refusal::DepositConflict.into());
        }
        Some(known) => known,
        None => insert(tx, coin, &seen).await?,
    };
    let mut after = before.clone().confirm(seen.confirmations, coin, tx.now())?;
    if after.confirmations > 0 && after.block.is_none() {
        after.block = Some(block_of(tx, coin, &after));
    }
    tx.audit("deposit.report", ("deposit", &after.id.to_string()))
        .await?;
    put(tx, &before, &after).await?;
    Ok(after)
}

/// An address of somebody we know nothing about, for a sandbox to have deposits come from.
pub fn stranger(tx: &Tx, coin: &Coin) -> String {
    address::text(coin.chain, *tx.entropy().secret_bytes())
}

/// The block that a deposit is in. Like its address it is one of the sandbox: that which would have
/// been the newest before so many came on top of it.
fn block_of(tx: &Tx, coin: &Coin, deposit: &Deposit) -> Block {
    let mut hash = [0; 32];
    tx.entropy().record(deposit.id.get()).fill_bytes(&mut hash);
    Block {
        number: coin.chain.height_at(tx.now()) - i64::from(deposit.confirmations),
        hash: hex::encode(hash),
        at: tx.now(),
    }
}

/// Staff take a deposit that failed all the same, for this reason.
pub async fn accept(tx: &mut Tx, id: DepositId, reason: &str) -> Result<(Deposit, Coin)> {
    let before = coins::get_deposit(tx, id).await?;
    let coin = coins::get(tx, &before.coin).await?;
    let after = before.clone().accept(&coin, tx.now())?;
    if after != before {
        let owner = accounts::get_visible(tx, before.account).await?;
        owner.require_active()?;
    }
    tx.audit_reasoned("deposit.accept", ("deposit", &id.to_string()), Some(reason))
        .await?;
    put(tx, &before, &after).await?;
    Ok((after, coin))
}

/// The chain took a transaction back before it counted.
pub async fn drop_out(tx: &mut Tx, id: DepositId) -> Result<Deposit> {
    let before = coins::get_deposit(tx, id).await?;
    let after = before.clone().drop_out(tx.now())?;
    tx.audit("deposit.drop", ("deposit", &id.to_string()))
        .await?;
    put(tx, &before, &after).await?;
    Ok(after)
}

async fn insert(tx: &mut Tx, coin: &Coin, seen: &Sighting) -> Result<Deposit> {
    let to = address(tx, seen.account, coin, None).await?;
    let id = DepositId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let deposit = Deposit {
        id,
        account: seen.account,
        coin: coin.key.clone(),
        transaction_hash: seen.transaction_hash.clone(),
        from_address: seen.from_address.clone(),
        to_address: to.address,
        units: seen.units,
        confirmations: 0,
        block: None,
        state: DepositState::Seen,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    coins::insert_deposit(tx, &deposit, coin.currency).await?;
    fulfil(tx, coin, &deposit).await?;
    tell(tx, &deposit).await?;
    Ok(deposit)
}

/// Stores how far a deposit is, with the money it became, and tells of another state.
async fn put(tx: &mut Tx, before: &Deposit, after: &Deposit) -> Result<()> {
    if after == before {
        return Ok(());
    }
    let entry = match after.state {
        DepositState::Success { .. } => Some(credit(tx, after).await?),
        DepositState::Seen | DepositState::Processing | DepositState::Fail { .. } => None,
    };
    coins::put_deposit(tx, after, entry).await?;
    if after.state != before.state {
        tell(tx, after).await?;
    }
    Ok(())
}

/// Turns a deposit into money: the entry of the journal.
async fn credit(tx: &mut Tx, deposit: &Deposit) -> Result<i64> {
    let DepositState::Success { proceeds, .. } = deposit.state else {
        return Err(Refusal::DepositTransitionNotAllowed.into());
    };
    let currency = proceeds.received.currency();
    let clearing = account_ops::book(tx, AccountKind::CryptoClearing, currency).await?;
    let mut transfers = vec![Transfer::new(
        clearing.id,
        deposit.account,
        proceeds.received,
        TransferKind::CryptoDeposit,
    )?];
    if !proceeds.fee.is_zero() {
        let income = account_ops::book(tx, AccountKind::FeesIncome, currency).await?;
        let kind = TransferKind::CryptoFee;
        transfers.push(Transfer::new(clearing.id, income.id, proceeds.fee, kind)?);
    }
    let posting = Posting {
        cause: Cause::None,
        hold: None,
        transfers: &transfers,
        floor: FloorRule::Keep,
    };
    Ok(journal::post(tx, &posting).await?.entry)
}

async fn tell(tx: &mut Tx, deposit: &Deposit) -> Result<()> {
    tx.emit(Event::DepositChanged {
        account: deposit.account,
        deposit: deposit.id,
        state: deposit.state.word(),
    })
    .await
}
