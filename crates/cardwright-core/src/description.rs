//! What a card type and the world have a say in when somebody is described as a holder.

use crate::{
    Capability, Country, HolderModel, HolderRefusal, Occupation, Product, Record, Refusal,
    place_name,
};

/// A document that a consumer identifies by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DocumentKind {
    /// A passport.
    Passport,
    /// An identity card of Hong Kong.
    HongKongCard,
    /// A driving licence.
    DrivingLicence,
    /// An identity card of another government.
    GovernmentCard,
}

impl DocumentKind {
    /// Refuses a document that people of this nationality do not identify by: in Hong Kong it is a
    /// passport or the card of Hong Kong, elsewhere anything but that card.
    ///
    /// ```
    /// use cardwright_core::{Country, DocumentKind};
    ///
    /// let hong_kong = Country::parse("HK").expect("a country");
    /// assert!(DocumentKind::HongKongCard.check(hong_kong).is_ok());
    /// assert!(DocumentKind::DrivingLicence.check(hong_kong).is_err());
    /// ```
    pub fn check(self, nationality: Country) -> Result<(), Refusal> {
        let of_hong_kong = nationality.alpha2() == "HK";
        let suits = match self {
            DocumentKind::Passport => true,
            DocumentKind::HongKongCard => of_hong_kong,
            DocumentKind::DrivingLicence | DocumentKind::GovernmentCard => !of_hong_kong,
        };
        if suits {
            Ok(())
        } else {
            Err(HolderRefusal::IdTypeNotAllowed.into())
        }
    }
}

/// A person as described by the rules of a model. What the model does not ask is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description {
    /// The model.
    pub model: HolderModel,
    /// Country of residence.
    pub country: Country,
    /// Nationality.
    pub nationality: Option<Country>,
    /// Dial code of the telephone number, with its plus.
    pub area_code: String,
    /// Code of the place of residence.
    pub town: String,
    /// Code of the occupation.
    pub occupation: Option<String>,
    /// What the person identifies by.
    pub document: Option<DocumentKind>,
    /// Whether somebody else has checked the identity.
    pub checked_elsewhere: Capability,
}

impl Description {
    /// Refuses whom the product does not take, and what does not exist.
    pub fn check(&self, product: &Product) -> Result<(), Refusal> {
        product.check_model(Some(self.model))?;
        let countries = [Some(self.country), self.nationality];
        if !countries.into_iter().flatten().all(Country::is_served) {
            return Err(HolderRefusal::CountryNotSupported.into());
        }
        if !is_served_area(&self.area_code) {
            return Err(HolderRefusal::AreaCodeNotSupported.into());
        }
        if place_name(self.country, &self.town).is_none() {
            return Err(Refusal::NotFound(Record::City));
        }
        if let Some(code) = &self.occupation
            && Occupation::find(code).is_none()
        {
            return Err(Refusal::NotFound(Record::Occupation));
        }
        if let (Some(document), Some(nationality)) = (self.document, self.nationality) {
            document.check(nationality)?;
        }
        let asks = product.capabilities.kyc_verification.is_yes();
        if asks && self.model == HolderModel::B2C && !self.checked_elsewhere.is_yes() {
            return Err(HolderRefusal::KycVerificationRequired.into());
        }
        Ok(())
    }
}

/// Whether some served country has this dial code.
fn is_served_area(area_code: &str) -> bool {
    let Some(digits) = area_code.strip_prefix('+') else {
        return false;
    };
    let mut served = Country::all().filter(|country| country.is_served());
    served.any(|country| country.dial_code() == Some(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).expect("a country")
    }

    #[test]
    fn every_nationality_has_the_documents_that_the_contract_gives_it() {
        use DocumentKind::{DrivingLicence, GovernmentCard, HongKongCard, Passport};
        for (nationality, document, suits) in [
            ("HK", Passport, true),
            ("HK", HongKongCard, true),
            ("HK", DrivingLicence, false),
            ("HK", GovernmentCard, false),
            ("LT", Passport, true),
            ("LT", HongKongCard, false),
            ("LT", DrivingLicence, true),
            ("LT", GovernmentCard, true),
        ] {
            let verdict = document.check(country(nationality));
            assert_eq!(verdict.is_ok(), suits, "{nationality} {document:?}");
        }
    }

    #[test]
    fn an_area_code_is_served_where_one_of_its_countries_is() {
        for code in ["+1", "+370", "+852", "+7"] {
            assert!(is_served_area(code), "{code}");
        }
        for code in ["+98", "+850", "370", "+", "", "+0", "+3700", "++370"] {
            assert!(!is_served_area(code), "{code}");
        }
    }
}
