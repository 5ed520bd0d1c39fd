//! The sandbox's own calls: what the outside world would do, made to happen. They exist only where
//! nothing is real.

mod clock;
mod contract;
mod machines;
mod people;
mod simulate;
mod snapshots;

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{MethodRouter, get, post, put},
};
use cardwright_wire::native::{
    Empty,
    admin::work_orders::{SimulateWorkOrder, WorkOrder},
    clock as time,
    messages::{self as wire, FromSandbox},
    sandbox::{Balances, Funding, counterparts as parties},
};
use cardwright_wire::shape::Shape;
use utoipa::ToSchema;

use super::{
    native::{
        Operated,
        messages::{self, Carried},
    },
    route::{BodyDoc, Effect, Route, Served, Surface, answer_schema, request},
};
use crate::{app::App, store::admin_keys::Role};

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Sandbox API",
    slug: "sandbox",
    prefixes: &["/sandbox/v1"],
    served: Served::InSandbox,
    contract: contract::CONTRACT,
    routes: ROUTES,
};

const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/simulate/funding",
        summary: "Lets money come in from outside",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<Funding>()),
        answer: BodyDoc {
            name: "Balances",
            schema: answer_schema::<Balances>,
        },
        effect: Effect::Changes,
        handler: || post(simulate::funding),
    },
    message::<wire::Authorization>(
        "/simulate/authorization",
        "Asks whether a card may be used, and sets aside what is approved",
        AUTHORIZATION,
    ),
    message::<wire::Advice>(
        "/simulate/advice",
        "Records what was decided in stand-in, and sets it aside whatever we would have said",
        AUTHORIZATION,
    ),
    message::<wire::Increment>(
        "/simulate/increment",
        "Asks for more of an open authorization, under the same rules",
        AUTHORIZATION,
    ),
    message::<wire::Reversal>(
        "/simulate/reversal",
        "Takes an authorization back, all that is open or part of it",
        REVERSAL,
    ),
    message::<wire::Clearing>(
        "/simulate/clearing",
        "Posts what the merchant was paid, with an authorization or without",
        TRANSACTION,
    ),
    message::<wire::ForcePost>(
        "/simulate/force-post",
        "Posts what a merchant was paid without asking before",
        TRANSACTION,
    ),
    message::<wire::Refund>(
        "/simulate/refund",
        "Gives money back, for a payment or without one",
        TRANSACTION,
    ),
    message::<wire::RefundReversal>(
        "/simulate/refund-reversal",
        "Takes a refund back",
        TRANSACTION,
    ),
    message::<wire::Expiry>(
        "/simulate/expiry",
        "Lets the time of an authorization be over",
        AUTHORIZATION,
    ),
    message::<wire::BalanceInquiry>(
        "/simulate/balance-inquiry",
        "Answers how much a card can spend",
        AUTHORIZATION,
    ),
    message::<wire::Dispute>(
        "/simulate/dispute",
        "Opens a dispute about a payment, or tells how one was decided",
        DISPUTE,
    ),
    simulated::<parties::HolderReview>(
        "/simulate/holder-review",
        "Decides about a holder at its present stage",
        answer::<parties::HolderChecks>("HolderChecks"),
        || post(people::holder_review),
    ),
    simulated::<parties::CryptoDeposit>(
        "/simulate/crypto-deposit",
        "Reports coins on their way to an account",
        answer::<parties::Deposit>("Deposit"),
        || post(machines::crypto_deposit),
    ),
    simulated::<parties::Shipping>(
        "/simulate/shipping",
        "Reports where a card's plastic is",
        answer::<parties::Shipment>("Shipment"),
        || post(people::shipped),
    ),
    simulated::<parties::ActivationCode>(
        "/simulate/activation-code",
        "Issues the code that activates a physical card",
        answer::<parties::Challenge>("ActivationCodeAnswer"),
        || post(people::activation_code),
    ),
    simulated::<parties::ThreeDs>(
        "/simulate/three-ds",
        "Asks a cardholder to confirm a payment, or ends that",
        answer::<parties::Challenge>("Challenge"),
        || post(people::three_ds),
    ),
    simulated::<parties::WalletToken>(
        "/simulate/wallet-token",
        "Puts a card into a wallet, or moves its token on",
        answer::<parties::Token>("WalletTokenAnswer"),
        || post(machines::wallet_token),
    ),
    simulated::<SimulateWorkOrder>(
        "/simulate/work-order",
        "Decides a work order",
        answer::<WorkOrder>("WorkOrder"),
        || post(people::work_order_decision),
    ),
    Route {
        method: Method::GET,
        path: "/clock",
        summary: "Reads the time",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: BodyDoc {
            name: "Clock",
            schema: answer_schema::<time::Clock>,
        },
        effect: Effect::Reads,
        handler: || get(clock::read),
    },
    Route {
        method: Method::PUT,
        path: "/clock",
        summary: "Sets the time, lets it stand still or run on",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::SetClock>()),
        answer: MOVED,
        effect: Effect::Changes,
        handler: || put(clock::set),
    },
    Route {
        method: Method::POST,
        path: "/clock/advance",
        summary: "Moves the time forward",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::AdvanceClock>()),
        answer: MOVED,
        effect: Effect::Changes,
        handler: || post(clock::advance),
    },
    Route {
        method: Method::POST,
        path: "/snapshot",
        summary: "Saves the state of the tenant",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::NameSnapshot>()),
        answer: BodyDoc {
            name: "Snapshot",
            schema: answer_schema::<time::Snapshot>,
        },
        effect: Effect::Changes,
        handler: || post(snapshots::take),
    },
    Route {
        method: Method::POST,
        path: "/restore",
        summary: "Goes back to a saved state of the tenant",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<time::NameSnapshot>()),
        answer: RESTORED,
        effect: Effect::Changes,
        handler: || post(snapshots::restore),
    },
    Route {
        method: Method::POST,
        path: "/reset",
        summary: "Goes back to how the tenant was made",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<Empty>()),
        answer: RESTORED,
        effect: Effect::Changes,
        handler: || post(snapshots::reset),
    },
];

const MOVED: BodyDoc = BodyDoc {
    name: "MovedClock",
    schema: answer_schema::<time::MovedClock>,
};

const RESTORED: BodyDoc = BodyDoc {
    name: "Restored",
    schema: answer_schema::<time::Restored>,
};

const AUTHORIZATION: BodyDoc = BodyDoc {
    name: "AuthorizationAnswer",
    schema: answer_schema::<wire::AuthorizationAnswer>,
};

const REVERSAL: BodyDoc = BodyDoc {
    name: "ReversalAnswer",
    schema: answer_schema::<wire::ReversalAnswer>,
};

const TRANSACTION: BodyDoc = BodyDoc {
    name: "TransactionAnswer",
    schema: answer_schema::<wire::TransactionAnswer>,
};

const DISPUTE: BodyDoc = BodyDoc {
    name: "DisputeAnswer",
    schema: answer_schema::<wire::DisputeAnswer>,
};

/// The line of something that another party would do.
const fn simulated<T: Shape>(
    path: &'static str,
    summary: &'static str,
    answer: BodyDoc,
    handler: fn() -> MethodRouter<App>,
) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<T>()),
        answer,
        effect: Effect::Changes,
        handler,
    }
}

const fn answer<T: ToSchema>(name: &'static str) -> BodyDoc {
    BodyDoc {
        name,
        schema: answer_schema::<T>,
    }
}

/// The line of a message that the network would send.
const fn message<M: Carried>(path: &'static str, summary: &'static str, answer: BodyDoc) -> Route {
    Route {
        method: Method::POST,
        path,
        summary,
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<FromSandbox<M>>()),
        answer,
        effect: Effect::Changes,
        handler: || post(carry_out::<M>),
    }
}

/// The same verbs that carry out the network's own messages.
async fn carry_out<M: Carried>(
    State(app): State<App>,
    operated: Operated<FromSandbox<M>>,
) -> Response {
    operated.carry_out(&app, messages::from_sandbox::<M>).await
}
