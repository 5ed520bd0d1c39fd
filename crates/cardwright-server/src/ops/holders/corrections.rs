//! Changing how a holder is described, after staff refused it; and its e-mail address, any time.

use cardwright_core::{
    Event, Holder, HolderId, HolderRefusal, IdentityDocument, ProductId, Refusal,
};

use super::{
    Evidence, NewPerson, check_evidence, masked, refuse_restricted, refuse_taken_email,
    refuse_taken_number, schedule_review, seal_number, tell,
};
use crate::{
    error::Result,
    store::{Tx, holders, products},
};

/// The holder, if it is one that may be described anew.
pub async fn correctable(tx: &mut Tx, id: HolderId) -> Result<Holder> {
    let holder = holders::get_cardholder(tx, id).await?;
    holder.kyc.resubmit()?;
    Ok(holder)
}

/// Describes a holder anew, who then waits for staff again.
///
/// `person` is whole: what did not change is in it as it was, but for the identity number, which
/// stays where none is given. `kind` is what kind of document it is then.
pub async fn correct(
    tx: &mut Tx,
    before: Holder,
    person: NewPerson,
    (evidence, kind): (&Evidence, Option<String>),
) -> Result<Holder> {
    let kyc = before.kyc.resubmit()?;
    let id = before.id;
    let product = match person.product {
        Some(product) => Some(products::get_ordered(tx, product).await?),
        None => None,
    };
    if let Some(product) = &product {
        product.check_model(person.model)?;
    }
    refuse_restricted(&person)?;
    check_evidence(tx, evidence, product.as_ref()).await?;
    refuse_taken_email(tx, id, &person).await?;
    let number = match &person.document {
        Some((_, number)) => Some(seal_number(tx, id, number)?),
        None => None,
    };
    let lookup = match &number {
        Some(number) => Some(number.lookup),
        None => holders::document_lookup(tx, id).await?,
    };
    refuse_taken_number(tx, id, lookup, person.product).await?;
    let known = before.document.map(|document| document.masked_number);
    let given = person.document.map(|(_, number)| masked(number.expose()));
    let document = given.or(known).map(|masked_number| IdentityDocument {
        kind,
        masked_number,
    });
    let corrected = Holder {
        model: person.model,
        product: person.product,
        name: person.name,
        birth_date: person.birth_date,
        nationality: person.nationality,
        contact: person.contact,
        address: person.address,
        document,
        kyc,
        profile: person.profile,
        updated_at: tx.now(),
        ..before
    };
    holders::put(tx, &corrected, number.as_ref()).await?;
    tx.audit("holder.correct", ("holder", &id.to_string()))
        .await?;
    tell(tx, &corrected).await?;
    schedule_review(tx, id).await?;
    Ok(corrected)
}

/// Lets a holder be reached at another e-mail address, wherever its checks stand. The address that
/// it has already changes nothing.
pub async fn change_email(tx: &mut Tx, holder: Holder, email: String) -> Result<Holder> {
    let id = holder.id;
    require_email_update(tx, holder.product).await?;
    if holder.contact.email.as_ref() == Some(&email) {
        return Ok(holder);
    }
    if holders::email_taken(tx, id, &email, holder.product).await? {
        return Err(Refusal::DuplicateEmail.into());
    }
    let mut changed = Holder {
        updated_at: tx.now(),
        ..holder
    };
    changed.contact.email = Some(email);
    holders::put(tx, &changed, None).await?;
    tx.audit("holder.change_email", ("holder", &id.to_string()))
        .await?;
    tx.emit(Event::HolderEmailChanged {
        holder: id,
        kyc: changed.kyc.clone(),
        email: changed.contact.email.clone(),
    })
    .await?;
    Ok(changed)
}

async fn require_email_update(tx: &mut Tx, product: Option<ProductId>) -> Result<()> {
    let Some(product) = product else {
        return Ok(());
    };
    if products::get(tx, product).await?.email_update().is_yes() {
        Ok(())
    } else {
        Err(HolderRefusal::EmailUpdateNotSupported.into())
    }
}
