//! Users of the session API.

use axum::{extract::State, response::Response};
use cardwright_wire::{
    instant::Rfc3339,
    kind::Hidden,
    native::{
        Empty, List,
        admin::users::{CreateUser, SetPassword, User as Shown, UserWithPassword},
    },
};

use crate::{
    api::native::{Operated, page},
    app::App,
    ops::users::{self as ops, MadePassword, NewUser},
    secrets::Secret,
    store::user_accounts::{self, UserAccount},
};

/// The name of a user's id in a path.
const ID: &str = "user_id";

/// `POST tenants/{tenant_id}/users`
pub(super) async fn create(State(app): State<App>, operated: Operated<CreateUser>) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let new = NewUser {
                email: asked.email,
                username: asked.username,
                password: asked.password.as_ref().map(secret),
            };
            let made = ops::create(app.store(), app.passwords(), scope, new).await?;
            Ok(with_password(made))
        })
        .await
}

/// `GET tenants/{tenant_id}/users`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                user_accounts::list(tx, after.unwrap_or(0), limit).await
            };
            let list = ("users", &asked.paging);
            page(tx, list, read, |user| user.id, shown).await
        })
        .await
}

/// `POST users/{user_id}/disable`
pub(super) async fn disable(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let uuid = operated.name(ID).to_owned();
    operated
        .change(&app, async move |tx, _| {
            ops::disable(tx, &uuid).await.map(shown)
        })
        .await
}

/// `POST users/{user_id}/enable`
pub(super) async fn enable(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let uuid = operated.name(ID).to_owned();
    operated
        .change(&app, async move |tx, _| {
            ops::enable(tx, &uuid).await.map(shown)
        })
        .await
}

/// `POST users/{user_id}/unlock`
pub(super) async fn unlock(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let uuid = operated.name(ID).to_owned();
    operated
        .change(&app, async move |tx, _| {
            ops::unlock(tx, &uuid).await.map(shown)
        })
        .await
}

/// `POST users/{user_id}/password`
pub(super) async fn set_password(
    State(app): State<App>,
    operated: Operated<SetPassword>,
) -> Response {
    let uuid = operated.name(ID).to_owned();
    operated
        .perform(&app, async move |app, scope, asked| {
            let wanted = (uuid, asked.password.as_ref().map(secret));
            let made = ops::set_password(app.store(), app.passwords(), scope, wanted).await?;
            Ok(with_password(made))
        })
        .await
}

fn secret(given: &Hidden) -> Secret {
    Secret::new(given.expose().to_owned())
}

fn with_password((user, made): (UserAccount, MadePassword)) -> UserWithPassword {
    UserWithPassword {
        user: shown(user),
        password: made.map(|password| password.expose().to_owned()),
    }
}

fn shown(user: UserAccount) -> Shown {
    Shown {
        id: user.uuid,
        email: user.email,
        username: user.username,
        disabled_at: user.disabled_at.map(Rfc3339),
        created_at: Rfc3339(user.created_at),
    }
}
