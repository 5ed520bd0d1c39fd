//! How lists come in pages.

use crate::kind::{Kind, integer, text};
use crate::shape::Fields;

/// How many records a page has where nobody says.
pub const LIMIT_DEFAULT: i64 = 50;
/// The most records of a page.
pub const LIMIT_MAX: i64 = 100;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// How many records at most.
    pub limit: i64,
    /// Where the answer before this one ended.
    pub cursor: Option<String>,
}

impl Paging {
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Paging> {
        let limit = fields.optional(
            "limit",
            integer(1..=LIMIT_MAX).about("How many at most; left out: 50"),
        );
        let cursor = fields.optional("cursor", cursor());
        Some(Paging {
            limit: limit?.unwrap_or(LIMIT_DEFAULT),
            cursor: cursor?,
        })
    }
}

/// Where a list goes on.
pub(super) fn cursor() -> impl Kind<Out = String> {
    text(1..=512).about("`next_cursor` of the answer before")
}
