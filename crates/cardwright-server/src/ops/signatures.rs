//! Why signed requests fail, told to those who may know: the operators of a sandbox.
//!
//! Law: what is told here is told nowhere else. The caller's own answer stays the same for every
//! cause, and nothing of this reaches the log.

use cardwright_core::{Record, Timestamp};
use cardwright_wire::finci::signature::{
    FormSetting,
    explain::{Explanation, Issued, Presentation, Worked, explain},
};

use super::callers::secret_of;
use crate::{
    error::{Error, Result},
    request_log::{Entry, Form, Sent},
    secrets::Secret,
    store::{
        ReadTx, Store,
        credentials::{self, Credential, CredentialKind},
    },
};

/// How many credentials are looked through for a secret that stands in the token's place.
const LOOKED_THROUGH_MAX: i64 = 100;
/// How much of a token that is nobody's is kept: it may be a secret.
const UNKNOWN_TOKEN_CHARS: usize = 4;

/// A credential and its secret.
struct Known {
    credential: Credential,
    secret: Secret,
    form: FormSetting,
}

impl Known {
    fn of(credential: Credential, secret: Secret) -> Result<Known> {
        let form = credential.canonical_form.parse();
        let form = form.map_err(|_| Error::Corrupt(format!("credential {}: form", credential.id)));
        Ok(Known {
            form: form?,
            credential,
            secret,
        })
    }

    fn explain(&self, sent: &Presentation<'_>) -> Explanation {
        let issued = Issued {
            token: &self.credential.token,
            secret: self.secret.expose(),
            form: &self.form,
        };
        explain(issued, sent)
    }
}

/// Explains a request against the tenant's credential that it names, by its token or by its secret
/// in the token's place.
pub async fn explain_to_tenant(tx: &mut ReadTx, sent: &Presentation<'_>) -> Result<Explanation> {
    if let Some(credential) = credentials::find(tx, sent.token).await? {
        let secret = secret_of(tx.vault(), &credential)?;
        return Ok(Known::of(credential, secret)?.explain(sent));
    }
    for credential in credentials::list(tx, 0, LOOKED_THROUGH_MAX).await? {
        let secret = secret_of(tx.vault(), &credential)?;
        if secret.expose() == sent.token {
            return Ok(Known::of(credential, secret)?.explain(sent));
        }
    }
    Err(Error::not_found(Record::Credential))
}

/// A request that failed, as the surface saw it.
pub struct Failed {
    /// Which credentials it should have.
    pub kind: CredentialKind,
    /// What its caller was told.
    pub answer: &'static str,
    /// What was the matter, where the surface knows.
    pub detail: Option<String>,
    /// Its id.
    pub request_id: String,
    /// Whence it came.
    pub address: String,
    /// What it said.
    pub sent: Sent,
}

/// What is kept about a request that failed.
pub async fn describe(store: &Store, failed: Failed) -> Result<Entry> {
    let Failed {
        kind,
        answer,
        detail,
        request_id,
        address,
        mut sent,
    } = failed;
    let known = known_to_anybody(store, &sent.token).await?;
    let now = store.resources().clock.now();
    let explanation = known.as_ref().map(|known| {
        known.explain(&Presentation {
            token: &sent.token,
            method: &sent.method,
            target: &sent.target,
            timestamp: &sent.timestamp,
            body: sent.body.as_bytes(),
            signature: &sent.signature,
        })
    });
    let detail = detail.unwrap_or_else(|| match (answer, &known) {
        ("authentication_failed", None) => "nobody has this token".to_owned(),
        ("authentication_failed", Some(known)) => fault_of(&known.credential, kind, now),
        ("timestamp_out_of_range", _) => format!("the time here is {}", now.as_second()),
        ("ip_not_allowed", Some(known)) => {
            format!(
                "the list of the credential is: {}",
                known.credential.allowlist
            )
        }
        (answer, _) => answer.replace('_', " "),
    });
    let is_named = known
        .as_ref()
        .is_some_and(|known| known.credential.token == sent.token);
    if !is_named {
        sent.token = beginning(&sent.token);
    }
    let explanation = explanation.as_ref();
    let forms = match (&known, explanation) {
        (Some(known), Some(found)) => forms(&known.credential, found),
        _ => Vec::new(),
    };
    Ok(Entry {
        forms,
        tenant: known.map(|known| known.credential.tenant),
        at: now,
        request_id,
        address,
        kind: kind.word(),
        answer,
        detail,
        sent: sent.to_keep(),
        matched_form: explanation
            .and_then(|found| found.matched_form.as_ref().map(ToString::to_string)),
        expected: explanation.map(|found| hex::encode(found.expected)),
        mistakes: explanation
            .map(|found| found.mistakes.clone())
            .unwrap_or_default(),
    })
}

fn forms(credential: &Credential, found: &Explanation) -> Vec<Form> {
    let kept = |worked: &Worked| Form {
        form: worked.form.clone(),
        digest: worked.digest,
        token: credential.token.clone(),
    };
    found.forms.iter().map(kept).collect()
}

/// The credential that a token names, by itself or by its secret in the token's place.
async fn known_to_anybody(store: &Store, token: &str) -> Result<Option<Known>> {
    let named = token.to_owned();
    let (found, others) = store
        .system_read(async move |session| {
            let found = credentials::find_any(session, &named).await?;
            let others = match found {
                Some(_) => Vec::new(),
                None => credentials::newest_of_all(session, LOOKED_THROUGH_MAX).await?,
            };
            Ok((found, others))
        })
        .await?;
    let vault = &store.resources().vault;
    if let Some(credential) = found {
        let secret = secret_of(vault, &credential)?;
        return Known::of(credential, secret).map(Some);
    }
    for credential in others {
        let secret = secret_of(vault, &credential)?;
        if secret.expose() == token {
            return Known::of(credential, secret).map(Some);
        }
    }
    Ok(None)
}

/// Why a credential whose token was sent did not do.
fn fault_of(credential: &Credential, kind: CredentialKind, now: Timestamp) -> String {
    if credential.revoked_at.is_some() {
        return "the credential was revoked".to_owned();
    }
    if !credential.is_active(now) {
        return "the credential has expired: another one took its place".to_owned();
    }
    if credential.kind != kind {
        let word = credential.kind.word();
        return format!("the credential is of kind {word} and opens another surface");
    }
    "the signature is not the one that was expected".to_owned()
}

fn beginning(token: &str) -> String {
    let shown: String = token.chars().take(UNKNOWN_TOKEN_CHARS).collect();
    if shown.len() < token.len() {
        format!("{shown}…")
    } else {
        shown
    }
}
