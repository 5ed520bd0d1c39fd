//! Sums that no number of ours can hold.

use super::*;

/// The largest amount that a message can carry.
const LARGEST_MINOR: i64 = (1 << 53) - 1;
/// So many of them fit into 64 bits on each side of an account, held and posted.
const MANY: usize = 520;

/// What the network approved without us.
fn advised(card: &Card, reference: String) -> NewAuthorization {
    NewAuthorization {
        decided_by: DecidedBy::NetworkApproved,
        ..purchase(card, LARGEST_MINOR, reference)
    }
}

async fn advise(tx: &mut Tx, card: &Card, (from, posted): (usize, bool)) -> Result<()> {
    for number in from..from + MANY {
        let new = advised(card, format!("huge-{number}"));
        let made = ops::authorizations::authorize(tx, new)
            .await?
            .decided()?
            .authorization;
        if posted {
            clear(tx, made, LARGEST_MINOR).await?;
        }
    }
    Ok(())
}

/// The second thousand of advices takes the sums past 2^63, with counters and without.
#[tokio::test]
async fn usage_beyond_every_number_is_beyond_every_limit_and_no_fault() {
    for counted_from_the_beginning in [true, false] {
        let app = TestApp::new().await;
        let (one, _) = two_cards(&app).await;
        let limits = limited(&[(Window::Day, 1_000), (Window::Lifetime, LARGEST_MINOR)]);
        let begun = limits.clone();
        app.operate(&app.demo, async move |tx| {
            let card = cards::get(tx, one).await?;
            if counted_from_the_beginning {
                ops::controls::set(tx, Controlled::Card(one), begun).await?;
                for _ in 0..9 {
                    hold(tx, &card, 1).await?;
                }
            }
            Ok(())
        })
        .await;
        let counters = app.number("SELECT COUNT(*) FROM usage_counter", &[]).await;
        assert_eq!(counters, if counted_from_the_beginning { 2 } else { 0 });
        let (declined, told, after) = app
            .operate(&app.demo, async move |tx| {
                let card = cards::get(tx, one).await?;
                advise(tx, &card, (0, true)).await?;
                advise(tx, &card, (MANY, false)).await?;
                ops::controls::set(tx, Controlled::Card(one), limits.clone()).await?;
                ops::controls::set(tx, Controlled::Account(card.account), limits).await?;
                let declined = hold(tx, &card, 1).await?.status.reason();
                let told = usage::remaining(tx, &card).await?;
                // Counting goes on, and still breaks nothing.
                let last = ops::authorizations::authorize(tx, advised(&card, "last".to_owned()));
                let last = last.await?.decided()?.authorization;
                give_back(tx, last, LARGEST_MINOR).await?;
                Ok((declined, told, hold(tx, &card, 1).await?.status.reason()))
            })
            .await;
        assert_eq!(declined, Some(DeclineReason::LimitExceeded));
        assert_eq!(after, declined);
        assert_eq!(told.len(), 4);
        for (scope, remaining) in told {
            assert_eq!(remaining.used.amount_minor, i64::MAX, "{scope:?}");
            assert_eq!(remaining.amount_minor, Some(0), "{scope:?}");
        }
        app.finish().await;
    }
}
