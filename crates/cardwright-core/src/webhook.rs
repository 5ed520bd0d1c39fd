//! Webhooks: in whose words a tenant is told what happened.

/// The language of an endpoint: its bodies, its signatures, its schedule of repeats.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WebhookDialect {
    /// As the FINCI Card API tells its integrators.
    Finci,
    /// As the `FinCard` Virtual API does.
    Fincard,
    /// Our own words, in the form of the Standard Webhooks specification.
    Standard,
}

impl WebhookDialect {
    /// All of them.
    pub const ALL: [WebhookDialect; 3] = [
        WebhookDialect::Finci,
        WebhookDialect::Fincard,
        WebhookDialect::Standard,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            WebhookDialect::Finci => "finci",
            WebhookDialect::Fincard => "fincard",
            WebhookDialect::Standard => "standard",
        }
    }

    /// The dialect of a stored word.
    pub fn from_word(word: &str) -> Option<WebhookDialect> {
        WebhookDialect::ALL
            .into_iter()
            .find(|dialect| dialect.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_read_back_from_its_word() {
        for dialect in WebhookDialect::ALL {
            assert_eq!(WebhookDialect::from_word(dialect.word()), Some(dialect));
        }
        assert_eq!(WebhookDialect::from_word("FINCI"), None);
    }
}
