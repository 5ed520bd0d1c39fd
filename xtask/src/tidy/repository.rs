//! The repository as the rules see it: sources parsed, manifests read as tables, texts as they are.

use std::io;
use std::path::Path;

use super::Violation;
use super::source::Source;
use super::table::Manifest;

/// Folders that hold what programs made, not what people wrote. Build folders mark themselves.
const NOT_OURS: [&str; 3] = [".git", ".venv", "cardwright-data"];
/// The file by which a folder says that it is a cache; cargo puts it into every build folder.
const CACHE_MARK: &str = "CACHEDIR.TAG";
/// Endings of the texts people write; golden files and images are none of a rule's business.
const TEXT_ENDINGS: [&str; 6] = ["md", "rs", "sh", "toml", "yml", "yaml"];
/// Texts without an ending.
const TEXTS_BY_PATH: [&str; 1] = [".ci/run"];

/// All files the rules look at, read once.
pub(crate) struct Repository {
    /// Rust files under `crates/` and `xtask/`.
    pub(super) sources: Vec<Source>,
    /// Every `Cargo.toml`.
    pub(super) manifests: Vec<Manifest>,
    /// Every text people write, sources and manifests included, as path and content.
    pub(super) texts: Vec<(String, String)>,
    unreadable: Vec<Violation>,
}

impl Repository {
    /// Reads the repository below a folder.
    pub(crate) fn load(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        files.sort();
        Ok(Self::of(files))
    }

    /// A repository of these files: path relative to the root, and content.
    pub(super) fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut repository = Self {
            sources: vec![],
            manifests: vec![],
            texts: vec![],
            unreadable: vec![],
        };
        for (path, text) in files {
            repository.add(&path, &text);
            repository.texts.push((path, text));
        }
        repository.spread_test_modules();
        repository
    }

    pub(crate) fn file_count(&self) -> usize {
        self.texts.len()
    }

    fn add(&mut self, path: &str, text: &str) {
        if path.ends_with("Cargo.toml") {
            self.manifests.push(Manifest::read(path, text));
        } else if has_ending(path, "rs") && !path.starts_with("fuzz/") {
            match Source::read(path, text) {
                Ok(source) => self.sources.push(source),
                Err(violation) => self.unreadable.push(violation),
            }
        }
    }

    /// A file is test code also where only its declaration in another file says so.
    fn spread_test_modules(&mut self) {
        let folders: Vec<String> = self
            .sources
            .iter()
            .flat_map(Source::declared_test_modules)
            .collect();
        for source in &mut self.sources {
            let module = source.path.trim_end_matches(".rs");
            if folders
                .iter()
                .any(|f| module == f || module.starts_with(&format!("{f}/")))
            {
                source.is_test = true;
            }
        }
    }
}

/// A source the parser refuses cannot be judged, so it is a violation itself.
pub(super) fn check(repository: &Repository) -> Vec<Violation> {
    repository.unreadable.clone()
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if NOT_OURS.contains(&name.as_str()) || entry.path().join(CACHE_MARK).exists() {
                continue;
            }
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() && is_text(&path) {
            files.push((path, std::fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

fn is_text(path: &str) -> bool {
    TEXTS_BY_PATH.contains(&path) || TEXT_ENDINGS.iter().any(|ending| has_ending(path, ending))
}

fn has_ending(path: &str, ending: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, found)| found == ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said;

    #[test]
    fn a_source_that_does_not_parse_is_reported_with_its_line() {
        let broken = [("crates/a/src/lib.rs", "//! A.\nfn broken( {}\n")];
        assert_eq!(said(check, &broken), ["crates/a/src/lib.rs:2: parse"]);
        assert!(said(check, &[("crates/a/src/lib.rs", "//! A.\nfn whole() {}\n")]).is_empty());
    }

    #[test]
    fn a_module_declared_for_tests_makes_its_files_test_code() {
        let files = [
            (
                "crates/a/src/lib.rs",
                "//! A.\n#[cfg(test)]\npub mod testing;\npub mod cards;\n",
            ),
            ("crates/a/src/testing.rs", "//! T.\n"),
            ("crates/a/src/testing/app.rs", "//! T.\n"),
            ("crates/a/src/cards.rs", "//! C.\n#[cfg(test)]\nmod law;\n"),
            ("crates/a/src/cards/law.rs", "//! L.\n"),
        ];
        let owned = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let repository = Repository::of(owned);
        let tests: Vec<_> = repository
            .sources
            .iter()
            .map(|source| source.is_test)
            .collect();
        assert_eq!(tests, [false, true, true, false, true]);
    }

    #[test]
    fn only_texts_that_people_write_are_read() {
        assert!(is_text("docs/a.md") && is_text(".ci/run") && is_text("crates/a/src/lib.rs"));
        assert!(!is_text("LICENSE") && !is_text("goldens/a.json") && !is_text("Cargo.lock"));
    }
}
