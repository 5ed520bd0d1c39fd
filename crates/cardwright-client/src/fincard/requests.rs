//! What the typed calls send: of each call what it needs, in its `new`, and what it takes besides, as
//! methods. A field that was not given is not sent.
//!
//! Law: a request that can be written has every field that its call requires, under its right name.

mod cards;
mod holders;
mod queries;

use serde::{Serialize, Serializer};

use crate::Secret;

pub use cards::{
    Activate, CardInfo, CardOrder, Happening, MoveMoney, NamedCard, OpenCard, RiskControls,
    Simulate, SpendingControl, UpdateCard, UpdateNote, UpdatePin,
};
pub use holders::{
    Consumer, Contact, HolderDetails, IdentityDocument, KycVerification, MailingAddress, NewHolder,
    Origin, Person, UpdateEmail, UpdateHolder,
};
pub use queries::{
    AccountQuery, AddressQuery, AuthorizationQuery, BillQuery, CardQuery, ChallengeQuery,
    DepositQuery, FeePatchQuery, HolderQuery, LedgerQuery, OrderQuery, WalletQuery, WorkQuery,
};

/// Makes a request of what it is called, what it needs, and what it takes besides.
macro_rules! requests {
    ($($(#[$about:meta])* $name:ident {
        $($(#[$needed_about:meta])* $needed:ident: $needed_kind:ty,)*
    } also {
        $($(#[doc = $about_optional:expr])* $(#[serde($($how:tt)*)])? $optional:ident: $kind:ty,)*
    })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$needed_about])* $needed: $needed_kind,)*
            $($(#[doc = $about_optional])*
            #[serde(skip_serializing_if = "Option::is_none" $(, $($how)*)?)]
            $optional: Option<$kind>,)*
        }

        impl $name {
            /// With what the call needs.
            pub fn new($($needed: impl Into<$needed_kind>),*) -> $name {
                $name {
                    $($needed: $needed.into(),)*
                    $($optional: None,)*
                }
            }

            $($(#[doc = $about_optional])*
            #[must_use]
            pub fn $optional(mut self, $optional: impl Into<$kind>) -> $name {
                self.$optional = Some($optional.into());
                self
            })*
        }
    )+};
}
use requests;

/// Sends a secret: its call is what it is for.
fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

#[expect(clippy::ref_option, reason = "it is how serde hands a field over")]
fn exposed_if_any<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AccountType {
    /// The main account.
    Wallet,
    /// A pool that several cards spend from.
    Margin,
}

/// What staff are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// What it is about: `ApplePay`.
    pub title: String,
    /// The card, or what else it is to be done to.
    pub target: String,
    /// Which kind of work: `CARD_ACTIVE`.
    pub trade_type: String,
    /// What is to be done, in words.
    pub content: String,
}

/// Between which accounts money moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// The account that pays.
    pub from_account_id: String,
    /// The account that receives.
    pub to_account_id: String,
}

/// What a transfer is called; money goes from payer to receiver in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TransferType {
    /// Into a pool.
    Transfer,
    /// Back out of one.
    Collection,
}

requests! {
    /// `common/city`, `common/v2/city`
    PlaceQuery {} also {
        /// Only in this country, two letters.
        region_code: String,
    }
    /// `work/submit`
    SubmitWork {
        /// Your number of it.
        merchant_order_no: String,
        /// What staff are asked for.
        #[serde(flatten)]
        work: Work,
    } also {
        /// Your note on it.
        remark: String,
    }
    /// `account/single/query`
    NamedAccount {
        /// Which account.
        account_id: String,
    } also {}
    /// `account/create`
    CreateAccount {
        /// What it is called.
        account_name: String,
    } also {
        /// Its currency; the server's default is USD.
        currency: String,
        /// What it is for; the server's default is a pool.
        account_type: AccountType,
    }
    /// `account/transfer`
    Transfer {
        /// Your number of it.
        merchant_order_no: String,
        /// What it is called.
        #[serde(rename = "type")]
        kind: TransferType,
        /// Between which accounts.
        #[serde(flatten)]
        way: Way,
        /// How much: `250.00`.
        amount: String,
    } also {
        /// The currency of both accounts.
        currency: String,
        /// Why.
        description: String,
    }
    /// `account/walletDeposit`
    AnnounceDeposit {
        /// How much is going to be sent.
        amount: String,
    } also {
        /// For which account; the main one where none is named.
        account_id: String,
        /// The currency of the amount.
        currency: String,
        /// By which chain: `TRC20`, `BEP20`.
        chain: String,
        /// How it is paid.
        payment_method: String,
    }
    /// `wallet/v2/create`
    CreateAddress {
        /// For which coin: `USDT_TRC20`.
        coin_key: String,
    } also {
        /// For which account; the main one where none is named.
        account_id: String,
        /// The coin's chain.
        chain_key: String,
        /// A name for the address.
        label: String,
    }
}

impl Default for PlaceQuery {
    fn default() -> PlaceQuery {
        PlaceQuery::new()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    fn sent(request: impl Serialize) -> serde_json::Value {
        serde_json::to_value(request).unwrap()
    }

    #[test]
    fn a_request_sends_what_was_given_and_nothing_else() {
        let pool = CreateAccount::new("Team");
        assert_eq!(sent(&pool), json!({"accountName": "Team"}));
        let pool = pool.currency("EUR").account_type(AccountType::Margin);
        let whole = json!({"accountName": "Team", "currency": "EUR", "accountType": "MARGIN"});
        assert_eq!(sent(&pool), whole);
        assert_eq!(sent(PlaceQuery::new()), json!({}));
    }

    #[test]
    fn what_belongs_together_is_sent_flat() {
        let way = Way {
            from_account_id: "1".to_owned(),
            to_account_id: "2".to_owned(),
        };
        let transfer = Transfer::new("n-1", TransferType::Collection, way, "5.00");
        assert_eq!(
            sent(transfer),
            json!({"merchantOrderNo": "n-1", "type": "COLLECTION", "fromAccountId": "1",
                "toAccountId": "2", "amount": "5.00"})
        );
    }

    #[test]
    fn a_payment_that_is_taken_back_names_the_one_it_takes_back() {
        let origin = || "9".to_owned();
        for (happening, kind) in [
            (Happening::Void { origin: origin() }, "Void"),
            (Happening::Refund { origin: origin() }, "refund"),
        ] {
            let whole = json!({"cardNo": "7", "type": kind, "originSerialNumber": "9",
                "amount": "1.00", "currency": "USD"});
            assert_eq!(sent(Simulate::new("7", happening, "1.00", "USD")), whole);
        }
        let auth = sent(Simulate::new("7", Happening::Auth, "1.00", "USD"));
        assert_eq!(auth["type"], "auth");
        assert!(auth.get("originSerialNumber").is_none());
    }

    #[test]
    fn pins_codes_and_card_numbers_are_sent_and_do_not_show() {
        let activate = Activate::new("7", "n-1", Secret::new("294751"), Secret::new("483920"));
        let body = sent(&activate);
        assert_eq!(
            (&body["pin"], &body["activationCode"]),
            (&json!("294751"), &json!("483920"))
        );
        let card = OpenCard::new("n-1", 111_002).card_number(Secret::new("4242424242424242"));
        assert_eq!(sent(&card)["cardNumber"], "4242424242424242");
        let shown = format!("{activate:?} {card:?}");
        assert!(
            !shown.contains("294751") && !shown.contains("483920"),
            "{shown}"
        );
        assert!(!shown.contains("4242"), "{shown}");
    }
}
