//! What chains, couriers, wallets, card issuers' pages and people do, made to happen.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{
    GivenId, Kind, Matching, any_id, currency, integer, matching, object, one_of, text,
};
use crate::native::{RecordId, amount};
use crate::shape::{Fields, Policy, Shape};

fn card() -> impl Kind<Out = GivenId> {
    any_id().about("The card").example("1734567890123")
}

/// What whoever looks at a holder's papers decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// Nothing is against the holder.
    Approve,
    /// The holder is refused.
    Reject,
}

const REVIEW_DECISIONS: &[(&str, ReviewDecision)] = &[
    ("approve", ReviewDecision::Approve),
    ("reject", ReviewDecision::Reject),
];

/// `POST simulate/holder-review`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderReview {
    /// The holder.
    pub holder: GivenId,
    /// What is decided.
    pub decision: ReviewDecision,
    /// Why a holder is refused.
    pub reason: Option<String>,
}

impl Shape for HolderReview {
    const NAME: &'static str = "HolderReview";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let holder = fields.required(
            "holder_id",
            any_id().about("The holder").example("1734567890123"),
        );
        let decision = fields.required(
            "decision",
            one_of(REVIEW_DECISIONS)
                .about("`approve` takes one step: staff to channel, then channel to approved"),
        );
        let reason = fields.optional(
            "reason",
            text(1..=200)
                .about("Why the holder is refused; needed by `reject`, and only there")
                .example("The document is not readable"),
        );
        Some(HolderReview {
            holder: holder?,
            decision: decision?,
            reason: reason?,
        })
    }
}

/// Where the checks of a holder stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HolderChecks {
    /// The holder.
    pub holder_id: RecordId,
    /// `wait_audit`, `under_review`, `pass_audit` or `reject`.
    pub status: &'static str,
    /// Who looks, or looked last: `admin` or `channel`.
    pub stage: &'static str,
    /// Why the holder was refused.
    pub reason: Option<String>,
    /// When it last moved.
    pub updated_at: Rfc3339,
}

/// What is reported about coins on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainReport {
    /// Blocks lie on the transaction.
    Confirmed,
    /// The chain took it back.
    Dropped,
}

pub(crate) const CHAIN_REPORTS: &[(&str, ChainReport)] = &[
    ("confirmed", ChainReport::Confirmed),
    ("dropped", ChainReport::Dropped),
];

/// `POST simulate/crypto-deposit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CryptoDeposit {
    /// The account whose address is paid; the wallet where it is left out.
    pub account: Option<GivenId>,
    /// The coin's key.
    pub coin: String,
    /// How many coins, as decimal text.
    pub amount: String,
    /// How many blocks lie on it; as many as needed where it is left out.
    pub confirmations: Option<i64>,
    /// The transaction; a new one where it is left out.
    pub transaction_hash: Option<String>,
    /// Who sent them.
    pub from_address: Option<String>,
    /// What is reported.
    pub report: ChainReport,
}

/// A name on a chain: letters and digits.
pub(crate) fn on_chain() -> Matching {
    matching(8..=100, "^[0-9A-Za-z]{8,100}$", |text| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// A number of coins, as decimal text.
pub(crate) fn coins() -> Matching {
    matching(1..=60, r"^[0-9]+(\.[0-9]+)?$", |text| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        !whole.is_empty() && !fraction.is_empty() && digits(whole) && digits(fraction)
    })
}

impl Shape for CryptoDeposit {
    const NAME: &'static str = "CryptoDeposit";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account = fields.optional(
            "account_id",
            any_id()
                .about("Account whose address is paid; the main wallet where left out")
                .example("1734567890123"),
        );
        let coin = fields.required("coin", text(1..=40).about("The coin").example("USDT_TRC20"));
        let amount = fields.required("amount", coins().about("How many coins").example("9"));
        let confirmations = fields.optional(
            "confirmations",
            integer(0..=1_000_000)
                .about("Blocks on the transaction; as many as the coin needs where left out")
                .example(38),
        );
        let transaction_hash = fields.optional(
            "tx_hash",
            on_chain().about("The transaction; the same again moves its deposit on"),
        );
        let from_address = fields.optional("from_address", on_chain().about("Who sent the coins"));
        let report = fields.optional(
            "report",
            one_of(CHAIN_REPORTS)
                .about("`confirmed` where left out; `dropped` needs the `tx_hash` of a deposit"),
        );
        Some(CryptoDeposit {
            account: account?,
            coin: coin?,
            amount: amount?,
            confirmations: confirmations?,
            transaction_hash: transaction_hash?,
            from_address: from_address?,
            report: report?.unwrap_or(ChainReport::Confirmed),
        })
    }
}

/// A deposit of coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deposit {
    /// Its id.
    pub deposit_id: RecordId,
    /// The account whose address was paid.
    pub account_id: RecordId,
    /// The coin's key.
    pub coin: String,
    /// The transaction on the chain.
    pub tx_hash: String,
    /// Who sent the coins.
    pub from_address: String,
    /// The account's address.
    pub to_address: String,
    /// How many coins, as decimal text.
    pub amount: String,
    /// How many blocks lie on it.
    pub confirmations: u32,
    /// How many are needed.
    pub required_confirmations: u32,
    /// `wait_process`, `processing`, `success` or `fail`.
    pub status: &'static str,
    /// `too_small`, `too_large` or `dropped`, where it failed.
    pub reason: Option<&'static str>,
    /// What the account received, in minor units, once it did.
    pub received: Option<i64>,
    /// What the platform kept, in minor units.
    pub fee: Option<i64>,
    /// The currency of both, ISO 4217.
    pub currency: String,
    /// When it was first seen.
    pub created_at: Rfc3339,
    /// When it last moved.
    pub updated_at: Rfc3339,
}

/// What a courier reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShippingStep {
    /// It took the plastic.
    Shipped,
    /// The holder has it.
    Delivered,
    /// It brought it back.
    Returned,
}

const SHIPPING_STEPS: &[(&str, ShippingStep)] = &[
    ("shipped", ShippingStep::Shipped),
    ("delivered", ShippingStep::Delivered),
    ("returned", ShippingStep::Returned),
];

/// `POST simulate/shipping`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipping {
    /// The card.
    pub card: GivenId,
    /// What is reported.
    pub step: ShippingStep,
}

impl Shape for Shipping {
    const NAME: &'static str = "Shipping";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card = fields.required("card_id", card());
        let step = fields.required(
            "step",
            one_of(SHIPPING_STEPS).about("What the courier reports"),
        );
        Some(Shipping {
            card: card?,
            step: step?,
        })
    }
}

/// Where a card's plastic is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shipment {
    /// The card.
    pub card_id: RecordId,
    /// `not_shipped`, `shipped` or `delivered`.
    pub shipment: &'static str,
    /// `digital`, `plastic_not_delivered` or `plastic_delivered`.
    pub stage: &'static str,
    /// When it left.
    pub shipped_at: Option<Rfc3339>,
    /// When it came.
    pub delivered_at: Option<Rfc3339>,
}

/// `POST simulate/activation-code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivationCode {
    /// The card.
    pub card: GivenId,
}

impl Shape for ActivationCode {
    const NAME: &'static str = "ActivationCode";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card = fields.required("card_id", card());
        Some(ActivationCode { card: card? })
    }
}

/// By what a payment is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmBy {
    /// A code.
    Otp,
    /// A page.
    Url,
}

const CONFIRM_BY: &[(&str, ConfirmBy)] = &[("otp", ConfirmBy::Otp), ("url", ConfirmBy::Url)];

/// How a challenge ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeDecision {
    /// The holder confirms.
    Confirm,
    /// The holder declines.
    Decline,
    /// Nobody answers.
    Expire,
}

const CHALLENGE_DECISIONS: &[(&str, ChallengeDecision)] = &[
    ("confirm", ChallengeDecision::Confirm),
    ("decline", ChallengeDecision::Decline),
    ("expire", ChallengeDecision::Expire),
];

/// The merchant that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merchant {
    /// Its name.
    pub name: String,
}

impl Shape for Merchant {
    const NAME: &'static str = "ChallengeMerchant";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name", text(1..=100).about("Its name").example("Bookshop"));
        Some(Merchant { name: name? })
    }
}

/// The payment that is to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmable {
    /// By which card it is paid.
    pub card: GivenId,
    /// By what it is confirmed.
    pub by: ConfirmBy,
    /// Who is paid.
    pub merchant: Merchant,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Of which currency.
    pub currency: String,
}

/// `POST simulate/three-ds`: a payment to be confirmed, or how a challenge ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreeDs {
    /// A challenge begins.
    Ask(Confirmable),
    /// One ends.
    End {
        /// Which one.
        challenge: GivenId,
        /// How.
        decision: ChallengeDecision,
    },
}

impl Shape for ThreeDs {
    const NAME: &'static str = "ThreeDs";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card = fields.optional(
            "card_id",
            any_id()
                .about("Begins a challenge for this card")
                .example("1734567890123"),
        );
        let by = fields.optional("kind", one_of(CONFIRM_BY).about("A code, or a page"));
        let merchant = fields.optional("merchant", object::<Merchant>().about("Who is paid"));
        let minor = fields.optional(
            "amount",
            amount().about("Amount in minor units").example(1_050),
        );
        let currency = fields.optional(
            "currency",
            currency().about("Currency, ISO 4217").example("USD"),
        );
        let challenge = fields.optional("challenge_id", any_id().about("Ends this challenge"));
        let decision =
            fields.optional("decision", one_of(CHALLENGE_DECISIONS).about("How it ends"));
        fields.exactly_one(&["card_id", "challenge_id"]);
        fields.all_or_none(&["card_id", "kind", "merchant", "amount", "currency"]);
        fields.all_or_none(&["challenge_id", "decision"]);
        if let Some(challenge) = challenge? {
            return Some(ThreeDs::End {
                challenge,
                decision: decision??,
            });
        }
        Some(ThreeDs::Ask(Confirmable {
            card: card??,
            by: by??,
            merchant: merchant??,
            amount_minor: minor??,
            currency: currency??,
        }))
    }
}

/// Something a cardholder is asked to prove.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Challenge {
    /// Its id.
    pub challenge_id: RecordId,
    /// The card.
    pub card_id: RecordId,
    /// `otp`, `url` or `activation_code`.
    pub kind: &'static str,
    /// `open`, `confirmed`, `declined`, `expired` or `voided`.
    pub status: &'static str,
    /// The code or link; only in the answer that makes it.
    pub value: Option<String>,
    /// Who is paid.
    pub merchant_name: Option<String>,
    /// How much, in minor units.
    pub amount: Option<i64>,
    /// Of which currency, ISO 4217.
    pub currency: Option<String>,
    /// Until when it can be answered; null where there is no end.
    pub expires_at: Option<Rfc3339>,
    /// When it was issued.
    pub created_at: Rfc3339,
    /// When it last moved.
    pub updated_at: Rfc3339,
}

/// Whose wallet a card is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wallet {
    /// Apple Pay.
    Apple,
    /// Google Pay.
    Google,
    /// Samsung Pay.
    Samsung,
}

const WALLETS: &[(&str, Wallet)] = &[
    ("apple", Wallet::Apple),
    ("google", Wallet::Google),
    ("samsung", Wallet::Samsung),
];

/// What is done with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStep {
    /// The holder confirms it.
    Activate,
    /// The phone is lost.
    Suspend,
    /// The phone is found.
    Resume,
    /// The holder removes it.
    Delete,
}

const TOKEN_STEPS: &[(&str, TokenStep)] = &[
    ("activate", TokenStep::Activate),
    ("suspend", TokenStep::Suspend),
    ("resume", TokenStep::Resume),
    ("delete", TokenStep::Delete),
];

/// `POST simulate/wallet-token`: a card goes into a wallet, or its token takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WalletToken {
    /// A card is put into a wallet.
    Provision {
        /// The card.
        card: GivenId,
        /// Whose wallet.
        wallet: Wallet,
    },
    /// A token takes a step.
    Step {
        /// Which token.
        token: GivenId,
        /// What is done with it.
        step: TokenStep,
    },
}

impl Shape for WalletToken {
    const NAME: &'static str = "WalletToken";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card = fields.optional(
            "card_id",
            any_id()
                .about("Puts this card into a wallet")
                .example("1734567890123"),
        );
        let wallet = fields.optional("wallet", one_of(WALLETS).about("Whose wallet"));
        let token = fields.optional("token_id", any_id().about("Takes a step with this token"));
        let step = fields.optional("step", one_of(TOKEN_STEPS).about("What is done with it"));
        fields.exactly_one(&["card_id", "token_id"]);
        fields.all_or_none(&["card_id", "wallet"]);
        fields.all_or_none(&["token_id", "step"]);
        if let Some(token) = token? {
            return Some(WalletToken::Step {
                token,
                step: step??,
            });
        }
        Some(WalletToken::Provision {
            card: card??,
            wallet: wallet??,
        })
    }
}

/// A card inside a wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub token_id: RecordId,
    /// The card it stands for.
    pub card_id: RecordId,
    /// Whose wallet it is in: `apple`, `google` or `samsung`.
    pub wallet: &'static str,
    /// What the wallet knows it by; never a card number.
    pub reference: String,
    /// `inactive`, `active`, `suspended` or `deleted`.
    pub status: &'static str,
    /// When it was provisioned.
    pub created_at: Rfc3339,
    /// When it last moved.
    pub updated_at: Rfc3339,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault};

    fn fault<T: Shape + std::fmt::Debug>(body: &str) -> String {
        match shape::from_body::<T>(body.as_bytes()) {
            Ok(read) => format!("{:?}", read.value),
            Err(BodyFault::Fields(faults)) => faults
                .iter()
                .map(|fault| format!("{} {:?}", fault.field, fault.kind))
                .collect::<Vec<_>>()
                .join(", "),
            Err(BodyFault::Json(fault)) => format!("{fault:?}"),
        }
    }

    #[test]
    fn a_challenge_begins_or_ends_but_not_both() {
        for (body, said) in [
            ("{}", "card_id Required"),
            (
                r#"{"card_id": 1, "challenge_id": 2, "decision": "confirm"}"#,
                "challenge_id NotAllowed, kind Required, merchant Required, amount Required, currency Required",
            ),
            (r#"{"challenge_id": 2}"#, "decision Required"),
            (
                r#"{"challenge_id": 2, "decision": "confirm", "kind": "otp"}"#,
                "card_id Required, merchant Required, amount Required, currency Required",
            ),
        ] {
            assert_eq!(fault::<ThreeDs>(body), said, "{body}");
        }
        let ends = r#"{"challenge_id": 2, "decision": "confirm"}"#;
        assert!(matches!(
            shape::from_body::<ThreeDs>(ends.as_bytes()).map(|read| read.value),
            Ok(ThreeDs::End { .. })
        ));
    }

    #[test]
    fn a_token_is_made_or_takes_a_step() {
        for (body, said) in [
            ("{}", "card_id Required"),
            (r#"{"card_id": 1}"#, "wallet Required"),
            (r#"{"token_id": 1}"#, "step Required"),
            (r#"{"token_id": 1, "step": "explode"}"#, "step NotAllowed"),
        ] {
            assert_eq!(fault::<WalletToken>(body), said, "{body}");
        }
    }

    #[test]
    fn coins_are_counted_in_plain_decimals() {
        for amount in ["9", "0.5", "12345.678901234567890123"] {
            let body = format!(r#"{{"coin": "USDT_TRC20", "amount": "{amount}"}}"#);
            assert!(
                shape::from_body::<CryptoDeposit>(body.as_bytes()).is_ok(),
                "{amount}"
            );
        }
        for amount in ["", ".5", "1.", "-1", "1e3", "1,5", "1.2.3"] {
            let body = format!(r#"{{"coin": "USDT_TRC20", "amount": "{amount}"}}"#);
            assert_eq!(fault::<CryptoDeposit>(&body), "amount Invalid", "{amount}");
        }
    }
}
