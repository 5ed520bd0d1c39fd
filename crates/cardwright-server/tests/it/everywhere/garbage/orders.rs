//! Right bodies of calls about open `FinCard` cards.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, draft::pick};

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    let number: u32 = random.random_range(0..300);
    let order = format!("random-{number:09}");
    let plastic = &world.counterparts.plastic;
    Some(
        match path.strip_prefix("/api/v2.1/fincard/virtual/card/")? {
            "openCard" => json!({
                "merchantOrderNo": order,
                "cardTypeId": pick(&["111001", "111002", "111003", "111004"], random),
                "holderId": world.holder, "cardNumber": "5555555555554444", "designId": 211_001,
            }),
            "info/sensitive" | "balance" => json!({"cardNo": world.prepaid}),
            "v2/freeze" | "v2/unfreeze" => {
                json!({"cardNo": world.prepaid, "merchantOrderNo": order, "remark": "why"})
            }
            "v2/updateNote" => {
                json!({"cardNo": world.prepaid, "merchantOrderNo": order, "remark": "note"})
            }
            "v2/update" => json!({
                "cardNo": if number.is_multiple_of(2) { &world.prepaid } else { plastic },
                "merchantOrderNo": order,
                "spendingControls": [{"interval": "PER_TRANSACTION", "amount": number}],
                "riskControls": {"blockedMcc": ["7995"]},
            }),
            "deposit" | "withdraw" => json!({
                "cardNo": world.prepaid, "merchantOrderNo": order, "amount": number % 9 + 1,
                "remark": "why",
            }),
            "cancel" => json!({
                "cardNo": if number < 3 { plastic } else { "42" }, "merchantOrderNo": order,
            }),
            "activate" => json!({
                "cardNo": plastic, "merchantOrderNo": order, "pin": "739154",
                "activationCode": "123456", "noPinPaymentAmount": number,
            }),
            "updatePin" => json!({
                "cardNo": world.prepaid, "merchantOrderNo": order,
                "oldPin": pick(&["739154", "846205"], random), "newPin": "739154",
            }),
            _ => return None,
        },
    )
}
