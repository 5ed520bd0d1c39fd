//! The FINCI Card API from outside.

mod addresses;
mod authentication;
mod bounds;
mod canonical_forms;
mod conversation;
mod external_ids;
mod first_session;
mod golden_cards;
mod golden_holders;
mod golden_limits;
mod golden_owners;
mod golden_payments;
mod golden_replacements;
mod golden_secrets;
mod golden_updates;
mod idempotency_keys;
mod interoperation;
mod jose;
mod lists;
mod order_of_checks;
mod pages;
mod paths;
mod reconciliation;
mod replay;
mod states;
mod timestamps;
