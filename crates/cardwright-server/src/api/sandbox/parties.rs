//! The lines of the other parties of a card program: chains, couriers, wallets, staff.

use axum::{http::Method, routing::post};
use cardwright_wire::native::{
    admin::work_orders::{SimulateWorkOrder, WorkOrder},
    sandbox::counterparts as parties,
};

use super::{machines, people};
use crate::{
    api::route::{BodyDoc, Effect, Route, answer_schema, request},
    store::admin_keys::Role,
};

/// The lines.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/simulate/holder-review",
        summary: "Decides about a holder at its present stage",
        number: None,
        role: Some(Role::Support),
        request: Some(request::<parties::HolderReview>()),
        answer: BodyDoc {
            name: "HolderChecks",
            schema: answer_schema::<parties::HolderChecks>,
        },
        effect: Effect::Changes,
        handler: || post(people::holder_review),
    },
    Route {
        method: Method::POST,
        path: "/simulate/crypto-deposit",
        summary: "Reports coins on their way to an account",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<parties::CryptoDeposit>()),
        answer: BodyDoc {
            name: "Deposit",
            schema: answer_schema::<parties::Deposit>,
        },
        effect: Effect::Changes,
        handler: || post(machines::crypto_deposit),
    },
    Route {
        method: Method::POST,
        path: "/simulate/shipping",
        summary: "Reports where a card's plastic is",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<parties::Shipping>()),
        answer: BodyDoc {
            name: "Shipment",
            schema: answer_schema::<parties::Shipment>,
        },
        effect: Effect::Changes,
        handler: || post(people::shipped),
    },
    Route {
        method: Method::POST,
        path: "/simulate/activation-code",
        summary: "Issues the code that activates a physical card",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<parties::ActivationCode>()),
        answer: BodyDoc {
            name: "ActivationCodeAnswer",
            schema: answer_schema::<parties::Challenge>,
        },
        effect: Effect::Changes,
        handler: || post(people::activation_code),
    },
    Route {
        method: Method::POST,
        path: "/simulate/three-ds",
        summary: "Asks a cardholder to confirm a payment, or ends that",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<parties::ThreeDs>()),
        answer: BodyDoc {
            name: "Challenge",
            schema: answer_schema::<parties::Challenge>,
        },
        effect: Effect::Changes,
        handler: || post(people::three_ds),
    },
    Route {
        method: Method::POST,
        path: "/simulate/wallet-token",
        summary: "Puts a card into a wallet, or moves its token on",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<parties::WalletToken>()),
        answer: BodyDoc {
            name: "WalletTokenAnswer",
            schema: answer_schema::<parties::Token>,
        },
        effect: Effect::Changes,
        handler: || post(machines::wallet_token),
    },
    Route {
        method: Method::POST,
        path: "/simulate/work-order",
        summary: "Decides a work order",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<SimulateWorkOrder>()),
        answer: BodyDoc {
            name: "WorkOrder",
            schema: answer_schema::<WorkOrder>,
        },
        effect: Effect::Changes,
        handler: || post(people::work_order_decision),
    },
];
