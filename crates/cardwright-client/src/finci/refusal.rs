//! What a "no" of the FINCI API says.

use std::fmt;

use serde::Deserialize;

use crate::Response;

/// A "no" of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of no.
    pub kind: RefusalKind,
    /// HTTP status.
    pub status: u16,
    /// Why, most important first; empty where something on the way answered in another form.
    pub reasons: Vec<Reason>,
    /// Names the request in the server's logs.
    pub request_id: Option<String>,
    /// After how many seconds it is worth asking again.
    pub retry_after_seconds: Option<u64>,
}

/// What can be done about a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// 400, 413, 415: the request is not one of this API. Sending it again will not help.
    Malformed,
    /// 401: the credentials, the signature or the clock.
    Unauthenticated,
    /// 403: the address is not on the allowlist.
    Forbidden,
    /// 404: there is no such record, or it is somebody else's.
    NotFound,
    /// 409: contradicts what was done before under the same id or key.
    Conflict,
    /// 422: understood, and against a rule or the state of the record.
    AgainstRule,
    /// 429: too many; see `retry_after_seconds`.
    RateLimited,
    /// 5xx: the server, after all attempts.
    Unavailable,
    /// Any other status.
    Other,
}

impl RefusalKind {
    fn of(status: u16) -> RefusalKind {
        match status {
            400 | 413 | 415 => RefusalKind::Malformed,
            401 => RefusalKind::Unauthenticated,
            403 => RefusalKind::Forbidden,
            404 => RefusalKind::NotFound,
            409 => RefusalKind::Conflict,
            422 => RefusalKind::AgainstRule,
            429 => RefusalKind::RateLimited,
            500..=599 => RefusalKind::Unavailable,
            _ => RefusalKind::Other,
        }
    }
}

/// One reason of a "no".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// About the request as a whole, such as `external_id_conflict`.
    Code(String),
    /// About one field.
    Field {
        /// Its path: `delivery_address.country`.
        path: String,
        /// What is wrong with it: `required`, `unknown`, `invalid`, `not_allowed`, or the rule that
        /// is broken, such as `transition_not_allowed`.
        problem: String,
    },
}

impl Reason {
    fn read(code: &str) -> Reason {
        match code.rsplit_once(':') {
            Some((path, problem)) => Reason::Field {
                path: path.to_owned(),
                problem: problem.to_owned(),
            },
            None => Reason::Code(code.to_owned()),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Code(code) => formatter.write_str(code),
            Reason::Field { path, problem } => write!(formatter, "{path}:{problem}"),
        }
    }
}

impl Refusal {
    /// Whether this is among the reasons, in the words of the wire: `external_id_conflict`,
    /// `token_status:not_allowed`.
    pub fn says(&self, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.to_string() == code)
    }

    pub(super) fn read(response: &Response) -> Refusal {
        #[derive(Deserialize)]
        struct Envelope {
            errors: Vec<String>,
        }
        let envelope: Option<Envelope> = serde_json::from_str(&response.body).ok();
        let codes = envelope.map(|envelope| envelope.errors);
        Refusal {
            kind: RefusalKind::of(response.status),
            status: response.status,
            reasons: codes
                .unwrap_or_default()
                .iter()
                .map(|code| Reason::read(code))
                .collect(),
            request_id: response.request_id.clone(),
            retry_after_seconds: response.retry_after_seconds,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "refused with HTTP {}", self.status)?;
        for (place, reason) in self.reasons.iter().enumerate() {
            let before = if place == 0 { ": " } else { ", " };
            write!(formatter, "{before}{}", reason.to_string().escape_debug())?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::read(&Response {
            status,
            request_id: Some("r-1".to_owned()),
            retry_after_seconds: None,
            canonical_form: None,
            body: body.to_owned(),
        })
    }

    #[test]
    fn reasons_are_codes_or_faults_of_fields() {
        let body = r#"{"status":"error","errors":["delivery_address.city:required","nope"]}"#;
        let refusal = refusal(400, body);
        assert_eq!(refusal.kind, RefusalKind::Malformed);
        let field = Reason::Field {
            path: "delivery_address.city".to_owned(),
            problem: "required".to_owned(),
        };
        assert_eq!(refusal.reasons, [field, Reason::Code("nope".to_owned())]);
        assert!(refusal.says("nope") && refusal.says("delivery_address.city:required"));
        assert!(!refusal.says("city:required"));
        assert_eq!(
            refusal.to_string(),
            "refused with HTTP 400: delivery_address.city:required, nope"
        );
    }

    #[test]
    fn every_status_of_the_contract_has_its_kind() {
        for (status, kind) in [
            (400, RefusalKind::Malformed),
            (401, RefusalKind::Unauthenticated),
            (403, RefusalKind::Forbidden),
            (404, RefusalKind::NotFound),
            (409, RefusalKind::Conflict),
            (413, RefusalKind::Malformed),
            (415, RefusalKind::Malformed),
            (422, RefusalKind::AgainstRule),
            (429, RefusalKind::RateLimited),
            (500, RefusalKind::Unavailable),
            (503, RefusalKind::Unavailable),
            (302, RefusalKind::Other),
        ] {
            assert_eq!(refusal(status, "<html>").kind, kind, "{status}");
        }
    }
}
