//! Tables that saved states were made of before, and whose rows are in parts now.
//!
//! Law: only what was divided is here, with nothing added and nothing lost: where a column came later,
//! nobody knows what it would have held.

use super::{ROLLED_BACK, STATEMENTS, Table, Tx, Unpacker, Value, table};
use crate::error::{Error, Result};

/// A table that was divided.
pub(super) struct Former {
    /// As it was.
    pub(super) table: Table,
    /// What it was divided into, in the order in which rows are put back.
    parts: &'static [&'static str],
    /// The name of its `id` in a part that names it otherwise.
    renamed: &'static str,
}

/// All of them.
pub(super) const FORMER: &[Former] = &[Former {
    table: table(
        "account",
        "id kind owner currency name status external_id credits debits floor entry_sequence \
         created_at updated_at held_credits held_debits",
    ),
    parts: &["account_record", "account_balance"],
    renamed: "account",
}];

impl Former {
    /// Puts the rows of a saved part back into what the table was divided into. How many they were.
    pub(super) async fn put_rows(&self, tx: &mut Tx, saved: &[u8]) -> Result<i64> {
        let columns: Vec<&str> = self.table.columns.split_whitespace().collect();
        let parts = self.parts.iter().map(|part| self.places(part, &columns));
        let parts = parts.collect::<Option<Vec<_>>>();
        let parts = parts.ok_or_else(|| Error::Corrupt(format!("parts of {}", self.table.name)))?;
        let mut unpacker = Unpacker::new(saved, columns.len());
        let mut rows = 0;
        while let Some(row) = unpacker.next_row()? {
            for (sql, places) in &parts {
                let values = places.iter().map(|place| row.get(*place).cloned());
                let values: Option<Vec<Value>> = values.collect();
                let values = values.ok_or_else(|| Error::Corrupt("a saved state".to_owned()))?;
                tx.execute(sql, &values).await?;
            }
            rows += 1;
        }
        Ok(rows)
    }

    /// The statement that puts a row into a part, and where in the former row its values stand.
    fn places(&self, part: &str, columns: &[&str]) -> Option<(&'static str, Vec<usize>)> {
        let statements = STATEMENTS.iter().find(|known| known.table == part)?;
        let part = ROLLED_BACK.iter().find(|known| known.name == part)?;
        let place = |column: &str| {
            let name = if column == self.renamed { "id" } else { column };
            columns.iter().position(|known| *known == name)
        };
        let places: Option<Vec<usize>> = part.columns.split_whitespace().map(place).collect();
        Some((statements.put, places?))
    }
}
