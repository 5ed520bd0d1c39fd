//! What many of these tests say: bodies, refusals, a second program.

use std::task::Poll;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request},
};
use cardwright_server::{ops::programs::DemoProgram, store::db::Value as Stored};
use serde_json::{Value, json};

use crate::harness::{FincardCaller, Reply, TestApp, holder};

/// Where every call is.
pub const BASE: &str = "/api/v2.1/fincard/virtual/";

/// Every call in a session that exists and takes JSON.
pub const CALLS: &[&str] = &[
    "common/region",
    "common/city",
    "common/v2/city",
    "common/mobileAreaCode",
    "card/holder/occupations",
    "account/info",
    "card/holder/create",
    "card/holder/update",
    "work/submit",
    "work/list",
    "account/list",
    "account/single/query",
    "account/transaction",
    "account/create",
    "account/transfer",
    "account/walletDeposit",
    "account/walletDepositTransaction",
    "wallet/v2/coins",
    "wallet/v2/create",
    "wallet/v2/addressList",
    "wallet/v2/transaction",
    "card/holder/v2/create",
    "card/holder/v2/update",
    "card/holder/updateEmail",
    "card/holder/list",
    "card/v2/cardTypes",
    "card/v2/openCard",
    "card/info",
    "card/list",
    "card/v2/freeze",
    "card/v2/unfreeze",
    "card/purchase/transaction",
    "card/transaction",
    "card/v2/transaction",
    "card/authorize/transaction",
    "card/auth/fee/transaction",
    "card/3ds/transaction",
    "card/freeze",
    "card/unfreeze",
    "card/simulateAuthTransaction",
    "card/openCard",
    "card/info/sensitive",
    "card/balance",
    "card/v2/updateNote",
    "card/v2/update",
    "card/deposit",
    "card/withdraw",
    "card/cancel",
    "card/activate",
    "card/updatePin",
];

/// A caller's number, long enough for a card order.
pub fn order_no(number: usize) -> String {
    format!("order-{number:013}")
}

/// An opening of a virtual prepaid card with 25.00 on it, some fields of it replaced.
pub fn opening(number: usize, changes: &Value) -> Value {
    let body = json!({
        "merchantOrderNo": order_no(number),
        "cardTypeId": 111_001,
        "amount": "25.00",
    });
    with(body, changes)
}

/// A freeze or unfreeze.
pub fn order(number: usize, card: &str) -> Value {
    json!({"cardNo": card, "merchantOrderNo": order_no(number)})
}

/// A body with some fields replaced; a field of `"(absent)"` is taken out.
pub fn with(mut body: Value, changes: &Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value == "(absent)" {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    body
}

/// The word of a business refusal, which always has the same envelope.
#[track_caller]
pub fn refusal(reply: &Reply) -> String {
    let json = reply.json();
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(json["success"], false, "{}", reply.text);
    assert_eq!(json["code"], -1, "{}", reply.text);
    assert!(json["data"].is_null() && json["msg"].is_string());
    assert_eq!(json.as_object().unwrap().len(), 5, "{}", reply.text);
    json["errorCode"].as_str().unwrap().to_owned()
}

/// The word of a refusal before business, with its HTTP status.
#[track_caller]
pub fn failure(reply: &Reply) -> (u16, String) {
    let json = reply.json();
    let number = match reply.status {
        401 => 401,
        404 => 404,
        _ => 500,
    };
    assert_eq!(json["success"], false, "{}", reply.text);
    assert_eq!(json["code"], number, "{}", reply.text);
    assert!(json["data"].is_null() && json["msg"].is_string());
    (reply.status, json["errorCode"].as_str().unwrap().to_owned())
}

/// Changes the headers of a request: no value takes a header out, several stand side by side.
pub fn headed(mut request: Request<Body>, name: &str, values: &[&str]) -> Request<Body> {
    let name: HeaderName = name.parse().unwrap();
    request.headers_mut().remove(&name);
    for value in values {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(name.clone(), value);
    }
    request
}

/// An upload: each part with its name, the name of its file if it is one, and its content.
pub fn form(caller: &FincardCaller<'_>, parts: &[(&str, Option<&str>, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: image/png"));
        let head = format!(
            "--part\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n\r\n",
            file.unwrap_or_default()
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--part--\r\n");
    let mut request = caller.request("common/file/upload", "");
    *request.body_mut() = Body::from(body);
    headed(
        request,
        "content-type",
        &["multipart/form-data; boundary=part"],
    )
}

/// Sends a picture; the id of the file.
pub async fn upload(app: &TestApp, caller: &FincardCaller<'_>) -> String {
    let picture = b"\x89PNG\r\n\x1a\n a picture";
    let request = form(caller, &[("file", Some("passport.png"), picture)]);
    let reply = app.send(request).await.ok();
    reply["data"]["fileId"].as_str().unwrap().to_owned()
}

/// A holder by the rules of B2B.
pub fn business(email: &str) -> Value {
    let name: String = email
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    with(
        holder(email),
        &json!({
            "cardHolderModel": "B2B",
            "merchantOrderNo": format!("holder-{name:0>20}"),
            "cardTypeId": 111_001,
            "areaCode": "+351",
            "mobile": "912345678",
            "town": "PT_14",
            "postCode": "1100048",
        }),
    )
}

/// A holder by the rules of B2C, with one file for every picture.
pub fn consumer(email: &str, file: &str) -> Value {
    with(
        business(email),
        &json!({
            "cardHolderModel": "B2C",
            "cardTypeId": 111_065,
            "nationality": "PT",
            "gender": "F",
            "occupation": "11-1011",
            "annualSalary": "100000 USD",
            "expectedMonthlyVolume": "10000 USD",
            "accountPurpose": "Travel expenses",
            "idType": "PASSPORT",
            "issueDate": "2020-01-31",
            "idNoExpiryDate": "2030-01-31",
            "ipAddress": "198.51.100.7",
            "idFrontId": file,
            "idBackId": file,
            "idHoldId": file,
            "kycVerification": {"provider": "SUMSUB", "referenceId": "applicant-1"},
        }),
    )
}

/// The tenant's money by `account/info`: what is there in all.
pub async fn wallet(caller: &FincardCaller<'_>) -> String {
    let reply = caller.call("account/info", &json!({})).await.ok();
    let total = &reply["data"][0]["totalBalance"];
    total.as_str().unwrap().to_owned()
}

/// Lets the checks of a program's holders wait for an operator.
pub async fn decide_by_hand(app: &TestApp, program: &DemoProgram) {
    let sql = "UPDATE tenant SET kyc_mode = 'manual' WHERE uuid = $1";
    let changed = app
        .change_rows(sql, vec![Stored::from(&program.tenant_uuid)])
        .await;
    assert_eq!(changed, 1);
}

/// Runs calls at the same time: each is begun before any is answered.
pub async fn together<F: Future<Output = Reply>>(calls: impl Iterator<Item = F>) -> Vec<Reply> {
    let mut waiting: Vec<_> = calls.map(|call| (Box::pin(call), None)).collect();
    std::future::poll_fn(|context| {
        let mut pending = false;
        for (call, reply) in &mut waiting {
            if reply.is_none() {
                match call.as_mut().poll(context) {
                    Poll::Ready(answered) => *reply = Some(answered),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, reply)| reply).collect()
}
