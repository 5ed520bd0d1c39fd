//! How a command ends: the exit codes and the one place that prints errors.

use std::process::ExitCode;

use cardwright_server::config::Fault;
use cardwright_server::logging;

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments, or a file of the caller's that they name, cannot be used; the text names
    /// which. Exit code 2.
    Usage(String),
    /// The work itself failed, also because its data directory or its address cannot be used. Exit
    /// code 1.
    Failed(String),
    /// The server said no; its answer is printed already. Exit code 1.
    Refused,
    /// Whoever read our output has enough of it. Not worth a word; exit code 1.
    Unread,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        Failure::Failed(fault.to_string())
    }
}

/// Prints an error, if there is one to print, after the log, and gives the code to exit with.
pub(crate) fn exit_code(outcome: Result<(), Failure>) -> ExitCode {
    let (text, code) = match outcome {
        Ok(()) => (None, ExitCode::SUCCESS),
        Err(Failure::Usage(text)) => (Some(text), ExitCode::from(2)),
        Err(Failure::Failed(text)) => (Some(text), ExitCode::FAILURE),
        Err(Failure::Refused | Failure::Unread) => (None, ExitCode::FAILURE),
    };
    let words = text.map(|text| format!("error: {text}"));
    logging::end(words.as_deref());
    code
}
