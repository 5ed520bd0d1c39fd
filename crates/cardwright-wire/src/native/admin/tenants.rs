//! Tenants: the companies that use the platform.

use jiff::Span;
use serde::Serialize;
use utoipa::ToSchema;

use crate::finci::signature::CanonicalForm;
use crate::instant::Rfc3339;
use crate::kind::{Kind, duration, matching, one_of, text};
use crate::shape::{Fields, Policy, Shape};

/// Who decides the checks of holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KycMode {
    /// The platform, step by step.
    Auto,
    /// An operator.
    Manual,
}

const KYC_MODES: &[(&str, KycMode)] = &[("auto", KycMode::Auto), ("manual", KycMode::Manual)];

/// When orders on cards are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrderMode {
    /// In the call that places them.
    Immediate,
    /// Later, by the tenant's clock.
    Deferred,
}

/// The words for when orders are carried out.
pub(crate) const ORDER_MODES: &[(&str, OrderMode)] = &[
    ("immediate", OrderMode::Immediate),
    ("deferred", OrderMode::Deferred),
];

/// Who decides about authorizations that the platform would approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decisioning {
    /// The platform, which approves them.
    Platform,
    /// The tenant's own program, which is asked each time.
    Integrator,
}

/// The words for who decides.
pub(crate) const DECISIONINGS: &[(&str, Decisioning)] = &[
    ("platform", Decisioning::Platform),
    ("integrator", Decisioning::Integrator),
];

/// `POST tenants`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTenant {
    /// Its name.
    pub name: String,
    /// Who decides the checks of its holders.
    pub kyc_mode: KycMode,
}

impl Shape for CreateTenant {
    const NAME: &'static str = "CreateTenant";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required(
            "name",
            text(1..=100)
                .about("The company's name")
                .example("Acme Ltd"),
        );
        let kyc_mode = fields.optional(
            "kyc_mode",
            one_of(KYC_MODES).about("Who decides the checks of holders; `auto` where left out"),
        );
        Some(CreateTenant {
            name: name?,
            kyc_mode: kyc_mode?.unwrap_or(KycMode::Auto),
        })
    }
}

/// `PATCH tenants/{tenant_id}`.
#[derive(Debug, Clone)]
pub struct ChangeTenant {
    /// Who decides the checks of its holders.
    pub kyc_mode: Option<KycMode>,
    /// Whose calendar limits follow; not yet known to be a time zone.
    pub time_zone: Option<String>,
    /// The canonical form of new credentials.
    pub canonical_form: Option<String>,
    /// When its orders are carried out.
    pub order_mode: Option<OrderMode>,
    /// How much later, where they are deferred.
    pub order_delay: Option<Span>,
    /// Who decides about authorizations.
    pub decisioning: Option<Decisioning>,
}

impl Shape for ChangeTenant {
    const NAME: &'static str = "ChangeTenant";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kyc_mode = fields.optional(
            "kyc_mode",
            one_of(KYC_MODES)
                .about("Who decides the checks of holders that are recorded from now on"),
        );
        let time_zone = fields.optional(
            "time_zone",
            text(1..=64)
                .about("Whose calendar limits follow: a name of the IANA time zone database")
                .example("Europe/Vilnius"),
        );
        let form = matching(1..=200, "^[ -~]+$", |text| {
            text.parse::<CanonicalForm>().is_ok()
        });
        let canonical_form = fields.optional(
            "canonical_form",
            form.about("How callers with new credentials join the parts of a request to sign it")
                .example("default"),
        );
        let order_mode = fields.optional(
            "order_mode",
            one_of(ORDER_MODES)
                .about("When orders on cards that are placed from now on are carried out"),
        );
        let order_delay = fields.optional(
            "order_delay",
            duration()
                .about("How much later deferred orders are carried out, by the tenant's clock; at most 30 days")
                .example("PT30S"),
        );
        let decisioning = fields.optional(
            "decisioning",
            one_of(DECISIONINGS).about(
                "Who decides about authorizations that the platform would approve; `integrator` asks the tenant's `finci` endpoint",
            ),
        );
        Some(ChangeTenant {
            kyc_mode: kyc_mode?,
            time_zone: time_zone?,
            canonical_form: canonical_form?,
            order_mode: order_mode?,
            order_delay: order_delay?,
            decisioning: decisioning?,
        })
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tenant {
    /// Its id: what `X-Tenant-ID` takes.
    pub id: String,
    /// The organization that its users log in under.
    pub organization_id: String,
    /// The company's name.
    pub name: String,
    /// Who decides the checks of its holders.
    pub kyc_mode: KycMode,
    /// Whose calendar its limits follow.
    pub time_zone: String,
    /// The canonical form of its new credentials.
    pub canonical_form: String,
    /// When orders on its cards are carried out.
    pub order_mode: OrderMode,
    /// How much later, where they are deferred; ISO 8601.
    #[schema(example = "PT0S")]
    pub order_delay: String,
    /// Who decides about authorizations that the platform would approve.
    pub decisioning: Decisioning,
    /// When it was added.
    pub created_at: Rfc3339,
}
