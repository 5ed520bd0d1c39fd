//! A word out of a vocabulary.

use utoipa::openapi::schema::{Object, Schema, Type};

use super::{Kind, Parsed, Refused};
use crate::json::Json;

/// One word of a closed vocabulary.
pub struct Choice<T: 'static>(&'static [(&'static str, T)]);

/// One of these words. Two words may mean the same; the first of them is the canonical one.
pub fn one_of<T: Copy + PartialEq>(words: &'static [(&'static str, T)]) -> Choice<T> {
    Choice(words)
}

impl<T: Copy + PartialEq> Kind for Choice<T> {
    type Out = T;

    fn parse(&self, value: &Json) -> Result<Parsed<T>, Refused> {
        let Json::Text(word) = value else {
            return Err(Refused::Invalid);
        };
        let meaning = self
            .0
            .iter()
            .find(|(known, _)| known == word)
            .map(|(_, meaning)| *meaning);
        let meaning = meaning.ok_or(Refused::NotAllowed)?;
        let first = self.0.iter().find(|(_, other)| *other == meaning);
        Ok(Parsed::quoted(
            meaning,
            first.map_or(word, |(word, _)| word),
        ))
    }

    fn schema(&self) -> Schema {
        let mut object = Object::with_type(Type::String);
        object.enum_values = Some(self.0.iter().map(|(word, _)| (*word).into()).collect());
        Schema::Object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[(&str, u8)] = &[("one", 1), ("eins", 1), ("two", 2)];

    #[test]
    fn a_word_outside_the_vocabulary_is_not_allowed_and_a_number_is_no_word() {
        let read = |word: &str| one_of(WORDS).parse(&Json::Text(word.to_owned()));
        assert_eq!(read("two").map(|parsed| parsed.value), Ok(2));
        assert_eq!(read("eins"), read("one"));
        assert_eq!(read("Two"), Err(Refused::NotAllowed));
        assert_eq!(read(""), Err(Refused::NotAllowed));
        assert_eq!(
            one_of(WORDS).parse(&Json::Number("1".to_owned())),
            Err(Refused::Invalid)
        );
    }
}
