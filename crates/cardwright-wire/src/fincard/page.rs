//! Paging: a number and a size in, a page with its total out.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kind::{Kind, count, integer};
use crate::shape::{Fields, Policy, Shape};

/// The largest page; more is cut, not refused.
pub const PAGE_SIZE_MAX: i64 = 100;

/// What the documents say about the size of a page.
const PAGE_SIZES: &str = "How many records; 10 when left out, at most 100";

/// The largest page of accounts.
pub const ACCOUNT_PAGE_SIZE_MAX: i64 = 10;

/// The last millisecond of the year 9999: no instant on the wire is later.
const INSTANT_MS_MAX: i64 = 253_402_300_799_999;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub num: i64,
    /// From 1 to the largest size.
    pub size: i64,
}

impl PageRequest {
    /// Reads the paging fields of a list call, beside its own.
    pub fn read(fields: &mut Fields<'_>, size_max: i64) -> Option<PageRequest> {
        let sizes = match size_max {
            ACCOUNT_PAGE_SIZE_MAX => "How many records; 10 when left out, and at most",
            _ => PAGE_SIZES,
        };
        let num = fields.optional(
            &["pageNum", "pageNo"],
            count().about("Which page; 1 when left out").example(1),
        );
        let size = fields.optional("pageSize", count().about(sizes).example(10));
        Some(PageRequest {
            num: num?.unwrap_or(1),
            size: size?.unwrap_or(10).min(size_max),
        })
    }

    /// How many records lie before the page.
    pub fn offset(self) -> i64 {
        (self.num - 1).saturating_mul(self.size)
    }
}

/// Paging that may be left out altogether: a list that answers all of it then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaybePaged(pub Option<PageRequest>);

impl MaybePaged {
    /// Reads the paging fields of a list call, beside its own.
    pub fn read(fields: &mut Fields<'_>) -> Option<MaybePaged> {
        let num = fields.optional(
            &["pageNum", "pageNo"],
            count()
                .about("Which page; without paging fields all records are answered, in an array")
                .example(1),
        );
        let size = fields.optional("pageSize", count().about(PAGE_SIZES).example(10));
        let (num, size) = (num?, size?);
        let is_paged = num.is_some() || size.is_some();
        Some(MaybePaged(is_paged.then(|| PageRequest {
            num: num.unwrap_or(1),
            size: size.unwrap_or(10).min(PAGE_SIZE_MAX),
        })))
    }
}

/// A list call that has no filters.
impl Shape for PageRequest {
    const NAME: &'static str = "PageRequest";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        PageRequest::read(fields, PAGE_SIZE_MAX)
    }
}

/// A range of instants in Unix milliseconds, both ends included; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// Not before.
    pub start_ms: Option<i64>,
    /// Not after.
    pub end_ms: Option<i64>,
}

impl TimeRange {
    /// Reads the time fields of a list call, beside its own.
    pub fn read(fields: &mut Fields<'_>) -> Option<TimeRange> {
        TimeRange::read_with(
            fields,
            "Not before, Unix milliseconds",
            "Not after, Unix milliseconds",
        )
    }

    /// As [`TimeRange::read`], of a list that does not take any range; in words of its own.
    pub fn read_with(
        fields: &mut Fields<'_>,
        start_about: &'static str,
        end_about: &'static str,
    ) -> Option<TimeRange> {
        let instant = |about| {
            integer(0..=INSTANT_MS_MAX)
                .about(about)
                .example(1_759_307_400_000_i64)
        };
        let start = fields.optional("startTime", instant(start_about));
        let end = fields.optional("endTime", instant(end_about));
        Some(TimeRange {
            start_ms: start?,
            end_ms: end?,
        })
    }
}

/// One page of records, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// How many records there are on all pages.
    pub total: u64,
    /// Which page this is.
    pub page_num: i64,
    /// How many records a page has at most.
    pub page_size: i64,
    /// The records of this page.
    pub records: Vec<T>,
}

impl<T> Page<T> {
    /// The page that was asked for.
    pub fn of(request: PageRequest, total: u64, records: Vec<T>) -> Page<T> {
        Page {
            total,
            page_num: request.num,
            page_size: request.size,
            records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::envelope::{Failure, Reply};
    use crate::shape;

    fn read(body: &str) -> Result<(i64, i64), String> {
        shape::from_body::<PageRequest>(body.as_bytes())
            .map(|read| (read.value.num, read.value.size))
            .map_err(|fault| Failure::from(fault).msg().to_owned())
    }

    #[test]
    fn paging_has_defaults_other_names_and_a_largest_size() {
        assert_eq!(read(""), Ok((1, 10)));
        assert_eq!(read(r#"{"pageNo": 3, "pageSize": 100}"#), Ok((3, 100)));
        assert_eq!(read(r#"{"pageNum": 2, "pageSize": 1000000}"#), Ok((2, 100)));
        assert_eq!(read(r#"{"pageNum": 2, "pageNo": 2.0}"#), Ok((2, 10)));
        assert_eq!(read(r#"{"pageNum": "2", "pageSize": "5"}"#), Ok((2, 5)));
        assert_eq!(read(r#"{"pageNum": 2, "pageNo": "2"}"#), Ok((2, 10)));
        assert!(read(r#"{"pageNum": 2, "pageNo": 3}"#).is_err());
        for body in [
            r#"{"pageNum": 0}"#,
            r#"{"pageSize": -1}"#,
            r#"{"pageSize": "ten"}"#,
            r#"{"pageSize": "0"}"#,
            r#"{"pageSize": "5.0"}"#,
            r#"{"pageNum": 1.5}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_documents_say_how_large_a_page_can_be() {
        let words = |schema: utoipa::openapi::schema::Schema| {
            let schema = serde_json::to_value(schema).expect("plain");
            schema["properties"]["pageSize"]["description"].to_string()
        };
        assert!(words(shape::schema::<PageRequest>()).contains("at most 100"));
        let accounts = words(shape::schema::<crate::fincard::accounts::ListAccounts>());
        assert!(
            accounts.contains("10 when left out, and at most"),
            "{accounts}"
        );
    }

    #[test]
    fn the_offset_of_a_page_far_out_does_not_overflow() {
        assert_eq!(PageRequest { num: 1, size: 10 }.offset(), 0);
        assert_eq!(PageRequest { num: 3, size: 10 }.offset(), 20);
        assert_eq!(
            PageRequest {
                num: i64::MAX,
                size: 100
            }
            .offset(),
            i64::MAX
        );
    }

    #[test]
    fn a_page_is_written_with_its_total() {
        let page = Page::of(PageRequest { num: 2, size: 10 }, 11, vec!["last"]);
        let expected = r#"{"success":true,"code":200,"msg":"Success","data":{"total":11,"pageNum":2,"pageSize":10,"records":["last"]}}"#;
        assert_eq!(
            serde_json::to_string(&Reply::of(page)).expect("plain"),
            expected
        );
    }
}
