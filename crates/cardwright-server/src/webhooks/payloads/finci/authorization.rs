//! Authorizations, what raises them and what takes them back.
//!
//! Law: `id` and `advice` together name a message; consumers tell repeats by them. So what raises or
//! takes back has an `id` of its own and names the authorization in `original_id`.

use cardwright_core::{Amount, Authorization, Currency, Void, WalletTokenId};
use cardwright_wire::{
    finci::events::{AuthorizationType, Event, Kind},
    kind::PaddedId,
    response_code::response_code,
};

use super::{super::Told, begun, merchant};
use crate::{
    error::{Error, Result},
    store::{ReadTx, wallet_tokens},
};

/// How the network was answered.
pub(super) async fn decided(tx: &mut ReadTx, told: Told<'_>, of: &Authorization) -> Result<Event> {
    let asked = (of.asked, of.billing_minor);
    Ok(Event {
        id: Some(of.number.clone()),
        authorization_type: Some(AuthorizationType::Authorization),
        response_code: Some(response_code(of.status.reason())),
        ..described(tx, begun(Kind::Authorization, told), of, asked).await?
    })
}

/// An open authorization was raised.
pub(super) async fn incremented(
    tx: &mut ReadTx,
    told: Told<'_>,
    of: &Authorization,
) -> Result<Event> {
    let amount = amount(told)?;
    let billing = part(of, amount);
    Ok(Event {
        id: Some(number(told.event.id)),
        authorization_type: Some(AuthorizationType::Incremental),
        response_code: Some(response_code(None)),
        original_id: Some(of.number.clone()),
        ..described(tx, begun(Kind::Authorization, told), of, (amount, billing)).await?
    })
}

/// An authorization was taken back, all of it or so much.
pub(super) async fn reversed(
    tx: &mut ReadTx,
    told: Told<'_>,
    (of, void): (&Authorization, &Void),
) -> Result<Event> {
    let given_back = (void.amount, void.billing.minor());
    Ok(Event {
        id: Some(number(void.id.get())),
        ..taken_back(tx, told, of, given_back).await?
    })
}

/// Nothing came of what was still approved, so it is taken back by the clock.
pub(super) async fn ended(tx: &mut ReadTx, told: Told<'_>, of: &Authorization) -> Result<Event> {
    let amount = amount(told)?;
    Ok(Event {
        id: Some(number(told.event.id)),
        ..taken_back(tx, told, of, (amount, part(of, amount))).await?
    })
}

async fn taken_back(
    tx: &mut ReadTx,
    told: Told<'_>,
    of: &Authorization,
    given_back: (Amount, i64),
) -> Result<Event> {
    Ok(Event {
        authorization_type: Some(AuthorizationType::Reversal),
        response_code: Some(response_code(None)),
        original_id: Some(of.number.clone()),
        ..described(tx, begun(Kind::Authorization, told), of, given_back).await?
    })
}

/// What every message about an authorization says.
async fn described(
    tx: &mut ReadTx,
    event: Event,
    of: &Authorization,
    (amount, billing_minor): (Amount, i64),
) -> Result<Event> {
    Ok(Event {
        advice: Some(true),
        token_id: Some(PaddedId(of.card.get())),
        account_id: Some(PaddedId(of.account.get())),
        amount: Some(amount.to_string()),
        currency: Some(amount.currency().code().to_owned()),
        billing_amount: Some(of.billing_currency.print(billing_minor)),
        billing_currency: Some(of.billing_currency.code().to_owned()),
        merchant: Some(merchant(&of.merchant)),
        channel: Some(of.channel.word()),
        wallet: wallet(tx, of).await?,
        ..event
    })
}

/// The wallet that a card was in when it was used.
pub(super) async fn wallet(tx: &mut ReadTx, of: &Authorization) -> Result<Option<&'static str>> {
    let Some(token) = of.wallet_token else {
        return Ok(None);
    };
    let id = WalletTokenId::new(token)
        .map_err(|_| Error::Corrupt(format!("wallet of authorization {}", of.id)))?;
    Ok(Some(wallet_tokens::get(tx, id).await?.wallet.word()))
}

/// A record id in the length of an authorization's number.
fn number(id: i64) -> String {
    format!("{id:018}")
}

/// The amount among the facts, in the asked currency. Events from before it was kept say none.
fn amount(told: Told<'_>) -> Result<Amount> {
    let event = told.event;
    let corrupt = || Error::Corrupt(format!("amount of event {}", event.id));
    let currency = Currency::parse(event.fact("currency")?).ok_or_else(corrupt)?;
    let minor = event.fact("amount")?.parse().map_err(|_| corrupt())?;
    Amount::from_minor(minor, currency).ok_or_else(corrupt)
}

/// What part of an authorization means for the account, in proportion.
fn part(of: &Authorization, amount: Amount) -> i64 {
    let (whole, billing) = (i128::from(of.approved_minor), i128::from(of.billing_minor));
    if whole == 0 {
        return 0;
    }
    i64::try_from(i128::from(amount.minor()) * billing / whole).unwrap_or(of.billing_minor)
}
