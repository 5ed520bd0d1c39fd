//! Card details and PINs, which travel encrypted: JSON Web Encryption in compact form (RFC 7516) with
//! RSA-OAEP-256 and A256GCM, made and opened here by the cryptography of `aws-lc-rs`.
//!
//! The key is the integrator's own, so the client leaves it alone. An operator registers its public
//! half once; the private half belongs into a key store and not, as here, into the memory of an
//! example.
//!
//! `cargo run -p cardwright-client --example card_details -- cardwright-data/sandbox.json TOKEN_ID`

use std::error::Error;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::fill;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cardwright_client::finci::Client;
use cardwright_client::finci::requests::NewPin;
use cardwright_client::{SandboxFile, sandbox};
use serde_json::{Value, json};

/// Whatever went wrong.
pub type Fault = Box<dyn Error>;

/// A key of one's own, and its public half as it is registered.
pub struct Keys {
    private: PrivateDecryptingKey,
    /// SPKI in PEM.
    pub public_pem: String,
}

impl Keys {
    /// A new pair of 2048 bits.
    pub fn generate() -> Result<Keys, Fault> {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
        let der: PublicKeyX509Der<'_> = private.public_key().as_der()?;
        let encoded = STANDARD.encode(der.as_ref());
        let public_pem =
            format!("-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n");
        Ok(Keys {
            private,
            public_pem,
        })
    }

    /// Opens what was encrypted to this key.
    pub fn open(&self, jwe: &str) -> Result<Vec<u8>, Fault> {
        let parts: Vec<&str> = jwe.split('.').collect();
        let [header, key, nonce, content, tag] = parts[..] else {
            return Err("a compact JWE has five parts".into());
        };
        let said: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
        if said["alg"] != "RSA-OAEP-256" || said["enc"] != "A256GCM" {
            return Err("an algorithm that was not agreed on".into());
        }
        let private = OaepPrivateDecryptingKey::new(self.private.clone())?;
        let mut space = vec![0; private.min_output_size()];
        let sealed = URL_SAFE_NO_PAD.decode(key)?;
        let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, &sealed, &mut space, None)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
        let nonce = Nonce::try_assume_unique_for_key(&URL_SAFE_NO_PAD.decode(nonce)?)?;
        let mut content = URL_SAFE_NO_PAD.decode(content)?;
        content.extend(URL_SAFE_NO_PAD.decode(tag)?);
        let opened = key.open_in_place(nonce, Aad::from(header), &mut content)?;
        Ok(opened.to_vec())
    }
}

/// Encrypts to somebody's public key, SPKI in PEM.
pub fn seal(public_pem: &str, content: &[u8]) -> Result<String, Fault> {
    let encoded: String = public_pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let public = PublicEncryptingKey::from_der(&STANDARD.decode(encoded)?)?;
    let public = OaepPublicEncryptingKey::new(public)?;
    let (mut key, mut nonce) = ([0; 32], [0; 12]);
    fill(&mut key)?;
    fill(&mut nonce)?;
    let mut space = vec![0; public.ciphertext_size()];
    let sealed = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut space, None)?;
    let header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"}).to_string();
    let header = URL_SAFE_NO_PAD.encode(header);
    let mut content = content.to_vec();
    let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?).seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(&header),
        &mut content,
    )?;
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (sealed, nonce, content, tag) = (
        part(sealed),
        part(&nonce),
        part(&content),
        part(tag.as_ref()),
    );
    Ok(format!("{header}.{sealed}.{nonce}.{content}.{tag}"))
}

/// Registers a key as an operator does, reads a card's details with it, and gives the card a PIN.
pub async fn tour(sandbox_json: &str, token_id: &str) -> Result<Value, Fault> {
    let sandbox = SandboxFile::parse(sandbox_json)?;
    let keys = Keys::generate()?;
    let operator = sandbox::Client::new(sandbox.base_url()?, sandbox.admin_key()?)?;
    let path = format!("/admin/v1/tenants/{}/card-data-key", sandbox.tenant_id()?);
    let registered = json!({"pem": keys.public_pem});
    operator.put(&path, &registered).await?;

    let client = Client::new(sandbox.base_url()?, sandbox.finci()?)?;
    let details = client.card_details(token_id).await?;
    let details: Value = serde_json::from_slice(&keys.open(&details.encrypted_data)?)?;

    let platform = client.encryption_key().await?;
    let encrypted_pin = seal(&platform.public_key_pem, b"2947")?;
    let pin = NewPin { encrypted_pin };
    client.set_card_pin(token_id, &pin).await?;
    Ok(details)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(token_id)) = (arguments.next(), arguments.next()) else {
        return Err("give the path of sandbox.json and a token_id".into());
    };
    let details = tour(&std::fs::read_to_string(path)?, &token_id).await?;
    // A card number does not belong on a screen; that it came is enough.
    let digits = details["card_number"].as_str().map_or(0, str::len);
    println!("a number of {digits} digits came, and the card has its PIN");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_to_a_key_is_opened_by_it_and_by_no_other() {
        let keys = Keys::generate().unwrap();
        let sealed = seal(&keys.public_pem, b"2947").unwrap();
        assert_eq!(keys.open(&sealed).unwrap(), b"2947");
        assert!(Keys::generate().unwrap().open(&sealed).is_err());
        let mut parts: Vec<String> = sealed.split('.').map(str::to_owned).collect();
        parts[3] = "AAAA".to_owned();
        assert!(keys.open(&parts.join(".")).is_err());
    }
}
