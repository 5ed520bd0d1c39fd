//! Golden files: what went over the wire, whole, with only what cannot repeat left out.

use std::fmt::Write as _;

use axum::{body::Body, body::to_bytes, http::Request};
use serde_json::Value;

use super::{Reply, TestApp, documented::assert_documented};

/// Headers whose values are secrets or follow from secrets.
const HIDDEN: [&str; 3] = ["x-auth-token", "x-auth-signature", "authorization"];
/// Fields whose values are secrets.
const HIDDEN_FIELDS: [&str; 13] = [
    "accessToken",
    "token",
    "password",
    "secret",
    "key",
    "value",
    "cvv",
    "activateUrl",
    "activationCode",
    "activeCode",
    "encrypted_data",
    "encrypted_pin",
    "public_key_pem",
];

/// A request body that is longer says nothing to a reader.
const SHOWN_BYTES_MAX: usize = 64 * 1024;

/// Sends the requests one after another and compares the conversation with its golden file.
pub async fn assert_golden(app: &TestApp, name: &str, requests: Vec<(&str, Request<Body>)>) {
    let mut conversation = Conversation::default();
    for (title, request) in requests {
        conversation.say(app, title, request).await;
    }
    conversation.assert_golden(name);
}

/// A conversation under way, for requests that need what was answered before.
#[derive(Default)]
pub struct Conversation(String);

impl Conversation {
    /// Sends the next request. An answer that its document does not give fails the test.
    pub async fn say(&mut self, app: &TestApp, title: &str, request: Request<Body>) -> Reply {
        let text = &mut self.0;
        let (head, body) = request.into_parts();
        let bytes = to_bytes(body, 16 << 20).await.unwrap();
        let _ = writeln!(text, "### {title}\n\n{} {}", head.method, head.uri);
        for (name, value) in &head.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let shown = if HIDDEN.contains(&name.as_str()) {
                "…"
            } else {
                &*value
            };
            let _ = writeln!(text, "{name}: {shown}");
        }
        write_request_body(text, &bytes);
        let (method, path) = (head.method.clone(), head.uri.path().to_owned());
        let reply = app.send(Request::from_parts(head, Body::from(bytes))).await;
        assert_documented(&method, &path, &reply);
        write_reply(text, &reply);
        reply
    }

    /// Compares what was said with its golden file.
    pub fn assert_golden(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../goldens");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.0));
    }
}

fn write_reply(text: &mut String, reply: &Reply) {
    let _ = writeln!(text, "\n--> {}", reply.status);
    let mut headers: Vec<_> = reply.headers.iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        let _ = writeln!(
            text,
            "{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        );
    }
    write_body(text, reply.text.as_bytes());
    text.push('\n');
}

/// A request body that a pretty print would change (a key twice, a number's spelling) is shown as
/// it goes out.
fn write_request_body(text: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    if bytes.len() > SHOWN_BYTES_MAX {
        let _ = writeln!(text, "\n({} bytes)", bytes.len());
        return;
    }
    let read = serde_json::from_slice::<Value>(bytes);
    let printed = read.map(|json| json.to_string());
    let sent = String::from_utf8_lossy(bytes);
    let secret = HIDDEN_FIELDS
        .iter()
        .any(|field| sent.contains(&format!("\"{field}\"")));
    if printed.is_ok_and(|printed| printed == sent) || secret {
        write_body(text, bytes);
    } else {
        let _ = writeln!(text, "\n{sent}");
    }
}

fn write_body(text: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    text.push('\n');
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut json) => {
            hide(&mut json);
            let _ = writeln!(text, "{}", serde_json::to_string_pretty(&json).unwrap());
        }
        Err(_) => {
            let _ = writeln!(text, "{}", String::from_utf8_lossy(bytes));
        }
    }
}

fn hide(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            // A key of ours is another one each time; one that a test makes up has no name.
            if fields.contains_key("kid") && fields.contains_key("kty") {
                fields.insert("kid".to_owned(), "…".into());
                fields.insert("n".to_owned(), "…".into());
            }
            for (name, value) in fields.iter_mut() {
                if HIDDEN_FIELDS.contains(&name.as_str()) && value.is_string() {
                    *value = "…".into();
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
