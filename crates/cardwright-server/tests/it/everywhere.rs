//! What holds on every surface alike.

mod audit;
mod beneath;
mod dialects;
mod isolation;
mod ledger;
mod log;
mod numbers;
mod routes;
