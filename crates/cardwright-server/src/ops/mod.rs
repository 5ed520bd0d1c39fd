//! What callers can make happen, whatever API they use: load, let the rule decide, store, tell.
//!
//! Law: every write goes through here and is one transaction; nothing here knows HTTP or a
//! dialect's words, and nothing waits for a network while a transaction is open.

pub mod account_transfers;
pub mod accounts;
pub mod authorizations;
pub mod callers;
pub mod card_data_keys;
pub mod card_fees;
pub mod cards;
pub mod challenges;
pub mod clock;
pub mod coins;
pub mod companies;
pub mod controls;
pub mod credentials;
pub mod decisions;
pub mod deliveries;
pub mod deposits;
pub mod designs;
pub mod disputes;
pub mod encryption_keys;
pub mod environments;
pub mod event_streams;
pub mod exchange;
pub mod files;
pub mod funds;
pub mod holders;
pub mod ledger;
pub mod logins;
pub mod messages;
pub mod once;
pub mod operators;
pub mod pins;
pub mod products;
pub mod programs;
pub mod received_events;
pub mod reveals;
pub mod settlement;
pub mod shipping;
pub mod signatures;
pub mod simulation;
pub mod snapshots;
pub mod tenants;
pub mod terms;
pub mod users;
pub mod wallet_tokens;
pub mod webhook_endpoints;
pub mod work_orders;
