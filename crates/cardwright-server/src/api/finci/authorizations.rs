//! Authorizations and transactions of cards, read.

use axum::{extract::State, response::Response};
use cardwright_core::{
    AccountId, Authorization, AuthorizationStatus, CardId, Merchant, Origin, Record, WalletTokenId,
};
use cardwright_wire::{
    finci::authorizations::{self as wire, AuthorizationList, GetAuthorizations},
    instant::Rfc3339,
    kind::PaddedId,
    response_code::response_code,
};

use super::{
    pages,
    signed::{NoBody, Signed},
};
use crate::{
    app::App,
    error::{Error, Result},
    store::{
        ReadTx, accounts,
        authorizations::{
            self,
            lists::{self, AuthorizationFilter},
        },
        cards, decisions, wallet_tokens,
    },
};

/// `GET get-authorization/{authorization_id}`
pub(super) async fn read(State(app): State<App>, signed: Signed<NoBody>) -> Response {
    let number = signed.path_id().to_owned();
    signed
        .answer(&app, async move |tx| {
            let found = authorizations::by_number(tx, &number).await?;
            authorization_out(tx, found).await
        })
        .await
}

/// `POST get-authorizations`
pub(super) async fn list(State(app): State<App>, signed: Signed<GetAuthorizations>) -> Response {
    signed
        .look_up(&app, async |tx, body| page(tx, body).await)
        .await
}

async fn page(tx: &mut ReadTx, body: GetAuthorizations) -> Result<AuthorizationList> {
    let filter = AuthorizationFilter {
        card: card(tx, body.token_id).await?,
        account: account(tx, body.account_id).await?,
        status: body.authorization_status.map(status_in),
        from: body.range.from,
        before: body.range.to,
    };
    let page = pages::begin(tx, format!("authorizations {filter:?}"), &body.paging)?;
    let total = lists::count(tx, &filter).await?;
    let mut found = lists::after(tx, &filter, (page.after, page.read)).await?;
    let next_cursor = page.end(tx, &mut found, |found| found.id.get())?;
    let mut items = Vec::with_capacity(found.len());
    for authorization in found {
        items.push(authorization_out(tx, authorization).await?);
    }
    Ok(AuthorizationList {
        items,
        total: pages::total(total),
        next_cursor,
    })
}

/// The card that narrows a list; one that is not there is not found.
pub(super) async fn card(tx: &mut ReadTx, id: Option<PaddedId>) -> Result<Option<CardId>> {
    let Some(id) = id else { return Ok(None) };
    let id = CardId::new(id.0).map_err(|_| Error::not_found(Record::Card))?;
    Ok(Some(cards::get(tx, id).await?.id))
}

/// The account that narrows a list; one that is not there is not found.
pub(super) async fn account(tx: &mut ReadTx, id: Option<PaddedId>) -> Result<Option<AccountId>> {
    let Some(id) = id else { return Ok(None) };
    let id = AccountId::new(id.0).map_err(|_| Error::not_found(Record::Account))?;
    Ok(Some(accounts::get_visible(tx, id).await?.id))
}

/// A merchant as it goes out.
pub(super) fn merchant_out(merchant: Merchant) -> wire::Merchant {
    wire::Merchant {
        name: merchant.name,
        id: merchant.id,
        mcc: merchant.mcc.to_string(),
        city: merchant.city,
        country: merchant.country.alpha2().to_owned(),
    }
}

fn status_in(status: wire::AuthorizationStatus) -> &'static str {
    match status {
        wire::AuthorizationStatus::Declined => "declined",
        wire::AuthorizationStatus::Answered => AuthorizationStatus::Answered.word(),
        wire::AuthorizationStatus::Open => AuthorizationStatus::Open.word(),
        wire::AuthorizationStatus::Cleared => AuthorizationStatus::Cleared.word(),
        wire::AuthorizationStatus::Reversed => AuthorizationStatus::Reversed.word(),
        wire::AuthorizationStatus::Expired => AuthorizationStatus::Expired.word(),
    }
}

fn status_out(status: AuthorizationStatus) -> wire::AuthorizationStatus {
    match status {
        AuthorizationStatus::Declined(_) => wire::AuthorizationStatus::Declined,
        AuthorizationStatus::Answered => wire::AuthorizationStatus::Answered,
        AuthorizationStatus::Open => wire::AuthorizationStatus::Open,
        AuthorizationStatus::Cleared => wire::AuthorizationStatus::Cleared,
        AuthorizationStatus::Reversed => wire::AuthorizationStatus::Reversed,
        AuthorizationStatus::Expired => wire::AuthorizationStatus::Expired,
    }
}

/// What the network was told. Where the integrator was asked, that is on record: what became of the
/// authorization since may look otherwise.
async fn told(tx: &mut ReadTx, of: &Authorization) -> Result<Option<&'static str>> {
    Ok(match decisions::about(tx, of.id).await? {
        Some(asked) if asked.outcome.is_none() => None,
        Some(asked) => Some(response_code(asked.declined)),
        None => Some(response_code(of.status.reason())),
    })
}

async fn authorization_out(tx: &mut ReadTx, of: Authorization) -> Result<wire::Authorization> {
    let wallet = match of.wallet_token {
        Some(id) => {
            let corrupt = |_| Error::Corrupt(format!("wallet of authorization {}", of.number));
            let id = WalletTokenId::new(id).map_err(corrupt)?;
            Some(wallet_tokens::get(tx, id).await?.wallet.word())
        }
        None => None,
    };
    let asked = |minor: i64| of.asked.currency().print(minor);
    let billed = |minor: i64| of.billing_currency.print(minor);
    Ok(wire::Authorization {
        purpose: of.kind.word(),
        authorization_status: status_out(of.status),
        response_code: told(tx, &of).await?,
        stand_in: of.origin == Origin::StandIn,
        token_id: PaddedId(of.card.get()),
        account_id: PaddedId(of.account.get()),
        amount: asked(of.asked.minor()),
        currency: of.asked.currency().code().to_owned(),
        approved_amount: asked(of.approved_minor),
        reversed_amount: asked(of.reversed_minor),
        cleared_amount: asked(of.cleared_minor),
        billing_amount: billed(of.billing_minor),
        billing_currency: of.billing_currency.code().to_owned(),
        held_amount: billed(of.held_minor),
        posted_amount: billed(of.posted_minor),
        merchant: merchant_out(of.merchant),
        channel: of.channel.word(),
        wallet,
        created_at: Rfc3339(of.created_at),
        expires_at: Rfc3339(of.expires_at),
        updated_at: Rfc3339(of.updated_at),
        id: of.number,
    })
}
