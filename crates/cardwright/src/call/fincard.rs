//! `cardwright call fincard PATH [BODY]`.

use std::path::PathBuf;

use cardwright_client::Secret;
use cardwright_client::fincard::{Answer, Client, Context, Login, Platform};
use clap::{Args, ValueEnum};

use super::{Connection, failure, status_line};
use crate::credentials::{secret, secret_from_file};
use crate::{Failure, body, output};

/// Log in to the FinCard Virtual API and make a call
#[derive(Args)]
pub(super) struct Arguments {
    /// Path, such as card/info; /api/v2.1/fincard/virtual before it may be left out
    path: String,

    /// Body: text, @FILE, or - for stdin
    #[arg(default_value = "{}")]
    body: String,

    #[command(flatten)]
    login: LoginFlags,

    #[command(flatten)]
    context: ContextFlags,

    #[command(flatten)]
    connection: Connection,
}

/// Who logs in; without any of these, the user of sandbox.json.
#[derive(Args)]
struct LoginFlags {
    /// Way to log in
    #[arg(long, value_enum, default_value_t = Way::Email)]
    login: Way,

    /// Tenant
    #[arg(long, value_name = "ID")]
    tenant_id: Option<String>,

    /// E-mail address (--login email)
    #[arg(long)]
    email: Option<String>,

    /// Organization (--login organization)
    #[arg(long, value_name = "UUID")]
    organization_id: Option<String>,

    /// User (--login organization)
    #[arg(long, value_name = "UUID")]
    user_id: Option<String>,

    /// Login name or e-mail address (--login organization)
    #[arg(long, value_name = "NAME")]
    username: Option<String>,

    /// Password
    ///
    /// Better given by the environment variable or by --password-file: an argument is visible to
    /// every user of the machine in the list of processes, and stays in the history of the shell.
    #[arg(long, env = "CARDWRIGHT_FINCARD_PASSWORD", hide_env_values = true, value_parser = secret)]
    password: Option<Secret>,

    /// A file that holds the password; a newline at its end is not part of it
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// With --email, --password, --tenant-id
    Email,
    /// With --organization-id, --user-id, --username, --password, --tenant-id
    Organization,
}

/// On whose behalf the call is made.
#[derive(Args)]
struct ContextFlags {
    /// Header platform
    #[arg(long, value_enum, default_value_t = PlatformFlag::Web)]
    platform: PlatformFlag,

    /// Header deviceId
    #[arg(long, value_name = "ID", default_value = "")]
    device_id: String,

    /// Header X-Forwarded-For: address of the end user
    #[arg(long, value_name = "ADDRESS", default_value = "")]
    forwarded_for: String,

    /// Header X-Forwarded-From: name of the calling system
    #[arg(long, value_name = "NAME", default_value = "cardwright")]
    forwarded_from: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum PlatformFlag {
    Web,
    Ios,
    Android,
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let connection = &arguments.connection;
    let login = arguments.login.login(connection)?;
    let body = body::read_text(Some(&arguments.body))?;
    let base_url = connection.base_url()?;
    let context = arguments.context.context();
    let client = Client::login_with_settings(&base_url, login, context, connection.settings()?)
        .await
        .map_err(|error| failure(&error))?;
    let answer = client
        .call(&arguments.path, &body)
        .await
        .map_err(|error| failure(&error))?;
    eprintln!("{}{}", status_line(&answer.response), verdict(&answer));
    output::print_body(&answer.response.body)?;
    if answer.is_success() {
        Ok(())
    } else {
        Err(Failure::Refused)
    }
}

/// What the envelope adds to the status: a refusal travels with HTTP 200.
fn verdict(answer: &Answer) -> String {
    match &answer.envelope {
        Some(envelope) if envelope.success => String::new(),
        Some(envelope) => {
            let name = envelope.error_code.as_deref().unwrap_or("no errorCode");
            format!(", code {}, {}", envelope.code, name.escape_debug())
        }
        None => ", not a FinCard answer".to_owned(),
    }
}

impl LoginFlags {
    fn login(&self, connection: &Connection) -> Result<Login, Failure> {
        let texts = [
            &self.tenant_id,
            &self.email,
            &self.organization_id,
            &self.user_id,
            &self.username,
        ];
        let password = match &self.password_file {
            Some(path) => Some(secret_from_file("--password-file", path)?),
            None => self.password.clone(),
        };
        if texts.iter().all(|text| text.is_none()) && password.is_none() {
            let sandbox = connection
                .directory
                .sandbox("--base-url and the login flags")?;
            return sandbox.entry(|file| match self.login {
                Way::Email => file.fincard_by_email(),
                Way::Organization => file.fincard_by_organization(),
            });
        }
        let tenant_id = given("--tenant-id", self.tenant_id.clone())?;
        let password = given("--password-file", password)?;
        match self.login {
            Way::Email => Ok(Login::Email {
                email: given("--email", self.email.clone())?,
                password,
                tenant_id,
            }),
            Way::Organization => Ok(Login::Organization {
                organization_id: given("--organization-id", self.organization_id.clone())?,
                user_id: given("--user-id", self.user_id.clone())?,
                username: given("--username", self.username.clone())?,
                password,
                tenant_id,
            }),
        }
    }
}

/// A flag that is needed once any login flag is there.
fn given<T>(flag: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| {
        Failure::Usage(format!(
            "{flag} is needed too; without any login flag the user of sandbox.json logs in"
        ))
    })
}

impl ContextFlags {
    fn context(&self) -> Context {
        Context {
            platform: match self.platform {
                PlatformFlag::Web => Platform::Web,
                PlatformFlag::Ios => Platform::Ios,
                PlatformFlag::Android => Platform::Android,
            },
            device_id: self.device_id.clone(),
            forwarded_for: self.forwarded_for.clone(),
            forwarded_from: self.forwarded_from.clone(),
        }
    }
}
