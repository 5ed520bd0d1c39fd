//! What the other parties of a card program do, and what a cardholder presents.

pub mod arranged;
mod cards;
mod deposits;
mod people;
mod secrets;
