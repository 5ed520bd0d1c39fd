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
        ("GET", Some("events")) => json!({
            "kind": "card_created", "from": "2026-01-01T00:00:00Z", "limit": "5",
        }),
        ("GET", Some("stream")) => json!({
            "dialect": "finci", "after": "evt_0000000000000001", "events": "authorization,return",
        }),
        ("GET", Some("webhook-deliveries")) => json!({"state": "pending", "limit": "5"}),
        ("POST", Some("replay")) => json!({"which": "missing", "from": "2026-01-01T00:00:00Z"}),
        ("POST", Some("deliver")) => json!({"times": 2, "after_ms": 5_000}),
        ("PUT", Some("faults")) => json!({"seed": 7, "duplicate_percent": 10, "slow_ms": 100}),
        _ => json!({}),
    }
}
