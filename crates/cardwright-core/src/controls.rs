//! Controls: where, how and how much a card may be used, as its program wants it.
//!
//! Law: controls of the product, of the account and of the card stand beside each other and a
//! request must pass them all, so adding controls never allows more. They are asked in one order:
//! channel, country, category of merchant, limits.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    AccountId, Asked, CardId, Channel, Country, Limit, Mcc, ProductId, Remaining, TimeZone,
    Timestamp, UsageSubject, Usages, Window,
};

/// A way of using a card that can be switched off. The chip cannot: it is the safest way, and a
/// card that may not be used at all is frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChannelSwitch {
    /// By its number, without the card: on the internet, told or keyed in, kept on file.
    Ecommerce,
    /// Held to a terminal.
    Contactless,
    /// At a cash machine.
    Atm,
    /// By its stripe.
    Magstripe,
}

impl ChannelSwitch {
    /// Every switch.
    pub const ALL: [ChannelSwitch; 4] = [
        ChannelSwitch::Ecommerce,
        ChannelSwitch::Contactless,
        ChannelSwitch::Atm,
        ChannelSwitch::Magstripe,
    ];

    /// The stored word, also the one on the wire.
    pub fn word(self) -> &'static str {
        match self {
            ChannelSwitch::Ecommerce => "ecommerce",
            ChannelSwitch::Contactless => "contactless",
            ChannelSwitch::Atm => "atm",
            ChannelSwitch::Magstripe => "magstripe",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<ChannelSwitch> {
        ChannelSwitch::ALL
            .into_iter()
            .find(|switch| switch.word() == word)
    }

    /// The switch a channel hangs on.
    pub fn of(channel: Channel) -> Option<ChannelSwitch> {
        match channel {
            Channel::Ecommerce | Channel::Manual | Channel::Recurring => {
                Some(ChannelSwitch::Ecommerce)
            }
            Channel::Contactless => Some(ChannelSwitch::Contactless),
            Channel::Atm => Some(ChannelSwitch::Atm),
            Channel::Magstripe => Some(ChannelSwitch::Magstripe),
            Channel::Chip => None,
        }
    }
}

/// Whose controls they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ControlScope {
    /// The card's own.
    Card,
    /// The account's, for all cards that spend from it together.
    Account,
    /// The product's, for each card of it by itself.
    Product,
}

impl ControlScope {
    /// Every scope, in the order in which their limits are asked.
    pub const ALL: [ControlScope; 3] = [
        ControlScope::Card,
        ControlScope::Account,
        ControlScope::Product,
    ];

    /// The stored word, also the one on the wire.
    pub fn word(self) -> &'static str {
        match self {
            ControlScope::Card => "card",
            ControlScope::Account => "account",
            ControlScope::Product => "product",
        }
    }

    /// Whose usage its limits are held against.
    pub fn usage_subject(self) -> UsageSubject {
        match self {
            ControlScope::Card | ControlScope::Product => UsageSubject::Card,
            ControlScope::Account => UsageSubject::Account,
        }
    }
}

/// A record that has controls of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Controlled {
    /// A card.
    Card(CardId),
    /// An account, for all cards that spend from it together.
    Account(AccountId),
    /// A product, for each card of it by itself.
    Product(ProductId),
}

impl Controlled {
    /// Which scope its controls have.
    pub fn scope(self) -> ControlScope {
        match self {
            Controlled::Card(_) => ControlScope::Card,
            Controlled::Account(_) => ControlScope::Account,
            Controlled::Product(_) => ControlScope::Product,
        }
    }

    /// The record's id.
    pub fn id(self) -> i64 {
        match self {
            Controlled::Card(id) => id.get(),
            Controlled::Account(id) => id.get(),
            Controlled::Product(id) => id.get(),
        }
    }
}

/// Controls of one card, account or product. An empty list restricts nothing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Controls {
    /// How much and how often; one per window.
    pub limits: Vec<Limit>,
    /// Only merchants of these categories.
    pub allowed_mcc: Vec<Mcc>,
    /// No merchant of these categories.
    pub blocked_mcc: Vec<Mcc>,
    /// Only merchants in these countries.
    pub allowed_countries: Vec<Country>,
    /// No merchant in these countries.
    pub blocked_countries: Vec<Country>,
    /// Not in these ways.
    pub closed_channels: BTreeSet<ChannelSwitch>,
}

impl Controls {
    /// The longest list.
    pub const LONGEST_LIST: usize = 500;
    /// The most limits. Each is looked at in every authorization.
    pub const MOST_LIMITS: usize = 20;

    /// Controls that allow everything.
    pub fn none() -> Controls {
        Controls::default()
    }

    /// Whether they allow everything.
    pub fn is_none(&self) -> bool {
        *self == Controls::none()
    }

    /// The same controls in one order and without repetitions, or the name of the field that
    /// cannot be right: a list too long, the allowed and the blocked of one kind both given, two
    /// limits for one window, a limit that limits nothing, an amount below zero, a count for a
    /// single transaction, a sliding window too short or too long.
    pub fn checked(mut self) -> Result<Controls, &'static str> {
        let lengths = [
            ("allowed_mcc", self.allowed_mcc.len()),
            ("blocked_mcc", self.blocked_mcc.len()),
            ("allowed_countries", self.allowed_countries.len()),
            ("blocked_countries", self.blocked_countries.len()),
        ];
        for (field, length) in lengths {
            if length > Controls::LONGEST_LIST {
                return Err(field);
            }
        }
        if !self.allowed_mcc.is_empty() && !self.blocked_mcc.is_empty() {
            return Err("blocked_mcc");
        }
        if !self.allowed_countries.is_empty() && !self.blocked_countries.is_empty() {
            return Err("blocked_countries");
        }
        self.limits = checked_limits(self.limits)?;
        for list in [&mut self.allowed_mcc, &mut self.blocked_mcc] {
            list.sort_unstable();
            list.dedup();
        }
        for list in [&mut self.allowed_countries, &mut self.blocked_countries] {
            list.sort_unstable_by_key(|country| country.alpha2());
            list.dedup();
        }
        Ok(self)
    }

    fn allows_channel(&self, channel: Channel) -> bool {
        ChannelSwitch::of(channel).is_none_or(|switch| !self.closed_channels.contains(&switch))
    }

    fn allows_country(&self, country: Country) -> bool {
        passes(&self.allowed_countries, &self.blocked_countries, &country)
    }

    fn allows_mcc(&self, mcc: Mcc) -> bool {
        passes(&self.allowed_mcc, &self.blocked_mcc, &mcc)
    }
}

fn passes<T: PartialEq>(allowed: &[T], blocked: &[T], value: &T) -> bool {
    (allowed.is_empty() || allowed.contains(value)) && !blocked.contains(value)
}

fn checked_limits(mut limits: Vec<Limit>) -> Result<Vec<Limit>, &'static str> {
    if limits.len() > Controls::MOST_LIMITS {
        return Err("limits");
    }
    limits.sort_unstable_by_key(|limit| limit.window);
    for limit in &limits {
        if Window::from_word(limit.window.word(), limit.window.seconds()).is_none() {
            return Err("limits.seconds");
        }
        let negative = limit.amount_minor.is_some_and(|minor| minor < 0);
        if negative || (limit.amount_minor, limit.count) == (None, None) {
            return Err("limits.amount");
        }
        if limit.window == Window::PerTransaction && limit.count.is_some() {
            return Err("limits.count");
        }
    }
    if limits
        .windows(2)
        .any(|pair| pair[0].window == pair[1].window)
    {
        return Err("limits.window");
    }
    Ok(limits)
}

/// What a request says about itself that controls look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UseOfCard {
    /// How the card was presented.
    pub channel: Channel,
    /// The merchant's country.
    pub country: Country,
    /// What the merchant sells.
    pub mcc: Mcc,
    /// How much, in minor units of the currency of the card's account.
    pub asked: Asked,
}

/// Why controls forbid a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breach {
    /// The card may not be used this way.
    ChannelNotAllowed,
    /// Not in this country.
    CountryNotAllowed,
    /// Not with merchants of this category.
    MerchantNotAllowed,
    /// Too much or too often.
    LimitExceeded {
        /// Whose limit.
        scope: ControlScope,
        /// Which one.
        window: Window,
    },
}

/// All the controls that a card is under.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CombinedControls {
    /// The card's own.
    pub card: Arc<Controls>,
    /// Those of the account it spends from.
    pub account: Arc<Controls>,
    /// Those of its product.
    pub product: Arc<Controls>,
}

impl CombinedControls {
    /// The controls of one scope.
    pub fn of(&self, scope: ControlScope) -> &Controls {
        match scope {
            ControlScope::Card => &self.card,
            ControlScope::Account => &self.account,
            ControlScope::Product => &self.product,
        }
    }

    /// Every limit with its scope, in the order in which they are asked.
    pub fn limits(&self) -> impl Iterator<Item = (ControlScope, Limit)> {
        ControlScope::ALL.into_iter().flat_map(|scope| {
            self.of(scope)
                .limits
                .iter()
                .map(move |limit| (scope, *limit))
        })
    }

    /// Which windows' usage has to be known before anything can be said; each once.
    pub fn needed(&self) -> BTreeSet<(UsageSubject, Window)> {
        self.limits()
            .filter(|(_, limit)| limit.window != Window::PerTransaction)
            .map(|(scope, limit)| (scope.usage_subject(), limit.window))
            .collect()
    }

    /// Whether all the controls allow a request, or the first reason why not.
    ///
    /// Each check is made for all scopes before the next check, so the reason a caller reads does
    /// not depend on who set the control.
    pub fn judge(&self, usages: &Usages, request: &UseOfCard) -> Result<(), Breach> {
        let all = |allows: &dyn Fn(&Controls) -> bool| {
            ControlScope::ALL
                .iter()
                .all(|scope| allows(self.of(*scope)))
        };
        if !all(&|controls| controls.allows_channel(request.channel)) {
            return Err(Breach::ChannelNotAllowed);
        }
        if !all(&|controls| controls.allows_country(request.country)) {
            return Err(Breach::CountryNotAllowed);
        }
        if !all(&|controls| controls.allows_mcc(request.mcc)) {
            return Err(Breach::MerchantNotAllowed);
        }
        let exceeded = self.limits().find(|(scope, limit)| {
            let used = usages.get(scope.usage_subject(), limit.window);
            !limit.allows(used, request.asked)
        });
        match exceeded {
            Some((scope, limit)) => Err(Breach::LimitExceeded {
                scope,
                window: limit.window,
            }),
            None => Ok(()),
        }
    }

    /// The largest amount of a new transaction that the limits still allow, in minor units: nothing
    /// where one of them allows no further transaction, [`i64::MAX`] where none limits amounts.
    pub fn room(&self, usages: &Usages) -> i64 {
        self.limits()
            .map(|(scope, limit)| limit.room(usages.get(scope.usage_subject(), limit.window)))
            .min()
            .unwrap_or(i64::MAX)
    }

    /// Every limit with what is left of it at an instant, in the order in which they are asked.
    pub fn remaining(
        &self,
        usages: &Usages,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Vec<(ControlScope, Remaining)> {
        self.limits()
            .map(|(scope, limit)| {
                let used = usages.get(scope.usage_subject(), limit.window);
                (scope, limit.remaining(used, at, zone))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
