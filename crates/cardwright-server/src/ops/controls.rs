//! Setting what cards, accounts and products may be used for.

use cardwright_core::{Controlled, Controls, UsageSubject};

use crate::{
    error::{Error, Result},
    store::{ReadTx, Tx, accounts, cards, controls, products, usage},
};

/// Sets the controls of a card, an account or a product, in place of those it had.
///
/// They rule from the next authorization on. What was used before counts: a limit set at noon sees
/// the morning. Setting the same controls again changes nothing and is recorded all the same.
pub async fn set(tx: &mut Tx, whose: Controlled, wanted: Controls) -> Result<Controls> {
    require(tx, whose).await?;
    let wanted = wanted.checked().map_err(Error::Invalid)?;
    let subject = (whose.scope().word(), whose.id().to_string());
    tx.audit("controls.set", (subject.0, &subject.1)).await?;
    if controls::get(tx, whose).await? == wanted {
        return Ok(wanted);
    }
    controls::put(tx, whose, &wanted).await?;
    match whose {
        Controlled::Card(id) => usage::forget(tx, UsageSubject::Card, id.get()).await?,
        Controlled::Account(id) => usage::forget(tx, UsageSubject::Account, id.get()).await?,
        // Counters are those of its cards, which may have limits of their own.
        Controlled::Product(_) => {}
    }
    Ok(wanted)
}

/// The controls of a card, an account or a product that is there.
pub async fn get(tx: &mut ReadTx, whose: Controlled) -> Result<Controls> {
    require(tx, whose).await?;
    controls::get(tx, whose).await
}

/// Refuses a record that is missing, or that its tenant cannot see.
async fn require(tx: &mut ReadTx, whose: Controlled) -> Result<()> {
    match whose {
        Controlled::Card(id) => drop(cards::get(tx, id).await?),
        Controlled::Account(id) => drop(accounts::get_visible(tx, id).await?),
        Controlled::Product(id) => drop(products::get(tx, id).await?),
    }
    Ok(())
}
