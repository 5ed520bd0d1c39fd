//! The context headers every call carries, checked before anything else is looked at.
//!
//! `X-Forwarded-For` and `X-Forwarded-From` are claims of the caller: they are recorded as such and
//! never decide anything.

use super::envelope::Failure;
use super::errors::Code;
use crate::media_type::is_json;

/// A device's name goes into the token of its session, which has a bound of its own.
const DEVICE_ID_CHARS_MAX: usize = 256;
/// Many proxies add an address each; more than this is no list of proxies.
const FORWARDED_CHARS_MAX: usize = 1024;

/// The kind of program the end user holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum Platform {
    Web,
    Ios,
    Android,
}

/// What the context headers said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The tenant the call claims to be of; never empty.
    pub tenant: String,
    /// The end user's address, as claimed; may be empty, at most 1024 characters.
    pub forwarded_for: String,
    /// The calling system, as claimed; may be empty, at most 1024 characters.
    pub forwarded_from: String,
    /// What the end user's program runs on.
    pub platform: Platform,
    /// The end user's device; may be empty, at most 256 characters.
    pub device_id: String,
}

/// What body the called path takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Multipart,
}

/// Why the headers do not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderFault {
    /// These are not there, in the documented order.
    Missing(Vec<&'static str>),
    /// This one is there twice, is too long, or does not say what it may say.
    Invalid(&'static str),
    /// The `Content-Type` is not the one the path takes.
    MediaType,
}

impl From<HeaderFault> for Failure {
    fn from(fault: HeaderFault) -> Failure {
        match fault {
            HeaderFault::Missing(names) => Failure::field(Code::MissingHeader, &names.join(", ")),
            HeaderFault::Invalid(name) => Failure::field(Code::InvalidHeader, name),
            HeaderFault::MediaType => Code::UnsupportedMediaType.into(),
        }
    }
}

/// A header, its main name first; another name counts only while those before it are absent.
struct Header(&'static [&'static str]);

const TENANT: Header = Header(&["X-Tenant-ID"]);
const FORWARDED_FOR: Header = Header(&["X-Forwarded-For"]);
const FORWARDED_FROM: Header = Header(&["X-Forwarded-From"]);
const PLATFORM: Header = Header(&["platform", "sec-ch-ua-platform"]);
const DEVICE_ID: Header = Header(&["deviceId", "X-Device-Id", "device-id"]);
const CONTENT_TYPE: Header = Header(&["Content-Type"]);

/// Checks all context headers and the `Content-Type`.
///
/// `values` answers every value of a header by its name, whatever the case of the name.
///
/// ```
/// use cardwright_wire::fincard::envelope::Failure;
/// use cardwright_wire::fincard::headers::{Expected, check};
///
/// let fault = check(|_| Vec::new(), Expected::Json).unwrap_err();
/// assert_eq!(
///     Failure::from(fault).msg(),
///     "Missing required header(s): X-Tenant-ID, X-Forwarded-For, X-Forwarded-From, platform, deviceId, Content-Type",
/// );
/// ```
pub fn check<'a>(
    values: impl Fn(&str) -> Vec<&'a [u8]>,
    expected: Expected,
) -> Result<Context, HeaderFault> {
    let all = [
        TENANT,
        FORWARDED_FOR,
        FORWARDED_FROM,
        PLATFORM,
        DEVICE_ID,
        CONTENT_TYPE,
    ];
    let [
        tenant,
        forwarded_for,
        forwarded_from,
        platform,
        device_id,
        content_type,
    ] = singles(&values, all)?;
    let context = Context {
        tenant: tenant.tenant()?,
        forwarded_for: forwarded_for.bounded(FORWARDED_CHARS_MAX)?,
        forwarded_from: forwarded_from.bounded(FORWARDED_CHARS_MAX)?,
        platform: platform.platform()?,
        device_id: device_id.bounded(DEVICE_ID_CHARS_MAX)?,
    };
    content_type.media_type(expected)?;
    Ok(context)
}

/// Checks what the session call of one organization's user needs: tenant and `Content-Type`.
pub fn check_tenant<'a>(values: impl Fn(&str) -> Vec<&'a [u8]>) -> Result<String, HeaderFault> {
    let [tenant, content_type] = singles(&values, [TENANT, CONTENT_TYPE])?;
    let tenant = tenant.tenant()?;
    content_type.media_type(Expected::Json)?;
    Ok(tenant)
}

/// Checks what a signed event needs: no context, but the `Content-Type`.
pub fn check_media_type<'a>(values: impl Fn(&str) -> Vec<&'a [u8]>) -> Result<(), HeaderFault> {
    let [content_type] = singles(&values, [CONTENT_TYPE])?;
    content_type.media_type(Expected::Json)
}

/// One value of one header, under the name it was found by.
struct Single<'a> {
    name: &'static str,
    main: &'static str,
    value: &'a [u8],
}

/// All that are missing are reported together, before any that is there twice.
fn singles<'a, const N: usize>(
    values: &impl Fn(&str) -> Vec<&'a [u8]>,
    headers: [Header; N],
) -> Result<[Single<'a>; N], HeaderFault> {
    let found = headers.map(|Header(names)| {
        let main = names.first().copied().unwrap_or_default();
        let given = names.iter().map(|name| (*name, values(name)));
        (
            main,
            given.into_iter().find(|(_, values)| !values.is_empty()),
        )
    });
    let missing: Vec<_> = found
        .iter()
        .filter(|(_, given)| given.is_none())
        .map(|(main, _)| *main)
        .collect();
    if !missing.is_empty() {
        return Err(HeaderFault::Missing(missing));
    }
    let mut doubled = None;
    let singles = found.map(|(main, given)| {
        let (name, values) = given.unwrap_or((main, Vec::new()));
        if values.len() > 1 {
            doubled = doubled.or(Some(name));
        }
        Single {
            name,
            main,
            value: values.first().copied().unwrap_or_default(),
        }
    });
    doubled.map_or(Ok(singles), |name| Err(HeaderFault::Invalid(name)))
}

impl Single<'_> {
    fn text(&self) -> Result<String, HeaderFault> {
        let text = std::str::from_utf8(self.value).map_err(|_| HeaderFault::Invalid(self.name))?;
        Ok(text.trim().to_owned())
    }

    /// Text that is kept: bounded, and without what could disturb a terminal that shows it.
    fn bounded(&self, chars_max: usize) -> Result<String, HeaderFault> {
        let text = self.text()?;
        if text.chars().count() > chars_max || text.chars().any(char::is_control) {
            return Err(HeaderFault::Invalid(self.name));
        }
        Ok(text)
    }

    fn tenant(&self) -> Result<String, HeaderFault> {
        let tenant = self.text()?;
        if tenant.is_empty() {
            Err(HeaderFault::Invalid(self.name))
        } else {
            Ok(tenant)
        }
    }

    /// A client hint is a quoted string in the browser's own case (`"Android"`); the main header
    /// has three words.
    fn platform(&self) -> Result<Platform, HeaderFault> {
        let mut word = self.text()?;
        if self.name != self.main {
            word = word.trim_matches('"').to_ascii_lowercase();
        }
        match word.as_str() {
            "web" => Ok(Platform::Web),
            "ios" => Ok(Platform::Ios),
            "android" => Ok(Platform::Android),
            _ => Err(HeaderFault::Invalid(self.name)),
        }
    }

    fn media_type(&self, expected: Expected) -> Result<(), HeaderFault> {
        let fits = match expected {
            Expected::Json => is_json(self.value),
            Expected::Multipart => {
                let essence = self
                    .value
                    .split(|byte| *byte == b';')
                    .next()
                    .unwrap_or_default();
                essence
                    .trim_ascii()
                    .eq_ignore_ascii_case(b"multipart/form-data")
            }
        };
        if fits {
            Ok(())
        } else {
            Err(HeaderFault::MediaType)
        }
    }
}

#[cfg(test)]
mod tests;
