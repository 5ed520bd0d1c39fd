//! Events: what happened, in the domain's words. Dialects and delivery come later.

use crate::{AccountId, CardId, CardStage, CardState, HolderId, OrderId};

/// Something that happened and that an integrator may want to know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// A holder was recorded or its checks moved on.
    HolderStatusChanged {
        /// The holder.
        holder: HolderId,
        /// Where the checks stand now, as [`crate::KycState::word`] says it.
        status: &'static str,
    },
    /// An account was opened.
    AccountCreated {
        /// The account.
        account: AccountId,
    },
    /// A card was made.
    CardCreated {
        /// The card.
        card: CardId,
    },
    /// A card's state is another one.
    CardStatusChanged {
        /// The card.
        card: CardId,
        /// The state it left.
        from: CardState,
        /// The state it has.
        to: CardState,
    },
    /// A card's plastic moved.
    CardStageChanged {
        /// The card.
        card: CardId,
        /// The stage it left.
        from: CardStage,
        /// The stage it has.
        to: CardStage,
    },
    /// An order ended.
    OrderFinished {
        /// The order.
        order: OrderId,
        /// The card it was about.
        card: CardId,
    },
}

/// What an event is about; events of one subject are numbered in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Subject {
    /// A holder.
    Holder(HolderId),
    /// An account.
    Account(AccountId),
    /// A card.
    Card(CardId),
}

impl Subject {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Holder(_) => "holder",
            Subject::Account(_) => "account",
            Subject::Card(_) => "card",
        }
    }

    /// The record's id.
    pub fn id(self) -> i64 {
        match self {
            Subject::Holder(id) => id.get(),
            Subject::Account(id) => id.get(),
            Subject::Card(id) => id.get(),
        }
    }
}

impl Event {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Event::HolderStatusChanged { .. } => "holder_status_changed",
            Event::AccountCreated { .. } => "account_created",
            Event::CardCreated { .. } => "card_created",
            Event::CardStatusChanged { .. } => "card_status_changed",
            Event::CardStageChanged { .. } => "card_stage_changed",
            Event::OrderFinished { .. } => "order_finished",
        }
    }

    /// What it is about.
    pub fn subject(self) -> Subject {
        match self {
            Event::HolderStatusChanged { holder, .. } => Subject::Holder(holder),
            Event::AccountCreated { account } => Subject::Account(account),
            Event::CardCreated { card }
            | Event::CardStatusChanged { card, .. }
            | Event::CardStageChanged { card, .. }
            | Event::OrderFinished { card, .. } => Subject::Card(card),
        }
    }

    /// What a consumer could not find out later, because the record moves on.
    pub fn facts(self) -> Vec<(&'static str, String)> {
        match self {
            Event::HolderStatusChanged { status, .. } => vec![("status", status.to_owned())],
            Event::CardStatusChanged { from, to, .. } => {
                vec![
                    ("from", from.word().to_owned()),
                    ("to", to.word().to_owned()),
                ]
            }
            Event::CardStageChanged { from, to, .. } => {
                vec![
                    ("from", from.word().to_owned()),
                    ("to", to.word().to_owned()),
                ]
            }
            Event::OrderFinished { order, .. } => vec![("order", order.to_string())],
            Event::AccountCreated { .. } | Event::CardCreated { .. } => Vec::new(),
        }
    }
}
