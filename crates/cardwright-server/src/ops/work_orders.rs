//! Asking the platform's staff to do something, and their answer.

use cardwright_core::{Event, Refusal, WorkOrder, WorkOrderDecision, WorkOrderId, WorkOrderState};

use crate::{
    error::{Error, Result},
    store::{Tx, work_orders},
};

/// What a caller asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewWorkOrder {
    /// The caller's own number for it.
    pub number: String,
    /// What it is about, for people.
    pub title: String,
    /// What it is about, for programs.
    pub target: String,
    /// What kind of work.
    pub trade_type: String,
    /// What is wanted.
    pub content: String,
    /// The caller's note.
    pub remark: Option<String>,
}

/// Hands a work order to staff. A number that was used before is refused: whoever repeats a request
/// was answered before it came here.
pub async fn submit(tx: &mut Tx, new: NewWorkOrder) -> Result<WorkOrder> {
    let id = WorkOrderId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let order = WorkOrder {
        id,
        number: new.number,
        title: new.title,
        target: new.target,
        trade_type: new.trade_type,
        content: new.content,
        remark: new.remark,
        description: None,
        state: WorkOrderState::Processing,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    if !work_orders::insert(tx, &order).await? {
        return Err(Refusal::OrderNumberConflict.into());
    }
    tx.audit("work_order.submit", ("work_order", &id.to_string()))
        .await?;
    Ok(order)
}

/// Staff decide a work order, once; what they say about it is for its caller.
pub async fn decide(
    tx: &mut Tx,
    id: WorkOrderId,
    decision: WorkOrderDecision,
    description: Option<String>,
) -> Result<WorkOrder> {
    let order = work_orders::get(tx, id).await?;
    let decided = order.decide(decision, description, tx.now())?;
    work_orders::put(tx, &decided).await?;
    tx.audit("work_order.decide", ("work_order", &id.to_string()))
        .await?;
    let event = Event::WorkOrderDecided {
        work_order: id,
        decision,
    };
    tx.emit(event).await?;
    Ok(decided)
}
