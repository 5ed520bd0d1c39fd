//! Users of the session API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Hidden, Kind, email, hidden_text, matching};
use crate::shape::{Fields, Policy, Shape};

fn password() -> impl Kind<Out = Hidden> {
    hidden_text(12..=128)
        .about("The password, of 12 characters at least; one is made where it is left out")
        .example("correct-horse-battery")
}

fn is_username(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    text.bytes().all(plain)
}

/// `POST tenants/{tenant_id}/users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateUser {
    /// E-mail address.
    pub email: String,
    /// Login name.
    pub username: String,
    /// The password, if the caller chooses it.
    pub password: Option<Hidden>,
}

impl Shape for CreateUser {
    const NAME: &'static str = "CreateUser";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required(
            "email",
            email(3..=128)
                .about("E-mail address")
                .example("ona@acme.example"),
        );
        let username = fields.required(
            "username",
            matching(3..=64, "^[A-Za-z0-9._-]+$", is_username)
                .about("Login name")
                .example("ona.onaite"),
        );
        let password = fields.optional("password", password());
        Some(CreateUser {
            email: email?,
            username: username?,
            password: password?,
        })
    }
}

/// `POST users/{user_id}/password`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPassword {
    /// The password, if the caller chooses it.
    pub password: Option<Hidden>,
}

impl Shape for SetPassword {
    const NAME: &'static str = "SetPassword";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let password = fields.optional("password", password());
        Some(SetPassword {
            password: password?,
        })
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Its id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// Login name.
    pub username: String,
    /// Since when it cannot log in; null while it can.
    pub disabled_at: Option<Rfc3339>,
    /// When it was added.
    pub created_at: Rfc3339,
}

/// A user with its password, if that was made here; it is shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct UserWithPassword {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The password that was made; null where the caller chose it.
    pub password: Option<String>,
}
