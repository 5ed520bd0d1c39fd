//! Lists of deposit addresses and deposits, and what lies on an address.

use cardwright_core::{AccountId, Chain, CoinStatus, CoinUnits, Deposit, Timestamp};

use super::{
    ReadTx,
    coins::{DepositAddress, address_from, deposit_columns, deposit_from},
    db::Value,
    holders::{contains_pattern, time},
};
use crate::error::{Error, Result};

/// What a list of addresses is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AddressFilter {
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only of this coin.
    pub coin: Option<String>,
    /// Only on this chain.
    pub chain: Option<Chain>,
    /// Only of coins that stand like this.
    pub coin_status: Option<CoinStatus>,
    /// Only where address, label or coin contain this.
    pub search: Option<String>,
    /// Not made before.
    pub from: Option<Timestamp>,
    /// Not made after.
    pub until: Option<Timestamp>,
}

/// What addresses are ordered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressOrder {
    /// When they were made.
    Created,
    /// Their coin.
    Coin,
    /// Their label.
    Label,
    /// The address itself.
    Address,
}

/// Which way a list goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListOrder {
    /// The least or oldest first.
    Ascending,
    /// The greatest or newest first.
    Descending,
}

impl AddressOrder {
    fn word(self) -> &'static str {
        match self {
            AddressOrder::Created => "created",
            AddressOrder::Coin => "coin",
            AddressOrder::Label => "label",
            AddressOrder::Address => "address",
        }
    }
}

/// One page of addresses and how many there are in all.
pub async fn addresses(
    tx: &mut ReadTx,
    filter: &AddressFilter,
    (order, direction): (AddressOrder, ListOrder),
    window: (i64, i64),
) -> Result<(Vec<DepositAddress>, i64)> {
    macro_rules! condition {
        () => {
            " FROM deposit_address WHERE tenant = $1 AND ($2 IS NULL OR account = $2) \
             AND ($3 IS NULL OR coin = $3) \
             AND ($4 IS NULL OR coin IN (SELECT key FROM coin WHERE chain = $4)) \
             AND ($5 IS NULL OR coin IN (SELECT key FROM coin WHERE status = $5)) \
             AND ($6 IS NULL OR FOLDED(address) LIKE $6 ESCAPE '!' \
                  OR FOLDED(label) LIKE $6 ESCAPE '!' OR FOLDED(coin) LIKE $6 ESCAPE '!') \
             AND ($7 IS NULL OR created_at >= $7) AND ($8 IS NULL OR created_at <= $8)"
        };
    }
    // The word of the order stands in both statements, so that they take the same parameters.
    macro_rules! list {
        ($direction:literal) => {
            concat!(
                "SELECT id, account, coin, address, label, created_at",
                condition!(),
                " AND $9 IS NOT NULL ORDER BY CASE $9 WHEN 'coin' THEN coin \
                 WHEN 'label' THEN COALESCE(label, '') WHEN 'address' THEN address ELSE '' END ",
                $direction,
                ", id ",
                $direction,
                " LIMIT $10 OFFSET $11"
            )
        };
    }
    let count = concat!("SELECT COUNT(*)", condition!(), " AND $9 IS NOT NULL");
    let list = match direction {
        ListOrder::Ascending => list!("ASC"),
        ListOrder::Descending => list!("DESC"),
    };
    let parameters = vec![
        Value::from(filter.account.map(AccountId::get)),
        filter.coin.as_deref().into(),
        filter.chain.map(Chain::word).into(),
        filter.coin_status.map(CoinStatus::word).into(),
        filter.search.as_deref().map(contains_pattern).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
        order.word().into(),
    ];
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(address_from).collect::<Result<_>>()?, total))
}

/// What came to an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Received {
    /// Coins that were turned into money.
    pub counted: CoinUnits,
    /// Coins that are on their way.
    pub awaited: CoinUnits,
    /// How many deposits there were, failed ones too.
    pub deposits: i64,
    /// When one last moved.
    pub last_at: Option<Timestamp>,
}

/// What came to the address of an account and a coin.
///
/// Units have more digits than numbers of the store, so they are added up in three parts of twelve
/// digits.
pub async fn received(tx: &mut ReadTx, account: AccountId, coin: &str) -> Result<Received> {
    macro_rules! part {
        ($first:literal) => {
            concat!(
                "SUM(CAST(SUBSTR(SUBSTR('000000000000000000000000000000000000' || units, \
                 LENGTH(units) + 1), ",
                $first,
                ", 12) AS BIGINT))"
            )
        };
    }
    let sql = concat!(
        "SELECT state, COUNT(*), MAX(updated_at), ",
        part!(1),
        ", ",
        part!(13),
        ", ",
        part!(25),
        " FROM deposit WHERE tenant = $1 AND account = $2 AND coin = $3 GROUP BY state"
    );
    let mut all = Received {
        counted: CoinUnits::NONE,
        awaited: CoinUnits::NONE,
        deposits: 0,
        last_at: None,
    };
    for row in tx.query(sql, &[account.get().into(), coin.into()]).await? {
        let mut columns = row.reader();
        let state: String = columns.next()?;
        all.deposits += columns.next::<i64>()?;
        all.last_at = all.last_at.max(Some(time(columns.next()?)?));
        let mut units = 0_u128;
        for _ in 0..3 {
            let part = u128::try_from(columns.next::<i64>()?).unwrap_or_default();
            units = units.saturating_mul(1_000_000_000_000).saturating_add(part);
        }
        let sum = |before: CoinUnits| {
            let sum = before.units().checked_add(units);
            sum.and_then(CoinUnits::from_units)
                .ok_or_else(|| Error::Corrupt(format!("deposits of account {account}")))
        };
        match state.as_str() {
            "success" => all.counted = sum(all.counted)?,
            "wait_process" | "processing" => all.awaited = sum(all.awaited)?,
            _ => {}
        }
    }
    Ok(all)
}

/// What a list of deposits is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct DepositFilter {
    /// Only this one.
    pub id: Option<i64>,
    /// Only of this coin.
    pub coin: Option<String>,
    /// Only of coins with this name.
    pub coin_name: Option<String>,
    /// Only on this chain.
    pub chain: Option<Chain>,
    /// Only this transaction of a chain.
    pub transaction_hash: Option<String>,
    /// Only from this address.
    pub from_address: Option<String>,
    /// Only to this address.
    pub to_address: Option<String>,
    /// Only those that stand like this, by the word of [`cardwright_core::DepositState::word`].
    pub state: Option<&'static str>,
    /// Only where transaction, addresses or coin contain this.
    pub search: Option<String>,
    /// Not first seen before.
    pub from: Option<Timestamp>,
    /// Not first seen after.
    pub until: Option<Timestamp>,
}

/// One page of deposits, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &DepositFilter,
    window: (i64, i64),
) -> Result<(Vec<Deposit>, i64)> {
    macro_rules! condition {
        () => {
            " FROM deposit WHERE tenant = $1 AND ($2 IS NULL OR id = $2) \
             AND ($3 IS NULL OR coin = $3) \
             AND ($4 IS NULL OR coin IN (SELECT key FROM coin WHERE name = $4)) \
             AND ($5 IS NULL OR transaction_hash = $5) AND ($6 IS NULL OR from_address = $6) \
             AND ($7 IS NULL OR to_address = $7) AND ($8 IS NULL OR state = $8) \
             AND ($9 IS NULL OR FOLDED(transaction_hash) LIKE $9 ESCAPE '!' \
                  OR FOLDED(from_address) LIKE $9 ESCAPE '!' \
                  OR FOLDED(to_address) LIKE $9 ESCAPE '!' OR FOLDED(coin) LIKE $9 ESCAPE '!') \
             AND ($10 IS NULL OR created_at >= $10) AND ($11 IS NULL OR created_at <= $11) \
             AND ($12 IS NULL OR coin IN (SELECT key FROM coin WHERE chain = $12))"
        };
    }
    let parameters = vec![
        Value::from(filter.id),
        filter.coin.as_deref().into(),
        filter.coin_name.as_deref().into(),
        filter.transaction_hash.as_deref().into(),
        filter.from_address.as_deref().into(),
        filter.to_address.as_deref().into(),
        filter.state.into(),
        filter.search.as_deref().map(contains_pattern).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
        filter.chain.map(Chain::word).into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT ",
        deposit_columns!(),
        condition!(),
        " ORDER BY id DESC LIMIT $13 OFFSET $14"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(deposit_from).collect::<Result<_>>()?, total))
}

#[cfg(test)]
mod tests {
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession, WriteSession},
    };

    /// A deposit that was credited and one that was not, as the step before the tenth knew them.
    const BEFORE: [&str; 5] = [
        "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at) \
         VALUES (1, 'a', 'b', 'demo', 'auto', 5)",
        "INSERT INTO account (tenant, id, kind, currency, name, status, credits, debits, \
         entry_sequence, created_at, updated_at) \
         VALUES (1, 2, 'wallet', 'USD', 'WALLET', 'active', 0, 0, 0, 5, 5)",
        "INSERT INTO journal_entry (tenant, id, created_at) VALUES (1, 3, 5)",
        "INSERT INTO deposit (tenant, id, account, coin, transaction_hash, from_address, \
         to_address, units, confirmations, state, received, fee, currency, ended_at, entry, \
         created_at, updated_at) VALUES (1, 4, 2, 'USDT_TRC20', 'h1', 'f', 't', '9000000', 38, \
         'success', 886, 14, 'USD', 6, 3, 5, 6)",
        "INSERT INTO deposit (tenant, id, account, coin, transaction_hash, from_address, \
         to_address, units, confirmations, state, currency, created_at, updated_at) \
         VALUES (1, 5, 2, 'USDT_TRC20', 'h2', 'f', 't', '9', 1, 'processing', 'USD', 5, 6)",
    ];

    #[tokio::test]
    async fn deposits_credited_before_keep_the_fee_they_were_reckoned_by() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(&MIGRATIONS[..9]).await.unwrap();
        for sql in BEFORE {
            let written = db.write(async move |mut session: WriteSession| {
                session.execute(sql, &[]).await.map(drop)
            });
            written.await.unwrap();
        }
        db.migrate(MIGRATIONS).await.unwrap();
        let terms = db.read(async |mut session: ReadSession| {
            let sql = "SELECT fee_basis_points, fee_fixed FROM deposit ORDER BY id";
            let rows = session.query(sql, &[]).await?;
            rows.iter()
                .map(|row| Ok((row.get(0)?, row.get(1)?)))
                .collect::<Result<Vec<(Option<i64>, Option<i64>)>, DbError>>()
        });
        let expected = [(Some(150), Some(0)), (None, None)];
        assert_eq!(terms.await.unwrap(), expected);
        db.close().await;
    }
}
