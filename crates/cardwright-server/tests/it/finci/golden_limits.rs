//! What a card may be used for, whole: every answer that these operations can give.

use std::sync::mpsc;

use cardwright_server::store::db::{DbError, DbOptions, ReadSession};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle};

use super::conversation::Conversation;
use crate::harness::{FinciCaller, TestApp};

struct Scene {
    token: String,
    account: String,
    theirs: String,
}

async fn scene(app: &TestApp) -> Scene {
    let acme = app.finci();
    let owner = acme.person("p-1").await;
    let account = acme.account(&owner, "EUR").await;
    let token = acme.card(&owner).await;
    let stranger = FinciCaller::new(app, &app.tenant("other").await);
    let other = stranger.person("p-1").await;
    stranger.account(&other, "EUR").await;
    let money = json!({
        "account_id": account.trim_start_matches('0'), "amount": 100_000, "currency": "EUR",
    });
    app.sandbox()
        .post("simulate/funding", &money)
        .await
        .record();
    Scene {
        token,
        account,
        theirs: stranger.card(&other).await,
    }
}

/// Pays with a card; what the network is told.
async fn paid(app: &TestApp, token: &str, with: Value) -> String {
    let mut asked = json!({
        "token_id": token, "amount": 1_000, "currency": "EUR", "channel": "chip",
        "merchant": {"name": "Shop", "id": "M-1", "mcc": "5411", "city": "Vilnius", "country": "LT"},
    });
    for (name, value) in with.as_object().unwrap() {
        asked[name] = value.clone();
    }
    let answer = app.sandbox().post("simulate/authorization", &asked).await;
    answer.record()["response_code"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Adds the changes that are refused, of a card that allows some merchants and some countries.
fn refused_changes(talk: &mut Conversation<'_>, call: &str) {
    for (title, body) in [
        ("a window without a bound", json!({"daily": {}})),
        (
            "a number for a single payment",
            json!({"per_transaction": {"count": 1}}),
        ),
        (
            "an amount below zero",
            json!({"daily": {"amount": "-1.00"}}),
        ),
        (
            "more decimals than the currency has",
            json!({"daily": {"amount": "1.005"}}),
        ),
        (
            "more than can be counted",
            json!({"yearly": {"amount": "99999999999999999999"}}),
        ),
        (
            "wrong types",
            json!({"daily": 5, "weekly": {"count": "3"}, "channels": {"atm": "no"}}),
        ),
        ("a window there is not", json!({"hourly": {"count": 1}})),
        ("a category that is none", json!({"allowed_mcc": ["54"]})),
        (
            "a country that is none",
            json!({"allowed_countries": ["ZZ"]}),
        ),
        (
            "some allowed and some blocked",
            json!({"blocked_mcc": ["7995"]}),
        ),
        ("and countries", json!({"blocked_countries": ["RU"]})),
        (
            "both sorts of a list at once",
            json!({"allowed_mcc": ["5411"], "blocked_mcc": ["7995"]}),
        ),
    ] {
        talk.say(title, call, &body.to_string());
    }
}

#[tokio::test]
async fn limits_are_changed_and_read_as_written_down() {
    let app = TestApp::new().await;
    let Scene {
        token,
        account,
        theirs,
    } = scene(&app).await;
    let path = format!("accounts/{}/controls", account.trim_start_matches('0'));
    let by_operator = json!({"limits": [{"window": "month", "amount": 500_000}]});
    app.operator().put(&path, &by_operator).await.record();
    let path = format!("cards/{}/controls", token.trim_start_matches('0'));
    let sliding = json!({"limits": [{"window": "sliding", "seconds": 60, "count": 9}]});
    app.operator().put(&path, &sliding).await.record();
    assert_eq!(paid(&app, &token, json!({})).await, "Approved");

    let mut talk = Conversation::new(&app);
    let call = format!("PATCH /v1/update-card-limits/{token}");
    let read = format!("GET /v1/get-card-limits/{token}");
    talk.say("before any is set: what the operator set shows", &read, "");
    let all = json!({
        "per_transaction": {"amount": "200.00"}, "daily": {"amount": 500, "count": 10},
        "weekly": {"count": 40}, "monthly": {"amount": "1500.5"}, "yearly": {"amount": "9000"},
        "lifetime": {"count": 0}, "blocked_mcc": ["7995", "4829"],
        "allowed_countries": ["LT", "LV"], "channels": {"atm": false, "magstripe": false},
    });
    talk.say("all there is", &call, &all.to_string());
    talk.say("what was used and what is left", &read, "");
    let some = json!({
        "daily": {"count": 3}, "lifetime": null, "blocked_mcc": null, "allowed_mcc": ["5411"],
        "channels": {"atm": true},
    });
    let prefixed = format!("PATCH /api/v1/update-card-limits/{token}");
    talk.say(
        "some of it, under the other prefix",
        &prefixed,
        &some.to_string(),
    );
    let prefixed = format!("GET /api/v1/get-card-limits/{token}");
    talk.say("the rest stays", &prefixed, "");
    talk.say("nothing at all: nothing changes", &call, "{}");
    refused_changes(&mut talk, &call);
    for (title, id) in [
        ("no such card", "0000000000000042"),
        ("somebody else's", &theirs),
        ("no id at all", "abc"),
    ] {
        talk.say(title, &format!("PATCH /v1/update-card-limits/{id}"), "{}");
        talk.say(title, &format!("GET /v1/get-card-limits/{id}"), "");
    }
    talk.say("a body", &read, "{}");
    talk.malformed(&call);
    talk.assert_golden("finci_card_limits").await;
    app.finish().await;
}

#[tokio::test]
async fn limits_rule_from_the_next_payment_on() {
    let app = TestApp::new().await;
    let Scene { token, .. } = scene(&app).await;
    let acme = app.finci();
    let path = format!("update-card-limits/{token}");
    let set = async |body: Value| drop(acme.patch(&path, &body).await.ok());
    assert_eq!(paid(&app, &token, json!({})).await, "Approved");
    set(json!({"daily": {"amount": "25.00"}})).await;
    assert_eq!(
        paid(&app, &token, json!({})).await,
        "Approved",
        "20.00 of 25.00"
    );
    assert_eq!(
        paid(&app, &token, json!({})).await,
        "LimitExceeded",
        "the morning counts"
    );
    let read = acme.get(&format!("get-card-limits/{token}")).await.ok();
    let daily = &read["daily"];
    assert_eq!(
        (&daily["used_amount"], &daily["used_count"]),
        (&json!("20.00"), &json!(2))
    );
    assert_eq!(daily["remaining_amount"], "5.00");
    assert_eq!(daily["resets_at"], "2026-11-22T00:00:00.000Z");
    set(json!({"daily": null})).await;
    for (change, with, code) in [
        (
            json!({"channels": {"atm": false}}),
            json!({"channel": "atm"}),
            "ChannelNotAllowed",
        ),
        (
            json!({"allowed_countries": ["LV"]}),
            json!({}),
            "CountryNotAllowed",
        ),
        (
            json!({"allowed_countries": [], "blocked_mcc": ["5411"]}),
            json!({}),
            "MerchantNotAllowed",
        ),
        (
            json!({"blocked_mcc": null, "per_transaction": {"amount": 9.99}}),
            json!({}),
            "LimitExceeded",
        ),
    ] {
        set(change).await;
        assert_eq!(paid(&app, &token, with).await, code);
    }
    set(json!({"per_transaction": null, "channels": {"atm": true}})).await;
    assert_eq!(
        paid(&app, &token, json!({"channel": "atm"})).await,
        "Approved"
    );
    app.finish().await;
}

/// A read that holds a reader until it is let go.
struct Held {
    end: mpsc::Sender<()>,
    read: JoinHandle<Result<(), DbError>>,
}

impl Held {
    async fn begin(app: &TestApp) -> Held {
        let (begun, is_begun) = oneshot::channel();
        let (end, is_ended) = mpsc::channel();
        let db = app.app.store().db().clone();
        let read = tokio::spawn(async move {
            db.read(async move |_: ReadSession| {
                let _ = begun.send(());
                let _ = is_ended.recv();
                Ok::<_, DbError>(())
            })
            .await
        });
        is_begun.await.unwrap();
        Held { end, read }
    }

    async fn end(self) {
        self.end.send(()).unwrap();
        self.read.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn the_limits_of_a_card_wait_for_their_turn_and_are_refused_where_nobody_else_can_wait() {
    let app = TestApp::with_queue(1).await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "EUR").await;
    let card = finci.card(&person).await;
    let path = format!("get-card-limits/{card}");
    let before = finci.get(&path).await.ok();
    let mut held = Vec::new();
    for _ in 0..DbOptions::temporary().readers {
        held.push(Held::begin(&app).await);
    }
    let waiting = async {
        let waits = finci.get(&path);
        tokio::pin!(waits);
        // It has its place once it was polled; the one behind it has none.
        tokio::select! {
            biased;
            early = &mut waits => panic!("answered past the queue: {}", early.text),
            () = tokio::task::yield_now() => {}
        }
        let refused = finci.get(&path).await;
        assert_eq!(refused.status, 503, "{}", refused.text);
        assert_eq!(refused.code(), "unavailable");
        assert_eq!(refused.headers["retry-after"], "1");
        for one in held {
            one.end().await;
        }
        waits.await
    };
    assert_eq!(waiting.await.ok(), before);
    app.finish().await;
}
