//! `cardwright tenant`: the first tenant of an environment, and the settings of each.

use std::path::PathBuf;

use cardwright_server::upgrade;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use crate::connection::wait_for;
use crate::log::LogFlags;
use crate::operator::{self, OperatorFlags};
use crate::{Failure, output};

/// Make tenants, list them, and change what they have chosen
///
/// A tenant is made in a data directory, while no server uses it; all else is asked of a server.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Create(Create),

    /// List the tenants of a server
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

    /// Show a tenant and its settings: the one of --tenant, or of sandbox.json
    Show {
        #[command(flatten)]
        operator: OperatorFlags,
    },

    /// Change settings of a tenant: the one of --tenant, or of sandbox.json; what is left out stays
    Change {
        #[command(flatten)]
        settings: Settings,

        #[command(flatten)]
        operator: OperatorFlags,
    },
}

/// What a tenant chooses.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct Settings {
    /// Who decides authorizations: we alone, or the tenant's own program after us
    #[arg(long)]
    decisioning: Option<Decisioning>,

    /// Whether orders are carried out at once or later
    #[arg(long)]
    order_mode: Option<OrderMode>,

    /// How much later, as a duration of ISO 8601 such as PT30S
    #[arg(long, value_name = "DURATION")]
    order_delay: Option<String>,

    /// Whether checks of holders decide themselves
    #[arg(long)]
    kyc_mode: Option<KycMode>,

    /// Where a day begins, such as Europe/Vilnius
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,

    /// How callers join the parts of a request that they sign
    #[arg(long, value_name = "NAME")]
    canonical_form: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Decisioning {
    Platform,
    Integrator,
}

#[derive(Clone, Copy, ValueEnum)]
enum OrderMode {
    Immediate,
    Deferred,
}

#[derive(Clone, Copy, ValueEnum)]
enum KycMode {
    Auto,
    Manual,
}

/// The word of a choice, which is the same here and in the admin API.
fn word(choice: &impl ValueEnum) -> Value {
    let known = choice.to_possible_value();
    known.map_or(Value::Null, |known| known.get_name().into())
}

impl Settings {
    fn body(self) -> Value {
        let given = [
            ("decisioning", self.decisioning.as_ref().map(word)),
            ("order_mode", self.order_mode.as_ref().map(word)),
            ("order_delay", self.order_delay.map(Value::from)),
            ("kyc_mode", self.kyc_mode.as_ref().map(word)),
            ("time_zone", self.time_zone.map(Value::from)),
            ("canonical_form", self.canonical_form.map(Value::from)),
        ];
        let given = given.into_iter();
        let body: Map<String, Value> = given
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        body.into()
    }
}

/// Make a tenant and the key of its first operator
///
/// A new production environment has neither. Ids and key go to stdout as JSON; the key is shown this
/// once and kept by nobody.
#[derive(Args)]
struct Create {
    /// Name of the tenant
    name: String,

    /// Data directory
    #[arg(
        long,
        value_name = "DIR",
        env = "CARDWRIGHT_DATA",
        default_value = "./cardwright-data"
    )]
    data: PathBuf,

    #[command(flatten)]
    log: LogFlags,
}

const TENANTS: &str = "/admin/v1/tenants";

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.action {
        Action::Create(create) => found(&create),
        Action::List {
            limit,
            cursor,
            operator,
        } => wait_for(async {
            let mut path = format!("{TENANTS}?limit={limit}");
            if let Some(cursor) = cursor {
                path = format!("{path}&cursor={cursor}");
            }
            operator::print(operator.client()?.get(&path).await)
        }),
        Action::Show { operator } => wait_for(async {
            let path = format!("{TENANTS}/{}", operator.tenant_id()?);
            operator::print(operator.client()?.get(&path).await)
        }),
        Action::Change { settings, operator } => wait_for(async {
            let path = format!("{TENANTS}/{}", operator.tenant_id()?);
            let body = settings.body();
            operator::print(operator.client()?.patch(&path, &body).await)
        }),
    }
}

fn found(create: &Create) -> Result<(), Failure> {
    create.log.start()?;
    let name = create.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Failure::Usage(
            "NAME: 1 to 100 characters that can be seen".to_owned(),
        ));
    }
    wait_for(async {
        let made = upgrade::found_tenant(&create.data, name.to_owned()).await?;
        let shown = json!({
            "tenant_id": made.tenant_id,
            "organization_id": made.organization_id,
            "admin_key": made.admin_key.expose(),
        });
        output::print_body(&shown.to_string())
    })
}
