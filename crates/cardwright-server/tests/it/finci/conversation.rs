//! Conversations for the golden files, and the faults that every body can have.

use axum::{body::Body, http::Request};
use serde_json::Value;

use crate::harness::{FinciCaller, TestApp, assert_golden};

/// A conversation being put down: each request is dated a second after the one before.
pub(super) struct Conversation<'a> {
    app: &'a TestApp,
    caller: FinciCaller<'a>,
    requests: Vec<(&'static str, Request<Body>)>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(app: &'a TestApp) -> Conversation<'a> {
        Conversation {
            app,
            caller: app.finci(),
            requests: Vec::new(),
        }
    }

    /// Adds a signed request; `call` is method and target.
    pub(super) fn say(&mut self, title: &'static str, call: &str, body: &str) {
        self.app.pass(1);
        let (method, target) = call.split_once(' ').unwrap();
        let request = self.caller.draft(method, target, body).sign().request();
        self.requests.push((title, request));
    }

    /// Adds a signed request with fields of its body exchanged; a null takes the field away.
    pub(super) fn vary(&mut self, title: &'static str, call: &str, (body, with): (&Value, Value)) {
        self.say(title, call, &varied(body, with).to_string());
    }

    /// Adds what is wrong with a body whatever it should hold.
    pub(super) fn malformed(&mut self, call: &str) {
        self.say("not JSON", call, r#"{"a":"#);
        self.say("two values", call, "{} {}");
        self.say("no body", call, "");
        self.say("an array", call, "[]");
        self.say("a key twice", call, r#"{"a": 1, "a": 1}"#);
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(32), "]".repeat(32));
        self.say("too deep", call, &deep);
        let media = self.unsigned_media(call);
        self.requests.push(("another media type", media));
        let unsigned = self.unauthenticated(call);
        self.requests.push(("a wrong signature", unsigned));
    }

    /// Adds a request whose signature is another's.
    pub(super) fn wrongly_signed(&mut self, call: &str) {
        let unsigned = self.unauthenticated(call);
        self.requests.push(("a wrong signature", unsigned));
    }

    fn unauthenticated(&self, call: &str) -> Request<Body> {
        let (method, target) = call.split_once(' ').unwrap();
        let body = if method == "GET" { "" } else { "{}" };
        let signed = self.caller.draft(method, target, body).sign();
        signed.with("x-auth-signature", "0".repeat(64)).request()
    }

    fn unsigned_media(&self, call: &str) -> Request<Body> {
        let (method, target) = call.split_once(' ').unwrap();
        let signed = self.caller.draft(method, target, "{}").sign();
        signed.with("content-type", "text/plain").request()
    }

    pub(super) async fn assert_golden(self, name: &str) {
        assert_golden(self.app, name, self.requests).await;
    }
}

/// A body with fields exchanged; a null takes the field away.
pub(super) fn varied(body: &Value, with: Value) -> Value {
    let mut body = body.clone();
    let Value::Object(changes) = with else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        let fields = body.as_object_mut().unwrap();
        if value.is_null() {
            fields.remove(&name);
        } else {
            fields.insert(name, value);
        }
    }
    body
}
