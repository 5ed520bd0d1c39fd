//! The client's calls against the real server: what its documentation shows as an example, and each
//! call that it has by name.

mod contract;
mod examples;
mod fincard;
mod finci;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use cardwright_client::{Exchange, Observer, SandboxFile, sandbox};
use serde_json::Value;

/// Notes where calls went.
#[derive(Default)]
pub(crate) struct Paths(Mutex<BTreeSet<String>>);

impl Observer for Paths {
    fn exchanged(&self, exchange: &Exchange<'_>) {
        if exchange.status == Some(200) {
            self.0.lock().unwrap().insert(exchange.path.to_owned());
        }
    }
}

impl Paths {
    /// Where calls went that were answered with 200.
    pub(crate) fn seen(self: &Arc<Paths>) -> BTreeSet<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Runs a story to its end.
pub(crate) fn wait_for<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(story)
}

/// The operator of a sandbox whose one line this is.
pub(crate) fn operator(file: &Value) -> sandbox::Client {
    let file = SandboxFile::parse(&file.to_string()).unwrap();
    sandbox::Client::new(file.base_url().unwrap(), file.admin_key().unwrap()).unwrap()
}
