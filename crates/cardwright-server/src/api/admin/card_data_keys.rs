//! The public key that a tenant's card data is encrypted to.

use axum::{extract::State, response::Response};
use cardwright_core::Record;
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        Empty,
        admin::card_data_keys::{CardDataKey as Shown, RegisterCardDataKey},
    },
};

use crate::{
    api::native::{NoBody, Operated},
    app::App,
    error::Error,
    ops::card_data_keys as ops,
    secrets::card_encryption::CardDataKey,
    store::card_data_keys::{self, StoredKey},
};

/// `PUT tenants/{tenant_id}/card-data-key`
pub(super) async fn register(
    State(app): State<App>,
    operated: Operated<RegisterCardDataKey>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let key = asked.0.fold(
                |jwk| CardDataKey::from_jwk(&jwk.modulus, &jwk.exponent).map_err(|_| "jwk"),
                |pem| CardDataKey::from_pem(&pem).map_err(|_| "pem"),
            );
            let key = key.map_err(Error::Invalid)?;
            Ok(shown(&ops::register(tx, key).await?))
        })
        .await
}

/// `GET tenants/{tenant_id}/card-data-key`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    operated
        .answer(&app, async |tx| {
            let missing = || Error::not_found(Record::CardDataKey);
            card_data_keys::find(tx)
                .await?
                .as_ref()
                .map(shown)
                .ok_or_else(missing)
        })
        .await
}

/// `DELETE tenants/{tenant_id}/card-data-key`
pub(super) async fn remove(State(app): State<App>, operated: Operated<Empty>) -> Response {
    operated
        .change(&app, async |tx, _| Ok(shown(&ops::remove(tx).await?)))
        .await
}

fn shown(stored: &StoredKey) -> Shown {
    Shown {
        fingerprint: stored.key.fingerprint(),
        bits: u32::try_from(stored.key.bits()).unwrap_or(u32::MAX),
        created_at: Rfc3339(stored.created_at),
    }
}
