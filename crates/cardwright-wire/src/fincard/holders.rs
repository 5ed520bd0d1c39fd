//! Cardholders: who they are, how they are created and listed, and what is answered about them.
//!
//! [`Profile`] is what is known about a person, on the way in and on the way out; the many published
//! names of its parts are the business of the request and of the answer.

mod answer;
mod nested;
mod profile;
mod request;
mod strict;

use crate::kind::{GivenId, Kind, core_id, free_text, one_of};
use crate::shape::{Fields, Policy, Shape};

use super::card_types::HolderModel;
use super::ids::HOLDER_ID;
use super::page::{PAGE_SIZE_MAX, PageRequest};

pub use answer::{Holder, HolderFacts, StatusFlow};
pub use nested::{EmploymentInfo, KycDocument, KycVerificationOut, NestedAddress, PersonalInfo};
pub use profile::{
    Employment, IdentityDocument, KycVerification, PostalAddress, Profile, Residence,
};
pub use request::{CreateHolder, CreateHolderV1, UpdateEmail, UpdateHolder};
pub use strict::IdType;

/// How far the review of a holder is, written in two vocabularies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderStatus {
    /// Waits for the platform.
    WaitAudit,
    /// Waits for the channel.
    UnderReview,
    /// May hold cards.
    PassAudit,
    /// May not.
    Reject,
}

impl HolderStatus {
    /// The word in `status`.
    pub fn status(self) -> &'static str {
        match self {
            HolderStatus::WaitAudit => "wait_audit",
            HolderStatus::UnderReview => "under_review",
            HolderStatus::PassAudit => "pass_audit",
            HolderStatus::Reject => "reject",
        }
    }

    /// The word in `cardholderStatus`.
    pub fn cardholder_status(self) -> &'static str {
        match self {
            HolderStatus::WaitAudit => "PENDING",
            HolderStatus::UnderReview => "UNDER_REVIEW",
            HolderStatus::PassAudit => "APPROVED",
            HolderStatus::Reject => "REJECTED",
        }
    }
}

const STATUS_WORDS: &[(&str, HolderStatus)] = &[
    ("wait_audit", HolderStatus::WaitAudit),
    ("under_review", HolderStatus::UnderReview),
    ("pass_audit", HolderStatus::PassAudit),
    ("reject", HolderStatus::Reject),
    ("PENDING", HolderStatus::WaitAudit),
    ("UNDER_REVIEW", HolderStatus::UnderReview),
    ("APPROVED", HolderStatus::PassAudit),
    ("REJECTED", HolderStatus::Reject),
];

const MODEL: &[&str; 2] = &["cardHolderModel", "cardholderType"];
const MODEL_WORDS: &[(&str, HolderModel)] = &[("B2B", HolderModel::B2B), ("B2C", HolderModel::B2C)];

/// The longest text where any text is taken.
const FREE_CHARS_MAX: usize = 100;

/// `card/holder/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHolders {
    /// Which page.
    pub page: PageRequest,
    /// Only this holder.
    pub holder_id: Option<GivenId>,
    /// Only this number: area code and the rest, both or neither.
    pub phone: Option<(String, String)>,
    /// Only this e-mail address.
    pub email: Option<String>,
    /// Only this order number.
    pub merchant_order_no: Option<String>,
    /// Only this model.
    pub model: Option<HolderModel>,
    /// Only this status.
    pub status: Option<HolderStatus>,
    /// Anything that names the holder.
    pub search_term: Option<String>,
}

impl Shape for ListHolders {
    const NAME: &'static str = "ListHolders";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let holder_id = fields.optional(HOLDER_ID, core_id().about("Id of the holder"));
        let area_code =
            fields.optional(&["areaCode", "phoneCountryCode"], free_text(FREE_CHARS_MAX));
        let mobile = fields.optional(&["mobile", "phone"], free_text(FREE_CHARS_MAX));
        fields.all_or_none(&["areaCode", "mobile"]);
        let email = fields.optional("email", free_text(FREE_CHARS_MAX));
        let merchant_order_no = fields.optional("merchantOrderNo", free_text(FREE_CHARS_MAX));
        let model = fields.optional(MODEL, one_of(MODEL_WORDS));
        let status = fields.optional(&["status", "cardholderStatus"], one_of(STATUS_WORDS));
        let search_term = fields.optional(
            "searchTerm",
            free_text(FREE_CHARS_MAX).about("Part of a name or e-mail address"),
        );
        Some(ListHolders {
            page: page?,
            holder_id: holder_id?,
            phone: area_code?.zip(mobile?),
            email: email?,
            merchant_order_no: merchant_order_no?,
            model: model?,
            status: status?,
            search_term: search_term?,
        })
    }
}

/// An id number as it is kept in the clear and goes out: at most its last four characters, and no
/// more than a third of it. What is masked already stays as it is.
///
/// ```
/// use cardwright_wire::fincard::holders::masked_id_number;
///
/// assert_eq!(masked_id_number("P12345678901"), "********8901");
/// assert_eq!(masked_id_number("P12345"), "****45");
/// assert_eq!(masked_id_number("12"), "**");
/// ```
pub fn masked_id_number(id_number: &str) -> String {
    const VISIBLE_MAX: usize = 4;
    let count = id_number.chars().count();
    let visible_from = count - (count / 3).min(VISIBLE_MAX);
    let mask = |(index, character)| if index < visible_from { '*' } else { character };
    id_number.chars().enumerate().map(mask).collect()
}

#[cfg(test)]
mod tests;
