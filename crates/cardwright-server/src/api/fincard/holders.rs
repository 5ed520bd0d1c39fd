//! Cardholders.

mod person;

use axum::{extract::State, response::Response};
use cardwright_core::{HolderId, ProductId, Record};
use cardwright_wire::{
    fincard::{
        holders::{
            self as wire, CreateHolder, CreateHolderV1, HolderStatus, ListHolders, UpdateEmail,
            UpdateHolder,
        },
        page::Page,
    },
    kind::GivenId,
};

use person::Purpose;

use super::session::Session;
use crate::{
    app::App,
    error::{Error, Result},
    ops::holders::{self as ops, Vetting},
    store::{
        ReadTx, Tx,
        holders::{self, HolderFilter},
    },
    webhooks::payloads::fincard::holders::{holder_out, profile},
};

/// `card/holder/v2/create`
pub(super) async fn create(State(app): State<App>, session: Session<CreateHolder>) -> Response {
    session
        .change(
            &app,
            ("card/holder/v2/create", |body| {
                body.merchant_order_no.as_deref()
            }),
            async |tx, body| record(tx, body).await,
        )
        .await
}

/// `card/holder/create`
pub(super) async fn create_v1(
    State(app): State<App>,
    session: Session<CreateHolderV1>,
) -> Response {
    session
        .change(
            &app,
            ("card/holder/create", |body| {
                body.0.merchant_order_no.as_deref()
            }),
            async |tx, body| record(tx, body.0).await,
        )
        .await
}

async fn record(tx: &mut Tx, body: CreateHolder) -> Result<wire::Holder> {
    let (person, evidence) = person::new(body, tx.today())?;
    let holder = ops::create_person(tx, person, Vetting::Needed(&evidence)).await?;
    holder_out(holder)
}

/// `card/holder/v2/update` and `card/holder/update`
pub(super) async fn update(State(app): State<App>, session: Session<UpdateHolder>) -> Response {
    session
        .change(
            &app,
            // The holder's state alone tells a repeat: after an update it is no longer refused.
            ("card/holder/v2/update", |_| None),
            async |tx, body| correct(tx, body).await,
        )
        .await
}

async fn correct(tx: &mut Tx, body: UpdateHolder) -> Result<wire::Holder> {
    let before = ops::correctable(tx, holder_id(body.holder_id)?).await?;
    let product = body.card_type_id.map(product_id).transpose()?;
    let purpose = Purpose {
        number: None,
        model: body.model.map(person::model).or(before.model),
        product: product.or(before.product),
    };
    let number = body.change.document.id_number.clone();
    let mut profile = profile(&before)?.changed_by(body.change);
    person::check_form(&profile, &purpose)?;
    let evidence = person::evidence(&profile, &purpose)?;
    // What is known of the number is masked; only a new one is a number.
    profile.document.id_number = number;
    let kind = profile.document.id_type.clone();
    let person = person::described(profile, purpose, tx.today())?;
    holder_out(ops::correct(tx, before, person, (&evidence, kind)).await?)
}

/// `card/holder/updateEmail`
pub(super) async fn update_email(
    State(app): State<App>,
    session: Session<UpdateEmail>,
) -> Response {
    session
        .change(
            &app,
            // The same address again changes nothing.
            ("card/holder/updateEmail", |_| None),
            async |tx, body| {
                let id = holder_id(body.holder_id)?;
                let holder = holders::get_cardholder(tx, id).await?;
                person::check_email(profile(&holder)?, holder.model, &body.email)?;
                holder_out(ops::change_email(tx, holder, body.email).await?)
            },
        )
        .await
}

/// `card/holder/list`
pub(super) async fn list(State(app): State<App>, session: Session<ListHolders>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: ListHolders) -> Result<Page<wire::Holder>> {
    let Some(filter) = filter(&body) else {
        return Ok(Page::of(body.page, 0, Vec::new()));
    };
    let (found, total) = holders::page(tx, &filter, (body.page.size, body.page.offset())).await?;
    let records = found.into_iter().map(holder_out).collect::<Result<_>>()?;
    Ok(Page::of(
        body.page,
        u64::try_from(total).unwrap_or_default(),
        records,
    ))
}

/// What a list is narrowed to; nothing where an id belongs to nobody.
fn filter(body: &ListHolders) -> Option<HolderFilter> {
    let id = match body.holder_id {
        Some(given) => Some(HolderId::new(given.id()?).ok()?),
        None => None,
    };
    Some(HolderFilter {
        id,
        phone: body.phone.clone(),
        email: body.email.clone(),
        external_id: body.merchant_order_no.clone(),
        model: body.model.map(person::model),
        kyc_status: body.status.map(HolderStatus::status),
        search: body.search_term.clone(),
    })
}

/// The product that a request names; text that is no id names none.
pub(super) fn product_id(given: GivenId) -> Result<ProductId> {
    let missing = || Error::not_found(Record::Product);
    ProductId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

/// The holder that a request names, likewise.
pub(super) fn holder_id(given: GivenId) -> Result<HolderId> {
    let missing = || Error::not_found(Record::Holder);
    HolderId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}
