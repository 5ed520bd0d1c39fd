//! How a command that works for long logs: the same flags everywhere.

use cardwright_server::clock::Clock;
use cardwright_server::logging::{self, Format, Level};
use clap::{Args, ValueEnum};

use crate::Failure;

/// What is logged to stderr, and how.
#[derive(Args)]
pub(crate) struct LogFlags {
    /// How log lines look; pretty where nothing is said
    #[arg(long, value_name = "FORMAT", env = "CARDWRIGHT_LOG_FORMAT")]
    log_format: Option<LogFormat>,

    /// The least important lines that are logged; info where nothing is said
    #[arg(long, value_name = "LEVEL", env = "CARDWRIGHT_LOG_LEVEL")]
    log_level: Option<LogLevel>,
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
        self.start_or((None, None))
    }

    /// Starts the log as the flags say, or, where they say nothing, as a file does.
    pub(crate) fn start_or(
        &self,
        (format, level): (Option<&str>, Option<&str>),
    ) -> Result<(), Failure> {
        let format = match self.log_format {
            Some(format) => format,
            None => written("log_format", format)?.unwrap_or(LogFormat::Pretty),
        };
        let level = match self.log_level {
            Some(level) => level,
            None => written("log_level", level)?.unwrap_or(LogLevel::Info),
        };
        let format = match format {
            LogFormat::Pretty => Format::Pretty,
            LogFormat::Json => Format::Json,
        };
        let level = match level {
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

/// A word of a file; a fault names the entry and the words that there are.
fn written<T: ValueEnum>(entry: &str, word: Option<&str>) -> Result<Option<T>, Failure> {
    let Some(word) = word else { return Ok(None) };
    T::from_str(word, false).map(Some).map_err(|_| {
        let known = T::value_variants().iter().filter_map(T::to_possible_value);
        let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
        Failure::Failed(format!(
            "{entry} {}: there are {}",
            word.escape_debug(),
            known.join(", ")
        ))
    })
}
