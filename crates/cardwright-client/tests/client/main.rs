//! The clients against a loopback responder that records what arrives and gives canned answers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(
    clippy::doc_markdown,
    reason = "FinCard is the name of an API, not an item"
)]

mod fincard;
mod finci;
mod finci_calls;
mod receiver;
mod responder;
mod webhook;
