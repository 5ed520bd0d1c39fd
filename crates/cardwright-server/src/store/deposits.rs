//! Lists of deposit addresses and deposits, and what lies on an address.

use std::collections::HashMap;

use cardwright_core::{AccountId, Chain, CoinStatus, CoinUnits, Deposit, Timestamp};

use super::{
    ReadTx,
    coins::{DepositAddress, address_from, deposit_columns, deposit_from, on_chain},
    db::{Row, Value},
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

/// One of the three parts of twelve digits in which units are added up: they have more digits than
/// numbers of the store.
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

/// What came, for each account, coin and state.
macro_rules! received {
    ($of:expr) => {
        concat!(
            "SELECT deposit.account, deposit.coin, deposit.state, COUNT(*), \
             MAX(deposit.updated_at), ",
            part!(1),
            ", ",
            part!(13),
            ", ",
            part!(25),
            " FROM deposit",
            $of,
            " GROUP BY deposit.account, deposit.coin, deposit.state"
        )
    };
}

/// The condition of every statement about a list of addresses; `$9` is the word of their order.
macro_rules! address_condition {
    () => {
        " FROM deposit_address WHERE tenant = $1 AND ($2 IS NULL OR account = $2) \
         AND ($3 IS NULL OR coin = $3) \
         AND ($4 IS NULL OR coin IN (SELECT key FROM coin WHERE chain = $4)) \
         AND ($5 IS NULL OR coin IN (SELECT key FROM coin WHERE status = $5)) \
         AND ($6 IS NULL OR FOLDED(address) LIKE $6 ESCAPE '!' \
              OR FOLDED(label) LIKE $6 ESCAPE '!' OR FOLDED(coin) LIKE $6 ESCAPE '!') \
         AND ($7 IS NULL OR created_at >= $7) AND ($8 IS NULL OR created_at <= $8) \
         AND $9 IS NOT NULL"
    };
}

/// The addresses of a page, in their order: these columns of theirs.
macro_rules! address_page {
    ($columns:literal, $direction:literal) => {
        concat!(
            "SELECT ",
            $columns,
            address_condition!(),
            " ORDER BY CASE $9 WHEN 'coin' THEN coin \
             WHEN 'label' THEN COALESCE(label, '') WHEN 'address' THEN address ELSE '' END ",
            $direction,
            ", id ",
            $direction,
            " LIMIT $10 OFFSET $11"
        )
    };
}

/// An address and what came to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedAddress {
    /// The address.
    pub address: DepositAddress,
    /// What came.
    pub received: Received,
}

/// One page of addresses with what came to each, and how many there are in all.
///
/// All that came is added up by one statement: asking for each address takes as long as all else
/// where there are many.
pub async fn addresses(
    tx: &mut ReadTx,
    filter: &AddressFilter,
    (order, direction): (AddressOrder, ListOrder),
    window: (i64, i64),
) -> Result<(Vec<UsedAddress>, i64)> {
    macro_rules! sums {
        ($direction:literal) => {
            received!(concat!(
                " JOIN (",
                address_page!("account AS owner, coin AS of_coin", $direction),
                ") AS shown ON deposit.account = shown.owner AND deposit.coin = shown.of_coin \
                 WHERE deposit.tenant = $1"
            ))
        };
    }
    let count = concat!("SELECT COUNT(*)", address_condition!());
    let (list, sums) = match direction {
        ListOrder::Ascending => (
            address_page!("id, account, coin, address, label, created_at", "ASC"),
            sums!("ASC"),
        ),
        ListOrder::Descending => (
            address_page!("id, account, coin, address, label, created_at", "DESC"),
            sums!("DESC"),
        ),
    };
    let mut parameters = vec![
        Value::from(filter.account.map(AccountId::get)),
        filter.coin.as_deref().into(),
        filter.chain.map(Chain::word).into(),
        filter.coin_status.map(CoinStatus::word).into(),
        filter.search.as_deref().map(contains_pattern).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
        order.word().into(),
    ];
    let (rows, total) = tx.page((count, list), parameters.clone(), window).await?;
    parameters.extend([window.0.into(), window.1.into()]);
    let mut received = sums_of(&tx.query(sums, &parameters).await?)?;
    let with_sum = |row: &Row| {
        let address = address_from(row)?;
        let sum = received.remove(&(address.account, address.coin.clone()));
        Ok(UsedAddress {
            received: sum.unwrap_or(Received::NOTHING),
            address,
        })
    };
    Ok((rows.iter().map(with_sum).collect::<Result<_>>()?, total))
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

impl Received {
    /// Nothing came yet.
    const NOTHING: Received = Received {
        counted: CoinUnits::NONE,
        awaited: CoinUnits::NONE,
        deposits: 0,
        last_at: None,
    };
}

/// What came to the address of an account and a coin.
pub async fn received(tx: &mut ReadTx, account: AccountId, coin: &str) -> Result<Received> {
    let sql = received!(" WHERE tenant = $1 AND account = $2 AND coin = $3");
    let rows = tx.query(sql, &[account.get().into(), coin.into()]).await?;
    let found = sums_of(&rows)?.remove(&(account, coin.to_owned()));
    Ok(found.unwrap_or(Received::NOTHING))
}

/// Rows of `received!`, one for each account, coin and state.
fn sums_of(rows: &[Row]) -> Result<HashMap<(AccountId, String), Received>> {
    let mut sums = HashMap::new();
    for row in rows {
        let mut columns = row.reader();
        let account: i64 = columns.next()?;
        let corrupt = || Error::Corrupt(format!("deposits of account {account}"));
        let key = (
            AccountId::new(account).map_err(|_| corrupt())?,
            columns.next::<String>()?,
        );
        let all = sums.entry(key).or_insert(Received::NOTHING);
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
            sum.and_then(CoinUnits::from_units).ok_or_else(corrupt)
        };
        match state.as_str() {
            "success" => all.counted = sum(all.counted)?,
            "wait_process" | "processing" => all.awaited = sum(all.awaited)?,
            _ => {}
        }
    }
    Ok(sums)
}

/// What a list of deposits is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct DepositFilter {
    /// Only this one: by its own number, or that under which it was announced.
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
            concat!(
                " FROM deposit WHERE tenant = $1 AND ($2 IS NULL OR id = $2 OR id = \
                 (SELECT deposit FROM deposit_order WHERE tenant = $1 AND id = $2)) \
                 AND ($3 IS NULL OR coin = $3) \
                 AND ($4 IS NULL OR coin IN (SELECT key FROM coin WHERE name = $4)) AND ",
                on_chain!(hash, "transaction_hash", "$5"),
                " AND ",
                on_chain!(address, "from_address", "$6"),
                " AND ",
                on_chain!(address, "to_address", "$7"),
                " AND ($8 IS NULL OR state = $8) \
                 AND ($9 IS NULL OR FOLDED(transaction_hash) LIKE $9 ESCAPE '!' \
                      OR FOLDED(from_address) LIKE $9 ESCAPE '!' \
                      OR FOLDED(to_address) LIKE $9 ESCAPE '!' OR FOLDED(coin) LIKE $9 ESCAPE '!') \
                 AND ($10 IS NULL OR created_at >= $10) AND ($11 IS NULL OR created_at <= $11) \
                 AND ($12 IS NULL OR coin IN (SELECT key FROM coin WHERE chain = $12))"
            )
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

    /// What the step before deposits of an address knew: a tenant without a wallet and one with its
    /// own, a deposit that was announced, and an address that was made up.
    const BEFORE_ADDRESSES: [&str; 8] = [
        "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at) \
         VALUES (1, 'a', 'b', 'new', 'auto', 5), (2, 'c', 'd', 'old', 'auto', 6), \
         (3, 'e', 'f', 'newer', 'auto', 7)",
        "INSERT INTO account (tenant, id, kind, currency, name, status, credits, debits, floor, \
         entry_sequence, created_at, updated_at) \
         VALUES (2, 4, 'wallet', 'USD', 'WALLET', 'active', 0, 0, 0, 0, 5, 5), \
         (3, 5, 'wallet', 'EUR', 'WALLET', 'active', 0, 0, 0, 0, 5, 5)",
        "INSERT INTO journal_entry (tenant, id, created_at) VALUES (2, 6, 5)",
        "INSERT INTO deposit (tenant, id, account, coin, transaction_hash, from_address, \
         to_address, units, confirmations, state, received, fee, currency, ended_at, entry, \
         created_at, updated_at, fee_basis_points, fee_fixed, block_number, block_hash, block_at) \
         VALUES (2, 7, 4, 'USDT_BEP20', 'C0ffee01', 'f', 't', '9', 15, 'success', 886, 14, 'USD', \
         6, 6, 5, 6, 150, 0, 88, 'ab', 5)",
        "INSERT INTO deposit (tenant, id, account, coin, transaction_hash, from_address, \
         to_address, units, confirmations, state, currency, created_at, updated_at) \
         VALUES (2, 8, 4, 'USDT_TRC20', 'c0ffee02', 'f', 't', '9', 1, 'processing', 'USD', 5, 6)",
        "INSERT INTO deposit_order (tenant, id, account, coin, currency, amount, to_address, \
         deposit, created_at, expires_at) VALUES (2, 9, 4, 'USDT_BEP20', 'USD', 900, 't', 7, 5, 9), \
         (2, 10, 4, 'USDT_TRC20', 'USD', 900, 't', NULL, 5, 9)",
        "INSERT INTO deposit_address (tenant, id, account, coin, address, created_at) \
         VALUES (2, 11, 4, 'USDT_TRC20', 't', 5)",
        "INSERT INTO sequence (name, value) VALUES ('record_id', 20)",
    ];

    /// What is there after all steps: one line for each row.
    async fn after_all_steps(environment: &'static str, sql: &'static str) -> Vec<String> {
        let steps = MIGRATIONS.iter();
        let steps = steps.take_while(|step| step.name != "deposits").count();
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(&MIGRATIONS[..steps]).await.unwrap();
        let named = match environment {
            "sandbox" => "INSERT INTO environment (name, created_at) VALUES ('sandbox', 1)",
            _ => "INSERT INTO environment (name, created_at) VALUES ('production', 1)",
        };
        for sql in BEFORE_ADDRESSES.into_iter().chain([named]) {
            let written = db.write(async move |mut session: WriteSession| {
                session.execute(sql, &[]).await.map(drop)
            });
            written.await.unwrap();
        }
        db.migrate(MIGRATIONS).await.unwrap();
        let rows = db.read(async move |mut session: ReadSession| {
            let rows = session.query(sql, &[]).await?;
            rows.iter()
                .map(|row| row.get(0))
                .collect::<Result<Vec<String>, DbError>>()
        });
        let rows = rows.await.unwrap();
        db.close().await;
        rows
    }

    #[tokio::test]
    async fn every_tenant_of_an_earlier_version_gets_one_wallet_in_dollars() {
        let wallets = "SELECT tenant || ':' || id || ':' || status || ':' || created_at \
                       FROM account WHERE kind = 'wallet' AND currency = 'USD' ORDER BY tenant";
        let expected = ["1:21:active:5", "2:4:active:5", "3:22:active:7"];
        assert_eq!(after_all_steps("sandbox", wallets).await, expected);
        let next = "SELECT name || value FROM sequence";
        assert_eq!(after_all_steps("sandbox", next).await, ["record_id22"]);
    }

    #[tokio::test]
    async fn deposits_of_an_earlier_version_stay_announced_and_are_written_like_their_chain() {
        let deposits = "SELECT id || transaction_hash || state || COALESCE(entry, '-') || \
                        COALESCE(block_hash, '-') FROM deposit ORDER BY id";
        let expected = ["70xc0ffee01success60xab", "8c0ffee02processing--"];
        assert_eq!(after_all_steps("sandbox", deposits).await, expected);
        let orders = "SELECT id || ':' || COALESCE(deposit, '-') FROM deposit_order ORDER BY id";
        assert_eq!(after_all_steps("sandbox", orders).await, ["9:7", "10:-"]);
    }

    #[tokio::test]
    async fn production_forgets_addresses_that_were_made_up_and_a_sandbox_keeps_them() {
        let coins = "SELECT DISTINCT status FROM coin";
        let addresses = "SELECT address FROM deposit_address";
        assert_eq!(after_all_steps("sandbox", coins).await, ["enabled"]);
        assert_eq!(after_all_steps("sandbox", addresses).await, ["t"]);
        assert_eq!(after_all_steps("production", coins).await, ["disabled"]);
        let none: [&str; 0] = [];
        assert_eq!(after_all_steps("production", addresses).await, none);
    }
}
