//! Orders: opening, freezing and unfreezing cards.

use axum::{extract::State, response::Response};
use cardwright_core::{AccountId, Card, HolderId, Order, OrderKind, OrderStatus, Record};
use cardwright_wire::{
    fincard::{
        cards::{Block, CardState, ChangeCard, OpenCard},
        orders::{self as wire, OpeningFacts, OrderFacts, Received},
    },
    kind::GivenId,
};

use super::{
    card_types,
    cards::{block_out, card_id, masked, state_out},
    holders::product_id,
    session::Session,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::cards::{self as ops, Changed, NewOrder, Opened},
};

/// `card/v2/openCard`
pub(super) async fn open(State(app): State<App>, session: Session<OpenCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/openCard", |body| Some(&body.merchant_order_no)),
            async |tx, body| opened_out(ops::open(tx, open_card(body)?).await?),
        )
        .await
}

/// `card/v2/freeze`
pub(super) async fn freeze(State(app): State<App>, session: Session<ChangeCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/freeze", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                changed_out(&ops::freeze(tx, id, new_order(body)).await?)
            },
        )
        .await
}

/// `card/v2/unfreeze`
pub(super) async fn unfreeze(State(app): State<App>, session: Session<ChangeCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/unfreeze", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let id = card_id(body.card_no)?;
                changed_out(&ops::unfreeze(tx, id, new_order(body)).await?)
            },
        )
        .await
}

fn changed_out(changed: &Changed) -> Result<wire::Order> {
    let before = reading(&changed.before);
    Ok(order_facts(&changed.order, &changed.after, Some(before))?.into())
}

fn new_order(body: ChangeCard) -> NewOrder {
    NewOrder {
        number: body.merchant_order_no,
        remark: body.remark,
    }
}

fn open_card(body: OpenCard) -> Result<ops::OpenCard> {
    let holder = body.holder_id.map(holder_id).transpose()?;
    let account = body.account_id.map(account_id).transpose()?;
    Ok(ops::OpenCard {
        number: body.merchant_order_no,
        product: product_id(body.card_type_id)?,
        amount: body.amount,
        holder,
        account,
    })
}

fn holder_id(given: GivenId) -> Result<HolderId> {
    let missing = || Error::not_found(Record::Holder);
    HolderId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

fn account_id(given: GivenId) -> Result<AccountId> {
    let missing = || Error::not_found(Record::Account);
    AccountId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

/// How a card reads in this dialect.
fn reading(card: &Card) -> (CardState, Block) {
    (state_out(card.state), block_out(card.block))
}

fn opened_out(opened: Opened) -> Result<wire::OpenedCard> {
    let Opened {
        order,
        card,
        product,
    } = opened;
    let facts = OpeningFacts {
        order: order_facts(&order, &card, None)?,
        organization: card_types::organization(product.scheme),
        account_id: card.paying_account.map(AccountId::get),
        holder_id: card.holder.map(HolderId::get),
        card_type_id: product.id.get(),
        state: state_out(card.state),
    };
    Ok(facts.into())
}

/// What was ordered, in this dialect.
pub(super) fn order_kind(kind: OrderKind) -> wire::OrderType {
    match kind {
        OrderKind::Create => wire::OrderType::Create,
        OrderKind::Freeze => wire::OrderType::Freeze,
        OrderKind::Unfreeze => wire::OrderType::Unfreeze,
        OrderKind::OverdraftStatement => wire::OrderType::OverdraftStatement,
    }
}

/// How far an order is, in this dialect.
pub(super) fn order_status(status: OrderStatus) -> wire::OrderStatus {
    match status {
        OrderStatus::WaitProcess => wire::OrderStatus::WaitProcess,
        OrderStatus::Processing => wire::OrderStatus::Processing,
        OrderStatus::Success => wire::OrderStatus::Success,
        OrderStatus::Fail => wire::OrderStatus::Fail,
    }
}

/// What is told of an order; the card is as it is now.
pub(super) fn order_facts(
    order: &Order,
    card: &Card,
    before: Option<(CardState, Block)>,
) -> Result<OrderFacts> {
    Ok(OrderFacts {
        id: order.id.get(),
        merchant_order_no: Some(order.number.clone()),
        card_id: card.id.get(),
        pan: masked(card)?,
        order_type: order_kind(order.kind),
        status: order_status(order.status),
        currency: Some(order.amount.currency().code().to_owned()),
        amount: Some(order.amount.to_string()),
        fee: Some(order.fee.to_string()),
        received: order.received.map(|received| Received {
            amount: received.to_string(),
            currency: received.currency().code().to_owned(),
        }),
        description: order.description.clone(),
        remark: order.remark.clone(),
        reason: None,
        ordered_at: order.created_at,
        transaction_id: None,
        card_before: before,
        card_after: Some(reading(card)),
    })
}
