//! Cards: creation, read-out, status and stage.

use serde::Serialize;
use utoipa::ToSchema;

use super::accounts::Owner;

use super::employees::employee_id;
use super::limits::Limits;
use super::paging::cursor;
use super::persons::{Address, external_id, person_id};
use crate::instant::Rfc3339;
use crate::kind::{
    Kind, Month, PaddedId, boolean, integer, matching, month, object, one_of, padded_id,
};
use crate::pan::MaskedPan;
use crate::shape::{Fields, Policy, Shape};

/// The status of a card; only an active one transacts. The spelling `compromized` is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum TokenStatus {
    New,
    Active,
    Blocked,
    Closed,
    Compromized,
    Damaged,
    Deactivated,
    Lost,
    Referral,
    Stolen,
}

/// The words a card can be created with.
const STATUS_AT_CREATION: &[(&str, TokenStatus)] =
    &[("new", TokenStatus::New), ("active", TokenStatus::Active)];

/// The words a card's status can be changed to; `new` is for creation only.
const STATUS_IN_CHANGE: &[(&str, TokenStatus)] = &[
    ("active", TokenStatus::Active),
    ("blocked", TokenStatus::Blocked),
    ("closed", TokenStatus::Closed),
    ("compromized", TokenStatus::Compromized),
    ("damaged", TokenStatus::Damaged),
    ("deactivated", TokenStatus::Deactivated),
    ("lost", TokenStatus::Lost),
    ("referral", TokenStatus::Referral),
    ("stolen", TokenStatus::Stolen),
];

/// Where the plastic of a card is; says nothing about whether the card transacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenStage {
    /// There is no plastic.
    Digital,
    /// It is ordered.
    PlasticNotDelivered,
    /// It arrived. Set by fulfilment, never by a request.
    PlasticDelivered,
}

/// The words a request may use.
const STAGE_IN_REQUEST: &[(&str, TokenStage)] = &[
    ("digital", TokenStage::Digital),
    ("plastic_not_delivered", TokenStage::PlasticNotDelivered),
];

/// Whom a card is issued to, by the ids on the wire. Never a corporate itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardHolder {
    /// A person's id.
    Person(String),
    /// An employee's id.
    Employee(PaddedId),
}

/// `POST create-card`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateCard {
    /// Whom it is issued to.
    pub holder: CardHolder,
    /// What it draws on; absent: the owner's only account.
    pub account_id: Option<PaddedId>,
    /// Which product.
    pub product_id: i64,
    /// The name on the card.
    pub embossing_name: String,
    /// The last month it is good for; absent: the product's validity.
    pub expiration_date: Option<Month>,
    /// New or active.
    pub token_status: TokenStatus,
    /// Digital or plastic to be delivered.
    pub token_stage: TokenStage,
    /// Where plastic goes; always given, also for a digital card.
    pub delivery_address: Address,
    /// Whether plastic goes by courier.
    pub express_delivery: bool,
    /// The integrator's own id, unique among its cards.
    pub external_id: Option<String>,
}

impl Shape for CreateCard {
    const NAME: &'static str = "CreateCard";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let holder = fields.either(("person_id", person_id()), ("employee_id", employee_id()));
        let account_id = fields.optional(
            "account_id",
            padded_id().about(
                "What the card draws on; may be left out when the owner has exactly one account",
            ),
        );
        let product_id = fields.required(
            "product_id",
            integer(1..=i64::MAX).about("Product").example(112_001),
        );
        let embossing_name = fields.required("embossing_name", embossing_name());
        let expiration_date = fields.optional(
            "expiration_date",
            month()
                .about("Last month of validity; left out: as the product has it")
                .example("2031-07"),
        );
        let token_status = fields.required("token_status", one_of(STATUS_AT_CREATION));
        let token_stage = fields.required("token_stage", one_of(STAGE_IN_REQUEST));
        let delivery_address = fields.required(
            "delivery_address",
            object::<Address>().about("Where plastic is sent; required for digital cards too"),
        );
        let express_delivery = fields.required(
            "express_delivery",
            boolean().about("Whether plastic goes by courier"),
        );
        let external_id = fields.optional("external_id", external_id());
        Some(CreateCard {
            holder: holder?.fold(CardHolder::Person, CardHolder::Employee),
            account_id: account_id?,
            product_id: product_id?,
            embossing_name: embossing_name?,
            expiration_date: expiration_date?,
            token_status: token_status?,
            token_stage: token_stage?,
            delivery_address: delivery_address?,
            express_delivery: express_delivery?,
            external_id: external_id?,
        })
    }
}

/// The id of a card: sixteen digits.
pub(super) fn token_id() -> impl Kind<Out = PaddedId> {
    padded_id()
        .about("Id of a card")
        .example("0000000000000042")
}

fn embossing_name() -> impl Kind<Out = String> {
    let words_of_letters = |name: &str| {
        name.split(' ')
            .all(|word| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_alphabetic()))
    };
    matching(2..=26, "^[A-Za-z]+( [A-Za-z]+)*$", words_of_letters)
        .about("The name on the card: letters and single spaces")
        .example("JONAS JONAITIS")
}

/// `POST get-cards`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetCards {
    /// Whose cards; a corporate's are those of its employees.
    pub owner: Owner,
    /// How many at most; absent: all of them.
    pub limit: Option<i64>,
    /// Where the answer before this one ended.
    pub cursor: Option<String>,
}

impl Shape for GetCards {
    const NAME: &'static str = "GetCards";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let owner = Owner::read(fields);
        let limit = fields.optional(
            "limit",
            integer(1..=100).about("How many at most; left out: all cards"),
        );
        let cursor = fields.optional("cursor", cursor());
        Some(GetCards {
            owner: owner?,
            limit: limit?,
            cursor: cursor?,
        })
    }
}

/// `PATCH update-card-status/{token_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateCardStatus {
    /// The status to be; never new.
    pub token_status: TokenStatus,
}

impl Shape for UpdateCardStatus {
    const NAME: &'static str = "UpdateCardStatus";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token_status = fields.required(
            "token_status",
            one_of(STATUS_IN_CHANGE).about("The status to be"),
        );
        Some(UpdateCardStatus {
            token_status: token_status?,
        })
    }
}

/// `PATCH update-card-stage/{token_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpdateCardStage {
    /// The stage to be; never delivered.
    pub token_stage: TokenStage,
}

impl Shape for UpdateCardStage {
    const NAME: &'static str = "UpdateCardStage";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token_stage = fields.required(
            "token_stage",
            one_of(STAGE_IN_REQUEST).about("The stage to be"),
        );
        Some(UpdateCardStage {
            token_stage: token_stage?,
        })
    }
}

/// Why a card is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceReason {
    /// The holder lost it.
    Lost,
    /// It was stolen.
    Stolen,
    /// It is broken.
    Damaged,
    /// It is in its last month, or past it.
    Expired,
}

const REPLACE_REASONS: &[(&str, ReplaceReason)] = &[
    ("lost", ReplaceReason::Lost),
    ("stolen", ReplaceReason::Stolen),
    ("damaged", ReplaceReason::Damaged),
    ("expired", ReplaceReason::Expired),
];

/// `POST replace-card/{token_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplaceCard {
    /// Why; the old card ends as this.
    pub reason: ReplaceReason,
    /// Where plastic goes; absent: where the old card's went.
    pub delivery_address: Option<Address>,
    /// Whether plastic goes by courier; absent: as the old card's went.
    pub express_delivery: Option<bool>,
}

impl Shape for ReplaceCard {
    const NAME: &'static str = "ReplaceCard";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reason = fields.required(
            "reason",
            one_of(REPLACE_REASONS).about("Why; the old card ends as this"),
        );
        let delivery_address = fields.optional(
            "delivery_address",
            object::<Address>().about("Where plastic is sent; left out: where the old card was"),
        );
        let express_delivery = fields.optional(
            "express_delivery",
            boolean().about("Whether plastic goes by courier; left out: as the old card did"),
        );
        Some(ReplaceCard {
            reason: reason?,
            delivery_address: delivery_address?,
            express_delivery: express_delivery?,
        })
    }
}

/// The answer to `replace-card`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replacement {
    /// Id of the new card.
    pub token_id: PaddedId,
    /// Id of the card that it replaces.
    pub replaces: PaddedId,
}

/// The answer to every operation that makes or changes one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenId {
    /// Id of the card.
    pub token_id: PaddedId,
}

/// A card as `get-cards` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardItem {
    /// Id of the card.
    pub token_id: PaddedId,
    /// The name on the card.
    pub embossing_name: String,
    /// The card number, masked.
    pub card_number: MaskedPan,
    /// The last month the card is good for.
    pub expiration_date: Month,
    /// Which product.
    pub product_id: i64,
}

/// The answer to `get-cards`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardList {
    /// The cards.
    pub items: Vec<CardItem>,
    /// How many cards the owner has.
    pub total: u64,
    /// Where to go on; only there when a `limit` left cards over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The answer to `get-card`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Card {
    /// What `get-cards` says about it.
    #[serde(flatten)]
    pub item: CardItem,
    /// The status of the card.
    pub token_status: TokenStatus,
    /// Where the plastic is.
    pub token_stage: TokenStage,
    /// The holder, if a person.
    pub person_id: Option<String>,
    /// The holder, if an employee.
    pub employee_id: Option<PaddedId>,
    /// What the card draws on.
    pub account_id: PaddedId,
    /// What the card may be used for.
    pub limits: Limits,
    /// Your own id, if you gave one.
    pub external_id: Option<String>,
    /// The card this one replaced.
    pub replaces: Option<PaddedId>,
    /// The card that replaced this one.
    pub replaced_by: Option<PaddedId>,
    /// When the card was created.
    pub created_at: Rfc3339,
}

#[cfg(test)]
mod tests;
