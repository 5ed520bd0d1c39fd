//! Card verification values and PINs: right where they are checked, found nowhere else.

use cardwright_core::{CardId, PinCheck, Record, Refusal};
use cardwright_server::{
    error::Error,
    ops::pins,
    secrets::{Secret, card_verification},
    store::cards,
};

use crate::{
    everywhere::beneath,
    harness::{Disk, TestApp},
};

fn pin(digits: &str) -> Secret {
    Secret::new(digits.to_owned())
}

/// A new active card.
async fn card(app: &TestApp, name: &str) -> CardId {
    let finci = app.finci();
    let person = finci.person(name).await;
    finci.account(&person, "USD").await;
    CardId::parse_padded(&finci.card(&person).await).unwrap()
}

async fn check(app: &TestApp, card: CardId, digits: &'static str) -> PinCheck {
    app.operate(&app.demo, async move |tx| {
        pins::check(tx, card, &pin(digits)).await
    })
    .await
}

/// The value printed on a card.
async fn printed(app: &TestApp, card: CardId) -> Secret {
    app.operate(&app.demo, async move |tx| {
        let (found, number) = (cards::get(tx, card).await?, cards::number(tx, card).await?);
        Ok(tx.vault().cvv2(&number, found.expiry)?)
    })
    .await
}

#[tokio::test]
async fn a_card_without_a_pin_says_so_and_one_with_it_counts_to_three() {
    let app = TestApp::new().await;
    let card = card(&app, "p-1").await;
    assert_eq!(check(&app, card, "7391").await, PinCheck::NotSet);
    app.operate(&app.demo, async move |tx| {
        pins::set(tx, card, &pin("7391")).await
    })
    .await;
    let story = [
        ("7391", PinCheck::Right),
        ("7392", PinCheck::Wrong),
        ("73910", PinCheck::Wrong),
        ("7391", PinCheck::Right),
        ("1111", PinCheck::Wrong),
        ("2222", PinCheck::Wrong),
        ("3333", PinCheck::Wrong),
        ("7391", PinCheck::Locked),
    ];
    for (number, (digits, outcome)) in story.into_iter().enumerate() {
        assert_eq!(check(&app, card, digits).await, outcome, "step {number}");
    }
    app.operate(&app.demo, async move |tx| pins::reset_tries(tx, card).await)
        .await;
    assert_eq!(
        check(&app, card, "7391").await,
        PinCheck::Right,
        "reset by an operator"
    );

    for digits in ["1111", "2222", "3333"] {
        check(&app, card, digits).await;
    }
    app.operate(&app.demo, async move |tx| {
        pins::set(tx, card, &pin("482915")).await
    })
    .await;
    assert_eq!(
        check(&app, card, "7391").await,
        PinCheck::Wrong,
        "the old one"
    );
    assert_eq!(
        check(&app, card, "482915").await,
        PinCheck::Right,
        "set anew"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_pin_is_refused_where_it_is_none_and_where_its_card_is_ended_or_anothers() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    let (tenant, elsewhere) = (app.tenant_id(&app.demo).await, app.tenant_id(&other).await);
    let card = card(&app, "p-1").await;
    let set = async |owner, digits: &'static str| {
        beneath::try_write(&app, owner, async move |tx| {
            pins::set(tx, card, &pin(digits)).await
        })
        .await
    };
    for digits in ["739", "7391234", "73 1", "abcd", ""] {
        let refused = set(tenant, digits).await;
        assert!(
            matches!(refused, Err(Error::Invalid("pin"))),
            "{digits}: {refused:?}"
        );
    }
    let refused = set(elsewhere, "7391").await;
    let missing = Refusal::NotFound(Record::Card);
    assert!(matches!(refused, Err(Error::Refused(found)) if found == missing));
    let finci = app.finci();
    let path = format!("update-card-status/{}", card.padded());
    let closed = serde_json::json!({"token_status": "lost"});
    finci.patch(&path, &closed).await.ok();
    let refused = set(tenant, "7391").await;
    let ended = Refusal::CardTransitionNotAllowed;
    assert!(matches!(refused, Err(Error::Refused(found)) if found == ended));
    assert_eq!(app.number("SELECT COUNT(*) FROM card_pin", &[]).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn equal_pins_of_two_cards_are_kept_differently_and_no_text_holds_one() {
    let app = TestApp::new().await;
    let (one, two) = (card(&app, "p-1").await, card(&app, "p-2").await);
    for card in [one, two] {
        app.operate(&app.demo, async move |tx| {
            pins::set(tx, card, &pin("739182")).await
        })
        .await;
    }
    let kept = app
        .rows("SELECT value FROM card_pin ORDER BY card", vec![])
        .await;
    let (first, second): (Vec<u8>, Vec<u8>) = (kept[0].get(0).unwrap(), kept[1].get(0).unwrap());
    assert_ne!(first, second);
    let texts = [
        "SELECT action || subject_kind || subject_id || outcome || actor_id FROM audit",
        "SELECT kind || facts FROM event",
        "SELECT hex(value) || wrong_tries FROM card_pin",
    ];
    let mut said = String::new();
    for sql in texts {
        for row in app.rows(sql, vec![]).await {
            said += &row.get::<String>(0).unwrap();
        }
    }
    assert!(said.contains("card.set_pin"), "the search finds the row");
    assert!(!said.contains("739182"));
    app.finish().await;
}

#[tokio::test]
async fn the_printed_value_of_a_card_is_its_own_and_outlives_the_server() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let cards = [
        card(&app, "p-1").await,
        card(&app, "p-2").await,
        card(&app, "p-3").await,
    ];
    let mut values = Vec::new();
    for card in cards {
        values.push(printed(&app, card).await);
    }
    assert!(
        values.iter().any(|value| *value != values[0]),
        "cards differ"
    );
    let set = cards[0];
    app.operate(&app.demo, async move |tx| {
        pins::set(tx, set, &pin("7391")).await
    })
    .await;
    let demo = app.demo.clone();
    app.app.store().db().close().await;

    let app = disk.start(&demo).await;
    for (card, value) in cards.into_iter().zip(&values) {
        assert_eq!(printed(&app, card).await, *value);
    }
    assert_eq!(check(&app, cards[0], "7391").await, PinCheck::Right);
    app.finish().await;
}

#[tokio::test]
async fn only_the_printed_value_passes() {
    let app = TestApp::new().await;
    let card = card(&app, "p-1").await;
    let right = printed(&app, card).await;
    let presented = right.expose().to_owned();
    let passed = app
        .operate(&app.demo, async move |tx| {
            let (found, number) = (cards::get(tx, card).await?, cards::number(tx, card).await?);
            let mut passed = Vec::new();
            for digits in (0..1000).map(|value| format!("{value:03}")) {
                if card_verification::check(tx.vault(), (&number, found.expiry), &digits)? {
                    passed.push(digits);
                }
            }
            for odd in ["", "1", "12", "0000", " 123"] {
                assert!(!card_verification::check(
                    tx.vault(),
                    (&number, found.expiry),
                    odd
                )?);
            }
            Ok(passed)
        })
        .await;
    assert_eq!(passed, [presented]);
    app.finish().await;
}

#[tokio::test]
async fn a_database_of_an_earlier_version_gets_its_keys_when_it_is_opened() {
    let disk = Disk::new(None);
    let app = disk.create().await;
    let demo = app.demo.clone();
    app.meddle("DELETE FROM verification_key", &[]).await;
    app.app.store().db().close().await;

    let app = disk.start(&demo).await;
    let kept = "SELECT COUNT(*) FROM verification_key WHERE length(sealed) > 40";
    assert_eq!(app.number(kept, &[]).await, 2);
    let card = card(&app, "p-1").await;
    assert_eq!(printed(&app, card).await.expose().len(), 3);
    app.finish().await;
}
