//! One JSON object in the spellings that common libraries give it.

use std::fmt::Write as _;

use crate::json::{Json, parse_object};

/// Longest body that is respelled: a spelling costs as much memory as the body.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// How a library writes JSON.
#[derive(Clone, Copy)]
struct Style {
    /// What stands behind a comma on one line.
    after_comma: &'static str,
    /// What stands behind a colon.
    after_colon: &'static str,
    /// How far each level is set in; nothing where all is on one line.
    indent: Option<usize>,
    letters: Letters,
}

/// Which letters are written as escapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    AsTheyAre,
    /// What is not ASCII.
    AsciiOnly,
    /// What is not ASCII, and the slash.
    AsciiAndSlash,
}

const COMPACT: Style = Style {
    after_comma: "",
    after_colon: "",
    indent: None,
    letters: Letters::AsTheyAre,
};

const STYLES: [Style; 7] = [
    COMPACT,
    Style {
        after_comma: " ",
        after_colon: " ",
        ..COMPACT
    },
    Style {
        after_comma: " ",
        after_colon: " ",
        letters: Letters::AsciiOnly,
        ..COMPACT
    },
    Style {
        letters: Letters::AsciiAndSlash,
        ..COMPACT
    },
    Style {
        letters: Letters::AsciiOnly,
        ..COMPACT
    },
    Style {
        after_colon: " ",
        indent: Some(2),
        ..COMPACT
    },
    Style {
        after_colon: " ",
        indent: Some(4),
        ..COMPACT
    },
];

/// The other spellings of a body, each once; none of what is no JSON object.
pub(super) fn respelled(body: &[u8]) -> Vec<Vec<u8>> {
    if body.len() > BODY_BYTES_MAX {
        return Vec::new();
    }
    let Ok(members) = parse_object(body) else {
        return Vec::new();
    };
    let given = Json::Object(members);
    let mut spellings: Vec<Vec<u8>> = Vec::new();
    for value in [&given, &sorted(&given)] {
        for style in STYLES {
            let mut text = String::new();
            write(&mut text, value, (style, 0));
            let spelling = text.into_bytes();
            if spelling != body && !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
    }
    spellings
}

/// The same with its names in order, at every level.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Array(elements) => Json::Array(elements.iter().map(sorted).collect()),
        Json::Object(members) => {
            let mut members: Vec<(String, Json)> = members
                .iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(members)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => value.clone(),
    }
}

fn write(text: &mut String, value: &Json, (style, depth): (Style, usize)) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(literal) => text.push_str(literal),
        Json::Text(letters) => quote(text, letters, style.letters),
        Json::Array(elements) => {
            let items = elements.iter().map(|element| (None, element));
            enclose(text, items, ('[', ']'), (style, depth));
        }
        Json::Object(members) => {
            let items = members.iter().map(|(name, value)| (Some(name), value));
            enclose(text, items, ('{', '}'), (style, depth));
        }
    }
}

fn enclose<'a>(
    text: &mut String,
    items: impl Iterator<Item = (Option<&'a String>, &'a Json)>,
    (open, close): (char, char),
    (style, depth): (Style, usize),
) {
    text.push(open);
    let mut is_empty = true;
    for (name, value) in items {
        if !is_empty {
            text.push(',');
            text.push_str(style.after_comma);
        }
        is_empty = false;
        new_line(text, style, depth + 1);
        if let Some(name) = name {
            quote(text, name, style.letters);
            text.push(':');
            text.push_str(style.after_colon);
        }
        write(text, value, (style, depth + 1));
    }
    if !is_empty {
        new_line(text, style, depth);
    }
    text.push(close);
}

fn new_line(text: &mut String, style: Style, depth: usize) {
    if let Some(indent) = style.indent {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

fn quote(text: &mut String, letters: &str, escapes: Letters) {
    for letter in Json::quote(letters).chars() {
        match letter {
            '/' if escapes == Letters::AsciiAndSlash => text.push_str("\\/"),
            letter if !letter.is_ascii() && escapes != Letters::AsTheyAre => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_as_common_libraries_write_it() {
        let body = r#"{"b": "é/", "a": [1.10, {}],  "c": null}"#;
        let spellings: Vec<String> = respelled(body.as_bytes())
            .into_iter()
            .map(|bytes| String::from_utf8(bytes).unwrap_or_default())
            .collect();
        for expected in [
            r#"{"b":"é/","a":[1.10,{}],"c":null}"#,
            r#"{"b": "é/", "a": [1.10, {}], "c": null}"#,
            r#"{"b": "\u00e9/", "a": [1.10, {}], "c": null}"#,
            r#"{"b":"\u00e9\/","a":[1.10,{}],"c":null}"#,
            r#"{"a":[1.10,{}],"b":"é/","c":null}"#,
            "{\n  \"b\": \"é/\",\n  \"a\": [\n    1.10,\n    {}\n  ],\n  \"c\": null\n}",
        ] {
            assert!(spellings.iter().any(|text| text == expected), "{expected}");
        }
    }

    #[test]
    fn what_is_no_object_or_too_long_has_no_other_spelling() {
        let long = format!(r#"{{ "a": "{}" }}"#, "x".repeat(BODY_BYTES_MAX));
        for body in ["", "[1, 2]", "{", r#"{"a": 1, "a": 2}"#, &long] {
            assert!(respelled(body.as_bytes()).is_empty());
        }
    }
}
