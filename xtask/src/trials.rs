//! The trials of durability with as many rounds as asked for: kills under load, and power cuts.
//!
//! They are tests of the `cardwright` crate, which this program must not depend on: it hands the
//! numbers over as variables and lets cargo build and run them.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// A trial that can be asked for.
pub(crate) struct Trial {
    /// Its name on the command line.
    pub(crate) chore: &'static str,
    /// The flag that says how many rounds.
    rounds: &'static str,
    /// The tests it runs.
    tests: &'static [&'static str],
}

/// All of them.
pub(crate) const TRIALS: [Trial; 3] = [
    Trial {
        chore: "crash",
        rounds: "--kills",
        tests: &["durability::what_was_answered_survives_kills_under_load"],
    },
    Trial {
        chore: "crash-webhooks",
        rounds: "--kills",
        tests: &["durability::every_event_is_delivered_through_kills"],
    },
    Trial {
        chore: "power-loss",
        rounds: "--cycles",
        tests: &[
            "durability::what_was_answered_survives_power_cuts",
            "durability::a_store_that_does_not_wait_for_the_disk_loses_answers_to_the_same_power_cuts",
        ],
    },
];

/// What cargo is told.
#[derive(Debug, Default, PartialEq, Eq)]
struct Orders {
    variables: Vec<(&'static str, String)>,
    release: Vec<&'static str>,
}

impl Trial {
    /// Runs the trial; `None` where the arguments are wrong.
    pub(crate) fn run(&self, root: &Path, arguments: &[OsString]) -> Option<ExitCode> {
        let orders = self.read(arguments)?;
        let status = Command::new(env!("CARGO"))
            .current_dir(root)
            .args([
                "test",
                "--quiet",
                "--package",
                "cardwright",
                "--test",
                "cli",
            ])
            .args(orders.release)
            .args(["--", "--exact", "--nocapture", "--test-threads=1"])
            .args(self.tests)
            .envs(orders.variables)
            .status();
        Some(match status {
            Ok(status) if status.success() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("cargo cannot be started: {error}");
                ExitCode::FAILURE
            }
        })
    }

    fn read(&self, arguments: &[OsString]) -> Option<Orders> {
        let mut orders = Orders::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let variable = match argument.to_str()? {
                "--release" => {
                    orders.release = vec!["--release"];
                    continue;
                }
                "--clients" => "CARDWRIGHT_TRIAL_CLIENTS",
                "--seed" => "CARDWRIGHT_TRIAL_SEED",
                "--entries" => "CARDWRIGHT_TRIAL_ENTRIES",
                flag if flag == self.rounds => "CARDWRIGHT_TRIAL_ROUNDS",
                _ => return None,
            };
            let number: u32 = arguments.next()?.to_str()?.parse().ok()?;
            if number == 0 && variable != "CARDWRIGHT_TRIAL_SEED" {
                return None;
            }
            orders.variables.push((variable, number.to_string()));
        }
        Some(orders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(trial: &Trial, line: &str) -> Option<Orders> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        trial.read(&arguments)
    }

    #[test]
    fn numbers_become_variables() {
        let [crash, crash_webhooks, power_loss] = &TRIALS;
        let orders = read(
            crash,
            "--kills 40 --release --seed 7 --entries 9 --clients 2",
        )
        .unwrap();
        let expected = [
            ("CARDWRIGHT_TRIAL_ROUNDS", "40"),
            ("CARDWRIGHT_TRIAL_SEED", "7"),
            ("CARDWRIGHT_TRIAL_ENTRIES", "9"),
            ("CARDWRIGHT_TRIAL_CLIENTS", "2"),
        ];
        assert_eq!(
            orders.variables,
            expected.map(|(name, value)| (name, value.to_owned()))
        );
        assert_eq!(orders.release, ["--release"]);
        assert!(read(crash_webhooks, "--kills 40").is_some());
        assert!(read(power_loss, "--cycles 40").is_some());
        assert_eq!(read(power_loss, ""), Some(Orders::default()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "--kills",
            "--kills x",
            "--kills 0",
            "--cycles 4",
            "40",
            "--clients 0",
        ] {
            assert_eq!(read(&TRIALS[0], line), None, "{line}");
        }
    }
}
