//! What operators say about the looks of gift cards.

use cardwright_core::{ProductId, Refusal};

use crate::{
    error::Result,
    store::{
        Tx,
        designs::{self, Design},
        products,
    },
};

/// Adds a look for the cards of a gift product.
pub async fn add(tx: &mut Tx, product: ProductId, name: String) -> Result<Design> {
    if !products::get(tx, product).await?.is_gift() {
        return Err(Refusal::ProductNotSuitable.into());
    }
    let design = Design {
        id: tx.next_id().await?,
        product,
        name,
        withdrawn_at: None,
    };
    designs::add(tx, &design).await?;
    tx.audit("card_design.add", ("card_design", &design.id.to_string()))
        .await?;
    Ok(design)
}

/// Withdraws a look. One that was withdrawn before stays so since then.
pub async fn withdraw(tx: &mut Tx, id: i64) -> Result<Design> {
    designs::get(tx, id).await?;
    designs::withdraw(tx, id).await?;
    tx.audit("card_design.withdraw", ("card_design", &id.to_string()))
        .await?;
    designs::get(tx, id).await
}
