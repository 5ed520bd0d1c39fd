//! Credentials of signed callers.

use axum::{extract::State, response::Response};
use cardwright_core::Record;
use cardwright_wire::{
    instant::Rfc3339,
    kind::GivenId,
    native::{
        Empty, List, RecordId,
        admin::credentials::{
            Admission, ChangeAllowlist, CreateCredential, Credential as Shown,
            CredentialKind as Kind, NewCredential, Rotate, SetAllowlist, SetCanonicalForm,
        },
    },
};
use jiff::SignedDuration;

use crate::{
    api::native::{Operated, page},
    app::App,
    error::{Error, Result},
    network::Breadth,
    ops::credentials as ops,
    secrets::Secret,
    store::credentials::{self, Credential, CredentialKind},
};

/// The name of a credential's id in a path.
const ID: &str = "credential_id";

/// `POST tenants/{tenant_id}/credentials`
pub(super) async fn create(
    State(app): State<App>,
    operated: Operated<CreateCredential>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let entries = asked.allowlist.iter().map(String::as_str);
            let allowlist = ops::allowlist(entries, breadth(asked.admission))?;
            let new = (asked.canonical_form, allowlist);
            let (made, secret) = ops::create(tx, kind_in(asked.kind), new).await?;
            Ok(issued(made, &secret, None))
        })
        .await
}

/// `GET tenants/{tenant_id}/credentials`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                credentials::list(tx, after.unwrap_or(0), limit).await
            };
            let list = ("credentials", &asked.paging);
            page(tx, list, read, |credential| credential.id, shown).await
        })
        .await
}

/// `POST credentials/{credential_id}/rotate`
pub(super) async fn rotate(State(app): State<App>, operated: Operated<Rotate>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            let overlap = ops::Overlap {
                lasting: asked.overlap_s.map(SignedDuration::from_secs),
                until: asked.valid_until,
            };
            let (old, new, secret) = ops::rotate(tx, id(given)?, overlap).await?;
            Ok(issued(new, &secret, Some(old)))
        })
        .await
}

/// `POST credentials/{credential_id}/revoke`
pub(super) async fn revoke(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, _| {
            ops::revoke(tx, id(given)?).await.map(shown)
        })
        .await
}

/// `PUT credentials/{credential_id}/allowlist`
pub(super) async fn set_allowlist(
    State(app): State<App>,
    operated: Operated<SetAllowlist>,
) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            let entries = asked.allowlist.iter().map(String::as_str);
            let allowlist = ops::allowlist(entries, breadth(asked.admission))?;
            ops::set_allowlist(tx, id(given)?, allowlist)
                .await
                .map(shown)
        })
        .await
}

/// `PATCH credentials/{credential_id}/allowlist`
pub(super) async fn change_allowlist(
    State(app): State<App>,
    operated: Operated<ChangeAllowlist>,
) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            let change = (asked.add.as_slice(), asked.remove.as_slice());
            let breadth = breadth(asked.admission);
            ops::change_allowlist(tx, id(given)?, change, breadth)
                .await
                .map(shown)
        })
        .await
}

/// `PUT credentials/{credential_id}/canonical-form`
pub(super) async fn set_canonical_form(
    State(app): State<App>,
    operated: Operated<SetCanonicalForm>,
) -> Response {
    let given = operated.id(ID);
    operated
        .change(&app, async move |tx, asked| {
            ops::set_canonical_form(tx, id(given)?, &asked.canonical_form)
                .await
                .map(shown)
        })
        .await
}

fn breadth(admission: Admission) -> Breadth {
    match admission {
        Admission::Bounded => Breadth::Bounded,
        Admission::Anybody => Breadth::AllowAny,
    }
}

fn id(given: GivenId) -> Result<i64> {
    given
        .id()
        .ok_or_else(|| Error::not_found(Record::Credential))
}

fn kind_in(kind: Kind) -> CredentialKind {
    match kind {
        Kind::Finci => CredentialKind::Finci,
        Kind::Network => CredentialKind::Network,
    }
}

fn issued(made: Credential, secret: &Secret, replaces: Option<Credential>) -> NewCredential {
    NewCredential {
        credential: shown(made),
        secret: secret.expose().to_owned(),
        replaces: replaces.map(shown),
    }
}

fn shown(credential: Credential) -> Shown {
    let networks = credential.allowlist.split_whitespace();
    Shown {
        id: RecordId(credential.id),
        kind: match credential.kind {
            CredentialKind::Finci => Kind::Finci,
            CredentialKind::Network => Kind::Network,
        },
        allowlist: networks.map(str::to_owned).collect(),
        token: credential.token,
        canonical_form: credential.canonical_form,
        created_at: Rfc3339(credential.created_at),
        expires_at: credential.expires_at.map(Rfc3339),
        revoked_at: credential.revoked_at.map(Rfc3339),
    }
}
