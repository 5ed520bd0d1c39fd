//! What a card has used, carried over to the card that takes its place.

use super::{
    CardId, Place, ReadTx, Result, Spender, Tx, UsageSubject, add_up, begin, controls, counter,
    places,
};
use cardwright_core::Card;

/// Begins the windows of a card's limits with what the card before it has used of them, so that
/// nobody gets a limit twice by having a card replaced. To be called before the new card is used.
///
/// A sliding window is added up from a card's own authorizations and begins with nothing.
pub async fn carry_over(tx: &mut Tx, before: &Card, after: CardId) -> Result<()> {
    let combined = controls::look(tx, before.id, before.account, before.product).await?;
    let mut needed = combined.needed();
    needed.retain(|(subject, window)| *subject == UsageSubject::Card && window.seconds().is_none());
    let spender = Spender {
        card: before.id,
        account: before.account,
    };
    let now = tx.now();
    for place in places(tx, spender, &needed, now).await? {
        let usage = used(tx, place).await?;
        let own = Place {
            id: after.get(),
            ..place
        };
        begin(tx, own, usage).await?;
    }
    Ok(())
}

async fn used(tx: &mut ReadTx, place: Place) -> Result<super::Usage> {
    match counter(tx, place).await? {
        Some(usage) => Ok(usage),
        None => add_up(tx, place).await,
    }
}
