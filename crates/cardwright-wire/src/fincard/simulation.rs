//! `card/simulateAuthTransaction`: a sandbox's caller plays the card network.

use super::ids::CARD_NO;
use crate::kind::{GivenId, Kind, amount, core_id, currency, free_text, one_of};
use crate::shape::{FaultKind, Fields, Policy, Shape};

use super::queries::{GivenTrade, number_of_trade};

/// What is made to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A merchant asks for a payment.
    Auth,
    /// A merchant gives money back.
    Refund,
    /// A merchant takes an authorization back.
    Void,
    /// The card costs something by itself.
    MaintainFee,
}

const HAPPENINGS: &[(&str, Happening)] = &[
    ("auth", Happening::Auth),
    ("refund", Happening::Refund),
    ("Void", Happening::Void),
    ("maintain_fee", Happening::MaintainFee),
];

/// `card/simulateAuthTransaction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulate {
    /// Which card.
    pub card_no: GivenId,
    /// What happens.
    pub happening: Happening,
    /// How much.
    pub amount: String,
    /// In which currency.
    pub currency: String,
    /// What is given or taken back.
    pub origin: Option<GivenTrade>,
    /// Why.
    pub description: Option<String>,
}

impl Shape for Simulate {
    const NAME: &'static str = "SimulateAuthTransaction";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let happening = fields.required("type", one_of(HAPPENINGS).about("What happens"));
        let amount = fields.required("amount", amount().about("How much").example("20.00"));
        let currency = fields.required("currency", currency().about("In which currency"));
        let origin = fields.optional(
            "originSerialNumber",
            number_of_trade("The `tradeNo` of what is taken or given back; required for both"),
        );
        let description = fields.optional("description", free_text(100).about("Why"));
        let (happening, origin) = (happening?, origin?);
        if origin.is_none() && matches!(happening, Happening::Void | Happening::Refund) {
            fields.fault("originSerialNumber", FaultKind::Required);
        }
        Some(Simulate {
            card_no: card_no?,
            happening,
            amount: amount?,
            currency: currency?,
            origin: origin.map(GivenTrade),
            description: description?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::envelope::Failure;
    use crate::shape;

    #[test]
    fn what_goes_back_says_what_it_goes_back_from() {
        let read = |body: &str| {
            shape::from_body::<Simulate>(body.as_bytes())
                .map(|read| read.value.happening)
                .map_err(|fault| Failure::from(fault).msg().to_owned())
        };
        let auth = r#"{"cardNo": 7, "type": "auth", "amount": 1, "currency": "USD"}"#;
        assert_eq!(read(auth), Ok(Happening::Auth));
        let bare = auth.replace("auth", "Void");
        assert_eq!(
            read(&bare),
            Err("A required field is missing: originSerialNumber".to_owned())
        );
        let whole = bare.replace('}', r#", "originSerialNumber": "9"}"#);
        assert_eq!(read(&whole), Ok(Happening::Void));
        let number = bare.replace('}', r#", "originSerialNumber": 261121000000000001}"#);
        let read = shape::from_body::<Simulate>(number.as_bytes()).expect("right");
        let origin = GivenTrade("261121000000000001".to_owned());
        assert_eq!(read.value.origin, Some(origin));
    }
}
