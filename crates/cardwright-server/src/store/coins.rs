//! Coins, the addresses they are sent to, and deposits of them.

use cardwright_core::{
    AccountId, Amount, Block, Chain, Coin, CoinStatus, CoinUnits, Currency, Deposit,
    DepositAddressId, DepositBounds, DepositFailure, DepositFee, DepositId, DepositState, Proceeds,
    Record, Timestamp,
};

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! coin_columns {
    () => {
        "key, chain, name, full_name, decimals, shown_decimals, confirmations, currency, \
         fee_basis_points, fee_fixed, contract, address_page, transaction_page, status, \
         deposit_min, deposit_max"
    };
}

/// The coin with this key.
pub async fn get(tx: &mut ReadTx, key: &str) -> Result<Coin> {
    let sql = concat!("SELECT ", coin_columns!(), " FROM coin WHERE key = $1");
    let row = tx.session().optional(sql, &[key.into()]).await?;
    coin_from(&row.ok_or_else(|| Error::not_found(Record::Coin))?)
}

/// Every coin, by key.
pub async fn all(tx: &mut ReadTx) -> Result<Vec<Coin>> {
    let sql = concat!("SELECT ", coin_columns!(), " FROM coin ORDER BY key");
    let rows = tx.session().query(sql, &[]).await?;
    rows.iter().map(coin_from).collect()
}

fn coin_from(row: &Row) -> Result<Coin> {
    let mut columns = row.reader();
    let key: String = columns.next()?;
    let corrupt = || Error::Corrupt(format!("coin {key}"));
    let small = |number: i64| u32::try_from(number).map_err(|_| corrupt());
    let chain = Chain::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let (name, full_name) = (columns.next()?, columns.next()?);
    let (decimals, shown) = (small(columns.next()?)?, small(columns.next()?)?);
    let confirmations = small(columns.next()?)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let fee = DepositFee {
        rate_basis_points: small(columns.next()?)?,
        fixed: Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?,
    };
    let (contract, address_page) = (columns.next()?, columns.next()?);
    let transaction_page = columns.next()?;
    let status = CoinStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let mut bound =
        || -> Result<Amount> { Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt) };
    let bounds = DepositBounds {
        min: bound()?,
        max: bound()?,
    };
    Ok(Coin {
        chain,
        name,
        full_name,
        decimals,
        shown_decimals: shown,
        confirmations,
        currency,
        fee,
        bounds,
        contract,
        address_page,
        transaction_page,
        status,
        key,
    })
}

/// Writes what can change about a coin.
pub async fn put(tx: &mut Tx, coin: &Coin) -> Result<()> {
    let sql = "UPDATE coin SET confirmations = $2, fee_basis_points = $3, fee_fixed = $4, \
               deposit_min = $5, deposit_max = $6, status = $7 WHERE key = $1";
    let parameters = [
        Value::from(coin.key.as_str()),
        i64::from(coin.confirmations).into(),
        i64::from(coin.fee.rate_basis_points).into(),
        coin.fee.fixed.minor().into(),
        coin.bounds.min.minor().into(),
        coin.bounds.max.minor().into(),
        coin.status.word().into(),
    ];
    tx.execute_shared(sql, &parameters).await?;
    Ok(())
}

/// Where deposits of one coin for one account are sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DepositAddress {
    /// Its id.
    pub id: DepositAddressId,
    /// Whose deposits they are.
    pub account: AccountId,
    /// The coin's key.
    pub coin: String,
    /// The address on the coin's chain.
    pub address: String,
    /// The caller's name for it.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The address for an account and a coin; nothing where none was made yet.
pub async fn find_address(
    tx: &mut ReadTx,
    account: AccountId,
    coin: &str,
) -> Result<Option<DepositAddress>> {
    let sql = "SELECT id, account, coin, address, label, created_at FROM deposit_address \
               WHERE tenant = $1 AND account = $2 AND coin = $3";
    let row = tx
        .optional(sql, &[account.get().into(), coin.into()])
        .await?;
    row.as_ref().map(address_from).transpose()
}

/// The account that has this address, and the address as it is kept; nothing where none has.
pub async fn find_by_address(
    tx: &mut ReadTx,
    coin: &str,
    address: &str,
) -> Result<Option<DepositAddress>> {
    let sql = "SELECT id, account, coin, address, label, created_at FROM deposit_address \
               WHERE tenant = $1 AND coin = $2 AND address = $3";
    let row = tx.optional(sql, &[coin.into(), address.into()]).await?;
    row.as_ref().map(address_from).transpose()
}

/// Writes the caller's name of an address.
pub async fn put_label(tx: &mut Tx, id: DepositAddressId, label: &str) -> Result<()> {
    let sql = "UPDATE deposit_address SET label = $3 WHERE tenant = $1 AND id = $2";
    tx.execute(sql, &[id.get().into(), label.into()]).await?;
    Ok(())
}

/// Ends that any coin takes deposits.
pub async fn disable_all(tx: &mut SystemTx) -> Result<()> {
    let sql = "UPDATE coin SET status = 'disabled'";
    tx.session.execute(sql, &[]).await?;
    Ok(())
}

/// Adds an address; whether nobody had it before.
pub async fn insert_address(tx: &mut Tx, address: &DepositAddress) -> Result<bool> {
    let sql = "INSERT INTO deposit_address (tenant, id, account, coin, address, label, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (coin, address) DO NOTHING";
    let parameters = [
        Value::from(address.id.get()),
        address.account.get().into(),
        address.coin.as_str().into(),
        address.address.as_str().into(),
        address.label.as_deref().into(),
        address.created_at.as_millisecond().into(),
    ];
    Ok(tx.execute(sql, &parameters).await? == 1)
}

pub(super) fn address_from(row: &Row) -> Result<DepositAddress> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("deposit address {id}"));
    Ok(DepositAddress {
        id: DepositAddressId::new(id).map_err(|_| corrupt())?,
        account: AccountId::new(columns.next()?).map_err(|_| corrupt())?,
        coin: columns.next()?,
        address: columns.next()?,
        label: columns.next()?,
        created_at: time(columns.next()?)?,
    })
}

macro_rules! deposit_columns {
    () => {
        "id, account, coin, transaction_hash, from_address, to_address, units, confirmations, \
         state, received, fee, fee_basis_points, fee_fixed, currency, failure, ended_at, \
         created_at, updated_at, block_number, block_hash, block_at"
    };
}
pub(super) use deposit_columns;

/// Whether a column holds a name on a chain, as callers may write it: hashes in any case and with or
/// without the `0x` of an EVM chain, addresses of such a chain in any case. Those of Tron differ by
/// their case.
macro_rules! on_chain {
    (hash, $column:expr, $place:literal) => {
        concat!(
            "(",
            $place,
            " IS NULL OR ",
            $column,
            " IN (LOWER(",
            $place,
            "), '0x' || LOWER(",
            $place,
            ")))"
        )
    };
    (address, $column:expr, $place:literal) => {
        concat!(
            "(",
            $place,
            " IS NULL OR ",
            $column,
            " = ",
            $place,
            " OR (",
            $column,
            " LIKE '0x%' AND LOWER(",
            $column,
            ") = LOWER(",
            $place,
            ")))"
        )
    };
}
pub(super) use on_chain;

macro_rules! deposit_where {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            deposit_columns!(),
            " FROM deposit WHERE tenant = $1 AND ",
            $condition
        )
    };
}

/// The deposit with this id.
pub async fn get_deposit(tx: &mut ReadTx, id: DepositId) -> Result<Deposit> {
    let sql = deposit_where!("id = $2");
    let row = tx.optional(sql, &[id.get().into()]).await?;
    deposit_from(&row.ok_or_else(|| Error::not_found(Record::Deposit))?)
}

/// The deposit that a transaction on a coin's chain made at an address; nothing where none is known.
pub async fn find_deposit(
    tx: &mut ReadTx,
    coin: &str,
    (transaction_hash, address): (&str, &str),
) -> Result<Option<Deposit>> {
    let sql = deposit_where!("coin = $2 AND transaction_hash = $3 AND to_address = $4");
    let parameters = [coin.into(), transaction_hash.into(), address.into()];
    let row = tx.optional(sql, &parameters).await?;
    row.as_ref().map(deposit_from).transpose()
}

/// The deposits that a transaction on a coin's chain made, the oldest first: one for each address
/// that it paid.
pub async fn deposits_by(
    tx: &mut ReadTx,
    coin: &str,
    transaction_hash: &str,
) -> Result<Vec<Deposit>> {
    let sql = deposit_where!("coin = $2 AND transaction_hash = $3 ORDER BY id");
    let parameters = [coin.into(), transaction_hash.into()];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(deposit_from).collect()
}

/// The oldest deposit that could come in the place of one that failed: of as many coins for the same
/// account, first seen at this time or later, neither ended nor announced.
pub async fn find_unannounced(
    tx: &mut ReadTx,
    like: &Deposit,
    from: Timestamp,
) -> Result<Option<Deposit>> {
    let sql = deposit_where!(
        "account = $2 AND coin = $3 AND units = $4 AND created_at >= $5 \
         AND state IN ('wait_process', 'processing') AND NOT EXISTS (SELECT 1 FROM deposit_order \
         WHERE deposit_order.tenant = $1 AND deposit_order.deposit = deposit.id) \
         ORDER BY id LIMIT 1"
    );
    let parameters = [
        Value::from(like.account.get()),
        like.coin.as_str().into(),
        like.units.units().to_string().into(),
        from.as_millisecond().into(),
    ];
    let row = tx.optional(sql, &parameters).await?;
    row.as_ref().map(deposit_from).transpose()
}

/// The deposits before this one, newest first: all, or those that stand so.
pub async fn deposits_before(
    tx: &mut ReadTx,
    before: Option<DepositId>,
    state: Option<&'static str>,
    limit: i64,
) -> Result<Vec<Deposit>> {
    let sql = concat!(
        "SELECT ",
        deposit_columns!(),
        " FROM deposit WHERE tenant = $1 AND ($2 IS NULL OR id < $2) \
         AND ($3 IS NULL OR state = $3) ORDER BY id DESC LIMIT $4"
    );
    let parameters = [
        Value::from(before.map(DepositId::get)),
        state.into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(deposit_from).collect()
}

/// Adds a deposit that has not ended.
pub async fn insert_deposit(tx: &mut Tx, deposit: &Deposit, currency: Currency) -> Result<()> {
    let sql = "INSERT INTO deposit (tenant, id, account, coin, transaction_hash, from_address, \
               to_address, units, confirmations, state, currency, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let parameters = [
        Value::from(deposit.id.get()),
        deposit.account.get().into(),
        deposit.coin.as_str().into(),
        deposit.transaction_hash.as_str().into(),
        deposit.from_address.as_str().into(),
        deposit.to_address.as_str().into(),
        deposit.units.units().to_string().into(),
        i64::from(deposit.confirmations).into(),
        deposit.state.word().into(),
        currency.code().into(),
        deposit.created_at.as_millisecond().into(),
        deposit.updated_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Writes how far a deposit is, and which entry of the journal turned it into money.
pub async fn put_deposit(tx: &mut Tx, deposit: &Deposit, entry: Option<i64>) -> Result<()> {
    let (proceeds, failure, ended_at) = match deposit.state {
        DepositState::Seen | DepositState::Processing => (None, None, None),
        DepositState::Success { proceeds, at } => (Some(proceeds), None, Some(at)),
        DepositState::Fail { reason, at } => (None, Some(reason.word()), Some(at)),
    };
    let sql = "UPDATE deposit SET confirmations = $3, state = $4, received = $5, fee = $6, \
               failure = $7, ended_at = $8, entry = $9, updated_at = $10, \
               fee_basis_points = $11, fee_fixed = $12, block_number = $13, block_hash = $14, \
               block_at = $15 WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(deposit.id.get()),
        i64::from(deposit.confirmations).into(),
        deposit.state.word().into(),
        proceeds.map(|proceeds| proceeds.received.minor()).into(),
        proceeds.map(|proceeds| proceeds.fee.minor()).into(),
        failure.into(),
        ended_at.map(Timestamp::as_millisecond).into(),
        entry.into(),
        deposit.updated_at.as_millisecond().into(),
        proceeds
            .map(|proceeds| i64::from(proceeds.terms.rate_basis_points))
            .into(),
        proceeds.map(|proceeds| proceeds.terms.fixed.minor()).into(),
        deposit.block.as_ref().map(|block| block.number).into(),
        deposit
            .block
            .as_ref()
            .map(|block| block.hash.as_str())
            .into(),
        deposit
            .block
            .as_ref()
            .map(|block| block.at.as_millisecond())
            .into(),
    ];
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Deposit))
    }
}

pub(super) fn deposit_from(row: &Row) -> Result<Deposit> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("deposit {id}"));
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let (coin, transaction_hash) = (columns.next()?, columns.next()?);
    let (from_address, to_address) = (columns.next()?, columns.next()?);
    let units = columns.next::<String>()?.parse().ok();
    let units = units.and_then(CoinUnits::from_units).ok_or_else(corrupt)?;
    let confirmations = u32::try_from(columns.next::<i64>()?).map_err(|_| corrupt())?;
    let state: String = columns.next()?;
    let (received, fee): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let (rate, fixed): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = |minor: Option<i64>| minor.and_then(|minor| Amount::from_minor(minor, currency));
    let rate = rate.and_then(|rate| u32::try_from(rate).ok());
    let terms = rate.zip(amount(fixed)).map(|(rate, fixed)| DepositFee {
        rate_basis_points: rate,
        fixed,
    });
    let proceeds = amount(received).zip(amount(fee)).zip(terms);
    let proceeds = proceeds.map(|((received, fee), terms)| Proceeds {
        received,
        fee,
        terms,
    });
    let failure = columns.next::<Option<String>>()?;
    let failure = failure.as_deref().and_then(DepositFailure::from_word);
    let ended_at = columns.next::<Option<i64>>()?.map(time).transpose()?;
    let state = match (state.as_str(), proceeds, failure, ended_at) {
        ("wait_process", None, None, None) => DepositState::Seen,
        ("processing", None, None, None) => DepositState::Processing,
        ("success", Some(proceeds), None, Some(at)) => DepositState::Success { proceeds, at },
        ("fail", None, Some(reason), Some(at)) => DepositState::Fail { reason, at },
        _ => return Err(corrupt()),
    };
    let (created_at, updated_at) = (time(columns.next()?)?, time(columns.next()?)?);
    let number: Option<i64> = columns.next()?;
    let (hash, made_at): (Option<String>, Option<i64>) = (columns.next()?, columns.next()?);
    let block = match (number, hash, made_at) {
        (Some(number), Some(hash), Some(at)) => Some(Block {
            number,
            hash,
            at: time(at)?,
        }),
        _ => None,
    };
    Ok(Deposit {
        id: DepositId::new(id).map_err(|_| corrupt())?,
        account,
        coin,
        transaction_hash,
        from_address,
        to_address,
        units,
        confirmations,
        block,
        state,
        created_at,
        updated_at,
    })
}
