//! What operators arranged and every look at a card asks for, in memory: products, time zones.
//!
//! Law: only reads use it, and what a read remembers it has read in a state that was committed after
//! the generation it noted at its beginning; a change forgets everything after its commit and before
//! its answer. A write asks the database, which knows what else shares its commit.

use std::sync::Arc;

use cardwright_core::{Product, ProductId, TenantId, TimeZone};

use super::recognized::{Generation, Known};

/// Products and time zones in memory.
#[derive(Default)]
pub struct Arrangements {
    products: Known<ProductId, Product>,
    zones: Known<TenantId, TimeZone>,
}

/// What a read may use of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    products: Generation,
    zones: Generation,
}

impl Arrangements {
    /// What is to be noted before a read fixes the state that it sees.
    pub(super) fn note(&self) -> Noted {
        Noted {
            products: self.products.generation(),
            zones: self.zones.generation(),
        }
    }

    /// A product, if it is remembered.
    pub(super) fn product(&self, id: ProductId) -> Option<Arc<Product>> {
        self.products.find(&id).0
    }

    /// Remembers a product that was read.
    pub(super) fn remember_product(&self, product: &Arc<Product>, noted: Noted) {
        let product = Arc::clone(product);
        self.products.remember(product.id, product, noted.products);
    }

    /// A tenant's time zone, if it is remembered.
    pub(super) fn zone(&self, tenant: TenantId) -> Option<Arc<TimeZone>> {
        self.zones.find(&tenant).0
    }

    /// Remembers a time zone that was read.
    pub(super) fn remember_zone(&self, tenant: TenantId, zone: &Arc<TimeZone>, noted: Noted) {
        self.zones.remember(tenant, Arc::clone(zone), noted.zones);
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.products.forget();
        self.zones.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_in_a_state_before_a_change_is_not_remembered_after_it() {
        let arrangements = Arrangements::default();
        let tenant = TenantId::new(7).unwrap();
        let utc = Arc::new(TimeZone::UTC);
        let before = arrangements.note();
        arrangements.forget();
        arrangements.remember_zone(tenant, &utc, before);
        assert!(arrangements.zone(tenant).is_none(), "it was read too early");
        arrangements.remember_zone(tenant, &utc, arrangements.note());
        assert!(arrangements.zone(tenant).is_some());
    }
}
