//! Right bodies of calls to our own surfaces: time, saved states, controls, and what other parties
//! of a card program do. What else there is follows from here.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, draft::pick, queries, wallet};

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    let number: u32 = random.random_range(0..300);
    let order = format!("random-{number:09}");
    let others = &world.counterparts;
    Some(match path {
        "/simulate/holder-review" => json!({
            "holder_id": others.waiting_holder, "decision": "reject", "reason": "Unreadable",
        }),
        "/simulate/crypto-deposit" => json!({
            "coin": pick(&["USDT_TRC20", "USDT_BEP20"], random), "amount": "9.5",
            "confirmations": number % 50, "tx_hash": format!("c0ffee{:04}", number % 20),
            "from_address": "TSenderSenderSenderSenderSenderSen",
        }),
        "/simulate/shipping" => {
            let steps = ["shipped", "delivered", "returned"];
            json!({"card_id": others.plastic, "step": pick(&steps, random)})
        }
        "/simulate/activation-code" => json!({"card_id": others.plastic}),
        "/simulate/three-ds" => json!({
            "card_id": others.active_card, "kind": pick(&["otp", "url"], random),
            "merchant": {"name": "Bookshop"}, "amount": number + 1, "currency": "USD",
        }),
        "/simulate/wallet-token" => {
            let steps = ["activate", "suspend", "resume"];
            json!({"token_id": others.wallet_token, "step": pick(&steps, random)})
        }
        "/simulate/work-order" => {
            json!({"work_order_id": others.work_orders[0], "decision": "success"})
        }
        "/work-orders/{work_order_id}/decision" => {
            json!({"decision": "fail", "description": "Not possible"})
        }
        "/signature/explain" => json!({
            "token": world.program.finci.token, "method": "POST", "target": "/v1/get-cards?a=1",
            "timestamp": "1767225600", "body": "{\"a\": 1}", "signature": "00ff".repeat(16),
        }),
        "/clock" => json!({"mode": pick(&["running", "frozen"], random)}),
        "/clock/advance" => json!({"by": "PT1H"}),
        "/snapshot" => json!({"name": order}),
        "/restore" => json!({"name": world.snapshot}),
        "/simulate/funding" => {
            let account = world.account.trim_start_matches('0');
            json!({"account_id": account, "amount": number + 1, "currency": "USD"})
        }
        "/deposits" => json!({
            "coin": "USDT_TRC20", "to_address": world.wallet.address, "amount": "9.5",
            "tx_hash": format!("{:064x}", number % 20), "confirmations": number % 50,
            "from_address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE",
            "report": pick(&["confirmed", "dropped"], random),
            "block": {"number": number, "hash": "ab".repeat(32), "time": "2026-11-21T12:00:00Z"},
        }),
        "/deposits/{deposit_id}/accept" => json!({"reason": "Seen on the chain"}),
        "/card-designs" => json!({"product_id": 111_004, "name": order}),
        "/accounts"
        | "/reset"
        | "/request-log"
        | "/work-orders"
        | "/files"
        | "/files/{file_id}/content"
        | "/card-designs/{design_id}"
        | "/cards/{card_id}/limits" => json!({}),
        _ => {
            return wallet::body(world, path, random)
                .or_else(|| queries::body(world, path, random));
        }
    })
}
