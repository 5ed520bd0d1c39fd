//! Clients for the two card APIs that Cardwright speaks.
//!
//! [`finci::Client`] signs every request with an issued token and secret; [`fincard::Client`] logs
//! in and keeps its session fresh; [`sandbox::Client`] steers a Cardwright sandbox with an
//! operator's key; [`webhook::Verifier`] tells real deliveries from forged ones. The first two work against a Cardwright sandbox, a Cardwright server or
//! any other server of the same API: only the base URL and the credentials differ.
//!
//! What both keep to: redirects are never followed (a signature or a session belongs to one host),
//! no proxy is taken from the environment unless [`Settings::proxy`] says so, plain `http://` is
//! refused beyond loopback unless [`Settings::plain_http`] allows it, every wait has a limit, and
//! secrets neither show in `Debug` nor stay in memory after their owner is dropped.
//!
//! ```no_run
//! use cardwright_client::{SandboxFile, finci};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = SandboxFile::parse(&std::fs::read_to_string("cardwright-data/sandbox.json")?)?;
//! let client = finci::Client::new(sandbox.base_url()?, sandbox.finci()?)?;
//! let cards = client.call("POST", "/v1/get-cards", Some(r#"{"person_id":"1"}"#)).await?;
//! println!("{}: {}", cards.status, cards.body);
//! # Ok(())
//! # }
//! ```

#![allow(
    clippy::doc_markdown,
    reason = "FinCard is the name of an API, not an item"
)]

mod base_url;
#[cfg(feature = "certify")]
pub mod certify;
mod error;
pub mod fincard;
pub mod finci;
#[cfg(feature = "certify")]
pub mod listen;
#[cfg(feature = "certify")]
mod receiver;
#[cfg(feature = "certify")]
mod relay;
pub mod sandbox;
mod sandbox_file;
mod secret;
mod settings;
mod time;
mod transport;
pub mod trigger;
pub mod webhook;

pub use error::Error;
pub use sandbox_file::{SandboxFile, SandboxFileFault};
pub use secret::Secret;
pub use settings::{Exchange, Observer, PlainHttp, ProxyChoice, Retry, Settings, Trust};
pub use time::{SystemClock, TimeSource};
pub use transport::Response;

/// What a call gives: the answer, or why there is none.
pub type Result<T> = std::result::Result<T, Error>;
