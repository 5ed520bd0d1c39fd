//! Couriers' reports about the plastic of cards.

use cardwright_core::{Card, CardId, Event, Shipment, ShippingStep};

use crate::{
    error::Result,
    store::{Tx, cards, shipments},
};

/// Takes a courier's report: the card and where its plastic is afterwards. A report that says what
/// is known changes nothing.
pub async fn report(tx: &mut Tx, id: CardId, step: ShippingStep) -> Result<(Card, Shipment)> {
    let before = super::cards::current(tx, id).await?;
    let known = shipments::of_card(tx, id).await?;
    let (after, shipment) = known.report(before.clone(), step, tx.now())?;
    tx.audit("card.report_shipment", ("card", &id.to_string()))
        .await?;
    if shipment != known {
        shipments::put(tx, id, shipment).await?;
        tx.emit(Event::CardShipmentChanged { card: id, shipment })
            .await?;
    }
    if after != before {
        cards::put(tx, &after).await?;
        let event = Event::CardStageChanged {
            card: id,
            from: before.stage,
            to: after.stage,
        };
        tx.emit(event).await?;
    }
    Ok((after, shipment))
}
