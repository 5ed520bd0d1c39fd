//! The books of accounts: what is in them, whose they are, and how they are turned over.

use cardwright_core::{AccountId, Timestamp};
use cardwright_server::store::ledger_entries::{self, EntryFilter, LedgerEntry, Side};
use serde_json::{Value, json};

use super::{pool, transfer};
use crate::{
    everywhere::beneath,
    fincard::{
        queries::{self, ask, each, shown, tell},
        support::{opening, refusal},
    },
    harness::{START, TestApp, assert_golden},
};

const DAY: i64 = 86_400;

/// The records of a page of entries.
fn records(page: &Value) -> Vec<Value> {
    page["data"]["records"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_books_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    app.pass(1_800);
    let moved = transfer(&app, &marketing, &json!({"remark": "Budget"}));
    let moved = acme.call("account/transfer", &moved).await.ok();
    acme.card("order-0000000000001", None).await;
    let start = START.parse::<Timestamp>().unwrap().as_millisecond();
    let call = |body: Value| acme.request("account/transaction", &body.to_string());
    let wallet = app.demo.wallet.to_string();
    let requests = vec![
        ("Everything of the last 30 days", call(json!({}))),
        (
            "Of one account, the second page",
            call(json!({"accountId": wallet, "pageNum": 2, "pageSize": 2})),
        ),
        (
            "Cards that were bought",
            call(json!({"bizType": "card_purchase"})),
        ),
        (
            "What one transfer did",
            call(json!({"orderNo": moved["data"]["orderNo"]})),
        ),
        (
            "Of the first second",
            call(json!({"startTime": start, "endTime": start + 1_000})),
        ),
        (
            "Nobody's account has no book",
            call(json!({"accountId": "42"})),
        ),
        (
            "Thirty days and a millisecond",
            call(json!({"startTime": start, "endTime": start + 30 * DAY * 1_000 + 1})),
        ),
        ("No such reason", call(json!({"bizType": "gift"}))),
    ];
    assert_golden(&app, "fincard_account_transaction", requests).await;
    app.finish().await;
}

#[tokio::test]
async fn both_sides_of_a_transfer_are_in_their_own_books_and_ours_never_show() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let moved = transfer(&app, &marketing, &json!({}));
    acme.call("account/transfer", &moved).await.ok();
    acme.card("order-0000000000001", None).await;
    let all = acme.call("account/transaction", &json!({})).await.ok();
    let mine = [app.demo.wallet.to_string(), marketing.clone()];
    for entry in records(&all) {
        let account = entry["accountId"].as_str().unwrap();
        assert!(mine.iter().any(|mine| mine == account), "{entry}");
    }
    let of = async |account: &str| {
        let body = json!({"accountId": account});
        acme.call("account/transaction", &body).await.ok()
    };
    let (payer, receiver) = (of(&mine[0]).await, of(&marketing).await);
    assert_eq!(receiver["data"]["total"], 1);
    let (out, into) = (&records(&payer)[2], &records(&receiver)[0]);
    assert_eq!(out["txId"], into["txId"], "one movement");
    assert_eq!(
        (&out["direction"], &into["direction"]),
        (&"OUT".into(), &"IN".into())
    );
    assert_eq!(
        (&out["beforeBalance"], &out["afterBalance"]),
        (&"1000000.00".into(), &"999900.00".into())
    );
    assert_eq!(
        (&into["beforeBalance"], &into["afterBalance"]),
        (&"0.00".into(), &"100.00".into())
    );
    assert_eq!(
        all["data"]["total"].as_i64(),
        Some(payer["data"]["total"].as_i64().unwrap() + 1)
    );
    app.finish().await;
}

#[tokio::test]
async fn what_a_card_spent_of_a_pool_is_read_with_the_number_that_query_45_shows() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let shared = pool(&acme, "Marketing", "USD").await;
    let moved = transfer(&app, &shared, &json!({}));
    acme.call("account/transfer", &moved).await.ok();
    let budget = json!({"cardTypeId": 111_003, "accountId": shared, "amount": "(absent)"});
    let opened = acme.call("card/v2/openCard", &opening(1, &budget)).await;
    let card = opened.ok()["data"]["cardNo"].as_str().unwrap().to_owned();
    let number = ask(&app, &card, 1_000).await;
    for amount in [400, 700] {
        let body = json!({
            "authorization_id": number, "amount": amount, "final": amount == 700,
        });
        tell(&app, "clearing", body, "transaction_id").await;
    }
    let body = json!({"authorization_id": number, "amount": 200});
    tell(&app, "refund", body, "transaction_id").await;
    let body = json!({"card_id": card, "amount": 300, "currency": "USD"});
    tell(&app, "force-post", body, "transaction_id").await;
    for amount in ["2.00", "90.00"] {
        let fee = json!({
            "cardNo": card, "type": "maintain_fee", "amount": amount, "currency": "USD",
        });
        acme.call("card/simulateAuthTransaction", &fee).await.ok();
    }

    let trades = queries::records(&acme, "card/authorize/transaction", &json!({})).await;
    assert_eq!(
        each(&trades, "type"),
        ["maintain_fee", "maintain_fee", "auth", "refund", "auth"]
    );
    let numbers = each(&trades, "tradeNo");
    let paid = shown(&acme, &number).await;
    let listed = async |body: &Value| {
        let page = acme.call("account/transaction", body).await.ok();
        let entries = records(&page);
        let told = |entry: &Value| {
            let word = |field: &str| entry[field].as_str().unwrap().to_owned();
            [word("bizType"), word("amount"), word("orderNo")]
        };
        entries.iter().map(told).collect::<Vec<_>>()
    };
    let expected = [
        ("card_auth_fee_patch", "90.00", numbers[0]),
        ("card_settlement", "2.00", numbers[1]),
        ("card_settlement", "3.00", numbers[2]),
        ("card_refund", "2.00", numbers[3]),
        ("card_settlement", "7.00", paid.as_str()),
        ("card_settlement", "4.00", paid.as_str()),
    ]
    .map(|(kind, amount, number)| [kind, amount, number].map(str::to_owned));
    let all = listed(&json!({})).await;
    assert_eq!(all[..6], expected);
    for (range, number) in [(0..1, 0), (1..2, 1), (2..3, 2), (3..4, 3), (4..6, 4)] {
        let found = listed(&json!({"orderNo": numbers[number]})).await;
        assert_eq!(found, expected[range]);
    }
    app.finish().await;
}

#[tokio::test]
async fn every_page_of_a_book_follows_on_the_one_before() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    let wallet = app.demo.wallet.to_string();
    for number in 0..25 {
        // Forth and back, so that the wallet is payer and receiver in turn.
        let (from, to) = if number % 2 == 0 {
            (&wallet, &marketing)
        } else {
            (&marketing, &wallet)
        };
        let body = transfer(
            &app,
            to,
            &json!({
                "fromAccountId": from, "amount": "1.00",
                "merchantOrderNo": format!("transfer-{number:011}"),
            }),
        );
        acme.call("account/transfer", &body).await.ok();
        app.pass(60);
    }
    for filter in [json!({"accountId": wallet}), json!({})] {
        let mut seen: Vec<Value> = Vec::new();
        let mut page = 1;
        let total = loop {
            let mut body = filter.clone();
            body["pageNum"] = page.into();
            body["pageSize"] = 7.into();
            let found = acme.call("account/transaction", &body).await.ok();
            let total = found["data"]["total"].as_u64().unwrap();
            seen.extend(records(&found));
            if seen.len() as u64 == total || records(&found).is_empty() {
                break total;
            }
            page += 1;
        };
        assert_eq!(seen.len() as u64, total, "{filter}");
        let times: Vec<i64> = seen
            .iter()
            .map(|e| e["createTime"].as_i64().unwrap())
            .collect();
        assert!(
            times.is_sorted_by(|newer, older| newer >= older),
            "{filter}"
        );
        // Each entry begins where the one before it in the book ended.
        let book: Vec<&Value> = seen.iter().filter(|e| e["accountId"] == *wallet).collect();
        for pair in book.windows(2) {
            assert_eq!(
                pair[0]["balanceBefore"], pair[1]["balanceAfter"],
                "{filter}"
            );
        }
        assert_eq!(book.len(), 26, "25 transfers and the first funding");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_range_finds_exactly_what_lies_in_it_whichever_way_it_is_asked() {
    let app = TestApp::new().await;
    let tenant = app.tenant_id(&app.demo).await;
    let wallet = app.demo.wallet;
    for _ in 0..20 {
        app.pass(DAY);
        beneath::fund(&app, tenant, wallet, 100).await;
        beneath::fund(&app, tenant, wallet, 100).await;
    }
    let acme = app.fincard().await;
    let start = START.parse::<Timestamp>().unwrap().as_millisecond();
    let day = DAY * 1_000;
    for (from, until, expected) in [
        (start, start + 30 * day, 41),
        (start + 1, start + 30 * day, 40),
        (start + day, start + day, 2),
        (start + day + 1, start + 2 * day - 1, 0),
        (start + 5 * day, start + 9 * day, 10),
        (start + 9 * day, start + 5 * day, 0),
        (start + 20 * day + 1, start + 40 * day, 0),
    ] {
        let mut totals = Vec::new();
        for account in [Value::Null, wallet.to_string().into()] {
            let body = json!({
                "accountId": account, "startTime": from, "endTime": until, "bizType": "fixed",
            });
            let page = acme.call("account/transaction", &body).await.ok();
            totals.push(page["data"]["total"].as_i64().unwrap());
        }
        assert_eq!(totals, [expected, expected], "{from} to {until}");
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_older_than_thirty_days_is_asked_for_by_its_time() {
    let app = TestApp::new().await;
    app.pass(31 * DAY);
    let acme = app.fincard().await;
    let call = async |body: Value| acme.call("account/transaction", &body).await;
    assert_eq!(call(json!({})).await.ok()["data"]["total"], 0);
    let start = START.parse::<Timestamp>().unwrap().as_millisecond();
    let old = call(json!({"endTime": start + 1})).await.ok();
    assert_eq!(old["data"]["total"], 1);
    let open = call(json!({"startTime": start})).await.ok();
    assert_eq!(open["data"]["total"], 1, "as far as one question goes");
    let month_ago = app.now().as_millisecond() - 30 * DAY * 1_000;
    app.pass(1);
    let open = call(json!({"startTime": month_ago})).await.ok();
    assert_eq!(
        open["data"]["total"], 0,
        "asked a moment before it is answered"
    );
    let too_long = json!({"startTime": start, "endTime": app.now().as_millisecond()});
    assert_eq!(refusal(&call(too_long).await), "time_range_too_long");
    app.finish().await;
}

#[tokio::test]
async fn an_entry_knows_the_order_or_payment_that_made_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let opened = json!({
        "merchantOrderNo": "order-0000000000001", "cardTypeId": 111_001, "amount": "25.00",
    });
    let opened = acme.call("card/v2/openCard", &opened).await.ok();
    let order = opened["data"]["orderNo"].clone();
    let made = acme
        .call("account/transaction", &json!({"orderNo": order}))
        .await
        .ok();
    let words: Vec<Value> = records(&made)
        .iter()
        .map(|e| e["bizType"].clone())
        .collect();
    assert_eq!(words, ["card_deposit", "card_purchase"]);
    assert!(records(&made).iter().all(|entry| entry["orderNo"] == order));

    let deposit = json!({"coin": "USDT_TRC20", "amount": "9"});
    let deposit = app
        .sandbox()
        .post("simulate/crypto-deposit", &deposit)
        .await
        .record();
    let made = acme
        .call(
            "account/transaction",
            &json!({"orderNo": deposit["deposit_id"]}),
        )
        .await
        .ok();
    assert_eq!(made["data"]["total"], 1, "the fee is in our own book");
    let entry = &records(&made)[0];
    assert_eq!(
        (&entry["bizType"], &entry["amount"]),
        (&"chain_deposit".into(), &"8.86".into())
    );
    app.finish().await;
}

/// Both ways of reading a book, by its sequence and by time, find the same.
#[tokio::test]
async fn the_book_of_one_account_is_its_part_of_the_book_of_all() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let marketing = pool(&acme, "Marketing", "USD").await;
    for number in 0..6 {
        let body = transfer(
            &app,
            &marketing,
            &json!({"amount": "1.00", "merchantOrderNo": format!("transfer-{number:011}")}),
        );
        acme.call("account/transfer", &body).await.ok();
    }
    acme.card("order-0000000000001", None).await;
    let tenant = app.tenant_id(&app.demo).await;
    let read = async |account: Option<AccountId>| -> Vec<LedgerEntry> {
        let filter = EntryFilter {
            account,
            order: None,
            kinds: None,
            from: Timestamp::UNIX_EPOCH,
            until: app.now(),
        };
        let page = app.app.read(tenant, async move |tx| {
            ledger_entries::page(tx, &filter, (100, 0)).await
        });
        page.await.unwrap().0
    };
    let all = read(None).await;
    for account in [app.demo.wallet, AccountId::parse(&marketing).unwrap()] {
        let own = read(Some(account)).await;
        let mut part = all.clone();
        part.retain(|entry| entry.account == account);
        assert_eq!(own, part);
        let sum: i64 = own
            .iter()
            .map(|entry| match entry.side {
                Side::In => entry.amount.minor(),
                Side::Out => -entry.amount.minor(),
            })
            .sum();
        assert_eq!(own[0].balance_after, sum, "the book adds up to the balance");
    }
    app.finish().await;
}
