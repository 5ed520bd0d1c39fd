//! One account's book in its own order, each entry with what caused it.

use cardwright_core::{
    AccountId, Amount, Currency, Merchant, Timestamp, TransactionId, TransferKind,
};

use super::{Error, ReadTx, Result, Row, Side, last_sequence, sequence_at};
use crate::store::{holders::time, merchants};

/// An entry of a book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookEntry {
    /// The transfer.
    pub id: i64,
    /// Its place in the account's book.
    pub sequence: i64,
    /// Which way money went.
    pub side: Side,
    /// What the transfer was.
    pub kind: TransferKind,
    /// How much.
    pub amount: Amount,
    /// What was posted on the account after it, in minor units; below zero for one that owes.
    pub balance_after: i64,
    /// The card transaction that caused it.
    pub transaction: Option<CardCause>,
    /// What was noted beside the order or transfer that caused it.
    pub remark: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The card transaction that caused an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardCause {
    /// The transaction.
    pub id: TransactionId,
    /// The published number of the authorization that preceded it.
    pub authorization: Option<String>,
    /// Where.
    pub merchant: Merchant,
}

/// The places of a book that a time range takes up: the first one, and the one behind the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places {
    first: i64,
    behind: i64,
}

impl Places {
    /// How many there are.
    pub fn count(self) -> i64 {
        (self.behind - self.first).max(0)
    }
}

/// The places of an account's entries at or after one time and before another.
pub async fn places(
    tx: &mut ReadTx,
    account: AccountId,
    (from, before): (Option<Timestamp>, Option<Timestamp>),
) -> Result<Places> {
    let last = last_sequence(tx, account).await?;
    let first = match from {
        Some(from) => sequence_at(tx, (account, last), from.as_millisecond()).await?,
        None => 1,
    };
    let behind = match before {
        Some(before) => sequence_at(tx, (account, last), before.as_millisecond()).await?,
        None => last + 1,
    };
    Ok(Places { first, behind })
}

macro_rules! side {
    ($side:literal, $word:literal) => {
        concat!(
            "SELECT id, entry, kind, currency, amount, created_at, '",
            $word,
            "' AS side, ",
            $side,
            "_balance, ",
            $side,
            "_sequence AS sequence FROM transfer WHERE tenant = $1 AND ",
            $side,
            " = $2 AND ",
            $side,
            "_sequence BETWEEN $3 AND $4"
        )
    };
}

/// The entries of an account within these places that come after one of them, at most `limit`.
pub async fn after(
    tx: &mut ReadTx,
    (account, places): (AccountId, Places),
    (last, limit): (i64, i64),
) -> Result<Vec<BookEntry>> {
    let sql = concat!(
        side!("payer", "out"),
        " UNION ALL ",
        side!("receiver", "in"),
        " ORDER BY sequence LIMIT $5"
    );
    let first = places.first.max(last.saturating_add(1));
    let parameters = [
        account.get().into(),
        first.into(),
        (places.behind - 1).into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        entries.push(entry(tx, row).await?);
    }
    Ok(entries)
}

async fn entry(tx: &mut ReadTx, row: &Row) -> Result<BookEntry> {
    let mut columns = row.reader();
    let (id, entry): (i64, i64) = (columns.next()?, columns.next()?);
    let corrupt = || Error::Corrupt(format!("transfer {id}"));
    let kind = TransferKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let at = time(columns.next()?)?;
    let side = match columns.next::<String>()?.as_str() {
        "in" => Side::In,
        "out" => Side::Out,
        _ => return Err(corrupt()),
    };
    let (balance_after, sequence) = (columns.next()?, columns.next()?);
    let (transaction, remark) = cause(tx, entry).await?;
    Ok(BookEntry {
        id,
        sequence,
        side,
        kind,
        amount,
        balance_after,
        transaction,
        remark,
        at,
    })
}

/// What caused an entry of the journal, and what was noted beside it.
async fn cause(tx: &mut ReadTx, entry: i64) -> Result<(Option<CardCause>, Option<String>)> {
    let sql = "SELECT settled.id, asked.number, settled.merchant, \
               COALESCE(account_transfer.remark, card_order.remark) FROM journal_entry \
               LEFT JOIN card_transaction AS settled ON settled.tenant = $1 \
               AND settled.id = journal_entry.card_transaction \
               LEFT JOIN card_authorization AS asked ON asked.tenant = $1 \
               AND asked.id = settled.authorization_id \
               LEFT JOIN account_transfer ON account_transfer.tenant = $1 \
               AND account_transfer.entry = journal_entry.id \
               LEFT JOIN card_order ON card_order.tenant = $1 \
               AND card_order.id = journal_entry.card_order \
               WHERE journal_entry.tenant = $1 AND journal_entry.id = $2";
    let row = tx.one(sql, &[entry.into()]).await?;
    let mut columns = row.reader();
    let id: Option<i64> = columns.next()?;
    let number: Option<i64> = columns.next()?;
    let merchant: Option<String> = columns.next()?;
    let remark = columns.next()?;
    let corrupt = || Error::Corrupt(format!("cause of entry {entry}"));
    let transaction = match (id, merchant) {
        (Some(id), Some(merchant)) => Some(CardCause {
            id: TransactionId::new(id).map_err(|_| corrupt())?,
            authorization: number.map(|number| format!("{number:018}")),
            merchant: merchants::from_text(&merchant)?,
        }),
        _ => None,
    };
    Ok((transaction, remark))
}
