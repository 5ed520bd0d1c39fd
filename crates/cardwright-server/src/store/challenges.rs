//! What cardholders are asked to prove. The code or link is sealed and opened only to be checked,
//! or to be shown by the calls that exist for it.

use cardwright_core::{
    Amount, CardId, Challenge, ChallengeId, ChallengeKind, ChallengeState, ChallengedPayment,
    Currency, Record, Timestamp,
};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::{
    error::{Error, Result},
    secrets::Secret,
};

/// Where codes and links are sealed.
const VALUE_PLACE: &str = "challenge.value";

macro_rules! select {
    () => {
        "SELECT id, card, kind, merchant, amount, currency, expires_at, state, wrong_tries, \
         ended_at, created_at, updated_at FROM challenge WHERE tenant = $1 AND "
    };
}

/// The challenge with this id.
pub async fn get(tx: &mut ReadTx, id: ChallengeId) -> Result<Challenge> {
    let sql = concat!(select!(), "id = $2");
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::Challenge))?)
}

/// The open activation code of a card, of which there is at most one.
pub async fn open_code(tx: &mut ReadTx, card: CardId) -> Result<Option<Challenge>> {
    let sql = concat!(
        select!(),
        "card = $2 AND kind = 'activation_code' AND state = 'open'"
    );
    let row = tx.optional(sql, &[card.get().into()]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The code or link of a challenge, opened.
pub async fn value(tx: &mut ReadTx, id: ChallengeId) -> Result<Secret> {
    let sql = "SELECT value_sealed FROM challenge WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    let row = row.ok_or_else(|| Error::not_found(Record::Challenge))?;
    let sealed: Vec<u8> = row.get(0)?;
    let opened = tx.vault().open(&tx.place(VALUE_PLACE, id.get()), &sealed)?;
    let text = std::str::from_utf8(&opened);
    let text = text.map_err(|_| Error::Corrupt(format!("value of challenge {id}")))?;
    Ok(Secret::new(text.to_owned()))
}

/// Which challenges a list shows; what is absent does not narrow it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct ChallengeFilter {
    /// Only of this card.
    pub card: Option<CardId>,
    /// Only this one.
    pub id: Option<ChallengeId>,
    /// Only of this kind.
    pub kind: Option<ChallengeKind>,
    /// Only at or after this time.
    pub from: Option<Timestamp>,
    /// Only at or before this time.
    pub until: Option<Timestamp>,
}

/// One page of challenges, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &ChallengeFilter,
    window: (i64, i64),
) -> Result<(Vec<Challenge>, i64)> {
    macro_rules! condition {
        () => {
            "($2 IS NULL OR card = $2) AND ($3 IS NULL OR id = $3) \
             AND ($4 IS NULL OR kind = $4) AND ($5 IS NULL OR created_at >= $5) \
             AND ($6 IS NULL OR created_at <= $6)"
        };
    }
    let parameters = vec![
        Value::from(filter.card.map(CardId::get)),
        filter.id.map(ChallengeId::get).into(),
        filter.kind.map(ChallengeKind::word).into(),
        filter.from.map(Timestamp::as_millisecond).into(),
        filter.until.map(Timestamp::as_millisecond).into(),
    ];
    let count = concat!(
        "SELECT COUNT(*) FROM challenge WHERE tenant = $1 AND ",
        condition!()
    );
    let list = concat!(
        select!(),
        condition!(),
        " ORDER BY id DESC LIMIT $7 OFFSET $8"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// Adds a challenge with its code or link.
pub async fn insert(tx: &mut Tx, challenge: &Challenge, value: &Secret) -> Result<()> {
    let place = tx.place(VALUE_PLACE, challenge.id.get());
    let plain = value.expose().as_bytes();
    let sealed = tx.vault().seal(&place, plain, tx.entropy())?;
    let payment = challenge.payment.as_ref();
    let sql = "INSERT INTO challenge (tenant, id, card, kind, merchant, amount, currency, \
               value_sealed, expires_at, state, wrong_tries, ended_at, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let parameters = [
        Value::from(challenge.id.get()),
        challenge.card.get().into(),
        challenge.kind.word().into(),
        payment.map(|payment| payment.merchant.as_str()).into(),
        payment.map(|payment| payment.amount.minor()).into(),
        payment
            .map(|payment| payment.amount.currency().code())
            .into(),
        sealed.into(),
        challenge.expires_at.map(Timestamp::as_millisecond).into(),
        challenge.state.word().into(),
        i64::from(challenge.state.wrong_tries()).into(),
        ended_at(challenge.state).into(),
        challenge.created_at.as_millisecond().into(),
        challenge.updated_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Writes where a challenge is.
pub async fn put(tx: &mut Tx, challenge: &Challenge) -> Result<()> {
    let sql = "UPDATE challenge SET state = $3, wrong_tries = $4, ended_at = $5, updated_at = $6 \
               WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(challenge.id.get()),
        challenge.state.word().into(),
        i64::from(challenge.state.wrong_tries()).into(),
        ended_at(challenge.state).into(),
        challenge.updated_at.as_millisecond().into(),
    ];
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::Challenge))
    }
}

fn ended_at(state: ChallengeState) -> Option<i64> {
    match state {
        ChallengeState::Open { .. } => None,
        ChallengeState::Ended { at, .. } => Some(at.as_millisecond()),
    }
}

fn from_row(row: &Row) -> Result<Challenge> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("challenge {id}"));
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let kind = ChallengeKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let merchant: Option<String> = columns.next()?;
    let minor: Option<i64> = columns.next()?;
    let currency: Option<String> = columns.next()?;
    let currency = currency.as_deref().and_then(Currency::parse);
    let amount = minor
        .zip(currency)
        .and_then(|(minor, currency)| Amount::from_minor(minor, currency));
    let payment = merchant.zip(amount);
    let expires_at = columns.next::<Option<i64>>()?.map(time).transpose()?;
    let state: String = columns.next()?;
    let wrong_tries = u8::try_from(columns.next::<i64>()?).map_err(|_| corrupt())?;
    let ended_at = columns.next::<Option<i64>>()?.map(time).transpose()?;
    Ok(Challenge {
        id: ChallengeId::new(id).map_err(|_| corrupt())?,
        card,
        kind,
        payment: payment.map(|(merchant, amount)| ChallengedPayment { merchant, amount }),
        expires_at,
        state: ChallengeState::from_parts(&state, wrong_tries, ended_at).ok_or_else(corrupt)?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}
