//! Right bodies of what operators do to webhook endpoints and their keys.

use cardwright_server::api::route::Route;
use serde_json::{Value, json};

/// A body for what operators do to webhook endpoints and their keys.
pub fn body(route: &Route, unused: &str) -> Value {
    match (route.method.as_str(), route.path.rsplit('/').next()) {
        ("POST", Some("webhook-endpoints")) => json!({
            "url": format!("https://hooks.example.com/{unused}"), "dialect": "finci",
            "events": ["return"], "timeout_ms": 500,
            "headers": [{"name": "X-Shop", "value": unused}],
        }),
        ("PATCH", _) => json!({"events": ["card_created"], "timeout_ms": 700, "headers": []}),
        ("POST", Some("rotate")) => json!({"switch_after_seconds": 60}),
        ("POST", Some("disable")) => json!({"reason": unused}),
        _ => json!({}),
    }
}
