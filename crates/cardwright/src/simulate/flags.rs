//! Flags that several calls have: the card, the money, the merchant, and what is presented.

use std::io::{self, BufRead};

use cardwright_client::Secret;
use cardwright_core::{Amount, Channel, Country, Currency, Mcc};
use cardwright_wire::native::messages::test_merchant;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use crate::Failure;
use crate::credentials::secret;

/// The ids of [`CardFlags`], for a group of which one must be there.
pub(super) const CARD: [&str; 5] = ["card", "token", "card_no", "pan", "wallet_token"];

/// A card by one of its names; that there is exactly one is said by each call's own group.
#[derive(Args)]
#[group(skip)]
pub(super) struct CardFlags {
    /// The card, by the id that either API gave it
    #[arg(long, value_name = "ID", value_parser = record_id)]
    card: Option<String>,

    /// The card, by the token_id of the FINCI Card API
    #[arg(long, value_name = "ID")]
    token: Option<String>,

    /// The card, by the cardNo of the FinCard Virtual API
    #[arg(long, value_name = "ID")]
    card_no: Option<String>,

    /// The card, by its number
    ///
    /// An argument is visible to every user of the machine in the list of processes: give numbers
    /// of a sandbox only.
    #[arg(long, value_name = "DIGITS", value_parser = secret)]
    pan: Option<Secret>,

    /// The card, by the wallet token that stands for it
    #[arg(long, value_name = "ID", value_parser = record_id)]
    wallet_token: Option<String>,
}

impl CardFlags {
    pub(super) fn members(&self) -> Value {
        json!({
            "card_id": self.card,
            "token_id": self.token,
            "card_no": self.card_no,
            "pan": self.pan.as_ref().map(Secret::expose),
            "wallet_token_id": self.wallet_token,
        })
    }
}

/// An amount that must be said.
#[derive(Args)]
pub(super) struct Money {
    /// How much, as a decimal such as 12.50
    #[arg(long, value_name = "AMOUNT")]
    amount: String,

    /// Currency of the amount: three capital letters, ISO 4217
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Currency,
}

impl Money {
    pub(super) fn members(&self) -> Result<Value, Failure> {
        money(Some(&self.amount), Some(self.currency))
    }
}

/// An amount that may be left out.
#[derive(Args)]
pub(super) struct MaybeMoney {
    /// How much, as a decimal such as 12.50; all that is left where it is not said
    #[arg(long, value_name = "AMOUNT", requires = "currency")]
    amount: Option<String>,

    /// Currency of the amount: three capital letters, ISO 4217
    #[arg(long, value_name = "CODE", value_parser = currency, requires = "amount")]
    currency: Option<Currency>,
}

impl MaybeMoney {
    pub(super) fn members(&self) -> Result<Value, Failure> {
        money(self.amount.as_deref(), self.currency)
    }
}

/// The members for an amount. How many minor units a decimal means depends on its currency.
pub(super) fn money(amount: Option<&str>, currency: Option<Currency>) -> Result<Value, Failure> {
    let (Some(amount), Some(currency)) = (amount, currency) else {
        return Ok(Value::Null);
    };
    let amount = Amount::parse(amount, currency)
        .map_err(|error| Failure::Usage(format!("--amount: {amount}: {error}")))?;
    Ok(json!({"amount": amount.minor(), "currency": currency.code()}))
}

/// Where the card is used.
#[derive(Args)]
pub(super) struct MerchantFlags {
    /// The merchant's name; what else is not said of it is the test merchant's
    #[arg(long, value_name = "NAME")]
    merchant: Option<String>,

    /// The merchant's id with its acquirer
    #[arg(long, value_name = "ID")]
    merchant_id: Option<String>,

    /// What the merchant sells: category code of four digits, ISO 18245
    #[arg(long, value_name = "CODE", value_parser = mcc)]
    mcc: Option<String>,

    /// The merchant's town
    #[arg(long, value_name = "NAME")]
    city: Option<String>,

    /// The merchant's country: two capital letters, ISO 3166-1
    #[arg(long, value_name = "CODE", value_parser = country)]
    country: Option<String>,
}

impl MerchantFlags {
    pub(super) fn members(&self) -> Value {
        let given = [
            &self.merchant,
            &self.merchant_id,
            &self.mcc,
            &self.city,
            &self.country,
        ];
        let Some(test) = test_merchant() else {
            return Value::Null;
        };
        if given.iter().all(|flag| flag.is_none()) {
            return Value::Null;
        }
        let or =
            |flag: &Option<String>, usual: &str| flag.clone().unwrap_or_else(|| usual.to_owned());
        json!({"merchant": {
            "name": or(&self.merchant, &test.name),
            "id": or(&self.merchant_id, &test.id),
            "mcc": or(&self.mcc, &test.mcc.to_string()),
            "city": or(&self.city, &test.city),
            "country": or(&self.country, test.country.alpha2()),
        }})
    }
}

/// What is presented to prove that the card is there, or its holder.
///
/// An argument is visible to every user of the machine in the list of processes: these are values
/// of a sandbox.
#[derive(Args)]
pub(super) struct ProofFlags {
    /// How the card is presented; ecommerce where it is not said
    #[arg(long, value_name = "WAY", value_parser = words(Channel::ALL.map(Channel::word)))]
    channel: Option<String>,

    /// The month on the card, such as 2029-11
    #[arg(long, value_name = "YYYY-MM")]
    expiry: Option<String>,

    /// The CVV2
    #[arg(long, value_name = "DIGITS", value_parser = secret)]
    cvv: Option<Secret>,

    /// The PIN; see --pin-stdin
    #[arg(long, value_name = "DIGITS", value_parser = secret)]
    pin: Option<Secret>,

    /// Read the PIN from a line of stdin, so that no list of processes shows it
    #[arg(long, conflicts_with = "pin")]
    pin_stdin: bool,
}

impl ProofFlags {
    pub(super) fn members(&self) -> Result<Value, Failure> {
        let pin = if self.pin_stdin {
            Some(line_of_stdin()?)
        } else {
            self.pin.clone()
        };
        Ok(json!({
            "channel": self.channel,
            "expiry": self.expiry,
            "cvv": self.cvv.as_ref().map(Secret::expose),
            "pin": pin.as_ref().map(Secret::expose),
        }))
    }
}

fn line_of_stdin() -> Result<Secret, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    let line = Secret::new(line);
    read.map_err(|error| Failure::Usage(format!("--pin-stdin: {error}")))?;
    match line.expose().trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::Usage("--pin-stdin: there is no line".to_owned())),
        digits => Ok(Secret::new(digits)),
    }
}

/// The sender's own name of a message.
#[derive(Args)]
pub(super) struct ReferenceFlag {
    /// Your own name of this message: the same again is answered as the first time
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
}

impl ReferenceFlag {
    pub(super) fn members(&self) -> Value {
        json!({"reference": self.reference})
    }
}

/// One of these words, which the help lists.
pub(super) fn words<const N: usize>(words: [&'static str; N]) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// The id of a record: FINCI pads its ids with zeros, which the other surfaces do not know.
#[expect(clippy::unnecessary_wraps, reason = "the shape of a value parser")]
pub(super) fn record_id(argument: &str) -> Result<String, std::convert::Infallible> {
    let all_digits = argument.bytes().all(|byte| byte.is_ascii_digit());
    let id = if all_digits {
        argument.trim_start_matches('0')
    } else {
        argument
    };
    Ok(id.to_owned())
}

pub(super) fn currency(code: &str) -> Result<Currency, &'static str> {
    Currency::parse(code).ok_or("not a currency of ISO 4217, in capitals")
}

fn mcc(code: &str) -> Result<String, &'static str> {
    let known = Mcc::parse(code).map(|_| code.to_owned());
    known.ok_or("not four digits")
}

fn country(code: &str) -> Result<String, &'static str> {
    let known = Country::parse(code).map(|_| code.to_owned());
    known.ok_or("not a country of ISO 3166-1, in capitals")
}
