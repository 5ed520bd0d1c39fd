//! What the engine and the plain model are compared by: numbers and words, nothing else.

/// What an account has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AccountFacts {
    pub posted: i64,
    pub held: i64,
    pub expected: i64,
}

/// What an answer of the network says about an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BalanceFacts {
    pub posted: i64,
    pub held: i64,
    pub available: i64,
}

/// Where an authorization stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AuthorizationFacts {
    pub status: &'static str,
    pub reason: Option<&'static str>,
    pub origin: &'static str,
    pub asked: i64,
    pub approved: i64,
    pub reversed: i64,
    pub cleared: i64,
    pub billing: i64,
    pub held: i64,
    pub posted: i64,
    pub restored: i64,
    pub counted: i64,
    pub expires_at_ms: i64,
}

/// What was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TransactionFacts {
    pub kind: &'static str,
    pub authorization: Option<usize>,
    pub original: Option<usize>,
    pub amount: i64,
    pub currency: &'static str,
    pub billing: i64,
    pub markup: i64,
    pub returned: i64,
    pub returned_billing: i64,
    pub settlement: &'static str,
}

/// How a dispute stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DisputeFacts {
    pub transaction: usize,
    pub state: &'static str,
    pub amount: i64,
    pub billing: i64,
}

/// The answer to a message.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    pub authorization: Option<(usize, AuthorizationFacts)>,
    pub declined: Option<&'static str>,
    pub given_back: Option<i64>,
    pub transaction: Option<(usize, TransactionFacts)>,
    pub dispute: Option<(usize, DisputeFacts)>,
    pub balances: Option<BalanceFacts>,
    pub repeat: Option<String>,
    pub card_state: Option<&'static str>,
    pub expired: Option<usize>,
}

/// An answer, or the code of a refusal.
pub type Answer = Result<Reply, &'static str>;
