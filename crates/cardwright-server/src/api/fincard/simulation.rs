//! `card/simulateAuthTransaction`: what the card network would do, in this dialect's words. Outside
//! sandboxes there is no such call.

use axum::{
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use cardwright_core::{Amount, CardId, Currency, Record, Refusal};
use cardwright_wire::fincard::{
    queries::{self as wire, GivenTrade},
    simulation::{self, Simulate},
};

use super::{cards::card_id, not_found, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::simulation::{self as ops, Happening, Simulated},
    store::{Tx, environment::EnvironmentName, trades::Trade},
    webhooks::payloads::fincard::trades,
};

/// `card/simulateAuthTransaction`
pub(super) async fn simulate(State(app): State<App>, request: Request) -> Response {
    if app.environment() != EnvironmentName::Sandbox {
        return not_found();
    }
    match Session::<Simulate>::from_request(request, &app).await {
        Ok(session) => {
            let operation = "card/simulateAuthTransaction";
            session.change(&app, (operation, |_| None), happen).await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn happen(tx: &mut Tx, body: Simulate) -> Result<wire::Authorization> {
    let currency = Currency::parse(&body.currency).ok_or(Error::Invalid("currency"))?;
    let amount = Amount::parse(&body.amount, currency).map_err(|_| Error::Invalid("amount"))?;
    if amount.is_zero() {
        return Err(Refusal::AmountZero.into());
    }
    let card = card_id(body.card_no)?;
    let happening = happening(body.happening, body.origin, body.description)?;
    let simulated = simulated(tx, card, happening, amount).await?;
    let trade = match simulated {
        Simulated::Asked(authorization) => Trade::Authorization(authorization.id),
        Simulated::TakenBack(void) => Trade::Void(void.id),
        Simulated::Refunded(posted) => Trade::Transaction(posted.id),
        Simulated::Charged(fee) => Trade::Fee(fee.id),
    };
    trades::record(tx, trade).await
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
