//! `cardwright events`: what happened, who was told, and telling again.

use cardwright_client::{Response, sandbox::Client};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use crate::connection::wait_for;
use crate::operator::{self, OperatorFlags};
use crate::{Failure, output};

/// Look at what happened and at its deliveries, and send them again
///
/// What comes out goes to stdout as JSON.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    operator: OperatorFlags,
}

#[derive(Subcommand)]
enum Action {
    /// List what happened, the newest first
    List {
        /// Only of this kind, such as card_created
        #[arg(long, value_name = "WORD")]
        kind: Option<String>,

        /// Only about the record with this id
        #[arg(long, value_name = "ID")]
        subject: Option<String>,

        #[command(flatten)]
        time: Time,

        #[command(flatten)]
        page: Page,
    },

    /// List messages to endpoints, or show one with each time that it was sent
    Deliveries {
        /// Id of the message to show
        id: Option<String>,

        /// Only to this endpoint
        #[arg(long, value_name = "ID", conflicts_with = "id")]
        endpoint: Option<String>,

        /// Only in this state
        #[arg(long, conflicts_with = "id")]
        state: Option<State>,

        #[command(flatten)]
        page: Page,
    },

    /// Send an event to its endpoints again
    Resend {
        /// Id of the event
        id: String,

        /// Only to this endpoint
        #[arg(long, value_name = "ID")]
        endpoint: Option<String>,
    },

    /// Send events of a time to an endpoint again, as many calls as it takes
    Replay {
        /// Id of the endpoint
        endpoint: String,

        /// Every event, also those that it has taken; without it, those that it is missing
        #[arg(long)]
        all: bool,

        /// From this time on, such as 2027-01-31T08:00:00Z
        #[arg(long, value_name = "TIME")]
        since: String,

        /// Until this time
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
    },

    /// In a sandbox: deliver an event again, as often and as late as is wanted
    Deliver {
        /// Id of the event
        id: String,

        /// Only to this endpoint
        #[arg(long, value_name = "ID")]
        endpoint: Option<String>,

        /// How often
        #[arg(long, default_value_t = 1)]
        times: u8,

        /// Twice
        #[arg(long, conflicts_with = "times")]
        twice: bool,

        /// How long after each other: 500ms, 5s, 2m
        #[arg(long, value_name = "TIME", default_value = "0s", value_parser = milliseconds)]
        after: u64,
    },
}

#[derive(Args)]
struct Time {
    /// From this time on, such as 2027-01-31T08:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Until this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

#[derive(Args)]
struct Page {
    /// How many at most
    #[arg(long, value_name = "COUNT")]
    limit: Option<u8>,

    /// Go on behind a page: its next_cursor
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum State {
    Pending,
    Delivered,
    Dead,
    Replayed,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Delivered => "delivered",
            State::Dead => "dead",
            State::Replayed => "replayed",
        }
    }
}

/// Reads a time like `5s` into milliseconds.
fn milliseconds(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let in_unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("a number with ms, s, m or h, such as 5s".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "a number first, such as 5s")?;
    number
        .checked_mul(in_unit)
        .ok_or_else(|| "too long".to_owned())
}

const ADMIN: &str = "/admin/v1";
const SANDBOX: &str = "/sandbox/v1";

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    wait_for(call(arguments))
}

async fn call(arguments: &Arguments) -> Result<(), Failure> {
    let client = arguments.operator.client()?;
    if let Action::Replay { .. } = &arguments.action {
        return replay(&client, &arguments.action).await;
    }
    let answer: cardwright_client::Result<Response> = match request(&arguments.action) {
        Request::Read(path) => client.get(&path).await,
        Request::Do(path, body) => client.post(&path, &body).await,
    };
    operator::print(answer)
}

/// Asks until there are no more events of the time, and prints what came of all calls together. Where
/// one fails, what was done before it is told, too.
async fn replay(client: &Client, action: &Action) -> Result<(), Failure> {
    let Request::Do(path, mut body) = request(action) else {
        return Ok(());
    };
    let mut done = Done::default();
    loop {
        let answer = client.post(&path, &body).await;
        let page = answer.as_ref().ok().and_then(|told| told.json().ok());
        let Some(page) = page else {
            if done.events > 0 {
                eprintln!("before this {}", done.summary());
            }
            return operator::print(answer);
        };
        done.add(&page);
        match &page["after_event_id"] {
            Value::Null => break,
            after => body["after_event_id"] = after.clone(),
        }
    }
    output::print_body(&done.json().to_string())
}

/// What several calls did.
#[derive(Default)]
struct Done {
    messages: u64,
    events: u64,
    failed: u64,
}

impl Done {
    fn add(&mut self, page: &Value) {
        let count = |name: &str| page[name].as_u64().unwrap_or_default();
        self.messages += count("messages");
        self.events += count("events");
        self.failed += count("failed");
    }

    fn summary(&self) -> String {
        let Done {
            messages, events, ..
        } = self;
        format!("{messages} messages of {events} events were sent again")
    }

    fn json(&self) -> Value {
        json!({"messages": self.messages, "events": self.events, "failed": self.failed})
    }
}

/// A call to the server.
enum Request {
    Read(String),
    Do(String, Value),
}

fn request(action: &Action) -> Request {
    match action {
        Action::List {
            kind,
            subject,
            time,
            page,
        } => {
            let query = query(&[
                ("kind", kind.as_deref()),
                ("subject_id", subject.as_deref()),
                ("from", time.since.as_deref()),
                ("to", time.until.as_deref()),
            ]);
            Request::Read(format!("{ADMIN}/events{}", query.with(page)))
        }
        Action::Deliveries { id: Some(id), .. } => {
            Request::Read(format!("{ADMIN}/webhook-deliveries/{}", segment(id)))
        }
        Action::Deliveries {
            id: None,
            endpoint,
            state,
            page,
        } => {
            let query = query(&[
                ("webhook_endpoint_id", endpoint.as_deref()),
                ("state", state.map(State::word)),
            ]);
            Request::Read(format!("{ADMIN}/webhook-deliveries{}", query.with(page)))
        }
        Action::Resend { id, endpoint } => {
            let path = format!("{ADMIN}/events/{}/resend", segment(id));
            Request::Do(path, to(endpoint.as_deref()))
        }
        Action::Replay { .. } | Action::Deliver { .. } => asked_again(action),
    }
}

/// What has more to say about how it is sent again.
fn asked_again(action: &Action) -> Request {
    match action {
        Action::Replay {
            endpoint,
            all,
            since,
            until,
        } => {
            let which = if *all { "all" } else { "missing" };
            let mut body = json!({"which": which, "from": since});
            if let Some(until) = until {
                body["to"] = until.as_str().into();
            }
            let endpoint = segment(endpoint);
            let path = format!("{ADMIN}/webhook-endpoints/{endpoint}/replay");
            Request::Do(path, body)
        }
        Action::Deliver {
            id,
            endpoint,
            times,
            twice,
            after,
        } => {
            let mut body = to(endpoint.as_deref());
            body["times"] = if *twice { 2 } else { *times }.into();
            body["after_ms"] = (*after).into();
            let path = format!("{SANDBOX}/events/{}/deliver", segment(id));
            Request::Do(path, body)
        }
        other => request(other),
    }
}

fn to(endpoint: Option<&str>) -> Value {
    let mut body = Map::new();
    if let Some(endpoint) = endpoint {
        body.insert("webhook_endpoint_id".to_owned(), endpoint.into());
    }
    Value::Object(body)
}

/// The number in the name of an event, as a part of a path: `evt_0001734567890123` is
/// `1734567890123`. Anything else that could end the part is left for the server to refuse.
fn segment(id: &str) -> String {
    let number = id
        .strip_prefix("evt_")
        .map(|digits| digits.trim_start_matches('0'));
    encoded(number.unwrap_or(id))
}

struct Query(Vec<String>);

fn query(fields: &[(&str, Option<&str>)]) -> Query {
    let given = fields
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", encoded(value))));
    Query(given.collect())
}

impl Query {
    fn with(mut self, page: &Page) -> String {
        if let Some(limit) = page.limit {
            self.0.push(format!("limit={limit}"));
        }
        if let Some(cursor) = &page.cursor {
            self.0.push(format!("cursor={}", encoded(cursor)));
        }
        if self.0.is_empty() {
            String::new()
        } else {
            format!("?{}", self.0.join("&"))
        }
    }
}

/// Everything but letters, digits and `-._~` as its bytes in hex, as RFC 3986 has it.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_its_unit() {
        assert_eq!(milliseconds("500ms"), Ok(500));
        assert_eq!(milliseconds("5s"), Ok(5_000));
        assert_eq!(milliseconds("2m"), Ok(120_000));
        for wrong in ["5", "s", "-5s", "5 s", "99999999999999999999s"] {
            assert!(milliseconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_event_is_named_by_its_id_or_by_what_names_it_in_a_message() {
        assert_eq!(segment("evt_0001734567890123"), "1734567890123");
        assert_eq!(segment("1734567890123"), "1734567890123");
        assert_eq!(segment("../tenants"), "..%2Ftenants");
    }

    #[test]
    fn what_is_not_given_is_not_asked() {
        let page = Page {
            limit: Some(5),
            cursor: None,
        };
        let asked = query(&[("kind", None), ("from", Some("2027-01-31T08:00:00+01:00"))]);
        assert_eq!(
            asked.with(&page),
            "?from=2027-01-31T08%3A00%3A00%2B01%3A00&limit=5"
        );
    }
}
