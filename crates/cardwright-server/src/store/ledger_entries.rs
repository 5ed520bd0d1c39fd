//! The journal as the holder of an account reads it: every transfer is an entry of its payer and one
//! of its receiver.
//!
//! Law: only entries of accounts that are listed as a tenant's money show; the other side of a
//! transfer may be the platform's own book, which never does. Nothing here writes.

pub mod books;

use cardwright_core::{AccountId, Amount, Currency, Timestamp, TransferKind};

use super::{
    ReadTx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

/// Which way money went, seen from the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// It came in.
    In,
    /// It went out.
    Out,
}

/// One side of a transfer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerEntry {
    /// The transfer; its other side, where that shows, has the same.
    pub id: i64,
    /// Whose entry it is.
    pub account: AccountId,
    /// Which way money went.
    pub side: Side,
    /// Why.
    pub kind: TransferKind,
    /// How much.
    pub amount: Amount,
    /// What the account had afterwards, in minor units.
    pub balance_after: i64,
    /// What made it: an order, what tells of a transaction of a card, a fee of a card, a deposit, a
    /// movement between accounts; else the entry of the journal itself.
    pub order: i64,
    /// The note of whoever made it.
    pub remark: Option<String>,
    /// When it was made.
    pub at: Timestamp,
}

impl LedgerEntry {
    /// What the account had before, in minor units.
    pub fn balance_before(&self) -> i64 {
        match self.side {
            Side::In => self.balance_after.saturating_sub(self.amount.minor()),
            Side::Out => self.balance_after.saturating_add(self.amount.minor()),
        }
    }
}

/// What a list of entries is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryFilter {
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only what this made.
    pub order: Option<i64>,
    /// Only for these reasons.
    pub kinds: Option<Vec<TransferKind>>,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
}

/// The journal entries that an order, a card's transaction or fee, a deposit or a movement made, and
/// those of the clearings that an authorization tells of. The cross join keeps a tenant's whole journal
/// from being walked for them.
macro_rules! entries_of {
    ($order:literal) => {
        concat!(
            "(SELECT id FROM journal_entry WHERE tenant = $1 AND card_order = ",
            $order,
            " UNION ALL SELECT id FROM journal_entry WHERE tenant = $1 AND card_transaction = ",
            $order,
            " UNION ALL SELECT made.id FROM card_transaction AS posted \
             CROSS JOIN journal_entry AS made ON made.tenant = $1 \
             AND made.card_transaction = posted.id WHERE posted.tenant = $1 \
             AND posted.original IS NULL AND posted.authorization_id IS NOT NULL \
             AND posted.authorization_id = ",
            $order,
            " UNION ALL SELECT entry FROM card_fee WHERE tenant = $1 AND entry IS NOT NULL AND id = ",
            $order,
            " UNION ALL SELECT id FROM journal_entry WHERE tenant = $1 AND id = ",
            $order,
            " UNION ALL SELECT entry FROM deposit WHERE tenant = $1 AND entry IS NOT NULL AND id = ",
            $order,
            " UNION ALL SELECT deposit.entry FROM deposit_order JOIN deposit \
             ON deposit.tenant = deposit_order.tenant AND deposit.id = deposit_order.deposit \
             WHERE deposit_order.tenant = $1 AND deposit.entry IS NOT NULL AND deposit_order.id = ",
            $order,
            " UNION ALL SELECT entry FROM account_transfer WHERE tenant = $1 AND id = ",
            $order,
            ")"
        )
    };
}

/// The condition that both lists have in common: `kinds` and `order` are places of parameters.
macro_rules! narrowed {
    ($kinds:literal, $order:literal) => {
        concat!(
            " AND (",
            $kinds,
            " IS NULL OR ",
            $kinds,
            " LIKE '% ' || transfer.kind || ' %') AND (",
            $order,
            " IS NULL OR transfer.entry IN ",
            entries_of!($order),
            ")"
        )
    };
}

macro_rules! columns {
    (payer) => {
        "transfer.id AS id, transfer.entry, transfer.kind, transfer.currency, transfer.amount, \
         transfer.payer, 'out' AS side, transfer.payer_balance, transfer.created_at AS at"
    };
    (receiver) => {
        "transfer.id AS id, transfer.entry, transfer.kind, transfer.currency, transfer.amount, \
         transfer.receiver, 'in' AS side, transfer.receiver_balance, transfer.created_at AS at"
    };
}

/// One side of one account between two of its sequence numbers: a range of a unique index.
macro_rules! own {
    ($what:expr, payer) => {
        concat!(
            "SELECT ",
            $what,
            " FROM transfer WHERE transfer.tenant = $1 AND transfer.payer = $2 \
             AND transfer.payer_sequence BETWEEN $3 AND $4",
            narrowed!("$5", "$6")
        )
    };
    ($what:expr, receiver) => {
        concat!(
            "SELECT ",
            $what,
            " FROM transfer WHERE transfer.tenant = $1 AND transfer.receiver = $2 \
             AND transfer.receiver_sequence BETWEEN $3 AND $4",
            narrowed!("$5", "$6")
        )
    };
}

/// One side of all accounts that are listed as the tenant's money: a range of the index by time.
macro_rules! every {
    ($what:expr, $side:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM transfer JOIN account_record AS account \
             ON account.tenant = transfer.tenant AND account.id = transfer.",
            $side,
            " WHERE transfer.tenant = $1 AND transfer.created_at BETWEEN $2 AND $3 \
             AND account.kind IN ('wallet', 'margin', 'customer')",
            narrowed!("$4", "$5")
        )
    };
}

const COUNT_OWN: &str = concat!(
    "SELECT (",
    own!("COUNT(*)", payer),
    ") + (",
    own!("COUNT(*)", receiver),
    ")"
);
const COUNT_ALL: &str = concat!(
    "SELECT (",
    every!("COUNT(*)", "payer"),
    ") + (",
    every!("COUNT(*)", "receiver"),
    ")"
);

macro_rules! list_own {
    () => {
        concat!(
            own!(
                concat!(columns!(payer), ", transfer.payer_sequence AS sequence"),
                payer
            ),
            " UNION ALL ",
            own!(
                concat!(
                    columns!(receiver),
                    ", transfer.receiver_sequence AS sequence"
                ),
                receiver
            ),
            " ORDER BY sequence DESC LIMIT $7 OFFSET $8"
        )
    };
}

macro_rules! list_all {
    () => {
        concat!(
            every!(columns!(payer), "payer"),
            " UNION ALL ",
            every!(columns!(receiver), "receiver"),
            " ORDER BY at DESC, id DESC, side LIMIT $6 OFFSET $7"
        )
    };
}

/// One page of entries, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &EntryFilter,
    window: (i64, i64),
) -> Result<(Vec<LedgerEntry>, i64)> {
    let kinds = filter.kinds.as_ref().map(|kinds| {
        let words = kinds.iter().map(|kind| kind.word());
        words.fold(String::from(" "), |text, word| text + word + " ")
    });
    let narrowed = [Value::from(kinds), filter.order.into()];
    let (rows, total) = if let Some(account) = filter.account {
        of_account(tx, (account, filter), narrowed, window).await?
    } else {
        let mut parameters = vec![
            Value::from(filter.from.as_millisecond()),
            filter.until.as_millisecond().into(),
        ];
        parameters.extend(narrowed);
        tx.page((COUNT_ALL, list_all!()), parameters, window)
            .await?
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        entries.push(from_row(tx, row).await?);
    }
    Ok((entries, total))
}

async fn of_account(
    tx: &mut ReadTx,
    (account, filter): (AccountId, &EntryFilter),
    narrowed: [Value; 2],
    (limit, offset): (i64, i64),
) -> Result<(Vec<Row>, i64)> {
    let last = last_sequence(tx, account).await?;
    let first = sequence_at(tx, (account, last), filter.from.as_millisecond()).await?;
    // Times are whole milliseconds: what is after this one is at the next or later.
    let until = filter.until.as_millisecond().saturating_add(1);
    let behind = sequence_at(tx, (account, last), until).await?;
    let range = |last: i64| {
        let mut parameters = vec![account.get().into(), first.into(), last.into()];
        parameters.extend(narrowed);
        parameters
    };
    if filter.kinds.is_some() || filter.order.is_some() {
        let statements = (COUNT_OWN, list_own!());
        return tx
            .page(statements, range(behind - 1), (limit, offset))
            .await;
    }
    // Every number of the range is one entry: nothing needs to be counted, nor passed over.
    let mut parameters = range((behind - 1).saturating_sub(offset));
    parameters.extend([limit.into(), 0.into()]);
    let rows = tx.query(list_own!(), &parameters).await?;
    Ok((rows, (behind - first).max(0)))
}

/// The newest side of an account that an entry of the journal made.
pub async fn of_entry(tx: &mut ReadTx, account: AccountId, entry: i64) -> Result<LedgerEntry> {
    let filter = EntryFilter {
        account: Some(account),
        order: Some(entry),
        kinds: None,
        from: Timestamp::UNIX_EPOCH,
        until: tx.now(),
    };
    let (mut found, _) = page(tx, &filter, (1, 0)).await?;
    found
        .pop()
        .ok_or_else(|| Error::Corrupt(format!("entry {entry} of account {account}")))
}

async fn last_sequence(tx: &mut ReadTx, account: AccountId) -> Result<i64> {
    let sql = "SELECT entry_sequence FROM account_balance WHERE account = $2 AND tenant = $1";
    let row = tx.optional(sql, &[account.get().into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.get(0)?))
}

/// The first sequence number of an account at an instant or later; one past the last where there is
/// none.
///
/// Sequences have no gaps and a tenant's time never goes back, so halving finds it: some twenty
/// look-ups in place of a look at every entry of a busy wallet.
async fn sequence_at(
    tx: &mut ReadTx,
    (account, last): (AccountId, i64),
    at_ms: i64,
) -> Result<i64> {
    let sql = "SELECT created_at FROM transfer \
               WHERE tenant = $1 AND payer = $2 AND payer_sequence = $3 \
               UNION ALL SELECT created_at FROM transfer \
               WHERE tenant = $1 AND receiver = $2 AND receiver_sequence = $3";
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = i64::midpoint(low, high);
        let created: i64 = tx
            .one(sql, &[account.get().into(), middle.into()])
            .await?
            .get(0)?;
        if created < at_ms {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

async fn from_row(tx: &mut ReadTx, row: &Row) -> Result<LedgerEntry> {
    let mut columns = row.reader();
    let (id, entry): (i64, i64) = (columns.next()?, columns.next()?);
    let corrupt = || Error::Corrupt(format!("transfer {id}"));
    let kind = TransferKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let side = match columns.next::<String>()?.as_str() {
        "in" => Side::In,
        "out" => Side::Out,
        _ => return Err(corrupt()),
    };
    let balance_after = columns.next()?;
    let at = time(columns.next()?)?;
    let (order, remark) = cause_of(tx, entry).await?;
    Ok(LedgerEntry {
        id,
        account,
        side,
        kind,
        amount,
        balance_after,
        order,
        remark,
        at,
    })
}

/// The number of what made an entry, and its note. A transaction has the number of what tells of it,
/// by the rule of `trades::Trade::of`.
macro_rules! cause {
    () => {
        "SELECT COALESCE(journal_entry.card_order, \
         CASE WHEN posted.original IS NULL THEN posted.authorization_id END, \
         journal_entry.card_transaction, deposit.id, account_transfer.id, card_fee.id, \
         journal_entry.id), \
         COALESCE(account_transfer.remark, card_order.remark) FROM journal_entry \
         LEFT JOIN card_transaction AS posted ON posted.tenant = $1 \
         AND posted.id = journal_entry.card_transaction \
         LEFT JOIN card_fee ON card_fee.tenant = $1 AND card_fee.entry = journal_entry.id \
         AND card_fee.entry IS NOT NULL \
         LEFT JOIN deposit ON deposit.tenant = $1 AND deposit.entry = journal_entry.id \
         AND deposit.entry IS NOT NULL \
         LEFT JOIN account_transfer ON account_transfer.tenant = $1 \
         AND account_transfer.entry = journal_entry.id \
         LEFT JOIN card_order ON card_order.tenant = $1 \
         AND card_order.id = journal_entry.card_order \
         WHERE journal_entry.tenant = $1 AND journal_entry.id = $2"
    };
}

/// What made an entry of the journal, and the note of whoever did.
async fn cause_of(tx: &mut ReadTx, entry: i64) -> Result<(i64, Option<String>)> {
    let row = tx.one(cause!(), &[entry.into()]).await?;
    Ok((row.get(0)?, row.get(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    /// How the engine means to answer a statement.
    async fn plan(db: &Db, explain: &'static str, count: usize) -> String {
        let parameters = vec![Value::from(1); count];
        let plan: std::result::Result<Vec<String>, DbError> = db
            .read(async move |mut session: ReadSession| {
                let rows = session.query(explain, &parameters).await?;
                rows.iter().map(|row| row.get(3)).collect()
            })
            .await;
        plan.unwrap().join("\n")
    }

    #[tokio::test]
    async fn a_page_of_entries_is_read_in_the_order_of_an_index() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        let own = plan(&db, concat!("EXPLAIN QUERY PLAN ", list_own!()), 8).await;
        assert!(
            own.contains("payer_sequence>? AND payer_sequence<?"),
            "{own}"
        );
        assert!(
            own.contains("receiver_sequence>? AND receiver_sequence<?"),
            "{own}"
        );
        let all = plan(&db, concat!("EXPLAIN QUERY PLAN ", list_all!()), 7).await;
        assert_eq!(all.matches("transfer_by_time").count(), 2, "{all}");
        for plan in [own, all] {
            assert!(plan.contains("MERGE"), "both sides are merged: {plan}");
            assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
        }
        db.close().await;
    }

    #[tokio::test]
    async fn what_made_an_entry_is_found_by_keys_both_ways() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        let made = concat!("EXPLAIN QUERY PLAN SELECT EXISTS ", entries_of!("$2"));
        let made = plan(&db, made, 2).await;
        for index in [
            "journal_entry_by_order (tenant=? AND card_order=?)",
            "SEARCH journal_entry USING INDEX journal_entry_by_transaction \
             (tenant=? AND card_transaction=?)",
            "SEARCH made USING INDEX journal_entry_by_transaction \
             (tenant=? AND card_transaction=?)",
            "card_transaction_by_authorization (tenant=? AND authorization_id=?)",
            "SEARCH card_fee USING",
            "SEARCH deposit USING",
            "SEARCH account_transfer USING",
        ] {
            assert!(made.contains(index), "{index}: {made}");
        }
        let why = plan(&db, concat!("EXPLAIN QUERY PLAN ", cause!()), 2).await;
        for index in [
            "card_fee_by_entry (tenant=? AND entry=?)",
            "SEARCH posted USING",
        ] {
            assert!(why.contains(index), "{index}: {why}");
        }
        for plan in [made, why] {
            let scans = plan.replace("SCAN CONSTANT ROW", "");
            assert!(!scans.contains("SCAN"), "{plan}");
        }
        db.close().await;
    }
}
