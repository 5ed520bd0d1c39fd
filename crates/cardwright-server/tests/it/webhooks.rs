//! Webhooks out: endpoints, the addresses they may have, signatures.

mod announced;
mod asked;
pub mod decisions;
mod deliveries;
mod endpoints;
mod guard;
mod interoperation;
mod moments;
mod names;
mod payloads;
mod rules;
mod streams;
mod weather;

use serde_json::{Value, json};

use crate::harness::TestApp;

/// Where listeners of tests are.
pub const HOST: &str = "hooks.example.com";
/// The address that the name stands for, with the port of plain HTTP.
pub const ADDRESS: &str = "93.184.215.14:80";

/// Lets the name stand for its address.
pub fn know_host(app: &TestApp) {
    app.outside.name(HOST, &["93.184.215.14"]);
}

/// Registers an endpoint at the test's host; its id and its secret.
pub async fn register(app: &TestApp, dialect: &str, more: Value) -> (String, String) {
    let mut body = json!({"url": format!("http://{HOST}/hooks?of=cards"), "dialect": dialect});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let made = app.operator().post("webhook-endpoints", &body).await;
    let made = made.record();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

/// Sends a test event; how it ended.
pub async fn ping(app: &TestApp, id: &str) -> Value {
    let path = format!("webhook-endpoints/{id}/ping");
    app.operator().post(&path, &Value::Null).await.record()
}
