//! What messages are answered, out of what the verbs give back.

use cardwright_core::{
    Authorization, AuthorizationKind, AuthorizationStatus, DeclineReason, Settlement,
};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        messages::{AuthorizationAnswer, DisputeAnswer, ReversalAnswer, TransactionAnswer},
        sandbox::Balances,
    },
    response_code::response_code,
};

use crate::{
    ops::{
        authorizations::{self, Authorized, Changed, Increment},
        disputes::Disputed,
        settlement::Settled,
    },
    store::decisions::DecisionKind,
};

fn balances(of: authorizations::Balances) -> Balances {
    Balances {
        account_id: RecordId(of.account.get()),
        currency: of.currency.code().to_owned(),
        balance: of.posted_minor,
        available_balance: of.available_minor,
        held: of.held_minor,
    }
}

pub(super) fn authorized(of: Authorized) -> AuthorizationAnswer {
    let declined = of.authorization.status.reason();
    answer(of, declined)
}

pub(super) fn incremented(of: Increment) -> AuthorizationAnswer {
    answer(of.authorized, of.declined)
}

pub(super) fn ended(of: Changed) -> AuthorizationAnswer {
    let authorized = Authorized {
        authorization: of.authorization,
        balances: of.balances,
    };
    self::authorized(authorized)
}

/// The answer to a question that waited for the integrator. Where it was declined, nothing of it is
/// approved, though a merchant may have been paid meanwhile; of what was only to be raised that stays
/// which stands, unless nothing of it does any more.
pub(super) fn decided(of: Increment) -> AuthorizationAnswer {
    let is_over = match of.asked {
        DecisionKind::Authorization => true,
        DecisionKind::Incremental => matches!(
            of.authorized.authorization.status,
            AuthorizationStatus::Reversed | AuthorizationStatus::Expired
        ),
    };
    let is_declined = of.declined.is_some();
    let answer = incremented(of);
    if is_declined && is_over {
        AuthorizationAnswer {
            approved_amount: 0,
            billing_amount: 0,
            ..answer
        }
    } else {
        answer
    }
}

fn answer(of: Authorized, declined: Option<DeclineReason>) -> AuthorizationAnswer {
    let Authorized {
        authorization,
        balances: left,
    } = of;
    let billing_amount = match authorization.status.reason() {
        Some(_) => 0,
        None => authorization.billing_minor,
    };
    let balances = told(&authorization, left);
    AuthorizationAnswer {
        approved: declined.is_none(),
        approved_amount: authorization.approved_minor,
        currency: authorization.asked.currency().code().to_owned(),
        billing_amount,
        billing_currency: authorization.billing_currency.code().to_owned(),
        decline_reason: declined.map(DeclineReason::word),
        overruled_reason: authorization.overruled.map(DeclineReason::word),
        response_code: response_code(declined),
        status: authorization.status.word(),
        expires_at: is_open(&authorization).then_some(Rfc3339(authorization.expires_at)),
        authorization_id: authorization.number,
        balances,
    }
}

/// The balances, save where they are all that was asked for and that was declined: taking such an
/// inquiry back does not tell them either. Beside any other answer they are for the network, which
/// shows them to nobody.
fn told(authorization: &Authorization, left: authorizations::Balances) -> Option<Balances> {
    let is_refused = authorization.kind == AuthorizationKind::BalanceInquiry
        && authorization.status.reason().is_some();
    (!is_refused).then(|| balances(left))
}

pub(super) fn reversed(of: Changed) -> ReversalAnswer {
    ReversalAnswer {
        balances: told(&of.authorization, of.balances),
        reversed_amount: of.given_back.minor(),
        open_amount: open(&of.authorization),
        currency: of.given_back.currency().code().to_owned(),
        status: of.authorization.status.word(),
        authorization_id: of.authorization.number,
    }
}

fn is_open(authorization: &Authorization) -> bool {
    authorization.status == AuthorizationStatus::Open
}

fn open(authorization: &Authorization) -> i64 {
    if is_open(authorization) {
        authorization.open_minor()
    } else {
        0
    }
}

pub(super) fn settled(of: Settled) -> TransactionAnswer {
    let Settled {
        transaction,
        authorization,
        balances: left,
    } = of;
    TransactionAnswer {
        transaction_id: RecordId(transaction.id.get()),
        kind: transaction.kind.word(),
        authorization_status: authorization.as_ref().map(|known| known.status.word()),
        authorization_id: authorization.map(|known| known.number),
        original_transaction_id: transaction.original.map(|id| RecordId(id.get())),
        amount: transaction.amount.minor(),
        currency: transaction.amount.currency().code().to_owned(),
        billing_amount: transaction.billing.minor(),
        billing_currency: transaction.billing.currency().code().to_owned(),
        markup_amount: transaction.markup_minor,
        overdrawn: transaction.settlement == Settlement::Overdrawn,
        balances: balances(left),
    }
}

pub(super) fn disputed(of: Disputed) -> DisputeAnswer {
    let dispute = of.dispute;
    DisputeAnswer {
        dispute_id: RecordId(dispute.id.get()),
        transaction_id: RecordId(dispute.transaction.get()),
        status: dispute.state.word(),
        amount: dispute.amount.minor(),
        currency: dispute.amount.currency().code().to_owned(),
        credited_amount: dispute.billing.minor(),
        credited_currency: dispute.billing.currency().code().to_owned(),
        balances: balances(of.balances),
    }
}
