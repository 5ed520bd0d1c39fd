//! Lists in pages, whichever list it is: every record once and in order, while more records come.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::golden_payments::{Used, used};
use crate::harness::{FinciCaller, TestApp, callers, person};

/// What the draws begin with.
const SEED: u64 = 20_261_122;
/// How often each list is walked from its beginning to its end.
const WALKS: u32 = 12;

/// A list: what narrows it, and the name of its records' ids.
struct List {
    path: &'static str,
    filter: Value,
    id: &'static str,
}

struct World<'a> {
    app: &'a TestApp,
    caller: FinciCaller<'a>,
    used: Used,
    person: String,
    corporate: String,
    made: u32,
}

impl World<'_> {
    fn lists(&self) -> Vec<List> {
        let list = |path, filter, id| List { path, filter, id };
        vec![
            list("get-persons", json!({}), "person_id"),
            list("get-corporates", json!({}), "corporate_id"),
            list(
                "get-employees",
                json!({"corporate_id": self.corporate}),
                "employee_id",
            ),
            list(
                "get-accounts",
                json!({"person_id": self.person}),
                "account_id",
            ),
            list("get-cards", json!({"person_id": self.person}), "token_id"),
            list(
                "get-authorizations",
                json!({"token_id": self.used.card}),
                "id",
            ),
            list("get-authorizations", json!({}), "id"),
            list(
                "get-transactions",
                json!({"account_id": self.used.account}),
                "transaction_id",
            ),
            list(
                "get-transactions",
                json!({"from": "2026-11-21T00:00:00Z"}),
                "transaction_id",
            ),
            list(
                "get-ledger-transactions",
                json!({"account_id": self.used.account}),
                "id",
            ),
        ]
    }

    /// Adds a record to a list.
    async fn add(&mut self, path: &str) {
        self.made += 1;
        let own = format!("more-{}", self.made);
        let (caller, card) = (&self.caller, &self.used.card);
        let asked = json!({"token_id": card, "amount": 1, "currency": "EUR"});
        match path {
            "get-persons" => drop(caller.post("create-person", &person(&own)).await.ok()),
            "get-corporates" => {
                let body = callers::corporate(&own);
                caller.post("create-corporate", &body).await.ok();
            }
            "get-employees" => {
                let body = callers::employee(&own, &self.corporate);
                caller.post("create-employee", &body).await.ok();
            }
            "get-accounts" => drop(caller.account(&self.person, "EUR").await),
            "get-cards" => {
                let mut body = callers::card(&self.person);
                body["account_id"] = self.used.account.as_str().into();
                caller.post("create-card", &body).await.ok();
            }
            "get-authorizations" => {
                let sandbox = self.app.sandbox();
                sandbox
                    .post("simulate/authorization", &asked)
                    .await
                    .record();
            }
            _ => {
                let sandbox = self.app.sandbox();
                sandbox.post("simulate/force-post", &asked).await.record();
            }
        }
    }

    async fn page(&self, list: &List, (limit, cursor): (usize, &Value)) -> (Vec<String>, Value) {
        let mut body = list.filter.clone();
        body["limit"] = limit.into();
        if cursor.is_string() {
            body["cursor"] = cursor.clone();
        }
        let page = self.caller.post(list.path, &body).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{}", list.path);
        let id = |item: &Value| item[list.id].as_str().unwrap().to_owned();
        let ids: Vec<String> = items.iter().map(id).collect();
        (ids, page["next_cursor"].clone())
    }

    async fn all(&self, list: &List) -> Vec<String> {
        let (mut ids, mut more) = self.page(list, (100, &Value::Null)).await;
        while !more.is_null() {
            let (next, cursor) = self.page(list, (100, &more)).await;
            ids.extend(next);
            more = cursor;
        }
        ids
    }
}

#[tokio::test]
async fn every_list_shows_every_record_once_and_in_order_while_more_come() {
    let app = TestApp::new().await;
    let caller = app.finci();
    let used = used(&app, &caller, "p-1").await;
    let body = callers::corporate("c-1");
    let made = caller.post("create-corporate", &body).await.ok();
    let persons = caller
        .post("get-persons", &json!({"external_id": "p-1"}))
        .await
        .ok();
    let mut world = World {
        app: &app,
        person: persons["items"][0]["person_id"]
            .as_str()
            .unwrap()
            .to_owned(),
        corporate: made["corporate_id"].as_str().unwrap().to_owned(),
        caller,
        used,
        made: 0,
    };
    let mut random = ChaCha20Rng::seed_from_u64(SEED);
    let (mut pages, mut added) = (0, 0);
    for list in world.lists() {
        for _ in 0..3 {
            world.add(list.path).await;
        }
        for _ in 0..WALKS {
            let limit = random.random_range(1..8);
            let before = world.all(&list).await;
            let (mut seen, mut cursor) = (Vec::new(), Value::Null);
            loop {
                let (ids, next) = world.page(&list, (limit, &cursor)).await;
                seen.extend(ids);
                pages += 1;
                if next.is_null() {
                    break;
                }
                cursor = next;
                if random.random_range(0..4) == 0 {
                    world.add(list.path).await;
                    added += 1;
                }
            }
            let after = world.all(&list).await;
            assert!(seen.len() >= before.len(), "{} lost some", list.path);
            assert_eq!(seen, after[..seen.len()], "{} by {limit}", list.path);
        }
    }
    println!(
        "{pages} pages of {} lists, {added} records added meanwhile",
        world.lists().len()
    );
    assert!(added > 50, "hardly anything came meanwhile");
    app.finish().await;
}
