//! Fees that the wallet paid in a card's place, under the published names of query 46.

use cardwright_core::{CardFee, CardFeeKind};
use cardwright_wire::fincard::queries::{self as wire, FeePatchFacts, PatchType};

use super::cards::{card_facts, money};
use crate::{
    error::Result,
    store::{ReadTx, cards},
};

/// A fee as it goes out.
pub(crate) async fn patch_out(tx: &mut ReadTx, fee: CardFee) -> Result<wire::FeePatch> {
    let card = card_facts(&cards::get(tx, fee.card).await?)?;
    let facts = FeePatchFacts {
        card,
        trade_no: fee.id.to_string(),
        origin_trade_no: fee.origin,
        money: money(fee.amount),
        patch_type: match fee.kind {
            CardFeeKind::CrossBorderPatch => PatchType::CrossBorder,
            CardFeeKind::FeePatch | CardFeeKind::Maintenance => PatchType::Fee,
        },
        at: fee.created_at,
    };
    Ok(facts.into())
}
