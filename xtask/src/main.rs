//! Chores of the repository, run as `cargo xtask <chore>`.
//!
//! `tidy` keeps the rules of the architecture that neither the compiler nor clippy knows. `crash`,
//! `crash-webhooks` and `power-loss` try whether what was answered survives. They are programs so
//! that nobody has to remember them in review.

mod tidy;
mod trials;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use trials::TRIALS;

const USAGE: &str = "usage: cargo xtask tidy [ROOT]
       cargo xtask crash [--kills N] [--clients N] [--seed N] [--entries N] [--release]
       cargo xtask crash-webhooks [--kills N] [--clients N] [--seed N] [--entries N] [--release]
       cargo xtask power-loss [--cycles N] [--clients N] [--seed N] [--entries N] [--release]

  tidy        check crate arrows, layers, sizes, names and texts of the repository at ROOT
              (this repository when left out); exit 1 and list every violation if there are any
  crash       kill a server under load N times, and look for what it had answered
  crash-webhooks
              the same, and every event must have reached who listens
  power-loss  the same, and each time take back what the disk had not promised to keep; a server
              that does not wait for the disk must lose answers to it

  --entries   how many entries the ledger has before, of other cards; none if left out";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    let done = match TRIALS.iter().find(|trial| chore == trial.chore) {
        Some(trial) => trial.run(&repository_root(), &rest),
        None if chore == "tidy" && rest.len() < 2 => {
            let root = rest.first().map_or_else(repository_root, PathBuf::from);
            Some(tidy_up(&root))
        }
        None => None,
    };
    done.unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
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
