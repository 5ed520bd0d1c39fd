//! What the outside world does to a tenant.

use axum::{extract::State, response::Response};
use cardwright_core::{Account, AccountId, Record, TransferKind};
use cardwright_wire::native::{
    RecordId,
    sandbox::{Balances, Funding},
};

use crate::{
    api::native::{Operated, record},
    app::App,
    ops::funds::{self, Direction, Movement},
};

/// `POST simulate/funding`
pub(super) async fn funding(State(app): State<App>, operated: Operated<Funding>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let id = record(asked.account, AccountId::new, Record::Account)?;
            let movement = Movement {
                direction: Direction::In,
                amount: funds::amount(asked.money.amount_minor, &asked.money.currency)?,
                kind: TransferKind::Funding,
                reason: None,
            };
            let account = funds::move_money(tx, id, movement).await?;
            Ok(balances(&account))
        })
        .await
}

fn balances(account: &Account) -> Balances {
    Balances {
        account_id: RecordId(account.id.get()),
        currency: account.currency.code().to_owned(),
        balance: account.balance.posted(),
        available_balance: account.available_minor(),
        held: account.balance.held(),
    }
}
