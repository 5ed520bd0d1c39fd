//! The rules of card issuing, and nothing else.
//!
//! What lives here takes values and returns values: money, ledger transfers, holders, accounts,
//! products, cards, orders. No function waits, asks for the time, or knows how a record is stored
//! or spelled on a wire. A "no" is always a [`Refusal`].

mod account;
mod card;
mod clock;
mod country;
mod event;
mod holder;
mod ids;
mod ledger;
mod merchant;
mod money;
mod order;
mod pan;
mod product;
mod refusal;

pub use account::{Account, AccountKind, AccountStatus};
pub use card::{
    Card, CardForm, CardStage, CardState, CardStatusChange, CloseReason, Delivery, PlatformBlock,
};
pub use clock::{ClockMode, DomainClock};
pub use country::{Country, RESTRICTED_COUNTRIES};
pub use event::{Event, Subject};
pub use holder::{
    Address, Holder, HolderContact, HolderKind, HolderModel, HolderName, IdentityDocument,
    KycStage, KycState, is_birth_date,
};
pub use ids::{
    AccountId, AuthorizationId, CardId, DisputeId, HoldId, HolderId, IdError, JobId, OrderId,
    ProductId, TenantId, TransactionId, holder_number,
};
pub use jiff::{Timestamp, civil::Date};
pub use ledger::{Balance, Floor, Transfer, TransferKind};
pub use merchant::{Channel, Mcc, Merchant};
pub use money::{Amount, AmountError, Currency};
pub use order::{Order, OrderKind, OrderStatus};
pub use pan::{Bin, Expiry, Pan, PanError, luhn_valid};
pub use product::{
    Capabilities, Capability, Category, HolderRule, Mode, Product, ProductStatus, Quota,
    RechargeTerms, Scheme,
};
pub use refusal::{Record, Refusal};
