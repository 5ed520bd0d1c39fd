//! Orders on cards.

use cardwright_core::{
    AccountId, Amount, Bound, CardId, CardSeen, CardState, CardWishes, CloseReason, Currency,
    HoldId, Mcc, MerchantRule, Order, OrderId, OrderKind, OrderRoute, OrderStatus, PlatformBlock,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, kind, number, card, status, currency, amount, fee, received, remark, description, \
         account, hold, card_before, card_after, route, wishes, created_at, updated_at"
    };
}

/// Adds an order.
pub async fn insert(tx: &mut Tx, order: &Order) -> Result<()> {
    let parameters = [
        Value::from(order.id.get()),
        order.kind.word().into(),
        order.number.as_str().into(),
        order.card.get().into(),
        order.status.word().into(),
        order.amount.currency().code().into(),
        order.amount.minor().into(),
        order.fee.minor().into(),
        order.received.map(Amount::minor).into(),
        order.remark.as_deref().into(),
        order.description.as_deref().into(),
        order.account.map(AccountId::get).into(),
        order.hold.map(HoldId::get).into(),
        order.before.map(seen_text).into(),
        order.after.map(seen_text).into(),
        order.route.word().into(),
        wishes_text(&order.wishes)?.into(),
        order.created_at.as_millisecond().into(),
        order.updated_at.as_millisecond().into(),
    ];
    tx.execute(
        concat!(
            "INSERT INTO card_order (tenant, ",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
             $17, $18, $19, $20)"
        ),
        &parameters,
    )
    .await?;
    Ok(())
}

/// Writes what changes about an order until it is done.
pub async fn put(tx: &mut Tx, order: &Order) -> Result<()> {
    let sql = "UPDATE card_order SET status = $3, received = $4, description = $5, \
               card_after = $6, updated_at = $7 WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(order.id.get()),
        order.status.word().into(),
        order.received.map(Amount::minor).into(),
        order.description.as_deref().into(),
        order.after.map(seen_text).into(),
        order.updated_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// The order with this id.
pub async fn get(tx: &mut ReadTx, id: OrderId) -> Result<Order> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM card_order WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    // Ids of orders come from our own rows, never from a caller.
    from_row(&row.ok_or_else(|| Error::Corrupt(format!("there is no order {id}")))?)
}

/// Whether an order of this kind is being carried out for a card.
pub async fn is_under_way(tx: &mut ReadTx, card: CardId, kind: OrderKind) -> Result<bool> {
    let sql = "SELECT 1 FROM card_order WHERE tenant = $1 AND card = $2 AND kind = $3 \
               AND status = 'processing' LIMIT 1";
    let parameters = [card.get().into(), kind.word().into()];
    Ok(tx.optional(sql, &parameters).await?.is_some())
}

/// Keeps the value of the PIN that an order is to set.
pub async fn keep_pin(tx: &mut Tx, id: OrderId, value: &[u8]) -> Result<()> {
    let sql = "UPDATE card_order SET pin_value = $3 WHERE tenant = $1 AND id = $2";
    tx.execute(sql, &[id.get().into(), value.into()]).await?;
    Ok(())
}

/// Takes the value of the PIN that an order is to set; it is kept no longer.
pub async fn take_pin(tx: &mut Tx, id: OrderId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT pin_value FROM card_order WHERE tenant = $1 AND id = $2";
    let value = tx.one(sql, &[id.get().into()]).await?.get(0)?;
    let sql = "UPDATE card_order SET pin_value = NULL WHERE tenant = $1 AND id = $2 \
               AND pin_value IS NOT NULL";
    tx.execute(sql, &[id.get().into()]).await?;
    Ok(value)
}

/// How a card stood, in words apart by blanks: its state, why it was closed, its block.
fn seen_text(seen: CardSeen) -> String {
    let mut text = seen.state.word().to_owned();
    if let Some(reason) = seen.state.close_reason() {
        text.push(' ');
        text.push_str(reason.word());
    }
    if let PlatformBlock::Blocked { .. } = seen.block {
        text.push_str(" blocked");
    }
    text
}

/// The instants in it are those of the order: since when a card had stood so is not kept.
fn seen_from_text(text: &str, at: Timestamp) -> Option<CardSeen> {
    let mut words = text.split(' ');
    let word = words.next()?;
    let reason = match word {
        "closed" => Some(CloseReason::from_word(words.next()?)?),
        _ => None,
    };
    let plain = CardState::from_parts(word, None, None);
    Some(CardSeen {
        state: plain.or_else(|| CardState::from_parts(word, Some(at), reason))?,
        block: match words.next() {
            Some("blocked") => PlatformBlock::Blocked { since: at },
            Some(_) => return None,
            None => PlatformBlock::Clear,
        },
    })
}

/// Wishes as they are stored: one JSON text, read and written whole.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct StoredWishes {
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_pin: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_payment: Option<StoredBound>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchants: Option<[Option<Vec<String>>; 2]>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredBound {
    At(i64),
    Lifted,
}

fn wishes_text(wishes: &CardWishes) -> Result<Option<String>> {
    let codes = |list: &Option<Vec<Mcc>>| -> Option<Vec<String>> {
        let list = list.as_ref()?;
        Some(list.iter().map(Mcc::to_string).collect())
    };
    let merchants = wishes.merchants.as_ref();
    let stored = StoredWishes {
        remark: wishes.remark.clone(),
        no_pin: wishes.no_pin_minor,
        per_payment: wishes.per_payment.map(|bound| match bound {
            Bound::At(minor) => StoredBound::At(minor),
            Bound::Lifted => StoredBound::Lifted,
        }),
        merchants: merchants.map(|rule| [codes(&rule.allowed), codes(&rule.blocked)]),
    };
    if stored == StoredWishes::default() {
        return Ok(None);
    }
    let text = serde_json::to_string(&stored);
    text.map(Some)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

fn wishes_from_text(text: &str) -> Option<CardWishes> {
    let stored: StoredWishes = serde_json::from_str(text).ok()?;
    let codes = |list: Option<Vec<String>>| -> Option<Option<Vec<Mcc>>> {
        let Some(list) = list else {
            return Some(None);
        };
        let read: Option<_> = list.iter().map(|code| Mcc::parse(code)).collect();
        read.map(Some)
    };
    let merchants = match stored.merchants {
        Some([allowed, blocked]) => Some(MerchantRule {
            allowed: codes(allowed)?,
            blocked: codes(blocked)?,
        }),
        None => None,
    };
    Some(CardWishes {
        remark: stored.remark,
        no_pin_minor: stored.no_pin,
        per_payment: stored.per_payment.map(|bound| match bound {
            StoredBound::At(minor) => Bound::At(minor),
            StoredBound::Lifted => Bound::Lifted,
        }),
        merchants,
    })
}

fn from_row(row: &Row) -> Result<Order> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("order {id}"));
    let kind = OrderKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let number = columns.next()?;
    let card = CardId::new(columns.next()?).map_err(|_| corrupt())?;
    let status = OrderStatus::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let amount = |minor: i64| Amount::from_minor(minor, currency).ok_or_else(corrupt);
    let (wanted, fee) = (amount(columns.next()?)?, amount(columns.next()?)?);
    let received = columns.next::<Option<i64>>()?.map(amount).transpose()?;
    let (remark, description) = (columns.next()?, columns.next()?);
    let account = columns.next::<Option<i64>>()?.map(AccountId::new);
    let hold = columns.next::<Option<i64>>()?.map(HoldId::new);
    let (before, after): (Option<String>, Option<String>) = (columns.next()?, columns.next()?);
    let route = OrderRoute::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let wishes: Option<String> = columns.next()?;
    let (created_at, updated_at) = (time(columns.next()?)?, time(columns.next()?)?);
    let seen = |text: Option<String>, at| match text {
        Some(text) => seen_from_text(&text, at).map(Some).ok_or_else(corrupt),
        None => Ok(None),
    };
    let wishes = match wishes {
        Some(text) => wishes_from_text(&text).ok_or_else(corrupt)?,
        None => CardWishes::default(),
    };
    Ok(Order {
        id: OrderId::new(id).map_err(|_| corrupt())?,
        kind,
        number,
        card,
        status,
        amount: wanted,
        fee,
        received,
        remark,
        description,
        account: account.transpose().map_err(|_| corrupt())?,
        hold: hold.transpose().map_err(|_| corrupt())?,
        before: seen(before, created_at)?,
        after: seen(after, updated_at)?,
        route,
        wishes,
        created_at,
        updated_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_card_stood_reads_back_from_its_text() {
        let at = Timestamp::from_second(7).expect("in range");
        let open = [
            CardState::Pending,
            CardState::Inactive,
            CardState::Active,
            CardState::Frozen { since: at },
            CardState::Dormant { since: at },
            CardState::Freezing { since: at },
            CardState::Unfreezing { since: at },
            CardState::Cancelling { since: at },
        ];
        let closed = CloseReason::ALL.map(|reason| CardState::Closed { reason, at });
        for state in open.into_iter().chain(closed) {
            for block in [PlatformBlock::Clear, PlatformBlock::Blocked { since: at }] {
                let seen = CardSeen { state, block };
                assert_eq!(seen_from_text(&seen_text(seen), at), Some(seen));
            }
        }
        for text in ["", "asleep", "closed", "closed blocked x", "active gone"] {
            assert_eq!(seen_from_text(text, at), None, "{text}");
        }
    }

    #[test]
    fn wishes_read_back_and_no_wish_is_no_text() {
        assert_eq!(wishes_text(&CardWishes::default()).expect("plain"), None);
        let mcc = |code| Mcc::parse(code).expect("four digits");
        let wishes = CardWishes {
            remark: Some("for \"travel\"".to_owned()),
            no_pin_minor: Some(0),
            per_payment: Some(Bound::At(5)),
            merchants: Some(MerchantRule {
                allowed: Some(vec![]),
                blocked: Some(vec![mcc("7995"), mcc("0742")]),
            }),
        };
        let lifted = CardWishes {
            per_payment: Some(Bound::Lifted),
            merchants: Some(MerchantRule::default()),
            ..CardWishes::default()
        };
        for wishes in [wishes, lifted] {
            let text = wishes_text(&wishes).expect("plain").expect("something");
            assert_eq!(wishes_from_text(&text), Some(wishes));
        }
    }
}
