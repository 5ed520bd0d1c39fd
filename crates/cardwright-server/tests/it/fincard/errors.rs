//! The catalogue of error codes in `docs/` is the one that code and documents read.

use std::{env, fmt::Write as _, fs};

use cardwright_server::api::fincard::SURFACE;
use cardwright_wire::fincard::errors::TABLE;

const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fincard-errors.md");

const HEAD: &str = "\
# Error codes of the FinCard Virtual API

Made from the table in `crates/cardwright-wire/src/fincard/errors/table.rs`; a test keeps it so. A code
keeps its text and its meaning for good.

A refusal is `{\"success\": false, \"code\", \"msg\", \"data\": null, \"errorCode\"}`. Programs go by
`errorCode`; `msg` is for people and may change, except where it names fields. Business errors travel
with HTTP 200 and `code` -1.

| `errorCode` | HTTP | `code` | Meaning | Given by |
|---|---|---|---|---|
";

/// Calls that are listed one by one; more are said in a word.
const LISTED_MAX: usize = 16;

/// The calls that give an error, by their numbers, or by their paths where they have none.
fn givers(text: &str) -> String {
    let all: Vec<_> = SURFACE.routes().collect();
    let gives = |route: &_| {
        let errors = SURFACE.errors_of(route);
        errors.iter().any(|error| error.text == text)
    };
    let given: Vec<_> = all.iter().copied().filter(|route| gives(route)).collect();
    if given.is_empty() {
        return "no call".to_owned();
    }
    if given.len() == all.len() {
        return "any request".to_owned();
    }
    let mut names: Vec<(u8, String)> = given
        .iter()
        .map(|route| {
            if let Some(number) = route.number {
                return (number, number.to_string());
            }
            let (_, name) = route.path.rsplit_once("/api/").unwrap();
            let name = name.trim_start_matches("v2.1/fincard/virtual/");
            (u8::MAX, format!("`{name}`"))
        })
        .collect();
    names.sort();
    names.dedup();
    if names.len() > LISTED_MAX {
        return "calls in a session".to_owned();
    }
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    names.join(", ")
}

fn catalogue() -> String {
    let mut text = HEAD.to_owned();
    for row in TABLE {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            row.text,
            row.http,
            row.number,
            row.meaning,
            givers(row.text)
        );
    }
    text
}

#[test]
fn the_catalogue_of_errors_says_what_the_table_says() {
    let right = catalogue();
    #[expect(clippy::disallowed_methods, reason = "the test's own switch")]
    let update = env::var("UPDATE_README").is_ok_and(|value| value == "1");
    if update {
        fs::write(CATALOGUE, right).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(CATALOGUE).unwrap_or_default() == right,
        "docs/fincard-errors.md is out of date; run\n\
         UPDATE_README=1 cargo test -p cardwright-server --test it catalogue"
    );
}
