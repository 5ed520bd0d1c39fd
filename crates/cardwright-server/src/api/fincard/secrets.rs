//! The call that shows what is secret about a card.
//!
//! Law: its answer is never kept, neither by us nor, as its line in the table of routes says, by anybody
//! on the way; it is given so often only.

use axum::{extract::State, response::Response};
use cardwright_wire::fincard::{
    changes::NamedCard,
    secrets::{CardSecrets, Shown},
};
use zeroize::Zeroizing;

use super::{cards::card_id, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::cards::{self as ops, Reveal, Revealed},
    secrets::{Secret, card_encryption::CardDataKey},
    webhooks::payloads::fincard::cards::masked,
};

/// `card/info/sensitive`
pub(super) async fn sensitive(State(app): State<App>, session: Session<NamedCard>) -> Response {
    if let Some(refused) = session.take_look(&app) {
        return refused;
    }
    session
        .witnessed(
            &app,
            ("fincard.card.sensitive", asked_for),
            async |tx, body| secrets_out(ops::reveal(tx, card_id(body.card_no)?).await?),
        )
        .await
}

/// Text that is no id names no card, and may be anything: it is not kept.
fn asked_for(body: &NamedCard) -> (&'static str, String) {
    let id = body.card_no.id().map(|id| id.to_string());
    ("card", id.unwrap_or_default())
}

fn secrets_out(reveal: Reveal) -> Result<CardSecrets> {
    let key = reveal.key.as_ref();
    let shown = match reveal.revealed {
        Revealed::Printed {
            number,
            cvv2,
            expiry,
        } => {
            let expiry = format!("{:02}/{:04}", expiry.month(), expiry.year());
            Shown::Printed {
                number: written(key, &number)?,
                cvv: written(key, &cvv2)?,
                expiry: written(key, &Secret::new(expiry))?,
            }
        }
        Revealed::Gift { activate_url } => Shown::Gift {
            activate_url: written(key, &activate_url)?,
        },
    };
    let last_four = masked(&reveal.card)?.last_four();
    Ok(CardSecrets::of((reveal.card.id.get(), last_four), shown))
}

/// A value as it goes out: encrypted where the tenant has a key.
fn written(key: Option<&CardDataKey>, value: &Secret) -> Result<Zeroizing<String>> {
    match key {
        Some(key) => key
            .encrypt(value)
            .map(Zeroizing::new)
            .map_err(|error| Error::Corrupt(error.to_string())),
        None => Ok(Zeroizing::new(value.expose().to_owned())),
    }
}
