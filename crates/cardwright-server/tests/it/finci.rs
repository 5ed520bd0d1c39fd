//! The FINCI Card API from outside.

mod addresses;
mod authentication;
mod conversation;
mod first_session;
mod golden_cards;
mod golden_owners;
mod golden_updates;
mod order_of_checks;
mod replay;
mod timestamps;
