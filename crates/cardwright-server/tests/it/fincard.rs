//! The session card API, as its callers meet it.

pub mod accounts;
mod cards;
mod conversations;
mod errors;
mod faults;
mod files;
mod first_session;
mod flows;
mod holders;
mod ids;
mod logins;
mod money;
mod objects;
pub mod orders;
pub mod queries;
mod rates;
mod reference;
mod refused_lists;
mod reveals;
pub mod support;
mod transport;
mod walk;
mod wallet;
mod work_orders;
