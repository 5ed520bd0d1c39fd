//! How long things may grow before a reader loses the thread, and how a file begins.

use super::functions;
use super::source::Source;
use super::{Repository, Violation};

const FUNCTION_LINES_MAX: usize = 70;
const ARGUMENTS_MAX: usize = 5;
/// For the code of a file and, counted apart, for its tests.
const FILE_LINES_MAX: usize = 500;

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    let check_source = |source| [check_functions(source), check_file(source)].concat();
    repository.sources.iter().flat_map(check_source).collect()
}

fn check_functions(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    for function in functions::of(source) {
        let mut found = |rule, advice| {
            violations.push(Violation::new(&source.path, function.line, rule, advice));
        };
        let (name, lines, arguments) =
            (&function.name, function.line_count, function.argument_count);
        if lines > FUNCTION_LINES_MAX {
            let advice = format!("{name} has {lines} lines: split it below {FUNCTION_LINES_MAX}");
            found("function-length", advice);
        }
        if arguments > ARGUMENTS_MAX && !function.is_dictated {
            let advice = format!(
                "{name} takes {arguments} arguments: name a type that holds them, at most \
                 {ARGUMENTS_MAX} remain"
            );
            found("argument-count", advice);
        }
    }
    violations
}

fn check_file(source: &Source) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !source.text.starts_with("//!") {
        let advice = "begin with `//!`: what lives here and which law it keeps";
        violations.push(Violation::new(&source.path, 1, "file-opening", advice));
    }
    let (tests, code): (Vec<usize>, Vec<usize>) = source
        .code_lines()
        .into_iter()
        .partition(|line| source.is_test_line(*line));
    for (what, lines) in [("code", code), ("tests", tests)] {
        if let Some(first_too_many) = lines.get(FILE_LINES_MAX) {
            let count = lines.len();
            let advice = format!(
                "{count} lines of {what}: move a noun to a file of its own, at most \
                 {FILE_LINES_MAX} remain"
            );
            violations.push(Violation::new(
                &source.path,
                *first_too_many,
                "file-length",
                advice,
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    const FILE: &str = "crates/a/src/lib.rs";

    fn said_of(text: &str) -> Vec<String> {
        said(check, &[(FILE, text)])
    }

    fn function_of(line_count: usize) -> String {
        format!(
            "//! A.\n/// Doc.\nfn a() {{\n{}}}\n",
            "    b();\n".repeat(line_count - 2)
        )
    }

    #[test]
    fn a_function_ends_within_seventy_lines_in_tests_too() {
        assert!(said_of(&function_of(70)).is_empty());
        assert_eq!(
            said_of(&function_of(71)),
            ["crates/a/src/lib.rs:3: function-length"]
        );
        let test = function_of(71).replace("fn a", "#[test] fn a");
        assert_eq!(said_of(&test), ["crates/a/src/lib.rs:3: function-length"]);
    }

    #[test]
    fn a_function_takes_five_arguments_and_self() {
        let method =
            |arguments: &str| format!("//! A.\nimpl A {{\n    fn b(&self, {arguments}) {{}}\n}}\n");
        assert!(said_of(&method("a: A, b: B, c: C, d: D, e: E")).is_empty());
        let many = method("a: A, b: B, c: C, d: D, e: E, f: F");
        assert_eq!(said_of(&many), ["crates/a/src/lib.rs:3: argument-count"]);
        assert!(
            said_of(&many.replace("impl A", "impl B for A")).is_empty(),
            "the trait chose"
        );
    }

    #[test]
    fn a_file_holds_five_hundred_lines_of_code_and_as_many_of_tests() {
        let file = |code: usize, tests: usize| {
            let (code, tests) = (
                "// why\n\nconst A: u8 = 1;\n".repeat(code),
                "    \
                                 const B: u8 = 1;\n"
                    .repeat(tests),
            );
            format!("//! A.\n{code}#[cfg(test)]\nmod tests {{\n{tests}}}\n")
        };
        assert!(said_of(&file(500, 497)).is_empty());
        assert_eq!(
            said_of(&file(501, 1)),
            ["crates/a/src/lib.rs:1504: file-length"]
        );
        assert_eq!(
            said_of(&file(1, 498)),
            ["crates/a/src/lib.rs:505: file-length"]
        );
    }

    #[test]
    fn a_file_begins_by_saying_what_lives_in_it() {
        assert!(said_of("//! A.\n").is_empty());
        for text in ["", "use a::b;\n", "// A.\n//! B.\n"] {
            assert_eq!(
                said_of(text),
                ["crates/a/src/lib.rs:1: file-opening"],
                "{text}"
            );
        }
    }
}
