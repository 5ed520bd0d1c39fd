//! A log that tests can read.
//!
//! One collector serves the whole process and sorts by thread: a collector per thread would come
//! too late for a log line that another test's thread is just meeting for the first time, and that
//! line would then be silent for good.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::Subscriber;
use tracing::{Event, Metadata};

type Lines = Arc<Mutex<Vec<String>>>;

static STARTED: OnceLock<()> = OnceLock::new();

thread_local! {
    static HERE: RefCell<Option<Lines>> = const { RefCell::new(None) };
}

/// The lines of this thread while it lives, each as `LEVEL target name=value …`.
pub(super) struct Log {
    lines: Lines,
}

impl Drop for Log {
    fn drop(&mut self) {
        HERE.set(None);
    }
}

impl Log {
    pub(super) fn start() -> Log {
        STARTED.get_or_init(|| {
            tracing::subscriber::set_global_default(Collector).expect("the only collector");
        });
        tracing::callsite::rebuild_interest_cache();
        let lines = Lines::default();
        HERE.set(Some(Arc::clone(&lines)));
        Log { lines }
    }

    pub(super) fn all(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    pub(super) fn access(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .filter(|line| line.contains(" cardwright::access "))
            .cloned()
            .collect()
    }
}

struct Collector;

impl Subscriber for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {} ", metadata.level(), metadata.target()));
        event.record(&mut line);
        HERE.with_borrow(|lines| {
            if let Some(lines) = lines {
                lines.lock().unwrap().push(line.0);
            }
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, "{}={value} ", field.name()).unwrap();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}
