//! What is secret about a card, and how it travels: as JSON Web Encryption in compact form (RFC
//! 7516), with RSA-OAEP-256 and A256GCM.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kind::{Kind, Month, PaddedId, matching};
use crate::shape::{Fields, Policy, Shape};

/// `POST get-card-details/{token_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetCardDetails;

impl Shape for GetCardDetails {
    const NAME: &'static str = "GetCardDetails";
    const POLICY: Policy = Policy::Strict;

    fn read(_: &mut Fields<'_>) -> Option<Self> {
        Some(GetCardDetails)
    }
}

/// The answer to `get-card-details`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardDetails {
    /// Id of the card.
    pub token_id: PaddedId,
    /// A JWE to your key. Inside is a JSON object: `token_id`, `card_number`, `expiration_date`
    /// (`YYYY-MM`) and `cvv2`.
    pub encrypted_data: String,
}

/// What is inside of [`CardDetails::encrypted_data`]. To be wiped once it is encrypted.
#[derive(Clone, Serialize)]
pub struct CardSecrets<'a> {
    /// Id of the card.
    pub token_id: PaddedId,
    /// The number.
    pub card_number: &'a str,
    /// The last month the card is good for.
    pub expiration_date: Month,
    /// The printed verification value.
    pub cvv2: &'a str,
}

/// The answer to `get-encryption-key`: the key that PINs are encrypted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EncryptionKey {
    /// The key as a JSON Web Key.
    pub jwk: PublicJwk,
    /// The same key in PEM (`BEGIN PUBLIC KEY`).
    pub public_key_pem: String,
}

/// An RSA public key (RFC 7517, RFC 7518).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicJwk {
    /// Always `RSA`.
    pub kty: &'static str,
    /// Always `enc`: for encryption.
    #[serde(rename = "use")]
    pub purpose: &'static str,
    /// Always `RSA-OAEP-256`.
    pub alg: &'static str,
    /// The key's id; a JWE may name it.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The public exponent, base64url.
    pub e: String,
}

/// The longest JWE that is looked at; one with a PIN needs far less.
const JWE_CHARS_MAX: usize = 4_096;

/// `POST set-card-pin/{token_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCardPin {
    /// A JWE whose content is the PIN.
    pub encrypted_pin: String,
}

impl Shape for SetCardPin {
    const NAME: &'static str = "SetCardPin";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){4}$";
        let jwe = matching(16..=JWE_CHARS_MAX, pattern, is_compact_jwe).about(
            "A JWE in compact form to the key that `get-encryption-key` answers, RSA-OAEP-256 and \
             A256GCM; inside are the four to six digits of the PIN and nothing else",
        );
        let encrypted_pin = fields.required(
            "encrypted_pin",
            jwe.example("eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.AAAA.AAAA.AAAA.AAAA"),
        );
        Some(SetCardPin {
            encrypted_pin: encrypted_pin?,
        })
    }
}

/// Five parts of base64url, none of them empty: of these algorithms each has something to say.
fn is_compact_jwe(text: &str) -> bool {
    let letters = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !part.is_empty() && part.bytes().all(plain)
    };
    text.split('.').count() == 5 && text.split('.').all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    #[test]
    fn a_pin_comes_as_five_parts_of_base64url() {
        let accepts = |text: &str| {
            let body = format!(r#"{{"encrypted_pin":"{text}"}}"#);
            shape::from_body::<SetCardPin>(body.as_bytes()).is_ok()
        };
        assert!(accepts("eyJhbGciOiJ4In0.AA.AA.AA.AA"));
        for wrong in [
            "1234",
            "eyJhbGciOiJ4In0.AA.AA.AA",
            "eyJhbGciOiJ4In0.AA.AA.AA.AA.AA",
            "eyJhbGciOiJ4In0..AA.AA.AA",
            "eyJhbGciOiJ4In0=.AA.AA.AA.AA",
            "eyJhbGciOiJ4In0.A+.AA.AA.AA",
            "eyJhbGciOiJ4In0 .AA.AA.AA.AA",
        ] {
            assert!(!accepts(wrong), "{wrong}");
        }
        assert!(!accepts(&format!("{}.A.A.A.A", "A".repeat(4_096))));
    }
}
