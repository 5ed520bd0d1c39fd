//! How the process is told to end: politely once, and not to be kept waiting the second time.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// SIGINT and SIGTERM, counted together.
#[derive(Clone, Debug)]
pub struct Signals {
    count: watch::Receiver<u32>,
}

impl Signals {
    /// Takes both signals over from now on. Needs a running runtime.
    pub fn listen() -> io::Result<Signals> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (counter, count) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = interrupt.recv() => "SIGINT",
                    _ = terminate.recv() => "SIGTERM",
                };
                tracing::info!(signal = name, "told to end");
                counter.send_modify(|count| *count += 1);
            }
        });
        Ok(Signals { count })
    }

    /// Resolves when the process is told to end, at once if it was before.
    pub async fn first(mut self) {
        self.reaches(1).await;
    }

    /// Resolves when the process is told to end although it is already at it.
    pub async fn second(mut self) {
        self.reaches(2).await;
    }

    async fn reaches(&mut self, number: u32) {
        if self.count.wait_for(|count| *count >= number).await.is_err() {
            // The counting task ends only with the runtime, and so does whoever waits here.
            std::future::pending::<()>().await;
        }
    }
}
