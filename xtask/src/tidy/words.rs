//! Texts name nothing outside the project and leave no work lying about.
//!
//! A path on somebody's machine means nothing to anybody else, and a mark of unfinished work is an
//! issue that nobody will find. The patterns are put together here so that this file keeps the
//! rule it checks.

use super::{Repository, Violation};

/// Beginnings of paths that exist on one machine only.
const FOREIGN_ROOTS: [&[&str]; 4] = [
    &["/ho", "me/"],
    &["/ro", "ot/"],
    &["/wo", "rk/"],
    &["/tmp/", "wt"],
];
const MARKS: [&[&str]; 3] = [&["TO", "DO"], &["FIX", "ME"], &["HA", "CK"]];

pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    let roots = FOREIGN_ROOTS.map(<[&str]>::concat);
    let marks = MARKS.map(<[&str]>::concat);
    let mut violations = Vec::new();
    for (path, text) in &repository.texts {
        for (content, line) in text.lines().zip(1..) {
            let mut found = |rule, advice: String| {
                violations.push(Violation::new(path, line, rule, advice));
            };
            if let Some(root) = roots.iter().find(|root| names_path(content, root)) {
                found(
                    "foreign-path",
                    format!("name a path inside the project, not {root}…"),
                );
            }
            if let Some(mark) = marks.iter().find(|mark| names_word(content, mark)) {
                found(
                    "unfinished",
                    format!("finish it or open an issue, and remove {mark}"),
                );
            }
        }
    }
    violations
}

/// Whether a line names a path below a root. What follows a letter is part of another path.
fn names_path(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, _)| {
        let is_inside = |c: char| c.is_alphanumeric() || "._-/~}>)]".contains(c);
        !line[..at].ends_with(is_inside)
    })
}

fn names_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        !line[..at].ends_with(is_letter) && !line[at + word.len()..].starts_with(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    #[test]
    fn a_path_on_somebodys_machine_is_refused_in_every_text() {
        for root in FOREIGN_ROOTS {
            let root = root.concat();
            for path in ["README.md", ".ci/run", "deny.toml", "crates/a/src/lib.rs"] {
                let text = format!("//! A\n// see `{root}x`\n");
                assert_eq!(
                    said(check, &[(path, &text)]),
                    [format!("{path}:2: foreign-path")]
                );
            }
        }
    }

    #[test]
    fn a_mark_of_unfinished_work_is_refused() {
        for mark in MARKS {
            let text = format!("fine\n# {}: later\n", mark.concat());
            assert_eq!(said(check, &[("a.sh", &text)]), ["a.sh:2: unfinished"]);
        }
    }

    #[test]
    fn paths_of_urls_and_words_inside_words_are_free() {
        let (root, mark) = (FOREIGN_ROOTS[0].concat(), MARKS[0].concat());
        let text = format!("https://example.com{root}a and $HOME/{root} and {mark}S and /tmp/a\n");
        assert!(said(check, &[("README.md", &text)]).is_empty());
    }
}
