//! What is secret about a card, for the one call that shows it.

use std::fmt;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::ids::TextId;

/// What the server knows; [`CardSecrets`] says it under every published name. Where the tenant has
/// a key, the values are already encrypted to it.
pub enum Shown {
    /// What is printed on the card.
    Printed {
        /// Its number.
        number: Zeroizing<String>,
        /// The verification value.
        cvv: Zeroizing<String>,
        /// The last month it is good for, `MM/YYYY`.
        expiry: Zeroizing<String>,
    },
    /// The link for the receiver of a gift.
    Gift {
        /// The link.
        activate_url: Zeroizing<String>,
    },
}

/// A value on its way out: written as it is, wiped when dropped.
#[derive(Clone)]
struct Plain(Zeroizing<String>);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What is secret about a card. Each value is in the clear, or encrypted by RSA-OAEP with SHA-256
/// and in base64 where a public key was registered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardSecrets {
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// The card number; null for a gift.
    #[schema(value_type = Option<String>)]
    card_number: Option<Plain>,
    /// Same as `cardNumber`.
    #[schema(value_type = Option<String>)]
    pan: Option<Plain>,
    /// The card verification value; null for a gift.
    #[schema(value_type = Option<String>)]
    cvv: Option<Plain>,
    /// Last month of validity, `MM/YYYY`; null for a gift.
    #[schema(value_type = Option<String>)]
    expire_date: Option<Plain>,
    /// Same as `expireDate`.
    #[schema(value_type = Option<String>)]
    expiry: Option<Plain>,
    /// Where the receiver of a gift activates it; null for any other card.
    #[schema(value_type = Option<String>)]
    activate_url: Option<Plain>,
}

impl CardSecrets {
    /// The secrets of the card with this core id and these last digits.
    pub fn of((id, last4): (i64, String), shown: Shown) -> CardSecrets {
        let nothing = CardSecrets {
            card_no: TextId(id),
            card_id: TextId(id),
            last4,
            card_number: None,
            pan: None,
            cvv: None,
            expire_date: None,
            expiry: None,
            activate_url: None,
        };
        match shown {
            Shown::Printed {
                number,
                cvv,
                expiry,
            } => CardSecrets {
                card_number: Some(Plain(number.clone())),
                pan: Some(Plain(number)),
                cvv: Some(Plain(cvv)),
                expire_date: Some(Plain(expiry.clone())),
                expiry: Some(Plain(expiry)),
                ..nothing
            },
            Shown::Gift { activate_url } => CardSecrets {
                activate_url: Some(Plain(activate_url)),
                ..nothing
            },
        }
    }
}

impl fmt::Debug for CardSecrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CardSecrets({})", self.card_no)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn a_card_shows_what_is_printed_on_it_and_a_gift_its_link_alone() {
        let printed = Shown::Printed {
            number: hidden("4242424242424242"),
            cvv: hidden("123"),
            expiry: hidden("01/2030"),
        };
        let secrets = CardSecrets::of((7, "4242".to_owned()), printed);
        assert_eq!(format!("{secrets:?}"), "CardSecrets(7)");
        let written = serde_json::to_value(&secrets).expect("plain");
        let names = "cardNo cardId last4 cardNumber pan cvv expireDate expiry activateUrl";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["cardNumber"], written["pan"]);
        assert_eq!(written["expireDate"], "01/2030");
        assert!(written["activateUrl"].is_null());
        let gift = Shown::Gift {
            activate_url: hidden("https://gift.example/1"),
        };
        let gift = CardSecrets::of((7, "4242".to_owned()), gift);
        let written = serde_json::to_value(gift).expect("plain");
        let given: Vec<&str> = names
            .split(' ')
            .filter(|name| !written[*name].is_null())
            .collect();
        assert_eq!(given, ["cardNo", "cardId", "last4", "activateUrl"]);
    }
}
