//! Work orders: what the platform's staff are asked to do.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::ids::{REMARK, TextId, merchant_order_no};
use super::page::{PAGE_SIZE_MAX, PageRequest};
use crate::instant::UnixMs;
use crate::kind::{GivenId, Kind, core_id, lines, matching, one_of, text, text_or_number};
use crate::shape::{Fields, Policy, Shape};

/// What kind of work, for programs.
fn trade_type() -> impl Kind<Out = String> {
    matching(1..=32, "^[A-Z_]{1,32}$", |text| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    })
    .about("What kind of work")
    .example("CARD_ACTIVE")
}

/// `work/submit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmitWorkOrder {
    /// The integrator's number for it.
    pub merchant_order_no: String,
    /// What it is about, for people.
    pub title: String,
    /// What it is about, for programs.
    pub target: String,
    /// What kind of work.
    pub trade_type: String,
    /// What is wanted.
    pub content: String,
    /// The integrator's note.
    pub remark: Option<String>,
}

impl Shape for SubmitWorkOrder {
    const NAME: &'static str = "SubmitWorkOrder";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let merchant_order_no = fields.required("merchantOrderNo", merchant_order_no(1..=65));
        let title = fields.required(
            "title",
            text(1..=100)
                .about("What it is about, for people")
                .example("ApplePay"),
        );
        let target = fields.required(
            "target",
            text_or_number(1..=100)
                .about("What it is about: a card's id or another reference")
                .example("1734567890123"),
        );
        let trade_type = fields.required("tradeType", trade_type());
        let content = fields.required(
            "content",
            lines(1..=2_000)
                .about("What is wanted; line breaks are kept")
                .example("Please activate Apple Pay for this card"),
        );
        let remark = fields.optional(REMARK, text(0..=200).about("Your note"));
        Some(SubmitWorkOrder {
            merchant_order_no: merchant_order_no?,
            title: title?,
            target: target?,
            trade_type: trade_type?,
            content: content?,
            remark: remark?,
        })
    }
}

/// Where a work order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words are the contract's own")]
pub enum TradeStatus {
    Processing,
    Success,
    Fail,
}

const TRADE_STATUSES: &[(&str, TradeStatus)] = &[
    ("processing", TradeStatus::Processing),
    ("success", TradeStatus::Success),
    ("fail", TradeStatus::Fail),
    ("failed", TradeStatus::Fail),
];

/// `work/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListWorkOrders {
    /// Which page.
    pub page: PageRequest,
    /// Only with this number of the integrator's.
    pub merchant_order_no: Option<String>,
    /// Only this one.
    pub order_no: Option<GivenId>,
    /// Only this kind of work.
    pub trade_type: Option<String>,
    /// Only those that stand like this.
    pub trade_status: Option<TradeStatus>,
}

impl Shape for ListWorkOrders {
    const NAME: &'static str = "ListWorkOrders";
    const POLICY: Policy = Policy::Lenient;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let page = PageRequest::read(fields, PAGE_SIZE_MAX);
        let merchant_order_no = fields.optional(
            "merchantOrderNo",
            text(0..=65).about("Only with this number of yours"),
        );
        let order_no = fields.optional("orderNo", core_id().about("Only this work order"));
        let trade_type = fields.optional("tradeType", text(0..=32).about("Only this kind of work"));
        let trade_status = fields.optional(
            "tradeStatus",
            one_of(TRADE_STATUSES).about("Only those that stand like this"),
        );
        Some(ListWorkOrders {
            page: page?,
            merchant_order_no: merchant_order_no?,
            order_no: order_no?,
            trade_type: trade_type?,
            trade_status: trade_status?,
        })
    }
}

/// What the server knows about a work order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrderFacts {
    /// Core id.
    pub id: i64,
    /// What was submitted.
    pub submitted: SubmitWorkOrder,
    /// What staff say about it.
    pub description: Option<String>,
    /// Where it is.
    pub status: TradeStatus,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SubmittedWorkOrder)]
pub struct WorkOrder {
    /// Id of the work order.
    order_no: TextId,
    /// Your number for it.
    merchant_order_no: String,
    /// What it is about, for people.
    title: String,
    /// What it is about, for programs.
    target: String,
    /// What kind of work.
    trade_type: String,
    /// What is wanted.
    content: String,
    /// Your note.
    remark: Option<String>,
    /// What staff say about it.
    description: Option<String>,
    /// Where it is: processing, success, fail.
    trade_status: TradeStatus,
    /// When it was submitted.
    create_time: UnixMs,
    /// When it last moved.
    update_time: UnixMs,
}

impl From<WorkOrderFacts> for WorkOrder {
    fn from(facts: WorkOrderFacts) -> WorkOrder {
        let submitted = facts.submitted;
        WorkOrder {
            order_no: TextId(facts.id),
            merchant_order_no: submitted.merchant_order_no,
            title: submitted.title,
            target: submitted.target,
            trade_type: submitted.trade_type,
            content: submitted.content,
            remark: submitted.remark,
            description: facts.description,
            trade_status: facts.status,
            create_time: UnixMs(facts.created_at),
            update_time: UnixMs(facts.updated_at),
        }
    }
}

/// The envelope around a work order that was taken in: its number stands outside, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Submitted {
    /// Always true.
    success: bool,
    /// Always 200.
    code: i32,
    /// Always `Success`.
    msg: &'static str,
    /// Id of the work order.
    order_no: TextId,
    /// The work order.
    data: WorkOrder,
}

impl From<WorkOrder> for Submitted {
    fn from(data: WorkOrder) -> Submitted {
        Submitted {
            success: true,
            code: 200,
            msg: "Success",
            order_no: data.order_no,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fincard::envelope::Failure;
    use crate::shape;

    fn msg<T: Shape>(body: &str) -> String {
        match shape::from_body::<T>(body.as_bytes()) {
            Ok(_) => "ok".to_owned(),
            Err(fault) => Failure::from(fault).msg().to_owned(),
        }
    }

    #[test]
    fn a_work_order_says_what_is_wanted() {
        let with = |trade_type: &str| {
            msg::<SubmitWorkOrder>(&format!(
                r#"{{"merchantOrderNo": "w", "title": "ApplePay", "target": "card",
                "tradeType": "{trade_type}", "content": "please"}}"#
            ))
        };
        assert_eq!(with("CARD_ACTIVE"), "ok");
        for wrong in ["card_active", "CARD ACTIVE", "CARD1", &"A".repeat(33)] {
            assert!(with(wrong).ends_with(": tradeType"), "{wrong}");
        }
        assert_eq!(
            msg::<SubmitWorkOrder>("{}"),
            "A required field is missing: merchantOrderNo, title, target, tradeType, content"
        );
    }

    #[test]
    fn what_is_wanted_may_have_lines_and_its_target_may_be_a_number() {
        let body = r#"{"merchantOrderNo": "w", "title": "ApplePay", "target": 1734567890123,
            "tradeType": "CARD_ACTIVE", "content": "please:\r\n\t- activate"}"#;
        let read = shape::from_body::<SubmitWorkOrder>(body.as_bytes()).expect("right");
        assert_eq!(read.value.target, "1734567890123");
        assert_eq!(read.value.content, "please:\r\n\t- activate");
    }

    #[test]
    fn a_failed_one_is_found_by_either_word() {
        for word in ["fail", "failed"] {
            let body = format!(r#"{{"tradeStatus": "{word}"}}"#);
            let read = shape::from_body::<ListWorkOrders>(body.as_bytes()).expect("right");
            assert_eq!(read.value.trade_status, Some(TradeStatus::Fail));
        }
        assert!(msg::<ListWorkOrders>(r#"{"tradeStatus": "FAIL"}"#).ends_with(": tradeStatus"));
    }

    #[test]
    fn the_number_of_a_submitted_one_stands_in_the_envelope_too() {
        let order = WorkOrder::from(WorkOrderFacts {
            id: 4,
            submitted: SubmitWorkOrder {
                merchant_order_no: "w".to_owned(),
                title: "ApplePay".to_owned(),
                target: "card".to_owned(),
                trade_type: "CARD_ACTIVE".to_owned(),
                content: "please".to_owned(),
                remark: None,
            },
            description: None,
            status: TradeStatus::Processing,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        });
        let written = serde_json::to_value(Submitted::from(order)).expect("plain");
        crate::fincard::assert_names(&written, "success code msg orderNo data");
        assert_eq!(written["orderNo"], "4");
        let names = "orderNo merchantOrderNo title target tradeType content remark description \
            tradeStatus createTime updateTime";
        crate::fincard::assert_names(&written["data"], names);
        assert_eq!(written["data"]["tradeStatus"], "processing");
    }
}
