//! Rates between currencies, and what products say about the use of their cards. Both belong to
//! the environment.

use cardwright_core::{
    AuthorizationTerms, Currency, LimitsAfterRefund, ProductId, Rate, Timestamp,
};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

/// The rate that operators fed for this direction.
pub async fn rate(tx: &mut ReadTx, source: Currency, target: Currency) -> Result<Option<Rate>> {
    let sql = "SELECT micros FROM exchange_rate WHERE source = $1 AND target = $2";
    let parameters = [source.code().into(), target.code().into()];
    let row = tx.session().optional(sql, &parameters).await?;
    row.map(|row| rate_of(row.get(0)?)).transpose()
}

fn rate_of(micros: i64) -> Result<Rate> {
    Rate::from_micros(micros).ok_or_else(|| Error::Corrupt("an exchange rate".to_owned()))
}

/// A rate as it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptRate {
    /// From which currency.
    pub source: Currency,
    /// To which.
    pub target: Currency,
    /// How much.
    pub rate: Rate,
    /// When it was fed.
    pub updated_at: Timestamp,
}

/// Every rate that operators fed, by currencies.
pub async fn rates(tx: &mut ReadTx) -> Result<Vec<KeptRate>> {
    let sql = "SELECT source, target, micros, updated_at FROM exchange_rate \
               ORDER BY source, target";
    let rows = tx.session().query(sql, &[]).await?;
    rows.iter().map(kept_rate).collect()
}

fn kept_rate(row: &Row) -> Result<KeptRate> {
    let mut columns = row.reader();
    let corrupt = || Error::Corrupt("currencies of an exchange rate".to_owned());
    Ok(KeptRate {
        source: Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?,
        target: Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?,
        rate: rate_of(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}

/// Sets a rate, in place of the one of this direction.
pub async fn put_rate(tx: &mut Tx, kept: KeptRate) -> Result<()> {
    let sql = "INSERT INTO exchange_rate (source, target, micros, updated_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (source, target) DO UPDATE SET \
               micros = excluded.micros, updated_at = excluded.updated_at";
    let parameters = [
        kept.source.code().into(),
        kept.target.code().into(),
        Value::from(kept.rate.micros()),
        kept.updated_at.as_millisecond().into(),
    ];
    tx.execute_shared(sql, &parameters).await?;
    Ok(())
}

/// What a product says about authorizations, or the usual terms.
pub async fn terms(tx: &mut ReadTx, product: ProductId) -> Result<AuthorizationTerms> {
    let sql = "SELECT markup_basis_points, hold_days, lodging_hold_days, restores_limits \
               FROM product_terms WHERE product = $1";
    let row = tx.session().optional(sql, &[product.get().into()]).await?;
    let Some(row) = row else {
        return Ok(AuthorizationTerms::DEFAULT);
    };
    super::standings::terms(&mut row.reader())
}

/// Sets what a product says about authorizations.
pub async fn put_terms(tx: &mut Tx, product: ProductId, terms: AuthorizationTerms) -> Result<()> {
    let restores = i64::from(terms.after_refund == LimitsAfterRefund::Restored);
    let parameters = [
        Value::from(product.get()),
        terms.markup_basis_points.into(),
        i64::from(terms.hold_days).into(),
        i64::from(terms.lodging_hold_days).into(),
        restores.into(),
    ];
    let sql = "INSERT INTO product_terms (product, markup_basis_points, hold_days, \
               lodging_hold_days, restores_limits) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (product) DO UPDATE SET \
               markup_basis_points = excluded.markup_basis_points, \
               hold_days = excluded.hold_days, \
               lodging_hold_days = excluded.lodging_hold_days, \
               restores_limits = excluded.restores_limits";
    tx.execute_shared(sql, &parameters).await?;
    Ok(())
}
