//! The wire contracts: shapes, envelopes and signatures of each dialect. No I/O, no clock.

pub mod finci;
