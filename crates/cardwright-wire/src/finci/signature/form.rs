//! Canonical forms: in which order the parts of a request are joined before they are signed.

use std::fmt;
use std::str::FromStr;

/// Longest separator of a custom form, in characters.
const SEPARATOR_LIMIT: usize = 8;

/// One part of a request that a form can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The text of `X-Auth-Timestamp`.
    Timestamp,
    /// The method, upper case.
    Method,
    /// The raw request target, query included.
    Path,
    /// The issued API token.
    Token,
    /// The exact bytes of the body.
    Body,
}

impl Part {
    /// Every part, in the order of `default` with the token last.
    pub const ALL: [Part; 5] = [
        Part::Timestamp,
        Part::Method,
        Part::Path,
        Part::Body,
        Part::Token,
    ];

    /// The word a form's text uses for the part.
    pub fn name(self) -> &'static str {
        match self {
            Part::Timestamp => "timestamp",
            Part::Method => "method",
            Part::Path => "path",
            Part::Token => "token",
            Part::Body => "body",
        }
    }
}

/// How the parts of a request are joined before they are signed; a setting of each credential.
///
/// Its text is a name, or `custom:` with the parts joined by `+` and, where there is one, the
/// separator, in which `\n`, `\r`, `\t` and `\\` stand for a control character or a backslash:
///
/// ```
/// use cardwright_wire::finci::signature::CanonicalForm;
///
/// let form: CanonicalForm = r"custom:path+timestamp+body;separator=\n".parse()?;
/// assert_eq!(form.separator(), "\n");
/// assert_eq!(form.to_string(), r"custom:path+timestamp+body;separator=\n");
/// assert_eq!("no-method".parse(), Ok(CanonicalForm::NoMethod));
/// assert!("custom:timestamp+body".parse::<CanonicalForm>().is_err(), "the path is not signed");
/// # Ok::<(), cardwright_wire::finci::signature::FormFault>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum CanonicalForm {
    /// `default`: timestamp, method, path, body.
    #[default]
    Default,
    /// `no-method`: timestamp, path, body.
    NoMethod,
    /// `path-first`: method, path, timestamp, body.
    PathFirst,
    /// `token-first`: token, timestamp, path, body.
    TokenFirst,
    /// `lines`: method, path, timestamp, body, with a newline between them.
    Lines,
    /// Any other order.
    Custom(CustomForm),
}

impl CanonicalForm {
    /// The forms that have a name, in the order in which a server tries them.
    pub const NAMED: [CanonicalForm; 5] = [
        CanonicalForm::Default,
        CanonicalForm::NoMethod,
        CanonicalForm::PathFirst,
        CanonicalForm::TokenFirst,
        CanonicalForm::Lines,
    ];

    /// The parts in the order in which they are signed.
    pub fn parts(&self) -> &[Part] {
        match self {
            CanonicalForm::Default => &[Part::Timestamp, Part::Method, Part::Path, Part::Body],
            CanonicalForm::NoMethod => &[Part::Timestamp, Part::Path, Part::Body],
            CanonicalForm::PathFirst | CanonicalForm::Lines => {
                &[Part::Method, Part::Path, Part::Timestamp, Part::Body]
            }
            CanonicalForm::TokenFirst => &[Part::Token, Part::Timestamp, Part::Path, Part::Body],
            CanonicalForm::Custom(custom) => &custom.parts,
        }
    }

    /// What stands between two parts; empty for every named form but `lines`.
    pub fn separator(&self) -> &str {
        match self {
            CanonicalForm::Lines => "\n",
            CanonicalForm::Custom(custom) => &custom.separator,
            _ => "",
        }
    }

    /// A form of one's own; one that joins like a named form is that named form.
    pub fn custom(parts: &[Part], separator: &str) -> Result<CanonicalForm, FormFault> {
        if parts.is_empty() {
            return Err(FormFault::NoParts);
        }
        for (position, part) in parts.iter().enumerate() {
            if parts[..position].contains(part) {
                return Err(FormFault::RepeatedPart(*part));
            }
        }
        for required in [Part::Timestamp, Part::Path, Part::Body] {
            if !parts.contains(&required) {
                return Err(FormFault::MissingPart(required));
            }
        }
        let printable = |letter: char| matches!(letter, ' '..='~' | '\n' | '\r' | '\t');
        if separator.chars().count() > SEPARATOR_LIMIT || !separator.chars().all(printable) {
            return Err(FormFault::Separator);
        }
        let named = CanonicalForm::NAMED
            .into_iter()
            .find(|form| form.parts() == parts && form.separator() == separator);
        Ok(named.unwrap_or_else(|| {
            CanonicalForm::Custom(CustomForm {
                parts: parts.to_vec(),
                separator: separator.to_owned(),
            })
        }))
    }
}

/// The parts and separator of a form without a name; only [`CanonicalForm::custom`] makes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomForm {
    parts: Vec<Part>,
    separator: String,
}

impl fmt::Display for CanonicalForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CanonicalForm::Default => formatter.write_str("default"),
            CanonicalForm::NoMethod => formatter.write_str("no-method"),
            CanonicalForm::PathFirst => formatter.write_str("path-first"),
            CanonicalForm::TokenFirst => formatter.write_str("token-first"),
            CanonicalForm::Lines => formatter.write_str("lines"),
            CanonicalForm::Custom(custom) => {
                let names: Vec<&str> = custom.parts.iter().map(|part| part.name()).collect();
                write!(formatter, "custom:{}", names.join("+"))?;
                if custom.separator.is_empty() {
                    return Ok(());
                }
                write!(formatter, ";separator={}", escaped(&custom.separator))
            }
        }
    }
}

impl FromStr for CanonicalForm {
    type Err = FormFault;

    fn from_str(text: &str) -> Result<CanonicalForm, FormFault> {
        let Some(description) = text.strip_prefix("custom:") else {
            return CanonicalForm::NAMED
                .into_iter()
                .find(|form| form.to_string() == text)
                .ok_or_else(|| FormFault::UnknownName(text.to_owned()));
        };
        let (names, separator) = match description.split_once(";separator=") {
            Some((names, separator)) => (names, unescaped(separator)?),
            None => (description, String::new()),
        };
        if names.is_empty() {
            return Err(FormFault::NoParts);
        }
        let parts = names
            .split('+')
            .map(part_named)
            .collect::<Result<Vec<Part>, _>>()?;
        CanonicalForm::custom(&parts, &separator)
    }
}

/// Why a text or a list of parts is no canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormFault {
    /// Neither a form's name nor a text that begins with `custom:`.
    UnknownName(String),
    /// A custom form without any part.
    NoParts,
    /// A word that names no part.
    UnknownPart(String),
    /// A part named twice.
    RepeatedPart(Part),
    /// Timestamp, path and body must be signed, and this one is not.
    MissingPart(Part),
    /// The separator is too long, not printable ASCII, or has a broken escape.
    Separator,
}

impl fmt::Display for FormFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormFault::UnknownName(name) => write!(
                formatter,
                "no canonical form is called `{name}`; there are default, no-method, path-first, \
                 token-first, lines and custom:PART+PART…[;separator=TEXT]"
            ),
            FormFault::NoParts => formatter.write_str("a custom form needs parts"),
            FormFault::UnknownPart(name) => write!(
                formatter,
                "`{name}` is no part of a request; parts are timestamp, method, path, body, token"
            ),
            FormFault::RepeatedPart(part) => write!(formatter, "`{}` stands twice", part.name()),
            FormFault::MissingPart(part) => {
                write!(
                    formatter,
                    "`{}` must be among the signed parts",
                    part.name()
                )
            }
            FormFault::Separator => write!(
                formatter,
                "the separator must be at most {SEPARATOR_LIMIT} characters of printable ASCII, \
                 with \\n, \\r, \\t and \\\\ as escapes"
            ),
        }
    }
}

impl std::error::Error for FormFault {}

fn part_named(name: &str) -> Result<Part, FormFault> {
    Part::ALL
        .into_iter()
        .find(|part| part.name() == name)
        .ok_or_else(|| FormFault::UnknownPart(name.to_owned()))
}

fn escaped(separator: &str) -> String {
    let escapes = [("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")];
    escapes
        .iter()
        .fold(separator.to_owned(), |text, (plain, escape)| {
            text.replace(plain, escape)
        })
}

fn unescaped(text: &str) -> Result<String, FormFault> {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('\\') => '\\',
                _ => return Err(FormFault::Separator),
            },
            letter => letter,
        });
    }
    Ok(plain)
}
