//! What a body claims to be: `Content-Type` (RFC 9110 section 8.3) and `Content-Encoding`.
//!
//! Bodies are taken as they are: no content coding is undone and no charset but UTF-8 read, since
//! a decoded body is no longer the bytes that were signed, and may be far larger.

use axum::http::{HeaderMap, StatusCode, header};

/// The kind of body a request announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// No `Content-Type`, or an empty one.
    Absent,
    /// `application/json`.
    Json,
    /// `multipart/form-data` with the boundary between its parts.
    Multipart {
        /// One to seventy characters (RFC 2046 section 5.1.1).
        boundary: String,
    },
    /// Any other type, as `type/subtype` in lower case.
    Other(String),
}

/// Why a body is not read at all; every one of these is a 415.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaFault {
    /// A content coding other than `identity`.
    Encoding,
    /// A charset other than UTF-8.
    Charset,
    /// More than one `Content-Type`.
    Doubled,
    /// A `Content-Type` that is none, or a multipart body without its boundary.
    Malformed,
}

impl MediaFault {
    /// The HTTP status of every such fault.
    pub fn status(self) -> StatusCode {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    }
}

/// Reads what the request says about its body.
///
/// Letter case, blanks around `;` and quotes around a value do not matter; parameters that say
/// nothing about the charset are ignored.
pub fn check_media(headers: &HeaderMap) -> Result<Media, MediaFault> {
    for coding in headers.get_all(header::CONTENT_ENCODING) {
        let coding = coding.to_str().map_err(|_| MediaFault::Encoding)?;
        let mut names = coding.split(',').map(str::trim);
        if names.any(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity")) {
            return Err(MediaFault::Encoding);
        }
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(announced) = types.next() else {
        return Ok(Media::Absent);
    };
    if types.next().is_some() {
        return Err(MediaFault::Doubled);
    }
    let announced = announced
        .to_str()
        .map_err(|_| MediaFault::Malformed)?
        .trim();
    if announced.is_empty() {
        return Ok(Media::Absent);
    }
    parse(announced)
}

fn parse(announced: &str) -> Result<Media, MediaFault> {
    let (essence, mut rest) = announced.split_once(';').unwrap_or((announced, ""));
    let essence = essence.trim_end().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/').ok_or(MediaFault::Malformed)?;
    if !is_token(kind) || !is_token(subtype) {
        return Err(MediaFault::Malformed);
    }
    let mut boundary = None;
    while let Some((name, value, after)) = next_parameter(rest)? {
        rest = after;
        if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return Err(MediaFault::Charset);
        }
        if name.eq_ignore_ascii_case("boundary") && boundary.replace(value).is_some() {
            return Err(MediaFault::Malformed);
        }
    }
    match essence.as_str() {
        "application/json" => Ok(Media::Json),
        "multipart/form-data" => match boundary {
            Some(boundary) if (1..=70).contains(&boundary.len()) => {
                Ok(Media::Multipart { boundary })
            }
            Some(_) | None => Err(MediaFault::Malformed),
        },
        _ => Ok(Media::Other(essence)),
    }
}

/// The first parameter of `text`, its value without quotes, and what follows its `;`.
fn next_parameter(text: &str) -> Result<Option<(&str, String, &str)>, MediaFault> {
    let text = text.trim_start_matches([' ', '\t', ';']);
    if text.is_empty() {
        return Ok(None);
    }
    let (name, value) = text.split_once('=').ok_or(MediaFault::Malformed)?;
    if !is_token(name) {
        return Err(MediaFault::Malformed);
    }
    let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
        unquote(quoted)?
    } else {
        let (token, after) = value.split_at(value.find(';').unwrap_or(value.len()));
        let token = token.trim_end();
        if !is_token(token) {
            return Err(MediaFault::Malformed);
        }
        (token.to_owned(), after)
    };
    let after = after.trim_start();
    if !after.is_empty() && !after.starts_with(';') {
        return Err(MediaFault::Malformed);
    }
    Ok(Some((name, value, after)))
}

/// The content of a quoted string whose opening quote is gone, and what follows its closing one.
fn unquote(quoted: &str) -> Result<(String, &str), MediaFault> {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &quoted[at + 1..])),
            '\\' => match characters.next() {
                Some((_, escaped)) => value.push(escaped),
                None => return Err(MediaFault::Malformed),
            },
            plain => value.push(plain),
        }
    }
    Err(MediaFault::Malformed)
}

/// A token of RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}
