//! Saving the state of a sandbox's tenant, and going back to it.
//!
//! Law: a tenant's time does not go back with its state. What became due meanwhile is due at once,
//! see `steering`. Who may call, what was called and how records are numbered is not rolled back.

use cardwright_core::{Refusal, SandboxRefusal};

use super::decisions;
use crate::{
    error::{Error, Result},
    store::{
        Tx,
        environment::{self, EnvironmentName},
        snapshots,
    },
};

/// The most rows of a saved state. All other writes wait while it is saved or put back, which is
/// a matter of seconds with so many.
pub const MOST_ROWS: i64 = 1_000_000;

/// The longest name of a saved state.
const LONGEST_NAME: usize = 40;

/// The state in which a tenant was made. No caller's name is spelled like it.
const SEED: &str = "(seed)";

/// Which saved state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// A caller's name: 1 to 40 of `a-z`, `0-9` and `-`.
    pub fn parse(text: &str) -> Option<SnapshotName> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fine = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(fits);
        fine.then(|| SnapshotName(text.to_owned()))
    }

    /// The state in which the tenant was made.
    pub fn seed() -> SnapshotName {
        SnapshotName(SEED.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Saves the tenant's state under a name, in the place of one that has it. How many rows.
pub async fn take(tx: &mut Tx, name: &SnapshotName) -> Result<i64> {
    take_within(tx, name, MOST_ROWS).await
}

/// The same with another limit.
pub async fn take_within(tx: &mut Tx, name: &SnapshotName, most_rows: i64) -> Result<i64> {
    if snapshots::count(tx).await? > most_rows {
        return Err(Refusal::Sandbox(SandboxRefusal::SnapshotTooLarge).into());
    }
    tx.audit("snapshot.take", ("snapshot", name.as_str()))
        .await?;
    snapshots::take(tx, name.as_str()).await
}

/// Saves the state in which a tenant was made, for [`SnapshotName::seed`]; nothing in production.
/// It is part of making the tenant, whose audit row stands for it.
pub async fn take_seed(tx: &mut Tx) -> Result<()> {
    match environment::of(tx).await?.name {
        EnvironmentName::Sandbox => snapshots::take(tx, SEED).await.map(drop),
        EnvironmentName::Production => Ok(()),
    }
}

/// Puts a saved state back. How many rows it has.
pub async fn restore(tx: &mut Tx, name: &SnapshotName) -> Result<i64> {
    if environment::of(tx).await?.name != EnvironmentName::Sandbox {
        return Err(Error::Corrupt("only a sandbox goes back".to_owned()));
    }
    tx.audit("snapshot.restore", ("snapshot", name.as_str()))
        .await?;
    if *name == SnapshotName::seed() && !snapshots::exists(tx, SEED).await? {
        // A tenant that was made with nothing.
        return snapshots::clear(tx).await.map(|()| 0);
    }
    let rows = snapshots::restore(tx, name.as_str()).await?;
    // Nobody waits for questions of the state that is back.
    decisions::end_all_open(tx).await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain_and_never_that_of_the_seed() {
        for fine in ["a", "before-checkout", "0", "-", &"x".repeat(40)] {
            assert_eq!(SnapshotName::parse(fine).expect(fine).as_str(), fine);
        }
        for wrong in ["", "A", "a b", "é", "a_b", SEED, &"x".repeat(41)] {
            assert_eq!(SnapshotName::parse(wrong), None, "{wrong}");
        }
    }
}
