//! Credentials of signed callers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, integer, list, one_of, text};
use crate::native::RecordId;
use crate::shape::{Fields, Policy, Shape};

/// Which surface a credential opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CredentialKind)]
pub enum CredentialKind {
    /// The FINCI Card API.
    Finci,
    /// Messages of the card network.
    Network,
}

const KINDS: &[(&str, CredentialKind)] = &[
    ("finci", CredentialKind::Finci),
    ("network", CredentialKind::Network),
];

/// How long both credentials work after a rotation where the caller does not say, in seconds.
const OVERLAP_DEFAULT_S: i64 = 86_400;
/// How long at most: thirty days.
const OVERLAP_MAX_S: i64 = 30 * 86_400;

fn allowlist() -> impl Kind<Out = Vec<String>> {
    list(text(1..=64), 64)
        .about("Networks and addresses it may be used from; none admits nobody")
        .example(serde_json::json!(["192.0.2.0/24", "2001:db8::7"]))
}

/// `POST tenants/{tenant_id}/credentials`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateCredential {
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// Whence it may be used.
    pub allowlist: Vec<String>,
}

impl Shape for CreateCredential {
    const NAME: &'static str = "CreateCredential";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(KINDS).about("Which surface it opens"));
        let allowlist = fields.required("allowlist", allowlist());
        Some(CreateCredential {
            kind: kind?,
            allowlist: allowlist?,
        })
    }
}

/// `PUT credentials/{credential_id}/allowlist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAllowlist {
    /// Whence it may be used.
    pub allowlist: Vec<String>,
}

impl Shape for SetAllowlist {
    const NAME: &'static str = "SetAllowlist";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let allowlist = fields.required("allowlist", allowlist());
        Some(SetAllowlist {
            allowlist: allowlist?,
        })
    }
}

/// `POST credentials/{credential_id}/rotate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotate {
    /// How long the old one works on, in seconds.
    pub overlap_s: i64,
}

impl Shape for Rotate {
    const NAME: &'static str = "RotateCredential";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let overlap = fields.optional(
            "overlap_seconds",
            integer(0..=OVERLAP_MAX_S)
                .about("How long the old credential works on; a day where it is left out")
                .example(3_600),
        );
        Some(Rotate {
            overlap_s: overlap?.unwrap_or(OVERLAP_DEFAULT_S),
        })
    }
}

/// A credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Credential {
    /// Its id.
    pub id: RecordId,
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// The public half, sent as `X-Auth-Token`.
    pub token: String,
    /// How the parts of a request are joined before signing.
    pub canonical_form: String,
    /// Networks it may be used from.
    pub allowlist: Vec<String>,
    /// When it was made.
    pub created_at: Rfc3339,
    /// Until when it works, where another one has taken its place.
    pub expires_at: Option<Rfc3339>,
    /// When it was ended.
    pub revoked_at: Option<Rfc3339>,
}

/// A credential with its secret, which is shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewCredential {
    /// The credential.
    #[serde(flatten)]
    pub credential: Credential,
    /// The secret half: the key of the signatures, as text.
    pub secret: String,
    /// The credential whose place it takes, which works on for a while.
    pub replaces: Option<Credential>,
}
