//! What is asked for of a card after it was opened: money, controls, activation, PIN, its end.

use crate::kind::{
    GivenId, Hidden, Kind, amount, core_id, digits, hidden_text, list, object, text,
};
use crate::shape::{Fields, Policy, Shape};

use super::ids::{CARD_NO, REMARK, merchant_order_no};

/// A call that only names a card: `card/info/sensitive`, `card/balance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedCard {
    /// Which card.
    pub card_no: GivenId,
}

impl Shape for NamedCard {
    const NAME: &'static str = "NamedCard";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        Some(NamedCard { card_no: card_no? })
    }
}

/// `card/deposit` and `card/withdraw`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveMoney {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the order.
    pub merchant_order_no: String,
    /// How much, fees apart.
    pub amount: String,
    /// Why.
    pub remark: Option<String>,
}

impl Shape for MoveMoney {
    const NAME: &'static str = "MoveMoney";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(15..=65));
        let amount = fields.required(
            "amount",
            amount().about("How much, fees apart").example("50.00"),
        );
        let remark = fields.optional(REMARK, text(0..=50).about("Why"));
        Some(MoveMoney {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            amount: amount?,
            remark: remark?,
        })
    }
}

/// `card/v2/updateNote`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateNote {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the change.
    pub merchant_order_no: Option<String>,
    /// The note; none takes it away.
    pub remark: Option<String>,
}

impl Shape for UpdateNote {
    const NAME: &'static str = "UpdateNote";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.optional("merchantOrderNo", merchant_order_no(15..=65));
        let remark = fields.optional(
            REMARK,
            text(0..=50).about("Your note on the card; left out or empty, it is taken away"),
        );
        Some(UpdateNote {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            remark: remark?,
        })
    }
}

/// How many entries a list of merchant categories has at most.
const MCC_MAX: usize = 500;
/// How many bounds can be given at once.
const CONTROLS_MAX: usize = 20;

/// A bound of payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSpendingControl {
    /// Of which payments: `PER_TRANSACTION`.
    pub interval: String,
    /// How much.
    pub amount: String,
}

impl Shape for SetSpendingControl {
    const NAME: &'static str = "SetSpendingControl";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let interval = fields.required(
            "interval",
            text(1..=32)
                .about("Of which payments")
                .example("PER_TRANSACTION"),
        );
        let amount = fields.required("amount", amount().about("The most").example("100.00"));
        Some(SetSpendingControl {
            interval: interval?,
            amount: amount?,
        })
    }
}

/// The merchants that a card is to be used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRiskControls {
    /// Only these categories.
    pub allowed_mcc: Option<Vec<String>>,
    /// Not these categories.
    pub blocked_mcc: Option<Vec<String>>,
}

impl Shape for SetRiskControls {
    const NAME: &'static str = "SetRiskControls";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let allowed = fields.optional(
            "allowedMcc",
            list(digits(4), MCC_MAX).about("Only these merchant categories; empty: any"),
        );
        let blocked = fields.optional(
            "blockedMcc",
            list(digits(4), MCC_MAX).about("Not these merchant categories"),
        );
        Some(SetRiskControls {
            allowed_mcc: allowed?,
            blocked_mcc: blocked?,
        })
    }
}

/// `card/v2/update`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCard {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the order.
    pub merchant_order_no: Option<String>,
    /// The note on the card.
    pub remark: Option<String>,
    /// Payable without PIN.
    pub no_pin_payment_amount: Option<String>,
    /// The bounds of payments.
    pub spending_controls: Option<Vec<SetSpendingControl>>,
    /// The merchants.
    pub risk_controls: Option<SetRiskControls>,
}

impl Shape for UpdateCard {
    const NAME: &'static str = "UpdateCard";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.optional("merchantOrderNo", merchant_order_no(15..=65));
        let remark = fields.optional(REMARK, text(0..=50).about("Your note on the card"));
        let no_pin = fields.optional(
            "noPinPaymentAmount",
            amount()
                .about("The most that is paid at a terminal without the PIN")
                .example("300.00"),
        );
        let spending = fields.optional(
            "spendingControls",
            list(object::<SetSpendingControl>(), CONTROLS_MAX)
                .about("The bounds of payments; empty lifts them"),
        );
        let risk = fields.optional(
            "riskControls",
            object::<SetRiskControls>().about(
                "Either merchant categories that are allowed or some that are not; an empty \
                        list lifts what was set",
            ),
        );
        Some(UpdateCard {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            remark: remark?,
            no_pin_payment_amount: no_pin?,
            spending_controls: spending?,
            risk_controls: risk?,
        })
    }
}

/// `card/activate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivateCard {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the order.
    pub merchant_order_no: String,
    /// The PIN it is to have.
    pub pin: Hidden,
    /// The code that was sent.
    pub activation_code: Hidden,
    /// Payable without PIN.
    pub no_pin_payment_amount: Option<String>,
}

impl Shape for ActivateCard {
    const NAME: &'static str = "ActivateCard";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(15..=65));
        let pin = fields.required("pin", new_pin());
        let code = fields.required(
            &["activationCode", "activeCode"],
            hidden_text(1..=32).about("The code that was sent when the card was opened"),
        );
        let no_pin = fields.optional(
            "noPinPaymentAmount",
            amount()
                .about("The most that is paid at a terminal without the PIN; 500 when left out")
                .example("300.00"),
        );
        Some(ActivateCard {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            pin: pin?,
            activation_code: code?,
            no_pin_payment_amount: no_pin?,
        })
    }
}

/// `card/updatePin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePin {
    /// Which card.
    pub card_no: GivenId,
    /// The integrator's number of the order.
    pub merchant_order_no: String,
    /// The PIN it is to have.
    pub pin: Hidden,
    /// The PIN it has.
    pub old_pin: Option<Hidden>,
}

impl Shape for UpdatePin {
    const NAME: &'static str = "UpdatePin";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let card_no = fields.required(CARD_NO, core_id().about("Id of the card"));
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(15..=65));
        let pin = fields.required(&["pin", "newPin"], new_pin());
        let old_pin = fields.optional(
            "oldPin",
            hidden_text(1..=32).about("The present PIN; checked where it is given"),
        );
        Some(UpdatePin {
            card_no: card_no?,
            merchant_order_no: merchant_order_no?,
            pin: pin?,
            old_pin: old_pin?,
        })
    }
}

fn new_pin() -> impl Kind<Out = Hidden> {
    hidden_text(6..=6)
        .about(
            "Six digits: none three times running, not all ascending or descending, no block of \
             two or three repeated throughout",
        )
        .example("739154")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::envelope::Failure;
    use crate::shape;

    fn read<T: Shape>(body: &str) -> Result<T, String> {
        shape::from_body::<T>(body.as_bytes())
            .map(|read| read.value)
            .map_err(|fault| Failure::from(fault).msg().to_owned())
    }

    const NAMES: &str = r#""cardNo": "7", "merchantOrderNo": "order-0000000001""#;

    #[test]
    fn an_empty_list_is_something_said_and_a_left_out_one_is_not() {
        let update = read::<UpdateCard>(
            r#"{"cardId": 7, "spendingControls": [], "riskControls": {"allowedMcc": []}}"#,
        );
        let update = update.expect("well-formed");
        assert_eq!(update.spending_controls, Some(vec![]));
        let risk = update.risk_controls.expect("given");
        assert_eq!((risk.allowed_mcc, risk.blocked_mcc), (Some(vec![]), None));
        let nothing = read::<UpdateCard>(r#"{"cardNo": 7, "riskControls": null}"#);
        let nothing = nothing.expect("well-formed");
        assert_eq!(
            (nothing.spending_controls, nothing.risk_controls),
            (None, None)
        );
    }

    #[test]
    fn a_merchant_category_has_four_digits_and_a_bound_an_amount() {
        for wrong in [
            r#"{"cardNo": 7, "riskControls": {"allowedMcc": ["79955"]}}"#,
            r#"{"cardNo": 7, "riskControls": {"blockedMcc": [7995]}}"#,
            r#"{"cardNo": 7, "riskControls": []}"#,
            r#"{"cardNo": 7, "spendingControls": [{"interval": "PER_TRANSACTION"}]}"#,
            r#"{"cardNo": 7, "spendingControls": {"interval": "PER_TRANSACTION"}}"#,
            r#"{"cardNo": 7, "noPinPaymentAmount": -1}"#,
        ] {
            assert!(read::<UpdateCard>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn code_and_pin_go_by_either_of_their_names() {
        for code in ["activationCode", "activeCode"] {
            let body = format!(r#"{{{NAMES}, "pin": "739154", "{code}": "123456"}}"#);
            let activate = read::<ActivateCard>(&body).expect("well-formed");
            assert_eq!(activate.activation_code.expose(), "123456");
        }
        for pin in ["pin", "newPin"] {
            let body = format!(r#"{{{NAMES}, "{pin}": "739154"}}"#);
            let update = read::<UpdatePin>(&body).expect("well-formed");
            assert_eq!((update.pin.expose(), update.old_pin), ("739154", None));
        }
        let two = format!(r#"{{{NAMES}, "pin": "739154", "newPin": "739155"}}"#);
        assert!(read::<UpdatePin>(&two).is_err());
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let body = format!(r#"{{{NAMES}, "pin": "739154", "oldPin": "846205"}}"#);
        let shown = format!("{:?}", read::<UpdatePin>(&body));
        assert!(
            !shown.contains("739154") && !shown.contains("846205"),
            "{shown}"
        );
    }
}
