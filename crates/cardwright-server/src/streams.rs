//! Streams of events to those who listen: how many there may be, and what feeds one.
//!
//! Law: nothing waits for a reader but its own stream, and that only for so long. No transaction is
//! open meanwhile. A stream whose key has ended sends nothing more, also not what waited for its reader.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use cardwright_core::TenantId;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, timeout, timeout_at},
};

use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        event_streams::{self, Content, Following, Place, Rest},
        operators::Operator,
    },
    store::admin_keys,
};

/// How many streams a tenant can have at most.
pub const PER_TENANT: usize = 8;
/// How many there can be in all at most.
pub const IN_ALL: usize = 64;
/// How long a reader may leave its stream full.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How often a stream says that it is there where it has nothing else to say.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many pieces wait for a reader at most.
const WAITING: usize = 16;
/// How often what no notice announces is looked for; among that, whether the key of a reader that lets
/// pieces wait still counts.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long a stream rests between two looks, however much happens to others.
const REST: Duration = Duration::from_millis(100);

/// The streams of a server.
#[derive(Debug, Default)]
pub struct Streams {
    taken: Mutex<BTreeMap<TenantId, usize>>,
    closing: watch::Sender<bool>,
}

/// A place for one stream, free again once this is dropped.
#[derive(Debug)]
pub struct Seat {
    streams: Arc<Streams>,
    tenant: TenantId,
}

impl Streams {
    /// Takes a place, if there is one.
    pub fn take(self: &Arc<Self>, tenant: TenantId) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let own = taken.get(&tenant).copied().unwrap_or_default();
        if own >= PER_TENANT || all >= IN_ALL {
            return None;
        }
        taken.insert(tenant, own + 1);
        Some(Seat {
            streams: Arc::clone(self),
            tenant,
        })
    }

    /// Ends every stream: the server stops.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    async fn closed(&self) {
        // The sender is there as long as this is.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = self.streams.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.tenant);
            }
        }
    }
}

/// What is written into a stream.
#[derive(Debug)]
pub enum Piece {
    /// It begins here.
    Ready(Place),
    /// A message, with the signature of its body where the dialect has one.
    Told(Place, Content, Option<String>),
    /// Nothing happened; it goes on here.
    Heartbeat(Place),
}

/// The pieces of a stream, as they are taken.
pub struct Pieces {
    waiting: mpsc::Receiver<Piece>,
    key_ended: Arc<AtomicBool>,
}

impl Pieces {
    /// The next piece; nothing at the end, which comes with the end of the reader's key whatever
    /// still waits.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        let piece = self.waiting.poll_recv(context);
        if self.key_ended.load(Ordering::Acquire) {
            return Poll::Ready(None);
        }
        piece
    }
}

/// A stream that has begun.
pub struct Stream {
    /// The server.
    pub app: App,
    /// Who reads.
    pub operator: Operator,
    /// What is read.
    pub following: Following,
    /// Where it is.
    pub place: Place,
}

/// Why a stream ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The reader left, or did not keep up.
    Reader,
    /// The reader's key has ended.
    Key,
}

impl Stream {
    /// Feeds a reader until it leaves or does not keep up, its key ends, or the server does.
    pub fn begin(self) -> Pieces {
        let (sender, waiting) = mpsc::channel(WAITING);
        let key_ended = Arc::new(AtomicBool::new(false));
        let tell_ended = Arc::clone(&key_ended);
        tokio::spawn(async move {
            let streams = Arc::clone(self.app.streams());
            tokio::select! {
                end = self.feed(&sender) => {
                    // Before the sender goes, by which the reader is woken.
                    tell_ended.store(end == End::Key, Ordering::Release);
                }
                () = sender.closed() => {}
                () = streams.closed() => {}
            }
        });
        Pieces { waiting, key_ended }
    }

    async fn feed(mut self, sender: &mpsc::Sender<Piece>) -> End {
        let mut news = self.app.store().resources().news.stream();
        let ready = Piece::Ready(self.place);
        if let Err(end) = self.send(sender, ready).await {
            return end;
        }
        // What keeps the connection, and the reader's place, is what is sent and not what is looked at:
        // a filter may keep everything back for a long time.
        let mut quiet_since = Instant::now();
        loop {
            news.borrow_and_update();
            let looked_at = Instant::now();
            let rest = match self.turn(sender).await {
                Ok(Ok((rest, sent))) => {
                    if sent > 0 {
                        quiet_since = Instant::now();
                    }
                    rest
                }
                Ok(Err(end)) => return end,
                Err(error) => {
                    tracing::error!(error = error.log_text(), "a stream of events was not fed");
                    Rest::Waiting
                }
            };
            let mut heartbeat_in = HEARTBEAT.saturating_sub(quiet_since.elapsed());
            if heartbeat_in.is_zero() {
                let heartbeat = Piece::Heartbeat(self.place);
                if let Err(end) = self.send(sender, heartbeat).await {
                    return end;
                }
                quiet_since = Instant::now();
                heartbeat_in = HEARTBEAT;
            }
            let is_taken = sender.capacity() == sender.max_capacity();
            let longest = match rest {
                Rest::More => continue,
                Rest::Nothing if is_taken => heartbeat_in,
                Rest::Nothing | Rest::Waiting => heartbeat_in.min(LOOK_AGAIN),
            };
            if timeout(longest, news.changed()).await.is_ok() {
                pass(REST.saturating_sub(looked_at.elapsed())).await;
            }
        }
    }

    /// Looks once and sends what there is. What is behind it, and how much was sent.
    async fn turn(
        &mut self,
        sender: &mpsc::Sender<Piece>,
    ) -> Result<std::result::Result<(Rest, usize), End>> {
        let page = event_streams::next(&self.app, &self.following, self.place).await?;
        // Behind the look: what happened after the key's end is never sent.
        if !self.is_allowed().await? {
            return Ok(Err(End::Key));
        }
        let key = if page.items.is_empty() {
            None
        } else {
            event_streams::signing_key(&self.app, &self.following).await?
        };
        let count = page.items.len();
        for item in page.items {
            let signature = match (&key, &item.content) {
                (Some(key), Content::Message(message, _)) => {
                    let signed = key.sign_sha256(message.body.as_bytes());
                    Some(signed.map_err(|error| Error::Corrupt(error.to_string()))?)
                }
                _ => None,
            };
            let piece = Piece::Told(item.place, item.content, signature);
            if let Err(end) = self.send(sender, piece).await {
                return Ok(Err(end));
            }
            // At once: whatever fails from here on, this was sent.
            self.place = item.place;
        }
        self.place = page.place;
        Ok(Ok((page.rest, count)))
    }

    /// Sends a piece once there is room for it. Where the reader takes its time, its key may end
    /// meanwhile; where nobody can tell, it is asked again.
    async fn send(
        &self,
        sender: &mpsc::Sender<Piece>,
        piece: Piece,
    ) -> std::result::Result<(), End> {
        let until = Instant::now() + PATIENCE;
        loop {
            let look_at = until.min(Instant::now() + LOOK_AGAIN);
            match timeout_at(look_at, sender.reserve()).await {
                Ok(Ok(room)) => {
                    room.send(piece);
                    return Ok(());
                }
                Ok(Err(_)) => return Err(End::Reader),
                Err(_) if Instant::now() >= until => return Err(End::Reader),
                Err(_) => {}
            }
            match self.is_allowed().await {
                Ok(true) => {}
                Ok(false) => return Err(End::Key),
                Err(error) => {
                    let error = error.log_text();
                    tracing::error!(error, "the key of a stream was not looked up");
                }
            }
        }
    }

    /// Whether the reader's key still counts.
    async fn is_allowed(&self) -> Result<bool> {
        let key = self.operator.key;
        let found = self.app.read(self.operator.home, async move |tx| {
            admin_keys::get(tx, key).await
        });
        match found.await {
            Ok(_) => Ok(true),
            Err(Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Lets time pass.
async fn pass(time: Duration) {
    let _passed = timeout(time, std::future::pending::<()>()).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(id: i64) -> TenantId {
        TenantId::new(id).unwrap()
    }

    #[test]
    fn a_tenant_has_so_many_streams_and_a_place_is_free_again_once_one_ends() {
        let streams = Arc::new(Streams::default());
        let mut seats: Vec<Seat> = (0..PER_TENANT)
            .map(|_| streams.take(tenant(1)).unwrap())
            .collect();
        assert!(streams.take(tenant(1)).is_none());
        assert!(streams.take(tenant(2)).is_some());
        seats.pop();
        assert!(streams.take(tenant(1)).is_some());
        drop(seats);
        assert!(streams.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn there_are_only_so_many_streams_whoever_has_them() {
        let streams = Arc::new(Streams::default());
        let seats: Vec<Option<Seat>> = (0..IN_ALL + 5)
            .map(|count| streams.take(tenant(1 + i64::try_from(count).unwrap())))
            .collect();
        assert_eq!(seats.iter().flatten().count(), IN_ALL);
    }
}
