//! Queries 42 to 47: bills, orders, what moved a card's money, fees the wallet paid, challenges.
//!
//! A number or id that belongs to nobody narrows a list to nothing, as one of another tenant does.

use axum::{extract::State, response::Response};
use cardwright_core::{
    CardFeeId, CardFeeKind, CardId, ChallengeId, ChallengeKind, Order, OrderId, OrderKind,
    OrderRoute, Timestamp,
};
use cardwright_wire::{
    fincard::{
        orders::{self, OrderType},
        page::{Page, PageRequest, TimeRange},
        queries::{
            self as wire, BillFacts, ChallengeType, Common, GivenTrade, ListAuthorizations,
            ListBills, ListChallenges, ListFeePatches, ListOrders, PatchType, TradeType,
        },
    },
    kind::GivenId,
};

use super::{card_types, session::Session};
use crate::{
    app::App,
    error::{Error, Result},
    ops,
    store::{
        ReadTx, Tx, card_data_keys, card_fees,
        card_fees::FeeFilter,
        cards,
        challenges::{self, ChallengeFilter},
        order_lists::{self, OrderFilter},
        products,
        trades::{self as stored, TradeFilter, TradeKind},
    },
    webhooks::payloads::fincard::{
        cards::card_facts,
        challenges::challenge_out,
        fees,
        orders::{order_facts, order_kind, order_status},
        trades,
    },
};

/// `card/purchase/transaction`
pub(super) async fn bills(State(app): State<App>, session: Session<ListBills>) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let asked = (body.common, body.merchant_order_no, body.order_no);
            let filter = order_filter(asked, Some(vec![OrderKind::Create]))?;
            let page = body.common.page;
            let (found, total) = orders_of(tx, filter, page).await?;
            let mut records = Vec::with_capacity(found.len());
            for order in found {
                records.push(bill(tx, &order).await?);
            }
            Ok(paged(page, total, records))
        })
        .await
}

/// `card/transaction`
pub(super) async fn orders(State(app): State<App>, session: Session<ListOrders>) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let page = body.common.page;
            let filter = filter_of(body)?;
            order_page(tx, filter, page).await
        })
        .await
}

/// `card/v2/transaction`
pub(super) async fn newer_orders(State(app): State<App>, session: Session<ListOrders>) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let page = body.common.page;
            let filter = filter_of(body)?.map(|filter| OrderFilter {
                route: Some(OrderRoute::Current),
                ..filter
            });
            order_page(tx, filter, page).await
        })
        .await
}

/// `card/authorize/transaction`
pub(super) async fn authorizations(
    State(app): State<App>,
    session: Session<ListAuthorizations>,
) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let page = body.common.page;
            let Some(filter) = trade_filter(tx, &body).await? else {
                return Ok(paged(page, 0, Vec::new()));
            };
            let (found, total) = stored::page(tx, &filter, (page.size, page.offset())).await?;
            let mut records = Vec::with_capacity(found.len());
            for trade in found {
                records.push(trades::record(tx, trade).await?);
            }
            Ok(paged(page, total, records))
        })
        .await
}

/// `card/auth/fee/transaction`
pub(super) async fn fee_patches(
    State(app): State<App>,
    session: Session<ListFeePatches>,
) -> Response {
    session
        .look_up(&app, async |tx, body| {
            let page = body.common.page;
            let Some(filter) = fee_filter(tx, body).await? else {
                return Ok(paged(page, 0, Vec::new()));
            };
            let (found, total) = card_fees::page(tx, &filter, (page.size, page.offset())).await?;
            let mut records = Vec::with_capacity(found.len());
            for fee in found {
                records.push(fees::patch_out(tx, fee).await?);
            }
            Ok(paged(page, total, records))
        })
        .await
}

/// `card/3ds/transaction`
pub(super) async fn challenges(
    State(app): State<App>,
    session: Session<ListChallenges>,
) -> Response {
    if let Some(refused) = session.take_look(&app) {
        return refused;
    }
    // What is shown is written down, as with the number of a card.
    let call: (_, fn(&ListChallenges) -> Option<&str>) = ("card/3ds/transaction", |_| None);
    session
        .change(&app, call, async |tx, body| challenge_page(tx, &body).await)
        .await
}

async fn challenge_page(tx: &mut Tx, body: &ListChallenges) -> Result<Page<wire::Challenge>> {
    let page = body.common.page;
    let Some(filter) = challenge_filter(body)? else {
        return Ok(paged(page, 0, Vec::new()));
    };
    let (found, total) = challenges::page(tx, &filter, (page.size, page.offset())).await?;
    let key = card_data_keys::find(tx).await?.map(|stored| stored.key);
    let values = ops::challenges::show(tx, &found).await?;
    let mut records = Vec::with_capacity(found.len());
    for shown in found.into_iter().zip(values) {
        records.push(challenge_out(tx, shown, key.as_ref()).await?);
    }
    Ok(paged(page, total, records))
}

fn paged<T>(page: PageRequest, total: i64, records: Vec<T>) -> Page<T> {
    Page::of(page, u64::try_from(total).unwrap_or_default(), records)
}

fn instants(time: TimeRange) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let instant = |ms: Option<i64>, field: &'static str| {
        ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| Error::Invalid(field)))
            .transpose()
    };
    Ok((
        instant(time.start_ms, "startTime")?,
        instant(time.end_ms, "endTime")?,
    ))
}

/// What a given id narrows a list to.
enum Narrowed<T> {
    /// To nothing: no record has it.
    Nobody,
    /// To this one, or not at all.
    To(Option<T>),
}

fn narrowed<T>(given: Option<GivenId>, id: fn(i64) -> Option<T>) -> Narrowed<T> {
    match given {
        None => Narrowed::To(None),
        Some(given) => match given.id().and_then(id) {
            Some(id) => Narrowed::To(Some(id)),
            None => Narrowed::Nobody,
        },
    }
}

fn card_of(common: Common) -> Narrowed<CardId> {
    narrowed(common.card_no, |id| CardId::new(id).ok())
}

fn order_filter(
    (common, number, order_no): (Common, Option<String>, Option<GivenId>),
    kinds: Option<Vec<OrderKind>>,
) -> Result<Option<OrderFilter>> {
    let (from, until) = instants(common.time)?;
    let order = narrowed(order_no, |id| OrderId::new(id).ok());
    let (Narrowed::To(card), Narrowed::To(id)) = (card_of(common), order) else {
        return Ok(None);
    };
    Ok(Some(OrderFilter {
        card,
        id,
        number,
        kinds,
        route: None,
        from,
        until,
    }))
}

fn filter_of(body: ListOrders) -> Result<Option<OrderFilter>> {
    let kinds = body.order_type.map(kinds_of);
    order_filter((body.common, body.merchant_order_no, body.order_no), kinds)
}

/// The kinds that a word means; none of a kind that nobody can order yet.
fn kinds_of(word: OrderType) -> Vec<OrderKind> {
    let mut kinds = OrderKind::ALL.to_vec();
    kinds.retain(|kind| order_kind(*kind) == word);
    kinds
}

async fn orders_of(
    tx: &mut ReadTx,
    filter: Option<OrderFilter>,
    page: PageRequest,
) -> Result<(Vec<Order>, i64)> {
    match filter {
        None => Ok((Vec::new(), 0)),
        Some(filter) => order_lists::page(tx, &filter, (page.size, page.offset())).await,
    }
}

async fn order_page(
    tx: &mut ReadTx,
    filter: Option<OrderFilter>,
    page: PageRequest,
) -> Result<Page<orders::Order>> {
    let (found, total) = orders_of(tx, filter, page).await?;
    let mut records = Vec::with_capacity(found.len());
    for order in found {
        let card = cards::get(tx, order.card).await?;
        records.push(orders::Order::from(order_facts(&order, &card)?));
    }
    Ok(paged(page, total, records))
}

async fn bill(tx: &mut ReadTx, order: &Order) -> Result<wire::Bill> {
    let card = cards::get(tx, order.card).await?;
    let product = products::get(tx, card.product).await?;
    let total = order.amount.checked_add(order.fee);
    let total = total.ok_or_else(|| Error::Corrupt(format!("amounts of order {}", order.id)))?;
    let facts = BillFacts {
        order: order.id.get(),
        merchant_order_no: Some(order.number.clone()),
        card: card_facts(&card)?,
        card_type_id: product.id.get(),
        card_type_name: product.name,
        form: card_types::form(product.form),
        organization: card_types::organization(product.scheme),
        bin: product.bin.digits().to_owned(),
        currency: order.amount.currency().code().to_owned(),
        card_fee: order.fee.to_string(),
        deposit: order.amount.to_string(),
        total: total.to_string(),
        status: order_status(order.status),
        at: order.created_at,
    };
    Ok(facts.into())
}

async fn trade_of(tx: &mut ReadTx, given: Option<&GivenTrade>) -> Result<Narrowed<i64>> {
    let Some(GivenTrade(number)) = given else {
        return Ok(Narrowed::To(None));
    };
    Ok(match stored::id_of(tx, number).await? {
        None => Narrowed::Nobody,
        found => Narrowed::To(found),
    })
}

async fn trade_filter(tx: &mut ReadTx, body: &ListAuthorizations) -> Result<Option<TradeFilter>> {
    let (from, until) = instants(body.common.time)?;
    let Narrowed::To(card) = card_of(body.common) else {
        return Ok(None);
    };
    let Narrowed::To(id) = trade_of(tx, body.trade_no.as_ref()).await? else {
        return Ok(None);
    };
    Ok(Some(TradeFilter {
        card,
        id,
        kind: body.trade_type.map(|word| match word {
            TradeType::Auth => TradeKind::Payment,
            TradeType::Void => TradeKind::Void,
            TradeType::Refund => TradeKind::Refund,
            TradeType::Verification => TradeKind::Verification,
            TradeType::MaintainFee => TradeKind::Maintenance,
        }),
        from,
        until,
    }))
}

async fn fee_filter(tx: &mut ReadTx, body: ListFeePatches) -> Result<Option<FeeFilter>> {
    let (from, until) = instants(body.common.time)?;
    let Narrowed::To(card) = card_of(body.common) else {
        return Ok(None);
    };
    let id = body.trade_no.map(|given| CardFeeId::parse(&given.0).ok());
    if id == Some(None) {
        return Ok(None);
    }
    let Narrowed::To(origin) = trade_of(tx, body.origin_trade_no.as_ref()).await? else {
        return Ok(None);
    };
    Ok(Some(FeeFilter {
        kinds: match body.patch_type {
            None => vec![CardFeeKind::FeePatch, CardFeeKind::CrossBorderPatch],
            Some(PatchType::Fee) => vec![CardFeeKind::FeePatch],
            Some(PatchType::CrossBorder) => vec![CardFeeKind::CrossBorderPatch],
        },
        card,
        id: id.flatten(),
        origin,
        from,
        until,
    }))
}

fn challenge_filter(body: &ListChallenges) -> Result<Option<ChallengeFilter>> {
    let (from, until) = instants(body.common.time)?;
    let Narrowed::To(card) = card_of(body.common) else {
        return Ok(None);
    };
    let id = body.trade_no.as_ref();
    let id = id.map(|given| ChallengeId::parse(&given.0).ok());
    if id == Some(None) {
        return Ok(None);
    }
    Ok(Some(ChallengeFilter {
        card,
        id: id.flatten(),
        kind: body.challenge_type.map(|word| match word {
            ChallengeType::Otp => ChallengeKind::Otp,
            ChallengeType::AuthUrl => ChallengeKind::Url,
            ChallengeType::ActivationCode => ChallengeKind::ActivationCode,
        }),
        from,
        until,
    }))
}
