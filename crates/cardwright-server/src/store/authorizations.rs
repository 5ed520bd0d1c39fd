//! Authorizations. The hottest table there is: rows are added in the order of their ids and found
//! by id, number, or card and time.

use cardwright_core::{
    AccountId, Amount, Authorization, AuthorizationId, AuthorizationKind, AuthorizationStatus,
    CardId, Channel, Currency, DeclineReason, HoldId, Origin, Rate, Record, TenantId, Timestamp,
};

use super::{
    ReadTx, Tx,
    db::{ReadSession, Row, RowReader, Value},
    holders::time,
    merchants,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, number, card, account, kind, origin, status, decline, currency, asked, approved, \
         reversed, cleared, billing_currency, billing, rate, held, posted, restored, hold, \
         channel, merchant, wallet_token, reference, created_at, expires_at, updated_at, overruled"
    };
}

pub mod lists;

/// The authorization with this id.
pub async fn get(tx: &mut ReadTx, id: AuthorizationId) -> Result<Authorization> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_authorization WHERE tenant = $1 AND id = $2"
    );
    found(tx.optional(sql, &[id.get().into()]).await?)
}

/// The authorization with this published number.
pub async fn by_number(tx: &mut ReadTx, number: &str) -> Result<Authorization> {
    let missing = || Error::not_found(Record::Authorization);
    let plain = number.len() == NUMBER_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = plain
        .then(|| number.parse().ok())
        .flatten()
        .ok_or_else(missing)?;
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_authorization WHERE tenant = $1 AND number = $2"
    );
    found(tx.optional(sql, &[number.into()]).await?)
}

/// The authorization with this published number, or with this record id, by which `FinCard` knows it.
pub async fn named(tx: &mut ReadTx, number: &str) -> Result<Authorization> {
    if number.len() == NUMBER_DIGITS {
        return by_number(tx, number).await;
    }
    let id = AuthorizationId::parse(number);
    get(tx, id.map_err(|_| Error::not_found(Record::Authorization))?).await
}

/// How many digits a published number has: the day in six, a counter in twelve.
const NUMBER_DIGITS: usize = 18;

fn found(row: Option<Row>) -> Result<Authorization> {
    from_row(&row.ok_or_else(|| Error::not_found(Record::Authorization))?)
}

/// The authorizations of a card, the newest first, those before `before`.
pub async fn of_card(
    tx: &mut ReadTx,
    card: CardId,
    before: Option<AuthorizationId>,
    limit: i64,
) -> Result<Vec<Authorization>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_authorization WHERE tenant = $1 AND card = $2 AND ($3 IS NULL OR id < $3) \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let parameters = [
        Value::from(card.get()),
        before.map(AuthorizationId::get).into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// Those of a tenant whose time is over and that still hold something, the oldest first.
pub async fn overdue(tx: &mut ReadTx, now: Timestamp, limit: i64) -> Result<Vec<AuthorizationId>> {
    let sql = "SELECT id FROM card_authorization WHERE tenant = $1 AND status = 'open' \
               AND expires_at <= $2 ORDER BY expires_at, id LIMIT $3";
    let rows = tx
        .query(sql, &[now.as_millisecond().into(), limit.into()])
        .await?;
    rows.iter()
        .map(|row| {
            AuthorizationId::new(row.get(0)?)
                .map_err(|_| Error::Corrupt("an authorization's id".to_owned()))
        })
        .collect()
}

/// Tenants with some whose time is over and that still hold something, each by its own time.
pub async fn tenants_overdue(
    session: &mut ReadSession,
    real_now: Timestamp,
) -> Result<Vec<TenantId>> {
    let sql = "SELECT tenant.id FROM tenant \
               LEFT JOIN domain_clock AS clock ON clock.tenant = tenant.id \
               WHERE EXISTS (SELECT 1 FROM card_authorization AS held \
               WHERE held.tenant = tenant.id AND held.status = 'open' AND held.expires_at <= \
               COALESCE(clock.frozen_at, $1 + COALESCE(clock.offset_ms, 0))) ORDER BY tenant.id";
    let rows = session
        .query(sql, &[real_now.as_millisecond().into()])
        .await?;
    rows.iter()
        .map(|row| {
            TenantId::new(row.get(0)?).map_err(|_| Error::Corrupt("a tenant's id".to_owned()))
        })
        .collect()
}

/// When the next one that still holds something ends by itself, in real time, if all clocks run on
/// as they do.
pub async fn next_expiry(session: &mut ReadSession) -> Result<Option<Timestamp>> {
    let sql = "SELECT MIN((SELECT MIN(held.expires_at) FROM card_authorization AS held \
               WHERE held.tenant = tenant.id AND held.status = 'open') \
               - COALESCE(clock.offset_ms, 0)) FROM tenant \
               LEFT JOIN domain_clock AS clock ON clock.tenant = tenant.id \
               WHERE clock.frozen_at IS NULL";
    let at: Option<i64> = session.one(sql, &[]).await?.get(0)?;
    at.map(time).transpose()
}

/// Adds an authorization. Its number must be what [`next_number`] gave.
pub async fn insert(tx: &mut Tx, new: &Authorization) -> Result<()> {
    let number: i64 = new
        .number
        .parse()
        .map_err(|_| Error::Corrupt("an authorization's number".to_owned()))?;
    let parameters = [
        Value::from(new.id.get()),
        number.into(),
        new.card.get().into(),
        new.account.get().into(),
        new.kind.word().into(),
        new.origin.word().into(),
        new.status.word().into(),
        new.status.reason().map(DeclineReason::word).into(),
        new.asked.currency().code().into(),
        new.asked.minor().into(),
        new.approved_minor.into(),
        new.reversed_minor.into(),
        new.cleared_minor.into(),
        new.billing_currency.code().into(),
        new.billing_minor.into(),
        new.rate.micros().into(),
        new.held_minor.into(),
        new.posted_minor.into(),
        new.restored_minor.into(),
        new.counted_minor().into(),
        new.hold.map(HoldId::get).into(),
        new.channel.word().into(),
        merchants::text(&new.merchant)?.into(),
        new.wallet_token.into(),
        new.reference.as_str().into(),
        new.created_at.as_millisecond().into(),
        new.expires_at.as_millisecond().into(),
        new.updated_at.as_millisecond().into(),
        new.overruled.map(DeclineReason::word).into(),
    ];
    tx.execute(
        "INSERT INTO card_authorization (tenant, id, number, card, account, kind, origin, status, \
         decline, currency, asked, approved, reversed, cleared, billing_currency, billing, rate, \
         held, posted, restored, counted, hold, channel, merchant, wallet_token, reference, \
         created_at, expires_at, updated_at, overruled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
         $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, \
         $28, $29, $30)",
        &parameters,
    )
    .await?;
    Ok(())
}

/// Writes what can change about an authorization.
pub async fn put(tx: &mut Tx, changed: &Authorization) -> Result<()> {
    let parameters = [
        Value::from(changed.id.get()),
        changed.status.word().into(),
        changed.approved_minor.into(),
        changed.reversed_minor.into(),
        changed.cleared_minor.into(),
        changed.billing_minor.into(),
        changed.held_minor.into(),
        changed.posted_minor.into(),
        changed.restored_minor.into(),
        changed.counted_minor().into(),
        changed.hold.map(HoldId::get).into(),
        changed.updated_at.as_millisecond().into(),
        changed.status.reason().map(DeclineReason::word).into(),
    ];
    let count = tx
        .execute(
            "UPDATE card_authorization SET status = $3, approved = $4, reversed = $5, \
             cleared = $6, billing = $7, held = $8, posted = $9, restored = $10, counted = $11, \
             hold = $12, updated_at = $13, decline = $14 WHERE tenant = $1 AND id = $2",
            &parameters,
        )
        .await?;
    if count == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Authorization))
    }
}

/// The next published number: the domain's day in UTC, then a counter of the environment.
pub async fn next_number(tx: &mut Tx) -> Result<String> {
    let counter = tx.next_number("authorization_number").await?;
    let today = tx.today();
    let (year, month, day) = (today.year() % 100, today.month(), today.day());
    Ok(format!("{year:02}{month:02}{day:02}{counter:012}"))
}

fn from_row(row: &Row) -> Result<Authorization> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("authorization {id}"));
    let number: i64 = columns.next()?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let account = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let kind = AuthorizationKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let origin = Origin::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let status = status(&mut columns)?.ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let asked = Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt)?;
    let (approved_minor, reversed_minor, cleared_minor) =
        (columns.next()?, columns.next()?, columns.next()?);
    let billing_currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let billing_minor = columns.next()?;
    let rate = Rate::from_micros(columns.next()?).ok_or_else(corrupt)?;
    let (held_minor, posted_minor, restored_minor) =
        (columns.next()?, columns.next()?, columns.next()?);
    let hold = columns.next::<Option<i64>>()?;
    let hold = hold
        .map(|id| HoldId::new(id).map_err(|_| corrupt()))
        .transpose()?;
    Ok(Authorization {
        id: AuthorizationId::new(id).map_err(|_| corrupt())?,
        number: format!("{number:018}"),
        card,
        account,
        kind,
        origin,
        status,
        asked,
        approved_minor,
        reversed_minor,
        cleared_minor,
        billing_currency,
        billing_minor,
        rate,
        held_minor,
        posted_minor,
        restored_minor,
        hold,
        channel: Channel::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        merchant: merchants::from_text(&columns.next::<String>()?)?,
        wallet_token: columns.next()?,
        reference: columns.next()?,
        created_at: time(columns.next()?)?,
        expires_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
        overruled: overruled(&mut columns)?,
    })
}

fn overruled(columns: &mut RowReader<'_>) -> Result<Option<DeclineReason>> {
    let word: Option<String> = columns.next()?;
    word.map(|word| {
        DeclineReason::from_word(&word)
            .ok_or_else(|| Error::Corrupt("why an advice was overruled".to_owned()))
    })
    .transpose()
}

fn status(columns: &mut RowReader<'_>) -> Result<Option<AuthorizationStatus>> {
    let word: String = columns.next()?;
    let reason: Option<String> = columns.next()?;
    let reason = reason.as_deref().and_then(DeclineReason::from_word);
    Ok(AuthorizationStatus::from_parts(&word, reason))
}
