//! What merchants were paid, and what they gave back.

use cardwright_core::{Transaction, TransactionId, TransactionKind};
use cardwright_wire::{
    finci::events::{Event, Kind},
    kind::PaddedId,
};

use super::{super::Told, authorization, begun, merchant};
use crate::{
    error::Result,
    store::{ReadTx, authorizations, transactions},
};

/// A presentment or a return. One that nothing preceded names no authorization.
///
/// A return that is taken back moves money as a presentment does, so it is one; it names the return
/// in `original_id`.
pub(super) async fn posted(tx: &mut ReadTx, told: Told<'_>) -> Result<Event> {
    let id = told.event.record("transaction", TransactionId::new)?;
    let posted = transactions::get(tx, id).await?;
    let kind = match posted.kind {
        TransactionKind::Clearing
        | TransactionKind::ForcedPosting
        | TransactionKind::RefundReversal => Kind::Presentment,
        TransactionKind::Refund => Kind::Return,
    };
    let event = described(begun(kind, told), &posted);
    let Some(authorization) = posted.authorization else {
        return Ok(event);
    };
    let of = authorizations::get(tx, authorization).await?;
    Ok(Event {
        channel: Some(of.channel.word()),
        wallet: authorization::wallet(tx, &of).await?,
        authorization_id: Some(of.number),
        ..event
    })
}

fn described(event: Event, posted: &Transaction) -> Event {
    let id = PaddedId(posted.id.get());
    Event {
        id: Some(posted.id.padded()),
        transaction_id: Some(id),
        token_id: Some(PaddedId(posted.card.get())),
        account_id: Some(PaddedId(posted.account.get())),
        amount: Some(posted.amount.to_string()),
        currency: Some(posted.amount.currency().code().to_owned()),
        billing_amount: Some(posted.billing.to_string()),
        billing_currency: Some(posted.billing.currency().code().to_owned()),
        merchant: Some(merchant(&posted.merchant)),
        original_id: posted.original.map(TransactionId::padded),
        ..event
    }
}
