//! `cardwright simulate`: what the world outside does to a running sandbox.
//!
//! One subcommand for each call under `/sandbox/v1/simulate`, under the same name; its flags are
//! the fields of the call. What may be left out there may be left out here,
//! but the currency of an amount.

mod authorizations;
mod flags;
mod parties;
mod settlements;

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use crate::Failure;
use crate::connection::wait_for;
use crate::operator::{self, OperatorFlags};

/// Do what the card network, a bank, a courier or a cardholder does, in a running sandbox
///
/// The answer goes to stdout as JSON. A decline is an answer like another: its reason goes to
/// stderr too, and the exit code is 0. A refusal goes to stderr, with exit code 1; where no sandbox
/// can be reached, the exit code is 2.
///
/// Amounts are decimals with a point, as people write them, next to their currency: --amount 12.50
/// --currency EUR. The answer counts in minor units: 1250.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    call: Call,
}

#[derive(Subcommand)]
enum Call {
    /// Ask whether a card may be used, and set aside what is approved
    Authorization(Sent<authorizations::Authorization>),
    /// Tell how the network decided while the platform could not be reached
    Advice(Sent<authorizations::Advice>),
    /// Ask for more of an open authorization
    Increment(Sent<authorizations::Increment>),
    /// Take an authorization back, all that is open or part of it
    Reversal(Sent<authorizations::Reversal>),
    /// Post what the merchant was paid, for an authorization or without one
    Clearing(Sent<settlements::Clearing>),
    /// Give money back, for a payment or without one
    Refund(Sent<settlements::Refund>),
    /// Take a refund back
    RefundReversal(Sent<settlements::RefundReversal>),
    /// Post what a merchant was paid without asking before
    ForcePost(Sent<settlements::ForcePost>),
    /// Let the time of an authorization be over
    Expiry(Sent<authorizations::Expiry>),
    /// Ask how much a card can spend
    BalanceInquiry(Sent<authorizations::BalanceInquiry>),
    /// Open a dispute about a payment, or tell how one was decided
    Dispute(Sent<settlements::Dispute>),
    /// Let money come in from outside
    Funding(Sent<settlements::Funding>),
    /// Decide about a cardholder at the present stage of the checks
    HolderReview(Sent<parties::HolderReview>),
    /// Report coins on their way to an account
    CryptoDeposit(Sent<parties::CryptoDeposit>),
    /// Report where a card's plastic is
    Shipping(Sent<parties::Shipping>),
    /// Issue the code that activates a physical card
    ActivationCode(Sent<parties::ActivationCode>),
    /// Ask a cardholder to confirm a payment, or end that
    ThreeDs(Sent<parties::ThreeDs>),
    /// Put a card into a wallet, or move its token on
    WalletToken(Sent<parties::WalletToken>),
    /// Decide a work order
    WorkOrder(Sent<parties::WorkOrder>),
}

/// A call and where it goes.
#[derive(Args)]
struct Sent<S: Args> {
    #[command(flatten)]
    said: S,

    #[command(flatten)]
    operator: OperatorFlags,
}

/// What can be simulated by one call.
trait Simulation: Args {
    /// The last part of its path.
    const NAME: &'static str;

    /// What it says; a null stands for what is left out.
    fn body(&self) -> Result<Value, Failure>;
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.call {
        Call::Authorization(sent) => sent.send(),
        Call::Advice(sent) => sent.send(),
        Call::Increment(sent) => sent.send(),
        Call::Reversal(sent) => sent.send(),
        Call::Clearing(sent) => sent.send(),
        Call::Refund(sent) => sent.send(),
        Call::RefundReversal(sent) => sent.send(),
        Call::ForcePost(sent) => sent.send(),
        Call::Expiry(sent) => sent.send(),
        Call::BalanceInquiry(sent) => sent.send(),
        Call::Dispute(sent) => sent.send(),
        Call::Funding(sent) => sent.send(),
        Call::HolderReview(sent) => sent.send(),
        Call::CryptoDeposit(sent) => sent.send(),
        Call::Shipping(sent) => sent.send(),
        Call::ActivationCode(sent) => sent.send(),
        Call::ThreeDs(sent) => sent.send(),
        Call::WalletToken(sent) => sent.send(),
        Call::WorkOrder(sent) => sent.send(),
    }
}

impl<S: Simulation> Sent<S> {
    fn send(&self) -> Result<(), Failure> {
        wait_for(self.call())
    }

    async fn call(&self) -> Result<(), Failure> {
        let client = self.operator.client()?;
        let body = self.said.body()?;
        let path = format!("/sandbox/v1/simulate/{}", S::NAME);
        let answer = client.post(&path, &body).await;
        let declined = answer
            .as_ref()
            .ok()
            .and_then(|response| declined(&response.body));
        operator::print(answer)?;
        if let Some(reason) = declined {
            eprintln!("declined: {}", reason.escape_debug());
        }
        Ok(())
    }
}

/// Why the answer is a no, if it is one.
fn declined(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    if answer.get("approved")?.as_bool()? {
        return None;
    }
    let reason = answer.get("decline_reason").and_then(Value::as_str);
    Some(reason.unwrap_or("no reason given").to_owned())
}

/// The members of several objects in one, without what is left out.
fn together<const N: usize>(parts: [Value; N]) -> Value {
    let mut members = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            members.extend(part.into_iter().filter(|(_, value)| !value.is_null()));
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_a_decline_only_where_it_says_so() {
        let reason = |text: &str| declined(text);
        let no = r#"{"approved":false,"decline_reason":"limit_exceeded"}"#;
        assert_eq!(reason(no).as_deref(), Some("limit_exceeded"));
        let unexplained = r#"{"approved":false,"decline_reason":null}"#;
        assert_eq!(reason(unexplained).as_deref(), Some("no reason given"));
        for other in [
            r#"{"approved":true,"decline_reason":null}"#,
            r#"{"transaction_id":"7"}"#,
            "<html>",
            "",
        ] {
            assert_eq!(reason(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_left_out_is_not_sent() {
        let body = together([json!({"a": 1, "b": null}), Value::Null, json!({"c": false})]);
        assert_eq!(body, json!({"a": 1, "c": false}));
    }
}
