//! Right bodies of the signed API's operations on owners and cards.

use serde_json::{Value, json};

use super::World;
use crate::harness::callers;

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, number: u32) -> Option<Value> {
    let own = format!("random-{number}");
    Some(match path {
        "/create-corporate" => callers::corporate(&own),
        "/create-employee" => callers::employee(&own, &world.corporate),
        "/update-person/{person_id}" => json!({
            "first_name": own, "nationality": null, "address": callers::address(),
        }),
        "/update-corporate/{corporate_id}" => json!({
            "name": own, "email": null, "address": callers::address(), "country": "LV",
        }),
        "/update-employee/{employee_id}" => json!({"last_name": own, "birth_date": null}),
        "/get-persons" => json!({"person_id": world.person, "limit": 7}),
        "/get-corporates" => json!({"corporate_id": world.corporate, "limit": 7}),
        "/get-employees" => json!({"corporate_id": world.corporate, "limit": 7}),
        "/get-accounts" => json!({"person_id": world.person, "limit": 7}),
        "/update-card-limits/{token_id}" => json!({
            "per_transaction": {"amount": "200.00"}, "daily": {"amount": 500, "count": 40},
            "weekly": null, "blocked_mcc": ["7995"], "allowed_countries": null,
            "channels": {"atm": false},
        }),
        "/set-card-pin/{token_id}" => json!({
            "encrypted_pin": "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.AAAA.AAAA.AAAA.AAAA",
        }),
        // Of age no card is, so the card stays for the others.
        "/replace-card/{token_id}" => json!({"reason": "expired"}),
        "/get-authorizations" => json!({
            "token_id": world.card, "authorization_status": "open",
            "from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z", "limit": 7,
        }),
        "/get-transactions" => json!({
            "account_id": world.account, "authorization_id": world.payments.cleared,
            "transaction_status": "posted", "from": "2026-11-21T00:00:00Z",
        }),
        "/get-ledger-transactions" => json!({
            "account_id": world.account, "to": "2026-11-22T00:00:00Z", "limit": 7,
        }),
        _ => return None,
    })
}
