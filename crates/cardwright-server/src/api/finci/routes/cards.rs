//! Cards.

use axum::routing::{get, patch, post};
use cardwright_wire::finci as wire;

use super::super::{cards, contract, limits, secrets};
use super::{change, list, make, read};
use crate::api::route::{BodyDoc, Route, kept_by_nobody, request};

pub(super) const ROUTES: &[Route] = &[
    make(
        "/create-card",
        "Issues a card to a person or an employee",
        request::<wire::cards::CreateCard>(),
        TOKEN_ID,
        || post(cards::create),
    ),
    list(
        "/get-cards",
        "Lists the cards of a person, or of a corporate's employees",
        request::<wire::cards::GetCards>(),
        BodyDoc {
            name: "CardListAnswer",
            schema: contract::answer::<wire::cards::CardList>,
        },
        || post(cards::list),
    ),
    read(
        "/get-card/{token_id}",
        "Reads a card",
        BodyDoc {
            name: "CardAnswer",
            schema: contract::answer::<wire::cards::Card>,
        },
        || get(cards::read),
    ),
    change(
        "/update-card-status/{token_id}",
        "Moves a card to another status",
        request::<wire::cards::UpdateCardStatus>(),
        TOKEN_ID,
        || patch(cards::update_status),
    ),
    change(
        "/update-card-stage/{token_id}",
        "Orders or cancels the plastic of a card",
        request::<wire::cards::UpdateCardStage>(),
        TOKEN_ID,
        || patch(cards::update_stage),
    ),
    change(
        "/update-card-limits/{token_id}",
        "Changes what a card may be used for: amounts, numbers of payments, merchants, countries, channels",
        request::<wire::limits::UpdateCardLimits>(),
        TOKEN_ID,
        || patch(limits::update),
    ),
    read(
        "/get-card-limits/{token_id}",
        "Reads what a card may be used for, what was used of it and what is left",
        BodyDoc {
            name: "CardLimitsAnswer",
            schema: contract::answer::<wire::limits::CardLimits>,
        },
        || get(limits::read),
    ),
    list(
        "/get-card-details/{token_id}",
        "Reads a card's number, expiry and verification value, encrypted to your registered key",
        request::<wire::secrets::GetCardDetails>(),
        BodyDoc {
            name: "CardDetailsAnswer",
            schema: contract::answer::<wire::secrets::CardDetails>,
        },
        || kept_by_nobody(post(secrets::details)),
    ),
    read(
        "/get-encryption-key",
        "Reads the public key that PINs are encrypted to",
        BodyDoc {
            name: "EncryptionKeyAnswer",
            schema: contract::answer::<wire::secrets::EncryptionKey>,
        },
        || get(secrets::key),
    ),
    make(
        "/set-card-pin/{token_id}",
        "Sets a card's PIN, which comes encrypted",
        request::<wire::secrets::SetCardPin>(),
        TOKEN_ID,
        || post(secrets::set_pin),
    ),
    make(
        "/replace-card/{token_id}",
        "Ends a card and issues the one that takes its place",
        request::<wire::cards::ReplaceCard>(),
        BodyDoc {
            name: "ReplacementAnswer",
            schema: contract::answer::<wire::cards::Replacement>,
        },
        || post(cards::replace),
    ),
];

const TOKEN_ID: BodyDoc = BodyDoc {
    name: "TokenIdAnswer",
    schema: contract::answer::<wire::cards::TokenId>,
};
