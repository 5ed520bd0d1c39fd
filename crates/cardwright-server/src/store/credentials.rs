//! Credentials of signed callers.

use cardwright_core::{Record, TenantId, Timestamp};

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, Value},
    holders::time,
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

macro_rules! columns {
    () => {
        "tenant, id, kind, token, secret_sealed, canonical_form, allowlist, created_at, \
         expires_at, revoked_at"
    };
}

/// A credential of a signed caller. Its times are real time.
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
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works, where another one has taken its place.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
}

impl Credential {
    /// Whether it opens its surface at this time.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
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
        created_at: time(columns.next()?)?,
        expires_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
        revoked_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
    })
}

/// The credential with this token, unless it was revoked. It may have expired.
pub async fn find_unrevoked(session: &mut ReadSession, token: &str) -> Result<Option<Credential>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE token = $1 AND revoked_at IS NULL"
    );
    session
        .optional(sql, &[token.into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// The credential with this token, whatever became of it.
pub async fn find_any(session: &mut ReadSession, token: &str) -> Result<Option<Credential>> {
    let sql = concat!("SELECT ", columns!(), " FROM credential WHERE token = $1");
    session
        .optional(sql, &[token.into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// The newest credentials of all tenants that were not revoked.
pub async fn newest_of_all(session: &mut ReadSession, limit: i64) -> Result<Vec<Credential>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE revoked_at IS NULL ORDER BY id DESC LIMIT $1"
    );
    let rows = session.query(sql, &[limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// The credential with this id, revoked ones included.
pub async fn get(tx: &mut ReadTx, id: i64) -> Result<Credential> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Credential))?)
}

/// The tenant's credential with this token, whatever became of it.
pub async fn find(tx: &mut ReadTx, token: &str) -> Result<Option<Credential>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE tenant = $1 AND token = $2"
    );
    let row = tx.optional(sql, &[token.into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The credentials behind an id, revoked ones included, the oldest first.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<Credential>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let rows = tx.query(sql, &[after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Adds a credential.
pub async fn insert(tx: &mut Tx, credential: &Credential) -> Result<()> {
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
            credential.created_at.as_millisecond().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Replaces what of a credential can change: its form, where it may be used from, and its ends.
pub async fn put(tx: &mut Tx, credential: &Credential) -> Result<()> {
    let sql = "UPDATE credential SET allowlist = $3, expires_at = $4, revoked_at = $5, \
               canonical_form = $6 \
               WHERE tenant = $1 AND id = $2";
    let ms = |time: Option<Timestamp>| Value::from(time.map(Timestamp::as_millisecond));
    let parameters = [
        Value::from(credential.id),
        credential.allowlist.as_str().into(),
        ms(credential.expires_at),
        ms(credential.revoked_at),
        credential.canonical_form.as_str().into(),
    ];
    tx.execute(sql, &parameters).await?;
    tx.forget_callers();
    Ok(())
}

/// Ends the credential with this token; whether one of this tenant was active.
pub async fn revoke(tx: &mut Tx, token: &str) -> Result<bool> {
    let now = tx.real_now().as_millisecond();
    let sql = "UPDATE credential SET revoked_at = $3 \
               WHERE tenant = $1 AND token = $2 AND revoked_at IS NULL";
    let ended = tx.execute(sql, &[token.into(), now.into()]).await? == 1;
    tx.forget_callers();
    Ok(ended)
}

/// Replaces the networks that every active credential of the tenant may be used from.
pub async fn set_allowlists(tx: &mut Tx, allowlist: &str) -> Result<u64> {
    let sql = "UPDATE credential SET allowlist = $2 WHERE tenant = $1 AND revoked_at IS NULL \
               AND allowlist <> $2";
    let changed = tx.execute(sql, &[allowlist.into()]).await?;
    tx.forget_callers();
    Ok(changed)
}

/// The newest credential of a kind that has no end yet.
pub async fn newest(tx: &mut ReadTx, kind: CredentialKind) -> Result<Option<Credential>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM credential WHERE tenant = $1 AND kind = $2 AND revoked_at IS NULL \
         AND expires_at IS NULL ORDER BY id DESC LIMIT 1"
    );
    tx.optional(sql, &[kind.word().into()])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}
