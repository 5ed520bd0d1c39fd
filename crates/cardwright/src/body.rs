//! The BODY argument: text, `@file` or `-` for stdin.

use std::io::{self, Read};

use crate::Failure;

/// The bytes a BODY argument stands for; exactly those of the file or of stdin, newline included.
pub(crate) fn read(argument: Option<&str>) -> Result<Vec<u8>, Failure> {
    match argument {
        None => Ok(Vec::new()),
        Some("-") => {
            let mut bytes = Vec::new();
            match io::stdin().lock().read_to_end(&mut bytes) {
                Ok(_) => Ok(bytes),
                Err(error) => Err(Failure::Usage(format!("BODY: cannot read stdin: {error}"))),
            }
        }
        Some(text) => match text.strip_prefix('@') {
            Some(path) => std::fs::read(path)
                .map_err(|error| Failure::Usage(format!("BODY: cannot read {path}: {error}"))),
            None => Ok(text.as_bytes().to_vec()),
        },
    }
}

/// As [`read`], for a body that is sent as text.
pub(crate) fn read_text(argument: Option<&str>) -> Result<String, Failure> {
    String::from_utf8(read(argument)?)
        .map_err(|_| Failure::Usage("BODY: JSON is UTF-8 text, and this is not".to_owned()))
}
