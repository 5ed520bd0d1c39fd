//! Card products. They belong to the environment; every tenant sees the same ones.

use std::sync::Arc;

use cardwright_core::{
    Amount, Bin, Capabilities, Capability, CardForm, Category, Currency, HolderModel, HolderRule,
    Mode, Product, ProductId, ProductStatus, Quota, RechargeTerms, Record, Scheme,
};

use super::{
    ReadTx, SystemTx, Tx,
    db::{Row, Value},
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, name, description, bin, scheme, mode, form, category, currency, price, holder_model, \
         holder_required, cards_per_holder, initial_min, initial_max, recharge_min, recharge_max, \
         recharge_rate_basis_points, recharge_fixed_fee, retention, activation, freezing, \
         kyc_verification, validity_months, status"
    };
}

macro_rules! values {
    () => {
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
         $20, $21, $22, $23, $24, $25)"
    };
}

/// The product, whether offered or not.
pub async fn get(tx: &mut ReadTx, id: ProductId) -> Result<Product> {
    let sql = concat!("SELECT ", columns!(), " FROM product WHERE id = $1");
    let row = tx.session().optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Product))?)
}

/// The product, if cards of it are opened by order: one that spends from a customer's account is not
/// in that catalogue, so it is not there for those who ask for one of it.
pub async fn get_ordered(tx: &mut ReadTx, id: ProductId) -> Result<Product> {
    let product = get(tx, id).await?;
    match product.mode {
        Mode::Prepaid | Mode::SharedPool => Ok(product),
        Mode::AccountFunded => Err(Error::not_found(Record::Product)),
    }
}

/// The product, out of memory where it is known there.
pub async fn known(tx: &mut ReadTx, id: ProductId) -> Result<Arc<Product>> {
    let known = tx.arrangements();
    if let Some(product) = known.and_then(|(arrangements, _)| arrangements.product(id)) {
        return Ok(product);
    }
    let product = Arc::new(get(tx, id).await?);
    if let Some((arrangements, noted)) = tx.arrangements() {
        arrangements.remember_product(&product, noted);
    }
    Ok(product)
}

/// Every product, by id.
pub async fn all(tx: &mut ReadTx) -> Result<Vec<Product>> {
    let sql = concat!("SELECT ", columns!(), " FROM product ORDER BY id");
    tx.session()
        .query(sql, &[])
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// Adds a seeded product.
pub async fn insert(tx: &mut SystemTx, product: &Product) -> Result<()> {
    let sql = concat!("INSERT INTO product (", columns!(), ") VALUES ", values!());
    tx.session.execute(sql, &parameters(product)).await?;
    Ok(())
}

/// Adds a product; whether its id was free.
pub async fn add(tx: &mut Tx, product: &Product) -> Result<bool> {
    let sql = concat!(
        "INSERT INTO product (",
        columns!(),
        ") VALUES ",
        values!(),
        " ON CONFLICT DO NOTHING"
    );
    Ok(tx.execute_shared(sql, &parameters(product)).await? == 1)
}

/// Replaces what is stored of a product.
pub async fn put(tx: &mut Tx, product: &Product) -> Result<()> {
    let sql = concat!(
        "UPDATE product SET (",
        columns!(),
        ") = ",
        values!(),
        " WHERE id = $1"
    );
    tx.execute_shared(sql, &parameters(product)).await?;
    tx.arrange_anew();
    Ok(())
}

/// The next id behind all that are taken.
pub async fn next_id(tx: &mut ReadTx) -> Result<ProductId> {
    let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM product";
    let next: i64 = tx.session().one(sql, &[]).await?.get(0)?;
    ProductId::new(next).map_err(|_| Error::Corrupt("ids of products have run out".to_owned()))
}

/// The products behind an id, by id.
pub async fn list(tx: &mut ReadTx, after: i64, limit: i64) -> Result<Vec<Product>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM product WHERE id > $1 ORDER BY id LIMIT $2"
    );
    let rows = tx
        .session()
        .query(sql, &[after.into(), limit.into()])
        .await?;
    rows.iter().map(from_row).collect()
}

/// A product's columns, in their order.
fn parameters(product: &Product) -> [Value; 25] {
    let (holder_model, holder_required) = match product.holder {
        HolderRule::Optional(model) => (model, Capability::No),
        HolderRule::Required(model) => (model, Capability::Yes),
    };
    let initial = product.initial_deposit;
    let recharge = product.recharge;
    let minor = |amount: Option<Amount>| Value::from(amount.map(Amount::minor));
    [
        Value::from(product.id.get()),
        product.name.as_str().into(),
        product.description.as_str().into(),
        product.bin.digits().into(),
        product.scheme.word().into(),
        product.mode.word().into(),
        product.form.word().into(),
        product.category.word().into(),
        product.currency.code().into(),
        product.price.minor().into(),
        holder_model.word().into(),
        holder_required.stored().into(),
        product.cards_per_holder.into(),
        minor(initial.map(|quota| quota.min)),
        minor(initial.map(|quota| quota.max)),
        minor(recharge.map(|terms| terms.quota.min)),
        minor(recharge.map(|terms| terms.quota.max)),
        recharge.map(|terms| terms.rate_basis_points).into(),
        minor(recharge.map(|terms| terms.fixed_fee)),
        product.retention.minor().into(),
        product.capabilities.activation.stored().into(),
        product.capabilities.freezing.stored().into(),
        product.capabilities.kyc_verification.stored().into(),
        i64::from(product.validity_months).into(),
        product.status.word().into(),
    ]
}

fn from_row(row: &Row) -> Result<Product> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("product {id}"));
    let (name, description): (String, String) = (columns.next()?, columns.next()?);
    let bin = Bin::parse(&columns.next::<String>()?).map_err(|_| corrupt())?;
    let scheme = Scheme::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let mode = Mode::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let form = CardForm::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let category = Category::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = |minor: i64| Amount::from_minor(minor, currency).ok_or_else(corrupt);
    let quota = |min: Option<i64>, max: Option<i64>| match (min, max) {
        (Some(min), Some(max)) => Ok(Some(Quota {
            min: amount(min)?,
            max: amount(max)?,
        })),
        (None, None) => Ok(None),
        _ => Err(corrupt()),
    };
    let yes_or_no = |stored: i64| Capability::from_stored(stored).ok_or_else(corrupt);
    let price = amount(columns.next()?)?;
    let model = HolderModel::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let holder = match yes_or_no(columns.next()?)? {
        Capability::Yes => HolderRule::Required(model),
        Capability::No => HolderRule::Optional(model),
    };
    let cards_per_holder = columns.next()?;
    let initial_deposit = quota(columns.next()?, columns.next()?)?;
    let recharge_quota = quota(columns.next()?, columns.next()?)?;
    let (rate, fixed): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let recharge = match (recharge_quota, rate, fixed) {
        (Some(quota), Some(rate_basis_points), Some(fixed)) => Some(RechargeTerms {
            quota,
            rate_basis_points,
            fixed_fee: amount(fixed)?,
        }),
        (None, None, None) => None,
        _ => return Err(corrupt()),
    };
    let retention = amount(columns.next()?)?;
    let capabilities = Capabilities {
        activation: yes_or_no(columns.next()?)?,
        freezing: yes_or_no(columns.next()?)?,
        kyc_verification: yes_or_no(columns.next()?)?,
    };
    Ok(Product {
        id: ProductId::new(id).map_err(|_| corrupt())?,
        name,
        description,
        bin,
        scheme,
        mode,
        form,
        category,
        currency,
        price,
        holder,
        cards_per_holder,
        initial_deposit,
        recharge,
        retention,
        capabilities,
        validity_months: u16::try_from(columns.next::<i64>()?).map_err(|_| corrupt())?,
        status: ProductStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
    })
}
