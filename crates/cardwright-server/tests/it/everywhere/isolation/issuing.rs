//! What the signed API lists of a tenant, and the part of the matrix that its operations take.

use std::collections::BTreeMap;

use cardwright_server::{
    entropy::Entropy,
    ops::programs::DemoProgram,
    secrets::{card_encryption::CardDataKey, jwe},
};
use serde_json::{Value, json};

use super::table::{CORPORATE, CURSOR, Form, PADDED, PERSON, Position, row, text};
use crate::harness::{FinciCaller, Operator, TestApp, callers};

/// For each list of the signed API the cursor behind its first record.
pub struct Issuing {
    cursors: BTreeMap<&'static str, String>,
    /// A card that can be done away with.
    spare_card: String,
    /// A PIN, encrypted to the tenant's key.
    sealed_pin: String,
}

const LISTS: [&str; 6] = [
    "get-persons",
    "get-corporates",
    "get-employees",
    "get-accounts",
    "get-authorizations",
    "get-transactions",
];

impl Issuing {
    /// Sees to it that every list has more than one record, and that card data has a key to go out
    /// to. The account has been paid from.
    pub async fn of(
        app: &TestApp,
        program: &DemoProgram,
        (person, account): (&str, &str),
    ) -> Issuing {
        let finci = FinciCaller::new(app, program);
        finci.person("somebody-else").await;
        finci.account(person, "JPY").await;
        for number in ["corporate-1", "corporate-2"] {
            let body = callers::corporate(number);
            let made = finci.post("create-corporate", &body).await.ok();
            let id = made["corporate_id"].as_str().unwrap();
            let employee = callers::employee(&format!("employee-of-{number}"), id);
            finci.post("create-employee", &employee).await.ok();
        }
        let mut cursors = BTreeMap::new();
        for list in LISTS {
            let page = finci.post(list, &json!({"limit": 1})).await.ok();
            let cursor = page["next_cursor"].as_str().unwrap();
            cursors.insert(list, cursor.to_owned());
        }
        let book = "get-ledger-transactions";
        let page = json!({"account_id": account, "limit": 1});
        let page = finci.post(book, &page).await.ok();
        cursors.insert(book, page["next_cursor"].as_str().unwrap().to_owned());
        let mut body = callers::card(person);
        body["account_id"] = account.into();
        let spare = finci.post("create-card", &body).await.ok();
        Issuing {
            cursors,
            spare_card: spare["token_id"].as_str().unwrap().to_owned(),
            sealed_pin: seal_pin(app, program, &finci).await,
        }
    }

    fn cursor(&self, list: &str) -> String {
        self.cursors[list].clone()
    }
}

/// Registers a key that card data goes out to, the platform's own as well as any other, and encrypts
/// a PIN to it.
async fn seal_pin(app: &TestApp, program: &DemoProgram, finci: &FinciCaller<'_>) -> String {
    let read = finci.get("get-encryption-key").await.ok();
    let (n, e) = (&read["jwk"]["n"], &read["jwk"]["e"]);
    let body = json!({"jwk": {"kty": "RSA", "n": n, "e": e}});
    let path = format!("tenants/{}/card-data-key", program.tenant_uuid);
    let operator = Operator::new(app, "/admin/v1", &program.admin_key);
    operator.put(&path, &body).await.record();
    let key = CardDataKey::from_jwk(n.as_str().unwrap(), e.as_str().unwrap()).unwrap();
    jwe::encrypt(&key, b"7391", &Entropy::fixed_for_tests(1)).unwrap()
}

const AUTHORIZATION: &str = "261121999999999999";

/// The rows of these operations.
#[rustfmt::skip]
pub const POSITIONS: &[Position] = &[
    row("PATCH /update-person/{person_id}", ("person_id", Form::Path), (|w| w.person.clone(), PERSON),
        |w, id| w.patch(&format!("update-person/{}", text(id)), &json!({"first_name": "Ona"}))),
    row("GET /get-person/{person_id}", ("person_id", Form::Path), (|w| w.person.clone(), PERSON),
        |w, id| w.get(&format!("get-person/{}", text(id)))),
    row("POST /get-persons", ("person_id", Form::Strict), (|w| w.person.clone(), PERSON),
        |w, id| w.post("get-persons", &json!({"person_id": id}))),
    row("POST /get-persons", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-persons"), CURSOR),
        |w, id| w.post("get-persons", &json!({"limit": 1, "cursor": id}))),
    row("PATCH /update-corporate/{corporate_id}", ("corporate_id", Form::Path), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.patch(&format!("update-corporate/{}", text(id)), &json!({"name": "Other"}))),
    row("GET /get-corporate/{corporate_id}", ("corporate_id", Form::Path), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.get(&format!("get-corporate/{}", text(id)))),
    row("POST /get-corporates", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.post("get-corporates", &json!({"corporate_id": id}))),
    row("POST /get-corporates", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-corporates"), CURSOR),
        |w, id| w.post("get-corporates", &json!({"limit": 1, "cursor": id}))),
    row("POST /create-employee", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| {
            let mut body = callers::employee("another", "");
            body["corporate_id"] = id.clone();
            w.post("create-employee", &body)
        }),
    row("PATCH /update-employee/{employee_id}", ("employee_id", Form::Path), (|w| w.employee.clone(), PADDED),
        |w, id| w.patch(&format!("update-employee/{}", text(id)), &json!({"first_name": "Ona"}))),
    row("GET /get-employee/{employee_id}", ("employee_id", Form::Path), (|w| w.employee.clone(), PADDED),
        |w, id| w.get(&format!("get-employee/{}", text(id)))),
    row("POST /get-employees", ("employee_id", Form::Strict), (|w| w.employee.clone(), PADDED),
        |w, id| w.post("get-employees", &json!({"employee_id": id}))),
    row("POST /get-employees", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.post("get-employees", &json!({"corporate_id": id}))),
    row("POST /get-employees", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-employees"), CURSOR),
        |w, id| w.post("get-employees", &json!({"limit": 1, "cursor": id}))),
    row("POST /get-accounts", ("account_id", Form::Strict), (|w| w.account.clone(), PADDED),
        |w, id| w.post("get-accounts", &json!({"account_id": id}))),
    row("POST /get-accounts", ("person_id", Form::Strict), (|w| w.person.clone(), PERSON),
        |w, id| w.post("get-accounts", &json!({"person_id": id}))),
    row("POST /get-accounts", ("corporate_id", Form::Strict), (|w| w.corporate.clone(), CORPORATE),
        |w, id| w.post("get-accounts", &json!({"corporate_id": id}))),
    row("POST /get-accounts", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-accounts"), CURSOR),
        |w, id| w.post("get-accounts", &json!({"limit": 1, "cursor": id}))),
    row("PATCH /update-card-limits/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| w.patch(&format!("update-card-limits/{}", text(id)), &json!({"daily": {"count": 99}}))),
    row("GET /get-card-limits/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| w.get(&format!("get-card-limits/{}", text(id)))),
    row("POST /get-card-details/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| w.post(&format!("get-card-details/{}", text(id)), &json!({}))),
    row("POST /set-card-pin/{token_id}", ("token_id", Form::Path), (|w| w.card.clone(), PADDED),
        |w, id| {
            let body = json!({"encrypted_pin": w.issuing.sealed_pin});
            w.post(&format!("set-card-pin/{}", text(id)), &body)
        }),
    row("POST /replace-card/{token_id}", ("token_id", Form::Path), (|w| w.issuing.spare_card.clone(), PADDED),
        |w, id| w.post(&format!("replace-card/{}", text(id)), &json!({"reason": "damaged"}))),
    row("POST /get-authorizations", ("token_id", Form::Strict), (|w| w.card.clone(), PADDED),
        |w, id| w.post("get-authorizations", &json!({"token_id": id}))),
    row("POST /get-authorizations", ("account_id", Form::Strict), (|w| w.account.clone(), PADDED),
        |w, id| w.post("get-authorizations", &json!({"account_id": id}))),
    row("POST /get-authorizations", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-authorizations"), CURSOR),
        |w, id| w.post("get-authorizations", &json!({"limit": 1, "cursor": id}))),
    row("GET /get-authorization/{authorization_id}", ("authorization_id", Form::Path),
        (|w| w.payments.cleared.clone(), AUTHORIZATION),
        |w, id| w.get(&format!("get-authorization/{}", text(id)))),
    row("GET /authorizations/{authorization_id}/decisions", ("authorization_id", Form::Path),
        (|w| w.payments.cleared.clone(), AUTHORIZATION),
        |w, id| w.admin("GET", &format!("authorizations/{}/decisions", text(id)), &Value::Null)),
    row("POST /get-transactions", ("token_id", Form::Strict), (|w| w.card.clone(), PADDED),
        |w, id| w.post("get-transactions", &json!({"token_id": id}))),
    row("POST /get-transactions", ("account_id", Form::Strict), (|w| w.account.clone(), PADDED),
        |w, id| w.post("get-transactions", &json!({"account_id": id}))),
    row("POST /get-transactions", ("authorization_id", Form::Strict), (|w| w.payments.cleared.clone(), AUTHORIZATION),
        |w, id| w.post("get-transactions", &json!({"authorization_id": id}))),
    row("POST /get-transactions", ("cursor", Form::Strict), (|w| w.issuing.cursor("get-transactions"), CURSOR),
        |w, id| w.post("get-transactions", &json!({"limit": 1, "cursor": id}))),
    row("GET /get-transaction/{transaction_id}", ("transaction_id", Form::Path),
        (|w| format!("{:0>16}", w.payments.refund), PADDED),
        |w, id| w.get(&format!("get-transaction/{}", text(id)))),
    row("POST /get-ledger-transactions", ("account_id", Form::Strict), (|w| w.account.clone(), PADDED),
        |w, id| w.post("get-ledger-transactions", &json!({"account_id": id}))),
    row("POST /get-ledger-transactions", ("cursor", Form::Strict),
        (|w| w.issuing.cursor("get-ledger-transactions"), CURSOR),
        |w, id| {
            let body = json!({"account_id": w.account, "limit": 1, "cursor": id});
            w.post("get-ledger-transactions", &body)
        }),
];
