//! The documents: `OpenAPI` per surface, a page to browse them, and the tables of operations.
//!
//! Law: everything here is made from the route tables and the contracts beside them. Nothing is
//! written down a second time, so nothing can drift; and nothing is fetched from anywhere, so a
//! machine without a network shows it all.

mod components;
mod document;
mod example;
mod page;
#[cfg(test)]
mod tests;
mod words;

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};

use super::{SURFACES, native::operators_only, route::Surface};
use crate::{app::App, store::environment::EnvironmentName};

pub use document::document;

/// A document as it goes out.
struct Written {
    surface: &'static Surface,
    json: Bytes,
}

/// Made once: the tables cannot change while the program runs.
static DOCUMENTS: LazyLock<Vec<Written>> = LazyLock::new(|| {
    let written = SURFACES.iter().map(|surface| Written {
        surface,
        // The model is made of strings and numbers: it always serializes.
        json: serde_json::to_vec(&document(surface))
            .unwrap_or_default()
            .into(),
    });
    written.collect()
});

/// `/docs/` and `/openapi/*.json`, of the surfaces that are served. In a sandbox everybody may read
/// them, in production whoever has an operator's key.
pub fn router(app: &App) -> Router<App> {
    let environment = app.environment();
    let mut router = Router::new()
        .route("/docs", get(async || Redirect::temporary("/docs/")))
        .route("/docs/", get(async move || page::index(environment)));
    for name in page::FILES {
        let file = async move || page::file(name, environment);
        router = router.route(&format!("/docs/{name}"), get(file));
    }
    let served = DOCUMENTS.iter();
    for written in served.filter(|written| written.surface.served.is_in(environment)) {
        let path = document_path(written.surface);
        router = router.route(&path, get(async || json(written.json.clone())));
    }
    match environment {
        EnvironmentName::Sandbox => router,
        EnvironmentName::Production => {
            let operators = middleware::from_fn_with_state(app.clone(), operators_only);
            router.route_layer(operators)
        }
    }
}

/// The surfaces of an environment.
fn surfaces(environment: EnvironmentName) -> impl Iterator<Item = &'static Surface> {
    let all = SURFACES.iter().copied();
    all.filter(move |surface| surface.served.is_in(environment))
}

/// Where the document of a surface is.
fn document_path(surface: &Surface) -> String {
    format!("/openapi/{}.json", surface.slug)
}

fn json(body: Bytes) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    page::protect(headers);
    response
}

/// The README's table of operations, in Markdown: what every surface can do.
pub fn readme_table() -> String {
    let parts = SURFACES.iter().map(|surface| {
        let prefixes = match surface.prefixes {
            [_, _, ..] => format!(
                "Every operation is under {}.\n\n",
                words::listed(surface.prefixes)
            ),
            [] | [_] => String::new(),
        };
        format!("### {}\n\n{prefixes}{}", surface.name, surface.table())
    });
    parts.collect::<Vec<_>>().join("\n")
}

/// Every route of every surface, one a line: method, whole path, what it does to the records.
pub fn routes_table() -> String {
    let mut table = String::new();
    for surface in SURFACES {
        for prefix in surface.prefixes {
            for route in surface.routes() {
                let (method, path) = (&route.method, route.path);
                let effect = route.effect.word();
                let _ = writeln!(table, "{method} {prefix}{path} {effect}");
            }
        }
    }
    table
}
