//! The FINCI Card API from outside.

mod addresses;
mod authentication;
mod conversation;
mod external_ids;
mod first_session;
mod golden_cards;
mod golden_owners;
mod golden_updates;
mod idempotency_keys;
mod order_of_checks;
mod replay;
mod timestamps;
