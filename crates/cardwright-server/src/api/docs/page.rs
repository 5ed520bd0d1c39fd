//! The page that shows the documents, with all that it needs inside the binary.
//!
//! Law: the page loads nothing from elsewhere. Its policy forbids it, whatever a later version of
//! the viewer would like to do.

use std::sync::{Arc, LazyLock};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use utoipa_swagger_ui::{Config, Url};

use super::{document_path, surfaces};
use crate::{api::front::NativeError, store::environment::EnvironmentName};

/// The only files of the viewer that the page asks for.
pub(super) const FILES: &[&str] = &[
    "favicon-16x16.png",
    "favicon-32x32.png",
    "index.css",
    "swagger-initializer.js",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
];

const PAGE: &str = include_str!("page.html");

/// The viewer sets styles by script, which needs no permission here; the one that it has in its
/// markup is refused, and nobody misses it. Its icons are `data:` addresses.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What every answer here tells the browser not to do.
pub(super) fn protect(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    let plain = |word| HeaderValue::from_static(word);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, plain("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, plain("DENY"));
    headers.insert(header::REFERRER_POLICY, plain("no-referrer"));
    headers.insert(header::CACHE_CONTROL, plain("no-cache"));
}

/// The documents that the viewer offers. It would have them judged by a service on the internet.
static IN_SANDBOX: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| config(EnvironmentName::Sandbox));

/// The same of production.
static IN_PRODUCTION: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| config(EnvironmentName::Production));

fn config(environment: EnvironmentName) -> Arc<Config<'static>> {
    let urls = surfaces(environment).enumerate().map(|(index, surface)| {
        let path: &'static str = document_path(surface).leak();
        Url::with_primary(surface.name, path, index == 0)
    });
    let config = Config::new(urls)
        .validator_url("none")
        .default_models_expand_depth(0)
        .display_request_duration(true);
    Arc::new(config)
}

/// `GET /docs/`
pub(super) fn index(environment: EnvironmentName) -> Response {
    let links = surfaces(environment).map(|surface| {
        let (path, name) = (document_path(surface), surface.name);
        format!("<li><a href=\"{path}\">{name}</a></li>")
    });
    let page = PAGE.replace("{documents}", &links.collect::<String>());
    sent(page.into(), "text/html; charset=utf-8")
}

/// One of [`FILES`].
pub(super) fn file(name: &str, environment: EnvironmentName) -> Response {
    let config = match environment {
        EnvironmentName::Sandbox => &IN_SANDBOX,
        EnvironmentName::Production => &IN_PRODUCTION,
    };
    let found = utoipa_swagger_ui::serve(name, Arc::clone(config));
    match found {
        Ok(Some(found)) => sent(found.bytes.into_owned().into(), &found.content_type),
        Ok(None) => damaged(name, "it is not in the viewer"),
        Err(error) => damaged(name, &error.to_string()),
    }
}

fn damaged(name: &str, reason: &str) -> Response {
    tracing::error!(reason, file = name, "a file of the viewer cannot be made");
    let message = "a file of the viewer cannot be made";
    NativeError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message).into_response()
}

fn sent(bytes: Bytes, content_type: &str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    protect(headers);
    response
}
