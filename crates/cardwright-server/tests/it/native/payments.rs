//! Messages about payments, from the question to the dispute: a card, the money behind it, and the
//! network that asks.

mod conversations;
mod declines;
mod expiry;
mod increments;
mod numbers;
mod parity;
mod references;
mod refunds;
mod reversals;
mod settlement;

use std::cell::Cell;

use axum::{body::Body, http::Request};
use cardwright_core::CardId;
use serde_json::{Value, json};

use crate::harness::{Reply, TestApp};

/// A card with money behind it.
pub struct Payer<'a> {
    app: &'a TestApp,
    /// The card's id.
    pub card: String,
    /// The same, as FINCI spells it.
    pub token: String,
    /// The id of the account it spends from.
    pub account: String,
    /// That account's currency.
    pub currency: &'static str,
    references: Cell<u32>,
}

impl<'a> Payer<'a> {
    /// A new person's card, its account with so much in it.
    pub async fn with(app: &'a TestApp, minor: i64, currency: &'static str) -> Payer<'a> {
        let finci = app.finci();
        let person = finci.person(&format!("payer-in-{currency}")).await;
        let account = finci.account(&person, currency).await;
        let token = finci.card(&person).await;
        let plain = |padded: &str| padded.trim_start_matches('0').to_owned();
        let payer = Payer {
            app,
            card: plain(&token),
            account: plain(&account),
            token,
            currency,
            references: Cell::new(0),
        };
        if minor > 0 {
            payer.fund(minor).await;
        }
        payer
    }

    /// More money in the account.
    pub async fn fund(&self, minor: i64) {
        let body = json!({"account_id": self.account, "amount": minor, "currency": self.currency});
        let funded = self.app.sandbox().post("simulate/funding", &body).await;
        funded.record();
    }

    /// The card's id as the domain has it.
    pub fn card_id(&self) -> CardId {
        CardId::parse_padded(&self.token).unwrap()
    }

    /// A message under a reference that was not used before, if it has none.
    pub fn named(&self, mut body: Value) -> Value {
        if body["reference"].is_null() {
            self.references.set(self.references.get() + 1);
            body["reference"] = format!("rrn-{:06}", self.references.get()).into();
        }
        body
    }

    /// Asks for an amount in the account's currency, in a shop, with whatever else there is.
    pub fn question(&self, minor: i64, more: &Value) -> Value {
        let body = json!({
            "card_id": self.card, "amount": minor, "currency": self.currency,
            "channel": "ecommerce", "merchant": shop(),
        });
        with(body, more)
    }

    /// The signed request of a message.
    pub fn request(&self, path: &str, body: &Value) -> Request<Body> {
        let body = self.named(body.clone());
        self.app.network().draft(path, &body).sign().request()
    }

    /// Sends a message.
    pub async fn send(&self, path: &str, body: &Value) -> Reply {
        self.app.send(self.request(path, body)).await
    }

    /// Sends a message that must be taken.
    pub async fn tell(&self, path: &str, body: &Value) -> Value {
        self.send(path, body).await.record()
    }

    /// Asks for an amount, with whatever else there is.
    pub async fn ask(&self, minor: i64, more: &Value) -> Value {
        self.tell("authorization", &self.question(minor, more))
            .await
    }

    /// Asks for an amount that must be approved; the authorization's number.
    pub async fn approved(&self, minor: i64) -> String {
        let answer = self.ask(minor, &json!({})).await;
        assert_eq!(answer["approved"], true, "{answer}");
        text(&answer["authorization_id"])
    }

    /// Pays an amount; number of the authorization and id of the transaction.
    pub async fn paid(&self, minor: i64) -> (String, String) {
        let number = self.approved(minor).await;
        let body = json!({"authorization_id": number, "amount": minor});
        let cleared = self.tell("clearing", &body).await;
        (number, text(&cleared["transaction_id"]))
    }

    /// What the account has.
    pub async fn balances(&self) -> Value {
        let body = json!({"card_id": self.card, "channel": "atm", "merchant": shop()});
        self.tell("balance-inquiry", &body).await
    }
}

/// Where most is bought.
pub fn shop() -> Value {
    json!({"name": "Corner shop", "id": "M-1", "mcc": "5411", "city": "Vilnius", "country": "LT"})
}

/// Where one stays the night.
pub fn hotel() -> Value {
    json!({"name": "Grand Hotel", "id": "M-2", "mcc": "7011", "city": "Riga", "country": "LV"})
}

/// A body with some of its fields set otherwise. Null takes a field away.
pub fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

/// A text out of an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Compares what an answer says, of itself or of the account, with facts like `approved true`,
/// separated by commas.
#[track_caller]
pub fn assert_told(answer: &Value, facts: &str) {
    let told = |fact: &str| {
        let name = fact.trim().split(' ').next().unwrap();
        let own = answer.get(name).or_else(|| answer["balances"].get(name));
        let value = own.unwrap_or_else(|| panic!("no {name} in {answer}"));
        format!("{name} {}", value.to_string().trim_matches('"'))
    };
    let told: Vec<String> = facts.split(',').map(told).collect();
    let facts: Vec<&str> = facts.split(',').map(str::trim).collect();
    assert_eq!(told, facts, "{answer}");
}

/// Compares code and field of a refusal.
#[track_caller]
pub fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(
        (reply.status, reply.native_code().as_str()),
        (status, code),
        "{}",
        reply.text
    );
}
