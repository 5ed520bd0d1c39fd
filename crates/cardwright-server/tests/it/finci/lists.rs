//! `get-cards`: whose cards, in pages that neither miss nor repeat one.

use cardwright_core::{
    AccountId, CardId, Currency, Holder, HolderContact, HolderId, HolderKind, HolderName, KycState,
    holder_number,
};
use cardwright_server::{
    error::Result,
    ops::accounts,
    store::{
        Tx, cards,
        holders::{self, IdSpace},
    },
};
use serde_json::{Value, json};

use super::conversation::varied;
use crate::harness::{FinciCaller, TestApp, card};

/// Somebody with so many cards; the person and the cards in the order of their making.
async fn with_cards(caller: &FinciCaller<'_>, count: usize) -> (String, Vec<String>) {
    let owner = caller.person("p-1").await;
    caller.account(&owner, "EUR").await;
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(caller.card(&owner).await);
    }
    (owner, tokens)
}

fn tokens_in(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    let token = |item: &Value| item["token_id"].as_str().unwrap().to_owned();
    items.iter().map(token).collect()
}

/// Follows the cursors to the end: the pages.
async fn walk(caller: &FinciCaller<'_>, owner: &Value, limit: usize) -> Vec<Vec<String>> {
    let mut body = varied(owner, json!({"limit": limit}));
    let mut pages = Vec::new();
    loop {
        let list = caller.post("get-cards", &body).await.ok();
        pages.push(tokens_in(&list));
        let Some(cursor) = list.get("next_cursor") else {
            return pages;
        };
        body["cursor"] = cursor.clone();
    }
}

#[tokio::test]
async fn pages_of_any_size_hold_every_card_once_and_in_order() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (owner, tokens) = with_cards(&acme, 7).await;
    let owner = json!({"person_id": owner});
    for (limit, sizes) in [
        (1, vec![1; 7]),
        (2, vec![2, 2, 2, 1]),
        (3, vec![3, 3, 1]),
        (6, vec![6, 1]),
        (7, vec![7]),
        (100, vec![7]),
    ] {
        let pages = walk(&acme, &owner, limit).await;
        let found: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(found, sizes, "limit {limit}");
        assert_eq!(pages.concat(), tokens, "limit {limit}");
    }
    app.finish().await;
}

#[tokio::test]
async fn without_a_limit_all_cards_come_whatever_their_status() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (owner, tokens) = with_cards(&acme, 60).await;
    let ended = json!({"token_status": "lost"});
    acme.patch(&format!("update-card-status/{}", tokens[3]), &ended)
        .await
        .ok();
    let listed = acme
        .post("get-cards", &json!({"person_id": owner}))
        .await
        .ok();
    assert_eq!(tokens_in(&listed), tokens);
    assert_eq!(listed["total"], 60);
    assert!(listed.get("next_cursor").is_none());
    app.finish().await;
}

#[tokio::test]
async fn a_card_made_between_two_pages_comes_at_the_end_and_moves_none() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (owner, mut tokens) = with_cards(&acme, 3).await;
    let body = json!({"person_id": owner, "limit": 2});
    let first = acme.post("get-cards", &body).await.ok();
    tokens.push(acme.card(&owner).await);
    let rest = varied(&body, json!({"cursor": first["next_cursor"]}));
    let rest = acme.post("get-cards", &rest).await.ok();
    assert_eq!([tokens_in(&first), tokens_in(&rest)].concat(), tokens);
    assert_eq!((&first["total"], &rest["total"]), (&json!(3), &json!(4)));
    let unlimited = json!({"person_id": owner, "cursor": first["next_cursor"]});
    let unlimited = acme.post("get-cards", &unlimited).await.ok();
    assert_eq!(tokens_in(&unlimited), tokens[2..]);
    app.finish().await;
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only_and_not_to_be_made_up() {
    let app = TestApp::new().await;
    let stranger = app.tenant("other").await;
    let stranger = FinciCaller::new(&app, &stranger);
    let acme = app.finci();
    let (owner, tokens) = with_cards(&acme, 3).await;
    let (their_owner, _) = with_cards(&stranger, 3).await;
    let neighbour = acme.person("p-2").await;
    let body = json!({"person_id": owner, "limit": 1});
    let page = acme.post("get-cards", &body).await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let theirs = varied(&body, json!({"person_id": their_owner}));
    let theirs = stranger.post("get-cards", &theirs).await.ok()["next_cursor"].clone();

    let id: i64 = tokens[0].parse().unwrap();
    let mut refused = vec![
        (owner.clone(), theirs.as_str().unwrap().to_owned()),
        (neighbour, cursor.to_owned()),
        (owner.clone(), tokens[0].clone()),
        (owner.clone(), id.to_string()),
        (owner.clone(), "AAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        (owner.clone(), format!("{cursor}=")),
        (owner.clone(), format!("{cursor}AA")),
        (owner.clone(), cursor[..cursor.len() - 2].to_owned()),
        (owner.clone(), cursor.to_lowercase()),
        (owner.clone(), "x".repeat(512)),
        (owner.clone(), "x".repeat(513)),
        (owner.clone(), String::new()),
    ];
    for at in 0..cursor.len() {
        let mut letters: Vec<char> = cursor.chars().collect();
        letters[at] = if letters[at] == 'A' { 'B' } else { 'A' };
        refused.push((owner.clone(), letters.into_iter().collect()));
    }
    for (person, cursor) in refused {
        let body = json!({"person_id": person, "cursor": cursor, "limit": 1});
        let reply = acme.post("get-cards", &body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "cursor:invalid"),
            "{cursor}"
        );
    }
    let unknown = json!({"person_id": their_owner, "cursor": cursor});
    assert_eq!(acme.post("get-cards", &unknown).await.status, 404);
    let whole = varied(&body, json!({"cursor": cursor}));
    acme.post("get-cards", &whole).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn a_card_is_listed_with_its_number_masked_to_six_and_four() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (owner, _) = with_cards(&acme, 1).await;
    let dated = json!({"expiration_date": "2031-02", "embossing_name": "ADA BYRON"});
    acme.post("create-card", &varied(&card(&owner), dated))
        .await
        .ok();
    let reply = acme.post("get-cards", &json!({"person_id": owner})).await;
    let list = reply.ok();
    for item in list["items"].as_array().unwrap() {
        let number = item["card_number"].as_str().unwrap();
        let shape: String = number
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '9' } else { letter })
            .collect();
        assert_eq!(shape, "9999-99**-****-9999");
        assert!(number.starts_with("5200-82"), "the product's range");
        let fields: Vec<&String> = item.as_object().unwrap().keys().collect();
        let published = [
            "card_number",
            "embossing_name",
            "expiration_date",
            "product_id",
            "token_id",
        ];
        assert_eq!(fields, published);
        assert!(item["product_id"].is_i64() && item["token_id"].is_string());
    }
    assert_eq!(list["items"][0]["expiration_date"], "2029-11");
    assert_eq!(list["items"][1]["expiration_date"], "2031-02");
    assert_eq!(list["items"][1]["embossing_name"], "ADA BYRON");
    for (item, pan) in list["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(numbers(&app, &list).await)
    {
        let visible = format!("{}-{}**-****-{}", &pan[..4], &pan[4..6], &pan[12..]);
        assert_eq!(item["card_number"], visible);
        assert!(
            !reply.text.contains(&pan[6..12]),
            "hidden digits stand elsewhere"
        );
    }
    app.finish().await;
}

/// The numbers of listed cards, opened past the API.
async fn numbers(app: &TestApp, list: &Value) -> Vec<String> {
    let mut numbers = Vec::new();
    for token in tokens_in(list) {
        let id = CardId::parse_padded(&token).unwrap();
        let open = async move |tx: &mut Tx| cards::number(tx, id).await;
        numbers.push(app.operate(&app.demo, open).await.expose().to_owned());
    }
    numbers
}

/// Who belongs to a corporate, as later operations will record it.
struct Company {
    number: String,
    account: AccountId,
    employees: Vec<HolderId>,
}

async fn company(app: &TestApp, employees: usize) -> Company {
    app.operate(&app.demo, async move |tx| {
        let corporate = add_holder(tx, HolderKind::Corporate, None).await?;
        let account = accounts::open_customer(tx, corporate.id, Currency::EUR, None).await?;
        let mut ids = Vec::new();
        for _ in 0..employees {
            let id = Some(corporate.id);
            ids.push(add_holder(tx, HolderKind::Employee, id).await?.id);
        }
        Ok(Company {
            number: corporate.number.unwrap(),
            account: account.id,
            employees: ids,
        })
    })
    .await
}

async fn add_holder(tx: &mut Tx, kind: HolderKind, corporate: Option<HolderId>) -> Result<Holder> {
    let id = HolderId::new(tx.next_id().await?).unwrap();
    let sequence = tx.next_number("corporate").await?;
    let holder = Holder {
        id,
        kind,
        number: holder_number(kind, sequence),
        corporate,
        model: None,
        product: None,
        name: HolderName {
            first: String::new(),
            middle: None,
            last: "Acme".to_owned(),
        },
        birth_date: None,
        nationality: None,
        contact: HolderContact {
            email: None,
            area_code: None,
            phone: None,
        },
        address: None,
        document: None,
        kyc: KycState::Approved,
        external_id: None,
        profile: "{}".to_owned(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    holders::insert(tx, &holder, (IdSpace::ExternalId, None)).await?;
    Ok(holder)
}

/// Issues a card to an employee, on the account of the employer.
async fn employee_card(caller: &FinciCaller<'_>, employee: HolderId) -> String {
    let holder = json!({"person_id": null, "employee_id": employee.padded()});
    let body = varied(&card(""), holder);
    let made = caller.post("create-card", &body).await.ok();
    made["token_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_corporate_is_answered_the_cards_of_its_employees_and_of_nobody_elses() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let (one, two) = (company(&app, 2).await, company(&app, 1).await);
    let mut tokens = Vec::new();
    for employee in [one.employees[0], one.employees[1], one.employees[0]] {
        tokens.push(employee_card(&acme, employee).await);
    }
    let elsewhere = employee_card(&acme, two.employees[0]).await;
    with_cards(&acme, 1).await;

    let owner = json!({"corporate_id": one.number});
    let list = acme.post("get-cards", &owner).await.ok();
    assert_eq!(tokens_in(&list), tokens);
    assert_eq!(list["total"], 3);
    assert_eq!(walk(&acme, &owner, 2).await.concat(), tokens);
    let other = acme
        .post("get-cards", &json!({"corporate_id": two.number}))
        .await
        .ok();
    assert_eq!(tokens_in(&other), [elsewhere]);

    let read = acme.get(&format!("get-card/{}", tokens[0])).await.ok();
    assert_eq!(read["person_id"], Value::Null);
    assert_eq!(read["employee_id"], one.employees[0].padded());
    assert_eq!(read["account_id"], one.account.padded());
    let account = acme
        .get(&format!("get-account/{}", one.account.padded()))
        .await
        .ok();
    assert_eq!(account["corporate_id"], one.number);
    app.finish().await;
}

#[tokio::test]
async fn a_card_is_never_issued_to_a_corporate_or_under_the_wrong_kind_of_id() {
    let app = TestApp::new().await;
    let acme = app.finci();
    let company = company(&app, 1).await;
    let (person, _) = with_cards(&acme, 1).await;
    let before = app.records().await;
    let corporate = json!({"person_id": null, "corporate_id": company.number});
    let reply = acme
        .post("create-card", &varied(&card(""), corporate))
        .await;
    assert_eq!(reply.code(), "person_id:required,corporate_id:unknown");
    let as_person = json!({"person_id": company.number});
    assert_eq!(
        acme.post("create-card", &varied(&card(""), as_person))
            .await
            .status,
        404
    );
    let number = app
        .number(
            "SELECT id FROM holder WHERE number = $1",
            &[person.as_str().into()],
        )
        .await;
    let as_employee = json!({"person_id": null, "employee_id": format!("{number:016}")});
    assert_eq!(
        acme.post("create-card", &varied(&card(""), as_employee))
            .await
            .status,
        404
    );
    let swapped = json!({"corporate_id": person});
    assert_eq!(acme.post("get-cards", &swapped).await.status, 404);
    let swapped = json!({"person_id": company.number});
    assert_eq!(acme.post("get-cards", &swapped).await.status, 404);
    let named = json!({
        "person_id": null, "employee_id": company.employees[0].padded(),
        "account_id": acme.account(&person, "USD").await,
    });
    let reply = acme.post("create-card", &varied(&card(""), named)).await;
    assert_eq!(reply.code(), "account_id:owner_mismatch");
    assert_eq!(app.records().await["card"], before["card"]);
    app.finish().await;
}
