//! What the network settles, and disputes about it.

use cardwright_core::{DisputeOutcome, Merchant};

use super::{
    CARD_FIELDS, CardRef, Message, Sender, amount, authorization_id, card, currency_of,
    known_currency, merchant, merchant_of, one_card, other_merchant, reference_of,
};
use crate::kind::{GivenId, Kind, any_id, boolean, free_text, one_of};
use crate::shape::Fields;

/// What a clearing or a refund is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An authorization, by its number.
    Authorization(String),
    /// A transaction.
    Transaction(GivenId),
    /// Nothing that was there before: just a card.
    Card(CardRef),
}

/// `clearing`: the merchant was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearing {
    /// For which authorization, or, without one, on which card.
    pub about: About,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Its currency, if not the authorization's.
    pub currency: Option<String>,
    /// Whether nothing more follows.
    pub is_final: bool,
    /// Where, if it was not said before.
    pub merchant: Option<Merchant>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for Clearing {
    const NAME: &'static str = "Clearing";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Clearing> {
        let authorization = fields.optional("authorization_id", authorization_id());
        let card = card(fields);
        let mut one_of_them = vec!["authorization_id"];
        one_of_them.extend(CARD_FIELDS);
        fields.exactly_one(&one_of_them);
        let amount_minor = fields.required(
            "amount",
            amount()
                .about("What the merchant was paid, in minor units")
                .example(1_050),
        );
        let currency = known_currency(fields);
        let is_final = fields.optional(
            "final",
            boolean().about("Whether nothing more follows; true if left out"),
        );
        let merchant = other_merchant(fields);
        let reference = reference_of(fields, sender);
        let about = match (authorization?, card?) {
            (Some(number), _) => About::Authorization(number),
            (None, Some(card)) => About::Card(card),
            (None, None) => return None,
        };
        let merchant = merchant_of(&about, merchant?, sender);
        Some(Clearing {
            about,
            amount_minor: amount_minor?,
            currency: currency?,
            is_final: is_final?.unwrap_or(true),
            merchant,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `force-post`: the merchant was paid without asking before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForcePost {
    /// On which card.
    pub card: CardRef,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
    /// Where.
    pub merchant: Merchant,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for ForcePost {
    const NAME: &'static str = "ForcePost";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<ForcePost> {
        let card = one_card(fields);
        let amount_minor = fields.required(
            "amount",
            amount()
                .about("What the merchant was paid, in minor units")
                .example(1_050),
        );
        let currency = currency_of(fields);
        let merchant = merchant(fields, sender);
        let reference = reference_of(fields, sender);
        Some(ForcePost {
            card: card?,
            amount_minor: amount_minor?,
            currency: currency?,
            merchant: merchant?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `refund`: the merchant gives money back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// For which payment, by which leave, or just to which card.
    pub about: About,
    /// How much, in minor units; all that is left of the payment if absent.
    pub amount_minor: Option<i64>,
    /// Its currency, if not the payment's.
    pub currency: Option<String>,
    /// Where, if it was not said before.
    pub merchant: Option<Merchant>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for Refund {
    const NAME: &'static str = "Refund";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Refund> {
        let transaction = fields.optional(
            "transaction_id",
            any_id().about("The payment that is given back, by its transaction"),
        );
        let authorization = fields.optional(
            "authorization_id",
            authorization_id().about(
                "The authorization whose payment is given back, or which gave leave for a refund",
            ),
        );
        let card = card(fields);
        let mut one_of_them = vec!["transaction_id", "authorization_id"];
        one_of_them.extend(CARD_FIELDS);
        fields.exactly_one(&one_of_them);
        let amount_minor = fields.optional(
            "amount",
            amount()
                .about("How much, in minor units; all that is left of the payment if left out")
                .example(1_050),
        );
        let currency = known_currency(fields);
        let merchant = other_merchant(fields);
        let reference = reference_of(fields, sender);
        let about = match (transaction?, authorization?, card?) {
            (Some(id), _, _) => About::Transaction(id),
            (None, Some(number), _) => About::Authorization(number),
            (None, None, Some(card)) => About::Card(card),
            (None, None, None) => return None,
        };
        let merchant = merchant_of(&about, merchant?, sender);
        Some(Refund {
            about,
            amount_minor: amount_minor?,
            currency: currency?,
            merchant,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// `refund-reversal`: the merchant takes a refund back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReversal {
    /// The refund.
    pub transaction_id: GivenId,
    /// How much of it, in minor units; all that is left if absent.
    pub amount_minor: Option<i64>,
    /// Its currency, if not the refund's.
    pub currency: Option<String>,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

impl Message for RefundReversal {
    const NAME: &'static str = "RefundReversal";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<RefundReversal> {
        let transaction_id = fields.required(
            "transaction_id",
            any_id().about("The refund, by its transaction"),
        );
        let amount_minor = fields.optional(
            "amount",
            amount()
                .about("How much of it, in minor units; all that is left if left out")
                .example(1_050),
        );
        let currency = known_currency(fields);
        let reference = reference_of(fields, sender);
        Some(RefundReversal {
            transaction_id: transaction_id?,
            amount_minor: amount_minor?,
            currency: currency?,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

/// What a dispute message does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisputeStep {
    /// It opens one.
    Open {
        /// About which payment.
        transaction_id: GivenId,
        /// How much of it, in minor units; all that is left if absent.
        amount_minor: Option<i64>,
        /// Its currency, if not the payment's.
        currency: Option<String>,
        /// What the holder says.
        reason: Option<String>,
    },
    /// It ends one.
    Decide {
        /// Which.
        dispute_id: GivenId,
        /// How.
        outcome: DisputeOutcome,
    },
}

/// `dispute`: a payment is disputed, or a dispute decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// What it does.
    pub step: DisputeStep,
    /// The sender's name of the message.
    pub reference: Option<String>,
}

const OUTCOMES: &[(&str, DisputeOutcome)] =
    &[("won", DisputeOutcome::Won), ("lost", DisputeOutcome::Lost)];

impl Message for Dispute {
    const NAME: &'static str = "Dispute";

    fn read(fields: &mut Fields<'_>, sender: Sender) -> Option<Dispute> {
        let transaction_id = fields.optional(
            "transaction_id",
            any_id().about("Opens a dispute about this payment, and credits it in advance"),
        );
        let dispute_id = fields.optional(
            "dispute_id",
            any_id().about("Ends this dispute, as `decision` says"),
        );
        fields.exactly_one(&["transaction_id", "dispute_id"]);
        let outcome = fields.optional(
            "decision",
            one_of(OUTCOMES).about("How the dispute ends; with `dispute_id`"),
        );
        fields.all_or_none(&["dispute_id", "decision"]);
        let amount_minor = fields.optional(
            "amount",
            amount().about("How much of the payment, in minor units; all of it if left out"),
        );
        let currency = known_currency(fields);
        let reason = fields.optional("reason", free_text(200).about("What the holder says"));
        let reference = reference_of(fields, sender);
        let (amount_minor, currency, reason) = (amount_minor?, currency?, reason?);
        let step = match (transaction_id?, dispute_id?, outcome?) {
            (Some(transaction_id), _, _) => DisputeStep::Open {
                transaction_id,
                amount_minor,
                currency,
                reason,
            },
            (None, Some(dispute_id), Some(outcome)) => DisputeStep::Decide {
                dispute_id,
                outcome,
            },
            _ => return None,
        };
        Some(Dispute {
            step,
            reference: reference?,
        })
    }

    fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}
