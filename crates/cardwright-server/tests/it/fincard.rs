//! The session card API, as its callers meet it.

mod accounts;
mod cards;
mod conversations;
mod files;
mod first_session;
mod flows;
mod holders;
mod ids;
mod logins;
mod money;
mod objects;
mod reference;
pub mod support;
mod transport;
mod wallet;
mod work_orders;
