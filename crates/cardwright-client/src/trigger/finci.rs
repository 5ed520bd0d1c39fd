//! What FINCI's events come from.

use serde_json::{Value, json};

use super::{Desk, text, unique};
use crate::Result;
use crate::finci::requests::{Address, NewAccount, NewCard, NewPerson};
use crate::finci::{StageChange, StatusChange};
use crate::sandbox::record_id;

/// In which currency cards of this kind are.
const CURRENCY: &str = "EUR";

/// A card with money behind it.
#[expect(
    clippy::struct_field_names,
    reason = "they are ids and nothing else, under the names of the wire"
)]
pub(super) struct Card {
    person_id: String,
    account_id: String,
    pub(super) token_id: String,
}

impl Card {
    fn told(&self) -> Value {
        json!({
            "person_id": self.person_id,
            "account_id": self.account_id,
            "token_id": self.token_id,
        })
    }

    /// An amount that is asked for by this card, in cents.
    pub(super) fn asks(&self, amount: i64) -> Value {
        json!({"card_id": record_id(&self.token_id), "amount": amount, "currency": CURRENCY})
    }
}

/// What was made, and this besides.
pub(super) fn with(mut told: Value, name: &str, id: &str) -> Value {
    told[name] = id.into();
    told
}

fn address() -> Address {
    Address {
        line1: "Gedimino pr. 1".to_owned(),
        city: "Vilnius".to_owned(),
        postal_code: "LT-01103".to_owned(),
        country: "LT".to_owned(),
        ..Address::default()
    }
}

pub(super) async fn account(desk: &Desk) -> Result<(String, String)> {
    let external_id = unique();
    let person = NewPerson {
        first_name: "Jonas".to_owned(),
        last_name: "Jonaitis".to_owned(),
        birth_date: "1990-05-17".to_owned(),
        email: format!("{external_id}@example.com"),
        phone: "+37060000000".to_owned(),
        address: address(),
        external_id,
        ..NewPerson::default()
    };
    let person_id = desk.finci.create_person(&person).await?;
    let account = NewAccount {
        person_id: Some(person_id.clone()),
        currency: CURRENCY.to_owned(),
        ..NewAccount::default()
    };
    let account_id = desk.finci.create_account(&account).await?;
    Ok((person_id, account_id))
}

/// A new active card whose account has 1,000.00.
pub(super) async fn card(desk: &Desk) -> Result<Card> {
    let (person_id, account_id) = account(desk).await?;
    let funding =
        json!({"account_id": record_id(&account_id), "amount": 100_000, "currency": CURRENCY});
    desk.simulate("funding", &funding).await?;
    let card = NewCard {
        person_id: Some(person_id.clone()),
        account_id: Some(account_id.clone()),
        product_id: desk.product_id,
        embossing_name: "JONAS JONAITIS".to_owned(),
        token_status: "active".to_owned(),
        token_stage: "digital".to_owned(),
        delivery_address: address(),
        ..NewCard::default()
    };
    let token_id = desk.finci.create_card(&card).await?;
    Ok(Card {
        person_id,
        account_id,
        token_id,
    })
}

/// A payment of 12.50; what was made, and the authorization.
pub(super) async fn paid(desk: &Desk) -> Result<(Card, String)> {
    let card = card(desk).await?;
    let answer = desk.simulate("authorization", &card.asks(1_250)).await?;
    let id = text(&answer, "authorization_id")?;
    Ok((card, id))
}

pub(super) async fn authorization(desk: &Desk) -> Result<Value> {
    let (card, id) = paid(desk).await?;
    Ok(with(card.told(), "authorization_id", &id))
}

pub(super) async fn declined(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let answer = desk.simulate("authorization", &card.asks(100_001)).await?;
    let id = text(&answer, "authorization_id")?;
    Ok(with(card.told(), "authorization_id", &id))
}

pub(super) async fn incremental(desk: &Desk) -> Result<Value> {
    let (card, id) = paid(desk).await?;
    let more = json!({"authorization_id": id, "amount": 500, "currency": CURRENCY});
    desk.simulate("increment", &more).await?;
    Ok(with(card.told(), "authorization_id", &id))
}

pub(super) async fn reversal(desk: &Desk) -> Result<Value> {
    let (card, id) = paid(desk).await?;
    desk.simulate("reversal", &json!({"authorization_id": id}))
        .await?;
    Ok(with(card.told(), "authorization_id", &id))
}

/// What was made, and the transaction that settled it.
async fn cleared(desk: &Desk) -> Result<(Value, String)> {
    let (card, id) = paid(desk).await?;
    let clearing = json!({"authorization_id": id, "amount": 1_250, "currency": CURRENCY});
    let answer = desk.simulate("clearing", &clearing).await?;
    let transaction = text(&answer, "transaction_id")?;
    let told = with(card.told(), "authorization_id", &id);
    Ok((with(told, "transaction_id", &transaction), transaction))
}

pub(super) async fn presentment(desk: &Desk) -> Result<Value> {
    Ok(cleared(desk).await?.0)
}

pub(super) async fn deferred(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let answer = desk.simulate("force-post", &card.asks(1_250)).await?;
    let transaction = text(&answer, "transaction_id")?;
    Ok(with(card.told(), "transaction_id", &transaction))
}

pub(super) async fn returned(desk: &Desk) -> Result<Value> {
    let (told, transaction) = cleared(desk).await?;
    let refund = json!({"transaction_id": transaction});
    let answer = desk.simulate("refund", &refund).await?;
    let id = text(&answer, "transaction_id")?;
    Ok(with(told, "return_transaction_id", &id))
}

pub(super) async fn card_created(desk: &Desk) -> Result<Value> {
    Ok(card(desk).await?.told())
}

pub(super) async fn status_changed(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let change = StatusChange::to("deactivated");
    desk.finci
        .update_card_status(&card.token_id, &change)
        .await?;
    Ok(card.told())
}

pub(super) async fn stage_changed(desk: &Desk) -> Result<Value> {
    let card = card(desk).await?;
    let change = StageChange::to("plastic_not_delivered");
    desk.finci
        .update_card_stage(&card.token_id, &change)
        .await?;
    Ok(card.told())
}
