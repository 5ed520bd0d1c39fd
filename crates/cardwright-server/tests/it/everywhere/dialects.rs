//! Two APIs, one record: what one of them made or changed, the other one shows.

use cardwright_core::{
    AccountId, CardId, CardState, CloseReason, HolderId, HolderKind, PlatformBlock, TenantId,
    Timestamp,
};
use cardwright_server::store::{cards, holders};
use serde_json::{Value, json};

use super::beneath;
use crate::harness::{FincardCaller, FinciCaller, TestApp};

/// The id of one API's records as the other writes it.
fn plain(padded: &str) -> String {
    padded.trim_start_matches('0').to_owned()
}

fn padded(id: &Value) -> String {
    let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    format!("{text:0>16}")
}

/// The person number of a holder, which only the store knows.
async fn person_number(app: &TestApp, tenant: TenantId, holder: i64) -> String {
    let id = HolderId::new(holder).unwrap();
    let read = app
        .app
        .read(tenant, async move |tx| holders::get(tx, id).await);
    read.await.unwrap().number.unwrap()
}

async fn info(fincard: &FincardCaller<'_>, card: &str) -> Value {
    let body = json!({"cardNo": card, "onlySimpleInfo": false});
    fincard.call("card/info", &body).await.ok()["data"].take()
}

async fn get_card(finci: &FinciCaller<'_>, card: &str) -> Value {
    finci.get(&format!("get-card/{card}")).await.ok()
}

/// The only record of a page.
async fn only(fincard: &FincardCaller<'_>, path: &str, filter: Value) -> Value {
    let page = fincard.call(path, &filter).await.ok()["data"].take();
    assert_eq!(page["total"], 1, "{path} {filter}: {page}");
    page["records"][0].clone()
}

#[tokio::test]
async fn a_finci_person_is_an_approved_fincard_holder_with_the_same_id() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let number = finci.person("p-1").await;
    let wanted = number.clone();
    let person = app
        .app
        .read(tenant, async move |tx| {
            holders::get_by_number(tx, HolderKind::Person, &wanted).await
        })
        .await
        .unwrap();

    let id = person.id.get();
    let holder = only(&fincard, "card/holder/list", json!({"holderId": id})).await;
    for (field, value) in [
        ("holderId", json!(id)),
        ("cardholderId", json!(id.to_string())),
        ("cardHolderModel", json!("B2B")),
        ("cardholderType", json!("B2B")),
        ("status", json!("pass_audit")),
        ("cardholderStatus", json!("APPROVED")),
        ("firstName", json!("Jonas")),
        ("lastName", json!("Jonaitis")),
        ("birthday", json!("1990-05-17")),
        ("email", json!("jonas@example.com")),
        ("country", json!("LT")),
        ("merchantOrderNo", json!("p-1")),
    ] {
        assert_eq!(holder[field], value, "{field}");
    }
    for filter in [
        json!({"email": "JONAS@example.com"}),
        json!({"searchTerm": "jonaitis"}),
        json!({"merchantOrderNo": "p-1"}),
    ] {
        let found = only(&fincard, "card/holder/list", filter).await;
        assert_eq!(found["holderId"], id);
    }

    // What is approved there can hold a prepaid card here.
    let prepaid = fincard.card("order-0000000000001", Some(id)).await;
    assert_eq!(
        get_card(&finci, &format!("{prepaid:0>16}")).await["person_id"],
        number
    );
    app.finish().await;
}

#[tokio::test]
async fn a_finci_account_is_a_fincard_margin_account_with_the_same_id_and_balance() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let person = finci.person("p-1").await;
    let account = finci.account(&person, "USD").await;
    let other = finci.account(&person, "JPY").await;
    let id = AccountId::parse_padded(&account).unwrap();
    beneath::fund(&app, tenant, id, 12_345).await;

    let list = fincard.call("account/info", &json!({})).await.ok()["data"].take();
    let find = |id: String| {
        let all = list.as_array().unwrap();
        all.iter().find(|row| row["accountId"] == id).unwrap()
    };
    let shown = find(plain(&account));
    let read = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(shown["accountType"], "MARGIN");
    assert_eq!(shown["currency"], "USD");
    assert_eq!(shown["accountStatus"], "ACTIVE");
    assert_eq!(shown["totalBalance"], "123.45");
    assert_eq!(shown["totalBalance"], read["balance"]);
    assert_eq!(shown["availableBalance"], read["available_balance"]);
    assert_eq!(shown["frozenBalance"], read["held"]);
    let yen = find(plain(&other));
    assert_eq!(
        (&yen["totalBalance"], &yen["digital"]),
        (&json!("0"), &json!(0))
    );
    let wallet = find(app.demo.wallet.to_string());
    assert_eq!(wallet["accountType"], "WALLET");

    // The wallet, too, is one account in both.
    let wallet_id = app.demo.wallet.padded();
    let read = finci.get(&format!("get-account/{wallet_id}")).await.ok();
    assert_eq!(read["balance"], wallet["totalBalance"]);
    app.finish().await;
}

#[tokio::test]
async fn a_finci_card_reads_in_fincard_as_a_card_without_a_balance_of_its_own() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let person = finci.person("p-1").await;
    let account = finci.account(&person, "USD").await;
    beneath::fund(
        &app,
        tenant,
        AccountId::parse_padded(&account).unwrap(),
        50_000,
    )
    .await;
    let card = finci.card(&person).await;
    let masked = finci
        .post("get-cards", &json!({"person_id": person}))
        .await
        .ok();
    let masked = masked["items"][0]["card_number"]
        .as_str()
        .unwrap()
        .to_owned();

    let filter = json!({"cardNo": plain(&card), "cardTypeId": 112_001});
    for shown in [
        info(&fincard, &plain(&card)).await,
        only(&fincard, "card/list", filter).await,
    ] {
        assert_eq!(shown["cardNo"], plain(&card));
        assert_eq!(shown["cardId"], plain(&card));
        assert_eq!(shown["cardTypeId"], 112_001);
        assert_eq!(shown["accountId"], plain(&account));
        assert_eq!(shown["balance"], "0.00");
        assert_eq!(shown["currency"], "USD");
        assert_eq!(shown["status"], "Normal");
        assert_eq!(shown["last4"], masked[masked.len() - 4..]);
        assert!(shown["holderId"].is_i64());
    }
    let types = fincard.call("card/v2/cardTypes", &json!({})).await.ok();
    let listed = types["data"].as_array().unwrap();
    assert!(listed.iter().all(|kind| kind["cardTypeId"] != 112_001));
    app.finish().await;
}

#[tokio::test]
async fn a_fincard_holder_is_a_finci_person_and_its_prepaid_card_spends_from_its_own_account() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let holder = fincard.holder("ana@example.com").await;
    let card = fincard.card("order-0000000000001", Some(holder)).await;
    let person = person_number(&app, tenant, holder).await;

    let list = finci
        .post("get-cards", &json!({"person_id": person}))
        .await
        .ok();
    assert_eq!(list["total"], 1);
    assert_eq!(list["items"][0]["token_id"], format!("{card:0>16}"));
    assert_eq!(list["items"][0]["product_id"], 111_001);

    let read = get_card(&finci, &format!("{card:0>16}")).await;
    assert_eq!(read["person_id"], person);
    assert_eq!(read["token_status"], "active");
    let account = read["account_id"].as_str().unwrap();
    assert_ne!(account, app.demo.wallet.padded(), "not what paid for it");
    let account = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(account["balance"], "25.00");
    assert_eq!(account["available_balance"], "25.00");
    assert_eq!(account["person_id"], person);
    assert_eq!(info(&fincard, &card).await["balance"], "25.00");

    // The balance of one card is nobody's pool.
    let accounts = fincard.call("account/info", &json!({})).await.ok();
    assert_eq!(
        accounts["data"].as_array().unwrap().len(),
        1,
        "the wallet alone"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_card_without_a_holder_is_reachable_by_its_id_only() {
    let app = TestApp::new().await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let card = fincard.card("order-0000000000001", None).await;
    let read = get_card(&finci, &format!("{card:0>16}")).await;
    assert_eq!(read["person_id"], Value::Null);
    assert_eq!(read["employee_id"], Value::Null);
    let account = read["account_id"].as_str().unwrap();
    let account = finci.get(&format!("get-account/{account}")).await.ok();
    assert_eq!(account["balance"], "25.00");
    assert_eq!(account["person_id"], Value::Null);

    let sql = "SELECT number FROM holder WHERE number IS NOT NULL";
    let people = app.rows(sql, Vec::new()).await;
    assert_eq!(people.len(), 3, "the demo people");
    for person in people {
        let number: String = person.get(0).unwrap();
        let list = finci
            .post("get-cards", &json!({"person_id": number}))
            .await
            .ok();
        assert_eq!(list["total"], 0);
    }
    app.finish().await;
}

/// Puts a card into a state, whatever it was in.
async fn put(app: &TestApp, (tenant, id): (TenantId, i64), state: CardState, block: PlatformBlock) {
    let id = CardId::new(id).unwrap();
    beneath::write(app, tenant, async move |tx| {
        let mut card = cards::get(tx, id).await?;
        (card.state, card.block) = (state, block);
        cards::put(tx, &card).await
    })
    .await;
}

/// Every state and its words: FINCI, FinCard `status` and `cardStatus`.
fn words() -> Vec<(CardState, &'static str, &'static str, &'static str)> {
    use CloseReason::{Blocked, Cancelled, Compromised, Damaged, Expired, Failed, Lost, Stolen};

    let since = Timestamp::UNIX_EPOCH;
    let closed = |reason| CardState::Closed { reason, at: since };
    let table = vec![
        (CardState::Pending, "new", "pending", "PENDING"),
        (CardState::Inactive, "new", "un_activated", "INACTIVE"),
        (CardState::Active, "active", "Normal", "ACTIVE"),
        (
            CardState::Frozen { since },
            "deactivated",
            "Freeze",
            "FROZEN",
        ),
        (CardState::Dormant { since }, "referral", "Freeze", "FROZEN"),
        (closed(Lost), "lost", "cancel", "CANCELLED"),
        (closed(Stolen), "stolen", "cancel", "CANCELLED"),
        (closed(Damaged), "damaged", "cancel", "CANCELLED"),
        (closed(Compromised), "compromized", "cancel", "CANCELLED"),
        (closed(Blocked), "blocked", "cancel", "CANCELLED"),
        (closed(Cancelled), "closed", "cancel", "CANCELLED"),
        (closed(Expired), "closed", "cancel", "EXPIRED"),
        (closed(Failed), "closed", "fail", "FAILED"),
    ];
    let reasons = CloseReason::ALL.len();
    assert_eq!(table.len(), 5 + reasons, "every state there is");
    table
}

/// Words a FinCard caller can filter by.
const FILTERS: [&str; 13] = [
    "pending",
    "un_activated",
    "Normal",
    "Freeze",
    "cancel",
    "fail",
    "PENDING",
    "INACTIVE",
    "ACTIVE",
    "FROZEN",
    "CANCELLED",
    "EXPIRED",
    "FAILED",
];

#[tokio::test]
async fn every_state_has_its_word_in_both_apis_and_is_found_by_it() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let card = fincard.card("order-0000000000001", None).await;
    let id: i64 = card.parse().unwrap();
    for (state, token_status, status, card_status) in words() {
        put(&app, (tenant, id), state, PlatformBlock::Clear).await;
        let read = get_card(&finci, &padded(&id.into())).await;
        assert_eq!(read["token_status"], token_status, "{state:?}");
        let shown = info(&fincard, &card).await;
        assert_eq!(shown["status"], status, "{state:?}");
        assert_eq!(shown["cardStatus"], card_status, "{state:?}");
        assert_eq!(shown["blocked"], false, "{state:?}");
        for word in FILTERS {
            let found = fincard
                .call("card/list", &json!({"status": word}))
                .await
                .ok();
            let meant = u32::from([status, card_status].contains(&word));
            assert_eq!(found["data"]["total"], meant, "{state:?} by {word}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_platform_block_covers_the_state_in_both_apis_until_the_card_ends() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let card = fincard.card("order-0000000000001", None).await;
    let id: i64 = card.parse().unwrap();
    let token = padded(&id.into());
    let block = PlatformBlock::Blocked { since: app.now() };
    for (state, token_status, status, card_status) in words() {
        put(&app, (tenant, id), state, block).await;
        let shown = info(&fincard, &card).await;
        assert_eq!(shown["blocked"], true, "{state:?}");
        assert_eq!(shown["status"], status, "{state:?}: the state itself stays");
        let ended = matches!(state, CardState::Closed { .. });
        let covered = if ended { card_status } else { "BLOCKED" };
        assert_eq!(shown["cardStatus"], covered, "{state:?}");
        let word = if ended { token_status } else { "deactivated" };
        assert_eq!(
            get_card(&finci, &token).await["token_status"],
            word,
            "{state:?}"
        );
    }

    put(&app, (tenant, id), CardState::Active, block).await;
    let path = format!("update-card-status/{token}");
    let refused = finci.patch(&path, &json!({"token_status": "active"})).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.json()["errors"],
        json!(["token_status:blocked_by_platform"])
    );
    for call in ["card/v2/freeze", "card/v2/unfreeze"] {
        let body = json!({"cardNo": card, "merchantOrderNo": "order-0000000000002"});
        let refused = fincard.call(call, &body).await.json();
        assert_eq!(refused["errorCode"], "card_blocked", "{call}");
    }
    let found = fincard
        .call("card/list", &json!({"status": "BLOCKED"}))
        .await
        .ok();
    assert_eq!(found["data"]["total"], 1);
    let found = fincard
        .call("card/list", &json!({"status": "ACTIVE"}))
        .await
        .ok();
    assert_eq!(found["data"]["total"], 0, "blocked is not active");
    app.finish().await;
}

#[tokio::test]
async fn a_freeze_in_one_api_is_a_freeze_in_the_other() {
    let app = TestApp::new().await;
    let (finci, fincard) = (app.finci(), app.fincard().await);
    let person = finci.person("p-1").await;
    finci.account(&person, "USD").await;
    let issued = plain(&finci.card(&person).await);
    let opened = fincard.card("order-0000000000001", None).await;
    for (index, card) in [issued, opened].iter().enumerate() {
        let token = format!("{card:0>16}");
        let order = |step: usize| json!({"cardNo": card, "merchantOrderNo": format!("order-1000000000{index}{step:02}")});
        fincard.call("card/v2/freeze", &order(1)).await.ok();
        assert_eq!(
            get_card(&finci, &token).await["token_status"],
            "deactivated"
        );
        let path = format!("update-card-status/{token}");
        finci
            .patch(&path, &json!({"token_status": "active"}))
            .await
            .ok();
        assert_eq!(info(&fincard, card).await["cardStatus"], "ACTIVE");
        finci
            .patch(&path, &json!({"token_status": "deactivated"}))
            .await
            .ok();
        assert_eq!(info(&fincard, card).await["cardStatus"], "FROZEN");
        fincard.call("card/v2/unfreeze", &order(2)).await.ok();
        assert_eq!(get_card(&finci, &token).await["token_status"], "active");
        finci
            .patch(&path, &json!({"token_status": "referral"}))
            .await
            .ok();
        assert_eq!(info(&fincard, card).await["cardStatus"], "FROZEN");
        fincard.call("card/v2/unfreeze", &order(3)).await.ok();
        assert_eq!(get_card(&finci, &token).await["token_status"], "active");
        finci
            .patch(&path, &json!({"token_status": "lost"}))
            .await
            .ok();
        assert_eq!(info(&fincard, card).await["cardStatus"], "CANCELLED");
        let refused = fincard.call("card/v2/unfreeze", &order(4)).await.json();
        assert_eq!(refused["errorCode"], "state_not_allowed");
    }
    app.finish().await;
}
