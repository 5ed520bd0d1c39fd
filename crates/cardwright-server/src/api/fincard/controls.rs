//! The controls of a card in the words of this dialect, and what was spent of them.

use std::collections::BTreeSet;

use cardwright_core::{
    Amount, Card, ChannelSwitch, Controls, Country, Currency, Mcc, Product, UsageSubject, Window,
};
use cardwright_wire::fincard::{
    card_types::SpendingControl,
    cards::{Limits, RiskControls, Settings},
};

use super::card_types::HOME;
use crate::{
    error::Result,
    store::{
        ReadTx,
        usage::{self, Spender},
    },
};

/// What a card says about its controls.
pub(super) struct Shown {
    /// The bounds that have an interval's name.
    pub(super) spending_controls: Vec<SpendingControl>,
    /// Its merchant categories.
    pub(super) risk_controls: RiskControls,
    /// Its switches.
    pub(super) settings: Settings,
    /// Its limits.
    pub(super) limits: Limits,
    /// Spent today.
    pub(super) daily_spent: String,
    /// Spent this month.
    pub(super) monthly_spent: String,
    /// Spent since it was opened.
    pub(super) spent: String,
}

/// The card's own controls, amounts in the currency of its account.
pub(super) async fn shown(
    tx: &mut ReadTx,
    (card, product): (&Card, &Product),
    (own, currency): (&Controls, Currency),
) -> Result<Shown> {
    let spender = Spender {
        card: card.id,
        account: card.account,
    };
    let windows = [Window::Day, Window::Month, Window::Lifetime];
    let needed: BTreeSet<_> = windows.map(|window| (UsageSubject::Card, window)).into();
    let now = tx.now();
    let usages = usage::look(tx, spender, &needed, now).await?;
    let spent = |window| {
        let usage = usages.get(UsageSubject::Card, window);
        currency.print(usage.amount_minor)
    };
    let (allowed_mcc, blocked_mcc) = (codes(&own.allowed_mcc), codes(&own.blocked_mcc));
    Ok(Shown {
        spending_controls: spending_controls(own, product, currency),
        settings: settings(own, pin_free(card, product)),
        limits: limits(own, currency),
        risk_controls: RiskControls {
            allowed_mcc,
            blocked_mcc,
        },
        daily_spent: spent(Window::Day),
        monthly_spent: spent(Window::Month),
        spent: spent(Window::Lifetime),
    })
}

fn codes(list: &[Mcc]) -> Vec<String> {
    list.iter().map(Mcc::to_string).collect()
}

fn amount(own: &Controls, window: Window, currency: Currency) -> Option<String> {
    let limit = own.limits.iter().find(|limit| limit.window == window)?;
    limit.amount_minor.map(|minor| currency.print(minor))
}

/// Payable without PIN, as decisions go by it: what the card was opened with, or what was set since.
fn pin_free(card: &Card, product: &Product) -> Option<String> {
    let own = Amount::from_minor(card.no_pin_minor?, product.currency)?;
    Some(own.to_string())
}

/// The contract names one interval.
fn spending_controls(
    own: &Controls,
    product: &Product,
    currency: Currency,
) -> Vec<SpendingControl> {
    let bound = amount(own, Window::PerTransaction, currency);
    let control = |amount| SpendingControl {
        interval: "PER_TRANSACTION".to_owned(),
        amount: Some(amount),
        support_setting: product.controls().is_yes(),
    };
    bound.map(control).into_iter().collect()
}

/// Whether there is a country left to pay in besides the one where cards are issued.
fn is_taken_abroad(own: &Controls) -> bool {
    let abroad = |country: &Country| country.alpha2() != HOME;
    own.allowed_countries.is_empty() || own.allowed_countries.iter().any(abroad)
}

fn settings(own: &Controls, pin_free_amount: Option<String>) -> Settings {
    let open = |switch| Some(!own.closed_channels.contains(&switch));
    Settings {
        enable_online: open(ChannelSwitch::Ecommerce),
        enable_contactless: open(ChannelSwitch::Contactless),
        enable_atm: open(ChannelSwitch::Atm),
        allowed_mcc: codes(&own.allowed_mcc),
        blocked_mcc: codes(&own.blocked_mcc),
        pin_free_amount,
        enable_international: Some(is_taken_abroad(own)),
        // Cards are topped up by orders only.
        auto_load: Some(false),
        auto_load_amount: None,
        auto_load_threshold: None,
    }
}

fn limits(own: &Controls, currency: Currency) -> Limits {
    let amount = |window| amount(own, window, currency);
    Limits {
        spending_limit: amount(Window::Lifetime),
        daily_limit: amount(Window::Day),
        monthly_limit: amount(Window::Month),
        per_transaction_limit: amount(Window::PerTransaction),
        ..Limits::default()
    }
}
