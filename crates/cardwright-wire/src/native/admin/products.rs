//! Card products.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kind::{Integer, Kind, boolean, currency, digits, integer, object, one_of, text};
use crate::native::RecordId;
use crate::shape::{Fields, Policy, Shape};

/// The largest id that a caller may choose.
const ID_MAX: i64 = 999_999_999;
/// The longest validity, in months: a year is shown by two digits.
const VALIDITY_MONTHS_MAX: i64 = 240;

// A word goes on as the token it is: what is handed on as a literal is hidden from derived schemas.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $table:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        const $table: &[(&str, $name)] = &[$(($word, $name::$variant)),+];
    };
}

words! {
    /// The card scheme.
    Scheme, SCHEMES {
        /// Visa.
        Visa = "visa",
        /// Mastercard.
        Mastercard = "mastercard",
        /// Discover.
        Discover = "discover",
    }
}
words! {
    /// Whose money a card spends.
    Mode, MODES {
        /// Its own balance.
        Prepaid = "prepaid",
        /// A pool that several cards share.
        SharedPool = "shared_pool",
        /// The account of whom it belongs to.
        AccountFunded = "account_funded",
    }
}
words! {
    /// What its cards are made of.
    Form, FORMS {
        /// A number only.
        Virtual = "virtual",
        /// Plastic.
        Physical = "physical",
        /// Either, as ordered.
        AsOrdered = "as_ordered",
    }
}
words! {
    /// What it is sold for.
    Category, CATEGORIES {
        /// Shopping online.
        Purchase = "purchase",
        /// Recurring charges of a company.
        Subscription = "subscription",
        /// Plastic.
        Physical = "physical",
        /// To be given away.
        Gift = "gift",
    }
}
words! {
    /// How thoroughly its holders are described.
    HolderModel, HOLDER_MODELS {
        /// The company answers for its people.
        B2B = "B2B",
        /// Consumers, with identity documents.
        B2C = "B2C",
    }
}
words! {
    /// Whether it is offered.
    Status, STATUSES {
        /// New cards may be opened.
        Online = "online",
        /// Existing cards go on, no new ones.
        Offline = "offline",
    }
}

/// An amount in minor units of the product's currency; may be nothing.
fn minor() -> Integer {
    integer(0..=(1 << 53) - 1)
}

/// A range of amounts in minor units, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quota {
    /// The least.
    pub min: i64,
    /// The most.
    pub max: i64,
}

impl Shape for Quota {
    const NAME: &'static str = "QuotaTerms";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let min = fields.required(
            "min",
            minor().about("The least, in minor units").example(100),
        );
        let max = fields.required(
            "max",
            minor().about("The most, in minor units").example(500_000),
        );
        Some(Quota {
            min: min?,
            max: max?,
        })
    }
}

/// What putting more money on a card costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Recharge {
    /// The least at a time, in minor units.
    pub min: i64,
    /// The most at a time, in minor units.
    pub max: i64,
    /// Fee rate in basis points: 100 is one percent.
    pub rate_basis_points: i64,
    /// Fee on top, in minor units.
    pub fixed_fee: i64,
}

impl Shape for Recharge {
    const NAME: &'static str = "RechargeTerms";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let quota = Quota::read(fields);
        let rate = fields.required(
            "rate_basis_points",
            integer(0..=10_000)
                .about("Fee rate; 100 is one percent")
                .example(100),
        );
        let fixed = fields.required(
            "fixed_fee",
            minor().about("Fee on top, in minor units").example(50),
        );
        let quota = quota?;
        Some(Recharge {
            min: quota.min,
            max: quota.max,
            rate_basis_points: rate?,
            fixed_fee: fixed?,
        })
    }
}

/// What of a product can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Name for people.
    pub name: Option<String>,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// What opening a card costs, in minor units.
    pub price_minor: Option<i64>,
    /// How many open cards of it one holder may have.
    pub cards_per_holder: Option<i64>,
    /// What must be put on a new card.
    pub initial_deposit: Option<Quota>,
    /// What later deposits cost.
    pub recharge: Option<Recharge>,
    /// What a withdrawal leaves on the card, in minor units.
    pub retention_minor: Option<i64>,
    /// Whether its holder must activate it.
    pub activation: Option<bool>,
    /// Whether the caller can freeze it.
    pub freezing: Option<bool>,
    /// Whether holders prove an external identity check.
    pub kyc_verification: Option<bool>,
    /// How long a card works, in months after the month of issue.
    pub validity_months: Option<i64>,
    /// Whether it is offered.
    pub status: Option<Status>,
}

impl Terms {
    fn read_amounts(fields: &mut Fields<'_>) -> Option<Terms> {
        let price = fields.optional(
            "price",
            minor()
                .about("What opening a card costs, in minor units")
                .example(100),
        );
        let initial_deposit = fields.optional(
            "initial_deposit",
            object::<Quota>().about("What must be put on a new card"),
        );
        let recharge = fields.optional(
            "recharge",
            object::<Recharge>().about("What later deposits cost"),
        );
        let retention = fields.optional(
            "retention",
            minor()
                .about("What a withdrawal leaves on the card, in minor units")
                .example(0),
        );
        Some(Terms {
            price_minor: price?,
            initial_deposit: initial_deposit?,
            recharge: recharge?,
            retention_minor: retention?,
            name: None,
            description: None,
            cards_per_holder: None,
            activation: None,
            freezing: None,
            kyc_verification: None,
            validity_months: None,
            status: None,
        })
    }

    fn read(fields: &mut Fields<'_>) -> Option<Terms> {
        let name = fields.optional(
            "name",
            text(1..=100).about("Name for people").example("Team card"),
        );
        let description = fields.optional(
            "description",
            text(0..=500)
                .about("What it is, in a sentence")
                .example("A virtual card for a team."),
        );
        let amounts = Terms::read_amounts(fields);
        let cards_per_holder = fields.optional(
            "cards_per_holder",
            integer(1..=1_000_000)
                .about("How many open cards of it one holder may have")
                .example(10),
        );
        let mut flag = |name, about| fields.optional(name, boolean().about(about));
        let activation = flag("activation", "Whether its holder must activate it");
        let freezing = flag("freezing", "Whether the caller can freeze it");
        let kyc_verification = flag(
            "kyc_verification",
            "Whether holders prove an external identity check",
        );
        let validity_months = fields.optional(
            "validity_months",
            integer(1..=VALIDITY_MONTHS_MAX)
                .about("How many months after its month of issue a card works")
                .example(36),
        );
        let status = fields.optional("status", one_of(STATUSES).about("Whether it is offered"));
        Some(Terms {
            name: name?,
            description: description?,
            cards_per_holder: cards_per_holder?,
            activation: activation?,
            freezing: freezing?,
            kyc_verification: kyc_verification?,
            validity_months: validity_months?,
            status: status?,
            ..amounts?
        })
    }
}

/// `PATCH products/{product_id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeProduct {
    /// What changes.
    pub terms: Terms,
}

impl Shape for ChangeProduct {
    const NAME: &'static str = "ChangeProduct";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(ChangeProduct {
            terms: Terms::read(fields)?,
        })
    }
}

/// `POST products`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateProduct {
    /// Its id, if the caller chooses it.
    pub id: Option<i64>,
    /// First six digits of its cards.
    pub bin: String,
    /// Card scheme.
    pub scheme: Scheme,
    /// Whose money its cards spend.
    pub mode: Mode,
    /// What its cards are made of.
    pub form: Form,
    /// What it is sold for.
    pub category: Category,
    /// Three capital letters; not yet known to be a currency.
    pub currency: String,
    /// Which holders suit.
    pub holder_model: HolderModel,
    /// Whether a card needs a holder.
    pub is_holder_required: bool,
    /// Everything that can change later; `name` is there.
    pub terms: Terms,
}

impl Shape for CreateProduct {
    const NAME: &'static str = "CreateProduct";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let id = fields.optional(
            "id",
            integer(1..=ID_MAX)
                .about("Its id; the next free one where it is left out")
                .example(113_001),
        );
        let bin = fields.required(
            "bin",
            digits(6)
                .about("First digits of its cards; in a sandbox a test range of a scheme")
                .example("424242"),
        );
        let scheme = fields.required("scheme", one_of(SCHEMES).about("Card scheme"));
        let mode = fields.required("mode", one_of(MODES).about("Whose money its cards spend"));
        let form = fields.required("form", one_of(FORMS).about("What its cards are made of"));
        let category = fields.required("category", one_of(CATEGORIES).about("What it is for"));
        let currency = fields.required(
            "currency",
            currency().about("Currency, ISO 4217").example("USD"),
        );
        let holder_model = fields.required(
            "holder_model",
            one_of(HOLDER_MODELS).about("Which holders suit"),
        );
        let is_holder_required = fields.required(
            "holder_required",
            boolean().about("Whether a card needs a holder"),
        );
        let terms = Terms::read(fields);
        fields.at_least_one(&["name"]);
        Some(CreateProduct {
            id: id?,
            bin: bin?,
            scheme: scheme?,
            mode: mode?,
            form: form?,
            category: category?,
            currency: currency?,
            holder_model: holder_model?,
            is_holder_required: is_holder_required?,
            terms: terms?,
        })
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent answers on the wire"
)]
pub struct Product {
    /// Its id.
    pub id: RecordId,
    /// Name for people.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// First digits of its cards.
    pub bin: String,
    /// Card scheme.
    pub scheme: &'static str,
    /// Whose money its cards spend.
    pub mode: &'static str,
    /// What its cards are made of.
    pub form: &'static str,
    /// What it is sold for.
    pub category: &'static str,
    /// Currency of its amounts, ISO 4217.
    pub currency: String,
    /// What opening a card costs, in minor units.
    pub price: i64,
    /// Which holders suit: `B2B` or `B2C`.
    pub holder_model: &'static str,
    /// Whether a card needs a holder.
    pub holder_required: bool,
    /// How many open cards of it one holder may have.
    pub cards_per_holder: i64,
    /// What must be put on a new card; null where nothing may be.
    pub initial_deposit: Option<Quota>,
    /// What later deposits cost; null where there are none.
    pub recharge: Option<Recharge>,
    /// What a withdrawal leaves on the card, in minor units.
    pub retention: i64,
    /// Whether its holder must activate it.
    pub activation: bool,
    /// Whether the caller can freeze it.
    pub freezing: bool,
    /// Whether holders prove an external identity check.
    pub kyc_verification: bool,
    /// How many months after its month of issue a card works.
    pub validity_months: i64,
    /// Whether it is offered: `online` or `offline`.
    pub status: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault, FaultKind};

    #[test]
    fn a_product_needs_a_name_and_what_cannot_change_later() {
        let Err(BodyFault::Fields(faults)) = shape::from_body::<CreateProduct>(b"{}") else {
            panic!("nothing was said");
        };
        let missing: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let needed = [
            "bin",
            "scheme",
            "mode",
            "form",
            "category",
            "currency",
            "holder_model",
            "holder_required",
            "name",
        ];
        assert_eq!(missing, needed);
    }

    #[test]
    fn what_a_product_is_does_not_change() {
        let body = br#"{"price": 5, "bin": "424242"}"#;
        let unknown = Fault::new("bin", FaultKind::Unknown);
        let refused = shape::from_body::<ChangeProduct>(body).map(|read| read.value);
        assert_eq!(refused, Err(BodyFault::Fields(vec![unknown])));
        let body =
            br#"{"recharge": {"min": 1, "max": 2, "rate_basis_points": 10001, "fixed_fee": 0}}"#;
        let refused = shape::from_body::<ChangeProduct>(body).map(|read| read.value);
        let fault = Fault::new("recharge.rate_basis_points", FaultKind::Invalid);
        assert_eq!(refused, Err(BodyFault::Fields(vec![fault])));
    }

    #[test]
    fn the_document_has_the_words_that_are_taken_and_answered() {
        fn told<T: utoipa::PartialSchema>() -> serde_json::Value {
            serde_json::to_value(T::schema()).expect("a schema")["enum"].clone()
        }
        let words = |table: Vec<&str>| serde_json::Value::from(table);
        assert_eq!(told::<Mode>(), words(MODES.iter().map(|it| it.0).collect()));
        let models = HOLDER_MODELS.iter().map(|it| it.0).collect();
        assert_eq!(told::<HolderModel>(), words(models));
    }
}
