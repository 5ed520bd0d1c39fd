//! Creating and changing holders. Without a model few fields are required and the rest is free text;
//! with one, all of its fields are required and checked ([`super::strict`]).
//!
//! Flat and nested names are names of the same fields, so a body may mix them; where two of them
//! disagree it is refused.

use crate::fincard::card_types::HolderModel;
use crate::fincard::ids::{HOLDER_ID, is_of_order_number};
use crate::kind::{
    GivenId, Hidden, Kind, boolean, core_id, country as alpha2, date, email, free_text,
    hidden_text, ignored, object, one_of, text,
};
use crate::shape::{FaultKind, Fields, Names, Policy, Shape};

use super::profile::{
    Employment, FurtherDocument, IdentityDocument, KycVerification, PostalAddress, Profile,
    Residence,
};
use super::{FREE_CHARS_MAX, MODEL, MODEL_WORDS, masked_id_number, strict};

/// `card/holder/v2/create`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateHolder {
    /// For which kind of card type the holder is described; absent: any.
    pub model: Option<HolderModel>,
    /// The integrator's number.
    pub merchant_order_no: Option<String>,
    /// The card type the holder is meant for.
    pub card_type_id: Option<GivenId>,
    /// The person.
    pub profile: Profile,
}

/// `card/holder/create`, whose strict form asks every holder's nationality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateHolderV1(pub CreateHolder);

/// `card/holder/v2/update` and `card/holder/update`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateHolder {
    /// Which holder.
    pub holder_id: GivenId,
    /// For which kind of card type the holder is described from now on.
    pub model: Option<HolderModel>,
    /// The card type the holder is meant for from now on.
    pub card_type_id: Option<GivenId>,
    /// What changes about the person.
    pub change: Profile,
}

/// `card/holder/updateEmail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateEmail {
    /// Which holder.
    pub holder_id: GivenId,
    /// The new address.
    pub email: String,
}

/// How long a strict form's `merchantOrderNo` is.
const ORDER_NO_CHARS: std::ops::RangeInclusive<usize> = 20..=40;

impl Shape for CreateHolder {
    const NAME: &'static str = "CreateHolder";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let about = "The card type's `metadata.cardHolderModel`; with it, every field of that model \
                     is required and checked";
        let model = fields.optional(MODEL, model(about));
        let order_no = fields.optional("merchantOrderNo", order_number());
        let card_type_id = fields.optional("cardTypeId", card_type());
        let profile = Profile::read(fields, Extent::Whole);
        if let Some(Some(model)) = model {
            fields.demand(&["merchantOrderNo", "cardTypeId"]);
            fields.demand(&strict::required(model));
        }
        let request = CreateHolder {
            model: model?,
            merchant_order_no: order_no?,
            card_type_id: card_type_id?,
            profile: profile?,
        };
        request.report_faults(fields);
        Some(request)
    }
}

impl CreateHolder {
    /// Reports what the named model, if one is, has against the fields that are there.
    fn report_faults(&self, fields: &mut Fields<'_>) {
        let Some(model) = self.model else { return };
        let number = self.merchant_order_no.as_deref();
        let fits = |number: &str| {
            ORDER_NO_CHARS.contains(&number.len()) && number.bytes().all(is_of_order_number)
        };
        if number.is_some_and(|number| !fits(number)) {
            fields.fault("merchantOrderNo", FaultKind::Invalid);
        }
        for (name, kind) in self.profile.faults(model) {
            fields.fault(name, kind);
        }
    }
}

impl Shape for CreateHolderV1 {
    const NAME: &'static str = "CreateHolderV1";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let request = CreateHolder::read(fields);
        if request
            .as_ref()
            .is_some_and(|request| request.model.is_some())
        {
            fields.demand(&["nationality"]);
        }
        request.map(CreateHolderV1)
    }
}

impl Shape for UpdateHolder {
    const NAME: &'static str = "UpdateHolder";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let holder_id = fields.required(HOLDER_ID, core_id().about("Id of the holder"));
        let about = "Another model; the holder must then have every field of it";
        let model = fields.optional(MODEL, model(about));
        let card_type_id = fields.optional("cardTypeId", card_type());
        let change = Profile::read(fields, Extent::Changes);
        Some(UpdateHolder {
            holder_id: holder_id?,
            model: model?,
            card_type_id: card_type_id?,
            change: change?,
        })
    }
}

impl Shape for UpdateEmail {
    const NAME: &'static str = "UpdateHolderEmail";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let holder_id = fields.required(HOLDER_ID, core_id().about("Id of the holder"));
        let email = fields.required("email", email_text());
        Some(UpdateEmail {
            holder_id: holder_id?,
            email: email?,
        })
    }
}

fn model(about: &'static str) -> impl Kind<Out = HolderModel> {
    one_of(MODEL_WORDS).about(about)
}

/// Free text, as everything is that no model asks for; with one, 20 to 40 letters, digits, `_`, `-`.
fn order_number() -> impl Kind<Out = String> {
    free_text(FREE_CHARS_MAX)
        .about(
            "Your own number of the holder; with a model 20 to 40 letters, digits, `_` or `-`; a \
             repeat with equal content gets the first answer again",
        )
        .example("holder-2025-10-01-0001")
}

fn card_type() -> impl Kind<Out = GivenId> {
    core_id().about("Card type the holder is meant for")
}

/// How much of a person a body says.
#[derive(Clone, Copy)]
enum Extent {
    /// All: what a holder cannot be without is required.
    Whole,
    /// What changes.
    Changes,
}

impl Extent {
    /// A field that no holder is without.
    #[expect(
        clippy::option_option,
        reason = "faulty, absent and given, as the fields themselves answer it"
    )]
    fn needed<K: Kind>(
        self,
        fields: &mut Fields<'_>,
        names: impl Into<Names>,
        kind: K,
    ) -> Option<Option<K::Out>> {
        match self {
            Extent::Whole => fields.required(names, kind).map(Some),
            Extent::Changes => fields.optional(names, kind),
        }
    }
}

/// The names of a telephone number; the nested ones may stand beside each other.
const MOBILE: &[&str; 6] = &[
    "mobile",
    "phone",
    "phoneNumber",
    "mobileNumber",
    "personalInfo.phoneNumber",
    "personalInfo.mobileNumber",
];

fn free() -> impl Kind<Out = String> {
    free_text(FREE_CHARS_MAX)
}

fn name() -> impl Kind<Out = String> {
    text(1..=FREE_CHARS_MAX)
}

impl Profile {
    fn read(fields: &mut Fields<'_>, extent: Extent) -> Option<Profile> {
        let first_name = extent.needed(
            fields,
            &["firstName", "personalInfo.firstName"],
            name().about("Given names").example("Jonas"),
        );
        let middle_name = fields.optional(&["middleName", "personalInfo.middleName"], free());
        let last_name = extent.needed(
            fields,
            &["lastName", "personalInfo.lastName"],
            name().about("Family name").example("Jonaitis"),
        );
        let birthday = extent.needed(
            fields,
            &["birthday", "dateOfBirth", "personalInfo.dateOfBirth"],
            date().about("Day of birth").example("1990-05-17"),
        );
        let email = extent.needed(fields, &["email", "personalInfo.email"], email_text());
        let area_code = fields.optional(&["areaCode", "phoneCountryCode"], free().example("+370"));
        let mobile = fields.optional(MOBILE, free().example("60000000"));
        let residence = Residence::read(fields, extent);
        let lives_in = "Country of residence, alpha-2; this or `nationality` is required";
        let country = fields.optional(
            &["country", "residentialAddress.country"],
            alpha2().about(lives_in).example("LT"),
        );
        let nationality = fields.optional(
            &["nationality", "personalInfo.nationality"],
            alpha2().about("Nationality, alpha-2").example("LT"),
        );
        if let Extent::Whole = extent {
            fields.at_least_one(&["country", "nationality"]);
        }
        let document = IdentityDocument::read(fields, extent);
        let gender = fields.optional(&["gender", "personalInfo.gender"], free().example("F"));
        let employment = Employment::read(fields);
        let mailing_address = fields.optional(
            "mailingAddress",
            object::<PostalAddress>().about("Where letters go, if elsewhere"),
        );
        let account_purpose = fields.optional("accountPurpose", free());
        let expected_monthly_volume =
            fields.optional("expectedMonthlyVolume", free().example("10000 USD"));
        let ip_address = fields.optional("ipAddress", free().example("203.0.113.7"));
        let kyc_verification = fields.optional("kycVerification", object::<KycVerification>());
        let risk_level = fields.optional("riskLevel", free().example("LOW"));
        Some(Profile {
            first_name: first_name?,
            middle_name: middle_name?,
            last_name: last_name?,
            birthday: birthday?,
            email: email?,
            area_code: area_code?,
            mobile: mobile?,
            country: country?,
            nationality: nationality?,
            gender: gender?,
            residence: residence?,
            mailing_address: mailing_address?,
            employment: employment?,
            document: document?,
            account_purpose: account_purpose?,
            expected_monthly_volume: expected_monthly_volume?,
            ip_address: ip_address?,
            kyc_verification: kyc_verification?,
            risk_level: risk_level?,
        })
    }
}

impl Residence {
    fn read(fields: &mut Fields<'_>, extent: Extent) -> Option<Residence> {
        let address = extent.needed(
            fields,
            &["address", "addressLine1", "residentialAddress.addressLine1"],
            name().about("Street and house").example("Gedimino pr. 1"),
        );
        let address_line2 =
            fields.optional(&["addressLine2", "residentialAddress.addressLine2"], free());
        let town = fields.optional(
            &["town", "city", "residentialAddress.city"],
            free().about("City code, or name").example("LT_58"),
        );
        let state = fields.optional(&["state", "residentialAddress.state"], free());
        let post_code = fields.optional(
            &[
                "postCode",
                "zipCode",
                "postalCode",
                "residentialAddress.postalCode",
            ],
            free().example("01103"),
        );
        let address_type = fields.optional(
            "residentialAddress.addressType",
            free().example("RESIDENTIAL"),
        );
        let is_primary = fields.optional("residentialAddress.isPrimary", boolean());
        Some(Residence {
            address: address?,
            address_line2: address_line2?,
            town: town?,
            state: state?,
            post_code: post_code?,
            address_type: address_type?,
            is_primary: is_primary?,
        })
    }
}

impl Employment {
    fn read(fields: &mut Fields<'_>) -> Option<Employment> {
        let occupation = fields.optional(
            &[
                "occupation",
                "occupationCode",
                "employmentInfo.occupationCode",
            ],
            free().about("Occupation code").example("11-1011"),
        );
        let annual_salary = fields.optional(
            &[
                "annualSalary",
                "annualIncome",
                "employmentInfo.annualIncome",
            ],
            free().example("100000 USD"),
        );
        let occupation_title = fields.optional("employmentInfo.occupationTitle", free());
        let monthly_income = fields.optional("employmentInfo.monthlyIncome", free());
        let income_currency = fields.optional("employmentInfo.incomeCurrency", free());
        let employer_name = fields.optional("employmentInfo.employerName", free());
        let industry = fields.optional("employmentInfo.industry", free());
        let status = fields.optional(
            "employmentInfo.employmentStatus",
            free().example("FULL_TIME"),
        );
        let start_date = fields.optional("employmentInfo.employmentStartDate", free());
        let employer_address =
            fields.optional("employmentInfo.employerAddress", object::<PostalAddress>());
        Some(Employment {
            occupation: occupation?,
            occupation_title: occupation_title?,
            annual_salary: annual_salary?,
            monthly_income: monthly_income?,
            income_currency: income_currency?,
            employer_name: employer_name?,
            industry: industry?,
            status: status?,
            start_date: start_date?,
            employer_address: employer_address?,
        })
    }
}

impl IdentityDocument {
    fn read(fields: &mut Fields<'_>, extent: Extent) -> Option<IdentityDocument> {
        let id_type = fields.optional(
            &["idType", "documentType", "kycDocuments.0.documentType"],
            free().example("PASSPORT"),
        );
        let id_number = fields.optional(
            &[
                "idNumber",
                "documentNumber",
                "kycDocuments.0.documentNumber",
            ],
            id_number()
                .about("Number of the document; without a model, this or `idFrontId` is required"),
        );
        let issue_date = fields.optional(
            &[
                "issueDate",
                "documentIssueDate",
                "kycDocuments.0.documentIssueDate",
            ],
            free().example("2020-01-31"),
        );
        let expiry_date = fields.optional(
            &[
                "idNoExpiryDate",
                "documentExpiryDate",
                "kycDocuments.0.documentExpiryDate",
            ],
            free().example("2030-01-31"),
        );
        let front = fields.optional(
            &["idFrontId", "idFrontFileId"],
            free().about("File with the front"),
        );
        let back = fields.optional(
            &["idBackId", "idBackFileId"],
            free().about("File with the back"),
        );
        let hold = fields.optional("idHoldId", free().about("File with the person holding it"));
        if let Extent::Whole = extent {
            // A model decides by itself whether it asks for a document.
            fields.at_least_one(&["idNumber", "idFrontId", "cardHolderModel"]);
        }
        let issuing_country = fields.optional("kycDocuments.0.documentIssuingCountry", free());
        let front_url = fields.optional("kycDocuments.0.documentFrontImageUrl", url());
        let back_url = fields.optional("kycDocuments.0.documentBackImageUrl", url());
        let selfie_url = fields.optional("kycDocuments.0.selfieImageUrl", url());
        let further = FurtherDocument::read_all(fields);
        Some(IdentityDocument {
            id_type: id_type?,
            id_number: id_number?,
            issue_date: issue_date?,
            expiry_date: expiry_date?,
            issuing_country: issuing_country?,
            front_file_id: front?,
            back_file_id: back?,
            hold_file_id: hold?,
            front_image_url: front_url?,
            back_image_url: back_url?,
            selfie_image_url: selfie_url?,
            further: further?,
        })
    }
}

/// Where the documents after the first stand.
const FURTHER: [&str; 9] = [
    "kycDocuments.1",
    "kycDocuments.2",
    "kycDocuments.3",
    "kycDocuments.4",
    "kycDocuments.5",
    "kycDocuments.6",
    "kycDocuments.7",
    "kycDocuments.8",
    "kycDocuments.9",
];

impl FurtherDocument {
    /// The documents after the first. No holder proves anything by an eleventh one.
    fn read_all(fields: &mut Fields<'_>) -> Option<Vec<FurtherDocument>> {
        let read = FURTHER.map(|name| fields.optional(name, object::<FurtherDocument>()));
        if let Some(Some(())) = fields.optional("kycDocuments.10", ignored()) {
            fields.fault("kycDocuments", FaultKind::Invalid);
        }
        let read: Option<Vec<Option<FurtherDocument>>> = read.into_iter().collect();
        let is_said = |document: &FurtherDocument| *document != FurtherDocument::default();
        read.map(|read| read.into_iter().flatten().filter(is_said).collect())
    }
}

impl Shape for FurtherDocument {
    const NAME: &'static str = "HolderDocument";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let id_type = fields.optional("documentType", free());
        let number = fields.optional("documentNumber", id_number());
        let issue_date = fields.optional("documentIssueDate", free());
        let expiry_date = fields.optional("documentExpiryDate", free());
        let issuing_country = fields.optional("documentIssuingCountry", free());
        let front = fields.optional("documentFrontImageUrl", url());
        let back = fields.optional("documentBackImageUrl", url());
        let selfie = fields.optional("selfieImageUrl", url());
        Some(FurtherDocument {
            id_type: id_type?,
            masked_number: number?.map(|number| masked_id_number(number.expose())),
            issue_date: issue_date?,
            expiry_date: expiry_date?,
            issuing_country: issuing_country?,
            front_image_url: front?,
            back_image_url: back?,
            selfie_image_url: selfie?,
        })
    }
}

fn email_text() -> impl Kind<Out = String> {
    email(3..=FREE_CHARS_MAX).example("jonas@example.com")
}

fn id_number() -> impl Kind<Out = Hidden> {
    hidden_text(1..=FREE_CHARS_MAX)
}

fn url() -> impl Kind<Out = String> {
    text(1..=2048)
}

impl Shape for PostalAddress {
    const NAME: &'static str = "HolderAddress";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let address_line1 = fields.optional(&["addressLine1", "address"], free());
        let address_line2 = fields.optional("addressLine2", free());
        let city = fields.optional(&["city", "town"], free());
        let state = fields.optional("state", free());
        let postal_code = fields.optional(&["postalCode", "postCode", "zipCode"], free());
        let country = fields.optional("country", free());
        let address_type = fields.optional("addressType", free());
        let is_primary = fields.optional("isPrimary", boolean());
        Some(PostalAddress {
            address_line1: address_line1?,
            address_line2: address_line2?,
            city: city?,
            state: state?,
            postal_code: postal_code?,
            country: country?,
            address_type: address_type?,
            is_primary: is_primary?,
        })
    }
}

impl Shape for KycVerification {
    const NAME: &'static str = "KycVerification";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let provider = fields.required("provider", name().example("SUMSUB"));
        let reference_id = fields.required(
            "referenceId",
            name().about("The provider's id of the person"),
        );
        Some(KycVerification {
            provider: provider?,
            reference_id: reference_id?,
        })
    }
}
