//! Putting cards into wallets, and what wallets do with them.

use cardwright_core::{
    CardId, CardState, Event, PlatformBlock, Refusal, WalletKind, WalletToken, WalletTokenId,
    WalletTokenState, WalletTokenStep,
};

use super::cards;
use crate::{
    error::{Error, Result},
    store::{Tx, wallet_tokens},
};

/// Puts a card into a wallet; only one that transacts. The wallet confirms the token afterwards.
pub async fn provision(tx: &mut Tx, card: CardId, wallet: WalletKind) -> Result<WalletToken> {
    let found = cards::current(tx, card).await?;
    if let PlatformBlock::Blocked { .. } = found.block {
        return Err(Refusal::CardBlocked.into());
    }
    if found.state != CardState::Active {
        return Err(Refusal::CardTransitionNotAllowed.into());
    }
    let id = WalletTokenId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let reference = tx.entropy().record_uuid("wallet token", id.get());
    let token = WalletToken {
        id,
        card,
        wallet,
        reference: reference.to_string(),
        state: WalletTokenState::Inactive,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    wallet_tokens::insert(tx, &token).await?;
    tx.audit("wallet_token.provision", ("wallet_token", &id.to_string()))
        .await?;
    tell(tx, &token).await?;
    Ok(token)
}

/// Takes a step with a token. One that leads where it already is changes nothing.
pub async fn step(tx: &mut Tx, id: WalletTokenId, step: WalletTokenStep) -> Result<WalletToken> {
    let before = wallet_tokens::get(tx, id).await?;
    let after = before.clone().step(step, tx.now())?;
    tx.audit("wallet_token.step", ("wallet_token", &id.to_string()))
        .await?;
    if after != before {
        wallet_tokens::put(tx, &after).await?;
        tell(tx, &after).await?;
    }
    Ok(after)
}

async fn tell(tx: &mut Tx, token: &WalletToken) -> Result<()> {
    tx.emit(Event::WalletTokenChanged {
        card: token.card,
        token: token.id,
        state: token.state,
    })
    .await
}
