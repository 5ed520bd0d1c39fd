//! Deposits as chains report them and staff see them.

use cardwright_core::{Coin, Deposit, DepositState};
use cardwright_wire::{
    instant::Rfc3339,
    native::{RecordId, sandbox::counterparts as wire},
};

/// A deposit of a coin.
pub(in crate::api) fn shown(deposit: Deposit, coin: &Coin) -> wire::Deposit {
    let (proceeds, reason) = match deposit.state {
        DepositState::Seen | DepositState::Processing => (None, None),
        DepositState::Success { proceeds, .. } => (Some(proceeds), None),
        DepositState::Fail { reason, .. } => (None, Some(reason.word())),
    };
    wire::Deposit {
        deposit_id: RecordId(deposit.id.get()),
        account_id: RecordId(deposit.account.get()),
        coin: deposit.coin,
        tx_hash: deposit.transaction_hash,
        from_address: deposit.from_address,
        to_address: deposit.to_address,
        amount: deposit.units.print(coin.decimals),
        confirmations: deposit.confirmations,
        required_confirmations: coin.confirmations,
        status: deposit.state.word(),
        reason,
        received: proceeds.map(|proceeds| proceeds.received.minor()),
        fee: proceeds.map(|proceeds| proceeds.fee.minor()),
        currency: coin.currency.code().to_owned(),
        created_at: Rfc3339(deposit.created_at),
        updated_at: Rfc3339(deposit.updated_at),
    }
}
