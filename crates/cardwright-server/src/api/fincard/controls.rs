//! The controls of a card in the words of this dialect, and what was spent of them.

use std::collections::BTreeSet;

use cardwright_core::{
    Card, ChannelSwitch, Controlled, Controls, Currency, Mcc, UsageSubject, Window,
};
use cardwright_wire::fincard::{
    card_types::SpendingControl,
    cards::{Limits, RiskControls, Settings},
};

use crate::{
    error::Result,
    store::{
        ReadTx, controls,
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
}

/// The card's own controls, amounts in the currency of its account.
pub(super) async fn shown(tx: &mut ReadTx, card: &Card, currency: Currency) -> Result<Shown> {
    let own = controls::get(tx, Controlled::Card(card.id)).await?;
    let spender = Spender {
        card: card.id,
        account: card.account,
    };
    let windows = [Window::Day, Window::Month];
    let needed: BTreeSet<_> = windows.map(|window| (UsageSubject::Card, window)).into();
    let now = tx.now();
    let usages = usage::look(tx, spender, &needed, now).await?;
    let spent = |window| {
        let usage = usages.get(UsageSubject::Card, window);
        currency.print(usage.amount_minor)
    };
    let (allowed_mcc, blocked_mcc) = (codes(&own.allowed_mcc), codes(&own.blocked_mcc));
    Ok(Shown {
        spending_controls: spending_controls(&own, currency),
        settings: settings(&own),
        limits: limits(&own, currency),
        risk_controls: RiskControls {
            allowed_mcc,
            blocked_mcc,
        },
        daily_spent: spent(Window::Day),
        monthly_spent: spent(Window::Month),
    })
}

fn codes(list: &[Mcc]) -> Vec<String> {
    list.iter().map(Mcc::to_string).collect()
}

fn amount(own: &Controls, window: Window, currency: Currency) -> Option<String> {
    let limit = own.limits.iter().find(|limit| limit.window == window)?;
    limit.amount_minor.map(|minor| currency.print(minor))
}

/// The contract names one interval. A card cannot change it by itself here.
fn spending_controls(own: &Controls, currency: Currency) -> Vec<SpendingControl> {
    let bound = amount(own, Window::PerTransaction, currency);
    let control = |amount| SpendingControl {
        interval: "PER_TRANSACTION".to_owned(),
        amount: Some(amount),
        support_setting: false,
    };
    bound.map(control).into_iter().collect()
}

fn settings(own: &Controls) -> Settings {
    let open = |switch| Some(!own.closed_channels.contains(&switch));
    Settings {
        enable_online: open(ChannelSwitch::Ecommerce),
        enable_contactless: open(ChannelSwitch::Contactless),
        enable_atm: open(ChannelSwitch::Atm),
        allowed_mcc: codes(&own.allowed_mcc),
        blocked_mcc: codes(&own.blocked_mcc),
        ..Settings::default()
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
