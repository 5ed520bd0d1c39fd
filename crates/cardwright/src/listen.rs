//! `cardwright listen`: a tenant's events, forwarded to a program on this machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cardwright_client::listen::{Forwarded, Listener, Told, Wish, fresh_secret};
use cardwright_client::{Error, Secret, Settings};
use clap::Args;
use serde_json::Value;

use crate::connection::{failure, trust_of};
use crate::credentials::{secret, secret_from_file};
use crate::operator::OperatorFlags;
use crate::{Failure, output};

/// Forward a tenant's events to a program on this machine, with valid signatures
///
/// Follows the stream of events of the server and posts each message to --forward as a delivery of
/// the server would come, signed for that URL. Nothing is registered with the server, and it needs no
/// way to this machine. One line for each message goes to stdout: when, what, its id, its sequence,
/// the ids in it, and how it was answered. What is not taken is told and not repeated; `events
/// resend` sends an event to endpoints again, and --after goes back to a message. Where the server
/// goes away, it is waited for, and nothing is lost or doubled. Questions about payments are asked of
/// endpoints only: register one with `webhook create` to decide.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where messages go, such as http://localhost:3000/hooks
    #[arg(long, value_name = "URL")]
    forward: String,

    /// In whose words
    #[arg(long, value_name = "DIALECT", default_value = "finci", value_parser = ["finci", "fincard", "standard"])]
    dialect: String,

    /// Only this event, in the words of the dialect; may be given more than once
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,

    /// Begin behind the message with this id; evt_0 is before the first one
    #[arg(long, value_name = "ID")]
    after: Option<String>,

    /// What signs; without it, the finci.webhook_secret of sandbox.json, and for another server one
    /// that is made for this run and printed
    ///
    /// Better given by the environment variable or by --secret-file. It stays on this machine.
    #[arg(long, env = "CARDWRIGHT_WEBHOOK_SECRET", hide_env_values = true, value_parser = secret)]
    secret: Option<Secret>,

    /// A file that holds what signs; a newline at its end is not part of it
    #[arg(long, value_name = "FILE", conflicts_with = "secret")]
    secret_file: Option<PathBuf>,

    /// Trust the certificates in this PEM file at --forward, and no others
    #[arg(long, value_name = "FILE")]
    forward_ca: Option<PathBuf>,

    #[command(flatten)]
    operator: OperatorFlags,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    crate::connection::wait_for(listen(arguments))
}

async fn listen(arguments: &Arguments) -> Result<(), Failure> {
    let operator = arguments.operator.client()?;
    let settings: Settings = arguments.operator.settings()?;
    let (secret, whose) = secret_of(arguments)?;
    let wish = Wish {
        forward: arguments.forward.clone(),
        forward_trust: trust_of("--forward-ca", arguments.forward_ca.as_deref())?,
        dialect: arguments.dialect.clone(),
        events: arguments.events.clone(),
        after: arguments.after.clone(),
        secret,
    };
    let listener = Listener::new(&operator, &wish, &settings).map_err(|error| stopped(&error))?;
    let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let started = format!(
        "forwarding {} events to {}; {whose}",
        wish.dialect, wish.forward
    );
    let tell = move |told: Told| match told {
        Told::Listening => eprintln!("{started}"),
        Told::Interrupted(reason) => {
            eprintln!(
                "the stream of events broke off, and is opened again: {}",
                plain(&reason)
            );
        }
        Told::Forwarded(forwarded) => {
            if let Err(failure) = output::print(line(&forwarded).as_bytes()) {
                // Nobody reads on, so there is nobody to listen for.
                let _ = sender.send(failure);
            }
        }
        Told::Unsent(event, reason) => {
            eprintln!(
                "no message could be made of {}: {}",
                plain(&event),
                plain(&reason)
            );
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        failure = ended.recv() => failure.map_or(Ok(()), Err),
        error = listener.run(tell) => Err(stopped(&error)),
    }
}

/// What signs, and what is said about it.
fn secret_of(arguments: &Arguments) -> Result<(Secret, String), Failure> {
    let given = match &arguments.secret_file {
        Some(path) => Some(secret_from_file("--secret-file", path)?),
        None => arguments.secret.clone(),
    };
    if let Some(secret) = given {
        return Ok((secret, "signed by the secret that was given".to_owned()));
    }
    if let Some(secret) = arguments.operator.webhook_secret() {
        let whose = "signed by finci.webhook_secret of sandbox.json".to_owned();
        return Ok((secret, whose));
    }
    let secret = fresh_secret().map_err(|error| failure(&error))?;
    let whose = format!("signed, until this ends, by {}", secret.expose());
    Ok((secret, whose))
}

fn stopped(error: &Error) -> Failure {
    match error {
        Error::BaseUrl { .. } | Error::PlainHttp { .. } => {
            Failure::Usage(format!("--forward or --base-url: {error}"))
        }
        Error::Id { id } => Failure::Usage(format!("--event, --after: `{}`", plain(id))),
        Error::Refused(refusal) => Failure::Failed(refusal.to_string()),
        error if error.is_unreachable() => Failure::Usage(format!("{error}; does the server run?")),
        error => failure(error),
    }
}

/// When, what, its id, its place, about which records, and how it was answered.
fn line(forwarded: &Forwarded) -> String {
    let body: BTreeMap<String, Value> = serde_json::from_str(&forwarded.body).unwrap_or_default();
    let mut facts = Vec::new();
    for name in [
        "id",
        "token_id",
        "cardNo",
        "holderId",
        "orderNo",
        "response_code",
    ] {
        match body.get(name) {
            Some(Value::String(value)) => facts.push(format!(" {name}={value}")),
            Some(Value::Number(value)) => facts.push(format!(" {name}={value}")),
            _ => {}
        }
    }
    let answer = match forwarded.status {
        Some(status) => format!("{status} in {} ms", forwarded.duration_ms),
        None => forwarded.answer.clone(),
    };
    let remark = if forwarded.is_acknowledged {
        ""
    } else {
        ", not acknowledged"
    };
    let line = format!(
        "{} {} {} #{}{} -> {answer}{remark}",
        forwarded.at,
        forwarded.event,
        forwarded.message_id,
        forwarded.sequence,
        facts.concat(),
    );
    format!("{}\n", plain(&line))
}

/// Whatever a receiver or a merchant is called, it stays on its line.
fn plain(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(shown).collect()
}
