//! `cardwright credential`: credentials of signed callers, by the admin API.

use cardwright_server::network::{AddressList, Breadth};
use cardwright_wire::finci::signature::FormSetting;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::Failure;
use crate::connection::wait_for;
use crate::operator::{self, OperatorFlags};

/// Make, rotate and end credentials of signed callers, and say whence they may be used
///
/// The answer goes to stdout as JSON. A secret is shown once, when its credential is made.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a credential; without --allow nobody may use it yet
    Create {
        /// Which surface it opens
        #[arg(long, default_value = "finci")]
        kind: Kind,

        #[command(flatten)]
        networks: Networks,

        /// How its caller joins the parts of a request; the tenant's form where nothing is said, and
        /// detect, in a sandbox, finds it out
        #[arg(long, value_name = "NAME")]
        form: Option<FormSetting>,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// List the credentials, without their secrets
    List {
        /// How many at most, 1 to 100
        #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,

        /// next_cursor of the page before
        #[arg(long)]
        cursor: Option<String>,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Make a credential in the place of another, which works on for a while
    Rotate {
        /// Id of the credential
        id: u64,

        /// How long the old one works on, in seconds; a day where nothing is said
        #[arg(long, value_name = "SECONDS", conflicts_with = "valid_until")]
        overlap_s: Option<u32>,

        /// Until when the old one works, such as 2027-01-31T08:00:00Z
        #[arg(long, value_name = "TIME")]
        valid_until: Option<String>,

        /// End the old one at once
        #[arg(long, conflicts_with_all = ["overlap_s", "valid_until"])]
        at_once: bool,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// End a credential at once
    Revoke {
        /// Id of the credential
        id: u64,

        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Say whence a credential may be used
    Allowlist {
        #[command(subcommand)]
        change: Change,
    },

    /// Set how a credential's caller joins the parts of a request before signing
    CanonicalForm {
        /// Id of the credential
        id: u64,

        /// default, no-method, path-first, token-first, lines, custom:PART+PART…[;separator=TEXT],
        /// or, in a sandbox, detect
        form: FormSetting,

        #[command(flatten)]
        operator: OperatorFlags,
    },
}

#[derive(Subcommand)]
enum Change {
    /// These networks and no others; none admits nobody
    Set(Listed),
    /// These networks, too
    Add(Listed),
    /// These networks no longer
    Remove(Listed),
}

#[derive(Args)]
struct Listed {
    /// Id of the credential
    id: u64,

    /// Networks and addresses, such as 192.0.2.0/24 or 2001:db8::7
    #[arg(value_name = "CIDR")]
    networks: Vec<String>,

    /// Let the list hold the network of all addresses
    #[arg(long)]
    allow_any: bool,

    #[command(flatten)]
    operator: OperatorFlags,
}

#[derive(Args)]
struct Networks {
    /// Let it be used from this network; may be repeated
    #[arg(long, value_name = "CIDR")]
    allow: Vec<String>,

    /// Let --allow name the network of all addresses
    #[arg(long)]
    allow_any: bool,
}

impl Networks {
    fn breadth(&self) -> Breadth {
        if self.allow_any {
            Breadth::AllowAny
        } else {
            Breadth::Bounded
        }
    }
}

impl Listed {
    fn breadth(&self) -> Breadth {
        if self.allow_any {
            Breadth::AllowAny
        } else {
            Breadth::Bounded
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Finci,
    Network,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    wait_for(call(&arguments.action))
}

async fn call(action: &Action) -> Result<(), Failure> {
    let answer = match action {
        Action::Create {
            kind,
            networks,
            form,
            operator,
        } => {
            checked("--allow", &networks.allow, networks.breadth())?;
            let kind = match kind {
                Kind::Finci => "finci",
                Kind::Network => "network",
            };
            let mut body = json!({
                "kind": kind, "allowlist": networks.allow, "allow_any": networks.allow_any,
            });
            if let Some(form) = form {
                body["canonical_form"] = form.to_string().into();
            }
            let path = of_tenant(operator)?;
            operator.client()?.post(&path, &body).await
        }
        Action::List {
            limit,
            cursor,
            operator,
        } => {
            let cursor = cursor.as_ref().map(|cursor| format!("&cursor={cursor}"));
            let path = of_tenant(operator)?;
            let path = format!("{path}?limit={limit}{}", cursor.unwrap_or_default());
            operator.client()?.get(&path).await
        }
        Action::Rotate {
            id,
            overlap_s,
            valid_until,
            at_once,
            operator,
        } => {
            let body = match (overlap_s, valid_until) {
                (_, Some(time)) => json!({ "valid_until": time }),
                (Some(seconds), None) => json!({ "overlap_seconds": seconds }),
                (None, None) if *at_once => json!({ "overlap_seconds": 0 }),
                (None, None) => json!({}),
            };
            operator.client()?.post(&of(*id, "rotate"), &body).await
        }
        Action::Revoke { id, operator } => {
            operator
                .client()?
                .post(&of(*id, "revoke"), &json!({}))
                .await
        }
        Action::Allowlist { change } => return set_list(change).await,
        Action::CanonicalForm { id, form, operator } => {
            let body = json!({ "canonical_form": form.to_string() });
            operator
                .client()?
                .put(&of(*id, "canonical-form"), &body)
                .await
        }
    };
    operator::print(answer)
}

async fn set_list(change: &Change) -> Result<(), Failure> {
    let (Change::Set(listed) | Change::Add(listed) | Change::Remove(listed)) = change;
    let path = of(listed.id, "allowlist");
    let client = listed.operator.client()?;
    let with =
        |name: &str| -> Value { json!({ name: listed.networks, "allow_any": listed.allow_any }) };
    let answer = match change {
        Change::Set(_) => {
            checked("CIDR", &listed.networks, listed.breadth())?;
            client.put(&path, &with("allowlist")).await
        }
        Change::Add(_) => {
            checked("CIDR", &listed.networks, listed.breadth())?;
            client.patch(&path, &with("add")).await
        }
        Change::Remove(_) => {
            // Whatever stands in a list already may be taken out of it; what is left may be broad.
            client
                .patch(
                    &path,
                    &json!({ "remove": listed.networks, "allow_any": true }),
                )
                .await
        }
    };
    operator::print(answer)
}

/// The server says which list is wrong; here it can be said which entry, and why.
fn checked(argument: &str, networks: &[String], breadth: Breadth) -> Result<(), Failure> {
    let parsed = AddressList::parse(networks, breadth);
    let fault = |what: &dyn std::fmt::Display| Failure::Usage(format!("{argument}: {what}"));
    parsed.map(drop).map_err(|error| fault(&error))
}

fn of_tenant(operator: &OperatorFlags) -> Result<String, Failure> {
    let tenant = operator.tenant_id()?;
    Ok(format!("/admin/v1/tenants/{tenant}/credentials"))
}

fn of(id: u64, what: &str) -> String {
    format!("/admin/v1/credentials/{id}/{what}")
}
