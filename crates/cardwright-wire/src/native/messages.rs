//! Messages of the card network: what they say and what they are answered.
//!
//! The network sends them under references of its own, which it must give; a sandbox's caller may
//! leave the reference out, and the merchant too. Everything else is the same on both surfaces, so
//! each message is declared once and read from [`Sender`]'s point of view.

mod answers;
mod authorization;
mod settlement;

use cardwright_core::{Channel, Country, Mcc, Merchant};

pub use answers::{AuthorizationAnswer, DisputeAnswer, ReversalAnswer, TransactionAnswer};
pub use authorization::{
    Advice, Authorization, BalanceInquiry, Expiry, Increment, Proofs, Reversal,
};
pub use settlement::{About, Clearing, Dispute, DisputeStep, ForcePost, Refund, RefundReversal};

use super::network::reference;
use crate::kind::{
    GivenId, Hidden, Integer, Kind, any_id, any_padded_id, country, currency, digits, free_text,
    hidden_text, integer, object, one_of, text,
};
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The card network, or a processor in its place.
    Network,
    /// Somebody who plays the network in a sandbox.
    Sandbox,
}

/// A message, as it is read whoever sends it.
pub trait Message: Sized {
    /// The name of its schema in the documents.
    const NAME: &'static str;

    /// Asks for its fields, as [`Shape::read`] does.
    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Self>;

    /// The sender's name of it.
    fn reference(&self) -> Option<&str>;
}

/// A message from the network itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromNetwork<M>(pub M);

/// A message from somebody who plays the network in a sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromSandbox<M>(pub M);

impl<M: Message> Shape for FromNetwork<M> {
    const NAME: &'static str = M::NAME;
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        M::read(fields, Sender::Network).map(FromNetwork)
    }
}

impl<M: Message> Shape for FromSandbox<M> {
    const NAME: &'static str = M::NAME;
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        M::read(fields, Sender::Sandbox).map(FromSandbox)
    }
}

/// An optional field as it was read: whether it is well-formed, then whether it is there. A shape
/// reads on after a fault, so both answers travel together.
type Given<T> = Option<Option<T>>;

/// The largest amount that is taken: beyond it common JSON parsers lose digits.
const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// A card as a message names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardRef {
    /// By its record id, which is FINCI's `token_id` and FinCard's `cardNo`, too.
    Id(GivenId),
    /// By its number.
    Number(Hidden),
    /// By the wallet token that stands for it.
    WalletToken(GivenId),
}

/// The fields that name a card.
const CARD_FIELDS: [&str; 5] = ["card_id", "token_id", "card_no", "pan", "wallet_token_id"];

/// Asks for the fields that name a card; which of them must be there is the caller's rule.
fn card(fields: &mut Fields<'_>) -> Given<CardRef> {
    let id = fields.optional(
        "card_id",
        any_id()
            .about("The card, by its id")
            .example("1734567890123"),
    );
    let token = fields.optional(
        "token_id",
        any_padded_id().about("The card, as the FINCI Card API calls its id"),
    );
    let number = fields.optional(
        "card_no",
        any_id().about("The card, as the FinCard Virtual API calls its id"),
    );
    let pan = fields.optional(
        "pan",
        hidden_text(12..=19).about("The card, by its number; only a keyed digest of it is kept"),
    );
    let wallet = fields.optional(
        "wallet_token_id",
        any_id().about("The card, by the wallet token that stands for it"),
    );
    let by_id = id?.or(number?).or(token?).map(CardRef::Id);
    let by_number = pan?.map(CardRef::Number);
    let by_wallet = wallet?.map(CardRef::WalletToken);
    Some(by_id.or(by_number).or(by_wallet))
}

/// Asks for exactly one of the fields that name a card.
fn one_card(fields: &mut Fields<'_>) -> Option<CardRef> {
    let card = card(fields);
    fields.exactly_one(&CARD_FIELDS);
    card?
}

/// An amount in minor units, of at least one.
fn amount() -> Integer {
    integer(1..=AMOUNT_MAX)
}

/// The network's own name of a message: a network must give it.
fn reference_of(fields: &mut Fields<'_>, sender: Sender) -> Given<String> {
    let kind = reference()
        .about(
            "Your own name of this message: the same content under it is answered the same again",
        )
        .example("rrn-632612000123");
    match sender {
        Sender::Network => fields.required("reference", kind).map(Some),
        Sender::Sandbox => fields.optional("reference", kind),
    }
}

/// Where a card is used, as a message says it.
struct MerchantFields(Merchant);

impl Shape for MerchantFields {
    const NAME: &'static str = "Merchant";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required(
            "name",
            text(1..=100)
                .about("Its name on the statement")
                .example("Kavinė Vilnius"),
        );
        let id = fields.required(
            "id",
            text(1..=40)
                .about("Its id with its acquirer")
                .example("M-100200"),
        );
        let mcc = fields.required(
            "mcc",
            digits(4)
                .about("What it sells: merchant category code, ISO 18245")
                .example("5812"),
        );
        let city = fields.required("city", text(1..=60).about("Its town").example("Vilnius"));
        let country = fields.required(
            "country",
            country()
                .about("Its country, ISO 3166-1 alpha-2")
                .example("LT"),
        );
        let country = country.and_then(|code| {
            let known = Country::parse(&code);
            if known.is_none() {
                fields.fault("country", FaultKind::Invalid);
            }
            known
        });
        Some(MerchantFields(Merchant {
            name: name?,
            id: id?,
            mcc: Mcc::parse(&mcc?)?,
            city: city?,
            country: country?,
        }))
    }
}

/// What a sandbox's caller means who names no merchant.
pub fn test_merchant() -> Option<Merchant> {
    Some(Merchant {
        name: "Test Merchant".to_owned(),
        id: "TEST-0001".to_owned(),
        mcc: Mcc::parse("5999")?,
        city: "Vilnius".to_owned(),
        country: Country::parse("LT")?,
    })
}

/// The merchant: a network must say it, a sandbox's caller may mean any.
fn merchant(fields: &mut Fields<'_>, sender: Sender) -> Option<Merchant> {
    match sender {
        Sender::Network => {
            let kind = object::<MerchantFields>().about("Where the card is used");
            fields.required("merchant", kind).map(|given| given.0)
        }
        Sender::Sandbox => {
            let kind = object::<MerchantFields>()
                .about("Where the card is used; a test merchant in Lithuania if left out");
            let given = fields.optional("merchant", kind)?;
            given.map(|given| given.0).or_else(test_merchant)
        }
    }
}

/// A merchant that may be left out because something else says it.
fn other_merchant(fields: &mut Fields<'_>) -> Given<Merchant> {
    let kind = object::<MerchantFields>().about("Where, if not as it was said before");
    let given = fields.optional("merchant", kind)?;
    Some(given.map(|given| given.0))
}

/// The merchant of a message about something from before, which knows one, or about a card alone,
/// which does not: then a sandbox's caller may mean any.
fn merchant_of(about: &About, given: Option<Merchant>, sender: Sender) -> Option<Merchant> {
    match (about, sender) {
        (About::Card(_), Sender::Sandbox) => given.or_else(test_merchant),
        _ => given,
    }
}

/// The words for how a card is presented.
const CHANNELS: &[(&str, Channel)] = &[
    ("ecommerce", Channel::Ecommerce),
    ("contactless", Channel::Contactless),
    ("chip", Channel::Chip),
    ("magstripe", Channel::Magstripe),
    ("atm", Channel::Atm),
    ("manual", Channel::Manual),
    ("recurring", Channel::Recurring),
];

fn channel(fields: &mut Fields<'_>, sender: Sender) -> Option<Channel> {
    let kind = one_of(CHANNELS).about("How the card is presented");
    match sender {
        Sender::Network => fields.required("channel", kind),
        Sender::Sandbox => {
            let given = fields.optional("channel", kind)?;
            Some(given.unwrap_or(Channel::Ecommerce))
        }
    }
}

/// The currency of an amount that must have one.
fn currency_of(fields: &mut Fields<'_>) -> Option<String> {
    let kind = currency()
        .about("Currency of the amount, ISO 4217")
        .example("EUR");
    fields.required("currency", kind)
}

/// The currency of an amount whose currency is known from before.
fn known_currency(fields: &mut Fields<'_>) -> Given<String> {
    let kind = currency()
        .about("Currency of the amount, ISO 4217; the one it was in before if left out")
        .example("EUR");
    fields.optional("currency", kind)
}

/// The published number of an authorization. Text that can be none belongs to nobody.
fn authorization_id() -> impl Kind<Out = String> {
    free_text(40)
        .about("The authorization, by its number of 18 digits or by its `tradeNo` of `FinCard`")
        .example("261121000000000001")
}
