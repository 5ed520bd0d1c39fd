//! The end of cards whose last month is over.
//!
//! Law: a card has ended from the first instant after its last month, by its tenant's time in UTC.
//! A step makes that so and tells of it once; whoever changes a card before that step was taken
//! finds it ended all the same.

use cardwright_core::{Card, CardId};

use super::{orders, put_state};
use crate::{
    error::{Error, Result},
    store::{Tx, card_expiry, cards},
};

/// The card as it is now, for whoever is to change it: one whose last month is over ends here and
/// now, unless it has ended.
pub async fn current(tx: &mut Tx, id: CardId) -> Result<Card> {
    let before = cards::get(tx, id).await?;
    expire(tx, before).await
}

/// Ends the cards whose last month is over, at most `limit` of them. How many. One that cannot be
/// ended is told of and keeps no other waiting.
pub async fn expire_due(tx: &mut Tx, limit: i64) -> Result<usize> {
    let mut ended = 0;
    for id in card_expiry::overdue(tx, limit).await? {
        match tx.attempt(async |tx| current(tx, id).await).await? {
            Ok(_) => ended += 1,
            Err(Error::Busy) => return Err(Error::Busy),
            Err(error) => {
                let error = error.log_text();
                tracing::error!(card = id.get(), error, "a card did not end of its age");
            }
        }
    }
    Ok(ended)
}

/// What is left on the card goes back as when its caller ends it: what is free now, and what is
/// held when it becomes free.
async fn expire(tx: &mut Tx, before: Card) -> Result<Card> {
    let after = before.clone().age(tx.today(), tx.now());
    if after == before {
        return Ok(before);
    }
    tx.audit("card.expire", ("card", &before.id.to_string()))
        .await?;
    put_state(tx, &before, &after).await?;
    orders::record_expiry(tx, &before).await?;
    Ok(after)
}
