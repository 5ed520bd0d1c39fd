//! Controls of cards, accounts and products. A record without a row is under none.

mod cache;

use std::sync::Arc;

use cardwright_core::{
    AccountId, CardId, ChannelSwitch, CombinedControls, ControlScope, Controlled, Controls,
    Country, Limit, Mcc, ProductId, TenantId, Window,
};
use serde::{Deserialize, Serialize};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
};
use crate::error::{Error, Result};

pub use cache::{ControlsCache, Unsettled};
use cache::{Key, MOST_LISTED};

/// The controls of one record.
pub async fn get(tx: &mut ReadTx, whose: Controlled) -> Result<Controls> {
    let row = match whose {
        Controlled::Card(_) | Controlled::Account(_) => {
            let sql = "SELECT body FROM controls WHERE tenant = $1 AND scope = $2 AND subject = $3";
            let parameters = [Value::from(whose.scope().word()), whose.id().into()];
            tx.optional(sql, &parameters).await?
        }
        Controlled::Product(id) => {
            let sql = "SELECT body FROM product_controls WHERE product = $1";
            tx.session().optional(sql, &[id.get().into()]).await?
        }
    };
    match row {
        Some(row) => from_text(&row.get::<String>(0)?),
        None => Ok(Controls::none()),
    }
}

/// All the controls that a card is under, read afresh.
pub async fn look(
    tx: &mut ReadTx,
    card: CardId,
    account: AccountId,
    product: ProductId,
) -> Result<CombinedControls> {
    Ok(CombinedControls {
        card: Arc::new(get(tx, Controlled::Card(card)).await?),
        account: Arc::new(get(tx, Controlled::Account(account)).await?),
        product: Arc::new(get(tx, Controlled::Product(product)).await?),
    })
}

/// All the controls that a card is under, out of memory where they are known there.
pub async fn load(
    tx: &mut Tx,
    card: CardId,
    account: AccountId,
    product: ProductId,
) -> Result<CombinedControls> {
    Ok(CombinedControls {
        card: known(tx, Controlled::Card(card)).await?,
        account: known(tx, Controlled::Account(account)).await?,
        product: known(tx, Controlled::Product(product)).await?,
    })
}

async fn known(tx: &mut Tx, whose: Controlled) -> Result<Arc<Controls>> {
    let key = (tenant_of(tx, whose), whose);
    if let Some(controls) = tx.controls_cache().get(&key) {
        return Ok(controls);
    }
    if tx.controls_cache().wants_list() {
        let keys = listed(tx).await?;
        tx.controls_cache().list(keys.into_iter());
        if let Some(controls) = tx.controls_cache().get(&key) {
            return Ok(controls);
        }
    }
    let controls = Arc::new(get(tx, whose).await?);
    tx.controls_cache().fill(key, &controls);
    Ok(controls)
}

/// Which cards and accounts have controls, whoever they belong to: all of them, or more than anybody
/// remembers.
async fn listed(tx: &mut ReadTx) -> Result<Vec<Key>> {
    let sql = "SELECT tenant, scope, subject FROM controls LIMIT $1";
    let limit = i64::try_from(MOST_LISTED + 1).unwrap_or(i64::MAX);
    let rows = tx.session().query(sql, &[limit.into()]).await?;
    rows.iter().map(key_from).collect()
}

fn key_from(row: &Row) -> Result<Key> {
    let corrupt = || Error::Corrupt("whose controls they are".to_owned());
    let mut columns = row.reader();
    let tenant = TenantId::new(columns.next()?).map_err(|_| corrupt())?;
    let (scope, subject): (String, i64) = (columns.next()?, columns.next()?);
    let whose = if scope == ControlScope::Card.word() {
        CardId::new(subject).map(Controlled::Card)
    } else if scope == ControlScope::Account.word() {
        AccountId::new(subject).map(Controlled::Account)
    } else {
        return Err(corrupt());
    };
    Ok((Some(tenant), whose.map_err(|_| corrupt())?))
}

fn tenant_of(tx: &ReadTx, whose: Controlled) -> Option<TenantId> {
    match whose {
        Controlled::Card(_) | Controlled::Account(_) => Some(tx.tenant()),
        Controlled::Product(_) => None,
    }
}

/// Sets the controls of a record, which must be there.
pub async fn put(tx: &mut Tx, whose: Controlled, controls: &Controls) -> Result<()> {
    let unsettled = tx
        .controls_cache()
        .begin_change(&(tenant_of(tx, whose), whose));
    tx.keep_until_settled(unsettled);
    let now = Value::from(tx.now().as_millisecond());
    let (scope, id) = (Value::from(whose.scope().word()), Value::from(whose.id()));
    match (whose, controls.is_none()) {
        (Controlled::Card(_) | Controlled::Account(_), true) => {
            let sql = "DELETE FROM controls WHERE tenant = $1 AND scope = $2 AND subject = $3";
            tx.execute(sql, &[scope, id]).await?;
        }
        (Controlled::Card(_) | Controlled::Account(_), false) => {
            let sql = "INSERT INTO controls (tenant, scope, subject, body, updated_at) \
                       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, scope, subject) \
                       DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
            tx.execute(sql, &[scope, id, to_text(controls)?.into(), now])
                .await?;
        }
        (Controlled::Product(_), true) => {
            let sql = "DELETE FROM product_controls WHERE product = $1";
            tx.execute_shared(sql, &[id]).await?;
        }
        (Controlled::Product(_), false) => {
            let sql = "INSERT INTO product_controls (product, body, updated_at) \
                       VALUES ($1, $2, $3) ON CONFLICT (product) \
                       DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at";
            tx.execute_shared(sql, &[id, to_text(controls)?.into(), now])
                .await?;
        }
    }
    Ok(())
}

/// Controls as they are stored: one JSON text, read and written whole.
#[derive(Serialize, Deserialize)]
struct Stored {
    limits: Vec<StoredLimit>,
    allowed_mcc: Vec<String>,
    blocked_mcc: Vec<String>,
    allowed_countries: Vec<String>,
    blocked_countries: Vec<String>,
    closed_channels: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredLimit {
    window: String,
    seconds: Option<u32>,
    amount: Option<i64>,
    count: Option<u32>,
}

fn to_text(controls: &Controls) -> Result<String> {
    let mccs = |list: &[Mcc]| list.iter().map(Mcc::to_string).collect();
    let countries = |list: &[Country]| list.iter().map(|it| it.alpha2().to_owned()).collect();
    let limit = |limit: &Limit| StoredLimit {
        window: limit.window.word().to_owned(),
        seconds: limit.window.seconds(),
        amount: limit.amount_minor,
        count: limit.count,
    };
    let closed = controls.closed_channels.iter();
    let stored = Stored {
        limits: controls.limits.iter().map(limit).collect(),
        allowed_mcc: mccs(&controls.allowed_mcc),
        blocked_mcc: mccs(&controls.blocked_mcc),
        allowed_countries: countries(&controls.allowed_countries),
        blocked_countries: countries(&controls.blocked_countries),
        closed_channels: closed.map(|switch| switch.word().to_owned()).collect(),
    };
    serde_json::to_string(&stored).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) fn from_text(text: &str) -> Result<Controls> {
    let stored: Stored =
        serde_json::from_str(text).map_err(|error| Error::Corrupt(error.to_string()))?;
    read(&stored)
        .and_then(|controls| controls.checked().ok())
        .ok_or_else(|| Error::Corrupt("controls".to_owned()))
}

fn read(stored: &Stored) -> Option<Controls> {
    let mccs = |list: &[String]| -> Option<Vec<Mcc>> {
        list.iter().map(|code| Mcc::parse(code)).collect()
    };
    let countries = |list: &[String]| -> Option<Vec<Country>> {
        list.iter().map(|code| Country::parse(code)).collect()
    };
    let limit = |stored: &StoredLimit| {
        Some(Limit {
            window: Window::from_word(&stored.window, stored.seconds)?,
            amount_minor: stored.amount,
            count: stored.count,
        })
    };
    let closed = stored.closed_channels.iter();
    Some(Controls {
        limits: stored.limits.iter().map(limit).collect::<Option<_>>()?,
        allowed_mcc: mccs(&stored.allowed_mcc)?,
        blocked_mcc: mccs(&stored.blocked_mcc)?,
        allowed_countries: countries(&stored.allowed_countries)?,
        blocked_countries: countries(&stored.blocked_countries)?,
        closed_channels: closed
            .map(|word| ChannelSwitch::from_word(word))
            .collect::<Option<_>>()?,
    })
}
