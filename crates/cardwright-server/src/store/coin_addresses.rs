//! Addresses that operators brought, until they are given to accounts: a pool for each coin.
//!
//! They belong to the environment, as coins do. Law: an address is given once.

use cardwright_core::Timestamp;

use super::{ReadTx, Tx, db::Row, holders::time};
use crate::error::Result;

/// An address of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PooledAddress {
    /// Its number: addresses are given in the order of theirs.
    pub id: i64,
    /// The address on the coin's chain.
    pub address: String,
    /// When it was brought.
    pub created_at: Timestamp,
    /// When an account was given it; nothing while it is free.
    pub given_at: Option<Timestamp>,
}

/// Adds an address to a coin's pool; whether it was not in it.
pub async fn insert(tx: &mut Tx, coin: &str, address: &str) -> Result<bool> {
    let id = tx.next_id().await?;
    let now = tx.real_now().as_millisecond();
    let sql = "INSERT INTO coin_address (id, coin, address, created_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (coin, address) DO NOTHING";
    let parameters = [id.into(), coin.into(), address.into(), now.into()];
    Ok(tx.execute_shared(sql, &parameters).await? == 1)
}

/// The next free address of a coin's pool; nothing where there is none.
pub async fn next_free(tx: &mut Tx, coin: &str) -> Result<Option<PooledAddress>> {
    let sql = "SELECT id, address, created_at, given_at FROM coin_address \
               WHERE coin = $1 AND given_at IS NULL ORDER BY id LIMIT 1";
    let row = tx.session().optional(sql, &[coin.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Writes that an account was given an address.
pub async fn put_given(tx: &mut Tx, id: i64) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE coin_address SET given_at = $2 WHERE id = $1 AND given_at IS NULL";
    tx.execute_shared(sql, &[id.into(), now.into()]).await?;
    Ok(())
}

/// How many addresses of a coin's pool are free.
pub async fn count_free(tx: &mut ReadTx, coin: &str) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM coin_address WHERE coin = $1 AND given_at IS NULL";
    Ok(tx.session().one(sql, &[coin.into()]).await?.get(0)?)
}

/// Whether a coin's pool ever had an address.
pub async fn exist(tx: &mut ReadTx, coin: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM coin_address WHERE coin = $1 LIMIT 1";
    let row = tx.session().optional(sql, &[coin.into()]).await?;
    Ok(row.is_some())
}

/// The addresses of a coin's pool after this one, in the order in which they are given.
pub async fn after(
    tx: &mut ReadTx,
    coin: &str,
    last: i64,
    limit: i64,
) -> Result<Vec<PooledAddress>> {
    let sql = "SELECT id, address, created_at, given_at FROM coin_address \
               WHERE coin = $1 AND id > $2 ORDER BY id LIMIT $3";
    let parameters = [coin.into(), last.into(), limit.into()];
    let rows = tx.session().query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<PooledAddress> {
    let mut columns = row.reader();
    Ok(PooledAddress {
        id: columns.next()?,
        address: columns.next()?,
        created_at: time(columns.next()?)?,
        given_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
    })
}
