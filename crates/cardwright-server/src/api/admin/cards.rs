//! Cards, and the platform's block of them.

use axum::{extract::State, response::Response};
use cardwright_core::{Card, CardId, CloseReason, PlatformBlock, Record};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::{
            Reason,
            cards::{Card as Shown, IssuedCode},
        },
    },
    pan::MaskedPan,
};

use crate::{
    api::native::{NoBody, Operated, record},
    app::App,
    error::{Error, Result},
    ops::{cards as ops, challenges},
    store::cards,
};

/// `GET cards/{card_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id("card_id");
    operated
        .answer(&app, async move |tx| {
            let id = record(given, CardId::new, Record::Card)?;
            shown(&cards::get(tx, id).await?)
        })
        .await
}

/// `POST cards/{card_id}/block`
pub(super) async fn block(State(app): State<App>, operated: Operated<Reason>) -> Response {
    let given = operated.id("card_id");
    operated
        .change(&app, async move |tx, asked| {
            let id = record(given, CardId::new, Record::Card)?;
            shown(&ops::block(tx, id, &asked.reason).await?)
        })
        .await
}

/// `POST cards/{card_id}/unblock`
pub(super) async fn unblock(State(app): State<App>, operated: Operated<Reason>) -> Response {
    let given = operated.id("card_id");
    operated
        .change(&app, async move |tx, asked| {
            let id = record(given, CardId::new, Record::Card)?;
            shown(&ops::unblock(tx, id, &asked.reason).await?)
        })
        .await
}

/// `POST cards/{card_id}/activation-code`
pub(super) async fn activation_code(
    State(app): State<App>,
    operated: Operated<Reason>,
) -> Response {
    let given = operated.id("card_id");
    operated
        .change(&app, async move |tx, asked| {
            let id = record(given, CardId::new, Record::Card)?;
            let issued = challenges::renew_activation_code(tx, id, &asked.reason).await?;
            Ok(IssuedCode {
                challenge_id: RecordId(issued.id.get()),
                card_id: RecordId(issued.card.get()),
                status: issued.state.word(),
                created_at: Rfc3339(issued.created_at),
            })
        })
        .await
}

fn shown(card: &Card) -> Result<Shown> {
    let masked = MaskedPan::new(&card.first_six, &card.last_four)
        .ok_or_else(|| Error::Corrupt(format!("visible digits of card {}", card.id)))?;
    Ok(Shown {
        id: RecordId(card.id.get()),
        product_id: RecordId(card.product.get()),
        holder_id: card.holder.map(|holder| RecordId(holder.get())),
        account_id: RecordId(card.account.get()),
        masked_number: masked.starred(),
        state: card.state.word(),
        close_reason: card.state.close_reason().map(CloseReason::word),
        stage: card.stage.word(),
        blocked_since: match card.block {
            PlatformBlock::Clear => None,
            PlatformBlock::Blocked { since } => Some(Rfc3339(since)),
        },
        expiry: format!("{:04}-{:02}", card.expiry.year(), card.expiry.month()),
        created_at: Rfc3339(card.created_at),
        updated_at: Rfc3339(card.updated_at),
    })
}
