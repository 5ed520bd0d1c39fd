//! Cards. The number is sealed; what is readable here is at most its first six and last four.

use cardwright_core::{
    AccountId, Capability, Card, CardId, CardStage, CardState, CloseReason, Controls, Delivery,
    Expiry, Holder, HolderId, LastUse, Pan, PlatformBlock, ProductId, Record, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    ReadTx, Tx,
    accounts::funds::{self, Funds},
    controls,
    db::{DbError, Row, RowReader, Value},
    holders::{self, address_from_text, address_text, time},
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "card.id, card.product, card.holder, card.account, card.paying_account, card.state, \
         card.state_since, card.close_reason, card.blocked_since, card.stage, \
         card.embossing_name, card.expiry_month, card.first_six, card.last_four, card.remark, \
         card.external_id, card.delivery, card.no_pin_payment, card.design, card.created_at, card.activated_at, card.updated_at, \
         card.last_use"
    };
}

/// Where card numbers are sealed.
const NUMBER_PLACE: &str = "card.number";
/// The domain of the digests by which card numbers are found.
const NUMBER_LOOKUP: &str = "card.number";

/// The card with this id.
pub async fn get(tx: &mut ReadTx, id: CardId) -> Result<Card> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card WHERE card.tenant = $1 AND card.id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Card))?)
}

/// A card with what is shown beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// The card.
    pub card: Card,
    /// What the account that it spends from has.
    pub funds: Funds,
    /// Its holder, if it has one.
    pub holder: Option<Holder>,
    /// Its own controls.
    pub controls: Controls,
}

/// The card with this id and what is shown beside it, in one look.
pub async fn sheet(tx: &mut ReadTx, id: CardId) -> Result<Sheet> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        ", ",
        funds::columns!(),
        ", controls.body, ",
        holders::columns!(),
        " FROM card JOIN account_balance AS balance ON balance.account = card.account \
         LEFT JOIN controls ON controls.tenant = $1 AND controls.scope = 'card' \
         AND controls.subject = card.id \
         LEFT JOIN holder ON holder.tenant = $1 AND holder.id = card.holder \
         WHERE card.tenant = $1 AND card.id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    let row = row.ok_or_else(|| Error::not_found(Record::Card))?;
    let mut columns = row.reader();
    let card = read(&mut columns)?;
    let funds = funds::read(&mut columns)?;
    let controls = columns.next::<Option<String>>()?;
    let holder = card.holder.map(|_| holders::read(&mut columns));
    Ok(Sheet {
        funds,
        holder: holder.transpose()?,
        controls: controls.map_or(Ok(Controls::none()), |text| controls::from_text(&text))?,
        card,
    })
}

/// Cards by the index of their holders, of whom there are few. The plus keeps the list of all cards
/// from being walked for those of one owner.
macro_rules! of_owner {
    (list) => {
        concat!(
            "SELECT ",
            columns!(),
            of_owner!(from),
            " AND card.id > $3 ORDER BY +card.id LIMIT $4"
        )
    };
    (count) => {
        concat!("SELECT COUNT(*)", of_owner!(from))
    };
    (from) => {
        " FROM card WHERE card.tenant = $1 AND card.holder IN \
         (SELECT holder.id FROM holder WHERE holder.tenant = $1 AND holder.id = $2 \
         UNION ALL \
         SELECT holder.id FROM holder WHERE holder.tenant = $1 AND holder.corporate = $2)"
    };
}

/// The cards of a person, or of a corporate's employees, the oldest first; those after `after`,
/// at most `limit` of them.
pub async fn of_owner(
    tx: &mut ReadTx,
    owner: HolderId,
    after: Option<CardId>,
    limit: Option<i64>,
) -> Result<Vec<Card>> {
    let sql = of_owner!(list);
    let parameters = [
        Value::from(owner.get()),
        after.map_or(0, CardId::get).into(),
        limit.unwrap_or(i64::MAX).into(),
    ];
    tx.query(sql, &parameters)
        .await?
        .iter()
        .map(from_row)
        .collect()
}

/// How many cards a person or a corporate's employees have.
pub async fn count_of_owner(tx: &mut ReadTx, owner: HolderId) -> Result<i64> {
    let sql = of_owner!(count);
    Ok(tx.one(sql, &[owner.get().into()]).await?.get(0)?)
}

/// How many open cards of a product a holder has.
pub async fn count_open(tx: &mut ReadTx, holder: HolderId, product: ProductId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM card WHERE tenant = $1 AND holder = $2 AND product = $3 \
               AND state <> 'closed'";
    Ok(tx
        .one(sql, &[holder.get().into(), product.get().into()])
        .await?
        .get(0)?)
}

/// Which cards a list shows; what is absent does not narrow it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct CardFilter {
    /// Only this one.
    pub id: Option<CardId>,
    /// Only of this product.
    pub product: Option<ProductId>,
    /// Only of this holder.
    pub holder: Option<HolderId>,
    /// Only made at or after this time.
    pub from: Option<Timestamp>,
    /// Only made at or before this time.
    pub until: Option<Timestamp>,
    /// Only in one of these states.
    pub states: Option<StateFilter>,
}

/// States as callers name them: stored words and the reasons of closed cards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateFilter {
    /// The states, as [`CardState::word`] says them.
    pub words: Vec<&'static str>,
    /// For closed cards, only with these reasons.
    pub close_reasons: Vec<CloseReason>,
    /// Whether the platform's block makes the card count as another state.
    pub block: BlockFilter,
}

/// How the platform's block counts in a list by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockFilter {
    /// It does not.
    Any,
    /// Only cards without it.
    Clear,
    /// Only cards with it.
    Blocked,
}

/// One page of cards, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &CardFilter,
    window: (i64, i64),
) -> Result<(Vec<Card>, i64)> {
    macro_rules! condition {
        () => {
            " FROM card WHERE card.tenant = $1 AND ($2 IS NULL OR card.id = $2) \
             AND ($3 IS NULL OR card.product = $3) AND ($4 IS NULL OR card.holder = $4) \
             AND ($5 IS NULL OR card.created_at >= $5) AND ($6 IS NULL OR card.created_at <= $6) \
             AND ($7 IS NULL OR $7 LIKE '% ' || card.state || ' %') \
             AND ($8 IS NULL OR card.close_reason IS NULL \
                  OR $8 LIKE '% ' || card.close_reason || ' %') \
             AND ($9 IS NULL OR ($9 = 1) = (card.blocked_since IS NOT NULL))"
        };
    }
    let states = filter.states.as_ref();
    let reasons = states.map(|states| states.close_reasons.iter().map(|reason| reason.word()));
    let block = states.and_then(|states| match states.block {
        BlockFilter::Any => None,
        BlockFilter::Clear => Some(0_i64),
        BlockFilter::Blocked => Some(1),
    });
    let parameters = vec![
        Value::from(filter.id.map(CardId::get)),
        filter.product.map(ProductId::get).into(),
        filter.holder.map(HolderId::get).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
        states
            .map(|states| spaced(states.words.iter().copied()))
            .into(),
        reasons.map(spaced).into(),
        block.into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT ",
        columns!(),
        condition!(),
        " ORDER BY card.id DESC LIMIT $10 OFFSET $11"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// Words between blanks, so that one of them can be looked for whole.
fn spaced<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.fold(String::from(" "), |text, word| text + word + " ")
}

/// Whether a card has this caller's id.
pub async fn external_id_taken(tx: &mut ReadTx, id: &str) -> Result<bool> {
    let sql = "SELECT id FROM card WHERE tenant = $1 AND external_id = $2 LIMIT 1";
    Ok(tx.optional(sql, &[id.into()]).await?.is_some())
}

/// Adds a card with its number; whether no other card of the environment has that number.
pub async fn insert(tx: &mut Tx, card: &Card, pan: &Pan) -> Result<bool> {
    let place = tx.place(NUMBER_PLACE, card.id.get());
    let sealed = tx
        .vault()
        .seal(&place, pan.expose().as_bytes(), tx.entropy())?;
    let lookup = lookup_of(tx, pan)?;
    let delivery = card.delivery.as_ref().map(delivery_text).transpose()?;
    let parameters = [
        Value::from(card.id.get()),
        card.product.get().into(),
        card.holder.map(HolderId::get).into(),
        card.account.get().into(),
        card.paying_account.map(AccountId::get).into(),
        card.state.word().into(),
        card.state.since().map(Timestamp::as_millisecond).into(),
        card.state.close_reason().map(CloseReason::word).into(),
        blocked_since(card.block).into(),
        card.stage.word().into(),
        card.embossing_name.as_deref().into(),
        card.expiry.index().into(),
        sealed.into(),
        lookup.as_slice().into(),
        card.first_six.as_str().into(),
        card.last_four.as_str().into(),
        card.remark.as_deref().into(),
        card.external_id.as_deref().into(),
        delivery.into(),
        card.no_pin_minor.into(),
        card.design.into(),
        card.created_at.as_millisecond().into(),
        card.activated_at.map(Timestamp::as_millisecond).into(),
        card.updated_at.as_millisecond().into(),
        card.last_use.map(LastUse::word).into(),
    ];
    let inserted = tx
        .execute(
            "INSERT INTO card (tenant, id, product, holder, account, paying_account, state, \
             state_since, close_reason, blocked_since, stage, embossing_name, expiry_month, \
             pan_sealed, pan_lookup, first_six, last_four, remark, external_id, delivery, \
             no_pin_payment, design, created_at, activated_at, updated_at, last_use) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19, $20, $21, $22, $23, $24, $25, $26) \
             ON CONFLICT (pan_lookup) DO NOTHING",
            &parameters,
        )
        .await?;
    Ok(inserted == 1)
}

/// The digest by which a card number is found.
pub(super) fn lookup_of(tx: &ReadTx, pan: &Pan) -> Result<[u8; 32]> {
    Ok(tx.vault().lookup(NUMBER_LOOKUP, pan.expose().as_bytes())?)
}

/// Writes what can change about a card.
pub async fn put(tx: &mut Tx, card: &Card) -> Result<()> {
    let parameters = [
        Value::from(card.id.get()),
        card.state.word().into(),
        card.state.since().map(Timestamp::as_millisecond).into(),
        card.state.close_reason().map(CloseReason::word).into(),
        blocked_since(card.block).into(),
        card.stage.word().into(),
        card.remark.as_deref().into(),
        card.no_pin_minor.into(),
        card.activated_at.map(Timestamp::as_millisecond).into(),
        card.updated_at.as_millisecond().into(),
        card.last_use.map(LastUse::word).into(),
    ];
    let changed = tx
        .execute(
            "UPDATE card SET state = $3, state_since = $4, close_reason = $5, \
             blocked_since = $6, stage = $7, remark = $8, no_pin_payment = $9, \
             activated_at = $10, updated_at = $11, last_use = $12 \
             WHERE tenant = $1 AND id = $2",
            &parameters,
        )
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Card))
    }
}

/// Whether a card has ended, however it did, and there is still money on the account that is its own.
pub async fn has_ended_with_money(tx: &mut ReadTx, id: CardId) -> Result<bool> {
    let sql = "SELECT 1 FROM card JOIN account ON account.tenant = card.tenant \
               AND account.id = card.account WHERE card.tenant = $1 AND card.id = $2 \
               AND card.close_reason IS NOT NULL AND account.kind = 'card_balance' \
               AND account.credits - account.debits > account.held_debits";
    Ok(tx.optional(sql, &[id.get().into()]).await?.is_some())
}

/// The cards that spend from an account.
pub async fn spending_from(tx: &mut ReadTx, account: AccountId) -> Result<Vec<CardId>> {
    let sql = "SELECT id FROM card WHERE tenant = $1 AND account = $2 ORDER BY id";
    let rows = tx.query(sql, &[account.get().into()]).await?;
    let corrupt = |_| Error::Corrupt("a card's id".to_owned());
    rows.iter()
        .map(|row| CardId::new(row.get(0)?).map_err(corrupt))
        .collect()
}

/// The number of a card, opened.
pub async fn number(tx: &mut ReadTx, id: CardId) -> Result<Pan> {
    let sql = "SELECT pan_sealed FROM card WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    let sealed: Vec<u8> = row.ok_or_else(|| Error::not_found(Record::Card))?.get(0)?;
    let opened = tx
        .vault()
        .open(&tx.place(NUMBER_PLACE, id.get()), &sealed)?;
    let corrupt = || {
        Error::Storage(DbError::Corrupt {
            what: format!("number of card {id}"),
        })
    };
    let digits = std::str::from_utf8(&opened).map_err(|_| corrupt())?;
    Pan::parse(digits).map_err(|_| corrupt())
}

fn blocked_since(block: PlatformBlock) -> Option<i64> {
    match block {
        PlatformBlock::Clear => None,
        PlatformBlock::Blocked { since } => Some(since.as_millisecond()),
    }
}

/// A delivery as it is stored: one JSON text, read and written whole.
#[derive(Serialize, Deserialize)]
struct StoredDelivery {
    address: String,
    express: i64,
}

fn delivery_text(delivery: &Delivery) -> Result<String> {
    let stored = StoredDelivery {
        address: address_text(&delivery.address)?,
        express: delivery.express.stored(),
    };
    serde_json::to_string(&stored).map_err(|error| Error::Corrupt(error.to_string()))
}

fn delivery_from_text(text: &str) -> Result<Delivery> {
    let stored: StoredDelivery =
        serde_json::from_str(text).map_err(|error| Error::Corrupt(error.to_string()))?;
    let express = Capability::from_stored(stored.express)
        .ok_or_else(|| Error::Corrupt("delivery speed".to_owned()))?;
    Ok(Delivery {
        address: address_from_text(&stored.address)?,
        express,
    })
}

fn from_row(row: &Row) -> Result<Card> {
    read(&mut row.reader())
}

/// A card's columns, in their order.
fn read(columns: &mut RowReader<'_>) -> Result<Card> {
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("card {id}"));
    let product = ProductId::new(columns.next()?).map_err(|_| corrupt())?;
    let holder = columns.next::<Option<i64>>()?;
    let holder = holder
        .map(|id| HolderId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let paying = columns.next::<Option<i64>>()?;
    let paying_account = paying
        .map(|id| AccountId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    let state: String = columns.next()?;
    let since = columns.next::<Option<i64>>()?.map(time).transpose()?;
    let reason = columns.next::<Option<String>>()?;
    let reason = reason
        .map(|word| CloseReason::from_word(&word).ok_or_else(corrupt))
        .transpose()?;
    let block = match columns.next::<Option<i64>>()? {
        Some(since) => PlatformBlock::Blocked {
            since: time(since)?,
        },
        None => PlatformBlock::Clear,
    };
    let stage = CardStage::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let embossing_name = columns.next()?;
    let expiry = Expiry::from_index(columns.next()?).ok_or_else(corrupt)?;
    let (first_six, last_four) = (columns.next()?, columns.next()?);
    let (remark, external_id) = (columns.next()?, columns.next()?);
    let delivery = columns.next::<Option<String>>()?;
    let (no_pin_minor, design) = (columns.next()?, columns.next()?);
    Ok(Card {
        id: CardId::new(id).map_err(|_| corrupt())?,
        product,
        holder,
        account,
        paying_account,
        state: CardState::from_parts(&state, since, reason).ok_or_else(corrupt)?,
        block,
        stage,
        embossing_name,
        expiry,
        first_six,
        last_four,
        remark,
        external_id,
        delivery: delivery.as_deref().map(delivery_from_text).transpose()?,
        no_pin_minor,
        design,
        created_at: time(columns.next()?)?,
        activated_at: columns.next::<Option<i64>>()?.map(time).transpose()?,
        updated_at: time(columns.next()?)?,
        last_use: match columns.next::<Option<String>>()? {
            Some(word) => Some(LastUse::from_word(&word).ok_or_else(corrupt)?),
            None => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession},
    };

    #[tokio::test]
    async fn the_cards_of_an_owner_are_found_without_a_look_at_those_of_others() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        for (sql, parameters) in [
            (concat!("EXPLAIN QUERY PLAN ", of_owner!(list)), 4),
            (concat!("EXPLAIN QUERY PLAN ", of_owner!(count)), 2),
        ] {
            let plan = db.read(async move |mut session: ReadSession| {
                let given: Vec<Value> = (0..parameters).map(Value::from).collect();
                let rows = session.query(sql, &given).await?;
                rows.iter().map(|row| row.get::<String>(3)).collect()
            });
            let plan: std::result::Result<Vec<String>, DbError> = plan.await;
            let plan = plan.expect("a plan").join("; ");
            assert!(
                plan.contains("card_by_holder (tenant=? AND holder=?"),
                "{plan}"
            );
            assert!(
                plan.contains("holder_by_corporate (tenant=? AND corporate=?)"),
                "{plan}"
            );
            assert!(!plan.contains("SCAN card"), "{plan}");
        }
        db.close().await;
    }
}
