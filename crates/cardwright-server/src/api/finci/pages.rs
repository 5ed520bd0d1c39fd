//! Lists in pages: where one begins, and the cursor where it ends.
//!
//! Law: a cursor goes on where it was written, for the tenant and the filter it was written for. It
//! names the last record that was shown, so that records which come meanwhile move none.

use cardwright_wire::finci::paging::Paging;

use crate::{
    api::cursor::{self, Listing},
    error::Result,
    store::ReadTx,
};

/// A list that is being read.
pub(super) struct Page {
    name: String,
    /// The record after which it goes on, 0 at its beginning.
    pub after: i64,
    /// How many records are to be read: one more than wanted tells whether there is more.
    pub read: i64,
    limit: i64,
}

/// Begins with the page that a request names. `name` is the list's, its filter included.
pub(super) fn begin(tx: &ReadTx, name: String, paging: &Paging) -> Result<Page> {
    let listing = listing(&name);
    let after = paging
        .cursor
        .as_deref()
        .map(|text| cursor::read(tx, listing, text))
        .transpose()?;
    Ok(Page {
        after: after.unwrap_or_default(),
        read: paging.limit + 1,
        limit: paging.limit,
        name,
    })
}

impl Page {
    /// Cuts off what was read too much; the cursor to go on by, if there is more.
    pub(super) fn end<T>(
        &self,
        tx: &ReadTx,
        found: &mut Vec<T>,
        position: fn(&T) -> i64,
    ) -> Result<Option<String>> {
        let wanted = usize::try_from(self.limit).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        match found.last() {
            Some(last) if more => cursor::write(tx, listing(&self.name), position(last)).map(Some),
            Some(_) | None => Ok(None),
        }
    }
}

fn listing(name: &str) -> Listing<'_> {
    Listing {
        domain: "finci.cursor",
        name,
    }
}

/// How many records there are, as it goes out.
pub(super) fn total(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
