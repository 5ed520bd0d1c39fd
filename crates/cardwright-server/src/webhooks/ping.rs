//! The test event: it says in each dialect that nothing happened.

use cardwright_core::{Timestamp, WebhookDialect};
use cardwright_wire::instant::{Rfc3339, UnixMs};
use serde_json::{Value, json};

/// What a test event is called in every dialect.
pub const PING: &str = "ping";

/// The body of a test event.
pub fn body(
    dialect: WebhookDialect,
    tenant_uuid: &str,
    (event_id, now): (&str, Timestamp),
) -> Vec<u8> {
    let body: Value = match dialect {
        WebhookDialect::Finci => json!({
            "event": PING,
            "event_id": event_id,
            "created_at": Rfc3339(now),
        }),
        WebhookDialect::Fincard => json!({
            "eventId": event_id,
            "eventType": PING,
            "tenantId": tenant_uuid,
            "createTime": UnixMs(now),
            "data": {},
        }),
        WebhookDialect::Standard => json!({
            "type": PING,
            "timestamp": Rfc3339(now),
            "data": {},
        }),
    };
    body.to_string().into_bytes()
}

/// Whether an answer acknowledges what it answers: a status of success, and for FinCard also a
/// body that says so.
pub fn acknowledges(dialect: WebhookDialect, (status, body): (u16, &[u8])) -> bool {
    let is_success = (200..300).contains(&status);
    match dialect {
        WebhookDialect::Finci | WebhookDialect::Standard => is_success,
        WebhookDialect::Fincard => {
            let body: Option<Value> = serde_json::from_slice(body).ok();
            is_success && body.is_some_and(|body| body["success"] == true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fincard_wants_to_hear_it_in_the_body_too() {
        let table = [
            (WebhookDialect::Finci, 200, "", true),
            (WebhookDialect::Finci, 204, "", true),
            (WebhookDialect::Finci, 302, "", false),
            (WebhookDialect::Finci, 500, r#"{"success":true}"#, false),
            (WebhookDialect::Standard, 299, "no", true),
            (WebhookDialect::Fincard, 200, r#"{"success":true}"#, true),
            (WebhookDialect::Fincard, 200, r#"{"success":"true"}"#, false),
            (WebhookDialect::Fincard, 200, r#"{"success":false}"#, false),
            (WebhookDialect::Fincard, 200, "", false),
            (WebhookDialect::Fincard, 200, r#"[{"success":true}]"#, false),
            (WebhookDialect::Fincard, 400, r#"{"success":true}"#, false),
        ];
        for (dialect, status, body, expected) in table {
            let found = acknowledges(dialect, (status, body.as_bytes()));
            assert_eq!(found, expected, "{dialect:?} {status} {body}");
        }
    }
}
