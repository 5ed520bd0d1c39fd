//! `FOLDED`: a text in small letters, those of every alphabet, which SQL's own `LOWER` leaves alone.
//!
//! Law: it stands in questions only, never in an index or a trigger, so that the file can be read by
//! programs that have no such function.

use rusqlite::{Connection, functions::FunctionFlags};

/// Teaches a connection the function.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("FOLDED", 1, flags, |context| {
        let text: Option<String> = context.get(0)?;
        Ok(text.map(|text| text.to_lowercase()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_of_every_alphabet_become_small_and_nothing_stays_nothing() {
        let connection = Connection::open_in_memory().expect("a store");
        install(&connection).expect("a function");
        let folded = |text: Option<&str>| -> Option<String> {
            let asked = connection.query_row("SELECT FOLDED($1)", [text], |row| row.get(0));
            asked.expect("a row")
        };
        let same = |text: &str| Some(text.to_owned());
        assert_eq!(
            folded(Some("ÄRZTE 42 ΔΗΜΟΣ Жук")),
            same("ärzte 42 δημος жук")
        );
        assert_eq!(folded(None), None);
        let index = "CREATE TABLE a (b TEXT); CREATE INDEX c ON a (FOLDED(b))";
        assert!(connection.execute_batch(index).is_err(), "not in an index");
    }
}
