//! Events that are sent to the platform's own address: believed by their signature, kept once.

use cardwright_core::TenantId;

use crate::{
    app::App,
    error::{Error, Result},
    secrets::webhook_keys::verify_sha256,
    store::{
        Actor, Scope, Tx, environment::EnvironmentName, received_events, tenants, webhook_keys,
    },
};

/// What arrived: the bytes that were signed, and the signature.
pub struct Presented<'a> {
    /// The body, as it came.
    pub body: &'a [u8],
    /// Base64.
    pub signature: &'a str,
    /// What passes for a signature in a sandbox.
    pub sandbox_signature: &'a str,
}

/// The tenant whose event this is, if its key signed the body.
pub async fn believe(
    app: &App,
    tenant_uuid: &str,
    presented: Presented<'_>,
) -> Result<Option<TenantId>> {
    let uuid = tenant_uuid.to_owned();
    let find = async move |session: &mut crate::store::db::ReadSession| {
        tenants::find_by_uuid(session, &uuid).await
    };
    let Some(tenant) = app.store().system_read(find).await? else {
        return Ok(None);
    };
    if app.environment() == EnvironmentName::Sandbox
        && presented.signature == presented.sandbox_signature
    {
        return Ok(Some(tenant.id));
    }
    let keys = async |tx: &mut crate::store::ReadTx| webhook_keys::all(tx).await;
    for key in app.read(tenant.id, keys).await? {
        let is_right = verify_sha256(&key.public_pem, presented.body, presented.signature)
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        if is_right {
            return Ok(Some(tenant.id));
        }
    }
    Ok(None)
}

/// Keeps an event. One whose id came before changes nothing.
pub async fn keep(
    app: &App,
    (tenant, actor): (TenantId, Actor),
    (event_id, event_type): (String, String),
) -> Result<()> {
    let scope = Scope { tenant, actor };
    app.write(&scope, async move |tx: &mut Tx| {
        let first = received_events::insert(tx, (&event_id, &event_type)).await?;
        if first {
            tx.audit("event.receive", ("received_event", &event_id))
                .await?;
        }
        Ok(())
    })
    .await
}
