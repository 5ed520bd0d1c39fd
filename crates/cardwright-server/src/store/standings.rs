//! Card and account as an authorization needs them: one narrow read instead of two wide ones.

use cardwright_core::{
    AccountId, AccountStatus, AuthorizationTerms, CardId, CardState, CloseReason, Currency, Expiry,
    LimitsAfterRefund, Pan, PlatformBlock, ProductId, Record, Standing,
};

use super::{
    ReadTx,
    cards::lookup_of,
    db::{Row, RowReader, Value},
    holders::time,
};
use crate::error::{Error, Result};

/// What an authorization has to know about a card, its product and its account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CardStanding {
    /// The card.
    pub card: CardId,
    /// Its product.
    pub product: ProductId,
    /// What the product says about authorizations.
    pub terms: AuthorizationTerms,
    /// The account it spends from.
    pub account: AccountId,
    /// The account's currency.
    pub currency: Currency,
    /// What the decision is made by.
    pub standing: Standing,
    /// The account's posted balance.
    pub posted_minor: i64,
    /// What is set aside of it.
    pub held_minor: i64,
    /// The most that the card pays without its PIN; nothing where it is never asked for.
    pub pin_free_minor: Option<i64>,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT card.card, card.product, card.account, card.state, card.state_since, \
             card.close_reason, card.blocked_since, card.expiry_month, card.no_pin_payment, \
             balance.status, balance.currency, balance.credits - balance.debits, balance.held_debits, \
             balance.floor, terms.markup_basis_points, terms.hold_days, terms.lodging_hold_days, \
             terms.restores_limits \
             FROM card_standing AS card \
             JOIN account_balance AS balance ON balance.account = card.account \
             LEFT JOIN product_terms AS terms ON terms.product = card.product \
             WHERE card.tenant = $1 AND card.card = ",
            $condition
        )
    };
}

/// By the index of the numbers alone, without a look at the wide row of the card.
macro_rules! by_number {
    () => {
        select!("(SELECT id FROM card WHERE pan_lookup = $2)")
    };
}

/// The standing of the card with this id.
pub async fn of_card(tx: &mut ReadTx, id: CardId) -> Result<CardStanding> {
    let row = tx.optional(select!("$2"), &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Card))?)
}

/// The standing of the card with this number.
pub async fn of_number(tx: &mut ReadTx, pan: &Pan) -> Result<CardStanding> {
    let lookup = lookup_of(tx, pan)?;
    let row = tx
        .optional(by_number!(), &[Value::from(lookup.as_slice())])
        .await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Card))?)
}

fn from_row(row: &Row) -> Result<CardStanding> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("standing of card {id}"));
    let product = ProductId::new(columns.next()?).map_err(|_| corrupt())?;
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let word: String = columns.next()?;
    let since = columns.next::<Option<i64>>()?.map(time).transpose()?;
    let reason = columns.next::<Option<String>>()?;
    let reason = reason
        .map(|word| CloseReason::from_word(&word).ok_or_else(corrupt))
        .transpose()?;
    let block = match columns.next::<Option<i64>>()? {
        Some(since) => PlatformBlock::Blocked {
            since: time(since)?,
        },
        None => PlatformBlock::Clear,
    };
    let expiry = Expiry::from_index(columns.next()?).ok_or_else(corrupt)?;
    let pin_free_minor = columns.next()?;
    let status = AccountStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let (posted_minor, held_minor): (i64, i64) = (columns.next()?, columns.next()?);
    let floor: Option<i64> = columns.next()?;
    let spendable = posted_minor.saturating_sub(held_minor);
    Ok(CardStanding {
        card: CardId::new(id).map_err(|_| corrupt())?,
        product,
        account,
        currency,
        standing: Standing {
            state: CardState::from_parts(&word, since, reason).ok_or_else(corrupt)?,
            block,
            expiry,
            account: status,
            available_minor: floor.map_or(spendable, |floor| spendable.saturating_sub(floor)),
        },
        posted_minor,
        held_minor,
        pin_free_minor,
        terms: terms(&mut columns)?,
    })
}

/// The terms that a product says, or the usual ones where it says none.
pub(super) fn terms(columns: &mut RowReader<'_>) -> Result<AuthorizationTerms> {
    let markup: Option<i64> = columns.next()?;
    let (days, lodging): (Option<i64>, Option<i64>) = (columns.next()?, columns.next()?);
    let restores: Option<i64> = columns.next()?;
    let (Some(markup_basis_points), Some(days), Some(lodging), Some(restores)) =
        (markup, days, lodging, restores)
    else {
        return Ok(AuthorizationTerms::DEFAULT);
    };
    let corrupt = |_| Error::Corrupt("terms of a product".to_owned());
    Ok(AuthorizationTerms {
        markup_basis_points,
        hold_days: u16::try_from(days).map_err(corrupt)?,
        lodging_hold_days: u16::try_from(lodging).map_err(corrupt)?,
        after_refund: if restores == 1 {
            LimitsAfterRefund::Restored
        } else {
            LimitsAfterRefund::Kept
        },
    })
}

#[cfg(test)]
mod tests;
