//! The controls of a card in the words of this dialect.

use cardwright_core::{ChannelSwitch, Controls, Country, Currency, Limit, Mcc, Window};
use cardwright_wire::finci::limits as wire;

/// A card's own controls, amounts in the currency of its account. Sliding windows have no place in
/// this form and are left out.
pub(super) fn limits_out(controls: &Controls, currency: Currency) -> wire::Limits {
    let window = |wanted: Window| {
        let limit = controls
            .limits
            .iter()
            .find(|limit| limit.window == wanted)?;
        Some(window_out(*limit, currency))
    };
    let mccs = |list: &[Mcc]| list.iter().map(Mcc::to_string).collect();
    let countries = |list: &[Country]| {
        list.iter()
            .map(|country| country.alpha2().to_owned())
            .collect()
    };
    let open = |switch: ChannelSwitch| !controls.closed_channels.contains(&switch);
    wire::Limits {
        per_transaction: window(Window::PerTransaction),
        daily: window(Window::Day),
        weekly: window(Window::Week),
        monthly: window(Window::Month),
        yearly: window(Window::Year),
        lifetime: window(Window::Lifetime),
        allowed_mcc: mccs(&controls.allowed_mcc),
        blocked_mcc: mccs(&controls.blocked_mcc),
        allowed_countries: countries(&controls.allowed_countries),
        blocked_countries: countries(&controls.blocked_countries),
        channels: wire::Channels {
            ecommerce: open(ChannelSwitch::Ecommerce),
            contactless: open(ChannelSwitch::Contactless),
            atm: open(ChannelSwitch::Atm),
            magstripe: open(ChannelSwitch::Magstripe),
        },
    }
}

fn window_out(limit: Limit, currency: Currency) -> wire::Window {
    wire::Window {
        amount: limit.amount_minor.map(|minor| currency.print(minor)),
        count: limit.count,
    }
}
