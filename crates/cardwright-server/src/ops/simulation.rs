//! A caller of a sandbox plays the card network, in its own dialect's words: what happens goes through
//! the very operations that messages of the network go through.

use cardwright_core::{
    Amount, Authorization, AuthorizationId, AuthorizationKind, AuthorizationStatus, CardFee,
    CardId, Channel, Country, Mcc, Merchant, Partial, PaymentRefusal, Record, Refusal, Sequel,
    Transaction, Void,
};

use super::{
    authorizations::{self as payments, CardName, DecidedBy, NewAuthorization, Proofs, Ruled},
    card_fees,
    settlement::{self, Details},
};
use crate::{
    error::{Error, Result},
    store::{
        Tx, authorizations, cards,
        decisions::DecisionId,
        trades::{self, Trade},
        transactions, voids,
    },
};

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Simulated {
    /// A merchant was answered.
    Answered(Authorization),
    /// The integrator decides, and is to be asked: see [`super::decisions::settle`].
    Asked {
        /// The question.
        question: DecisionId,
        /// The authorization that it is about.
        authorization: AuthorizationId,
    },
    /// It was taken back.
    TakenBack(Void),
    /// Money came back.
    Refunded(Transaction),
    /// A fee was charged.
    Charged(CardFee),
}

/// What is made to happen on a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    /// A merchant asks for a payment.
    Payment,
    /// A merchant gives money back for what has this number.
    Refund(String),
    /// A merchant takes back what has this number.
    Void(String),
    /// The card costs something by itself.
    Maintenance(Option<String>),
}

/// Makes it happen.
pub async fn simulate(
    tx: &mut Tx,
    card: CardId,
    happening: Happening,
    amount: Amount,
) -> Result<Simulated> {
    cards::get(tx, card).await?;
    match happening {
        Happening::Payment => ask(tx, card, amount).await,
        Happening::Refund(number) => refund(tx, card, &number, amount).await,
        Happening::Void(number) => take_back(tx, card, &number, amount).await,
        Happening::Maintenance(why) => card_fees::maintain(tx, card, amount, why)
            .await
            .map(Simulated::Charged),
    }
}

/// The merchant of whatever is simulated without naming one.
fn merchant() -> Result<Merchant> {
    let broken = || Error::Corrupt("the merchant of simulations".to_owned());
    Ok(Merchant {
        name: "Simulated merchant".to_owned(),
        id: "SIMULATED0001".to_owned(),
        mcc: Mcc::parse("5999").ok_or_else(broken)?,
        city: "New York".to_owned(),
        country: Country::parse("US").ok_or_else(broken)?,
    })
}

fn reference(tx: &Tx) -> String {
    format!("simulated-{}", tx.entropy().uuid())
}

async fn ask(tx: &mut Tx, card: CardId, amount: Amount) -> Result<Simulated> {
    let new = NewAuthorization {
        card: CardName::Id(card),
        wallet_token: None,
        kind: AuthorizationKind::Purchase,
        amount,
        partial: Partial::Refused,
        channel: Channel::Ecommerce,
        merchant: merchant()?,
        proofs: Proofs::default(),
        decided_by: DecidedBy::Platform,
        reference: reference(tx),
    };
    Ok(match payments::authorize(tx, new).await? {
        Ruled::Decided(done) => Simulated::Answered(done.authorization),
        Ruled::Asked {
            question,
            authorization,
        } => Simulated::Asked {
            question,
            authorization,
        },
    })
}

/// The authorization or settlement with this number, if it is one of this card.
async fn named(tx: &mut Tx, card: CardId, number: &str) -> Result<Trade> {
    let trade = trades::find(tx, number).await?;
    let of = match trade {
        Trade::Authorization(id) => authorizations::get(tx, id).await?.card,
        Trade::Transaction(id) => transactions::get(tx, id).await?.card,
        Trade::Void(_) | Trade::Fee(_) => return Err(Error::not_found(Record::Transaction)),
    };
    if of == card {
        Ok(trade)
    } else {
        Err(Error::not_found(Record::Transaction))
    }
}

async fn take_back(tx: &mut Tx, card: CardId, number: &str, amount: Amount) -> Result<Simulated> {
    let Trade::Authorization(id) = named(tx, card, number).await? else {
        return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen).into());
    };
    let before = authorizations::get(tx, id).await?;
    if before.status != AuthorizationStatus::Open {
        return Err(Refusal::Payment(PaymentRefusal::AuthorizationNotOpen).into());
    }
    payments::reverse(tx, before, Some(amount)).await?;
    let void = voids::newest_of(tx, id).await?;
    Ok(Simulated::TakenBack(void))
}

/// What was only authorized is settled first: nothing can come back that was never paid.
async fn refund(tx: &mut Tx, card: CardId, number: &str, amount: Amount) -> Result<Simulated> {
    let details = Details {
        merchant: None,
        reference: reference(tx),
    };
    let original = match named(tx, card, number).await? {
        Trade::Transaction(id) => transactions::get(tx, id).await?,
        Trade::Authorization(id) => {
            let authorization = authorizations::get(tx, id).await?;
            payment_of(tx, authorization).await?
        }
        Trade::Void(_) | Trade::Fee(_) => return Err(Error::not_found(Record::Transaction)),
    };
    let settled = settlement::refund(tx, original, Some(amount), details).await?;
    Ok(Simulated::Refunded(settled.transaction))
}

/// The newest payment for an authorization of which something is left to give back.
async fn payment_of(tx: &mut Tx, authorization: Authorization) -> Result<Transaction> {
    let id = authorization.id;
    if authorization.status == AuthorizationStatus::Open && authorization.posted_minor == 0 {
        let open = Amount::from_minor(authorization.open_minor(), authorization.asked.currency());
        let open = open.ok_or(Refusal::AmountZero)?;
        let details = Details {
            merchant: None,
            reference: reference(tx),
        };
        let settled = settlement::clear(tx, authorization, (open, Sequel::Last), details).await?;
        return Ok(settled.transaction);
    }
    let posted = transactions::of_authorization(tx, id).await?;
    let is_payment = |posted: &Transaction| posted.original.is_none() && posted.left_minor() > 0;
    let payment = posted.into_iter().rev().find(is_payment);
    payment.ok_or_else(|| Refusal::Payment(PaymentRefusal::AuthorizationNotOpen).into())
}
