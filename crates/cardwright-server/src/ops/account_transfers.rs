//! Moving money between a tenant's own accounts.

use cardwright_core::{
    AccountId, AccountTransfer, AccountTransferId, Amount, Currency, Refusal, TransferDirection,
};

use crate::{
    error::{Error, Result},
    store::{
        Tx, account_transfers, accounts,
        journal::{self, Cause, FloorRule, Posting},
        ledger_entries::{self, LedgerEntry},
    },
};

/// What a caller wants to move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTransfer {
    /// The caller's own number for it.
    pub number: String,
    /// Which way.
    pub direction: TransferDirection,
    /// Who pays.
    pub payer: AccountId,
    /// Who receives.
    pub receiver: AccountId,
    /// How much, as the caller wrote it.
    pub amount: String,
    /// In which currency the caller believes the accounts to be; any where it does not say.
    pub currency: Option<String>,
    /// The caller's note.
    pub remark: Option<String>,
}

/// Moves money from one of the tenant's listed accounts to another; what the payer reads of it. A number that was used before is refused: whoever repeats a request was answered
/// before it came here.
pub async fn move_money(tx: &mut Tx, new: NewTransfer) -> Result<LedgerEntry> {
    let payer = accounts::get_main(tx, new.payer).await?;
    let receiver = accounts::get_main(tx, new.receiver).await?;
    let named = new.currency.as_deref().unwrap_or(payer.currency.code());
    if Currency::parse(named) != Some(payer.currency) {
        return Err(Refusal::AccountInOtherCurrency.into());
    }
    let amount =
        Amount::parse(&new.amount, payer.currency).map_err(|_| Error::Invalid("amount"))?;
    let transfer = match new.direction.between((&payer, &receiver), amount) {
        Err(Refusal::AmountZero) => return Err(Error::Invalid("amount")),
        other => other?,
    };
    let id = AccountTransferId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let posting = Posting {
        cause: Cause::None,
        hold: None,
        transfers: &[transfer],
        floor: FloorRule::Keep,
    };
    let entry = match journal::post(tx, &posting).await {
        // More than an account can count is no amount of money either.
        Err(Error::Refused(Refusal::BalanceOverflow)) => return Err(Error::Invalid("amount")),
        posted => posted?.entry,
    };
    let moved = AccountTransfer {
        id,
        direction: new.direction,
        number: new.number,
        transfer,
        remark: new.remark,
        created_at: tx.now(),
    };
    if !account_transfers::insert(tx, &moved, entry).await? {
        return Err(Refusal::OrderNumberConflict.into());
    }
    let action = format!("account.{}", moved.direction.word());
    tx.audit(&action, ("account_transfer", &id.to_string()))
        .await?;
    ledger_entries::of_entry(tx, payer.id, entry).await
}
