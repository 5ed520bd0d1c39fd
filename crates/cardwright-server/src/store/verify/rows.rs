//! The rows of one tenant's ledger, page by page into its book.

use super::super::db::{ReadSession, Row};
use super::book::{AccountRow, Book, HoldRow, SideRow, TransferRow};
use super::{Figures, Stop, Violation};
use crate::error::Result;
use cardwright_core::HoldState;

type Looked = std::result::Result<(), Stop>;

/// How many rows a page has; the statements say the same.
const PAGE: usize = 4_096;

/// The next tenant that anything of the ledger belongs to, whether or not it exists.
pub(super) async fn tenant_after(session: &mut ReadSession, after: i64) -> Result<Option<i64>> {
    let sql = "SELECT MIN(found) FROM (SELECT MIN(id) AS found FROM tenant WHERE id > $1 \
               UNION ALL SELECT MIN(tenant) FROM account_record WHERE tenant > $1 \
               UNION ALL SELECT MIN(tenant) FROM journal_entry WHERE tenant > $1 \
               UNION ALL SELECT MIN(tenant) FROM transfer WHERE tenant > $1 \
               UNION ALL SELECT MIN(tenant) FROM hold WHERE tenant > $1) AS everywhere";
    Ok(session.one(sql, &[after.into()]).await?.get(0)?)
}

/// Sees to it that the tenant exists.
pub(super) async fn require_tenant(session: &mut ReadSession, tenant: i64) -> Looked {
    let sql = "SELECT id FROM tenant WHERE id = $1";
    match session.optional(sql, &[tenant.into()]).await? {
        Some(_) => Ok(()),
        None => Err(Stop::Found(Violation {
            tenant,
            record: "tenant",
            id: tenant,
            what: "it does not exist, and has a ledger".to_owned(),
        })),
    }
}

/// Hands every row of a list to somebody, a page at a time; the first column is the id.
async fn each<F>(session: &mut ReadSession, sql: &'static str, tenant: i64, mut take: F) -> Looked
where
    F: FnMut(&Row) -> Looked,
{
    let mut after = i64::MIN;
    loop {
        let rows = session.query(sql, &[tenant.into(), after.into()]).await?;
        for row in &rows {
            take(row)?;
            after = row.get(0)?;
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
}

/// What belongs to no account is money that nobody would add up.
pub(super) async fn balances(session: &mut ReadSession) -> Looked {
    let sql = "SELECT balance.tenant, balance.account FROM account_balance AS balance \
               LEFT JOIN account_record AS record \
               ON record.tenant = balance.tenant AND record.id = balance.account \
               WHERE record.id IS NULL ORDER BY balance.account LIMIT 1";
    let Some(row) = session.optional(sql, &[]).await? else {
        return Ok(());
    };
    Err(Stop::Found(Violation {
        tenant: row.get(0)?,
        record: "balance",
        id: row.get(1)?,
        what: "its account does not exist".to_owned(),
    }))
}

pub(super) async fn accounts(session: &mut ReadSession, book: &mut Book) -> Looked {
    let sql = "SELECT record.id, record.currency, balance.account, balance.credits, \
               balance.debits, balance.held_credits, balance.held_debits, balance.floor, \
               balance.entry_sequence FROM account_record AS record \
               LEFT JOIN account_balance AS balance ON balance.account = record.id \
               AND balance.tenant = record.tenant AND balance.currency = record.currency \
               WHERE record.tenant = $1 AND record.id > $2 ORDER BY record.id LIMIT 4096";
    each(session, sql, book.tenant(), |row| {
        let mut columns = row.reader();
        let (id, currency): (i64, String) = (columns.next()?, columns.next()?);
        if columns.next::<Option<i64>>()?.is_none() {
            let what = format!("it has no balance in {currency:?}");
            return Err(book.violation(("account", id), what).into());
        }
        book.account(AccountRow {
            id,
            currency,
            credits: columns.next()?,
            debits: columns.next()?,
            held_credits: columns.next()?,
            held_debits: columns.next()?,
            floor: columns.next()?,
            entry_sequence: columns.next()?,
        });
        Ok(())
    })
    .await
}

pub(super) async fn transfers(
    session: &mut ReadSession,
    book: &mut Book,
    figures: &mut Figures,
) -> Looked {
    let sql = "SELECT t.id, t.entry, e.id, t.currency, t.amount, t.payer, t.payer_sequence, \
               t.payer_balance, t.receiver, t.receiver_sequence, t.receiver_balance \
               FROM transfer t LEFT JOIN journal_entry e ON e.tenant = t.tenant AND e.id = t.entry \
               WHERE t.tenant = $1 AND t.id > $2 ORDER BY t.id LIMIT 4096";
    each(session, sql, book.tenant(), |row| {
        let mut columns = row.reader();
        let transfer = TransferRow {
            id: columns.next()?,
            entry: columns.next()?,
            found_entry: columns.next()?,
            currency: columns.next()?,
            amount: columns.next()?,
            payer: SideRow {
                account: columns.next()?,
                sequence: columns.next()?,
                balance: columns.next()?,
            },
            receiver: SideRow {
                account: columns.next()?,
                sequence: columns.next()?,
                balance: columns.next()?,
            },
        };
        figures.transfers += 1;
        Ok(book.transfer(&transfer)?)
    })
    .await
}

/// Entries have transfers, and what they come from exists.
pub(super) async fn entries(
    session: &mut ReadSession,
    book: &Book,
    figures: &mut Figures,
) -> Looked {
    let sql = "SELECT COUNT(*), \
               MIN(CASE WHEN e.card_order IS NOT NULL AND NOT EXISTS (SELECT 1 FROM card_order o \
               WHERE o.tenant = e.tenant AND o.id = e.card_order) THEN e.id END), \
               MIN(CASE WHEN e.card_transaction IS NOT NULL AND NOT EXISTS \
               (SELECT 1 FROM card_transaction t \
               WHERE t.tenant = e.tenant AND t.id = e.card_transaction) THEN e.id END) \
               FROM journal_entry e WHERE e.tenant = $1";
    let row = session.one(sql, &[book.tenant().into()]).await?;
    let count = u64::try_from(row.get::<i64>(0)?).unwrap_or(0);
    figures.entries += count;
    for (column, what) in [(1, "order"), (2, "transaction")] {
        if let Some(id) = row.get::<Option<i64>>(column)? {
            let what = format!("the {what} that it comes from does not exist");
            return Err(book.violation(("entry", id), what).into());
        }
    }
    if count == book.entries() {
        return Ok(());
    }
    // Seldom reached, and dearer than counting.
    let sql = "SELECT MIN(id) FROM (SELECT id FROM journal_entry WHERE tenant = $1 \
               EXCEPT SELECT entry FROM transfer WHERE tenant = $1) AS without_transfers";
    match session.one(sql, &[book.tenant().into()]).await?.get(0)? {
        Some(id) => Err(book.violation(("entry", id), "it has no transfers").into()),
        None => Ok(()),
    }
}

pub(super) async fn holds(
    session: &mut ReadSession,
    book: &mut Book,
    figures: &mut Figures,
) -> Looked {
    let sql = "SELECT id, payer, receiver, currency, amount, posted, voided, state, ended_at \
               FROM hold WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT 4096";
    each(session, sql, book.tenant(), |row| {
        let mut columns = row.reader();
        let hold = HoldRow {
            id: columns.next()?,
            payer: columns.next()?,
            receiver: columns.next()?,
            currency: columns.next()?,
            amount: columns.next()?,
            posted: columns.next()?,
            voided: columns.next()?,
            state: columns.next()?,
            ended_at: columns.next()?,
        };
        match book.hold(&hold)? {
            HoldState::Open => figures.holds_open += 1,
            HoldState::Ended(_) => figures.holds_ended += 1,
        }
        Ok(())
    })
    .await
}

/// An authorization keeps from being spent what its hold does: otherwise money would stay set
/// aside that nobody is going to give free.
pub(super) async fn authorizations(session: &mut ReadSession, tenant: i64) -> Looked {
    let sql = "SELECT a.id, a.held, a.hold, h.amount - h.posted - h.voided \
               FROM card_authorization a \
               LEFT JOIN hold h ON h.tenant = a.tenant AND h.id = a.hold WHERE a.tenant = $1 \
               AND ((a.hold IS NULL AND a.held <> 0) OR (a.hold IS NOT NULL AND \
               (h.id IS NULL OR a.held <> h.amount - h.posted - h.voided))) \
               ORDER BY a.id LIMIT 1";
    let Some(row) = session.optional(sql, &[tenant.into()]).await? else {
        return Ok(());
    };
    let mut columns = row.reader();
    let (id, held): (i64, i64) = (columns.next()?, columns.next()?);
    let (hold, open): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let what = match (hold, open) {
        (None, _) => format!("it holds {held} without a hold"),
        (Some(hold), None) => format!("its hold {hold} does not exist"),
        (Some(hold), Some(open)) => {
            format!("it holds {held}, and {open} is left of its hold {hold}")
        }
    };
    Err(Stop::Found(Violation {
        tenant,
        record: "authorization",
        id,
        what,
    }))
}

/// A hold is of one authorization or order: nobody would give free what is open of one without,
/// and what is of two is promised twice. Only one that has ended may be without, as its
/// authorization may have another by now. Neither table is found by its hold, so all their holds are
/// sorted once.
pub(super) async fn owners(session: &mut ReadSession, tenant: i64) -> Looked {
    let sql = "SELECT id, MIN(owner), MAX(owner) FROM \
               (SELECT id, NULL AS owner FROM hold WHERE tenant = $1 AND state = 'open' \
               UNION ALL SELECT hold, id FROM card_authorization \
               WHERE tenant = $1 AND hold IS NOT NULL \
               UNION ALL SELECT hold, id FROM card_order \
               WHERE tenant = $1 AND hold IS NOT NULL) AS named \
               GROUP BY id HAVING COUNT(owner) <> 1 ORDER BY id LIMIT 1";
    let Some(row) = session.optional(sql, &[tenant.into()]).await? else {
        return Ok(());
    };
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let owners: (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let what = match owners {
        (Some(one), Some(other)) => format!("it is of both {one} and {other}"),
        (None, _) | (_, None) => "it is open, and of no authorization or order".to_owned(),
    };
    Err(Stop::Found(Violation {
        tenant,
        record: "hold",
        id,
        what,
    }))
}
