//! What an integrator is told: one shape for every event, with the fields that the event has.

use serde::Serialize;
use utoipa::ToSchema;

use super::cards::{TokenStage, TokenStatus};
use crate::instant::Rfc3339;
use crate::kind::PaddedId;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EventKind)]
pub enum Kind {
    /// A payment was asked for, raised or taken back.
    Authorization,
    /// A merchant was paid.
    Presentment,
    /// A merchant gave money back.
    Return,
    /// A card was issued.
    CardCreated,
    /// A card has another status.
    CardStatusChanged,
    /// A card's plastic moved.
    CardStageChanged,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [
        Kind::Authorization,
        Kind::Presentment,
        Kind::Return,
        Kind::CardCreated,
        Kind::CardStatusChanged,
        Kind::CardStageChanged,
    ];

    /// The word in `event`, also in an endpoint's filter.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Authorization => "authorization",
            Kind::Presentment => "presentment",
            Kind::Return => "return",
            Kind::CardCreated => "card_created",
            Kind::CardStatusChanged => "card_status_changed",
            Kind::CardStageChanged => "card_stage_changed",
        }
    }
}

/// What kind of authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationType {
    /// A new one.
    Authorization,
    /// More of an open one.
    Incremental,
    /// An open one is taken back, all of it or so much.
    Reversal,
}

/// Where a card was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EventMerchant)]
pub struct Merchant {
    /// Its name.
    pub name: String,
    /// Its id at its bank.
    pub id: String,
    /// Its category, four digits of ISO 18245.
    pub mcc: String,
    /// Its city.
    pub city: String,
    /// Its country, ISO 3166 alpha-2.
    pub country: String,
}

/// An event as an integrator is told of it. Amounts are decimal strings. A field that an event does
/// not have is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    /// What happened.
    pub event: Kind,
    /// Names the event; the same in every repeat. A question has a name of its own, `question_` and a
    /// number; what came of it is told as another event.
    pub event_id: String,
    /// When it happened.
    pub created_at: Rfc3339,
    /// Orders the events of one card or account: the later has the higher number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// The authorization or reversal, 18 digits; of a presentment or return, the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What kind of authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_type: Option<AuthorizationType>,
    /// What for: `purchase`, `cash`, `quasi_cash` or `account_verification`, which is of nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<&'static str>,
    /// Whether it is decided; `false` asks for a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<bool>,
    /// What the network was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<&'static str>,
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<PaddedId>,
    /// The account it draws on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<PaddedId>,
    /// How much, in the merchant's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// That currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How much, in the account's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_amount: Option<String>,
    /// That currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_currency: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant: Option<Merchant>,
    /// How the card was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'static str>,
    /// The wallet that the card was in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wallet: Option<&'static str>,
    /// What is raised, taken or given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_id: Option<String>,
    /// The authorization that is settled; left out where none preceded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_id: Option<String>,
    /// What was posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<PaddedId>,
    /// The card's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_status: Option<TokenStatus>,
    /// The status it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token_status: Option<TokenStatus>,
    /// Where the card's plastic is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_stage: Option<TokenStage>,
    /// Where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_token_stage: Option<TokenStage>,
}

impl Event {
    /// An event that says nothing yet but what happened and when.
    pub fn new(event: Kind, event_id: String, created_at: Rfc3339) -> Event {
        Event {
            event,
            event_id,
            created_at,
            sequence: None,
            id: None,
            authorization_type: None,
            purpose: None,
            advice: None,
            response_code: None,
            token_id: None,
            account_id: None,
            amount: None,
            currency: None,
            billing_amount: None,
            billing_currency: None,
            merchant: None,
            channel: None,
            wallet: None,
            original_id: None,
            authorization_id: None,
            transaction_id: None,
            token_status: None,
            previous_token_status: None,
            token_stage: None,
            previous_token_stage: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_by_its_word_and_what_an_event_lacks_is_left_out() {
        for kind in Kind::ALL {
            let at = Rfc3339("2026-01-01T00:00:00Z".parse().expect("a time"));
            let event = Event::new(kind, "evt_1".to_owned(), at);
            let expected = format!(
                r#"{{"event":"{}","event_id":"evt_1","created_at":"2026-01-01T00:00:00.000Z"}}"#,
                kind.word()
            );
            assert_eq!(serde_json::to_string(&event).expect("plain"), expected);
        }
    }
}
