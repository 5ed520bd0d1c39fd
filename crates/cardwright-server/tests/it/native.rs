//! Our own surfaces: operators, the sandbox, the card network.

mod access;
mod clock;
mod controls;
mod messages;
mod payments;
mod simulate;
mod snapshots;
mod strictness;
mod tenants;
mod terms;
