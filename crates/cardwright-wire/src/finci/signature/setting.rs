//! What a credential is set to: one canonical form, or to have it found out.

use std::fmt;
use std::str::FromStr;

use super::form::{CanonicalForm, FormFault};

/// The word for [`FormSetting::Detect`].
const DETECT: &str = "detect";

/// The form that a credential's caller signs in.
///
/// `detect` is for callers who do not know their form yet: a server tries the named forms and tells
/// which one matched. It accepts more than one string for one request, so only a sandbox takes it.
///
/// ```
/// use cardwright_wire::finci::signature::{CanonicalForm, FormSetting};
///
/// assert_eq!("detect".parse(), Ok(FormSetting::Detect));
/// assert_eq!("lines".parse(), Ok(FormSetting::Fixed(CanonicalForm::Lines)));
/// assert_eq!(FormSetting::Detect.to_string(), "detect");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormSetting {
    /// This form and no other.
    Fixed(CanonicalForm),
    /// Whichever of the named forms matches.
    Detect,
}

impl FormSetting {
    /// The forms that are tried, in this order.
    pub fn candidates(&self) -> &[CanonicalForm] {
        match self {
            FormSetting::Fixed(form) => std::slice::from_ref(form),
            FormSetting::Detect => &CanonicalForm::NAMED,
        }
    }
}

impl fmt::Display for FormSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormSetting::Fixed(form) => form.fmt(formatter),
            FormSetting::Detect => formatter.write_str(DETECT),
        }
    }
}

impl FromStr for FormSetting {
    type Err = FormFault;

    fn from_str(text: &str) -> Result<FormSetting, FormFault> {
        if text == DETECT {
            return Ok(FormSetting::Detect);
        }
        text.parse().map(FormSetting::Fixed)
    }
}
