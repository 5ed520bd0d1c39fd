//! The seeded products. Every card range here is a published test range of its scheme.

use cardwright_core::{
    Amount, Bin, Capabilities, Capability, CardForm, Category, Currency, HolderModel, HolderRule,
    Mode, Product, ProductId, ProductStatus, Quota, RechargeTerms, Scheme,
};

use crate::{
    error::{Error, Result},
    store::designs::Design,
};

/// How many months after its month of issue a seeded product's card works.
const VALIDITY_MONTHS: u16 = 36;
/// How many open cards of one seeded product a holder may have.
const CARDS_PER_HOLDER: i64 = 100;

/// Every seeded product.
pub(super) fn products() -> Result<Vec<Product>> {
    Ok(vec![
        virtual_prepaid()?,
        physical()?,
        budget()?,
        gift()?,
        consumer_prepaid()?,
        account_funded()?,
    ])
}

/// What seeded gift cards look like.
pub(super) fn designs() -> Result<Vec<Design>> {
    let product = id(111_004)?;
    let named = [
        (211_001, "Plain"),
        (211_002, "Birthday"),
        (211_003, "Thank you"),
    ];
    let design = |(id, name): (i64, &str)| Design {
        id,
        product,
        name: name.to_owned(),
        withdrawn_at: None,
    };
    Ok(named.map(design).into())
}

fn usd(minor: i64) -> Result<Amount> {
    Amount::from_minor(minor, Currency::USD)
        .ok_or_else(|| Error::Corrupt("a seeded amount".to_owned()))
}

fn quota(min_dollars: i64, max_dollars: i64) -> Result<Quota> {
    Ok(Quota {
        min: usd(min_dollars * 100)?,
        max: usd(max_dollars * 100)?,
    })
}

/// One percent of 1 to 50,000 dollars, and a fixed fee on top.
fn recharge(fixed_minor: i64) -> Result<RechargeTerms> {
    Ok(RechargeTerms {
        quota: quota(1, 50_000)?,
        rate_basis_points: 100,
        fixed_fee: usd(fixed_minor)?,
    })
}

fn virtual_prepaid() -> Result<Product> {
    Ok(Product {
        id: id(111_001)?,
        name: "Virtual prepaid".to_owned(),
        description: "A virtual card with its own balance, for shopping online.".to_owned(),
        bin: bin("424242")?,
        scheme: Scheme::Visa,
        mode: Mode::Prepaid,
        form: CardForm::Virtual,
        category: Category::Purchase,
        currency: Currency::USD,
        price: usd(100)?,
        holder: HolderRule::Optional(HolderModel::B2B),
        cards_per_holder: CARDS_PER_HOLDER,
        initial_deposit: Some(quota(10, 10_000)?),
        recharge: Some(recharge(0)?),
        retention: usd(0)?,
        capabilities: Capabilities {
            activation: Capability::No,
            freezing: Capability::Yes,
            kyc_verification: Capability::No,
        },
        validity_months: VALIDITY_MONTHS,
        status: ProductStatus::Online,
    })
}

fn physical() -> Result<Product> {
    let base = virtual_prepaid()?;
    Ok(Product {
        id: id(111_002)?,
        name: "Physical prepaid".to_owned(),
        description: "A plastic card with its own balance, activated by its holder.".to_owned(),
        bin: bin("555555")?,
        scheme: Scheme::Mastercard,
        form: CardForm::Physical,
        category: Category::Physical,
        price: usd(500)?,
        holder: HolderRule::Required(HolderModel::B2B),
        recharge: Some(recharge(50)?),
        retention: usd(500)?,
        capabilities: Capabilities {
            activation: Capability::Yes,
            ..base.capabilities
        },
        ..base
    })
}

fn budget() -> Result<Product> {
    Ok(Product {
        id: id(111_003)?,
        name: "Budget".to_owned(),
        description: "A virtual card that spends from a shared pool.".to_owned(),
        bin: bin("400005")?,
        mode: Mode::SharedPool,
        category: Category::Subscription,
        initial_deposit: None,
        recharge: None,
        ..virtual_prepaid()?
    })
}

fn gift() -> Result<Product> {
    Ok(Product {
        id: id(111_004)?,
        name: "Gift".to_owned(),
        description: "A virtual card to give away.".to_owned(),
        bin: bin("601111")?,
        scheme: Scheme::Discover,
        category: Category::Gift,
        price: usd(200)?,
        initial_deposit: Some(quota(10, 500)?),
        recharge: None,
        ..virtual_prepaid()?
    })
}

fn consumer_prepaid() -> Result<Product> {
    let base = virtual_prepaid()?;
    Ok(Product {
        id: id(111_065)?,
        name: "Consumer prepaid".to_owned(),
        description: "A virtual card with its own balance, for a verified consumer.".to_owned(),
        bin: bin("411111")?,
        holder: HolderRule::Required(HolderModel::B2C),
        capabilities: Capabilities {
            kyc_verification: Capability::Yes,
            ..base.capabilities
        },
        ..base
    })
}

fn account_funded() -> Result<Product> {
    Ok(Product {
        id: id(112_001)?,
        name: "Account card".to_owned(),
        description: "A card, virtual or plastic, that spends from its holder's account."
            .to_owned(),
        bin: bin("520082")?,
        scheme: Scheme::Mastercard,
        mode: Mode::AccountFunded,
        form: CardForm::AsOrdered,
        price: usd(0)?,
        initial_deposit: None,
        recharge: None,
        ..virtual_prepaid()?
    })
}

fn id(number: i64) -> Result<ProductId> {
    ProductId::new(number).map_err(|_| Error::Corrupt("a seeded product id".to_owned()))
}

fn bin(digits: &str) -> Result<Bin> {
    Bin::parse(digits).map_err(|error| Error::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seeded_product_has_its_own_range_and_number() {
        let products = products().expect("the catalogue is right");
        assert_eq!(products.len(), 6);
        for (index, product) in products.iter().enumerate() {
            for other in &products[index + 1..] {
                assert_ne!(product.id, other.id);
                assert_ne!(product.bin, other.bin);
            }
        }
    }
}
