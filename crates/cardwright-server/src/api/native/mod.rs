//! What our own surfaces share: who calls, which tenant a call acts on, how an answer looks.
//!
//! A call of an operator takes these stairs: a line in the surface's table, which also says who
//! may, a handler that takes an [`Operated`] and translates, a verb in `ops`.

pub(super) mod contract;
pub(super) mod deposits;
pub(super) mod messages;
mod operated;
mod pages;
mod query;
mod refusals;
pub(super) mod reply;
pub(super) mod work_orders;

pub use operated::{NoBody, Operated, Refused, record};
pub(super) use pages::page;
