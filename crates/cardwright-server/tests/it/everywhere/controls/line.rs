//! What the cards have used whose place others took: nobody gets a limit twice.

use cardwright_core::CloseReason;
use cardwright_server::ops::cards::{Replace, replace};

use super::*;

async fn next(tx: &mut Tx, card: CardId) -> Result<Card> {
    let lost = Replace {
        reason: CloseReason::Lost,
        address: None,
        express: None,
    };
    replace(tx, card, lost).await
}

fn used_of_day(told: &[(ControlScope, cardwright_core::Remaining)]) -> i64 {
    told[0].1.used.amount_minor
}

#[tokio::test]
async fn a_limit_that_is_set_after_a_replacement_sees_what_the_card_before_used() {
    let app = TestApp::new().await;
    let (one, _) = two_cards(&app).await;
    app.operate(&app.demo, async move |tx| {
        let card = cards::get(tx, one).await?;
        let first = hold(tx, &card, 600).await?;
        let second = next(tx, one).await?;
        let third = next(tx, second.id).await?;
        for limits in [
            daily(1_000),
            limited(&[(Window::Sliding { seconds: 3_600 }, 1_000)]),
        ] {
            ops::controls::set(tx, Controlled::Card(third.id), limits).await?;
            let beyond = hold(tx, &third, 401).await?.status.reason();
            assert_eq!(beyond, Some(DeclineReason::LimitExceeded));
            assert_eq!(used_of_day(&usage::remaining(tx, &third).await?), 600);
        }
        ops::controls::set(tx, Controlled::Card(third.id), daily(1_000)).await?;
        hold(tx, &third, 400).await?;
        // What the first card gives back is free for the one in use.
        give_back(tx, first, 250).await?;
        assert_eq!(hold(tx, &third, 250).await?.status.reason(), None);
        let beyond = hold(tx, &third, 1).await?.status.reason();
        assert_eq!(beyond, Some(DeclineReason::LimitExceeded));
        assert_eq!(used_of_day(&usage::remaining(tx, &third).await?), 1_000);
        Ok(())
    })
    .await;
    app.finish().await;
}

/// A line of cards, each in the place of the one before, and what was authorized by them all.
#[derive(Default)]
struct Line {
    cards: Vec<CardId>,
    made: Vec<Authorization>,
}

#[tokio::test]
async fn counters_of_a_line_of_cards_tell_what_its_authorizations_add_up_to() {
    let app = TestApp::new().await;
    let (first, _) = two_cards(&app).await;
    let mut random = ChaCha20Rng::seed_from_u64(9);
    let mut line = Line {
        cards: vec![first],
        ..Line::default()
    };
    for step in 0..150 {
        app.pass(random.random_range(1..6_000));
        let (dice, minor) = (random.random_range(0..8), random.random_range(1..5_000));
        let newest = line.cards[line.cards.len() - 1];
        let chosen = random.random_range(0..line.made.len().max(1));
        let some = line.made.get(chosen).cloned();
        let (card, change, usages) = app
            .operate(&app.demo, async move |tx| {
                let mut card = cards::get(tx, newest).await?;
                let change = match (dice, some) {
                    (0..3, _) | (_, None) => Some(hold(tx, &card, minor).await?),
                    (3 | 4, Some(some)) if some.held_minor > 0 => {
                        let part = minor.min(some.held_minor);
                        Some(give_back(tx, some, part).await?)
                    }
                    (5, Some(some)) if some.held_minor > 0 => Some(clear(tx, some, minor).await?),
                    (6, _) => {
                        usage::forget(tx, UsageSubject::Card, card.id.get()).await?;
                        None
                    }
                    _ if step % 10 == 0 => {
                        card = next(tx, newest).await?;
                        None
                    }
                    _ => None,
                };
                let now = tx.now();
                let usages = match dice {
                    0 | 6 => usage::load(tx, spender(&card), &every_window(), now).await?,
                    _ => usage::look(tx, spender(&card), &every_window(), now).await?,
                };
                Ok((card, change, usages))
            })
            .await;
        if card.id != newest {
            line.cards.push(card.id);
        }
        if let Some(change) = change {
            line.made.retain(|known| known.id != change.id);
            line.made.push(change);
        }
        // All of them are of one line, and of one account.
        let as_one: Vec<Authorization> = line
            .made
            .iter()
            .cloned()
            .map(|mut one| {
                one.card = card.id;
                one
            })
            .collect();
        for needed in every_window() {
            let told = usages.get(needed.0, needed.1);
            let all = expected(&as_one, needed, (&card, app.now()));
            assert_eq!(told, all, "{needed:?} in step {step}");
        }
    }
    assert!(line.cards.len() > 2, "cards were replaced");
    app.finish().await;
}
