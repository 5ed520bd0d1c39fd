//! Orders: what became of an operation on a card.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::card_types::Organization;
use super::cards::{Block, Card, CardState};
use super::ids::TextId;
use crate::instant::UnixMs;
use crate::pan::MaskedPan;

/// What was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum OrderType {
    Create,
    Deposit,
    Withdraw,
    Cancel,
    Freeze,
    Unfreeze,
    UpdatePin,
    CardUpdate,
    Blocked,
    OverdraftStatement,
    CardActivated,
}

impl OrderType {
    /// The word in `type`.
    pub fn word(self) -> &'static str {
        match self {
            OrderType::Create => "create",
            OrderType::Deposit => "deposit",
            OrderType::Withdraw => "withdraw",
            OrderType::Cancel => "cancel",
            OrderType::Freeze => "Freeze",
            OrderType::Unfreeze => "UnFreeze",
            OrderType::UpdatePin => "update_pin",
            OrderType::CardUpdate => "card_update",
            OrderType::Blocked => "blocked",
            OrderType::OverdraftStatement => "overdraft_statement",
            OrderType::CardActivated => "card_activated",
        }
    }

    /// The word in `operationType`: the type in capitals, but for two.
    pub fn operation(self) -> String {
        match self {
            OrderType::CardActivated => "ACTIVATE".to_owned(),
            OrderType::CardUpdate => "UPDATE".to_owned(),
            other => other.word().to_ascii_uppercase(),
        }
    }
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Taken in.
    WaitProcess,
    /// Under way.
    Processing,
    /// Done.
    Success,
    /// Not done, for good.
    Fail,
}

impl OrderStatus {
    /// The word in `status`.
    pub fn word(self) -> &'static str {
        match self {
            OrderStatus::WaitProcess => "wait_process",
            OrderStatus::Processing => "processing",
            OrderStatus::Success => "success",
            OrderStatus::Fail => "fail",
        }
    }

    /// The word in `operationStatus`.
    pub fn operation(self) -> &'static str {
        match self {
            OrderStatus::WaitProcess => "PENDING",
            OrderStatus::Processing => "PROCESSING",
            OrderStatus::Success => "COMPLETED",
            OrderStatus::Fail => "FAILED",
        }
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Decimal string.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

/// What the server knows about an order; [`Order`] says it under every published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// Core id.
    pub id: i64,
    /// The integrator's number.
    pub merchant_order_no: Option<String>,
    /// Core id of the card.
    pub card_id: i64,
    /// The visible digits of the card.
    pub pan: MaskedPan,
    /// What was ordered.
    pub order_type: OrderType,
    /// How far it is.
    pub status: OrderStatus,
    /// Currency of `amount` and `fee`.
    pub currency: Option<String>,
    /// What was asked for.
    pub amount: Option<String>,
    /// What it cost.
    pub fee: Option<String>,
    /// What arrived; only once the order is done.
    pub received: Option<Received>,
    /// What happened, in words.
    pub description: Option<String>,
    /// The integrator's remark.
    pub remark: Option<String>,
    /// Why it was ordered or failed.
    pub reason: Option<String>,
    /// When it was taken in.
    pub ordered_at: Timestamp,
    /// The card before.
    pub card_before: Option<(CardState, Block)>,
    /// The card after.
    pub card_after: Option<(CardState, Block)>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are the contract's own"
)]
pub struct Order {
    /// Id of the order.
    order_no: TextId,
    /// Your number of the order.
    merchant_order_no: Option<String>,
    /// Id of the card.
    card_no: TextId,
    /// Same as `cardNo`.
    card_id: TextId,
    /// Last four digits of the card number.
    last4: String,
    /// Currency of `amount` and `fee`.
    currency: Option<String>,
    /// What was asked for.
    amount: Option<String>,
    /// What it cost.
    fee: Option<String>,
    /// What arrived; null until the order is done.
    received_amount: Option<String>,
    /// In which currency.
    received_currency: Option<String>,
    /// What was ordered.
    #[serde(rename = "type")]
    order_type: &'static str,
    /// How far it is: `wait_process`, processing, success, fail.
    status: &'static str,
    /// What happened, in words.
    description: Option<String>,
    /// Your remark.
    remark: Option<String>,
    /// When it was taken in.
    transaction_time: UnixMs,
    /// What was ordered, in capitals.
    operation_type: String,
    /// How far it is: PENDING, PROCESSING, COMPLETED, FAILED.
    operation_status: &'static str,
    /// Same as `orderNo`.
    transaction_id: TextId,
    /// Same as `transactionTime`.
    operation_time: UnixMs,
    /// `cardStatus` after.
    new_card_status: Option<&'static str>,
    /// `cardStatus` before.
    previous_card_status: Option<&'static str>,
    /// Why it was ordered or failed.
    reason: Option<String>,
}

impl From<OrderFacts> for Order {
    fn from(facts: OrderFacts) -> Order {
        let received = facts
            .received
            .filter(|_| facts.status == OrderStatus::Success);
        let (received_amount, received_currency) = received
            .map(|received| (received.amount, received.currency))
            .unzip();
        let word = |(state, block): (CardState, Block)| state.card_status(block);
        Order {
            order_no: TextId(facts.id),
            merchant_order_no: facts.merchant_order_no,
            card_no: TextId(facts.card_id),
            card_id: TextId(facts.card_id),
            last4: facts.pan.last_four(),
            currency: facts.currency,
            amount: facts.amount,
            fee: facts.fee,
            received_amount,
            received_currency,
            order_type: facts.order_type.word(),
            status: facts.status.word(),
            description: facts.description,
            remark: facts.remark,
            transaction_time: UnixMs(facts.ordered_at),
            operation_type: facts.order_type.operation(),
            operation_status: facts.status.operation(),
            transaction_id: TextId(facts.id),
            operation_time: UnixMs(facts.ordered_at),
            new_card_status: facts.card_after.map(word),
            previous_card_status: facts.card_before.map(word),
            reason: facts.reason,
        }
    }
}

/// The answer to `card/openCard`: the card, and the order that opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CardWithOrder {
    #[serde(flatten)]
    card: Card,
    /// Id of the order.
    order_no: TextId,
    /// Your number of the order.
    merchant_order_no: Option<String>,
    /// How far the order is: `wait_process`, processing, success, fail.
    order_status: &'static str,
}

impl CardWithOrder {
    /// A card that was opened, and its order.
    pub fn new(card: Card, order: OrderFacts) -> CardWithOrder {
        CardWithOrder {
            card,
            order_no: TextId(order.id),
            merchant_order_no: order.merchant_order_no,
            order_status: order.status.word(),
        }
    }
}

/// What the server adds to the order of a card being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningFacts {
    /// The order.
    pub order: OrderFacts,
    /// The scheme.
    pub organization: Organization,
    /// Which account paid.
    pub account_id: Option<i64>,
    /// Who holds the card.
    pub holder_id: Option<i64>,
    /// Which card type.
    pub card_type_id: i64,
    /// The state of the card now.
    pub state: CardState,
}

/// The answer to `card/v2/openCard`: the order, and what the card is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenedCard {
    #[serde(flatten)]
    order: Order,
    /// First six and last four digits.
    masked_pan: String,
    /// The scheme.
    brand: &'static str,
    /// Same as `brand`.
    network: &'static str,
    /// Which account paid.
    account_id: Option<TextId>,
    /// Who holds the card.
    holder_id: Option<i64>,
    /// Same as `holderId`.
    cardholder_id: Option<TextId>,
    /// Which card type.
    card_type_id: i64,
    /// The state of the card, as in the card object.
    card_status: &'static str,
}

impl From<OpeningFacts> for OpenedCard {
    fn from(facts: OpeningFacts) -> OpenedCard {
        OpenedCard {
            masked_pan: facts.order.pan.starred(),
            order: facts.order.into(),
            brand: facts.organization.brand(),
            network: facts.organization.brand(),
            account_id: facts.account_id.map(TextId),
            holder_id: facts.holder_id,
            cardholder_id: facts.holder_id.map(TextId),
            card_type_id: facts.card_type_id,
            card_status: facts.state.card_status(Block::None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(status: OrderStatus) -> OrderFacts {
        OrderFacts {
            id: 9,
            merchant_order_no: Some("freeze-0000000001".to_owned()),
            card_id: 7,
            pan: MaskedPan::new("400012", "0009").expect("digits"),
            order_type: OrderType::Freeze,
            status,
            currency: Some("USD".to_owned()),
            amount: None,
            fee: None,
            received: Some(Received {
                amount: "1.00".to_owned(),
                currency: "USD".to_owned(),
            }),
            description: None,
            remark: Some("lost it".to_owned()),
            reason: None,
            ordered_at: Timestamp::from_millisecond(5).expect("an instant"),
            card_before: Some((CardState::Active, Block::None)),
            card_after: Some((CardState::Frozen, Block::None)),
        }
    }

    #[test]
    fn an_order_is_written_under_every_published_name() {
        let expected = concat!(
            r#"{"orderNo":"9","merchantOrderNo":"freeze-0000000001","cardNo":"7","cardId":"7","last4":"0009","#,
            r#""currency":"USD","amount":null,"fee":null,"receivedAmount":"1.00","receivedCurrency":"USD","#,
            r#""type":"Freeze","status":"success","description":null,"remark":"lost it","transactionTime":5,"#,
            r#""operationType":"FREEZE","operationStatus":"COMPLETED","transactionId":"9","operationTime":5,"#,
            r#""newCardStatus":"FROZEN","previousCardStatus":"ACTIVE","reason":null}"#,
        );
        let order = Order::from(freeze(OrderStatus::Success));
        assert_eq!(serde_json::to_string(&order).expect("plain"), expected);
    }

    #[test]
    fn nothing_is_received_before_an_order_is_done() {
        for status in [
            OrderStatus::WaitProcess,
            OrderStatus::Processing,
            OrderStatus::Fail,
        ] {
            let order = Order::from(freeze(status));
            assert_eq!(
                (order.received_amount, order.received_currency),
                (None, None),
                "{status:?}"
            );
        }
    }

    #[test]
    fn an_opened_card_is_an_order_and_a_card() {
        let opened = OpenedCard::from(OpeningFacts {
            order: OrderFacts {
                order_type: OrderType::Create,
                ..freeze(OrderStatus::Success)
            },
            organization: Organization::MasterCard,
            account_id: Some(3),
            holder_id: Some(4),
            card_type_id: 111_001,
            state: CardState::Active,
        });
        let written = serde_json::to_value(opened).expect("plain");
        let names = "orderNo merchantOrderNo cardNo cardId last4 currency amount fee receivedAmount \
            receivedCurrency type status description remark transactionTime operationType operationStatus \
            transactionId operationTime newCardStatus previousCardStatus reason maskedPan brand network \
            accountId holderId cardholderId cardTypeId cardStatus";
        crate::fincard::assert_names(&written, names);
        assert_eq!(written["holderId"], 4);
        assert_eq!(written["accountId"], "3");
        assert_eq!(written["maskedPan"], "400012******0009");
        assert_eq!(
            (&written["type"], &written["operationType"]),
            (&"create".into(), &"CREATE".into())
        );
    }

    #[test]
    fn the_operation_is_the_type_in_capitals_but_for_two() {
        assert_eq!(OrderType::Unfreeze.operation(), "UNFREEZE");
        assert_eq!(OrderType::UpdatePin.operation(), "UPDATE_PIN");
        assert_eq!(OrderType::CardActivated.operation(), "ACTIVATE");
        assert_eq!(OrderType::CardUpdate.operation(), "UPDATE");
    }
}
