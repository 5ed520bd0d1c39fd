//! Card products.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Bin, Capability, CardForm, Category, Currency, HolderModel, HolderRule, Mode, Product,
    ProductId, ProductStatus, Record, Scheme,
};
use cardwright_wire::native::{
    List, RecordId,
    admin::products::{self as wire, ChangeProduct, CreateProduct},
};

use crate::{
    api::native::{NoBody, Operated, page, record},
    app::App,
    error::{Error, Result},
    ops::products::{self as ops, Nature, RangeMinor, RechargeMinor, Terms},
    store::products,
};

/// `POST products`
pub(super) async fn create(State(app): State<App>, operated: Operated<CreateProduct>) -> Response {
    let environment = app.environment();
    operated
        .change(&app, async move |tx, asked| {
            let nature = nature(&asked)?;
            let terms = terms(asked.terms)?;
            ops::create(tx, environment, nature, terms).await.map(shown)
        })
        .await
}

/// `GET products`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                products::list(tx, after.unwrap_or(0), limit).await
            };
            let list = ("products", &asked.paging);
            page(tx, list, read, |product| product.id.get(), shown).await
        })
        .await
}

/// `GET products/{product_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id("product_id");
    operated
        .answer(&app, async move |tx| {
            let id = record(given, ProductId::new, Record::Product)?;
            products::get(tx, id).await.map(shown)
        })
        .await
}

/// `PATCH products/{product_id}`
pub(super) async fn change(State(app): State<App>, operated: Operated<ChangeProduct>) -> Response {
    let given = operated.id("product_id");
    operated
        .change(&app, async move |tx, asked| {
            let id = record(given, ProductId::new, Record::Product)?;
            ops::change(tx, id, terms(asked.terms)?).await.map(shown)
        })
        .await
}

fn nature(asked: &CreateProduct) -> Result<Nature> {
    let model = match asked.holder_model {
        wire::HolderModel::B2B => HolderModel::B2B,
        wire::HolderModel::B2C => HolderModel::B2C,
    };
    Ok(Nature {
        id: asked
            .id
            .map(|id| ProductId::new(id).map_err(|_| Error::Invalid("id")))
            .transpose()?,
        bin: Bin::parse(&asked.bin).map_err(|_| Error::Invalid("bin"))?,
        scheme: match asked.scheme {
            wire::Scheme::Visa => Scheme::Visa,
            wire::Scheme::Mastercard => Scheme::Mastercard,
            wire::Scheme::Discover => Scheme::Discover,
        },
        mode: match asked.mode {
            wire::Mode::Prepaid => Mode::Prepaid,
            wire::Mode::SharedPool => Mode::SharedPool,
            wire::Mode::AccountFunded => Mode::AccountFunded,
        },
        form: match asked.form {
            wire::Form::Virtual => CardForm::Virtual,
            wire::Form::Physical => CardForm::Physical,
            wire::Form::AsOrdered => CardForm::AsOrdered,
        },
        category: match asked.category {
            wire::Category::Purchase => Category::Purchase,
            wire::Category::Subscription => Category::Subscription,
            wire::Category::Physical => Category::Physical,
            wire::Category::Gift => Category::Gift,
        },
        currency: Currency::parse(&asked.currency).ok_or(Error::Invalid("currency"))?,
        holder: if asked.is_holder_required {
            HolderRule::Required(model)
        } else {
            HolderRule::Optional(model)
        },
    })
}

fn terms(asked: wire::Terms) -> Result<Terms> {
    let capability = |flag: Option<bool>| {
        flag.map(|flag| {
            if flag {
                Capability::Yes
            } else {
                Capability::No
            }
        })
    };
    let months = asked.validity_months.map(u16::try_from).transpose();
    Ok(Terms {
        name: asked.name,
        description: asked.description,
        price_minor: asked.price_minor,
        cards_per_holder: asked.cards_per_holder,
        initial_deposit: asked.initial_deposit.map(|quota| RangeMinor {
            min: quota.min,
            max: quota.max,
        }),
        recharge: asked.recharge.map(|terms| RechargeMinor {
            range: RangeMinor {
                min: terms.min,
                max: terms.max,
            },
            rate_basis_points: terms.rate_basis_points,
            fixed_fee: terms.fixed_fee,
        }),
        retention_minor: asked.retention_minor,
        activation: capability(asked.activation),
        freezing: capability(asked.freezing),
        kyc_verification: capability(asked.kyc_verification),
        validity_months: months.map_err(|_| Error::Invalid("validity_months"))?,
        status: asked.status.map(|status| match status {
            wire::Status::Online => ProductStatus::Online,
            wire::Status::Offline => ProductStatus::Offline,
        }),
    })
}

fn shown(product: Product) -> wire::Product {
    let is_required = match product.holder {
        HolderRule::Required(_) => Capability::Yes,
        HolderRule::Optional(_) => Capability::No,
    };
    wire::Product {
        id: RecordId(product.id.get()),
        name: product.name,
        description: product.description,
        bin: product.bin.digits().to_owned(),
        scheme: product.scheme.word(),
        mode: product.mode.word(),
        form: product.form.word(),
        category: product.category.word(),
        currency: product.currency.code().to_owned(),
        price: product.price.minor(),
        holder_model: product.holder.model().word(),
        holder_required: is_required.is_yes(),
        cards_per_holder: product.cards_per_holder,
        initial_deposit: product.initial_deposit.map(|quota| wire::Quota {
            min: quota.min.minor(),
            max: quota.max.minor(),
        }),
        recharge: product.recharge.map(|terms| wire::Recharge {
            min: terms.quota.min.minor(),
            max: terms.quota.max.minor(),
            rate_basis_points: terms.rate_basis_points,
            fixed_fee: terms.fixed_fee.minor(),
        }),
        retention: product.retention.minor(),
        activation: product.capabilities.activation.is_yes(),
        freezing: product.capabilities.freezing.is_yes(),
        kyc_verification: product.capabilities.kyc_verification.is_yes(),
        validity_months: i64::from(product.validity_months),
        status: product.status.word(),
    }
}
