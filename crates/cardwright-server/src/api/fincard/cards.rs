//! Cards: reading and listing them.

use axum::{extract::State, response::Response};
use cardwright_core::{
    AccountId, CardForm, CardId, CardState, CloseReason, Holder, HolderId, Mode, Product,
    ProductId, Record, Timestamp,
};
use cardwright_wire::{
    fincard::{
        cards::{
            self as wire, BalanceInfo, Balances, Block, CardBalance, CardFacts, CardInfo, Detail,
            HolderInfo, ListCards, StatusFilter,
        },
        changes::{NamedCard, UpdateNote},
        page::Page,
    },
    kind::{GivenId, Month},
};
use jiff::{civil::date, tz::TimeZone};

use super::{
    card_types,
    controls::{self, Shown},
    session::Session,
};
use crate::{
    app::App,
    error::{Error, Result},
    ops::cards as ops,
    store::{
        ReadTx,
        cards::{self, BlockFilter, CardFilter, Sheet, StateFilter},
        products,
    },
    webhooks::payloads::fincard::cards::{block_out, masked, state_out},
};

/// `card/info`
pub(super) async fn info(State(app): State<App>, session: Session<CardInfo>) -> Response {
    session
        .glance(&app, async |tx, body| {
            let facts = facts(tx, card_id(body.card_no)?).await?;
            Ok(match body.detail {
                Detail::Simple => wire::Card::from(facts),
                Detail::WithBalance => wire::Card::with_balance(facts),
            })
        })
        .await
}

/// `card/list`
pub(super) async fn list(State(app): State<App>, session: Session<ListCards>) -> Response {
    session
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

/// `card/balance`
pub(super) async fn balance(State(app): State<App>, session: Session<NamedCard>) -> Response {
    session
        .glance(&app, async |tx, body| {
            let facts = facts(tx, card_id(body.card_no)?).await?;
            Ok(CardBalance::from(BalanceInfo::of(&facts)))
        })
        .await
}

/// `card/v2/updateNote`
pub(super) async fn update_note(State(app): State<App>, session: Session<UpdateNote>) -> Response {
    session
        .change(
            &app,
            ("card/v2/updateNote", |body| {
                body.merchant_order_no.as_deref()
            }),
            async |tx, body| {
                let card = ops::update_note(tx, card_id(body.card_no)?, body.remark).await?;
                Ok(wire::Card::from(facts(tx, card.id).await?))
            },
        )
        .await
}

/// The card that a request names; text that is no id names none.
pub(super) fn card_id(given: GivenId) -> Result<CardId> {
    let missing = || Error::not_found(Record::Card);
    CardId::new(given.id().ok_or_else(missing)?).map_err(|_| missing())
}

async fn page(tx: &mut ReadTx, body: &ListCards) -> Result<Page<wire::Card>> {
    let Some(filter) = filter(body)? else {
        return Ok(Page::of(body.page, 0, Vec::new()));
    };
    let (found, total) = cards::page(tx, &filter, (body.page.size, body.page.offset())).await?;
    let mut records = Vec::with_capacity(found.len());
    for card in found {
        records.push(wire::Card::from(facts(tx, card.id).await?));
    }
    Ok(Page::of(
        body.page,
        u64::try_from(total).unwrap_or_default(),
        records,
    ))
}

/// What a list is narrowed to; nothing where an id belongs to nobody.
fn filter(body: &ListCards) -> Result<Option<CardFilter>> {
    let instant = |ms: Option<i64>, field: &'static str| {
        ms.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| Error::Invalid(field)))
            .transpose()
    };
    let mut filter = CardFilter {
        from: instant(body.time.start_ms, "startTime")?,
        until: instant(body.time.end_ms, "endTime")?,
        states: body.status.map(state_filter),
        ..CardFilter::default()
    };
    for (given, put) in [
        (
            body.card_no,
            put_card as fn(&mut CardFilter, i64) -> Option<()>,
        ),
        (body.card_type_id, put_product),
        (body.holder_id, put_holder),
    ] {
        let Some(given) = given else { continue };
        if given.id().and_then(|id| put(&mut filter, id)).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(filter))
}

fn put_card(filter: &mut CardFilter, id: i64) -> Option<()> {
    filter.id = Some(CardId::new(id).ok()?);
    Some(())
}

fn put_product(filter: &mut CardFilter, id: i64) -> Option<()> {
    filter.product = Some(ProductId::new(id).ok()?);
    Some(())
}

fn put_holder(filter: &mut CardFilter, id: i64) -> Option<()> {
    filter.holder = Some(HolderId::new(id).ok()?);
    Some(())
}

/// The stored states that a word of either vocabulary means.
fn state_filter(word: StatusFilter) -> StateFilter {
    let open = [
        CardState::Pending,
        CardState::Inactive,
        CardState::Active,
        CardState::Frozen {
            since: Timestamp::UNIX_EPOCH,
        },
        CardState::Dormant {
            since: Timestamp::UNIX_EPOCH,
        },
        CardState::Freezing {
            since: Timestamp::UNIX_EPOCH,
        },
        CardState::Unfreezing {
            since: Timestamp::UNIX_EPOCH,
        },
        CardState::Cancelling {
            since: Timestamp::UNIX_EPOCH,
        },
    ];
    let closed = CloseReason::ALL.map(|reason| CardState::Closed {
        reason,
        at: Timestamp::UNIX_EPOCH,
    });
    let states: Vec<CardState> = open.into_iter().chain(closed).collect();
    let meant = |block: Block| -> Vec<CardState> {
        states
            .iter()
            .copied()
            .filter(|state| word.matches(state_out(*state), block))
            .collect()
    };
    let (clear, blocked) = (meant(Block::None), meant(Block::ByPlatform));
    let (meant, block) = match (clear.is_empty(), blocked.is_empty()) {
        (true, _) => (blocked, BlockFilter::Blocked),
        (false, true) => (clear, BlockFilter::Clear),
        (false, false) => (clear, BlockFilter::Any),
    };
    let mut words: Vec<&'static str> = meant.iter().map(|state| state.word()).collect();
    words.dedup();
    let close_reasons = meant
        .iter()
        .filter_map(|state| state.close_reason())
        .collect();
    StateFilter {
        words,
        close_reasons,
        block,
    }
}

/// What a card says about itself.
pub(super) async fn facts(tx: &mut ReadTx, card: CardId) -> Result<CardFacts> {
    let sheet = cards::sheet(tx, card).await?;
    let product = products::known(tx, sheet.card.product).await?;
    let own = (&sheet.controls, sheet.funds.currency);
    let shown = controls::shown(tx, (&sheet.card, &product), own).await?;
    facts_of(sheet, &product, shown)
}

fn facts_of(sheet: Sheet, product: &Product, shown: Shown) -> Result<CardFacts> {
    let Sheet {
        card,
        funds,
        holder,
        ..
    } = sheet;
    let (shown_account, available, current, held) = match product.mode {
        Mode::Prepaid => (
            card.paying_account,
            funds.balance.available(),
            funds.balance.posted(),
            funds.balance.held(),
        ),
        // A card without a balance of its own has none; the pool has its own reading.
        Mode::SharedPool | Mode::AccountFunded => (Some(funds.account), 0, 0, 0),
    };
    let print = |minor: i64| funds.currency.print(minor);
    Ok(CardFacts {
        id: card.id.get(),
        pan: masked(&card)?,
        card_type_id: product.id.get(),
        bin: product.bin.digits().to_owned(),
        organization: card_types::organization(product.scheme),
        form: card_types::form(product.form),
        holder_id: card.holder.map(HolderId::get),
        holder: holder.map(holder_info),
        account_id: shown_account.map(AccountId::get),
        state: state_out(card.state),
        block: block_out(card.block),
        expiry: Month {
            year: card.expiry.year(),
            month: card.expiry.month(),
        },
        name: Some(card.embossing_name.unwrap_or_else(|| product.name.clone())),
        currency: funds.currency.code().to_owned(),
        balances: Balances {
            available: print(available),
            current: print(current),
            held: print(held),
            used: Some(shown.spent),
        },
        remark: card.remark,
        no_pin_payment_amount: shown.settings.pin_free_amount.clone(),
        custom_category: None,
        spending_controls: shown.spending_controls,
        risk_controls: shown.risk_controls,
        settings: shown.settings,
        limits: shown.limits,
        daily_spent: Some(shown.daily_spent),
        monthly_spent: Some(shown.monthly_spent),
        features: features(product.form),
        created_at: card.created_at,
        updated_at: card.updated_at,
        bound_at: Some(card.created_at),
        activated_at: card.activated_at,
        expires_at: end_of(card.expiry),
    })
}

/// What cards of this form can do.
fn features(form: CardForm) -> wire::Features {
    let can: &[&str] = match form {
        CardForm::Virtual => &["3DS"],
        CardForm::Physical | CardForm::AsOrdered => &["CHIP", "NFC", "3DS"],
    };
    can.iter().map(|word| (*word).to_owned()).collect()
}

/// The first instant after the last month.
fn end_of(expiry: cardwright_core::Expiry) -> Option<Timestamp> {
    let next = cardwright_core::Expiry::after(date(expiry.year(), expiry.month(), 1), 1)?;
    let first = date(next.year(), next.month(), 1)
        .to_zoned(TimeZone::UTC)
        .ok()?;
    Some(first.timestamp())
}

fn holder_info(holder: Holder) -> HolderInfo {
    let address = holder.address;
    let country = address.as_ref().and_then(|address| address.country);
    HolderInfo {
        first_name: Some(holder.name.first),
        last_name: Some(holder.name.last),
        country: country.map(|country| country.alpha2().to_owned()),
        state: address.as_ref().and_then(|address| address.region.clone()),
        town: address.as_ref().and_then(|address| address.city.clone()),
        address: address.as_ref().map(|address| address.line1.clone()),
        address_line2: address.as_ref().and_then(|address| address.line2.clone()),
        post_code: address.and_then(|address| address.postal_code),
    }
}
