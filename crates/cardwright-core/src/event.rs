//! Events: what happened, in the domain's words. Dialects and delivery come later.

use std::fmt;

use crate::{
    AccountId, Amount, AuthorizationId, CardFeeId, CardFeeKind, CardId, CardStage, CardState,
    ChallengeId, ChallengeKind, DeclineReason, DepositId, DepositOrderId, DisputeId, EndpointId,
    HolderId, OrderId, PlatformBlock, Shipment, TransactionId, VoidId, WalletTokenId,
    WalletTokenState, WorkOrderDecision, WorkOrderId,
};

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
    /// A holder is reached at another e-mail address.
    HolderEmailChanged {
        /// The holder.
        holder: HolderId,
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
        /// Whether the platform had stopped it meanwhile, which hides the state it has.
        block: PlatformBlock,
    },
    /// The platform stopped a card.
    CardBlocked {
        /// The card.
        card: CardId,
    },
    /// The platform lifted its block of a card.
    CardUnblocked {
        /// The card.
        card: CardId,
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
    /// The card network was answered, yes or no.
    AuthorizationDecided {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// What was decided about, in the asked currency: of what was approved in part, the part.
        amount: Amount,
        /// What that means for the account.
        billing: Amount,
        /// Why the network was told no, if it was.
        declined: Option<DeclineReason>,
    },
    /// An authorization was raised.
    AuthorizationIncremented {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// How much more, in the asked currency.
        amount: Amount,
        /// What that means for the account.
        billing: Amount,
        /// Under which number the integrator was asked before, if it was.
        question: Option<i64>,
    },
    /// An authorization was not raised: by our own rules, or because the integrator said no or
    /// nothing in time.
    AuthorizationIncrementDeclined {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// How much more was asked for, in the asked currency.
        amount: Amount,
        /// What that means for the account; nothing where nobody knows.
        billing: Amount,
        /// Under which number the integrator was asked before, if it was.
        question: Option<i64>,
        /// What the network was told.
        reason: DeclineReason,
    },
    /// An authorization was taken back, whole or in part.
    AuthorizationReversed {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// The record of it.
        void: VoidId,
        /// How much, in the asked currency.
        amount: Amount,
    },
    /// The time of an authorization is over.
    AuthorizationExpired {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// What was still approved, in the asked currency.
        amount: Amount,
        /// What was still set aside for it, in the account's currency.
        billing: Amount,
    },
    /// A merchant was paid, and that gave free more than it was paid: it took less than was
    /// authorized and will take no more, or the exchange had become cheaper.
    AuthorizationReleased {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationId,
        /// What is no longer approved, in the asked currency.
        amount: Amount,
        /// What is no longer set aside and was not paid, in the account's currency.
        billing: Amount,
    },
    /// Money was posted to or from a card's account.
    TransactionPosted {
        /// The card.
        card: CardId,
        /// The transaction.
        transaction: TransactionId,
    },
    /// A card was charged a fee, or the wallet in its place.
    CardFeeCharged {
        /// The card.
        card: CardId,
        /// The fee.
        fee: CardFeeId,
        /// Which.
        kind: CardFeeKind,
    },
    /// A dispute was opened or decided.
    DisputeChanged {
        /// The card.
        card: CardId,
        /// The dispute.
        dispute: DisputeId,
        /// How it stands, as [`crate::DisputeState::word`] says it.
        state: &'static str,
    },
    /// Coins were seen on their way to an account, or moved on.
    DepositChanged {
        /// The account.
        account: AccountId,
        /// The deposit.
        deposit: DepositId,
        /// How it stands, as [`crate::DepositState::word`] says it.
        state: &'static str,
        /// What the account can spend after that, in minor units.
        balance_minor: i64,
    },
    /// Nothing came of a deposit that had been announced.
    DepositExpired {
        /// The account that it was to come to.
        account: AccountId,
        /// The announcement.
        order: DepositOrderId,
        /// What the account can spend then, in minor units.
        balance_minor: i64,
    },
    /// A card's plastic left, arrived, or came back.
    CardShipmentChanged {
        /// The card.
        card: CardId,
        /// Where it is.
        shipment: Shipment,
    },
    /// A cardholder is asked to prove something.
    ChallengeIssued {
        /// The card.
        card: CardId,
        /// The challenge.
        challenge: ChallengeId,
        /// By what.
        kind: ChallengeKind,
    },
    /// A challenge was decided.
    ChallengeEnded {
        /// The card.
        card: CardId,
        /// The challenge.
        challenge: ChallengeId,
        /// How, as [`crate::ChallengeState::word`] says it.
        state: &'static str,
    },
    /// A card was put into a wallet, or its token moved on.
    WalletTokenChanged {
        /// The card.
        card: CardId,
        /// The token.
        token: WalletTokenId,
        /// Where the token is in its life.
        state: WalletTokenState,
    },
    /// Staff decided a work order.
    WorkOrderDecided {
        /// The work order.
        work_order: WorkOrderId,
        /// How.
        decision: WorkOrderDecision,
    },
    /// Nothing is delivered to an endpoint any more, because of what came of it before.
    EndpointDisabled {
        /// The endpoint.
        endpoint: EndpointId,
        /// Why: gone, failing.
        reason: &'static str,
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
    /// A work order.
    WorkOrder(WorkOrderId),
    /// An endpoint.
    Endpoint(EndpointId),
}

impl Subject {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Holder(_) => "holder",
            Subject::Account(_) => "account",
            Subject::Card(_) => "card",
            Subject::WorkOrder(_) => "work_order",
            Subject::Endpoint(_) => "webhook_endpoint",
        }
    }

    /// The record's id.
    pub fn id(self) -> i64 {
        match self {
            Subject::Holder(id) => id.get(),
            Subject::Account(id) => id.get(),
            Subject::Card(id) => id.get(),
            Subject::WorkOrder(id) => id.get(),
            Subject::Endpoint(id) => id.get(),
        }
    }
}

impl Event {
    /// Every stored word.
    pub const WORDS: [&'static str; 26] = [
        "holder_status_changed",
        "holder_email_changed",
        "account_created",
        "card_created",
        "card_status_changed",
        "card_blocked",
        "card_unblocked",
        "card_stage_changed",
        "order_finished",
        "authorization_decided",
        "authorization_incremented",
        "authorization_increment_declined",
        "authorization_reversed",
        "authorization_expired",
        "authorization_released",
        "transaction_posted",
        "card_fee_charged",
        "dispute_changed",
        "deposit_changed",
        "deposit_expired",
        "card_shipment_changed",
        "challenge_issued",
        "challenge_ended",
        "wallet_token_changed",
        "work_order_decided",
        "endpoint_disabled",
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Event::HolderStatusChanged { .. } => "holder_status_changed",
            Event::HolderEmailChanged { .. } => "holder_email_changed",
            Event::AccountCreated { .. } => "account_created",
            Event::CardCreated { .. } => "card_created",
            Event::CardStatusChanged { .. } => "card_status_changed",
            Event::CardBlocked { .. } => "card_blocked",
            Event::CardUnblocked { .. } => "card_unblocked",
            Event::CardStageChanged { .. } => "card_stage_changed",
            Event::OrderFinished { .. } => "order_finished",
            Event::AuthorizationDecided { .. } => "authorization_decided",
            Event::AuthorizationIncremented { .. } => "authorization_incremented",
            Event::AuthorizationIncrementDeclined { .. } => "authorization_increment_declined",
            Event::AuthorizationReversed { .. } => "authorization_reversed",
            Event::AuthorizationExpired { .. } => "authorization_expired",
            Event::AuthorizationReleased { .. } => "authorization_released",
            Event::TransactionPosted { .. } => "transaction_posted",
            Event::CardFeeCharged { .. } => "card_fee_charged",
            Event::DisputeChanged { .. } => "dispute_changed",
            Event::DepositChanged { .. } => "deposit_changed",
            Event::DepositExpired { .. } => "deposit_expired",
            Event::CardShipmentChanged { .. } => "card_shipment_changed",
            Event::ChallengeIssued { .. } => "challenge_issued",
            Event::ChallengeEnded { .. } => "challenge_ended",
            Event::WalletTokenChanged { .. } => "wallet_token_changed",
            Event::WorkOrderDecided { .. } => "work_order_decided",
            Event::EndpointDisabled { .. } => "endpoint_disabled",
        }
    }

    /// What it is about.
    pub fn subject(self) -> Subject {
        match self {
            Event::HolderStatusChanged { holder, .. } | Event::HolderEmailChanged { holder } => {
                Subject::Holder(holder)
            }
            Event::AccountCreated { account }
            | Event::DepositChanged { account, .. }
            | Event::DepositExpired { account, .. } => Subject::Account(account),
            Event::WorkOrderDecided { work_order, .. } => Subject::WorkOrder(work_order),
            Event::EndpointDisabled { endpoint, .. } => Subject::Endpoint(endpoint),
            Event::CardCreated { card }
            | Event::CardStatusChanged { card, .. }
            | Event::CardBlocked { card }
            | Event::CardUnblocked { card }
            | Event::CardStageChanged { card, .. }
            | Event::OrderFinished { card, .. }
            | Event::AuthorizationDecided { card, .. }
            | Event::AuthorizationIncremented { card, .. }
            | Event::AuthorizationIncrementDeclined { card, .. }
            | Event::AuthorizationReversed { card, .. }
            | Event::AuthorizationExpired { card, .. }
            | Event::AuthorizationReleased { card, .. }
            | Event::TransactionPosted { card, .. }
            | Event::CardFeeCharged { card, .. }
            | Event::DisputeChanged { card, .. }
            | Event::CardShipmentChanged { card, .. }
            | Event::ChallengeIssued { card, .. }
            | Event::ChallengeEnded { card, .. }
            | Event::WalletTokenChanged { card, .. } => Subject::Card(card),
        }
    }

    /// What a consumer could not find out later, because the record moves on.
    pub fn facts(self) -> Vec<(&'static str, String)> {
        match self {
            Event::HolderStatusChanged { status, .. } => one("status", status),
            Event::CardStatusChanged {
                from, to, block, ..
            } => match block {
                PlatformBlock::Clear => moved(from.word(), to.word()),
                PlatformBlock::Blocked { .. } => {
                    with(moved(from.word(), to.word()), one("block", "blocked"))
                }
            },
            Event::CardStageChanged { from, to, .. } => moved(from.word(), to.word()),
            Event::OrderFinished { order, .. } => one("order", order),
            Event::AuthorizationDecided { .. }
            | Event::AuthorizationIncremented { .. }
            | Event::AuthorizationIncrementDeclined { .. }
            | Event::AuthorizationReversed { .. }
            | Event::AuthorizationExpired { .. }
            | Event::AuthorizationReleased { .. } => self.facts_of_authorization(),
            Event::TransactionPosted { transaction, .. } => one("transaction", transaction),
            Event::CardFeeCharged { fee, kind, .. } => of_kind("fee", fee, kind.word()),
            Event::DisputeChanged { dispute, state, .. } => {
                standing("dispute", dispute.get(), state)
            }
            Event::DepositChanged {
                deposit,
                state,
                balance_minor,
                ..
            } => with(
                standing("deposit", deposit.get(), state),
                one("balance", balance_minor),
            ),
            Event::DepositExpired {
                order,
                balance_minor,
                ..
            } => with(one("deposit_order", order), one("balance", balance_minor)),
            Event::CardShipmentChanged { shipment, .. } => one("shipment", shipment.word()),
            Event::ChallengeIssued {
                challenge, kind, ..
            } => of_kind("challenge", challenge, kind.word()),
            Event::ChallengeEnded {
                challenge, state, ..
            } => standing("challenge", challenge.get(), state),
            Event::WalletTokenChanged { token, state, .. } => {
                standing("wallet_token", token.get(), state.word())
            }
            Event::WorkOrderDecided { decision, .. } => one("decision", decision.word()),
            Event::EndpointDisabled { reason, .. } => one("reason", reason),
            Event::HolderEmailChanged { .. }
            | Event::AccountCreated { .. }
            | Event::CardCreated { .. }
            | Event::CardBlocked { .. }
            | Event::CardUnblocked { .. } => Vec::new(),
        }
    }

    /// The same of what is about an authorization; nothing of anything else.
    fn facts_of_authorization(self) -> Vec<(&'static str, String)> {
        match self {
            Event::AuthorizationDecided {
                authorization,
                amount,
                billing,
                declined,
                ..
            } => with(billed(authorization, (amount, billing)), why(declined)),
            Event::AuthorizationIncremented {
                authorization,
                amount,
                billing,
                question,
                ..
            } => asked(billed(authorization, (amount, billing)), question),
            Event::AuthorizationIncrementDeclined {
                authorization,
                amount,
                billing,
                question,
                reason,
                ..
            } => with(
                asked(billed(authorization, (amount, billing)), question),
                why(Some(reason)),
            ),
            Event::AuthorizationExpired {
                authorization,
                amount,
                billing,
                ..
            }
            | Event::AuthorizationReleased {
                authorization,
                amount,
                billing,
                ..
            } => billed(authorization, (amount, billing)),
            Event::AuthorizationReversed {
                authorization,
                void,
                amount,
                ..
            } => with(raised(authorization, amount), one("void", void)),
            _ => Vec::new(),
        }
    }
}

fn with(
    mut facts: Vec<(&'static str, String)>,
    more: Vec<(&'static str, String)>,
) -> Vec<(&'static str, String)> {
    facts.extend(more);
    facts
}

fn one(name: &'static str, value: impl fmt::Display) -> Vec<(&'static str, String)> {
    vec![(name, value.to_string())]
}

fn of_kind(record: &'static str, id: impl fmt::Display, kind: &str) -> Vec<(&'static str, String)> {
    vec![(record, id.to_string()), ("kind", kind.to_owned())]
}

fn raised(authorization: AuthorizationId, amount: Amount) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", authorization.to_string()),
        ("amount", amount.minor().to_string()),
        ("currency", amount.currency().to_string()),
    ]
}

fn billed(
    authorization: AuthorizationId,
    (amount, billing): (Amount, Amount),
) -> Vec<(&'static str, String)> {
    let mut facts = raised(authorization, amount);
    facts.push(("billing_amount", billing.minor().to_string()));
    facts.push(("billing_currency", billing.currency().to_string()));
    facts
}

fn why(declined: Option<DeclineReason>) -> Vec<(&'static str, String)> {
    let reason = declined.map(|reason| ("reason", reason.word().to_owned()));
    reason.into_iter().collect()
}

fn asked(
    mut facts: Vec<(&'static str, String)>,
    question: Option<i64>,
) -> Vec<(&'static str, String)> {
    facts.extend(question.map(|number| ("question", number.to_string())));
    facts
}

fn moved(from: &str, to: &str) -> Vec<(&'static str, String)> {
    vec![("from", from.to_owned()), ("to", to.to_owned())]
}

fn standing(record: &'static str, id: i64, state: &str) -> Vec<(&'static str, String)> {
    vec![(record, id.to_string()), ("state", state.to_owned())]
}
