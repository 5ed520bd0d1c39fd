//! Right bodies for the calls of operators.

use cardwright_server::api::route::Route;
use serde_json::{Value, json};

/// A body for what operators do to tenants, credentials, users and keys.
pub fn tenancy_body(route: &Route, unused: &str) -> Value {
    match route.path.rsplit('/').next().unwrap_or_default() {
        "tenants" => json!({"name": unused, "kyc_mode": "manual"}),
        "{tenant_id}" => json!({"time_zone": "Europe/Vilnius", "kyc_mode": "auto"}),
        "credentials" => json!({"kind": "network", "allowlist": ["192.0.2.0/24"]}),
        "allowlist" => json!({"allowlist": ["192.0.2.0/24", "2001:db8::1"]}),
        "rotate" => json!({"overlap_seconds": 60}),
        "users" => json!({
            "email": format!("{unused}@demo.example"),
            "username": unused,
            "password": "correct-horse",
        }),
        "password" => json!({"password": "correct-horse-battery"}),
        "admin-keys" => json!({"role": "support"}),
        _ => json!({}),
    }
}

/// A body for what operators do to products, holders, cards and accounts.
pub fn operation_body(route: &Route, number: i64) -> Value {
    match route.path.rsplit('/').next().unwrap_or_default() {
        "products" => json!({
            "id": 200_000 + number, "name": "Team card", "bin": "424242", "scheme": "visa",
            "mode": "prepaid", "form": "virtual", "category": "purchase", "currency": "USD",
            "holder_model": "B2B", "holder_required": false,
            "recharge": {"min": 1, "max": 100, "rate_basis_points": 50, "fixed_fee": 1},
        }),
        "{product_id}" => {
            json!({"description": "A card.", "initial_deposit": {"min": 1, "max": 2}})
        }
        "decision" => json!({"decision": "approve", "stage": "channel", "reason": "why"}),
        "credit" | "debit" => json!({"amount": number + 1, "currency": "USD", "reason": "why"}),
        "block" | "unblock" => json!({"reason": "why"}),
        _ => json!({}),
    }
}
