//! That an issuer is filled with what was asked for, and that both ways authorize in earnest.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn both_ways_leave_a_ledger_in_order_with_every_authorization_in_it() {
    let place = TempDir::new().unwrap();
    let size = Size {
        cards: 7,
        entries: 20,
    };
    let issuer = Issuer::start(place.path(), size, Limits::None)
        .await
        .unwrap();
    let load = Load {
        clients: 2,
        duration: Duration::from_millis(500),
    };
    let mut answered = 0;
    for way in Way::ALL {
        answered += issuer.measure(way, load).await.unwrap().answered;
    }
    let counted = issuer.app.metrics().text();
    let decided = counted.lines().find_map(|line| {
        let count = line.strip_prefix("cardwright_decision_seconds_count ")?;
        count.parse::<u64>().ok()
    });
    let outcome = issuer.end().await.unwrap();
    assert_eq!(outcome.violation, None);
    let figures = outcome.figures;
    // Three for each card, besides those of the demo program and of the card they are like.
    assert_eq!((figures.transfers, figures.entries), (24, 23));
    // Wallet, funding, fees and settlement, the card they are like, and theirs.
    assert_eq!(figures.accounts, 12);
    // Every client of both ways asked at least once; through HTTP it counts as a decision.
    let (clients, decided) = (u64::from(load.clients), decided.unwrap());
    assert!(decided >= clients, "{decided}");
    let held = figures.holds_open;
    assert!(held >= answered.max(decided + clients), "{held} {answered}");
}

#[tokio::test]
async fn every_card_is_counted_under_the_limits_that_were_asked_for() {
    for limits in Limits::ALL {
        let place = TempDir::new().unwrap();
        let size = Size {
            cards: 3,
            entries: 0,
        };
        let issuer = Issuer::start(place.path(), size, limits).await.unwrap();
        let load = Load {
            clients: 1,
            duration: Duration::from_millis(300),
        };
        let mut answered = 0;
        while answered < 60 {
            let figures = issuer.measure(Way::Engine, load).await.unwrap();
            answered += figures.answered;
        }
        let controlled = number(&issuer, "SELECT COUNT(*) FROM controls").await;
        let counted = number(&issuer, "SELECT COUNT(*) FROM usage_counter").await;
        let expected = match limits {
            Limits::None => (0, 0),
            Limits::Product => (0, 3),
            // The card that the others are like has controls, but is not used.
            Limits::Cards => (4, 3),
        };
        assert_eq!((controlled, counted), expected, "{limits:?}");
        issuer.end().await.unwrap();
    }
}

async fn number(issuer: &Issuer, sql: &'static str) -> i64 {
    let read = issuer.app.store().system_read(async move |session| {
        let row = session.one(sql, &[]).await?;
        Ok(row.get(0)?)
    });
    read.await.unwrap()
}

#[test]
fn entries_are_spread_evenly_and_every_card_is_paid_into() {
    let each = |cards, entries| Size { cards, entries }.entries_per_card();
    assert_eq!([each(10, 0), each(10, 10), each(10, 11)], [1, 1, 2]);
    assert_eq!(each(1_000_000, 10_000_000), 10);
}

#[test]
fn an_order_that_no_cache_likes_meets_every_card() {
    let cards = Cards {
        first: 100,
        count: 1_000,
    };
    let mut met: Vec<i64> = (0..1_000).map(|number| cards.of(number)).collect();
    assert!((met[1] - met[0]).abs() > 1);
    met.sort_unstable();
    assert!(met.into_iter().eq(100..1_100));
}

#[test]
fn a_card_is_told_of_by_the_issuer_and_by_the_bare_endpoint_in_a_session_and_signed() {
    let work = || {
        let cores = cores::Cores::take_server();
        let runtime = cores.server_runtime().unwrap();
        let place = TempDir::new().unwrap();
        let size = Size {
            cards: 7,
            entries: 0,
        };
        let load = Load {
            clients: 2,
            duration: Duration::from_millis(200),
        };
        let (issuer, asked, served) = runtime.block_on(async {
            let issuer = Issuer::start(place.path(), size, Limits::None)
                .await
                .unwrap();
            let in_session = card_info::endpoint(&issuer).await.unwrap();
            let bytes = in_session.answer_bytes().await.unwrap();
            let (bare_in_session, one) = card_info::bare(&issuer, bytes).await.unwrap();
            let signed = get_card::endpoint(&issuer);
            let bytes = signed.answer_bytes().await.unwrap();
            let (bare_signed, other) = get_card::bare(&issuer, bytes).await.unwrap();
            assert_eq!(bare_signed.answer_bytes().await, Ok(bytes));
            let asked = [in_session, bare_in_session, signed, bare_signed];
            (issuer, asked, [one, other])
        });
        for endpoint in asked {
            assert!(endpoint.measure(&cores, load).unwrap().answered > 0);
        }
        for task in served {
            task.abort();
        }
        let outcome = runtime.block_on(issuer.end()).unwrap();
        assert_eq!(outcome.violation, None);
    };
    // On a thread of its own, because it keeps its core.
    std::thread::spawn(work).join().unwrap();
}

#[tokio::test]
async fn a_rival_that_is_not_there_or_ends_is_named() {
    let place = TempDir::new().unwrap();
    let size = Size {
        cards: 1,
        entries: 0,
    };
    let issuer = Issuer::start(place.path(), size, Limits::None)
        .await
        .unwrap();
    for (program, what) in [("/nowhere", "No such file"), ("/bin/true", "it has ended")] {
        let refused = get_card::Rival::start(&issuer, program.as_ref(), 500).await;
        let said = refused.err().unwrap().to_string();
        assert!(said.contains(program) && said.contains(what), "{said}");
    }
    issuer.end().await.unwrap();
}
