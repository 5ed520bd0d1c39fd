//! Who acts, and whose data it is about.

use cardwright_core::TenantId;

/// Who acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActorKind {
    /// A program with a credential.
    Credential,
    /// A user in a session.
    User,
    /// An operator with a key.
    Operator,
    /// The platform itself.
    System,
}

impl ActorKind {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            ActorKind::Credential => "credential",
            ActorKind::User => "user",
            ActorKind::Operator => "operator",
            ActorKind::System => "system",
        }
    }
}

/// Who acts, from where, in which request: what an audit row says about the cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// Its id within that kind.
    pub id: String,
    /// The peer's address; empty for the platform itself.
    pub address: String,
    /// For whom the caller says it acts; a claim.
    pub claimed_for: Option<String>,
    /// From which system the caller says it calls; a claim.
    pub claimed_from: Option<String>,
    /// The request's id.
    pub request_id: String,
}

impl Actor {
    /// The platform acting by itself.
    pub fn system(reason: &str) -> Actor {
        Actor {
            kind: ActorKind::System,
            id: reason.to_owned(),
            address: String::new(),
            claimed_for: None,
            claimed_from: None,
            request_id: String::new(),
        }
    }
}

/// Whose data a write is about, and who does it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The tenant.
    pub tenant: TenantId,
    /// The actor.
    pub actor: Actor,
}
