//! Requests that must have their effect once: signatures already taken, and keys already answered.
//!
//! Times here are real time: they follow the window of the signature, not a sandbox's clock.

use cardwright_core::Timestamp;

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
};
use crate::error::Result;

/// Takes a signature; whether nobody had taken it before.
pub async fn take_signature(
    tx: &mut Tx,
    credential: i64,
    signature: &[u8; 32],
    expires_at: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO replay (tenant, credential, signature, expires_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING credential";
    let parameters = [
        Value::from(credential),
        signature.as_slice().into(),
        expires_at.as_millisecond().into(),
    ];
    Ok(tx.change(sql, &parameters).await?.is_some())
}

/// A request that carried its caller's own key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestKey {
    /// Where the key counts, such as the operation.
    pub scope: String,
    /// The key.
    pub key: String,
}

/// What such a request was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answered {
    /// Keyed digest of the first request's content, so that another one under the same key is
    /// noticed. Without the key of the digest the content, which may hold a card number, cannot be
    /// guessed from it.
    pub fingerprint: Vec<u8>,
    /// The answer's status.
    pub status: i64,
    /// The answer.
    pub answer: String,
}

fn from_row(row: &Row) -> Result<Answered> {
    let mut columns = row.reader();
    Ok(Answered {
        fingerprint: columns.next()?,
        status: columns.next()?,
        answer: columns.next()?,
    })
}

/// What a request with this key was answered before, unless that is too long ago.
pub async fn find_answer(
    tx: &mut ReadTx,
    request: &RequestKey,
    now: Timestamp,
) -> Result<Option<Answered>> {
    let sql = "SELECT fingerprint, status, answer FROM answered_request WHERE tenant = $1 \
               AND scope = $2 AND request_key = $3 AND (expires_at IS NULL OR expires_at > $4)";
    let parameters = [
        Value::from(request.scope.as_str()),
        request.key.as_str().into(),
        now.as_millisecond().into(),
    ];
    tx.optional(sql, &parameters)
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// Keeps the answer of a request with a key, for ever or until `expires_at`.
pub async fn put_answer(
    tx: &mut Tx,
    request: &RequestKey,
    answered: &Answered,
    expires_at: Option<Timestamp>,
) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO answered_request (tenant, scope, request_key, fingerprint, status, answer, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (tenant, scope, request_key) DO UPDATE SET fingerprint = $4, status = $5, \
         answer = $6, created_at = $7, expires_at = $8",
        &[
            Value::from(request.scope.as_str()),
            request.key.as_str().into(),
            answered.fingerprint.as_slice().into(),
            answered.status.into(),
            answered.answer.as_str().into(),
            now.into(),
            expires_at.map(Timestamp::as_millisecond).into(),
        ],
    )
    .await?;
    Ok(())
}

/// Removes what no request can meet any more: signatures whose window is over, answers whose time
/// is over, sessions long ended. At most `limit` rows of each, so that no write waits long.
pub async fn purge(tx: &mut SystemTx, now: Timestamp, limit: i64) -> Result<u64> {
    let parameters = [Value::from(now.as_millisecond()), limit.into()];
    let mut removed = 0;
    for sql in [
        "DELETE FROM replay WHERE (tenant, credential, signature) IN (SELECT tenant, credential, \
         signature FROM replay WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        "DELETE FROM answered_request WHERE (tenant, scope, request_key) IN (SELECT tenant, \
         scope, request_key FROM answered_request WHERE expires_at < $1 ORDER BY expires_at \
         LIMIT $2)",
        "DELETE FROM session WHERE (tenant, id) IN (SELECT tenant, id FROM session \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ] {
        removed += tx.session.execute(sql, &parameters).await?;
    }
    Ok(removed)
}
