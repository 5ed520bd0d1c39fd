//! The two logins and the answer both give.
//!
//! Whatever is wrong with a login body, a missing field included, is answered like a wrong
//! password: the caller of these shapes turns every fault of a field into `invalid_credentials`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Hidden, Kind, hidden_text, ignored, text};
use crate::shape::{Fields, Policy, Shape};

const PASSWORD_CHARS_MAX: usize = 1024;

/// `POST /api/auth/login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's e-mail address; compared, not checked.
    pub email: String,
    /// The password.
    pub password: Hidden,
    /// Must equal the tenant header.
    pub tenant_id: String,
}

impl Shape for Login {
    const NAME: &'static str = "Login";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email", text(1..=254).about("E-mail address of the user"));
        let password = fields.required("password", password());
        let tenant_id = fields.required("tenantId", text(1..=254).about("Equal to X-Tenant-ID"));
        fields.optional("captchaToken", ignored());
        Some(Login {
            email: email?,
            password: password?,
            tenant_id: tenant_id?,
        })
    }
}

/// `POST /api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSession {
    /// The user's login name or e-mail address.
    pub username: String,
    /// The password.
    pub password: Hidden,
}

impl Shape for CreateSession {
    const NAME: &'static str = "CreateSession";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username = fields.required(
            "username",
            text(1..=254).about("Login name or e-mail address"),
        );
        let password = fields.required("password", password());
        for unused in [
            "tenantKey",
            "tenantSecret",
            "ipAddress",
            "userAgent",
            "platform",
            "deviceId",
            "role",
            "organizationType",
        ] {
            fields.optional(unused, ignored());
        }
        Some(CreateSession {
            username: username?,
            password: password?,
        })
    }
}

fn password() -> impl Kind<Out = Hidden> {
    hidden_text(1..=PASSWORD_CHARS_MAX).about("The password")
}

/// What a session is, as both parts of the answer say it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The signed token.
    pub access_token: String,
    /// How long it lasts.
    pub expires_in_seconds: u32,
    /// When it ends.
    pub expires_at: jiff::Timestamp,
    /// Id of the session, a UUID.
    pub session_id: String,
    /// Id of the user, a UUID.
    pub user_id: String,
}

/// The answer to both logins: the envelope with the token beside it.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginReply {
    /// Always true.
    success: bool,
    /// Always 200.
    code: i32,
    /// Always `Success`.
    msg: &'static str,
    /// Always `Success`.
    message: &'static str,
    /// The token for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the token expires.
    expires_in: u32,
    /// The same once more, with what belongs to the session.
    data: LoginToken,
}

/// The `data` of a login.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginToken {
    /// The token for `Authorization: Bearer`.
    access_token: String,
    /// The same token.
    token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the token expires.
    expires_in: u32,
    /// When the token expires.
    expires_at: Rfc3339,
    /// Id of the session, a UUID.
    session_id: String,
    /// Id of the user, a UUID.
    user_id: String,
}

impl From<Session> for LoginReply {
    fn from(session: Session) -> LoginReply {
        LoginReply {
            success: true,
            code: 200,
            msg: "Success",
            message: "Success",
            access_token: session.access_token.clone(),
            token_type: "Bearer",
            expires_in: session.expires_in_seconds,
            data: LoginToken {
                access_token: session.access_token.clone(),
                token: session.access_token,
                token_type: "Bearer",
                expires_in: session.expires_in_seconds,
                expires_at: Rfc3339(session.expires_at),
                session_id: session.session_id,
                user_id: session.user_id,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    #[test]
    fn a_login_is_read_and_does_not_show_its_password() {
        let body = br#"{"email":"a@b.lt","password":"pass word","tenantId":"Acme","captchaToken":{"x":1}}"#;
        let login = shape::from_body::<Login>(body).expect("a good body");
        assert_eq!(
            (login.value.email.as_str(), login.value.password.expose()),
            ("a@b.lt", "pass word")
        );
        assert!(!format!("{login:?}").contains("pass word"));
        for body in [
            r#"{"email":"a@b.lt","password":"","tenantId":"Acme"}"#,
            r#"{"email":"a@b.lt","password":"x"}"#,
            "{}",
        ] {
            assert!(
                shape::from_body::<Login>(body.as_bytes()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn a_session_needs_two_fields_and_the_others_may_be_anything() {
        let body =
            br#"{"username":"a","password":"x","role":7,"tenantKey":null,"platform":["web"]}"#;
        let session = shape::from_body::<CreateSession>(body)
            .expect("a good body")
            .value;
        assert_eq!(
            (session.username.as_str(), session.password.expose()),
            ("a", "x")
        );
        assert!(shape::from_body::<CreateSession>(br#"{"username":"a"}"#).is_err());
    }

    #[test]
    fn the_answer_has_the_token_three_times() {
        let session = Session {
            access_token: "aaa.bbb.ccc".to_owned(),
            expires_in_seconds: 3600,
            expires_at: "2025-10-01T08:30:00Z".parse().expect("an instant"),
            session_id: "s".to_owned(),
            user_id: "u".to_owned(),
        };
        let expected = concat!(
            r#"{"success":true,"code":200,"msg":"Success","message":"Success","accessToken":"aaa.bbb.ccc","#,
            r#""tokenType":"Bearer","expiresIn":3600,"data":{"accessToken":"aaa.bbb.ccc","token":"aaa.bbb.ccc","#,
            r#""tokenType":"Bearer","expiresIn":3600,"expiresAt":"2025-10-01T08:30:00.000Z","sessionId":"s","userId":"u"}}"#,
        );
        assert_eq!(
            serde_json::to_string(&LoginReply::from(session)).expect("plain"),
            expected
        );
    }
}
