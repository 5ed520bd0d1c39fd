//! The FINCI Card API from outside.

mod conversation;
mod first_session;
mod golden_cards;
mod golden_owners;
mod golden_updates;
