//! Sessions in memory, so that a request in one need not ask the database whether it still lives.

use cardwright_core::TenantId;
use uuid::Uuid;

use super::recognized::Known;

/// A session that is on, of a user who may use it. That it is over by time, its token says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownSession {
    /// Whose data it may see.
    pub tenant: TenantId,
    /// The tenant's id as its callers send it.
    pub tenant_uuid: String,
    /// Its user.
    pub user: Uuid,
}

/// Sessions by their ids.
pub type Sessions = Known<Uuid, KnownSession>;
