//! Shipments: where a card's plastic is between the printer and its holder.
//!
//! Law: plastic that is under way is not called back; what arrived does not come back by post.

use crate::{Card, CardStage, CardState, Refusal, Timestamp};

/// What a courier reports.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ShippingStep {
    /// It took the plastic.
    Shipped,
    /// The holder has it.
    Delivered,
    /// It brought it back.
    Returned,
}

impl ShippingStep {
    /// Every step.
    pub const ALL: [ShippingStep; 3] = [
        ShippingStep::Shipped,
        ShippingStep::Delivered,
        ShippingStep::Returned,
    ];

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            ShippingStep::Shipped => "shipped",
            ShippingStep::Delivered => "delivered",
            ShippingStep::Returned => "returned",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<ShippingStep> {
        ShippingStep::ALL
            .into_iter()
            .find(|step| step.word() == word)
    }
}

/// Where the plastic is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shipment {
    /// With us, or there is none.
    Here,
    /// With the courier.
    UnderWay {
        /// Since when.
        shipped_at: Timestamp,
    },
    /// With the holder.
    Arrived {
        /// When it left us.
        shipped_at: Timestamp,
        /// When it came.
        delivered_at: Timestamp,
    },
}

impl Shipment {
    /// The word callers read.
    pub fn word(self) -> &'static str {
        match self {
            Shipment::Here => "not_shipped",
            Shipment::UnderWay { .. } => "shipped",
            Shipment::Arrived { .. } => "delivered",
        }
    }

    /// When it left us, if it did.
    pub fn shipped_at(self) -> Option<Timestamp> {
        match self {
            Shipment::Here => None,
            Shipment::UnderWay { shipped_at } | Shipment::Arrived { shipped_at, .. } => {
                Some(shipped_at)
            }
        }
    }

    /// When it came, if it did.
    pub fn delivered_at(self) -> Option<Timestamp> {
        match self {
            Shipment::Here | Shipment::UnderWay { .. } => None,
            Shipment::Arrived { delivered_at, .. } => Some(delivered_at),
        }
    }

    /// Puts a shipment together again from its stored parts.
    pub fn from_parts(
        shipped_at: Option<Timestamp>,
        delivered_at: Option<Timestamp>,
    ) -> Option<Shipment> {
        match (shipped_at, delivered_at) {
            (None, None) => Some(Shipment::Here),
            (Some(shipped_at), None) => Some(Shipment::UnderWay { shipped_at }),
            (Some(shipped_at), Some(delivered_at)) => Some(Shipment::Arrived {
                shipped_at,
                delivered_at,
            }),
            (None, Some(_)) => None,
        }
    }

    /// Refuses to make a card digital again once its plastic is under way.
    pub fn require_here(self) -> Result<(), Refusal> {
        match self {
            Shipment::Here => Ok(()),
            Shipment::UnderWay { .. } | Shipment::Arrived { .. } => {
                Err(Refusal::StageTransitionNotAllowed)
            }
        }
    }

    /// Takes a courier's report: the card and its shipment afterwards.
    ///
    /// A report that says what is known changes nothing. Plastic of a card that ended on its way is
    /// still delivered or returned, but the ended card keeps its stage.
    pub fn report(
        self,
        card: Card,
        step: ShippingStep,
        now: Timestamp,
    ) -> Result<(Card, Shipment), Refusal> {
        let ended = matches!(card.state, CardState::Closed { .. });
        match (self, step) {
            (Shipment::UnderWay { .. }, ShippingStep::Shipped)
            | (Shipment::Arrived { .. }, ShippingStep::Delivered) => Ok((card, self)),
            (Shipment::Here, ShippingStep::Shipped)
                if card.stage == CardStage::PlasticNotDelivered && !ended =>
            {
                Ok((card, Shipment::UnderWay { shipped_at: now }))
            }
            (Shipment::UnderWay { shipped_at }, ShippingStep::Delivered) => {
                let arrived = Shipment::Arrived {
                    shipped_at,
                    delivered_at: now,
                };
                let card = if ended {
                    card
                } else {
                    card.change_stage(CardStage::PlasticDelivered, now)?
                };
                Ok((card, arrived))
            }
            (Shipment::UnderWay { .. }, ShippingStep::Returned) => Ok((card, Shipment::Here)),
            (Shipment::Here | Shipment::Arrived { .. }, _) => {
                Err(Refusal::StageTransitionNotAllowed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, CardId, CloseReason, Expiry, PlatformBlock, ProductId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn card(stage: CardStage, state: CardState) -> Card {
        Card {
            id: CardId::new(7).expect("positive"),
            product: ProductId::new(1).expect("positive"),
            holder: None,
            account: AccountId::new(1).expect("positive"),
            paying_account: None,
            state,
            block: PlatformBlock::Clear,
            stage,
            embossing_name: None,
            expiry: Expiry::new(2030, 1).expect("a month"),
            first_six: "424242".into(),
            last_four: "4242".into(),
            remark: None,
            external_id: None,
            delivery: None,
            no_pin_minor: None,
            design: None,
            created_at: at(0),
            activated_at: None,
            last_use: None,
            updated_at: at(0),
        }
    }

    fn shipments() -> [Shipment; 3] {
        let shipped_at = at(1);
        let delivered_at = at(2);
        [
            Shipment::Here,
            Shipment::UnderWay { shipped_at },
            Shipment::Arrived {
                shipped_at,
                delivered_at,
            },
        ]
    }

    #[test]
    fn plastic_goes_out_arrives_or_comes_back() {
        // where it is, reported, the card's stage -> where it is then, the card's stage then
        let table = "
            not_shipped shipped   plastic_not_delivered -> shipped     plastic_not_delivered
            not_shipped shipped   digital               -> -           -
            not_shipped shipped   plastic_delivered     -> -           -
            not_shipped delivered plastic_not_delivered -> -           -
            not_shipped returned  plastic_not_delivered -> -           -
            shipped     shipped   plastic_not_delivered -> shipped     plastic_not_delivered
            shipped     delivered plastic_not_delivered -> delivered   plastic_delivered
            shipped     delivered plastic_delivered     -> delivered   plastic_delivered
            shipped     returned  plastic_not_delivered -> not_shipped plastic_not_delivered
            delivered   shipped   plastic_delivered     -> -           -
            delivered   delivered plastic_delivered     -> delivered   plastic_delivered
            delivered   returned  plastic_delivered     -> -           -
        ";
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [from, step, stage, _, to, stage_then] = words[..] else {
                panic!("{line}");
            };
            let shipment = shipments()
                .into_iter()
                .find(|shipment| shipment.word() == from);
            let stage = CardStage::from_word(stage).expect("a stage");
            let step = ShippingStep::from_word(step).expect("a step");
            let reported =
                shipment
                    .expect("a shipment")
                    .report(card(stage, CardState::Active), step, at(9));
            let got = reported.map(|(card, shipment)| (shipment.word(), card.stage.word()));
            match got {
                Ok(got) => assert_eq!(got, (to, stage_then), "{line}"),
                Err(refusal) => {
                    assert_eq!(
                        (refusal, to),
                        (Refusal::StageTransitionNotAllowed, "-"),
                        "{line}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_card_that_ended_on_its_way_keeps_its_stage_and_is_not_sent_out() {
        let reason = CloseReason::Lost;
        let ended = card(
            CardStage::PlasticNotDelivered,
            CardState::Closed { reason, at: at(1) },
        );
        let [here, under_way, _] = shipments();
        let sent = here.report(ended.clone(), ShippingStep::Shipped, at(9));
        assert_eq!(sent, Err(Refusal::StageTransitionNotAllowed));
        let (after, shipment) = under_way
            .report(ended.clone(), ShippingStep::Delivered, at(9))
            .expect("the courier does not know");
        assert_eq!((after, shipment.word()), (ended, "delivered"));
    }

    #[test]
    fn only_plastic_that_is_here_is_called_back() {
        let called_back = shipments().map(Shipment::require_here);
        let no = Err(Refusal::StageTransitionNotAllowed);
        assert_eq!(called_back, [Ok(()), no, no]);
        for shipment in shipments() {
            let read = Shipment::from_parts(shipment.shipped_at(), shipment.delivered_at());
            assert_eq!(read, Some(shipment));
        }
        assert_eq!(Shipment::from_parts(None, Some(at(1))), None);
    }
}
