//! Opening accounts, and freezing them.

use cardwright_core::{
    Account, AccountId, AccountKind, Currency, Event, HolderId, HolderKind, Refusal, Timestamp,
};

use crate::{
    error::{Error, Result},
    ops::cards::return_rest,
    store::{Tx, accounts, cards, holders},
};

/// Opens an account of a person or corporate.
pub async fn open_customer(
    tx: &mut Tx,
    owner: HolderId,
    currency: Currency,
    external_id: Option<String>,
) -> Result<Account> {
    let holder = holders::get(tx, owner).await?;
    match holder.kind {
        HolderKind::Person | HolderKind::Corporate => {}
        // An employee spends the corporate's money; there is nothing to keep apart.
        HolderKind::Employee => return Err(Refusal::AccountNotOwned.into()),
    }
    // A repeat of the same request never comes this far: whoever has the id is somebody else.
    if let Some(id) = &external_id
        && accounts::external_id_taken(tx, id).await?
    {
        return Err(Refusal::ExternalIdConflict.into());
    }
    let mut account = blank(tx, AccountKind::Customer, currency).await?;
    account.owner = Some(owner);
    account.external_id = external_id;
    account.name = holder.name.full();
    store_new(tx, &account).await?;
    Ok(account)
}

/// Opens a pool that several cards can spend from.
pub async fn open_pool(tx: &mut Tx, name: String, currency: Currency) -> Result<Account> {
    let mut account = blank(tx, AccountKind::Margin, currency).await?;
    account.name = name;
    store_new(tx, &account).await?;
    Ok(account)
}

/// Takes an account out of all payments, for this reason: nobody pays from it or to it, its cards are
/// declined, and what is left on one that ends stays. What is under way by other people's hands still
/// arrives: clearings, refunds, coins, and what other cards give back that end.
pub async fn freeze(tx: &mut Tx, id: AccountId, reason: &str) -> Result<Account> {
    let change = ("account.freeze", Account::freeze as Change);
    change_status(tx, id, change, reason).await
}

/// Lets a frozen account take part in payments again. What is left of a card that ended meanwhile
/// goes back now.
pub async fn unfreeze(tx: &mut Tx, id: AccountId, reason: &str) -> Result<Account> {
    let change = ("account.unfreeze", Account::unfreeze as Change);
    let after = change_status(tx, id, change, reason).await?;
    if after.kind == AccountKind::CardBalance {
        for card in cards::spending_from(tx, id).await? {
            return_rest(tx, card).await?;
        }
        return accounts::get(tx, id).await;
    }
    Ok(after)
}

/// What the rules make of an account.
type Change = fn(Account, Timestamp) -> std::result::Result<Account, Refusal>;

async fn change_status(
    tx: &mut Tx,
    id: AccountId,
    (action, change): (&str, Change),
    reason: &str,
) -> Result<Account> {
    let before = accounts::get_visible(tx, id).await?;
    let after = change(before.clone(), tx.now())?;
    if after != before {
        accounts::put_status(tx, &after).await?;
    }
    tx.audit_reasoned(action, ("account", &id.to_string()), Some(reason))
        .await?;
    Ok(after)
}

/// Opens the account that holds one prepaid card's money.
pub(super) async fn open_card_balance(
    tx: &mut Tx,
    owner: Option<HolderId>,
    currency: Currency,
) -> Result<Account> {
    let mut account = blank(tx, AccountKind::CardBalance, currency).await?;
    account.owner = owner;
    accounts::insert(tx, &account).await?;
    Ok(account)
}

/// The tenant's main account in a currency; opened when it is first needed.
pub async fn wallet(tx: &mut Tx, currency: Currency) -> Result<Account> {
    book(tx, AccountKind::Wallet, currency).await
}

/// The tenant's own account of a kind; opened when it is first needed.
pub(super) async fn book(tx: &mut Tx, kind: AccountKind, currency: Currency) -> Result<Account> {
    match accounts::book(tx, kind, currency).await {
        Err(Error::Refused(Refusal::NotFound(_))) => {
            let account = blank(tx, kind, currency).await?;
            store_new(tx, &account).await?;
            Ok(account)
        }
        found => found,
    }
}

/// The id of the tenant's own account of a kind; opened when it is first needed.
pub(super) async fn book_id(
    tx: &mut Tx,
    kind: AccountKind,
    currency: Currency,
) -> Result<AccountId> {
    match accounts::book_id(tx, kind, currency).await? {
        Some(id) => Ok(id),
        None => Ok(book(tx, kind, currency).await?.id),
    }
}

/// An account with a new id and nothing in it.
pub(super) async fn blank(tx: &mut Tx, kind: AccountKind, currency: Currency) -> Result<Account> {
    let id = AccountId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let name = match kind {
        AccountKind::Wallet => "WALLET",
        AccountKind::Margin => "MARGIN",
        AccountKind::CardBalance => "CARD",
        AccountKind::Customer => "CUSTOMER",
        AccountKind::FeesIncome => "FEES",
        AccountKind::ExternalFunding => "FUNDING",
        AccountKind::NetworkSettlement => "SETTLEMENT",
        AccountKind::CryptoClearing => "CRYPTO",
        AccountKind::Loss => "LOSS",
    };
    Ok(Account {
        name: name.to_owned(),
        ..Account::open(id, kind, currency, tx.now())
    })
}

pub(super) async fn store_new(tx: &mut Tx, account: &Account) -> Result<()> {
    accounts::insert(tx, account).await?;
    tx.audit("account.create", ("account", &account.id.to_string()))
        .await?;
    tx.emit(Event::AccountCreated {
        account: account.id,
    })
    .await
}
