//! Money: how an amount may be written, what an opening costs, and that nothing is paid twice,
//! half, or out of an empty wallet.

mod repeats;

use cardwright_server::store::db::Value as Stored;
use serde_json::{Value, json};

use super::support::{opening, order_no, refusal, together, wallet};
use crate::harness::{FincardCaller, Reply, TestApp};

/// Opens a card with the amount exactly as written.
async fn open_with(acme: &FincardCaller<'_>, app: &TestApp, number: usize, amount: &str) -> Reply {
    let body = format!(
        r#"{{"merchantOrderNo": "{}", "cardTypeId": 111001, "amount": {amount}}}"#,
        order_no(number)
    );
    app.send(acme.request("card/v2/openCard", &body)).await
}

#[tokio::test]
async fn an_amount_is_a_plain_decimal_as_number_or_as_text() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let spellings = [
        "25",
        "25.0",
        "25.00",
        "25.000",
        "25.0000000000",
        r#""25""#,
        r#""25.0""#,
        r#""25.00""#,
        r#""25.000""#,
    ];
    for (number, amount) in spellings.into_iter().enumerate() {
        let opened = open_with(&acme, &app, number, amount).await.ok();
        assert_eq!(opened["data"]["amount"], "25.00", "{amount}");
        assert_eq!(opened["data"]["receivedAmount"], "25.00", "{amount}");
    }
    assert_eq!(wallet(&acme).await, "999766.00", "nine times 26.00");
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_amount_is_refused_and_costs_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let digits = "9".repeat(40);
    let many = "9".repeat(1_000);
    for (amount, word) in [
        ("1e1", "amount_invalid"),
        ("2.5E1", "amount_invalid"),
        (r#""1e1""#, "amount_invalid"),
        ("-5", "amount_invalid"),
        ("-0", "amount_invalid"),
        (r#""-25""#, "amount_invalid"),
        (r#""+25""#, "amount_invalid"),
        (r#""abc""#, "amount_invalid"),
        (r#""0x19""#, "amount_invalid"),
        (r#""NaN""#, "amount_invalid"),
        (r#""025""#, "amount_invalid"),
        (r#"".25""#, "amount_invalid"),
        (r#""25.""#, "amount_invalid"),
        (r#""25,00""#, "amount_invalid"),
        (r#""1,000.00""#, "amount_invalid"),
        (r#"" 25""#, "amount_invalid"),
        (r#""٢٥""#, "amount_invalid"),
        ("0.001", "amount_invalid"),
        ("25.001", "amount_invalid"),
        (r#""25.0000000001""#, "amount_invalid"),
        (digits.as_str(), "amount_invalid"),
        (many.as_str(), "amount_invalid"),
        ("1e999", "amount_invalid"),
        ("true", "amount_invalid"),
        ("[25]", "amount_invalid"),
        (r#"{"value": 25}"#, "amount_invalid"),
        ("0", "amount_out_of_range"),
        ("0.00", "amount_out_of_range"),
        ("0.01", "amount_out_of_range"),
        ("9.99", "amount_out_of_range"),
        ("10000.01", "amount_out_of_range"),
        ("92233720368547758.07", "amount_out_of_range"),
        ("92233720368547758.08", "amount_invalid"),
        ("null", "missing_field"),
        (r#""""#, "missing_field"),
    ] {
        let reply = open_with(&acme, &app, 1, amount).await;
        assert_eq!(refusal(&reply), word, "{amount}");
    }
    assert_eq!(wallet(&acme).await, "1000000.00");
    for (number, amount) in [(1, "10"), (2, "10000")] {
        open_with(&acme, &app, number, amount).await.ok();
    }
    app.finish().await;
}

/// How many rows there are of everything that an opening writes, but for the audit.
async fn footprint(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "SELECT COUNT(*) FROM card",
        "SELECT COUNT(*) FROM card_order",
        "SELECT COUNT(*) FROM account",
        "SELECT COUNT(*) FROM journal_entry",
        "SELECT COUNT(*) FROM transfer",
        "SELECT COUNT(*) FROM event",
        "SELECT COUNT(*) FROM answered_request",
        "SELECT COUNT(*) FROM job",
        "SELECT COUNT(*) FROM audit",
        "SELECT SUM(credits + debits) FROM account",
    ] {
        counts.push(app.number(sql, &[]).await);
    }
    counts
}

/// Every account together holds nothing: what one has, another owes. And every account holds what
/// its transfers say.
pub async fn assert_books_balance(app: &TestApp) {
    let all = "SELECT SUM(credits) - SUM(debits) FROM account";
    assert_eq!(app.number(all, &[]).await, 0);
    let transfers = "SELECT COUNT(*) FROM account a WHERE \
        a.credits <> (SELECT COALESCE(SUM(amount), 0) FROM transfer t \
                      WHERE t.tenant = a.tenant AND t.receiver = a.id) \
        OR a.debits <> (SELECT COALESCE(SUM(amount), 0) FROM transfer t \
                        WHERE t.tenant = a.tenant AND t.payer = a.id)";
    assert_eq!(
        app.number(transfers, &[]).await,
        0,
        "accounts and journal agree"
    );
    let negative = "SELECT COUNT(*) FROM account a JOIN transfer t ON t.tenant = a.tenant \
        AND t.payer = a.id WHERE a.floor IS NOT NULL AND t.payer_balance < a.floor";
    assert_eq!(
        app.number(negative, &[]).await,
        0,
        "nobody ever paid what it had not"
    );
}

#[tokio::test]
async fn a_wallet_that_cannot_pay_is_left_as_it_was() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    drain(&acme).await;
    assert_eq!(wallet(&acme).await, "9901.00");
    let before = footprint(&app).await;
    let seen = [
        acme.call("account/info", &json!({})).await.text,
        acme.call("card/list", &json!({})).await.text,
    ];
    for number in 0..3 {
        // The price alone is the cent too much.
        let reply = open_with(&acme, &app, 200 + number, "9900.01").await;
        assert_eq!(refusal(&reply), "insufficient_balance");
    }
    assert_eq!(footprint(&app).await, before);
    let still = [
        acme.call("account/info", &json!({})).await.text,
        acme.call("card/list", &json!({})).await.text,
    ];
    assert_eq!(still, seen);
    open_with(&acme, &app, 200, "9900").await.ok();
    assert_eq!(wallet(&acme).await, "0.00");
    assert_books_balance(&app).await;
    app.finish().await;
}

/// Leaves 9901.00 in the wallet.
async fn drain(acme: &FincardCaller<'_>) {
    for number in 1_000..1_099 {
        let body = opening(number, &json!({"amount": "10000.00"}));
        acme.call("card/v2/openCard", &body).await.ok();
    }
}

#[tokio::test]
async fn an_opening_posts_price_and_deposit_in_one_entry() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let opened = open_with(&acme, &app, 1, "25").await.ok();
    let data = &opened["data"];
    assert_eq!(
        (&data["amount"], &data["fee"]),
        (&json!("25.00"), &json!("1.00"))
    );
    let sql = "SELECT t.kind, t.amount, p.kind, t.payer_balance, r.kind, t.receiver_balance \
        FROM transfer t JOIN journal_entry e ON e.tenant = t.tenant AND e.id = t.entry \
        JOIN account p ON p.tenant = t.tenant AND p.id = t.payer \
        JOIN account r ON r.tenant = t.tenant AND r.id = t.receiver \
        WHERE e.card_order = $1 ORDER BY t.id";
    let order: i64 = data["orderNo"].as_str().unwrap().parse().unwrap();
    let rows = app.rows(sql, vec![Stored::from(order)]).await;
    let posted: Vec<(String, i64, String, i64, String, i64)> = rows
        .iter()
        .map(|row| {
            let mut row = row.reader();
            let mut text = || row.next::<String>();
            let kind = text().unwrap();
            let amount = row.next().unwrap();
            let payer = row.next().unwrap();
            let payer_balance = row.next().unwrap();
            let receiver = row.next().unwrap();
            (
                kind,
                amount,
                payer,
                payer_balance,
                receiver,
                row.next().unwrap(),
            )
        })
        .collect();
    let entry = |kind: &str, amount, left, receiver: &str, holds| {
        (
            kind.to_owned(),
            amount,
            "wallet".to_owned(),
            left,
            receiver.to_owned(),
            holds,
        )
    };
    assert_eq!(
        posted,
        [
            entry("card_purchase", 1_00, 99_999_900, "fees_income", 1_00),
            entry("card_deposit", 25_00, 99_997_400, "card_balance", 25_00),
        ]
    );
    assert_books_balance(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn of_many_openings_at_once_only_those_the_wallet_pays_for_succeed() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    drain(&acme).await;
    let bodies: Vec<Value> = (0..30)
        .map(|number| opening(number, &json!({"amount": 999})))
        .collect();
    let replies = together(
        bodies
            .iter()
            .map(|body| acme.call("card/v2/openCard", body)),
    )
    .await;
    let (paid, unpaid): (Vec<_>, Vec<_>) = replies
        .iter()
        .partition(|reply| reply.json()["success"] == true);
    assert_eq!((paid.len(), unpaid.len()), (9, 21));
    for reply in unpaid {
        assert_eq!(refusal(reply), "insufficient_balance");
    }
    assert_eq!(wallet(&acme).await, "901.00");
    let cards = acme.call("card/list", &json!({})).await.ok();
    assert_eq!(cards["data"]["total"], 99 + 9);
    assert_books_balance(&app).await;
    app.finish().await;
}
