//! The operations of operators, one line of the table each.

mod accounts;
mod controls;
mod credentials;
mod events;
mod webhooks;
mod work_orders;

use axum::{
    http::Method,
    routing::{delete, get, patch, post, put},
};
use cardwright_wire::native::{List, admin as wire};

use super::{audit, card_data_keys, cards, holders, keys, products, tenants, users};
use crate::{
    api::{
        native::contract::page,
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    store::admin_keys::Role,
};

pub(super) use accounts::ACCOUNTS;
pub(super) use controls::CONTROLS;
pub(super) use credentials::CREDENTIALS;
pub(super) use events::EVENTS;
pub(super) use webhooks::WEBHOOKS;
pub(super) use work_orders::WORK_ORDERS;

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/tenants",
        summary: "Adds a tenant",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::tenants::CreateTenant>()),
        answer: TENANT,
        effect: Effect::Changes,
        handler: || post(tenants::create),
    },
    Route {
        method: Method::GET,
        path: "/tenants",
        summary: "Lists the tenants",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<List>()),
        answer: TENANTS,
        effect: Effect::Reads,
        handler: || get(tenants::list),
    },
    Route {
        method: Method::GET,
        path: "/tenants/{tenant_id}",
        summary: "Reads a tenant",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: TENANT,
        effect: Effect::Reads,
        handler: || get(tenants::read),
    },
    Route {
        method: Method::PATCH,
        path: "/tenants/{tenant_id}",
        summary: "Changes how a tenant is run",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::tenants::ChangeTenant>()),
        answer: TENANT,
        effect: Effect::Changes,
        handler: || patch(tenants::change),
    },
    Route {
        method: Method::PUT,
        path: "/tenants/{tenant_id}/card-data-key",
        summary: "Registers the public key that a tenant's card data is encrypted to",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::card_data_keys::RegisterCardDataKey>()),
        answer: CARD_DATA_KEY,
        effect: Effect::Changes,
        handler: || put(card_data_keys::register),
    },
    Route {
        method: Method::GET,
        path: "/tenants/{tenant_id}/card-data-key",
        summary: "Reads which public key a tenant's card data is encrypted to",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: CARD_DATA_KEY,
        effect: Effect::Reads,
        handler: || get(card_data_keys::read),
    },
    Route {
        method: Method::DELETE,
        path: "/tenants/{tenant_id}/card-data-key",
        summary: "Removes a tenant's public key: its card data is no longer encrypted",
        number: None,
        role: Some(Role::Owner),
        request: None,
        answer: CARD_DATA_KEY,
        effect: Effect::Changes,
        handler: || delete(card_data_keys::remove),
    },
    Route {
        method: Method::POST,
        path: "/tenants/{tenant_id}/users",
        summary: "Adds a user of the session API",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::users::CreateUser>()),
        answer: USER_WITH_PASSWORD,
        effect: Effect::Changes,
        handler: || post(users::create),
    },
    Route {
        method: Method::GET,
        path: "/tenants/{tenant_id}/users",
        summary: "Lists the users",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: USERS,
        effect: Effect::Reads,
        handler: || get(users::list),
    },
    Route {
        method: Method::POST,
        path: "/users/{user_id}/disable",
        summary: "Lets a user log in no more, and ends its sessions",
        number: None,
        role: Some(Role::Owner),
        request: None,
        answer: USER,
        effect: Effect::Changes,
        handler: || post(users::disable),
    },
    Route {
        method: Method::POST,
        path: "/users/{user_id}/enable",
        summary: "Lets a user log in again",
        number: None,
        role: Some(Role::Owner),
        request: None,
        answer: USER,
        effect: Effect::Changes,
        handler: || post(users::enable),
    },
    Route {
        method: Method::POST,
        path: "/users/{user_id}/unlock",
        summary: "Forgets the failed logins of a user",
        number: None,
        role: Some(Role::Support),
        request: None,
        answer: USER,
        effect: Effect::Changes,
        handler: || post(users::unlock),
    },
    Route {
        method: Method::POST,
        path: "/users/{user_id}/password",
        summary: "Gives a user another password, and ends its sessions",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::users::SetPassword>()),
        answer: USER_WITH_PASSWORD,
        effect: Effect::Changes,
        handler: || post(users::set_password),
    },
    Route {
        method: Method::POST,
        path: "/admin-keys",
        summary: "Makes a key of an operator",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<wire::keys::CreateKey>()),
        answer: NEW_KEY,
        effect: Effect::Changes,
        handler: || post(keys::create),
    },
    Route {
        method: Method::GET,
        path: "/admin-keys",
        summary: "Lists the keys of operators",
        number: None,
        role: Some(Role::Owner),
        request: Some(request::<List>()),
        answer: KEYS,
        effect: Effect::Reads,
        handler: || get(keys::list),
    },
    Route {
        method: Method::DELETE,
        path: "/admin-keys/{admin_key_id}",
        summary: "Ends an operator's key",
        number: None,
        role: Some(Role::Owner),
        request: None,
        answer: KEY,
        effect: Effect::Changes,
        handler: || delete(keys::delete),
    },
    Route {
        method: Method::POST,
        path: "/products",
        summary: "Adds a card product",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::products::CreateProduct>()),
        answer: PRODUCT,
        effect: Effect::Changes,
        handler: || post(products::create),
    },
    Route {
        method: Method::GET,
        path: "/products",
        summary: "Lists the card products",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<List>()),
        answer: PRODUCTS,
        effect: Effect::Reads,
        handler: || get(products::list),
    },
    Route {
        method: Method::GET,
        path: "/products/{product_id}",
        summary: "Reads a card product",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: PRODUCT,
        effect: Effect::Reads,
        handler: || get(products::read),
    },
    Route {
        method: Method::PATCH,
        path: "/products/{product_id}",
        summary: "Changes a card product",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::products::ChangeProduct>()),
        answer: PRODUCT,
        effect: Effect::Changes,
        handler: || patch(products::change),
    },
    Route {
        method: Method::GET,
        path: "/holders/{holder_id}",
        summary: "Reads a holder",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: HOLDER,
        effect: Effect::Reads,
        handler: || get(holders::read),
    },
    Route {
        method: Method::POST,
        path: "/holders/{holder_id}/decision",
        summary: "Decides about a holder",
        number: None,
        role: Some(Role::Support),
        request: Some(request::<wire::holders::Decide>()),
        answer: HOLDER,
        effect: Effect::Changes,
        handler: || post(holders::decide),
    },
    Route {
        method: Method::GET,
        path: "/cards/{card_id}",
        summary: "Reads a card",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: CARD,
        effect: Effect::Reads,
        handler: || get(cards::read),
    },
    Route {
        method: Method::POST,
        path: "/cards/{card_id}/block",
        summary: "Stops a card as the platform",
        number: None,
        role: Some(Role::Support),
        request: Some(request::<wire::Reason>()),
        answer: CARD,
        effect: Effect::Changes,
        handler: || post(cards::block),
    },
    Route {
        method: Method::POST,
        path: "/cards/{card_id}/unblock",
        summary: "Lifts the platform's block of a card",
        number: None,
        role: Some(Role::Support),
        request: Some(request::<wire::Reason>()),
        answer: CARD,
        effect: Effect::Changes,
        handler: || post(cards::unblock),
    },
    Route {
        method: Method::POST,
        path: "/cards/{card_id}/activation-code",
        summary: "Issues another code that activates a physical card; the integrator is told of it",
        number: None,
        role: Some(Role::Support),
        request: Some(request::<wire::Reason>()),
        answer: BodyDoc {
            name: "IssuedCodeAnswer",
            schema: answer_schema::<wire::cards::IssuedCode>,
        },
        effect: Effect::Changes,
        handler: || post(cards::activation_code),
    },
    Route {
        method: Method::GET,
        path: "/audit",
        summary: "Lists what was done, the newest first",
        number: None,
        role: Some(Role::Auditor),
        request: Some(request::<wire::audit::ListAudit>()),
        answer: AUDIT,
        effect: Effect::Reads,
        handler: || get(audit::list),
    },
];

const CARD_DATA_KEY: BodyDoc = BodyDoc {
    name: "CardDataKey",
    schema: answer_schema::<wire::card_data_keys::CardDataKey>,
};
const TENANT: BodyDoc = BodyDoc {
    name: "TenantAnswer",
    schema: answer_schema::<wire::tenants::Tenant>,
};

const TENANTS: BodyDoc = BodyDoc {
    name: "TenantPage",
    schema: page::<wire::tenants::Tenant>,
};

const USER: BodyDoc = BodyDoc {
    name: "UserAnswer",
    schema: answer_schema::<wire::users::User>,
};

const USERS: BodyDoc = BodyDoc {
    name: "UserPage",
    schema: page::<wire::users::User>,
};

const USER_WITH_PASSWORD: BodyDoc = BodyDoc {
    name: "UserWithPassword",
    schema: answer_schema::<wire::users::UserWithPassword>,
};

const KEY: BodyDoc = BodyDoc {
    name: "AdminKeyAnswer",
    schema: answer_schema::<wire::keys::AdminKey>,
};

const KEYS: BodyDoc = BodyDoc {
    name: "AdminKeyPage",
    schema: page::<wire::keys::AdminKey>,
};

const NEW_KEY: BodyDoc = BodyDoc {
    name: "NewAdminKey",
    schema: answer_schema::<wire::keys::NewAdminKey>,
};

const PRODUCT: BodyDoc = BodyDoc {
    name: "ProductAnswer",
    schema: answer_schema::<wire::products::Product>,
};

const PRODUCTS: BodyDoc = BodyDoc {
    name: "ProductPage",
    schema: page::<wire::products::Product>,
};

const HOLDER: BodyDoc = BodyDoc {
    name: "Holder",
    schema: answer_schema::<wire::holders::Holder>,
};

const CARD: BodyDoc = BodyDoc {
    name: "Card",
    schema: answer_schema::<wire::cards::Card>,
};

const AUDIT: BodyDoc = BodyDoc {
    name: "AuditPage",
    schema: page::<wire::audit::AuditRow>,
};
