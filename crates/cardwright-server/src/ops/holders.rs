//! Recording holders, correcting them, and moving their checks on.

mod corrections;
mod descriptions;

use cardwright_core::{
    Address, Country, Date, Description, Event, Holder, HolderContact, HolderId, HolderKind,
    HolderModel, HolderName, HolderRefusal, IdentityDocument, KycStage, KycState, Product,
    ProductId, Refusal, holder_number,
};

use zeroize::Zeroizing;

pub use corrections::{change_email, correct, correctable};
pub use descriptions::describe;

use super::files;
use crate::{
    error::{Error, Result},
    secrets::Secret,
    store::{
        Tx,
        environment::{self, EnvironmentName},
        holders,
        holders::{IdSpace, SealedNumber},
        jobs::{self, Task},
        products,
        tenants::{self, KycMode},
    },
};

/// What a caller says about a natural person.
#[derive(Debug)]
pub struct NewPerson {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// For which kind of product the person was described; none suits all.
    pub model: Option<HolderModel>,
    /// For which product.
    pub product: Option<ProductId>,
    /// Names.
    pub name: HolderName,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Nationality.
    pub nationality: Option<Country>,
    /// E-mail and phone.
    pub contact: HolderContact,
    /// Where the person lives.
    pub address: Option<Address>,
    /// Kind and number of an identity document.
    pub document: Option<(Option<String>, Secret)>,
    /// Further facts, a JSON object.
    pub profile: String,
}

/// Whether a new person still has to be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vetting<'a> {
    /// The caller did that (FINCI).
    DoneByCaller,
    /// The platform does it (`FinCard`), by this.
    Needed(&'a Evidence),
}

/// What a person to be checked brings along.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evidence {
    /// What card type and world have a say in; nothing where no model was named.
    pub description: Option<Description>,
    /// Files that it names.
    pub files: Vec<String>,
}

/// Where identity numbers are sealed, and the domain of their digests.
const DOCUMENT_PLACE: &str = "holder.document";

/// Records a natural person.
pub async fn create_person(tx: &mut Tx, person: NewPerson, vetting: Vetting<'_>) -> Result<Holder> {
    let product = match person.product {
        Some(id) => Some(products::get_ordered(tx, id).await?),
        None => None,
    };
    if let Some(product) = &product {
        product.check_model(person.model)?;
    }
    let id = HolderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let number = match (&person.document, vetting) {
        (Some((_, number)), _) => Some(seal_number(tx, id, number)?),
        (None, _) => None,
    };
    match vetting {
        Vetting::DoneByCaller => refuse_taken_id(tx, person.external_id.as_deref()).await?,
        // Whom a caller has vetted itself is the caller's own decision.
        Vetting::Needed(evidence) => {
            refuse_restricted(&person)?;
            check_evidence(tx, evidence, product.as_ref()).await?;
            refuse_taken_email(tx, id, &person).await?;
            let lookup = number.as_ref().map(|number| number.lookup);
            refuse_taken_number(tx, id, lookup, person.product).await?;
        }
    }
    let sequence = tx.next_number("person").await?;
    let holder = Holder {
        id,
        kind: HolderKind::Person,
        number: holder_number(HolderKind::Person, sequence),
        corporate: None,
        model: person.model,
        product: person.product,
        name: person.name,
        birth_date: person.birth_date,
        nationality: person.nationality,
        contact: person.contact,
        address: person.address,
        document: person.document.map(|(kind, number)| IdentityDocument {
            kind,
            masked_number: masked(number.expose()),
        }),
        kyc: match vetting {
            Vetting::DoneByCaller => KycState::Approved,
            Vetting::Needed(_) => KycState::WaitAudit,
        },
        external_id: person.external_id.or_else(|| match vetting {
            Vetting::DoneByCaller => None,
            // Callers follow a holder by their order number, so one who gave none gets one.
            Vetting::Needed(_) => Some(format!("holder-{}", id.padded())),
        }),
        profile: person.profile,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let space = match vetting {
        Vetting::DoneByCaller => IdSpace::ExternalId,
        Vetting::Needed(_) => IdSpace::OrderNumber,
    };
    holders::insert(tx, &holder, (space, number.as_ref())).await?;
    tx.audit("holder.create", ("holder", &id.to_string()))
        .await?;
    tell(tx, &holder).await?;
    if let Vetting::Needed(_) = vetting {
        schedule_review(tx, id).await?;
    }
    Ok(holder)
}

fn refuse_restricted(person: &NewPerson) -> Result<()> {
    let lives_in = person.address.as_ref().and_then(|address| address.country);
    let restricted = [person.nationality, lives_in].into_iter().flatten();
    if restricted.into_iter().any(Country::is_restricted) {
        return Err(HolderRefusal::RestrictedCountry.into());
    }
    Ok(())
}

/// A repeat of the same request never comes this far, so whoever has the id is somebody else, such
/// as a seeded person. Numbers of orders are no ids: each operation has its own, and tells a repeat
/// by them for good.
async fn refuse_taken_id(tx: &mut Tx, external_id: Option<&str>) -> Result<()> {
    let Some(id) = external_id else { return Ok(()) };
    if holders::external_id_taken(tx, HolderKind::Person, id).await? {
        return Err(Refusal::ExternalIdConflict.into());
    }
    Ok(())
}

/// Judges what a person brings along. Where a model was named its files must be there, and where
/// nothing is played they must be too; a sandbox takes any text for one, so that a form can be
/// tried out before a picture is at hand.
async fn check_evidence(tx: &mut Tx, evidence: &Evidence, product: Option<&Product>) -> Result<()> {
    if let (Some(description), Some(product)) = (&evidence.description, product) {
        description.check(product)?;
    }
    let played = environment::of(tx).await?.name == EnvironmentName::Sandbox;
    if evidence.description.is_none() && played {
        return Ok(());
    }
    for file in &evidence.files {
        files::require(tx, file).await?;
    }
    Ok(())
}

async fn refuse_taken_email(tx: &mut Tx, id: HolderId, person: &NewPerson) -> Result<()> {
    if let Some(email) = &person.contact.email
        && holders::email_taken(tx, id, email, person.product).await?
    {
        return Err(Refusal::DuplicateEmail.into());
    }
    Ok(())
}

async fn refuse_taken_number(
    tx: &mut Tx,
    id: HolderId,
    lookup: Option<[u8; 32]>,
    product: Option<ProductId>,
) -> Result<()> {
    if let Some(lookup) = lookup
        && holders::document_taken(tx, id, &lookup, product).await?
    {
        return Err(HolderRefusal::DuplicateIdNumber.into());
    }
    Ok(())
}

fn seal_number(tx: &Tx, id: HolderId, number: &Secret) -> Result<SealedNumber> {
    let place = tx.place(DOCUMENT_PLACE, id.get());
    let plain = number.expose();
    // Blanks around it and small letters do not make it another document.
    let folded = Zeroizing::new(plain.trim().to_uppercase());
    Ok(SealedNumber {
        sealed: tx.vault().seal(&place, plain.as_bytes(), tx.entropy())?,
        lookup: tx.vault().lookup(DOCUMENT_PLACE, folded.as_bytes())?,
    })
}

/// All but the last characters hidden: four at most, and never more than a third.
fn masked(number: &str) -> String {
    let length = number.chars().count();
    let hidden = length - (length / 3).min(4);
    let mask = |(index, letter)| if index < hidden { '*' } else { letter };
    number.chars().enumerate().map(mask).collect()
}

async fn schedule_review(tx: &mut Tx, id: HolderId) -> Result<()> {
    match tenants::current(tx).await?.kyc_mode {
        KycMode::Auto => jobs::schedule(tx, Task::ReviewHolder(id), tx.now()).await,
        KycMode::Manual => Ok(()),
    }
}

async fn tell(tx: &mut Tx, holder: &Holder) -> Result<()> {
    tx.emit(Event::HolderStatusChanged {
        holder: holder.id,
        kyc: holder.kyc.clone(),
    })
    .await
}

/// The last name that a self-deciding check refuses.
const REJECTED_NAME: &str = "REJECT";
/// The last name that a self-deciding check never finishes with.
const REVIEWED_NAME: &str = "REVIEW";

/// Takes the next step of a holder's checks, where they decide themselves.
///
/// A last name of `REJECT` is refused by the staff's step, `REVIEW` stays with the channel, so
/// that an integrator can meet every outcome.
pub async fn review(tx: &mut Tx, id: HolderId) -> Result<()> {
    let holder = holders::get(tx, id).await?;
    let kyc = match &holder.kyc {
        KycState::WaitAudit if holder.name.last == REJECTED_NAME => {
            holder.kyc.reject("rejected by test name")?
        }
        KycState::WaitAudit => holder.kyc.forward()?,
        KycState::UnderReview if holder.name.last != REVIEWED_NAME => holder.kyc.approve()?,
        // Nothing left to do: a repeated step changes nothing.
        KycState::UnderReview | KycState::Approved | KycState::Rejected { .. } => return Ok(()),
    };
    let again = kyc == KycState::UnderReview && holder.name.last != REVIEWED_NAME;
    let reviewed = Holder {
        kyc,
        updated_at: tx.now(),
        ..holder
    };
    holders::put_kyc(tx, &reviewed).await?;
    tx.audit("holder.review", ("holder", &id.to_string()))
        .await?;
    tell(tx, &reviewed).await?;
    if again {
        schedule_review(tx, id).await?;
    }
    Ok(())
}

/// What an operator decides about a holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// It passes the stage that it is at.
    PassPresent,
    /// It passes the stage, or every stage that is left.
    Pass(Option<KycStage>),
    /// It fails at the stage, or at the present one, for this reason.
    Fail(Option<KycStage>, String),
}

/// Decides about a holder.
pub async fn decide(
    tx: &mut Tx,
    id: HolderId,
    decision: Decision,
    note: Option<&str>,
) -> Result<Holder> {
    let holder = holders::get(tx, id).await?;
    let kyc = match decision {
        Decision::PassPresent => holder.kyc.pass(Some(holder.kyc.stage()))?,
        Decision::Pass(stage) => holder.kyc.pass(stage)?,
        Decision::Fail(stage, reason) => holder.kyc.fail(stage, &reason)?,
    };
    let decided = Holder {
        kyc,
        updated_at: tx.now(),
        ..holder
    };
    holders::put_kyc(tx, &decided).await?;
    tx.audit_reasoned("holder.decide", ("holder", &id.to_string()), note)
        .await?;
    tell(tx, &decided).await?;
    Ok(decided)
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_number_shows_four_characters_at_most_and_little_of_a_short_one() {
        assert_eq!(masked("X12345678901"), "********8901");
        assert_eq!(masked("X1234567"), "******67");
        assert_eq!(masked("12"), "**");
        assert_eq!(masked(""), "");
        assert_eq!(masked("ÄÖÜß12"), "****12");
    }
}
