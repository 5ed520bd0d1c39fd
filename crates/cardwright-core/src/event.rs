//! Events: what happened, in the domain's words. Dialects and delivery come later.

mod facts;

use crate::{
    Account, AccountId, AccountKind, Amount, Authorization, AuthorizationId, AuthorizationStatus,
    CardFeeId, CardFeeKind, CardId, CardStage, CardState, ChallengeId, ChallengeKind, Currency,
    DeclineReason, DepositId, DepositOrderId, DisputeId, EndpointId, HolderId, KycState, OrderId,
    PlatformBlock, Shipment, TransactionId, VoidId, WalletTokenId, WalletTokenState,
    WorkOrderDecision, WorkOrderId,
};

/// How an authorization stands when something is told of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AuthorizationSeen {
    /// Which one.
    pub id: AuthorizationId,
    /// Where it stands.
    pub status: AuthorizationStatus,
    /// What was approved in all, in minor units of the asked currency.
    pub approved_minor: i64,
    /// What that means for the account, in minor units of its currency.
    pub billing_minor: i64,
}

impl AuthorizationSeen {
    /// How an authorization stands.
    pub fn of(authorization: &Authorization) -> AuthorizationSeen {
        AuthorizationSeen {
            id: authorization.id,
            status: authorization.status,
            approved_minor: authorization.approved_minor,
            billing_minor: authorization.billing_minor,
        }
    }
}

/// What is left on a card by itself when something is told of it; below zero where it owes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LeftOnCard {
    /// How much, in minor units.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl LeftOnCard {
    /// What is left on a card with this account behind it: nothing by itself where it draws on
    /// money that others draw on, too.
    pub fn of(account: &Account) -> LeftOnCard {
        LeftOnCard {
            minor: match account.kind {
                AccountKind::CardBalance => account.available_minor(),
                AccountKind::Wallet
                | AccountKind::Margin
                | AccountKind::Customer
                | AccountKind::FeesIncome
                | AccountKind::ExternalFunding
                | AccountKind::NetworkSettlement
                | AccountKind::CryptoClearing
                | AccountKind::Loss => 0,
            },
            currency: account.currency,
        }
    }

    /// As text, with the currency's decimals.
    pub fn print(self) -> String {
        self.currency.print(self.minor)
    }
}

/// Something that happened and that an integrator may want to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A holder was recorded or its checks moved on.
    HolderStatusChanged {
        /// The holder.
        holder: HolderId,
        /// Where the checks stand now.
        kyc: KycState,
    },
    /// A holder is reached at another e-mail address.
    HolderEmailChanged {
        /// The holder.
        holder: HolderId,
        /// Where the checks stand now.
        kyc: KycState,
        /// The address; none where it was taken away.
        email: Option<String>,
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
        /// The state that it has by itself.
        state: CardState,
    },
    /// The platform lifted its block of a card.
    CardUnblocked {
        /// The card.
        card: CardId,
        /// The state that it has by itself.
        state: CardState,
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
        /// What is left on the card.
        left: LeftOnCard,
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
        /// Where it stands now: while somebody else decided, it may have moved on.
        status: AuthorizationStatus,
    },
    /// An authorization was raised.
    AuthorizationIncremented {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationSeen,
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
        /// How it stands, where that ended it: not all of it was there any more to be taken back.
        ended: Option<AuthorizationSeen>,
    },
    /// An authorization was taken back, whole or in part.
    AuthorizationReversed {
        /// The card.
        card: CardId,
        /// The authorization.
        authorization: AuthorizationSeen,
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
        authorization: AuthorizationSeen,
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
        /// The authorization that it settled, if it did.
        settled: Option<AuthorizationSeen>,
        /// What the wallet pays of the exchange in the card's place, which is told of by itself, too.
        patch: Option<Amount>,
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
    pub fn word(&self) -> &'static str {
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
    pub fn subject(&self) -> Subject {
        match *self {
            Event::HolderStatusChanged { holder, .. }
            | Event::HolderEmailChanged { holder, .. } => Subject::Holder(holder),
            Event::AccountCreated { account }
            | Event::DepositChanged { account, .. }
            | Event::DepositExpired { account, .. } => Subject::Account(account),
            Event::WorkOrderDecided { work_order, .. } => Subject::WorkOrder(work_order),
            Event::EndpointDisabled { endpoint, .. } => Subject::Endpoint(endpoint),
            Event::CardCreated { card }
            | Event::CardStatusChanged { card, .. }
            | Event::CardBlocked { card, .. }
            | Event::CardUnblocked { card, .. }
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
}
