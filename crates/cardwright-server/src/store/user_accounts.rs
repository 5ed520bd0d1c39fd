//! Users as operators see them: listed, disabled, unlocked. Times here are real time.

use cardwright_core::{Record, Timestamp};

use super::{ReadTx, Tx, db::Row, holders::time};
use crate::error::{Error, Result};

/// A user without what proves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserAccount {
    /// Its id here.
    pub id: i64,
    /// The id that tokens and paths name.
    pub uuid: String,
    /// E-mail address.
    pub email: String,
    /// Login name.
    pub username: String,
    /// Since when it cannot log in, if so.
    pub disabled_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, uuid, email, username, disabled_at, created_at"
    };
}

fn from_row(row: &Row) -> Result<UserAccount> {
    let mut columns = row.reader();
    Ok(UserAccount {
        id: columns.next()?,
        uuid: columns.next()?,
        email: columns.next()?,
        username: columns.next()?,
        disabled_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
        created_at: time(columns.next()?)?,
    })
}

/// The user with this UUID.
pub async fn get(tx: &mut ReadTx, uuid: &str) -> Result<UserAccount> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM api_user WHERE tenant = $1 AND uuid = $2"
    );
    let row = tx.optional(sql, &[uuid.into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::User))?)
}

/// The users behind an id, the oldest first.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<UserAccount>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM api_user WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let rows = tx.query(sql, &[after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Whether a user of the tenant has this address; capitals do not count.
pub async fn email_taken(tx: &mut ReadTx, email: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM api_user WHERE tenant = $1 AND email = $2";
    let row = tx.optional(sql, &[email.to_lowercase().into()]).await?;
    Ok(row.is_some())
}

/// Whether a user of the tenant has this login name.
pub async fn username_taken(tx: &mut ReadTx, username: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM api_user WHERE tenant = $1 AND username = $2";
    Ok(tx.optional(sql, &[username.into()]).await?.is_some())
}

/// Says since when a user cannot log in; nothing lets it log in again.
pub async fn set_disabled(tx: &mut Tx, user: i64, since: Option<Timestamp>) -> Result<()> {
    let sql = "UPDATE api_user SET disabled_at = $3 WHERE tenant = $1 AND id = $2";
    let since = since.map(Timestamp::as_millisecond);
    tx.execute(sql, &[user.into(), since.into()]).await?;
    tx.forget_callers();
    Ok(())
}

/// Ends every session of a user.
pub async fn end_sessions(tx: &mut Tx, user: i64) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE session SET ended_at = $3 \
               WHERE tenant = $1 AND user_id = $2 AND ended_at IS NULL";
    tx.execute(sql, &[user.into(), now.into()]).await?;
    tx.forget_callers();
    Ok(())
}

/// Forgets a user's failed logins from everywhere, and with them its locks.
pub async fn forget_failures(tx: &mut Tx, user: i64) -> Result<()> {
    let sql = "DELETE FROM login_failure WHERE tenant = $1 AND user_id = $2";
    tx.execute(sql, &[user.into()]).await?;
    let sql = "DELETE FROM login_pressure WHERE tenant = $1 AND user_id = $2";
    tx.execute(sql, &[user.into()]).await?;
    Ok(())
}
