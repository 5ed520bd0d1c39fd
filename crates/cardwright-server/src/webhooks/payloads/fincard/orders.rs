//! Orders on cards, under their published names.

use cardwright_core::{Card, CardSeen, Order, OrderKind, OrderStatus};
use cardwright_wire::fincard::{
    cards::{Block, CardState},
    orders::{self as wire, OrderFacts, Received},
};

use super::cards::{block_out, masked, state_out};
use crate::error::Result;

/// What an order says about itself.
pub(crate) fn order_facts(order: &Order, card: &Card) -> Result<OrderFacts> {
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
        reason: match order.status {
            OrderStatus::Fail => order.description.clone(),
            OrderStatus::WaitProcess | OrderStatus::Processing | OrderStatus::Success => None,
        },
        ordered_at: order.created_at,
        card_before: order.before.map(reading),
        card_after: order.after.map(reading),
    })
}

/// What was ordered, in this dialect.
pub(crate) fn order_kind(kind: OrderKind) -> wire::OrderType {
    match kind {
        OrderKind::Create => wire::OrderType::Create,
        OrderKind::Deposit => wire::OrderType::Deposit,
        OrderKind::Withdraw => wire::OrderType::Withdraw,
        OrderKind::Cancel | OrderKind::LateReturn => wire::OrderType::Cancel,
        OrderKind::Freeze => wire::OrderType::Freeze,
        OrderKind::Unfreeze => wire::OrderType::Unfreeze,
        OrderKind::Activate => wire::OrderType::CardActivated,
        OrderKind::UpdatePin => wire::OrderType::UpdatePin,
        OrderKind::Update => wire::OrderType::CardUpdate,
        OrderKind::Block => wire::OrderType::Blocked,
        OrderKind::OverdraftStatement => wire::OrderType::OverdraftStatement,
    }
}

/// How far an order is, in this dialect.
pub(crate) fn order_status(status: OrderStatus) -> wire::OrderStatus {
    match status {
        OrderStatus::WaitProcess => wire::OrderStatus::WaitProcess,
        OrderStatus::Processing => wire::OrderStatus::Processing,
        OrderStatus::Success => wire::OrderStatus::Success,
        OrderStatus::Fail => wire::OrderStatus::Fail,
    }
}

/// How a card reads in this dialect.
fn reading(seen: CardSeen) -> (CardState, Block) {
    (state_out(seen.state), block_out(seen.block))
}
