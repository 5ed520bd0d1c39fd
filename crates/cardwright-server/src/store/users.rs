//! Users who log in, and their sessions.

use std::fmt;

use cardwright_core::{TenantId, Timestamp};

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, Value},
};
use crate::error::{Error, Result};

/// A user of a tenant. `Debug` shows its ids only.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Whose user.
    pub tenant: TenantId,
    /// Its id.
    pub id: i64,
    /// The id that tokens and paths name.
    pub uuid: String,
    /// E-mail address.
    pub email: String,
    /// Login name.
    pub username: String,
    /// The password's hash, with its parameters.
    pub password_hash: String,
}

impl fmt::Debug for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("User")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("uuid", &self.uuid)
            .finish_non_exhaustive()
    }
}

fn from_row(row: &Row) -> Result<User> {
    let mut columns = row.reader();
    let tenant: i64 = columns.next()?;
    Ok(User {
        tenant: TenantId::new(tenant).map_err(|_| Error::Corrupt("user's tenant".to_owned()))?,
        id: columns.next()?,
        uuid: columns.next()?,
        email: columns.next()?,
        username: columns.next()?,
        password_hash: columns.next()?,
    })
}

/// How a login names its user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Login {
    /// By e-mail address, within the tenant.
    Email {
        /// The tenant's uuid.
        tenant: String,
        /// The address; capitals do not count.
        email: String,
    },
    /// By login name or e-mail address of a user of an organization.
    Username {
        /// The tenant's uuid.
        tenant: String,
        /// The organization's uuid.
        organization: String,
        /// The user's uuid.
        user: String,
        /// Login name or address.
        username: String,
    },
}

/// The user a login names, unless disabled.
pub async fn find_for_login(session: &mut ReadSession, login: &Login) -> Result<Option<User>> {
    let row = match login {
        Login::Email { tenant, email } => {
            let sql = "SELECT u.tenant, u.id, u.uuid, u.email, u.username, u.password_hash \
                       FROM api_user u JOIN tenant t ON t.id = u.tenant \
                       WHERE t.uuid = $1 AND u.email = $2 AND u.disabled_at IS NULL";
            let email = email.to_lowercase();
            session
                .optional(sql, &[tenant.as_str().into(), email.into()])
                .await?
        }
        Login::Username {
            tenant,
            organization,
            user,
            username,
        } => {
            let sql = "SELECT u.tenant, u.id, u.uuid, u.email, u.username, u.password_hash \
                       FROM api_user u JOIN tenant t ON t.id = u.tenant \
                       WHERE t.uuid = $1 AND t.organization_uuid = $2 AND u.uuid = $3 \
                       AND (u.username = $4 OR u.email = $5) AND u.disabled_at IS NULL";
            let parameters = [
                Value::from(tenant.as_str()),
                organization.as_str().into(),
                user.as_str().into(),
                username.as_str().into(),
                username.to_lowercase().into(),
            ];
            session.optional(sql, &parameters).await?
        }
    };
    row.as_ref().map(from_row).transpose()
}

/// Whether a user that was read earlier still has the same password and is not disabled.
pub async fn is_current(tx: &mut ReadTx, user: &User) -> Result<bool> {
    let sql = "SELECT 1 FROM api_user \
               WHERE tenant = $1 AND id = $2 AND password_hash = $3 AND disabled_at IS NULL";
    let parameters = [user.id.into(), user.password_hash.as_str().into()];
    Ok(tx.optional(sql, &parameters).await?.is_some())
}

/// Adds a user.
pub async fn insert(tx: &mut Tx, user: &User) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO api_user (tenant, id, uuid, email, username, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            Value::from(user.id),
            user.uuid.as_str().into(),
            user.email.to_lowercase().into(),
            user.username.as_str().into(),
            user.password_hash.as_str().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Gives a user a new password and ends its sessions.
pub async fn set_password(tx: &mut Tx, uuid: &str, password_hash: &str) -> Result<()> {
    let sql = "UPDATE api_user SET password_hash = $3 WHERE tenant = $1 AND uuid = $2";
    tx.execute(sql, &[uuid.into(), password_hash.into()])
        .await?;
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE session SET ended_at = $3 WHERE tenant = $1 AND ended_at IS NULL AND \
               user_id IN (SELECT id FROM api_user WHERE tenant = $1 AND uuid = $2)";
    tx.execute(sql, &[uuid.into(), now.into()]).await?;
    tx.forget_callers();
    Ok(())
}

/// A session as it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSession {
    /// Its id, which the token names.
    pub id: String,
    /// Whose session.
    pub user_id: i64,
    /// The device the login came from, or empty.
    pub device_id: String,
    /// When its token ends, in real time.
    pub expires_at: Timestamp,
}

/// Begins a session.
pub async fn insert_session(tx: &mut Tx, session: &NewSession) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO session (tenant, id, user_id, device_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Value::from(session.id.as_str()),
            session.user_id.into(),
            session.device_id.as_str().into(),
            now.into(),
            session.expires_at.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(())
}

/// The tenant of a session that is still on, with its user's id there.
pub async fn find_session(
    session: &mut ReadSession,
    tenant_uuid: &str,
    session_id: &str,
    user_uuid: &str,
) -> Result<Option<TenantId>> {
    let sql = "SELECT s.tenant FROM session s \
               JOIN tenant t ON t.id = s.tenant \
               JOIN api_user u ON u.tenant = s.tenant AND u.id = s.user_id \
               WHERE t.uuid = $1 AND s.id = $2 AND u.uuid = $3 \
               AND s.ended_at IS NULL AND u.disabled_at IS NULL";
    let parameters = [tenant_uuid.into(), session_id.into(), user_uuid.into()];
    let Some(row) = session.optional(sql, &parameters).await? else {
        return Ok(None);
    };
    let tenant = TenantId::new(row.get(0)?);
    tenant
        .map(Some)
        .map_err(|_| Error::Corrupt("session's tenant".to_owned()))
}

/// The user with this e-mail address.
pub async fn by_email(tx: &mut ReadTx, email: &str) -> Result<User> {
    let sql = "SELECT tenant, id, uuid, email, username, password_hash FROM api_user \
               WHERE tenant = $1 AND email = $2";
    let row = tx.optional(sql, &[email.to_lowercase().into()]).await?;
    from_row(&row.ok_or_else(|| Error::Corrupt("the demo user is missing".to_owned()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_shows_its_ids_and_nothing_that_is_its_own() {
        let user = User {
            tenant: TenantId::new(7).expect("a tenant"),
            id: 42,
            uuid: "a-uuid".to_owned(),
            email: "jonas@demo.example".to_owned(),
            username: "jonas.j".to_owned(),
            password_hash: "$argon2id$v=19$".to_owned(),
        };
        let shown = format!("{user:?}");
        assert!(shown.contains("42") && shown.contains("a-uuid"), "{shown}");
        for hidden in ["jonas", "argon2"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}
