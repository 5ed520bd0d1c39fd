//! Orders on cards that are open: money, states, controls, PINs.

use axum::{extract::State, response::Response};
use cardwright_core::{Mcc, MerchantRule, Refusal, SecretRefusal};
use cardwright_wire::{
    fincard::{
        cards::ChangeCard,
        changes::{
            ActivateCard, MoveMoney, SetRiskControls, SetSpendingControl, UpdateCard, UpdatePin,
        },
        orders as wire,
    },
    kind::{GivenId, Hidden},
};

use super::{cards::card_id, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::cards::{self as ops, Activation, Changed, NewOrder, PinChange},
    secrets::Secret,
    store::Tx,
    webhooks::payloads::fincard::orders::order_facts,
};

/// The one interval for which payments can be bounded.
const EACH_PAYMENT: &str = "PER_TRANSACTION";

/// `card/v2/freeze`
pub(super) async fn freeze(State(app): State<App>, session: Session<ChangeCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/freeze", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                changed_out(&ops::freeze(tx, id, new_order(body)).await?)
            },
        )
        .await
}

/// `card/v2/unfreeze`
pub(super) async fn unfreeze(State(app): State<App>, session: Session<ChangeCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/unfreeze", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                changed_out(&ops::unfreeze(tx, id, new_order(body)).await?)
            },
        )
        .await
}

/// `card/cancel`
pub(super) async fn cancel(State(app): State<App>, session: Session<ChangeCard>) -> Response {
    session
        .change(
            &app,
            ("card/cancel", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                changed_out(&ops::cancel(tx, id, new_order(body)).await?)
            },
        )
        .await
}

/// `card/deposit`
pub(super) async fn deposit(State(app): State<App>, session: Session<MoveMoney>) -> Response {
    session
        .change(
            &app,
            ("card/deposit", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                let new = placed(body.merchant_order_no, body.remark);
                changed_out(&ops::deposit(tx, id, &body.amount, new).await?)
            },
        )
        .await
}

/// `card/withdraw`
pub(super) async fn withdraw(State(app): State<App>, session: Session<MoveMoney>) -> Response {
    session
        .change(
            &app,
            ("card/withdraw", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                let new = placed(body.merchant_order_no, body.remark);
                changed_out(&ops::withdraw(tx, id, &body.amount, new).await?)
            },
        )
        .await
}

/// `card/v2/update`
pub(super) async fn update(State(app): State<App>, session: Session<UpdateCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/update", |body| body.merchant_order_no.as_deref()),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                let new = NewOrder {
                    number: body.merchant_order_no.clone(),
                    remark: body.remark.clone(),
                };
                changed_out(&ops::update(tx, id, wanted(body)?, new).await?)
            },
        )
        .await
}

/// `card/activate`
pub(super) async fn activate(State(app): State<App>, session: Session<ActivateCard>) -> Response {
    session
        .change_counting(
            &app,
            ("card/activate", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                let asked = Activation {
                    pin: secret(&body.pin),
                    code: secret(&body.activation_code),
                    no_pin_amount: body.no_pin_payment_amount,
                };
                let new = placed(body.merchant_order_no, None);
                changed_out(&ops::activate(tx, id, asked, new).await?)
            },
            (
                async |tx: &mut Tx, body: ActivateCard, refusal| {
                    match (refusal, card_id(body.card_no)) {
                        // The code of that order is used up, and its card has the PIN.
                        (Refusal::OrderNumberConflict, Ok(id)) => {
                            ops::count_wrong_pin(tx, id, &secret(&body.pin)).await
                        }
                        (_, Ok(id)) => {
                            ops::count_wrong_code(tx, id, &secret(&body.activation_code)).await
                        }
                        (_, Err(_)) => Ok(()),
                    }
                },
                // What a card that is active already answers.
                async |tx: &mut Tx, body: ActivateCard| {
                    locked(tx, body.card_no, Refusal::CardTransitionNotAllowed).await
                },
            ),
        )
        .await
}

/// `card/updatePin`
pub(super) async fn update_pin(State(app): State<App>, session: Session<UpdatePin>) -> Response {
    session
        .change_counting(
            &app,
            ("card/updatePin", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                let asked = PinChange {
                    old: body.old_pin.as_ref().map(secret),
                    new: secret(&body.pin),
                };
                let new = placed(body.merchant_order_no, None);
                changed_out(&ops::update_pin(tx, id, asked, new).await?)
            },
            (
                async |tx: &mut Tx, body: UpdatePin, _| {
                    let Ok(id) = card_id(body.card_no) else {
                        return Ok(());
                    };
                    let presented = body.old_pin.as_ref().unwrap_or(&body.pin);
                    ops::count_wrong_pin(tx, id, &secret(presented)).await
                },
                async |tx: &mut Tx, body: UpdatePin| {
                    locked(
                        tx,
                        body.card_no,
                        Refusal::Secret(SecretRefusal::PinIncorrect),
                    )
                    .await
                },
            ),
        )
        .await
}

/// What is answered instead of a repeat, if too many wrong PINs came for the card.
async fn locked(tx: &mut Tx, given: GivenId, refusal: Refusal) -> Result<Option<Refusal>> {
    let Ok(id) = card_id(given) else {
        return Ok(None);
    };
    Ok(ops::is_pin_locked(tx, id).await?.then_some(refusal))
}

fn changed_out(changed: &Changed) -> Result<wire::Order> {
    Ok(order_facts(&changed.order, &changed.card)?.into())
}

fn new_order(body: ChangeCard) -> NewOrder {
    placed(body.merchant_order_no, body.remark)
}

fn placed(number: String, remark: Option<String>) -> NewOrder {
    NewOrder {
        number: Some(number),
        remark,
    }
}

fn secret(hidden: &Hidden) -> Secret {
    Secret::new(hidden.expose().to_owned())
}

fn wanted(body: UpdateCard) -> Result<ops::UpdateCard> {
    Ok(ops::UpdateCard {
        remark: body.remark,
        no_pin_amount: body.no_pin_payment_amount,
        per_payment: body.spending_controls.map(bound).transpose()?,
        merchants: body.risk_controls.map(merchants).transpose()?.flatten(),
    })
}

/// The bound of each payment; none where the list is empty.
fn bound(controls: Vec<SetSpendingControl>) -> Result<Option<String>> {
    let mut found = None;
    for control in controls {
        if control.interval != EACH_PAYMENT {
            return Err(Refusal::ControlNotSupported.into());
        }
        if found.replace(control.amount).is_some() {
            return Err(Error::Invalid("spendingControls"));
        }
    }
    Ok(found)
}

/// What takes the place of the lists, once one of them is given.
fn merchants(controls: SetRiskControls) -> Result<Option<MerchantRule>> {
    if controls.allowed_mcc.is_none() && controls.blocked_mcc.is_none() {
        return Ok(None);
    }
    let codes = |list: Option<Vec<String>>| -> Result<Option<Vec<Mcc>>> {
        let Some(list) = list else { return Ok(None) };
        let read = list.iter().map(|code| Mcc::parse(code));
        let read: Option<_> = read.collect();
        read.map(Some).ok_or(Error::Invalid("riskControls"))
    };
    Ok(Some(MerchantRule {
        allowed: codes(controls.allowed_mcc)?,
        blocked: codes(controls.blocked_mcc)?,
    }))
}
