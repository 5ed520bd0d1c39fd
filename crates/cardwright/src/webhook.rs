//! `cardwright webhook`: where a tenant's events are delivered to.

use cardwright_client::{Response, Secret};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::connection::wait_for;
use crate::credentials::secret;
use crate::operator::{self, OperatorFlags};

/// Register and look after the endpoints that a tenant's events are delivered to
///
/// What comes out goes to stdout as JSON. Secrets are shown once, when they are made.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    operator: OperatorFlags,
}

#[derive(Subcommand)]
enum Action {
    /// Register an endpoint; its secret is shown this once
    Create {
        /// Where deliveries go
        url: String,

        /// In whose words
        #[arg(long, default_value = "finci")]
        dialect: Dialect,

        /// What deliveries are signed with: whsec_ and base64 of 24 to 64 bytes; without it, the
        /// tenant's own or a new one
        #[arg(long, env = "CARDWRIGHT_WEBHOOK_SECRET", hide_env_values = true, value_parser = secret)]
        secret: Option<Secret>,

        #[command(flatten)]
        settings: Settings,
    },

    /// List the endpoints
    List,

    /// Show an endpoint
    Show {
        /// Id of the endpoint
        id: String,
    },

    /// Change an endpoint; what is left out stays
    Change {
        /// Id of the endpoint
        id: String,

        /// Where deliveries go
        #[arg(long)]
        url: Option<String>,

        #[command(flatten)]
        settings: Settings,

        #[command(flatten)]
        without: Without,
    },

    /// Send a signed test event, and show how it was answered
    Ping {
        /// Id of the endpoint
        id: String,
    },

    /// Give an endpoint another secret; the one before is good for a while
    Rotate {
        /// Id of the endpoint
        id: String,

        /// How long the old secret signs beside the new, in seconds
        #[arg(long, value_name = "SECONDS")]
        overlap_s: Option<u64>,

        /// After how many seconds X-Auth-Signature is made by the new secret
        #[arg(long, value_name = "SECONDS")]
        switch_after_s: Option<u64>,
    },

    /// Deliver nothing to an endpoint any more
    Disable {
        /// Id of the endpoint
        id: String,

        /// Why; kept in the audit log
        #[arg(long)]
        reason: Option<String>,
    },

    /// Deliver to an endpoint again
    Enable {
        /// Id of the endpoint
        id: String,
    },

    /// Remove an endpoint
    Remove {
        /// Id of the endpoint
        id: String,
    },

    /// Show the public keys that verify deliveries signed with RSA
    Keys,

    /// Make another RSA key pair, which signs deliveries after a while
    RotateKey {
        /// After how many seconds it signs
        #[arg(long, value_name = "SECONDS")]
        switch_after_s: Option<u64>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Dialect {
    Finci,
    Fincard,
    Standard,
}

/// What can be set and changed.
#[derive(Args)]
struct Settings {
    /// Deliver this kind of event, and no others that are not named; may be repeated. "decision"
    /// makes a finci endpoint the one that is asked about authorizations
    #[arg(long, value_name = "WORD")]
    event: Vec<String>,

    /// How long a delivery may take, in milliseconds
    #[arg(long, value_name = "MS")]
    timeout_ms: Option<u64>,

    /// A header that goes out with every delivery, as "Name: value"; may be repeated
    #[arg(long, value_name = "HEADER", value_parser = header)]
    header: Vec<Header>,
}

/// What goes back to how it was before anything was set.
#[derive(Args)]
struct Without {
    /// Deliver every kind of event again
    #[arg(long, conflicts_with = "event")]
    all_events: bool,

    /// Send no headers of your own any more
    #[arg(long, conflicts_with = "header")]
    no_headers: bool,
}

impl Without {
    fn write(&self, body: &mut Map<String, Value>) {
        for (is_wanted, field) in [(self.all_events, "events"), (self.no_headers, "headers")] {
            if is_wanted {
                body.insert(field.to_owned(), json!([]));
            }
        }
    }
}

#[derive(Clone)]
struct Header {
    name: String,
    value: String,
}

fn header(text: &str) -> Result<Header, String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok(Header {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        }),
        _ => Err("a name, a colon and a value are needed".to_owned()),
    }
}

impl Settings {
    fn write(&self, body: &mut Map<String, Value>) {
        if !self.event.is_empty() {
            body.insert("events".to_owned(), json!(self.event));
        }
        if let Some(timeout_ms) = self.timeout_ms {
            body.insert("timeout_ms".to_owned(), json!(timeout_ms));
        }
        if !self.header.is_empty() {
            let headers = self
                .header
                .iter()
                .map(|header| json!({"name": header.name, "value": header.value}));
            body.insert("headers".to_owned(), headers.collect());
        }
    }
}

const ENDPOINTS: &str = "/admin/v1/webhook-endpoints";

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    wait_for(async {
        let answer = call(arguments).await?;
        operator::print(answer)
    })
}

type Answer = cardwright_client::Result<Response>;

async fn call(arguments: Arguments) -> Result<Answer, Failure> {
    let Arguments { action, operator } = arguments;
    let client = operator.client()?;
    Ok(match action {
        Action::Create {
            url,
            dialect,
            secret,
            settings,
        } => {
            let body = created(url, dialect, (secret, &settings));
            client.post(ENDPOINTS, &body).await
        }
        Action::List => client.get(&format!("{ENDPOINTS}?limit=100")).await,
        Action::Show { id } => client.get(&of_it(&id, "")).await,
        Action::Change {
            id,
            url,
            settings,
            without,
        } => {
            let mut body = some([("url", url.map(Value::from))]);
            settings.write(&mut body);
            without.write(&mut body);
            client.patch(&of_it(&id, ""), &body.into()).await
        }
        Action::Ping { id } => client.post(&of_it(&id, "/ping"), &json!({})).await,
        Action::Rotate {
            id,
            overlap_s,
            switch_after_s,
        } => {
            let body = some([
                ("overlap_seconds", overlap_s.map(Value::from)),
                ("switch_after_seconds", switch_after_s.map(Value::from)),
            ]);
            client.post(&of_it(&id, "/rotate"), &body.into()).await
        }
        Action::Disable { id, reason } => {
            let body = some([("reason", reason.map(Value::from))]);
            client.post(&of_it(&id, "/disable"), &body.into()).await
        }
        Action::Enable { id } => client.post(&of_it(&id, "/enable"), &json!({})).await,
        Action::Remove { id } => client.delete(&of_it(&id, "")).await,
        Action::Keys => {
            let tenant = operator.tenant_id()?;
            let path = format!("/admin/v1/tenants/{tenant}/webhook-public-keys");
            client.get(&path).await
        }
        Action::RotateKey { switch_after_s } => {
            let tenant = operator.tenant_id()?;
            let path = format!("/admin/v1/tenants/{tenant}/webhook-keys/rotate");
            let body = some([("switch_after_seconds", switch_after_s.map(Value::from))]);
            client.post(&path, &body.into()).await
        }
    })
}

fn created(
    url: String,
    dialect: Dialect,
    (secret, settings): (Option<Secret>, &Settings),
) -> Value {
    let dialect = match dialect {
        Dialect::Finci => "finci",
        Dialect::Fincard => "fincard",
        Dialect::Standard => "standard",
    };
    let mut body = some([
        ("url", Some(url.into())),
        ("dialect", Some(dialect.into())),
        ("secret", secret.map(|secret| secret.expose().into())),
    ]);
    settings.write(&mut body);
    body.into()
}

/// The fields that have a value.
fn some<const N: usize>(fields: [(&str, Option<Value>); N]) -> Map<String, Value> {
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// A path about an endpoint. Whatever is no plain id is left to the server to refuse.
fn of_it(id: &str, step: &str) -> String {
    format!("{ENDPOINTS}/{id}{step}")
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        arguments: Arguments,
    }

    /// What changes by these words of a command line.
    fn changed(words: &[&str]) -> Result<Value, ErrorKind> {
        let line = [&["webhook", "change", "7"], words].concat();
        let program = Program::try_parse_from(line).map_err(|error| error.kind())?;
        let Action::Change {
            settings, without, ..
        } = program.arguments.action
        else {
            panic!("another action");
        };
        let mut body = Map::new();
        settings.write(&mut body);
        without.write(&mut body);
        Ok(body.into())
    }

    #[test]
    fn a_filter_and_headers_can_be_taken_off_again() {
        assert_eq!(changed(&[]), Ok(json!({})));
        let filtered = changed(&["--event", "return"]);
        assert_eq!(filtered, Ok(json!({"events": ["return"]})));
        let bare = changed(&["--all-events", "--no-headers"]);
        assert_eq!(bare, Ok(json!({"events": [], "headers": []})));
        for both in [
            &["--all-events", "--event", "return"],
            &["--no-headers", "--header", "a: b"],
        ] {
            assert_eq!(changed(both), Err(ErrorKind::ArgumentConflict), "{both:?}");
        }
    }
}
