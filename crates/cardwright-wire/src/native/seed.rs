//! The file that says what a new sandbox begins with.
//!
//! Records name each other by the external ids that the file gives them. What is not known is a
//! fault, with the path to it: `accounts.0.holder`.

use cardwright_core::ClockMode;
use jiff::{Span, SpanFieldwise, Timestamp, civil::Date};

use super::admin::{
    controls::SetControls,
    rates::SetRate,
    tenants::{DECISIONINGS, Decisioning, ORDER_MODES, OrderMode},
};
use super::clock::SetClock;
use super::{Money, amount};
use crate::finci::persons::{Address, CreatePerson};
use crate::kind::{
    Hidden, currency, date, duration, email, free_text, hidden_text, integer, list, matching,
    object, one_of, text,
};
use crate::shape::{Fields, Policy, Shape};

/// The most records of one kind.
const MOST: usize = 10_000;

/// What a sandbox begins with besides its demo program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// What the tenant is set to.
    pub settings: Settings,
    /// What payments are exchanged at.
    pub rates: Vec<SetRate>,
    /// What the products' cards may be used for.
    pub products: Vec<SeedProduct>,
    /// Money that comes into the wallets.
    pub wallets: Vec<Money>,
    /// Natural persons.
    pub persons: Vec<CreatePerson>,
    /// Companies.
    pub corporates: Vec<SeedCorporate>,
    /// Their employees.
    pub employees: Vec<SeedEmployee>,
    /// Accounts of persons and companies.
    pub accounts: Vec<SeedAccount>,
    /// Cards.
    pub cards: Vec<SeedCard>,
}

impl Shape for Seed {
    const NAME: &'static str = "Seed";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let settings = fields.optional("settings", object::<Settings>());
        let rates = fields.optional("rates", list(object::<SetRate>(), MOST));
        let products = fields.optional("products", list(object::<SeedProduct>(), MOST));
        let wallets = fields.optional("wallets", list(object::<SeedMoney>(), MOST));
        let persons = fields.optional("persons", list(object::<CreatePerson>(), MOST));
        let corporates = fields.optional("corporates", list(object::<SeedCorporate>(), MOST));
        let employees = fields.optional("employees", list(object::<SeedEmployee>(), MOST));
        let accounts = fields.optional("accounts", list(object::<SeedAccount>(), MOST));
        let cards = fields.optional("cards", list(object::<SeedCard>(), MOST));
        let wallets = wallets?.unwrap_or_default().into_iter();
        Some(Seed {
            settings: settings?.unwrap_or_default(),
            rates: rates?.unwrap_or_default(),
            products: products?.unwrap_or_default(),
            wallets: wallets.map(|SeedMoney(money)| money).collect(),
            persons: persons?.unwrap_or_default(),
            corporates: corporates?.unwrap_or_default(),
            employees: employees?.unwrap_or_default(),
            accounts: accounts?.unwrap_or_default(),
            cards: cards?.unwrap_or_default(),
        })
    }
}

/// What the tenant is set to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether an operator decides about holders; they decide themselves otherwise.
    pub kyc_by_hand: Option<bool>,
    /// The time at the beginning.
    pub now: Option<Timestamp>,
    /// How time passes.
    pub mode: Option<ClockMode>,
    /// When orders on cards are carried out.
    pub order_mode: Option<OrderMode>,
    /// How much later, where they are deferred.
    pub order_delay: Option<SpanFieldwise>,
    /// Who decides about authorizations.
    pub decisioning: Option<Decisioning>,
    /// Whose calendar limits follow; not yet known to be a time zone.
    pub time_zone: Option<String>,
}

impl Shape for Settings {
    const NAME: &'static str = "Settings";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kyc = fields.optional("kyc_mode", one_of(&[("auto", false), ("manual", true)]));
        let clock = fields.optional("clock", object::<SetClock>());
        let order_mode = fields.optional("order_mode", one_of(ORDER_MODES));
        let order_delay = fields.optional("order_delay", duration());
        let decisioning = fields.optional("decisioning", one_of(DECISIONINGS));
        let time_zone = fields.optional("time_zone", text(1..=64));
        let clock = clock?;
        Some(Settings {
            kyc_by_hand: kyc?,
            now: clock.as_ref().and_then(|clock| clock.now),
            mode: clock.and_then(|clock| clock.mode),
            order_mode: order_mode?,
            order_delay: order_delay?.map(Span::fieldwise),
            decisioning: decisioning?,
            time_zone: time_zone?,
        })
    }
}

/// A product that is there, with what its cards may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedProduct {
    /// The product.
    pub product_id: i64,
    /// Its controls, in place of those it has.
    pub controls: SetControls,
}

impl Shape for SeedProduct {
    const NAME: &'static str = "SeedProduct";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let product_id = fields.required("product_id", integer(1..=i64::MAX));
        let controls = fields.required("controls", object::<SetControls>());
        Some(SeedProduct {
            product_id: product_id?,
            controls: controls?,
        })
    }
}

struct SeedMoney(Money);

impl Shape for SeedMoney {
    const NAME: &'static str = "SeedMoney";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Money::read(fields).map(SeedMoney)
    }
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedCorporate {
    /// What other records of the file call it.
    pub external_id: String,
    /// Its name.
    pub name: String,
}

impl Shape for SeedCorporate {
    const NAME: &'static str = "SeedCorporate";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", text(1..=64));
        let name = fields.required("name", text(1..=64));
        Some(SeedCorporate {
            external_id: external_id?,
            name: name?,
        })
    }
}

/// An employee of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedEmployee {
    /// What other records of the file call it.
    pub external_id: String,
    /// The external id of the company.
    pub corporate: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// E-mail address.
    pub email: Option<String>,
}

impl Shape for SeedEmployee {
    const NAME: &'static str = "SeedEmployee";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", text(1..=64));
        let corporate = fields.required("corporate", text(1..=64));
        let first_name = fields.required("first_name", text(1..=64));
        let last_name = fields.required("last_name", text(1..=64));
        let birth_date = fields.optional("birth_date", date());
        let email = fields.optional("email", email(5..=254));
        Some(SeedEmployee {
            external_id: external_id?,
            corporate: corporate?,
            first_name: first_name?,
            last_name: last_name?,
            birth_date: birth_date?,
            email: email?,
        })
    }
}

/// An account of a person or company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedAccount {
    /// What other records of the file call it.
    pub external_id: String,
    /// The external id of its owner.
    pub holder: String,
    /// Three capital letters; not yet known to be a currency.
    pub currency: String,
    /// What is on it, in minor units.
    pub balance: Option<i64>,
    /// What all its cards together may be used for.
    pub controls: Option<SetControls>,
}

impl Shape for SeedAccount {
    const NAME: &'static str = "SeedAccount";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", text(1..=64));
        let holder = fields.required("holder", text(1..=64));
        let currency = fields.required("currency", currency());
        let balance = fields.optional("balance", amount());
        let controls = fields.optional("controls", object::<SetControls>());
        Some(SeedAccount {
            external_id: external_id?,
            holder: holder?,
            currency: currency?,
            balance: balance?,
            controls: controls?,
        })
    }
}

/// A card, of any product that cards are opened of by a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedCard {
    /// The caller's own id; of a prepaid card the number of the order that opens it.
    pub external_id: String,
    /// Its product.
    pub product_id: i64,
    /// The external id of its holder.
    pub holder: Option<String>,
    /// The external id of the account it spends from, or that pays for it.
    pub account: Option<String>,
    /// What is put on a prepaid card, in whole units with decimals.
    pub amount: Option<String>,
    /// The number printed on a physical card.
    pub card_number: Option<Hidden>,
    /// The name on a card that spends from an account.
    pub embossing_name: Option<String>,
    /// Where plastic would go; the person's address where it is left out.
    pub delivery_address: Option<Address>,
    /// What it may be used for.
    pub controls: Option<SetControls>,
}

impl Shape for SeedCard {
    const NAME: &'static str = "SeedCard";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let external_id = fields.required("external_id", text(1..=64));
        let product_id = fields.required("product_id", integer(1..=i64::MAX));
        let holder = fields.optional("holder", text(1..=64));
        let account = fields.optional("account", text(1..=64));
        let amount = fields.optional("amount", free_text(20));
        let card_number = fields.optional("card_number", hidden_text(1..=32));
        let letters = |name: &str| {
            let word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
            name.split(' ').all(word)
        };
        let embossing_name = fields.optional(
            "embossing_name",
            matching(2..=26, "^[A-Za-z]+( [A-Za-z]+)*$", letters),
        );
        let delivery_address = fields.optional("delivery_address", object::<Address>());
        let controls = fields.optional("controls", object::<SetControls>());
        Some(SeedCard {
            external_id: external_id?,
            product_id: product_id?,
            holder: holder?,
            account: account?,
            amount: amount?,
            card_number: card_number?,
            embossing_name: embossing_name?,
            delivery_address: delivery_address?,
            controls: controls?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault, FaultKind};

    fn faults(body: &str) -> Vec<Fault> {
        match shape::from_body::<Seed>(body.as_bytes()) {
            Err(BodyFault::Fields(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_says_as_little_as_it_likes() {
        let seed = shape::from_body::<Seed>(b"{}").map(|read| read.value);
        let seed = seed.expect("nothing is required");
        assert_eq!(seed.settings, Settings::default());
        assert!(seed.cards.is_empty() && seed.wallets.is_empty());
    }

    #[test]
    fn a_wrong_entry_is_named_by_its_path() {
        let body = r#"{"settings": {"kyc_mode": "never"}, "accounts": [{"external_id": "a",
            "holder": "jonas", "currency": "EUR", "balance": -1, "owner": "x"}], "people": []}"#;
        let mut found = faults(body);
        found.sort_by(|one, other| one.field.cmp(&other.field));
        assert_eq!(
            found,
            [
                Fault::new("accounts.0.balance", FaultKind::Invalid),
                Fault::new("accounts.0.owner", FaultKind::Unknown),
                Fault::new("people", FaultKind::Unknown),
                Fault::new("settings.kyc_mode", FaultKind::NotAllowed),
            ]
        );
    }
}
