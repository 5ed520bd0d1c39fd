//! Keys of operators.

use serde::Serialize;
use utoipa::ToSchema;

use crate::instant::Rfc3339;
use crate::kind::{Kind, one_of};
use crate::native::RecordId;
use crate::shape::{Fields, Policy, Shape};

/// What an operator may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks, and changes nothing.
    Auditor,
    /// Decides about holders, blocks cards, unlocks users.
    Support,
    /// Everything but tenants, credentials, users and keys.
    Operator,
    /// Everything.
    Owner,
}

const ROLES: &[(&str, Role)] = &[
    ("auditor", Role::Auditor),
    ("support", Role::Support),
    ("operator", Role::Operator),
    ("owner", Role::Owner),
];

/// `POST admin-keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreateKey {
    /// What its holder may do.
    pub role: Role,
}

impl Shape for CreateKey {
    const NAME: &'static str = "CreateKey";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let role = fields.required("role", one_of(ROLES).about("What its holder may do"));
        Some(CreateKey { role: role? })
    }
}

/// An operator's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdminKey {
    /// Its id.
    pub id: RecordId,
    /// What its holder may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// An operator's key with the key itself, which is shown this once.
#[derive(Clone, Serialize, ToSchema)]
pub struct NewAdminKey {
    /// What is known of it.
    #[serde(flatten)]
    pub admin_key: AdminKey,
    /// The key itself.
    pub key: String,
}
