//! Accounts and what they hold.

use cardwright_core::{
    Account, AccountId, AccountKind, AccountStatus, Currency, Floor, HolderId, Record, Refusal,
};

use super::{
    ReadTx, Tx,
    db::{Row, RowReader, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "account.id, account.kind, account.owner, account.currency, account.name, \
         account.status, account.external_id, account.credits, account.debits, \
         account.held_credits, account.held_debits, account.floor, account.created_at, \
         account.updated_at"
    };
}

pub mod funds;
pub mod lists;

/// The account with this id, the platform's own books included.
pub async fn get(tx: &mut ReadTx, id: AccountId) -> Result<Account> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM account WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Account))?)
}

/// The account with this id that a tenant may look at.
pub async fn get_visible(tx: &mut ReadTx, id: AccountId) -> Result<Account> {
    let account = get(tx, id).await?;
    if account.kind.is_visible() {
        Ok(account)
    } else {
        Err(Error::not_found(Record::Account))
    }
}

/// The account with this id among those that are listed as the tenant's money.
pub async fn get_main(tx: &mut ReadTx, id: AccountId) -> Result<Account> {
    let account = get(tx, id).await?;
    if account.kind.is_main() {
        Ok(account)
    } else {
        Err(Error::not_found(Record::Account))
    }
}

/// What a list of a tenant's money is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct AccountFilter {
    /// Only this one.
    pub id: Option<AccountId>,
    /// Only of these kinds.
    pub kinds: Option<Vec<AccountKind>>,
}

/// One page of a tenant's money, newest first, and how many accounts there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &AccountFilter,
    window: (i64, i64),
) -> Result<(Vec<Account>, i64)> {
    macro_rules! condition {
        () => {
            " WHERE tenant = $1 AND kind IN ('wallet', 'margin', 'customer') \
             AND ($2 IS NULL OR id = $2) AND ($3 IS NULL OR $3 LIKE '% ' || kind || ' %')"
        };
    }
    let kinds = filter.kinds.as_ref().map(|kinds| {
        let words = kinds.iter().map(|kind| kind.word());
        words.fold(String::from(" "), |text, word| text + word + " ")
    });
    let parameters = vec![Value::from(filter.id.map(AccountId::get)), kinds.into()];
    let count = concat!("SELECT COUNT(*) FROM account_record", condition!());
    let list = concat!(
        "SELECT ",
        columns!(),
        " FROM account",
        condition!(),
        " ORDER BY id DESC LIMIT $4 OFFSET $5"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// The list of kinds is that of the index `account_book`: only a statement that says it is answered
/// by that index. Without it all accounts without an owner would be looked at, as many as cards.
macro_rules! book {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM account WHERE tenant = $1 AND kind = $2 AND currency = $3 AND owner IS NULL \
             AND kind IN ('wallet', 'fees_income', 'external_funding', 'network_settlement', \
             'crypto_clearing', 'loss')"
        )
    };
}

/// The tenant's own account of a kind and currency, of which there is one.
pub async fn book(tx: &mut ReadTx, kind: AccountKind, currency: Currency) -> Result<Account> {
    let row = tx
        .optional(book!(), &[kind.word().into(), currency.code().into()])
        .await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Account))?)
}

/// The id of the tenant's own account of a kind and currency, out of memory where it is known there.
pub async fn book_id(
    tx: &mut Tx,
    kind: AccountKind,
    currency: Currency,
) -> Result<Option<AccountId>> {
    if let Some(id) = tx.known_book((kind, currency)) {
        return Ok(Some(id));
    }
    match book(tx, kind, currency).await {
        Ok(account) => {
            tx.learn_book((kind, currency), account.id);
            Ok(Some(account.id))
        }
        Err(Error::Refused(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a person's or corporate's account has this caller's id.
pub async fn external_id_taken(tx: &mut ReadTx, id: &str) -> Result<bool> {
    let sql = "SELECT id FROM account_record WHERE tenant = $1 AND external_id = $2 LIMIT 1";
    Ok(tx.optional(sql, &[id.into()]).await?.is_some())
}

macro_rules! of_owner {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM account WHERE tenant = $1 AND owner = $2 AND kind = 'customer' ORDER BY +id"
        )
    };
}

/// The accounts of a person or corporate, not those of its cards, the oldest first. The plus keeps
/// the list of all accounts from being walked for those of one owner.
pub async fn of_owner(tx: &mut ReadTx, owner: HolderId) -> Result<Vec<Account>> {
    tx.query(of_owner!(), &[owner.get().into()])
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// The tenant's money as `FinCard` callers see it: its wallet, its pools and the accounts of its
/// holders; not the balances of single cards.
pub async fn main_accounts(tx: &mut ReadTx) -> Result<Vec<Account>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM account WHERE tenant = $1 AND kind IN ('wallet', 'margin', 'customer') ORDER BY id"
    );
    tx.query(sql, &[]).await?.iter().map(from_row).collect()
}

/// Adds an account.
pub async fn insert(tx: &mut Tx, account: &Account) -> Result<()> {
    let floor = match account.balance.floor {
        Floor::At(lowest) => Some(lowest),
        Floor::None => None,
    };
    let who = [
        Value::from(account.id.get()),
        account.kind.word().into(),
        account.owner.map(HolderId::get).into(),
        account.currency.code().into(),
        account.name.as_str().into(),
        account.external_id.as_deref().into(),
        account.created_at.as_millisecond().into(),
    ];
    let what = [
        Value::from(account.id.get()),
        account.currency.code().into(),
        account.status.word().into(),
        floor.into(),
        account.balance.credits.into(),
        account.balance.debits.into(),
        account.updated_at.as_millisecond().into(),
    ];
    tx.execute(
        "INSERT INTO account_record (tenant, id, kind, owner, currency, name, external_id, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &who,
    )
    .await?;
    tx.execute(
        "INSERT INTO account_balance (tenant, account, currency, status, floor, credits, debits, \
         held_credits, held_debits, entry_sequence, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8)",
        &what,
    )
    .await?;
    Ok(())
}

/// Writes whether an account takes part in payments.
pub async fn put_status(tx: &mut Tx, account: &Account) -> Result<()> {
    let sql = "UPDATE account_balance SET status = $3, updated_at = $4 \
               WHERE account = $2 AND tenant = $1";
    let parameters = [
        account.id.get().into(),
        account.status.word().into(),
        account.updated_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

fn from_row(row: &Row) -> Result<Account> {
    read(&mut row.reader())
}

/// An account's columns, in their order.
pub(super) fn read(columns: &mut RowReader<'_>) -> Result<Account> {
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("account {id}"));
    let kind = AccountKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let owner = columns.next::<Option<i64>>()?;
    let owner = owner
        .map(|owner| HolderId::new(owner).map_err(|_| corrupt()))
        .transpose()?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let name = columns.next()?;
    let status = AccountStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let external_id = columns.next()?;
    let balance = funds::balance(columns)?;
    Ok(Account {
        id: AccountId::new(id).map_err(|_| corrupt())?,
        kind,
        owner,
        currency,
        name,
        status,
        external_id,
        balance,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}

#[cfg(test)]
mod tests {
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    #[tokio::test]
    async fn a_book_is_found_without_a_look_at_other_accounts() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        let explain = concat!("EXPLAIN QUERY PLAN ", book!());
        let plan = db.read(async |mut session: ReadSession| {
            let rows = session
                .query(explain, &[1.into(), "".into(), "".into()])
                .await?;
            rows.iter().map(|row| row.get::<String>(3)).collect()
        });
        let plan: Result<Vec<String>, DbError> = plan.await;
        let expected =
            "SEARCH record USING INDEX account_book (tenant=? AND kind=? AND currency=?)";
        assert_eq!(plan.unwrap()[0], expected);
        db.close().await;
    }

    #[tokio::test]
    async fn the_accounts_of_an_owner_are_found_without_a_look_at_those_of_others() {
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        let explain = concat!("EXPLAIN QUERY PLAN ", of_owner!());
        let plan = db.read(async |mut session: ReadSession| {
            let rows = session.query(explain, &[1.into(), 2.into()]).await?;
            rows.iter().map(|row| row.get::<String>(3)).collect()
        });
        let plan: Result<Vec<String>, DbError> = plan.await;
        let expected = "SEARCH record USING INDEX account_by_owner (tenant=? AND owner=?)";
        assert_eq!(plan.unwrap()[0], expected);
        db.close().await;
    }
}
