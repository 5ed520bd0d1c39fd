//! Deposits that callers announced, and what came of them.

use cardwright_core::{
    AccountId, Amount, Currency, Deposit, DepositId, DepositOrder, DepositOrderId, Record,
    Timestamp,
};

use super::{
    ReadTx, Tx,
    coins::on_chain,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, account, coin, currency, amount, to_address, deposit, created_at, expires_at"
    };
}

/// The announced deposit with this id.
pub async fn get(tx: &mut ReadTx, id: DepositOrderId) -> Result<DepositOrder> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM deposit_order WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Deposit))?)
}

macro_rules! awaited {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM deposit_order WHERE tenant = $1 AND account = $2 AND coin = $3 AND amount = $4 \
             AND deposit IS NULL AND created_at <= $5 AND expires_at > $5 ORDER BY id LIMIT 1"
        )
    };
}

/// The oldest announcement of this amount that was waited for when a deposit was first seen, and
/// still has none.
pub async fn awaited(
    tx: &mut ReadTx,
    deposit: &Deposit,
    amount: Amount,
) -> Result<Option<DepositOrder>> {
    let parameters = [
        Value::from(deposit.account.get()),
        deposit.coin.as_str().into(),
        amount.minor().into(),
        deposit.created_at.as_millisecond().into(),
    ];
    let row = tx.optional(awaited!(), &parameters).await?;
    row.as_ref().map(from_row).transpose()
}

/// What had announced a deposit, if anything had.
pub async fn of_deposit(tx: &mut ReadTx, deposit: DepositId) -> Result<Option<DepositOrder>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM deposit_order WHERE tenant = $1 AND deposit = $2"
    );
    let row = tx.optional(sql, &[deposit.get().into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Adds an announced deposit.
pub async fn insert(tx: &mut Tx, order: &DepositOrder) -> Result<()> {
    let sql = "INSERT INTO deposit_order (tenant, id, account, coin, currency, amount, \
               to_address, deposit, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let parameters = [
        Value::from(order.id.get()),
        order.account.get().into(),
        order.coin.as_str().into(),
        order.amount.currency().code().into(),
        order.amount.minor().into(),
        order.to_address.as_str().into(),
        order.deposit.map(DepositId::get).into(),
        order.created_at.as_millisecond().into(),
        order.expires_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Writes which deposit came of an announced one.
pub async fn fulfil(tx: &mut Tx, id: DepositOrderId, deposit: DepositId) -> Result<()> {
    let sql = "UPDATE deposit_order SET deposit = $3 WHERE tenant = $1 AND id = $2 \
               AND deposit IS NULL";
    tx.execute(sql, &[id.get().into(), deposit.get().into()])
        .await?;
    Ok(())
}

/// Waits for another deposit in the place of one that failed.
pub async fn release(tx: &mut Tx, id: DepositOrderId) -> Result<()> {
    let sql = "UPDATE deposit_order SET deposit = NULL WHERE tenant = $1 AND id = $2";
    tx.execute(sql, &[id.get().into()]).await?;
    Ok(())
}

/// What a list of deposits, announced or not, is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AnnouncedFilter {
    /// Only this one: the announced deposit's number, or that of what came of it.
    pub number: Option<i64>,
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only from this address.
    pub from_address: Option<String>,
    /// Only to this address.
    pub to_address: Option<String>,
    /// Only this transaction of a chain.
    pub transaction_hash: Option<String>,
    /// Only those that stand like this, by the word of [`cardwright_core::DepositState::word`];
    /// what is awaited is `wait_process`, what never came `fail`.
    pub state: Option<&'static str>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
}

/// A deposit that was announced, or one that came unannounced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Announced {
    /// The announced one.
    pub order: Option<DepositOrderId>,
    /// What came.
    pub deposit: Option<DepositId>,
}

/// The condition that both kinds of rows have in common: of this record, in this state.
macro_rules! narrowed {
    ($record:literal, $state:literal) => {
        concat!(
            " AND ($2 IS NULL OR ",
            $record,
            ".id = $2 OR deposit.id = $2) AND ($3 IS NULL OR ",
            $record,
            ".account = $3) AND ",
            on_chain!(address, "deposit.from_address", "$4"),
            " AND ",
            on_chain!(address, concat!($record, ".to_address"), "$5"),
            " AND ",
            on_chain!(hash, "deposit.transaction_hash", "$6"),
            " AND ($7 IS NULL OR ",
            $state,
            " = $7) AND ($8 IS NULL OR ",
            $record,
            ".created_at >= $8) AND ($9 IS NULL OR ",
            $record,
            ".created_at <= $9)"
        )
    };
}

/// Announcements with what came of them, and what came unannounced.
macro_rules! both {
    () => {
        concat!(
            "SELECT deposit_order.id AS number, deposit_order.id AS announced, \
             deposit_order.deposit AS came FROM deposit_order \
             LEFT JOIN deposit ON deposit.tenant = $1 AND deposit.id = deposit_order.deposit \
             WHERE deposit_order.tenant = $1",
            narrowed!(
                "deposit_order",
                "COALESCE(deposit.state, CASE WHEN deposit_order.expires_at > $10 \
                 THEN 'wait_process' ELSE 'fail' END)"
            ),
            " UNION ALL SELECT deposit.id, NULL, deposit.id FROM deposit \
             WHERE deposit.tenant = $1 AND NOT EXISTS (SELECT 1 FROM deposit_order \
             WHERE deposit_order.tenant = $1 AND deposit_order.deposit = deposit.id)",
            narrowed!("deposit", "deposit.state"),
        )
    };
}

/// One page of deposits, announced or not, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &AnnouncedFilter,
    window: (i64, i64),
) -> Result<(Vec<Announced>, i64)> {
    let parameters = vec![
        Value::from(filter.number),
        filter.account.map(AccountId::get).into(),
        filter.from_address.as_deref().into(),
        filter.to_address.as_deref().into(),
        filter.transaction_hash.as_deref().into(),
        filter.state.into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
        tx.now().as_millisecond().into(),
    ];
    let count = concat!("SELECT COUNT(*) FROM (", both!(), ") AS listed");
    let list = concat!(both!(), " ORDER BY number DESC LIMIT $11 OFFSET $12");
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    let listed = rows.iter().map(|row| {
        let corrupt = || Error::Corrupt("a listed deposit".to_owned());
        let order = row.get::<Option<i64>>(1)?.map(DepositOrderId::new);
        let deposit = row.get::<Option<i64>>(2)?.map(DepositId::new);
        Ok(Announced {
            order: order.transpose().map_err(|_| corrupt())?,
            deposit: deposit.transpose().map_err(|_| corrupt())?,
        })
    });
    Ok((listed.collect::<Result<_>>()?, total))
}

fn from_row(row: &Row) -> Result<DepositOrder> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("announced deposit {id}"));
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let coin = columns.next()?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let to_address = columns.next()?;
    let deposit = columns.next::<Option<i64>>()?.map(DepositId::new);
    Ok(DepositOrder {
        id: DepositOrderId::new(id).map_err(|_| corrupt())?,
        account,
        coin,
        amount,
        to_address,
        deposit: deposit.transpose().map_err(|_| corrupt())?,
        created_at: time(columns.next()?)?,
        expires_at: time(columns.next()?)?,
    })
}
