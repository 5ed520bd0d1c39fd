//! Authorizations, transactions and the ledger, whole: every answer that these reads can give.

use serde_json::{Value, json};

use crate::harness::{Conversation, FinciCaller, Reply, TestApp};

/// A conversation of a caller whose next request needs what was answered before.
struct Talk<'a> {
    app: &'a TestApp,
    caller: FinciCaller<'a>,
    said: Conversation,
}

impl<'a> Talk<'a> {
    fn new(app: &'a TestApp) -> Talk<'a> {
        Talk {
            app,
            caller: app.finci(),
            said: Conversation::default(),
        }
    }

    async fn ask(&mut self, title: &str, path: &str, body: Value) -> Reply {
        self.app.pass(1);
        let text = body.to_string();
        let request = self.caller.draft("POST", path, &text).sign().request();
        self.said.say(self.app, title, request).await
    }

    async fn read(&mut self, title: &str, path: &str, body: &str) -> Reply {
        self.app.pass(1);
        let request = self.caller.draft("GET", path, body).sign().request();
        self.said.say(self.app, title, request).await
    }
}

/// A card with what was done with it.
pub(super) struct Used {
    pub card: String,
    pub account: String,
    /// Authorizations: one open, one declined, one cleared and partly refunded.
    pub open: String,
    pub declined: String,
    pub cleared: String,
    /// Transactions: the payment, its refund, one without authorization, one in dollars.
    pub payment: String,
    pub refund: String,
    pub offline: String,
}

fn padded(record: &Value, id: &str) -> String {
    format!("{:0>16}", record[id].as_str().unwrap())
}

/// Lets a tenant's card pay, in its own time: an account with a hundred euros and what becomes of them.
pub(super) async fn used(app: &TestApp, caller: &FinciCaller<'_>, owner: &str) -> Used {
    let person = caller.person(owner).await;
    let account = caller.account(&person, "EUR").await;
    let card = caller.card(&person).await;
    let sandbox = app.sandbox();
    let tell = async |path: &str, body: Value| {
        app.pass(1);
        let reply = sandbox.post(&format!("simulate/{path}"), &body).await;
        reply.record()
    };
    let id = account.trim_start_matches('0');
    let money = json!({"account_id": id, "amount": 10_000, "currency": "EUR"});
    tell("funding", money).await;
    let shop = json!({
        "name": "Kavine", "id": "M-1", "mcc": "5812", "city": "Vilnius", "country": "LT",
    });
    let ask = |minor: i64, currency: &str| json!({"token_id": card, "amount": minor, "currency": currency, "merchant": shop});
    let open = tell("authorization", ask(2_000, "EUR")).await;
    let declined = tell("authorization", ask(99_000, "EUR")).await;
    let cleared = tell("authorization", ask(1_250, "EUR")).await;
    let cleared = cleared["authorization_id"].as_str().unwrap().to_owned();
    let body = json!({"authorization_id": cleared, "amount": 1_250});
    let payment = tell("clearing", body).await;
    let paid = payment["transaction_id"].clone();
    let body = json!({"transaction_id": paid, "amount": 250});
    let refund = tell("refund", body).await;
    let offline = tell("force-post", ask(500, "USD")).await;
    Used {
        open: open["authorization_id"].as_str().unwrap().to_owned(),
        declined: declined["authorization_id"].as_str().unwrap().to_owned(),
        cleared,
        payment: padded(&payment, "transaction_id"),
        refund: padded(&refund, "transaction_id"),
        offline: padded(&offline, "transaction_id"),
        card,
        account,
    }
}

/// Another tenant's card and account, never used.
async fn strangers(app: &TestApp) -> (String, String) {
    let stranger = FinciCaller::new(app, &app.tenant("other").await);
    let theirs = stranger.person("p-1").await;
    let account = stranger.account(&theirs, "EUR").await;
    (stranger.card(&theirs).await, account)
}

/// What no list takes.
async fn wrong_filters(talk: &mut Talk<'_>, path: &str, status: &str) {
    let types = json!({"from": 5, "to": "2026-11-21", "limit": "1", "cursor": 1, "page": 1});
    talk.ask("wrong types and forms, and what nobody knows", path, types)
        .await;
    let backwards = json!({"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"});
    talk.ask("a time that ends before it begins", path, backwards)
        .await;
    let mut word = json!({});
    word[status] = "gone".into();
    talk.ask("a status that there is not", path, word).await;
    talk.ask("a cursor that is none", path, json!({"cursor": "abc"}))
        .await;
}

#[tokio::test]
async fn authorizations_are_listed_as_written_down() {
    let app = TestApp::new().await;
    let used = used(&app, &app.finci(), "p-1").await;
    let (their_card, their_account) = strangers(&app).await;
    let mut talk = Talk::new(&app);
    let path = "/v1/get-authorizations";
    let of_card = json!({"token_id": used.card});
    talk.ask("those of a card", path, of_card.clone()).await;
    let page = json!({"account_id": used.account, "limit": 2});
    let page = talk.ask("two of an account", path, page).await;
    let cursor = page.ok()["next_cursor"].clone();
    let rest = json!({"account_id": used.account, "limit": 2, "cursor": cursor});
    let prefixed = "/api/v1/get-authorizations";
    talk.ask("the rest, under the other prefix", prefixed, rest)
        .await;
    let elsewhere = json!({"token_id": used.card, "cursor": cursor});
    talk.ask("a cursor of another filter", path, elsewhere)
        .await;
    let open = json!({"authorization_status": "open"});
    talk.ask("what still holds money", path, open).await;
    let since = json!({"from": "2026-11-22T00:00:00Z", "token_id": used.card});
    talk.ask("those of a time when there was none", path, since)
        .await;
    for (title, body) in [
        (
            "a card that is not there",
            json!({"token_id": "0000000000000042"}),
        ),
        ("somebody else's card", json!({"token_id": their_card})),
        (
            "an account that is not there",
            json!({"account_id": "0000000000000042"}),
        ),
        (
            "somebody else's account",
            json!({"account_id": their_account}),
        ),
    ] {
        talk.ask(title, path, body).await;
    }
    let forms = json!({"token_id": "42", "account_id": 42});
    talk.ask("ids of the wrong form", path, forms).await;
    wrong_filters(&mut talk, path, "authorization_status").await;
    talk.said.assert_golden("finci_get_authorizations");
    app.finish().await;
}

#[tokio::test]
async fn transactions_are_listed_as_written_down() {
    let app = TestApp::new().await;
    let used = used(&app, &app.finci(), "p-1").await;
    let (their_card, their_account) = strangers(&app).await;
    let mut talk = Talk::new(&app);
    let path = "/v1/get-transactions";
    talk.ask("those of a card", path, json!({"token_id": used.card}))
        .await;
    let page = json!({"account_id": used.account, "limit": 2});
    let page = talk.ask("two of an account", path, page).await;
    let cursor = page.ok()["next_cursor"].clone();
    let rest = json!({"account_id": used.account, "limit": 2, "cursor": cursor});
    let prefixed = "/api/v1/get-transactions";
    talk.ask("the rest, under the other prefix", prefixed, rest)
        .await;
    let elsewhere = json!({"token_id": used.card, "cursor": cursor});
    talk.ask("a cursor of another filter", path, elsewhere)
        .await;
    let of_one = json!({"authorization_id": used.cleared, "token_id": used.card});
    talk.ask("what one authorization led to", path, of_one)
        .await;
    for status in ["posted", "partially_returned", "returned"] {
        let body = json!({"transaction_status": status});
        talk.ask(status, path, body).await;
    }
    for (title, body) in [
        (
            "a card that is not there",
            json!({"token_id": "0000000000000042"}),
        ),
        ("somebody else's card", json!({"token_id": their_card})),
        (
            "an account that is not there",
            json!({"account_id": "0000000000000042"}),
        ),
        (
            "somebody else's account",
            json!({"account_id": their_account}),
        ),
        (
            "an authorization that is not there",
            json!({"authorization_id": "261121000000000999"}),
        ),
    ] {
        talk.ask(title, path, body).await;
    }
    let forms = json!({"token_id": "42", "account_id": 42, "authorization_id": "1"});
    talk.ask("ids of the wrong form", path, forms).await;
    wrong_filters(&mut talk, path, "transaction_status").await;
    talk.said.assert_golden("finci_get_transactions");
    app.finish().await;
}

#[tokio::test]
async fn authorizations_and_transactions_are_read_as_written_down() {
    let app = TestApp::new().await;
    let used = used(&app, &app.finci(), "p-1").await;
    let mut talk = Talk::new(&app);
    for (title, id) in [
        ("one that holds money", &used.open),
        ("one that was declined", &used.declined),
        ("one that was cleared", &used.cleared),
    ] {
        talk.read(title, &format!("/v1/get-authorization/{id}"), "")
            .await;
    }
    for (title, id) in [
        ("a payment, partly returned", &used.payment),
        ("the return", &used.refund),
        (
            "without an authorization, in another currency",
            &used.offline,
        ),
    ] {
        talk.read(title, &format!("/api/v1/get-transaction/{id}"), "")
            .await;
    }
    for (title, path) in [
        (
            "no such authorization",
            "get-authorization/261121000000000999",
        ),
        ("no id of one", "get-authorization/abc"),
        ("no such transaction", "get-transaction/0000000000000042"),
        ("no id of one", "get-transaction/abc"),
    ] {
        talk.read(title, &format!("/v1/{path}"), "").await;
    }
    let path = format!("/v1/get-authorization/{}", used.open);
    talk.read("a body", &path, "{}").await;
    talk.said.assert_golden("finci_get_payments");
    app.finish().await;
}

#[tokio::test]
async fn a_ledger_is_listed_as_written_down() {
    let app = TestApp::new().await;
    let used = used(&app, &app.finci(), "p-1").await;
    let (_, their_account) = strangers(&app).await;
    let mut talk = Talk::new(&app);
    let path = "/v1/get-ledger-transactions";
    let of = |account: &str| json!({"account_id": account});
    talk.ask("the book of an account", path, of(&used.account))
        .await;
    let page = json!({"account_id": used.account, "limit": 2});
    let page = talk.ask("its first two entries", path, page).await;
    let cursor = page.ok()["next_cursor"].clone();
    let rest = json!({"account_id": used.account, "limit": 2, "cursor": cursor});
    let prefixed = "/api/v1/get-ledger-transactions";
    talk.ask("the next, under the other prefix", prefixed, rest)
        .await;
    let range = json!({
        "account_id": used.account, "from": "2026-11-21T12:00:08Z", "to": "2026-11-21T12:00:09Z",
    });
    talk.ask("those of a second", path, range).await;
    let never = json!({"account_id": used.account, "from": "2026-11-22T00:00:00Z"});
    talk.ask("those of a time when nothing moved", path, never)
        .await;
    let wallet = format!("{:016}", app.demo.wallet.get());
    talk.ask("the program's wallet has one too", path, of(&wallet))
        .await;
    let elsewhere = json!({"account_id": wallet, "cursor": cursor});
    talk.ask("a cursor of another account", path, elsewhere)
        .await;
    talk.ask("no account", path, json!({})).await;
    talk.ask("one that is not there", path, of("0000000000000042"))
        .await;
    talk.ask("somebody else's", path, of(&their_account)).await;
    talk.ask("an id of the wrong form", path, of("42")).await;
    let types = json!({"account_id": used.account, "limit": 0, "status": "posted"});
    talk.ask(
        "a limit too small, and a field that nobody knows",
        path,
        types,
    )
    .await;
    let backwards = json!({
        "account_id": used.account, "from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z",
    });
    talk.ask("a time that ends before it begins", path, backwards)
        .await;
    talk.said.assert_golden("finci_get_ledger_transactions");
    app.finish().await;
}
