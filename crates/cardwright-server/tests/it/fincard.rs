//! The session card API, as its callers meet it.

mod cards;
mod conversations;
mod errors;
mod first_session;
mod holders;
mod ids;
mod logins;
mod money;
mod objects;
mod orders;
pub mod queries;
mod support;
mod transport;
mod walk;
