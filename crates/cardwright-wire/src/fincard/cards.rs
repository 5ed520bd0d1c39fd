//! Cards: the requests that read and freeze them, and their states in both vocabularies.

mod answer;

use crate::kind::{GivenId, Hidden, Kind, amount, boolean, core_id, hidden_pan, one_of, text};
use crate::shape::{Fields, Policy, Shape};

use super::ids::{CARD_NO, HOLDER_ID, REMARK, merchant_order_no};
use super::page::{PAGE_SIZE_MAX, PageRequest, TimeRange};

pub use answer::{
    BalanceInfo, Balances, Card, CardBalance, CardFacts, Features, HolderInfo, Limits,
    RiskControls, Settings,
};

/// The state of a card, written in two vocabularies: `status` and `cardStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Being opened.
    Pending,
    /// Physical, not yet activated.
    Inactive,
    /// Transacts.
    Active,
    /// On its way to frozen.
    Freezing,
    /// Does not transact until unfrozen.
    Frozen,
    /// On its way back.
    Unfreezing,
    /// On its way to cancelled.
    Cancelling,
    /// Over.
    Cancelled,
    /// Over, because its time was.
    Expired,
    /// Never came to be.
    Failed,
}

impl CardState {
    /// All states.
    pub const ALL: [CardState; 10] = [
        CardState::Pending,
        CardState::Inactive,
        CardState::Active,
        CardState::Freezing,
        CardState::Frozen,
        CardState::Unfreezing,
        CardState::Cancelling,
        CardState::Cancelled,
        CardState::Expired,
        CardState::Failed,
    ];

    /// The word in `status`.
    pub fn status(self) -> &'static str {
        match self {
            CardState::Pending => "pending",
            CardState::Inactive => "un_activated",
            CardState::Active => "Normal",
            CardState::Freezing => "Freezing",
            CardState::Frozen => "Freeze",
            CardState::Unfreezing => "UnFreezing",
            CardState::Cancelling => "canceling",
            CardState::Cancelled | CardState::Expired => "cancel",
            CardState::Failed => "fail",
        }
    }

    /// The word in `cardStatus`. A platform block covers whatever state is under it, but not an
    /// end: that is for ever, a block is not.
    pub fn card_status(self, block: Block) -> &'static str {
        match (block, self) {
            (_, CardState::Cancelled) => "CANCELLED",
            (_, CardState::Expired) => "EXPIRED",
            (_, CardState::Failed) => "FAILED",
            (Block::ByPlatform, _) => "BLOCKED",
            (Block::None, CardState::Pending) => "PENDING",
            (Block::None, CardState::Inactive) => "INACTIVE",
            (Block::None, CardState::Active) => "ACTIVE",
            (Block::None, CardState::Freezing) => "FREEZING",
            (Block::None, CardState::Frozen) => "FROZEN",
            (Block::None, CardState::Unfreezing) => "UNFREEZING",
            (Block::None, CardState::Cancelling) => "CANCELLING",
        }
    }
}

/// Whether the platform has blocked a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// It has not.
    None,
    /// It has; only the platform can lift that.
    ByPlatform,
}

/// A word out of either vocabulary, as a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusFilter(&'static str);

impl StatusFilter {
    /// Whether a card in this state is meant.
    pub fn matches(self, state: CardState, block: Block) -> bool {
        self.0 == state.status() || self.0 == state.card_status(block)
    }
}

/// Both vocabularies.
const STATUS_WORDS: &[(&str, StatusFilter)] = &[
    ("pending", StatusFilter("pending")),
    ("un_activated", StatusFilter("un_activated")),
    ("Normal", StatusFilter("Normal")),
    ("Freezing", StatusFilter("Freezing")),
    ("Freeze", StatusFilter("Freeze")),
    ("UnFreezing", StatusFilter("UnFreezing")),
    ("canceling", StatusFilter("canceling")),
    ("cancel", StatusFilter("cancel")),
    ("fail", StatusFilter("fail")),
    ("PENDING", StatusFilter("PENDING")),
    ("INACTIVE", StatusFilter("INACTIVE")),
    ("ACTIVE", StatusFilter("ACTIVE")),
    ("FREEZING", StatusFilter("FREEZING")),
    ("FROZEN", StatusFilter("FROZEN")),
    ("UNFREEZING", StatusFilter("UNFREEZING")),
    ("CANCELLING", StatusFilter("CANCELLING")),
    ("CANCELLED", StatusFilter("CANCELLED")),
    ("EXPIRED", StatusFilter("EXPIRED")),
    ("FAILED", StatusFilter("FAILED")),
    ("BLOCKED", StatusFilter("BLOCKED")),
];

/// `card/v2/openCard` and `card/openCard`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCard {
    /// The integrator's number of the order.
    pub merchant_order_no: String,
    /// Which card type.
    pub card_type_id: GivenId,
    /// The initial deposit.
    pub amount: Option<String>,
    /// Who holds the card.
    pub holder_id: Option<GivenId>,
    /// Which account pays; absent: the wallet.
    pub account_id: Option<GivenId>,
    /// The number printed on a physical card.
    pub card_number: Option<Hidden>,
    /// The design of a gift card.
    pub design_id: Option<GivenId>,
}

impl Shape for OpenCard {
    const NAME: &'static str = "OpenCard";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(15..=65));
        let card_type_id =
            fields.required("cardTypeId", core_id().about("Card type").example(111_001));
        let amount = fields.optional(
            &["amount", "initialDeposit"],
            amount()
                .about(
                    "Initial deposit; left out or 0 where the card type takes none. The older call \
                     takes silence for the least",
                )
                .example("200.00"),
        );
        let holder_id = fields.optional(HOLDER_ID, core_id().about("Who holds the card"));
        let account_id = fields.optional(
            "accountId",
            core_id().about("Which account pays; the wallet when left out"),
        );
        let card_number = fields.optional(
            "cardNumber",
            hidden_pan(1..=32).about("Number printed on a physical card"),
        );
        let design_id = fields.optional(
            "designId",
            core_id()
                .about("Design of a gift card; a sandbox has 211001, 211002 and 211003")
                .example(211_001),
        );
        Some(OpenCard {
            merchant_order_no: merchant_order_no?,
            card_type_id: card_type_id?,
            amount: amount?,
            holder_id: holder_id?,
            account_id: account_id?,
            card_number: card_number?,
            design_id: design_id?,
        })
    }
}

/// How much of a card is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Without `balanceInfo`.
    Simple,
    /// With it.
    WithBalance,
}

/// `card/info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardInfo {
    /// Which card.
    pub card_no: GivenId,
    /// How much of it.
    pub detail: Detail,
}

impl Shape for CardInfo {
    const NAME: &'static str = "CardInfo";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let only_simple = fields.optional(
            "onlySimpleInfo",
            boolean().about("Whether to leave `balanceInfo` out; true when left out"),
        );
        let detail = if only_simple?.unwrap_or(true) {
            Detail::Simple
        } else {
            Detail::WithBalance
        };
        Some(CardInfo {
            card_no: card_no?,
            detail,
        })
    }
}

/// `card/list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCards {
    /// Which page.
    pub page: PageRequest,
    /// Only cards opened in this time.
    pub time: TimeRange,
    /// Only cards in this state.
    pub status: Option<StatusFilter>,
    /// Only this card.
    pub card_no: Option<GivenId>,
    /// Only cards of this type.
    pub card_type_id: Option<GivenId>,
    /// Only cards of this holder.
    pub holder_id: Option<GivenId>,
}

impl Shape for ListCards {
    const NAME: &'static str = "ListCards";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let time = TimeRange::read(fields);
        let status = fields.optional(&["status", "cardStatus"], one_of(STATUS_WORDS));
        let card_no = fields.optional(CARD_NO, core_id().about("Id of the card"));
        let card_type_id = fields.optional("cardTypeId", core_id().about("Card type"));
        let holder_id = fields.optional(HOLDER_ID, core_id().about("Who holds the card"));
        Some(ListCards {
            page: page?,
            time: time?,
            status: status?,
            card_no: card_no?,
            card_type_id: card_type_id?,
            holder_id: holder_id?,
        })
    }
}

/// `card/v2/freeze` and `card/v2/unfreeze`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeCard {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the order.
    pub merchant_order_no: String,
    /// Why.
    pub remark: Option<String>,
}

impl Shape for ChangeCard {
    const NAME: &'static str = "ChangeCard";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(15..=65));
        let remark = fields.optional(REMARK, text(0..=50).about("Why"));
        Some(ChangeCard {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            remark: remark?,
        })
    }
}

#[cfg(test)]
mod tests;
