//! The operations by name, with typed requests and answers.
//!
//! A call is made again when the connection fails or the server answers 5xx, each time with a later
//! timestamp and a signature of its own. Changes carry an `Idempotency-Key`, the same on every
//! attempt, so that a server that had acted answers what it did then. Whoever must survive a crash
//! between the call and its answer gives the key ([`Client::under`]) or an `external_id`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::records::{
    Account, Authorization, Card, CardDetails, CardItem, CardLimits, Corporate, Employee,
    EncryptionKey, LedgerTransaction, List, Person, Transaction,
};
use super::requests::{
    AccountQuery, AuthorizationQuery, CardQuery, CorporateChange, CorporateQuery, EmployeeChange,
    EmployeeQuery, LedgerQuery, LimitsChange, NewAccount, NewCard, NewCorporate, NewEmployee,
    NewPerson, NewPin, PersonChange, PersonQuery, Replacement, TransactionQuery,
};
use super::{Client, IdempotencyKey, Repeat};
use crate::{Error, Response, Result};

/// Calls by name. `create` answers the id of what was made, `change` is told which record, `read`
/// asks by path, `list` by its body; `order` tells which record and answers an id, `reveal` asks for a
/// record's secrets, `look` for what there is only one of.
macro_rules! calls {
    ($($kind:ident $(#[$about:meta])* $name:ident($path:literal $(, $request:ty)?) -> $answer:tt;)+) => {
        impl Client {$(
            calls! { @$kind [$(#[$about])*] $name $path [$($request)?] $answer }
        )+}

        /// The operations that this client has by name.
        pub const OPERATIONS: &[&str] = &[$($path),+];
    };
    (@create [$(#[$about:meta])*] $name:ident $path:literal [$request:ty] $id:literal) => {
        $(#[$about])*
        pub async fn $name(&self, request: &$request) -> Result<String> {
            let answer: Value = self.change("POST", $path, request).await?;
            named(&answer, $path, $id)
        }
    };
    (@change [$(#[$about:meta])*] $name:ident $path:literal [$request:ty] $id:literal) => {
        $(#[$about])*
        pub async fn $name(&self, id: &str, request: &$request) -> Result<()> {
            let path = with_id($path, id)?;
            let answer: Value = self.change("PATCH", &path, request).await?;
            named(&answer, $path, $id).map(|_| ())
        }
    };
    (@order [$(#[$about:meta])*] $name:ident $path:literal [$request:ty] $id:literal) => {
        $(#[$about])*
        pub async fn $name(&self, id: &str, request: &$request) -> Result<String> {
            let path = with_id($path, id)?;
            let answer: Value = self.change("POST", &path, request).await?;
            named(&answer, $path, $id)
        }
    };
    (@reveal [$(#[$about:meta])*] $name:ident $path:literal [] $answer:ty) => {
        $(#[$about])*
        ///
        /// No key goes with it: a kept answer would be another copy of a secret.
        pub async fn $name(&self, id: &str) -> Result<$answer> {
            self.ask(&with_id($path, id)?, &json!({})).await
        }
    };
    (@look [$(#[$about:meta])*] $name:ident $path:literal [] $answer:ty) => {
        $(#[$about])*
        pub async fn $name(&self) -> Result<$answer> {
            self.read($path).await
        }
    };
    (@read [$(#[$about:meta])*] $name:ident $path:literal [] $answer:ty) => {
        $(#[$about])*
        pub async fn $name(&self, id: &str) -> Result<$answer> {
            self.read(&with_id($path, id)?).await
        }
    };
    (@list [$(#[$about:meta])*] $name:ident $path:literal [$request:ty] $answer:tt) => {
        $(#[$about])*
        pub async fn $name(&self, request: &$request) -> Result<List<$answer>> {
            self.ask($path, request).await
        }
    };
}

calls! {
    create /// `create-person`: records a private holder; its `person_id`.
    create_person("create-person", NewPerson) -> "person_id";
    create /// `create-corporate`: records a company; its `corporate_id`.
    create_corporate("create-corporate", NewCorporate) -> "corporate_id";
    create /// `create-employee`: records an employee of a corporate; the `employee_id`.
    create_employee("create-employee", NewEmployee) -> "employee_id";
    create /// `create-account`: opens an account of a person or corporate; its `account_id`.
    create_account("create-account", NewAccount) -> "account_id";
    create /// `create-card`: issues a card to a person or employee; its `token_id`.
    create_card("create-card", NewCard) -> "token_id";
    change /// `update-person`: corrects a person.
    update_person("update-person", PersonChange) -> "person_id";
    change /// `update-corporate`: corrects a corporate.
    update_corporate("update-corporate", CorporateChange) -> "corporate_id";
    change /// `update-employee`: corrects an employee.
    update_employee("update-employee", EmployeeChange) -> "employee_id";
    list /// `get-persons`: persons, a page of them.
    persons("get-persons", PersonQuery) -> Person;
    list /// `get-corporates`: corporates, a page of them.
    corporates("get-corporates", CorporateQuery) -> Corporate;
    list /// `get-employees`: employees, a page of them.
    employees("get-employees", EmployeeQuery) -> Employee;
    list /// `get-accounts`: accounts, a page of them.
    accounts("get-accounts", AccountQuery) -> Account;
    list /// `get-cards`: the cards of a person or of a corporate's employees.
    cards("get-cards", CardQuery) -> CardItem;
    read /// `get-person`: one person.
    person("get-person") -> Person;
    read /// `get-corporate`: one corporate.
    corporate("get-corporate") -> Corporate;
    read /// `get-employee`: one employee.
    employee("get-employee") -> Employee;
    read /// `get-account`: an account and its balance.
    account("get-account") -> Account;
    read /// `get-card`: one card.
    card("get-card") -> Card;
    list /// `get-authorizations`: what the card network asked, and what became of it.
    authorizations("get-authorizations", AuthorizationQuery) -> Authorization;
    read /// `get-authorization`: one of them.
    authorization("get-authorization") -> Authorization;
    list /// `get-transactions`: what merchants were paid and gave back.
    transactions("get-transactions", TransactionQuery) -> Transaction;
    read /// `get-transaction`: one of them.
    transaction("get-transaction") -> Transaction;
    list /// `get-ledger-transactions`: the book of an account, to reconcile with.
    ledger_transactions("get-ledger-transactions", LedgerQuery) -> LedgerTransaction;
    change /// `update-card-limits`: bounds what a card may be used for.
    update_card_limits("update-card-limits", LimitsChange) -> "token_id";
    read /// `get-card-limits`: what a card may be used for, and what is left of it.
    card_limits("get-card-limits") -> CardLimits;
    order /// `set-card-pin`: gives a card a PIN, encrypted to the platform's key.
    set_card_pin("set-card-pin", NewPin) -> "token_id";
    order /// `replace-card`: ends a card and issues another in its place; the new card's `token_id`. A
    /// card that was replaced already answers its replacement.
    replace_card("replace-card", Replacement) -> "token_id";
    reveal /// `get-card-details`: number, last month and code of a card, encrypted to your key.
    card_details("get-card-details") -> CardDetails;
    look /// `get-encryption-key`: the platform's key, to which PINs are encrypted.
    encryption_key("get-encryption-key") -> EncryptionKey;
    change /// `update-card-status`: moves a card to another status.
    update_card_status("update-card-status", StatusChange) -> "token_id";
    change /// `update-card-stage`: orders the plastic of a card, or cancels that.
    update_card_stage("update-card-stage", StageChange) -> "token_id";
}

/// The status a card is to have: active, blocked, closed, compromized (as the contract spells it),
/// damaged, deactivated, lost, referral, stolen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusChange {
    /// The word.
    pub token_status: String,
}

impl StatusChange {
    /// To this status.
    pub fn to(token_status: &str) -> StatusChange {
        StatusChange {
            token_status: token_status.to_owned(),
        }
    }
}

/// The stage a card is to have: digital, `plastic_not_delivered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageChange {
    /// The word.
    pub token_stage: String,
}

impl StageChange {
    /// To this stage.
    pub fn to(token_stage: &str) -> StageChange {
        StageChange {
            token_stage: token_stage.to_owned(),
        }
    }
}

impl Client {
    /// The same client, whose next change goes under this key instead of a random one.
    ///
    /// A key stands for one call: stored beside the order it is for, it lets a program that crashed
    /// make the call again within 24 hours and learn what came of it. Another change under the same
    /// key is refused with `idempotency_conflict`.
    #[must_use]
    pub fn under(&self, key: &IdempotencyKey) -> Client {
        Client {
            key: Some(key.clone()),
            ..self.clone()
        }
    }

    pub(super) async fn read<A: DeserializeOwned>(&self, path: &str) -> Result<A> {
        let answer = self.repeated(("GET", path), "", None, Repeat::AnsweredToo);
        granted(path, &answer.await?)
    }

    /// A read that says in its body what is asked for.
    pub(super) async fn ask<A: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
    ) -> Result<A> {
        let body = json!(request).to_string();
        let answer = self.repeated(("POST", path), &body, None, Repeat::AnsweredToo);
        granted(path, &answer.await?)
    }

    pub(super) async fn change<A: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        request: &impl Serialize,
    ) -> Result<A> {
        let key = match &self.key {
            Some(key) => key.clone(),
            None => IdempotencyKey::random(),
        };
        let body = json!(request).to_string();
        let call = (method, path);
        let answer = self.repeated(call, &body, Some(&key), Repeat::AnsweredToo);
        granted(path, &answer.await?)
    }
}

/// The path of an operation on one record.
pub(super) fn with_id(operation: &str, id: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
        return Err(Error::Id { id: id.to_owned() });
    }
    Ok(format!("{operation}/{id}"))
}

fn granted<A: DeserializeOwned>(path: &str, response: &Response) -> Result<A> {
    if !response.is_success() {
        return Err(Error::FinciRefused(super::Refusal::read(response)));
    }
    // What does not fit is not quoted: it may be secret.
    let unfit = || Error::Answer {
        reason: format!("to {path} is not of the form that was published"),
    };
    let mut answer: Value = serde_json::from_str(&response.body).map_err(|_| unfit())?;
    if let Some(fields) = answer.as_object_mut() {
        // The envelope lies flat around the record and is none of it.
        fields.remove("status");
        fields.remove("errors");
    }
    serde_json::from_value(answer).map_err(|_| unfit())
}

/// The id that an answer gives.
fn named(answer: &Value, path: &str, field: &str) -> Result<String> {
    let id = answer[field].as_str().map(str::to_owned);
    id.ok_or_else(|| Error::Answer {
        reason: format!("to {path} has no `{field}`"),
    })
}
