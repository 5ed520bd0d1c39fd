//! The rules of the architecture, each family in its own file, over one reading of the repository.
//!
//! A rule is a function from the [`Repository`] to the violations it finds. It never reads the
//! disk: its tests hand it a repository of a few lines that exists only in memory.

mod areas;
mod arrows;
mod functions;
mod layers;
mod mentions;
mod names;
mod purity;
mod reasons;
mod repository;
mod sizes;
mod source;
mod table;
mod words;

pub(crate) use repository::Repository;

use std::fmt;

/// One place that breaks one rule, with what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    rule: &'static str,
    advice: String,
}

impl Violation {
    fn new(path: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.path, self.line, self.rule, self.advice
        )
    }
}

/// Every violation of every rule, in the order of the files.
pub(crate) fn check(repository: &Repository) -> Vec<Violation> {
    let families = [
        repository::check,
        arrows::check,
        areas::check,
        layers::check,
        purity::check,
        sizes::check,
        names::check,
        reasons::check,
        words::check,
    ];
    let mut violations: Vec<_> = families
        .iter()
        .flat_map(|family| family(repository))
        .collect();
    violations.sort();
    violations.dedup();
    violations
}

/// What a rule says about a repository made of these files, as `path:line: rule` without advice.
#[cfg(test)]
fn said(rule: fn(&Repository) -> Vec<Violation>, files: &[(&str, &str)]) -> Vec<String> {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    rule(&Repository::of(files))
        .iter()
        .map(|found| format!("{}:{}: {}", found.path, found.line, found.rule))
        .collect()
}
