//! Card numbers and secrets: made right, and found nowhere but where they are sealed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cardwright_core::{CardId, TenantId};
use cardwright_server::{
    secrets::{SealContext, VerificationUse},
    store::keys,
};
use serde_json::json;

use super::{beneath, log};
use crate::harness::{Disk, FincardCaller, FinciCaller, Reply, TestApp, callers};

/// How many cards each API makes.
const CARDS: usize = 500;
/// How many of them one holder has.
const CARDS_PER_HOLDER: usize = 100;
/// A string that must be found, to show that the search finds anything.
const KNOWN: &str = "a-string-that-is-kept-in-clear";
/// An identity number, which must not be.
const ID_NUMBER: &str = "PASS-7318842-XQ";

/// The check digit as the standard says it, written down a second time on purpose: from the
/// right, every second digit counts double, less nine where that has two digits.
fn is_luhn_valid(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .enumerate()
        .map(
            |(index, digit)| match (index % 2, digit.to_digit(10).unwrap()) {
                (0, digit) => digit,
                (_, digit) if digit > 4 => digit * 2 - 9,
                (_, digit) => digit * 2,
            },
        )
        .sum();
    sum.is_multiple_of(10)
}

/// Keeps every answer, so that what went out can be searched.
#[derive(Default)]
struct Answers(String);

impl Answers {
    fn keep(&mut self, reply: &Reply) -> serde_json::Value {
        self.0.push_str(&reply.text);
        reply.ok()
    }
}

async fn issue(finci: &FinciCaller<'_>, answers: &mut Answers) -> Vec<i64> {
    let mut cards = Vec::new();
    for holder in 0..CARDS / CARDS_PER_HOLDER {
        let external_id = format!("{KNOWN}-{holder}");
        let person = finci
            .post("create-person", &callers::person(&external_id))
            .await;
        let person = answers.keep(&person)["person_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let account = json!({"person_id": person, "currency": "EUR"});
        answers.keep(&finci.post("create-account", &account).await);
        for _ in 0..CARDS_PER_HOLDER {
            let card = finci.post("create-card", &callers::card(&person)).await;
            let token = answers.keep(&card)["token_id"].as_str().unwrap().to_owned();
            answers.keep(&finci.get(&format!("get-card/{token}")).await);
            cards.push(token.parse().unwrap());
        }
        let list = finci.post("get-cards", &json!({"person_id": person})).await;
        answers.keep(&list);
    }
    cards
}

async fn open(fincard: &FincardCaller<'_>, answers: &mut Answers) -> Vec<i64> {
    let mut holder = callers::holder("ana@example.com");
    holder["idNumber"] = ID_NUMBER.into();
    answers.keep(&fincard.call("card/holder/v2/create", &holder).await);
    let mut cards = Vec::new();
    for number in 0..CARDS {
        let order = format!("order-{number:013}");
        let body = json!({"merchantOrderNo": order, "cardTypeId": 111_001, "amount": "10"});
        let opened = answers.keep(&fincard.call("card/v2/openCard", &body).await);
        let card = opened["data"]["cardNo"].as_str().unwrap().to_owned();
        let info = json!({"cardNo": card, "onlySimpleInfo": false});
        answers.keep(&fincard.call("card/info", &info).await);
        cards.push(card.parse().unwrap());
    }
    for path in ["card/list", "card/holder/list", "account/info"] {
        answers.keep(&fincard.call(path, &json!({"pageSize": 100})).await);
    }
    cards
}

async fn numbers(app: &TestApp, tenant: TenantId, cards: &[i64]) -> Vec<String> {
    let mut numbers = Vec::new();
    for card in cards {
        numbers.push(beneath::card_number(app, tenant, CardId::new(*card).unwrap()).await);
    }
    numbers
}

fn assert_numbers_are_right(numbers: &[String], bin: &str) {
    for number in numbers {
        assert_eq!(number.len(), 16);
        assert!(number.starts_with(bin), "{}", &number[..6]);
        assert!(is_luhn_valid(number));
    }
}

/// The keys that sign session tokens and those that check card secrets, opened; and every secret of the demo program.
async fn secrets(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let demo = &app.demo;
    let mut secrets: Vec<(String, Vec<u8>)> = [
        ("FINCI secret", &demo.finci.secret),
        ("network secret", &demo.network.secret),
        ("password", &demo.password),
        ("admin key", &demo.admin_key),
        ("webhook secret", &demo.webhook_secret),
    ]
    .map(|(name, secret)| (name.to_owned(), secret.expose().as_bytes().to_vec()))
    .into();
    let store = app.app.store();
    let sealed = store.system_read(async |session| keys::token_keys(session).await);
    for key in sealed.await.unwrap() {
        let place = SealContext::of_environment("token_key", key.kid.as_str());
        let bytes = store.resources().vault.open(&place, &key.sealed).unwrap();
        secrets.push(("token key".to_owned(), bytes.to_vec()));
        secrets.push((
            "token key, hex".to_owned(),
            hex::encode(&*bytes).into_bytes(),
        ));
        secrets.push((
            "token key, base64".to_owned(),
            STANDARD.encode(&*bytes).into_bytes(),
        ));
    }
    for wanted in VerificationUse::ALL {
        let sealed = store
            .system_read(async move |session| keys::find_verification_key(session, wanted).await);
        let place = SealContext::of_environment("verification_key", wanted.word());
        let sealed = sealed.await.unwrap().unwrap();
        let bytes = store.resources().vault.open(&place, &sealed).unwrap();
        let name = format!("{} verification key", wanted.word());
        secrets.push((format!("{name}, hex"), hex::encode(&*bytes).into_bytes()));
        secrets.push((name, bytes.to_vec()));
    }
    for (name, secret) in [
        ("FINCI", &demo.finci.secret),
        ("network", &demo.network.secret),
    ] {
        let bytes = hex::decode(secret.expose()).unwrap();
        secrets.push((format!("{name} secret, decoded"), bytes));
    }
    secrets.push(("identity number".to_owned(), ID_NUMBER.as_bytes().to_vec()));
    secrets
}

/// Whether any run of digits begins with one of these, or with all but its last digit.
fn numbers_in(haystack: &[u8], numbers: &HashSet<Vec<u8>>) -> Vec<usize> {
    haystack
        .windows(15)
        .enumerate()
        .filter(|(_, window)| numbers.contains(*window))
        .map(|(at, _)| at)
        .collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window[0] == needle[0] && window == needle)
}

#[tokio::test]
async fn a_thousand_numbers_are_right_and_found_nowhere_in_clear() {
    log::start();
    let disk = Disk::new(None);
    let app = disk.create().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let mut answers = Answers::default();
    let issued = issue(&finci, &mut answers).await;
    let opened = open(&fincard, &mut answers).await;
    app.run_jobs().await;
    let (issued, opened) = (
        numbers(&app, tenant, &issued).await,
        numbers(&app, tenant, &opened).await,
    );
    assert_numbers_are_right(&issued, "520082");
    assert_numbers_are_right(&opened, "424242");
    let all: BTreeSet<&String> = issued.iter().chain(&opened).collect();
    assert_eq!(all.len(), 2 * CARDS, "each number once");

    let mut places: BTreeMap<String, Vec<u8>> = disk.files().into_iter().collect();
    let names: Vec<&str> = places.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["cardwright.db", "cardwright.db-shm", "cardwright.db-wal"]
    );
    let secrets = secrets(&app).await;
    let token = fincard.token.clone().into_bytes();
    for (name, bytes) in &places {
        for (secret, needle) in &secrets {
            assert!(!holds(bytes, needle), "{secret} in {name}");
        }
        assert!(!holds(bytes, &token), "a session's token in {name}");
    }
    let kept = |needle: &str| places.values().any(|bytes| holds(bytes, needle.as_bytes()));
    assert!(kept(KNOWN), "the search finds what is there");
    assert!(
        kept(app.demo.finci.token.as_str()),
        "the public half is there"
    );

    places.insert("log".to_owned(), log::text().into_bytes());
    places.insert("answers".to_owned(), answers.0.into_bytes());
    assert!(
        holds(&places["log"], b"/v1/create-card"),
        "the log was kept"
    );
    for (secret, needle) in &secrets {
        assert!(!holds(&places["log"], needle), "{secret} in the log");
        assert!(!holds(&places["answers"], needle), "{secret} in an answer");
    }
    let heads: HashSet<Vec<u8>> = all
        .iter()
        .map(|number| number.as_bytes()[..15].to_vec())
        .collect();
    for (name, bytes) in &places {
        assert_eq!(
            numbers_in(bytes, &heads),
            Vec::<usize>::new(),
            "numbers in {name}"
        );
    }
    let planted = [b"xx".as_slice(), issued[7].as_bytes()].concat();
    assert_eq!(
        numbers_in(&planted, &heads),
        [2],
        "the search finds a number that is there"
    );
    app.finish().await;
}
