//! What FinCard's events come from.

use serde_json::{Value, json};

use super::{Desk, unique};
use crate::fincard::Client;
use crate::fincard::records::{Authorization, Holder};
use crate::fincard::requests::{
    Activate, AnnounceDeposit, CardOrder, ChallengeQuery, Happening, HolderQuery, IdentityDocument,
    MoveMoney, NewHolder, OpenCard, Origin, Person, Simulate, SpendingControl, SubmitWork,
    UpdateCard, UpdateEmail, UpdatePin, Work,
};
use crate::{Error, Result, Secret};

/// The seeded products.
const VIRTUAL: i64 = 111_001;
const PHYSICAL: i64 = 111_002;
/// How often the checks of a cardholder are looked at before they are taken for stuck.
const LOOKS: usize = 50;
/// How often a step that may come by itself is waited for.
const PATIENT_LOOKS: usize = 25;

/// A virtual card with 100.00 on it.
async fn card(client: &Client) -> Result<String> {
    let opening = OpenCard::new(unique(), VIRTUAL).amount("100.00");
    Ok(client.open_card(&opening).await?.card_no)
}

fn told(card_no: &str) -> Value {
    json!({"cardNo": card_no})
}

/// A new card, and an order on it.
macro_rules! ordered {
    ($($name:ident: $call:ident, $order:expr;)+) => {$(
        pub(super) async fn $name(desk: &Desk) -> Result<Value> {
            let client = desk.fincard().await?;
            let card = card(&client).await?;
            let order = client.$call(&$order(&card)).await?;
            Ok(json!({"cardNo": card, "orderNo": order.order_no}))
        }
    )+};
}

ordered! {
    deposit: deposit, |card: &str| MoveMoney::new(card, unique(), "10.00");
    withdraw: withdraw, |card: &str| MoveMoney::new(card, unique(), "10.00");
    cancel: cancel, |card: &str| CardOrder::new(card, unique());
    freeze: freeze, |card: &str| CardOrder::new(card, unique());
    card_update: update_card, limited;
}

fn limited(card: &str) -> UpdateCard {
    let limit = SpendingControl {
        interval: "PER_TRANSACTION".to_owned(),
        amount: "500.00".to_owned(),
    };
    let update = UpdateCard::new(card).merchant_order_no(unique());
    update.spending_controls([limit])
}

pub(super) async fn create(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(told(&card(&client).await?))
}

pub(super) async fn unfreeze(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let order = || CardOrder::new(card.as_str(), unique());
    client.freeze(&order()).await?;
    let lifted = client.unfreeze(&order()).await?;
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

async fn simulated(
    client: &Client,
    card: &str,
    happening: Happening,
    amount: &str,
) -> Result<Authorization> {
    let happens = Simulate::new(card, happening, amount, "USD");
    client.simulate(&happens).await
}

fn traded(card: &str, trade: &Authorization) -> Value {
    json!({"cardNo": card, "tradeNo": trade.trade_no})
}

pub(super) async fn auth(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let paid = simulated(&client, &card, Happening::Auth, "12.50").await?;
    Ok(traded(&card, &paid))
}

/// A card, and a payment with it from before.
async fn paid(client: &Client) -> Result<(String, String)> {
    let card = card(client).await?;
    let paid = simulated(client, &card, Happening::Auth, "12.50").await?;
    Ok((card, paid.trade_no))
}

pub(super) async fn void(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let (card, origin) = paid(&client).await?;
    let taken_back = simulated(&client, &card, Happening::Void { origin }, "12.50").await?;
    Ok(traded(&card, &taken_back))
}

pub(super) async fn refund(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let (card, origin) = paid(&client).await?;
    let clearing = json!({"authorization_id": origin, "amount": 1_250, "currency": "USD"});
    desk.simulate("clearing", &clearing).await?;
    let given_back = simulated(&client, &card, Happening::Refund { origin }, "12.50").await?;
    Ok(traded(&card, &given_back))
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
    let fee = simulated(&client, &card, Happening::MaintainFee, "1.00").await?;
    Ok(traded(&card, &fee))
}

/// The fee is more than the card has, so the wallet pays it.
pub(super) async fn patch_fee(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = card(&client).await?;
    let fee = simulated(&client, &card, Happening::MaintainFee, "150.00").await?;
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
    let person = Person {
        first_name: "Ana".to_owned(),
        last_name: "REVIEW".to_owned(),
        birthday: "1990-05-17".to_owned(),
        email: mail(),
        address: "2 Main Street".to_owned(),
    };
    let origin = Origin::Country("AU".to_owned());
    let document = IdentityDocument::Number(unique());
    let fields = NewHolder::loose(person, origin, document);
    client.create_holder(&fields).await
}

/// An address that nobody else has.
fn mail() -> String {
    format!("{}@example.com", unique())
}

/// Takes a cardholder to this status, by the steps that staff and channel take.
///
/// Where the checks are automatic, the first step comes by itself; it is waited for, because taking
/// it at the same moment would take two. Where nothing comes, an operator takes it.
async fn reviewed(desk: &Desk, status: &str) -> Result<i64> {
    let client = desk.fincard().await?;
    let id = holder(&client).await?.holder_id;
    for look in 0..LOOKS {
        let found = client.holders(&HolderQuery::new().holder_id(id)).await?;
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
    client
        .update_holder_email(&UpdateEmail::new(id, mail()))
        .await?;
    Ok(reviewed_told(id))
}

/// A physical card that waits for its code.
async fn plastic(desk: &Desk, client: &Client) -> Result<String> {
    let holder = reviewed(desk, "pass_audit").await?;
    let types = client.card_types().await?;
    let bin = types
        .iter()
        .find(|kind| kind.card_type_id == PHYSICAL)
        .and_then(|kind| kind.bank_card_bin.as_deref())
        .unwrap_or_default();
    let opening = OpenCard::new(unique(), PHYSICAL)
        .amount("100.00")
        .holder_id(holder)
        .card_number(Secret::new(printed_number(bin)));
    Ok(client.open_card(&opening).await?.card_no)
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
    let asked = ChallengeQuery::new().card_no(card.as_str());
    let codes = client
        .challenges(&asked.challenge_type("activation_code"))
        .await?;
    let code = codes.records.into_iter().next();
    let code = code.ok_or_else(|| Error::Answer {
        reason: "has no activation code".to_owned(),
    })?;
    let pin = Secret::new("294751");
    let activate = Activate::new(card.as_str(), unique(), pin, code.values);
    client.activate(&activate).await?;
    Ok(card)
}

pub(super) async fn card_activated(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    Ok(told(&activated(desk, &client).await?))
}

pub(super) async fn update_pin(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let card = activated(desk, &client).await?;
    let pin = UpdatePin::new(card.as_str(), unique(), Secret::new("385162"));
    client.update_pin(&pin).await?;
    Ok(told(&card))
}

pub(super) async fn work(desk: &Desk) -> Result<Value> {
    let client = desk.fincard().await?;
    let asked = Work {
        title: "ApplePay".to_owned(),
        target: "card".to_owned(),
        trade_type: "CARD_ACTIVE".to_owned(),
        content: "Please activate".to_owned(),
    };
    let submitted = client
        .submit_work(&SubmitWork::new(unique(), asked))
        .await?;
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
    let announced = AnnounceDeposit::new("50.00").chain("TRC20");
    let announced = client.wallet_deposit(&announced).await?;
    let amount = &announced.actual_deposit_amount;
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
