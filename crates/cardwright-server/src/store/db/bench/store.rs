//! The work through the store, as every part of the program uses it.

use std::path::Path;

use super::super::error::DbError;
use super::super::session::WriteSession;
use super::super::value::Value;
use super::super::{Db, DbOptions};
use super::authorization::{self, FACTS, Order, TENANT, not_approved};
use super::{Figures, Load, measure};

pub(super) async fn run(directory: &Path, load: Load) -> Result<Figures, DbError> {
    let db = Db::open(DbOptions::file(directory.join("store.db")))?;
    db.migrate(&authorization::SCHEMA).await?;
    let asked = db.clone();
    let figures = measure(load, move |order| {
        let db = asked.clone();
        async move {
            db.write(async move |session| authorize(session, order).await)
                .await
        }
    })
    .await;
    db.close().await;
    figures
}

async fn authorize(mut session: WriteSession, order: Order) -> Result<(), DbError> {
    let tenant = Value::from(TENANT);
    let card = session
        .one(authorization::CARD, &[tenant.clone(), order.card.into()])
        .await?;
    let (account, state): (i64, String) = (card.get(0)?, card.get(1)?);
    let found = session
        .one(authorization::ACCOUNT, &[tenant.clone(), account.into()])
        .await?;
    let (available, status): (i64, String) = (found.get(0)?, found.get(1)?);
    if state != "active" || status != "active" || available < order.amount {
        return Err(not_approved());
    }
    let parameters = [tenant.clone(), account.into(), order.amount.into()];
    let taken = session.optional(authorization::TAKE, &parameters).await?;
    let sequence: i64 = taken.ok_or_else(not_approved)?.get(0)?;
    let hold = [
        tenant.clone(),
        order.id.into(),
        account.into(),
        order.amount.into(),
        order.id.into(),
    ];
    session.execute(authorization::HOLD, &hold).await?;
    for (sequence, amount) in [(sequence - 1, order.amount), (sequence, -order.amount)] {
        let entry = [
            tenant.clone(),
            account.into(),
            sequence.into(),
            order.id.into(),
            amount.into(),
        ];
        session.execute(authorization::ENTRY, &entry).await?;
    }
    let message = [tenant, order.id.into(), FACTS.into()];
    session.execute(authorization::MESSAGE, &message).await?;
    Ok(())
}
