//! Credentials of signed callers: made, rotated, ended. Their times are real time.

use cardwright_core::{Refusal, Timestamp};
use cardwright_wire::finci::signature::FormSetting;
use jiff::SignedDuration;

use super::callers::SECRET_PLACE;
use crate::{
    error::{Error, Result},
    network::{AddressList, Breadth},
    secrets::{Secret, generate},
    store::{
        Tx,
        credentials::{self, Credential, CredentialKind},
        environment::{self, EnvironmentName},
        tenants,
    },
};

/// A credential that is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCredential {
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// How its caller puts the parts of a request together before signing.
    pub canonical_form: String,
    /// The networks it may be used from, separated by blanks.
    pub allowlist: String,
}

/// How long a credential works on after another took its place, where nobody says.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// The longest that a credential works on after another took its place.
const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many networks a list has at most.
const NETWORKS_MAX: usize = 64;

/// Networks as they are stored, out of what a caller wrote; none admits nobody.
pub fn allowlist<'a>(
    entries: impl IntoIterator<Item = &'a str>,
    breadth: Breadth,
) -> Result<String> {
    let list = AddressList::parse(entries, breadth).map_err(|_| Error::Invalid("allowlist"))?;
    Ok(list.entries().join(" "))
}

/// The form in its stored text, if it can be had here. Only a sandbox finds forms out.
async fn canonical_form(tx: &mut Tx, text: &str) -> Result<String> {
    const FIELD: &str = "canonical_form";
    let setting: FormSetting = text.parse().map_err(|_| Error::Invalid(FIELD))?;
    match (&setting, environment::of(tx).await?.name) {
        (FormSetting::Detect, EnvironmentName::Production) => Err(Error::Invalid(FIELD)),
        (FormSetting::Detect, EnvironmentName::Sandbox) | (FormSetting::Fixed(_), _) => {
            Ok(setting.to_string())
        }
    }
}

/// Makes a credential in this form, or in the tenant's; its secret is shown now or never.
pub async fn create(
    tx: &mut Tx,
    kind: CredentialKind,
    (form, allowlist): (Option<String>, String),
) -> Result<(Credential, Secret)> {
    let canonical_form = match form {
        Some(form) => canonical_form(tx, &form).await?,
        None => tenants::current(tx).await?.canonical_form,
    };
    let new = NewCredential {
        kind,
        canonical_form,
        allowlist,
    };
    issue(tx, new).await
}

/// Makes a credential.
pub(super) async fn issue(tx: &mut Tx, new: NewCredential) -> Result<(Credential, Secret)> {
    let id = tx.next_id().await?;
    let token = generate::finci_token(tx.entropy());
    let secret = generate::finci_secret(tx.entropy());
    let place = tx.place(SECRET_PLACE, id);
    let plain = secret.expose().as_bytes();
    let credential = Credential {
        tenant: tx.tenant(),
        id,
        kind: new.kind,
        token,
        secret_sealed: tx.vault().seal(&place, plain, tx.entropy())?,
        canonical_form: new.canonical_form,
        allowlist: new.allowlist,
        created_at: tx.real_now(),
        expires_at: None,
        revoked_at: None,
    };
    credentials::insert(tx, &credential).await?;
    tx.audit("credential.create", subject(&id.to_string()))
        .await?;
    Ok((credential, secret))
}

/// Until when a credential works on after another took its place: the earlier of what is said, a
/// day where nothing is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Overlap {
    /// So long from now; nothing ends it at once.
    pub lasting: Option<SignedDuration>,
    /// Until then, which has not passed and is not far.
    pub until: Option<Timestamp>,
}

impl Overlap {
    fn end(self, now: Timestamp) -> Result<Timestamp> {
        let lasting = match (self.lasting, self.until) {
            (None, None) => Some(OVERLAP),
            (lasting, _) => lasting,
        };
        let of_lasting = lasting.map(|time| now.checked_add(time).ok());
        let fits = |end: &Timestamp| *end >= now && end.duration_since(now) <= OVERLAP_MAX;
        let of_lasting = of_lasting
            .map(|end| end.filter(fits).ok_or(Error::Invalid("overlap_seconds")))
            .transpose()?;
        let until = self
            .until
            .map(|end| Some(end).filter(fits).ok_or(Error::Invalid("valid_until")))
            .transpose()?;
        let earlier = [of_lasting, until].into_iter().flatten().min();
        Ok(earlier.unwrap_or(now))
    }
}

/// Makes a credential in the place of another, which works on for a while.
///
/// The old one never lives longer than it would have without this.
pub async fn rotate(
    tx: &mut Tx,
    id: i64,
    overlap: Overlap,
) -> Result<(Credential, Credential, Secret)> {
    let old = active(tx, id).await?;
    let end = overlap.end(tx.real_now())?;
    let old = Credential {
        expires_at: Some(old.expires_at.map_or(end, |sooner| sooner.min(end))),
        ..old
    };
    credentials::put(tx, &old).await?;
    tx.audit("credential.rotate", subject(&id.to_string()))
        .await?;
    let new = NewCredential {
        kind: old.kind,
        canonical_form: old.canonical_form.clone(),
        allowlist: old.allowlist.clone(),
    };
    let (new, secret) = issue(tx, new).await?;
    Ok((old, new, secret))
}

/// Ends a credential at once. One that has ended stays as it is.
pub async fn revoke(tx: &mut Tx, id: i64) -> Result<Credential> {
    let credential = credentials::get(tx, id).await?;
    if credential.revoked_at.is_some() {
        return Ok(credential);
    }
    let revoked = Credential {
        revoked_at: Some(tx.real_now()),
        ..credential
    };
    credentials::put(tx, &revoked).await?;
    tx.audit("credential.revoke", subject(&id.to_string()))
        .await?;
    Ok(revoked)
}

/// Replaces the networks that a credential may be used from.
pub async fn set_allowlist(tx: &mut Tx, id: i64, allowlist: String) -> Result<Credential> {
    let credential = Credential {
        allowlist,
        ..active(tx, id).await?
    };
    credentials::put(tx, &credential).await?;
    tx.audit("credential.set_allowlist", subject(&id.to_string()))
        .await?;
    Ok(credential)
}

/// Adds networks to those that a credential may be used from, and takes others out. To take out
/// what is not there is no fault: it is gone afterwards.
pub async fn change_allowlist(
    tx: &mut Tx,
    id: i64,
    (add, remove): (&[String], &[String]),
    breadth: Breadth,
) -> Result<Credential> {
    let credential = active(tx, id).await?;
    let parsed = |entries: &[String], field| {
        // Whatever stands in a list already may be taken out of it.
        let parsed = AddressList::parse(entries, Breadth::AllowAny);
        parsed.map_err(|_| Error::Invalid(field))
    };
    let gone = parsed(remove, "remove")?.entries();
    let added = AddressList::parse(add, breadth).map_err(|_| Error::Invalid("add"))?;
    let kept = credential.allowlist.split_whitespace().map(str::to_owned);
    let mut networks: Vec<String> = kept.filter(|entry| !gone.contains(entry)).collect();
    for entry in added.entries() {
        if !networks.contains(&entry) {
            networks.push(entry);
        }
    }
    if networks.len() > NETWORKS_MAX {
        return Err(Error::Invalid("add"));
    }
    set_allowlist(tx, id, networks.join(" ")).await
}

/// Sets the form that a credential's caller signs in.
pub async fn set_canonical_form(tx: &mut Tx, id: i64, form: &str) -> Result<Credential> {
    let credential = Credential {
        canonical_form: canonical_form(tx, form).await?,
        ..active(tx, id).await?
    };
    credentials::put(tx, &credential).await?;
    tx.audit("credential.set_canonical_form", subject(&id.to_string()))
        .await?;
    Ok(credential)
}

async fn active(tx: &mut Tx, id: i64) -> Result<Credential> {
    let credential = credentials::get(tx, id).await?;
    if credential.is_active(tx.real_now()) {
        Ok(credential)
    } else {
        Err(Refusal::CredentialRevoked.into())
    }
}

fn subject(id: &str) -> (&str, &str) {
    ("credential", id)
}
