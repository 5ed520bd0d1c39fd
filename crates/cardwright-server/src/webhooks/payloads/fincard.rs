//! Events in the words of the `FinCard` contract, and the records that its answers share with them.

pub(crate) mod cards;
pub(crate) mod challenges;
pub(crate) mod deposits;
pub(crate) mod fees;
pub(crate) mod holders;
pub(crate) mod orders;
pub(crate) mod trades;
pub(crate) mod work_orders;
