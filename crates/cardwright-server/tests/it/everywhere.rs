//! What holds on every surface alike.

mod beneath;
mod isolation;
mod routes;
