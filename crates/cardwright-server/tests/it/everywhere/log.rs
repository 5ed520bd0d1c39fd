//! Everything that is logged in this process, by whichever thread: the store works on its own.

use std::{
    fmt::{Debug, Write as _},
    sync::{Mutex, OnceLock, PoisonError},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

static LINES: Mutex<String> = Mutex::new(String::new());
static STARTED: OnceLock<()> = OnceLock::new();

/// Begins to keep what is logged, at every level, until the process ends. Tests beside this one
/// are logged, too, so only what nobody may log can be looked for.
pub fn start() {
    STARTED.get_or_init(|| {
        tracing::subscriber::set_global_default(Collector).expect("nobody else collects the log");
    });
}

/// What was logged so far.
pub fn text() -> String {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

struct Collector;

impl Collector {
    fn keep(metadata: &Metadata<'_>, record: impl FnOnce(&mut Line)) {
        let mut line = Line(format!("{} {}", metadata.level(), metadata.target()));
        record(&mut line);
        line.0.push('\n');
        LINES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&line.0);
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("cardwright")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Collector::keep(span.metadata(), |line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line(String::new());
        values.record(&mut line);
        LINES
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(&line.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        Collector::keep(event.metadata(), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, " {}={value}", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}
