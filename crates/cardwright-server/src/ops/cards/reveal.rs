//! Showing what is secret about a card.
//!
//! Law: a number leaves the store in the clear only here, for the answer that exists to show it;
//! each time leaves an audit row. The verification value is derived, never kept.

use cardwright_core::{Card, CardId, Expiry};

use super::current;
use crate::{
    error::Result,
    secrets::{Secret, card_encryption::CardDataKey},
    store::{Tx, card_data_keys, cards, products},
};

/// The domain of the keyed values that stand in the links of gift cards.
const GIFT_LINK: &str = "card.gift_link";

/// What is secret about a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Revealed {
    /// What is printed on it.
    Printed {
        /// Its number.
        number: Secret,
        /// The verification value.
        cvv2: Secret,
        /// The last month it is good for.
        expiry: Expiry,
    },
    /// A gift: its number is for the receiver, who follows this link.
    Gift {
        /// The link.
        activate_url: Secret,
    },
}

/// A card with its secrets, and the key that they are to be encrypted to, if there is one.
pub struct Reveal {
    /// The card.
    pub card: Card,
    /// Its secrets.
    pub revealed: Revealed,
    /// The tenant's key.
    pub key: Option<CardDataKey>,
}

/// Shows what is secret about a card that is made and has not ended.
pub async fn reveal(tx: &mut Tx, id: CardId) -> Result<Reveal> {
    let card = current(tx, id).await?;
    card.require_revealable()?;
    let product = products::get(tx, card.product).await?;
    tx.audit("card.reveal", ("card", &id.to_string())).await?;
    let revealed = if product.is_gift() {
        let value = tx.vault().lookup(GIFT_LINK, &id.get().to_be_bytes())?;
        // Nobody serves that page: its domain is one that exists for examples only (RFC 2606).
        let link = format!("https://gift.example/activate/{}", hex::encode(value));
        Revealed::Gift {
            activate_url: Secret::new(link),
        }
    } else {
        let pan = cards::number(tx, id).await?;
        Revealed::Printed {
            cvv2: tx.vault().cvv2(&pan, card.expiry)?,
            number: Secret::new(pan.expose().to_owned()),
            expiry: card.expiry,
        }
    };
    Ok(Reveal {
        key: card_data_keys::find(tx).await?.map(|stored| stored.key),
        card,
        revealed,
    })
}
