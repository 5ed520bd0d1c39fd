//! Looking at the ledger as a whole.

use crate::{
    error::Result,
    store::{
        db::{Db, ReadSession},
        verify::{self, Outcome},
    },
};

/// Sees whether every law of the ledger holds, in one unchanging view of all tenants, while others
/// may go on writing.
pub async fn verify(db: &Db) -> Result<Outcome> {
    db.read(async move |mut session: ReadSession| verify::run(&mut session).await)
        .await
}
