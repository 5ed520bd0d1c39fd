//! Where each outside world is spoken to: SQL in the store, its driver in `store/db`, HTTP in the
//! server's `api`, `console` and `webhooks` and in the client.

use proc_macro2::{Literal, TokenStream, TokenTree};

use super::mentions;
use super::source::Source;
use super::{Repository, Violation};

const DRIVERS: [&str; 3] = ["rusqlite", "tokio_postgres", "libsqlite3_sys"];
const HTTP_SERVERS: [&str; 5] = ["axum", "hyper", "hyper_util", "http", "http_body_util"];
const HTTP_CLIENT: &str = "reqwest";
const SQL_VERBS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    let sources = repository
        .sources
        .iter()
        .filter(|source| source.path.starts_with("crates/"));
    sources
        .flat_map(|source| [check_names(source), check_sql(source)].concat())
        .collect()
}

fn check_names(source: &Source) -> Vec<Violation> {
    let module = source.module();
    let place: Vec<&str> = module.iter().map(String::as_str).collect();
    let crate_name = source.crate_name();
    let is_server = crate_name == "cardwright-server";
    let is_driver_place = is_server && place.starts_with(&["store", "db"]);
    let is_http_place = crate_name == "cardwright-client"
        || (is_server && matches!(place.first(), Some(&"api" | &"console" | &"webhooks")));
    let named = mentions::of(source);
    let broken = named.iter().filter_map(|mention| {
        let name = mention.segments.first()?.as_str();
        let found = |rule, instead: &str| {
            Some(Violation::new(
                &source.path,
                mention.line,
                rule,
                format!("{name}: {instead}"),
            ))
        };
        if DRIVERS.contains(&name) && !is_driver_place {
            return found("driver-in-db", "name a database driver only under store/db");
        }
        // Tests call the router from outside, as a network would.
        if source.is_test_line(mention.line) {
            return None;
        }
        if HTTP_SERVERS.contains(&name) && !is_http_place {
            return found(
                "http-at-the-edge",
                "translate HTTP under api/, console/ or webhooks/, not here",
            );
        }
        if name == HTTP_CLIENT && crate_name != "cardwright-client" {
            return found("http-at-the-edge", "make requests through the client crate");
        }
        None
    });
    broken.collect()
}

fn check_sql(source: &Source) -> Vec<Violation> {
    let is_store = source.crate_name() == "cardwright-server"
        && source.module().first().is_some_and(|area| area == "store");
    let mut lines = Vec::new();
    if !is_store {
        collect_sql(source.tokens.clone(), &mut lines);
    }
    lines.retain(|line| !source.is_test_line(*line));
    let advice = "write a store function and call it; SQL stands under store/ only";
    lines
        .iter()
        .map(|line| Violation::new(&source.path, *line, "sql-in-store", advice))
        .collect()
}

/// Lines of the string literals that are SQL, those in macros included.
fn collect_sql(tokens: TokenStream, lines: &mut Vec<usize>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_sql(group.stream(), lines),
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                lines.extend(is_sql(&text_of(literal)).then_some(line));
            }
            _ => {}
        }
    }
}

/// What a string literal says; nothing for other literals.
fn text_of(literal: Literal) -> String {
    match syn::Lit::new(literal) {
        syn::Lit::Str(text) => text.value(),
        syn::Lit::ByteStr(bytes) => String::from_utf8_lossy(&bytes.value()).into_owned(),
        _ => String::new(),
    }
}

/// Whether a text begins with an SQL verb in capitals. In small letters these words begin English
/// sentences.
fn is_sql(text: &str) -> bool {
    let begins_with = |verb: &&str| {
        text.trim_start()
            .strip_prefix(verb)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    };
    SQL_VERBS.iter().any(begins_with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    fn said_of(path: &str, code: &str) -> Vec<String> {
        said(check, &[(path, &format!("//! A.\n{code}\n"))])
    }

    #[test]
    fn sql_outside_the_store_is_found_wherever_it_hides() {
        let path = "crates/cardwright-server/src/ops/cards.rs";
        let cases = [
            "const A: &str = \"SELECT id FROM card\";",
            "fn a() { run(r#\"DELETE FROM card\"#); }",
            "fn a() { format!(\"UPDATE {} SET a = 1\", 1); }",
            "const A: &str = \"\\n    INSERT INTO card\";",
            "const A: &str = \"CREATE\\nTABLE a\";",
            "const A: &[u8] = b\"SELECT 1\";",
        ];
        for code in cases {
            assert_eq!(
                said_of(path, code),
                [format!("{path}:2: sql-in-store")],
                "{code}"
            );
        }
    }

    #[test]
    fn sql_in_the_store_and_in_tests_and_english_are_free() {
        let sql = "const A: &str = \"SELECT id FROM card\";";
        assert!(said_of("crates/cardwright-server/src/store/cards.rs", sql).is_empty());
        assert!(said_of("crates/cardwright-server/src/ops/tests.rs", sql).is_empty());
        let test = format!("#[cfg(test)]\nmod tests {{ {sql} }}");
        assert!(said_of("crates/cardwright-server/src/ops/cards.rs", &test).is_empty());
        let english = "const A: [&str; 3] = [\"select a card\", \"CREATED at\", \"UPDATE\"];";
        assert!(said_of("crates/cardwright/src/main.rs", english).is_empty());
        let documented = "/// Runs SELECT id FROM card.\nfn a() {}";
        assert!(said_of("crates/cardwright/src/main.rs", documented).is_empty());
    }

    #[test]
    fn a_driver_is_named_under_store_db_only_in_tests_too() {
        let code = "#[cfg(test)] mod tests { use rusqlite::Connection; }";
        let path = "crates/cardwright-server/src/store/cards.rs";
        assert_eq!(said_of(path, code), [format!("{path}:2: driver-in-db")]);
        assert!(said_of("crates/cardwright-server/src/store/db/sqlite.rs", code).is_empty());
        let path = "crates/cardwright/src/main.rs";
        let code = "fn a() -> tokio_postgres::Client { b() }";
        assert_eq!(said_of(path, code), [format!("{path}:2: driver-in-db")]);
    }

    #[test]
    fn http_is_named_at_the_edges_only() {
        let code = "use axum::Json;\nfn a() -> http::StatusCode { b() }";
        let path = "crates/cardwright-server/src/ops/cards.rs";
        let expected = [2, 3].map(|line| format!("{path}:{line}: http-at-the-edge"));
        assert_eq!(said_of(path, code), expected);
        let path = "crates/cardwright-server/src/jobs/deliver.rs";
        assert_eq!(
            said_of(path, "use reqwest::Client;"),
            [format!("{path}:2: http-at-the-edge")]
        );
        for path in [
            "crates/cardwright-server/src/api/mod.rs",
            "crates/cardwright-server/src/console/page.rs",
            "crates/cardwright-server/tests/router.rs",
            "crates/cardwright-client/src/lib.rs",
        ] {
            assert!(said_of(path, code).is_empty(), "{path}");
        }
        assert!(
            said_of(
                "crates/cardwright-client/src/lib.rs",
                "use reqwest::Client;"
            )
            .is_empty()
        );
        let own = "use crate::http::Limits;\nfn a(http: u8) -> u8 { http }";
        assert!(said_of("crates/cardwright-server/src/config.rs", own).is_empty());
    }
}
