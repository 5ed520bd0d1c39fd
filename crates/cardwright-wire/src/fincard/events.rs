//! What an integrator is told: a record with its published fields, flat and once more in `data`.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AllOf, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type,
};

use crate::instant::UnixMs;

/// To which family an event belongs: the value of `X-WSB-CATEGORY`, also a word of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// An order on a card ended.
    CardTransaction,
    /// Money moved through a card.
    CardAuthTransaction,
    /// The wallet paid a fee in a card's place.
    CardFeePatch,
    /// A cardholder is asked to prove something.
    CardThreeDs,
    /// A physical card was activated.
    PhysicalCard,
    /// The checks of a holder moved.
    CardHolder,
    /// A holder is reached elsewhere.
    CardHolderChangeEmail,
    /// A work order was decided.
    Work,
    /// Coins came.
    WalletTransactionV2,
    /// An announced deposit ended, in the older form.
    WalletTransaction,
}

impl Category {
    /// Every family.
    pub const ALL: [Category; 10] = [
        Category::CardTransaction,
        Category::CardAuthTransaction,
        Category::CardFeePatch,
        Category::CardThreeDs,
        Category::PhysicalCard,
        Category::CardHolder,
        Category::CardHolderChangeEmail,
        Category::Work,
        Category::WalletTransactionV2,
        Category::WalletTransaction,
    ];

    /// The published word.
    pub const fn word(self) -> &'static str {
        match self {
            Category::CardTransaction => "card_transaction",
            Category::CardAuthTransaction => "card_auth_transaction",
            Category::CardFeePatch => "card_fee_patch",
            Category::CardThreeDs => "card_3ds",
            Category::PhysicalCard => "physical_card",
            Category::CardHolder => "card_holder",
            Category::CardHolderChangeEmail => "card_holder_change_email",
            Category::Work => "work",
            Category::WalletTransactionV2 => "wallet_transaction_v2",
            Category::WalletTransaction => "wallet_transaction",
        }
    }
}

/// An event: its own fields, and the record it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Names the event; the same in every repeat.
    pub event_id: String,
    /// What happened, within its family.
    pub event_type: String,
    /// Whose it is.
    pub tenant_id: String,
    /// Orders the events of one card, holder or account: the later has the higher number.
    pub sequence: i64,
    /// When it happened.
    pub created_at: UnixMs,
    /// The record, under every published name.
    pub record: Map<String, Value>,
}

/// The record's fields stand flat beside the event's own, which win where both have one.
impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Own<'a> {
            event_id: &'a str,
            event_type: &'a str,
            tenant_id: &'a str,
            sequence: i64,
            create_time: UnixMs,
            #[serde(flatten)]
            flat: Map<String, Value>,
            data: &'a Map<String, Value>,
        }
        let own = [
            "eventId",
            "eventType",
            "tenantId",
            "sequence",
            "createTime",
            "data",
        ];
        let mut flat = self.record.clone();
        flat.retain(|name, _| !own.contains(&name.as_str()));
        Own {
            event_id: &self.event_id,
            event_type: &self.event_type,
            tenant_id: &self.tenant_id,
            sequence: self.sequence,
            create_time: self.created_at,
            flat,
            data: &self.record,
        }
        .serialize(serializer)
    }
}

impl Event {
    /// Documents an event whose record has this schema.
    pub fn schema_around(record: RefOr<Schema>) -> Schema {
        let text = |about| {
            Object::builder()
                .schema_type(Type::String)
                .description(Some(about))
        };
        let number = |about| {
            let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
            let number = Object::builder()
                .schema_type(Type::Integer)
                .format(Some(format));
            number.description(Some(about))
        };
        let own: [(&str, ObjectBuilder); 5] = [
            (
                "eventId",
                text("Names the event; the same in every repeat."),
            ),
            ("eventType", text("What happened, within its family.")),
            ("tenantId", text("Whose it is.")),
            (
                "sequence",
                number("Orders the events of one card, holder or account."),
            ),
            ("createTime", number("When it happened, Unix milliseconds.")),
        ];
        let mut event = Object::builder();
        for (name, field) in own {
            event = event.property(name, field).required(name);
        }
        let event = event.property("data", record.clone()).required("data");
        Schema::AllOf(AllOf::builder().item(event).item(record).build())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_stands_flat_and_in_data_and_the_events_own_time_wins() {
        let Value::Object(record) = json!({"cardNo": "7", "createTime": 5}) else {
            panic!("an object");
        };
        let event = Event {
            event_id: "evt_1".to_owned(),
            event_type: "create".to_owned(),
            tenant_id: "t".to_owned(),
            sequence: 3,
            created_at: UnixMs("1970-01-01T00:00:01Z".parse().expect("a time")),
            record,
        };
        let expected = json!({
            "eventId": "evt_1", "eventType": "create", "tenantId": "t", "sequence": 3,
            "createTime": 1_000, "cardNo": "7", "data": {"cardNo": "7", "createTime": 5},
        });
        assert_eq!(serde_json::to_value(&event).expect("plain"), expected);
        let schema = Event::schema_around(RefOr::T(Schema::Object(Object::new())));
        let schema = serde_json::to_value(schema).expect("plain");
        let documented = schema["allOf"][0]["properties"]
            .as_object()
            .expect("fields");
        let of_record = ["cardNo"];
        let told = expected.as_object().expect("fields").keys();
        let own: Vec<&String> = told
            .filter(|it| !of_record.contains(&it.as_str()))
            .collect();
        assert_eq!(documented.keys().collect::<Vec<_>>(), own);
    }
}
