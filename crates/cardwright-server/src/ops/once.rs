//! Requests with their caller's own key: done once, answered the same again.

use cardwright_core::{Refusal, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    error::Result,
    store::{
        Tx,
        requests::{self, RequestKey},
    },
};

/// How long an answer is kept, and what a reuse of its key for something else is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Until when, in real time; for ever where absent.
    pub expires_at: Option<Timestamp>,
    /// The refusal for another request under the same key.
    pub conflict: Refusal,
}

/// An answer as it goes out: status and body.
pub type Answer = (u16, String);

/// A digest of content that is compared, never read.
pub fn fingerprint(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

/// Does the work unless a request with this key was answered before; then gives that answer.
///
/// Only an answer that is given to be kept is kept: work that returns an error leaves the key free.
pub async fn once<F>(tx: &mut Tx, key: &RequestKey, rules: Rules, work: F) -> Result<Answer>
where
    F: AsyncFnOnce(&mut Tx) -> Result<Answer>,
{
    let now = tx.now();
    if let Some(before) = requests::find_answer(tx, key, now).await? {
        if before.fingerprint != key.fingerprint {
            return Err(rules.conflict.into());
        }
        tx.audit("request.repeat", ("request", &key.key)).await?;
        let status = u16::try_from(before.status)
            .map_err(|_| crate::error::Error::Corrupt("status of an answer".to_owned()))?;
        return Ok((status, before.answer));
    }
    let answer = work(tx).await?;
    requests::put_answer(tx, key, (i64::from(answer.0), &answer.1), rules.expires_at).await?;
    Ok(answer)
}
