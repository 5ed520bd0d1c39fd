//! Prepares the shared SQL text for SQLite: `$1` becomes `?1`, and only statements about rows pass.
//!
//! SQLite would read `$1` as a *name* and number the names by first appearance, so `$2 … $1` would
//! silently swap its values. `?1` means the first parameter wherever it stands.

use super::error::DbError;

/// What an operation may say. Everything else is either the store's own business (transactions,
/// pragmas) or belongs into a migration (tables, indexes, triggers).
const SPOKEN: [&str; 7] = [
    "select", "with", "values", "insert", "update", "delete", "explain",
];

/// Rewrites the parameters outside literals and comments; refuses statements that would reach
/// past the operation's own savepoint.
pub(super) fn translate(sql: &str) -> Result<String, DbError> {
    let mut translated = String::with_capacity(sql.len());
    let mut verb = String::new();
    let mut verb_ended = false;
    let mut before = ' ';
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let mute = mute_length(rest, first);
        if mute > 0 {
            translated.push_str(&rest[..mute]);
            rest = &rest[mute..];
            verb_ended |= !verb.is_empty();
            before = ' ';
            continue;
        }
        rest = &rest[first.len_utf8()..];
        translated.push(parameter_sign(first, before, rest)?);
        if first.is_ascii_alphabetic() && !verb_ended {
            verb.push(first.to_ascii_lowercase());
        } else if !verb.is_empty() || !first.is_whitespace() {
            verb_ended = true;
        }
        before = first;
    }
    if SPOKEN.contains(&verb.as_str()) {
        return Ok(translated);
    }
    Err(DbError::Misuse {
        what: format!("an operation may not say '{verb}'"),
    })
}

/// The sign that stands in the translated text for `sign`.
fn parameter_sign(sign: char, before: char, after: &str) -> Result<char, DbError> {
    let numbered = after.starts_with(|next: char| next.is_ascii_digit());
    match sign {
        // PostgreSQL and SQLite both allow `$` inside a name.
        '$' if before.is_alphanumeric() || before == '_' => Ok('$'),
        '$' if numbered => Ok('?'),
        '$' | '?' => Err(DbError::Misuse {
            what: "parameters are written $1, $2, …".to_owned(),
        }),
        other => Ok(other),
    }
}

/// How many bytes from here on are a literal, a quoted name or a comment: text without parameters.
fn mute_length(rest: &str, first: char) -> usize {
    let until = |from: usize, end: &str| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    match first {
        '\'' => until(1, "'"),
        '"' => until(1, "\""),
        '-' if rest.starts_with("--") => until(2, "\n"),
        '/' if rest.starts_with("/*") => until(2, "*/"),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(sql: &str) -> String {
        translate(sql).expect("a statement about rows")
    }

    #[test]
    fn numbered_parameters_keep_their_numbers() {
        assert_eq!(
            translated("UPDATE t SET a = $2 WHERE b = $1 AND c = $12"),
            "UPDATE t SET a = ?2 WHERE b = ?1 AND c = ?12"
        );
    }

    #[test]
    fn literals_names_and_comments_stay_as_they_are() {
        for mute in [
            "'it''s $1'",
            "\"$1\"",
            "/* $1 ? */",
            "a$1",
            "-- $1 isn't one\n",
            "'ä $1 ö'",
        ] {
            let sql = format!("SELECT {mute} + $1");
            assert_eq!(translated(&sql), format!("SELECT {mute} + ?1"));
        }
    }

    #[test]
    fn a_comment_may_stand_before_the_verb() {
        let sql = "-- why\n  /* how */ select 1";
        assert_eq!(translated(sql), sql);
    }

    #[test]
    fn parameters_of_another_dialect_are_refused() {
        for sql in ["SELECT ?", "SELECT ?1", "SELECT $name"] {
            assert!(
                matches!(translate(sql), Err(DbError::Misuse { .. })),
                "{sql}"
            );
        }
    }

    #[test]
    fn an_operation_cannot_touch_the_transaction_or_the_schema() {
        let refused = [
            "COMMIT",
            "end",
            "ROLLBACK TO operation",
            "/**/BEGIN",
            "savepoint a",
            "RELEASE a",
            "PRAGMA query_only = 0",
            "ATTACH 'x' AS y",
            "VACUUM",
            "CREATE TABLE t (a)",
            "DROP TABLE t",
            "REPLACE INTO t VALUES (1)",
            "",
            "'select'",
            "; select 1",
            "(select 1)",
        ];
        for sql in refused {
            assert!(
                matches!(translate(sql), Err(DbError::Misuse { .. })),
                "{sql}"
            );
        }
    }
}
