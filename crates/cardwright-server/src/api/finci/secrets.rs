//! Card numbers, verification values and PINs: encrypted on every way, in either direction.
//!
//! Law: nothing secret is in an answer but as a JWE to the key that the tenant's operator
//! registered, and nothing secret is read but out of one to ours.

use axum::{extract::State, response::Response};
use cardwright_core::{CardId, CardState, Refusal, SecretRefusal};
use cardwright_wire::{
    finci::secrets::{
        CardDetails, CardSecrets, EncryptionKey, GetCardDetails, PublicJwk, SetCardPin,
    },
    kind::{Month, PaddedId},
};
use zeroize::Zeroizing;

use super::{
    cards::{card_id, token_id},
    reply,
    signed::{NoBody, Signed},
};
use crate::{
    api::json,
    app::App,
    error::{Error, Result},
    ops::{
        cards::{self as ops, Revealed},
        encryption_keys, pins,
    },
    secrets::{
        Secret,
        jwe::{self, KEY_ALGORITHM},
    },
    store::{Tx, cards},
};

/// `POST get-card-details/{token_id}`
pub(super) async fn details(State(app): State<App>, signed: Signed<GetCardDetails>) -> Response {
    match signed.take_look(&app) {
        Some(refused) => refused,
        None => looked_at(&app, signed).await,
    }
}

async fn looked_at(app: &App, signed: Signed<GetCardDetails>) -> Response {
    let id = card_id(signed.path_id());
    let subject = id.as_ref().map(CardId::to_string).unwrap_or_default();
    signed
        .witnessed(app, ("card", subject), async move |tx, _| {
            let card = cards::get(tx, id?).await?.age(tx.today(), tx.now());
            match card.state {
                CardState::Closed { .. } => return Err(Refusal::CardEnded.into()),
                // Not made yet.
                CardState::Pending => return Err(Refusal::OrderTransitionNotAllowed.into()),
                _ => {}
            }
            let reveal = ops::reveal(tx, card.id).await?;
            encrypted(tx, reveal)
        })
        .await
}

fn encrypted(tx: &Tx, reveal: ops::Reveal) -> Result<CardDetails> {
    let key = reveal
        .key
        .ok_or(Refusal::Secret(SecretRefusal::EncryptionKeyRequired))?;
    let Revealed::Printed {
        number,
        cvv2,
        expiry,
    } = reveal.revealed
    else {
        // A gift's number is for its receiver.
        return Err(Refusal::ProductNotSuitable.into());
    };
    let token_id = PaddedId(reveal.card.id.get());
    let content = CardSecrets {
        token_id,
        card_number: number.expose(),
        expiration_date: Month {
            year: expiry.year(),
            month: expiry.month(),
        },
        cvv2: cvv2.expose(),
    };
    let content = Zeroizing::new(json::written(&content)?);
    let encrypted_data = jwe::encrypt(&key, content.as_bytes(), tx.entropy())
        .map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(CardDetails {
        token_id,
        encrypted_data,
    })
}

/// `GET get-encryption-key`
pub(super) async fn key(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    if let Err(error) = encryption_keys::ensure(app.store(), signed.tenant()).await {
        return reply::failure(&reply::failure_of(&error));
    }
    signed
        .answer(&app, async |tx| {
            let missing = || Error::Corrupt("no encryption key".to_owned());
            let public = encryption_keys::public(tx).await?.ok_or_else(missing)?;
            let (n, e) = public
                .jwk()
                .map_err(|error| Error::Corrupt(error.to_string()))?;
            Ok(EncryptionKey {
                jwk: PublicJwk {
                    kty: "RSA",
                    purpose: "enc",
                    alg: KEY_ALGORITHM,
                    kid: public.fingerprint(),
                    n,
                    e,
                },
                public_key_pem: jwe::public_pem(&public),
            })
        })
        .await
}

/// `POST set-card-pin/{token_id}`
pub(super) async fn set_pin(State(app): State<App>, signed: Signed<SetCardPin>) -> Response {
    let (id, tenant) = (card_id(signed.path_id()), signed.tenant());
    let store = app.store();
    let decrypt = async move |body: &SetCardPin| {
        encryption_keys::decrypt(store, tenant, body.encrypted_pin.clone()).await
    };
    signed
        .change_with(&app, decrypt, async move |tx, content| {
            let card = cards::get(tx, id?).await?.age(tx.today(), tx.now());
            if let CardState::Closed { .. } = card.state {
                return Err(Refusal::CardEnded.into());
            }
            let content = content?;
            let digits = std::str::from_utf8(&content)
                .map_err(|_| Refusal::Secret(SecretRefusal::PinMalformed))?;
            let pin = Secret::new(digits.to_owned());
            match pins::set(tx, card.id, &pin).await {
                Err(Error::Invalid(_)) => Err(Refusal::Secret(SecretRefusal::PinMalformed).into()),
                set => set,
            }?;
            Ok(token_id(&card))
        })
        .await
}
