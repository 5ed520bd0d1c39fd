//! Wallet tokens: a card inside a phone's wallet, under a number of its own.
//!
//! Law: a token never transacts where its card does not; its own state only takes more away.

use crate::{CardId, Refusal, Timestamp, WalletTokenId};

/// Whose wallet a token lives in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WalletKind {
    /// Apple Pay.
    Apple,
    /// Google Pay.
    Google,
    /// Samsung Pay.
    Samsung,
}

impl WalletKind {
    /// Every kind.
    pub const ALL: [WalletKind; 3] = [WalletKind::Apple, WalletKind::Google, WalletKind::Samsung];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            WalletKind::Apple => "apple",
            WalletKind::Google => "google",
            WalletKind::Samsung => "samsung",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<WalletKind> {
        WalletKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a token is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WalletTokenState {
    /// Provisioned, not confirmed by its holder yet.
    Inactive,
    /// Pays.
    Active,
    /// Stopped for a while.
    Suspended,
    /// Gone for good.
    Deleted,
}

impl WalletTokenState {
    /// Every state.
    pub const ALL: [WalletTokenState; 4] = [
        WalletTokenState::Inactive,
        WalletTokenState::Active,
        WalletTokenState::Suspended,
        WalletTokenState::Deleted,
    ];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            WalletTokenState::Inactive => "inactive",
            WalletTokenState::Active => "active",
            WalletTokenState::Suspended => "suspended",
            WalletTokenState::Deleted => "deleted",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<WalletTokenState> {
        WalletTokenState::ALL
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// What a wallet or its holder does with a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WalletTokenStep {
    /// The holder confirms it.
    Activate,
    /// The phone is lost.
    Suspend,
    /// The phone is found.
    Resume,
    /// The holder removes the card from the wallet.
    Delete,
}

impl WalletTokenStep {
    /// Every step.
    pub const ALL: [WalletTokenStep; 4] = [
        WalletTokenStep::Activate,
        WalletTokenStep::Suspend,
        WalletTokenStep::Resume,
        WalletTokenStep::Delete,
    ];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            WalletTokenStep::Activate => "activate",
            WalletTokenStep::Suspend => "suspend",
            WalletTokenStep::Resume => "resume",
            WalletTokenStep::Delete => "delete",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<WalletTokenStep> {
        WalletTokenStep::ALL
            .into_iter()
            .find(|step| step.word() == word)
    }
}

/// A card inside a wallet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalletToken {
    /// Its id.
    pub id: WalletTokenId,
    /// Which card it stands for.
    pub card: CardId,
    /// Whose wallet it is in.
    pub wallet: WalletKind,
    /// What the wallet knows it by; never a card number.
    pub reference: String,
    /// Where it is in its life.
    pub state: WalletTokenState,
    /// When it was provisioned.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

impl WalletToken {
    /// Takes a step. One that leads where the token already is changes nothing.
    pub fn step(self, step: WalletTokenStep, now: Timestamp) -> Result<WalletToken, Refusal> {
        use WalletTokenState::{Active, Deleted, Inactive, Suspended};
        use WalletTokenStep::{Activate, Delete, Resume, Suspend};
        let state = match (self.state, step) {
            (Inactive | Active, Activate) | (Active | Suspended, Resume) => Active,
            (Active | Suspended, Suspend) => Suspended,
            (Inactive | Active | Suspended | Deleted, Delete) => Deleted,
            (Suspended | Deleted, Activate) | (Inactive | Deleted, Resume | Suspend) => {
                return Err(Refusal::WalletTokenTransitionNotAllowed);
            }
        };
        if state == self.state {
            return Ok(self);
        }
        Ok(WalletToken {
            state,
            updated_at: now,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_every_state_leads_where_the_table_says() {
        let table = "
            inactive   activate  active
            inactive   suspend   -
            inactive   resume    -
            inactive   delete    deleted
            active     activate  active
            active     suspend   suspended
            active     resume    active
            active     delete    deleted
            suspended  activate  -
            suspended  suspend   suspended
            suspended  resume    active
            suspended  delete    deleted
            deleted    activate  -
            deleted    suspend   -
            deleted    resume    -
            deleted    delete    deleted
        ";
        let mut rows = 0;
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let token = WalletToken {
                id: WalletTokenId::new(1).expect("positive"),
                card: CardId::new(2).expect("positive"),
                wallet: WalletKind::Apple,
                reference: "r".to_owned(),
                state: WalletTokenState::from_word(words[0]).expect("a state"),
                created_at: Timestamp::UNIX_EPOCH,
                updated_at: Timestamp::UNIX_EPOCH,
            };
            let step = WalletTokenStep::from_word(words[1]).expect("a step");
            let now = Timestamp::from_second(9).expect("in range");
            let moved = words[0] != words[2];
            match token.step(step, now) {
                Ok(after) => {
                    assert_eq!(after.state.word(), words[2], "{line}");
                    assert_eq!(after.updated_at == now, moved, "{line}");
                }
                Err(refusal) => {
                    assert_eq!(
                        (refusal, words[2]),
                        (Refusal::WalletTokenTransitionNotAllowed, "-"),
                        "{line}"
                    );
                }
            }
            rows += 1;
        }
        assert_eq!(
            rows,
            WalletTokenState::ALL.len() * WalletTokenStep::ALL.len()
        );
    }

    #[test]
    fn wallets_read_back_from_their_words() {
        for kind in WalletKind::ALL {
            assert_eq!(WalletKind::from_word(kind.word()), Some(kind));
        }
    }
}
