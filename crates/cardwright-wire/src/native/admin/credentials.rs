//! Credentials of signed callers.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, boolean, integer, list, moment, one_of, text};
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

/// How long at most: thirty days.
const OVERLAP_MAX_S: i64 = 30 * 86_400;

fn allowlist() -> impl Kind<Out = Vec<String>> {
    list(text(1..=64), 64)
        .about("Networks and addresses it may be used from; none admits nobody")
        .example(serde_json::json!(["192.0.2.0/24", "2001:db8::7"]))
}

/// Whether a list may admit every address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The network of all addresses is refused: mostly it is a mistake.
    Bounded,
    /// The caller means it.
    Anybody,
}

fn admission(fields: &mut Fields<'_>) -> Option<Admission> {
    let any = fields.optional(
        "allow_any",
        boolean()
            .about("Whether the list may hold the network of all addresses; false if left out")
            .example(false),
    );
    Some(match any? {
        Some(true) => Admission::Anybody,
        Some(false) | None => Admission::Bounded,
    })
}

fn form() -> impl Kind<Out = String> {
    text(1..=200)
        .about(
            "How the parts of a request are joined before signing: `default`, `no-method`, \
             `path-first`, `token-first`, `lines`, `custom:PART+PART…[;separator=TEXT]`, or, in \
             a sandbox only, `detect`",
        )
        .example("lines")
}

/// `POST tenants/{tenant_id}/credentials`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateCredential {
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// Whence it may be used.
    pub allowlist: Vec<String>,
    /// How broad that may be.
    pub admission: Admission,
    /// The form its caller signs in; the tenant's where it is left out.
    pub canonical_form: Option<String>,
}

impl Shape for CreateCredential {
    const NAME: &'static str = "CreateCredential";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.required("kind", one_of(KINDS).about("Which surface it opens"));
        let allowlist = fields.required("allowlist", allowlist());
        let admission = admission(fields);
        let canonical_form = fields.optional("canonical_form", form());
        Some(CreateCredential {
            kind: kind?,
            allowlist: allowlist?,
            admission: admission?,
            canonical_form: canonical_form?,
        })
    }
}

/// `PUT credentials/{credential_id}/allowlist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAllowlist {
    /// Whence it may be used.
    pub allowlist: Vec<String>,
    /// How broad that may be.
    pub admission: Admission,
}

impl Shape for SetAllowlist {
    const NAME: &'static str = "SetAllowlist";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let allowlist = fields.required("allowlist", allowlist());
        let admission = admission(fields);
        Some(SetAllowlist {
            allowlist: allowlist?,
            admission: admission?,
        })
    }
}

/// `PATCH credentials/{credential_id}/allowlist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAllowlist {
    /// What is added.
    pub add: Vec<String>,
    /// What is taken out; what is not in it is no fault.
    pub remove: Vec<String>,
    /// How broad the list may be afterwards.
    pub admission: Admission,
}

impl Shape for ChangeAllowlist {
    const NAME: &'static str = "ChangeAllowlist";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let networks = |about: &'static str| {
            list(text(1..=64), 64)
                .about(about)
                .example(serde_json::json!(["192.0.2.0/24"]))
        };
        let add = fields.optional("add", networks("Networks and addresses to add"));
        let remove = fields.optional("remove", networks("Entries to take out"));
        let admission = admission(fields);
        fields.at_least_one(&["add", "remove"]);
        Some(ChangeAllowlist {
            add: add?.unwrap_or_default(),
            remove: remove?.unwrap_or_default(),
            admission: admission?,
        })
    }
}

/// `PUT credentials/{credential_id}/canonical-form`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCanonicalForm {
    /// The form from now on.
    pub canonical_form: String,
}

impl Shape for SetCanonicalForm {
    const NAME: &'static str = "SetCanonicalForm";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let canonical_form = fields.required("canonical_form", form());
        Some(SetCanonicalForm {
            canonical_form: canonical_form?,
        })
    }
}

/// `POST credentials/{credential_id}/rotate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotate {
    /// How long the old one works on, in seconds; at most.
    pub overlap_s: Option<i64>,
    /// Until when the old one works; at most.
    pub valid_until: Option<Timestamp>,
}

impl Shape for Rotate {
    const NAME: &'static str = "RotateCredential";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let seconds = fields.optional(
            "overlap_seconds",
            integer(0..=OVERLAP_MAX_S)
                .about(
                    "How long the old credential works on: 0 ends it at once; a day where neither \
                     this nor `valid_until` is sent",
                )
                .example(3_600),
        );
        let until = fields.optional(
            "valid_until",
            moment()
                .about(
                    "Until when the old credential works, thirty days from now at most; where \
                     `overlap_seconds` is sent, too, the earlier of both",
                )
                .example("2027-01-31T08:00:00Z"),
        );
        Some(Rotate {
            overlap_s: seconds?,
            valid_until: until?,
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
