//! The controls of a card in the words of this dialect: shown, changed, and what is left of them.

use axum::{extract::State, response::Response};
use cardwright_core::{
    Amount, Card, ChannelSwitch, ControlScope, Controlled, Controls, Country, Currency, Limit, Mcc,
    Refusal, Remaining, Window,
};
use cardwright_wire::{
    finci::limits::{self as wire, UpdateCardLimits},
    instant::Rfc3339,
    kind::{Clearable, PaddedId},
};

use super::{
    cards::{card_id, token_id},
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{ReadTx, accounts, cards, controls, usage},
};

/// `PATCH update-card-limits/{token_id}`
pub(super) async fn update(State(app): State<App>, signed: Signed<UpdateCardLimits>) -> Response {
    let id = card_id(signed.path_id());
    signed
        .change(&app, async move |tx, body| {
            let card = cards::get(tx, id?).await?;
            let currency = accounts::get(tx, card.account).await?.currency;
            let whose = Controlled::Card(card.id);
            let before = controls::get(tx, whose).await?;
            let both_mcc = both(&body.allowed_mcc, &body.blocked_mcc);
            let both_countries = both(&body.allowed_countries, &body.blocked_countries);
            let wanted = changed(before, body, currency)?;
            if !both_mcc && !wanted.allowed_mcc.is_empty() && !wanted.blocked_mcc.is_empty() {
                return Err(Refusal::MerchantListsExclusive.into());
            }
            let (allowed, blocked) = (&wanted.allowed_countries, &wanted.blocked_countries);
            if !both_countries && !allowed.is_empty() && !blocked.is_empty() {
                return Err(Refusal::CountryListsExclusive.into());
            }
            ops::controls::set(tx, whose, wanted).await?;
            Ok(token_id(&card))
        })
        .await
}

/// `GET get-card-limits/{token_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let id = card_id(signed.path_id());
    signed
        .answer_in_turn(&app, async move |tx| {
            let card = cards::get(tx, id?).await?;
            card_limits(tx, &card).await
        })
        .await
}

async fn card_limits(tx: &mut ReadTx, card: &Card) -> Result<wire::CardLimits> {
    let currency = accounts::get(tx, card.account).await?.currency;
    let own = controls::get(tx, Controlled::Card(card.id)).await?;
    let shown = limits_out(&own, currency);
    let all = usage::remaining(tx, card).await?;
    let is_own = |(scope, left): &(ControlScope, Remaining)| {
        *scope == ControlScope::Card && left.limit.window.seconds().is_none()
    };
    let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_own);
    let window = |wanted: Window| {
        let found = own.iter().find(|(_, left)| left.limit.window == wanted)?;
        Some(used_out(&found.1, currency))
    };
    Ok(wire::CardLimits {
        token_id: PaddedId(card.id.get()),
        currency: currency.code().to_owned(),
        per_transaction: window(Window::PerTransaction),
        daily: window(Window::Day),
        weekly: window(Window::Week),
        monthly: window(Window::Month),
        yearly: window(Window::Year),
        lifetime: window(Window::Lifetime),
        allowed_mcc: shown.allowed_mcc,
        blocked_mcc: shown.blocked_mcc,
        allowed_countries: shown.allowed_countries,
        blocked_countries: shown.blocked_countries,
        channels: shown.channels,
        other_limits: others
            .iter()
            .map(|(scope, left)| other_out(*scope, left, currency))
            .collect(),
    })
}

fn used_out(left: &Remaining, currency: Currency) -> wire::UsedWindow {
    let print = |minor: i64| currency.print(minor);
    wire::UsedWindow {
        amount: left.limit.amount_minor.map(print),
        count: left.limit.count,
        used_amount: print(left.used.amount_minor),
        used_count: left.used.count,
        remaining_amount: left.amount_minor.map(print),
        remaining_count: left.count,
        resets_at: left.resets_at.map(Rfc3339),
    }
}

fn other_out(scope: ControlScope, left: &Remaining, currency: Currency) -> wire::OtherLimit {
    wire::OtherLimit {
        scope: match scope {
            ControlScope::Card => wire::BoundBy::Card,
            ControlScope::Account => wire::BoundBy::Account,
            ControlScope::Product => wire::BoundBy::Product,
        },
        window: match left.limit.window {
            Window::PerTransaction => "per_transaction",
            Window::Day => "daily",
            Window::Week => "weekly",
            Window::Month => "monthly",
            Window::Year => "yearly",
            Window::Lifetime => "lifetime",
            Window::Sliding { .. } => "sliding",
        },
        seconds: left.limit.window.seconds(),
        bound: used_out(left, currency),
    }
}

/// Whether a request sets both lists: that they exclude each other is then its own fault, and else
/// that of the list the card has.
fn both(allowed: &wire::List, blocked: &wire::List) -> bool {
    matches!(
        (allowed, blocked),
        (Some(Clearable::Set(_)), Some(Clearable::Set(_)))
    )
}

/// Controls with what a request changes. Sliding windows, which it cannot name, stay.
fn changed(mut of: Controls, body: UpdateCardLimits, currency: Currency) -> Result<Controls> {
    let single = body.per_transaction.map(|wish| {
        wish.try_map(|set| {
            let amount = amount(&set.amount, currency, "per_transaction.amount")?;
            Ok::<_, Error>((Some(amount), None))
        })
    });
    set(&mut of, Window::PerTransaction, single.transpose()?);
    for (window, wish, field) in [
        (Window::Day, body.daily, "daily.amount"),
        (Window::Week, body.weekly, "weekly.amount"),
        (Window::Month, body.monthly, "monthly.amount"),
        (Window::Year, body.yearly, "yearly.amount"),
        (Window::Lifetime, body.lifetime, "lifetime.amount"),
    ] {
        let wish = wish.map(|wish| {
            wish.try_map(|set| {
                let most = set.amount.map(|text| amount(&text, currency, field));
                Ok::<_, Error>((most.transpose()?, set.count))
            })
        });
        set(&mut of, window, wish.transpose()?);
    }
    let mccs = |list: wire::List, before: Vec<Mcc>, field| {
        replaced(list, before, |code| {
            Mcc::parse(code).ok_or(Error::Invalid(field))
        })
    };
    of.allowed_mcc = mccs(body.allowed_mcc, of.allowed_mcc, "allowed_mcc")?;
    of.blocked_mcc = mccs(body.blocked_mcc, of.blocked_mcc, "blocked_mcc")?;
    let countries = |list: wire::List, before: Vec<Country>, field| {
        replaced(list, before, |code| {
            Country::parse(code).ok_or(Error::Invalid(field))
        })
    };
    let (allowed, blocked) = (body.allowed_countries, body.blocked_countries);
    of.allowed_countries = countries(allowed, of.allowed_countries, "allowed_countries")?;
    of.blocked_countries = countries(blocked, of.blocked_countries, "blocked_countries")?;
    if let Some(switches) = body.channels {
        for (switch, wanted) in [
            (ChannelSwitch::Ecommerce, switches.ecommerce),
            (ChannelSwitch::Contactless, switches.contactless),
            (ChannelSwitch::Atm, switches.atm),
            (ChannelSwitch::Magstripe, switches.magstripe),
        ] {
            match wanted {
                Some(true) => drop(of.closed_channels.remove(&switch)),
                Some(false) => drop(of.closed_channels.insert(switch)),
                None => {}
            }
        }
    }
    Ok(of)
}

/// The bound of a window: an amount, a number, or both.
type Bound = (Option<i64>, Option<u32>);

fn set(of: &mut Controls, window: Window, wish: Option<Clearable<Bound>>) {
    let Some(wish) = wish else { return };
    of.limits.retain(|limit| limit.window != window);
    if let Clearable::Set((amount_minor, count)) = wish {
        of.limits.push(Limit {
            window,
            amount_minor,
            count,
        });
    }
}

fn amount(text: &str, currency: Currency, field: &'static str) -> Result<i64> {
    let amount = Amount::parse(text, currency).map_err(|_| Error::Invalid(field))?;
    Ok(amount.minor())
}

fn replaced<T>(
    list: wire::List,
    before: Vec<T>,
    read: impl Fn(&str) -> Result<T>,
) -> Result<Vec<T>> {
    match list {
        None => Ok(before),
        Some(Clearable::Clear) => Ok(Vec::new()),
        Some(Clearable::Set(codes)) => codes.iter().map(|code| read(code)).collect(),
    }
}

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
