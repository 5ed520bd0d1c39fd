//! Core holds rules only: it waits for nothing, asks nobody for the time, touches no file, socket
//! or environment, and knows no serialization.

use proc_macro2::{TokenStream, TokenTree};

use super::mentions;
use super::source::Source;
use super::{Repository, Violation};

const WORLDS: [&str; 4] = ["time", "fs", "net", "env"];
const CLOCKS: [&str; 2] = ["Timestamp", "Zoned"];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    let core = repository
        .sources
        .iter()
        .filter(|s| s.crate_name() == "cardwright-core");
    core.flat_map(|source| [check_paths(source), check_words(source)].concat())
        .collect()
}

fn check_paths(source: &Source) -> Vec<Violation> {
    let named = mentions::of(source);
    let broken = named.iter().filter_map(|mention| {
        let segments: Vec<&str> = mention.segments.iter().map(String::as_str).collect();
        let asks_clock = segments
            .windows(2)
            .any(|pair| CLOCKS.contains(&pair[0]) && pair[1] == "now");
        let instead = match segments.as_slice() {
            ["std", "time", ..] => "take a jiff type as an argument",
            ["std", world, ..] if WORLDS.contains(world) => "do I/O in the server and pass values",
            _ if asks_clock => "take the time as an argument",
            _ => return None,
        };
        let advice = format!("core must not name {}: {instead}", segments.join("::"));
        Some(Violation::new(
            &source.path,
            mention.line,
            "pure-core",
            advice,
        ))
    });
    broken.collect()
}

fn check_words(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    collect_words(source.tokens.clone(), &mut found);
    let violations = found.into_iter().map(|(line, instead)| {
        Violation::new(
            &source.path,
            line,
            "pure-core",
            format!("core must not {instead}"),
        )
    });
    violations.collect()
}

fn collect_words(tokens: TokenStream, found: &mut Vec<(usize, &'static str)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_words(group.stream(), found),
            TokenTree::Ident(word) => {
                let instead = match word.to_string().as_str() {
                    "async" => "wait: decide from values, and let ops await around it",
                    "serde" | "serde_json" => "serialize: give the shape its own type in wire",
                    _ => continue,
                };
                found.push((word.span().start().line, instead));
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    const CORE: &str = "crates/cardwright-core/src/card.rs";

    #[test]
    fn core_refuses_every_outside_world() {
        let cases = [
            "use std::time::Duration;",
            "use std::{fmt, fs};",
            "fn a() -> std::net::IpAddr { b() }",
            "fn a() { let _ = format!(\"{:?}\", std::env::args()); }",
            "async fn a() {}",
            "use serde::Serialize;",
            "#[serde(transparent)] struct A;",
            "fn a() { jiff::Timestamp::now(); }",
            "use jiff::Zoned as Z; fn a() { Z::now(); }",
        ];
        for code in cases {
            let found = said(check, &[(CORE, &format!("//! A.\n{code}\n"))]);
            assert_eq!(found, [format!("{CORE}:2: pure-core")], "{code}");
        }
    }

    #[test]
    fn core_takes_values_and_others_may_ask_the_world() {
        let pure = "//! Knows no serde.\nuse std::fmt;\nuse jiff::Timestamp;\n\
                    /// Not `Timestamp::now`.\nfn a(now: Timestamp) -> &'static str { \"async\" }\n";
        assert!(said(check, &[(CORE, pure)]).is_empty());
        let server = "//! S.\nasync fn a() { std::fs::read(\"b\").ok(); }\n";
        assert!(said(check, &[("crates/cardwright-server/src/config.rs", server)]).is_empty());
    }
}
