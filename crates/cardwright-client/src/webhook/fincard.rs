//! What a FinCard webhook says, and what is answered.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The answer that acknowledges a delivery; without it the delivery comes again.
pub const ACKNOWLEDGED: &str = r#"{"success":true,"code":200,"msg":"Success","data":null}"#;

/// A delivery to a FinCard integrator.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Names the event; the same over repeats of the delivery.
    pub event_id: String,
    /// What happened, in the words of its category: `create`, `auth`, `pass_audit`, …
    pub event_type: String,
    /// Whose event it is.
    pub tenant_id: String,
    /// When it happened, Unix milliseconds.
    pub create_time: Option<i64>,
    /// The record it is about.
    pub data: Value,
    /// The fields of the record once more, flat, as the older form has them.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Event {
    /// The record, as one of [`records`](crate::fincard::records): an
    /// [`Order`](crate::fincard::records::Order), an
    /// [`Authorization`](crate::fincard::records::Authorization), …
    ///
    /// None where the event is about something else.
    pub fn record<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.data.clone()).ok()
    }
}
