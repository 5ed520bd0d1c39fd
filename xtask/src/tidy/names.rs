//! Names that say nothing, and calls that say `true`.
//!
//! A name that ends in one of these words could stand on any code; the word that belongs there is
//! the noun the code is about. A test's name is a sentence and may end as sentences do.

use syn::visit::{self, Visit};

use super::functions::{self, Function};
use super::source::Source;
use super::{Repository, Violation};

const EMPTY_WORDS: [&str; 9] = [
    "manager",
    "managers",
    "helper",
    "helpers",
    "util",
    "utils",
    "data",
    "process",
    "utilities",
];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    repository.sources.iter().flat_map(check_source).collect()
}

fn check_source(source: &Source) -> Vec<Violation> {
    let functions = functions::of(source);
    let mut items = Items::default();
    items.visit_file(&source.syntax);
    items.add(&functions);
    let mut violations: Vec<Violation> = items
        .names
        .iter()
        .filter(|(name, _)| is_empty(name))
        .map(|(name, line)| empty_name(source, name, *line))
        .collect();
    let parts = source.path.trim_end_matches(".rs").split('/');
    violations.extend(
        parts
            .filter(|part| is_empty(part))
            .map(|part| empty_name(source, part, 1)),
    );
    violations.extend(
        functions
            .iter()
            .flat_map(|function| check_booleans(source, function)),
    );
    violations
}

fn empty_name(source: &Source, name: &str, line: usize) -> Violation {
    let advice = format!("`{name}` ends in a word that says nothing: name what it is about");
    Violation::new(&source.path, line, "empty-name", advice)
}

fn check_booleans(source: &Source, function: &Function) -> Vec<Violation> {
    if !function.is_public || function.is_dictated {
        return Vec::new();
    }
    let booleans = function.boolean_arguments.iter().map(|argument| {
        let advice = format!(
            "`{argument}` of `{}` is a bool: name an enum, so that the call can be read",
            function.name
        );
        Violation::new(&source.path, function.line, "boolean-argument", advice)
    });
    booleans.collect()
}

/// Names of modules and types, then of functions, with their lines.
#[derive(Default)]
struct Items {
    names: Vec<(String, usize)>,
}

impl Items {
    fn keep(&mut self, name: &syn::Ident) {
        self.names
            .push((name.to_string(), name.span().start().line));
    }

    fn add(&mut self, functions: &[Function]) {
        let chosen = functions
            .iter()
            .filter(|function| !function.is_dictated && !function.is_test);
        self.names
            .extend(chosen.map(|function| (function.name.clone(), function.line)));
    }
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(item) => self.keep(&item.ident),
            syn::Item::Struct(item) => self.keep(&item.ident),
            syn::Item::Enum(item) => self.keep(&item.ident),
            syn::Item::Union(item) => self.keep(&item.ident),
            syn::Item::Trait(item) => self.keep(&item.ident),
            syn::Item::Type(item) => self.keep(&item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

/// Whether a name in either case is, or ends in, a word that says nothing.
fn is_empty(name: &str) -> bool {
    let last = last_word(name).to_lowercase();
    EMPTY_WORDS.contains(&last.as_str())
}

fn last_word(name: &str) -> &str {
    let is_break = |(at, letter): &(usize, char)| {
        let behind = &name[at + letter.len_utf8()..];
        matches!(letter, '_' | '-')
            || (letter.is_uppercase() && behind.starts_with(char::is_lowercase))
    };
    let start = name
        .char_indices()
        .rev()
        .find(is_break)
        .map_or(0, |(at, _)| at);
    name[start..].trim_start_matches(['_', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    const FILE: &str = "crates/a/src/lib.rs";

    fn said_of(code: &str) -> Vec<String> {
        said(check, &[(FILE, &format!("//! A.\n{code}\n"))])
    }

    #[test]
    fn a_name_that_could_stand_on_anything_is_refused() {
        let cases = [
            "mod utils {}",
            "mod card_helper;",
            "struct CardManager;",
            "enum Data {}",
            "type RawData = u8;",
            "trait HTTPUtil {}",
            "fn process() {}",
            "impl A { fn card_data(&self) {} }",
        ];
        for code in cases {
            assert_eq!(
                said_of(code),
                ["crates/a/src/lib.rs:2: empty-name"],
                "{code}"
            );
        }
        let file = "crates/a/src/util/text.rs";
        assert_eq!(
            said(check, &[(file, "//! A.\n")]),
            ["crates/a/src/util/text.rs:1: empty-name"]
        );
    }

    #[test]
    fn a_name_that_only_contains_such_a_word_is_free() {
        let cases = [
            "mod processor {}",
            "struct DataKey;",
            "struct Metadata;",
            "fn data_key() {}",
            "#[test]\nfn a_closed_card_keeps_its_data() {}",
            "impl Visitor for A { fn data(&self) {} }",
            "struct A { data: u8 }",
        ];
        for code in cases {
            assert!(said_of(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_public_function_takes_no_boolean() {
        let cases = [
            "pub fn a(is_b: bool) {}",
            "pub(crate) fn a(b: u8, c: &bool) {}",
            "impl A { pub fn b(&self, c: bool) {} }",
            "pub trait A { fn b(&self, c: bool); }",
        ];
        for code in cases {
            assert_eq!(
                said_of(code),
                ["crates/a/src/lib.rs:2: boolean-argument"],
                "{code}"
            );
        }
        let free = [
            "fn a(is_b: bool) {}",
            "pub fn a(is_b: Option<bool>) -> bool { true }",
            "impl From<bool> for A { fn from(b: bool) -> A { A } }",
        ];
        for code in free {
            assert!(said_of(code).is_empty(), "{code}");
        }
    }
}
