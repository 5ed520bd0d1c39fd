//! Saving the state of a sandbox's tenant, and going back to it.

use axum::{extract::State, response::Response};
use cardwright_wire::native::{
    Empty,
    clock::{NameSnapshot, Restored, Snapshot},
};

use super::clock::ran;
use crate::{
    api::native::Operated,
    app::App,
    error::{Error, Result},
    ops::snapshots::{self, SnapshotName},
    steering,
    store::Scope,
};

fn named(asked: &NameSnapshot) -> Result<SnapshotName> {
    SnapshotName::parse(&asked.name).ok_or(Error::Invalid("name"))
}

/// `POST snapshot`
pub(super) async fn take(State(app): State<App>, operated: Operated<NameSnapshot>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let rows = snapshots::take(tx, &named(&asked)?).await?;
            Ok(Snapshot {
                name: asked.name,
                rows,
            })
        })
        .await
}

/// `POST restore`
pub(super) async fn restore(State(app): State<App>, operated: Operated<NameSnapshot>) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            go_back(app, &scope, named(&asked)?).await
        })
        .await
}

/// `POST reset`
pub(super) async fn reset(State(app): State<App>, operated: Operated<Empty>) -> Response {
    operated
        .perform(&app, async |app, scope, _| {
            go_back(app, &scope, SnapshotName::seed()).await
        })
        .await
}

async fn go_back(app: &App, scope: &Scope, name: SnapshotName) -> Result<Restored> {
    let restored = steering::restore(app, scope, name).await?;
    Ok(Restored {
        rows: restored.rows,
        ran: ran(&restored.ran),
    })
}
