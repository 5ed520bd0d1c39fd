//! Files that callers sent about holders, sealed.

use cardwright_core::FileKind;

use super::{ReadTx, Tx, db::Value};
use crate::error::Result;

/// A file to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredFile {
    /// Its id, for its caller and for us.
    pub uuid: String,
    /// What it is.
    pub kind: FileKind,
    /// What its caller calls it.
    pub name: Option<String>,
    /// How long it is.
    pub size_bytes: i64,
    /// The keyed digest of its content.
    pub digest: [u8; 32],
    /// Its content, sealed.
    pub content_sealed: Vec<u8>,
}

/// Keeps a file.
pub async fn insert(tx: &mut Tx, file: StoredFile) -> Result<()> {
    let sql = "INSERT INTO holder_file (tenant, uuid, kind, name, size_bytes, digest, \
               content_sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let parameters = [
        Value::from(file.uuid),
        file.kind.word().into(),
        file.name.into(),
        file.size_bytes.into(),
        file.digest.as_slice().into(),
        Value::Bytes(file.content_sealed),
        tx.now().as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Whether the tenant has a file of this id.
pub async fn exists(tx: &mut ReadTx, uuid: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM holder_file WHERE tenant = $1 AND uuid = $2";
    Ok(tx.optional(sql, &[uuid.into()]).await?.is_some())
}
