//! Users of the session API: added, disabled, unlocked. Their times are real time.

use cardwright_core::Refusal;

use crate::{
    error::{Error, Result},
    secrets::{
        Secret, generate,
        passwords::{PasswordError, Passwords},
    },
    store::{
        Scope, Store, Tx,
        user_accounts::{self, UserAccount},
        users::{self, User},
    },
};

/// A user that is to be.
#[derive(Debug)]
pub struct NewUser {
    /// E-mail address.
    pub email: String,
    /// Login name.
    pub username: String,
    /// The password; one is made where there is none.
    pub password: Option<Secret>,
}

/// A password that has to be told to its user, because it was made here.
pub type MadePassword = Option<Secret>;

/// Adds a user. The password is hashed before the transaction, on threads of its own.
pub async fn create(
    store: &Store,
    passwords: &Passwords,
    scope: Scope,
    new: NewUser,
) -> Result<(UserAccount, MadePassword)> {
    let (password_hash, made) = hashed(store, passwords, new.password).await?;
    let user = store
        .write(&scope, async move |tx| {
            if user_accounts::email_taken(tx, &new.email).await? {
                return Err(Refusal::DuplicateEmail.into());
            }
            if user_accounts::username_taken(tx, &new.username).await? {
                return Err(Refusal::DuplicateUsername.into());
            }
            let id = tx.next_id().await?;
            let user = User {
                tenant: tx.tenant(),
                id,
                uuid: tx.entropy().record_uuid("user", id).to_string(),
                email: new.email,
                username: new.username,
                password_hash,
            };
            users::insert(tx, &user).await?;
            tx.audit("user.create", ("user", &user.uuid)).await?;
            user_accounts::get(tx, &user.uuid).await
        })
        .await?;
    Ok((user, made))
}

/// Gives a user another password, which ends its sessions.
pub async fn set_password(
    store: &Store,
    passwords: &Passwords,
    scope: Scope,
    (uuid, password): (String, Option<Secret>),
) -> Result<(UserAccount, MadePassword)> {
    let (password_hash, made) = hashed(store, passwords, password).await?;
    let user = store
        .write(&scope, async move |tx| {
            let user = user_accounts::get(tx, &uuid).await?;
            users::set_password(tx, &uuid, &password_hash).await?;
            tx.audit("user.set_password", ("user", &uuid)).await?;
            Ok(user)
        })
        .await?;
    Ok((user, made))
}

async fn hashed(
    store: &Store,
    passwords: &Passwords,
    given: Option<Secret>,
) -> Result<(String, MadePassword)> {
    let (password, made) = if let Some(password) = given {
        (password, None)
    } else {
        let password = generate::password(&store.resources().entropy);
        (password.clone(), Some(password))
    };
    let hash = passwords.hash(password).await;
    let hash = hash.map_err(|error| match error {
        PasswordError::Busy => Error::Busy,
        PasswordError::Length => Error::Invalid("password"),
        other => Error::Corrupt(other.to_string()),
    })?;
    Ok((hash, made))
}

/// Lets a user log in no more, and ends its sessions. A disabled one keeps its first date.
pub async fn disable(tx: &mut Tx, uuid: &str) -> Result<UserAccount> {
    let user = user_accounts::get(tx, uuid).await?;
    if user.disabled_at.is_none() {
        let now = tx.real_now();
        user_accounts::set_disabled(tx, user.id, Some(now)).await?;
        user_accounts::end_sessions(tx, user.id).await?;
        tx.audit("user.disable", ("user", uuid)).await?;
    }
    user_accounts::get(tx, uuid).await
}

/// Lets a user log in again.
pub async fn enable(tx: &mut Tx, uuid: &str) -> Result<UserAccount> {
    let user = user_accounts::get(tx, uuid).await?;
    if user.disabled_at.is_some() {
        user_accounts::set_disabled(tx, user.id, None).await?;
        tx.audit("user.enable", ("user", uuid)).await?;
    }
    user_accounts::get(tx, uuid).await
}

/// Forgets a user's failed logins, and with them its locks.
pub async fn unlock(tx: &mut Tx, uuid: &str) -> Result<UserAccount> {
    let user = user_accounts::get(tx, uuid).await?;
    user_accounts::forget_failures(tx, user.id).await?;
    tx.audit("user.unlock", ("user", uuid)).await?;
    Ok(user)
}
