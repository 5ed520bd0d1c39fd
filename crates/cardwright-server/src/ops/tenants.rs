//! Tenants: the companies that use the platform.

use cardwright_core::{Currency, TenantId, TimeZone};
use cardwright_wire::finci::signature::CanonicalForm;
use jiff::SignedDuration;

use super::{
    accounts,
    environments::{add_key, load_keys},
    snapshots,
};
use crate::{
    error::{Error, Result},
    secrets::KeyPurpose,
    store::{
        Actor, Scope, Store, SystemTx, Tx,
        tenants::{self, Decisioning, KycMode, OrderMode, Tenant},
    },
};

/// A tenant that is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// How its holders are checked.
    pub kyc_mode: KycMode,
}

/// Adds a tenant with a data key of its own and an empty wallet in dollars. It has nothing else yet:
/// no credential, no user.
pub async fn create(store: &Store, actor: Actor, new: NewTenant) -> Result<Tenant> {
    let tenant = store
        .system(async move |tx| {
            let tenant = insert(tx, new).await?;
            let scope = Scope {
                tenant: tenant.id,
                actor,
            };
            tx.audit(scope.clone(), "tenant.create", ("tenant", &tenant.uuid))
                .await?;
            tx.within(scope, async |tx| {
                accounts::wallet(tx, Currency::USD).await?;
                // A sandbox that is set back goes back to this.
                snapshots::take_seed(tx).await
            })
            .await?;
            Ok(tenant)
        })
        .await?;
    load_keys(store).await?;
    Ok(tenant)
}

/// Stores a tenant and its data key, which is of use only after the commit, see [`load_keys`].
pub(super) async fn insert(tx: &mut SystemTx, new: NewTenant) -> Result<Tenant> {
    let id = TenantId::new(tx.next_id().await?)
        .map_err(|_| Error::Corrupt("ids have run out".to_owned()))?;
    let entropy = tx.resources().entropy.clone();
    let tenant = Tenant {
        id,
        uuid: entropy.record_uuid("tenant", id.get()).to_string(),
        organization_uuid: entropy.record_uuid("organization", id.get()).to_string(),
        name: new.name,
        kyc_mode: new.kyc_mode,
        created_at: tx.now(),
        time_zone: "UTC".to_owned(),
        canonical_form: CanonicalForm::Default.to_string(),
        order_mode: OrderMode::Immediate,
        order_delay_ms: 0,
        decisioning: Decisioning::Platform,
    };
    tenants::insert(tx, &tenant).await?;
    add_key(tx, KeyPurpose::Tenant(id.get())).await?;
    Ok(tenant)
}

/// What of a tenant changes; what is absent stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TenantChange {
    /// How holders that are recorded from now on are checked.
    pub kyc_mode: Option<KycMode>,
    /// Whose calendar its limits follow: a name of the IANA database.
    pub time_zone: Option<String>,
    /// The canonical form of credentials that are made from now on.
    pub canonical_form: Option<CanonicalForm>,
    /// When orders that are placed from now on are carried out.
    pub order_mode: Option<OrderMode>,
    /// How much later, where they are deferred.
    pub order_delay: Option<SignedDuration>,
    /// Who decides about authorizations from now on.
    pub decisioning: Option<Decisioning>,
}

/// The longest delay of deferred orders.
const LONGEST_ORDER_DELAY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Changes the tenant of a transaction.
pub async fn change(tx: &mut Tx, change: TenantChange) -> Result<Tenant> {
    let before = tenants::current(tx).await?;
    let time_zone = match change.time_zone {
        Some(name) => zone_name(&name)?,
        None => before.time_zone,
    };
    let after = Tenant {
        kyc_mode: change.kyc_mode.unwrap_or(before.kyc_mode),
        time_zone,
        canonical_form: change
            .canonical_form
            .map_or(before.canonical_form, |form| form.to_string()),
        order_mode: change.order_mode.unwrap_or(before.order_mode),
        order_delay_ms: match change.order_delay {
            Some(delay) => delay_ms(delay)?,
            None => before.order_delay_ms,
        },
        decisioning: change.decisioning.unwrap_or(before.decisioning),
        ..before
    };
    tenants::put(tx, &after).await?;
    tx.audit("tenant.change", ("tenant", &after.uuid)).await?;
    Ok(after)
}

fn delay_ms(delay: SignedDuration) -> Result<i64> {
    if delay.is_negative() || delay > LONGEST_ORDER_DELAY {
        return Err(Error::Invalid("order_delay"));
    }
    i64::try_from(delay.as_millis()).map_err(|_| Error::Invalid("order_delay"))
}

/// The name of a time zone in the spelling of the database, which comes with the program.
fn zone_name(name: &str) -> Result<String> {
    let zone = TimeZone::get(name).map_err(|_| Error::Invalid("time_zone"))?;
    zone.iana_name()
        .map(str::to_owned)
        .ok_or(Error::Invalid("time_zone"))
}
