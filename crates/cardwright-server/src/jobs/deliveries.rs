//! Events on their way to endpoints.
//!
//! Law: an event is handed out in one transaction; a message is leased in one, sent outside of any,
//! and settled in another. So nothing is lost whenever the program ends: what was leased is sent
//! again. Each endpoint has its own places; one that hangs keeps its own messages waiting and no
//! others.

mod sending;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use cardwright_core::{
    EndpointId, FAILING_TOO_LONG, Jitter, Outcome, TenantId, Timestamp, after_send,
};
use jiff::SignedDuration;
use rand::Rng;
use tokio::task::{Id, JoinSet};

use super::{AFTER_FAILURE, wait};
use crate::{
    app::App,
    error::Result,
    ops,
    store::{
        Actor, Scope, SystemTx,
        deliveries::{self, Delivery, End, Waiting},
        outbox,
    },
};
use sending::{Sent, Way, ways};

/// How many messages are on their way to one endpoint at most.
const PLACES: usize = 32;
/// How many are on their way in all at most.
const ALL_PLACES: usize = 2_048;
/// How many are leased in one transaction at most: other writes wait for it.
const LEASED: usize = 256;
/// How many events are handed out in one transaction at most.
const HANDED_OUT: i64 = 50;
/// How long a message may be with who leased it: longer than sending can take.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often what no notice announced is looked for: work of another instance, or a time that came.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How far what waits is counted.
const COUNTED: i64 = 10_000;

/// An endpoint of a tenant.
type Key = (TenantId, EndpointId);

/// Delivers until told to stop. What is on its way then is sent again by whoever comes next.
pub async fn run(app: App, stop: impl Future<Output = ()> + Send) {
    tokio::pin!(stop);
    let mut courier = Courier::new(app);
    courier.begin().await;
    loop {
        let rest = match courier.turn().await {
            Ok(Turn { moved: 0, next }) => next,
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::error!(error = error.log_text(), "messages were not delivered");
                AFTER_FAILURE
            }
        };
        if rest.is_zero() {
            continue;
        }
        let news = courier.app.clone();
        tokio::select! {
            () = &mut stop => break,
            () = news.store().resources().news.told() => {}
            () = courier.one_more() => {}
            () = wait(Some(rest)) => {}
        }
    }
    courier.end().await;
}

/// Hands out every event and sends every message that is due, and those that become due by that.
/// How many times something was sent.
pub async fn run_due(app: &App) -> Result<usize> {
    let mut courier = Courier::new(app.clone());
    let mut sent = 0;
    loop {
        let turn = courier.turn().await?;
        if turn.moved == 0 && courier.tasks.is_empty() && courier.sent.is_empty() {
            return Ok(sent);
        }
        while !courier.tasks.is_empty() {
            courier.one_more().await;
        }
        sent += courier
            .sent
            .iter()
            .map(|sent| sent.tries.len())
            .sum::<usize>();
    }
}

/// What one look at the work did.
struct Turn {
    /// Events handed out, messages leased and settled.
    moved: usize,
    /// When to look again, if nothing is told before.
    next: Duration,
}

struct Courier {
    app: App,
    tasks: JoinSet<Sent>,
    /// To whom each task sends.
    on_the_way: HashMap<Id, Key>,
    /// How many places each endpoint has taken.
    taken: BTreeMap<Key, usize>,
    /// What was sent and not settled yet.
    sent: Vec<Sent>,
}

impl Courier {
    fn new(app: App) -> Courier {
        Courier {
            app,
            tasks: JoinSet::new(),
            on_the_way: HashMap::new(),
            taken: BTreeMap::new(),
            sent: Vec::new(),
        }
    }

    /// An embedded database belongs to one program: what is leased there was leased by one that has
    /// ended.
    async fn begin(&self) {
        let ended = self
            .app
            .store()
            .system(async |tx| deliveries::end_leases(tx).await);
        if let Err(error) = ended.await {
            tracing::error!(error = error.log_text(), "old leases were not ended");
        }
    }

    /// Settles what has come back; the rest is sent again by whoever comes next.
    async fn end(mut self) {
        self.collect();
        if let Err(error) = self.settle_and_lease(Vec::new()).await {
            tracing::error!(error = error.log_text(), "messages were not settled");
        }
        self.tasks.shutdown().await;
    }

    /// Waits until one more message has come back.
    async fn one_more(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(joined) => self.came_back(joined),
            None => std::future::pending().await,
        }
    }

    /// Takes in everything that has come back by now.
    fn collect(&mut self) {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            self.came_back(joined);
        }
    }

    fn came_back(&mut self, joined: std::result::Result<(Id, Sent), tokio::task::JoinError>) {
        let id = match &joined {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        if let Some(key) = self.on_the_way.remove(&id)
            && let Some(taken) = self.taken.get_mut(&key)
        {
            *taken -= 1;
            if *taken == 0 {
                self.taken.remove(&key);
            }
        }
        match joined {
            Ok((_, sent)) => self.sent.push(sent),
            // Its lease runs out, and it is sent again.
            Err(error) => tracing::error!(%error, "a message was not sent"),
        }
    }

    async fn turn(&mut self) -> Result<Turn> {
        self.collect();
        let handed_out = hand_out(&self.app).await?;
        let now = self.app.now();
        let waiting = self
            .app
            .store()
            .system_read(async move |session| {
                let listened = outbox::is_listened(session).await?;
                let events = outbox::waiting(session, COUNTED).await?;
                let unsent = outbox::unsent(session, COUNTED).await?;
                let backlog = deliveries::backlog(session, now, COUNTED).await?;
                let waiting = deliveries::waiting(session, now).await?;
                Ok((listened, (events, unsent), backlog, waiting))
            })
            .await?;
        let (listened, (events, unsent), backlog, waiting) = waiting;
        if listened {
            self.app.store().resources().news.listen();
        }
        let oldest = Duration::from_millis(u64::try_from(backlog.oldest_ms).unwrap_or_default());
        let metrics = self.app.metrics().webhooks();
        metrics.backlog(events, backlog.messages, oldest);
        metrics.unsent(unsent);
        let settled = self.sent.len();
        let leased = self.settle_and_lease(self.ready(&waiting)).await?;
        Ok(Turn {
            moved: handed_out + settled + leased,
            next: self.until(&waiting),
        })
    }

    /// The endpoints that something is due to and that have places left, with how many.
    fn ready(&self, waiting: &[Waiting]) -> Vec<(Key, usize)> {
        let mut left = ALL_PLACES.saturating_sub(self.tasks.len()).min(LEASED);
        let mut ready = Vec::new();
        for one in waiting {
            let key = (one.tenant, one.endpoint);
            let taken = self.taken.get(&key).copied().unwrap_or_default();
            let places = PLACES.saturating_sub(taken).min(left);
            if places > 0 && one.due_at <= self.app.now_of(one.tenant) {
                left -= places;
                ready.push((key, places));
            }
        }
        ready
    }

    /// How long until something is due, as far as one can tell.
    fn until(&self, waiting: &[Waiting]) -> Duration {
        let rests = waiting.iter().filter_map(|one| {
            let rest = one.due_at.duration_since(self.app.now_of(one.tenant));
            Duration::try_from(rest).ok().filter(|rest| !rest.is_zero())
        });
        rests.min().unwrap_or(LOOK_EVERY).min(LOOK_EVERY)
    }

    /// Writes what came of what was sent, and leases more. How many were leased.
    async fn settle_and_lease(&mut self, ready: Vec<(Key, usize)>) -> Result<usize> {
        if self.sent.is_empty() && ready.is_empty() {
            return Ok(0);
        }
        let sent = std::mem::take(&mut self.sent);
        let again = sent.clone();
        let work = async move |tx: &mut SystemTx| {
            let mut given_up = Vec::new();
            for one in &sent {
                match tx.attempt(async |tx| settle(tx, one).await).await? {
                    Ok(ended) => given_up.extend(ended),
                    // Its lease runs out, and it is sent again.
                    Err(error) => {
                        let (delivery, error) = (one.delivery.id.get(), error.log_text());
                        tracing::error!(delivery, error, "what came of a message was not written");
                    }
                }
            }
            Ok((given_up, lease(tx, ready).await?))
        };
        let (given_up, leased) = match self.app.store().system(work).await {
            Ok(done) => done,
            Err(error) => {
                self.sent = again;
                return Err(error);
            }
        };
        for one in &again {
            one.count(self.app.metrics().webhooks());
        }
        for (key, reason) in given_up {
            give_up(&self.app, key, reason).await?;
        }
        let count = leased.len();
        for way in ways(&self.app, leased).await? {
            self.send(way);
        }
        Ok(count)
    }

    fn send(&mut self, way: Way) {
        let key = way.key();
        let task = self.tasks.spawn(way.send(self.app.clone()));
        self.on_the_way.insert(task.id(), key);
        *self.taken.entry(key).or_default() += 1;
    }
}

/// Hands out the next events of every tenant. How many. A tenant with many more keeps neither the
/// others waiting nor what was handed out before.
async fn hand_out(app: &App) -> Result<usize> {
    let tenants = app
        .store()
        .system_read(async |session| outbox::tenants(session).await);
    let mut count = 0;
    for tenant in tenants.await? {
        let place = (tenant, app.environment());
        let step =
            async move |tx: &mut SystemTx| ops::deliveries::fan_out(tx, place, HANDED_OUT).await;
        match app.store().system(step).await {
            Ok(events) => count += events,
            Err(error) if error.is_of_the_store() => return Err(error),
            Err(error) => {
                let (tenant, error) = (tenant.get(), error.log_text());
                tracing::error!(tenant, error, "events of a tenant were not handed out");
            }
        }
    }
    Ok(count)
}

async fn lease(tx: &mut SystemTx, ready: Vec<(Key, usize)>) -> Result<Vec<(Key, Delivery)>> {
    let until = tx.now().saturating_add(LEASE).unwrap_or(Timestamp::MAX);
    let mut leased = Vec::new();
    for (key, places) in ready {
        let limit = i64::try_from(places).unwrap_or(i64::MAX);
        let found = deliveries::lease(tx, key, until, limit).await?;
        leased.extend(found.into_iter().map(|delivery| (key, delivery)));
    }
    Ok(leased)
}

/// Writes what came of a message; the endpoint, if it is sent nothing more, and why.
async fn settle(tx: &mut SystemTx, sent: &Sent) -> Result<Option<(Key, &'static str)>> {
    let (key, delivery) = (sent.key, &sent.delivery);
    let now = tx.view(key.0).now();
    let sends = usize::try_from(delivery.sends + 1).unwrap_or(usize::MAX);
    let draw = delivery.id.get() ^ (delivery.sends << 54);
    let jitter = Jitter::drawn(tx.resources().entropy.record(draw).next_u64());
    let outcome = after_send(sent.dialect, sends, sent.response, jitter);
    let end = match outcome {
        Outcome::Delivered => End::Delivered,
        Outcome::Again(wait) => End::Again(now.saturating_add(wait).unwrap_or(Timestamp::MAX)),
        Outcome::Dead | Outcome::Gone => End::Dead,
    };
    if !deliveries::settle(tx, (key.0, delivery), end).await? {
        return Ok(None);
    }
    for attempt in sent.attempts(end) {
        deliveries::record(tx, (key.0, delivery.id), &attempt).await?;
    }
    match outcome {
        Outcome::Delivered => {
            deliveries::endpoint_took(tx, key).await?;
            Ok(None)
        }
        Outcome::Gone => Ok(Some((key, "gone"))),
        // A receiver is not switched off for what a sandbox did to it on purpose.
        Outcome::Again(_) | Outcome::Dead if sent.is_pretended() => Ok(None),
        Outcome::Again(_) | Outcome::Dead => {
            let since = deliveries::endpoint_failed(tx, key).await?;
            let is_too_long = now.duration_since(since) >= FAILING_TOO_LONG;
            Ok(is_too_long.then_some((key, "failing")))
        }
    }
}

async fn give_up(app: &App, (tenant, endpoint): Key, reason: &'static str) -> Result<()> {
    let scope = Scope {
        tenant,
        actor: Actor::system("delivery"),
    };
    let step =
        async move |tx: &mut crate::store::Tx| ops::deliveries::give_up(tx, endpoint, reason).await;
    match app.write(&scope, step).await {
        // It was removed meanwhile.
        Err(crate::error::Error::Refused(_)) => Ok(()),
        other => other,
    }
}
