//! The book of the example integrator, by deliveries that were recorded and by some that are made up: in
//! whatever order they come, it ends with what the platform has.

use cardwright_client::webhook::finci::{Answer, Event};
use serde_json::{Value, json};

use crate::integrator::Book;

/// The deliveries that the platform's own tests recorded about one card with 1000.00 behind it.
fn recorded() -> Vec<Event> {
    let path = "../cardwright-server/tests/it/goldens/webhook_payloads_finci.snap";
    let text = std::fs::read_to_string(path).unwrap();
    let bodies = text.split("=== ").skip(1).map(|part| {
        let body = &part[part.find('{').unwrap()..];
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    });
    bodies.collect()
}

/// What the book says of the only card there is.
fn after(events: &[&Event]) -> (i64, i64) {
    let mut book = Book::with_opening("1000.00").unwrap();
    for event in events {
        book.take(event);
    }
    book.cents_of(events[0].token_id.as_deref().unwrap())
}

#[test]
fn what_was_recorded_ends_with_nothing_set_aside_in_whatever_order_it_comes() {
    let events = recorded();
    let of = |kind: &str, original: bool| -> i64 {
        let text = |event: &Event| event.billing_amount.clone().unwrap().replace('.', "");
        let of_kind = |event: &&Event| {
            format!("{:?}", event.event) == kind && event.original_id.is_some() == original
        };
        let cents = events.iter().filter(of_kind);
        cents.map(|event| text(event).parse::<i64>().unwrap()).sum()
    };
    // 20.00, 4.00 and 3.00 are paid; 15.00 come in, and 7.00 that go out again.
    assert_eq!(of("Presentment", false), 2_700);
    assert_eq!(of("Return", false) + of("Return", true), 2_200);
    assert_eq!(of("Presentment", true), 700);
    let expected = (98_800, 0);
    let mut order: Vec<&Event> = events.iter().collect();
    assert_eq!(after(&order), expected, "as it happened");
    order.reverse();
    assert_eq!(after(&order), expected, "the last first");
    for step in [3, 7, 11] {
        for first in 0..order.len() {
            let mut shuffled = order.clone();
            shuffled.rotate_left(first);
            shuffled.sort_by_key(|event| event.sequence.unwrap() * step % 13);
            assert_eq!(after(&shuffled), expected, "from {first}, by {step}");
        }
    }
    let twice: Vec<&Event> = events.iter().chain(events.iter()).collect();
    assert_eq!(after(&twice), expected, "each twice");
}

fn event(body: &Value) -> Event {
    let mut whole = json!({
        "event": "authorization", "event_id": "evt_1", "created_at": "2026-11-21T12:00:00Z",
        "authorization_type": "authorization", "token_id": "0000000000000007",
        "billing_currency": "EUR",
    });
    for (name, value) in body.as_object().unwrap() {
        whole[name] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn question(amount: &str) -> Event {
    event(&json!({"id": "1", "advice": false, "billing_amount": amount}))
}

fn advice(amount: &str, code: &str) -> Event {
    event(&json!({
        "id": "1", "advice": true, "billing_amount": amount, "response_code": code,
    }))
}

#[test]
fn a_question_after_its_advice_sets_nothing_aside_besides() {
    for (code, held, answer) in [
        ("Approved", 6_000, Answer::Success),
        ("InsufficientFunds", 0, Answer::Error),
    ] {
        let mut book = Book::with_opening("100.00").unwrap();
        assert_eq!(book.take(&advice("60.00", code)), Answer::Success);
        assert_eq!(book.take(&question("60.00")), answer, "{code}");
        let told = book.cents_of("0000000000000007");
        assert_eq!(told, (10_000 - held, held), "{code}");
    }
}

#[test]
fn what_the_network_was_told_wins_over_what_was_answered() {
    let mut book = Book::with_opening("100.00").unwrap();
    assert_eq!(book.take(&question("60.00")), Answer::Success);
    assert_eq!(book.cents_of("0000000000000007"), (4_000, 6_000));
    book.take(&advice("60.00", "InsufficientFunds"));
    assert_eq!(book.cents_of("0000000000000007"), (10_000, 0));
}

#[test]
fn a_return_that_is_taken_back_leaves_alone_what_is_set_aside() {
    let mut book = Book::with_opening("100.00").unwrap();
    book.take(&advice("60.00", "Approved"));
    let taken_back = event(&json!({
        "event": "presentment", "event_id": "evt_2", "id": "9", "authorization_id": "1",
        "original_id": "8", "billing_amount": "10.00",
    }));
    book.take(&taken_back);
    assert_eq!(book.cents_of("0000000000000007"), (3_000, 6_000));
}
