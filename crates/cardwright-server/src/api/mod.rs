//! What the outside can reach over HTTP. Only this module and the console know HTTP types.
//!
//! Each dialect has a folder and a route table; the dialects never meet. What a path outside all
//! tables is answered depends on whose prefix it is under, and is decided here.

pub mod docs;
pub mod fincard;
pub mod finci;
pub mod front;
mod json;
pub mod route;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{app::App, store::Store};
use front::{NativeError, health_routes};
use route::Surface;

/// Every surface of the server, in the order of the documents.
pub const SURFACES: &[&Surface] = &[&finci::SURFACE, &fincard::SURFACE];

/// Everything that a server answers.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for surface in SURFACES {
        router = router.merge(surface.router());
    }
    let ready = app.store().clone();
    router
        .merge(docs::router(app.environment()))
        .with_state(app.clone())
        .merge(health_routes(move || readiness(ready.clone())))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// The server is ready while its store reads and writes.
async fn readiness(store: Store) -> Result<(), String> {
    store
        .system(async |_| Ok(()))
        .await
        .map_err(|error| error.log_text())
}

/// Whose prefix a path is under.
enum Owner {
    Finci,
    Fincard,
    Nobody,
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
        Owner::Nobody
    }
}

async fn not_found(request: Request) -> Response {
    match owner(request.uri().path()) {
        Owner::Finci => finci::not_found(),
        Owner::Fincard => fincard::not_found(),
        Owner::Nobody => {
            let message = "there is nothing at this path";
            NativeError::new(StatusCode::NOT_FOUND, "not_found", message).into_response()
        }
    }
}

async fn method_not_allowed(request: Request) -> Response {
    match owner(request.uri().path()) {
        Owner::Finci => finci::method_not_allowed(),
        Owner::Fincard => fincard::method_not_allowed(),
        Owner::Nobody => {
            let message = "this path does not know the method; see the Allow header";
            NativeError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                message,
            )
            .into_response()
        }
    }
}
