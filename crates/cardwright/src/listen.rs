//! `cardwright listen`: a tenant's webhooks, forwarded to a program on this machine.

use std::collections::BTreeMap;

use cardwright_client::listen::{Delivery, Listener, Wish};
use cardwright_client::{Error, Settings};
use clap::Args;
use serde_json::Value;

use crate::connection::failure;
use crate::operator::OperatorFlags;
use crate::{Failure, output};

/// Forward a tenant's webhooks to a program on this machine, with valid signatures
///
/// Registers an endpoint with the server and passes each delivery on as it is, under the path and
/// query of --forward; the answer goes back, a decision about a payment included. One line for each
/// delivery goes to stdout. Ctrl-C leaves the endpoint in place: what happens until the next start is
/// kept and sent then. --once removes it at the end instead.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where deliveries go, such as http://localhost:3000/hooks
    #[arg(long, value_name = "URL")]
    forward: String,

    /// In whose words
    #[arg(long, value_name = "DIALECT", default_value = "finci", value_parser = ["finci", "fincard", "standard"])]
    dialect: String,

    /// Only this event, in the words of the dialect; may be given more than once
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,

    /// Where deliveries come in; the server must reach this machine there
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    listen: String,

    /// Remove the endpoint at the end
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    operator: OperatorFlags,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    crate::connection::wait_for(listen(arguments))
}

async fn listen(arguments: &Arguments) -> Result<(), Failure> {
    let operator = arguments.operator.client()?;
    let settings: Settings = arguments.operator.settings()?;
    let wish = Wish {
        forward: arguments.forward.clone(),
        dialect: arguments.dialect.clone(),
        listen: arguments.listen.clone(),
        events: arguments.events.clone(),
    };
    let (sender, mut ended) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |delivery: &Delivery| {
        if let Err(failure) = output::print(line(delivery).as_bytes()) {
            // Nobody reads on, so there is nobody to listen for.
            let _ = sender.send(failure);
        }
    };
    let listener = Listener::start(operator, &wish, &settings, tell).await;
    let listener = listener.map_err(|error| stopped(&error))?;
    eprintln!(
        "forwarding endpoint {} from {} to {}",
        listener.endpoint_id(),
        listener.url(),
        arguments.forward
    );
    let outcome = tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        failure = ended.recv() => failure.map_or(Ok(()), Err),
    };
    if arguments.once {
        listener.end().await.map_err(|error| stopped(&error))?;
    }
    outcome
}

fn stopped(error: &Error) -> Failure {
    match error {
        Error::BaseUrl { .. } | Error::PlainHttp { .. } => {
            Failure::Usage(format!("--forward, --listen or --base-url: {error}"))
        }
        Error::Refused(refusal) => Failure::Failed(refusal.to_string()),
        error if error.is_unreachable() => Failure::Usage(format!("{error}; does the server run?")),
        error => failure(error),
    }
}

/// When, what, about which records, and how it was answered.
fn line(delivery: &Delivery) -> String {
    let body: BTreeMap<String, Value> = serde_json::from_str(&delivery.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let category = header(delivery, "x-wsb-category").map(|word| format!("{word}."));
    let what = text("event").or(text("eventType")).or(text("type"));
    let what = format!("{}{}", category.unwrap_or_default(), what.unwrap_or("?"));
    let mut facts = Vec::new();
    if let Some(advice) = body.get("advice").and_then(Value::as_bool) {
        facts.push(if advice { "advice" } else { "question" }.to_owned());
    }
    for name in [
        "id",
        "token_id",
        "cardNo",
        "holderId",
        "orderNo",
        "response_code",
    ] {
        match body.get(name) {
            Some(Value::String(value)) => facts.push(format!("{name}={value}")),
            Some(Value::Number(value)) => facts.push(format!("{name}={value}")),
            _ => {}
        }
    }
    let answer = match delivery.status {
        Some(status) => format!("{status} in {} ms", delivery.duration_ms),
        None => delivery.answer.clone(),
    };
    let line = format!("{} {what} {} -> {answer}", delivery.at, facts.join(" "));
    // Whatever a receiver or a merchant is called, it stays on its line.
    line.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .chain(['\n'])
        .collect()
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> Option<&'a str> {
    let found = delivery.headers.iter().find(|(given, _)| given == name);
    found.map(|(_, value)| value.as_str())
}
