//! `cardwright tenant`: the first tenant of an environment.

use std::path::PathBuf;

use cardwright_server::upgrade;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::connection::wait_for;
use crate::log::LogFlags;
use crate::{Failure, output};

/// Make tenants in a data directory, while no server uses it
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Create(Create),
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

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Action::Create(create) = &arguments.action;
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
