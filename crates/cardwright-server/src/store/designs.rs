//! What gift cards look like. Designs belong to the environment, like their products.

use cardwright_core::{ProductId, Record, Timestamp};

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
    holders::time,
};
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
    /// Since when no new card can have it.
    pub withdrawn_at: Option<Timestamp>,
}

/// Refuses unless a product's cards come in this look.
pub async fn require(tx: &mut ReadTx, id: i64, product: ProductId) -> Result<()> {
    let sql = "SELECT 1 FROM card_design WHERE id = $1 AND product = $2 AND withdrawn_at IS NULL";
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

/// The design with this id, withdrawn or not.
pub async fn get(tx: &mut ReadTx, id: i64) -> Result<Design> {
    let sql = "SELECT id, product, name, withdrawn_at FROM card_design WHERE id = $1";
    let row = tx.session().optional(sql, &[id.into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Design))?)
}

/// The designs before this one, newest first, withdrawn ones too.
pub async fn before(tx: &mut ReadTx, before: Option<i64>, limit: i64) -> Result<Vec<Design>> {
    let sql = "SELECT id, product, name, withdrawn_at FROM card_design \
               WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2";
    let parameters = [Value::from(before), limit.into()];
    let rows = tx.session().query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// Adds a design.
pub async fn add(tx: &mut Tx, design: &Design) -> Result<()> {
    let sql = "INSERT INTO card_design (id, product, name) VALUES ($1, $2, $3)";
    let parameters = [
        Value::from(design.id),
        design.product.get().into(),
        design.name.as_str().into(),
    ];
    tx.execute_shared(sql, &parameters).await?;
    Ok(())
}

/// Writes since when a design is withdrawn; the first time counts.
pub async fn withdraw(tx: &mut Tx, id: i64) -> Result<()> {
    let sql = "UPDATE card_design SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
    let now = tx.real_now().as_millisecond();
    tx.execute_shared(sql, &[id.into(), now.into()]).await?;
    Ok(())
}

fn from_row(row: &Row) -> Result<Design> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("card design {id}"));
    Ok(Design {
        id,
        product: ProductId::new(columns.next()?).map_err(|_| corrupt())?,
        name: columns.next()?,
        withdrawn_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
    })
}
