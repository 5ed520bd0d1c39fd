//! Events on their way to endpoints.
//!
//! Law: an event is handed out in one transaction; a message is leased in one, sent outside of any,
//! and settled in another. So nothing is lost whenever the program ends: what was leased is sent
//! again. Each endpoint has its own places; one that hangs keeps its own messages waiting and no
//! others.

mod places;
pub mod retention;
mod sending;
mod settling;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use cardwright_core::{EndpointId, TenantId, Timestamp};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::Instant,
};

use super::{AFTER_FAILURE, wait};
use crate::{
    app::App,
    error::Result,
    ops::{self, deliveries::Prepared},
    secrets::VaultError,
    store::{
        SystemTx,
        deliveries::{self, Abandoned, Delivery, Waiting},
        outbox, webhook_endpoints,
    },
    webhooks::{faults::SLOWEST, sender::LONGEST},
};
use places::{Due, Places};
use sending::{Heard, Receiver, Sent, Way, receiver};
use settling::{GivenUp, Name, Settled, give_up, lease, put_aside, settle_all};

/// How many are leased in one transaction at most: other writes wait for it.
const LEASED: usize = 256;
/// How many events are read to be handed out at most.
const HANDED_OUT: i64 = 50;
/// How many messages are left in one transaction, more or less: other writes wait for it.
const LEFT: usize = 100;
/// How many are settled in one transaction at most, for the same reason.
const SETTLED: usize = 256;
/// The longest that sending can take: a sandbox may have been asked to hold a message back and to send
/// it twice.
const SENDING_MOST: Duration = SLOWEST.saturating_add(LONGEST).saturating_add(LONGEST);
/// How long a message may be with who leased it: longer than sending can take.
const LEASE: Duration = SENDING_MOST.saturating_add(Duration::from_secs(30));
/// How often what no notice announced is looked for: work of another instance, or a time that came.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the end waits for what is on its way, and how long for the next of it: what has arrived
/// need not be sent again only because its answer has not.
const GRACE: Duration = Duration::from_secs(2);
const GRACE_EACH: Duration = Duration::from_millis(250);
/// How often endpoints are forgotten that nobody listens at any more.
const FORGET_EVERY: Duration = Duration::from_mins(1);
/// How far what waits is counted.
const COUNTED: i64 = 10_000;
/// How often what comes of a message may fail to be written before it is not sent any more.
const UNWRITTEN_MOST: u8 = 3;

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
        let news = courier.app.clone();
        tokio::select! {
            // However much there is to do.
            biased;
            () = &mut stop => break,
            () = std::future::ready(()), if rest.is_zero() => {}
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
        if turn.moved == 0 && courier.is_idle() {
            courier.tell().await;
            return Ok(sent);
        }
        // What is still to be settled was counted when it came back.
        let counted = courier.sent.len();
        while !courier.tasks.is_empty() {
            courier.one_more().await;
        }
        let came_back = courier.sent.iter().skip(counted);
        sent += came_back.map(|sent| sent.tries.len()).sum::<usize>();
    }
}

/// What one look at the work did.
struct Turn {
    /// Events handed out, messages leased and settled.
    moved: usize,
    /// When to look again, if nothing is told before.
    next: Duration,
}

/// A message and who it goes to.
type Message<'a> = (&'a Arc<Receiver>, Delivery);

/// Messages to an endpoint that were leased and are not on their way yet.
struct Leased {
    key: Key,
    deliveries: Vec<Delivery>,
    until: Timestamp,
}

struct Courier {
    app: App,
    tasks: JoinSet<Sent>,
    /// To whom each task sends.
    on_the_way: HashMap<Id, Key>,
    places: Places,
    /// What was sent and not settled yet.
    sent: Vec<Sent>,
    /// What could not be sent yet, because the store had no time.
    leased: Vec<Leased>,
    /// Endpoints that are still to be switched off.
    given_up: Vec<GivenUp>,
    /// What turned out unreadable when it was to be sent.
    unreadable: Vec<Name>,
    /// How often nothing could be written of a message, and to whom it goes.
    unwritten: BTreeMap<Name, (Key, u8)>,
    /// When what waits was last counted.
    counted_at: Option<Instant>,
    /// When endpoints were last forgotten.
    forgot_at: Instant,
}

impl Courier {
    fn new(app: App) -> Courier {
        Courier {
            places: Places::new(app.settings().capacity.sends),
            app,
            tasks: JoinSet::new(),
            on_the_way: HashMap::new(),
            sent: Vec::new(),
            leased: Vec::new(),
            given_up: Vec::new(),
            unreadable: Vec::new(),
            unwritten: BTreeMap::new(),
            counted_at: None,
            forgot_at: Instant::now(),
        }
    }

    fn is_idle(&self) -> bool {
        self.tasks.is_empty()
            && self.sent.is_empty()
            && self.leased.is_empty()
            && self.given_up.is_empty()
            && self.unreadable.is_empty()
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

    /// Settles what comes back at once and gives back what was not sent; the rest is sent again by
    /// whoever comes next.
    async fn end(mut self) {
        let began = Instant::now();
        while !self.tasks.is_empty() && began.elapsed() < GRACE {
            if tokio::time::timeout(GRACE_EACH, self.one_more())
                .await
                .is_err()
            {
                break;
            }
        }
        self.collect();
        // Nothing more is begun.
        let unsent = std::mem::take(&mut self.leased);
        loop {
            if let Err(error) = self.settle_and_lease(Vec::new()).await {
                tracing::error!(error = error.log_text(), "messages were not settled");
                break;
            }
            if self.sent.is_empty() {
                break;
            }
        }
        let back = self.app.store().system(async move |tx| {
            for one in &unsent {
                for delivery in &one.deliveries {
                    deliveries::give_back(tx, (one.key.0, delivery)).await?;
                }
            }
            Ok(())
        });
        if let Err(error) = back.await {
            tracing::error!(error = error.log_text(), "messages were not given back");
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

    fn came_back(&mut self, joined: std::result::Result<(Id, Sent), JoinError>) {
        let id = match &joined {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        if let Some(key) = self.on_the_way.remove(&id) {
            self.places.give_back(key);
        }
        match joined {
            Ok((_, sent)) => {
                match sent.heard() {
                    Heard::After(time) => self.places.answered(sent.key, time),
                    Heard::Nothing => self.places.was_silent(sent.key),
                    Heard::NotAsked => {}
                }
                self.sent.push(sent);
            }
            // Its lease runs out, and it is sent again.
            Err(error) => tracing::error!(%error, "a message was not sent"),
        }
    }

    async fn turn(&mut self) -> Result<Turn> {
        self.collect();
        // What has come back is settled, and what waits is sent, whatever became of it.
        let handed_out = hand_out(&self.app).await;
        if handed_out.as_ref().is_ok_and(|count| *count > 0) {
            self.app.store().resources().news.tell_streams();
        }
        if self.counted_at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            self.tell().await;
        }
        if self.forgot_at.elapsed() >= FORGET_EVERY {
            self.forget().await?;
        }
        let now = self.app.now();
        let waiting = self
            .app
            .store()
            .system_read(async move |session| deliveries::waiting(session, now).await);
        let waiting = waiting.await?;
        let written = self.sent.len().min(SETTLED) + self.unreadable.len();
        let leased = self.settle_and_lease(self.due(&waiting)).await?;
        Ok(Turn {
            moved: handed_out? + written + leased,
            next: self.until(&waiting),
        })
    }

    /// Tells how much waits, and learns whether anybody listens at all. What cannot be counted is sent
    /// all the same.
    async fn tell(&mut self) {
        self.counted_at = Some(Instant::now());
        if let Err(error) = self.count().await {
            tracing::error!(error = error.log_text(), "what waits was not counted");
        }
    }

    async fn count(&self) -> Result<()> {
        let now = self.app.now();
        let counted = self.app.store().system_read(async move |session| {
            let listened = outbox::is_listened(session).await?;
            let events = outbox::waiting(session, COUNTED).await?;
            let unsent = outbox::unsent(session, COUNTED).await?;
            let backlog = deliveries::backlog(session, now, COUNTED).await?;
            Ok((listened, events, unsent, backlog))
        });
        let (listened, events, unsent, backlog) = counted.await?;
        if listened {
            self.app.store().resources().news.listen();
        }
        let oldest = Duration::from_millis(u64::try_from(backlog.oldest_ms).unwrap_or_default());
        let metrics = self.app.metrics().webhooks();
        metrics.backlog(events, backlog.messages, oldest);
        metrics.unsent(unsent);
        Ok(())
    }

    /// Forgets what is known of endpoints that nobody listens at any more.
    async fn forget(&mut self) -> Result<()> {
        let listening = self.app.store().system_read(async |session| {
            let listening = webhook_endpoints::all_enabled(session).await?;
            Ok(listening.into_iter().collect::<BTreeSet<Key>>())
        });
        let listening = listening.await?;
        self.forgot_at = Instant::now();
        self.places.forget_all_but(&listening);
        self.unwritten.retain(|_, (key, _)| listening.contains(key));
        Ok(())
    }

    /// The endpoints that something is due to.
    fn due(&self, waiting: &[Waiting]) -> Vec<Due> {
        let due = waiting
            .iter()
            .filter(|one| one.due_at <= self.app.now_of(one.tenant));
        due.map(|one| Due {
            key: (one.tenant, one.endpoint),
            past: one.past,
        })
        .collect()
    }

    /// How long until something is due, as far as one can tell.
    fn until(&self, waiting: &[Waiting]) -> Duration {
        let rests = waiting.iter().filter_map(|one| {
            let rest = one.due_at.duration_since(self.app.now_of(one.tenant));
            Duration::try_from(rest).ok().filter(|rest| !rest.is_zero())
        });
        rests.min().unwrap_or(LOOK_EVERY).min(LOOK_EVERY)
    }

    /// Writes what came of what was sent, leases more, and sends it. How many were leased.
    async fn settle_and_lease(&mut self, due: Vec<Due>) -> Result<usize> {
        // What could not be sent the last time comes first, and is enough.
        let ready = if self.leased.is_empty() {
            self.places.share(&due, LEASED)
        } else {
            Vec::new()
        };
        let mut count = 0;
        if !(self.sent.is_empty() && self.unreadable.is_empty() && ready.is_empty()) {
            let leased = self.write(ready).await?;
            count = leased.iter().map(|one| one.deliveries.len()).sum();
            self.leased.extend(leased);
        }
        self.switch_off().await;
        self.send_leased().await;
        Ok(count)
    }

    /// One transaction: what came of what was sent, and leases for these.
    async fn write(&mut self, ready: Vec<(Key, usize)>) -> Result<Vec<Leased>> {
        let later = self.sent.split_off(self.sent.len().min(SETTLED));
        let sent = Arc::new(std::mem::replace(&mut self.sent, later));
        let unreadable = std::mem::take(&mut self.unreadable);
        let (results, names) = (sent.clone(), unreadable.clone());
        let work = async move |tx: &mut SystemTx| {
            let settled = settle_all(tx, &results).await?;
            for name in names {
                put_aside(tx, name, Abandoned::Unreadable).await?;
            }
            Ok((settled, lease(tx, ready).await?))
        };
        let (settled, leased) = match self.app.store().system(work).await {
            Ok(done) => done,
            Err(error) => {
                let later = std::mem::replace(&mut self.sent, Arc::unwrap_or_clone(sent));
                self.sent.extend(later);
                self.unreadable = unreadable;
                return Err(error);
            }
        };
        for one in sent.iter() {
            one.count(self.app.metrics().webhooks());
        }
        self.take_in((&sent, settled));
        Ok(leased)
    }

    fn take_in(&mut self, (sent, settled): (&[Sent], Settled)) {
        self.given_up.extend(settled.given_up);
        for one in sent {
            let name = (one.key.0, one.delivery.id.get());
            if settled.unwritten.contains(&name) {
                let (_, times) = self.unwritten.entry(name).or_insert((one.key, 0));
                *times = times.saturating_add(1);
            } else {
                self.unwritten.remove(&name);
            }
        }
    }

    /// Switches off what is gone or has failed for too long. What the store has no time for is done
    /// at the next turn; what cannot be done is tried at the endpoint's next failure.
    async fn switch_off(&mut self) {
        for one in std::mem::take(&mut self.given_up) {
            if let Err(error) = give_up(&self.app, one).await {
                let (endpoint, text) = (one.0.1.get(), error.log_text());
                tracing::error!(endpoint, error = text, "an endpoint was not switched off");
                if error.is_of_the_store() {
                    self.given_up.push(one);
                }
            }
        }
    }

    /// Sends what was leased. What the store has no time for waits for the next turn, as long as its
    /// lease is longer than sending can take.
    async fn send_leased(&mut self) {
        let latest = self.app.now().saturating_add(SENDING_MOST);
        let latest = latest.unwrap_or(Timestamp::MAX);
        for one in std::mem::take(&mut self.leased) {
            if latest > one.until {
                continue;
            }
            match receiver(&self.app, one.key).await {
                Ok(receiver) => {
                    for delivery in one.deliveries {
                        self.send_one(one.key.0, (&receiver, delivery));
                    }
                }
                Err(error) => {
                    let (endpoint, text) = (one.key.1.get(), error.log_text());
                    tracing::error!(endpoint, error = text, "nothing can be sent");
                    if error.is_of_the_store() {
                        self.leased.push(one);
                    }
                }
            }
        }
    }

    fn send_one(&mut self, tenant: TenantId, (receiver, delivery): Message<'_>) {
        let name = (tenant, delivery.id.get());
        let times = self.unwritten.get(&name).map_or(0, |(_, times)| *times);
        if times >= UNWRITTEN_MOST {
            tracing::error!(delivery = name.1, "a message is not sent any more");
            return;
        }
        match Way::open(&self.app, tenant, (receiver, delivery)) {
            Ok(way) => self.send(way),
            Err(error) => {
                let error_text = error.to_string();
                tracing::error!(
                    delivery = name.1,
                    error = error_text,
                    "a message is unreadable"
                );
                // A key that is not known yet may come; what was changed stays so.
                if matches!(error, VaultError::Malformed | VaultError::Altered) {
                    self.unreadable.push(name);
                }
            }
        }
    }

    fn send(&mut self, way: Way) {
        let key = way.key();
        let task = self.tasks.spawn(way.send(self.app.clone()));
        self.on_the_way.insert(task.id(), key);
        self.places.take(key);
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
        match hand_out_of(app, tenant).await {
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

async fn hand_out_of(app: &App, tenant: TenantId) -> Result<usize> {
    let place = (tenant, app.environment());
    let mut events = app
        .read(tenant, async |tx| {
            ops::deliveries::prepare(tx, HANDED_OUT).await
        })
        .await?;
    let mut count = 0;
    while let Some(first) = events.first() {
        let together = (LEFT / first.receivers().max(1)).clamp(1, events.len());
        let rest = events.split_off(together);
        let these: Vec<Prepared> = std::mem::replace(&mut events, rest);
        let step = async move |tx: &mut SystemTx| ops::deliveries::fan_out(tx, place, &these).await;
        count += app.store().system(step).await?;
    }
    Ok(count)
}
