//! What happened, who was told of it, and sending it again.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{Object, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::instant::Rfc3339;
use crate::kind::{GivenId, Kind, core_id, event_name, one_of, text};
use crate::native::admin::webhooks::{DIALECTS, Dialect};
use crate::native::{Paging, RecordId};
use crate::shape::{Fields, Policy, Shape};

fn endpoint() -> impl Kind<Out = GivenId> {
    core_id().about("The endpoint").example("1734567890123")
}

/// `GET events`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEvents {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only about this record.
    pub subject: Option<GivenId>,
    /// Only what happened then or later; not yet known to be a time.
    pub from: Option<String>,
    /// Only what happened before then; not yet known to be a time.
    pub to: Option<String>,
    /// Only those with which this is so.
    pub state: Option<EventState>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for ListEvents {
    const NAME: &'static str = "ListEvents";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.optional(
            "kind",
            text(1..=60)
                .about("Only of this kind")
                .example("card_created"),
        );
        let subject = fields.optional(
            "subject_id",
            core_id()
                .about("Only about the record with this id")
                .example("1734567890123"),
        );
        let from = fields.optional("from", from());
        let to = fields.optional("to", to());
        let state = fields.optional(
            "state",
            one_of(EVENT_STATES).about("`unsent`: only events that no message could be made of"),
        );
        let paging = Paging::read(fields);
        Some(ListEvents {
            kind: kind?,
            subject: subject?,
            from: from?,
            to: to?,
            state: state?,
            paging: paging?,
        })
    }
}

/// What can be so with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventState {
    /// No message could be made of it.
    Unsent,
}

const EVENT_STATES: &[(&str, EventState)] = &[("unsent", EventState::Unsent)];

fn from() -> impl Kind<Out = String> {
    text(1..=40)
        .about("Only what happened then or later, RFC 3339")
        .example("2026-01-01T00:00:00Z")
}

fn to() -> impl Kind<Out = String> {
    text(1..=40)
        .about("Only what happened before then, RFC 3339")
        .example("2027-01-01T00:00:00Z")
}

/// `GET webhook-deliveries`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDeliveries {
    /// Only to this endpoint.
    pub endpoint: Option<GivenId>,
    /// Only about this event.
    pub event: Option<GivenId>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for ListDeliveries {
    const NAME: &'static str = "ListDeliveries";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let endpoint = fields.optional("webhook_endpoint_id", endpoint());
        let event = fields.optional(
            "event_id",
            event_name()
                .about("The event: its `event_id` or the `message_id` that a receiver knows")
                .example("1734567890123"),
        );
        let state = fields.optional(
            "state",
            one_of(STATES).about("Only in this state; `dead` are those that nobody took"),
        );
        let paging = Paging::read(fields);
        Some(ListDeliveries {
            endpoint: endpoint?,
            event: event?,
            state: state?,
            paging: paging?,
        })
    }
}

/// `GET events/stream`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvents {
    /// In whose words.
    pub dialect: Dialect,
    /// The message behind which it begins; not yet known to be the id of one.
    pub after: Option<String>,
    /// The words of a filter, apart by commas; not yet known to be words.
    pub events: Option<String>,
}

impl Shape for StreamEvents {
    const NAME: &'static str = "StreamEvents";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let dialect = fields.required("dialect", one_of(DIALECTS).about("In whose words"));
        let after = fields.optional(
            "after",
            text(1..=30)
                .about("Begin behind the message with this id; `evt_0` is before the first one. `Last-Event-ID` stands before it. Without either, it begins with what happens from now on")
                .example("evt_0001734567890123"),
        );
        let events = fields.optional(
            "events",
            text(1..=2_000)
                .about("Only these events, in the words of the dialect, apart by commas")
                .example("authorization,presentment"),
        );
        Some(StreamEvents {
            dialect: dialect?,
            after: after?,
            events: events?,
        })
    }
}

/// What the `data` of a `message` in a stream of events is.
///
/// The other events of a stream are `ready`, whose id is where it begins, and `unsent`, an event of
/// which no message could be made: it has `message_id`, `event`, and its `reason`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamedMessage {
    /// Names the message, as `webhook-id` does in a delivery.
    pub message_id: String,
    /// What it tells, in the words of the dialect; for `fincard` category and type with a dot between.
    pub event: String,
    /// Its family, for `fincard`: the `X-WSB-CATEGORY` of a delivery.
    pub category: Option<String>,
    /// Its number among the events of its card, account or holder.
    pub sequence: i64,
    /// The exact body.
    pub body: String,
    /// The body signed by the tenant's RSA key, for `fincard`: the `X-FC-SIGNATURE` of a delivery.
    pub signature: Option<String>,
}

/// A stream of server-sent events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventStream;

/// What the format of a schema says of which the answer is a stream.
pub const EVENT_STREAM_FORMAT: &str = "event-stream";

impl PartialSchema for EventStream {
    fn schema() -> RefOr<Schema> {
        let mut object = Object::with_type(Type::String);
        object.format = Some(SchemaFormat::Custom(EVENT_STREAM_FORMAT.to_owned()));
        object.description = Some(
            "Server-sent events. `ready` says by its `id` where the stream begins; the `data` of a \
             `message` is what `x-cardwright-message` refers to, and its `id` the place behind it; \
             `unsent` is an event of which no message could be made, with `message_id`, `event` and \
             `reason`. An `id` comes at least every 15 seconds. Whoever comes back says the last one \
             as `Last-Event-ID`, and misses nothing. A reader that takes nothing for half a minute is \
             cut off; a tenant has 8 streams at most."
                .to_owned(),
        );
        let message = Ref::from_schema_name(StreamedMessage::name());
        object.extensions = Some(
            ExtensionsBuilder::new()
                .add("x-cardwright-message", serde_json::json!(message))
                .build(),
        );
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for EventStream {}

/// What the `data` of an `unsent` in a stream of events is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreamedFault {
    /// Names the event.
    pub message_id: String,
    /// What happened, in our own words.
    pub event: String,
    /// Why no message could be made of it.
    pub reason: String,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is sent when it is due.
    Pending,
    /// It was taken.
    Delivered,
    /// Nobody took it.
    Dead,
    /// Nobody took it, and another one was made in its place.
    Replayed,
}

const STATES: &[(&str, DeliveryState)] = &[
    ("pending", DeliveryState::Pending),
    ("delivered", DeliveryState::Delivered),
    ("dead", DeliveryState::Dead),
    ("replayed", DeliveryState::Replayed),
];

/// `POST events/{event_id}/resend`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResendEvent {
    /// Only to this endpoint.
    pub endpoint: Option<GivenId>,
}

impl Shape for ResendEvent {
    const NAME: &'static str = "ResendEvent";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let endpoint = fields.optional(
            "webhook_endpoint_id",
            core_id()
                .about("Only to this endpoint, whatever its filter says; to all that want it where it is left out")
                .example("1734567890123"),
        );
        Some(ResendEvent {
            endpoint: endpoint?,
        })
    }
}

/// Which events are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that the endpoint has not taken and that are not on their way to it.
    Missing,
}

const WHICH: &[(&str, Which)] = &[("all", Which::All), ("missing", Which::Missing)];

/// `POST webhook-endpoints/{webhook_endpoint_id}/replay`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayEvents {
    /// Which.
    pub which: Which,
    /// What happened then or later; not yet known to be a time.
    pub from: String,
    /// What happened before then; not yet known to be a time.
    pub to: Option<String>,
    /// Where the call before ended.
    pub after: Option<GivenId>,
}

impl Shape for ReplayEvents {
    const NAME: &'static str = "ReplayEvents";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let which = fields.optional(
            "which",
            one_of(WHICH).about("`missing`, which it is where it is left out: what the endpoint has not taken and what is not on its way to it"),
        );
        let from = fields.required("from", from());
        let to = fields.optional("to", to());
        let after = fields.optional(
            "after_event_id",
            event_name()
                .about("`after_event_id` of the answer before, where that said that there is more")
                .example("1734567890123"),
        );
        Some(ReplayEvents {
            which: which?.unwrap_or(Which::Missing),
            from: from?,
            to: to?,
            after: after?,
        })
    }
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventSubject {
    /// What kind of record.
    pub kind: String,
    /// Its id.
    pub id: RecordId,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PlatformEvent)]
pub struct Event {
    /// Its id.
    pub event_id: RecordId,
    /// What names it towards endpoints: `webhook-id`, and the id in a message's body.
    pub message_id: String,
    /// What happened.
    pub kind: String,
    /// To what.
    pub subject: EventSubject,
    /// What the record would not say later.
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
    /// When.
    pub created_at: Rfc3339,
    /// Why no message could be made of it; null where that is not so.
    pub unsent_reason: Option<String>,
}

/// A message to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct Delivery {
    /// Its id.
    pub webhook_delivery_id: RecordId,
    /// The event it tells of.
    pub event_id: RecordId,
    /// To whom.
    pub webhook_endpoint_id: RecordId,
    /// What names it towards the endpoint, the same in every repeat.
    pub message_id: String,
    /// What it tells, in the endpoint's dialect.
    pub event: String,
    /// Why it is: event, resend, replay, deliver.
    pub cause: String,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was sent by its schedule.
    pub sends: i64,
    /// When it is sent next; null once it is not sent any more.
    pub next_at: Option<Rfc3339>,
    /// When it was made.
    pub created_at: Rfc3339,
    /// When it was taken or given up.
    pub ended_at: Option<Rfc3339>,
    /// Why it was given up before its schedule was over: `endpoint_removed`, `state_restored`,
    /// `unreadable`, `unwritten`; null where that is not so.
    pub end_reason: Option<String>,
}

/// One time that a message was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct Attempt {
    /// When, in real time.
    pub started_at: Rfc3339,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// How it ended: answered, `timed_out`, refused, failed, dropped.
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<i64>,
    /// What was wrong where there was no answer.
    pub reason: Option<String>,
    /// The beginning of the answer, up to 2 KiB.
    pub answer: Option<String>,
    /// What a sandbox did wrong on purpose.
    pub fault: Option<String>,
    /// When it was to be sent next.
    pub next_at: Option<Rfc3339>,
}

/// A message with everything that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryLog)]
pub struct DeliveryLog {
    /// The message.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The body as it is sent. Codes and links of a holder are left out.
    pub body: String,
    /// Each time that it was sent.
    pub attempts: Vec<Attempt>,
}

/// What was sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resent {
    /// How many messages.
    pub messages: usize,
}

/// What was sent again of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replayed {
    /// How many messages.
    pub messages: usize,
    /// How many events were looked at.
    pub events: usize,
    /// Of how many of them no message could be made; they are listed as `unsent`.
    pub failed: usize,
    /// Where to go on; null where there are no more.
    pub after_event_id: Option<RecordId>,
}
