//! What moved a card's money, fees the wallet paid, and coins that came.

use cardwright_core::{
    AccountId, AuthorizationId, AuthorizationStatus, CardFeeId, CardFeeKind, DepositId,
    DepositOrder, DepositOrderId, DepositState, TransactionId, VoidId,
};
use cardwright_wire::fincard::{
    events::Category,
    wallet::{DepositRecord, DepositRecordFacts, Transaction},
};

use super::{Record, deposits, fees, moments::Moment, trades};
use crate::{
    error::Result,
    store::{
        ReadTx, accounts, authorizations, card_fees, coins, deposit_orders, events::StoredEvent,
        trades::Trade, transactions,
    },
};

/// Coins that became money, or never will. Once announced, the older form tells of it, too.
pub(super) async fn deposited(tx: &mut ReadTx, event: &StoredEvent) -> Result<Vec<Record>> {
    let id = event.record("deposit", DepositId::new)?;
    let deposit = coins::get_deposit(tx, id).await?;
    match deposit.state {
        DepositState::Success { .. } | DepositState::Fail { .. } => {}
        DepositState::Seen | DepositState::Processing => return Ok(Vec::new()),
    }
    // It was told of when it was seen and while it was counted, by events of their own.
    if event.fact("state")? != deposit.state.word() {
        return Ok(Vec::new());
    }
    let coins = coins::all(tx).await?;
    let coin = deposits::named(&coins, &deposit.coin)?;
    let address = coins::find_address(tx, deposit.account, &deposit.coin).await?;
    let address = address.map(|address| address.id.get());
    let balance = balance_then(tx, event, deposit.account).await?;
    let order = deposit_orders::of_deposit(tx, id).await?;
    let seen = deposits::transaction_out(deposit.clone(), coin, (address, order.as_ref()));
    let newer = Record::new(
        Category::WalletTransactionV2,
        "DEPOSIT",
        &Transaction::from(seen),
    )?;
    let mut records = vec![newer.with("balance", balance.clone())];
    if let Some(order) = order {
        let facts = deposits::came(Some(&order), deposit, coin);
        records.push(announced(facts, &order, balance)?);
    }
    Ok(records)
}

/// An announced deposit of which nothing came, which only the older form knows.
pub(super) async fn never_came(tx: &mut ReadTx, event: &StoredEvent) -> Result<Record> {
    let id = event.record("deposit_order", DepositOrderId::new)?;
    let order = deposit_orders::get(tx, id).await?;
    let coins = coins::all(tx).await?;
    let coin = deposits::named(&coins, &order.coin)?;
    let balance = balance_then(tx, event, order.account).await?;
    announced(deposits::awaited(tx, &order, coin), &order, balance)
}

/// What the account could spend when it happened. Events of earlier versions do not know it: for
/// them it is what it can spend now.
async fn balance_then(tx: &mut ReadTx, event: &StoredEvent, account: AccountId) -> Result<String> {
    let account = accounts::get(tx, account).await?;
    let known = event.facts.get("balance").and_then(|fact| fact.as_str());
    let known = known.and_then(|minor| minor.parse().ok());
    Ok(account
        .currency
        .print(known.unwrap_or_else(|| account.available_minor())))
}

fn announced(facts: DepositRecordFacts, order: &DepositOrder, balance: String) -> Result<Record> {
    let received = facts.received.clone();
    let record = DepositRecord::from(facts);
    let record = Record::new(Category::WalletTransaction, "chain_deposit", &record)?;
    Ok(record
        .with("coinKey", order.coin.as_str())
        .with("amount", received)
        .with("balance", balance))
}

/// What moved a card's money; nothing where the event is about something else.
pub(super) async fn moved(tx: &mut ReadTx, event: &StoredEvent) -> Result<Vec<Record>> {
    let authorization = || -> Result<Trade> {
        let id = event.record("authorization", AuthorizationId::new)?;
        Ok(Trade::Authorization(id))
    };
    let trades = match event.kind.as_str() {
        "authorization_decided" | "authorization_incremented" | "authorization_expired" => {
            vec![authorization()?]
        }
        // A record of its own, and what it left of the authorization.
        "authorization_reversed" if event.facts.contains_key("void") => {
            let void = Trade::Void(event.record("void", VoidId::new)?);
            let id = event.record("authorization", AuthorizationId::new)?;
            let of = authorizations::get(tx, id).await?;
            let status = match Moment::of(event)? {
                Some(moment) => moment.status(&of)?,
                None => of.status,
            };
            match status {
                AuthorizationStatus::Open => vec![void],
                _ => vec![void, Trade::Authorization(id)],
            }
        }
        // Somebody else did not say yes to more of it, and little was left: then it ended.
        "authorization_increment_declined" if Moment::of(event)?.is_some() => {
            vec![authorization()?]
        }
        "authorization_reversed" => vec![authorization()?],
        "transaction_posted" => vec![settled(tx, event).await?],
        "card_fee_charged" => {
            let fee = card_fees::get(tx, event.record("fee", CardFeeId::new)?).await?;
            let word = match fee.kind {
                CardFeeKind::Maintenance => {
                    return told(tx, event, vec![Trade::Fee(fee.id)]).await;
                }
                CardFeeKind::FeePatch => "card_patch_fee",
                CardFeeKind::CrossBorderPatch => "card_patch_cross_border",
            };
            let record = fees::patch_out(tx, fee).await?;
            return Ok(vec![Record::new(Category::CardFeePatch, word, &record)?]);
        }
        _ => return Ok(Vec::new()),
    };
    told(tx, event, trades).await
}

async fn settled(tx: &mut ReadTx, event: &StoredEvent) -> Result<Trade> {
    let id = event.record("transaction", TransactionId::new)?;
    Ok(Trade::of(&transactions::get(tx, id).await?))
}

async fn told(tx: &mut ReadTx, event: &StoredEvent, trades: Vec<Trade>) -> Result<Vec<Record>> {
    let moment = Moment::of(event)?;
    let mut records = Vec::with_capacity(trades.len());
    for trade in trades {
        let record = match (trade, moment) {
            (Trade::Authorization(id), Some(moment)) => trades::record_then(tx, id, moment).await?,
            _ => trades::record(tx, trade).await?,
        };
        let word = record.trade_type();
        records.push(Record::new(Category::CardAuthTransaction, word, &record)?);
    }
    Ok(records)
}
