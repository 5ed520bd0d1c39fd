//! Right bodies of the queries, of the simulation, and of events.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, draft::pick};

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    let path = path.strip_prefix("/api/v2.1/fincard/virtual/")?;
    let queries = &world.queries;
    let mut body = json!({
        "pageNum": random.random_range(1..4), "pageSize": 2, "cardNo": world.prepaid,
        "startTime": 0, "endTime": 4_102_444_800_000_i64,
    });
    let own = match path {
        "card/purchase/transaction" => {
            json!({"merchantOrderNo": queries.order_number, "orderNo": queries.order})
        }
        "card/transaction" | "card/v2/transaction" => {
            json!({"type": pick(&["create", "Freeze", "UnFreeze", "overdraft_statement"], random)})
        }
        "card/authorize/transaction" => json!({
            "type": pick(&["auth", "Void", "refund", "verification", "maintain_fee"], random),
            "tradeNo": queries.trade,
        }),
        "card/auth/fee/transaction" => json!({
            "tradeType": "card_patch_fee", "tradeNo": queries.patch,
            "originTradeNo": queries.patched,
        }),
        "card/3ds/transaction" => json!({"type": "auth_url", "tradeNo": queries.challenge}),
        "card/simulateAuthTransaction" => json!({
            "cardNo": world.prepaid,
            "type": pick(&["auth", "Void", "refund", "maintain_fee"], random),
            "amount": pick(&["0.01", "1.00", "40.00"], random),
            "currency": pick(&["USD", "EUR", "JPY"], random),
            "originSerialNumber": queries.trade, "description": "why",
        }),
        "card/freeze" | "card/unfreeze" => json!({
            "clientRemark": "why",
            "merchantOrderNo": format!("shorter-{:09}", random.random_range(0..300)),
        }),
        "webhook/callback" => json!({
            "eventId": pick(&["evt-1", "evt-2"], random), "eventType": "card_create",
            "tenantId": world.program.tenant_uuid, "createTime": 1, "data": {"cardId": "7"},
        }),
        _ => return None,
    };
    for (name, value) in own.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    Some(body)
}
