//! Authorizations, what raises them and what takes them back.
//!
//! Law: `id` and `advice` together name a message; consumers tell repeats by them. So what raises or
//! takes back has an `id` of its own and names the authorization in `original_id`.

use cardwright_core::{Amount, Authorization, Currency, DeclineReason, Void, WalletTokenId};
use cardwright_wire::{
    finci::events::{AuthorizationType, Event, Kind},
    kind::PaddedId,
    response_code::response_code,
};

use super::{super::Told, begun, merchant};
use crate::{
    error::{Error, Result},
    store::{ReadTx, decisions, wallet_tokens},
};

/// How the network was answered.
pub(super) async fn decided(tx: &mut ReadTx, told: Told<'_>, of: &Authorization) -> Result<Event> {
    let (asked, declined) = match billed(told)? {
        Some(amounts) => (amounts, reason(told)?),
        None => decided_before(tx, of).await?,
    };
    let wallet = wallet(tx, of).await?;
    Ok(Event {
        advice: Some(true),
        id: Some(of.number.clone()),
        authorization_type: Some(AuthorizationType::Authorization),
        response_code: Some(response_code(declined)),
        ..described(begun(Kind::Authorization, told), of, (asked, wallet))
    })
}

/// What an event from before its facts said it tells: what was asked, where a question was, else what
/// has become of the authorization since.
async fn decided_before(
    tx: &mut ReadTx,
    of: &Authorization,
) -> Result<((Amount, i64), Option<DeclineReason>)> {
    Ok(match decisions::about(tx, of.id).await? {
        Some(asked) => ((asked.amount, asked.billing_minor), asked.declined),
        None => ((of.asked, of.billing_minor), of.status.reason()),
    })
}

/// An open authorization was raised.
pub(super) async fn incremented(
    tx: &mut ReadTx,
    told: Told<'_>,
    of: &Authorization,
) -> Result<Event> {
    increment(tx, told, (of, None)).await
}

/// An open authorization was not raised.
pub(super) async fn increment_declined(
    tx: &mut ReadTx,
    told: Told<'_>,
    of: &Authorization,
) -> Result<Event> {
    let corrupt = || Error::Corrupt(format!("reason of event {}", told.event.id));
    let reason = reason(told)?.ok_or_else(corrupt)?;
    increment(tx, told, (of, Some(reason))).await
}

/// What came of an increment, under the name of the question where one was asked.
async fn increment(
    tx: &mut ReadTx,
    told: Told<'_>,
    (of, declined): (&Authorization, Option<DeclineReason>),
) -> Result<Event> {
    let question = if told.event.facts.contains_key("question") {
        Some(told.event.record("question", Ok::<i64, Error>)?)
    } else {
        None
    };
    let named = question.unwrap_or(told.event.id);
    let amounts = match (billed(told)?, question) {
        (Some(amounts), _) => amounts,
        (None, None) => part_of(of, amount(told)?),
        // Events from before their facts said it.
        (None, Some(id)) => match decisions::find(tx, id).await? {
            Some(asked) => (asked.amount, asked.billing_minor),
            None => part_of(of, amount(told)?),
        },
    };
    let wallet = wallet(tx, of).await?;
    Ok(Event {
        id: Some(number(named)),
        authorization_type: Some(AuthorizationType::Incremental),
        advice: Some(true),
        response_code: Some(response_code(declined)),
        original_id: Some(of.number.clone()),
        ..described(begun(Kind::Authorization, told), of, (amounts, wallet))
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

/// What was still approved is taken back without anybody asking for it: by the clock, because nothing
/// came of it, or because its merchant took less.
pub(super) async fn ended(tx: &mut ReadTx, told: Told<'_>, of: &Authorization) -> Result<Event> {
    let given_back = match billed(told)? {
        Some(amounts) => amounts,
        None => part_of(of, amount(told)?),
    };
    Ok(Event {
        id: Some(number(told.event.id)),
        ..taken_back(tx, told, of, given_back).await?
    })
}

async fn taken_back(
    tx: &mut ReadTx,
    told: Told<'_>,
    of: &Authorization,
    given_back: (Amount, i64),
) -> Result<Event> {
    let wallet = wallet(tx, of).await?;
    Ok(Event {
        advice: Some(true),
        authorization_type: Some(AuthorizationType::Reversal),
        response_code: Some(response_code(None)),
        original_id: Some(of.number.clone()),
        ..described(begun(Kind::Authorization, told), of, (given_back, wallet))
    })
}

/// What every message about an authorization says, the question and the advice alike.
pub(in crate::webhooks) fn described(
    event: Event,
    of: &Authorization,
    ((amount, billing_minor), wallet): ((Amount, i64), Option<&'static str>),
) -> Event {
    Event {
        purpose: Some(of.kind.word()),
        token_id: Some(PaddedId(of.card.get())),
        account_id: Some(PaddedId(of.account.get())),
        amount: Some(amount.to_string()),
        currency: Some(amount.currency().code().to_owned()),
        billing_amount: Some(of.billing_currency.print(billing_minor)),
        billing_currency: Some(of.billing_currency.code().to_owned()),
        merchant: Some(merchant(&of.merchant)),
        channel: Some(of.channel.word()),
        wallet,
        ..event
    }
}

/// The wallet that a card was in when it was used.
pub(crate) async fn wallet(tx: &mut ReadTx, of: &Authorization) -> Result<Option<&'static str>> {
    let Some(token) = of.wallet_token else {
        return Ok(None);
    };
    let id = WalletTokenId::new(token)
        .map_err(|_| Error::Corrupt(format!("wallet of authorization {}", of.id)))?;
    Ok(Some(wallet_tokens::get(tx, id).await?.wallet.word()))
}

/// A record id in the length of an authorization's number.
pub(in crate::webhooks) fn number(id: i64) -> String {
    format!("{id:018}")
}

/// The amount among the facts, in the asked currency.
fn amount(told: Told<'_>) -> Result<Amount> {
    named_amount(told, ("amount", "currency"))
}

/// The amount and what it meant for the account, where the facts say so: what became of the
/// authorization later does not change what is told of this.
fn billed(told: Told<'_>) -> Result<Option<(Amount, i64)>> {
    if !told.event.facts.contains_key("billing_amount") {
        return Ok(None);
    }
    let billing = named_amount(told, ("billing_amount", "billing_currency"))?;
    Ok(Some((amount(told)?, billing.minor())))
}

fn named_amount(told: Told<'_>, (minor, currency): (&str, &str)) -> Result<Amount> {
    let event = told.event;
    let corrupt = || Error::Corrupt(format!("{minor} of event {}", event.id));
    let currency = Currency::parse(event.fact(currency)?).ok_or_else(corrupt)?;
    let minor = event.fact(minor)?.parse().map_err(|_| corrupt())?;
    Amount::from_minor(minor, currency).ok_or_else(corrupt)
}

/// Why the network was told no, if it was.
fn reason(told: Told<'_>) -> Result<Option<DeclineReason>> {
    let event = told.event;
    if !event.facts.contains_key("reason") {
        return Ok(None);
    }
    let corrupt = || Error::Corrupt(format!("reason of event {}", event.id));
    let reason = DeclineReason::from_word(event.fact("reason")?);
    reason.map(Some).ok_or_else(corrupt)
}

/// What part of an authorization means for the account, in proportion.
fn part_of(of: &Authorization, amount: Amount) -> (Amount, i64) {
    let (whole, billing) = (i128::from(of.approved_minor), i128::from(of.billing_minor));
    if whole == 0 {
        return (amount, 0);
    }
    let part = i64::try_from(i128::from(amount.minor()) * billing / whole);
    (amount, part.unwrap_or(of.billing_minor))
}
