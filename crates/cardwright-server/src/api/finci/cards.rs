//! Cards.

use axum::{extract::State, response::Response};
use cardwright_core::{
    AccountId, Capability, Card, CardId, CardStage, CardState, CardStatusChange, CloseReason,
    Delivery, Expiry, Holder, HolderId, HolderKind, ProductId, Record, Refusal,
};
use cardwright_wire::{
    finci::{
        accounts::Owner,
        cards::{
            self as wire, CardHolder, CardItem, CardList, CreateCard, GetCards, ReplaceCard,
            ReplaceReason, Replacement, TokenId, TokenStage, TokenStatus, UpdateCardStage,
            UpdateCardStatus,
        },
        limits::Limits,
    },
    instant::Rfc3339,
    kind::{Month, PaddedId},
    pan::MaskedPan,
};

use super::{
    accounts::owner,
    employees,
    limits::limits_out,
    persons::address,
    signed::{NoBody, Signed},
};
use crate::{
    api::cursor::{self, Listing},
    app::App,
    error::{Error, Result},
    ops::cards::{self as ops, IssueCard, Replace},
    store::{ReadTx, card_replacements, cards, holders},
    webhooks::payloads::finci::cards::token_status,
};

/// `POST create-card`
pub(super) async fn create(State(app): State<App>, signed: Signed<CreateCard>) -> Response {
    signed
        .create(
            &app,
            |body| body.external_id.as_deref(),
            async |tx, body| {
                let holder = holder(tx, &body.holder).await?;
                let card = ops::issue(tx, issue(body, &holder)?).await?;
                Ok(token_id(&card))
            },
        )
        .await
}

/// `POST get-cards`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetCards>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, &body).await)
        .await
}

/// `GET get-card/{token_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let id = card_id(signed.path_id());
    signed
        .answer(&app, async move |tx| {
            let sheet = cards::sheet(tx, id?).await?;
            let limits = limits_out(&sheet.controls, sheet.funds.currency);
            let replaces = card_replacements::replaced_by(tx, sheet.card.id).await?;
            let replaced_by = card_replacements::replacement_of(tx, sheet.card.id).await?;
            let padded = |id: CardId| PaddedId(id.get());
            Ok(wire::Card {
                replaces: replaces.map(padded),
                replaced_by: replaced_by.map(padded),
                ..card_out(sheet.card, sheet.holder, limits)?
            })
        })
        .await
}

/// `PATCH update-card-status/{token_id}`
pub(super) async fn update_status(
    State(app): State<App>,
    signed: Signed<UpdateCardStatus>,
) -> Response {
    let id = card_id(signed.path_id());
    signed
        .change(&app, async move |tx, body| {
            let wanted = status_change(body.token_status)?;
            Ok(token_id(&ops::change_status(tx, id?, wanted).await?))
        })
        .await
}

/// `PATCH update-card-stage/{token_id}`
pub(super) async fn update_stage(
    State(app): State<App>,
    signed: Signed<UpdateCardStage>,
) -> Response {
    let id = card_id(signed.path_id());
    signed
        .change(&app, async move |tx, body| {
            let wanted = stage_in(body.token_stage);
            Ok(token_id(&ops::change_stage(tx, id?, wanted).await?))
        })
        .await
}

/// `POST replace-card/{token_id}`
pub(super) async fn replace(State(app): State<App>, signed: Signed<ReplaceCard>) -> Response {
    let id = card_id(signed.path_id());
    signed
        .change(&app, async move |tx, body| {
            let id = id?;
            let place = body.delivery_address;
            let place = place.map(|place| address(place, "delivery_address.country"));
            let asked = Replace {
                reason: match body.reason {
                    ReplaceReason::Lost => CloseReason::Lost,
                    ReplaceReason::Stolen => CloseReason::Stolen,
                    ReplaceReason::Damaged => CloseReason::Damaged,
                    ReplaceReason::Expired => CloseReason::Expired,
                },
                address: place.transpose()?,
                express: body.express_delivery.map(|express| {
                    if express {
                        Capability::Yes
                    } else {
                        Capability::No
                    }
                }),
            };
            let card = ops::replace(tx, id, asked).await?;
            Ok(Replacement {
                token_id: PaddedId(card.id.get()),
                replaces: PaddedId(id.get()),
            })
        })
        .await
}

pub(super) fn card_id(text: &str) -> Result<CardId> {
    CardId::parse_padded(text).map_err(|_| Error::not_found(Record::Card))
}

pub(super) fn token_id(card: &Card) -> TokenId {
    TokenId {
        token_id: PaddedId(card.id.get()),
    }
}

/// The person or employee that a request names as holder.
async fn holder(tx: &mut ReadTx, holder: &CardHolder) -> Result<Holder> {
    match holder {
        CardHolder::Person(number) => holders::get_by_number(tx, HolderKind::Person, number).await,
        CardHolder::Employee(id) => {
            let id = HolderId::new(id.0).map_err(|_| Error::not_found(Record::Employee))?;
            employees::get(tx, id).await
        }
    }
}

fn issue(body: CreateCard, holder: &Holder) -> Result<IssueCard> {
    let account = body
        .account_id
        .map(|id| AccountId::new(id.0).map_err(|_| Error::not_found(Record::Account)));
    let expiry = body
        .expiration_date
        .map(|month| Expiry::new(month.year, month.month).ok_or(Error::Invalid("expiration_date")));
    Ok(IssueCard {
        holder: holder.id,
        account: account.transpose()?,
        product: ProductId::new(body.product_id).map_err(|_| Error::not_found(Record::Product))?,
        embossing_name: body.embossing_name,
        expiry: expiry.transpose()?,
        state: match body.token_status {
            TokenStatus::Active => CardState::Active,
            _ => CardState::Inactive,
        },
        stage: stage_in(body.token_stage),
        delivery: Delivery {
            address: address(body.delivery_address, "delivery_address.country")?,
            express: if body.express_delivery {
                Capability::Yes
            } else {
                Capability::No
            },
        },
        external_id: body.external_id,
    })
}

async fn page(tx: &mut ReadTx, body: &GetCards) -> Result<CardList> {
    let owner_record = owner(tx, &body.owner).await?;
    let list = Listing {
        domain: "finci.cursor",
        name: match &body.owner {
            Owner::Person(number) | Owner::Corporate(number) => number,
        },
    };
    let after = body
        .cursor
        .as_deref()
        .map(|text| cursor::read(tx, list, text))
        .transpose()?
        .map(|last| CardId::new(last).map_err(|_| Error::Invalid("cursor")))
        .transpose()?;
    let total = cards::count_of_owner(tx, owner_record.id).await?;
    // One more than wanted tells whether there is more.
    let limit = body.limit.map(|limit| limit + 1);
    let mut found = cards::of_owner(tx, owner_record.id, after, limit).await?;
    let wanted = body
        .limit
        .map_or(found.len(), |limit| usize::try_from(limit).unwrap_or(0));
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next_cursor = match found.last() {
        Some(last) if more => Some(cursor::write(tx, list, last.id.get())?),
        Some(_) | None => None,
    };
    Ok(CardList {
        items: found.iter().map(card_item).collect::<Result<_>>()?,
        total: u64::try_from(total).unwrap_or_default(),
        next_cursor,
    })
}

fn card_item(card: &Card) -> Result<CardItem> {
    let masked = MaskedPan::new(&card.first_six, &card.last_four)
        .ok_or_else(|| Error::Corrupt(format!("visible digits of card {}", card.id)))?;
    Ok(CardItem {
        token_id: PaddedId(card.id.get()),
        embossing_name: card.embossing_name.clone().unwrap_or_default(),
        card_number: masked,
        expiration_date: Month {
            year: card.expiry.year(),
            month: card.expiry.month(),
        },
        product_id: card.product.get(),
    })
}

fn card_out(card: Card, holder: Option<Holder>, limits: Limits) -> Result<wire::Card> {
    let (person_id, employee_id) = match holder {
        Some(holder) if holder.kind == HolderKind::Employee => {
            (None, Some(PaddedId(holder.id.get())))
        }
        Some(holder) => (holder.number, None),
        None => (None, None),
    };
    Ok(wire::Card {
        item: card_item(&card)?,
        token_status: token_status(card.state, card.block),
        token_stage: stage_out(card.stage),
        person_id,
        employee_id,
        account_id: PaddedId(card.account.get()),
        limits,
        external_id: card.external_id,
        replaces: None,
        replaced_by: None,
        created_at: Rfc3339(card.created_at),
    })
}

/// What a word asks for. `new` is a card's first status and never one to go to.
fn status_change(status: TokenStatus) -> Result<CardStatusChange> {
    Ok(match status {
        TokenStatus::New => return Err(Refusal::CardTransitionNotAllowed.into()),
        TokenStatus::Active => CardStatusChange::Activate,
        TokenStatus::Deactivated => CardStatusChange::Freeze,
        TokenStatus::Referral => CardStatusChange::SetDormant,
        TokenStatus::Blocked => CardStatusChange::Close(CloseReason::Blocked),
        TokenStatus::Closed => CardStatusChange::Close(CloseReason::Cancelled),
        TokenStatus::Compromized => CardStatusChange::Close(CloseReason::Compromised),
        TokenStatus::Damaged => CardStatusChange::Close(CloseReason::Damaged),
        TokenStatus::Lost => CardStatusChange::Close(CloseReason::Lost),
        TokenStatus::Stolen => CardStatusChange::Close(CloseReason::Stolen),
    })
}

fn stage_in(stage: TokenStage) -> CardStage {
    match stage {
        TokenStage::Digital => CardStage::Digital,
        TokenStage::PlasticNotDelivered => CardStage::PlasticNotDelivered,
        TokenStage::PlasticDelivered => CardStage::PlasticDelivered,
    }
}

fn stage_out(stage: CardStage) -> TokenStage {
    match stage {
        CardStage::Digital => TokenStage::Digital,
        CardStage::PlasticNotDelivered => TokenStage::PlasticNotDelivered,
        CardStage::PlasticDelivered => TokenStage::PlasticDelivered,
    }
}
