//! Tenants.

use axum::{extract::State, response::Response};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        List,
        admin::tenants::{
            ChangeTenant, CreateTenant, Decisioning, KycMode, OrderMode, Tenant as Shown,
        },
    },
};
use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::{
    api::native::{NoBody, Operated, page},
    app::App,
    error::{Error, Result},
    ops::tenants::{self as ops, NewTenant, TenantChange},
    store::tenants::{self, Tenant},
};

/// `POST tenants`
pub(super) async fn create(State(app): State<App>, operated: Operated<CreateTenant>) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let new = NewTenant {
                name: asked.name,
                kyc_mode: mode_in(asked.kyc_mode),
            };
            ops::create(app.store(), scope.actor, new).await.map(shown)
        })
        .await
}

/// `GET tenants`
pub(super) async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let read = async |tx: &mut _, after: Option<i64>, limit| {
                tenants::list(tx, after.unwrap_or(0), limit).await
            };
            page(
                tx,
                ("tenants", &asked.paging),
                read,
                |tenant| tenant.id.get(),
                shown,
            )
            .await
        })
        .await
}

/// `GET tenants/{tenant_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    operated
        .answer(&app, async |tx| tenants::current(tx).await.map(shown))
        .await
}

/// `PATCH tenants/{tenant_id}`
pub(super) async fn change(State(app): State<App>, operated: Operated<ChangeTenant>) -> Response {
    operated
        .change(&app, async |tx, asked| {
            let form = asked.canonical_form.map(|form| form.parse());
            let change = TenantChange {
                kyc_mode: asked.kyc_mode.map(mode_in),
                time_zone: asked.time_zone,
                canonical_form: form
                    .transpose()
                    .map_err(|_| Error::Invalid("canonical_form"))?,
                order_mode: asked.order_mode.map(order_mode_in),
                order_delay: asked.order_delay.map(delay).transpose()?,
                decisioning: asked.decisioning.map(decisioning_in),
            };
            ops::change(tx, change).await.map(shown)
        })
        .await
}

fn mode_in(mode: KycMode) -> tenants::KycMode {
    match mode {
        KycMode::Auto => tenants::KycMode::Auto,
        KycMode::Manual => tenants::KycMode::Manual,
    }
}

fn order_mode_in(mode: OrderMode) -> tenants::OrderMode {
    match mode {
        OrderMode::Immediate => tenants::OrderMode::Immediate,
        OrderMode::Deferred => tenants::OrderMode::Deferred,
    }
}

fn decisioning_in(who: Decisioning) -> tenants::Decisioning {
    match who {
        Decisioning::Platform => tenants::Decisioning::Platform,
        Decisioning::Integrator => tenants::Decisioning::Integrator,
    }
}

/// How long that is. Months and years have no length of their own.
fn delay(span: Span) -> Result<SignedDuration> {
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| Error::Invalid("order_delay"))
}

fn shown(tenant: Tenant) -> Shown {
    Shown {
        id: tenant.uuid,
        organization_id: tenant.organization_uuid,
        name: tenant.name,
        kyc_mode: match tenant.kyc_mode {
            tenants::KycMode::Auto => KycMode::Auto,
            tenants::KycMode::Manual => KycMode::Manual,
        },
        time_zone: tenant.time_zone,
        canonical_form: tenant.canonical_form,
        order_mode: match tenant.order_mode {
            tenants::OrderMode::Immediate => OrderMode::Immediate,
            tenants::OrderMode::Deferred => OrderMode::Deferred,
        },
        order_delay: SignedDuration::from_millis(tenant.order_delay_ms).to_string(),
        decisioning: match tenant.decisioning {
            tenants::Decisioning::Platform => Decisioning::Platform,
            tenants::Decisioning::Integrator => Decisioning::Integrator,
        },
        created_at: Rfc3339(tenant.created_at),
    }
}
