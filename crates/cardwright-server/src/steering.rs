//! What steers a sandbox as a whole: writes that are answered only after the steps that become due
//! by them have been taken.
//!
//! Here and not in `ops`, which must not know the jobs; not in `jobs`, which a door must not know.

use cardwright_core::DomainClock;

pub use crate::jobs::Taken;
use crate::{
    app::App,
    error::Result,
    jobs,
    ops::{
        clock::{self, ClockChange},
        snapshots::{self, SnapshotName},
    },
    store::Scope,
};

/// A clock that was moved, and what that brought about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The clock.
    pub clock: DomainClock,
    /// The steps that became due.
    pub ran: Taken,
}

/// Changes a tenant's clock, then takes every step of the tenant that is due by that, and what
/// becomes due by those. All of them are taken at the new time, in the order in which they were
/// due: what lies between two due times is not lived through.
pub async fn change_clock(app: &App, scope: &Scope, change: ClockChange) -> Result<Moved> {
    // Taken first, so that no step is taken by others meanwhile and is missing in the count.
    let turn = app.jobs_turn().await;
    let clock = app
        .write(scope, async move |tx| clock::change(tx, change).await)
        .await?;
    let ran = jobs::run_due_of(app, scope.tenant, &turn).await?;
    Ok(Moved { clock, ran })
}

/// A state that was put back, and what that brought about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// How many rows it has.
    pub rows: i64,
    /// The steps that were due by the tenant's time, which did not go back.
    pub ran: Taken,
}

/// Puts a saved state of a tenant back, then takes every step that is due in it by the tenant's
/// time, which goes on as if nothing had happened.
pub async fn restore(app: &App, scope: &Scope, name: SnapshotName) -> Result<Restored> {
    let turn = app.jobs_turn().await;
    let rows = app
        .write(scope, async move |tx| snapshots::restore(tx, &name).await)
        .await?;
    let ran = jobs::run_due_of(app, scope.tenant, &turn).await?;
    Ok(Restored { rows, ran })
}
