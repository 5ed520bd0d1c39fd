//! Which area inside a crate may name which: left may name right, never back, and dialects never
//! meet.
//!
//! Tests obey too; what a test needs from two areas belongs into the crate's test harness.

use super::mentions::{self, Mention};
use super::source::Source;
use super::{Repository, Violation};

/// The doors of the server, each with its own callers, contract and pace of change.
const DIALECTS: [&str; 5] = ["finci", "fincard", "network", "admin", "sandbox"];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    repository.sources.iter().flat_map(check_source).collect()
}

fn check_source(source: &Source) -> Vec<Violation> {
    let module = source.module();
    let place: Vec<&str> = module.iter().map(String::as_str).collect();
    let forbidden = forbidden_to(source.crate_name(), &place);
    let named = mentions::of(source);
    let broken = forbidden.iter().flat_map(|(target, instead)| {
        let prefix = [&["crate"], target.as_slice()].concat();
        let hits: Vec<Mention> = named
            .iter()
            .filter(|mention| mention.starts_with(&prefix))
            .cloned()
            .collect();
        hits.into_iter().map(move |hit| {
            let advice = format!("must not name {}; {instead}", hit.segments.join("::"));
            Violation::new(&source.path, hit.line, "area-arrow", advice)
        })
    });
    broken.collect()
}

type Forbidden = (Vec<&'static str>, &'static str);

/// The areas a module must not name.
fn forbidden_to(crate_name: &str, module: &[&str]) -> Vec<Forbidden> {
    match (crate_name, module) {
        ("cardwright-wire", ["finci", ..]) => vec![(vec!["fincard"], SHARED_SHAPE)],
        ("cardwright-wire", ["fincard", ..]) => vec![(vec!["finci"], SHARED_SHAPE)],
        ("cardwright-server", ["store", ..]) => to_all(&["ops", "api", "jobs", "console"], UPWARDS),
        ("cardwright-server", ["webhooks", ..]) => {
            to_all(&["ops", "api", "jobs", "console"], UPWARDS)
        }
        ("cardwright-server", ["ops", ..]) => to_all(&["api", "jobs", "console"], UPWARDS),
        ("cardwright-server", ["jobs", ..]) => to_all(&["api", "console"], UPWARDS),
        ("cardwright-server", ["console", ..]) => to_all(&["api", "jobs"], SIDEWAYS),
        ("cardwright-server", ["api", dialect, ..]) if DIALECTS.contains(dialect) => {
            let mut forbidden = to_all(&["jobs", "console"], SIDEWAYS);
            let others = DIALECTS.iter().filter(|other| *other != dialect);
            forbidden.extend(others.map(|other| (vec!["api", *other], SHARED_VERB)));
            forbidden
        }
        _ => Vec::new(),
    }
}

const SHARED_SHAPE: &str = "what both contracts need goes beside them in wire, or down into core";
const SHARED_VERB: &str = "what two dialects need goes down into ops or core";
const UPWARDS: &str = "take what you need as an argument, or move this to its caller";
const SIDEWAYS: &str = "use ops for writes and store for reads";

fn to_all(areas: &[&'static str], instead: &'static str) -> Vec<Forbidden> {
    areas.iter().map(|area| (vec![*area], instead)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    fn said_of(path: &str, code: &str) -> Vec<String> {
        said(check, &[(path, &format!("//! A.\n{code}\n"))])
    }

    #[test]
    fn nothing_is_named_against_the_arrows() {
        let server = "crates/cardwright-server/src";
        let cases = [
            ("api/finci/cards.rs", "use crate::api::fincard::Reply;"),
            ("api/finci/mod.rs", "fn a() { super::network::b(); }"),
            ("api/admin.rs", "use crate::{api::{sandbox}, ops};"),
            ("api/fincard/cards.rs", "use crate::jobs::Queue;"),
            (
                "store/cards.rs",
                "fn a() { assert!(crate::ops::cards::b()); }",
            ),
            (
                "store/cards.rs",
                "#[cfg(test)] mod tests { use crate::api; }",
            ),
            ("ops/cards.rs", "use super::super::api::Reply;"),
            ("jobs/deliver.rs", "use crate::console::page;"),
            ("console/page.rs", "use crate::api::finci::Signed;"),
        ];
        for (file, code) in cases {
            let path = format!("{server}/{file}");
            assert_eq!(
                said_of(&path, code),
                [format!("{path}:2: area-arrow")],
                "{file}: {code}"
            );
        }
        let path = "crates/cardwright-wire/src/finci/cards.rs";
        assert_eq!(
            said_of(path, "use crate::fincard::Code;"),
            [format!("{path}:2: area-arrow")]
        );
        let path = "crates/cardwright-wire/src/fincard.rs";
        assert_eq!(
            said_of(path, "use super::finci::Code;"),
            [format!("{path}:2: area-arrow")]
        );
    }

    #[test]
    fn the_arrows_themselves_are_free() {
        let server = "crates/cardwright-server/src";
        let cases = [
            (
                "api/finci/cards.rs",
                "use crate::{api::finci::Signed, api::reply, ops, store};",
            ),
            (
                "api/finci/cards.rs",
                "use cardwright_wire::fincard; use super::fincard_like;",
            ),
            (
                "api/mod.rs",
                "use crate::api::{finci, fincard}; use crate::jobs;",
            ),
            (
                "ops/cards.rs",
                "use crate::store::cards; use super::accounts;",
            ),
            ("jobs/deliver.rs", "use crate::{ops, store};"),
            ("console/page.rs", "use crate::{ops, store};"),
            (
                "store/cards.rs",
                "use super::db::Row; /// See [`crate::ops`].\nfn a() {}",
            ),
        ];
        for (file, code) in cases {
            let said = said_of(&format!("{server}/{file}"), code);
            assert!(said.is_empty(), "{file}: {code}: {said:?}");
        }
    }
}
