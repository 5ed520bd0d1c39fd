//! Deposits of coins: addresses to send them to, and what chains report.
//!
//! Law: a transaction on a chain is turned into money once, however often it is reported; what the
//! account receives and what the platform keeps leave the clearing account in one entry. In
//! production nobody is given an address that an operator has not brought: of one that we made up,
//! nobody has the key, and what is sent there is lost.

use cardwright_core::{
    AccountId, AccountKind, Balance, Block, Coin, CoinUnits, Deposit, DepositAddressId, DepositId,
    DepositState, Event, Record, Refusal, Transfer, TransferKind,
};
use rand::Rng;

use super::accounts as account_ops;
use crate::{
    error::{Error, Result},
    store::{
        Tx, accounts, coin_addresses,
        coins::{self, DepositAddress},
        environment::{self, EnvironmentName},
        journal::{self, Cause, FloorRule, Posting},
    },
};

pub(super) mod address;
mod announced;

pub use announced::{announce, expire};

/// How many addresses are drawn before something must be broken: they have 160 bits.
const ADDRESS_DRAWS: usize = 3;

/// The address to which deposits of a coin for an account are sent; given when it is first asked
/// for. A label that comes later names an address that has none.
///
/// Addresses that operators brought are given first. A sandbox that has none makes one up: it has the
/// form of its chain, and nobody has its key.
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
        return labelled(tx, known, label).await;
    }
    let id = DepositAddressId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let blank = DepositAddress {
        id,
        account,
        coin: coin.key.clone(),
        address: String::new(),
        label,
        created_at: tx.now(),
    };
    let given = match out_of_pool(tx, &blank).await? {
        Some(given) => given,
        None => made_up(tx, coin, &blank).await?,
    };
    tx.audit(
        "deposit_address.create",
        ("deposit_address", &id.to_string()),
    )
    .await?;
    Ok(given)
}

async fn labelled(
    tx: &mut Tx,
    known: DepositAddress,
    label: Option<String>,
) -> Result<DepositAddress> {
    let (None, Some(label)) = (&known.label, label) else {
        return Ok(known);
    };
    coins::put_label(tx, known.id, &label).await?;
    let subject = known.id.to_string();
    tx.audit("deposit_address.label", ("deposit_address", &subject))
        .await?;
    Ok(DepositAddress {
        label: Some(label),
        ..known
    })
}

/// Gives an address that an operator brought; nothing where none is free.
async fn out_of_pool(tx: &mut Tx, blank: &DepositAddress) -> Result<Option<DepositAddress>> {
    while let Some(free) = coin_addresses::next_free(tx, &blank.coin).await? {
        coin_addresses::put_given(tx, free.id).await?;
        let given = DepositAddress {
            address: free.address,
            ..blank.clone()
        };
        // A sandbox that was set back may have given it before it was brought again.
        if coins::insert_address(tx, &given).await? {
            return Ok(Some(given));
        }
    }
    Ok(None)
}

async fn made_up(tx: &mut Tx, coin: &Coin, blank: &DepositAddress) -> Result<DepositAddress> {
    match environment::of(tx).await?.name {
        EnvironmentName::Sandbox => {}
        EnvironmentName::Production => return Err(Refusal::CoinNotEnabled.into()),
    }
    let mut random = tx.entropy().record(blank.id.get());
    for _ in 0..ADDRESS_DRAWS {
        let mut bytes = [0; 20];
        random.fill_bytes(&mut bytes);
        let made = DepositAddress {
            address: address::text(coin.chain, bytes),
            ..blank.clone()
        };
        if coins::insert_address(tx, &made).await? {
            return Ok(made);
        }
    }
    Err(Error::Corrupt("no free deposit address".to_owned()))
}

/// Where the account receives a coin. What has come has come: an address that was given once takes
/// coins also where no new ones are given.
async fn receiving(tx: &mut Tx, account: AccountId, coin: &Coin) -> Result<DepositAddress> {
    match coins::find_address(tx, account, &coin.key).await? {
        Some(known) => Ok(known),
        None => address(tx, account, coin, None).await,
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
    /// The block that it is in.
    pub block: SeenBlock,
}

/// What is known about the block of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SeenBlock {
    /// What its observer said.
    Told(Block),
    /// Its observer did not say.
    Untold,
    /// There is no chain: a sandbox makes one up.
    MadeUp,
}

/// Takes a report about coins on their way. The same transaction reported again moves its deposit
/// on; reported with other content, it is refused. To another address, it is another deposit.
pub async fn report(tx: &mut Tx, coin: &Coin, seen: Sighting) -> Result<Deposit> {
    let to = receiving(tx, seen.account, coin).await?;
    let hash = coin.chain.hash_text(&seen.transaction_hash);
    let known = coins::find_deposit(tx, &coin.key, (&hash, &to.address)).await?;
    let before = match known {
        Some(known) if known.units != seen.units => {
            return Err(Refusal::DepositConflict.into());
        }
        Some(known) => known,
        None => insert(tx, coin, (&seen, hash, to)).await?,
    };
    let mut after = before.clone().confirm(seen.confirmations, coin, tx.now())?;
    let has_ended = match before.state {
        DepositState::Seen | DepositState::Processing => false,
        DepositState::Success { .. } | DepositState::Fail { .. } => true,
    };
    match seen.block {
        _ if has_ended => {}
        SeenBlock::Told(block) => {
            after.block = Some(Block {
                hash: coin.chain.hash_text(&block.hash),
                ..block
            });
        }
        SeenBlock::MadeUp if after.confirmations > 0 && after.block.is_none() => {
            after.block = Some(block_of(tx, coin, &after));
        }
        SeenBlock::MadeUp | SeenBlock::Untold => {}
    }
    tx.audit("deposit.report", ("deposit", &after.id.to_string()))
        .await?;
    put(tx, coin, (&before, &after)).await?;
    Ok(after)
}

/// The address of one of the tenant's accounts that a transaction paid, however it is written.
pub async fn paid_address(tx: &mut Tx, coin: &Coin, given: &str) -> Result<DepositAddress> {
    let missing = || Error::not_found(Record::Account);
    let kept = address::parse(coin.chain, given).ok_or_else(missing)?;
    let found = coins::find_by_address(tx, &coin.key, &kept).await?;
    found.ok_or_else(missing)
}

/// The deposits that a transaction made, the oldest first, however its hash is written.
pub async fn by_transaction(tx: &mut Tx, coin: &Coin, hash: &str) -> Result<Vec<Deposit>> {
    coins::deposits_by(tx, &coin.key, &coin.chain.hash_text(hash)).await
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
        hash: coin.chain.hash_text(&hex::encode(hash)),
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
    put(tx, &coin, (&before, &after)).await?;
    Ok((after, coin))
}

/// The chain took a transaction back before it counted.
pub async fn drop_out(tx: &mut Tx, id: DepositId) -> Result<Deposit> {
    let before = coins::get_deposit(tx, id).await?;
    let coin = coins::get(tx, &before.coin).await?;
    let after = before.clone().drop_out(tx.now())?;
    tx.audit("deposit.drop", ("deposit", &id.to_string()))
        .await?;
    put(tx, &coin, (&before, &after)).await?;
    Ok(after)
}

async fn insert(
    tx: &mut Tx,
    coin: &Coin,
    (seen, transaction_hash, to): (&Sighting, String, DepositAddress),
) -> Result<Deposit> {
    let id = DepositId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let deposit = Deposit {
        id,
        account: seen.account,
        coin: coin.key.clone(),
        transaction_hash,
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
    announced::fulfil(tx, coin, &deposit).await?;
    let balance = accounts::get(tx, deposit.account).await?.balance;
    tell(tx, &deposit, balance).await?;
    Ok(deposit)
}

/// Stores how far a deposit is, with the money it became, and tells of another state.
async fn put(tx: &mut Tx, coin: &Coin, (before, after): (&Deposit, &Deposit)) -> Result<()> {
    if after == before {
        return Ok(());
    }
    if after.state == before.state {
        return coins::put_deposit(tx, after, None).await;
    }
    let balance = match after.state {
        DepositState::Success { .. } => {
            let (entry, balance) = credit(tx, after).await?;
            coins::put_deposit(tx, after, Some(entry)).await?;
            announced::take_up(tx, coin, after).await?;
            balance
        }
        DepositState::Seen | DepositState::Processing => {
            coins::put_deposit(tx, after, None).await?;
            accounts::get(tx, after.account).await?.balance
        }
        DepositState::Fail { .. } => {
            coins::put_deposit(tx, after, None).await?;
            announced::let_go(tx, after).await?;
            accounts::get(tx, after.account).await?.balance
        }
    };
    tell(tx, after, balance).await
}

/// Turns a deposit into money: the entry of the journal, and what the account has then.
async fn credit(tx: &mut Tx, deposit: &Deposit) -> Result<(i64, Balance)> {
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
    let posted = journal::post(tx, &posting).await?;
    let balance = posted.balance_of(deposit.account);
    let balance = balance.ok_or_else(|| Error::Corrupt(format!("deposit {}", deposit.id)))?;
    Ok((posted.entry, balance))
}

async fn tell(tx: &mut Tx, deposit: &Deposit, balance: Balance) -> Result<()> {
    tx.emit(Event::DepositChanged {
        account: deposit.account,
        deposit: deposit.id,
        state: deposit.state.word(),
        balance_minor: balance.available(),
    })
    .await
}
