//! Our own surfaces: operators, the sandbox, the card network.

mod access;
mod controls;
mod messages;
mod simulate;
mod strictness;
mod tenants;
