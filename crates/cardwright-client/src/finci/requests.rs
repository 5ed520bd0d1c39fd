//! What the typed calls send. A field that is none is not sent.

use serde::{Serialize, Serializer};

/// What an update does to a field that may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    fn keeps(&self) -> bool {
        matches!(self, Change::Keep)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Change::Set(value) => value.serialize(serializer),
            Change::Keep | Change::Clear => serializer.serialize_none(),
        }
    }
}

/// Where somebody lives or something is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Address {
    /// Street and house.
    pub line1: String,
    /// Flat, floor, department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town or city.
    pub city: String,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// Country, two letters.
    pub country: String,
}

/// `create-person`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPerson {
    /// Your own id, unique among persons; what makes a repeat answer the first person again.
    pub external_id: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth: `1990-05-17`.
    pub birth_date: String,
    /// Nationality, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Telephone number, E.164.
    pub phone: String,
    /// Where the person lives.
    pub address: Address,
}

/// `update-person`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PersonChange {
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Day of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Nationality, two letters.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub nationality: Change<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where the person lives, the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// `create-corporate`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewCorporate {
    /// Your own id, unique among corporates.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its number in the register of companies.
    pub registration_number: String,
    /// Where it is registered, two letters.
    pub country: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// `update-corporate`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CorporateChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its number in the register of companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// Where it is registered, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub email: Change<String>,
    /// Telephone number, E.164.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub phone: Change<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub address: Change<Address>,
}

/// `create-employee`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewEmployee {
    /// Your own id, unique among employees.
    pub external_id: String,
    /// Whose employee.
    pub corporate_id: String,
    /// Given names.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Day of birth: `1990-05-17`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Telephone number, E.164.
    pub phone: String,
}

/// `update-employee`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EmployeeChange {
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Day of birth.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub birth_date: Change<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number, E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// `create-account`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewAccount {
    /// A person whose account it is; a person or a corporate, not both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// A corporate whose account it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corporate_id: Option<String>,
    /// Three letters.
    pub currency: String,
    /// Your own id, unique among accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// `create-card`. It goes to a person or to an employee, not both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewCard {
    /// Whose card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Whose card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    /// What it draws on; may be left out where the owner has one account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Which product.
    pub product_id: i64,
    /// The name on it: letters and single spaces, 2 to 26.
    pub embossing_name: String,
    /// The last month it is good for: `2031-07`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<String>,
    /// `new` or `active`.
    pub token_status: String,
    /// `digital` or `plastic_not_delivered`.
    pub token_stage: String,
    /// Where plastic goes; of a digital card too.
    pub delivery_address: Address,
    /// By courier.
    pub express_delivery: bool,
    /// Your own id, unique among cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
}

/// `get-cards`. The cards of a person, or of a corporate's employees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CardQuery {
    /// Whose cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Whose employees' cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corporate_id: Option<String>,
    /// How many at most; all of them where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-persons`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PersonQuery {
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Only with this id of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-corporates`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CorporateQuery {
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corporate_id: Option<String>,
    /// Only with this id of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-employees`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EmployeeQuery {
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    /// Only those of this corporate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corporate_id: Option<String>,
    /// Only with this id of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-accounts`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountQuery {
    /// Only this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Only those of this person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Only those of this corporate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corporate_id: Option<String>,
    /// Only with this id of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-authorizations`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuthorizationQuery {
    /// Only of this card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
    /// Only of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Only those that stand so: declined, answered, open, cleared, reversed, expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_status: Option<String>,
    /// Only at or after this time, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-transactions`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TransactionQuery {
    /// Only of this card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_id: Option<String>,
    /// Only of this account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Only what was authorized by this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_id: Option<String>,
    /// Only those that stand so: posted, `partially_returned`, returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_status: Option<String>,
    /// Only at or after this time, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `get-ledger-transactions`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerQuery {
    /// Of which account.
    pub account_id: String,
    /// Only at or after this time, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many at most; 50 where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// `update-card-limits`. What is kept stays, what is cleared is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitsChange {
    /// Bound on a single payment; only its amount.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub per_transaction: Change<Bound>,
    /// Bound on a day.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub daily: Change<Bound>,
    /// Bound on a week.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub weekly: Change<Bound>,
    /// Bound on a month.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub monthly: Change<Bound>,
    /// Bound on a year.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub yearly: Change<Bound>,
    /// Bound on the card's whole life.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub lifetime: Change<Bound>,
    /// Only these merchant category codes.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub allowed_mcc: Change<Vec<String>>,
    /// Not these merchant category codes.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub blocked_mcc: Change<Vec<String>>,
    /// Only these countries.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub allowed_countries: Change<Vec<String>>,
    /// Not these countries.
    #[serde(skip_serializing_if = "Change::keeps")]
    pub blocked_countries: Change<Vec<String>>,
    /// Which ways of paying are opened and closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<ChannelSwitches>,
}

/// A bound: an amount, a number of payments, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// At most this much: a decimal in the account's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// At most so many payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// Which ways of paying are opened and closed; none leaves one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelSwitches {
    /// Payments on the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ecommerce: Option<bool>,
    /// Contactless payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contactless: Option<bool>,
    /// Cash machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atm: Option<bool>,
    /// The magnetic stripe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magstripe: Option<bool>,
}

/// `replace-card`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replacement {
    /// Why: lost, stolen, damaged, expired. The old card ends as this.
    pub reason: String,
    /// Where plastic goes; left out, where the old card's went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
    /// By courier; left out, as the old card went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub express_delivery: Option<bool>,
}

/// `set-card-pin`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPin {
    /// The PIN as JWE compact, to the key of [`encryption_key`](super::Client::encryption_key).
    pub encrypted_pin: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_update_keeps_clears_and_sets() {
        let change = CorporateChange {
            name: Some("Baltic Wire UAB".to_owned()),
            email: Change::Clear,
            phone: Change::Set("+37060000000".to_owned()),
            ..CorporateChange::default()
        };
        assert_eq!(
            serde_json::to_string(&change).unwrap(),
            r#"{"name":"Baltic Wire UAB","email":null,"phone":"+37060000000"}"#
        );
        assert_eq!(
            serde_json::to_string(&CorporateChange::default()).unwrap(),
            "{}"
        );
    }
}
