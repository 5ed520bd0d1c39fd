//! Looking whether a data directory is in order, also while a server uses it.
//!
//! Law: nothing is changed, and nothing is told that anybody could use: names, counts and times, no
//! key, no token, no card number.

use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Clock;
use crate::config::Fault;
use crate::directory;
use crate::ledger;
use crate::ops;
use crate::secrets::Vault;
use crate::secrets::keys::KeyFile;
use crate::store::db::{Db, ReadSession};
use crate::store::environment::EnvironmentName;
use crate::store::verify::Figures;
use crate::store::{MIGRATIONS, audit, environment, keys};

/// How far the newest record may be ahead of the clock: whoever wrote it may have had another one.
const AHEAD_MAX: SignedDuration = SignedDuration::from_secs(5);

/// How something was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// In order, and what there is.
    Fine(String),
    /// In use, but not as it should be.
    Doubtful(String),
    /// Broken.
    Broken(String),
}

/// Everything that was looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// What was looked at, in this order, and how it was found.
    pub findings: Vec<(&'static str, Finding)>,
    /// The figures of the ledger, where it could be read.
    pub figures: Option<Figures>,
}

impl Report {
    /// How many things are broken.
    pub fn broken(&self) -> usize {
        let is_broken = |(_, finding): &&(&str, Finding)| matches!(finding, Finding::Broken(_));
        self.findings.iter().filter(is_broken).count()
    }

    /// The report for people: a line each, then the figures.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, finding) in &self.findings {
            let (mark, what) = match finding {
                Finding::Fine(what) => ("ok      ", what),
                Finding::Doubtful(what) => ("doubtful", what),
                Finding::Broken(what) => ("BROKEN  ", what),
            };
            let visible = |letter: char| if letter.is_control() { ' ' } else { letter };
            let what: String = what.chars().map(visible).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{mark}  {name:<12}{what}");
        }
        if let Some(figures) = &self.figures {
            text.push_str(&ledger::table(figures));
        }
        text
    }
}

/// Looks at a data directory. A fault says why there is nothing to look at.
pub async fn examine(data: &Path, clock: &Clock) -> Result<Report, Fault> {
    let fault = |what: String| Fault::new(format!("--data {}", data.display()), what);
    let database = directory::find_database(data).map_err(fault)?;
    let mut findings = vec![("files", files(data))];
    let key = KeyFile::load(&data.join("keys").join("master.key"));
    let db = match Db::open_to_read(&database, MIGRATIONS).await {
        Ok(db) => db,
        Err(error) => {
            findings.push(("schema", Finding::Broken(error.to_string())));
            findings.push(("keys", key_alone(key.err().map(|error| error.to_string()))));
            return Ok(Report {
                findings,
                figures: None,
            });
        }
    };
    let steps = format!("{} steps", MIGRATIONS.len());
    findings.push(("schema", Finding::Fine(steps)));
    findings.push(("environment", environment(&db).await));
    findings.push((
        "keys",
        match key {
            Ok(key) => keys(&db, key).await,
            Err(error) => Finding::Broken(error.to_string()),
        },
    ));
    findings.push(("clock", time(&db, clock).await));
    let verified = ops::ledger::verify(&db).await;
    db.close().await;
    let figures = match verified {
        Ok(outcome) => {
            findings.push((
                "ledger",
                match outcome.violation {
                    None => Finding::Fine(format!("{} transfers", outcome.figures.transfers)),
                    Some(violation) => Finding::Broken(violation.to_string()),
                },
            ));
            Some(outcome.figures)
        }
        Err(error) => {
            findings.push(("ledger", Finding::Broken(error.log_text())));
            None
        }
    };
    Ok(Report { findings, figures })
}

/// Who else may read what is for the server alone.
fn files(data: &Path) -> Finding {
    let mut open = Vec::new();
    for name in [
        "",
        "cardwright.db",
        "cardwright.db-wal",
        "sandbox.json",
        "keys",
        "keys/master.key",
        "tls-key.pem",
    ] {
        let Ok(found) = std::fs::metadata(data.join(name)) else {
            continue;
        };
        let mode = found.permissions().mode() & 0o777;
        let shown = if name.is_empty() {
            "the directory"
        } else {
            name
        };
        if mode & 0o077 != 0 {
            open.push(format!("{shown} has mode {mode:04o}"));
        }
    }
    if open.is_empty() {
        return Finding::Fine("for their owner alone".to_owned());
    }
    let what = format!(
        "others may use what is for the server alone: {}",
        open.join(", ")
    );
    // A directory that others may look into keeps the files in it as they are.
    if open.iter().all(|line| line.starts_with("the directory")) {
        Finding::Doubtful(what)
    } else {
        Finding::Broken(what)
    }
}

fn key_alone(fault: Option<String>) -> Finding {
    match fault {
        None => {
            Finding::Doubtful("the key file can be read; what it opens was not tried".to_owned())
        }
        Some(what) => Finding::Broken(what),
    }
}

async fn environment(db: &Db) -> Finding {
    let found = db
        .read(async |mut session: ReadSession| environment::find(&mut session).await)
        .await;
    match found {
        Ok(Some(found)) => Finding::Fine(match (found.name, found.seed) {
            (EnvironmentName::Sandbox, Some(seed)) => format!("sandbox with seed {seed}"),
            (name, _) => name.word().to_owned(),
        }),
        Ok(None) => Finding::Broken("the database was never initialized".to_owned()),
        Err(error) => Finding::Broken(error.log_text()),
    }
}

/// Whether the key opens every data key there is.
async fn keys(db: &Db, key: KeyFile) -> Finding {
    let wrapped = db
        .read(async |mut session: ReadSession| keys::all(&mut session).await)
        .await;
    let wrapped = match wrapped {
        Ok(wrapped) => wrapped,
        Err(error) => return Finding::Broken(error.log_text()),
    };
    let vault = Vault::new(Arc::new(key));
    for one in &wrapped {
        if let Err(error) = vault.add_wrapped(one) {
            return Finding::Broken(format!("a data key cannot be opened: {error}"));
        }
    }
    Finding::Fine(format!("{} data keys open", wrapped.len()))
}

/// Whether the clock stands where it should: behind everything that was recorded.
async fn time(db: &Db, clock: &Clock) -> Finding {
    let now = clock.now();
    let newest = db
        .read(async |mut session: ReadSession| audit::newest(&mut session).await)
        .await;
    match newest {
        Ok(Some(newest)) if newest > now.saturating_add(AHEAD_MAX).unwrap_or(now) => {
            Finding::Broken(format!(
                "it shows {now}, before what was recorded last at {newest}; was it set back?"
            ))
        }
        Ok(_) => Finding::Fine(format!("{now}")),
        Err(error) => Finding::Broken(error.log_text()),
    }
}
