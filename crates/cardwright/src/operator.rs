//! Calls with an operator's key: which key, for which tenant, and what is printed.

use cardwright_client::sandbox::Client;
use cardwright_client::{Error, Response, SandboxFile, Secret, Settings};
use clap::Args;

use crate::connection::{Connection, failure};
use crate::credentials::secret;
use crate::{Failure, output};

/// Who operates, and where.
#[derive(Args)]
pub(crate) struct OperatorFlags {
    /// The operator's key; without it, that of sandbox.json
    ///
    /// Better given by the environment variable: an argument is visible to every user of the
    /// machine in the list of processes, and stays in the history of the shell.
    #[arg(long, global = true, visible_alias = "api-key", env = "CARDWRIGHT_ADMIN_KEY", hide_env_values = true, value_parser = secret)]
    admin_key: Option<Secret>,

    /// Act on this tenant; without it, on the key's own
    #[arg(long, global = true, value_name = "ID")]
    tenant: Option<String>,

    #[command(flatten)]
    connection: Connection,
}

impl OperatorFlags {
    /// How the server is reached.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        self.connection.settings()
    }

    /// A client of the server that the flags name.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let base_url = self.connection.base_url()?;
        let key = match &self.admin_key {
            Some(key) => key.clone(),
            None => self
                .connection
                .directory
                .sandbox("--base-url and --admin-key")?
                .entry(|file: &SandboxFile| file.admin_key().cloned())?,
        };
        let client = Client::with_settings(&base_url, &key, &self.connection.settings()?);
        let client = client.map_err(|error| failure(&error))?;
        Ok(match &self.tenant {
            Some(tenant) => client.of_tenant(tenant),
            None => client,
        })
    }
}

impl OperatorFlags {
    /// What signs the webhooks of the tenant that sandbox.json is about, where the flags name it.
    pub(crate) fn webhook_secret(&self) -> Option<Secret> {
        if self.tenant.is_some() || !self.connection.is_of_sandbox_file() {
            return None;
        }
        let sandbox = self.connection.directory.sandbox("--secret").ok()?;
        sandbox
            .entry(|file: &SandboxFile| file.webhook_secret().cloned())
            .ok()
    }

    /// The id of the tenant that the flags name; without one, the demo tenant's.
    pub(crate) fn tenant_id(&self) -> Result<String, Failure> {
        match &self.tenant {
            Some(tenant) => Ok(tenant.clone()),
            None => self
                .connection
                .directory
                .sandbox("--tenant")?
                .entry(|file: &SandboxFile| file.tenant_id().map(str::to_owned)),
        }
    }
}

/// Prints the body of an answer; a refusal goes to stderr in one line.
pub(crate) fn print(answer: cardwright_client::Result<Response>) -> Result<(), Failure> {
    match answer {
        Ok(response) => output::print_body(&response.body),
        Err(Error::Refused(refusal)) => Err(Failure::Failed(refusal.to_string())),
        Err(Error::Header { name }) => Err(Failure::Usage(format!(
            "--admin-key, --tenant: the value for {name} cannot be a header"
        ))),
        Err(error) if error.is_unreachable() => {
            Err(Failure::Usage(format!("{error}; does the server run?")))
        }
        Err(error) => Err(failure(&error)),
    }
}
