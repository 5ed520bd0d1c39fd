//! What products say about the authorizations of their cards.

use axum::{
    extract::State,
    http::Method,
    response::Response,
    routing::{get, put},
};
use cardwright_core::{AuthorizationTerms, LimitsAfterRefund, ProductId, Record};
use cardwright_wire::native::{RecordId, admin::terms as wire};

use crate::{
    api::{
        native::{NoBody, Operated, record},
        route::{BodyDoc, Effect, Route, answer_schema, request},
    },
    app::App,
    error::Result,
    ops::terms as ops,
    store::admin_keys::Role,
};

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::PUT,
        path: "/products/{product_id}/terms",
        summary: "Sets the terms of a product's authorizations, in place of those it had",
        number: None,
        role: Some(Role::Operator),
        request: Some(request::<wire::SetTerms>()),
        answer: TERMS,
        effect: Effect::Changes,
        handler: || put(set),
    },
    Route {
        method: Method::GET,
        path: "/products/{product_id}/terms",
        summary: "Reads the terms of a product's authorizations",
        number: None,
        role: Some(Role::Auditor),
        request: None,
        answer: TERMS,
        effect: Effect::Reads,
        handler: || get(read),
    },
];

const TERMS: BodyDoc = BodyDoc {
    name: "TermsAnswer",
    schema: answer_schema::<wire::Terms>,
};

/// `PUT products/{product_id}/terms`
async fn set(State(app): State<App>, operated: Operated<wire::SetTerms>) -> Response {
    let product = product_id(&operated);
    operated
        .change(&app, async move |tx, asked| {
            let product = product?;
            let terms = ops::set(tx, product, terms_in(asked)).await?;
            Ok(shown(product, terms))
        })
        .await
}

/// `GET products/{product_id}/terms`
async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let product = product_id(&operated);
    operated
        .answer(&app, async move |tx| {
            let product = product?;
            Ok(shown(product, ops::get(tx, product).await?))
        })
        .await
}

fn product_id<T>(operated: &Operated<T>) -> Result<ProductId> {
    record(operated.id("product_id"), ProductId::new, Record::Product)
}

fn terms_in(asked: wire::SetTerms) -> AuthorizationTerms {
    AuthorizationTerms {
        markup_basis_points: asked.markup_basis_points,
        hold_days: asked.hold_days,
        lodging_hold_days: asked.lodging_hold_days,
        after_refund: match asked.limits_after_refund {
            wire::LimitsAfterRefund::Kept => LimitsAfterRefund::Kept,
            wire::LimitsAfterRefund::Restored => LimitsAfterRefund::Restored,
        },
    }
}

fn shown(product: ProductId, terms: AuthorizationTerms) -> wire::Terms {
    wire::Terms {
        product_id: RecordId(product.get()),
        markup_basis_points: terms.markup_basis_points,
        hold_days: terms.hold_days,
        lodging_hold_days: terms.lodging_hold_days,
        limits_after_refund: match terms.after_refund {
            LimitsAfterRefund::Kept => wire::LimitsAfterRefund::Kept,
            LimitsAfterRefund::Restored => wire::LimitsAfterRefund::Restored,
        },
    }
}
