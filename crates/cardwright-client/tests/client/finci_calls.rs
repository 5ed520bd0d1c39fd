//! The operations of the FINCI client by name: what they send, how often, and what a "no" becomes.

use cardwright_client::Error;
use cardwright_client::finci::requests::{NewAccount, PersonQuery};
use cardwright_client::finci::{Client, IdempotencyKey, RefusalKind, StatusChange};
use cardwright_wire::finci::signature::CanonicalForm;

use crate::finci::{NOW, client, is_signed};
use crate::responder::{Canned, Recorded, Responder};

const MADE: Canned = Canned::Answer(
    200,
    "",
    r#"{"status":"success","errors":[],"account_id":"0000000000000017"}"#,
);
const BUSY: Canned = Canned::Answer(503, "", r#"{"status":"error","errors":["unavailable"]}"#);

async fn started(answers: Vec<Canned>) -> (Responder, Client) {
    let server = Responder::start(answers).await;
    let client = client(&server.url);
    (server, client)
}

fn order() -> NewAccount {
    NewAccount {
        person_id: Some("10011000000000000001".to_owned()),
        currency: "EUR".to_owned(),
        ..NewAccount::default()
    }
}

/// One order, however often it was sent: one key, one body, and each time a signature of its own.
fn are_attempts_at_one_thing(requests: &[Recorded]) {
    for (number, request) in (0..).zip(requests) {
        assert_eq!(request.body, requests[0].body);
        let key = request.header("Idempotency-Key");
        assert_eq!(key, requests[0].header("Idempotency-Key"));
        let timestamp = (NOW + number).to_string();
        assert_eq!(request.header("X-Auth-Timestamp"), timestamp);
        assert!(is_signed(request, &CanonicalForm::Default));
    }
}

#[tokio::test]
async fn a_change_is_repeated_under_one_key_with_a_fresh_signature_until_it_is_answered() {
    let (server, client) = started(vec![Canned::HangUp, BUSY, MADE]).await;
    let account = client.create_account(&order()).await.unwrap();
    assert_eq!(account, "0000000000000017");
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].target, "/v1/create-account");
    assert_eq!(
        requests[0].body,
        r#"{"currency":"EUR","person_id":"10011000000000000001"}"#
    );
    are_attempts_at_one_thing(&requests);
}

#[tokio::test]
async fn two_orders_have_two_keys_and_a_key_of_ones_own_is_used() {
    let (server, client) = started(vec![MADE, MADE, MADE]).await;
    client.create_account(&order()).await.unwrap();
    client.create_account(&order()).await.unwrap();
    let mine = IdempotencyKey::new("order 7").unwrap();
    client.under(&mine).create_account(&order()).await.unwrap();
    let requests = server.requests();
    let keys: Vec<&str> = requests
        .iter()
        .map(|request| request.header("Idempotency-Key"))
        .collect();
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[2], "order 7");
}

#[tokio::test]
async fn a_read_carries_no_key_and_is_repeated_too() {
    let list = r#"{"status":"success","errors":[],"items":[],"total":0,"next_cursor":null}"#;
    let (server, client) = started(vec![BUSY, Canned::Answer(200, "", list)]).await;
    let persons = client.persons(&PersonQuery::default()).await.unwrap();
    assert_eq!((persons.items.len(), persons.next_cursor), (0, None));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert!(request.values("Idempotency-Key").is_empty());
        assert_eq!(request.body, "{}");
    }
    assert_ne!(
        requests[0].header("X-Auth-Signature"),
        requests[1].header("X-Auth-Signature")
    );
}

#[tokio::test]
async fn a_no_is_typed_and_not_repeated_and_the_last_5xx_is_a_no_too() {
    let refusal = r#"{"status":"error","errors":["token_status:transition_not_allowed"]}"#;
    let answers = vec![
        Canned::Answer(422, "X-Request-Id: r-9\r\n", refusal),
        BUSY,
        BUSY,
        BUSY,
        MADE,
    ];
    let (server, client) = started(answers).await;
    let change = StatusChange::to("active");
    let refused = client.update_card_status("0000000000000007", &change).await;
    let Err(Error::FinciRefused(refusal)) = refused else {
        panic!("not refused");
    };
    assert_eq!(refusal.kind, RefusalKind::AgainstRule);
    assert!(refusal.says("token_status:transition_not_allowed"));
    assert_eq!(refusal.request_id.as_deref(), Some("r-9"));
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].method, "PATCH");
    let target = "/v1/update-card-status/0000000000000007";
    assert_eq!(server.requests()[0].target, target);

    let Err(Error::FinciRefused(refusal)) = client.create_account(&order()).await else {
        panic!("not refused");
    };
    assert_eq!(refusal.kind, RefusalKind::Unavailable);
    assert_eq!(server.requests().len(), 4, "as often as the settings say");
}

#[tokio::test]
async fn a_repeat_comes_no_earlier_than_the_server_asks() {
    let body = r#"{"status":"error","errors":["unavailable"]}"#;
    let busy = Canned::Answer(503, "Retry-After: 7\r\n", body);
    let (server, client) = started(vec![busy, MADE]).await;
    client.create_account(&order()).await.unwrap();
    let second = server.requests().pop().unwrap();
    assert_eq!(second.header("X-Auth-Timestamp"), (NOW + 7).to_string());
}

#[tokio::test]
async fn an_equal_order_of_the_same_second_is_signed_for_another_one() {
    let replayed = r#"{"status":"error","errors":["request_replayed"]}"#;
    let (server, client) = started(vec![Canned::Answer(401, "", replayed), MADE]).await;
    client.create_account(&order()).await.unwrap();
    are_attempts_at_one_thing(&server.requests());
    assert_eq!(server.requests().len(), 2);

    let other = r#"{"status":"error","errors":["authentication_failed"]}"#;
    let (server, client) = started(vec![Canned::Answer(401, "", other), MADE]).await;
    client.create_account(&order()).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_an_id_is_not_sent_as_a_path() {
    let (server, client) = started(vec![MADE]).await;
    for id in [
        "",
        "../get-account/1",
        "7?x=1",
        "7/8",
        "a b",
        &"1".repeat(65),
    ] {
        let refused = client.card(id).await.unwrap_err();
        assert!(matches!(refused, Error::Id { .. }), "{refused:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_answer_of_another_form_is_an_error_that_quotes_nothing() {
    let odd = r#"{"status":"success","errors":[],"pan":"4242424242424242"}"#;
    let (_server, client) = started(vec![Canned::Answer(200, "", odd)]).await;
    let error = client.card("7").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4242"));
}
