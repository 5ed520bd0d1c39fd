//! What callers ask the platform's staff to do.

use cardwright_core::{Record, WorkOrder, WorkOrderId, WorkOrderState};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

macro_rules! columns {
    () => {
        "id, number, title, target, trade_type, content, remark, description, state, created_at, \
         updated_at"
    };
}

/// The work order with this id.
pub async fn get(tx: &mut ReadTx, id: WorkOrderId) -> Result<WorkOrder> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM work_order WHERE tenant = $1 AND id = $2"
    );
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::WorkOrder))?)
}

/// The newest work orders before one, in one state or any, at most `limit` of them.
pub async fn before(
    tx: &mut ReadTx,
    before: Option<WorkOrderId>,
    state: Option<WorkOrderState>,
    limit: i64,
) -> Result<Vec<WorkOrder>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM work_order WHERE tenant = $1 AND ($2 IS NULL OR id < $2) \
         AND ($3 IS NULL OR state = $3) ORDER BY id DESC LIMIT $4"
    );
    let parameters = [
        Value::from(before.map(WorkOrderId::get)),
        state.map(WorkOrderState::word).into(),
        limit.into(),
    ];
    let rows = tx.query(sql, &parameters).await?;
    rows.iter().map(from_row).collect()
}

/// What a list of work orders is narrowed to; nothing where all is wanted.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct WorkOrderFilter {
    /// Only this one.
    pub id: Option<WorkOrderId>,
    /// Only with this number of the caller's own.
    pub number: Option<String>,
    /// Only this kind of work.
    pub trade_type: Option<String>,
    /// Only in this state.
    pub state: Option<WorkOrderState>,
}

/// One page of work orders, newest first, and how many there are in all.
pub async fn page(
    tx: &mut ReadTx,
    filter: &WorkOrderFilter,
    window: (i64, i64),
) -> Result<(Vec<WorkOrder>, i64)> {
    macro_rules! condition {
        () => {
            " FROM work_order WHERE tenant = $1 AND ($2 IS NULL OR id = $2) \
             AND ($3 IS NULL OR number = $3) AND ($4 IS NULL OR trade_type = $4) \
             AND ($5 IS NULL OR state = $5)"
        };
    }
    let parameters = vec![
        Value::from(filter.id.map(WorkOrderId::get)),
        filter.number.as_deref().into(),
        filter.trade_type.as_deref().into(),
        filter.state.map(WorkOrderState::word).into(),
    ];
    let count = concat!("SELECT COUNT(*)", condition!());
    let list = concat!(
        "SELECT ",
        columns!(),
        condition!(),
        " ORDER BY id DESC LIMIT $6 OFFSET $7"
    );
    let (rows, total) = tx.page((count, list), parameters, window).await?;
    Ok((rows.iter().map(from_row).collect::<Result<_>>()?, total))
}

/// Adds a work order; whether its number was free.
pub async fn insert(tx: &mut Tx, order: &WorkOrder) -> Result<bool> {
    let sql = "INSERT INTO work_order (tenant, id, number, title, target, trade_type, content, \
               remark, description, state, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
               ON CONFLICT (tenant, number) DO NOTHING";
    let parameters = [
        Value::from(order.id.get()),
        order.number.as_str().into(),
        order.title.as_str().into(),
        order.target.as_str().into(),
        order.trade_type.as_str().into(),
        order.content.as_str().into(),
        order.remark.as_deref().into(),
        order.description.as_deref().into(),
        order.state.word().into(),
        order.created_at.as_millisecond().into(),
        order.updated_at.as_millisecond().into(),
    ];
    Ok(tx.execute(sql, &parameters).await? == 1)
}

/// Writes how staff decided.
pub async fn put(tx: &mut Tx, order: &WorkOrder) -> Result<()> {
    let sql = "UPDATE work_order SET state = $3, description = $4, updated_at = $5 \
               WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(order.id.get()),
        order.state.word().into(),
        order.description.as_deref().into(),
        order.updated_at.as_millisecond().into(),
    ];
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::WorkOrder))
    }
}

fn from_row(row: &Row) -> Result<WorkOrder> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("work order {id}"));
    let (number, title) = (columns.next()?, columns.next()?);
    let (target, trade_type) = (columns.next()?, columns.next()?);
    let content = columns.next()?;
    let (remark, description) = (columns.next()?, columns.next()?);
    let state = WorkOrderState::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    Ok(WorkOrder {
        id: WorkOrderId::new(id).map_err(|_| corrupt())?,
        number,
        title,
        target,
        trade_type,
        content,
        remark,
        description,
        state,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}
