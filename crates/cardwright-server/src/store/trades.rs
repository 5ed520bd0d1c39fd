//! What moved a card's money, whichever table keeps it: authorizations, what was settled apart from
//! them, what was taken back, and fees. One list, newest first.
//!
//! Law: authorizations are many, and nothing is indexed for this list alone. A list of one card goes
//! by the card; any other goes down the primary keys, which are in the order of time.

use cardwright_core::{
    AuthorizationId, CardFeeId, CardId, Record, Refusal, Timestamp, Transaction, TransactionId,
    VoidId,
};

use super::{
    ReadTx, authorizations,
    db::{Row, Value},
};
use crate::error::{Error, Result};

/// Which table keeps it, and under which id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trade {
    /// An authorization, what was cleared for it included.
    Authorization(AuthorizationId),
    /// A settlement that no authorization tells of.
    Transaction(TransactionId),
    /// The taking back of an authorization.
    Void(VoidId),
    /// A fee of the card itself.
    Fee(CardFeeId),
}

impl Trade {
    /// What tells of a settlement: its authorization of its own clearings, of postings after its end
    /// and of the refund that it asked leave for; everything else is a record of its own.
    pub fn of(posted: &Transaction) -> Trade {
        match (posted.authorization, posted.original) {
            (Some(authorization), None) => Trade::Authorization(authorization),
            (None, _) | (_, Some(_)) => Trade::Transaction(posted.id),
        }
    }

    /// Its record id, which is its published number.
    pub fn id(self) -> i64 {
        match self {
            Trade::Authorization(id) => id.get(),
            Trade::Transaction(id) => id.get(),
            Trade::Void(id) => id.get(),
            Trade::Fee(id) => id.get(),
        }
    }
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TradeKind {
    /// A payment.
    Payment,
    /// A payment or a refund was taken back.
    Void,
    /// Money came back.
    Refund,
    /// The card was checked.
    Verification,
    /// The card cost something by itself.
    Maintenance,
}

impl TradeKind {
    fn word(self) -> &'static str {
        match self {
            TradeKind::Payment => "payment",
            TradeKind::Void => "void",
            TradeKind::Refund => "refund",
            TradeKind::Verification => "verification",
            TradeKind::Maintenance => "maintenance",
        }
    }
}

/// Which of them a list shows; what is absent does not narrow it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TradeFilter {
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only the one with this record id.
    pub id: Option<i64>,
    /// Only of this kind.
    pub kind: Option<TradeKind>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only at or before this time.
    pub until: Option<Timestamp>,
}

// A clearing, a posting for an authorization that had ended, and the refund that leave had been
// asked for are part of their authorization; they have it and no original.
macro_rules! union {
    ($of_card:literal) => {
        concat!(
            " FROM (SELECT 'authorization' AS source, id, CASE kind \
             WHEN 'account_verification' THEN 'verification' \
             WHEN 'balance_inquiry' THEN 'verification' \
             WHEN 'refund' THEN 'refund' ELSE 'payment' END AS happened \
             FROM card_authorization WHERE tenant = $1 AND ",
            $of_card,
            " AND id BETWEEN $3 AND $4 AND created_at BETWEEN $5 AND $6 \
             UNION ALL SELECT 'transaction', id, CASE kind WHEN 'refund' THEN 'refund' \
             WHEN 'refund_reversal' THEN 'void' ELSE 'payment' END \
             FROM card_transaction WHERE tenant = $1 AND ",
            $of_card,
            " AND id BETWEEN $3 AND $4 AND created_at BETWEEN $5 AND $6 \
             AND (authorization_id IS NULL OR original IS NOT NULL) \
             UNION ALL SELECT 'void', id, 'void' FROM card_void WHERE tenant = $1 AND ",
            $of_card,
            " AND id BETWEEN $3 AND $4 AND created_at BETWEEN $5 AND $6 \
             UNION ALL SELECT 'fee', id, 'maintenance' FROM card_fee WHERE tenant = $1 AND ",
            $of_card,
            " AND id BETWEEN $3 AND $4 AND created_at BETWEEN $5 AND $6 \
             AND kind = 'maintenance') AS trade WHERE ($7 IS NULL OR happened = $7)"
        )
    };
}

macro_rules! statements {
    ($of_card:literal) => {
        (
            concat!("SELECT COUNT(*)", union!($of_card)),
            concat!(
                "SELECT source, id",
                union!($of_card),
                " ORDER BY id DESC LIMIT $8 OFFSET $9"
            ),
        )
    };
}

/// One page of them, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &TradeFilter,
    window: (i64, i64),
) -> Result<(Vec<Trade>, i64)> {
    let statements = match filter.card {
        Some(_) => statements!("card = $2"),
        // Always so: the parameter has to stand somewhere.
        None => statements!("$2 IS NULL"),
    };
    let (lowest, highest) = match filter.id {
        Some(id) => (id, id),
        None => (0, i64::MAX),
    };
    let parameters = vec![
        Value::from(filter.card.map(CardId::get)),
        lowest.into(),
        highest.into(),
        filter
            .from
            .map_or(i64::MIN, Timestamp::as_millisecond)
            .into(),
        filter
            .until
            .map_or(i64::MAX, Timestamp::as_millisecond)
            .into(),
        filter.kind.map(TradeKind::word).into(),
    ];
    let (rows, total) = tx.page(statements, parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// The record id that a published number is, or that is behind the 18 digits by which the other API
/// knows an authorization.
pub async fn id_of(tx: &mut ReadTx, number: &str) -> Result<Option<i64>> {
    match authorizations::by_number(tx, number).await {
        Ok(authorization) => return Ok(Some(authorization.id.get())),
        Err(Error::Refused(Refusal::NotFound(_))) => {}
        Err(error) => return Err(error),
    }
    Ok(TransactionId::parse(number).ok().map(TransactionId::get))
}

/// What has this published number.
pub async fn find(tx: &mut ReadTx, number: &str) -> Result<Trade> {
    let missing = || Error::not_found(Record::Transaction);
    let id = id_of(tx, number).await?.ok_or_else(missing)?;
    let filter = TradeFilter {
        id: Some(id),
        ..TradeFilter::default()
    };
    let (found, _) = page(tx, &filter, (1, 0)).await?;
    found.first().copied().ok_or_else(missing)
}

fn from_row(row: &Row) -> Result<Trade> {
    let source: String = row.get(0)?;
    let id: i64 = row.get(1)?;
    let corrupt = || Error::Corrupt(format!("record {id} of a card"));
    Ok(match source.as_str() {
        "authorization" => Trade::Authorization(AuthorizationId::new(id).map_err(|_| corrupt())?),
        "transaction" => Trade::Transaction(TransactionId::new(id).map_err(|_| corrupt())?),
        "void" => Trade::Void(VoidId::new(id).map_err(|_| corrupt())?),
        "fee" => Trade::Fee(CardFeeId::new(id).map_err(|_| corrupt())?),
        _ => return Err(corrupt()),
    })
}
