//! What events come from that neither API tells of, only our own words.

use serde_json::{Value, json};

use super::finci::{account, card, paid, stage_changed, with};
use super::{Desk, text};
use crate::Result;
use crate::sandbox::record_id;

pub(super) async fn account_created(desk: &Desk) -> Result<Value> {
    let (person_id, account_id) = account(desk).await?;
    Ok(json!({"person_id": person_id, "account_id": account_id}))
}

pub(super) async fn authorization_expired(desk: &Desk) -> Result<Value> {
    let (card, id) = paid(desk).await?;
    desk.simulate("expiry", &json!({"authorization_id": id}))
        .await?;
    Ok(json!({"token_id": card.token_id, "authorization_id": id}))
}

pub(super) async fn authorization_released(desk: &Desk) -> Result<Value> {
    let (card, id) = paid(desk).await?;
    let less = json!({"authorization_id": id, "amount": 1_000, "final": true});
    desk.simulate("clearing", &less).await?;
    Ok(json!({"token_id": card.token_id, "authorization_id": id}))
}

pub(super) async fn dispute_changed(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let posted = desk.simulate("force-post", &card.asks(1_250)).await?;
    let transaction = text(&posted, "transaction_id")?;
    let dispute = json!({"transaction_id": transaction, "amount": 1_250});
    let answer = desk.simulate("dispute", &dispute).await?;
    let told = json!({"token_id": card.token_id, "transaction_id": transaction});
    Ok(with(told, "dispute_id", &text(&answer, "dispute_id")?))
}

pub(super) async fn shipment_changed(desk: &Desk) -> Result<Value> {
    let told = stage_changed(desk).await?;
    let card = text(&told, "token_id")?;
    let shipped = json!({"card_id": record_id(&card), "step": "shipped"});
    desk.simulate("shipping", &shipped).await?;
    Ok(told)
}

pub(super) async fn challenge_ended(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let mut begun = card.asks(1_250);
    begun["kind"] = "otp".into();
    begun["merchant"] = json!({"name": "Kavine"});
    let answer = desk.simulate("three-ds", &begun).await?;
    let id = text(&answer, "challenge_id")?;
    let confirmed = json!({"challenge_id": id, "decision": "confirm"});
    desk.simulate("three-ds", &confirmed).await?;
    Ok(json!({"token_id": card.token_id, "challenge_id": id}))
}

pub(super) async fn wallet_token_changed(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let begun = json!({"card_id": record_id(&card.token_id), "wallet": "apple"});
    let answer = desk.simulate("wallet-token", &begun).await?;
    let id = text(&answer, "token_id")?;
    Ok(json!({"token_id": card.token_id, "wallet_token_id": id}))
}
