//! Keys of operators.

use axum::{extract::State, response::Response};
use cardwright_core::Record;
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        Empty, List, RecordId,
        admin::keys::{AdminKey as Shown, CreateKey, NewAdminKey, Role as RoleWord},
    },
};

use crate::{
    api::native::{Operated, page},
    app::App,
    error::Error,
    ops::operators as ops,
    store::admin_keys::{self, AdminKey, Role},
};

/// `POST admin-keys`
pub(super) async fn create(State(app): State<App>, operated: Operated<CreateKey>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let (made, key) = ops::create_key(tx, role_in(asked.role)).await?;
            Ok(NewAdminKey {
                admin_key: shown(made),
                key: key.expose().to_owned(),
            })
        })
        .await
}

/// `GET admin-keys`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                admin_keys::list(tx, after.unwrap_or(0), limit).await
            };
            let list = ("admin-keys", &asked.paging);
            page(tx, list, read, |key| key.id, shown).await
        })
        .await
}

/// `DELETE admin-keys/{admin_key_id}`
pub(super) async fn delete(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let (given, own) = (operated.id("admin_key_id"), operated.operator().key);
    operated
        .change(&app, async move |tx, _| {
            let id = given
                .id()
                .ok_or_else(|| Error::not_found(Record::Credential))?;
            ops::end_key(tx, id, own).await.map(shown)
        })
        .await
}

fn role_in(role: RoleWord) -> Role {
    match role {
        RoleWord::Auditor => Role::Auditor,
        RoleWord::Support => Role::Support,
        RoleWord::Operator => Role::Operator,
        RoleWord::Owner => Role::Owner,
    }
}

fn shown(key: AdminKey) -> Shown {
    Shown {
        id: RecordId(key.id),
        role: match key.role {
            Role::Auditor => RoleWord::Auditor,
            Role::Support => RoleWord::Support,
            Role::Operator => RoleWord::Operator,
            Role::Owner => RoleWord::Owner,
        },
        created_at: Rfc3339(key.created_at),
    }
}
