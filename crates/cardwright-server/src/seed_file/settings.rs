//! What a file sets: the tenant, the rates that payments are exchanged at, and what cards may be
//! used for. Rates and controls of products are the environment's: a tenant that goes back to its
//! beginning leaves them as they are by then.

use cardwright_core::{Controlled, ProductId, Record};
use cardwright_wire::native::admin::{
    controls::SetControls, rates::SetRate, tenants as tenants_wire,
};
use cardwright_wire::native::seed::{SeedProduct, Settings};
use jiff::SpanRelativeTo;

use super::{Applied, at};
use crate::api::admin;
use crate::error::{Error, Result};
use crate::ops::clock::{self, ClockChange};
use crate::ops::controls;
use crate::ops::tenants::{self as tenant_ops, TenantChange};
use crate::store::Tx;
use crate::store::tenants::{self, Decisioning, KycMode, OrderMode};

/// Sets the tenant to what the file says.
pub(super) async fn set(tx: &mut Tx, settings: Settings) -> Applied<()> {
    if let Some(by_hand) = settings.kyc_by_hand {
        let mode = if by_hand {
            KycMode::Manual
        } else {
            KycMode::Auto
        };
        let set = tenants::set_kyc_mode(tx, mode).await;
        at(|| "settings.kyc_mode".to_owned(), set)?;
    }
    if settings.order_mode.is_some() || settings.order_delay.is_some() {
        let delay = settings
            .order_delay
            .map(|delay| delay.0.to_duration(SpanRelativeTo::days_are_24_hours()));
        let delay = at(
            || "settings.order_delay".to_owned(),
            delay.transpose().map_err(|_| Error::Invalid("order_delay")),
        )?;
        let change = TenantChange {
            order_mode: settings.order_mode.map(|mode| match mode {
                tenants_wire::OrderMode::Immediate => OrderMode::Immediate,
                tenants_wire::OrderMode::Deferred => OrderMode::Deferred,
            }),
            order_delay: delay,
            ..TenantChange::default()
        };
        let set = tenant_ops::change(tx, change).await;
        at(|| "settings.order_mode".to_owned(), set)?;
    }
    if let Some(who) = settings.decisioning {
        let change = TenantChange {
            decisioning: Some(match who {
                tenants_wire::Decisioning::Platform => Decisioning::Platform,
                tenants_wire::Decisioning::Integrator => Decisioning::Integrator,
            }),
            ..TenantChange::default()
        };
        let set = tenant_ops::change(tx, change).await;
        at(|| "settings.decisioning".to_owned(), set)?;
    }
    if let Some(time_zone) = settings.time_zone {
        let change = TenantChange {
            time_zone: Some(time_zone),
            ..TenantChange::default()
        };
        let set = tenant_ops::change(tx, change).await;
        at(|| "settings.time_zone".to_owned(), set)?;
    }
    if settings.now.is_some() || settings.mode.is_some() {
        let change = ClockChange::Set {
            to: settings.now,
            mode: settings.mode,
        };
        let set = clock::change(tx, change).await;
        at(|| "settings.clock".to_owned(), set)?;
    }
    Ok(())
}

/// Feeds the file's rates.
pub(super) async fn feed_rates(tx: &mut Tx, rates: &[SetRate]) -> Applied<()> {
    for (index, rate) in rates.iter().enumerate() {
        let fed = admin::feed_rate(tx, rate).await;
        at(|| format!("rates.{index}"), fed)?;
    }
    Ok(())
}

/// Sets the controls of the products that the file names.
pub(super) async fn control_products(tx: &mut Tx, products: Vec<SeedProduct>) -> Applied<()> {
    for (index, product) in products.into_iter().enumerate() {
        let entry = format!("products.{index}");
        let id = ProductId::new(product.product_id);
        let id = id.map_err(|_| Error::not_found(Record::Product));
        let whose = Controlled::Product(at(|| entry.clone(), id)?);
        control(tx, &entry, whose, Some(product.controls)).await?;
    }
    Ok(())
}

/// Sets the controls that an entry has, if it has some.
pub(super) async fn control(
    tx: &mut Tx,
    entry: &str,
    whose: Controlled,
    wanted: Option<SetControls>,
) -> Applied<()> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let set = put(tx, whose, wanted).await;
    at(|| format!("{entry}.controls"), set)
}

async fn put(tx: &mut Tx, whose: Controlled, wanted: SetControls) -> Result<()> {
    let wanted = admin::controls_in(wanted)?;
    controls::set(tx, whose, wanted).await.map(drop)
}
