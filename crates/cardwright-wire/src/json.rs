//! JSON as the caller wrote it: number literals survive, and nothing ambiguous gets through.
//!
//! Money must never pass through a binary float, so a number stays the text that was sent. Two
//! readers of one body must not see two values, so a repeated key is refused at every level, after
//! unescaping. Invalid UTF-8, a byte order mark, lone surrogates and trailing bytes are refused by
//! `serde_json`; the depth is bounded before anything is built.
//!
//! Cost: each level is scanned once more than the level above it, so a body costs at most
//! [`DEPTH_MAX`] scans of its length, whatever it holds.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How many objects and arrays may enclose a value; the outermost one counts.
pub const DEPTH_MAX: usize = 32;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The literal exactly as sent, such as `12.50` or `1e3`.
    Number(String),
    /// A string, unescaped.
    Text(String),
    /// The elements in order.
    Array(Vec<Json>),
    /// The members in the order sent; no name occurs twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A text as a JSON string literal.
    pub(crate) fn quote(text: &str) -> String {
        // A string always serializes.
        serde_json::to_string(text).unwrap_or_default()
    }
}

/// Why bytes are not a usable JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonFault {
    /// Not one complete JSON value in UTF-8.
    NotJson,
    /// JSON, but not an object where one is expected.
    NotObject,
    /// This name occurs twice in one object.
    DuplicateKey(String),
    /// More than [`DEPTH_MAX`] levels.
    TooDeep,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonFault::NotJson => out.write_str("not valid JSON"),
            JsonFault::NotObject => out.write_str("not a JSON object"),
            JsonFault::DuplicateKey(name) => write!(out, "the key {name:?} occurs twice"),
            JsonFault::TooDeep => write!(out, "nested more than {DEPTH_MAX} levels deep"),
        }
    }
}

impl std::error::Error for JsonFault {}

/// Reads exactly one JSON value.
///
/// ```
/// use cardwright_wire::json::{Json, parse};
///
/// assert_eq!(parse(b" 12.50 "), Ok(Json::Number("12.50".to_owned())));
/// assert!(parse(br#"{"a": 1, "\u0061": 2}"#).is_err(), "both keys are `a`");
/// ```
pub fn parse(bytes: &[u8]) -> Result<Json, JsonFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonFault::NotJson)?;
    if deeper_than(text, DEPTH_MAX) {
        return Err(JsonFault::TooDeep);
    }
    // An object, as most bodies are, is found sound where its members are told apart.
    if text.trim_ascii_start().starts_with('{') {
        return object(text);
    }
    let raw: &RawValue = read(text)?;
    value(raw.get())
}

/// Reads exactly one JSON object and answers its members in the order sent.
pub fn parse_object(bytes: &[u8]) -> Result<Vec<(String, Json)>, JsonFault> {
    match parse(bytes)? {
        Json::Object(members) => Ok(members),
        _ => Err(JsonFault::NotObject),
    }
}

/// Counts brackets outside strings. On text that is not JSON the answer means nothing, and the
/// parser that follows says so.
fn deeper_than(text: &str, limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// Builds one value out of text that is already known to be JSON, save for the escapes in strings.
fn value(raw: &str) -> Result<Json, JsonFault> {
    match raw.as_bytes().first() {
        Some(b'{') => object(raw),
        Some(b'[') => {
            let elements: Elements<'_> = read(raw)?;
            elements
                .0
                .into_iter()
                .map(|raw| value(raw.get()))
                .collect::<Result<_, _>>()
                .map(Json::Array)
        }
        Some(b'"') => text(raw).map(Json::Text),
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(raw.to_owned())),
    }
}

/// An object. Unlike elsewhere the text need not be known to be JSON: telling its members apart finds out.
fn object(raw: &str) -> Result<Json, JsonFault> {
    let members: Members<'_> = read(raw)?;
    if let Some(name) = repeated(&members.0) {
        return Err(JsonFault::DuplicateKey(name.to_owned()));
    }
    let read = |(name, raw): (String, &RawValue)| Ok((name, value(raw.get())?));
    members
        .0
        .into_iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Json::Object)
}

/// The first name that stands twice. Few names are compared with each other, many are sorted.
fn repeated<'a>(members: &'a [(String, &RawValue)]) -> Option<&'a str> {
    const FEW: usize = 16;
    let mut names = members.iter().map(|(name, _)| name.as_str());
    if members.len() <= FEW {
        let stood_before = |(index, name): &(usize, &str)| {
            members[..*index].iter().any(|(before, _)| before == name)
        };
        return names.enumerate().find(stood_before).map(|(_, name)| name);
    }
    let mut seen = BTreeSet::new();
    names.find(|name| !seen.insert(*name))
}

/// A string literal. Where nothing is escaped, it is what stands between the quotes.
fn text(raw: &str) -> Result<String, JsonFault> {
    let plain = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.contains('\\'));
    match plain {
        Some(inner) => Ok(inner.to_owned()),
        None => read(raw),
    }
}

fn read<'de, T: Deserialize<'de>>(raw: &'de str) -> Result<T, JsonFault> {
    serde_json::from_str(raw).map_err(|_| JsonFault::NotJson)
}

/// One level of an object: names unescaped, values not yet looked at, repeated names kept.
struct Members<'a>(Vec<(String, &'a RawValue)>);

/// One level of an array.
struct Elements<'a>(Vec<&'a RawValue>);

struct Level<T>(PhantomData<T>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Level(PhantomData::<Self>))
    }
}

impl<'de> Visitor<'de> for Level<Members<'de>> {
    type Value = Members<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Elements<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Level(PhantomData::<Self>))
    }
}

impl<'de> Visitor<'de> for Level<Elements<'de>> {
    type Value = Elements<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Elements(elements))
    }
}

#[cfg(test)]
mod tests;
