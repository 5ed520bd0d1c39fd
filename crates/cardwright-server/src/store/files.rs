//! Files that callers sent about holders, sealed.

use cardwright_core::{FileKind, Record, Timestamp};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

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
               content_sealed, created_at, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let id = tx.next_id().await?;
    let parameters = [
        Value::from(file.uuid),
        file.kind.word().into(),
        file.name.into(),
        file.size_bytes.into(),
        file.digest.as_slice().into(),
        Value::Bytes(file.content_sealed),
        tx.now().as_millisecond().into(),
        id.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Whether the tenant has a file of this id.
pub async fn exists(tx: &mut ReadTx, uuid: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM holder_file WHERE tenant = $1 AND uuid = $2";
    Ok(tx.optional(sql, &[uuid.into()]).await?.is_some())
}

/// How many files the tenant has.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM holder_file WHERE tenant = $1";
    Ok(tx.one(sql, &[]).await?.get(0)?)
}

/// What is said about a file without looking into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileFacts {
    /// Its number in lists.
    pub id: i64,
    /// Its id, for its caller and for us.
    pub uuid: String,
    /// What it is.
    pub kind: FileKind,
    /// What its caller calls it.
    pub name: Option<String>,
    /// How long it is.
    pub size_bytes: i64,
    /// When it came.
    pub created_at: Timestamp,
}

/// The files before this one, newest first.
pub async fn before(tx: &mut ReadTx, before: Option<i64>, limit: i64) -> Result<Vec<FileFacts>> {
    let sql = "SELECT id, uuid, kind, name, size_bytes, created_at FROM holder_file \
               WHERE tenant = $1 AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3";
    let rows = tx.query(sql, &[before.into(), limit.into()]).await?;
    rows.iter().map(facts_from).collect()
}

/// A file with its sealed content.
pub async fn get(tx: &mut ReadTx, uuid: &str) -> Result<(FileFacts, Vec<u8>)> {
    let sql = "SELECT id, uuid, kind, name, size_bytes, created_at, content_sealed \
               FROM holder_file WHERE tenant = $1 AND uuid = $2";
    let row = tx.optional(sql, &[uuid.into()]).await?;
    let row = row.ok_or_else(|| Error::not_found(Record::File))?;
    Ok((facts_from(&row)?, row.get(6)?))
}

fn facts_from(row: &Row) -> Result<FileFacts> {
    let mut columns = row.reader();
    let (id, uuid): (i64, String) = (columns.next()?, columns.next()?);
    let kind: String = columns.next()?;
    Ok(FileFacts {
        kind: FileKind::from_word(&kind).ok_or_else(|| Error::Corrupt(format!("file {uuid}")))?,
        id,
        uuid,
        name: columns.next()?,
        size_bytes: columns.next()?,
        created_at: time(columns.next()?)?,
    })
}
