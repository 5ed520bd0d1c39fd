//! The rules of card issuing, and nothing else.
//!
//! What lives here takes values and returns values: money, ledger transfers, holders, accounts,
//! products, cards, orders. No function waits, asks for the time, or knows how a record is stored
//! or spelled on a wire. A "no" is always a [`Refusal`].

mod account;
mod account_transfer;
mod authorization;
mod card;
mod card_fee;
mod challenge;
mod clock;
mod coin;
mod controls;
mod country;
mod delivery;
mod description;
mod event;
mod exchange;
mod file;
mod holder;
mod ids;
mod ledger;
mod limits;
mod merchant;
mod money;
mod occupation;
mod order;
mod pan;
mod pin;
mod place;
mod product;
mod refusal;
mod shipment;
mod wallet_token;
mod webhook;
mod work_order;

pub use account::{Account, AccountKind, AccountStatus};
pub use account_transfer::{AccountTransfer, TransferDirection};
pub use authorization::{
    Authorization, AuthorizationKind, AuthorizationStatus, AuthorizationTerms, Clearing, Decision,
    DeclineReason, Dispute, DisputeOutcome, DisputeState, LimitsAfterRefund, Origin, Partial,
    Presented, Question, Return, Reversal, Ruling, Sequel, Settlement, Standing, Transaction,
    TransactionKind, Void, Withdrawn, decide,
};
pub use card::{
    Card, CardForm, CardMove, CardStage, CardState, CardStatusChange, CloseReason, Delivery,
    LastUse, PlatformBlock,
};
pub use card_fee::{CardFee, CardFeeKind, covers_fee, overdraft};
pub use challenge::{
    Challenge, ChallengeEnd, ChallengeKind, ChallengeState, ChallengedPayment, CodeCheck, CodeMatch,
};
pub use clock::{ClockMode, DomainClock};
pub use coin::{
    Block, Chain, Coin, CoinStatus, CoinUnits, Deposit, DepositBounds, DepositFailure, DepositFee,
    DepositOrder, DepositOrderState, DepositState, Proceeds,
};
pub use controls::{
    Breach, ChannelSwitch, CombinedControls, ControlScope, Controlled, Controls, UseOfCard,
};
pub use country::{Country, RESTRICTED_COUNTRIES};
pub use delivery::{
    Confirmation, FAILING_TOO_LONG, JITTER_PERMILLE, Jitter, Outcome, Response, WebhookFault,
    after_send, waits,
};
pub use description::{Description, DocumentKind};
pub use event::{AuthorizationSeen, Event, LeftOnCard, Subject};
pub use exchange::{Billing, Quote, Rate};
pub use file::{FILE_BYTES_MAX, FileKind};
pub use holder::{
    Address, Holder, HolderContact, HolderKind, HolderModel, HolderName, IdentityDocument,
    KycStage, KycState, is_birth_date,
};
pub use ids::{
    AccountId, AccountTransferId, AuthorizationId, CardFeeId, CardId, ChallengeId, DeliveryId,
    DepositAddressId, DepositId, DepositOrderId, DisputeId, EndpointId, EventId, HoldId, HolderId,
    IdError, JobId, OrderId, ProductId, TenantId, TransactionId, VoidId, WalletTokenId,
    WorkOrderId, holder_number,
};
pub use jiff::{Timestamp, civil::Date, tz::TimeZone};
pub use ledger::{Balance, Floor, Hold, HoldEnd, HoldState, Transfer, TransferKind};
pub use limits::{Asked, Limit, Period, Remaining, Usage, UsageSubject, Usages, Window};
pub use merchant::{Channel, Mcc, Merchant};
pub use money::{Amount, AmountError, Currency};
pub use occupation::Occupation;
pub use order::{
    Bound, CardSeen, CardWishes, MerchantRule, Order, OrderKind, OrderRoute, OrderStatus,
};
pub use pan::{Bin, Expiry, Pan, PanError, luhn_valid};
pub use pin::{PinCheck, PinMatch, PinTries, check_pin_strength, is_pin};
pub use place::{City, Region, place_name, regions};
pub use product::{
    Capabilities, Capability, Category, HolderRule, Mode, NoPinTerms, Product, ProductStatus,
    Quota, RechargeTerms, Scheme,
};
pub use refusal::{
    HolderRefusal, PaymentRefusal, Record, Refusal, SandboxRefusal, SecretRefusal, WebhookRefusal,
};
pub use shipment::{Shipment, ShippingStep};
pub use wallet_token::{WalletKind, WalletToken, WalletTokenState, WalletTokenStep};
pub use webhook::WebhookDialect;
pub use work_order::{WorkOrder, WorkOrderDecision, WorkOrderState};
