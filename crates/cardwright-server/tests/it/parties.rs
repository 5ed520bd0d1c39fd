//! What the other parties of a card program do, and what a cardholder presents.

mod secrets;
