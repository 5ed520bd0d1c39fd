//! `card/simulateAuthTransaction`: what the card network would do, in this dialect's words. Outside
//! sandboxes there is no such call.

use axum::{
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use cardwright_core::{Amount, CardId, Currency, DeclineReason, Record, Refusal};
use cardwright_wire::fincard::{
    queries::{self as wire, GivenTrade},
    simulation::{self, Simulate},
};

use super::{cards::card_id, not_found, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::{
        authorizations::Increment,
        decisions,
        simulation::{self as ops, Happening, Simulated},
    },
    store::{
        ReadTx, Scope, Tx, decisions::DecisionId, environment::EnvironmentName, trades::Trade,
    },
    webhooks::payloads::fincard::trades,
};

/// `card/simulateAuthTransaction`
pub(super) async fn simulate(State(app): State<App>, request: Request) -> Response {
    if app.environment() != EnvironmentName::Sandbox {
        return not_found();
    }
    match Session::<Simulate>::from_request(request, &app).await {
        Ok(session) => session.perform(&app, happen).await,
        Err(refused) => refused.into_response(),
    }
}

/// What is made to happen, and the question that is asked before it is decided, if one is.
type Begun = (Trade, Option<DecisionId>);

async fn happen(app: &App, scope: Scope, body: Simulate) -> Result<wire::Authorization> {
    let begin = async move |tx: &mut Tx| begin(tx, body).await;
    let (trade, question) = app.write(&scope, begin).await?;
    if let Some(question) = question {
        // What is shown is the authorization, whose status says how it was answered.
        decisions::settle(app, &scope, question, word).await?;
    }
    let show = async move |tx: &mut ReadTx| trades::record(tx, trade).await;
    app.read(scope.tenant, show).await
}

async fn begin(tx: &mut Tx, body: Simulate) -> Result<Begun> {
    let currency = Currency::parse(&body.currency).ok_or(Error::Invalid("currency"))?;
    let amount = Amount::parse(&body.amount, currency).map_err(|_| Error::Invalid("amount"))?;
    if amount.is_zero() {
        return Err(Refusal::AmountZero.into());
    }
    let card = card_id(body.card_no)?;
    let happening = happening(body.happening, body.origin, body.description)?;
    Ok(match simulated(tx, card, happening, amount).await? {
        Simulated::Answered(authorization) => (Trade::Authorization(authorization.id), None),
        Simulated::Asked {
            question,
            authorization,
        } => (Trade::Authorization(authorization), Some(question)),
        Simulated::TakenBack(void) => (Trade::Void(void.id), None),
        Simulated::Refunded(posted) => (Trade::Transaction(posted.id), None),
        Simulated::Charged(fee) => (Trade::Fee(fee.id), None),
    })
}

/// There is no network that is told more than this.
#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the form of a worded answer, which others cannot give or take apart"
)]
fn word(of: Increment) -> Result<String> {
    let declined = of.declined.map(DeclineReason::word);
    Ok(declined.unwrap_or("approved").to_owned())
}

/// Another currency than that of the payment, or of the card, is a wrong field here.
async fn simulated(
    tx: &mut Tx,
    card: CardId,
    happening: Happening,
    amount: Amount,
) -> Result<Simulated> {
    match ops::simulate(tx, card, happening, amount).await {
        Err(Error::Refused(Refusal::CurrencyMismatch)) => Err(Error::Invalid("currency")),
        simulated => simulated,
    }
}

fn happening(
    what: simulation::Happening,
    origin: Option<GivenTrade>,
    description: Option<String>,
) -> Result<Happening> {
    let origin = || {
        let number = origin.map(|given| given.0);
        number.ok_or_else(|| Error::not_found(Record::Transaction))
    };
    Ok(match what {
        simulation::Happening::Auth => Happening::Payment,
        simulation::Happening::Refund => Happening::Refund(origin()?),
        simulation::Happening::Void => Happening::Void(origin()?),
        simulation::Happening::MaintainFee => Happening::Maintenance(description),
    })
}
