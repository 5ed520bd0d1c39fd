//! `cardwright call finci METHOD PATH [BODY]`.

use cardwright_client::finci::{Client, IdempotencyKey};
use clap::Args;

use super::{Connection, failure, status_line};
use crate::credentials::SigningFlags;
use crate::{Failure, body, output};

/// Call the FINCI Card API with a signed request
#[derive(Args)]
pub(super) struct Arguments {
    /// HTTP method, such as POST
    method: String,

    /// Path, such as /v1/get-cards or just get-cards
    path: String,

    /// Body: text, @FILE, or - for stdin; none if left out
    body: Option<String>,

    /// Name this request, so that it is made again when the connection fails
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,

    #[command(flatten)]
    signing: SigningFlags,

    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let connection = &arguments.connection;
    let credentials = arguments.signing.credentials(&connection.directory)?;
    let key = arguments
        .idempotency_key
        .as_deref()
        .map(IdempotencyKey::new)
        .transpose();
    let key = key.map_err(|_| {
        Failure::Usage("--idempotency-key: 1 to 64 printable ASCII characters".to_owned())
    })?;
    let text = body::read_text(arguments.body.as_deref())?;
    let body = (!text.is_empty()).then_some(text.as_str());
    let base_url = connection.base_url()?;
    let client = Client::with_settings(&base_url, credentials, connection.settings()?)
        .map_err(|error| failure(&error))?;
    let (method, path) = (&arguments.method, &arguments.path);
    let answer = match &key {
        Some(key) => client.call_idempotent(method, path, body, key).await,
        None => client.call(method, path, body).await,
    };
    let response = answer.map_err(|error| failure(&error))?;
    eprintln!("{}", status_line(&response));
    output::print_body(&response.body)?;
    if response.is_success() {
        Ok(())
    } else {
        Err(Failure::Refused)
    }
}
