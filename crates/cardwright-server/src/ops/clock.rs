//! Moving a sandbox's time.
//!
//! Law: a tenant's time never goes back, and only its own moves. What becomes due by a move is not
//! done here: see `steering`.

use cardwright_core::{ClockMode, DomainClock, Refusal, SandboxRefusal, Timestamp};
use jiff::{Span, tz::TimeZone};

use crate::{
    error::Result,
    store::{Tx, clocks},
};

/// What becomes of a clock.
#[derive(Clone, Copy, Debug)]
pub enum ClockChange {
    /// It is set to a time, or lets time pass in another way, or both.
    Set {
        /// The time.
        to: Option<Timestamp>,
        /// How time passes from then on.
        mode: Option<ClockMode>,
    },
    /// It is moved forward. Months, weeks and days are those of the calendar, in UTC.
    Advance {
        /// How far.
        by: Span,
    },
}

/// Changes the clock of the transaction's tenant. The rest of the transaction still goes by the
/// time at which it began.
pub async fn change(tx: &mut Tx, change: ClockChange) -> Result<DomainClock> {
    let (before, real) = (clocks::stored(tx).await?, tx.real_now());
    let after = match change {
        ClockChange::Set { to, mode } => {
            let passing = match mode {
                Some(ClockMode::Frozen) => before.freeze(real),
                Some(ClockMode::Running) => before.unfreeze(real),
                None => before,
            };
            match to {
                Some(to) => passing.set(in_milliseconds(to), real)?,
                None => passing,
            }
        }
        ClockChange::Advance { by } => {
            let to = before.now(real).to_zoned(TimeZone::UTC).checked_add(by);
            let to = to.map_err(|_| beyond(by))?.timestamp();
            before.set(in_milliseconds(to), real)?
        }
    };
    tx.audit("clock.change", ("tenant", &tx.tenant().to_string()))
        .await?;
    clocks::put(tx, after).await?;
    Ok(after)
}

/// Beyond what can be counted lies the far future, or the far past.
fn beyond(by: Span) -> Refusal {
    if by.is_negative() {
        Refusal::Sandbox(SandboxRefusal::ClockBackwards)
    } else {
        Refusal::Sandbox(SandboxRefusal::ClockTooFar)
    }
}

/// What is stored and shown has no finer parts, and a time that was read can then be set again.
fn in_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
