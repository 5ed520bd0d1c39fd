//! Holders: the persons, corporates and employees that accounts and cards belong to, and the
//! checks they pass before they may hold a card.

use crate::{Country, Date, HolderId, ProductId, Refusal, Timestamp};

/// The year before which nobody is born who could hold a card.
const EARLIEST_BIRTH_YEAR: i16 = 1900;

/// Whether somebody may have been born on this day: not in the future, and not before 1900.
///
/// ```
/// use cardwright_core::{Date, is_birth_date};
///
/// let today = Date::constant(2026, 11, 21);
/// assert!(is_birth_date(Date::constant(1990, 5, 17), today));
/// assert!(!is_birth_date(Date::constant(2090, 5, 17), today));
/// assert!(!is_birth_date(Date::constant(1800, 1, 1), today));
/// ```
pub fn is_birth_date(date: Date, today: Date) -> bool {
    date <= today && date.year() >= EARLIEST_BIRTH_YEAR
}

/// What a holder is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderKind {
    /// A natural person.
    Person,
    /// A company.
    Corporate,
    /// A person who holds cards on a company's account.
    Employee,
}

impl HolderKind {
    /// Every kind.
    pub const ALL: [HolderKind; 3] = [
        HolderKind::Person,
        HolderKind::Corporate,
        HolderKind::Employee,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            HolderKind::Person => "person",
            HolderKind::Corporate => "corporate",
            HolderKind::Employee => "employee",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<HolderKind> {
        HolderKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// How thoroughly a holder was described, and so which products suit (FinCard `cardHolderModel`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderModel {
    /// The company answers for its people: name, contact and address.
    B2B,
    /// Consumers: identity documents too.
    B2C,
}

impl HolderModel {
    /// The word of the contract, also the stored one.
    pub fn word(self) -> &'static str {
        match self {
            HolderModel::B2B => "B2B",
            HolderModel::B2C => "B2C",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<HolderModel> {
        [HolderModel::B2B, HolderModel::B2C]
            .into_iter()
            .find(|model| model.word() == word)
    }
}

/// Who is looking at a holder's papers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KycStage {
    /// The platform's own staff.
    Admin,
    /// The bank or card channel.
    Channel,
}

impl KycStage {
    /// The word of the contract, also the stored one.
    pub fn word(self) -> &'static str {
        match self {
            KycStage::Admin => "admin",
            KycStage::Channel => "channel",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<KycStage> {
        [KycStage::Admin, KycStage::Channel]
            .into_iter()
            .find(|stage| stage.word() == word)
    }
}

/// Where the checks of a holder stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KycState {
    /// Waiting for the platform's staff.
    WaitAudit,
    /// Passed on to the channel.
    UnderReview,
    /// May hold cards.
    Approved,
    /// Refused, where, and why in words for the caller.
    Rejected {
        /// Who refused.
        stage: KycStage,
        /// Why.
        reason: String,
    },
}

impl KycState {
    /// The word of the FinCard contract, also the stored one.
    pub fn word(&self) -> &'static str {
        match self {
            KycState::WaitAudit => "wait_audit",
            KycState::UnderReview => "under_review",
            KycState::Approved => "pass_audit",
            KycState::Rejected { .. } => "reject",
        }
    }

    /// Puts a state together again from its stored parts.
    pub fn from_parts(word: &str, stage: KycStage, reason: Option<String>) -> Option<KycState> {
        match (word, reason) {
            ("wait_audit", None) => Some(KycState::WaitAudit),
            ("under_review", None) => Some(KycState::UnderReview),
            ("pass_audit", None) => Some(KycState::Approved),
            ("reject", Some(reason)) => Some(KycState::Rejected { stage, reason }),
            _ => None,
        }
    }

    /// Staff found nothing against the holder: the channel looks next.
    pub fn forward(&self) -> Result<KycState, Refusal> {
        match self {
            KycState::WaitAudit => Ok(KycState::UnderReview),
            KycState::UnderReview | KycState::Approved | KycState::Rejected { .. } => {
                Err(Refusal::HolderTransitionNotAllowed)
            }
        }
    }

    /// The channel accepted the holder.
    pub fn approve(&self) -> Result<KycState, Refusal> {
        match self {
            KycState::UnderReview => Ok(KycState::Approved),
            KycState::WaitAudit | KycState::Approved | KycState::Rejected { .. } => {
                Err(Refusal::HolderTransitionNotAllowed)
            }
        }
    }

    /// Whoever is looking refuses.
    pub fn reject(&self, reason: &str) -> Result<KycState, Refusal> {
        let stage = match self {
            KycState::WaitAudit => KycStage::Admin,
            KycState::UnderReview => KycStage::Channel,
            KycState::Approved | KycState::Rejected { .. } => {
                return Err(Refusal::HolderTransitionNotAllowed);
            }
        };
        Ok(KycState::Rejected {
            stage,
            reason: reason.to_owned(),
        })
    }

    /// A holder whom staff refused was described anew: staff looks again.
    pub fn resubmit(&self) -> Result<KycState, Refusal> {
        match self {
            KycState::Rejected {
                stage: KycStage::Admin,
                ..
            } => Ok(KycState::WaitAudit),
            KycState::Rejected {
                stage: KycStage::Channel,
                ..
            }
            | KycState::WaitAudit
            | KycState::UnderReview
            | KycState::Approved => Err(Refusal::HolderTransitionNotAllowed),
        }
    }

    /// An operator passes the holder at this stage; without one at every stage that is left.
    pub fn pass(&self, stage: Option<KycStage>) -> Result<KycState, Refusal> {
        match (self, stage) {
            (KycState::WaitAudit, Some(KycStage::Admin)) => self.forward(),
            (KycState::UnderReview, Some(KycStage::Channel) | None) => self.approve(),
            (KycState::WaitAudit, None) => self.forward()?.approve(),
            (KycState::WaitAudit, Some(KycStage::Channel))
            | (KycState::UnderReview, Some(KycStage::Admin))
            | (KycState::Approved | KycState::Rejected { .. }, _) => {
                Err(Refusal::HolderTransitionNotAllowed)
            }
        }
    }

    /// An operator refuses the holder at this stage; without one at whichever it is.
    pub fn fail(&self, stage: Option<KycStage>, reason: &str) -> Result<KycState, Refusal> {
        if stage.is_some_and(|stage| stage != self.stage()) {
            return Err(Refusal::HolderTransitionNotAllowed);
        }
        self.reject(reason)
    }

    /// Who looks, or looked last.
    pub fn stage(&self) -> KycStage {
        match self {
            KycState::WaitAudit
            | KycState::Rejected {
                stage: KycStage::Admin,
                ..
            } => KycStage::Admin,
            KycState::UnderReview
            | KycState::Approved
            | KycState::Rejected {
                stage: KycStage::Channel,
                ..
            } => KycStage::Channel,
        }
    }
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Street and house.
    pub line1: String,
    /// Flat, floor, care of.
    pub line2: Option<String>,
    /// City by name; FinCard callers may give their city code here.
    pub city: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<Country>,
}

/// The names of a holder; a corporate has its name in `last`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HolderName {
    /// Given name.
    pub first: String,
    /// Middle name.
    pub middle: Option<String>,
    /// Family name, or the name of the company.
    pub last: String,
}

impl HolderName {
    /// Given and family name, or the company's name alone.
    pub fn full(&self) -> String {
        if self.first.is_empty() {
            self.last.clone()
        } else {
            format!("{} {}", self.first, self.last)
        }
    }
}

/// How to reach a holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HolderContact {
    /// E-mail address as given.
    pub email: Option<String>,
    /// Dial code with plus sign, where it was given apart.
    pub area_code: Option<String>,
    /// Phone number: with the dial code in it, unless that was given apart.
    pub phone: Option<String>,
}

/// The document a holder identifies by. The number itself is sealed; this is what may be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdentityDocument {
    /// Kind of document, in the caller's vocabulary.
    pub kind: Option<String>,
    /// The number with all but the last characters hidden.
    pub masked_number: String,
}

/// A holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Its id.
    pub id: HolderId,
    /// What it is.
    pub kind: HolderKind,
    /// The 20-digit number of a person or corporate.
    pub number: Option<String>,
    /// The corporate an employee belongs to.
    pub corporate: Option<HolderId>,
    /// For which kind of product it was described; none suits all.
    pub model: Option<HolderModel>,
    /// For which product it was described; none suits all.
    pub product: Option<ProductId>,
    /// Names.
    pub name: HolderName,
    /// Date of birth.
    pub birth_date: Option<Date>,
    /// Nationality.
    pub nationality: Option<Country>,
    /// E-mail and phone.
    pub contact: HolderContact,
    /// Where it lives.
    pub address: Option<Address>,
    /// Identity document.
    pub document: Option<IdentityDocument>,
    /// Where the checks stand.
    pub kyc: KycState,
    /// The caller's own id (FINCI `external_id`, FinCard `merchantOrderNo`).
    pub external_id: Option<String>,
    /// Further facts as the caller gave them, kept to be answered again: a JSON object.
    pub profile: String,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Holder {
    /// Refuses unless the holder may hold a card.
    pub fn require_approved(&self) -> Result<(), Refusal> {
        match self.kyc {
            KycState::Approved => Ok(()),
            KycState::WaitAudit | KycState::UnderReview | KycState::Rejected { .. } => {
                Err(Refusal::HolderNotApproved)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a decision that is not there to be made is refused.
    const NO: &str = "holder_transition_not_allowed";

    #[test]
    fn an_operator_decides_one_stage_or_all_that_are_left() {
        let rejected = KycState::Rejected {
            stage: KycStage::Admin,
            reason: "no".to_owned(),
        };
        let (admin, channel) = (Some(KycStage::Admin), Some(KycStage::Channel));
        let word = |state: Result<KycState, Refusal>| {
            state.map_or_else(Refusal::code, |state| state.word())
        };
        let (under, approved) = (KycState::UnderReview.word(), KycState::Approved.word());
        // state, then: pass admin, pass channel, pass all, fail admin, fail channel, fail any
        let table = [
            (
                KycState::WaitAudit,
                [under, NO, approved, "reject", NO, "reject"],
            ),
            (
                KycState::UnderReview,
                [NO, approved, approved, NO, "reject", "reject"],
            ),
            (KycState::Approved, [NO; 6]),
            (rejected, [NO; 6]),
        ];
        for (state, expected) in table {
            let got = [
                word(state.pass(admin)),
                word(state.pass(channel)),
                word(state.pass(None)),
                word(state.fail(admin, "why")),
                word(state.fail(channel, "why")),
                word(state.fail(None, "why")),
            ];
            assert_eq!(got, expected, "{state:?}");
        }
    }

    #[test]
    fn checks_go_from_staff_to_channel_and_a_refusal_remembers_where() {
        let waiting = KycState::WaitAudit;
        let reviewed = waiting.forward().expect("staff passes it on");
        assert_eq!(reviewed, KycState::UnderReview);
        assert_eq!(reviewed.approve(), Ok(KycState::Approved));
        let rejected = waiting.reject("blurred photo").expect("staff may refuse");
        assert_eq!(rejected.stage(), KycStage::Admin);
        assert_eq!(
            reviewed.reject("listed").map(|state| state.stage()),
            Ok(KycStage::Channel)
        );
    }

    #[test]
    fn only_whom_staff_refused_is_described_anew() {
        let waiting = KycState::WaitAudit;
        let reviewed = waiting.forward().expect("staff passes it on");
        let by_staff = waiting.reject("blurred").expect("staff may refuse");
        let by_channel = reviewed.reject("listed").expect("the channel may refuse");
        assert_eq!(by_staff.resubmit(), Ok(KycState::WaitAudit));
        for other in [waiting, reviewed, by_channel, KycState::Approved] {
            let refused = Err(Refusal::HolderTransitionNotAllowed);
            assert_eq!(other.resubmit(), refused, "{other:?}");
        }
    }

    #[test]
    fn states_come_back_from_their_stored_parts() {
        let rejected = KycState::Rejected {
            stage: KycStage::Admin,
            reason: "why".into(),
        };
        for state in [
            KycState::WaitAudit,
            KycState::UnderReview,
            KycState::Approved,
            rejected,
        ] {
            let reason = match &state {
                KycState::Rejected { reason, .. } => Some(reason.clone()),
                _ => None,
            };
            let stage = KycStage::from_word(state.stage().word()).expect("a word of ours");
            assert_eq!(
                KycState::from_parts(state.word(), stage, reason),
                Some(state)
            );
        }
    }

    #[test]
    fn nothing_skips_a_stage_and_an_end_stays_an_end() {
        let rejected = KycState::Rejected {
            stage: KycStage::Admin,
            reason: String::new(),
        };
        let refused = Err(Refusal::HolderTransitionNotAllowed);
        assert_eq!(KycState::WaitAudit.approve(), refused);
        for end in [KycState::Approved, rejected] {
            assert_eq!(end.forward(), refused);
            assert_eq!(end.approve(), refused);
            assert_eq!(end.reject("again"), refused);
        }
        assert_eq!(KycState::UnderReview.forward(), refused);
    }
}
