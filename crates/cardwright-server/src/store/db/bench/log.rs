//! The limit: every order is appended to a file, and the disk is waited for once for all of them.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::super::error::DbError;
use super::{Figures, Load, measure, worker};

/// What an authorization takes in a log, about as much as its rows do.
const RECORD_BYTES: usize = 360;

pub(super) async fn run(directory: &Path, load: Load) -> Result<Figures, DbError> {
    let failed = |error: std::io::Error| DbError::Failed {
        what: format!("the log of the benchmark: {error}"),
    };
    let mut file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .mode(0o600)
        .open(directory.join("append.log"))
        .map_err(failed)?;
    let mut bytes = Vec::new();
    let (counter, thread) = worker::start(512, move |orders| {
        bytes.clear();
        for order in orders {
            let end = bytes.len() + RECORD_BYTES;
            for number in [order.id, order.card, order.amount] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            bytes.resize(end, b' ');
        }
        file.write_all(&bytes).map_err(failed)?;
        file.sync_data().map_err(failed)
    })?;
    let figures = measure(load, move |order| {
        let counter = counter.clone();
        async move { counter.ask(order).await }
    })
    .await;
    worker::end(thread).await?;
    figures
}
