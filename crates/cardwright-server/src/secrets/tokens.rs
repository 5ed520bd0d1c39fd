//! Session tokens: JWT (RFC 7519), signed by HS256 and nothing else.
//!
//! A token is read in one order: bounds, header, key, signature, and only then claims. The JWT
//! library computes signatures; everything it would leave to goodwill — unknown header fields,
//! missing or mistyped claims, its own idea of the time — is checked here, against the time it is
//! given. Whether the session still lives is the store's to say.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::KeyBytes;

/// How long a token lives, and the longest life accepted.
pub const LIFETIME: SignedDuration = SignedDuration::from_secs(3600);

/// How far the clocks of two instances may differ.
pub const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// No token of ours is nearly this long; what is longer is not looked at.
pub const MAX_TOKEN_BYTES: usize = 4096;

const ALGORITHM: &str = "HS256";
const TOKEN_TYPE: &str = "JWT";
const ISSUER: &str = "bff";
const AUDIENCE: &str = "bff-clients";
const USE: &str = "access";

/// What a token says; issuer, audience and kind are the same in all of them and only checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The tenant, as the caller names it in `X-Tenant-ID`.
    pub tenant: String,
    /// The user, who is also the subject.
    pub user: Uuid,
    /// The session, which is also the token's own id (`jti`).
    pub session: Uuid,
    /// The device named at login; may be empty.
    pub device: String,
    /// When the token was made; whole seconds.
    pub issued_at: Timestamp,
    /// Before this it does not hold; whole seconds.
    pub not_before: Timestamp,
    /// From this on it does not hold; whole seconds, at most [`LIFETIME`] after it was made.
    pub expires_at: Timestamp,
}

impl Claims {
    /// A token's claims from now on for [`LIFETIME`].
    pub fn starting(
        now: Timestamp,
        tenant: String,
        user: Uuid,
        session: Uuid,
        device: String,
    ) -> Claims {
        let issued_at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let expires_at = issued_at.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        Claims {
            tenant,
            user,
            session,
            device,
            issued_at,
            not_before: issued_at,
            expires_at,
        }
    }
}

/// The keys that sign and verify the tokens of one environment.
///
/// Immutable: to rotate, make a new set in which the old key still stands beside the new current
/// one, and drop the old key when the last token it signed has expired.
pub struct TokenKeys {
    environment: String,
    current: String,
    keys: HashMap<String, (EncodingKey, DecodingKey)>,
}

impl TokenKeys {
    /// A set of keys by their ids (`kid`); `current` signs.
    pub fn new<I>(environment: &str, current: &str, keys: I) -> Result<TokenKeys, TokenKeysError>
    where
        I: IntoIterator<Item = (String, KeyBytes)>,
    {
        let mut map = HashMap::new();
        for (kid, key) in keys {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if kid.is_empty() || kid.len() > 64 || !kid.bytes().all(plain) {
                return Err(TokenKeysError::KeyId(kid));
            }
            let key = key.expose();
            let pair = (EncodingKey::from_secret(key), DecodingKey::from_secret(key));
            if map.insert(kid.clone(), pair).is_some() {
                return Err(TokenKeysError::Doubled(kid));
            }
        }
        if !map.contains_key(current) {
            return Err(TokenKeysError::NoCurrent(current.to_owned()));
        }
        Ok(TokenKeys {
            environment: environment.to_owned(),
            current: current.to_owned(),
            keys: map,
        })
    }

    /// Signs a token by the current key; refuses claims that [`TokenKeys::verify`] never accepts.
    pub fn issue(&self, claims: &Claims) -> Result<String, TokenFault> {
        let written = self.to_written(claims);
        self.to_claims(written.clone())?;
        let (key, _) = self.keys.get(&self.current).ok_or(TokenFault::UnknownKey)?;
        let header = Header {
            kid: Some(self.current.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let token =
            jsonwebtoken::encode(&header, &written, key).map_err(|_| TokenFault::Malformed)?;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong);
        }
        Ok(token)
    }

    /// Reads a token as of `now`; the fault is for the log, never for the caller.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(TokenFault::Malformed)?;
        let header: WrittenHeader = parse(header).ok_or(TokenFault::Header)?;
        if header.alg != ALGORITHM || header.typ != TOKEN_TYPE {
            return Err(TokenFault::Header);
        }
        let (_, key) = self.keys.get(&header.kid).ok_or(TokenFault::UnknownKey)?;
        let genuine =
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::HS256);
        if !genuine.unwrap_or(false) {
            return Err(TokenFault::Signature);
        }
        let claims = self.to_claims(parse(payload).ok_or(TokenFault::Claims)?)?;
        check_time(&claims, now)?;
        Ok(claims)
    }

    fn to_written(&self, claims: &Claims) -> WrittenClaims {
        WrittenClaims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.to_string(),
            iat: claims.issued_at.as_second(),
            nbf: claims.not_before.as_second(),
            exp: claims.expires_at.as_second(),
            jti: claims.session.to_string(),
            tenant_id: claims.tenant.clone(),
            user_id: claims.user.to_string(),
            env: self.environment.clone(),
            typ: USE.to_owned(),
            device_id: claims.device.clone(),
        }
    }

    /// Checks everything that does not depend on the present.
    fn to_claims(&self, written: WrittenClaims) -> Result<Claims, TokenFault> {
        if written.env != self.environment {
            return Err(TokenFault::Environment);
        }
        let ours = written.iss == ISSUER && written.aud == AUDIENCE && written.typ == USE;
        if !ours || written.sub != written.user_id || written.tenant_id.is_empty() {
            return Err(TokenFault::Claims);
        }
        let lifetime = written
            .exp
            .checked_sub(written.iat)
            .ok_or(TokenFault::Lifetime)?;
        if !(1..=LIFETIME.as_secs()).contains(&lifetime) || written.nbf > written.exp {
            return Err(TokenFault::Lifetime);
        }
        Ok(Claims {
            tenant: written.tenant_id,
            user: uuid(&written.user_id)?,
            session: uuid(&written.jti)?,
            device: written.device_id,
            issued_at: instant(written.iat)?,
            not_before: instant(written.nbf)?,
            expires_at: instant(written.exp)?,
        })
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenKeys")
            .field("environment", &self.environment)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// Why a set of keys was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKeysError {
    /// A key id must be 1 to 64 letters, digits, `-`, `_` or `.`.
    KeyId(String),
    /// Two keys have the same id.
    Doubled(String),
    /// The current key is not in the set.
    NoCurrent(String),
}

impl fmt::Display for TokenKeysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenKeysError::KeyId(kid) => write!(formatter, "token key id {kid:?} is malformed"),
            TokenKeysError::Doubled(kid) => write!(formatter, "two token keys are called {kid:?}"),
            TokenKeysError::NoCurrent(kid) => write!(formatter, "no token key is called {kid:?}"),
        }
    }
}

impl std::error::Error for TokenKeysError {}

/// Why a token was refused; callers see one answer for all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLong,
    /// Not three parts.
    Malformed,
    /// The header is not exactly `alg` HS256, `typ` JWT and `kid`.
    Header,
    /// No key has this `kid`.
    UnknownKey,
    /// Not signed by the key it names.
    Signature,
    /// A claim is missing, unknown, doubled, mistyped or has a value that is not ours.
    Claims,
    /// Made for another environment.
    Environment,
    /// Lives longer than [`LIFETIME`], or not at all.
    Lifetime,
    /// Not valid yet, or made in the future.
    NotYetValid,
    /// Not valid any more.
    Expired,
}

impl fmt::Display for TokenFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            TokenFault::TooLong => "token too long",
            TokenFault::Malformed => "token is not of three parts",
            TokenFault::Header => "token header not accepted",
            TokenFault::UnknownKey => "token names an unknown key",
            TokenFault::Signature => "token signature is wrong",
            TokenFault::Claims => "token claims not accepted",
            TokenFault::Environment => "token is of another environment",
            TokenFault::Lifetime => "token lifetime not accepted",
            TokenFault::NotYetValid => "token is not valid yet",
            TokenFault::Expired => "token has expired",
        })
    }
}

impl std::error::Error for TokenFault {}

/// The whole header: `crit`, `jwk`, `jku`, `x5u`, `x5c` and whatever else exists are unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// Every claim exactly once and of its type; the derived reader refuses doubled names by itself.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClaims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    #[serde(rename = "tenantId")]
    tenant_id: String,
    #[serde(rename = "userId")]
    user_id: String,
    env: String,
    typ: String,
    #[serde(rename = "deviceId")]
    device_id: String,
}

fn parse<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    // A derived reader would take an array of the right length for an object.
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(&json).ok()
}

/// A UUID in its usual spelling; the parser alone would also take braces, URNs and capitals.
fn uuid(text: &str) -> Result<Uuid, TokenFault> {
    let uuid = Uuid::try_parse(text).map_err(|_| TokenFault::Claims)?;
    if uuid.to_string() == text {
        Ok(uuid)
    } else {
        Err(TokenFault::Claims)
    }
}

fn instant(seconds: i64) -> Result<Timestamp, TokenFault> {
    Timestamp::from_second(seconds).map_err(|_| TokenFault::Claims)
}

fn check_time(claims: &Claims, now: Timestamp) -> Result<(), TokenFault> {
    let early = |instant: Timestamp| instant.duration_since(now) > LEEWAY;
    if early(claims.issued_at) || early(claims.not_before) {
        return Err(TokenFault::NotYetValid);
    }
    if now.duration_since(claims.expires_at) >= LEEWAY {
        return Err(TokenFault::Expired);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
