//! The list of routes: what each one does and by what it is held.

use std::{fmt::Write as _, fs, path::Path};

use cardwright_server::api::{
    SURFACES,
    route::{Route, Surface},
};
use serde_json::Value;

use super::isolation::{Coverage, coverage};

/// Where the recorded conversations are.
const GOLDENS: &str = "tests/it/goldens";
/// The golden file of this list, which names every route itself.
const OWN: &str = "routes.snap";

/// The request lines of every recorded conversation.
fn recorded() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDENS);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "snap"))
        .filter(|path| path.file_name().is_some_and(|name| name != OWN))
        .flat_map(|path| request_lines(&fs::read_to_string(path).unwrap()))
        .collect()
}

/// Method and path of the lines that begin a request.
fn request_lines(golden: &str) -> Vec<(String, String)> {
    golden
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(method, target)| {
            ["GET", "POST", "PATCH", "PUT", "DELETE"].contains(method) && target.starts_with('/')
        })
        .map(|(method, target)| {
            let path = target.split('?').next().unwrap_or_default();
            (method.to_owned(), path.to_owned())
        })
        .collect()
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, given) = (template.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count()
        && wanted.zip(given).all(|(wanted, given)| {
            wanted == given || (wanted.starts_with('{') && !given.is_empty())
        })
}

fn is_recorded(surface: &Surface, route: &Route, recorded: &[(String, String)]) -> bool {
    recorded.iter().any(|(method, path)| {
        let fits = |prefix: &&str| fits(&format!("{prefix}{}", route.path), path);
        method == route.method.as_str() && surface.prefixes.iter().any(fits)
    })
}

fn is_documented(route: &Route) -> bool {
    let answer = serde_json::to_value((route.answer.schema)(&mut Vec::new())).unwrap();
    let request = route.request.as_ref().map(|request| {
        let schema = serde_json::to_value((request.schema)()).unwrap();
        (request.name, schema)
    });
    let says_something = |(name, schema): &(&str, Value)| {
        let keys = ["type", "$ref", "allOf", "oneOf"];
        !name.is_empty() && keys.iter().any(|key| !schema[key].is_null())
    };
    !route.summary.trim().is_empty()
        && says_something(&(route.answer.name, answer))
        && request.as_ref().is_none_or(says_something)
}

/// One line per route, and those that something is missing from.
fn list() -> (String, Vec<String>) {
    let recorded = recorded();
    let (mut text, mut lacking) = (String::new(), Vec::new());
    for surface in SURFACES {
        let _ = writeln!(text, "{} under {:?}", surface.name, surface.prefixes);
        for route in surface.routes() {
            let effect = route.effect.word();
            let golden = if is_recorded(surface, route, &recorded) {
                "golden"
            } else {
                "NO GOLDEN"
            };
            let isolation = match coverage(route) {
                Coverage::Covered => "isolation",
                Coverage::TakesNoId => "takes no id",
                Coverage::Missing => "NO ISOLATION",
            };
            let documented = if is_documented(route) {
                "documented"
            } else {
                "NOT DOCUMENTED"
            };
            let line = format!(
                "{:5} {} | {effect} | {golden} | {isolation} | {documented}",
                route.method.as_str(),
                route.path,
            );
            let _ = writeln!(text, "  {line}");
            if line.contains("NO ") || line.contains("NOT ") {
                lacking.push(line);
            }
        }
    }
    (text, lacking)
}

#[test]
fn every_route_is_recorded_isolated_and_documented() {
    let (text, lacking) = list();
    assert!(lacking.is_empty(), "something is missing: {lacking:#?}");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../goldens");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("routes", text));
}

#[test]
fn a_recorded_request_is_found_by_its_template_only() {
    let golden = "### A card\n\nGET /v1/get-card/0000000000000042?x=1\nhost: a\n\n--> 200\n";
    let lines = request_lines(golden);
    assert_eq!(
        lines,
        [("GET".to_owned(), "/v1/get-card/0000000000000042".to_owned())]
    );
    assert!(fits("/v1/get-card/{token_id}", &lines[0].1));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-card/"));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-account/1"));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-card/1/2"));
}
