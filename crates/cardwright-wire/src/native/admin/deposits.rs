//! Deposits of coins, as staff look at them.

use crate::kind::{Kind, one_of};
use crate::native::Paging;
use crate::shape::{Fields, Policy, Shape};

/// The words of a deposit's states.
const STATUSES: &[(&str, &str)] = &[
    ("wait_process", "wait_process"),
    ("processing", "processing"),
    ("success", "success"),
    ("fail", "fail"),
];

/// `GET deposits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposits {
    /// Only those that stand so.
    pub status: Option<&'static str>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for Deposits {
    const NAME: &'static str = "Deposits";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", one_of(STATUSES).about("Only those"));
        let paging = Paging::read(fields);
        Some(Deposits {
            status: status?,
            paging: paging?,
        })
    }
}
