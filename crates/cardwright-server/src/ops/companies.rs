//! Recording companies and their employees.

use cardwright_core::{
    Address, Country, Date, Event, Holder, HolderContact, HolderId, HolderKind, HolderModel,
    HolderName, KycState, Record, Refusal, holder_number,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        holders::{self, IdSpace},
    },
};

/// What is said about a company.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCompany {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies.
    pub registration_number: Option<String>,
    /// Where it is registered.
    pub country: Option<Country>,
    /// E-mail and phone.
    pub contact: HolderContact,
    /// Where it is.
    pub address: Option<Address>,
}

/// What is known about a company besides what every holder has; kept in its profile.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct CompanyProfile {
    /// Its number in the register of companies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
}

impl CompanyProfile {
    /// Reads it back from a holder's profile.
    pub fn of(company: &Holder) -> Result<CompanyProfile> {
        serde_json::from_str(&company.profile)
            .map_err(|_| Error::Corrupt(format!("profile of holder {}", company.id)))
    }

    /// As a holder's profile holds it.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Corrupt(error.to_string()))
    }
}

/// What is said about an employee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEmployee {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// The company.
    pub corporate: HolderId,
    /// Names.
    pub name: HolderName,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number with its country.
    pub phone: Option<String>,
}

/// Records a company, which its program has checked itself.
pub async fn create(tx: &mut Tx, new: NewCompany) -> Result<Holder> {
    let mut company = blank(tx, HolderKind::Corporate, new.external_id).await?;
    let sequence = tx.next_number("corporate").await?;
    company.number = holder_number(HolderKind::Corporate, sequence);
    company.name.last = new.name;
    company.nationality = new.country;
    company.contact = new.contact;
    company.address = new.address;
    company.profile = CompanyProfile {
        registration_number: new.registration_number,
    }
    .text()?;
    store_new(tx, company).await
}

/// Records an employee of a company.
pub async fn employ(tx: &mut Tx, new: NewEmployee) -> Result<Holder> {
    let company = holders::get(tx, new.corporate).await?;
    if company.kind != HolderKind::Corporate {
        return Err(Error::not_found(Record::Corporate));
    }
    let mut employee = blank(tx, HolderKind::Employee, new.external_id).await?;
    employee.corporate = Some(company.id);
    employee.name = new.name;
    employee.birth_date = new.birth_date;
    employee.contact.email = new.email;
    employee.contact.phone = new.phone;
    store_new(tx, employee).await
}

async fn blank(tx: &mut Tx, kind: HolderKind, external_id: Option<String>) -> Result<Holder> {
    if let Some(id) = &external_id
        && holders::external_id_taken(tx, kind, id).await?
    {
        return Err(Refusal::ExternalIdConflict.into());
    }
    let id = HolderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    Ok(Holder {
        id,
        kind,
        number: None,
        corporate: None,
        model: Some(HolderModel::B2B),
        product: None,
        name: HolderName {
            first: String::new(),
            middle: None,
            last: String::new(),
        },
        birth_date: None,
        nationality: None,
        contact: HolderContact {
            email: None,
            area_code: None,
            phone: None,
        },
        address: None,
        document: None,
        kyc: KycState::Approved,
        external_id,
        profile: "{}".to_owned(),
        created_at: tx.now(),
        updated_at: tx.now(),
    })
}

async fn store_new(tx: &mut Tx, holder: Holder) -> Result<Holder> {
    holders::insert(tx, &holder, (IdSpace::ExternalId, None)).await?;
    tx.audit("holder.create", ("holder", &holder.id.to_string()))
        .await?;
    tx.emit(Event::HolderStatusChanged {
        holder: holder.id,
        kyc: holder.kyc.clone(),
    })
    .await?;
    Ok(holder)
}
