//! Lists in pages: one record more than wanted is read, which tells whether there is more.

use cardwright_wire::native::{Page, Paging};

use crate::{
    api::cursor::{self, Listing},
    error::Result,
    store::ReadTx,
};

/// The domain of the digests that bind a cursor to its list.
const DOMAIN: &str = "native.cursor";

/// A page of a list.
///
/// `name` names the list with its filters, so that the cursor of one is none of another. `read`
/// takes the number of the last record before the page and how many records to read; `number` is
/// what records are ordered by.
pub(in crate::api) async fn page<R, T, F>(
    tx: &mut ReadTx,
    (name, paging): (&str, &Paging),
    read: F,
    number: fn(&R) -> i64,
    answer: fn(R) -> T,
) -> Result<Page<T>>
where
    F: AsyncFnOnce(&mut ReadTx, Option<i64>, i64) -> Result<Vec<R>>,
{
    let list = Listing {
        domain: DOMAIN,
        name,
    };
    let before = match &paging.cursor {
        Some(text) => Some(cursor::read(tx, list, text)?),
        None => None,
    };
    let mut found = read(tx, before, paging.limit + 1).await?;
    let wanted = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let is_cut = found.len() > wanted;
    found.truncate(wanted);
    let next_cursor = match found.last() {
        Some(last) if is_cut => Some(cursor::write(tx, list, number(last))?),
        Some(_) | None => None,
    };
    Ok(Page {
        items: found.into_iter().map(answer).collect(),
        next_cursor,
    })
}
