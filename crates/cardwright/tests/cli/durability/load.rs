//! The load of a trial: clients that ask for records by keys of their own and write down what they
//! were answered, until the server is gone.

use std::sync::Arc;

use cardwright_client::{SandboxFile, Settings, SystemClock, TimeSource, finci};
use serde_json::Value;
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

fn client(sandbox: &str, turn: Turn) -> finci::Client {
    let file = SandboxFile::parse(sandbox).unwrap();
    let ahead_seconds = match turn {
        Turn::First => 0,
        Turn::Second => 60,
    };
    let settings = Settings {
        time: Arc::new(Ahead(ahead_seconds)),
        ..Settings::default()
    };
    let credentials = file.finci().unwrap();
    finci::Client::with_settings(file.base_url().unwrap(), credentials, settings).unwrap()
}

/// Asks for the record of a key; no answer is no id, and an answer that is no success ends the test.
async fn ask(client: &finci::Client, key: String) -> Asked {
    let body = format!(
        r#"{{"external_id":"{key}","first_name":"Ada","last_name":"Berg",
            "birth_date":"1990-05-17","email":"ada@example.com","phone":"+37060000000",
            "address":{{"line1":"Gedimino pr. 1","city":"Vilnius","postal_code":"LT-01103",
            "country":"LT"}}}}"#
    );
    let answer = client.call("POST", "/v1/create-person", Some(&body)).await;
    let Ok(answer) = answer else {
        return Asked { key, id: None };
    };
    assert!(answer.is_success(), "{key}: {answer:?}");
    let person: Value = answer.json().unwrap();
    let id = person["person_id"].as_str().unwrap().to_owned();
    Asked { key, id: Some(id) }
}

/// Begins to ask for ever new keys, each client until it gets no answer.
pub(crate) fn begin(sandbox: &str, clients: u32, name: &str) -> JoinSet<Vec<Asked>> {
    let mut running = JoinSet::new();
    for number in 0..clients {
        let (client, name) = (client(sandbox, Turn::First), format!("{name}-{number}"));
        running.spawn(async move {
            let mut asked = Vec::new();
            loop {
                let key = format!("{name}-{}", asked.len());
                let one = ask(&client, key).await;
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
pub(crate) async fn repeat(sandbox: &str, clients: u32, keys: Vec<String>) -> Vec<Asked> {
    let mut running = JoinSet::new();
    let share = keys.len().div_ceil(clients as usize).max(1);
    for keys in keys.chunks(share) {
        let (client, keys) = (client(sandbox, Turn::Second), keys.to_vec());
        running.spawn(async move {
            let mut asked = Vec::new();
            for key in keys {
                asked.push(ask(&client, key).await);
            }
            asked
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}
