//! Each message on its way to its verb.

use cardwright_core::{AuthorizationKind, Partial, Sequel};
use cardwright_wire::native::messages::{
    About, Advice, Authorization, AuthorizationAnswer, BalanceInquiry, Clearing, Dispute,
    DisputeAnswer, DisputeStep, Expiry, ForcePost, Increment, Refund, RefundReversal, Reversal,
    ReversalAnswer, TransactionAnswer,
};

use super::{
    Carried, amount, answers, authorization, card_of, dispute, maybe_amount, payment_of, proofs,
    questions::{self, Decided},
    transaction,
};
use crate::{
    error::{Error, Result},
    ops::{
        authorizations::{self as ops, DecidedBy, NewAuthorization},
        disputes, funds,
        settlement::{self, Details},
    },
    store::{Tx, standings},
};

async fn question(
    tx: &mut Tx,
    asked: Authorization,
    decided_by: DecidedBy,
    reference: String,
) -> Result<NewAuthorization> {
    let (card, wallet_token) = card_of(tx, asked.card).await?;
    let partial = if asked.partial_allowed {
        Partial::Allowed
    } else {
        Partial::Refused
    };
    Ok(NewAuthorization {
        card,
        wallet_token,
        kind: asked.kind,
        amount: funds::amount(asked.amount_minor, &asked.currency)?,
        partial,
        channel: asked.channel,
        merchant: asked.merchant,
        proofs: proofs(asked.proofs)?,
        decided_by,
        reference,
    })
}

impl Carried for Authorization {
    const KIND: &'static str = "authorization";
    const IS_DECIDED: bool = true;
    type Answer = Decided;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<Decided> {
        let decided_by = self
            .force_decline
            .map_or(DecidedBy::Platform, DecidedBy::Simulation);
        let new = question(tx, self, decided_by, reference).await?;
        Ok(questions::authorized(ops::authorize(tx, new).await?))
    }
}

impl Carried for Advice {
    const KIND: &'static str = "advice";
    type Answer = Decided;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<Decided> {
        let decided_by = self
            .declined
            .map_or(DecidedBy::NetworkApproved, DecidedBy::NetworkDeclined);
        let new = question(tx, self.about, decided_by, reference).await?;
        Ok(questions::authorized(ops::authorize(tx, new).await?))
    }
}

impl Carried for BalanceInquiry {
    const KIND: &'static str = "balance_inquiry";
    const IS_DECIDED: bool = true;
    type Answer = Decided;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<Decided> {
        let (card, wallet_token) = card_of(tx, self.card).await?;
        let found = match &card {
            ops::CardName::Id(id) => standings::of_card(tx, *id).await?,
            ops::CardName::Number(pan) => standings::of_number(tx, pan).await?,
        };
        let new = NewAuthorization {
            card,
            wallet_token,
            kind: AuthorizationKind::BalanceInquiry,
            amount: cardwright_core::Amount::zero(found.currency),
            partial: Partial::Refused,
            channel: self.channel,
            merchant: self.merchant,
            proofs: proofs(self.proofs)?,
            decided_by: DecidedBy::Platform,
            reference,
        };
        Ok(questions::authorized(ops::authorize(tx, new).await?))
    }
}

impl Carried for Increment {
    const KIND: &'static str = "increment";
    const IS_DECIDED: bool = true;
    type Answer = Decided;

    async fn carry_out(self, tx: &mut Tx, _: String) -> Result<Decided> {
        let before = authorization(tx, &self.authorization_id).await?;
        let more = amount(self.amount_minor, self.currency.as_deref(), before.asked)?;
        let decided_by = self
            .force_decline
            .map_or(DecidedBy::Platform, DecidedBy::Simulation);
        let done = ops::increment(tx, before, more, decided_by).await?;
        Ok(questions::incremented(done))
    }
}

impl Carried for Reversal {
    const KIND: &'static str = "reversal";
    type Answer = ReversalAnswer;

    async fn carry_out(self, tx: &mut Tx, _: String) -> Result<ReversalAnswer> {
        let before = authorization(tx, &self.authorization_id).await?;
        let amount = maybe_amount(self.amount_minor, self.currency.as_deref(), before.asked)?;
        Ok(answers::reversed(ops::reverse(tx, before, amount).await?))
    }
}

impl Carried for Expiry {
    const KIND: &'static str = "expiry";
    type Answer = AuthorizationAnswer;

    async fn carry_out(self, tx: &mut Tx, _: String) -> Result<AuthorizationAnswer> {
        let before = authorization(tx, &self.authorization_id).await?;
        Ok(answers::ended(ops::expire(tx, before).await?))
    }
}

impl Carried for Clearing {
    const KIND: &'static str = "clearing";
    type Answer = TransactionAnswer;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<TransactionAnswer> {
        let sequel = if self.is_final {
            Sequel::Last
        } else {
            Sequel::More
        };
        let settled = match self.about {
            About::Authorization(number) => {
                let before = authorization(tx, &number).await?;
                let said = self.currency.as_deref();
                let amount = amount(self.amount_minor, said, before.asked)?;
                let details = Details {
                    merchant: self.merchant,
                    reference,
                };
                settlement::clear(tx, before, (amount, sequel), details).await?
            }
            About::Card(card) => {
                let currency = self.currency.ok_or(Error::Missing("currency"))?;
                let amount = funds::amount(self.amount_minor, &currency)?;
                let merchant = self.merchant.ok_or(Error::Missing("merchant"))?;
                let (card, _) = card_of(tx, card).await?;
                settlement::force_post(tx, &card, amount, (merchant, reference)).await?
            }
            About::Transaction(_) => return Err(Error::Invalid("transaction_id")),
        };
        Ok(answers::settled(settled))
    }
}

impl Carried for ForcePost {
    const KIND: &'static str = "force_post";
    type Answer = TransactionAnswer;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<TransactionAnswer> {
        let amount = funds::amount(self.amount_minor, &self.currency)?;
        let (card, _) = card_of(tx, self.card).await?;
        let of = (self.merchant, reference);
        Ok(answers::settled(
            settlement::force_post(tx, &card, amount, of).await?,
        ))
    }
}

impl Carried for Refund {
    const KIND: &'static str = "refund";
    type Answer = TransactionAnswer;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<TransactionAnswer> {
        let said = self.currency.as_deref();
        let details = Details {
            merchant: self.merchant.clone(),
            reference: reference.clone(),
        };
        let settled = match self.about {
            About::Transaction(id) => {
                let original = transaction(tx, id).await?;
                let amount = maybe_amount(self.amount_minor, said, original.amount)?;
                settlement::refund(tx, original, amount, details).await?
            }
            About::Authorization(number) => {
                let before = authorization(tx, &number).await?;
                let amount = maybe_amount(self.amount_minor, said, before.asked)?;
                if before.kind == AuthorizationKind::Refund {
                    settlement::refund_authorized(tx, before, amount, details).await?
                } else {
                    let original = payment_of(tx, &before).await?;
                    settlement::refund(tx, original, amount, details).await?
                }
            }
            About::Card(card) => {
                let minor = self.amount_minor.ok_or(Error::Missing("amount"))?;
                let currency = said.ok_or(Error::Missing("currency"))?;
                let amount = funds::amount(minor, currency)?;
                let merchant = self.merchant.ok_or(Error::Missing("merchant"))?;
                let (card, _) = card_of(tx, card).await?;
                settlement::refund_unlinked(tx, &card, amount, (merchant, reference)).await?
            }
        };
        Ok(answers::settled(settled))
    }
}

impl Carried for RefundReversal {
    const KIND: &'static str = "refund_reversal";
    type Answer = TransactionAnswer;

    async fn carry_out(self, tx: &mut Tx, reference: String) -> Result<TransactionAnswer> {
        let original = transaction(tx, self.transaction_id).await?;
        let said = self.currency.as_deref();
        let amount = maybe_amount(self.amount_minor, said, original.amount)?;
        let details = Details {
            merchant: None,
            reference,
        };
        Ok(answers::settled(
            settlement::reverse_refund(tx, original, amount, details).await?,
        ))
    }
}

impl Carried for Dispute {
    const KIND: &'static str = "dispute";
    type Answer = DisputeAnswer;

    async fn carry_out(self, tx: &mut Tx, _: String) -> Result<DisputeAnswer> {
        let disputed = match self.step {
            DisputeStep::Open {
                transaction_id,
                amount_minor,
                currency,
                reason,
            } => {
                let about = transaction(tx, transaction_id).await?;
                let amount = maybe_amount(amount_minor, currency.as_deref(), about.amount)?;
                disputes::open(tx, about, amount, reason.unwrap_or_default()).await?
            }
            DisputeStep::Decide {
                dispute_id,
                outcome,
            } => {
                let before = dispute(tx, dispute_id).await?;
                disputes::decide(tx, before, outcome).await?
            }
        };
        Ok(answers::disputed(disputed))
    }
}
