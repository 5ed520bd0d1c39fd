//! Records as they were when something happened to them, by the facts of the event that tells of it.
//!
//! Law: a message is made behind its event, when more may have happened, and tells of none of that. An
//! event from before its facts said so tells of the record as it is.

use cardwright_core::{
    Authorization, AuthorizationStatus, Currency, Holder, KycStage, KycState, LeftOnCard,
};

use crate::{
    error::{Error, Result},
    store::events::StoredEvent,
};

/// What is known of an authorization at an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'a> {
    event: &'a StoredEvent,
    status: &'a str,
}

impl<'a> Moment<'a> {
    /// The moment of an event; nothing where it does not say how the authorization stood.
    pub(super) fn of(event: &'a StoredEvent) -> Result<Option<Moment<'a>>> {
        let status = event.later_fact("authorization_status")?;
        Ok(status.map(|status| Moment { event, status }))
    }

    /// Where the authorization stood.
    pub(super) fn status(self, of: &Authorization) -> Result<AuthorizationStatus> {
        // One that was declined has nothing more to become, so its record says why.
        let reason = of.status.reason().filter(|_| self.status == "declined");
        let status = AuthorizationStatus::from_parts(self.status, reason);
        status.ok_or_else(|| Error::Corrupt(format!("status of event {}", self.event.id)))
    }

    /// The authorization as it stood, as far as messages tell of it.
    pub(super) fn authorization(self, of: Authorization) -> Result<Authorization> {
        let event = self.event;
        let (approved, billing) = match event.later_fact("approved_amount")? {
            Some(_) => ("approved_amount", "approved_billing_amount"),
            // A decision is about all that there is of it.
            None => ("amount", "billing_amount"),
        };
        Ok(Authorization {
            status: self.status(&of)?,
            approved_minor: event.number(approved)?,
            billing_minor: event.number(billing)?,
            ..of
        })
    }

    /// What the wallet paid of an exchange by the event itself, which is a record right behind it.
    pub(super) fn patched_minor(self) -> Result<i64> {
        match self.event.later_fact("cross_border_patch")? {
            None => Ok(0),
            Some(_) => self.event.number("cross_border_patch"),
        }
    }

    /// Whether a record was there already. Ids are given in the order of time, and an event gets
    /// its own after the records that it tells of.
    pub(super) fn knows(self, id: i64) -> bool {
        id < self.event.id
    }
}

/// What was left on a card.
pub(super) fn left_on_card(event: &StoredEvent) -> Result<Option<LeftOnCard>> {
    let Some(currency) = event.later_fact("balance_currency")? else {
        return Ok(None);
    };
    let currency = Currency::parse(currency)
        .ok_or_else(|| Error::Corrupt(format!("currency of event {}", event.id)))?;
    Ok(Some(LeftOnCard {
        minor: event.number("balance")?,
        currency,
    }))
}

/// A holder as its checks stood.
pub(super) fn reviewed(event: &StoredEvent, holder: Holder) -> Result<Holder> {
    let Some(word) = event.later_fact("status")? else {
        return Ok(holder);
    };
    let reason = event.later_fact("reason")?.map(str::to_owned);
    let stage = event.later_fact("stage")?.and_then(KycStage::from_word);
    let known = KycState::from_parts(word, stage.unwrap_or(KycStage::Admin), reason);
    // Why somebody was rejected was not always among the facts.
    let kyc = known.unwrap_or_else(|| holder.kyc.clone());
    Ok(Holder {
        kyc,
        updated_at: event.created_at,
        ..holder
    })
}

/// A holder as it was reached.
pub(super) fn readdressed(event: &StoredEvent, holder: Holder) -> Result<Holder> {
    let mut holder = reviewed(event, holder)?;
    if event.facts.contains_key("status") {
        holder.contact.email = event.later_fact("email")?.map(str::to_owned);
    }
    Ok(holder)
}
