//! What lists are asked by. Every field narrows a list; none is required.

use serde::Serialize;

use super::AccountType;

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    page_num: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<i64>,
}

/// Makes what a list is asked by. All lists come in pages; those that are `timed` go by time as well.
macro_rules! queries {
    ($($kind:ident $(#[$about:meta])* $name:ident {
        $($(#[doc = $about_field:expr])* $(#[serde($($how:tt)*)])? $field:ident: $type:ty,)*
    })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            #[serde(flatten)]
            part: Part,
            $($(#[doc = $about_field])*
            #[serde(skip_serializing_if = "Option::is_none" $(, $($how)*)?)]
            $field: Option<$type>,)*
        }

        impl $name {
            /// All there are; the first ten of them, unless a page is asked for.
            pub fn new() -> $name {
                $name::default()
            }

            /// Which page, from 1, and how many records it has.
            #[must_use]
            pub fn page(mut self, number: u64, size: u64) -> $name {
                self.part.page_num = Some(number);
                self.part.page_size = Some(size);
                self
            }

            queries! { @$kind $name }

            $($(#[doc = $about_field])*
            #[must_use]
            pub fn $field(mut self, $field: impl Into<$type>) -> $name {
                self.$field = Some($field.into());
                self
            })*
        }
    )+};
    (@paged $name:ident) => {};
    (@timed $name:ident) => {
        /// Not before and not after, Unix milliseconds.
        #[must_use]
        pub fn between(mut self, start_ms: i64, end_ms: i64) -> $name {
            self.part.start_time = Some(start_ms);
            self.part.end_time = Some(end_ms);
            self
        }
    };
}

queries! {
    paged /// `work/list`
    WorkQuery {
        /// Only the one with this number.
        merchant_order_no: String,
        /// Only this one.
        order_no: String,
        /// Only this kind of work.
        trade_type: String,
        /// Only those that are so far: processing, success, fail.
        trade_status: String,
    }
    paged /// `account/list`
    AccountQuery {
        /// Only this one.
        account_id: String,
        /// Only those for this.
        account_type: AccountType,
    }
    timed /// `account/transaction`
    LedgerQuery {
        /// Only of this account.
        account_id: String,
        /// Only of this order.
        order_no: String,
        /// Only these movements: `card_deposit`, `fund_transfer`, …
        biz_type: String,
    }
    timed /// `account/walletDepositTransaction`
    DepositQuery {
        /// Only of this account.
        account_id: String,
        /// Only this one.
        order_no: String,
        /// Only from this address.
        from_address: String,
        /// Only to this address.
        to_address: String,
        /// Only by this transaction of the chain.
        tx_id: String,
        /// Only those that are so far: `wait_process`, processing, success, fail.
        status: String,
    }
    paged /// `wallet/v2/addressList`
    AddressQuery {
        /// Only of this account.
        account_id: String,
        /// Only of this coin.
        coin_key: String,
        /// Only on this chain.
        chain_key: String,
        /// Only of this type.
        address_type: String,
        /// Only those that are in use, or that are not.
        active: bool,
        /// By which field they are sorted.
        sort_field: String,
        /// In which order: ASC, DESC.
        sort_order: String,
        /// Only those that have this in them.
        search_term: String,
        /// Not made before, Unix milliseconds.
        create_date_from: i64,
        /// Not made after, Unix milliseconds.
        create_date_to: i64,
    }
    timed /// `wallet/v2/transaction`
    WalletQuery {
        /// Only of this coin.
        coin_key: String,
        /// Only of coins of this name.
        coin_name: String,
        /// Only by this transaction of the chain.
        tx_hash: String,
        /// Only from this address.
        source_address: String,
        /// Only to this address.
        destination_address: String,
        /// Only this one.
        order_no: String,
        /// Only this way: DEPOSIT, WITHDRAW.
        #[serde(rename = "type")]
        transaction_type: String,
        /// Only those that are so far: `wait_process`, processing, success, fail.
        status: String,
        /// Only those that have this in them.
        search_term: String,
    }
    paged /// `card/holder/list`
    HolderQuery {
        /// Only this one.
        holder_id: i64,
        /// Only with this dial code; goes with `mobile`.
        area_code: String,
        /// Only with this telephone number; goes with `area_code`.
        mobile: String,
        /// Only with this address.
        email: String,
        /// Only the one with this number.
        merchant_order_no: String,
        /// Only of this model: B2B, B2C.
        cardholder_type: String,
        /// Only those whose checks are so far: `wait_audit`, …, or PENDING, …
        cardholder_status: String,
        /// Only those that have this in them.
        search_term: String,
    }
    timed /// `card/list`
    CardQuery {
        /// Only this one.
        card_no: String,
        /// Only of this type.
        card_type_id: i64,
        /// Only of this cardholder.
        holder_id: i64,
        /// Only in this state: Normal, …, or ACTIVE, …
        status: String,
    }
    timed /// `card/purchase/transaction`
    BillQuery {
        /// Only of this card.
        card_no: String,
        /// Only the one with this number.
        merchant_order_no: String,
        /// Only of this order.
        order_no: String,
    }
    timed /// `card/transaction`, `card/v2/transaction`
    OrderQuery {
        /// Only on this card.
        card_no: String,
        /// Only these orders: create, deposit, Freeze, …
        #[serde(rename = "type")]
        order_type: String,
        /// Only the one with this number.
        merchant_order_no: String,
        /// Only this one.
        order_no: String,
    }
    timed /// `card/authorize/transaction`
    AuthorizationQuery {
        /// Only by this card.
        card_no: String,
        /// Only these: auth, Void, refund, verification, `maintain_fee`.
        #[serde(rename = "type")]
        trade_type: String,
        /// Only this one.
        trade_no: String,
    }
    timed /// `card/auth/fee/transaction`
    FeePatchQuery {
        /// Only of this card.
        card_no: String,
        /// Only these: `card_patch_fee`, `card_patch_cross_border`.
        trade_type: String,
        /// Only this one.
        trade_no: String,
        /// Only of this payment.
        origin_trade_no: String,
    }
    timed /// `card/3ds/transaction`
    ChallengeQuery {
        /// Only of this card.
        card_no: String,
        /// Only these: `third_3ds_otp`, `auth_url`, `activation_code`.
        #[serde(rename = "type")]
        challenge_type: String,
        /// Only this one.
        trade_no: String,
    }
}

impl AddressQuery {
    /// The same with a page in it: without one a server answers this list alone as an array.
    pub(in crate::fincard) fn in_pages(&self) -> AddressQuery {
        let mut query = self.clone();
        query.part.page_num.get_or_insert(1);
        query
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_sends_its_page_its_time_and_its_filters() {
        let query = OrderQuery::new()
            .page(2, 50)
            .between(1, 2)
            .order_type("Freeze");
        let whole = json!({"pageNum": 2, "pageSize": 50, "startTime": 1, "endTime": 2,
            "type": "Freeze"});
        assert_eq!(serde_json::to_value(query).unwrap(), whole);
        assert_eq!(serde_json::to_value(CardQuery::new()).unwrap(), json!({}));
    }

    #[test]
    fn addresses_are_always_asked_for_in_pages() {
        let sent = |query: AddressQuery| serde_json::to_value(query.in_pages()).unwrap();
        assert_eq!(sent(AddressQuery::new()), json!({"pageNum": 1}));
        let third = AddressQuery::new().page(3, 20).active(true);
        assert_eq!(
            sent(third),
            json!({"pageNum": 3, "pageSize": 20, "active": true})
        );
    }
}
