//! Cursors: where a list goes on, readable only by us and only for the list it came from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cardwright_core::CardId;

use crate::{
    error::{Error, Result},
    store::ReadTx,
};

/// The domain of the digests that bind a cursor to its list.
const DOMAIN: &str = "finci.cursor";
/// So much of the digest is enough: a cursor protects no data, only a caller from confusion.
const TAG_BYTES: usize = 8;

/// Writes the cursor of a list that ended with this card.
pub(super) fn write(tx: &ReadTx, list: &str, last: CardId) -> Result<String> {
    let mut bytes = last.get().to_be_bytes().to_vec();
    bytes.extend_from_slice(&tag(tx, list, last)?);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads a cursor back; anything but one of this tenant's and this list's is invalid.
pub(super) fn read(tx: &ReadTx, list: &str, cursor: &str) -> Result<CardId> {
    let invalid = || Error::Invalid("cursor");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let (id, given) = bytes.split_at_checked(8).ok_or_else(invalid)?;
    let id = i64::from_be_bytes(id.try_into().map_err(|_| invalid())?);
    let last = CardId::new(id).map_err(|_| invalid())?;
    if given == tag(tx, list, last)? {
        Ok(last)
    } else {
        Err(invalid())
    }
}

fn tag(tx: &ReadTx, list: &str, last: CardId) -> Result<[u8; TAG_BYTES]> {
    let bound = format!("{}\n{list}\n{last}", tx.tenant());
    let digest = tx.vault().lookup(DOMAIN, bound.as_bytes())?;
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&digest[..TAG_BYTES]);
    Ok(tag)
}
