//! Orders that take a card to another state: freezing, unfreezing, the end.

use cardwright_core::{
    Account, Amount, Card, CardId, CardMove, CardSeen, CardState, Mode, Order, OrderKind, Refusal,
};

use super::{Changed, Draft, NewOrder, carry_out, money::counterpart, of_nothing, place};
use crate::{
    error::Result,
    ops::cards::{current, put_state},
    store::{Tx, accounts, cards, products},
};

/// Freezes a card by order.
pub async fn freeze(tx: &mut Tx, id: CardId, new: NewOrder) -> Result<Changed> {
    stop_or_go(tx, (OrderKind::Freeze, CardMove::Freeze), id, new).await
}

/// Lifts the freeze of a card by order.
pub async fn unfreeze(tx: &mut Tx, id: CardId, new: NewOrder) -> Result<Changed> {
    stop_or_go(tx, (OrderKind::Unfreeze, CardMove::Unfreeze), id, new).await
}

async fn stop_or_go(
    tx: &mut Tx,
    (kind, wanted): (OrderKind, CardMove),
    id: CardId,
    new: NewOrder,
) -> Result<Changed> {
    let card = current(tx, id).await?;
    let product = products::get(tx, card.product).await?;
    if !product.capabilities.freezing.is_yes() {
        return Err(Refusal::ProductNotSuitable.into());
    }
    card.clone().make(wanted, tx.now())?;
    let order = of_nothing(tx, kind, &card, new).await?;
    carry_out(tx, order, async |tx, order| begin(tx, order, wanted).await).await
}

/// Ends a card by order. What is free on it goes back to the account that paid for it; what is
/// held follows when it becomes free.
pub async fn cancel(tx: &mut Tx, id: CardId, new: NewOrder) -> Result<Changed> {
    let card = current(tx, id).await?;
    card.clone().cancel(tx.now())?;
    let end = end_of(tx, &card).await?;
    for account in end.accounts() {
        account.require_active()?;
    }
    let draft = end.draft(&card, new);
    let order = place(tx, draft).await?;
    carry_out(tx, order, async |tx, order| {
        begin(tx, order, CardMove::Cancel).await
    })
    .await
}

/// What the end of a card has to do with money.
pub(super) struct End {
    own: Account,
    /// Where what is on it goes, if it has money of its own.
    payee: Option<Account>,
}

/// What the end of this card has to do with money.
pub(super) async fn end_of(tx: &mut Tx, card: &Card) -> Result<End> {
    let own = accounts::get(tx, card.account).await?;
    let product = products::get(tx, card.product).await?;
    let payee = match product.mode {
        Mode::Prepaid => Some(counterpart(tx, card, &own).await?),
        Mode::SharedPool | Mode::AccountFunded => None,
    };
    Ok(End { own, payee })
}

impl End {
    /// The accounts between which money goes back.
    fn accounts(&self) -> impl Iterator<Item = &Account> {
        let payee = self.payee.iter();
        payee.flat_map(|payee| [&self.own, payee])
    }

    /// The order that ends the card.
    pub(super) fn draft(self, card: &Card, placed: NewOrder) -> Draft<'_> {
        let nothing = Amount::zero(self.own.currency);
        // Overdrawn, it has nothing to give back.
        let free = Amount::from_minor(self.own.available_minor(), self.own.currency);
        let amount = match self.payee {
            Some(_) => free.unwrap_or(nothing),
            None => nothing,
        };
        Draft {
            kind: OrderKind::Cancel,
            card,
            placed,
            amount,
            fee: nothing,
            account: self.payee.map(|payee| payee.id),
        }
    }
}

/// Sets a card on its way.
async fn begin(tx: &mut Tx, order: Order, wanted: CardMove) -> Result<Order> {
    let before = cards::get(tx, order.card).await?;
    let after = before.clone().begin(wanted, tx.now())?;
    put_state(tx, &before, &after).await?;
    Ok(order)
}

/// Whether an order that was left for later found its card where it wanted it. Then it changes
/// nothing when its time comes either: where the card has gone meanwhile was somebody's later wish.
pub(super) fn found_it_so(order: &Order) -> bool {
    let seen = |seen: Option<CardSeen>| seen.map(|seen| seen.state.word());
    match order.kind {
        OrderKind::Freeze | OrderKind::Unfreeze => seen(order.before) == seen(order.after),
        OrderKind::Create
        | OrderKind::Deposit
        | OrderKind::Withdraw
        | OrderKind::Cancel
        | OrderKind::LateReturn
        | OrderKind::Activate
        | OrderKind::UpdatePin
        | OrderKind::Update
        | OrderKind::Block
        | OrderKind::OverdraftStatement => false,
    }
}

/// Takes the card where the order wants it.
pub(super) async fn move_now(tx: &mut Tx, order: &Order) -> Result<Amount> {
    let wanted = match order.kind {
        OrderKind::Unfreeze => CardMove::Unfreeze,
        _ => CardMove::Freeze,
    };
    complete(tx, order, wanted).await?;
    Ok(order.amount)
}

/// Ends the way of the order's card; the card then.
pub(super) async fn complete(tx: &mut Tx, order: &Order, wanted: CardMove) -> Result<Card> {
    let before = cards::get(tx, order.card).await?;
    let after = before.clone().complete(wanted, tx.now())?;
    put_state(tx, &before, &after).await?;
    Ok(after)
}

/// Takes a card that is on its way for a failed order back to where it began.
pub(super) async fn go_back(tx: &mut Tx, order: &Order) -> Result<()> {
    let card = cards::get(tx, order.card).await?;
    let on_its_way = match (order.kind, card.state) {
        (OrderKind::Freeze, CardState::Freezing { .. })
        | (OrderKind::Unfreeze, CardState::Unfreezing { .. })
        | (OrderKind::Cancel, CardState::Cancelling { .. }) => order.before,
        _ => None,
    };
    let Some(seen) = on_its_way else {
        return Ok(());
    };
    let after = Card {
        state: seen.state,
        updated_at: tx.now(),
        ..card.clone()
    };
    put_state(tx, &card, &after).await
}
