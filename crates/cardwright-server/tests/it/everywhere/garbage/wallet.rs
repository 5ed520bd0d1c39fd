//! Right bodies of calls about accounts, work orders and the crypto wallet.

use rand::RngExt;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::{World, draft::pick};

/// A body that the route takes, if it is one of those.
pub fn body(world: &World<'_>, path: &str, random: &mut ChaCha20Rng) -> Option<Value> {
    if path.ends_with("/addresses") {
        let address = format!("0x{:040x}", random.random_range(1..300));
        return Some(json!({"addresses": [address]}));
    }
    if path.starts_with("/coins") {
        return Some(json!({
            "status": "enabled", "fee_rate_basis_points": 150, "fee_fixed": 0,
            "confirmations": 15, "deposit_min": 100, "deposit_max": 100_000_000,
        }));
    }
    let number: u32 = random.random_range(0..300);
    let account = world.account.trim_start_matches('0');
    let wallet = world.program.wallet.to_string();
    let call = path.strip_prefix("/api/v2.1/fincard/virtual/")?;
    Some(match call {
        "work/submit" => json!({
            "merchantOrderNo": format!("work-{number}"), "title": "ApplePay", "target": "card",
            "tradeType": "CARD_ACTIVE", "content": "Please activate", "remark": "soon",
        }),
        "work/list" => json!({"tradeStatus": pick(&["processing", "failed"], random)}),
        "account/list" => json!({"type": "MARGIN", "pageSize": 5, "accountId": account}),
        "account/single/query" => json!({"accountId": account}),
        "account/transaction" => json!({
            "pageNum": 1 + number % 3, "startTime": 1_795_000_000_000_i64, "accountId": wallet,
            "endTime": 1_795_500_000_000_i64, "bizType": pick(&["fixed", "card_deposit"], random),
            "orderNo": world.wallet.deposit,
        }),
        "account/create" => json!({"accountName": "Ads", "currency": "USD"}),
        "account/transfer" => json!({
            "type": pick(&["TRANSFER", "COLLECTION"], random), "fromAccountId": wallet,
            "toAccountId": account, "amount": format!("{number}.01"), "currency": "USD",
            "merchantOrderNo": format!("transfer-{number:013}"), "description": "why",
        }),
        "account/walletDeposit" => json!({
            "amount": number, "accountId": wallet, "currency": "USDT", "paymentMethod": "CRYPTO",
            "chain": pick(&["TRC20", "BEP20"], random),
        }),
        "account/walletDepositTransaction" => json!({
            "pageSize": 5, "accountId": wallet, "status": "success",
            "txId": world.wallet.tx_hash,
        }),
        "wallet/v2/create" => json!({
            "coinKey": pick(&["USDT_TRC20", "USDT_BEP20"], random), "label": "Main",
        }),
        "wallet/v2/addressList" => json!({
            "searchTerm": "t", "sortField": pick(&["label", "createTime"], random),
            "sortOrder": "asc", "active": true, "createDateFrom": "2026-01-01", "pageNum": 1,
        }),
        "wallet/v2/transaction" => json!({
            "pageNum": 1, "coinName": "USDT", "type": "DEPOSIT", "status": "success",
            "searchTerm": "c0",
        }),
        "wallet/v2/coins" => json!({}),
        _ => return None,
    })
}
