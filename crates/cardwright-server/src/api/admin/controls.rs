//! Controls of cards, accounts and products, and what is left of their limits.

use axum::{extract::State, response::Response};
use cardwright_core::{
    AccountId, CardId, ChannelSwitch, ControlScope, Controlled, Controls, Country, Currency, Limit,
    Mcc, ProductId, Record, Remaining, Window,
};
use cardwright_wire::{
    instant::Rfc3339,
    native::{RecordId, admin::controls as wire},
};

use crate::{
    api::native::{NoBody, Operated, record},
    app::App,
    error::{Error, Result},
    ops,
    store::{ReadTx, accounts, cards, usage},
};

/// `PUT cards/{card_id}/controls`
pub(super) async fn set_card(
    State(app): State<App>,
    operated: Operated<wire::SetControls>,
) -> Response {
    let whose = card_id(&operated).map(Controlled::Card);
    set(&app, operated, whose).await
}

/// `PUT accounts/{account_id}/controls`
pub(super) async fn set_account(
    State(app): State<App>,
    operated: Operated<wire::SetControls>,
) -> Response {
    let whose = account_id(&operated).map(Controlled::Account);
    set(&app, operated, whose).await
}

/// `PUT products/{product_id}/controls`
pub(super) async fn set_product(
    State(app): State<App>,
    operated: Operated<wire::SetControls>,
) -> Response {
    let whose = product_id(&operated).map(Controlled::Product);
    set(&app, operated, whose).await
}

/// `GET cards/{card_id}/controls`
pub(super) async fn read_card(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let whose = card_id(&operated).map(Controlled::Card);
    read(&app, operated, whose).await
}

/// `GET accounts/{account_id}/controls`
pub(super) async fn read_account(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let whose = account_id(&operated).map(Controlled::Account);
    read(&app, operated, whose).await
}

/// `GET products/{product_id}/controls`
pub(super) async fn read_product(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let whose = product_id(&operated).map(Controlled::Product);
    read(&app, operated, whose).await
}

/// `GET cards/{card_id}/limits`
pub(super) async fn limits(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let id = card_id(&operated);
    operated
        .answer(&app, async move |tx| {
            let card = cards::get(tx, id?).await?;
            let remaining = usage::remaining(tx, &card).await?;
            let currency = accounts::get(tx, card.account).await?.currency;
            Ok(wire::Usages {
                card_id: RecordId(card.id.get()),
                currency: currency.code().to_owned(),
                limits: remaining.into_iter().map(usage_out).collect(),
            })
        })
        .await
}

fn card_id<T>(operated: &Operated<T>) -> Result<CardId> {
    record(operated.id("card_id"), CardId::new, Record::Card)
}

fn account_id<T>(operated: &Operated<T>) -> Result<AccountId> {
    record(operated.id("account_id"), AccountId::new, Record::Account)
}

fn product_id<T>(operated: &Operated<T>) -> Result<ProductId> {
    record(operated.id("product_id"), ProductId::new, Record::Product)
}

async fn set(
    app: &App,
    operated: Operated<wire::SetControls>,
    whose: Result<Controlled>,
) -> Response {
    operated
        .change(app, async move |tx, asked| {
            let whose = whose?;
            let kept = ops::controls::set(tx, whose, controls_in(asked)?).await?;
            let currency = currency(tx, whose).await?;
            Ok(controls_out(&kept, currency))
        })
        .await
}

async fn read(app: &App, operated: Operated<NoBody>, whose: Result<Controlled>) -> Response {
    operated
        .answer(app, async move |tx| {
            let whose = whose?;
            let kept = ops::controls::get(tx, whose).await?;
            let currency = currency(tx, whose).await?;
            Ok(controls_out(&kept, currency))
        })
        .await
}

/// Of what the amounts of a record's limits are; a product does not decide that.
async fn currency(tx: &mut ReadTx, whose: Controlled) -> Result<Option<Currency>> {
    let account = match whose {
        Controlled::Card(id) => cards::get(tx, id).await?.account,
        Controlled::Account(id) => id,
        Controlled::Product(_) => return Ok(None),
    };
    Ok(Some(accounts::get(tx, account).await?.currency))
}

/// The controls that are asked for, in the domain's terms.
pub(crate) fn controls_in(asked: wire::SetControls) -> Result<Controls> {
    let mccs = |list: Vec<String>, field| -> Result<Vec<Mcc>> {
        let read = list.iter().map(|code| Mcc::parse(code));
        read.collect::<Option<_>>().ok_or(Error::Invalid(field))
    };
    let countries = |list: Vec<String>, field| -> Result<Vec<Country>> {
        let read = list.iter().map(|code| Country::parse(code));
        read.collect::<Option<_>>().ok_or(Error::Invalid(field))
    };
    let limits = asked.limits.into_iter().map(limit_in);
    let switches = ChannelSwitch::ALL.into_iter();
    Ok(Controls {
        limits: limits.collect::<Result<_>>()?,
        allowed_mcc: mccs(asked.allowed_mcc, "allowed_mcc")?,
        blocked_mcc: mccs(asked.blocked_mcc, "blocked_mcc")?,
        allowed_countries: countries(asked.allowed_countries, "allowed_countries")?,
        blocked_countries: countries(asked.blocked_countries, "blocked_countries")?,
        closed_channels: switches
            .filter(|switch| !is_open(asked.channels, *switch))
            .collect(),
    })
}

fn is_open(channels: wire::Channels, switch: ChannelSwitch) -> bool {
    match switch {
        ChannelSwitch::Ecommerce => channels.ecommerce,
        ChannelSwitch::Contactless => channels.contactless,
        ChannelSwitch::Atm => channels.atm,
        ChannelSwitch::Magstripe => channels.magstripe,
    }
}

fn limit_in(asked: wire::Limit) -> Result<Limit> {
    let window = match (asked.window, asked.seconds) {
        (wire::Window::PerTransaction, _) => Window::PerTransaction,
        (wire::Window::Day, _) => Window::Day,
        (wire::Window::Week, _) => Window::Week,
        (wire::Window::Month, _) => Window::Month,
        (wire::Window::Year, _) => Window::Year,
        (wire::Window::Lifetime, _) => Window::Lifetime,
        (wire::Window::Sliding, Some(seconds)) => Window::Sliding { seconds },
        (wire::Window::Sliding, None) => return Err(Error::Missing("limits.seconds")),
    };
    Ok(Limit {
        window,
        amount_minor: asked.amount,
        count: asked.count,
    })
}

fn window_out(window: Window) -> wire::Window {
    match window {
        Window::PerTransaction => wire::Window::PerTransaction,
        Window::Day => wire::Window::Day,
        Window::Week => wire::Window::Week,
        Window::Month => wire::Window::Month,
        Window::Year => wire::Window::Year,
        Window::Lifetime => wire::Window::Lifetime,
        Window::Sliding { .. } => wire::Window::Sliding,
    }
}

fn limit_out(limit: &Limit) -> wire::Limit {
    wire::Limit {
        window: window_out(limit.window),
        seconds: limit.window.seconds(),
        amount: limit.amount_minor,
        count: limit.count,
    }
}

fn controls_out(kept: &Controls, currency: Option<Currency>) -> wire::Controls {
    let mccs = |list: &[Mcc]| list.iter().map(Mcc::to_string).collect();
    let countries = |list: &[Country]| list.iter().map(|it| it.alpha2().to_owned()).collect();
    let open = |switch| !kept.closed_channels.contains(&switch);
    wire::Controls {
        currency: currency.map(|currency| currency.code().to_owned()),
        limits: kept.limits.iter().map(limit_out).collect(),
        allowed_mcc: mccs(&kept.allowed_mcc),
        blocked_mcc: mccs(&kept.blocked_mcc),
        allowed_countries: countries(&kept.allowed_countries),
        blocked_countries: countries(&kept.blocked_countries),
        channels: wire::Channels {
            ecommerce: open(ChannelSwitch::Ecommerce),
            contactless: open(ChannelSwitch::Contactless),
            atm: open(ChannelSwitch::Atm),
            magstripe: open(ChannelSwitch::Magstripe),
        },
    }
}

fn usage_out((scope, remaining): (ControlScope, Remaining)) -> wire::Usage {
    let limit = limit_out(&remaining.limit);
    wire::Usage {
        scope: match scope {
            ControlScope::Card => wire::Scope::Card,
            ControlScope::Account => wire::Scope::Account,
            ControlScope::Product => wire::Scope::Product,
        },
        window: limit.window,
        seconds: limit.seconds,
        amount: limit.amount,
        count: limit.count,
        used_amount: remaining.used.amount_minor,
        used_count: remaining.used.count,
        remaining_amount: remaining.amount_minor,
        remaining_count: remaining.count,
        resets_at: remaining.resets_at.map(Rfc3339),
    }
}
