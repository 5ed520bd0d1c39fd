//! How those who deliver hear that there is something to deliver.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Wakes those who deliver, once anybody listens: as long as nobody has an endpoint, events wake
/// nobody.
#[derive(Debug, Default)]
pub struct News {
    is_listened: AtomicBool,
    added: Notify,
}

impl News {
    /// Somebody has an endpoint.
    pub fn listen(&self) {
        self.is_listened.store(true, Ordering::Relaxed);
    }

    /// There is something to deliver.
    pub fn tell(&self) {
        if self.is_listened.load(Ordering::Relaxed) {
            self.added.notify_one();
        }
    }

    /// Waits until there is, since the last time.
    pub async fn told(&self) {
        self.added.notified().await;
    }
}
