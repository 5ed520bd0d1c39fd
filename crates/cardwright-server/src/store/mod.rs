//! Everything that is remembered, and the only place where SQL is written.
//!
//! Law: tenant data is reached through a transaction that already knows its tenant ([`ReadTx`],
//! [`Tx`]); work across tenants uses [`SystemTx`]. A write is one transaction: state, ledger,
//! audit row, replay row and event commit together or not at all.

pub mod account_transfers;
pub mod accounts;
pub mod admin_keys;
pub mod arrangements;
pub mod audit;
pub mod authorizations;
pub mod books;
pub mod callers;
pub mod card_data_keys;
pub mod card_expiry;
pub mod card_fees;
pub mod card_replacements;
pub mod cards;
pub mod challenges;
pub mod clocks;
pub mod coin_addresses;
pub mod coins;
pub mod controls;
pub mod credentials;
pub mod db;
pub mod decisions;
pub mod deliveries;
pub mod deposit_orders;
pub mod deposits;
pub mod designs;
pub mod environment;
pub mod event_streams;
pub mod events;
pub mod exchange;
pub mod files;
pub mod holders;
pub mod jobs;
pub mod journal;
pub mod keys;
pub mod ledger_entries;
pub mod logins;
mod merchants;
pub mod messages;
mod news;
pub mod order_lists;
pub mod orders;
pub mod outbox;
pub mod pins;
pub mod products;
pub mod received_events;
pub mod recognized;
pub mod requests;
mod schema;
mod scope;
pub mod sessions;
pub mod shipments;
pub mod snapshots;
pub mod standings;
pub mod tenants;
pub mod trades;
pub mod transactions;
mod tx;
pub mod usage;
pub mod user_accounts;
pub mod users;
pub mod verify;
pub mod voids;
pub mod wallet_tokens;
pub mod webhook_endpoints;
pub mod webhook_keys;
pub mod work_orders;

use std::sync::Arc;

use cardwright_core::TenantId;

pub use news::News;
pub use schema::MIGRATIONS;
pub use scope::{Actor, ActorKind, Scope};
pub use tx::{ReadTx, Resources, SystemTx, Tx};

use crate::error::{Error, Result};
use db::{Db, ReadSession, WriteSession};
use tx::Aftermath;

/// The store of one environment, with what transactions need besides the database.
#[derive(Clone)]
pub struct Store {
    db: Db,
    resources: Arc<Resources>,
}

impl Store {
    /// Brings the schema up to date and takes the database into use.
    pub async fn open(db: Db, resources: Arc<Resources>) -> Result<Store> {
        db.migrate(MIGRATIONS).await?;
        let store = Store { db, resources };
        let moved = store.system_read(async |session| clocks::all(session).await);
        for (tenant, clock) in moved.await? {
            store.resources.clocks.set(tenant, clock);
        }
        let asked = store.system_read(async |session| tenants::integrators(session).await);
        for tenant in asked.await? {
            let integrator = tenants::Decisioning::Integrator;
            store.resources.integrators.set(tenant, integrator);
        }
        Ok(store)
    }

    /// What transactions share.
    pub fn resources(&self) -> &Arc<Resources> {
        &self.resources
    }

    /// The database itself, for opening, closing and watching it.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Runs one write of a tenant. The commit is the end of the closure; an error undoes it all.
    pub async fn write<T, F>(&self, scope: &Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Tx) -> Result<T> + Send + 'static,
    {
        let (scope, resources) = (scope.clone(), self.resources.clone());
        let (tenant, after) = (scope.tenant, self.resources.clone());
        let work = async move |session: WriteSession| {
            let mut tx = Tx::begin(session, scope, resources);
            let answer = work(&mut tx).await?;
            let aftermath = tx.finish()?;
            Ok::<_, Error>((answer, aftermath, tx.take_unsettled()))
        };
        // Part of the commit and not of the waiting: a caller who goes away stops neither.
        let then = move |(_, aftermath, _): &(T, Aftermath, _)| after.follow(tenant, aftermath);
        // What is unsettled is dropped only here, after the commit or its failure.
        let (answer, _, _unsettled) = self.db.write_then(work, then).await?;
        Ok(answer)
    }

    /// Like [`Store::write`] for work that can be done again: it may be run twice, and only its
    /// last run counts, so it must do nothing but to its transaction.
    pub async fn write_often<T, F>(&self, scope: &Scope, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + 'static,
    {
        let (scope, resources) = (scope.clone(), self.resources.clone());
        let (tenant, after) = (scope.tenant, self.resources.clone());
        let work = async move |session: WriteSession| {
            let mut tx = Tx::begin(session, scope.clone(), resources.clone());
            let answer = work(&mut tx).await?;
            let aftermath = tx.finish()?;
            Ok::<_, Error>((answer, aftermath, tx.take_unsettled()))
        };
        let then = move |(_, aftermath, _): &(T, Aftermath, _)| after.follow(tenant, aftermath);
        let (answer, _, _unsettled) = self.db.write_often_then(work, then).await?;
        Ok(answer)
    }

    /// Runs one consistent read of a tenant.
    pub async fn read<T, F>(&self, tenant: TenantId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<T> + Send + 'static,
    {
        let resources = self.resources.clone();
        self.db
            .read(async move |session: ReadSession| {
                work(&mut ReadTx::begin(session, tenant, resources)).await
            })
            .await
    }

    /// Like [`Store::read`] for a few rows that are found by their keys: see [`Db::glance`].
    pub async fn glance<T, F>(&self, tenant: TenantId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadTx) -> Result<T> + Send + 'static,
    {
        let resources = self.resources.clone();
        self.db
            .glance(async move |session: ReadSession| {
                work(&mut ReadTx::begin(session, tenant, resources)).await
            })
            .await
    }

    /// Runs one write across tenants: keys, sessions, credentials, housekeeping.
    pub async fn system<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut SystemTx) -> Result<T> + Send + 'static,
    {
        let resources = self.resources.clone();
        self.db
            .write(async move |session: WriteSession| {
                work(&mut SystemTx::begin(session, resources)).await
            })
            .await
    }

    /// Runs one read across tenants: who is calling.
    pub async fn system_read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadSession) -> Result<T> + Send + 'static,
    {
        self.db
            .read(async move |mut session: ReadSession| work(&mut session).await)
            .await
    }

    /// Like [`Store::system_read`], for who a request comes from: what is found decides only how it
    /// goes on, and what follows waits for the disk, see [`Db::look_ahead`]. Where nothing is found,
    /// nothing follows, and it waits here.
    pub async fn recognize<T, F>(&self, work: F) -> Result<Option<T>>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut ReadSession) -> Result<Option<T>> + Send + 'static,
    {
        let work = async move |mut session: ReadSession| work(&mut session).await;
        let found = self.db.look_ahead(work).await?;
        if found.is_none() {
            self.db.seen_is_kept().await?;
        }
        Ok(found)
    }
}
