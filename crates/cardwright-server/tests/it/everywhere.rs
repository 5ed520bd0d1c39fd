//! What holds on every surface alike.

mod audit;
mod beneath;
mod dialects;
mod isolation;
mod log;
mod numbers;
mod routes;
