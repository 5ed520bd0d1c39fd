//! What products say about the authorizations of their cards.

use cardwright_core::{AuthorizationTerms, ProductId};

use crate::{
    error::Result,
    store::{ReadTx, Tx, exchange, products},
};

/// Sets the terms of a product, in place of those it had.
///
/// They hold for what is asked and settled from now on: an approval that is open keeps the day it
/// ends.
pub async fn set(
    tx: &mut Tx,
    product: ProductId,
    terms: AuthorizationTerms,
) -> Result<AuthorizationTerms> {
    products::get(tx, product).await?;
    exchange::put_terms(tx, product, terms).await?;
    let subject = product.to_string();
    tx.audit("product.set_terms", ("product", &subject)).await?;
    Ok(terms)
}

/// The terms of a product that is there; the usual ones where nobody set any.
pub async fn get(tx: &mut ReadTx, product: ProductId) -> Result<AuthorizationTerms> {
    products::get(tx, product).await?;
    exchange::terms(tx, product).await
}
