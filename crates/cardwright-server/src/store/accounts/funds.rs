//! What accounts have, without who they are: the narrow part of an account.

use cardwright_core::{AccountId, Balance, Currency, Floor};

use super::{Error, Result, RowReader};

macro_rules! columns {
    () => {
        "balance.account, balance.currency, balance.credits, balance.debits, \
         balance.held_credits, balance.held_debits, balance.floor"
    };
}
pub(in crate::store) use columns;

/// What an account has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Funds {
    /// Which account.
    pub account: AccountId,
    /// What it keeps books in.
    pub currency: Currency,
    /// What it has, and what is held of it.
    pub balance: Balance,
}

/// An account's funds, whose columns come next.
pub(in crate::store) fn read(columns: &mut RowReader<'_>) -> Result<Funds> {
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("balance of account {id}"));
    Ok(Funds {
        account: AccountId::new(id).map_err(|_| corrupt())?,
        currency: Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?,
        balance: balance(columns)?,
    })
}

/// A balance, whose columns come next: credits, debits, what is held of each, and the floor.
pub(in crate::store) fn balance(columns: &mut RowReader<'_>) -> Result<Balance> {
    Ok(Balance {
        credits: columns.next()?,
        debits: columns.next()?,
        held_credits: columns.next()?,
        held_debits: columns.next()?,
        floor: columns
            .next::<Option<i64>>()?
            .map_or(Floor::None, Floor::At),
    })
}

#[cfg(test)]
mod tests {
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession, WriteSession},
    };

    /// Two accounts with what moved between them, as the step before balances stood apart wrote them.
    const BEFORE: [&str; 4] = [
        "INSERT INTO tenant (id, uuid, organization_uuid, name, kyc_mode, created_at) \
         VALUES (1, 'a', 'b', 'demo', 'auto', 5)",
        "INSERT INTO account (tenant, id, kind, currency, name, status, external_id, credits, \
         debits, floor, entry_sequence, created_at, updated_at, held_credits, held_debits) \
         VALUES (1, 2, 'wallet', 'USD', 'WALLET', 'frozen', 'x', 9, 4, -3, 7, 5, 6, 1, 2), \
         (1, 3, 'external_funding', 'USD', 'BOOK', 'active', NULL, 4, 9, NULL, 8, 5, 7, 0, 0)",
        "INSERT INTO journal_entry (tenant, id, created_at) VALUES (1, 4, 5)",
        "INSERT INTO transfer (tenant, id, entry, kind, currency, amount, payer, payer_sequence, \
         payer_balance, receiver, receiver_sequence, receiver_balance, created_at) \
         VALUES (1, 5, 4, 'funding', 'USD', 9, 3, 8, -5, 2, 7, 5, 5)",
    ];
    const ALL: &str = "\
        SELECT id || kind || currency || name || status || COALESCE(external_id, '-') || ' ' \
        || credits || ' ' || debits || ' ' || COALESCE(floor, '-') || ' ' || entry_sequence || ' ' \
        || created_at || ' ' || updated_at || ' ' || held_credits || ' ' || held_debits \
        FROM account ORDER BY id";

    async fn texts(db: &Db, sql: &'static str) -> Vec<String> {
        let rows = db.read(async move |mut session: ReadSession| {
            let rows = session.query(sql, &[]).await?;
            rows.iter()
                .map(|row| row.get(0))
                .collect::<Result<_, DbError>>()
        });
        rows.await.unwrap()
    }

    async fn written(db: &Db, sql: &'static str) -> Result<(), DbError> {
        db.write(async move |mut session: WriteSession| session.execute(sql, &[]).await.map(drop))
            .await
    }

    #[tokio::test]
    async fn accounts_of_an_earlier_version_keep_what_they_have_and_who_they_are() {
        let steps = MIGRATIONS.iter();
        let steps = steps.take_while(|step| step.name != "balances").count();
        let db = Db::open(DbOptions::temporary()).unwrap();
        db.migrate(&MIGRATIONS[..steps]).await.unwrap();
        for sql in BEFORE {
            written(&db, sql).await.unwrap();
        }
        let before = texts(&db, ALL).await;
        assert_eq!(before[0], "2walletUSDWALLETfrozenx 9 4 -3 7 5 6 1 2");
        db.migrate(MIGRATIONS).await.unwrap();
        assert_eq!(texts(&db, ALL).await, before);
        let broken = "SELECT \"table\" FROM pragma_foreign_key_check";
        assert!(texts(&db, broken).await.is_empty());
        for orphan in [
            "INSERT INTO transfer (tenant, id, entry, kind, currency, amount, payer, \
             payer_sequence, payer_balance, receiver, receiver_sequence, receiver_balance, \
             created_at) VALUES (1, 6, 4, 'funding', 'USD', 9, 3, 9, -5, 99, 1, 5, 5)",
            "INSERT INTO account_balance (tenant, account, currency, status, credits, debits, \
             held_credits, held_debits, entry_sequence, updated_at) \
             VALUES (2, 4, 'USD', 'active', 0, 0, 0, 0, 0, 5)",
            "DELETE FROM account_record WHERE id = 3",
        ] {
            assert!(written(&db, orphan).await.is_err(), "{orphan}");
        }
        db.close().await;
    }
}
