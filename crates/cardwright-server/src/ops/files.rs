//! Keeping what callers send about holders.

use cardwright_core::{FileKind, Record};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        files::{self, StoredFile},
    },
};

/// Where files are sealed, and the domain of their digests.
const CONTENT_PLACE: &str = "holder_file.content";

/// Keeps a file; the id that its caller will name it by.
///
/// The same file may be sent again, and is then another one: who repeats a call whose answer was
/// lost has one more file and no harm.
pub async fn keep(tx: &mut Tx, name: Option<String>, content: &[u8]) -> Result<String> {
    let kind = FileKind::of(content)?;
    let id = tx.next_id().await?;
    let uuid = tx.entropy().record_uuid("file", id).to_string();
    let place = tx.place(CONTENT_PLACE, id);
    let file = StoredFile {
        id,
        uuid: uuid.clone(),
        kind,
        name,
        size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
        digest: tx.vault().lookup(CONTENT_PLACE, content)?,
        content_sealed: tx.vault().seal(&place, content, tx.entropy())?,
    };
    files::insert(tx, file).await?;
    tx.audit("file.keep", ("file", &uuid)).await?;
    Ok(uuid)
}

/// Refuses a file id that the tenant has not got.
pub async fn require(tx: &mut Tx, uuid: &str) -> Result<()> {
    if files::exists(tx, &uuid.to_ascii_lowercase()).await? {
        Ok(())
    } else {
        Err(Error::not_found(Record::File))
    }
}
