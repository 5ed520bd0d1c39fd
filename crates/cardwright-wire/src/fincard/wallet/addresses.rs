//! Addresses that coins are sent to.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};

use super::CHAIN;
use crate::fincard::ids::TextId;
use crate::fincard::page::{MaybePaged, Page};
use crate::instant::UnixMs;
use crate::json::Json;
use crate::kind::{GivenId, Kind, Parsed, Refused, boolean, core_id, date, integer, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// `wallet/v2/create`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAddress {
    /// The coin's key.
    pub coin_key: String,
    /// Whose deposits they are to be; the wallet's where it is left out.
    pub account_id: Option<GivenId>,
    /// The chain's key, where the caller says it beside the coin.
    pub chain_key: Option<String>,
    /// The integrator's name for it.
    pub label: Option<String>,
}

impl Shape for CreateAddress {
    const NAME: &'static str = "CreateAddress";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let coin_key = fields.required(
            "coinKey",
            text(1..=40).about("Key of the coin").example("USDT_TRC20"),
        );
        let account_id = fields.optional(
            "accountId",
            core_id().about("Which account receives; the wallet when left out"),
        );
        let chain_key = fields.optional(
            CHAIN,
            text(1..=40)
                .about("Key of the coin's chain")
                .example("TRC20"),
        );
        let label = fields.optional(
            "label",
            text(0..=100)
                .about("Your name for the address")
                .example("Main"),
        );
        Some(CreateAddress {
            coin_key: coin_key?,
            account_id: account_id?,
            chain_key: chain_key?,
            label: label?,
        })
    }
}

/// What kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AddressType {
    /// Coins are received there.
    Deposit,
    /// Coins are sent from there.
    Withdraw,
}

const ADDRESS_TYPES: &[(&str, AddressType)] = &[
    ("DEPOSIT", AddressType::Deposit),
    ("WITHDRAW", AddressType::Withdraw),
];

/// What addresses are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressOrder {
    /// When they were made.
    Created,
    /// Their coin.
    Coin,
    /// Their label.
    Label,
    /// The address itself.
    Address,
}

const ADDRESS_ORDERS: &[(&str, AddressOrder)] = &[
    ("createTime", AddressOrder::Created),
    ("createDate", AddressOrder::Created),
    ("coinKey", AddressOrder::Coin),
    ("label", AddressOrder::Label),
    ("address", AddressOrder::Address),
];

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOrder {
    /// The least or oldest first.
    Ascending,
    /// The greatest or newest first.
    Descending,
}

const LIST_ORDERS: &[(&str, ListOrder)] = &[
    ("asc", ListOrder::Ascending),
    ("ASC", ListOrder::Ascending),
    ("desc", ListOrder::Descending),
    ("DESC", ListOrder::Descending),
];

/// Whether a day that bounds a range counts from its beginning or to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Beginning,
    End,
}

/// An end of a range: a day of UTC, as a whole, or Unix milliseconds.
struct DayOrInstant(Edge);

impl Kind for DayOrInstant {
    type Out = i64;

    fn parse(&self, value: &Json) -> Result<Parsed<i64>, Refused> {
        if let Json::Number(_) = value {
            return integer(0..=253_402_300_799_999).parse(value);
        }
        let day = date().parse(value)?.value;
        let begins = day.to_zoned(TimeZone::UTC).map_err(|_| Refused::Invalid)?;
        let begins = begins.timestamp().as_millisecond();
        let instant = match self.0 {
            Edge::Beginning => begins,
            Edge::End => begins.saturating_add(86_399_999),
        };
        Ok(Parsed::bare(instant, instant.to_string()))
    }

    fn schema(&self) -> Schema {
        let types = SchemaType::Array(vec![Type::String, Type::Integer]);
        Schema::Object(Object::with_type(types))
    }
}

/// `wallet/v2/addressList`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAddresses {
    /// Which page; all, in an array, where no paging field is sent.
    pub page: MaybePaged,
    /// Only of this account.
    pub account_id: Option<GivenId>,
    /// Only of this coin.
    pub coin_key: Option<String>,
    /// Only on this chain.
    pub chain_key: Option<String>,
    /// Only of this kind.
    pub address_type: Option<AddressType>,
    /// Only those that can, or cannot, be used now.
    pub active: Option<bool>,
    /// What they are ordered by.
    pub sort_field: AddressOrder,
    /// Which way.
    pub sort_order: ListOrder,
    /// Only where address, label or coin contain this.
    pub search_term: Option<String>,
    /// Not made before, Unix milliseconds.
    pub from_ms: Option<i64>,
    /// Not made after, Unix milliseconds.
    pub until_ms: Option<i64>,
}

impl Shape for ListAddresses {
    const NAME: &'static str = "ListAddresses";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = MaybePaged::read(fields);
        let account_id = fields.optional("accountId", core_id().about("Only of this account"));
        let coin_key = fields.optional("coinKey", text(0..=40).about("Only of this coin"));
        let chain_key = fields.optional(CHAIN, text(0..=40).about("Only on this chain"));
        let address_type = fields.optional(
            "addressType",
            one_of(ADDRESS_TYPES).about("Only of this kind"),
        );
        let active = fields.optional(
            "active",
            boolean().about("Only those that can, or cannot, be used now"),
        );
        let sort_field = fields.optional(
            "sortField",
            one_of(ADDRESS_ORDERS).about("What they are ordered by; createTime when left out"),
        );
        let sort_order = fields.optional(
            "sortOrder",
            one_of(LIST_ORDERS).about("Which way; desc when left out"),
        );
        let search_term = fields.optional(
            "searchTerm",
            text(0..=100).about("Only where address, label or coin contain this"),
        );
        let from = fields.optional(
            "createDateFrom",
            DayOrInstant(Edge::Beginning).about("Not made before: a day of UTC, or milliseconds"),
        );
        let until = fields.optional(
            "createDateTo",
            DayOrInstant(Edge::End).about("Not made after: a day of UTC, or milliseconds"),
        );
        Some(ListAddresses {
            page: page?,
            account_id: account_id?,
            coin_key: coin_key?,
            chain_key: chain_key?,
            address_type: address_type?,
            active: active?,
            sort_field: sort_field?.unwrap_or(AddressOrder::Created),
            sort_order: sort_order?.unwrap_or(ListOrder::Descending),
            search_term: search_term?,
            from_ms: from?,
            until_ms: until?,
        })
    }
}

/// What the server knows about an address; [`Address`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressFacts {
    /// Core id.
    pub id: i64,
    /// Core id of the account.
    pub account_id: i64,
    /// The coin's key.
    pub coin_key: String,
    /// The chain's key.
    pub chain: &'static str,
    /// The coin's short name.
    pub coin_name: String,
    /// The address.
    pub address: String,
    /// A picture of it, as a URL.
    pub qr_code_url: Option<String>,
    /// The integrator's name for it.
    pub label: Option<String>,
    /// Whether coins are taken there now.
    pub is_active: bool,
    /// Coins that were turned into money.
    pub received: String,
    /// No coins, with the coin's decimals.
    pub nothing: String,
    /// Coins on their way.
    pub unconfirmed: String,
    /// How many deposits there were.
    pub deposits: i64,
    /// The least that is taken at a time, in coins.
    pub deposit_min: String,
    /// How many blocks a deposit needs.
    pub confirmations: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a deposit last moved.
    pub last_at: Option<Timestamp>,
}

/// An address that coins are sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DepositAddress)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Address {
    /// Id of the address.
    address_id: TextId,
    /// Which account receives.
    account_id: TextId,
    /// Key of the coin.
    coin_key: String,
    /// Key of the chain.
    chain: &'static str,
    /// Same as `chain`.
    chain_key: &'static str,
    /// Short name of the coin.
    coin_name: String,
    /// The address.
    address: String,
    /// Same as `address`.
    wallet_address: String,
    /// Always DEPOSIT.
    address_type: AddressType,
    /// Your name for it.
    label: Option<String>,
    /// Always null: these chains need none.
    memo: Option<String>,
    /// A picture of it that telephones read: a `data:` URL of an SVG.
    qr_code_url: Option<String>,
    /// Always false.
    is_hd_wallet: bool,
    /// Always null.
    derivation_path: Option<String>,
    /// Whether coins are taken there now.
    active: bool,
    /// Coins that were turned into money.
    total_received: String,
    /// Always nothing.
    total_sent: String,
    /// Coins that came and did not leave: `totalReceived`.
    balance: String,
    /// Coins on their way.
    unconfirmed_balance: String,
    /// How many deposits there were.
    number_of_transactions: i64,
    /// When it was made.
    create_time: UnixMs,
    /// When a deposit last moved.
    last_activity_time: Option<UnixMs>,
    /// The least that is taken at a time, in coins.
    min_deposit_amount: String,
    /// How many blocks must lie on a deposit before it counts.
    confirmations: u32,
}

impl From<AddressFacts> for Address {
    fn from(facts: AddressFacts) -> Address {
        Address {
            address_id: TextId(facts.id),
            account_id: TextId(facts.account_id),
            coin_key: facts.coin_key,
            chain: facts.chain,
            chain_key: facts.chain,
            coin_name: facts.coin_name,
            wallet_address: facts.address.clone(),
            address: facts.address,
            address_type: AddressType::Deposit,
            label: facts.label,
            memo: None,
            qr_code_url: facts.qr_code_url,
            is_hd_wallet: false,
            derivation_path: None,
            active: facts.is_active,
            balance: facts.received.clone(),
            total_received: facts.received,
            total_sent: facts.nothing,
            unconfirmed_balance: facts.unconfirmed,
            number_of_transactions: facts.deposits,
            create_time: UnixMs(facts.created_at),
            last_activity_time: facts.last_at.map(UnixMs),
            min_deposit_amount: facts.deposit_min,
            confirmations: facts.confirmations,
        }
    }
}

/// Addresses: a page where one was asked for, else all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Addresses {
    /// A page.
    Page(Page<Address>),
    /// All.
    All(Vec<Address>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::page::PageRequest;
    use crate::shape;

    fn list(body: &str) -> ListAddresses {
        let read = shape::from_body::<ListAddresses>(body.as_bytes());
        read.expect("right").value
    }

    #[test]
    fn addresses_come_in_pages_only_where_a_page_is_asked_for() {
        assert_eq!(list("{}").page, MaybePaged(None));
        let page = |num, size| MaybePaged(Some(PageRequest { num, size }));
        assert_eq!(list(r#"{"pageNo": 2}"#).page, page(2, 10));
        assert_eq!(list(r#"{"pageSize": 500}"#).page, page(1, 100));
        assert_eq!(list(r#"{"pageNum": null}"#).page, MaybePaged(None));
    }

    #[test]
    fn a_range_of_days_ends_with_the_last_of_its_milliseconds() {
        let read = list(r#"{"createDateFrom": "1970-01-02", "createDateTo": "1970-01-02"}"#);
        assert_eq!(read.from_ms, Some(86_400_000));
        assert_eq!(read.until_ms, Some(172_799_999));
        let read = list(r#"{"createDateFrom": 5, "createDateTo": 6}"#);
        assert_eq!((read.from_ms, read.until_ms), (Some(5), Some(6)));
        let wrong = br#"{"createDateFrom": "yesterday"}"#;
        assert!(shape::from_body::<ListAddresses>(wrong).is_err());
    }

    #[test]
    fn an_order_is_one_of_the_known_ones() {
        let read = list(r#"{"sortField": "label", "sortOrder": "ASC", "chain": "TRC20"}"#);
        assert_eq!(read.sort_field, AddressOrder::Label);
        assert_eq!(read.sort_order, ListOrder::Ascending);
        assert_eq!(read.chain_key.as_deref(), Some("TRC20"));
        let wrong = br#"{"sortField": "id; DROP TABLE"}"#;
        assert!(shape::from_body::<ListAddresses>(wrong).is_err());
    }

    #[test]
    fn an_address_has_exactly_the_published_names() {
        let address = Address::from(AddressFacts {
            qr_code_url: Some("data:image/svg+xml;base64,".to_owned()),
            id: 3,
            account_id: 2,
            coin_key: "USDT_TRC20".to_owned(),
            chain: "TRC20",
            coin_name: "USDT".to_owned(),
            address: "T1".to_owned(),
            label: None,
            is_active: true,
            received: "9.000000".to_owned(),
            nothing: "0.000000".to_owned(),
            unconfirmed: "1.000000".to_owned(),
            deposits: 2,
            deposit_min: "1.000000".to_owned(),
            confirmations: 38,
            created_at: Timestamp::UNIX_EPOCH,
            last_at: None,
        });
        let written = serde_json::to_value(Addresses::All(vec![address])).expect("plain");
        let names = "addressId accountId coinKey chain chainKey coinName address walletAddress \
            addressType label memo qrCodeUrl isHdWallet derivationPath active totalReceived \
            totalSent balance unconfirmedBalance numberOfTransactions createTime lastActivityTime \
            minDepositAmount confirmations";
        crate::fincard::assert_names(&written[0], names);
        assert_eq!(written[0]["walletAddress"], "T1");
        assert_eq!(written[0]["balance"], "9.000000");
    }
}
