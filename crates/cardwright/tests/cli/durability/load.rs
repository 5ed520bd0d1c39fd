//! The load of a trial: clients that ask for records by keys of their own and write down what they
//! were answered, until the server is gone.

use std::sync::Arc;

use cardwright_client::{SandboxFile, Settings, SystemClock, TimeSource, finci, sandbox};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What a client knows of a key that it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) key: String,
    /// The id in the answer, if there was one.
    pub(crate) id: Option<String>,
}

/// A clock that runs ahead, so that a repeated request is not a replayed one.
struct Ahead(i64);

impl TimeSource for Ahead {
    fn unix_seconds(&self) -> i64 {
        SystemClock.unix_seconds() + self.0
    }
}

/// When a request is made; a second time it carries a later timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Second,
}

/// A client that asks for people, who are in one table, and for authorizations, which are in the
/// ledger too.
struct Caller {
    issuer: finci::Client,
    network: finci::Client,
    card: String,
}

impl Caller {
    fn new(sandbox: &str, card: &str, turn: Turn) -> Caller {
        let file = SandboxFile::parse(sandbox).unwrap();
        let ahead_seconds = match turn {
            Turn::First => 0,
            Turn::Second => 60,
        };
        let client = |credentials| {
            let settings = Settings {
                time: Arc::new(Ahead(ahead_seconds)),
                ..Settings::default()
            };
            finci::Client::with_settings(file.base_url().unwrap(), credentials, settings).unwrap()
        };
        Caller {
            issuer: client(file.finci().unwrap()),
            network: client(file.network().unwrap()),
            card: card.to_owned(),
        }
    }

    /// Asks for the record of a key; no answer is no id, and an answer that is no success ends the
    /// test.
    async fn ask(&self, key: String) -> Asked {
        let (client, path, body, id) = if key.ends_with("-person") {
            let body = person(&key);
            (&self.issuer, "/v1/create-person", body, "person_id")
        } else {
            let body = self.authorization(&key);
            let path = "/network/v1/authorization";
            (&self.network, path, body, "authorization_id")
        };
        let answer = client.call("POST", path, Some(&body.to_string())).await;
        let Ok(answer) = answer else {
            return Asked { key, id: None };
        };
        assert!(answer.is_success(), "{key}: {answer:?}");
        let record: Value = answer.json().unwrap();
        assert_ne!(record["approved"], false, "{key}: {record}");
        let id = record[id].as_str().unwrap().to_owned();
        Asked { key, id: Some(id) }
    }

    fn authorization(&self, reference: &str) -> Value {
        json!({
            "reference": reference,
            "token_id": self.card,
            "amount": 1,
            "currency": "EUR",
            "merchant": {
                "name": "A shop", "id": "100200300", "mcc": "5411",
                "city": "Vilnius", "country": "LT",
            },
            "channel": "ecommerce",
            "type": "purchase",
        })
    }
}

fn person(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "first_name": "Ada",
        "last_name": "Berg",
        "birth_date": "1990-05-17",
        "email": "ada@example.com",
        "phone": "+37060000000",
        "address": address(),
    })
}

fn address() -> Value {
    json!({"line1": "Gedimino pr. 1", "city": "Vilnius", "postal_code": "LT-01103", "country": "LT"})
}

/// Issues a card with more money than any trial spends, a minor unit at a time; its id.
pub(crate) async fn prepare(sandbox: &str) -> String {
    let file = SandboxFile::parse(sandbox).unwrap();
    let issuer = Caller::new(sandbox, "", Turn::First).issuer;
    let made = async |path: &str, body: Value| {
        let answer = issuer.call("POST", path, Some(&body.to_string())).await;
        let answer = answer.unwrap();
        assert!(answer.is_success(), "{answer:?}");
        answer.json().unwrap()
    };
    let holder = made("/v1/create-person", person("the holder")).await;
    let account = json!({"person_id": holder["person_id"], "currency": "EUR"});
    let account = made("/v1/create-account", account).await;
    let card = json!({
        "person_id": holder["person_id"], "product_id": 112_001, "embossing_name": "ADA BERG",
        "token_status": "active", "token_stage": "digital", "delivery_address": address(),
        "express_delivery": false,
    });
    let card = made("/v1/create-card", card).await;
    let id = account["account_id"]
        .as_str()
        .unwrap()
        .trim_start_matches('0');
    let funding = json!({"account_id": id, "amount": 1_000_000_000, "currency": "EUR"});
    let (url, key) = (file.base_url().unwrap(), file.admin_key().unwrap());
    let operator = sandbox::Client::new(url, key).unwrap();
    let path = "/sandbox/v1/simulate/funding";
    operator.post(path, &funding).await.unwrap();
    card["token_id"].as_str().unwrap().to_owned()
}

/// Lets a receiver be told of everything that happens.
pub(crate) async fn register(sandbox: &str, url: &str) {
    let file = SandboxFile::parse(sandbox).unwrap();
    let (base_url, key) = (file.base_url().unwrap(), file.admin_key().unwrap());
    let operator = sandbox::Client::new(base_url, key).unwrap();
    let endpoint = json!({"url": url, "dialect": "standard"});
    let path = "/admin/v1/webhook-endpoints";
    operator.post(path, &endpoint).await.unwrap();
}

/// Begins to ask for ever new keys, each client until it gets no answer.
pub(crate) fn begin(
    (sandbox, card): (&str, &str),
    clients: u32,
    name: &str,
) -> JoinSet<Vec<Asked>> {
    let mut running = JoinSet::new();
    for number in 0..clients {
        let caller = Caller::new(sandbox, card, Turn::First);
        let name = format!("{name}-{number}");
        running.spawn(async move {
            let mut asked = Vec::new();
            loop {
                let kind = if asked.len() % 4 == 0 {
                    "person"
                } else {
                    "authorization"
                };
                let key = format!("{name}-{}-{kind}", asked.len());
                let one = caller.ask(key).await;
                let answered = one.id.is_some();
                asked.push(one);
                if !answered {
                    return asked;
                }
            }
        });
    }
    running
}

/// Asks for known keys once more, with the same content.
pub(crate) async fn repeat(
    (sandbox, card): (&str, &str),
    clients: u32,
    keys: Vec<String>,
) -> Vec<Asked> {
    let mut running = JoinSet::new();
    let share = keys.len().div_ceil(clients as usize).max(1);
    for keys in keys.chunks(share) {
        let caller = Caller::new(sandbox, card, Turn::Second);
        let keys = keys.to_vec();
        running.spawn(async move {
            let mut asked = Vec::new();
            for key in keys {
                asked.push(caller.ask(key).await);
            }
            asked
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}
