//! How those who deliver, and those who stream, hear that there is something.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, watch};

/// Wakes those who deliver, once anybody listens: as long as nobody has an endpoint, events wake
/// nobody.
#[derive(Debug, Default)]
pub struct News {
    is_listened: AtomicBool,
    added: Notify,
    /// Counts; who streams events looks again when it has moved.
    streamed: watch::Sender<u64>,
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
        self.tell_streams();
    }

    /// There may be something for those who stream events: it happened, or it was handed out.
    pub fn tell_streams(&self) {
        if self.streamed.receiver_count() > 0 {
            self.streamed
                .send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Hears of events for a stream.
    pub fn stream(&self) -> watch::Receiver<u64> {
        self.streamed.subscribe()
    }

    /// Waits until there is, since the last time.
    pub async fn told(&self) {
        self.added.notified().await;
    }
}
