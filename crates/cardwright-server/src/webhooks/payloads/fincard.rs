//! Events in the words of the `FinCard` contract, and the records that its answers share with them.
//!
//! Law: an order, a deposit and a work order are told of once, when they have ended. What moved a
//! card's money is told of whenever its record says something else.

pub(crate) mod cards;
pub(crate) mod challenges;
pub(crate) mod deposits;
pub(crate) mod fees;
pub(crate) mod holders;
mod moments;
mod money;
pub(crate) mod orders;
pub(crate) mod refusals;
pub(crate) mod trades;
pub(crate) mod work_orders;

use cardwright_core::{
    Challenge, ChallengeId, ChallengeKind, ChallengeState, Holder, HolderId, HolderKind, KycState,
    LeftOnCard, OrderId, OrderKind, WorkOrderId,
};
use cardwright_wire::{
    fincard::{
        events::{Category, Event},
        orders::{Order, OrderType},
        queries::{ChallengeType, TradeType},
    },
    instant::UnixMs,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Message, Told, written};
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, accounts, card_data_keys, cards as stored_cards, challenges as stored_challenges,
        events::StoredEvent, holders as stored_holders, orders as stored_orders, tenants,
        work_orders as stored_work_orders,
    },
};

/// A record, and what it means that it is sent.
struct Record {
    category: Category,
    event_type: String,
    fields: Map<String, Value>,
}

impl Record {
    fn new<T: Serialize>(
        category: Category,
        event_type: impl Into<String>,
        record: &T,
    ) -> Result<Record> {
        match serde_json::to_value(record) {
            Ok(Value::Object(fields)) => Ok(Record {
                category,
                event_type: event_type.into(),
                fields,
            }),
            Ok(_) => Err(Error::Corrupt("a record that is no object".to_owned())),
            Err(error) => Err(Error::Corrupt(error.to_string())),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Record {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

/// What an event means to a `FinCard` integrator: mostly one message, or nothing where the contract
/// has no word for it. Further messages of one event are numbered behind its name.
pub(super) async fn messages(tx: &mut ReadTx, told: Told<'_>) -> Result<Vec<Message>> {
    let records = records(tx, told).await?;
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tenants::current(tx).await?.uuid;
    let mut messages = Vec::with_capacity(records.len());
    for (part, record) in records.into_iter().enumerate() {
        let id = match part {
            0 => told.id(),
            more => format!("{}_{more}", told.id()),
        };
        let (category, event_type) = (record.category.word(), record.event_type);
        let event = Event {
            event_id: id.clone(),
            event_type: event_type.clone(),
            tenant_id: tenant.clone(),
            sequence: told.sequence,
            created_at: UnixMs(told.event.created_at),
            record: record.fields,
        };
        messages.push(Message {
            id,
            event: format!("{category}.{event_type}"),
            words: vec![category.to_owned(), event_type],
            category: Some(category),
            body: written(&event)?,
        });
    }
    Ok(messages)
}

async fn records(tx: &mut ReadTx, told: Told<'_>) -> Result<Vec<Record>> {
    let event = told.event;
    let one = match event.kind.as_str() {
        "order_finished" => ordered(tx, event).await?,
        "challenge_issued" => {
            let id = event.record("challenge", ChallengeId::new)?;
            challenged(tx, id).await?
        }
        "holder_status_changed" => return reviewed(tx, event).await,
        "holder_email_changed" => {
            let holder = stored_holders::get(tx, event.subject(HolderId::new)?).await?;
            // Companies and their employees are no cardholders here.
            if holder.kind != HolderKind::Person {
                return Ok(Vec::new());
            }
            let what = (Category::CardHolderChangeEmail, "holder_change_email");
            holder_told(what, moments::readdressed(event, holder)?)?
        }
        "work_order_decided" => {
            let id = event.subject(WorkOrderId::new)?;
            let order = stored_work_orders::get(tx, id).await?;
            Record::new(Category::Work, "work", &work_orders::order_out(order))?
        }
        "deposit_changed" => return money::deposited(tx, event).await,
        "deposit_expired" => money::never_came(tx, event).await?,
        _ => return money::moved(tx, event).await,
    };
    Ok(vec![one])
}

async fn ordered(tx: &mut ReadTx, event: &StoredEvent) -> Result<Record> {
    let order = stored_orders::get(tx, event.record("order", OrderId::new)?).await?;
    let card = stored_cards::get(tx, order.card).await?;
    let facts = orders::order_facts(&order, &card)?;
    let word = facts.order_type.word();
    if facts.order_type == OrderType::CardActivated {
        return Record::new(Category::PhysicalCard, word, &Order::from(facts));
    }
    let record = Record::new(Category::CardTransaction, word, &Order::from(facts))?;
    let left = match moments::left_on_card(event)? {
        Some(left) => left,
        None => LeftOnCard::of(&accounts::get(tx, card.account).await?),
    };
    let record = record.with("balance", left.print());
    Ok(match order.kind {
        OrderKind::Cancel => record.with("subType", "DEFAULT"),
        // Money that came back to a card after its end.
        OrderKind::LateReturn => record.with("subType", "REFUND"),
        OrderKind::Create
        | OrderKind::Deposit
        | OrderKind::Withdraw
        | OrderKind::Freeze
        | OrderKind::Unfreeze
        | OrderKind::Activate
        | OrderKind::UpdatePin
        | OrderKind::Update
        | OrderKind::Block
        | OrderKind::OverdraftStatement => record,
    })
}

async fn challenged(tx: &mut ReadTx, id: ChallengeId) -> Result<Record> {
    // It is told of when it is issued, however soon it is answered.
    let challenge = Challenge {
        state: ChallengeState::Open { wrong_tries: 0 },
        ..stored_challenges::get(tx, id).await?
    };
    let value = stored_challenges::value(tx, id).await?;
    let key = card_data_keys::find(tx).await?.map(|stored| stored.key);
    let word = match challenge.kind {
        ChallengeKind::Otp => ChallengeType::Otp,
        ChallengeKind::Url => ChallengeType::AuthUrl,
        ChallengeKind::ActivationCode => ChallengeType::ActivationCode,
    }
    .word();
    let record = challenges::challenge_out(tx, (challenge, value), key.as_ref()).await?;
    Record::new(Category::CardThreeDs, word, &record)
}

/// Only people have a record in this dialect.
async fn reviewed(tx: &mut ReadTx, event: &StoredEvent) -> Result<Vec<Record>> {
    let holder = stored_holders::get(tx, event.subject(HolderId::new)?).await?;
    if holder.kind != HolderKind::Person {
        return Ok(Vec::new());
    }
    let word = event.fact("status")?;
    let holder = moments::reviewed(event, holder)?;
    Ok(vec![holder_told((Category::CardHolder, word), holder)?])
}

/// A holder, with the reason against one that was rejected.
fn holder_told((category, word): (Category, &str), holder: Holder) -> Result<Record> {
    let reason = match &holder.kyc {
        KycState::Rejected { reason, .. } => Some(reason.clone()),
        KycState::WaitAudit | KycState::UnderReview | KycState::Approved => None,
    };
    let record = Record::new(category, word, &holders::holder_out(holder)?)?;
    Ok(record
        .with("reason", reason.clone())
        .with("rejectReason", reason))
}

/// A body as operators may read it: without the codes and links that are a holder's.
pub fn without_secrets(category: Option<&str>, body: &[u8]) -> String {
    if category != Some(Category::CardThreeDs.word()) {
        return String::from_utf8_lossy(body).into_owned();
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else {
        return String::new();
    };
    for pointer in ["/values", "/data/values"] {
        if let Some(value) = json.pointer_mut(pointer) {
            *value = Value::from("…");
        }
    }
    json.to_string()
}

/// The families, and what happens in them.
pub(super) fn words() -> Vec<&'static str> {
    let mut words = Category::ALL.map(Category::word).to_vec();
    words.extend(OrderType::ALL.map(OrderType::word));
    words.extend(TradeType::ALL.map(TradeType::word));
    words.extend([
        "card_patch_fee",
        "card_patch_cross_border",
        "third_3ds_otp",
        "auth_url",
        "activation_code",
        "wait_audit",
        "under_review",
        "pass_audit",
        "reject",
        "holder_change_email",
        "DEPOSIT",
        "chain_deposit",
    ]);
    words
}
