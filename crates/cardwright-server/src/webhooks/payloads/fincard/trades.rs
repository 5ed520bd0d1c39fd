//! What moved a card's money, under the published names of query 45.
//!
//! An authorization tells of its clearings, of postings that came after its end, and of the refund
//! it had asked leave for. Everything else is a record of its own that names its origin.

use cardwright_core::{
    Amount, Authorization, AuthorizationId, AuthorizationKind, AuthorizationStatus, CardFee,
    CardFeeKind, CardId, Currency, DeclineReason, Merchant, Timestamp, Transaction,
    TransactionKind, Void, WalletTokenId,
};
use cardwright_wire::fincard::queries::{
    self as wire, AuthorizationFacts, CardFacts, MerchantFacts, Money, TradeStatus, TradeType,
};
use jiff::tz::TimeZone;

use super::{
    cards::{card_facts, money},
    moments::Moment,
};
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, authorizations, card_fees, cards, trades::Trade, transactions, voids, wallet_tokens,
    },
};

/// A record as it goes out.
pub(crate) async fn record(tx: &mut ReadTx, trade: Trade) -> Result<wire::Authorization> {
    let facts = match trade {
        Trade::Authorization(id) => {
            let found = authorizations::get(tx, id).await?;
            authorized(tx, found, None).await?
        }
        Trade::Transaction(id) => {
            let found = transactions::get(tx, id).await?;
            settled(tx, found).await?
        }
        Trade::Void(id) => {
            let found = voids::get(tx, id).await?;
            taken_back(tx, found).await?
        }
        Trade::Fee(id) => {
            let found = card_fees::get(tx, id).await?;
            charged(tx, found).await?
        }
    };
    Ok(facts.into())
}

/// An authorization as it stood at an event.
pub(super) async fn record_then(
    tx: &mut ReadTx,
    id: AuthorizationId,
    then: Moment<'_>,
) -> Result<wire::Authorization> {
    let of = then.authorization(authorizations::get(tx, id).await?)?;
    Ok(authorized(tx, of, Some(then)).await?.into())
}

async fn card(tx: &mut ReadTx, id: CardId) -> Result<CardFacts> {
    card_facts(&cards::get(tx, id).await?)
}

fn printed(minor: i64, currency: Currency) -> Money {
    Money {
        amount: currency.print(minor),
        currency: currency.code().to_owned(),
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

fn merchant_out(merchant: Merchant, wallet: Option<&'static str>) -> MerchantFacts {
    MerchantFacts {
        name: merchant.name,
        id: merchant.id,
        category_code: merchant.mcc.to_string(),
        category: merchant.mcc.category(),
        city: merchant.city,
        country: merchant.country.alpha3().to_owned(),
        wallet,
    }
}

/// What was settled of an authorization: the amount, the price of the exchange, and when last.
struct Settled {
    minor: i64,
    cross_border_minor: i64,
    at: Timestamp,
}

/// By that moment, or by now. What was posted stays as it was posted, so it is added up again.
async fn settled_of(
    tx: &mut ReadTx,
    of: &Authorization,
    then: Option<Moment<'_>>,
) -> Result<Option<Settled>> {
    if of.posted_minor == 0 && of.cleared_minor == 0 {
        return Ok(None);
    }
    let mut sum: Option<Settled> = None;
    for posted in transactions::of_authorization(tx, of.id).await? {
        let is_known = then.is_none_or(|then| then.knows(posted.id.get()));
        if posted.original.is_some() || !is_known {
            continue;
        }
        let before = sum.as_ref();
        let (minor, markup) = before.map_or((0, 0), |sum| (sum.minor, sum.cross_border_minor));
        sum = Some(Settled {
            minor: minor.saturating_add(posted.billing.minor() - posted.markup_minor),
            cross_border_minor: markup.saturating_add(posted.markup_minor),
            at: posted.created_at,
        });
    }
    if let Some(sum) = &mut sum {
        sum.cross_border_minor += patched(tx, Trade::Authorization(of.id), then).await?;
    }
    Ok(sum)
}

/// What the wallet paid of the exchange in the card's place.
async fn patched(tx: &mut ReadTx, origin: Trade, then: Option<Moment<'_>>) -> Result<i64> {
    let told = then.map_or(Ok(0), Moment::patched_minor)?;
    let fees = card_fees::of_origin(tx, origin).await?;
    let patches = fees
        .iter()
        .filter(|fee| fee.kind == CardFeeKind::CrossBorderPatch)
        .filter(|fee| then.is_none_or(|then| then.knows(fee.id.get())));
    Ok(told + patches.map(|fee| fee.amount.minor()).sum::<i64>())
}

async fn authorized(
    tx: &mut ReadTx,
    of: Authorization,
    then: Option<Moment<'_>>,
) -> Result<AuthorizationFacts> {
    let settled = settled_of(tx, &of, then).await?;
    let wallet = match of.wallet_token.map(WalletTokenId::new) {
        None => None,
        Some(Ok(id)) => Some(wallet_tokens::get(tx, id).await?.wallet.word()),
        Some(Err(_)) => return Err(Error::Corrupt(format!("authorization {}", of.id))),
    };
    let billing = of.billing_currency;
    let approved = of.status.reason().is_none();
    let authorized = if approved { of.billing_minor } else { 0 };
    Ok(AuthorizationFacts {
        card: card(tx, of.card).await?,
        origin_trade_no: None,
        money: printed(of.asked.minor().max(of.approved_minor), of.asked.currency()),
        authorized: printed(authorized, billing),
        fee: printed(0, billing),
        cross_border_fee: settled
            .as_ref()
            .map(|settled| printed(settled.cross_border_minor, billing)),
        settled_on: settled.as_ref().map(|settled| day(settled.at)),
        settled: settled
            .as_ref()
            .map(|settled| printed(settled.minor, billing)),
        // The code of an approval is the end of the number that the network knows.
        authorization_code: approved.then(|| of.number[of.number.len() - 6..].to_owned()),
        trade_type: match of.kind {
            AuthorizationKind::Purchase
            | AuthorizationKind::Cash
            | AuthorizationKind::QuasiCash => TradeType::Auth,
            AuthorizationKind::Verification | AuthorizationKind::BalanceInquiry => {
                TradeType::Verification
            }
            AuthorizationKind::Refund => TradeType::Refund,
        },
        status: status(&of, settled.is_some()),
        description: description(&of),
        at: of.created_at,
        trade_no: of.id.to_string(),
        merchant: Some(merchant_out(of.merchant, wallet)),
    })
}

fn status(of: &Authorization, has_settled: bool) -> TradeStatus {
    match of.status {
        AuthorizationStatus::Answered | AuthorizationStatus::Cleared => TradeStatus::Succeed,
        AuthorizationStatus::Open => TradeStatus::Authorized,
        // The merchant may have been paid all the same, after the end.
        AuthorizationStatus::Reversed | AuthorizationStatus::Expired if has_settled => {
            TradeStatus::Succeed
        }
        AuthorizationStatus::Declined(_)
        | AuthorizationStatus::Reversed
        | AuthorizationStatus::Expired => TradeStatus::Failed,
    }
}

fn description(of: &Authorization) -> Option<String> {
    match of.status {
        AuthorizationStatus::Declined(reason) => Some(declined(reason)),
        AuthorizationStatus::Reversed => Some("Voided".to_owned()),
        AuthorizationStatus::Expired => Some("Expired".to_owned()),
        AuthorizationStatus::Answered
        | AuthorizationStatus::Cleared
        | AuthorizationStatus::Open => None,
    }
}

fn declined(reason: DeclineReason) -> String {
    format!("Declined: {}", reason.word().replace('_', " "))
}

async fn settled(tx: &mut ReadTx, posted: Transaction) -> Result<AuthorizationFacts> {
    let origin = match posted.original {
        Some(original) => Some(Trade::of(&transactions::get(tx, original).await?)),
        None => None,
    };
    let markup = posted.markup_minor + patched(tx, Trade::Transaction(posted.id), None).await?;
    let billing = posted.billing.currency();
    Ok(AuthorizationFacts {
        card: card(tx, posted.card).await?,
        trade_no: posted.id.to_string(),
        origin_trade_no: origin.map(|origin| origin.id().to_string()),
        money: money(posted.amount),
        authorized: money(posted.billing),
        fee: printed(0, billing),
        cross_border_fee: Some(printed(markup, billing)),
        settled: Some(printed(
            posted.billing.minor() - posted.markup_minor,
            billing,
        )),
        settled_on: Some(day(posted.created_at)),
        authorization_code: None,
        merchant: Some(merchant_out(posted.merchant, None)),
        trade_type: match posted.kind {
            TransactionKind::Clearing | TransactionKind::ForcedPosting => TradeType::Auth,
            TransactionKind::Refund => TradeType::Refund,
            TransactionKind::RefundReversal => TradeType::Void,
        },
        status: TradeStatus::Succeed,
        description: match posted.kind {
            TransactionKind::Clearing | TransactionKind::Refund => None,
            TransactionKind::ForcedPosting => Some("Settled without authorization".to_owned()),
            TransactionKind::RefundReversal => Some("Refund taken back".to_owned()),
        },
        at: posted.created_at,
    })
}

async fn taken_back(tx: &mut ReadTx, void: Void) -> Result<AuthorizationFacts> {
    let of = authorizations::get(tx, void.authorization).await?;
    let billing = void.billing.currency();
    Ok(AuthorizationFacts {
        card: card(tx, void.card).await?,
        trade_no: void.id.to_string(),
        origin_trade_no: Some(of.id.to_string()),
        money: money(void.amount),
        authorized: money(void.billing),
        fee: printed(0, billing),
        cross_border_fee: None,
        settled: None,
        settled_on: None,
        authorization_code: None,
        merchant: Some(merchant_out(of.merchant, None)),
        trade_type: TradeType::Void,
        status: TradeStatus::Succeed,
        description: None,
        at: void.created_at,
    })
}

async fn charged(tx: &mut ReadTx, fee: CardFee) -> Result<AuthorizationFacts> {
    Ok(AuthorizationFacts {
        card: card(tx, fee.card).await?,
        trade_no: fee.id.to_string(),
        origin_trade_no: fee.origin,
        money: money(fee.amount),
        authorized: money(fee.amount),
        fee: money(Amount::zero(fee.amount.currency())),
        cross_border_fee: None,
        settled: Some(money(fee.amount)),
        settled_on: Some(day(fee.created_at)),
        authorization_code: None,
        merchant: None,
        trade_type: TradeType::MaintainFee,
        status: TradeStatus::Succeed,
        description: fee.description,
        at: fee.created_at,
    })
}
