//! Records that the other parties of a card program act upon.

use cardwright_core::{CardId, Holder, HolderId, HolderKind, KycState, WorkOrderId};
use cardwright_server::{
    ops::{
        programs::DemoProgram,
        work_orders::{self, NewWorkOrder},
    },
    store::holders,
};
use serde_json::{Value, json};

use crate::harness::{FinciCaller, TestApp, callers};

/// A card as its issuer orders it: its token status and stage.
pub async fn card(finci: &FinciCaller<'_>, person: &str, (status, stage): (&str, &str)) -> CardId {
    let mut body = callers::card(person);
    body["token_status"] = status.into();
    body["token_stage"] = stage.into();
    let made = finci.post("create-card", &body).await.ok();
    CardId::parse_padded(made["token_id"].as_str().unwrap()).unwrap()
}

/// A work order in the hands of staff.
pub async fn work_order(app: &TestApp, program: &DemoProgram, number: &str) -> WorkOrderId {
    let new = NewWorkOrder {
        number: number.to_owned(),
        title: "ApplePay".to_owned(),
        target: "card".to_owned(),
        trade_type: "CARD_ACTIVE".to_owned(),
        content: "Please activate".to_owned(),
        remark: None,
    };
    let submitted = async move |tx: &mut _| work_orders::submit(tx, new).await;
    app.operate(program, submitted).await.id
}

/// A person whom nobody has looked at yet.
pub async fn waiting_holder(app: &TestApp, program: &DemoProgram, person: &str) -> HolderId {
    let number = person.to_owned();
    app.operate(program, async move |tx| {
        let known = holders::get_by_number(tx, HolderKind::Person, &number).await?;
        let waiting = Holder {
            kyc: KycState::WaitAudit,
            ..known
        };
        holders::put_kyc(tx, &waiting).await?;
        Ok(waiting.id)
    })
    .await
}

/// A body for `simulate/crypto-deposit`.
pub fn deposit(coin: &str, amount: &str, confirmations: i64) -> Value {
    json!({
        "coin": coin, "amount": amount, "confirmations": confirmations,
        "tx_hash": "c0ffee0000000001", "from_address": "TSenderSenderSenderSenderSender123",
    })
}
