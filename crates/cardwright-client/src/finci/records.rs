//! What the typed calls answer: of each record the fields that programs go by, and the rest as it
//! came.
//!
//! Amounts and ids are text, as on the wire: an id may exceed what a float can hold, and an amount
//! is never a float here. A server may add fields at any time; they are in `more`.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Makes a record of what it is called, its fields and what they mean.
macro_rules! records {
    ($($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        pub struct $name {
            $($(#[$field_about])* pub $field: $kind,)*
            /// Every other field, as it came.
            #[serde(flatten)]
            pub more: Map<String, Value>,
        }
    )+};
}

records! {
    /// A person.
    Person {
        /// Its id: twenty digits.
        person_id: String,
        /// Your own id.
        external_id: Option<String>,
        /// Given names.
        first_name: String,
        /// Family name.
        last_name: String,
        /// Day of birth.
        birth_date: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// Telephone number.
        phone: Option<String>,
    }
    /// A corporate.
    Corporate {
        /// Its id: twenty digits.
        corporate_id: String,
        /// Your own id.
        external_id: Option<String>,
        /// Its name.
        name: String,
        /// Its number in the register of companies.
        registration_number: Option<String>,
        /// E-mail address.
        email: Option<String>,
    }
    /// An employee of a corporate.
    Employee {
        /// Its id.
        employee_id: String,
        /// Whose employee.
        corporate_id: String,
        /// Your own id.
        external_id: Option<String>,
        /// Given names.
        first_name: String,
        /// Family name.
        last_name: String,
    }
    /// An account.
    Account {
        /// Its id.
        account_id: String,
        /// The owner, if a person.
        person_id: Option<String>,
        /// The owner, if a corporate.
        corporate_id: Option<String>,
        /// Its currency.
        currency: String,
        /// What is there, held amounts included.
        balance: String,
        /// What can be spent.
        available_balance: String,
        /// What is set aside for authorizations.
        held: String,
        /// active, frozen, closed.
        account_status: String,
        /// Your own id.
        external_id: Option<String>,
    }
    /// A card as a list has it.
    CardItem {
        /// Its id.
        token_id: String,
        /// The name on it.
        embossing_name: String,
        /// Its number, masked.
        card_number: String,
        /// The last month it is good for.
        expiration_date: String,
        /// Which product.
        product_id: i64,
    }
    /// A card.
    Card {
        /// Its id.
        token_id: String,
        /// The name on it.
        embossing_name: String,
        /// Its number, masked.
        card_number: String,
        /// The last month it is good for.
        expiration_date: String,
        /// Which product.
        product_id: i64,
        /// Only `active` transacts.
        token_status: String,
        /// Where its plastic is.
        token_stage: String,
        /// The holder, if a person.
        person_id: Option<String>,
        /// The holder, if an employee.
        employee_id: Option<String>,
        /// What it draws on.
        account_id: String,
        /// Your own id.
        external_id: Option<String>,
        /// The card it replaced.
        replaces: Option<String>,
        /// The card that replaced it.
        replaced_by: Option<String>,
    }
    /// What the card network asked, and what became of it.
    Authorization {
        /// Its id: eighteen digits.
        id: String,
        /// declined, answered, open, cleared, reversed, expired.
        authorization_status: String,
        /// What the network was told: `Approved`, `InsufficientFunds`, …
        response_code: Option<String>,
        /// The card.
        token_id: String,
        /// The account.
        account_id: String,
        /// What was asked for, in the merchant's currency.
        amount: String,
        /// That currency.
        currency: String,
        /// What was approved means this for the account.
        billing_amount: String,
        /// The account's currency.
        billing_currency: String,
    }
    /// What a merchant was paid or gave back.
    Transaction {
        /// Its id.
        transaction_id: String,
        /// presentment, `deferred_presentment`, return, `return_reversal`.
        transaction_type: String,
        /// posted, `partially_returned`, returned.
        transaction_status: String,
        /// The authorization that preceded it.
        authorization_id: Option<String>,
        /// The card.
        token_id: String,
        /// The account.
        account_id: String,
        /// How much, in the merchant's currency.
        amount: String,
        /// That currency.
        currency: String,
        /// How much that is for the account.
        billing_amount: String,
        /// The account's currency.
        billing_currency: String,
    }
    /// An entry of an account's book.
    LedgerTransaction {
        /// Its id.
        id: String,
        /// credit or debit.
        direction: String,
        /// How much.
        amount: String,
        /// The account's currency.
        currency: String,
        /// What it was: begins with `CRDS` where a card did it, and then names the authorization.
        narrative: String,
    }
    /// What a card may be used for, what was used of it and what is left.
    CardLimits {
        /// The card.
        token_id: String,
        /// Of what the amounts are.
        currency: String,
        /// Bound on a single payment.
        per_transaction: Option<UsedBound>,
        /// Bound on a day.
        daily: Option<UsedBound>,
        /// Bound on a week.
        weekly: Option<UsedBound>,
        /// Bound on a month.
        monthly: Option<UsedBound>,
        /// Bound on a year.
        yearly: Option<UsedBound>,
        /// Bound on the card's whole life.
        lifetime: Option<UsedBound>,
        /// Only these merchant category codes; empty: any.
        allowed_mcc: Vec<String>,
        /// Not these merchant category codes.
        blocked_mcc: Vec<String>,
        /// Only these countries; empty: any.
        allowed_countries: Vec<String>,
        /// Not these countries.
        blocked_countries: Vec<String>,
    }
    /// A bound, what was used of it and what is left.
    UsedBound {
        /// At most this much; none: any.
        amount: Option<String>,
        /// At most so many payments; none: any.
        count: Option<u32>,
        /// How much was used.
        used_amount: String,
        /// How many payments.
        used_count: i64,
        /// How much is left.
        remaining_amount: Option<String>,
        /// How many payments are left.
        remaining_count: Option<i64>,
    }
    /// Number, last month and code of a card, encrypted.
    CardDetails {
        /// The card.
        token_id: String,
        /// JWE compact, to the key that the operator registered for you.
        encrypted_data: String,
    }
    /// The platform's key, to which PINs are encrypted.
    EncryptionKey {
        /// SPKI in PEM.
        public_key_pem: String,
        /// The same as a JSON Web Key.
        jwk: Value,
    }
}

/// A list, or a page of one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct List<T> {
    /// The records.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
    /// Where to go on; none at the end.
    pub next_cursor: Option<String>,
}
