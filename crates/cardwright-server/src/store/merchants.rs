//! Merchants as they are stored: one JSON text beside each authorization and transaction, written
//! once and read whole.

use cardwright_core::{Country, Mcc, Merchant};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    name: std::borrow::Cow<'a, str>,
    id: std::borrow::Cow<'a, str>,
    mcc: u16,
    city: std::borrow::Cow<'a, str>,
    country: std::borrow::Cow<'a, str>,
}

/// A merchant as text.
pub(super) fn text(merchant: &Merchant) -> Result<String> {
    let stored = Stored {
        name: merchant.name.as_str().into(),
        id: merchant.id.as_str().into(),
        mcc: merchant.mcc.number(),
        city: merchant.city.as_str().into(),
        country: merchant.country.alpha2().into(),
    };
    serde_json::to_string(&stored).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Reads it back.
pub(super) fn from_text(text: &str) -> Result<Merchant> {
    let corrupt = || Error::Corrupt("a merchant".to_owned());
    let stored: Stored<'_> = serde_json::from_str(text).map_err(|_| corrupt())?;
    Ok(Merchant {
        mcc: Mcc::parse(&format!("{:04}", stored.mcc)).ok_or_else(corrupt)?,
        country: Country::parse(&stored.country).ok_or_else(corrupt)?,
        name: stored.name.into_owned(),
        id: stored.id.into_owned(),
        city: stored.city.into_owned(),
    })
}
