//! Controls and limits on the store itself: what is set is what rules, and what is counted is what
//! was authorized.

use std::collections::BTreeSet;

use cardwright_core::{
    AccountId, Amount, Authorization, AuthorizationKind, Card, CardId, Channel, ChannelSwitch,
    ControlScope, Controlled, Controls, Country, Currency, DeclineReason, Limit, Mcc, Merchant,
    Partial, Sequel, Timestamp, TransferKind, Usage, UsageSubject, Usages, Window,
};
use cardwright_server::{
    error::Result,
    jobs,
    ops::{
        self,
        authorizations::{CardName, DecidedBy, NewAuthorization, Proofs},
        funds::{Direction, Movement},
        settlement::Details,
    },
    store::{
        Tx, cards,
        usage::{self, Spender},
    },
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::json;

use crate::harness::TestApp;

mod line;
mod memory;
mod sums;

const WINDOWS: [Window; 6] = [
    Window::Day,
    Window::Week,
    Window::Month,
    Window::Year,
    Window::Lifetime,
    Window::Sliding { seconds: 3_600 },
];
const SUBJECTS: [UsageSubject; 2] = [UsageSubject::Card, UsageSubject::Account];

fn every_window() -> BTreeSet<(UsageSubject, Window)> {
    let of = |subject| WINDOWS.map(|window| (subject, window));
    SUBJECTS.into_iter().flat_map(of).collect()
}

fn daily(amount_minor: i64) -> Controls {
    limited(&[(Window::Day, amount_minor)])
}

fn limited(limits: &[(Window, i64)]) -> Controls {
    let limit = |(window, amount): &(Window, i64)| Limit {
        window: *window,
        amount_minor: Some(*amount),
        count: None,
    };
    Controls {
        limits: limits.iter().map(limit).collect(),
        ..Controls::none()
    }
}

/// Two cards that spend from one account.
async fn two_cards(app: &TestApp) -> (CardId, CardId) {
    let finci = app.finci();
    let person = finci.person("person-1").await;
    let account = finci.account(&person, "EUR").await;
    let one = finci.card(&person).await;
    let other = finci.card(&person).await;
    let funded = AccountId::parse_padded(&account).unwrap();
    app.operate(&app.demo, async move |tx| {
        let plenty = Movement {
            direction: Direction::In,
            amount: Amount::from_minor(100_000_000, Currency::EUR).unwrap(),
            kind: TransferKind::Funding,
            reason: None,
        };
        ops::funds::move_money(tx, funded, plenty).await
    })
    .await;
    let id = |padded: &str| CardId::parse_padded(padded).unwrap();
    (id(&one), id(&other))
}

fn spender(card: &Card) -> Spender {
    Spender {
        card: card.id,
        account: card.account,
    }
}

/// What a shop asks of the platform by the chip of a card.
fn purchase(card: &Card, minor: i64, reference: String) -> NewAuthorization {
    NewAuthorization {
        card: CardName::Id(card.id),
        wallet_token: None,
        kind: AuthorizationKind::Purchase,
        amount: Amount::from_minor(minor, Currency::EUR).unwrap(),
        partial: Partial::Refused,
        channel: Channel::Chip,
        merchant: Merchant {
            name: "Grand Hotel".to_owned(),
            id: "1".to_owned(),
            // Hotels' holds last a month, so that none ends while a test counts.
            mcc: Mcc::parse("7011").unwrap(),
            city: "Vilnius".to_owned(),
            country: Country::parse("LT").unwrap(),
        },
        proofs: Proofs::default(),
        decided_by: DecidedBy::Platform,
        reference,
    }
}

/// Asks for an authorization.
async fn hold(tx: &mut Tx, card: &Card, minor: i64) -> Result<Authorization> {
    let reference = format!("reference-{}", tx.next_id().await?);
    let asked = ops::authorizations::authorize(tx, purchase(card, minor, reference)).await?;
    Ok(asked.decided()?.authorization)
}

/// Takes back part of an authorization or all of it.
async fn give_back(tx: &mut Tx, made: Authorization, minor: i64) -> Result<Authorization> {
    let amount = Amount::from_minor(minor, Currency::EUR);
    let changed = ops::authorizations::reverse(tx, made, amount).await?;
    Ok(changed.authorization)
}

/// Posts more than is held, as hotels do.
async fn clear(tx: &mut Tx, made: Authorization, minor: i64) -> Result<Authorization> {
    let details = Details {
        merchant: None,
        reference: format!("clearing-{}", tx.next_id().await?),
    };
    let amount = Amount::from_minor(minor, Currency::EUR).unwrap();
    let settled = ops::settlement::clear(tx, made, (amount, Sequel::More), details).await?;
    Ok(settled.authorization.unwrap())
}

/// What a window must have counted, from the authorizations as the test remembers them.
fn expected(
    made: &[Authorization],
    (subject, window): (UsageSubject, Window),
    (card, now): (&Card, Timestamp),
) -> Usage {
    let start = window.start(now, &cardwright_core::TimeZone::UTC);
    let mut usage = Usage::default();
    for one in made {
        let own = match subject {
            UsageSubject::Card => one.card == card.id,
            UsageSubject::Account => one.account == card.account,
        };
        if own && start.is_none_or(|start| one.created_at >= start) && one.counted_minor() > 0 {
            usage.amount_minor += one.counted_minor();
            usage.count += 1;
        }
    }
    usage
}

#[tokio::test]
async fn counters_tell_what_the_authorizations_add_up_to_whatever_happens() {
    let app = TestApp::new().await;
    let (one, other) = two_cards(&app).await;
    let mut random = ChaCha20Rng::seed_from_u64(4);
    let mut made: Vec<Authorization> = Vec::new();
    for _ in 0..400 {
        app.pass(random.random_range(1..6_000));
        let id = if random.random_range(0..3) == 0 {
            other
        } else {
            one
        };
        let dice = random.random_range(0..10);
        let minor = random.random_range(1..5_000);
        let chosen = random.random_range(0..made.len().max(1));
        let some = made.get(chosen).cloned();
        let (card, change, usages) = app
            .operate(&app.demo, async move |tx| {
                let card = cards::get(tx, id).await?;
                let change = match (dice, some) {
                    (0..5, _) | (_, None) => Some(hold(tx, &card, minor).await?),
                    (5 | 6, Some(some)) if some.held_minor > 0 => {
                        let part = minor.min(some.held_minor);
                        Some(give_back(tx, some, part).await?)
                    }
                    (7, Some(some)) if some.held_minor > 0 => Some(clear(tx, some, minor).await?),
                    (8, _) => {
                        usage::forget(tx, UsageSubject::Card, card.id.get()).await?;
                        None
                    }
                    _ => None,
                };
                let now = tx.now();
                // Only now and then, so that counters begin at odd moments.
                let usages = match dice {
                    0 | 8 | 9 => usage::load(tx, spender(&card), &every_window(), now).await?,
                    _ => usage::look(tx, spender(&card), &every_window(), now).await?,
                };
                Ok((card, change, usages))
            })
            .await;
        if let Some(change) = change {
            made.retain(|known| known.id != change.id);
            made.push(change);
        }
        for needed in every_window() {
            let told = usages.get(needed.0, needed.1);
            let now = app.now();
            assert_eq!(
                told,
                expected(&made, needed, (&card, now)),
                "{needed:?} at {now}"
            );
        }
    }
    let counters = "SELECT COUNT(*) FROM usage_counter";
    assert!(
        app.number(counters, &[]).await > 10,
        "something was counted"
    );
    app.finish().await;
}

#[tokio::test]
async fn what_goes_beyond_a_limit_is_declined_until_something_is_taken_back() {
    let app = TestApp::new().await;
    let (one, other) = two_cards(&app).await;
    app.operate(&app.demo, async move |tx| {
        let (card, sister) = (cards::get(tx, one).await?, cards::get(tx, other).await?);
        let mut limits = daily(1_000);
        limits.limits[0].count = Some(3);
        ops::controls::set(tx, Controlled::Account(card.account), limits).await?;
        let first = hold(tx, &card, 600).await?;
        let beyond = Some(DeclineReason::LimitExceeded);
        assert_eq!(hold(tx, &sister, 401).await?.status.reason(), beyond);
        assert_eq!(hold(tx, &sister, 400).await?.status.reason(), None);
        assert_eq!(hold(tx, &card, 1).await?.status.reason(), beyond);
        let first = give_back(tx, first, 1).await?;
        assert_eq!(hold(tx, &card, 1).await?.status.reason(), None);
        give_back(tx, first, 100).await?;
        let fourth = hold(tx, &card, 1).await?.status.reason();
        assert_eq!(fourth, beyond, "three times and no more");
        Ok(())
    })
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_day_that_is_over_tells_what_was_used_in_it_and_nothing_that_came_after() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let yesterday = app.now();
    let make = async move |tx: &mut Tx| {
        let card = cards::get(tx, card).await?;
        hold(tx, &card, 700).await
    };
    app.operate(&app.demo, make).await;
    app.pass(86_400);
    let ask = async move |tx: &mut Tx| {
        let card = cards::get(tx, card).await?;
        let day = BTreeSet::from([(UsageSubject::Card, Window::Day)]);
        let then = usage::load(tx, spender(&card), &day, yesterday).await?;
        let now = tx.now();
        let today = usage::load(tx, spender(&card), &day, now).await?;
        hold(tx, &card, 50).await?;
        let again = usage::load(tx, spender(&card), &day, yesterday).await?;
        let of = |usages: &Usages| usages.get(UsageSubject::Card, Window::Day).amount_minor;
        Ok((of(&then), of(&today), of(&again)))
    };
    assert_eq!(app.operate(&app.demo, ask).await, (700, 0, 700));
    app.finish().await;
}

#[tokio::test]
async fn a_limit_set_at_noon_sees_the_morning_and_says_when_it_begins_anew() {
    let app = TestApp::new().await;
    let (one, other) = two_cards(&app).await;
    let left = app
        .operate(&app.demo, async move |tx| {
            let card = cards::get(tx, one).await?;
            let sister = cards::get(tx, other).await?;
            hold(tx, &card, 3_000).await?;
            hold(tx, &sister, 500).await?;
            let limits = limited(&[(Window::Day, 10_000), (Window::PerTransaction, 4_000)]);
            ops::controls::set(tx, Controlled::Card(one), limits).await?;
            ops::controls::set(tx, Controlled::Account(card.account), daily(3_200)).await?;
            usage::remaining(tx, &card).await
        })
        .await;
    let told: Vec<_> = left
        .iter()
        .map(|(scope, it)| {
            (
                *scope,
                it.limit.window,
                it.used.amount_minor,
                it.amount_minor,
            )
        })
        .collect();
    let expected = [
        (ControlScope::Card, Window::PerTransaction, 0, Some(4_000)),
        (ControlScope::Card, Window::Day, 3_000, Some(7_000)),
        (ControlScope::Account, Window::Day, 3_500, Some(0)),
    ];
    assert_eq!(told, expected);
    let midnight = "2026-11-22T00:00:00Z".parse().ok();
    assert_eq!((left[0].1.resets_at, left[1].1.resets_at), (None, midnight));
    app.finish().await;
}

#[tokio::test]
async fn counters_of_windows_that_are_over_are_removed_and_only_those() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let count = async move |tx: &mut Tx| {
        let card = cards::get(tx, card).await?;
        let now = tx.now();
        hold(tx, &card, 100).await?;
        usage::load(tx, spender(&card), &every_window(), now).await
    };
    let rows = "SELECT COUNT(*) FROM usage_counter";
    for _ in 0..7 {
        app.operate(&app.demo, count).await;
    }
    let of_account = app.number(rows, &[]).await;
    assert_eq!(of_account, 5, "seven of a card are soon added up");
    app.operate(&app.demo, count).await;
    assert_eq!(app.number(rows, &[]).await, 10, "sliding windows have none");
    app.pass(32 * 86_400);
    assert_eq!(app.run_jobs().await, 8, "the holds end");
    jobs::remove_outdated(&app.app).await.unwrap();
    assert_eq!(app.number(rows, &[]).await, 4, "year and lifetime go on");
    app.finish().await;
}

/// Controls of every kind.
fn rich() -> Controls {
    let limit = |window, amount_minor, count| Limit {
        window,
        amount_minor,
        count,
    };
    Controls {
        limits: vec![
            limit(Window::PerTransaction, Some(25_000), None),
            limit(Window::Day, Some(100_050), Some(5)),
            limit(Window::Week, None, Some(20)),
            limit(Window::Month, Some(500_000), None),
            limit(Window::Year, Some(3_000_000), None),
            limit(Window::Lifetime, Some(9_000_000), None),
            limit(Window::Sliding { seconds: 60 }, None, Some(2)),
        ],
        blocked_mcc: ["7995", "0742"]
            .map(|code| Mcc::parse(code).unwrap())
            .into(),
        allowed_countries: ["LV", "LT"]
            .map(|code| Country::parse(code).unwrap())
            .into(),
        closed_channels: [ChannelSwitch::Atm, ChannelSwitch::Ecommerce].into(),
        ..Controls::none()
    }
}

#[tokio::test]
async fn a_card_shows_its_controls_in_both_dialects_and_reads_them_back_as_they_were_set() {
    let app = TestApp::new().await;
    let (card, _) = two_cards(&app).await;
    let set = async move |tx: &mut Tx| {
        let whose = Controlled::Card(card);
        ops::controls::set(tx, whose, rich()).await?;
        let found = cards::get(tx, card).await?;
        hold(tx, &found, 1_230).await?;
        ops::controls::get(tx, whose).await
    };
    let kept = app.operate(&app.demo, set).await;
    assert_eq!(Ok(kept), rich().checked());

    let read = app
        .finci()
        .get(&format!("get-card/{}", card.padded()))
        .await
        .ok();
    let window =
        |amount: Option<&str>, count: Option<u32>| json!({"amount": amount, "count": count});
    let expected = json!({
        "per_transaction": window(Some("250.00"), None),
        "daily": window(Some("1000.50"), Some(5)),
        "weekly": window(None, Some(20)),
        "monthly": window(Some("5000.00"), None),
        "yearly": window(Some("30000.00"), None),
        "lifetime": window(Some("90000.00"), None),
        "allowed_mcc": [],
        "blocked_mcc": ["0742", "7995"],
        "allowed_countries": ["LT", "LV"],
        "blocked_countries": [],
        "channels": {"ecommerce": false, "contactless": true, "atm": false, "magstripe": true},
    });
    assert_eq!(read["limits"], expected);

    let body = json!({"cardNo": card.get()});
    let info = app.fincard().await.call("card/info", &body).await.ok();
    let shown = &info["data"];
    let control =
        json!([{"interval": "PER_TRANSACTION", "amount": "250.00", "supportSetting": true}]);
    assert_eq!(shown["spendingControls"], control);
    let mccs = json!({"allowedMcc": [], "blockedMcc": ["0742", "7995"]});
    assert_eq!(shown["riskControls"], mccs);
    for (field, expected) in [
        ("spendingLimit", "90000.00"),
        ("dailyLimit", "1000.50"),
        ("monthlyLimit", "5000.00"),
        ("dailySpent", "12.30"),
        ("monthlySpent", "12.30"),
    ] {
        assert_eq!(shown[field], expected, "{field}");
    }
    assert_eq!(shown["limits"]["perTransactionLimit"], "250.00");
    let switches = ["enableOnline", "enableContactless", "enableAtm"];
    let open = switches.map(|switch| shown["settings"][switch].as_bool());
    assert_eq!(open, [Some(false), Some(true), Some(false)]);
    app.finish().await;
}
