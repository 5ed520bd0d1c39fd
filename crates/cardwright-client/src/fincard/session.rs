//! The session that all calls of a client share, and its renewal.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::{Context, Login};
use crate::transport::Transport;
use crate::{Result, Secret, TimeSource};

/// A session is renewed this long before its end, so that no call travels with a token that ends
/// on the way; a session shorter than ten times this is renewed after nine tenths of its life.
const RENEW_BEFORE_SECONDS: i64 = 60;

/// What a login gave.
#[derive(Debug)]
pub(super) struct Session {
    bearer: Secret,
    /// Unix time from which on it is no longer used.
    renew_at: i64,
}

impl Session {
    /// The value of `Authorization`.
    pub(super) fn bearer(&self) -> &str {
        self.bearer.expose()
    }
}

/// The present session and how to get the next.
pub(super) struct Sessions {
    login: Login,
    time: Arc<dyn TimeSource>,
    /// Held while logging in, so that calls made at the same time wait for one login instead of
    /// each making its own.
    present: Mutex<Option<Arc<Session>>>,
}

impl Sessions {
    pub(super) fn new(login: Login, time: Arc<dyn TimeSource>) -> Sessions {
        Sessions {
            login,
            time,
            present: Mutex::new(None),
        }
    }

    pub(super) fn tenant_id(&self) -> &str {
        self.login.tenant_id()
    }

    pub(super) fn time(&self) -> &dyn TimeSource {
        &*self.time
    }

    /// The present session, unless it is about to end or is the one that was refused.
    pub(super) async fn get(
        &self,
        transport: &Transport,
        context: &Context,
        refused: Option<&Arc<Session>>,
    ) -> Result<Arc<Session>> {
        let mut present = self.present.lock().await;
        // Read before the login: a slow answer must not make the session look longer than it is.
        let now = self.time.unix_seconds();
        if let Some(session) = present.as_ref() {
            let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, session));
            if now < session.renew_at && !is_refused {
                return Ok(Arc::clone(session));
            }
        }
        *present = None;
        let granted = self.login.perform(transport, context).await?;
        let life = granted.expires_in_seconds;
        let session = Arc::new(Session {
            bearer: Secret::new(format!("Bearer {}", granted.access_token.expose())),
            renew_at: now.saturating_add(life - RENEW_BEFORE_SECONDS.min(life / 10)),
        });
        *present = Some(Arc::clone(&session));
        Ok(session)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}
