//! A log that tests can read.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::subscriber::{DefaultGuard, Subscriber};
use tracing::{Event, Metadata};

/// The lines of this thread while it lives, each as `LEVEL target name=value …`.
pub(super) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    _active: DefaultGuard,
}

impl Log {
    pub(super) fn start() -> Log {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let collector = Collector {
            lines: Arc::clone(&lines),
        };
        Log {
            lines,
            _active: tracing::subscriber::set_default(collector),
        }
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

struct Collector {
    lines: Arc<Mutex<Vec<String>>>,
}

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
        self.lines.lock().unwrap().push(line.0);
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
