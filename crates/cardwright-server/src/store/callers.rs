//! Signed callers in memory: what a request is verified against, ready to use.

use cardwright_core::{TenantId, Timestamp};
use cardwright_wire::finci::signature::{FormSetting, SigningKey};

use super::{credentials::CredentialKind, recognized::Known};
use crate::network::AddressList;

/// A caller that may sign requests, its key expanded and its networks parsed.
#[derive(Debug)]
pub struct KnownCaller {
    /// Whose credential it is.
    pub tenant: TenantId,
    /// Which credential.
    pub credential: i64,
    /// Which surface it opens.
    pub kind: CredentialKind,
    /// The secret, ready to verify with.
    pub key: SigningKey,
    /// How the parts of a request are joined.
    pub form: FormSetting,
    /// Whence it may call.
    pub allowed: AddressList,
    /// Until when it works, in real time.
    pub expires_at: Option<Timestamp>,
}

/// Callers by their tokens.
pub type Callers = Known<String, KnownCaller>;
