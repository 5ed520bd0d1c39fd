//! How a command that works for long logs: the same flags everywhere.

use cardwright_server::clock::Clock;
use cardwright_server::logging::{self, Format, Level};
use clap::{Args, ValueEnum};

use crate::Failure;

/// What is logged to stderr, and how.
#[derive(Args)]
pub(crate) struct LogFlags {
    /// How log lines look
    #[arg(
        long,
        value_name = "FORMAT",
        env = "CARDWRIGHT_LOG_FORMAT",
        default_value = "pretty"
    )]
    log_format: LogFormat,

    /// The least important lines that are logged
    #[arg(
        long,
        value_name = "LEVEL",
        env = "CARDWRIGHT_LOG_LEVEL",
        default_value = "info"
    )]
    log_level: LogLevel,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Pretty,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogFlags {
    pub(crate) fn start(&self) -> Result<(), Failure> {
        let format = match self.log_format {
            LogFormat::Pretty => Format::Pretty,
            LogFormat::Json => Format::Json,
        };
        let level = match self.log_level {
            LogLevel::Off => Level::Off,
            LogLevel::Error => Level::Error,
            LogLevel::Warn => Level::Warn,
            LogLevel::Info => Level::Info,
            LogLevel::Debug => Level::Debug,
            LogLevel::Trace => Level::Trace,
        };
        logging::start(format, level, Clock::system())
            .map_err(|error| Failure::Failed(format!("cannot start the log: {error}")))
    }
}
