//! Messages that are not sent any more: those to endpoints that were taken away, and those that
//! ended long ago.
//!
//! Law: nothing goes that is still to be sent, and each write is short. Events and their numbers
//! stay: an event that is sent again later has the number that it had.

use cardwright_core::TenantId;

use crate::{
    app::App,
    error::Result,
    ops::deliveries::Retention,
    store::{
        SystemTx,
        deliveries::{self, Old},
    },
};

/// How many messages one write ends or removes at most.
const STEP: i64 = 200;

/// Ends what waits for endpoints that were taken away, and removes what ended longer ago than is
/// kept. How many messages.
pub async fn tidy_up(app: &App) -> Result<u64> {
    let ended = end_of_removed(app).await?;
    let retention = app.settings().delivery_retention;
    if retention == Retention::Forever {
        return Ok(ended);
    }
    let tenants = app
        .store()
        .system_read(async |session| deliveries::tenants(session).await);
    let mut removed = 0;
    for tenant in tenants.await? {
        removed += remove_old(app, tenant, retention).await?;
    }
    Ok(ended + removed)
}

/// Most of it was ended when the endpoint went; what was on its way then, or was too much for one
/// write, is ended here.
async fn end_of_removed(app: &App) -> Result<u64> {
    let now = app.now();
    let removed = app
        .store()
        .system_read(async move |session| deliveries::removed(session, now).await);
    let mut ended = 0;
    for one in removed.await? {
        loop {
            let step =
                async move |tx: &mut SystemTx| deliveries::end_of_removed(tx, one, STEP).await;
            match app.store().system(step).await? {
                0 => break,
                count => ended += count,
            }
        }
    }
    Ok(ended)
}

async fn remove_old(app: &App, tenant: TenantId, retention: Retention) -> Result<u64> {
    let before = retention.begin(app.now_of(tenant));
    let (mut after, mut removed) = (0, 0);
    loop {
        let look = app.read(tenant, async move |tx| {
            deliveries::old(tx, before, after, STEP).await
        });
        let Some(found) = look.await? else {
            return Ok(removed);
        };
        if found.count > 0 {
            let stretch = (after, found.last);
            let step =
                async move |tx: &mut SystemTx| deliveries::purge(tx, tenant, before, stretch).await;
            removed += app.store().system(step).await?;
        }
        if found.beyond == Old::NoMore {
            return Ok(removed);
        }
        after = found.last;
    }
}
