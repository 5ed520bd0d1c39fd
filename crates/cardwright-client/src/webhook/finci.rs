//! What a FINCI webhook says, and what is answered.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A payment is asked for, was decided, or was taken back.
    Authorization,
    /// A merchant was paid.
    Presentment,
    /// A merchant gave money back.
    Return,
    /// A card was issued.
    CardCreated,
    /// A card got another status.
    CardStatusChanged,
    /// The plastic of a card moved on.
    CardStageChanged,
    /// Something this version does not know.
    Other(String),
}

impl Kind {
    fn from_word(word: &str) -> Kind {
        match word {
            "authorization" => Kind::Authorization,
            "presentment" => Kind::Presentment,
            "return" => Kind::Return,
            "card_created" => Kind::CardCreated,
            "card_status_changed" => Kind::CardStatusChanged,
            "card_stage_changed" => Kind::CardStageChanged,
            other => Kind::Other(other.to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        String::deserialize(deserializer).map(|word| Kind::from_word(&word))
    }
}

/// What kind of authorization it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationType {
    /// A new one.
    Authorization,
    /// More of an open one.
    Incremental,
    /// All or part of one is taken back; asks for no decision.
    Reversal,
    /// Something this version does not know.
    #[serde(other)]
    Other,
}

/// Who is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Merchant {
    /// Its name.
    pub name: Option<String>,
    /// Its id with its bank.
    pub id: Option<String>,
    /// What it sells: a merchant category code.
    pub mcc: Option<String>,
    /// Where it is.
    pub city: Option<String>,
    /// In which country.
    pub country: Option<String>,
}

/// A delivery to a FINCI integrator. Amounts are decimal strings; a field that the event does not
/// have is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    /// What happened.
    pub event: Kind,
    /// Names the event; the same over repeats of the delivery.
    pub event_id: String,
    /// When it happened, RFC 3339.
    pub created_at: String,
    /// The authorization.
    pub id: Option<String>,
    /// What kind of authorization.
    pub authorization_type: Option<AuthorizationType>,
    /// What for: `purchase`, `cash`, `quasi_cash` or `account_verification`, which is of nothing.
    pub purpose: Option<String>,
    /// Whether it is decided already. `false` asks for a decision within three seconds.
    pub advice: Option<bool>,
    /// What the network was really told: `Approved`, `InsufficientFunds`, …
    pub response_code: Option<String>,
    /// The card.
    pub token_id: Option<String>,
    /// The account it draws on.
    pub account_id: Option<String>,
    /// How much, in the merchant's currency.
    pub amount: Option<String>,
    /// That currency.
    pub currency: Option<String>,
    /// How much, in the account's currency.
    pub billing_amount: Option<String>,
    /// That currency.
    pub billing_currency: Option<String>,
    /// Who is paid.
    pub merchant: Option<Merchant>,
    /// How the card is used.
    pub channel: Option<String>,
    /// By which wallet.
    pub wallet: Option<String>,
    /// The authorization that is added to or taken back.
    pub original_id: Option<String>,
    /// The authorization that is settled; none where none preceded.
    pub authorization_id: Option<String>,
    /// What was posted.
    pub transaction_id: Option<String>,
    /// The place of the event among those of its card or account.
    pub sequence: Option<i64>,
    /// Every other field, as it came.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Event {
    /// Whether an answer decides about a payment.
    pub fn asks(&self) -> bool {
        self.event == Kind::Authorization && self.advice == Some(false)
    }

    /// Whether the network was told yes.
    pub fn is_approved(&self) -> bool {
        self.response_code.as_deref() == Some("Approved")
    }

    /// What a repeat of this delivery has in common with it, and nothing else has: `id` and
    /// `advice` of an authorization, the `event_id` of anything else.
    pub fn repeat_key(&self) -> String {
        match (&self.event, &self.id) {
            (Kind::Authorization, Some(id)) => {
                let advice = self.advice == Some(true);
                format!("{id} {}", if advice { "advice" } else { "question" })
            }
            _ => self.event_id.clone(),
        }
    }
}

/// What is answered to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Answer {
    /// Approves what is asked for; to anything else, that it was taken.
    Success,
    /// Declines what is asked for.
    Error,
}

impl Answer {
    /// The body of the answer.
    pub fn body(self) -> &'static str {
        match self {
            Answer::Success => r#"{"status":"success"}"#,
            Answer::Error => r#"{"status":"error"}"#,
        }
    }
}
