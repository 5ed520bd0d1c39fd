//! Wrapped data keys, and a tenant's other long-lived secrets.

use cardwright_core::Timestamp;

use super::{
    ReadTx, SystemTx, Tx,
    db::{ReadSession, Value},
    holders::time,
};
use crate::{
    error::{Error, Result},
    secrets::{KeyPurpose, VerificationUse, WrappedKey},
};

/// Keeps a wrapped key.
pub async fn insert(tx: &mut SystemTx, key: &WrappedKey) -> Result<()> {
    let now = tx.now().as_millisecond();
    tx.session
        .execute(
            "INSERT INTO data_key (id, tenant, purpose, wrapped, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
            &[
                Value::from(key.id),
                key.purpose.tenant().into(),
                key.purpose.code().into(),
                key.bytes.as_slice().into(),
                now.into(),
            ],
        )
        .await?;
    Ok(())
}

/// Every wrapped key of the environment.
pub async fn all(session: &mut ReadSession) -> Result<Vec<WrappedKey>> {
    let sql = "SELECT id, tenant, purpose, wrapped FROM data_key ORDER BY id";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            let mut columns = row.reader();
            let (id, tenant): (i64, Option<i64>) = (columns.next()?, columns.next()?);
            let code: String = columns.next()?;
            let purpose = KeyPurpose::from_columns(&code, tenant)
                .ok_or_else(|| Error::Corrupt(format!("data key {id}")))?;
            Ok(WrappedKey {
                id,
                purpose,
                bytes: columns.next()?,
            })
        })
        .collect()
}

/// A sealed secret of a tenant, with the part of it that anybody may know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantSecret {
    /// What it is for.
    pub purpose: &'static str,
    /// The secret, sealed under the tenant's key.
    pub sealed: Vec<u8>,
    /// The public part, such as a public key.
    pub public_text: Option<String>,
}

/// Keeps a tenant's secret.
pub async fn insert_tenant_secret(tx: &mut Tx, secret: &TenantSecret) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO tenant_secret (tenant, purpose, sealed, public_text, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
        &[
            Value::from(secret.purpose),
            secret.sealed.as_slice().into(),
            secret.public_text.as_deref().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A tenant's secret for a purpose.
pub async fn find_tenant_secret(
    tx: &mut ReadTx,
    purpose: &'static str,
) -> Result<Option<TenantSecret>> {
    let sql = "SELECT sealed, public_text FROM tenant_secret WHERE tenant = $1 AND purpose = $2";
    let Some(row) = tx.optional(sql, &[purpose.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(TenantSecret {
        purpose,
        sealed: row.get(0)?,
        public_text: row.get(1)?,
    }))
}

/// A tenant's secret for a purpose, and when it was made.
pub async fn find_dated_tenant_secret(
    tx: &mut ReadTx,
    purpose: &'static str,
) -> Result<Option<(TenantSecret, Timestamp)>> {
    let sql = "SELECT sealed, public_text, created_at FROM tenant_secret \
               WHERE tenant = $1 AND purpose = $2";
    let Some(row) = tx.optional(sql, &[purpose.into()]).await? else {
        return Ok(None);
    };
    let secret = TenantSecret {
        purpose,
        sealed: row.get(0)?,
        public_text: row.get(1)?,
    };
    Ok(Some((secret, time(row.get(2)?)?)))
}

/// A key that signs session tokens, sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenKey {
    /// The id that tokens name.
    pub kid: String,
    /// The key, sealed under the environment's key.
    pub sealed: Vec<u8>,
}

/// Keeps a key that signs session tokens.
pub async fn insert_token_key(tx: &mut SystemTx, key: &TokenKey) -> Result<()> {
    let now = tx.now().as_millisecond();
    let sql = "INSERT INTO token_key (kid, sealed, created_at) VALUES ($1, $2, $3)";
    let parameters = [
        key.kid.as_str().into(),
        key.sealed.as_slice().into(),
        now.into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// Every key that signs session tokens, the oldest first.
pub async fn token_keys(session: &mut ReadSession) -> Result<Vec<TokenKey>> {
    let sql = "SELECT kid, sealed FROM token_key ORDER BY created_at, kid";
    let rows = session.query(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(TokenKey {
                kid: row.get(0)?,
                sealed: row.get(1)?,
            })
        })
        .collect()
}

/// Keeps a verification key, sealed; the one that is there already stays.
pub async fn insert_verification_key(
    tx: &mut SystemTx,
    of: VerificationUse,
    sealed: &[u8],
) -> Result<()> {
    let now = tx.now().as_millisecond();
    let sql = "INSERT INTO verification_key (purpose, sealed, created_at) VALUES ($1, $2, $3) \
               ON CONFLICT (purpose) DO NOTHING";
    let parameters = [of.word().into(), sealed.into(), now.into()];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// The verification key for a use, sealed; nothing where none was made yet.
pub async fn find_verification_key(
    session: &mut ReadSession,
    wanted: VerificationUse,
) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT sealed FROM verification_key WHERE purpose = $1";
    let row = session.optional(sql, &[wanted.word().into()]).await?;
    row.map(|row| row.get(0)).transpose().map_err(Error::from)
}
