//! Many messages of the network at the same time: no cent is promised twice, none is refused that
//! is there.

use std::{collections::BTreeMap, sync::Arc};

use cardwright_core::{
    Account, AccountId, AccountKind, Amount, AuthorizationKind, Bin, Card, CardId, CardStage,
    CardState, Channel, Country, Currency, Expiry, Mcc, Merchant, Pan, Partial, PlatformBlock,
    ProductId, TenantId,
};
use cardwright_server::{
    error::Result,
    ops::{
        authorizations::{self, CardName, DecidedBy, NewAuthorization, Proofs},
        messages::{self, Incoming},
    },
    store::{Tx, accounts, cards},
};
use tokio::task::JoinSet;

use super::{beneath, ledger};
use crate::harness::TestApp;

/// How many authorizations of one cent are asked for at once.
const ASKED: usize = 1_000;
/// How many cents there are.
const AVAILABLE: i64 = 100;

/// A pool with so many cards that spend from it.
async fn pool(tx: &mut Tx, count: u64) -> Result<(AccountId, Vec<CardId>)> {
    let account = AccountId::new(tx.next_id().await?).unwrap();
    let opened = Account::open(account, AccountKind::Margin, Currency::USD, tx.now());
    accounts::insert(tx, &opened).await?;
    let mut ids = Vec::new();
    for number in 0..count {
        let card = Card {
            id: CardId::new(tx.next_id().await?).unwrap(),
            product: ProductId::new(111_003).unwrap(),
            holder: None,
            account,
            paying_account: None,
            state: CardState::Active,
            block: PlatformBlock::Clear,
            stage: CardStage::Digital,
            embossing_name: None,
            expiry: Expiry::after(tx.today(), 36).unwrap(),
            first_six: "400005".to_owned(),
            last_four: "0000".to_owned(),
            remark: None,
            external_id: None,
            delivery: None,
            no_pin_minor: None,
            design: None,
            created_at: tx.now(),
            activated_at: Some(tx.now()),
            last_use: None,
            updated_at: tx.now(),
        };
        let pan = Pan::issue(&Bin::parse("400005").unwrap(), number).unwrap();
        assert!(cards::insert(tx, &card, &pan).await?);
        ids.push(card.id);
    }
    Ok((account, ids))
}

fn one_cent(card: CardId, reference: String) -> NewAuthorization {
    NewAuthorization {
        card: CardName::Id(card),
        wallet_token: None,
        kind: AuthorizationKind::Purchase,
        amount: Amount::from_minor(1, Currency::USD).unwrap(),
        partial: Partial::Refused,
        channel: Channel::Ecommerce,
        merchant: Merchant {
            name: "Corner".to_owned(),
            id: "M1".to_owned(),
            mcc: Mcc::parse("5411").unwrap(),
            city: "Lisbon".to_owned(),
            country: Country::parse("PT").unwrap(),
        },
        proofs: Proofs::default(),
        decided_by: DecidedBy::Platform,
        reference,
    }
}

/// The message as the network's surface passes it on: once per reference, answered by its number.
async fn ask(tx: &mut Tx, card: CardId, reference: String) -> Result<String> {
    let content = format!(r#"{{"amount":1,"card_id":"{card}"}}"#);
    let incoming = Incoming {
        kind: "authorization",
        reference: &reference,
        content: &content,
    };
    let new = one_cent(card, reference.clone());
    let taken = messages::once(tx, incoming, async |tx| {
        let done = authorizations::authorize(tx, new)
            .await?
            .decided()?
            .authorization;
        let word = done.status.reason().map_or("approved", |why| why.word());
        Ok(format!("{word} {}", done.number))
    });
    taken.await
}

/// Sends them all at once, each on its own; the answers.
async fn send(app: &Arc<TestApp>, tenant: TenantId, sent: Vec<(CardId, String)>) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for (card, reference) in sent {
        let app = Arc::clone(app);
        tasks.spawn(async move {
            beneath::write(&app, tenant, async move |tx| ask(tx, card, reference).await).await
        });
    }
    tasks.join_all().await
}

async fn spend_it_all(count: u64) {
    let app = Arc::new(TestApp::new().await);
    let tenant = app.tenant_id(&app.demo).await;
    let (account, cards) =
        beneath::write(&app, tenant, async move |tx| pool(tx, count).await).await;
    beneath::fund(&app, tenant, account, AVAILABLE).await;
    let sent = (0..ASKED)
        .map(|number| (cards[number % cards.len()], format!("r{number}")))
        .collect();
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    for answer in send(&app, tenant, sent).await {
        let word = answer.split(' ').next().unwrap().to_owned();
        *seen.entry(word).or_default() += 1;
    }
    let expected = [("approved", 100), ("insufficient_funds", 900)];
    let expected = expected.map(|(word, count)| (word.to_owned(), count));
    assert_eq!(seen, BTreeMap::from(expected));

    let id = [account.get().into()];
    for (sql, expected) in [
        ("SELECT held_debits FROM account WHERE id = $1", AVAILABLE),
        (
            "SELECT credits - debits FROM account WHERE id = $1",
            AVAILABLE,
        ),
        (
            "SELECT SUM(amount - posted - voided) FROM hold WHERE payer = $1",
            AVAILABLE,
        ),
        (
            "SELECT COUNT(*) FROM hold WHERE payer = $1 AND state = 'open'",
            AVAILABLE,
        ),
        (
            "SELECT COUNT(*) FROM card_authorization WHERE account = $1",
            1_000,
        ),
        (
            "SELECT COUNT(DISTINCT number) FROM card_authorization WHERE account = $1",
            1_000,
        ),
    ] {
        assert_eq!(app.number(sql, &id).await, expected, "{sql}");
    }
    ledger::assert_laws_hold(&app).await;
    Arc::into_inner(app).unwrap().finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_at_once_on_one_card_get_the_hundred_cents_there_are() {
    spend_it_all(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_at_once_on_ten_cards_of_a_pool_get_the_hundred_cents_there_are() {
    spend_it_all(10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_reference_sent_fifty_times_at_once_is_one_authorization() {
    let app = Arc::new(TestApp::new().await);
    let tenant = app.tenant_id(&app.demo).await;
    let (account, cards) = beneath::write(&app, tenant, async |tx| pool(tx, 1).await).await;
    beneath::fund(&app, tenant, account, AVAILABLE).await;
    let sent = vec![(cards[0], "the same".to_owned()); 50];
    let answers = send(&app, tenant, sent).await;
    assert_eq!(answers.len(), 50);
    assert!(answers[0].starts_with("approved "), "{}", answers[0]);
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
    for sql in [
        "SELECT COUNT(*) FROM card_authorization",
        "SELECT COUNT(*) FROM hold",
        "SELECT COUNT(*) FROM network_message",
        "SELECT SUM(held_debits) FROM account",
    ] {
        assert_eq!(app.number(sql, &[]).await, 1, "{sql}");
    }
    Arc::into_inner(app).unwrap().finish().await;
}
