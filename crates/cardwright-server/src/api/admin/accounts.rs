//! Accounts, and money that operators put there or take away.

use axum::{extract::State, response::Response};
use cardwright_core::{Account, AccountId, AccountKind, Record, TransferKind};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::{
            Reason,
            accounts::{Account as Shown, Accounts, MoveMoney},
        },
    },
};

use crate::{
    api::native::{NoBody, Operated, page, record},
    app::App,
    ops::{
        accounts as account_ops,
        funds::{self, Direction, Movement},
    },
    store::{
        ReadTx,
        accounts::{self, lists},
    },
};

/// The name of an account's id in a path.
const ID: &str = "account_id";

/// `GET accounts`
pub(super) async fn list(State(app): State<App>, operated: Operated<Accounts>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let name = format!("accounts {}", asked.kind.unwrap_or_default());
            let kind = asked.kind.and_then(AccountKind::from_word);
            let read = async |tx: &mut ReadTx, after: Option<i64>, limit| {
                lists::all_after(tx, kind, (after.unwrap_or(0), limit)).await
            };
            let number = |account: &Account| account.id.get();
            page(tx, (&name, &asked.paging), read, number, shown).await
        })
        .await
}

/// `GET accounts/{account_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id(ID);
    operated
        .answer(&app, async move |tx| {
            let id = record(given, AccountId::new, Record::Account)?;
            accounts::get(tx, id).await.map(shown)
        })
        .await
}

/// `POST accounts/{account_id}/credit`
pub(super) async fn credit(State(app): State<App>, operated: Operated<MoveMoney>) -> Response {
    let way = (Direction::In, TransferKind::OperatorCredit);
    move_money(&app, operated, way).await
}

/// `POST accounts/{account_id}/debit`
pub(super) async fn debit(State(app): State<App>, operated: Operated<MoveMoney>) -> Response {
    let way = (Direction::Out, TransferKind::OperatorDebit);
    move_money(&app, operated, way).await
}

/// `POST accounts/{account_id}/freeze`
pub(super) async fn freeze(State(app): State<App>, operated: Operated<Reason>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, Reason { reason }| {
            let id = record(given, AccountId::new, Record::Account)?;
            account_ops::freeze(tx, id, &reason).await.map(shown)
        })
        .await
}

/// `POST accounts/{account_id}/unfreeze`
pub(super) async fn unfreeze(State(app): State<App>, operated: Operated<Reason>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, Reason { reason }| {
            let id = record(given, AccountId::new, Record::Account)?;
            account_ops::unfreeze(tx, id, &reason).await.map(shown)
        })
        .await
}

async fn move_money(
    app: &App,
    operated: Operated<MoveMoney>,
    (direction, kind): (Direction, TransferKind),
) -> Response {
    let given = operated.id(ID);
    operated
        .change(app, async move |tx, asked| {
            let id = record(given, AccountId::new, Record::Account)?;
            let movement = Movement {
                direction,
                amount: funds::amount(asked.money.amount_minor, &asked.money.currency)?,
                kind,
                reason: Some(asked.reason),
            };
            funds::move_money(tx, id, movement).await.map(shown)
        })
        .await
}

fn shown(account: Account) -> Shown {
    Shown {
        id: RecordId(account.id.get()),
        kind: account.kind.word(),
        holder_id: account.owner.map(|owner| RecordId(owner.get())),
        status: account.status.word(),
        currency: account.currency.code().to_owned(),
        balance: account.balance.posted(),
        available_balance: account.available_minor(),
        held: account.balance.held(),
        overdrawn: account.balance.is_below_floor(),
        name: account.name,
        external_id: account.external_id,
        created_at: Rfc3339(account.created_at),
        updated_at: Rfc3339(account.updated_at),
    }
}
