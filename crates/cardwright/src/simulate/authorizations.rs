//! What is asked before anything is settled.

use cardwright_core::{AuthorizationKind, Currency, DeclineReason};
use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::flags::{
    CARD, CardFlags, MaybeMoney, MerchantFlags, Money, ProofFlags, ReferenceFlag, currency, money,
    words,
};
use super::{Simulation, together};
use crate::Failure;

/// What a new authorization says.
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(CARD))]
pub(super) struct Question {
    #[command(flatten)]
    card: CardFlags,

    /// How much, as a decimal such as 12.50; 0 for account_verification and balance_inquiry
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,

    /// Currency of the amount: three capital letters, ISO 4217
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Currency,

    /// What for; a purchase where it is not said
    #[arg(
        long = "type",
        value_name = "TYPE",
        value_parser = words(AuthorizationKind::ALL.map(AuthorizationKind::word))
    )]
    kind: Option<String>,

    /// The merchant takes part of the amount too
    #[arg(long)]
    partial: bool,

    #[command(flatten)]
    proofs: ProofFlags,

    #[command(flatten)]
    merchant: MerchantFlags,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Question {
    fn members(&self) -> Result<Value, Failure> {
        let kind = self.kind.as_deref().and_then(AuthorizationKind::from_word);
        let amount = match (&self.amount, kind) {
            (Some(amount), _) => amount,
            (None, Some(AuthorizationKind::Verification | AuthorizationKind::BalanceInquiry)) => {
                "0"
            }
            (None, _) => {
                let words = "--amount: it is needed, but for --type account_verification and \
                             balance_inquiry";
                return Err(Failure::Usage(words.to_owned()));
            }
        };
        Ok(together([
            self.card.members(),
            money(Some(amount), Some(self.currency))?,
            json!({"type": self.kind, "partial_allowed": self.partial.then_some(true)}),
            self.proofs.members()?,
            self.merchant.members(),
            self.reference.members(),
        ]))
    }
}

/// `authorization`
#[derive(Args)]
pub(super) struct Authorization {
    #[command(flatten)]
    question: Question,

    /// Decline for this reason, whatever the card
    #[arg(
        long,
        value_name = "REASON",
        value_parser = words(DeclineReason::ALL.map(DeclineReason::word))
    )]
    force_decline: Option<String>,
}

impl Simulation for Authorization {
    const NAME: &'static str = "authorization";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            self.question.members()?,
            json!({"force_decline": self.force_decline}),
        ]))
    }
}

/// `advice`
#[derive(Args)]
pub(super) struct Advice {
    #[command(flatten)]
    question: Question,

    /// Why the network declined; it approved where this is not said
    #[arg(
        long,
        value_name = "REASON",
        value_parser = words(DeclineReason::ALL.map(DeclineReason::word))
    )]
    decline_reason: Option<String>,
}

impl Simulation for Advice {
    const NAME: &'static str = "advice";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            self.question.members()?,
            json!({"decline_reason": self.decline_reason}),
        ]))
    }
}

/// An authorization from before.
#[derive(Args)]
pub(super) struct Known {
    /// The authorization, by its number
    #[arg(long, value_name = "NUMBER")]
    authorization: String,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Known {
    fn members(&self) -> Value {
        together([
            json!({"authorization_id": self.authorization}),
            self.reference.members(),
        ])
    }
}

/// `increment`: how much more.
#[derive(Args)]
pub(super) struct Increment {
    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    more: Money,

    /// Decline for this reason, whatever the card
    #[arg(
        long,
        value_name = "REASON",
        value_parser = words(DeclineReason::ALL.map(DeclineReason::word))
    )]
    force_decline: Option<String>,
}

impl Simulation for Increment {
    const NAME: &'static str = "increment";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            self.known.members(),
            self.more.members()?,
            json!({"force_decline": self.force_decline}),
        ]))
    }
}

/// `reversal`: how much to give back.
#[derive(Args)]
pub(super) struct Reversal {
    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    given_back: MaybeMoney,
}

impl Simulation for Reversal {
    const NAME: &'static str = "reversal";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([self.known.members(), self.given_back.members()?]))
    }
}

/// `expiry`
#[derive(Args)]
pub(super) struct Expiry {
    #[command(flatten)]
    known: Known,
}

impl Simulation for Expiry {
    const NAME: &'static str = "expiry";

    fn body(&self) -> Result<Value, Failure> {
        Ok(self.known.members())
    }
}

/// `balance-inquiry`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(CARD))]
pub(super) struct BalanceInquiry {
    #[command(flatten)]
    card: CardFlags,

    #[command(flatten)]
    proofs: ProofFlags,

    #[command(flatten)]
    merchant: MerchantFlags,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for BalanceInquiry {
    const NAME: &'static str = "balance-inquiry";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            self.card.members(),
            self.proofs.members()?,
            self.merchant.members(),
            self.reference.members(),
        ]))
    }
}
