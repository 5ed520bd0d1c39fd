//! Recording companies and their employees.

use cardwright_core::{
    Date, Event, Holder, HolderContact, HolderId, HolderKind, HolderModel, HolderName, KycState,
    Record, Refusal, holder_number,
};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        holders::{self, IdSpace},
    },
};

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
}

/// Records a company, which its program has checked itself.
pub async fn create(tx: &mut Tx, external_id: Option<String>, name: String) -> Result<Holder> {
    let sequence = tx.next_number("corporate").await?;
    let mut company = blank(tx, HolderKind::Corporate, external_id).await?;
    company.number = holder_number(HolderKind::Corporate, sequence);
    company.name.last = name;
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
        status: holder.kyc.word(),
    })
    .await?;
    Ok(holder)
}
