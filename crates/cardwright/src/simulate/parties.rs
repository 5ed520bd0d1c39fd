//! What people and machines do who are not the card network.

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::flags::{MaybeMoney, record_id, words};
use super::{Simulation, together};
use crate::Failure;

/// `holder-review`
#[derive(Args)]
pub(super) struct HolderReview {
    /// The cardholder, as FinCard's cardholderId
    #[arg(long, value_name = "ID", value_parser = record_id)]
    holder: String,

    /// What is decided; approve takes one step, staff to channel or channel to approved
    #[arg(long, value_name = "DECISION", value_parser = words(["approve", "reject"]))]
    decision: String,

    /// Why the cardholder is refused; needed by reject, and only there
    #[arg(long, value_name = "TEXT", required_if_eq("decision", "reject"))]
    reason: Option<String>,
}

impl Simulation for HolderReview {
    const NAME: &'static str = "holder-review";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([json!({
            "holder_id": self.holder,
            "decision": self.decision,
            "reason": self.reason,
        })]))
    }
}

/// `crypto-deposit`
#[derive(Args)]
pub(super) struct CryptoDeposit {
    /// The coin, such as USDT_TRC20
    #[arg(long, value_name = "COIN")]
    coin: String,

    /// How many coins, as a decimal such as 9 or 0.25
    #[arg(long, value_name = "AMOUNT")]
    amount: String,

    /// The account whose address is paid; the wallet where it is not said
    #[arg(long, value_name = "ID", value_parser = record_id)]
    account: Option<String>,

    /// How many blocks lie on the transaction; as many as the coin needs where it is not said
    #[arg(long, value_name = "N")]
    confirmations: Option<u32>,

    /// The transaction on the chain; the same again moves its deposit on
    #[arg(long, value_name = "TEXT", required_if_eq("report", "dropped"))]
    tx_hash: Option<String>,

    /// Who sent the coins
    #[arg(long, value_name = "TEXT")]
    from_address: Option<String>,

    /// What is reported; confirmed where it is not said
    #[arg(long, value_name = "WHAT", value_parser = words(["confirmed", "dropped"]))]
    report: Option<String>,
}

impl Simulation for CryptoDeposit {
    const NAME: &'static str = "crypto-deposit";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([json!({
            "coin": self.coin,
            "amount": self.amount,
            "account_id": self.account,
            "confirmations": self.confirmations,
            "tx_hash": self.tx_hash,
            "from_address": self.from_address,
            "report": self.report,
        })]))
    }
}

/// `shipping`
#[derive(Args)]
pub(super) struct Shipping {
    /// The card, by the id that either API gave it
    #[arg(long, value_name = "ID", value_parser = record_id)]
    card: String,

    /// What the courier reports
    #[arg(long, value_name = "STEP", value_parser = words(["shipped", "delivered", "returned"]))]
    step: String,
}

impl Simulation for Shipping {
    const NAME: &'static str = "shipping";

    fn body(&self) -> Result<Value, Failure> {
        Ok(json!({"card_id": self.card, "step": self.step}))
    }
}

/// `activation-code`
#[derive(Args)]
pub(super) struct ActivationCode {
    /// The card, by the id that either API gave it
    #[arg(long, value_name = "ID", value_parser = record_id)]
    card: String,
}

impl Simulation for ActivationCode {
    const NAME: &'static str = "activation-code";

    fn body(&self) -> Result<Value, Failure> {
        Ok(json!({"card_id": self.card}))
    }
}

/// `three-ds`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(["card", "challenge"]))]
pub(super) struct ThreeDs {
    /// Begin a challenge for a payment by this card; with --kind, --merchant, --amount, --currency
    #[arg(long, value_name = "ID", value_parser = record_id, requires_all = ["kind", "merchant", "amount"])]
    card: Option<String>,

    /// By what the payment is confirmed: a code, or a page
    #[arg(long, value_name = "KIND", value_parser = words(["otp", "url"]), conflicts_with = "challenge")]
    kind: Option<String>,

    /// The name of the merchant who is paid
    #[arg(long, value_name = "NAME", conflicts_with = "challenge")]
    merchant: Option<String>,

    #[command(flatten)]
    paid: MaybeMoney,

    /// End this challenge, as --decision says
    #[arg(long, value_name = "ID", value_parser = record_id, requires = "decision", conflicts_with = "amount")]
    challenge: Option<String>,

    /// How the challenge ends
    #[arg(long, value_name = "DECISION", value_parser = words(["confirm", "decline", "expire"]), requires = "challenge")]
    decision: Option<String>,
}

impl Simulation for ThreeDs {
    const NAME: &'static str = "three-ds";

    fn body(&self) -> Result<Value, Failure> {
        let merchant = self.merchant.as_ref().map(|name| json!({"name": name}));
        Ok(together([
            json!({
                "card_id": self.card,
                "kind": self.kind,
                "merchant": merchant,
                "challenge_id": self.challenge,
                "decision": self.decision,
            }),
            self.paid.members()?,
        ]))
    }
}

/// `wallet-token`
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(["card", "wallet_token"]))]
#[expect(
    clippy::struct_field_names,
    reason = "fields have the names of their flags"
)]
pub(super) struct WalletToken {
    /// Put this card into a wallet; with --wallet
    #[arg(long, value_name = "ID", value_parser = record_id, requires = "wallet")]
    card: Option<String>,

    /// Whose wallet
    #[arg(long, value_name = "WALLET", value_parser = words(["apple", "google", "samsung"]), requires = "card")]
    wallet: Option<String>,

    /// Take a step with this token; with --step
    #[arg(long, value_name = "ID", value_parser = record_id, requires = "step")]
    wallet_token: Option<String>,

    /// What is done with the token
    #[arg(long, value_name = "STEP", value_parser = words(["activate", "suspend", "resume", "delete"]), requires = "wallet_token")]
    step: Option<String>,
}

impl Simulation for WalletToken {
    const NAME: &'static str = "wallet-token";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([json!({
            "card_id": self.card,
            "wallet": self.wallet,
            "token_id": self.wallet_token,
            "step": self.step,
        })]))
    }
}

/// `work-order`
#[derive(Args)]
#[expect(
    clippy::struct_field_names,
    reason = "fields have the names of their flags"
)]
pub(super) struct WorkOrder {
    /// The work order
    #[arg(long, value_name = "ID", value_parser = record_id)]
    work_order: String,

    /// What becomes of it
    #[arg(long, value_name = "DECISION", value_parser = words(["success", "fail"]))]
    decision: String,

    /// What is said about it to the caller
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Simulation for WorkOrder {
    const NAME: &'static str = "work-order";

    fn body(&self) -> Result<Value, Failure> {
        Ok(together([json!({
            "work_order_id": self.work_order,
            "decision": self.decision,
            "description": self.description,
        })]))
    }
}
