//! What a named model asks of a person: which fields must be there, and in which form.
//!
//! Whether a place, an occupation or a file is there at all, and whom a card type takes, is for the
//! server to say.

use std::net::Ipv4Addr;

use jiff::civil::Date;

use crate::fincard::card_types::HolderModel;
use crate::shape::FaultKind;

use super::profile::Profile;

/// Given and family name together, with the blank between them.
const NAME_CHARS_MAX: usize = 32;

/// A document that a consumer may identify by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdType {
    /// A passport.
    Passport,
    /// An identity card of Hong Kong.
    HongKongCard,
    /// A driving licence.
    DrivingLicence,
    /// An identity card of another government.
    GovernmentCard,
}

impl IdType {
    /// Reads the word of the contract.
    ///
    /// ```
    /// use cardwright_wire::fincard::holders::IdType;
    ///
    /// assert_eq!(IdType::from_word("DLN"), Some(IdType::DrivingLicence));
    /// assert_eq!(IdType::from_word("VISA"), None);
    /// ```
    pub fn from_word(word: &str) -> Option<IdType> {
        match word {
            "PASSPORT" => Some(IdType::Passport),
            "HK_HKID" => Some(IdType::HongKongCard),
            "DLN" => Some(IdType::DrivingLicence),
            "GOVERNMENT_ISSUED_ID_CARD" => Some(IdType::GovernmentCard),
            _ => None,
        }
    }
}

/// One field of a model: its main name, its value, and which values do.
struct Rule {
    name: &'static str,
    value: fn(&Profile) -> Option<String>,
    fits: fn(&str) -> bool,
}

const fn rule(
    name: &'static str,
    value: fn(&Profile) -> Option<String>,
    fits: fn(&str) -> bool,
) -> Rule {
    Rule { name, value, fits }
}

/// What both models ask.
#[rustfmt::skip]
const BUSINESS: &[Rule] = &[
    rule("areaCode", |p| p.area_code.clone(), |text| (2..=5).contains(&length(text))),
    rule("mobile", |p| p.mobile.clone(), is_number),
    rule("email", |p| p.email.clone(), |text| (5..=50).contains(&length(text))),
    rule("firstName", |p| p.first_name.clone(), is_name),
    rule("lastName", |p| p.last_name.clone(), is_name),
    rule("birthday", |p| p.birthday.map(|day| day.to_string()), |_| true),
    rule("country", |p| p.country.clone(), |_| true),
    rule("town", |p| p.residence.town.clone(), |_| true),
    rule("address", |p| p.residence.address.clone(), |text| (2..=40).contains(&length(text)) && text.chars().all(is_of_address)),
    rule("postCode", |p| p.residence.post_code.clone(), |text| (2..=15).contains(&length(text)) && text.chars().all(|c| c.is_ascii_alphanumeric())),
];

/// What only consumers are asked.
#[rustfmt::skip]
const CONSUMER: &[Rule] = &[
    NATIONALITY,
    rule("gender", |p| p.gender.clone(), |text| ["M", "F"].contains(&text)),
    rule("occupation", |p| p.employment.occupation.clone(), |_| true),
    rule("annualSalary", |p| p.employment.annual_salary.clone(), says_something),
    rule("expectedMonthlyVolume", |p| p.expected_monthly_volume.clone(), says_something),
    rule("accountPurpose", |p| p.account_purpose.clone(), |text| says_something(text) && text.is_ascii()),
    rule("idType", |p| p.document.id_type.clone(), |text| IdType::from_word(text).is_some()),
    rule("idNumber", |p| p.document.id_number.as_ref().map(|number| "*".repeat(length(number.expose()))), |text| (2..=50).contains(&length(text))),
    rule("issueDate", |p| p.document.issue_date.clone(), is_date),
    rule("idNoExpiryDate", |p| p.document.expiry_date.clone(), is_date),
    rule("ipAddress", |p| p.ip_address.clone(), |text| text.parse::<Ipv4Addr>().is_ok()),
    rule("idFrontId", |p| p.document.front_file_id.clone(), |_| true),
    rule("idBackId", |p| p.document.back_file_id.clone(), |_| true),
    rule("idHoldId", |p| p.document.hold_file_id.clone(), |_| true),
];

const NATIONALITY: Rule = rule("nationality", |p| p.nationality.clone(), |_| true);

fn rules(model: HolderModel) -> impl Iterator<Item = &'static Rule> {
    let more: &[Rule] = match model {
        HolderModel::B2B => &[],
        HolderModel::B2C => CONSUMER,
    };
    BUSINESS.iter().chain(more)
}

/// The fields that must be there, by their main names.
pub(super) fn required(model: HolderModel) -> Vec<&'static str> {
    rules(model).map(|rule| rule.name).collect()
}

impl Profile {
    /// What is wrong with the person by the rules of a model: fields that are missing first, then
    /// those in the wrong form.
    pub fn faults(&self, model: HolderModel) -> Vec<(&'static str, FaultKind)> {
        let missing = rules(model).filter(|rule| (rule.value)(self).is_none());
        let mut faults: Vec<_> = missing
            .map(|rule| (rule.name, FaultKind::Required))
            .collect();
        let wrong = rules(model)
            .filter(|rule| (rule.value)(self).is_some_and(|value| !(rule.fits)(&value)));
        faults.extend(wrong.map(|rule| (rule.name, FaultKind::Invalid)));
        let is_of_name = |(name, _): &(&str, _)| ["firstName", "lastName"].contains(name);
        let names = [&self.first_name, &self.last_name];
        let letters: usize = names.into_iter().flatten().map(|name| length(name)).sum();
        // Each name may be right where both are too long together.
        if letters + 1 > NAME_CHARS_MAX && !faults.iter().any(is_of_name) {
            faults.push(("lastName", FaultKind::Invalid));
        }
        faults
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_name(text: &str) -> bool {
    (2..=32).contains(&length(text)) && text.chars().all(|letter| letter.is_ascii_alphabetic())
}

/// Five digits at least; what groups them is none of them.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&length(text)) && digits >= 5 && text.chars().all(is_of_number)
}

/// Digits, and what people group them with.
fn is_of_number(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, ' ' | '-')
}

fn is_of_address(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, ' ' | '-')
}

fn is_date(text: &str) -> bool {
    // The parser takes more forms of a date than the contract has.
    text.len() == 10
        && text
            .parse::<Date>()
            .is_ok_and(|date| date.to_string() == text)
}
