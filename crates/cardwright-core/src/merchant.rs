//! Where a card is used: the merchant, its category and the way the card was presented.

use crate::Country;

/// A merchant category code of ISO 18245: four digits.
///
/// ```
/// use cardwright_core::Mcc;
///
/// assert_eq!(Mcc::parse("5411").map(Mcc::number), Some(5411));
/// assert_eq!(Mcc::parse("0742").map(|mcc| mcc.to_string()).as_deref(), Some("0742"));
/// assert_eq!(Mcc::parse("54"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mcc(u16);

impl Mcc {
    /// Reads four digits.
    pub fn parse(text: &str) -> Option<Mcc> {
        let plain = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok().map(Mcc)).flatten()
    }

    /// The code as a number below 10000.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Its part of ISO 18245, in words.
    ///
    /// ```
    /// use cardwright_core::Mcc;
    ///
    /// assert_eq!(Mcc::parse("5411").map(Mcc::category), Some("Retail"));
    /// ```
    pub fn category(self) -> &'static str {
        match self.0 {
            0..=1499 => "Agriculture",
            1500..=2999 => "Contracted services",
            3000..=3350 => "Airlines",
            3351..=3500 => "Car rental",
            3501..=3999 => "Lodging",
            4000..=4799 => "Transportation",
            4800..=4999 => "Utilities",
            5000..=5599 => "Retail",
            5600..=5699 => "Clothing",
            5700..=7299 => "Miscellaneous stores",
            7300..=7999 => "Business services",
            8000..=8999 => "Professional services and memberships",
            _ => "Government services",
        }
    }

    /// Whether merchants of this category authorize long before they know the sum: hotels and
    /// vehicle rentals, whose holds last longer.
    pub fn is_lodging_or_rental(self) -> bool {
        // Airlines' own numbers end below 3351; from there: rental brands, then hotel brands.
        matches!(self.0, 3351..=3441 | 3501..=3999 | 7011 | 7012 | 7033 | 7512 | 7513 | 7519)
    }
}

impl std::fmt::Display for Mcc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// How the card was presented.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// Its number was typed in on the internet.
    Ecommerce,
    /// Held to a terminal, also by a phone.
    Contactless,
    /// Its chip was read.
    Chip,
    /// Its stripe was read.
    Magstripe,
    /// At a cash machine.
    Atm,
    /// Its number was told by mail or telephone, or keyed in by the merchant.
    Manual,
    /// Charged by a merchant who keeps the card on file.
    Recurring,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 7] = [
        Channel::Ecommerce,
        Channel::Contactless,
        Channel::Chip,
        Channel::Magstripe,
        Channel::Atm,
        Channel::Manual,
        Channel::Recurring,
    ];

    /// The stored word, also the one on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Ecommerce => "ecommerce",
            Channel::Contactless => "contactless",
            Channel::Chip => "chip",
            Channel::Magstripe => "magstripe",
            Channel::Atm => "atm",
            Channel::Manual => "manual",
            Channel::Recurring => "recurring",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.word() == word)
    }
}

/// The merchant as the network describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merchant {
    /// Its name on the statement.
    pub name: String,
    /// Its id with its acquirer.
    pub id: String,
    /// What it sells.
    pub mcc: Mcc,
    /// Its town.
    pub city: String,
    /// Its country.
    pub country: Country,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_read_back_from_their_words() {
        for channel in Channel::ALL {
            assert_eq!(Channel::from_word(channel.word()), Some(channel));
        }
        assert_eq!(Channel::from_word("carrier pigeon"), None);
    }

    #[test]
    fn hotels_and_vehicle_rentals_are_told_from_airlines_and_shops() {
        let long = |code: &str| Mcc::parse(code).is_some_and(Mcc::is_lodging_or_rental);
        for code in [
            "3351", "3441", "3501", "3999", "7011", "7012", "7033", "7512", "7513", "7519",
        ] {
            assert!(long(code), "{code}");
        }
        for code in [
            "3350", "3442", "3500", "4000", "5411", "7010", "7523", "0742",
        ] {
            assert!(!long(code), "{code}");
        }
    }
}
