//! Streams of events: everything once and in order, however often a reader goes and comes back; and
//! nobody waits for one that does not read.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, Response};
use cardwright_server::{
    jobs::deliveries,
    store::admin_keys::Role,
    streams::{HEARTBEAT, PER_TENANT},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{ADDRESS, know_host, register};
use crate::harness::{Operator, Reaction, TestApp, assert_golden};

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    name: String,
    id: String,
    data: Value,
}

impl Item {
    fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap()
    }

    /// The body of the message.
    fn body(&self) -> Value {
        serde_json::from_str(self.text("body")).unwrap()
    }
}

/// Somebody who reads a stream.
struct Reader {
    body: Body,
    text: String,
}

impl Reader {
    fn of(response: Response<Body>) -> Reader {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Reader {
            body: response.into_body(),
            text: String::new(),
        }
    }

    async fn open(app: &TestApp, query: &str) -> Reader {
        Reader::of(app.open(request(&app.operator(), query)).await)
    }

    /// Begins where another one ended.
    async fn back(app: &TestApp, query: &str, last: &str) -> Reader {
        let mut request = request(&app.operator(), query);
        let headers = request.headers_mut();
        headers.insert("last-event-id", last.parse().unwrap());
        let mut reader = Reader::of(app.open(request).await);
        assert_eq!(reader.item().await.unwrap().id, last);
        reader
    }

    /// The next block of lines; nothing at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let mut block = std::mem::replace(&mut self.text, rest);
                block.truncate(end);
                return Some(block);
            }
            let frame = self.body.frame().await?.unwrap();
            let bytes = frame.into_data().unwrap();
            self.text += std::str::from_utf8(&bytes).unwrap();
        }
    }

    /// The next event; nothing at the end.
    async fn item(&mut self) -> Option<Item> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let lines = block.lines();
                let mut values = lines.filter_map(|line| line.strip_prefix(name));
                values.next().map(str::to_owned)
            };
            if let Some(name) = field("event: ") {
                return Some(Item {
                    name,
                    id: field("id: ").unwrap(),
                    data: serde_json::from_str(&field("data: ").unwrap()).unwrap(),
                });
            }
        }
    }

    async fn messages(&mut self, count: usize) -> Vec<Item> {
        let mut items = Vec::with_capacity(count);
        while items.len() < count {
            let item = self.item().await.expect("a stream that goes on");
            if item.name == "message" {
                items.push(item);
            }
        }
        items
    }
}

fn request(operator: &Operator<'_>, query: &str) -> Request<Body> {
    operator.request(
        &Method::GET,
        &format!("events/stream?{query}"),
        &Value::Null,
    )
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.text("message_id")).collect()
}

/// A person with a card; FINCI tells `card_created`.
async fn make_a_card(app: &TestApp, name: &str) {
    let finci = app.finci();
    let person = finci.person(name).await;
    finci.account(&person, "EUR").await;
    finci.card(&person).await;
}

#[tokio::test]
async fn what_happens_is_streamed_as_endpoints_are_told_of_it() {
    for dialect in ["finci", "fincard", "standard"] {
        let app = TestApp::new().await;
        let mut reader = Reader::open(&app, &format!("dialect={dialect}")).await;
        assert_eq!(reader.item().await.unwrap().name, "ready");
        know_host(&app);
        let answer = |_: usize, _: &_| Reaction::Answer(200, r#"{"success":true}"#);
        let listener = app.outside.listen(ADDRESS, answer);
        register(&app, dialect, json!({})).await;
        make_a_card(&app, "p-1").await;
        app.fincard().await.card("order-0000000000001", None).await;
        deliveries::run_due(&app.app).await.unwrap();
        let told = listener.received();
        assert!(!told.is_empty(), "{dialect}");
        let mut streamed = reader.messages(told.len()).await;
        for one in told {
            let id = one.header("webhook-id");
            let index = streamed
                .iter()
                .position(|item| item.text("message_id") == id);
            let item = streamed.remove(index.unwrap_or_else(|| panic!("{dialect} {id}")));
            assert_eq!(item.id, id, "{dialect}");
            assert_eq!(item.text("body").as_bytes(), one.body, "{dialect}");
            let body = item.body();
            let sequence = [&body["sequence"], &body["data"]["sequence"]];
            assert!(
                sequence.contains(&&item.data["sequence"]),
                "{dialect} {body}"
            );
            let category = item.data["category"].as_str().unwrap_or_default();
            assert_eq!(category, one.header("x-wsb-category"), "{dialect}");
            if dialect == "fincard" {
                // The same key over the same bytes, in a scheme without chance.
                assert_eq!(item.text("signature"), one.header("x-fc-signature"));
            } else {
                assert_eq!(item.data["signature"], Value::Null);
            }
        }
        app.finish().await;
    }
}

#[tokio::test]
async fn whoever_comes_back_behind_any_message_misses_nothing_and_sees_nothing_twice() {
    let app = TestApp::new().await;
    for name in ["p-1", "p-2", "p-3"] {
        make_a_card(&app, name).await;
    }
    let card = app.fincard().await.card("order-0000000000001", None).await;
    drop(card);
    for dialect in ["finci", "fincard", "standard"] {
        let query = format!("dialect={dialect}&after=evt_0");
        let mut first = Reader::open(&app, &query).await;
        assert_eq!(first.item().await.unwrap().name, "ready");
        let count = match dialect {
            "finci" => 4,
            "fincard" => 3,
            _ => 10,
        };
        let all = first.messages(count).await;
        for (index, item) in all.iter().enumerate() {
            let mut back = Reader::back(&app, &query, &item.id).await;
            let rest = back.messages(count - index - 1).await;
            assert_eq!(rest, all[index + 1..], "{dialect} {}", item.id);
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn who_listens_gets_numbers_without_an_endpoint_and_later_endpoints_go_on_from_there() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("p-1").await;
    finci.account(&person, "EUR").await;
    let card = finci.card(&person).await;
    let change = |status: &str| json!({"token_status": status});
    let path = format!("update-card-status/{card}");
    let mut reader = Reader::open(&app, "dialect=finci&events=card_status_changed").await;
    assert_eq!(reader.item().await.unwrap().name, "ready");
    finci.patch(&path, &change("deactivated")).await.ok();
    finci.patch(&path, &change("active")).await.ok();
    let streamed = reader.messages(2).await;
    let numbers: Vec<i64> = streamed
        .iter()
        .map(|item| item.data["sequence"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2]);

    know_host(&app);
    let listener = app
        .outside
        .listen(ADDRESS, |_, _| Reaction::Answer(200, ""));
    let filter = json!({"events": ["card_status_changed"]});
    register(&app, "finci", filter).await;
    finci.patch(&path, &change("deactivated")).await.ok();
    // It is not streamed before it has the number that endpoints are told.
    deliveries::run_due(&app.app).await.unwrap();
    let third = reader.messages(1).await;
    assert_eq!(third[0].data["sequence"], 3);
    assert_eq!(listener.only().json()["sequence"], 3);

    // What happened before anybody listened has no number, however late it is asked for.
    let query = "dialect=finci&after=evt_0&events=card_created";
    let mut early = Reader::open(&app, query).await;
    assert_eq!(early.messages(1).await[0].data["sequence"], 0);
    app.finish().await;
}

#[tokio::test]
async fn a_filter_lets_its_words_through_and_no_other_tenant_is_heard() {
    let app = TestApp::new().await;
    let other = app.tenant("other").await;
    let query = "dialect=standard&events=card_created,%20account_created";
    let mut reader = Reader::open(&app, query).await;
    assert_eq!(reader.item().await.unwrap().name, "ready");
    let stranger = crate::harness::FinciCaller::new(&app, &other);
    let person = stranger.person("p-1").await;
    stranger.account(&person, "EUR").await;
    make_a_card(&app, "p-1").await;
    let words: Vec<String> = reader
        .messages(2)
        .await
        .iter()
        .map(|item| item.text("event").to_owned())
        .collect();
    assert_eq!(words, ["account_created", "card_created"]);
    make_a_card(&app, "p-2").await;
    let bodies: Vec<Value> = reader.messages(2).await.iter().map(Item::body).collect();
    assert_eq!(bodies[0]["data"]["subject"]["kind"], "account");
    app.finish().await;
}

#[tokio::test]
async fn who_may_not_asks_wrongly_or_finds_no_place_is_told_so() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let key = operator
        .post("admin-keys", &json!({"role": Role::Support.word()}))
        .await;
    let key = key.record()["key"].as_str().unwrap().to_owned();
    let support = Operator::with_key(&app, "/admin/v1", &key);
    let nobody = Operator::with_key(&app, "/admin/v1", "cwa_nobody");
    let nowhere = operator.on("0198f6a0-0000-7000-8000-00000000dead");
    let fine = "dialect=finci";
    let doubled = {
        let mut request = request(&operator, fine);
        for _ in 0..2 {
            let headers = request.headers_mut();
            headers.append("last-event-id", "evt_1".parse().unwrap());
        }
        request
    };
    let requests = vec![
        ("A key that does not exist", request(&nobody, fine)),
        ("A role that may not", request(&support, fine)),
        ("A tenant that does not exist", request(&nowhere, fine)),
        ("No dialect", request(&operator, "")),
        ("Another dialect", request(&operator, "dialect=morse")),
        (
            "A place that is none",
            request(&operator, "dialect=finci&after=yesterday"),
        ),
        ("Two places", doubled),
        (
            "A word of another dialect",
            request(&operator, "dialect=finci&events=work"),
        ),
        (
            "A field that there is not",
            request(&operator, "dialect=finci&limit=5"),
        ),
    ];
    assert_golden(&app, "event_stream_refused", requests).await;

    let mut open = Vec::new();
    for _ in 0..PER_TENANT {
        open.push(Reader::open(&app, fine).await);
    }
    let full = vec![("No place left", request(&operator, fine))];
    assert_golden(&app, "event_stream_full", full).await;
    drop(open);
    let free = vec![("A place is free again", request(&operator, fine))];
    assert_golden(&app, "event_stream_begins", free).await;
    let audit = "SELECT COUNT(*) FROM audit WHERE action = 'event_stream.begin'";
    let begun = i64::try_from(PER_TENANT).unwrap() + 1;
    assert_eq!(app.number(audit, &[]).await, begun);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_cut_off_and_keeps_no_writer_waiting() {
    let app = TestApp::new().await;
    let query = "dialect=standard&events=account_created";
    let mut lazy = Reader::open(&app, query).await;
    assert_eq!(lazy.item().await.unwrap().name, "ready");
    let finci = app.finci();
    let person = finci.person("p-1").await;
    for _ in 0..60 {
        finci.account(&person, "EUR").await;
    }
    // More than it has room for: it waits for its reader now, and for nobody else.
    // A paused clock runs ahead of the store, so each step waits for the store, too.
    for _ in 0..200 {
        let later = tokio::time::timeout(Duration::from_secs(10), std::future::pending::<()>());
        assert!(later.await.is_err());
        app.number("SELECT COUNT(*) FROM account", &[]).await;
    }
    let mut taken = Vec::new();
    while let Some(item) = lazy.item().await {
        taken.push(item);
    }
    assert!((1..60).contains(&taken.len()), "{}", taken.len());
    let last = taken.last().unwrap().id.clone();
    let mut back = Reader::back(&app, query, &last).await;
    taken.extend(back.messages(60 - taken.len()).await);
    let mut all = ids(&taken);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 60, "each once");
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn where_nothing_happens_a_stream_says_that_it_is_there_and_where() {
    let app = TestApp::new().await;
    make_a_card(&app, "p-1").await;
    let mut reader = Reader::open(&app, "dialect=finci&events=return").await;
    let begun = reader.item().await.unwrap().id;
    let began = tokio::time::Instant::now();
    let heartbeat = reader.block().await.unwrap();
    assert_eq!(heartbeat, format!(": waiting\nid: {begun}"));
    assert!(began.elapsed() >= HEARTBEAT);
    // What the filter keeps back is behind a reader too.
    make_a_card(&app, "p-2").await;
    let begun: i64 = begun.parse().unwrap();
    let mut id = begun;
    for _ in 0..10 {
        let heartbeat = reader.block().await.unwrap();
        id = heartbeat.rsplit_once(' ').unwrap().1.parse().unwrap();
        if id > begun {
            break;
        }
    }
    assert!(id > begun);
    app.finish().await;
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_keeps_everything_back_does_not_make_a_stream_fall_silent() {
    let app = TestApp::new().await;
    let mut reader = Reader::open(&app, "dialect=finci&events=return").await;
    let begun: i64 = reader.item().await.unwrap().id.parse().unwrap();
    // The clock of the test runs ahead of the store, so that many may come before the first heartbeat.
    let happening = async {
        for number in 0..400 {
            let wait = tokio::time::timeout(Duration::from_secs(5), std::future::pending::<()>());
            assert!(wait.await.is_err());
            make_a_card(&app, &format!("p-{number}")).await;
        }
    };
    tokio::select! {
        () = happening => panic!("not a heartbeat while four hundred cards were made"),
        heartbeat = reader.block() => {
            let heartbeat = heartbeat.unwrap();
            let id: i64 = heartbeat.rsplit_once(' ').unwrap().1.parse().unwrap();
            assert!(id >= begun, "{heartbeat}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_key_and_with_the_server() {
    let app = TestApp::new().await;
    let operator = app.operator();
    let made = operator
        .post("admin-keys", &json!({"role": "operator"}))
        .await
        .record();
    let guest = Operator::with_key(&app, "/admin/v1", made["key"].as_str().unwrap());
    let mut guest = Reader::of(app.open(request(&guest, "dialect=finci")).await);
    assert_eq!(guest.item().await.unwrap().name, "ready");
    let path = format!("admin-keys/{}", made["id"].as_str().unwrap());
    operator.delete(&path).await.record();
    make_a_card(&app, "p-1").await;
    assert_eq!(guest.item().await, None, "nothing more is said to it");

    let mut reader = Reader::open(&app, "dialect=finci").await;
    assert_eq!(reader.item().await.unwrap().name, "ready");
    app.app.streams().close();
    assert_eq!(reader.item().await, None);
    app.finish().await;
}

/// Lets so many seconds pass, in earnest: a paused clock runs ahead of the store, and of the stream that
/// waits for it.
async fn pass(seconds: u64) {
    let never = std::future::pending::<()>();
    let _passed = tokio::time::timeout(Duration::from_secs(seconds), never).await;
}

/// A reader with a key of its own, to whom so many events are told that some wait for it; the id of
/// that key.
async fn behind(app: &TestApp, count: usize) -> (Reader, String) {
    let operator = app.operator();
    let made = operator
        .post("admin-keys", &json!({"role": "operator"}))
        .await
        .record();
    let guest = Operator::with_key(app, "/admin/v1", made["key"].as_str().unwrap());
    let query = "dialect=standard&events=account_created";
    let mut reader = Reader::of(app.open(request(&guest, query)).await);
    assert_eq!(reader.item().await.unwrap().name, "ready");
    let finci = app.finci();
    let person = finci.person("p-1").await;
    for _ in 0..count {
        finci.account(&person, "EUR").await;
    }
    pass(2).await;
    (reader, made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_waits_for_a_reader_whose_key_ends_is_not_given_out() {
    // As many as fit, and more than that: the stream rests, or waits for room.
    for count in [10, 40] {
        let app = TestApp::new().await;
        let (mut reader, key) = behind(&app, count).await;
        assert_eq!(reader.item().await.unwrap().name, "message", "{count}");
        let path = format!("admin-keys/{key}");
        app.operator().delete(&path).await.record();
        pass(3).await;
        assert_eq!(reader.item().await, None, "{count}");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_fault_while_a_reader_takes_its_time_lets_nothing_be_sent_twice() {
    const COUNT: usize = 60;
    let app = TestApp::new().await;
    let (mut reader, key) = behind(&app, COUNT).await;
    let key: i64 = key.parse().unwrap();
    let role = "UPDATE admin_key SET role = $2 WHERE id = $1";
    app.meddle(role, &[key.into(), "nobody".into()]).await;
    pass(3).await;
    let mut taken = reader.messages(1).await;
    pass(3).await;
    app.meddle(role, &[key.into(), "operator".into()]).await;
    pass(3).await;
    taken.extend(reader.messages(COUNT - 1).await);
    let mut all = ids(&taken);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), COUNT, "each once");
    app.finish().await;
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_told_of_and_the_stream_goes_on() {
    let app = TestApp::new().await;
    make_a_card(&app, "p-1").await;
    let sql = "INSERT INTO event (tenant, id, kind, subject_kind, subject_id, facts, created_at) \
               SELECT tenant, (SELECT MAX(id) FROM event) + 1, kind, subject_kind, subject_id, \
               'none', created_at FROM event WHERE kind = 'card_created'";
    app.meddle(sql, &[]).await;
    make_a_card(&app, "p-2").await;
    let mut reader = Reader::open(&app, "dialect=finci&after=evt_0").await;
    assert_eq!(reader.item().await.unwrap().name, "ready");
    assert_eq!(reader.item().await.unwrap().name, "message");
    let unsent = reader.item().await.unwrap();
    assert_eq!(unsent.name, "unsent");
    assert_eq!(unsent.text("event"), "card_created");
    assert!(
        unsent.text("reason").contains("facts of event"),
        "{unsent:?}"
    );
    let next = reader.item().await.unwrap();
    assert_eq!(
        (next.name.as_str(), next.text("event")),
        ("message", "card_created")
    );
    app.finish().await;
}
