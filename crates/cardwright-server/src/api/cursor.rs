//! Cursors: where a list goes on, readable only by us and only for the list it came from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    error::{Error, Result},
    store::ReadTx,
};

/// So much of the digest is enough: a cursor protects no data, only a caller from confusion.
const TAG_BYTES: usize = 8;

/// A list by which cursors are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Listing<'a> {
    /// The surface's own domain of digests.
    pub domain: &'static str,
    /// Which list, its filters included.
    pub name: &'a str,
}

/// Writes the cursor of a list that ended with the record of this number.
pub(super) fn write(tx: &ReadTx, list: Listing<'_>, last: i64) -> Result<String> {
    let mut bytes = last.to_be_bytes().to_vec();
    bytes.extend_from_slice(&tag(tx, list, last)?);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Reads a cursor back; anything but one of this tenant's and this list's is invalid.
pub(super) fn read(tx: &ReadTx, list: Listing<'_>, cursor: &str) -> Result<i64> {
    let invalid = || Error::Invalid("cursor");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
    let (last, given) = bytes.split_at_checked(8).ok_or_else(invalid)?;
    let last = i64::from_be_bytes(last.try_into().map_err(|_| invalid())?);
    if given == tag(tx, list, last)? {
        Ok(last)
    } else {
        Err(invalid())
    }
}

fn tag(tx: &ReadTx, list: Listing<'_>, last: i64) -> Result<[u8; TAG_BYTES]> {
    let bound = format!("{}\n{}\n{last}", tx.tenant(), list.name);
    let digest = tx.vault().lookup(list.domain, bound.as_bytes())?;
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&digest[..TAG_BYTES]);
    Ok(tag)
}
