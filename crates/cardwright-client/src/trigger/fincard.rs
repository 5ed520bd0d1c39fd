//! What FinCard's events come from.

use serde_json::{Value, json};

use super::{Desk, unique};
use crate::fincard::records::{Authorization, Holder};
use crate::fincard::{Client, Fields};
use crate::{Error, Result};

/// The seeded products.
const VIRTUAL: i64 = 111_001;
const PHYSICAL: i64 = 111_002;
/// How often the checks of a cardholder are looked at before they are taken for stuck.
const LOOKS: usize = 50;
/// How often a step that may come by itself is waited for.
const PATIENT_LOOKS: usize = 25;

fn order() -> Fields {
    Fields::new().with("merchantOrderNo", unique())
}

/// A virtual card with 100.00 on it.
async fn card(client: &Client) -> Result<String> {
    let opening = order().with("cardTypeId", VIRTUAL).with("amount", "100.00");
    Ok(client.open_card(opening).await?.card_no)
}

fn told(card_no: &str) -> Value {
    json!({"cardNo": card_no})
}

/// A new card, and an order on it.
macro_rules! ordered {
    ($($name:ident: $call:ident $(, $field:literal = $value:expr)*;)+) => {$(
        pub(super) async fn $name(desk: &Desk) -> Result<Value> {
            let client = desk.fincard().await?;
            let card = card(&client).await?;
            let order = client.$call(order().card(&card)$(.with($field, $value))*).await?;
            Ok(json!({"cardNo": card, "orderNo": order.order_no}))
        }
    )+};
}

ordered! {
    deposit: deposit, "amount" = "10.00";
    withdraw: withdraw, "amount" = "10.00";
    cancel: cancel;
    freeze: freeze;
    card_update: update_card, "spendingControls" = json!([{"interval": "PER_TRANSACTION", "amount": "500.00"}]);
}

pub(super) async fn create(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(told(&card(&client).await?))
}

pub(super) async fn unfreeze(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    client.freeze(order().card(&card)).await?;
    let lifted = client.unfreeze(order().card(&card)).await?;
    Ok(json!({"cardNo": card, "orderNo": lifted.order_no}))
}

pub(super) async fn blocked(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let reason = json!({"reason": "triggered"});
    let path = format!("/admin/v1/cards/{card}/block");
    desk.operator.post(&path, &reason).await?;
    Ok(told(&card))
}

/// A merchant is paid more than the card has; the wallet settles what it owes.
pub(super) async fn overdraft_statement(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let posted = json!({"card_id": card, "amount": 12_000, "currency": "USD"});
    desk.simulate("force-post", &posted).await?;
    Ok(told(&card))
}

async fn simulated(client: &Client, card: &str, kind: &str, amount: &str) -> Result<Authorization> {
    let happening = Fields::new()
        .card(card)
        .with("type", kind)
        .with("amount", amount)
        .with("currency", "USD");
    client.simulate(happening).await
}

fn traded(card: &str, trade: &Authorization) -> Value {
    json!({"cardNo": card, "tradeNo": trade.trade_no})
}

pub(super) async fn auth(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let paid = simulated(&client, &card, "auth", "12.50").await?;
    Ok(traded(&card, &paid))
}

/// What takes back or gives back a payment from before.
async fn following(desk: &Desk, kind: &str) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let paid = simulated(&client, &card, "auth", "12.50").await?;
    let mut number = paid.trade_no;
    if kind == "refund" {
        let clearing = json!({"authorization_id": number, "amount": 1_250, "currency": "USD"});
        desk.simulate("clearing", &clearing).await?;
    }
    let back = Fields::new()
        .card(&card)
        .with("type", kind)
        .with("amount", "12.50")
        .with("currency", "USD")
        .with("originSerialNumber", number.clone());
    number = client.simulate(back).await?.trade_no;
    Ok(json!({"cardNo": card, "tradeNo": number}))
}

pub(super) async fn void(desk: &Desk) -> Result<Value> {
    following(desk, "Void").await
}

pub(super) async fn refund(desk: &Desk) -> Result<Value> {
    following(desk, "refund").await
}

pub(super) async fn verification(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let asked = json!({
        "card_id": card, "amount": 0, "currency": "USD", "type": "account_verification",
    });
    desk.simulate("authorization", &asked).await?;
    Ok(told(&card))
}

pub(super) async fn maintain_fee(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let fee = simulated(&client, &card, "maintain_fee", "1.00").await?;
    Ok(traded(&card, &fee))
}

/// The fee is more than the card has, so the wallet pays it.
pub(super) async fn patch_fee(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let fee = simulated(&client, &card, "maintain_fee", "150.00").await?;
    Ok(traded(&card, &fee))
}

/// The card can pay what it bought abroad, but not the price of the exchange as well. While this is
/// done, the product takes 2 % for it.
pub(super) async fn patch_cross_border(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let path = format!("/admin/v1/products/{VIRTUAL}/terms");
    let mut before = desk.operator.get(&path).await?.json()?;
    if let Some(terms) = before.as_object_mut() {
        terms.remove("product_id");
    }
    let mut dearer = before.clone();
    dearer["markup_basis_points"] = 200.into();
    desk.operator.put(&path, &dearer).await?;
    let posted = bought_abroad(desk, &card).await;
    // Whatever came of it, the product is as it was.
    desk.operator.put(&path, &before).await?;
    posted.map(|()| told(&card))
}

/// Spends all but a little, by the rate of the sandbox.
async fn bought_abroad(desk: &Desk, card: &str) -> Result<()> {
    let asked = json!({"card_id": card, "amount": 1_000, "currency": "EUR"});
    let answer = desk.simulate("authorization", &asked).await?;
    let billed = answer["billing_amount"].as_i64().unwrap_or_default();
    let reversal = json!({"authorization_id": answer["authorization_id"]});
    desk.simulate("reversal", &reversal).await?;
    // What a thousand cost includes the 2 %; what the whole card buys leaves less than that.
    let without_markup = billed * 100 / 102;
    if without_markup <= 0 {
        return Err(Error::Answer {
            reason: "has no `billing_amount`".to_owned(),
        });
    }
    let amount = 9_950 * 1_000 / without_markup;
    let posted = json!({"card_id": card, "amount": amount, "currency": "EUR"});
    desk.simulate("force-post", &posted).await.map(|_| ())
}

async fn challenged(desk: &Desk, kind: &str) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let begun = json!({
        "card_id": card, "kind": kind, "merchant": {"name": "Kavine"},
        "amount": 1_250, "currency": "USD",
    });
    let answer = desk.simulate("three-ds", &begun).await?;
    Ok(json!({"cardNo": card, "challenge_id": answer["challenge_id"]}))
}

pub(super) async fn otp(desk: &Desk) -> Result<Value> {
    challenged(desk, "otp").await
}

pub(super) async fn auth_url(desk: &Desk) -> Result<Value> {
    challenged(desk, "url").await
}

/// A cardholder who stays where the checks are until somebody decides.
async fn holder(client: &Client) -> Result<Holder> {
    let fields = Fields::new()
        .with("firstName", "Ana")
        .with("lastName", "REVIEW")
        .with("birthday", "1990-05-17")
        .with("email", format!("{}@example.com", unique()))
        .with("address", "2 Main Street")
        .with("country", "AU")
        .with("idNumber", unique());
    client.create_holder(fields).await
}

/// Takes a cardholder to this status, by the steps that staff and channel take.
///
/// Where the checks are automatic, the first step comes by itself; it is waited for, because taking
/// it at the same moment would take two. Where nothing comes, an operator takes it.
async fn reviewed(desk: &Desk, status: &str) -> Result<i64> {
    let client = desk.fincard().await?;
    let id = holder(&client).await?.holder_id;
    for look in 0..LOOKS {
        let asked = Fields::new().with("holderId", id);
        let found = client.holders(asked).await?;
        let at = found.records.first().map(|holder| holder.status.as_str());
        let mut decision = json!({"holder_id": id.to_string(), "decision": "approve"});
        match at {
            Some(at) if at == status => return Ok(id),
            _ if status == "reject" => {
                decision["decision"] = "reject".into();
                decision["reason"] = "triggered".into();
            }
            Some("wait_audit") if look < PATIENT_LOOKS => {
                desk.pause().await;
                continue;
            }
            _ => {}
        }
        match desk.simulate("holder-review", &decision).await {
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Answer {
        reason: format!("never shows the cardholder as {status}"),
    })
}

fn reviewed_told(id: i64) -> Value {
    json!({"holderId": id})
}

pub(super) async fn wait_audit(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(reviewed_told(holder(&client).await?.holder_id))
}

pub(super) async fn under_review(desk: &Desk) -> Result<Value> {
    reviewed(desk, "under_review").await.map(reviewed_told)
}

pub(super) async fn pass_audit(desk: &Desk) -> Result<Value> {
    reviewed(desk, "pass_audit").await.map(reviewed_told)
}

pub(super) async fn reject(desk: &Desk) -> Result<Value> {
    reviewed(desk, "reject").await.map(reviewed_told)
}

pub(super) async fn change_email(desk: &Desk) -> Result<Value> {
    let id = reviewed(desk, "pass_audit").await?;
    let client = desk.fincard().await?;
    let email = Fields::new()
        .with("holderId", id)
        .with("email", format!("{}@example.com", unique()));
    client.update_holder_email(email).await?;
    Ok(reviewed_told(id))
}

/// A physical card that waits for its code.
async fn plastic(desk: &Desk, client: &Client) -> Result<String> {
    let holder = reviewed(desk, "pass_audit").await?;
    let types = client.card_types(Fields::new()).await?;
    let bin = types
        .iter()
        .find(|kind| kind.card_type_id == PHYSICAL)
        .and_then(|kind| kind.more.get("bankCardBin")?.as_str())
        .unwrap_or_default();
    let opening = order()
        .with("cardTypeId", PHYSICAL)
        .with("amount", "100.00")
        .with("holderId", holder)
        .with("cardNumber", printed_number(bin));
    Ok(client.open_card(opening).await?.card_no)
}

/// A card number as it would be printed: this BIN, random digits, and a last one that adds up.
fn printed_number(bin: &str) -> String {
    let random = unique();
    let digits = random.bytes().map(|byte| char::from(b'0' + byte % 10));
    let body: String = bin.chars().chain(digits).take(15).collect();
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| {
            let digit = if place % 2 == 0 { digit * 2 } else { digit };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

pub(super) async fn activation_code(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(told(&plastic(desk, &client).await?))
}

async fn activated(desk: &Desk, client: &Client) -> Result<String> {
    let card = plastic(desk, client).await?;
    let asked = Fields::new().card(&card).with("type", "activation_code");
    let codes = client.challenges(asked).await?;
    let code = codes.records.first().ok_or_else(|| Error::Answer {
        reason: "has no activation code".to_owned(),
    })?;
    let activate = order()
        .card(&card)
        .with("pin", "294751")
        .with("activationCode", code.values.expose());
    client.activate(activate).await?;
    Ok(card)
}

pub(super) async fn card_activated(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(told(&activated(desk, &client).await?))
}

pub(super) async fn update_pin(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = activated(desk, &client).await?;
    let pin = order().card(&card).with("pin", "385162");
    client.update_pin(pin).await?;
    Ok(told(&card))
}

pub(super) async fn work(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let asked = order()
        .with("title", "ApplePay")
        .with("target", "card")
        .with("tradeType", "CARD_ACTIVE")
        .with("content", "Please activate");
    let submitted = client.submit_work(asked).await?;
    let decided = json!({"work_order_id": submitted.order_no, "decision": "success"});
    desk.simulate("work-order", &decided).await?;
    Ok(json!({"orderNo": submitted.order_no}))
}

pub(super) async fn coins(desk: &Desk) -> Result<Value> {
    let sent = json!({"coin": "USDT_TRC20", "amount": "9"});
    desk.simulate("crypto-deposit", &sent).await
}

pub(super) async fn announced_coins(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let announced = Fields::new().with("amount", "50.00").with("chain", "TRC20");
    let announced = client.wallet_deposit(announced).await?;
    let amount = announced.more.get("actualDepositAmount");
    let sent = json!({"coin": "USDT_TRC20", "amount": amount});
    desk.simulate("crypto-deposit", &sent).await?;
    Ok(json!({"orderNo": announced.order_no}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_adds_up_and_begins_with_its_bin() {
        for bin in ["424242", "400005", "37144963"] {
            let number = printed_number(bin);
            assert!(number.starts_with(bin) && number.len() == 16, "{number}");
            let sum: u32 = number
                .bytes()
                .rev()
                .enumerate()
                .map(|(place, digit)| {
                    let digit = u32::from(digit - b'0') * (1 + u32::from(place % 2 == 1));
                    digit / 10 + digit % 10
                })
                .sum();
            assert_eq!(sum % 10, 0, "{number}");
        }
    }
}
