//! The log: one line per event on stderr, readable or as JSON.
//!
//! Law: a line is a line. Whatever an error of somebody else says, its control characters are
//! written as escapes, so no text can end a line, forge another or steer the terminal. Bodies and
//! secrets are kept out where events are written, and libraries may only warn: what they trace
//! was not written with our callers' secrets in mind.
//!
//! Law: nobody waits for a reader of the log. A pipe that is not drained costs lines, which are
//! counted, and at the end of the process a moment; see [`end`].

mod queue;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use tracing::{Level as Importance, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::clock::Clock;
use queue::{Queue, Weight};

/// How long the end of the process waits for its last lines to be taken.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a panic waits for its line to be taken: the process may end with it.
const PATIENCE_OF_PANICS: Duration = Duration::from_millis(100);

/// The lines of this process, once its log was started.
static LINES: OnceLock<Arc<Queue>> = OnceLock::new();

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people.
    Pretty,
    /// For programs: one JSON object.
    Json,
}

/// The least important events that are still written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// None at all.
    Off,
    /// What failed.
    Error,
    /// What may fail soon.
    Warn,
    /// What is done: one line per request.
    Info,
    /// Why it is done that way.
    Debug,
    /// Every step.
    Trace,
}

impl Level {
    /// What ours may say, and what libraries may: never more than warnings.
    fn directives(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "warn,cardwright=info",
            Level::Debug => "warn,cardwright=debug",
            Level::Trace => "warn,cardwright=trace",
        }
    }
}

/// Starts the log of this process, panics included. Only the first call has an effect.
pub fn start(format: Format, level: Level, clock: Clock) -> io::Result<()> {
    start_into(io::stderr(), (format, level), clock)
}

/// Like [`start`], with another place than stderr for the lines.
pub fn start_into(
    out: impl Write + Send + 'static,
    (format, level): (Format, Level),
    clock: Clock,
) -> io::Result<()> {
    let queue = Arc::new(Queue::default());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level.directives()))
        .with_timer(Time(clock))
        .with_ansi(false)
        .with_writer(Sink(Arc::clone(&queue)));
    let started = match format {
        Format::Pretty => lines.try_init(),
        Format::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        return Ok(());
    }
    let writing = Arc::clone(&queue);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || writing.write_to(out, tell_dropped))?;
    LINES.get_or_init(|| queue);
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says the last words of the process on stderr, if it has any, after all that was logged. When
/// nobody takes them, the end does not wait for long.
pub fn end(words: Option<&str>) {
    let Some(lines) = LINES.get() else {
        if let Some(words) = words {
            eprintln!("{words}");
        }
        return;
    };
    if let Some(words) = words {
        lines.push(format!("{words}\n").into_bytes(), Weight::Error);
    }
    let _is_taken = lines.flush(PATIENCE);
}

fn tell_dropped(lines: u64) {
    tracing::error!(
        lines,
        "log lines were lost since the start: nobody took them in time"
    );
}

/// The place only: the payload of a panic may quote the value that caused it.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(
        || "an unknown place".to_owned(),
        |place| format!("{}:{}", place.file(), place.line()),
    );
    let thread = thread::current();
    tracing::error!(place, thread = thread.name().unwrap_or("unnamed"), "panic");
    if let Some(lines) = LINES.get() {
        let _is_taken = lines.flush(PATIENCE_OF_PANICS);
    }
}

struct Time(Clock);

impl FormatTime for Time {
    fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
        write!(line, "{:.3}", self.0.now())
    }
}

/// Takes events for the queue.
struct Sink(Arc<Queue>);

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Escaped<'a>;

    fn make_writer(&'a self) -> Escaped<'a> {
        Escaped(&self.0, Weight::Ordinary)
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Escaped<'a> {
        let weight = match *event.level() {
            Importance::ERROR => Weight::Error,
            _ => Weight::Ordinary,
        };
        Escaped(&self.0, weight)
    }
}

/// Takes whole events, each as one line.
struct Escaped<'a>(&'a Queue, Weight);

impl Write for Escaped<'_> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.push(line(event).into_bytes(), self.1);
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The event with its control characters as JSON escapes them, but for the end of the line.
fn line(event: &[u8]) -> String {
    let text = String::from_utf8_lossy(event);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut line = String::with_capacity(text.len() + 1);
    // Few lines have any: what lies between them is taken as a whole.
    let mut rest = text;
    while let Some(at) = rest.find(is_control) {
        line.push_str(&rest[..at]);
        let mut after = rest[at..].chars();
        match after.next() {
            Some('\n') => line.push_str("\\n"),
            Some('\t') => line.push_str("\\t"),
            Some(letter) => {
                // Writing to a String does not fail.
                let _ = write!(line, "\\u{:04x}", u32::from(letter));
            }
            None => {}
        }
        rest = after.as_str();
    }
    line.push_str(rest);
    line.push('\n');
    line
}

/// Whether a letter could end a line or steer a terminal.
fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_whatever_it_says() {
        let event = "went wrong: a\nERROR forged\r\x1b[2J\u{9b}31m\u{2028}b\tc é\n";
        assert_eq!(
            line(event.as_bytes()),
            "went wrong: a\\nERROR forged\\u000d\\u001b[2J\\u009b31m\\u2028b\\tc é\n"
        );
    }

    #[test]
    fn what_is_escaped_in_json_stays_the_same_json() {
        let event = "{\"what\":\"del \u{7f} csi \u{9b}\"}\n";
        let before: serde_json::Value = serde_json::from_str(event).unwrap();
        let after: serde_json::Value = serde_json::from_str(&line(event.as_bytes())).unwrap();
        assert_eq!(before, after);
    }

    #[test]
    fn a_panic_is_logged_by_its_place_and_never_by_what_it_says() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let written = Arc::new(file.reopen().unwrap());
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(written)
            .finish();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        let caught = tracing::subscriber::with_default(lines, || {
            std::panic::catch_unwind(|| panic!("4242424242424242"))
        });
        std::panic::set_hook(before);
        assert!(caught.is_err());
        let said = std::fs::read_to_string(file.path()).unwrap();
        assert!(
            said.contains("panic place=") && said.contains("logging.rs"),
            "{said}"
        );
        assert!(!said.contains("4242"), "{said}");
    }

    #[test]
    fn every_level_is_understood_and_libraries_never_say_more_than_warnings() {
        for level in [
            Level::Off,
            Level::Error,
            Level::Warn,
            Level::Info,
            Level::Debug,
            Level::Trace,
        ] {
            let directives = level.directives();
            assert!(EnvFilter::try_new(directives).is_ok(), "{directives}");
            let of_libraries = directives.split(',').next().unwrap();
            assert!(["off", "error", "warn"].contains(&of_libraries));
        }
    }
}
