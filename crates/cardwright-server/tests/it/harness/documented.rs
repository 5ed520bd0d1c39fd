//! No answer without its place in the documents.

use axum::http::Method;
use cardwright_server::api::{
    SURFACES,
    route::{Route, Surface},
};

use super::Reply;

/// Fails where an operation answers an error that its document does not give it.
#[track_caller]
pub fn assert_documented(method: &Method, path: &str, reply: &Reply) {
    let Some((surface, route)) = operation(method, path) else {
        return;
    };
    let documented = surface.errors_of(route);
    for code in codes(reply) {
        let known = documented.iter().any(|error| {
            let same = match error.text.strip_prefix("field:") {
                // A fault of a field is documented once, not for every field there is.
                Some(suffix) => code.rsplit(':').next() == Some(suffix) && code.contains(':'),
                None => error.text == code,
            };
            same && error.http == reply.status
        });
        assert!(
            known,
            "{method} {path} answers {} {code}, which its document does not say",
            reply.status
        );
    }
}

/// The operation at a path, whatever ids are in it.
fn operation(method: &Method, path: &str) -> Option<(&'static Surface, &'static Route)> {
    let alike = |pattern: String| {
        let (mut left, mut right) = (pattern.split('/'), path.split('/'));
        left.by_ref()
            .zip(right.by_ref())
            .all(|(part, given)| part.starts_with('{') || part == given)
            && pattern.split('/').count() == path.split('/').count()
    };
    SURFACES.iter().copied().find_map(|surface| {
        let found = surface.routes().find(|route| {
            let paths = surface
                .prefixes
                .iter()
                .map(|prefix| format!("{prefix}{}", route.path));
            route.method == *method && paths.into_iter().any(alike)
        });
        found.map(|route| (surface, route))
    })
}

/// The codes of a refusal, on any surface.
fn codes(reply: &Reply) -> Vec<String> {
    let json = reply.json();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let listed = json["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(text);
    listed
        .chain(text(&json["errorCode"]))
        .chain(text(&json["error"]["code"]))
        .collect()
}
