//! Card products: added and changed by operators. They belong to the environment and to all of
//! its tenants; who changes one is noted in the log of the tenant that the operator acts on.

use cardwright_core::{
    Amount, Bin, Capabilities, Capability, CardForm, Category, Currency, HolderRule, Mode, Product,
    ProductId, ProductStatus, Quota, RechargeTerms, Refusal, Scheme,
};

use crate::{
    error::{Error, Result},
    store::{Tx, environment::EnvironmentName, products},
};

/// What a product is and stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nature {
    /// Its id, if it was chosen.
    pub id: Option<ProductId>,
    /// First digits of its cards.
    pub bin: Bin,
    /// Card scheme.
    pub scheme: Scheme,
    /// Whose money its cards spend.
    pub mode: Mode,
    /// What its cards are made of.
    pub form: CardForm,
    /// What it is sold for.
    pub category: Category,
    /// Currency of its amounts.
    pub currency: Currency,
    /// Which holder it needs.
    pub holder: HolderRule,
}

/// A range of amounts in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RangeMinor {
    /// The least.
    pub min: i64,
    /// The most.
    pub max: i64,
}

/// What putting more money on a card costs, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RechargeMinor {
    /// How much at a time.
    pub range: RangeMinor,
    /// Fee rate in basis points.
    pub rate_basis_points: i64,
    /// Fee on top.
    pub fixed_fee: i64,
}

/// What of a product can change; what is absent stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Terms {
    /// Name for people.
    pub name: Option<String>,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// What opening a card costs.
    pub price_minor: Option<i64>,
    /// How many open cards of it one holder may have.
    pub cards_per_holder: Option<i64>,
    /// What must be put on a new card.
    pub initial_deposit: Option<RangeMinor>,
    /// What later deposits cost.
    pub recharge: Option<RechargeMinor>,
    /// What a withdrawal leaves on the card.
    pub retention_minor: Option<i64>,
    /// Whether its holder must activate it.
    pub activation: Option<Capability>,
    /// Whether the caller can freeze it.
    pub freezing: Option<Capability>,
    /// Whether holders prove an external identity check.
    pub kyc_verification: Option<Capability>,
    /// How long a card works, in months.
    pub validity_months: Option<u16>,
    /// Whether it is offered.
    pub status: Option<ProductStatus>,
}

/// The ranges whose numbers no real card has: published test cards of the schemes.
const TEST_BINS: [&str; 6] = ["424242", "555555", "400005", "601111", "411111", "520082"];

/// How long a card of a new product works where that is not said.
const VALIDITY_MONTHS: u16 = 36;

/// Adds a product. In a sandbox its numbers must be nobody's.
pub async fn create(
    tx: &mut Tx,
    environment: EnvironmentName,
    nature: Nature,
    terms: Terms,
) -> Result<Product> {
    let is_test = TEST_BINS.contains(&nature.bin.digits());
    if environment == EnvironmentName::Sandbox && !is_test {
        return Err(Error::Invalid("bin"));
    }
    let id = match nature.id {
        Some(id) => id,
        None => products::next_id(tx).await?,
    };
    let nothing = Amount::zero(nature.currency);
    let blank = Product {
        id,
        name: String::new(),
        description: String::new(),
        bin: nature.bin,
        scheme: nature.scheme,
        mode: nature.mode,
        form: nature.form,
        category: nature.category,
        currency: nature.currency,
        price: nothing,
        holder: nature.holder,
        cards_per_holder: 1,
        initial_deposit: None,
        recharge: None,
        retention: nothing,
        capabilities: Capabilities {
            activation: Capability::No,
            freezing: Capability::Yes,
            kyc_verification: Capability::No,
        },
        validity_months: VALIDITY_MONTHS,
        status: ProductStatus::Online,
    };
    let product = with_terms(blank, terms)?;
    if !products::add(tx, &product).await? {
        return Err(Refusal::ProductConflict.into());
    }
    tx.audit("product.create", ("product", &id.to_string()))
        .await?;
    Ok(product)
}

/// Changes a product. Cards that are there already keep what was fixed when they were made.
pub async fn change(tx: &mut Tx, id: ProductId, terms: Terms) -> Result<Product> {
    let product = with_terms(products::get(tx, id).await?, terms)?;
    products::put(tx, &product).await?;
    tx.audit("product.change", ("product", &id.to_string()))
        .await?;
    Ok(product)
}

fn with_terms(before: Product, terms: Terms) -> Result<Product> {
    let currency = before.currency;
    let amount =
        |minor: i64, field| Amount::from_minor(minor, currency).ok_or(Error::Invalid(field));
    let quota = |range: RangeMinor, field| {
        if range.min > range.max {
            return Err(Error::Invalid(field));
        }
        Ok(Quota {
            min: amount(range.min, field)?,
            max: amount(range.max, field)?,
        })
    };
    let initial_deposit = match terms.initial_deposit {
        Some(range) => Some(quota(range, "initial_deposit")?),
        None => before.initial_deposit,
    };
    let recharge = match terms.recharge {
        Some(terms) => Some(RechargeTerms {
            quota: quota(terms.range, "recharge")?,
            rate_basis_points: terms.rate_basis_points,
            fixed_fee: amount(terms.fixed_fee, "recharge")?,
        }),
        None => before.recharge,
    };
    let changed = |minor: Option<i64>, before: Amount, field| match minor {
        Some(minor) => amount(minor, field),
        None => Ok(before),
    };
    let old = before.capabilities;
    Ok(Product {
        name: terms.name.unwrap_or(before.name),
        description: terms.description.unwrap_or(before.description),
        price: changed(terms.price_minor, before.price, "price")?,
        cards_per_holder: terms.cards_per_holder.unwrap_or(before.cards_per_holder),
        initial_deposit,
        recharge,
        retention: changed(terms.retention_minor, before.retention, "retention")?,
        capabilities: Capabilities {
            activation: terms.activation.unwrap_or(old.activation),
            freezing: terms.freezing.unwrap_or(old.freezing),
            kyc_verification: terms.kyc_verification.unwrap_or(old.kyc_verification),
        },
        validity_months: terms.validity_months.unwrap_or(before.validity_months),
        status: terms.status.unwrap_or(before.status),
        ..before
    })
}
