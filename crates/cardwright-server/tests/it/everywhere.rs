//! What holds on every surface alike.

mod audit;
mod beneath;
mod isolation;
mod routes;
