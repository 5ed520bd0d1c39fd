//! Requests with their caller's own key: done once, answered the same again.

use cardwright_core::{Refusal, Timestamp};

use crate::{
    error::{Error, Result},
    store::{
        Tx,
        requests::{self, Answered, RequestKey},
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

/// The domain of the digests by which the contents of requests are compared.
const CONTENT: &str = "request.content";

/// Does the work unless a request with this key was answered before; then gives that answer.
///
/// `content` is what makes two requests the same. Only an answer that is given to be kept is kept:
/// work that returns an error leaves the key free.
pub async fn once<F>(
    tx: &mut Tx,
    key: &RequestKey,
    content: &[u8],
    rules: Rules,
    work: F,
) -> Result<Answer>
where
    F: AsyncFnOnce(&mut Tx) -> Result<Answer>,
{
    let fingerprint = tx.vault().lookup(CONTENT, content)?;
    let now = tx.real_now();
    if let Some(before) = requests::find_answer(tx, key, now).await? {
        if before.fingerprint != fingerprint {
            return Err(rules.conflict.into());
        }
        tx.audit("request.repeat", ("request", &key.key)).await?;
        let status = u16::try_from(before.status)
            .map_err(|_| Error::Corrupt("status of an answer".to_owned()))?;
        return Ok((status, before.answer));
    }
    let (status, answer) = work(tx).await?;
    let answered = Answered {
        fingerprint: fingerprint.to_vec(),
        status: i64::from(status),
        answer,
    };
    requests::put_answer(tx, key, &answered, rules.expires_at).await?;
    // Work that found nothing to do left no row; keeping its answer is something done.
    tx.audit_if_unexplained("request.keep", ("request", &key.key))
        .await?;
    Ok((status, answered.answer))
}
