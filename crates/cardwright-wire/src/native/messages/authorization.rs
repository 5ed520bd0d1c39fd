//! What the network asks before it settles.

use cardwright_core::{AuthorizationKind, Channel, DeclineReason, Merchant};

use super::{
    AMOUNT_MAX, CardRef, Given, Message, Sender, amount, authorization_id, channel, currency_of,
    known_currency, merchant, one_card, reference_of,
};
use crate::kind::{Hidden, Kind, Month, boolean, hidden_text, integer, month, one_of};
use crate::shape::Fields;

/// What is presented to prove that the card is there, or its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proofs {
    /// The month on the card.
    pub expiry: Option<Month>,
    /// The code on its back.
    pub cvv: Option<Hidden>,
    /// What only the holder knows.
    pub pin: Option<Hidden>,
}

impl Proofs {
    fn read(fields: &mut Fields<'_>) -> Option<Proofs> {
        let expiry = fields.optional(
            "expiry",
            month()
                .about("The month on the card, where it was presented")
                .example("2029-11"),
        );
        let cvv = fields.optional(
            "cvv",
            hidden_text(3..=4).about("The CVV2, where it was presented; never kept"),
        );
        let pin = fields.optional(
            "pin",
            hidden_text(4..=12).about("The PIN, where it was presented; never kept"),
        );
        Some(Proofs {
            expiry: expiry?,
            cvv: cvv?,
            pin: pin?,
        })
    }
}

/// `authorization`: may this be spent?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Which card.
    pub card: CardRef,
    /// What for.
    pub kind: AuthorizationKind,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
    /// Whether part of it would do.
    pub partial_allowed: bool,
    /// How the card was presented.
    pub channel: Channel,
    /// Where.
    pub merchant: Merchant,
    /// What was presented.
    pub proofs: Proofs,
    /// The reason to decline for, whatever the card; only in a sandbox.
    pub force_decline: Option<DeclineReason>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

const KINDS: &[(&str, AuthorizationKind)] = &[
    ("purchase", AuthorizationKind::Purchase),
    ("cash", AuthorizationKind::Cash),
    ("quasi_cash", AuthorizationKind::QuasiCash),
    ("account_verification", AuthorizationKind::Verification),
    ("balance_inquiry", AuthorizationKind::BalanceInquiry),
    ("refund", AuthorizationKind::Refund),
];

/// The words for the reasons of a decline.
const REASONS: &[(&str, DeclineReason)] = &[
    ("card_not_active", DeclineReason::CardNotActive),
    ("card_expired", DeclineReason::CardExpired),
    ("invalid_expiry", DeclineReason::InvalidExpiry),
    ("invalid_cvv", DeclineReason::InvalidCvv),
    ("invalid_pin", DeclineReason::InvalidPin),
    ("pin_tries_exceeded", DeclineReason::PinTriesExceeded),
    ("pin_required", DeclineReason::PinRequired),
    ("account_not_active", DeclineReason::AccountNotActive),
    (
        "currency_not_supported",
        DeclineReason::CurrencyNotSupported,
    ),
    ("channel_not_allowed", DeclineReason::ChannelNotAllowed),
    ("country_not_allowed", DeclineReason::CountryNotAllowed),
    ("merchant_not_allowed", DeclineReason::MerchantNotAllowed),
    ("limit_exceeded", DeclineReason::LimitExceeded),
    ("insufficient_funds", DeclineReason::InsufficientFunds),
    ("system_error", DeclineReason::SystemError),
];

impl Authorization {
    /// What is asked, without a reason that anybody insists on.
    fn question(fields: &mut Fields<'_>, sender: Sender) -> Option<Authorization> {
        let card = one_card(fields);
        let kind = fields.optional(
            "type",
            one_of(KINDS).about("What for; a purchase if left out"),
        );
        let amount_minor = fields.required(
            "amount",
            integer(0..=AMOUNT_MAX)
                .about("Amount in minor units; 0 for account_verification and balance_inquiry only")
                .example(1_050),
        );
        let currency = currency_of(fields);
        let partial = fields.optional(
            "partial_allowed",
            boolean().about("Whether the merchant takes part of the amount"),
        );
        let channel = channel(fields, sender);
        let merchant = merchant(fields, sender);
        let proofs = Proofs::read(fields);
        let reference = reference_of(fields, sender);
        Some(Authorization {
            card: card?,
            kind: kind?.unwrap_or(AuthorizationKind::Purchase),
            amount_minor: amount_minor?,
            currency: currency?,
            partial_allowed: partial?.unwrap_or(false),
            channel: channel?,
            merchant: merchant?,
            proofs: proofs?,
            force_decline: None,
            reference: reference?,
        })
    }
}

impl Message for Authorization {
    const NAME: &'static str = "Authorization";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Authorization> {
        let question = Authorization::question(fields, sender);
        let force_decline = force_decline(fields, sender);
        Some(Authorization {
            force_decline: force_decline?,
            ..question?
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// The reason that a sandbox's caller insists on.
fn force_decline(fields: &mut Fields<'_>, sender: Sender) -> Given<DeclineReason> {
    match sender {
        Sender::Network => Some(None),
        Sender::Sandbox => fields.optional(
            "force_decline",
            one_of(REASONS).about("Decline for this reason, whatever the card"),
        ),
    }
}

/// `balance-inquiry`: how much is there?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceInquiry {
    /// Which card.
    pub card: CardRef,
    /// How the card was presented.
    pub channel: Channel,
    /// Where.
    pub merchant: Merchant,
    /// What was presented.
    pub proofs: Proofs,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for BalanceInquiry {
    const NAME: &'static str = "BalanceInquiry";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<BalanceInquiry> {
        let card = one_card(fields);
        let channel = channel(fields, sender);
        let merchant = merchant(fields, sender);
        let proofs = Proofs::read(fields);
        let reference = reference_of(fields, sender);
        Some(BalanceInquiry {
            card: card?,
            channel: channel?,
            merchant: merchant?,
            proofs: proofs?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `advice`: the network has decided while we could not be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What it decided about.
    pub about: Authorization,
    /// Why it declined; nothing where it approved.
    pub declined: Option<DeclineReason>,
}

impl Message for Advice {
    const NAME: &'static str = "Advice";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Advice> {
        let about = Authorization::question(fields, sender);
        let declined = fields.optional(
            "decline_reason",
            one_of(REASONS).about("Why the network declined; left out where it approved"),
        );
        Some(Advice {
            about: about?,
            declined: declined?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.about.reference.as_deref()
    }
}

/// `increment`: may this be more?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Increment {
    /// The authorization's number.
    pub authorization_id: String,
    /// How much more, in minor units.
    pub amount_minor: i64,
    /// Its currency, if not the authorization's.
    pub currency: Option<String>,
    /// The reason to decline for; only in a sandbox.
    pub force_decline: Option<DeclineReason>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for Increment {
    const NAME: &'static str = "Increment";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Increment> {
        let authorization_id = fields.required("authorization_id", authorization_id());
        let amount_minor = fields.required(
            "amount",
            amount().about("How much more, in minor units").example(500),
        );
        let currency = known_currency(fields);
        let force_decline = force_decline(fields, sender);
        let reference = reference_of(fields, sender);
        Some(Increment {
            authorization_id: authorization_id?,
            amount_minor: amount_minor?,
            currency: currency?,
            force_decline: force_decline?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `reversal`: this is not spent after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// The authorization's number.
    pub authorization_id: String,
    /// How much of it, in minor units; all that is open if absent.
    pub amount_minor: Option<i64>,
    /// Its currency, if not the authorization's.
    pub currency: Option<String>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for Reversal {
    const NAME: &'static str = "Reversal";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Reversal> {
        let authorization_id = fields.required("authorization_id", authorization_id());
        let amount_minor = fields.optional(
            "amount",
            amount()
                .about("How much to give back, in minor units; all that is open if left out")
                .example(500),
        );
        let currency = known_currency(fields);
        let reference = reference_of(fields, sender);
        Some(Reversal {
            authorization_id: authorization_id?,
            amount_minor: amount_minor?,
            currency: currency?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `expiry`: the time of an authorization is over, before it really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    /// The authorization's number.
    pub authorization_id: String,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for Expiry {
    const NAME: &'static str = "Expiry";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Expiry> {
        let authorization_id = fields.required("authorization_id", authorization_id());
        let reference = reference_of(fields, sender);
        Some(Expiry {
            authorization_id: authorization_id?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}
