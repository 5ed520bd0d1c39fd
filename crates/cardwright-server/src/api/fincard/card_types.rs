//! Card types.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use cardwright_core::{
    Amount, CardForm, Category, Country, HolderRule, Mode, Product, ProductStatus, Scheme,
};
use cardwright_wire::{fincard::card_types as wire, shape::Nothing};

use super::session::Session;
use crate::{
    app::App,
    ops::cards::is_opened_by_order,
    store::products,
    webhooks::payloads::fincard::{deposits::percent, holders::model},
};

/// Where cards are issued.
pub(super) const HOME: &str = "US";

/// `card/v2/cardTypes`
pub(super) async fn list(State(app): State<App>, session: Session<Nothing>) -> Response {
    session
        .look_up(&app, async |tx, Nothing| {
            let all = products::all(tx).await?;
            // What spends from a FINCI account is opened through that API only.
            let listed = all
                .iter()
                .filter(|product| product.mode != Mode::AccountFunded);
            Ok(listed.map(card_type_out).collect::<Vec<_>>())
        })
        .await
}

/// The scheme's word.
pub(super) fn organization(scheme: Scheme) -> wire::Organization {
    match scheme {
        Scheme::Visa => wire::Organization::Visa,
        Scheme::Mastercard => wire::Organization::MasterCard,
        Scheme::Discover => wire::Organization::Discover,
    }
}

/// The word for what a product's cards are made of; those made as ordered begin as virtual.
pub(super) fn form(form: CardForm) -> wire::Form {
    match form {
        CardForm::Virtual | CardForm::AsOrdered => wire::Form::Virtual,
        CardForm::Physical => wire::Form::Physical,
    }
}

fn card_type_out(product: &Product) -> wire::CardType {
    let currency = product.currency;
    let print = |amount: Amount| amount.to_string();
    let served = || Country::all().filter(|country| country.is_served());
    let countries: Vec<String> = served()
        .map(|country| country.alpha2().to_owned())
        .collect();
    // Several countries share a code.
    let area_codes: BTreeSet<&str> = served().filter_map(Country::dial_code).collect();
    let area_codes = area_codes
        .into_iter()
        .map(|code| format!("+{code}"))
        .collect();
    let (initial, recharge) = (product.initial_deposit, product.recharge);
    wire::CardType {
        card_type_id: product.id.get(),
        organization: organization(product.scheme),
        country: HOME.to_owned(),
        mode: match product.mode {
            Mode::Prepaid => wire::Mode::PrepaidCard,
            Mode::SharedPool | Mode::AccountFunded => wire::Mode::BudgetCard,
        },
        bank_card_bin: product.bin.digits().to_owned(),
        form: form(product.form),
        category: match product.category {
            Category::Purchase => wire::Category::Purchase,
            Category::Subscription => wire::Category::Subscription,
            Category::Physical => wire::Category::Physical,
            Category::Gift => wire::Category::Gift,
        },
        card_name: product.name.clone(),
        card_desc: product.description.clone(),
        card_price: print(product.price),
        card_price_currency: currency.code().to_owned(),
        support: Vec::new(),
        risk: Vec::new(),
        need_card_holder: matches!(product.holder, HolderRule::Required(_)),
        support_holder_regin: countries.clone(),
        support_holder_area_code: area_codes,
        support_holder_nationality: countries,
        need_deposit_for_active_card: initial.is_some(),
        deposit_amount_min_quota_for_active_card: initial.map(|quota| print(quota.min)),
        deposit_amount_max_quota_for_active_card: initial.map(|quota| print(quota.max)),
        fiat_currency: currency.code().to_owned(),
        balance_retention_quota: Some(print(product.retention)),
        status: match product.status {
            ProductStatus::Online => wire::Status::Online,
            ProductStatus::Offline => wire::Status::Offline,
        },
        recharge_currency: currency.code().to_owned(),
        recharge_min_quota: recharge.map(|terms| print(terms.quota.min)),
        recharge_max_quota: recharge.map(|terms| print(terms.quota.max)),
        recharge_fee_rate: recharge.map(|terms| percent(terms.rate_basis_points)),
        recharge_fixed_fee: recharge.map(|terms| print(terms.fixed_fee)),
        recharge_digital: currency.decimals(),
        enable_active_card: is_opened_by_order(product),
        enable_deposit: recharge.is_some(),
        enable_freeze: product.capabilities.freezing.is_yes(),
        enable_un_freeze: product.capabilities.freezing.is_yes(),
        metadata: metadata(product),
    }
}

fn metadata(product: &Product) -> wire::Metadata {
    let no_pin = product.no_pin_terms();
    wire::Metadata {
        card_holder_max_card_limit: u32::try_from(product.cards_per_holder).ok(),
        // Whoever is given a card is nobody that is known here.
        card_holder_model: (!product.is_gift()).then(|| model(product.holder.model())),
        support_setting_no_pin_payment_amount: no_pin.is_some(),
        default_no_pin_payment_amount: no_pin.map(|terms| terms.default.to_string()),
        no_pin_payment_amount_min_quota: no_pin.map(|terms| terms.quota.min.to_string()),
        no_pin_payment_amount_max_quota: no_pin.map(|terms| terms.quota.max.to_string()),
        spending_controls: vec![wire::SpendingControl {
            interval: "PER_TRANSACTION".to_owned(),
            amount: None,
            support_setting: product.controls().is_yes(),
        }],
        support_setting_mcc: product.controls().is_yes(),
        support_update_card_holer_email: product.email_update().is_yes(),
    }
}
