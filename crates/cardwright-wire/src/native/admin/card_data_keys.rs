//! The public key that a tenant's card data is encrypted to.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, matching, object, one_of, pem, text};
use crate::shape::{Either, Fields, Policy, Shape};

/// The parts of a JSON Web Key that say which RSA key it is (RFC 7517, RFC 7518).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    /// The modulus, base64url.
    pub modulus: String,
    /// The public exponent, base64url.
    pub exponent: String,
}

/// Characters of a modulus of 16,384 bits in base64url.
const MODULUS_CHARS_MAX: usize = 2_732;

/// The modulus of a key of 2,048 bits that nobody uses.
const EXAMPLE_MODULUS: &str = "ulPhRNKnQu0SiT1WWg6tW83hG81PnAqlsiP--lFgw0ahKQc0R7Z2307h7IfcAzAsKCgyDKkCTKBXsWZ7\
    8qu1tXUxQnIUuUS4qim2k1wDb6MwqM80gHMI0c6hAeMkVSXA4JLKOmzpuynYMbNmSp5CBheYL12OLlkw\
    X2g7qJW2uJSEfv_2-k9CTcr1HUYUt79qVQBN-x1rWrZiMmY5u8P4UVQKUSz4HcZuh0D9o8djWTHZhT8A\
    tWDjQXGNFyz1Jlypa6raRC7gcYOp3lnqoRRz_Y8WZ-OEwqNB3ql7So2mcUSNUyj-o5po9DC9qxdxGssB\
    gaT7gkGgcf04D_0o1cC-6Q";

impl Shape for Jwk {
    const NAME: &'static str = "Jwk";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kty", one_of(&[("RSA", ())]).about("The kind of key"));
        let modulus = base64url(MODULUS_CHARS_MAX).about("The modulus");
        let modulus = fields.required("n", modulus.example(EXAMPLE_MODULUS));
        let exponent = fields.required(
            "e",
            base64url(16).about("The public exponent").example("AQAB"),
        );
        let purpose = fields.optional("use", one_of(&[("enc", ())]).about("For encryption"));
        let algorithm = fields.optional(
            "alg",
            one_of(&[("RSA-OAEP-256", ())]).about("RSA-OAEP with SHA-256"),
        );
        let name = fields.optional("kid", text(1..=200).about("A name; not used"));
        kind?;
        purpose?;
        algorithm?;
        name?;
        Some(Jwk {
            modulus: modulus?,
            exponent: exponent?,
        })
    }
}

fn base64url(chars_max: usize) -> impl Kind<Out = String> {
    matching(1..=chars_max, "^[A-Za-z0-9_-]+$", |text| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    })
}

/// `PUT tenants/{tenant_id}/card-data-key`: a JSON Web Key or the same in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterCardDataKey(pub Either<Jwk, String>);

impl Shape for RegisterCardDataKey {
    const NAME: &'static str = "RegisterCardDataKey";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let jwk = object::<Jwk>().about("The public key as a JSON Web Key");
        let pem = pem(8_000).about("The public key as PEM (`BEGIN PUBLIC KEY`)");
        fields
            .either(("jwk", jwk), ("pem", pem))
            .map(RegisterCardDataKey)
    }
}

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardDataKey {
    /// SHA-256 of its DER form (`SubjectPublicKeyInfo`), in hex.
    pub fingerprint: String,
    /// The length of its modulus.
    pub bits: u32,
    /// When it was registered.
    pub created_at: Rfc3339,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    fn read(body: &str) -> Option<RegisterCardDataKey> {
        let read = shape::from_body::<RegisterCardDataKey>(body.as_bytes());
        read.ok().map(|read| read.value)
    }

    #[test]
    fn a_key_comes_as_jwk_or_as_pem_and_not_as_both() {
        let jwk = r#"{"kty": "RSA", "n": "uQ", "e": "AQAB", "use": "enc", "kid": "one"}"#;
        let pem = r#""-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n""#;
        assert!(read(&format!(r#"{{"jwk": {jwk}}}"#)).is_some());
        assert!(read(&format!(r#"{{"pem": {pem}}}"#)).is_some());
        for wrong in [
            "{}".to_owned(),
            format!(r#"{{"jwk": {jwk}, "pem": {pem}}}"#),
            r#"{"pem": "AAAA"}"#.to_owned(),
            r#"{"pem": "-----BEGIN PUBLIC KEY-----\u0000"}"#.to_owned(),
            r#"{"jwk": {"kty": "EC", "n": "uQ", "e": "AQAB"}}"#.to_owned(),
            r#"{"jwk": {"kty": "RSA", "n": "u+", "e": "AQAB"}}"#.to_owned(),
            r#"{"jwk": {"kty": "RSA", "n": "uQ", "e": "AQAB", "d": "AA"}}"#.to_owned(),
            r#"{"jwk": {"kty": "RSA", "n": "uQ", "e": "AQAB", "use": "sig"}}"#.to_owned(),
        ] {
            assert!(read(&wrong).is_none(), "{wrong}");
        }
    }
}
