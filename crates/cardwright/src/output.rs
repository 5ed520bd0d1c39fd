//! stdout: exact bytes for programs, readable text for people.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde_json::Value;

use crate::Failure;

/// Writes bytes to stdout as they are.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Unread),
        Err(error) => Err(Failure::Failed(format!("cannot write to stdout: {error}"))),
    }
}

/// Writes the body of an answer: as it came for a program, indented for a terminal. It ends with
/// a line's end either way, so that answers do not run together.
pub(crate) fn print_body(body: &str) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        print(for_people(body).as_bytes())
    } else {
        print(for_programs(body).as_bytes())
    }
}

fn for_programs(body: &str) -> Cow<'_, str> {
    if body.is_empty() || body.ends_with('\n') {
        Cow::Borrowed(body)
    } else {
        Cow::Owned(format!("{body}\n"))
    }
}

/// Indents JSON without touching the order of its fields or the digits of its numbers.
///
/// Control characters are replaced: a server must not steer the terminal it is read on.
fn for_people(body: &str) -> String {
    let is_json = serde_json::from_str::<Value>(body).is_ok();
    let text = if is_json {
        indented(body)
    } else {
        body.to_owned()
    };
    let visible = |letter: char| {
        if letter.is_control() && letter != '\n' {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        }
    };
    text.chars().map(visible).chain(['\n']).collect()
}

/// Lays out a text that is known to be JSON.
fn indented(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                text.push('"');
                while let Some(inner) = letters.next() {
                    text.push(inner);
                    match inner {
                        '\\' => text.extend(letters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                text.push(letter);
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut text, depth);
                text.push(letter);
            }
            ',' => {
                text.push(',');
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            letter if letter.is_ascii_whitespace() => {}
            letter => text.push(letter),
        }
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_json_keeps_order_digits_and_strings() {
        let body = r#"{"z":1.10,"a":[1e3,{}, [ ] ,{"k\"}":"x:,{\\"}],"big":12345678901234567890}"#;
        let expected = "{\n  \"z\": 1.10,\n  \"a\": [\n    1e3,\n    {},\n    [],\n    {\n      \
                        \"k\\\"}\": \"x:,{\\\\\"\n    }\n  ],\n  \"big\": 12345678901234567890\n}\n";
        assert_eq!(for_people(body), expected);
    }

    #[test]
    fn a_program_gets_the_body_as_it_came_and_one_end_of_line() {
        assert_eq!(for_programs(r#"{"a": 1.10}"#), "{\"a\": 1.10}\n");
        assert_eq!(for_programs("{}\n"), "{}\n");
        assert_eq!(for_programs(""), "");
    }

    #[test]
    fn what_is_no_json_is_shown_as_it_is_but_cannot_steer_the_terminal() {
        assert_eq!(for_people("<html>\nno: {"), "<html>\nno: {\n");
        assert_eq!(for_people("a\u{1b}[2Jb\u{9b}c"), "a\u{fffd}[2Jb\u{fffd}c\n");
        assert_eq!(for_people("\"\u{9b}\""), "\"\u{fffd}\"\n");
    }
}
