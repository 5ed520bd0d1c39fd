//! The built binary from outside: what it prints, where, and how it exits.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(
    clippy::doc_markdown,
    reason = "FinCard is the name of an API, not an item"
)]

mod authority;
mod bench;
mod book;
mod call;
mod certify;
mod clock;
mod desk;
mod durability;
mod ending;
mod init;
mod integrator;
mod ledger;
mod listen;
mod readme;
mod refusals;
mod sandbox;
mod sdk;
mod seed_file;
mod server;
mod serving;
mod sign;
mod simulate;
mod tenant;
mod trigger;
mod webhook;
mod webhook_tls;
