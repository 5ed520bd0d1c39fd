//! Keeping what callers send about holders.

use cardwright_core::{FileKind, Record, Refusal};
use zeroize::Zeroizing;

use crate::{
    app::App,
    error::{Error, Result},
    secrets::SealContext,
    store::{
        Scope, Tx,
        files::{self, FileFacts, StoredFile},
    },
};

/// Where files are sealed, and the domain of their digests.
const CONTENT_PLACE: &str = "holder_file.content";

/// Keeps a file; the id that its caller will name it by.
///
/// The same file may be sent again, and is then another one: who repeats a call whose answer was
/// lost has one more file and no harm. A file is sealed before the write begins, so that payments
/// do not wait behind a picture.
pub async fn keep(
    app: &App,
    scope: &Scope,
    name: Option<String>,
    content: &[u8],
) -> Result<String> {
    let kind = FileKind::of(content)?;
    let resources = app.store().resources();
    let uuid = resources.entropy.uuid().to_string();
    let place = SealContext::of_tenant(scope.tenant.get(), CONTENT_PLACE, uuid.as_str());
    let vault = &resources.vault;
    let file = StoredFile {
        uuid: uuid.clone(),
        kind,
        name,
        size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
        digest: vault.lookup(CONTENT_PLACE, content)?,
        content_sealed: vault.seal(&place, content, &resources.entropy)?,
    };
    let most = app.settings().most_files.0;
    app.write(scope, async move |tx| {
        if files::count(tx).await? >= most {
            return Err(Refusal::FileLimitReached.into());
        }
        tx.audit("file.keep", ("file", &file.uuid)).await?;
        files::insert(tx, file).await
    })
    .await?;
    Ok(uuid)
}

/// Opens a file for staff to look at; who did is written down.
pub async fn show(tx: &mut Tx, uuid: &str) -> Result<(FileFacts, Zeroizing<Vec<u8>>)> {
    let (facts, sealed) = files::get(tx, &uuid.to_ascii_lowercase()).await?;
    tx.audit("file.show", ("file", &facts.uuid)).await?;
    let place = SealContext::of_tenant(tx.tenant().get(), CONTENT_PLACE, facts.uuid.as_str());
    let content = tx.vault().open(&place, &sealed)?;
    Ok((facts, content))
}

/// How many files a tenant can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MostFiles(pub i64);

/// Some pictures each for some thousand holders; whoever serves more says so at the start.
impl Default for MostFiles {
    fn default() -> MostFiles {
        MostFiles(20_000)
    }
}

/// Refuses a file id that the tenant has not got.
pub async fn require(tx: &mut Tx, uuid: &str) -> Result<()> {
    if files::exists(tx, &uuid.to_ascii_lowercase()).await? {
        Ok(())
    } else {
        Err(Error::not_found(Record::File))
    }
}
