//! The `FinCard` Virtual API on the wire: requests, answers, the envelope, headers and errors.
//!
//! Every request is lenient: unknown fields are ignored, `null` and `""` in an optional field mean
//! absent, and published names are all taken. Answers are supersets of what was published over
//! time; where a thing has two names, both go out. Amounts are decimal strings, times Unix
//! milliseconds, and what has no value is `null`, never invented.

pub mod accounts;
pub mod callback;
pub mod card_types;
pub mod cards;
pub mod changes;
pub mod envelope;
pub mod errors;
pub mod events;
pub mod files;
pub mod headers;
pub mod holders;
pub mod ids;
pub mod login;
pub mod orders;
pub mod page;
pub mod queries;
pub mod reference;
pub mod secrets;
pub mod simulation;
pub mod wallet;
pub mod work_orders;

/// Asserts that an object has exactly these names, in any order.
#[cfg(test)]
fn assert_names(written: &serde_json::Value, names: &str) {
    let written = written.as_object().expect("an object");
    let has: std::collections::BTreeSet<&str> = written.keys().map(String::as_str).collect();
    assert_eq!(has, names.split_whitespace().collect());
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::cards::Card;
    use super::envelope::{Failure, Reply};
    use super::page::Page;

    #[test]
    fn the_schemas_of_answers_hold_the_envelope() {
        let reply = serde_json::to_value(Reply::<Page<Card>>::schema()).expect("a schema");
        assert_eq!(
            reply["required"],
            serde_json::json!(["success", "code", "msg", "data"])
        );
        let failure = serde_json::to_value(Failure::schema()).expect("a schema");
        assert_eq!(failure["properties"]["errorCode"]["type"], "string");
        assert!(
            failure["properties"]["http"].is_null(),
            "the HTTP status is not in the body"
        );
    }
}
