//! The list of routes: what each one does and by what it is held.

use std::{fmt::Write as _, fs, path::Path};

use cardwright_server::api::{
    SURFACES, fincard,
    route::{Route, Surface},
};
use serde_json::Value;

use super::isolation::{Coverage, coverage};

/// Where the recorded conversations are.
const GOLDENS: &str = "tests/it/goldens";
/// The golden file of this list, which names every route itself.
const OWN: &str = "routes.snap";

/// A request of a recorded conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    method: String,
    path: String,
    /// What its answer says of itself, where the dialect says it.
    success: Option<bool>,
}

/// The requests of every recorded conversation.
fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDENS);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "snap"))
        .filter(|path| path.file_name().is_some_and(|name| name != OWN))
        .flat_map(|path| requests(&fs::read_to_string(path).unwrap()))
        .collect()
}

/// The requests of a conversation, by the lines that begin them and those that their answers say
/// `success` in.
fn requests(golden: &str) -> Vec<Recorded> {
    let mut found: Vec<Recorded> = Vec::new();
    let mut is_answer = false;
    for line in golden.lines() {
        if let Some((method, target)) = line.split_once(' ')
            && ["GET", "POST", "PATCH", "PUT", "DELETE"].contains(&method)
            && target.starts_with('/')
        {
            let path = target.split('?').next().unwrap_or_default();
            found.push(Recorded {
                method: method.to_owned(),
                path: path.to_owned(),
                success: None,
            });
            is_answer = false;
        } else if line.starts_with("--> ") {
            is_answer = true;
        } else if let (true, Some(last)) = (is_answer, found.last_mut()) {
            // Two spaces: the answer's own field, not one of a record in it.
            match line.strip_prefix("  \"success\": ") {
                Some(said) if said.starts_with("true") => last.success = Some(true),
                Some(_) => last.success = Some(false),
                None => {}
            }
        }
    }
    found
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, given) = (template.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count()
        && wanted.zip(given).all(|(wanted, given)| {
            wanted == given || (wanted.starts_with('{') && !given.is_empty())
        })
}

/// What is recorded of a route; of the dialect whose answers say whether they are good, both kinds.
fn golden_word(surface: &Surface, route: &Route, recorded: &[Recorded]) -> &'static str {
    let of_route = |request: &&Recorded| {
        let fits = |prefix: &&str| fits(&format!("{prefix}{}", route.path), &request.path);
        request.method == route.method.as_str() && surface.prefixes.iter().any(fits)
    };
    let own: Vec<&Recorded> = recorded.iter().filter(of_route).collect();
    let has = |success| own.iter().any(|request| request.success == Some(success));
    match (surface.slug == fincard::SURFACE.slug, own.is_empty()) {
        (_, true) => "NO GOLDEN",
        (false, false) => "golden",
        (true, false) => match (has(true), has(false)) {
            (true, true) => "golden",
            (false, _) => "NO GOOD GOLDEN",
            (true, false) => "NO BAD GOLDEN",
        },
    }
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
            let golden = golden_word(surface, route, &recorded);
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
    let [request] = &requests(golden)[..] else {
        panic!("not one request");
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("GET", "/v1/get-card/0000000000000042")
    );
    assert_eq!(request.success, None);
    assert!(fits("/v1/get-card/{token_id}", &request.path));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-card/"));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-account/1"));
    assert!(!fits("/v1/get-card/{token_id}", "/v1/get-card/1/2"));
}

#[test]
fn a_route_is_recorded_when_an_answer_was_good_and_another_was_not() {
    let route = fincard::SURFACE.routes().find(|it| it.number == Some(1));
    let route = route.unwrap();
    let one = |success: &str| {
        let path = route.path;
        format!("POST {path}\n\n{{}}\n\n--> 200\n\n{{\n  \"success\": {success}\n}}\n")
    };
    let word = |golden: &str| golden_word(&fincard::SURFACE, route, &requests(golden));
    let (good, bad) = (one("true"), one("false"));
    assert_eq!(word(""), "NO GOLDEN");
    assert_eq!(word(&good), "NO BAD GOLDEN");
    assert_eq!(word(&bad), "NO GOOD GOLDEN");
    assert_eq!(word(&(good + &bad)), "golden");
    let asked = format!(
        "POST {}\n\n{{\n  \"success\": true\n}}\n\n--> 200\n",
        route.path
    );
    assert_eq!(
        requests(&asked)[0].success,
        None,
        "it is the answer that counts"
    );
}
