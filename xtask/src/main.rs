//! Chores of the repository, run as `cargo xtask <chore>`.
//!
//! One chore so far: `tidy`, which keeps the rules of the architecture that neither the compiler
//! nor clippy knows. It is a program so that nobody has to remember them in review.

mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy [ROOT]

  tidy   check crate arrows, layers, sizes, names and texts of the repository at ROOT
         (this repository when left out); exit 1 and list every violation if there are any";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let chore = arguments.next();
    let root = arguments.next().map_or_else(repository_root, PathBuf::from);
    if chore.is_none_or(|name| name != "tidy") || arguments.next().is_some() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    tidy_up(&root)
}

/// The folder above this crate.
fn repository_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

fn tidy_up(root: &Path) -> ExitCode {
    let repository = match tidy::Repository::load(root) {
        Ok(repository) => repository,
        Err(error) => {
            eprintln!("cannot read {}: {error}", root.display());
            return ExitCode::FAILURE;
        }
    };
    let violations = tidy::check(&repository);
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!(
            "tidy: {} files checked, nothing to correct",
            repository.file_count()
        );
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "tidy: {} to correct in {} files",
        violations.len(),
        repository.file_count()
    );
    ExitCode::FAILURE
}
