//! The time of a sandbox.

use axum::{extract::State, response::Response};
use cardwright_core::{DomainClock, Timestamp};
use cardwright_wire::{
    instant::Rfc3339,
    native::clock::{AdvanceClock, Clock, MovedClock, Ran, SetClock},
};

use crate::{
    api::native::{NoBody, Operated},
    app::App,
    error::Result,
    ops::clock::ClockChange,
    steering,
    store::Scope,
};

/// `GET clock`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    operated
        .answer(&app, async |tx| Ok(shown(tx.clock(), tx.real_now())))
        .await
}

/// `PUT clock`
pub(super) async fn set(State(app): State<App>, operated: Operated<SetClock>) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let SetClock { now: to, mode } = asked;
            change(app, scope, ClockChange::Set { to, mode }).await
        })
        .await
}

/// `POST clock/advance`
pub(super) async fn advance(State(app): State<App>, operated: Operated<AdvanceClock>) -> Response {
    operated
        .perform(&app, async |app, scope, asked| {
            let wanted = match asked {
                AdvanceClock::By(by) => ClockChange::Advance { by },
                AdvanceClock::To(to) => ClockChange::Set {
                    to: Some(to),
                    mode: None,
                },
            };
            change(app, scope, wanted).await
        })
        .await
}

async fn change(app: &App, scope: Scope, wanted: ClockChange) -> Result<MovedClock> {
    let moved = steering::change_clock(app, &scope, wanted).await?;
    Ok(MovedClock {
        clock: shown(moved.clock, app.now()),
        ran: ran(&moved.ran),
    })
}

fn shown(clock: DomainClock, real: Timestamp) -> Clock {
    Clock {
        now: Rfc3339(clock.now(real)),
        mode: clock.mode().word(),
        offset_seconds: clock.offset(real).as_secs(),
    }
}

/// The steps that were taken, as they are answered.
pub(super) fn ran(taken: &steering::Taken) -> Ran {
    let counted = |(kind, count): (&&'static str, &usize)| (*kind, *count as u64);
    taken.per_kind.iter().map(counted).collect()
}
