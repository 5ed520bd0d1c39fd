//! Cards: every state in both vocabularies, lists, and freezing.

mod freezing;

use cardwright_server::store::db::Value as Stored;
use serde_json::{Value, json};

use super::support::{order_no, refusal};
use crate::harness::{FincardCaller, TestApp};

/// A core state as it is stored, and the words it has here.
pub struct State {
    word: &'static str,
    reason: Option<&'static str>,
    status: &'static str,
    card_status: &'static str,
}

const fn open(word: &'static str, status: &'static str, card_status: &'static str) -> State {
    State {
        word,
        reason: None,
        status,
        card_status,
    }
}

const fn closed(reason: &'static str, status: &'static str, card_status: &'static str) -> State {
    State {
        word: "closed",
        reason: Some(reason),
        status,
        card_status,
    }
}

/// Every core state.
pub const STATES: [State; 13] = [
    open("pending", "pending", "PENDING"),
    open("inactive", "un_activated", "INACTIVE"),
    open("active", "Normal", "ACTIVE"),
    open("frozen", "Freeze", "FROZEN"),
    open("dormant", "Freeze", "FROZEN"),
    closed("lost", "cancel", "CANCELLED"),
    closed("stolen", "cancel", "CANCELLED"),
    closed("damaged", "cancel", "CANCELLED"),
    closed("compromised", "cancel", "CANCELLED"),
    closed("blocked", "cancel", "CANCELLED"),
    closed("cancelled", "cancel", "CANCELLED"),
    closed("expired", "cancel", "EXPIRED"),
    closed("failed", "fail", "FAILED"),
];

/// Both vocabularies, the words of deferred orders included.
const WORDS: [&str; 20] = [
    "pending",
    "un_activated",
    "Normal",
    "Freezing",
    "Freeze",
    "UnFreezing",
    "canceling",
    "cancel",
    "fail",
    "PENDING",
    "INACTIVE",
    "ACTIVE",
    "FREEZING",
    "FROZEN",
    "UNFREEZING",
    "CANCELLING",
    "CANCELLED",
    "EXPIRED",
    "FAILED",
    "BLOCKED",
];

/// Whether the platform has blocked a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    Clear,
    Blocked,
}

/// A card that is put into a state by hand.
pub async fn card_in(
    acme: &FincardCaller<'_>,
    app: &TestApp,
    number: usize,
    state: &State,
    block: Block,
) -> String {
    let card = acme.card(&order_no(number), None).await;
    let since = ["frozen", "dormant", "closed"]
        .contains(&state.word)
        .then_some(1_i64);
    let blocked = (block == Block::Blocked).then_some(1_i64);
    let sql = "UPDATE card SET state = $1, state_since = $2, close_reason = $3, \
               blocked_since = $4 WHERE id = $5";
    let parameters = vec![
        state.word.into(),
        since.into(),
        state.reason.into(),
        blocked.into(),
        Stored::from(card.parse::<i64>().unwrap()),
    ];
    assert_eq!(app.change_rows(sql, parameters).await, 1);
    card
}

/// The ids on a page, in its order.
async fn listed(acme: &FincardCaller<'_>, body: &Value) -> Vec<String> {
    let reply = acme.call("card/list", body).await.ok();
    let records = reply["data"]["records"].as_array().unwrap();
    let ids = records
        .iter()
        .map(|card| card["cardNo"].as_str().unwrap().to_owned());
    ids.collect()
}

#[tokio::test]
async fn every_state_has_a_word_in_each_vocabulary_and_is_found_by_both() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut cards = Vec::new();
    for block in [Block::Clear, Block::Blocked] {
        for state in &STATES {
            let card = card_in(&acme, &app, cards.len(), state, block).await;
            let read = acme.call("card/info", &json!({"cardNo": card})).await.ok();
            let blocked = block == Block::Blocked;
            let card_status = if blocked && state.word != "closed" {
                "BLOCKED"
            } else {
                state.card_status
            };
            assert_eq!(read["data"]["status"], state.status, "{:?}", state.reason);
            assert_eq!(
                read["data"]["cardStatus"], card_status,
                "{:?}",
                state.reason
            );
            assert_eq!(read["data"]["blocked"], blocked);
            cards.push((card, state.status, card_status));
        }
    }
    for word in WORDS {
        let mut expected: Vec<&String> = cards
            .iter()
            .filter(|(_, status, card_status)| [*status, *card_status].contains(&word))
            .map(|(card, _, _)| card)
            .collect();
        expected.reverse();
        for name in ["status", "cardStatus"] {
            let body = json!({"pageSize": 100, name: word});
            assert_eq!(
                listed(&acme, &body).await.iter().collect::<Vec<_>>(),
                expected,
                "{word}"
            );
        }
    }
    for word in ["", "normal", "Blocked", "frozen", "closed", "Normal "] {
        let reply = acme.call("card/list", &json!({"status": word})).await;
        if word.is_empty() {
            assert_eq!(reply.ok()["data"]["total"], 26);
        } else {
            assert_eq!(refusal(&reply), "invalid_field", "{word}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn the_simple_form_is_the_usual_one_and_leaves_the_balance_info_out() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let card = acme.card(&order_no(1), None).await;
    let simple = acme.call("card/info", &json!({"cardNo": card})).await.ok();
    let same = json!({"cardNo": card, "onlySimpleInfo": true});
    assert_eq!(acme.call("card/info", &same).await.ok(), simple);
    assert!(simple["data"]["balanceInfo"].is_null());
    let more = json!({"cardNo": card, "onlySimpleInfo": false});
    let mut more = acme.call("card/info", &more).await.ok();
    let expected = json!({
        "cardNo": card, "cardId": card, "last4": more["data"]["last4"],
        "amount": "25.00", "usedAmount": "0.00", "currency": "USD",
    });
    assert_eq!(more["data"]["balanceInfo"], expected);
    more["data"]["balanceInfo"] = Value::Null;
    assert_eq!(more, simple, "nothing else differs");
    for word in [json!("true"), json!(1)] {
        let reply = acme
            .call(
                "card/info",
                &json!({"cardNo": card, "onlySimpleInfo": word}),
            )
            .await;
        assert_eq!(refusal(&reply), "invalid_field");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_list_is_narrowed_by_card_type_holder_and_time_and_by_all_at_once() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let eve = acme.holder("eve@example.com").await;
    let mut opened = Vec::new();
    for (number, (holder, product)) in [
        (Some(ana), 111_001),
        (Some(eve), 111_001),
        (None, 111_001),
        (Some(ana), 111_065),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body =
            json!({"merchantOrderNo": order_no(number), "cardTypeId": product, "amount": 25});
        if let Some(holder) = holder {
            body["holderId"] = holder.into();
        }
        let card = acme.call("card/v2/openCard", &body).await.ok();
        let at = app.now().as_millisecond();
        opened.push((card["data"]["cardNo"].as_str().unwrap().to_owned(), at));
        app.pass(60);
    }
    let ids = |indexes: &[usize]| -> Vec<String> {
        indexes
            .iter()
            .map(|index| opened[*index].0.clone())
            .collect()
    };
    let at = |index: usize| opened[index].1;
    for (filter, expected) in [
        (json!({}), ids(&[3, 2, 1, 0])),
        (json!({"cardTypeId": 111_001}), ids(&[2, 1, 0])),
        (json!({"cardTypeId": "111065"}), ids(&[3])),
        (json!({"cardTypeId": 111_002}), ids(&[])),
        (json!({"holderId": ana}), ids(&[3, 0])),
        (json!({"cardholderId": eve.to_string()}), ids(&[1])),
        (json!({"cardNo": opened[2].0}), ids(&[2])),
        (json!({"startTime": at(1)}), ids(&[3, 2, 1])),
        (json!({"startTime": at(1) + 1}), ids(&[3, 2])),
        (json!({"endTime": at(1)}), ids(&[1, 0])),
        (json!({"endTime": at(1) - 1}), ids(&[0])),
        (json!({"startTime": at(1), "endTime": at(2)}), ids(&[2, 1])),
        (json!({"startTime": at(2), "endTime": at(1)}), ids(&[])),
        (
            json!({"holderId": ana, "cardTypeId": 111_001, "status": "ACTIVE", "endTime": at(3)}),
            ids(&[0]),
        ),
        (json!({"holderId": eve, "cardNo": opened[0].0}), ids(&[])),
    ] {
        assert_eq!(listed(&acme, &filter).await, expected, "{filter}");
    }
    for wrong in [
        json!(-1),
        json!(1.5),
        json!("2026-11-21"),
        json!(253_402_300_800_000_i64),
    ] {
        let reply = acme.call("card/list", &json!({"startTime": wrong})).await;
        assert_eq!(refusal(&reply), "invalid_field", "{wrong}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_list_comes_in_pages_newest_first() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut cards = Vec::new();
    for number in 0..12 {
        cards.insert(0, acme.card(&order_no(number), None).await);
    }
    for (page, expected, (num, size)) in [
        (json!({}), &cards[..10], (1, 10)),
        (json!({"pageNum": 2}), &cards[10..], (2, 10)),
        (json!({"pageNo": 2, "pageSize": 5}), &cards[5..10], (2, 5)),
        (json!({"pageNum": 3, "pageSize": 5}), &cards[10..], (3, 5)),
        (json!({"pageNum": 4, "pageSize": 5}), &[], (4, 5)),
        (json!({"pageSize": 1_000_000}), &cards[..], (1, 100)),
        (
            json!({"pageNum": i64::MAX, "pageSize": 100}),
            &[],
            (i64::MAX, 100),
        ),
    ] {
        let reply = acme.call("card/list", &page).await.ok();
        let data = &reply["data"];
        assert_eq!(
            (&data["pageNum"], &data["pageSize"]),
            (&json!(num), &json!(size))
        );
        assert_eq!(data["total"], 12);
        assert_eq!(listed(&acme, &page).await, expected, "{page}");
    }
    app.finish().await;
}

#[tokio::test]
async fn no_answer_has_a_card_number_in_it() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for number in 0..20 {
        let body = super::support::opening(number, &json!({}));
        let opened = acme.call("card/v2/openCard", &body).await;
        let card = opened.ok()["data"]["cardNo"].clone();
        let full = json!({"cardNo": card, "onlySimpleInfo": false});
        let texts = [
            opened.text.clone(),
            acme.call("card/info", &full).await.text,
            acme.call("card/list", &json!({})).await.text,
            acme.call(
                "card/v2/freeze",
                &super::support::order(number, card.as_str().unwrap()),
            )
            .await
            .text,
        ];
        for text in texts {
            let runs = text.split(|letter: char| !letter.is_ascii_digit());
            let longest = runs.map(str::len).max().unwrap();
            assert!(
                longest <= 13,
                "ids and times have thirteen digits, card numbers more: {text}"
            );
        }
    }
    app.finish().await;
}
