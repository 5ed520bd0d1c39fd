//! Authorizations: what the card network asked, and what became of it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::account_id;
use super::cards::token_id;
use super::paging::Paging;
use crate::instant::Rfc3339;
use crate::kind::{Kind, PaddedId, digits, moment, one_of};
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// The id of an authorization: eighteen digits.
pub(super) fn authorization_id() -> impl Kind<Out = String> {
    digits(18)
        .about("Id of an authorization")
        .example("251001435963146785")
}

/// From when until when: the first instant that is in, and the first that is out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

impl Range {
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Range> {
        let from = fields.optional("from", moment().about("Only at or after this time"));
        let to = fields.optional("to", moment().about("Only before this time"));
        let range = Range {
            from: from?,
            to: to?,
        };
        let backwards = range.from.zip(range.to).is_some_and(|(from, to)| to < from);
        if backwards {
            fields.fault("to", FaultKind::Invalid);
            return None;
        }
        Some(range)
    }
}

/// Where an authorization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationStatus {
    /// It was answered no.
    Declined,
    /// It was answered yes, with nothing to set aside.
    Answered,
    /// It was answered yes, and money is set aside.
    Open,
    /// All that will be posted is posted.
    Cleared,
    /// It was taken back before anything was posted.
    Reversed,
    /// Nothing came of it in time.
    Expired,
}

const STATUSES: &[(&str, AuthorizationStatus)] = &[
    ("declined", AuthorizationStatus::Declined),
    ("answered", AuthorizationStatus::Answered),
    ("open", AuthorizationStatus::Open),
    ("cleared", AuthorizationStatus::Cleared),
    ("reversed", AuthorizationStatus::Reversed),
    ("expired", AuthorizationStatus::Expired),
];

/// `POST get-authorizations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAuthorizations {
    /// Only of this card.
    pub token_id: Option<PaddedId>,
    /// Only of this account.
    pub account_id: Option<PaddedId>,
    /// Only where it stands so.
    pub authorization_status: Option<AuthorizationStatus>,
    /// Only of this time.
    pub range: Range,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetAuthorizations {
    const NAME: &'static str = "GetAuthorizations";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token_id = fields.optional("token_id", token_id());
        let account_id = fields.optional("account_id", account_id());
        let status = one_of(STATUSES).about("Only those that stand so");
        let authorization_status = fields.optional("authorization_status", status);
        let range = Range::read(fields);
        let paging = Paging::read(fields);
        Some(GetAuthorizations {
            token_id: token_id?,
            account_id: account_id?,
            authorization_status: authorization_status?,
            range: range?,
            paging: paging?,
        })
    }
}

/// The merchant as the card network describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Merchant {
    /// Its name.
    pub name: String,
    /// Its id with its acquirer.
    pub id: String,
    /// What it sells: a merchant category code.
    #[schema(pattern = "^[0-9]{4}$", examples("5411"))]
    pub mcc: String,
    /// Its town.
    pub city: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
}

/// An authorization, as `get-authorization` answers it and `get-authorizations` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Authorization {
    /// Id of the authorization: eighteen digits.
    #[schema(pattern = "^[0-9]{18}$", examples("251001435963146785"))]
    pub id: String,
    /// What for: `purchase`, `cash`, `quasi_cash`, `account_verification`, `balance_inquiry` or
    /// `refund`.
    pub purpose: &'static str,
    /// Where it stands.
    pub authorization_status: AuthorizationStatus,
    /// What the card network was told; null as long as the integrator is asked and it was told
    /// nothing.
    #[schema(examples("Approved"))]
    pub response_code: Option<&'static str>,
    /// Whether the network decided in our place.
    pub stand_in: bool,
    /// The card.
    pub token_id: PaddedId,
    /// The account.
    pub account_id: PaddedId,
    /// What was asked for at first, in `currency`; a decimal string.
    pub amount: String,
    /// The merchant's currency, ISO 4217.
    pub currency: String,
    /// What was approved in all, increments included, in `currency`.
    pub approved_amount: String,
    /// What was taken back of it, in `currency`.
    pub reversed_amount: String,
    /// What was cleared of it, in `currency`.
    pub cleared_amount: String,
    /// What the amount, with all increments, means for the account, markup included, in
    /// `billing_currency`.
    pub billing_amount: String,
    /// The account's currency, ISO 4217.
    pub billing_currency: String,
    /// What is set aside now, in `billing_currency`.
    pub held_amount: String,
    /// What was posted through it, in `billing_currency`.
    pub posted_amount: String,
    /// Where.
    pub merchant: Merchant,
    /// How the card was presented.
    #[schema(examples("ecommerce"))]
    pub channel: &'static str,
    /// The wallet that presented the card; null where none did.
    pub wallet: Option<&'static str>,
    /// When it was asked.
    pub created_at: Rfc3339,
    /// When what is still set aside is given free.
    pub expires_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

/// The answer to `get-authorizations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorizationList {
    /// The authorizations, the oldest first.
    pub items: Vec<Authorization>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::Failure;
    use crate::shape;

    fn codes(body: &str) -> String {
        match shape::from_body::<GetAuthorizations>(body.as_bytes()) {
            Ok(_) => String::new(),
            Err(fault) => Failure::from(fault).codes().join(" "),
        }
    }

    #[test]
    fn every_filter_may_be_left_out_and_is_checked_where_it_is_not() {
        assert_eq!(codes("{}"), "");
        let all = r#"{"token_id":"0000000000000042","account_id":"0000000000000017",
            "authorization_status":"open","from":"2026-11-01T00:00:00Z",
            "to":"2026-12-01T00:00:00+02:00","limit":5,"cursor":"x"}"#;
        assert_eq!(codes(all), "");
        let wrong = r#"{"token_id":"42","account_id":42,"authorization_status":"held",
            "from":"2026-11-01","to":5}"#;
        assert_eq!(
            codes(wrong),
            "token_id:invalid account_id:invalid authorization_status:not_allowed from:invalid \
             to:invalid"
        );
    }

    #[test]
    fn a_time_range_does_not_end_before_it_begins() {
        let range = |to: &str| format!(r#"{{"from":"2026-11-02T00:00:00Z","to":"{to}"}}"#);
        assert_eq!(codes(&range("2026-11-01T23:59:59Z")), "to:invalid");
        assert_eq!(codes(&range("2026-11-02T00:00:00Z")), "", "of no length");
    }
}
