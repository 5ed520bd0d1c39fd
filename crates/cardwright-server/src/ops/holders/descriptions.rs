//! Describing a holder otherwise, as a caller does who has vetted it himself.

use cardwright_core::{Event, Holder, KycState, Refusal};

use crate::{
    error::Result,
    store::{
        Tx,
        holders::{self, IdSpace},
    },
};

/// Puts a holder's description in the place of the one before. The same one changes nothing.
///
/// Whom the platform has checked, or is to check, is described where that is done: otherwise a name
/// could be exchanged behind a check.
pub async fn describe(tx: &mut Tx, before: &Holder, after: Holder) -> Result<Holder> {
    // Whoever came by an order was checked by the platform, however little there was to check.
    let by_caller = holders::id_space(tx, before.id).await? == IdSpace::ExternalId;
    let checked = before.document.is_some() || before.product.is_some();
    if !by_caller || checked || before.kyc != KycState::Approved {
        return Err(Refusal::HolderKeptElsewhere.into());
    }
    tx.audit("holder.describe", ("holder", &before.id.to_string()))
        .await?;
    if after == *before {
        return Ok(after);
    }
    let described = Holder {
        updated_at: tx.now(),
        ..after
    };
    holders::put(tx, &described, None).await?;
    if described.contact.email != before.contact.email {
        let event = Event::HolderEmailChanged {
            holder: described.id,
            kyc: described.kyc.clone(),
            email: described.contact.email.clone(),
        };
        tx.emit(event).await?;
    }
    Ok(described)
}
