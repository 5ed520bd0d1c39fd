//! Which environment the database belongs to, and how its records are numbered.

use cardwright_core::Timestamp;

use super::{
    ReadTx, SystemTx,
    db::{ReadSession, Value, WriteSession},
};
use crate::error::{Error, Result};

/// The environment of a database, written once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnvironmentName {
    /// Test money, test card numbers, simulation.
    Sandbox,
    /// The real thing.
    Production,
}

impl EnvironmentName {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            EnvironmentName::Sandbox => "sandbox",
            EnvironmentName::Production => "production",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<EnvironmentName> {
        [EnvironmentName::Sandbox, EnvironmentName::Production]
            .into_iter()
            .find(|name| name.word() == word)
    }
}

/// What `init` wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Sandbox or production.
    pub name: EnvironmentName,
    /// The seed of its generated data.
    pub seed: Option<u64>,
}

/// Reads what `init` wrote; nothing in a database that was never initialized.
pub async fn find(session: &mut ReadSession) -> Result<Option<Environment>> {
    let row = session
        .optional("SELECT name, seed FROM environment", &[])
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = row.reader();
    let (word, seed): (String, Option<String>) = (columns.next()?, columns.next()?);
    let corrupt = |what: &str| Error::Corrupt(format!("environment: {what}"));
    let name = EnvironmentName::from_word(&word).ok_or_else(|| corrupt("name"))?;
    let seed = seed
        .map(|text| text.parse().map_err(|_| corrupt("seed")))
        .transpose()?;
    Ok(Some(Environment { name, seed }))
}

/// What the database is, as seen from within a transaction.
pub async fn of(tx: &mut ReadTx) -> Result<Environment> {
    let found = find(tx.session()).await?;
    found.ok_or_else(|| Error::Corrupt("there is no environment".to_owned()))
}

/// Writes what the database is, once and for all.
pub async fn insert(tx: &mut SystemTx, environment: &Environment) -> Result<()> {
    let sql = "INSERT INTO environment (name, seed, created_at) VALUES ($1, $2, $3)";
    let now = tx.now().as_millisecond();
    let parameters = [
        environment.name.word().into(),
        Value::from(environment.seed.map(|seed| seed.to_string())),
        now.into(),
    ];
    tx.session.execute(sql, &parameters).await?;
    Ok(())
}

/// How record ids are made.
///
/// An id is time-ordered: milliseconds since 2026 in the upper bits, a counter of 12 bits below,
/// never less than one more than the last. Where the environment has a seed, generated data must
/// repeat, so ids count up from a start that depends on the seed alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbering {
    /// By the time.
    ByTime,
    /// From this number on.
    From(i64),
}

/// 2026-01-01T00:00:00Z in Unix milliseconds.
const ID_EPOCH_MS: i64 = 1_767_225_600_000;
/// Room for this many bits of counter below the milliseconds; 41 bits above them last 69 years.
const COUNTER_BITS: u32 = 12;

impl Numbering {
    /// The numbering of an environment with this seed or none.
    pub fn of(seed: Option<u64>) -> Numbering {
        match seed {
            None => Numbering::ByTime,
            // Spread over different starts so that two seeds do not share ids; far from the edge.
            Some(seed) => {
                let spread = i64::try_from(seed % 1_000_000).unwrap_or_default();
                Numbering::From((1 << 40) + (spread << 20))
            }
        }
    }

    /// The lowest id that may be given now, by real time: the ids of a tenant whose clock was moved
    /// would otherwise drag those of all others along.
    pub(super) fn lowest_id(self, real_now: Timestamp) -> i64 {
        match self {
            Numbering::ByTime => (real_now.as_millisecond() - ID_EPOCH_MS).max(1) << COUNTER_BITS,
            Numbering::From(start) => start,
        }
    }

    /// The next record id.
    pub async fn next_id(self, session: &mut WriteSession, real_now: Timestamp) -> Result<i64> {
        Ok(session.draw(RECORD_ID, self.lowest_id(real_now)).await?)
    }
}

/// The sequence of record ids.
pub(super) const RECORD_ID: &str = "record_id";
