//! Events in the words of the FINCI contract.

pub mod authorization;
pub(crate) mod cards;
mod settlements;

use cardwright_core::{AuthorizationId, AuthorizationKind, VoidId};
use cardwright_wire::{
    finci::events::{Event, Kind, Merchant},
    instant::Rfc3339,
};

use super::{Message, Told, written};
use crate::{
    error::Result,
    store::{ReadTx, authorizations, voids},
};

/// What an event means to a FINCI integrator: one message, or nothing where the contract has no
/// word for it.
pub(super) async fn messages(tx: &mut ReadTx, told: Told<'_>) -> Result<Vec<Message>> {
    let Some(event) = event(tx, told).await? else {
        return Ok(Vec::new());
    };
    let word = event.event.word();
    Ok(vec![Message {
        id: told.id(),
        event: word.to_owned(),
        words: vec![word.to_owned()],
        category: None,
        body: written(&event)?,
    }])
}

async fn event(tx: &mut ReadTx, told: Told<'_>) -> Result<Option<Event>> {
    Ok(Some(match told.event.kind.as_str() {
        "authorization_decided"
        | "authorization_incremented"
        | "authorization_increment_declined"
        | "authorization_reversed"
        | "authorization_expired"
        | "authorization_released" => return authorized(tx, told).await,
        "transaction_posted" => settlements::posted(tx, told).await?,
        "card_created" => cards::created(tx, told).await?,
        "card_status_changed" | "card_blocked" | "card_unblocked" => {
            return cards::status_changed(tx, told).await;
        }
        "card_stage_changed" => cards::stage_changed(tx, told).await?,
        _ => return Ok(None),
    }))
}

async fn authorized(tx: &mut ReadTx, told: Told<'_>) -> Result<Option<Event>> {
    let happened = told.event;
    let of = happened.record("authorization", AuthorizationId::new)?;
    let of = authorizations::get(tx, of).await?;
    if !is_told(of.kind) {
        return Ok(None);
    }
    let event = match happened.kind.as_str() {
        "authorization_decided" => authorization::decided(tx, told, &of).await?,
        "authorization_incremented" => authorization::incremented(tx, told, &of).await?,
        "authorization_increment_declined" => {
            authorization::increment_declined(tx, told, &of).await?
        }
        "authorization_reversed" if happened.facts.contains_key("void") => {
            let void = voids::get(tx, happened.record("void", VoidId::new)?).await?;
            authorization::reversed(tx, told, (&of, &void)).await?
        }
        // The others say how much, as do reversals from before their record was named.
        _ => authorization::ended(tx, told, &of).await?,
    };
    Ok(Some(event))
}

/// Whether an integrator is told of an authorization for this. The contract has no word that tells
/// money that comes in from money that is spent, so of leave to give money back it is not told: the
/// return that follows says what was given. Nor of a look at a balance, which moves nothing.
fn is_told(kind: AuthorizationKind) -> bool {
    match kind {
        AuthorizationKind::Purchase
        | AuthorizationKind::Cash
        | AuthorizationKind::QuasiCash
        | AuthorizationKind::Verification => true,
        AuthorizationKind::BalanceInquiry | AuthorizationKind::Refund => false,
    }
}

fn begun(kind: Kind, told: Told<'_>) -> Event {
    let at = Rfc3339(told.event.created_at);
    Event {
        sequence: Some(told.sequence),
        ..Event::new(kind, told.id(), at)
    }
}

fn merchant(of: &cardwright_core::Merchant) -> Merchant {
    Merchant {
        name: of.name.clone(),
        id: of.id.clone(),
        mcc: of.mcc.to_string(),
        city: of.city.clone(),
        country: of.country.alpha2().to_owned(),
    }
}

/// The words of `event`.
pub(super) fn words() -> Vec<&'static str> {
    Kind::ALL.map(Kind::word).to_vec()
}
