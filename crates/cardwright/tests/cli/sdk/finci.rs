//! Every operation of the FINCI client, made to a real server: none is left that never met one.

use std::collections::BTreeSet;
use std::sync::Arc;

use cardwright_client::finci::requests::{
    AccountQuery, Address, CardQuery, Change, CorporateChange, CorporateQuery, EmployeeChange,
    EmployeeQuery, NewAccount, NewCard, NewCorporate, NewEmployee, NewPerson, PersonChange,
    PersonQuery,
};
use cardwright_client::finci::{Client, OPERATIONS, RefusalKind, StageChange, StatusChange};
use cardwright_client::{Error, SandboxFile, Settings};
use serde_json::Value;

use super::{Paths, wait_for};
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
    assert_eq!((found.name.as_str(), &found.email), ("Baltic Fibre UAB", &None));
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
    });
    let seen: BTreeSet<String> = paths
        .seen()
        .iter()
        .filter_map(|path| path.strip_prefix("/v1/"))
        .map(|path| path.split('/').next().unwrap().to_owned())
        .collect();
    let all = OPERATIONS.iter().map(|operation| (*operation).to_owned());
    let unseen: Vec<String> = all.filter(|operation| !seen.contains(operation)).collect();
    assert_eq!(unseen, Vec::<String>::new(), "operations that met no server");
    drop(server);
}
