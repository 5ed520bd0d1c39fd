//! Double entry: a transfer moves one amount from one account to one other, and a hold sets an
//! amount aside between two accounts until it is posted or given free.
//!
//! Law: every transfer and every hold names one payer and one receiver, so the sum over all
//! accounts of a currency is zero by construction, what payers hold equals what receivers expect,
//! and no account goes below its floor by its own payment or hold. Only what is forced, because
//! the network has settled it already, goes below.

mod balance;
mod hold;
#[cfg(test)]
mod tests;
mod transfer;

pub use balance::{Balance, Floor};
pub use hold::{Hold, HoldEnd, HoldState};
pub use transfer::{Transfer, TransferKind};
