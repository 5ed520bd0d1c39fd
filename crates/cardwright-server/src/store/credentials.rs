//! Credentials of signed callers.

use cardwright_core::TenantId;

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, Value},
};
use crate::error::{Error, Result};

/// Which surface a credential opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CredentialKind {
    /// The FINCI Card API.
    Finci,
    /// Messages of the card network.
    Network,
}

impl CredentialKind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            CredentialKind::Finci => "finci",
            CredentialKind::Network => "network",
        }
    }

    fn from_word(word: &str) -> Option<CredentialKind> {
        [CredentialKind::Finci, CredentialKind::Network]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// A credential of a signed caller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: i64,
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// The public half.
    pub token: String,
    /// The secret half, sealed under the tenant's key.
    pub secret_sealed: Vec<u8>,
    /// How its caller puts the parts of a request together before signing.
    pub canonical_form: String,
    /// The networks it may be used from, separated by blanks.
    pub allowlist: String,
}

fn from_row(row: &Row) -> Result<Credential> {
    let mut columns = row.reader();
    let (tenant, id): (i64, i64) = (columns.next()?, columns.next()?);
    let corrupt = || Error::Corrupt(format!("credential {id}"));
    Ok(Credential {
        tenant: TenantId::new(tenant).map_err(|_| corrupt())?,
        id,
        kind: CredentialKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        token: columns.next()?,
        secret_sealed: columns.next()?,
        canonical_form: columns.next()?,
        allowlist: columns.next()?,
    })
}

/// The credential with this token, unless it was revoked.
pub async fn find_active(session: &mut ReadSession, token: &str) -> Result<Option<Credential>> {
    let sql = "SELECT tenant, id, kind, token, secret_sealed, canonical_form, allowlist \
               FROM credential WHERE token = $1 AND revoked_at IS NULL";
    session
        .optional(sql, &[token.into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// Adds a credential.
pub async fn insert(tx: &mut Tx, credential: &Credential) -> Result<()> {
    let now = tx.real_now().as_millisecond();
    tx.execute(
        "INSERT INTO credential (tenant, id, kind, token, secret_sealed, canonical_form, \
         allowlist, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            Value::from(credential.id),
            credential.kind.word().into(),
            credential.token.as_str().into(),
            credential.secret_sealed.as_slice().into(),
            credential.canonical_form.as_str().into(),
            credential.allowlist.as_str().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Ends a credential; whether one of this tenant was active.
pub async fn revoke(tx: &mut Tx, token: &str) -> Result<bool> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE credential SET revoked_at = $3 \
               WHERE tenant = $1 AND token = $2 AND revoked_at IS NULL";
    Ok(tx.execute(sql, &[token.into(), now.into()]).await? == 1)
}

/// Replaces the networks that every active credential of the tenant may be used from.
pub async fn set_allowlists(tx: &mut Tx, allowlist: &str) -> Result<u64> {
    let sql = "UPDATE credential SET allowlist = $2 WHERE tenant = $1 AND revoked_at IS NULL \
               AND allowlist <> $2";
    tx.execute(sql, &[allowlist.into()]).await
}

/// The newest active credential of a kind.
pub async fn newest(tx: &mut ReadTx, kind: CredentialKind) -> Result<Option<Credential>> {
    let sql = "SELECT tenant, id, kind, token, secret_sealed, canonical_form, allowlist \
               FROM credential WHERE tenant = $1 AND kind = $2 AND revoked_at IS NULL \
               ORDER BY id DESC LIMIT 1";
    tx.optional(sql, &[kind.word().into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}
