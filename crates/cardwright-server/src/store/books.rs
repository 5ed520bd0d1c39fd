//! The ids of the tenants' own books, in memory: every authorization asks for one, and none of them
//! ever changes.
//!
//! Law: only a book that is committed is remembered, and what is remembered of a tenant is forgotten
//! when an earlier state of it is put back.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use cardwright_core::{AccountId, AccountKind, Currency, TenantId};

/// One book of one tenant.
pub(super) type Book = (AccountKind, Currency);

/// What is remembered.
#[derive(Debug, Default)]
pub struct Books(RwLock<HashMap<(TenantId, AccountKind, Currency), AccountId>>);

impl Books {
    /// The id of a book, if it is remembered.
    pub(super) fn get(&self, tenant: TenantId, (kind, currency): Book) -> Option<AccountId> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&(tenant, kind, currency)).copied()
    }

    /// Remembers books of a tenant, after the commit of whoever found them.
    pub(super) fn learn(&self, tenant: TenantId, found: &[(Book, AccountId)]) {
        if found.is_empty() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for ((kind, currency), id) in found {
            known.insert((tenant, *kind, *currency), *id);
        }
    }

    /// Forgets the books of a tenant.
    pub(super) fn forget(&self, tenant: TenantId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(whose, _, _), _| *whose != tenant);
    }
}
