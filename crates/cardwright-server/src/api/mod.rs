//! What the outside can reach over HTTP. Only this module and the console know HTTP types.
//!
//! Each dialect has a folder and a route table; the dialects never meet. What a path outside all
//! tables is answered depends on whose prefix it is under, and is decided here.

pub mod admin;
pub(crate) mod bare;
mod cursor;
pub mod docs;
pub mod fincard;
pub mod finci;
pub mod front;
mod json;
pub mod native;
pub mod network;
pub mod route;
pub mod sandbox;
mod signing;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{self, get},
};
use tower::{layer::layer_fn, service_fn};

use crate::{
    app::App,
    metrics::CONTENT_TYPE,
    store::{
        Store,
        environment::{self, EnvironmentName},
    },
};
use cardwright_wire::native::errors::Code;
use front::health_routes;
use route::Surface;

/// Every surface of the server, in the order of the documents.
pub const SURFACES: &[&Surface] = &[
    &finci::SURFACE,
    &fincard::SURFACE,
    &network::SURFACE,
    &admin::SURFACE,
    &sandbox::SURFACE,
];

/// Everything that a server answers.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    let served = SURFACES
        .iter()
        .filter(|surface| surface.served.is_in(app.environment()));
    for surface in served {
        let is_signed = [&finci::SURFACE, &network::SURFACE]
            .iter()
            .any(|signed| signed.slug == surface.slug);
        router = match app.environment() {
            EnvironmentName::Sandbox if is_signed => {
                let told = layer_fn(|route: routing::Route| {
                    service_fn(move |request| signing::with_detected_form(request, route.clone()))
                });
                router.merge(surface.router().layer(told))
            }
            EnvironmentName::Sandbox | EnvironmentName::Production => {
                router.merge(surface.router())
            }
        };
    }
    if app.environment() == EnvironmentName::Sandbox {
        // In production a listener of its own, which strangers do not reach, tells them.
        router = router.route("/metrics", get(metrics));
    }
    let ready = app.store().clone();
    router
        .merge(docs::router(app))
        .with_state(app.clone())
        .merge(health_routes(move || readiness(ready.clone())))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// What a listener of its own answers that tells a server's figures.
pub fn figures_router(app: &App) -> Router {
    let ready = app.store().clone();
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(app.clone())
        .merge(health_routes(move || readiness(ready.clone())))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// `GET /metrics`
async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let kind = HeaderValue::from_static(CONTENT_TYPE);
    ([(header::CONTENT_TYPE, kind)], app.metrics().text())
}

/// The server is ready while its store answers a question and takes a write.
async fn readiness(store: Store) -> Result<(), String> {
    let asked = async {
        store
            .system_read(async |session| environment::find(session).await)
            .await?;
        store.system(async |_| Ok(())).await
    };
    asked.await.map_err(|error| error.log_text())
}

/// Whose prefix a path is under.
enum Owner {
    Finci,
    Fincard,
    /// Nobody's, or that of a surface of our own: both are answered alike.
    Ourselves,
}

fn owner(path: &str) -> Owner {
    let under = |prefix: &&str| {
        path.strip_prefix(*prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if finci::SURFACE.prefixes.iter().any(&under) {
        Owner::Finci
    } else if fincard::PREFIXES.iter().any(under) {
        Owner::Fincard
    } else {
        Owner::Ourselves
    }
}

async fn not_found(request: Request) -> Response {
    match owner(request.uri().path()) {
        Owner::Finci => finci::not_found(),
        Owner::Fincard => fincard::not_found(),
        Owner::Ourselves => native::reply::of_code(Code::NotFound).into_response(),
    }
}

async fn method_not_allowed(request: Request) -> Response {
    match owner(request.uri().path()) {
        Owner::Finci => finci::method_not_allowed(),
        Owner::Fincard => fincard::method_not_allowed(),
        Owner::Ourselves => native::reply::of_code(Code::MethodNotAllowed).into_response(),
    }
}
