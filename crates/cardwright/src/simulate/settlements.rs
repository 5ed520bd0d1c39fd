//! What is settled, and disputes about it.

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::flags::{
    CARD, CardFlags, MaybeMoney, MerchantFlags, Money, ReferenceFlag, record_id, words,
};
use super::{Simulation, together};
use crate::Failure;

/// `clearing`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).arg("authorization").args(CARD))]
pub(super) struct Clearing {
    /// The authorization that it is for, by its number
    #[arg(long, value_name = "NUMBER")]
    authorization: Option<String>,

    #[command(flatten)]
    card: CardFlags,

    #[command(flatten)]
    paid: Money,

    /// Nothing more follows: what is still held is given free; so it is where nothing is said
    #[arg(long = "final", conflicts_with = "more")]
    last: bool,

    /// More clearings of the same authorization follow
    #[arg(long)]
    more: bool,

    #[command(flatten)]
    merchant: MerchantFlags,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for Clearing {
    const NAME: &'static str = "clearing";

    fn body(&self) -> Result<Value, Failure> {
        let is_final = match (self.last, self.more) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        Ok(together([
            json!({"authorization_id": self.authorization, "final": is_final}),
            self.card.members(),
            self.paid.members()?,
            self.merchant.members(),
            self.reference.members(),
        ]))
    }
}

/// `force-post`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(CARD))]
pub(super) struct ForcePost {
    #[command(flatten)]
    card: CardFlags,

    #[command(flatten)]
    paid: Money,

    #[command(flatten)]
    merchant: MerchantFlags,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for ForcePost {
    const NAME: &'static str = "force-post";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            self.card.members(),
            self.paid.members()?,
            self.merchant.members(),
            self.reference.members(),
        ]))
    }
}

/// `refund`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(["transaction", "authorization"]).args(CARD))]
pub(super) struct Refund {
    /// The payment that is given back, by its transaction
    #[arg(long, value_name = "ID", value_parser = record_id)]
    transaction: Option<String>,

    /// The authorization whose payment is given back, or which gave leave for a refund
    #[arg(long, value_name = "NUMBER")]
    authorization: Option<String>,

    #[command(flatten)]
    card: CardFlags,

    #[command(flatten)]
    given_back: MaybeMoney,

    #[command(flatten)]
    merchant: MerchantFlags,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for Refund {
    const NAME: &'static str = "refund";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            json!({"transaction_id": self.transaction, "authorization_id": self.authorization}),
            self.card.members(),
            self.given_back.members()?,
            self.merchant.members(),
            self.reference.members(),
        ]))
    }
}

/// `refund-reversal`
#[derive(Args)]
pub(super) struct RefundReversal {
    /// The refund, by its transaction
    #[arg(long, value_name = "ID", value_parser = record_id)]
    transaction: String,

    #[command(flatten)]
    taken_back: MaybeMoney,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for RefundReversal {
    const NAME: &'static str = "refund-reversal";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            json!({"transaction_id": self.transaction}),
            self.taken_back.members()?,
            self.reference.members(),
        ]))
    }
}

/// `dispute`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(["transaction", "dispute"]))]
#[expect(
    clippy::struct_field_names,
    reason = "fields have the names of their flags"
)]
pub(super) struct Dispute {
    /// Open a dispute about this payment, and credit it in advance
    #[arg(long, value_name = "ID", value_parser = record_id)]
    transaction: Option<String>,

    #[command(flatten)]
    disputed: MaybeMoney,

    /// What the cardholder says
    #[arg(long, value_name = "TEXT", conflicts_with = "dispute")]
    reason: Option<String>,

    /// End this dispute, as --decision says
    #[arg(long, value_name = "ID", value_parser = record_id, requires = "decision", conflicts_with = "amount")]
    dispute: Option<String>,

    /// How the dispute ends
    #[arg(long, value_name = "END", value_parser = words(["won", "lost"]), requires = "dispute")]
    decision: Option<String>,

    #[command(flatten)]
    reference: ReferenceFlag,
}

impl Simulation for Dispute {
    const NAME: &'static str = "dispute";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            json!({
                "transaction_id": self.transaction,
                "reason": self.reason,
                "dispute_id": self.dispute,
                "decision": self.decision,
            }),
            self.disputed.members()?,
            self.reference.members(),
        ]))
    }
}

/// `funding`
#[derive(Args)]
pub(super) struct Funding {
    /// The account that receives the money, by the id that either API gave it
    #[arg(long, value_name = "ID", value_parser = record_id)]
    account: String,

    #[command(flatten)]
    received: Money,
}

impl Simulation for Funding {
    const NAME: &'static str = "funding";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([
            json!({"account_id": self.account}),
            self.received.members()?,
        ]))
    }
}
