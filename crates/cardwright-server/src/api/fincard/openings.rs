//! Opening cards, by the present call and by the one it replaced.

use axum::{extract::State, response::Response};
use cardwright_core::{AccountId, HolderId, OrderRoute, Record};
use cardwright_wire::{
    fincard::{
        cards::{self as cards_wire, OpenCard},
        orders::{self as wire, CardWithOrder, OpeningFacts},
    },
    kind::GivenId,
};

use super::{card_types, cards::facts, holders::product_id, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops::cards::{self as ops, Opened},
    secrets::Secret,
    store::Tx,
    webhooks::payloads::fincard::{cards::state_out, orders::order_facts},
};

/// `card/v2/openCard`
pub(super) async fn open(State(app): State<App>, session: Session<OpenCard>) -> Response {
    session
        .change(
            &app,
            ("card/v2/openCard", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let new = open_card(body, OrderRoute::Current)?;
                opened_out(ops::open(tx, new).await?)
            },
        )
        .await
}

/// `card/openCard`
pub(super) async fn open_as_before(State(app): State<App>, session: Session<OpenCard>) -> Response {
    session
        .change(
            &app,
            ("card/openCard", |body| Some(&body.merchant_order_no)),
            async |tx, body| {
                let new = open_card(body, OrderRoute::Deprecated)?;
                let opened = ops::open(tx, new).await?;
                card_out(tx, opened).await
            },
        )
        .await
}

fn open_card(body: OpenCard, route: OrderRoute) -> Result<ops::OpenCard> {
    let holder = body.holder_id.map(holder_id).transpose()?;
    let account = body.account_id.map(account_id).transpose()?;
    let number = body.card_number;
    Ok(ops::OpenCard {
        number: body.merchant_order_no,
        product: product_id(body.card_type_id)?,
        amount: body.amount,
        holder,
        account,
        card_number: number.map(|number| Secret::new(number.expose().to_owned())),
        design: body.design_id.map(design_id).transpose()?,
        route,
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

fn design_id(given: GivenId) -> Result<i64> {
    given.id().ok_or_else(|| Error::not_found(Record::Design))
}

fn opened_out(opened: Opened) -> Result<wire::OpenedCard> {
    let Opened {
        order,
        card,
        product,
    } = opened;
    let facts = OpeningFacts {
        order: order_facts(&order, &card)?,
        organization: card_types::organization(product.scheme),
        account_id: card.paying_account.map(AccountId::get),
        holder_id: card.holder.map(HolderId::get),
        card_type_id: product.id.get(),
        state: state_out(card.state),
    };
    Ok(facts.into())
}

async fn card_out(tx: &mut Tx, opened: Opened) -> Result<CardWithOrder> {
    let order = order_facts(&opened.order, &opened.card)?;
    let card = cards_wire::Card::with_balance(facts(tx, opened.card.id).await?);
    Ok(CardWithOrder::new(card, order))
}
