//! What machines do: chains that report deposits, and phones that hold cards.

use axum::{extract::State, response::Response};
use cardwright_core::{
    AccountId, AccountKind, CardId, Coin, CoinUnits, Deposit, Record, WalletKind, WalletToken,
    WalletTokenId, WalletTokenStep,
};
use cardwright_wire::{
    instant::Rfc3339,
    kind::GivenId,
    native::{
        RecordId,
        sandbox::counterparts::{self as wire, ChainReport, CryptoDeposit},
    },
};

use crate::{
    api::native::{Operated, deposits::shown, record},
    app::App,
    error::{Error, Result},
    ops::{
        deposits::{self, SeenBlock, Sighting},
        wallet_tokens,
    },
    store::{Tx, accounts, coins},
};

/// `POST simulate/crypto-deposit`
pub(super) async fn crypto_deposit(
    State(app): State<App>,
    operated: Operated<CryptoDeposit>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let coin = coins::get(tx, &asked.coin).await?;
            let deposit = match asked.report {
                ChainReport::Confirmed => {
                    let seen = sighting(tx, &coin, asked).await?;
                    deposits::report(tx, &coin, seen).await?
                }
                ChainReport::Dropped => {
                    let hash = asked.transaction_hash.ok_or(Error::Missing("tx_hash"))?;
                    drop_out(tx, &coin, (&hash, asked.account)).await?
                }
            };
            Ok(shown(deposit, &coin))
        })
        .await
}

/// A chain takes a transaction back as a whole, or what it paid to the account that is named. The
/// first deposit of those.
async fn drop_out(
    tx: &mut Tx,
    coin: &Coin,
    (hash, account): (&str, Option<GivenId>),
) -> Result<Deposit> {
    let account = match account {
        Some(given) => Some(record(given, AccountId::new, Record::Account)?),
        None => None,
    };
    let mut known = deposits::by_transaction(tx, coin, hash).await?;
    known.retain(|deposit| account.is_none_or(|account| deposit.account == account));
    let mut dropped = None;
    for deposit in known {
        let after = deposits::drop_out(tx, deposit.id).await?;
        dropped = dropped.or(Some(after));
    }
    dropped.ok_or_else(|| Error::not_found(Record::Deposit))
}

/// What an observer would have seen; what the caller does not say is made up.
async fn sighting(tx: &mut Tx, coin: &Coin, asked: CryptoDeposit) -> Result<Sighting> {
    let units = CoinUnits::parse(&asked.amount, coin.decimals);
    let units = units.map_err(|_| Error::Invalid("amount"))?;
    let known = match &asked.transaction_hash {
        Some(hash) => deposits::by_transaction(tx, coin, hash).await?,
        None => Vec::new(),
    };
    let account = match (asked.account, known.first()) {
        (Some(account), _) => record(account, AccountId::new, Record::Account)?,
        (None, Some(known)) => known.account,
        (None, None) => {
            accounts::book(tx, AccountKind::Wallet, coin.currency)
                .await?
                .id
        }
    };
    let made_up = || hex::encode(*tx.entropy().secret_bytes::<32>());
    let confirmations = asked.confirmations.map(u32::try_from);
    let confirmations = confirmations
        .transpose()
        .map_err(|_| Error::Invalid("confirmations"))?
        .unwrap_or(coin.confirmations);
    Ok(Sighting {
        confirmations,
        account,
        transaction_hash: asked.transaction_hash.unwrap_or_else(made_up),
        from_address: asked
            .from_address
            .unwrap_or_else(|| deposits::stranger(tx, coin)),
        units,
        block: SeenBlock::MadeUp,
    })
}

/// `POST simulate/wallet-token`
pub(super) async fn wallet_token(
    State(app): State<App>,
    operated: Operated<wire::WalletToken>,
) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let token = match asked {
                wire::WalletToken::Provision { card, wallet } => {
                    let card = record(card, CardId::new, Record::Card)?;
                    wallet_tokens::provision(tx, card, wallet_in(wallet)).await?
                }
                wire::WalletToken::Step { token, step } => {
                    let id = record(token, WalletTokenId::new, Record::WalletToken)?;
                    wallet_tokens::step(tx, id, step_in(step)).await?
                }
            };
            Ok(token_out(token))
        })
        .await
}

fn wallet_in(wallet: wire::Wallet) -> WalletKind {
    match wallet {
        wire::Wallet::Apple => WalletKind::Apple,
        wire::Wallet::Google => WalletKind::Google,
        wire::Wallet::Samsung => WalletKind::Samsung,
    }
}

fn step_in(step: wire::TokenStep) -> WalletTokenStep {
    match step {
        wire::TokenStep::Activate => WalletTokenStep::Activate,
        wire::TokenStep::Suspend => WalletTokenStep::Suspend,
        wire::TokenStep::Resume => WalletTokenStep::Resume,
        wire::TokenStep::Delete => WalletTokenStep::Delete,
    }
}

fn token_out(token: WalletToken) -> wire::Token {
    wire::Token {
        token_id: RecordId(token.id.get()),
        card_id: RecordId(token.card.get()),
        wallet: token.wallet.word(),
        reference: token.reference,
        status: token.state.word(),
        created_at: Rfc3339(token.created_at),
        updated_at: Rfc3339(token.updated_at),
    }
}
