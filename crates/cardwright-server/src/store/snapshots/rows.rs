//! Rows as bytes: one after another, each value with its kind.
//!
//! Law: what was packed unpacks to the same values, and anything else is refused.

use crate::{
    error::{Error, Result},
    store::db::{DbError, Row, Value},
};

const NULL: u8 = 0;
const INTEGER: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// A part is closed once it is this long; the last row may make it longer.
const PART_BYTES: usize = 256 * 1024;

/// Packs the rows of one table into parts.
#[derive(Default)]
pub(super) struct Packer {
    /// What is packed so far.
    pub(super) parts: Vec<Vec<u8>>,
    /// How many rows that is.
    pub(super) rows: i64,
}

impl Packer {
    /// Adds a row.
    pub(super) fn add(&mut self, row: &Row) -> std::result::Result<(), DbError> {
        if self
            .parts
            .last()
            .is_none_or(|part| part.len() >= PART_BYTES)
        {
            self.parts.push(Vec::new());
        }
        let Some(part) = self.parts.last_mut() else {
            return Ok(());
        };
        for value in row.values() {
            match value {
                Value::Null => part.push(NULL),
                Value::Integer(number) => {
                    part.push(INTEGER);
                    part.extend_from_slice(&number.to_le_bytes());
                }
                Value::Text(text) => pack(part, TEXT, text.as_bytes())?,
                Value::Bytes(bytes) => pack(part, BYTES, bytes)?,
            }
        }
        self.rows += 1;
        Ok(())
    }
}

fn pack(part: &mut Vec<u8>, kind: u8, bytes: &[u8]) -> std::result::Result<(), DbError> {
    let length = u32::try_from(bytes.len()).map_err(|_| DbError::Misuse {
        what: "a value too long for a saved state".to_owned(),
    })?;
    part.push(kind);
    part.extend_from_slice(&length.to_le_bytes());
    part.extend_from_slice(bytes);
    Ok(())
}

/// Unpacks a part of rows with so many columns each.
pub(super) struct Unpacker<'a> {
    rest: &'a [u8],
    columns: usize,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(part: &'a [u8], columns: usize) -> Unpacker<'a> {
        Unpacker {
            rest: part,
            columns,
        }
    }

    /// The next row; nothing at the end.
    pub(super) fn next_row(&mut self) -> Result<Option<Vec<Value>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let values = (0..self.columns).map(|_| self.value());
        values.collect::<Result<Vec<Value>>>().map(Some)
    }

    fn value(&mut self) -> Result<Value> {
        let [kind] = self.take::<1>()?;
        Ok(match kind {
            NULL => Value::Null,
            INTEGER => Value::Integer(i64::from_le_bytes(self.take()?)),
            TEXT => Value::Text(String::from_utf8(self.bytes()?).map_err(|_| unreadable())?),
            BYTES => Value::Bytes(self.bytes()?),
            _ => return Err(unreadable()),
        })
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let length = u32::from_le_bytes(self.take()?) as usize;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(unreadable)?;
        self.rest = rest;
        Ok(bytes.to_vec())
    }

    fn take<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH]> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(unreadable)?;
        self.rest = rest;
        Ok(*bytes)
    }
}

fn unreadable() -> Error {
    Error::Corrupt("a saved state".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(rows: &[Vec<Value>]) -> Packer {
        let mut packer = Packer::default();
        for row in rows {
            packer.add(&Row::new(row.clone())).expect("short values");
        }
        packer
    }

    fn unpacked(packer: &Packer, columns: usize) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::new();
        for part in &packer.parts {
            let mut unpacker = Unpacker::new(part, columns);
            while let Some(row) = unpacker.next_row()? {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    #[test]
    fn rows_come_out_as_they_went_in_whatever_they_hold() {
        let rows = vec![
            vec![
                Value::Null,
                i64::MIN.into(),
                "".into(),
                Value::Bytes(vec![]),
            ],
            vec![
                "žąsis".into(),
                (-1).into(),
                i64::MAX.into(),
                vec![0, 255].into(),
            ],
        ];
        let packer = packed(&rows);
        assert_eq!(packer.rows, 2);
        assert_eq!(unpacked(&packer, 4).expect("whole"), rows);
        assert!(unpacked(&packed(&[]), 4).expect("nothing").is_empty());
    }

    #[test]
    fn many_rows_are_spread_over_parts_and_none_is_cut() {
        let row = vec![Value::from("x".repeat(100_000))];
        let packer = packed(&vec![row.clone(); 10]);
        assert_eq!(packer.parts.len(), 4);
        assert_eq!(unpacked(&packer, 1).expect("whole"), vec![row; 10]);
    }

    #[test]
    fn what_was_not_packed_here_is_refused() {
        for part in [
            &[9][..],
            &[INTEGER, 1, 2],
            &[TEXT, 5, 0, 0, 0, b'a'],
            &[TEXT, 1, 0, 0, 0, 255],
        ] {
            assert!(Unpacker::new(part, 1).next_row().is_err(), "{part:?}");
        }
        let one = packed(&[vec![7.into()]]);
        assert!(unpacked(&one, 2).is_err(), "a row with too few values");
    }
}
