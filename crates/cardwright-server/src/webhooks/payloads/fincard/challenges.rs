//! What cardholders are asked to prove, under the published names of query 47.

use cardwright_core::{Challenge, ChallengeEnd, ChallengeKind, ChallengeState};
use cardwright_wire::fincard::queries::{self as wire, ChallengeFacts, ChallengeType};

use super::cards::{card_facts, money};
use crate::{
    error::{Error, Result},
    secrets::{Secret, card_encryption::CardDataKey},
    store::{ReadTx, cards},
};

/// A challenge with what was sent to its holder, encrypted where the tenant registered a key.
pub(crate) async fn challenge_out(
    tx: &mut ReadTx,
    (challenge, value): (Challenge, Secret),
    key: Option<&CardDataKey>,
) -> Result<wire::Challenge> {
    let card = cards::get(tx, challenge.card).await?;
    let values = match key {
        None => value.expose().to_owned(),
        Some(key) => key
            .encrypt(&value)
            .map_err(|error| Error::Corrupt(error.to_string()))?,
    };
    let facts = ChallengeFacts {
        card: card_facts(&card)?,
        trade_no: challenge.id.to_string(),
        payment: challenge
            .payment
            .map(|payment| (payment.merchant, money(payment.amount))),
        values,
        challenge_type: match challenge.kind {
            ChallengeKind::Otp => ChallengeType::Otp,
            ChallengeKind::Url => ChallengeType::AuthUrl,
            ChallengeKind::ActivationCode => ChallengeType::ActivationCode,
        },
        description: match challenge.state {
            ChallengeState::Open { .. } => None,
            ChallengeState::Ended { end, .. } => Some(ended(end).to_owned()),
        },
        at: challenge.created_at,
        expires_at: challenge.expires_at,
    };
    Ok(facts.into())
}

fn ended(end: ChallengeEnd) -> &'static str {
    match end {
        ChallengeEnd::Confirmed => "Confirmed",
        ChallengeEnd::Declined => "Declined by the holder",
        ChallengeEnd::Expired => "Not answered in time",
        ChallengeEnd::Voided => "No longer valid",
    }
}
