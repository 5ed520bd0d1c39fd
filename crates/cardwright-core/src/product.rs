//! Products (FinCard: card types): what a card of it costs, who may hold it, what it can do.

use crate::{Amount, Bin, CardForm, CardStage, Currency, Holder, HolderModel, ProductId, Refusal};

/// The card scheme.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scheme {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// Discover.
    Discover,
}

impl Scheme {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Visa => "visa",
            Scheme::Mastercard => "mastercard",
            Scheme::Discover => "discover",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Scheme> {
        [Scheme::Visa, Scheme::Mastercard, Scheme::Discover]
            .into_iter()
            .find(|scheme| scheme.word() == word)
    }
}

/// Whose money a card of the product spends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// Its own balance, put there beforehand.
    Prepaid,
    /// A pool that several cards share.
    SharedPool,
    /// The account of the person or corporate it belongs to.
    AccountFunded,
}

impl Mode {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Prepaid => "prepaid",
            Mode::SharedPool => "shared_pool",
            Mode::AccountFunded => "account_funded",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Mode> {
        [Mode::Prepaid, Mode::SharedPool, Mode::AccountFunded]
            .into_iter()
            .find(|mode| mode.word() == word)
    }
}

/// What the product is sold for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Category {
    /// Shopping online.
    Purchase,
    /// Recurring charges of a company.
    Subscription,
    /// Plastic.
    Physical,
    /// To be given away; its number is revealed to the receiver only.
    Gift,
}

impl Category {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Category::Purchase => "purchase",
            Category::Subscription => "subscription",
            Category::Physical => "physical",
            Category::Gift => "gift",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Category> {
        [
            Category::Purchase,
            Category::Subscription,
            Category::Physical,
            Category::Gift,
        ]
        .into_iter()
        .find(|category| category.word() == word)
    }
}

/// Whether the product is offered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ProductStatus {
    /// New cards may be opened.
    Online,
    /// Existing cards go on, no new ones.
    Offline,
}

impl ProductStatus {
    /// The stored word, also the one of the contract.
    pub fn word(self) -> &'static str {
        match self {
            ProductStatus::Online => "online",
            ProductStatus::Offline => "offline",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<ProductStatus> {
        [ProductStatus::Online, ProductStatus::Offline]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// Which holder a card of the product needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderRule {
    /// No holder at all is asked for; one may be given.
    Optional(HolderModel),
    /// An approved holder of this model.
    Required(HolderModel),
}

impl HolderRule {
    /// The model of holders that suit.
    pub fn model(self) -> HolderModel {
        match self {
            HolderRule::Optional(model) | HolderRule::Required(model) => model,
        }
    }
}

/// A range of amounts, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    /// The least.
    pub min: Amount,
    /// The most.
    pub max: Amount,
}

impl Quota {
    /// Refuses what lies outside or is another currency.
    pub fn check(self, amount: Amount) -> Result<(), Refusal> {
        if amount.currency() != self.min.currency() {
            return Err(Refusal::CurrencyMismatch);
        }
        if (self.min.minor()..=self.max.minor()).contains(&amount.minor()) {
            Ok(())
        } else {
            Err(Refusal::AmountOutOfRange)
        }
    }
}

/// What putting more money on a card costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RechargeTerms {
    /// How much at a time.
    pub quota: Quota,
    /// Fee rate in basis points: 100 is one percent.
    pub rate_basis_points: i64,
    /// Fee on top of the rate, whatever the amount.
    pub fixed_fee: Amount,
}

impl RechargeTerms {
    /// What putting an amount on a card costs: the rate, rounded up to the minor unit, and the
    /// fixed fee.
    pub fn fee(self, amount: Amount) -> Result<Amount, Refusal> {
        const WHOLE: i128 = 10_000;
        let part = i128::from(amount.minor()) * i128::from(self.rate_basis_points);
        let rated = (part + WHOLE - 1) / WHOLE;
        let rated = i64::try_from(rated).map_err(|_| Refusal::BalanceOverflow)?;
        Amount::from_minor(rated, amount.currency())
            .and_then(|rated| rated.checked_add(self.fixed_fee))
            .ok_or(Refusal::BalanceOverflow)
    }
}

/// How much can be paid with plastic without its PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoPinTerms {
    /// What it is set to.
    pub quota: Quota,
    /// What it is where nobody set it.
    pub default: Amount,
}

/// The most that can be paid without PIN, in whole units of the currency.
const NO_PIN_MOST: i64 = 2_000;
/// What can be paid without PIN where nobody set it, in whole units of the currency.
const NO_PIN_DEFAULT: i64 = 500;

/// What callers may do with cards of the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// Whether it must be activated by its holder (plastic).
    pub activation: Capability,
    /// Whether it can be frozen and unfrozen by the caller.
    pub freezing: Capability,
    /// Whether holders prove an external identity check.
    pub kyc_verification: Capability,
}

/// Whether something can be done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Capability {
    /// It can.
    Yes,
    /// It cannot.
    No,
}

impl Capability {
    /// As a number for storing.
    pub fn stored(self) -> i64 {
        match self {
            Capability::Yes => 1,
            Capability::No => 0,
        }
    }

    /// Reads the stored number.
    pub fn from_stored(number: i64) -> Option<Capability> {
        match number {
            1 => Some(Capability::Yes),
            0 => Some(Capability::No),
            _ => None,
        }
    }

    /// Whether it is yes.
    pub fn is_yes(self) -> bool {
        self == Capability::Yes
    }
}

/// A card product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id; seeded ones are published numbers.
    pub id: ProductId,
    /// Name for people.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// First digits of its cards.
    pub bin: Bin,
    /// Card scheme.
    pub scheme: Scheme,
    /// Whose money it spends.
    pub mode: Mode,
    /// Virtual, physical, or as ordered.
    pub form: CardForm,
    /// What it is sold for.
    pub category: Category,
    /// Currency of its prices and of cards with their own balance.
    pub currency: Currency,
    /// What opening a card costs.
    pub price: Amount,
    /// Which holder it needs.
    pub holder: HolderRule,
    /// How many cards of it one holder may have open.
    pub cards_per_holder: i64,
    /// What must be put on a new card, if anything may.
    pub initial_deposit: Option<Quota>,
    /// Terms of later deposits, if there are any.
    pub recharge: Option<RechargeTerms>,
    /// What a withdrawal leaves on the card.
    pub retention: Amount,
    /// What can be done with its cards.
    pub capabilities: Capabilities,
    /// How long a card works, in months after the month of issue.
    pub validity_months: u16,
    /// Whether it is offered.
    pub status: ProductStatus,
}

impl Product {
    /// Refuses when no new cards are opened.
    pub fn require_online(&self) -> Result<(), Refusal> {
        match self.status {
            ProductStatus::Online => Ok(()),
            ProductStatus::Offline => Err(Refusal::ProductOffline),
        }
    }

    /// Refuses a holder who does not suit, and the lack of one where one is needed.
    pub fn check_holder(&self, holder: Option<&Holder>) -> Result<(), Refusal> {
        let Some(holder) = holder else {
            return match self.holder {
                HolderRule::Optional(_) => Ok(()),
                HolderRule::Required(_) => Err(Refusal::HolderRequired),
            };
        };
        holder.require_approved()?;
        self.check_model(holder.model)
    }

    /// Refuses a person described for another kind of product; one described for none suits all.
    pub fn check_model(&self, model: Option<HolderModel>) -> Result<(), Refusal> {
        match model {
            Some(model) if model != self.holder.model() => Err(Refusal::HolderModelMismatch),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether holders of the product may change their e-mail address by themselves: not where
    /// somebody else has checked who they are, and knows them by it.
    pub fn email_update(&self) -> Capability {
        match self.capabilities.kyc_verification {
            Capability::Yes => Capability::No,
            Capability::No => Capability::Yes,
        }
    }

    /// Judges what is put on a new card: within the quota, or nothing where nothing may be.
    pub fn check_initial_deposit(&self, amount: Amount) -> Result<(), Refusal> {
        match self.initial_deposit {
            Some(quota) => quota.check(amount),
            None if amount.is_zero() => Ok(()),
            None => Err(Refusal::InitialDepositNotSupported),
        }
    }

    /// Refuses unless `FinCard` callers open its cards: they have a form of their own and money that
    /// is not a `FINCI` account's.
    pub fn require_opened_by_order(&self) -> Result<(), Refusal> {
        match (self.mode, self.form) {
            (Mode::Prepaid | Mode::SharedPool, CardForm::Virtual | CardForm::Physical) => Ok(()),
            (Mode::AccountFunded, _) | (_, CardForm::AsOrdered) => Err(Refusal::ProductNotSuitable),
        }
    }

    /// Whether its cards are given away: they have no holder here, and their number is for the
    /// receiver only.
    pub fn is_gift(&self) -> bool {
        self.category == Category::Gift
    }

    /// The terms of putting money on one of its cards.
    pub fn recharge_terms(&self) -> Result<RechargeTerms, Refusal> {
        match self.mode {
            Mode::Prepaid => self.recharge.ok_or(Refusal::ProductNotSuitable),
            Mode::SharedPool | Mode::AccountFunded => Err(Refusal::ProductNotSuitable),
        }
    }

    /// Refuses where cards have no balance of their own to take money from, or it was given away.
    pub fn require_withdrawing(&self) -> Result<(), Refusal> {
        match self.mode {
            Mode::Prepaid if !self.is_gift() => Ok(()),
            Mode::Prepaid | Mode::SharedPool | Mode::AccountFunded => {
                Err(Refusal::ProductNotSuitable)
            }
        }
    }

    /// How much can be paid without PIN, where its cards have one from their activation on.
    pub fn no_pin_terms(&self) -> Option<NoPinTerms> {
        let whole = 10_i64.checked_pow(self.currency.decimals())?;
        let amount = |units: i64| Amount::from_minor(units.checked_mul(whole)?, self.currency);
        match self.capabilities.activation {
            Capability::Yes => Some(NoPinTerms {
                quota: Quota {
                    min: Amount::zero(self.currency),
                    max: amount(NO_PIN_MOST)?,
                },
                default: amount(NO_PIN_DEFAULT)?,
            }),
            Capability::No => None,
        }
    }

    /// Whether callers bound the payments and the merchants of its cards. Whoever was given a card
    /// does not know of such bounds.
    pub fn controls(&self) -> Capability {
        if self.is_gift() {
            Capability::No
        } else {
            Capability::Yes
        }
    }

    /// Refuses a stage that cards of this form cannot start in.
    pub fn check_stage(&self, stage: CardStage) -> Result<(), Refusal> {
        match (self.form, stage) {
            (CardForm::Virtual, CardStage::Digital)
            | (CardForm::Physical, CardStage::PlasticNotDelivered)
            | (CardForm::AsOrdered, CardStage::Digital | CardStage::PlasticNotDelivered) => Ok(()),
            (CardForm::Virtual | CardForm::Physical | CardForm::AsOrdered, _) => {
                Err(Refusal::StageNotSupported)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Amount {
        Amount::from_minor(minor, Currency::USD).expect("not negative")
    }

    #[test]
    fn a_recharge_costs_its_rate_rounded_up_and_its_fixed_fee() {
        let terms = |rate_basis_points, fixed| RechargeTerms {
            quota: Quota {
                min: usd(1),
                max: usd(5_000_000),
            },
            rate_basis_points,
            fixed_fee: usd(fixed),
        };
        for (rate, fixed, amount, fee) in [
            (100, 0, 10_000, 100),
            (100, 0, 1, 1),
            (100, 0, 100, 1),
            (100, 0, 101, 2),
            (100, 50, 101, 52),
            (0, 50, 5_000_000, 50),
            (150, 0, 66, 1),
            (150, 0, 67, 2),
            (10_000, 0, 7, 7),
        ] {
            let got = terms(rate, fixed).fee(usd(amount));
            assert_eq!(got, Ok(usd(fee)), "{amount} at {rate} and {fixed}");
        }
        let most = terms(10_001, 0).fee(usd(i64::MAX));
        assert_eq!(most, Err(Refusal::BalanceOverflow));
        let with_fixed = terms(10_000, 1).fee(usd(i64::MAX));
        assert_eq!(with_fixed, Err(Refusal::BalanceOverflow));
    }

    #[test]
    fn a_quota_takes_both_of_its_ends() {
        let quota = Quota {
            min: usd(100),
            max: usd(200),
        };
        for (amount, fits) in [(99, false), (100, true), (200, true), (201, false)] {
            assert_eq!(quota.check(usd(amount)).is_ok(), fits, "{amount}");
        }
        let euro = Amount::from_minor(150, Currency::EUR).expect("not negative");
        assert_eq!(quota.check(euro), Err(Refusal::CurrencyMismatch));
    }
}
