//! What gift cards look like. Designs belong to the environment, like their products.

use cardwright_core::{ProductId, Record};

use super::{ReadTx, SystemTx, db::Value};
use crate::error::{Error, Result};

/// A look of a product's cards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Design {
    /// Its id.
    pub id: i64,
    /// Which product it is for.
    pub product: ProductId,
    /// A name for people.
    pub name: String,
}

/// Refuses unless a product's cards come in this look.
pub async fn require(tx: &mut ReadTx, id: i64, product: ProductId) -> Result<()> {
    let sql = "SELECT 1 FROM card_design WHERE id = $1 AND product = $2";
    let parameters = [id.into(), product.get().into()];
    match tx.session().optional(sql, &parameters).await? {
        Some(_) => Ok(()),
        None => Err(Error::not_found(Record::Design)),
    }
}

/// Adds a seeded design.
pub async fn insert(tx: &mut SystemTx, design: &Design) -> Result<()> {
    let sql = "INSERT INTO card_design (id, product, name) VALUES ($1, $2, $3)";
    let parameters = [
        Value::from(design.id),
        design.product.get().into(),
        design.name.as_str().into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}
