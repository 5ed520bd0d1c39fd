//! The three types every engine shares, text, 64-bit integer and bytes, and the rows made of them.
//!
//! Law: what passes through here may be secret, so `Debug` tells kinds and lengths, never contents.

use std::fmt;

use super::error::DbError;

/// One value on its way into or out of the store.
///
/// ```
/// use cardwright_server::store::db::Value;
///
/// assert_eq!(Value::from(Some("token")), Value::Text("token".to_owned()));
/// assert_eq!(Value::from(None::<i64>), Value::Null);
/// assert_eq!(format!("{:?}", Value::from("hush")), "Text(4 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// Numbers, money in minor units, instants in milliseconds.
    Integer(i64),
    /// Words, identifiers, JSON.
    Text(String),
    /// Digests and sealed secrets.
    Bytes(Vec<u8>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Integer(number) => write!(f, "Integer({number})"),
            Value::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Value::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Integer(_) => "an integer",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Value {
        Value::Bytes(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// The parameters of a statement, with one that goes before the others if there is one.
#[derive(Clone, Copy)]
pub(super) struct Params<'a> {
    first: Option<&'a Value>,
    others: &'a [Value],
}

impl<'a> Params<'a> {
    /// These, from `$1` on.
    pub(super) fn plain(others: &'a [Value]) -> Params<'a> {
        Params {
            first: None,
            others,
        }
    }

    /// One that is `$1`, and these from `$2` on.
    pub(super) fn after(first: &'a Value, others: &'a [Value]) -> Params<'a> {
        Params {
            first: Some(first),
            others,
        }
    }

    /// All of them in order.
    pub(super) fn all(self) -> impl Iterator<Item = &'a Value> {
        self.first.into_iter().chain(self.others)
    }
}

/// What a column can be read as.
///
/// The error names the kinds, never the value; the row adds which column it was.
pub trait FromValue: Sized {
    /// Reads the value, or says what stands there instead.
    fn from_value(value: &Value) -> Result<Self, DbError>;
}

fn mismatch(wanted: &str, found: &Value) -> DbError {
    DbError::Corrupt {
        what: format!("wanted {wanted}, found {}", found.kind()),
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Result<i64, DbError> {
        match value {
            Value::Integer(number) => Ok(*number),
            other => Err(mismatch("an integer", other)),
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Result<String, DbError> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            other => Err(mismatch("text", other)),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Result<Vec<u8>, DbError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            other => Err(mismatch("bytes", other)),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Result<Option<T>, DbError> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// One row of an answer. It owns its values, so it may outlive the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    values: Vec<Value>,
}

impl Row {
    pub(in crate::store) fn new(values: Vec<Value>) -> Row {
        Row { values }
    }

    /// Reads the column at `index`, counted from zero. A missing column or another type is
    /// [`DbError::Corrupt`].
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, DbError> {
        let value = self.values.get(index).ok_or_else(|| DbError::Corrupt {
            what: format!("column {index} is missing"),
        })?;
        T::from_value(value).map_err(|error| match error {
            DbError::Corrupt { what } => DbError::Corrupt {
                what: format!("column {index}: {what}"),
            },
            other => other,
        })
    }

    /// The values themselves, for copying a row as it is.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Reads the columns one after another, in the order of the statement.
    pub fn reader(&self) -> RowReader<'_> {
        RowReader {
            row: self,
            index: 0,
        }
    }
}

/// Reads a row from left to right, so that adding a column moves no numbers.
#[derive(Debug)]
pub struct RowReader<'row> {
    row: &'row Row,
    index: usize,
}

impl RowReader<'_> {
    /// Reads the next column, with the errors of [`Row::get`].
    #[expect(
        clippy::should_implement_trait,
        reason = "columns differ in type, iterators' items do not"
    )]
    pub fn next<T: FromValue>(&mut self) -> Result<T, DbError> {
        let index = self.index;
        self.index += 1;
        self.row.get(index)
    }
}
