//! Right bodies of messages about payments, whoever sends them, and of the rates they go by.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, draft::pick};

const CHANNELS: [&str; 4] = ["ecommerce", "chip", "atm", "recurring"];
const KINDS: [&str; 5] = [
    "purchase",
    "cash",
    "quasi_cash",
    "refund",
    "account_verification",
];
const CURRENCIES: [&str; 4] = ["USD", "EUR", "JPY", "ISK"];

/// A body of a message, with a reference that some other may have, or a rate.
pub fn body(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    if path == "/rates" {
        let source = pick(&["EUR", "ISK", "JPY"], random);
        let rate = random.random_range(1..2_000_000);
        return Some(json!({"source": source, "target": "USD", "rate_micros": rate}));
    }
    let mut body = content(
        world,
        path.strip_prefix("/simulate").unwrap_or(path),
        random,
    )?;
    body["reference"] = format!("random-{:04}", random.random_range(0..2_000)).into();
    Some(body)
}

fn content(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    let payments = &world.payments;
    let amount: i64 = random.random_range(1..2_000);
    let merchant = json!({
        "name": "Shop", "id": "M-1", "mcc": pick(&["5411", "7011", "7995"], random),
        "city": "Vilnius", "country": pick(&["LT", "US"], random),
    });
    let currency = pick(&CURRENCIES, random);
    let open = pick_of(&payments.open, random);
    let payment = pick_of(&payments.posted, random);
    Some(match path {
        "/authorization" | "/advice" => json!({
            "card_id": payments.card, "amount": amount, "currency": currency,
            "channel": pick(&CHANNELS, random), "type": pick(&KINDS, random),
            "merchant": merchant, "partial_allowed": amount % 2 == 0,
        }),
        "/balance-inquiry" => json!({
            "pan": payments.pan, "channel": "atm", "merchant": merchant, "pin": "1234",
        }),
        "/increment" | "/reversal" => json!({"authorization_id": open, "amount": amount}),
        "/expiry" => json!({"authorization_id": open}),
        "/clearing" => json!({
            "authorization_id": open, "amount": amount, "currency": currency,
            "final": amount % 5 == 0,
        }),
        "/force-post" => json!({
            "token_id": world.card, "amount": amount, "currency": currency, "merchant": merchant,
        }),
        "/refund" => json!({"transaction_id": payment, "amount": amount}),
        "/refund-reversal" => json!({"transaction_id": payments.refund, "amount": amount % 7 + 1}),
        "/dispute" if amount % 2 == 0 => json!({"transaction_id": payment, "amount": amount}),
        "/dispute" => json!({
            "dispute_id": pick_of(&payments.disputes, random),
            "decision": pick(&["won", "lost"], random),
        }),
        _ => return None,
    })
}

fn pick_of<'a>(ids: &'a [String], random: &mut ChaCha20Rng) -> &'a str {
    &ids[random.random_range(0..ids.len())]
}
