//! The FINCI Card API from outside.

mod addresses;
mod authentication;
mod bounds;
mod canonical_forms;
mod conversation;
mod external_ids;
mod first_session;
mod golden_cards;
mod golden_owners;
mod golden_updates;
mod idempotency_keys;
mod interoperation;
mod lists;
mod order_of_checks;
mod paths;
mod rates;
mod replay;
mod states;
mod timestamps;
