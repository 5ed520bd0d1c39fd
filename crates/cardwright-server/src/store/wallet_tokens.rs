//! Cards inside wallets.

use cardwright_core::{CardId, Record, WalletKind, WalletToken, WalletTokenId, WalletTokenState};

use super::{
    ReadTx, Tx,
    db::{Row, Value},
    holders::time,
};
use crate::error::{Error, Result};

/// The token with this id.
pub async fn get(tx: &mut ReadTx, id: WalletTokenId) -> Result<WalletToken> {
    let sql = "SELECT id, card, wallet, reference, state, created_at, updated_at \
               FROM wallet_token WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    from_row(&row.ok_or_else(|| Error::not_found(Record::WalletToken))?)
}

/// The card a token stands for, and whether the token itself pays.
pub async fn card_of(tx: &mut ReadTx, id: WalletTokenId) -> Result<(CardId, WalletTokenState)> {
    let token = get(tx, id).await?;
    Ok((token.card, token.state))
}

/// Adds a token.
pub async fn insert(tx: &mut Tx, token: &WalletToken) -> Result<()> {
    let sql = "INSERT INTO wallet_token (tenant, id, card, wallet, reference, state, created_at, \
               updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let parameters = [
        Value::from(token.id.get()),
        token.card.get().into(),
        token.wallet.word().into(),
        token.reference.as_str().into(),
        token.state.word().into(),
        token.created_at.as_millisecond().into(),
        token.updated_at.as_millisecond().into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Writes where a token is in its life.
pub async fn put(tx: &mut Tx, token: &WalletToken) -> Result<()> {
    let sql = "UPDATE wallet_token SET state = $3, updated_at = $4 WHERE tenant = $1 AND id = $2";
    let parameters = [
        Value::from(token.id.get()),
        token.state.word().into(),
        token.updated_at.as_millisecond().into(),
    ];
    if tx.execute(sql, &parameters).await? == 1 {
        Ok(())
    } else {
        Err(Error::not_found(Record::WalletToken))
    }
}

fn from_row(row: &Row) -> Result<WalletToken> {
    let mut columns = row.reader();
    let id: i64 = columns.next()?;
    let corrupt = || Error::Corrupt(format!("wallet token {id}"));
    Ok(WalletToken {
        id: WalletTokenId::new(id).map_err(|_| corrupt())?,
        card: CardId::new(columns.next()?).map_err(|_| corrupt())?,
        wallet: WalletKind::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        reference: columns.next()?,
        state: WalletTokenState::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?,
        created_at: time(columns.next()?)?,
        updated_at: time(columns.next()?)?,
    })
}
