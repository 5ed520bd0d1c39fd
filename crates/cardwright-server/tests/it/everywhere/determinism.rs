//! The same seed, the same records; never the same secret.

use cardwright_core::CardId;
use cardwright_server::store::db::Row;

use super::beneath;
use crate::harness::{Disk, START, TestApp};

/// 2026-01-01T00:00:00Z, from which ids count milliseconds.
const ID_EPOCH: &str = "2026-01-01T00:00:00Z";

/// What a seed decides.
#[derive(PartialEq, Eq, Debug)]
struct Records {
    tenant: String,
    organization: String,
    user: String,
    wallet: i64,
    people: Vec<Row>,
    cards: Vec<String>,
    numbers: Vec<String>,
}

async fn records(app: &TestApp) -> Records {
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let mut cards = vec![finci.card(&person).await];
    for number in 0..5 {
        cards.push(
            fincard
                .card(&format!("order-000000000000{number}"), None)
                .await,
        );
    }
    let mut numbers = Vec::new();
    for card in &cards {
        let id = CardId::new(card.parse().unwrap()).unwrap();
        numbers.push(beneath::card_number(app, tenant, id).await);
    }
    let sql = "SELECT id, number, first_name, last_name, birth_date, email, address FROM holder \
               ORDER BY id";
    Records {
        tenant: app.demo.tenant_uuid.clone(),
        organization: app.demo.organization_uuid.clone(),
        user: app.demo.user_uuid.clone(),
        wallet: app.demo.wallet.get(),
        people: app.rows(sql, Vec::new()).await,
        cards,
        numbers,
    }
}

/// What no seed may decide.
fn secrets(app: &TestApp) -> Vec<String> {
    let demo = &app.demo;
    let secrets = [
        &demo.finci.secret,
        &demo.network.secret,
        &demo.admin_key,
        &demo.password,
        &demo.webhook_secret,
    ];
    let mut texts: Vec<String> = secrets.map(|secret| secret.expose().to_owned()).into();
    texts.extend([demo.finci.token.clone(), demo.network.token.clone()]);
    texts.push(demo.webhook_public_key_pem.clone());
    texts
}

async fn environment(seed: Option<u64>) -> (Records, Vec<String>) {
    let disk = Disk::new(seed);
    let app = disk.create().await;
    let made = (records(&app).await, secrets(&app));
    app.finish().await;
    made
}

#[tokio::test]
async fn a_seed_repeats_every_record_and_no_secret() {
    let (one, two) = (environment(Some(7)).await, environment(Some(7)).await);
    assert_eq!(one.0, two.0, "records repeat");
    for (index, secret) in one.1.iter().enumerate() {
        assert!(!two.1.contains(secret), "secret {index} repeats");
    }
}

#[tokio::test]
async fn another_seed_makes_other_records() {
    let (one, two) = (environment(Some(7)).await.0, environment(Some(8)).await.0);
    assert_ne!(one.tenant, two.tenant);
    assert_ne!(one.organization, two.organization);
    assert_ne!(one.user, two.user);
    assert_ne!(one.wallet, two.wallet);
    for (card, number) in one.cards.iter().zip(&one.numbers) {
        assert!(!two.cards.contains(card));
        assert!(!two.numbers.contains(number));
    }
}

#[tokio::test]
async fn a_seeded_environment_goes_on_repeatably_after_a_restart() {
    let mut made = Vec::new();
    for restarts in [false, true] {
        let disk = Disk::new(Some(7));
        let mut app = disk.create().await;
        app.fincard().await.card("order-0000000000001", None).await;
        if restarts {
            let demo = app.demo.clone();
            app.app.store().db().close().await;
            app = disk.start(&demo).await;
        }
        let card = app.fincard().await.card("order-0000000000002", None).await;
        let tenant = app.tenant_id(&app.demo).await;
        let id = CardId::new(card.parse().unwrap()).unwrap();
        made.push((card, beneath::card_number(&app, tenant, id).await));
        app.finish().await;
    }
    assert_eq!(made[0], made[1]);
}

#[tokio::test]
async fn without_a_seed_ids_follow_the_time() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let fincard = app.fincard().await;
    let epoch: jiff::Timestamp = ID_EPOCH.parse().unwrap();
    let mut last = 0;
    for number in 0..5 {
        app.pass(3);
        let card: i64 = fincard
            .card(&format!("order-000000000000{number}"), None)
            .await
            .parse()
            .unwrap();
        assert!(card > last && card < 1 << 53);
        let made_at = app.now().as_millisecond() - epoch.as_millisecond();
        assert_eq!(card >> 12, made_at, "the upper bits are milliseconds");
        last = card;
    }
    // A clock that goes back makes no id twice and none that is older.
    app.clock.set(START.parse().unwrap());
    let card: i64 = fincard
        .card("order-0000000000009", None)
        .await
        .parse()
        .unwrap();
    assert!(card > last);
    let (one, two) = (environment(None).await, environment(None).await);
    assert!(
        one.0
            .numbers
            .iter()
            .all(|number| !two.0.numbers.contains(number))
    );
    assert_ne!(one.0.tenant, two.0.tenant);
    app.finish().await;
}
