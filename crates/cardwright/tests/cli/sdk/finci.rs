//! Every operation of the FINCI client, made to a real server: none is left that never met one.

use std::collections::BTreeSet;
use std::sync::Arc;

use cardwright_client::finci::requests::{
    AccountQuery, Address, AuthorizationQuery, Bound, CardQuery, Change, ChannelSwitches,
    CorporateChange, CorporateQuery, EmployeeChange, EmployeeQuery, LedgerQuery, LimitsChange,
    NewAccount, NewCard, NewCorporate, NewEmployee, NewPerson, NewPin, PersonChange, PersonQuery,
    Replacement, TransactionQuery,
};
use cardwright_client::finci::{Client, OPERATIONS, RefusalKind, StageChange, StatusChange};
use cardwright_client::sandbox::record_id;
use cardwright_client::{Error, SandboxFile, Settings};
use serde_json::{Value, json};

use super::examples::card_details;
use super::{Paths, operator, wait_for};
use crate::desk::Desk;
use crate::server::Server;

pub(crate) fn client(file: &Value, paths: &Arc<Paths>) -> Client {
    let file = SandboxFile::parse(&file.to_string()).unwrap();
    let settings = Settings {
        observer: Some(Arc::clone(paths) as _),
        ..Settings::default()
    };
    Client::with_settings(file.base_url().unwrap(), file.finci().unwrap(), settings).unwrap()
}

fn text(words: &str) -> String {
    words.to_owned()
}

pub(crate) fn address() -> Address {
    Address {
        line1: text("Gedimino pr. 1"),
        city: text("Vilnius"),
        postal_code: text("LT-01103"),
        country: text("LT"),
        ..Address::default()
    }
}

pub(crate) fn person() -> NewPerson {
    NewPerson {
        external_id: text("sdk-person"),
        first_name: text("Ada"),
        last_name: text("Berg"),
        birth_date: text("1990-05-17"),
        nationality: Some(text("LT")),
        email: text("ada@example.com"),
        phone: text("+37060000000"),
        address: address(),
    }
}

pub(crate) fn card() -> NewCard {
    NewCard {
        product_id: 112_001,
        embossing_name: text("ADA BERG"),
        token_status: text("active"),
        token_stage: text("digital"),
        delivery_address: address(),
        ..NewCard::default()
    }
}

/// A person, its account and its card.
async fn people(client: &Client) -> (String, String, String) {
    let person_id = client.create_person(&person()).await.unwrap();
    let again = client.create_person(&person()).await.unwrap();
    assert_eq!(again, person_id, "one external id, one person");
    let other = NewPerson {
        last_name: text("Cohen"),
        ..person()
    };
    let Err(Error::FinciRefused(refusal)) = client.create_person(&other).await else {
        panic!("another person under the same id");
    };
    assert_eq!(refusal.kind, RefusalKind::Conflict);
    assert!(refusal.says("external_id_conflict"));
    let change = PersonChange {
        last_name: Some(text("Berg-Cohen")),
        nationality: Change::Clear,
        ..PersonChange::default()
    };
    client.update_person(&person_id, &change).await.unwrap();
    let found = client.person(&person_id).await.unwrap();
    assert_eq!(found.last_name, "Berg-Cohen");
    assert_eq!(found.more["nationality"], Value::Null);
    let query = PersonQuery {
        external_id: Some(text("sdk-person")),
        ..PersonQuery::default()
    };
    assert_eq!(client.persons(&query).await.unwrap().items, [found]);

    let account = NewAccount {
        person_id: Some(person_id.clone()),
        currency: text("EUR"),
        ..NewAccount::default()
    };
    let account_id = client.create_account(&account).await.unwrap();
    let card = NewCard {
        person_id: Some(person_id.clone()),
        ..card()
    };
    let token_id = client.create_card(&card).await.unwrap();
    (person_id, account_id, token_id)
}

async fn companies(client: &Client) {
    let corporate = NewCorporate {
        external_id: text("sdk-corporate"),
        name: text("Baltic Wire UAB"),
        registration_number: text("305123456"),
        country: text("LT"),
        email: Some(text("office@example.com")),
        ..NewCorporate::default()
    };
    let corporate_id = client.create_corporate(&corporate).await.unwrap();
    let change = CorporateChange {
        name: Some(text("Baltic Fibre UAB")),
        email: Change::Clear,
        phone: Change::Set(text("+37060000009")),
        ..CorporateChange::default()
    };
    client
        .update_corporate(&corporate_id, &change)
        .await
        .unwrap();
    let found = client.corporate(&corporate_id).await.unwrap();
    assert_eq!(
        (found.name.as_str(), &found.email),
        ("Baltic Fibre UAB", &None)
    );
    let query = CorporateQuery::default();
    assert_eq!(client.corporates(&query).await.unwrap().items, [found]);

    let account = NewAccount {
        corporate_id: Some(corporate_id.clone()),
        currency: text("EUR"),
        ..NewAccount::default()
    };
    client.create_account(&account).await.unwrap();
    let employee = NewEmployee {
        external_id: text("sdk-employee"),
        corporate_id: corporate_id.clone(),
        first_name: text("Ruta"),
        last_name: text("Kaune"),
        email: text("ruta@example.com"),
        phone: text("+37060000001"),
        ..NewEmployee::default()
    };
    let employee_id = client.create_employee(&employee).await.unwrap();
    let change = EmployeeChange {
        birth_date: Change::Set(text("1991-02-03")),
        ..EmployeeChange::default()
    };
    client.update_employee(&employee_id, &change).await.unwrap();
    let found = client.employee(&employee_id).await.unwrap();
    assert_eq!(found.more["birth_date"], "1991-02-03");
    let query = EmployeeQuery {
        corporate_id: Some(corporate_id.clone()),
        ..EmployeeQuery::default()
    };
    assert_eq!(client.employees(&query).await.unwrap().items, [found]);
    let card = NewCard {
        employee_id: Some(employee_id),
        ..card()
    };
    let token_id = client.create_card(&card).await.unwrap();
    let query = CardQuery {
        corporate_id: Some(corporate_id),
        ..CardQuery::default()
    };
    let cards = client.cards(&query).await.unwrap();
    assert_eq!(cards.items[0].token_id, token_id);
}

async fn states(client: &Client, token_id: &str) {
    let stage = StageChange::to("plastic_not_delivered");
    client.update_card_stage(token_id, &stage).await.unwrap();
    let status = StatusChange::to("deactivated");
    client.update_card_status(token_id, &status).await.unwrap();
    let card = client.card(token_id).await.unwrap();
    assert_eq!(card.token_status, "deactivated");
    assert_eq!(card.token_stage, "plastic_not_delivered");
    let active = StatusChange::to("active");
    client.update_card_status(token_id, &active).await.unwrap();
    let nobody = client.card("0000000000000001").await.unwrap_err();
    assert!(matches!(nobody, Error::FinciRefused(no) if no.kind == RefusalKind::NotFound));
}

/// What a card may be used for, its secrets, and the card that comes after it.
async fn cares(client: &Client, file: &str, token_id: &str) {
    let change = LimitsChange {
        daily: Change::Set(Bound {
            amount: Some(text("500.00")),
            count: Some(20),
        }),
        blocked_mcc: Change::Set(vec![text("7995")]),
        channels: Some(ChannelSwitches {
            atm: Some(false),
            ..ChannelSwitches::default()
        }),
        ..LimitsChange::default()
    };
    client.update_card_limits(token_id, &change).await.unwrap();
    let limits = client.card_limits(token_id).await.unwrap();
    let daily = limits.daily.unwrap();
    // One payment of 12.50 was made before.
    assert_eq!(daily.remaining_amount.as_deref(), Some("487.50"));
    assert_eq!((daily.count, daily.used_count), (Some(20), 1));
    assert_eq!(limits.blocked_mcc, ["7995"]);
    let early = client.card_details(token_id).await.unwrap_err();
    assert!(matches!(early, Error::FinciRefused(no) if no.says("encryption_key_required")));
    let details = card_details::tour(file, token_id).await.unwrap();
    assert_eq!(details["token_id"], token_id);
    assert_eq!(details["card_number"].as_str().unwrap().len(), 16);
    let platform = client.encryption_key().await.unwrap();
    let encrypted_pin = card_details::seal(&platform.public_key_pem, b"582914").unwrap();
    let pin = NewPin { encrypted_pin };
    assert_eq!(client.set_card_pin(token_id, &pin).await.unwrap(), token_id);
    client.card_details(token_id).await.unwrap();
    let lost = Replacement {
        reason: text("lost"),
        ..Replacement::default()
    };
    let next = client.replace_card(token_id, &lost).await.unwrap();
    let old = client.card(token_id).await.unwrap();
    assert_eq!(
        (old.token_status.as_str(), old.replaced_by),
        ("lost", Some(next))
    );
}

/// What a merchant was paid with the card, in every list that tells of it.
async fn payments(client: &Client, file: &Value, (account_id, token_id): (&str, &str)) {
    let operator = operator(file);
    let (account, card) = (record_id(account_id), record_id(token_id));
    let money = json!({"account_id": account, "amount": 10_000, "currency": "EUR"});
    let pay = json!({"card_id": card, "amount": 1_250, "currency": "EUR"});
    let world = async |what: &str, body: &Value| {
        let path = format!("/sandbox/v1/simulate/{what}");
        operator.post(&path, body).await.unwrap().json().unwrap()
    };
    world("funding", &money).await;
    let paid = world("authorization", &pay).await;
    let id = paid["authorization_id"].as_str().unwrap();
    let clearing = json!({"authorization_id": id, "amount": 1_250, "currency": "EUR"});
    world("clearing", &clearing).await;

    let one = client.authorization(id).await.unwrap();
    assert_eq!(
        (one.response_code.as_deref().unwrap(), one.amount.as_str()),
        ("Approved", "12.50")
    );
    let of_card = AuthorizationQuery {
        token_id: Some(text(token_id)),
        ..AuthorizationQuery::default()
    };
    assert_eq!(client.authorizations(&of_card).await.unwrap().items, [one]);
    let of_payment = TransactionQuery {
        authorization_id: Some(text(id)),
        ..TransactionQuery::default()
    };
    let posted = client
        .transactions(&of_payment)
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        client.transaction(&posted.transaction_id).await.unwrap(),
        posted
    );
    let of_account = LedgerQuery {
        account_id: text(account_id),
        ..LedgerQuery::default()
    };
    let book = client.ledger_transactions(&of_account).await.unwrap();
    let narrative = format!("CRDS {id} ");
    let moved = book
        .items
        .iter()
        .find(|entry| entry.narrative.starts_with(&narrative));
    assert_eq!(moved.unwrap().amount, "12.50");
}

#[test]
fn every_operation_of_the_finci_client_has_met_a_server() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--ephemeral", "--seed", "7"]);
    let paths = Arc::new(Paths::default());
    wait_for(async {
        let client = client(&file, &paths);
        let (person_id, account_id, token_id) = people(&client).await;
        let account = client.account(&account_id).await.unwrap();
        let query = AccountQuery {
            person_id: Some(person_id),
            ..AccountQuery::default()
        };
        let accounts = client.accounts(&query).await.unwrap();
        assert_eq!(accounts.items, [account]);
        companies(&client).await;
        states(&client, &token_id).await;
        payments(&client, &file, (&account_id, &token_id)).await;
        cares(&client, &file.to_string(), &token_id).await;
    });
    let seen: BTreeSet<String> = paths
        .seen()
        .iter()
        .filter_map(|path| path.strip_prefix("/v1/"))
        .map(|path| path.split('/').next().unwrap().to_owned())
        .collect();
    let all = OPERATIONS.iter().map(|operation| (*operation).to_owned());
    let unseen: Vec<String> = all.filter(|operation| !seen.contains(operation)).collect();
    assert_eq!(
        unseen,
        Vec::<String>::new(),
        "operations that met no server"
    );
    drop(server);
}
