//! What people do: whoever looks at a holder's papers, staff with a work order, couriers, and
//! cardholders who are asked to prove something.

use axum::{extract::State, response::Response};
use cardwright_core::{
    CardId, Challenge, ChallengeEnd, ChallengeId, Holder, HolderId, KycState, Record, WorkOrderId,
};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::work_orders::SimulateWorkOrder,
        sandbox::counterparts::{
            self as wire, HolderChecks, HolderReview, ReviewDecision, Shipping,
        },
    },
};

use crate::{
    api::native::{
        Operated, record,
        work_orders::{decision_in, shown as work_order},
    },
    app::App,
    error::Error,
    ops::{
        challenges::{self, ConfirmBy},
        funds, holders, shipping, work_orders,
    },
    secrets::Secret,
};

/// `POST simulate/holder-review`
pub(super) async fn holder_review(
    State(app): State<App>,
    operated: Operated<HolderReview>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let id = record(asked.holder, HolderId::new, Record::Holder)?;
            let decision = match (asked.decision, asked.reason) {
                (ReviewDecision::Approve, None) => holders::Decision::PassPresent,
                (ReviewDecision::Reject, Some(reason)) => holders::Decision::Fail(None, reason),
                (ReviewDecision::Approve, Some(_)) => return Err(Error::Invalid("reason")),
                (ReviewDecision::Reject, None) => return Err(Error::Missing("reason")),
            };
            holders::decide(tx, id, decision, None).await.map(checks)
        })
        .await
}

fn checks(holder: Holder) -> HolderChecks {
    HolderChecks {
        holder_id: RecordId(holder.id.get()),
        status: holder.kyc.word(),
        stage: holder.kyc.stage().word(),
        reason: match holder.kyc {
            KycState::Rejected { reason, .. } => Some(reason),
            KycState::WaitAudit | KycState::UnderReview | KycState::Approved => None,
        },
        updated_at: Rfc3339(holder.updated_at),
    }
}

/// `POST simulate/work-order`
pub(super) async fn work_order_decision(
    State(app): State<App>,
    operated: Operated<SimulateWorkOrder>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let id = record(asked.work_order, WorkOrderId::new, Record::WorkOrder)?;
            let decision = decision_in(asked.decided.decision);
            let description = asked.decided.description;
            let order = work_orders::decide(tx, id, decision, description).await?;
            Ok(work_order(order))
        })
        .await
}

/// `POST simulate/shipping`
pub(super) async fn shipped(State(app): State<App>, operated: Operated<Shipping>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let id = record(asked.card, CardId::new, Record::Card)?;
            let step = match asked.step {
                wire::ShippingStep::Shipped => cardwright_core::ShippingStep::Shipped,
                wire::ShippingStep::Delivered => cardwright_core::ShippingStep::Delivered,
                wire::ShippingStep::Returned => cardwright_core::ShippingStep::Returned,
            };
            let (card, shipment) = shipping::report(tx, id, step).await?;
            Ok(wire::Shipment {
                card_id: RecordId(id.get()),
                shipment: shipment.word(),
                stage: card.stage.word(),
                shipped_at: shipment.shipped_at().map(Rfc3339),
                delivered_at: shipment.delivered_at().map(Rfc3339),
            })
        })
        .await
}

/// `POST simulate/activation-code`
pub(super) async fn activation_code(
    State(app): State<App>,
    operated: Operated<wire::ActivationCode>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let id = record(asked.card, CardId::new, Record::Card)?;
            let (challenge, code) = challenges::issue_activation_code(tx, id).await?;
            Ok(shown(&challenge, Some(&code)))
        })
        .await
}

/// `POST simulate/three-ds`
pub(super) async fn three_ds(
    State(app): State<App>,
    operated: Operated<wire::ThreeDs>,
) -> Response {
    operated
        .change(&app, async |tx, asked| match asked {
            wire::ThreeDs::Ask(asked) => {
                let id = record(asked.card, CardId::new, Record::Card)?;
                let by = match asked.by {
                    wire::ConfirmBy::Otp => ConfirmBy::Otp,
                    wire::ConfirmBy::Url => ConfirmBy::Url,
                };
                let amount = funds::amount(asked.amount_minor, &asked.currency)?;
                let payment = (asked.merchant.name, amount);
                let (challenge, value) = challenges::ask(tx, id, by, payment).await?;
                Ok(shown(&challenge, Some(&value)))
            }
            wire::ThreeDs::End {
                challenge,
                decision,
            } => {
                let id = record(challenge, ChallengeId::new, Record::Challenge)?;
                let end = match decision {
                    wire::ChallengeDecision::Confirm => ChallengeEnd::Confirmed,
                    wire::ChallengeDecision::Decline => ChallengeEnd::Declined,
                    wire::ChallengeDecision::Expire => ChallengeEnd::Expired,
                };
                let ended = challenges::end_payment(tx, id, end).await?;
                Ok(shown(&ended, None))
            }
        })
        .await
}

fn shown(challenge: &Challenge, value: Option<&Secret>) -> wire::Challenge {
    let payment = challenge.payment.as_ref();
    wire::Challenge {
        challenge_id: RecordId(challenge.id.get()),
        card_id: RecordId(challenge.card.get()),
        kind: challenge.kind.word(),
        status: challenge.state.word(),
        value: value.map(|value| value.expose().to_owned()),
        merchant_name: payment.map(|payment| payment.merchant.clone()),
        amount: payment.map(|payment| payment.amount.minor()),
        currency: payment.map(|payment| payment.amount.currency().code().to_owned()),
        expires_at: challenge.expires_at.map(Rfc3339),
        created_at: Rfc3339(challenge.created_at),
        updated_at: Rfc3339(challenge.updated_at),
    }
}
