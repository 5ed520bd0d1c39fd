//! Where a tenant's events are delivered to, and the keys that sign them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Hidden, Kind, hidden_text, integer, list, matching, object, one_of, text};
use crate::native::RecordId;
use crate::shape::{FaultKind, Fields, Policy, Shape};

/// How long both secrets sign after a rotation where the caller does not say, in seconds.
const OVERLAP_DEFAULT_S: i64 = 86_400;
/// How long at most: thirty days.
const OVERLAP_MAX_S: i64 = 30 * 86_400;
/// How long a delivery may take where the caller does not say, and at most.
const TIMEOUT_MAX_MS: i64 = 15_000;
const TIMEOUT_MIN_MS: i64 = 100;
/// How many headers of its own an endpoint may have.
const HEADERS_MAX: usize = 20;
/// How many words a filter may have.
const EVENTS_MAX: usize = 50;

/// In whose words an endpoint is told what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WebhookDialect)]
pub enum Dialect {
    /// As the FINCI Card API tells its integrators.
    Finci,
    /// As the FinCard Virtual API does.
    Fincard,
    /// Our own words, in the form of the Standard Webhooks specification.
    Standard,
}

pub(super) const DIALECTS: &[(&str, Dialect)] = &[
    ("finci", Dialect::Finci),
    ("fincard", Dialect::Fincard),
    ("standard", Dialect::Standard),
];

/// A header that goes out with every delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomHeader {
    /// Its name, in small letters.
    pub name: String,
    /// Its value, which may be a secret.
    pub value: Hidden,
}

impl Shape for CustomHeader {
    const NAME: &'static str = "WebhookHeader";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required(
            "name",
            matching(1..=64, "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", is_token)
                .about("Not one that the delivery has itself: `Host`, `Content-*`, `Connection`, `Transfer-Encoding`, `X-Auth-*`, `X-FC-*`, `X-WSB-*`, `webhook-*`; nor one with `_` for `-`")
                .example("Authorization"),
        );
        let value = fields.required(
            "value",
            hidden_text(1..=1_024).about("Never answered again"),
        );
        let name = name.map(|name| name.to_ascii_lowercase());
        if name.as_deref().is_some_and(is_ours) {
            fields.fault("name", FaultKind::NotAllowed);
        }
        // Other letters have no agreed form in a header.
        let is_plain = |value: &Hidden| {
            value
                .expose()
                .bytes()
                .all(|byte| (b' '..=b'~').contains(&byte))
        };
        if value.as_ref().is_some_and(|value| !is_plain(value)) {
            fields.fault("value", FaultKind::Invalid);
        }
        Some(CustomHeader {
            name: name?,
            value: value?,
        })
    }
}

fn is_token(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+.^_`|~-".contains(&byte);
    name.bytes().all(is_plain)
}

/// Whether a header is the delivery's own: its form, its connection, its signatures. Receivers behind
/// CGI and WSGI cannot tell `_` from `-`, so neither is taken.
fn is_ours(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "host",
        "connection",
        "transfer-encoding",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "user-agent",
        "content",
    ];
    const FAMILIES: [&str; 6] = [
        "content-", "x-auth-", "x-fc-", "x-wsb-", "webhook-", "proxy-",
    ];
    let name = name.replace('_', "-");
    NAMES.contains(&name.as_str()) || FAMILIES.iter().any(|family| name.starts_with(family))
}

fn headers() -> impl Kind<Out = Vec<CustomHeader>> {
    list(object::<CustomHeader>(), HEADERS_MAX)
        .about("Headers that go out with every delivery; each name once")
        .example(serde_json::json!([{"name": "Authorization", "value": "Bearer a-token-of-yours"}]))
}

fn events() -> impl Kind<Out = Vec<String>> {
    let word = matching(1..=60, "^[A-Za-z0-9_]+$", |word| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        word.bytes().all(is_plain)
    });
    list(word, EVENTS_MAX)
        .about("Which events are delivered, in the words of the dialect (`event`, or the category); none means all. One `finci` endpoint of a tenant may have `decision` among them: it is the one that is asked; where none has it, the oldest that takes `authorization`")
        .example(serde_json::json!(["authorization", "presentment"]))
}

fn timeout() -> impl Kind<Out = i64> {
    integer(TIMEOUT_MIN_MS..=TIMEOUT_MAX_MS)
        .about("How long a delivery may take, in milliseconds; 15,000 where it is left out")
        .example(5_000)
}

fn url() -> impl Kind<Out = String> {
    text(1..=2_048)
        .about("Where deliveries go; `https`, in a sandbox also `http`")
        .example("https://example.com/webhooks/cards")
}

fn secret() -> impl Kind<Out = Hidden> {
    hidden_text(38..=94)
        .about("`whsec_` and base64 of 24 to 64 random bytes; where it is left out, the tenant's own or a new one")
}

fn each_name_once(fields: &mut Fields<'_>, headers: Option<&[CustomHeader]>) {
    let names: Vec<&str> = headers
        .into_iter()
        .flatten()
        .map(|header| header.name.as_str())
        .collect();
    let names: Vec<String> = names.iter().map(|name| name.replace('_', "-")).collect();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            fields.fault(format!("headers.{index}.name"), FaultKind::NotAllowed);
        }
    }
}

/// `POST webhook-endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateEndpoint {
    /// Where deliveries go; not yet known to be a URL.
    pub url: String,
    /// In whose words.
    pub dialect: Dialect,
    /// Which events; none means all.
    pub events: Vec<String>,
    /// How long a delivery may take.
    pub timeout_ms: i64,
    /// Headers of the tenant's own.
    pub headers: Vec<CustomHeader>,
    /// What signs.
    pub secret: Option<Hidden>,
}

impl Shape for CreateEndpoint {
    const NAME: &'static str = "CreateWebhookEndpoint";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.required("url", url());
        let dialect = fields.required("dialect", one_of(DIALECTS).about("In whose words"));
        let events = fields.optional("events", events());
        let timeout_ms = fields.optional("timeout_ms", timeout());
        let headers = fields.optional("headers", headers());
        let secret = fields.optional("secret", secret());
        each_name_once(fields, headers.as_ref().and_then(Option::as_deref));
        Some(CreateEndpoint {
            url: url?,
            dialect: dialect?,
            events: events?.unwrap_or_default(),
            timeout_ms: timeout_ms?.unwrap_or(TIMEOUT_MAX_MS),
            headers: headers?.unwrap_or_default(),
            secret: secret?,
        })
    }
}

/// `PATCH webhook-endpoints/{webhook_endpoint_id}`: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEndpoint {
    /// Where deliveries go; not yet known to be a URL.
    pub url: Option<String>,
    /// Which events; none means all.
    pub events: Option<Vec<String>>,
    /// How long a delivery may take.
    pub timeout_ms: Option<i64>,
    /// Headers of the tenant's own, in place of all there were.
    pub headers: Option<Vec<CustomHeader>>,
}

impl Shape for ChangeEndpoint {
    const NAME: &'static str = "ChangeWebhookEndpoint";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let url = fields.optional("url", url());
        let events = fields.optional("events", events());
        let timeout_ms = fields.optional("timeout_ms", timeout());
        let headers = fields.optional("headers", headers());
        each_name_once(fields, headers.as_ref().and_then(Option::as_deref));
        Some(ChangeEndpoint {
            url: url?,
            events: events?,
            timeout_ms: timeout_ms?,
            headers: headers?,
        })
    }
}

/// How long the old signs on beside the new, and when the new takes over where one must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// How long the old one is still good, in seconds.
    pub overlap_s: i64,
    /// After how long the new one signs alone where only one can, in seconds.
    pub switch_after_s: i64,
}

impl Overlap {
    fn read(fields: &mut Fields<'_>) -> Option<Overlap> {
        let overlap = fields.optional(
            "overlap_seconds",
            integer(0..=OVERLAP_MAX_S)
                .about("How long the old one is good beside the new; a day where it is left out. Those before it stay good as long as they were promised to, but for 0, which ends them all at once")
                .example(3_600),
        );
        let switch = fields.optional(
            "switch_after_seconds",
            integer(0..=OVERLAP_MAX_S)
                .about("After how long `X-Auth-Signature` and RSA signatures are made by the new one; at the end of the overlap where it is left out, and never later"),
        );
        let overlap_s = overlap.map(|given| given.unwrap_or(OVERLAP_DEFAULT_S));
        if let (Some(overlap_s), Some(Some(switch_s))) = (overlap_s, switch)
            && switch_s > overlap_s
        {
            fields.fault("switch_after_seconds", FaultKind::NotAllowed);
        }
        let overlap_s = overlap_s?;
        Some(Overlap {
            overlap_s,
            switch_after_s: switch?.unwrap_or(overlap_s),
        })
    }
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/rotate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateSecret {
    /// How the old one goes.
    pub overlap: Overlap,
    /// The new one; generated where it is left out.
    pub secret: Option<Hidden>,
}

impl Shape for RotateSecret {
    const NAME: &'static str = "RotateWebhookSecret";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let overlap = Overlap::read(fields);
        let secret = fields.optional(
            "secret",
            hidden_text(38..=94).about(
                "`whsec_` and base64 of 24 to 64 random bytes; a new one where it is left out",
            ),
        );
        Some(RotateSecret {
            overlap: overlap?,
            secret: secret?,
        })
    }
}

/// `POST tenants/{tenant_id}/webhook-keys/rotate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotateKey {
    /// After how long the new one signs, in seconds.
    pub switch_after_s: i64,
}

impl Shape for RotateKey {
    const NAME: &'static str = "RotateWebhookKey";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let switch = fields.optional(
            "switch_after_seconds",
            integer(0..=OVERLAP_MAX_S)
                .about("After how long the new key pair signs; a day where it is left out")
                .example(3_600),
        );
        Some(RotateKey {
            switch_after_s: switch?.unwrap_or(OVERLAP_DEFAULT_S),
        })
    }
}

/// `POST webhook-endpoints/{webhook_endpoint_id}/disable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disable {
    /// Why.
    pub reason: Option<String>,
}

impl Shape for Disable {
    const NAME: &'static str = "DisableWebhookEndpoint";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let reason = fields.optional("reason", super::reason());
        Some(Disable { reason: reason? })
    }
}

/// Whether anything is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WebhookEndpointState)]
pub enum State {
    /// Everything the filter lets through.
    Enabled,
    /// Nothing.
    Disabled,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct Endpoint {
    /// Its id.
    pub id: RecordId,
    /// Where deliveries go.
    #[schema(example = "https://example.com/webhooks/cards")]
    pub url: String,
    /// In whose words.
    pub dialect: Dialect,
    /// Which events; none means all.
    pub events: Vec<String>,
    /// Whether it is the one that is asked about authorizations where the tenant has its integrator
    /// decide.
    pub decides: bool,
    /// Whether anything is delivered.
    pub state: State,
    /// Why not, where nothing is.
    pub disabled_reason: Option<String>,
    /// Since when not.
    pub disabled_at: Option<Rfc3339>,
    /// How long a delivery may take, in milliseconds.
    pub timeout_ms: i64,
    /// Names of the headers that go out with every delivery; their values are not answered.
    pub header_names: Vec<String>,
    /// Until when secrets before this one sign beside it.
    pub previous_secret_until: Option<Rfc3339>,
    /// From when on the new secret makes `X-Auth-Signature`.
    pub secret_switches_at: Option<Rfc3339>,
    /// When it was registered.
    pub created_at: Rfc3339,
    /// When it was last changed.
    pub updated_at: Rfc3339,
}

/// An endpoint with its secret, which is shown this once.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = NewWebhookEndpoint)]
pub struct NewEndpoint {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// What signs deliveries: `whsec_` and base64.
    pub secret: String,
}

/// What came of a test event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookPing)]
pub struct Ping {
    /// The endpoint.
    pub webhook_endpoint_id: RecordId,
    /// The id of the test event.
    pub event_id: String,
    /// Whether the answer would acknowledge an event.
    pub acknowledged: bool,
    /// `answered`, `timed_out`, `refused` or `failed`.
    #[schema(example = "answered")]
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The first 2 KiB of the answer.
    pub answer: Option<String>,
    /// Why there was no answer.
    pub reason: Option<String>,
}

/// The public keys that verify deliveries in FinCard's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookPublicKeys {
    /// All there were, the newest first.
    pub items: Vec<WebhookPublicKey>,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookPublicKey {
    /// The key, PEM (`SubjectPublicKeyInfo`).
    pub public_key_pem: String,
    /// From when on its private half signs.
    pub signs_from: Rfc3339,
    /// Until when; null where no other takes its place yet.
    pub signs_until: Option<Rfc3339>,
    /// When it was made.
    pub created_at: Rfc3339,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{self, BodyFault, Fault};

    fn faults(body: &str) -> Vec<Fault> {
        match shape::from_body::<CreateEndpoint>(body.as_bytes()) {
            Err(BodyFault::Fields(faults)) => faults,
            other => panic!("no faults: {other:?}"),
        }
    }

    #[test]
    fn headers_of_the_delivery_itself_cannot_be_set() {
        for name in [
            "Host",
            "host",
            "Content-Type",
            "content-length",
            "CONTENT-ENCODING",
            "Connection",
            "Transfer-Encoding",
            "X-Auth-Token",
            "x-auth-signature",
            "X_Auth_Signature",
            "x_fc-signature",
            "Content_Length",
            "WEBHOOK_ID",
            "X-FC-Signature",
            "X-WSB-CATEGORY",
            "webhook-id",
            "Webhook-Signature",
            "Keep-Alive",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "Expect",
            "User-Agent",
        ] {
            let body = format!(
                r#"{{"url":"https://example.com/","dialect":"finci","headers":[{{"name":"{name}","value":"a"}}]}}"#
            );
            let expected = Fault::new("headers.0.name", FaultKind::NotAllowed);
            assert_eq!(faults(&body), [expected], "{name}");
        }
    }

    #[test]
    fn a_header_is_a_token_with_a_plain_value_and_comes_once() {
        let with = |headers: &str| {
            format!(r#"{{"url":"https://example.com/","dialect":"finci","headers":{headers}}}"#)
        };
        for (headers, field, kind) in [
            (
                r#"[{"name":"a b","value":"a"}]"#,
                "headers.0.name",
                FaultKind::Invalid,
            ),
            (
                r#"[{"name":"a:","value":"a"}]"#,
                "headers.0.name",
                FaultKind::Invalid,
            ),
            (
                r#"[{"name":"","value":"a"}]"#,
                "headers.0.name",
                FaultKind::Invalid,
            ),
            (
                r#"[{"name":"a","value":"a\r\nb: c"}]"#,
                "headers.0.value",
                FaultKind::Invalid,
            ),
            (
                r#"[{"name":"a","value":"ä"}]"#,
                "headers.0.value",
                FaultKind::Invalid,
            ),
            (
                r#"[{"name":"a","value":"1"},{"name":"A","value":"2"}]"#,
                "headers.1.name",
                FaultKind::NotAllowed,
            ),
        ] {
            assert_eq!(
                faults(&with(headers)),
                [Fault::new(field, kind)],
                "{headers}"
            );
        }
        let fine =
            with(r#"[{"name":"X-Shop","value":"7"},{"name":"Authorization","value":"Bearer a"}]"#);
        let read = shape::from_body::<CreateEndpoint>(fine.as_bytes()).expect("a body");
        let names: Vec<_> = read
            .value
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(names, ["x-shop", "authorization"]);
        assert_eq!(read.value.timeout_ms, 15_000);
    }

    #[test]
    fn the_new_secret_takes_over_within_the_overlap() {
        let read = |body: &str| shape::from_body::<RotateSecret>(body.as_bytes());
        let day = Overlap {
            overlap_s: 86_400,
            switch_after_s: 86_400,
        };
        assert_eq!(read("{}").expect("defaults").value.overlap, day);
        let now = read(r#"{"overlap_seconds": 60, "switch_after_seconds": 0}"#);
        assert_eq!(
            now.expect("both").value.overlap,
            Overlap {
                overlap_s: 60,
                switch_after_s: 0
            }
        );
        let late = read(r#"{"overlap_seconds": 60, "switch_after_seconds": 61}"#);
        let fault = Fault::new("switch_after_seconds", FaultKind::NotAllowed);
        assert_eq!(late.err(), Some(BodyFault::Fields(vec![fault])));
    }
}
