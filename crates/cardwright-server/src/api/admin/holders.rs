//! Holders, and the decisions about them.

use axum::{extract::State, response::Response};
use cardwright_core::{Holder, HolderId, KycStage, KycState, Record};
use cardwright_wire::{
    instant::Rfc3339,
    native::{
        RecordId,
        admin::holders::{Decide, Decision as Word, Holder as Shown, Stage},
    },
};

use crate::{
    api::native::{NoBody, Operated, record},
    app::App,
    ops::holders::{self as ops, Decision},
    store::holders,
};

/// `GET holders/{holder_id}`
pub(super) async fn read(State(app): State<App>, operated: Operated<NoBody>) -> Response {
    let given = operated.id("holder_id");
    operated
        .answer(&app, async move |tx| {
            let id = record(given, HolderId::new, Record::Holder)?;
            holders::get(tx, id).await.map(shown)
        })
        .await
}

/// `POST holders/{holder_id}/decision`
pub(super) async fn decide(State(app): State<App>, operated: Operated<Decide>) -> Response {
    let given = operated.id("holder_id");
    operated
        .change(&app, async move |tx, asked| {
            let id = record(given, HolderId::new, Record::Holder)?;
            let stage = asked.stage.map(|stage| match stage {
                Stage::Admin => KycStage::Admin,
                Stage::Channel => KycStage::Channel,
            });
            let reason = asked.reason;
            let decision = match asked.decision {
                Word::Approve => Decision::Pass(stage),
                Word::Reject => Decision::Fail(stage, reason.clone().unwrap_or_default()),
            };
            ops::decide(tx, id, decision, reason.as_deref())
                .await
                .map(shown)
        })
        .await
}

fn shown(holder: Holder) -> Shown {
    Shown {
        id: RecordId(holder.id.get()),
        kind: holder.kind.word(),
        number: holder.number,
        corporate_id: holder.corporate.map(|corporate| RecordId(corporate.get())),
        name: holder.name.full(),
        kyc_status: holder.kyc.word(),
        kyc_stage: holder.kyc.stage().word(),
        kyc_reason: match holder.kyc {
            KycState::Rejected { reason, .. } => Some(reason),
            KycState::WaitAudit | KycState::UnderReview | KycState::Approved => None,
        },
        external_id: holder.external_id,
        created_at: Rfc3339(holder.created_at),
        updated_at: Rfc3339(holder.updated_at),
    }
}
