//! The engine's side: a message goes to the operation that the network's surface would call.

use cardwright_core::{
    AccountId, Amount, Authorization, AuthorizationId, AuthorizationStatus, CardId, Channel,
    Country, Currency, DeclineReason, Dispute, DisputeId, Expiry, Mcc, Merchant, Partial,
    Settlement, Transaction, TransactionId, Transfer, TransferKind,
};
use cardwright_server::{
    error::{Error, Result},
    ops::{
        authorizations::{self, Balances, CardName, DecidedBy, NewAuthorization, Proofs},
        cards, disputes,
        messages::{self, Incoming},
        settlement::{self, Details, Settled},
    },
    store::{
        self, Tx,
        journal::{self, Cause},
    },
};

use super::{
    facts::{AuthorizationFacts, BalanceFacts, DisputeFacts, Reply, TransactionFacts},
    messages::{Ask, Content, Decided, Message, Money, Month, Part, Place},
};

/// The records of a sequence, by their places in it.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    pub sequence: u64,
    /// The three that are spent from, then the books.
    pub accounts: Vec<AccountId>,
    pub cards: Vec<(CardId, Expiry)>,
    pub asks: Vec<Ask>,
    pub authorizations: Vec<AuthorizationId>,
    pub transactions: Vec<TransactionId>,
    pub disputes: Vec<DisputeId>,
}

fn place_of<T: PartialEq>(ids: &mut Vec<T>, id: T) -> usize {
    let known = ids.iter().position(|known| *known == id);
    known.unwrap_or_else(|| {
        ids.push(id);
        ids.len() - 1
    })
}

fn amount(money: Money) -> Amount {
    let currency = Currency::parse(money.currency).unwrap();
    Amount::from_minor(money.minor, currency).unwrap()
}

fn merchant(place: Place) -> Merchant {
    let mcc = match place {
        Place::Shop => "5411",
        Place::Hotel => "7011",
    };
    Merchant {
        name: "Corner".to_owned(),
        id: "M1".to_owned(),
        mcc: Mcc::parse(mcc).unwrap(),
        city: "Lisbon".to_owned(),
        country: Country::parse("PT").unwrap(),
    }
}

fn details() -> Details {
    Details {
        merchant: None,
        reference: "settled".to_owned(),
    }
}

fn decided_by(decided: Decided) -> DecidedBy {
    match decided {
        Decided::Here => DecidedBy::Platform,
        Decided::Forced => DecidedBy::Simulation(DeclineReason::SystemError),
        Decided::NetworkApproved => DecidedBy::NetworkApproved,
        Decided::NetworkDeclined => DecidedBy::NetworkDeclined(DeclineReason::SystemError),
    }
}

pub fn authorization_facts(found: &Authorization) -> AuthorizationFacts {
    AuthorizationFacts {
        status: found.status.word(),
        reason: found.status.reason().map(DeclineReason::word),
        origin: found.origin.word(),
        asked: found.asked.minor(),
        approved: found.approved_minor,
        reversed: found.reversed_minor,
        cleared: found.cleared_minor,
        billing: found.billing_minor,
        held: found.held_minor,
        posted: found.posted_minor,
        restored: found.restored_minor,
        counted: found.counted_minor(),
        expires_at_ms: found.expires_at.as_millisecond(),
    }
}

pub fn dispute_facts(ids: &mut Ids, found: &Dispute) -> DisputeFacts {
    DisputeFacts {
        transaction: place_of(&mut ids.transactions, found.transaction),
        state: found.state.word(),
        amount: found.amount.minor(),
        billing: found.billing.minor(),
    }
}

fn balance_facts(found: Balances) -> BalanceFacts {
    BalanceFacts {
        posted: found.posted_minor,
        held: found.held_minor,
        available: found.available_minor,
    }
}

impl Ids {
    pub fn transaction_facts(&mut self, found: &Transaction) -> TransactionFacts {
        TransactionFacts {
            kind: found.kind.word(),
            authorization: found
                .authorization
                .map(|id| place_of(&mut self.authorizations, id)),
            original: found
                .original
                .map(|id| place_of(&mut self.transactions, id)),
            amount: found.amount.minor(),
            currency: found.amount.currency().code(),
            billing: found.billing.minor(),
            markup: found.markup_minor,
            returned: found.returned_minor,
            returned_billing: found.returned_billing_minor,
            settlement: match found.settlement {
                Settlement::Covered => "covered",
                Settlement::Overdrawn => "overdrawn",
            },
        }
    }

    fn about(&mut self, found: &Authorization, balances: Balances) -> Reply {
        let which = place_of(&mut self.authorizations, found.id);
        Reply {
            authorization: Some((which, authorization_facts(found))),
            declined: found.status.reason().map(DeclineReason::word),
            balances: Some(balance_facts(balances)),
            ..Reply::default()
        }
    }

    fn settled(&mut self, settled: &Settled) -> Reply {
        let facts = self.transaction_facts(&settled.transaction);
        let authorization = settled.authorization.as_ref().map(|found| {
            let which = place_of(&mut self.authorizations, found.id);
            (which, authorization_facts(found))
        });
        Reply {
            authorization,
            transaction: Some((
                place_of(&mut self.transactions, settled.transaction.id),
                facts,
            )),
            balances: Some(balance_facts(settled.balances)),
            ..Reply::default()
        }
    }

    fn disputed(&mut self, disputed: &disputes::Disputed) -> Reply {
        let facts = dispute_facts(self, &disputed.dispute);
        Reply {
            dispute: Some((place_of(&mut self.disputes, disputed.dispute.id), facts)),
            balances: Some(balance_facts(disputed.balances)),
            ..Reply::default()
        }
    }

    fn question(&self, ask: &Ask, reference: &str) -> NewAuthorization {
        let (card, expiry) = self.cards[ask.card];
        NewAuthorization {
            card: CardName::Id(card),
            wallet_token: None,
            kind: ask.kind,
            amount: amount(ask.money),
            partial: match ask.part {
                Part::Accepted => Partial::Allowed,
                Part::Useless => Partial::Refused,
            },
            channel: Channel::Chip,
            merchant: merchant(ask.place),
            proofs: Proofs {
                expiry: match ask.month {
                    Month::NotPresented => None,
                    Month::Right => Some(expiry),
                    Month::Wrong => Expiry::from_index(expiry.index() + 1),
                },
                ..Proofs::default()
            },
            decided_by: decided_by(ask.decided),
            reference: reference.to_owned(),
        }
    }
}

/// Gives a message to the engine. What it refuses it must undo, so this runs in an attempt.
pub async fn perform(tx: &mut Tx, ids: &mut Ids, message: Message) -> Result<Reply> {
    match message {
        Message::Fund(account, minor) => fund(tx, ids, account, minor).await,
        Message::Authorize(ask) => authorize(tx, ids, ask).await,
        Message::Again(which, content) => again(tx, ids, which, content).await,
        Message::Wait(_) => {
            let expired = authorizations::expire_due(tx, 1_000).await?;
            cards::expire_due(tx, 1_000).await?;
            Ok(Reply {
                expired: Some(expired),
                ..Reply::default()
            })
        }
        Message::ChangeCard(card, change) => {
            let changed = cards::change_status(tx, ids.cards[card].0, change).await?;
            Ok(Reply {
                card_state: Some(changed.state.word()),
                ..Reply::default()
            })
        }
        Message::ForcePost(card, money) => {
            let card = CardName::Id(ids.cards[card].0);
            let of = (merchant(Place::Shop), "forced".to_owned());
            let settled = settlement::force_post(tx, &card, amount(money), of).await?;
            Ok(ids.settled(&settled))
        }
        Message::RefundUnlinked(card, money) => {
            let card = CardName::Id(ids.cards[card].0);
            let of = (merchant(Place::Shop), "returned".to_owned());
            let settled = settlement::refund_unlinked(tx, &card, amount(money), of).await?;
            Ok(ids.settled(&settled))
        }
        Message::Increment(which, ..)
        | Message::Reverse(which, _)
        | Message::Expire(which)
        | Message::Clear(which, ..)
        | Message::RefundAuthorized(which, _) => about_authorization(tx, ids, which, message).await,
        Message::Refund(which, part)
        | Message::ReverseRefund(which, part)
        | Message::Dispute(which, part) => {
            about_transaction(tx, ids, (which, part.map(amount)), message).await
        }
        Message::Decide(which, outcome) => {
            let before = store::transactions::dispute(tx, ids.disputes[which]).await?;
            let disputed = disputes::decide(tx, before, outcome).await?;
            Ok(ids.disputed(&disputed))
        }
    }
}

async fn fund(tx: &mut Tx, ids: &Ids, account: usize, minor: i64) -> Result<Reply> {
    let currency = ["USD", "EUR", "USD"][account];
    let outside = ids.accounts[if currency == "USD" { 9 } else { 10 }];
    let amount = amount(Money { minor, currency });
    let receiver = ids.accounts[account];
    let transfer = Transfer::new(outside, receiver, amount, TransferKind::Funding)?;
    journal::record(tx, Cause::None, &[transfer]).await?;
    tx.audit("account.fund", ("account", "")).await?;
    Ok(Reply::default())
}

/// What an authorization says, as a surface would spell it.
fn content(ask: &Ask) -> String {
    let Ask { card, kind, .. } = ask;
    let Money { minor, currency } = ask.money;
    format!(
        r#"{{"amount":{minor},"card_id":{card},"currency":"{currency}","type":"{}"}}"#,
        kind.word()
    )
}

async fn authorize(tx: &mut Tx, ids: &mut Ids, ask: Ask) -> Result<Reply> {
    let reference = format!("{}-{}", ids.sequence, ids.asks.len());
    let (content, new) = (content(&ask), ids.question(&ask, &reference));
    let incoming = Incoming {
        kind: "authorization",
        reference: &reference,
        content: &content,
    };
    let mut done = None;
    messages::once(tx, incoming, async |tx| {
        let authorized = authorizations::authorize(tx, new).await?.decided()?;
        let answer = format!("as authorization {}", ids.authorizations.len());
        done = Some(authorized);
        Ok(answer)
    })
    .await?;
    let done = done.ok_or_else(|| Error::Corrupt("a new reference was known".to_owned()))?;
    ids.asks.push(ask);
    Ok(ids.about(&done.authorization, done.balances))
}

async fn again(tx: &mut Tx, ids: &Ids, which: usize, other: Content) -> Result<Reply> {
    let mut ask = ids.asks[which];
    let mut kind = "authorization";
    match other {
        Content::Same => {}
        Content::OtherAmount => ask.money.minor += 1,
        Content::OtherKind => kind = "advice",
    }
    let (reference, content) = (format!("{}-{which}", ids.sequence), content(&ask));
    let incoming = Incoming {
        kind,
        reference: &reference,
        content: &content,
    };
    let new = ids.question(&ask, &reference);
    let taken = messages::once(tx, incoming, async |tx| {
        authorizations::authorize(tx, new).await?.decided()?;
        Ok("done twice".to_owned())
    });
    let repeat = match taken.await {
        Ok(answer) => answer,
        Err(Error::ReferenceTaken(field)) => format!("conflict {field}"),
        Err(error) => return Err(error),
    };
    Ok(Reply {
        repeat: Some(repeat),
        ..Reply::default()
    })
}

async fn about_authorization(
    tx: &mut Tx,
    ids: &mut Ids,
    which: usize,
    message: Message,
) -> Result<Reply> {
    let before = store::authorizations::get(tx, ids.authorizations[which]).await?;
    match message {
        Message::Increment(_, more, decided) => {
            let done = authorizations::increment(tx, before, amount(more), decided_by(decided));
            let done = done.await?.decided()?;
            let authorized = done.authorized;
            Ok(Reply {
                declined: done.declined.map(DeclineReason::word),
                ..ids.about(&authorized.authorization, authorized.balances)
            })
        }
        Message::Clear(_, money, sequel) => {
            let settled = settlement::clear(tx, before, (amount(money), sequel), details()).await?;
            Ok(ids.settled(&settled))
        }
        Message::RefundAuthorized(_, part) => {
            let part = part.map(amount);
            let settled = settlement::refund_authorized(tx, before, part, details()).await?;
            Ok(ids.settled(&settled))
        }
        _ => {
            let changed = match message {
                Message::Reverse(_, part) => {
                    authorizations::reverse(tx, before, part.map(amount)).await?
                }
                _ => authorizations::expire(tx, before).await?,
            };
            Ok(Reply {
                given_back: Some(changed.given_back.minor()),
                declined: None,
                ..ids.about(&changed.authorization, changed.balances)
            })
        }
    }
}

async fn about_transaction(
    tx: &mut Tx,
    ids: &mut Ids,
    (which, part): (usize, Option<Amount>),
    message: Message,
) -> Result<Reply> {
    let original = store::transactions::get(tx, ids.transactions[which]).await?;
    let settled = match message {
        Message::Refund(..) => settlement::refund(tx, original, part, details()).await?,
        Message::ReverseRefund(..) => {
            settlement::reverse_refund(tx, original, part, details()).await?
        }
        _ => {
            let disputed = disputes::open(tx, original, part, "not mine".to_owned()).await?;
            return Ok(ids.disputed(&disputed));
        }
    };
    Ok(ids.settled(&settled))
}

/// Whether the stored hold of an authorization is what the authorization says of it.
pub async fn hold_agrees(tx: &mut Tx, found: &Authorization) -> Result<bool> {
    let Some(id) = found.hold else {
        return Ok(found.held_minor == 0);
    };
    let hold = journal::get_hold(tx, id).await?;
    let is_open = found.held_minor > 0;
    let open_status = found.status == AuthorizationStatus::Open;
    Ok(hold.open().minor() == found.held_minor
        && (hold.state == cardwright_core::HoldState::Open) == is_open
        && (open_status || !is_open))
}
