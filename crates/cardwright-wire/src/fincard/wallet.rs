//! The crypto wallet: coins, the addresses they are sent to, and what came.

mod addresses;
mod coins;
mod orders;
mod transactions;

pub use addresses::{
    Address, AddressFacts, AddressOrder, AddressType, Addresses, CreateAddress, ListAddresses,
    ListOrder,
};
pub use coins::{Coin, CoinFacts};
pub use orders::{
    AnnouncedDeposit, AnnouncedFacts, DepositRecord, DepositRecordFacts, ListDeposits,
    WalletDeposit,
};
pub use transactions::{
    BlockFacts, ListTransactions, Status, Transaction, TransactionFacts, TransactionFee,
    TransactionType,
};

/// The names of a chain.
const CHAIN: &[&str; 2] = &["chainKey", "chain"];

/// The names of a movement's type.
const TYPE: &[&str; 2] = &["type", "transactionType"];

/// The names of a movement's status.
const STATUS: &[&str; 2] = &["status", "transactionStatus"];

const STATUSES: &[(&str, Status)] = &[
    ("wait_process", Status::WaitProcess),
    ("processing", Status::Processing),
    ("success", Status::Success),
    ("fail", Status::Fail),
];
