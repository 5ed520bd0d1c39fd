//! Accounts: what cards draw on.

use serde::Serialize;
use utoipa::ToSchema;

use super::corporates::corporate_id;
use super::paging::Paging;
use super::persons::{external_id, person_id};
use crate::instant::Rfc3339;
use crate::kind::{Kind, PaddedId, currency, padded_id};
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// Who owns an account, by the ids on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A person's id.
    Person(String),
    /// A corporate's id.
    Corporate(String),
}

impl Owner {
    /// Exactly one of the two ids.
    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Owner> {
        let owner = fields.either(("person_id", person_id()), ("corporate_id", corporate_id()));
        owner.map(|owner| owner.fold(Owner::Person, Owner::Corporate))
    }
}

/// `POST create-account`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAccount {
    /// Who owns it.
    pub owner: Owner,
    /// Three capital letters; not yet known to be a currency.
    pub currency: String,
    /// The integrator's own id, unique among its accounts.
    pub external_id: Option<String>,
}

impl Shape for CreateAccount {
    const NAME: &'static str = "CreateAccount";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let owner = Owner::read(fields);
        let currency = fields.required(
            "currency",
            currency().about("Currency, ISO 4217").example("EUR"),
        );
        let external_id = fields.optional("external_id", external_id());
        Some(CreateAccount {
            owner: owner?,
            currency: currency?,
            external_id: external_id?,
        })
    }
}

/// `POST get-accounts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAccounts {
    /// Only this one.
    pub account_id: Option<PaddedId>,
    /// Only those of this owner.
    pub owner: Option<Owner>,
    /// Only with this id of the integrator's own.
    pub external_id: Option<String>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for GetAccounts {
    const NAME: &'static str = "GetAccounts";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let account_id = fields.optional("account_id", account_id());
        let person = fields.optional("person_id", person_id());
        let corporate = fields.optional("corporate_id", corporate_id());
        let external_id = fields.optional("external_id", external_id());
        let paging = Paging::read(fields);
        let owner = match (person?, corporate?) {
            (Some(_), Some(_)) => {
                fields.fault("corporate_id", FaultKind::NotAllowed);
                return None;
            }
            (Some(person), None) => Some(Owner::Person(person)),
            (None, corporate) => corporate.map(Owner::Corporate),
        };
        Some(GetAccounts {
            account_id: account_id?,
            owner,
            external_id: external_id?,
            paging: paging?,
        })
    }
}

/// The id of an account: sixteen digits.
pub(super) fn account_id() -> impl Kind<Out = PaddedId> {
    padded_id()
        .about("Id of an account")
        .example("0000000000000017")
}

/// The answer to `get-accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountList {
    /// The accounts, the oldest first.
    pub items: Vec<Account>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; null at the end.
    pub next_cursor: Option<String>,
}

/// The answer to `create-account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountId {
    /// Id of the account.
    pub account_id: PaddedId,
}

/// Whether an account moves money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AccountStatus)]
pub enum Status {
    /// It does.
    Active,
    /// Not until someone lifts the freeze.
    Frozen,
    /// Never again.
    Closed,
}

/// The answer to `get-account`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// Id of the account.
    pub account_id: PaddedId,
    /// The owner, if a person.
    pub person_id: Option<String>,
    /// The owner, if a corporate.
    pub corporate_id: Option<String>,
    /// Currency, ISO 4217.
    pub currency: String,
    /// What is posted, held amounts included; a decimal string.
    pub balance: String,
    /// What can be spent; a decimal string.
    pub available_balance: String,
    /// What is held for authorizations; a decimal string.
    pub held: String,
    /// Whether the account moves money.
    pub account_status: Status,
    /// Your own id, if you gave one.
    pub external_id: Option<String>,
    /// When the account was created.
    pub created_at: Rfc3339,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finci::envelope::{Failure, Success};
    use crate::shape;

    fn read(body: &str) -> Result<CreateAccount, Vec<String>> {
        shape::from_body::<CreateAccount>(body.as_bytes())
            .map(|read| read.value)
            .map_err(|fault| Failure::from(fault).codes().to_vec())
    }

    #[test]
    fn an_account_has_exactly_one_owner() {
        let person = r#"{"person_id":"10011000000000000001","currency":"EUR"}"#;
        let owner = read(person).expect("a good body").owner;
        assert_eq!(owner, Owner::Person("10011000000000000001".to_owned()));
        let corporate =
            r#"{"corporate_id":"10011100000000000001","currency":"EUR","external_id":"a"}"#;
        let account = read(corporate).expect("a good body");
        assert_eq!(
            account.owner,
            Owner::Corporate("10011100000000000001".to_owned())
        );
        assert_eq!(account.external_id.as_deref(), Some("a"));
        assert_eq!(
            read("{}"),
            Err(vec![
                "person_id:required".to_owned(),
                "currency:required".to_owned()
            ])
        );
        let both = r#"{"person_id":"10011000000000000001","corporate_id":"10011100000000000001","currency":"EUR"}"#;
        assert_eq!(read(both), Err(vec!["corporate_id:not_allowed".to_owned()]));
    }

    #[test]
    fn an_owner_that_is_a_number_or_short_is_invalid() {
        for id in [
            "10011000000000000001",
            "\"1001100000000000001\"",
            "\"1001100000000000000x\"",
        ] {
            let body = format!(r#"{{"person_id":{id},"currency":"EUR"}}"#);
            assert_eq!(
                read(&body),
                Err(vec!["person_id:invalid".to_owned()]),
                "{id}"
            );
        }
    }

    #[test]
    fn a_list_is_narrowed_to_one_owner_at_most() {
        let read = |body: &str| {
            let read = shape::from_body::<GetAccounts>(body.as_bytes());
            read.map_err(|fault| Failure::from(fault).codes().to_vec())
                .map(|read| read.value.owner)
        };
        assert_eq!(read("{}"), Ok(None));
        let both = r#"{"person_id":"10011000000000000001","corporate_id":"10011100000000000001"}"#;
        assert_eq!(read(both), Err(vec!["corporate_id:not_allowed".to_owned()]));
        let wrong = r#"{"person_id":"1","limit":"x"}"#;
        let expected = ["person_id:invalid", "limit:invalid"].map(str::to_owned);
        assert_eq!(read(wrong), Err(expected.to_vec()));
    }

    #[test]
    fn an_account_is_answered_with_every_field() {
        let account = Account {
            account_id: PaddedId(7),
            person_id: Some("10011000000000000001".to_owned()),
            corporate_id: None,
            currency: "EUR".to_owned(),
            balance: "100.00".to_owned(),
            available_balance: "87.50".to_owned(),
            held: "12.50".to_owned(),
            account_status: Status::Active,
            external_id: None,
            created_at: Rfc3339("2025-10-01T08:30:00Z".parse().expect("an instant")),
        };
        let expected = concat!(
            r#"{"status":"success","errors":[],"account_id":"0000000000000007","#,
            r#""person_id":"10011000000000000001","corporate_id":null,"currency":"EUR","#,
            r#""balance":"100.00","available_balance":"87.50","held":"12.50","#,
            r#""account_status":"active","external_id":null,"created_at":"2025-10-01T08:30:00.000Z"}"#,
        );
        assert_eq!(
            serde_json::to_string(&Success::of(account)).expect("plain"),
            expected
        );
    }
}
