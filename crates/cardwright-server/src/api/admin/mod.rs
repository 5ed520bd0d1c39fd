//! What operators do: tenants, their credentials and users, products, decisions.

mod accounts;
mod audit;
mod card_data_keys;
mod cards;
mod coins;
mod contract;
mod controls;
mod credentials;
mod decisions;
mod deposits;
mod designs;
mod event_streams;
mod events;
mod files;
mod holders;
mod keys;
mod products;
mod rates;
mod routes;
mod tenants;
mod terms;
mod users;
mod webhooks;
mod work_orders;

pub(crate) use controls::controls_in;
pub(crate) use rates::feed_rate;

use super::route::{Served, Surface};

/// The operations.
pub const SURFACE: Surface = Surface {
    name: "Operator API",
    slug: "admin",
    prefixes: &["/admin/v1"],
    served: Served::Everywhere,
    contract: contract::CONTRACT,
    groups: &[
        routes::ROUTES,
        routes::ACCOUNTS,
        routes::CREDENTIALS,
        routes::CONTROLS,
        routes::WORK_ORDERS,
        routes::WEBHOOKS,
        routes::EVENTS,
        terms::ROUTES,
        rates::ROUTES,
        coins::ROUTES,
        decisions::ROUTES,
        deposits::ROUTES,
        files::ROUTES,
        designs::ROUTES,
    ],
};
