//! Signatures of what is sent: every scheme, from one secret and one key pair.
//!
//! - Standard Webhooks, on everything: HMAC-SHA256 over `id.timestamp.body` with the bytes behind
//!   `whsec_`; while secrets are being changed, one signature by each that is still good.
//! - FINCI: HMAC-SHA256 over timestamp, method, path and body, with the whole text of the secret.
//! - FinCard: RSA with SHA-256 over the body.
//!
//! Timestamps are real time: whoever verifies them has no other.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cardwright_core::{Timestamp, WebhookDialect};
use cardwright_wire::finci::signature::{CanonicalForm, Parts, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::target::Target;
use crate::error::{Error, Result};
use crate::secrets::{Secret, webhook_keys::WebhookKey};
use crate::store::{
    ReadTx,
    webhook_endpoints::{self, Endpoint},
    webhook_keys,
};

/// What every webhook secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// What is sent, as far as signatures cover it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its id, the same in every repeat.
    pub id: &'a str,
    /// Its family, for FinCard.
    pub category: Option<&'a str>,
    /// Where to.
    pub target: &'a Target,
    /// The body, as it is sent.
    pub body: &'a [u8],
}

/// Everything that signs for an endpoint now.
pub struct Keys {
    dialect: WebhookDialect,
    /// Signs alone where only one can.
    sole: Secret,
    /// Each signs for Standard Webhooks, the newest first.
    all: Vec<Secret>,
    rsa: Option<WebhookKey>,
    custom: Vec<(String, String)>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Opens what signs for an endpoint at the transaction's real time.
    pub async fn load(tx: &mut ReadTx, endpoint: &Endpoint) -> Result<Keys> {
        let newest = webhook_endpoints::secret(tx, endpoint)?;
        let older = webhook_endpoints::older_secrets(tx, endpoint)?;
        let older = older.into_iter().map(|one| one.secret);
        let all: Vec<Secret> = std::iter::once(newest).chain(older).collect();
        let has_its_turn = match &endpoint.rotation {
            Some(rotation) => rotation.switches_at <= tx.real_now(),
            None => true,
        };
        let sole = match all.as_slice() {
            [_, held, ..] if !has_its_turn => held.clone(),
            [newest, ..] => newest.clone(),
            [] => return Err(Error::Corrupt("an endpoint without a secret".to_owned())),
        };
        let rsa = match endpoint.dialect {
            WebhookDialect::Fincard => webhook_keys::signing(tx).await?,
            WebhookDialect::Finci | WebhookDialect::Standard => None,
        };
        Ok(Keys {
            dialect: endpoint.dialect,
            sole,
            all,
            rsa,
            custom: webhook_endpoints::headers(tx, endpoint)?,
        })
    }
}

/// All headers of a message but `Host` and the length of its body.
pub fn headers(keys: &Keys, message: Message<'_>, now: Timestamp) -> Result<Vec<(String, String)>> {
    let timestamp = now.as_second().to_string();
    let mut headers = vec![
        header("content-type", "application/json"),
        header(
            "user-agent",
            concat!("cardwright/", env!("CARGO_PKG_VERSION")),
        ),
        header("webhook-id", message.id),
        header("webhook-timestamp", &timestamp),
        header("webhook-signature", &standard(keys, message, &timestamp)?),
    ];
    match keys.dialect {
        WebhookDialect::Finci => {
            let signature = finci(&keys.sole, message, &timestamp);
            headers.push(header("x-auth-timestamp", &timestamp));
            headers.push(header("x-auth-signature", &signature));
        }
        WebhookDialect::Fincard => {
            if let Some(rsa) = &keys.rsa {
                let signature = rsa
                    .sign_sha256(message.body)
                    .map_err(|error| Error::Corrupt(error.to_string()))?;
                headers.push(header("x-fc-signature", &signature));
                headers.push(header("x-wsb-signature", &signature));
            }
            if let Some(category) = message.category {
                headers.push(header("x-wsb-category", category));
            }
            headers.push(header("x-wsb-request-id", message.id));
        }
        WebhookDialect::Standard => {}
    }
    headers.extend(keys.custom.iter().cloned());
    Ok(headers)
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn standard(keys: &Keys, message: Message<'_>, timestamp: &str) -> Result<String> {
    let mut signatures = Vec::with_capacity(keys.all.len());
    for secret in &keys.all {
        let key = decoded(secret).ok_or_else(|| Error::Corrupt("a webhook secret".to_owned()))?;
        let mut state = Hmac::<Sha256>::new_from_slice(&key)
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        state.update(message.id.as_bytes());
        state.update(b".");
        state.update(timestamp.as_bytes());
        state.update(b".");
        state.update(message.body);
        let signature = STANDARD.encode(state.finalize().into_bytes());
        signatures.push(format!("v1,{signature}"));
    }
    Ok(signatures.join(" "))
}

fn finci(secret: &Secret, message: Message<'_>, timestamp: &str) -> String {
    let target = message.target.request_target();
    let parts = Parts {
        token: "",
        timestamp,
        method: "POST",
        target: &target,
        body: message.body,
    };
    let key = SigningKey::new(secret.expose());
    hex::encode(key.sign(&CanonicalForm::Default, &parts))
}

/// The bytes behind `whsec_`; nothing where the text is no such secret of 24 to 64 bytes.
pub fn decoded(secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let encoded = secret.expose().strip_prefix(SECRET_PREFIX)?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::target::Plain;

    /// The example of the Standard Webhooks specification's libraries.
    #[test]
    fn the_published_example_of_standard_webhooks_is_signed_alike() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let target = Target::parse("https://example.com/hooks", Plain::Refused).expect("a URL");
        let keys = Keys {
            dialect: WebhookDialect::Standard,
            sole: secret.clone(),
            all: vec![secret],
            rsa: None,
            custom: Vec::new(),
        };
        let message = Message {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            category: None,
            target: &target,
            body: br#"{"test": 2432232314}"#,
        };
        let now = Timestamp::from_second(1_614_265_330).expect("a time");
        let headers = headers(&keys, message, now).expect("headers");
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(headers.contains(&header("webhook-signature", expected)));
    }

    #[test]
    fn a_secret_is_a_prefix_and_enough_bytes() {
        let is_secret = |text: &str| decoded(&Secret::new(text.to_owned())).is_some();
        assert!(is_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(!is_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(!is_secret("whsec_MfKQ9r8GKYqrTwjUPD8="));
        assert!(!is_secret("whsec_not base64"));
        assert!(!is_secret("whsec_"));
        assert!(!is_secret(&format!("whsec_{}", STANDARD.encode([7; 65]))));
    }
}
