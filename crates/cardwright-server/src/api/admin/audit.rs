//! The audit log.

use axum::{extract::State, response::Response};
use cardwright_core::Timestamp;
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::audit::{AuditRow, ListAudit},
    },
};

use crate::{
    api::native::{Operated, page},
    app::App,
    error::{Error, Result},
    store::audit::{self, Entry, Filter},
};

/// `GET audit`
pub(super) async fn list(State(app): State<App>, operated: Operated<ListAudit>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let filter = Filter {
                action: asked.action,
                subject_kind: asked.subject_kind,
                subject_id: asked.subject,
                from: instant(asked.from, "from")?,
                to: instant(asked.to, "to")?,
            };
            // A cursor belongs to the list with these filters and to no other.
            let name = format!("audit {filter:?}");
            let read = async |tx: &mut _, below: Option<i64>, limit| {
                audit::list(tx, &filter, below.unwrap_or(i64::MAX), limit).await
            };
            let list = (name.as_str(), &asked.paging);
            page(tx, list, read, |entry| entry.id, shown).await
        })
        .await
}

fn instant(text: Option<String>, field: &'static str) -> Result<Option<Timestamp>> {
    text.map(|text| text.parse().map_err(|_| Error::Invalid(field)))
        .transpose()
}

fn shown(entry: Entry) -> AuditRow {
    AuditRow {
        id: RecordId(entry.id),
        at: Rfc3339(entry.at),
        actor_kind: entry.actor.0,
        actor_id: entry.actor.1,
        action: entry.action,
        subject_kind: entry.subject.0,
        subject_id: entry.subject.1,
        outcome: entry.outcome,
        address: entry.address,
        claimed_for: entry.claimed_for,
        claimed_from: entry.claimed_from,
        request_id: entry.request_id,
    }
}
