//! Deliveries over a network that loses, delays and parts: seeded, so that a seed that fails can be
//! looked at again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use cardwright_core::{CardId, EndpointId, Event, TenantId};
use cardwright_server::{
    jobs::deliveries,
    ops::{
        deliveries::{Receivers, resend},
        webhook_endpoints,
    },
    store::Tx,
};
use jiff::SignedDuration;
use rand::Rng;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::json;

use super::{ADDRESS, know_host, register};
use crate::harness::{Reaction, Received, TestApp, network_seeds};

/// How long the sender waits for an answer.
const PATIENCE_MS: u64 = 1_000;

/// What one seed lets happen between us and a receiver.
struct Weather {
    random: ChaCha20Rng,
    /// So many of a hundred requests never arrive.
    lost_percent: u64,
    /// Of those that arrive, so many answers do not.
    unanswered_percent: u64,
    /// So many requests are swallowed from the first one on: the two sides are apart.
    parted_for: u64,
    seen: u64,
    arrived: BTreeMap<String, usize>,
    /// How many arrivals we could not hear of.
    unheard: usize,
    acknowledged: BTreeSet<String>,
}

impl Weather {
    fn of(seed: u64) -> Weather {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let mut below = |limit: u64| random.next_u64() % limit;
        let (lost_percent, unanswered_percent, parted_for) = (below(40), below(40), below(8));
        Weather {
            random,
            lost_percent,
            unanswered_percent,
            parted_for,
            seen: 0,
            arrived: BTreeMap::new(),
            unheard: 0,
            acknowledged: BTreeSet::new(),
        }
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.random.next_u64() % 100 < percent
    }

    fn react(&mut self, received: &Received) -> Reaction {
        self.seen += 1;
        let (lost, unanswered) = (self.lost_percent, self.unanswered_percent);
        if self.seen <= self.parted_for || self.happens(lost) {
            return Reaction::Hang;
        }
        let id = received.header("webhook-id").to_owned();
        *self.arrived.entry(id.clone()).or_default() += 1;
        if self.happens(unanswered) {
            self.unheard += 1;
            return Reaction::Hang;
        }
        // Well before or well after: what happens at the very end of it is anybody's guess.
        let delay_ms = match self.random.next_u64() % (PATIENCE_MS * 5 / 4) {
            early if early < PATIENCE_MS * 9 / 10 => early,
            late => late + PATIENCE_MS / 5,
        };
        // What comes after the sender's patience is over is no answer any more.
        if delay_ms < PATIENCE_MS {
            self.acknowledged.insert(id);
        } else {
            self.unheard += 1;
        }
        Reaction::After(Duration::from_millis(delay_ms), 200, "")
    }
}

/// Emits so many events about a card.
async fn happen(app: &TestApp, card: CardId, count: usize) {
    app.operate(&app.demo, async move |tx| {
        for _ in 0..count {
            tx.emit(Event::CardCreated { card }).await?;
        }
        Ok(())
    })
    .await;
}

/// The number of the last message so far. What comes after it belongs to the next seed, so that no
/// seed looks at the messages of all before it.
async fn last(app: &TestApp, tenant: TenantId) -> i64 {
    let sql = "SELECT COALESCE(MAX(id), 0) FROM delivery WHERE tenant = $1";
    app.number(sql, &[tenant.get().into()]).await
}

/// Switches endpoints on again that failed for so long that they were switched off, as an operator
/// would.
async fn put_right(app: &TestApp) {
    let sql = "SELECT id FROM webhook_endpoint WHERE disabled_at IS NOT NULL";
    for row in app.rows(sql, Vec::new()).await {
        let endpoint = EndpointId::new(row.get(0).unwrap()).unwrap();
        let on = async move |tx: &mut Tx| webhook_endpoints::enable(tx, endpoint).await;
        app.operate(&app.demo, on).await;
    }
}

/// Moves the clock from one due time to the next until none of the messages after one waits any
/// more; what nobody took is sent anew, as an operator would.
async fn settle(app: &TestApp, (tenant, after): (TenantId, i64)) {
    /// Many times what the worst of the first thousand seeds needs.
    const ROUNDS: usize = 1_000;
    let those = [tenant.get().into(), after.into()];
    for _ in 0..ROUNDS {
        deliveries::run_due(&app.app).await.unwrap();
        put_right(app).await;
        let dead = "SELECT DISTINCT event FROM delivery \
                    WHERE tenant = $1 AND id > $2 AND state = 'dead'";
        for row in app.rows(dead, those.to_vec()).await {
            let event = row.get(0).unwrap();
            let again = async move |tx: &mut Tx| resend(tx, event, Receivers::All).await;
            app.operate(&app.demo, again).await;
        }
        let sql = "SELECT COALESCE(MIN(due_at), 0) FROM delivery \
                   WHERE tenant = $1 AND id > $2 AND state = 'pending'";
        let due = app.number(sql, &those).await;
        if due == 0 {
            return;
        }
        let wait = due - app.now().as_millisecond();
        app.clock.advance(SignedDuration::from_millis(wait.max(0)));
    }
    panic!("messages wait for ever");
}

#[tokio::test(start_paused = true)]
async fn whatever_the_network_does_every_event_arrives_and_none_twice_without_a_reason() {
    const EVENTS: usize = 3;
    let app = TestApp::new().await;
    know_host(&app);
    let filter = json!({"events": ["card_created"], "timeout_ms": PATIENCE_MS});
    register(&app, "finci", filter).await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "EUR").await;
    let card = CardId::parse_padded(&finci.card(&person).await).unwrap();
    app.outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let tenant = app.tenant_id(&app.demo).await;
    settle(&app, (tenant, 0)).await;
    for seed in 0..network_seeds() {
        let weather = Arc::new(Mutex::new(Weather::of(seed)));
        let told = weather.clone();
        app.outside.listen(ADDRESS, move |_, received| {
            told.lock().unwrap().react(received)
        });
        let before = last(&app, tenant).await;
        happen(&app, card, EVENTS).await;
        settle(&app, (tenant, before)).await;
        let open = "SELECT COUNT(*) FROM delivery \
                    WHERE tenant = $1 AND id > $2 AND state IN ('pending', 'dead')";
        let open = app
            .number(open, &[tenant.get().into(), before.into()])
            .await;
        assert_eq!(open, 0, "seed {seed}");
        let weather = weather.lock().unwrap();
        assert_eq!(
            weather.acknowledged.len(),
            EVENTS,
            "seed {seed}: every event was taken"
        );
        let again = weather
            .arrived
            .values()
            .map(|count| count - 1)
            .sum::<usize>();
        assert_eq!(
            again, weather.unheard,
            "seed {seed}: sent again only unheard"
        );
    }
    app.finish().await;
}
