//! A walk through the whole API in the order of its index, as somebody with a collection of requests
//! would take it: what a call needs comes out of earlier answers, and every call succeeds.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use cardwright_server::api::fincard::SURFACE;
use serde_json::{Value, json};

use super::{
    queries::callback,
    support::{BASE, headed},
};
use crate::harness::{FincardCaller, TestApp, callers};

/// One picture element, in a file of the Portable Network Graphics kind.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

struct Walk<'a> {
    app: &'a TestApp,
    caller: FincardCaller<'a>,
    walked: BTreeSet<u8>,
}

impl Walk<'_> {
    /// Makes a call: what it answers in `data`.
    async fn step(&mut self, number: u8, path: &str, body: Value) -> Value {
        let request = self.caller.request(path, &body.to_string());
        self.send(number, path, request).await
    }

    async fn send(&mut self, number: u8, path: &str, request: Request<Body>) -> Value {
        let whole = format!("{BASE}{path}");
        let route = SURFACE.routes().find(|route| route.path == whole).unwrap();
        assert_eq!(route.number, Some(number), "{path}");
        self.app.pass(1);
        let reply = self.app.send(request).await;
        let json = reply.json();
        assert!(
            reply.status == 200 && json["success"] == true,
            "{number} {path}: {} {}",
            reply.status,
            reply.text
        );
        self.walked.insert(number);
        json["data"].clone()
    }

    /// A number of an order, unlike any before.
    fn order_no(&self) -> String {
        format!("walk-order-{:09}", self.walked.len())
    }

    /// `common/file/upload`
    async fn upload(&mut self) -> Value {
        let path = "common/file/upload";
        let mut body = Vec::new();
        let part =
            |name: &str| format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"");
        body.extend(part("file").bytes());
        body.extend(b"; filename=\"passport.png\"\r\nContent-Type: image/png\r\n\r\n");
        body.extend(PICTURE);
        for (name, text) in [("fileName", "passport.png"), ("category", "card")] {
            body.extend(format!("\r\n{}\r\n\r\n{text}", part(name)).bytes());
        }
        body.extend(b"\r\n--edge--\r\n");
        let request = self.caller.request(path, "");
        let request = headed(
            request,
            "content-type",
            &["multipart/form-data; boundary=edge"],
        );
        let (head, _) = request.into_parts();
        let request = Request::from_parts(head, Body::from(body));
        self.send(5, path, request).await
    }

    /// 1 to 7: what forms are filled in with, files, work orders. A town, and the file's id.
    async fn common(&mut self) -> (Value, Value) {
        let regions = self.step(1, "common/region", json!({})).await;
        let is_australia = |region: &&Value| region["standardCode"] == "AUS";
        let australia = regions.as_array().unwrap().iter().find(is_australia);
        let of_australia = json!({"regionCode": australia.unwrap()["code"]});
        let towns = self.step(2, "common/city", of_australia.clone()).await;
        self.step(3, "common/v2/city", of_australia).await;
        self.step(4, "common/mobileAreaCode", json!({})).await;
        let file = self.upload().await;
        let work = json!({
            "merchantOrderNo": self.order_no(), "title": "ApplePay", "target": "card",
            "tradeType": "CARD_ACTIVE", "content": "Please activate",
        });
        let submitted = self.step(6, "work/submit", work).await;
        let of_order = json!({"orderNo": submitted["orderNo"]});
        self.step(7, "work/list", of_order).await;
        (towns[0]["code"].clone(), file["fileId"].clone())
    }

    /// 8 to 19: accounts and coins.
    async fn money(&mut self) {
        let accounts = self.step(8, "account/info", json!({})).await;
        let wallet = accounts[0]["accountId"].clone();
        let of_wallet = json!({"accountId": wallet});
        self.step(9, "account/list", json!({})).await;
        self.step(10, "account/single/query", of_wallet.clone())
            .await;
        self.step(11, "account/transaction", of_wallet).await;
        let pool = self
            .step(12, "account/create", json!({"accountName": "Team"}))
            .await;
        let pool = pool["accountId"].clone();
        let transfer = json!({
            "type": "TRANSFER", "merchantOrderNo": self.order_no(), "fromAccountId": wallet,
            "toAccountId": pool, "amount": "250.00", "description": "For the team",
        });
        self.step(13, "account/transfer", transfer).await;
        let deposit = json!({"amount": "50.00"});
        self.step(14, "account/walletDeposit", deposit).await;
        self.step(15, "account/walletDepositTransaction", json!({}))
            .await;
        let coins = self.step(16, "wallet/v2/coins", json!({})).await;
        let coin = json!({"coinKey": coins[0]["coinKey"]});
        self.step(17, "wallet/v2/create", coin.clone()).await;
        self.step(18, "wallet/v2/addressList", coin.clone()).await;
        self.step(19, "wallet/v2/transaction", coin).await;
    }

    /// 20 to 25: two holders who are refused at first; the second, once approved.
    async fn holders(&mut self, (town, file): (Value, Value)) -> Value {
        self.step(20, "card/holder/occupations", json!({})).await;
        let strict = json!({
            "cardHolderModel": "B2B", "merchantOrderNo": "walk-holder-00000000001",
            "cardTypeId": 111_002, "areaCode": "+61", "mobile": "412345678",
            "email": "mia@example.com", "firstName": "Mia", "lastName": "Reject",
            "birthday": "1985-03-02", "nationality": "AU", "country": "AU",
            "town": town, "address": "1 Main Street", "postCode": "2600",
        });
        let mut strict = strict;
        strict["lastName"] = "REJECT".into();
        let refused = self.step(21, "card/holder/create", strict).await;
        self.app.run_jobs().await;
        let change = json!({"holderId": refused["holderId"], "lastName": "Brown"});
        self.step(22, "card/holder/update", change).await;
        let mut loose = callers::holder("ana@example.com");
        loose["lastName"] = "REJECT".into();
        loose["idFrontId"] = file;
        let created = self.step(23, "card/holder/v2/create", loose).await;
        self.app.run_jobs().await;
        let holder = created["holderId"].clone();
        let change = json!({"holderId": holder, "lastName": "Costa"});
        self.step(24, "card/holder/v2/update", change).await;
        self.app.run_jobs().await;
        let of_holder = json!({"holderId": holder});
        let list = self.step(25, "card/holder/list", of_holder).await;
        assert_eq!(list["records"][0]["status"], "pass_audit");
        holder
    }

    /// 26 to 28: three cards: an old one, a virtual one and a physical one.
    async fn opened(&mut self, holder: &Value) -> (Value, Value, Value) {
        let types = self.step(26, "card/v2/cardTypes", json!({})).await;
        let virtual_type = types[0]["cardTypeId"].clone();
        assert_eq!(virtual_type, 111_001);
        let old = json!({
            "merchantOrderNo": self.order_no(), "cardTypeId": virtual_type, "holderId": holder,
        });
        let old = self.step(27, "card/openCard", old).await;
        let new = json!({
            "merchantOrderNo": self.order_no() + "-v2", "cardTypeId": virtual_type,
            "amount": "100.00", "holderId": holder,
        });
        let new = self.step(28, "card/v2/openCard", new).await;
        let of_form = |card_type: &&Value| card_type["type"] == "Physical";
        let card_type = types.as_array().unwrap().iter().find(of_form).unwrap();
        let bin = card_type["bankCardBin"].as_str().unwrap();
        let body = json!({
            "merchantOrderNo": self.order_no() + "-plastic", "amount": "100.00",
            "cardTypeId": card_type["cardTypeId"], "holderId": holder,
            "cardNumber": printed_number(bin),
        });
        let physical = self.step(28, "card/v2/openCard", body).await;
        let number = |card: Value| card["cardNo"].clone();
        (number(old), number(new), number(physical))
    }

    /// 29 to 38: one virtual card.
    async fn used(&mut self, card: &Value) {
        let of_card = json!({"cardNo": card});
        let with = |more: Value| {
            let mut body = of_card.clone();
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        self.step(29, "card/info", of_card.clone()).await;
        self.step(30, "card/info/sensitive", of_card.clone()).await;
        self.step(31, "card/balance", of_card.clone()).await;
        self.step(32, "card/list", of_card.clone()).await;
        let note = with(json!({"remark": "Team"}));
        self.step(33, "card/v2/updateNote", note).await;
        let update = json!({
            "merchantOrderNo": self.order_no(),
            "spendingControls": [{"interval": "PER_TRANSACTION", "amount": "500.00"}],
        });
        self.step(34, "card/v2/update", with(update)).await;
        let freeze = with(json!({"merchantOrderNo": self.order_no()}));
        self.step(35, "card/v2/freeze", freeze).await;
        let unfreeze = with(json!({"merchantOrderNo": self.order_no()}));
        self.step(36, "card/v2/unfreeze", unfreeze).await;
        let deposit = json!({"merchantOrderNo": self.order_no(), "amount": "50.00"});
        self.step(37, "card/deposit", with(deposit)).await;
        let withdraw = json!({"merchantOrderNo": self.order_no(), "amount": "10.00"});
        self.step(38, "card/withdraw", with(withdraw)).await;
    }

    /// 39 to 41: the end of the old card, the beginning of the physical one.
    async fn ended_and_begun(&mut self, old: &Value, physical: &Value) {
        let cancel = json!({"cardNo": old, "merchantOrderNo": self.order_no()});
        self.step(39, "card/cancel", cancel).await;
        let codes = json!({"cardNo": physical, "type": "activation_code"});
        let codes = self.step(47, "card/3ds/transaction", codes).await;
        let activate = json!({
            "cardNo": physical, "merchantOrderNo": self.order_no(), "pin": "294751",
            "activationCode": codes["records"][0]["values"],
        });
        self.step(40, "card/activate", activate).await;
        let pin = json!({
            "cardNo": physical, "merchantOrderNo": self.order_no(), "pin": "385162",
        });
        self.step(41, "card/updatePin", pin).await;
    }

    /// 42 to 48: what became of it all.
    async fn asked(&mut self, card: &Value) {
        let of_card = json!({"cardNo": card});
        let bills = self
            .step(42, "card/purchase/transaction", of_card.clone())
            .await;
        let of_order = json!({"orderNo": bills["records"][0]["orderNo"]});
        let orders = self.step(43, "card/transaction", of_order.clone()).await;
        assert_eq!(orders["total"], 1);
        self.step(44, "card/v2/transaction", of_order).await;
        let pay = json!({"cardNo": card, "type": "auth", "amount": "20.00", "currency": "USD"});
        let paid = self
            .caller
            .call("card/simulateAuthTransaction", &pay)
            .await
            .ok();
        let of_payment = json!({"tradeNo": paid["data"]["tradeNo"]});
        let found = self
            .step(45, "card/authorize/transaction", of_payment.clone())
            .await;
        assert_eq!(found["records"][0], paid["data"]);
        let of_payment = json!({"originTradeNo": paid["data"]["tradeNo"]});
        self.step(46, "card/auth/fee/transaction", of_payment).await;
        self.step(47, "card/3ds/transaction", of_card).await;
        let event = callback::event(&self.app.demo.tenant_uuid, "evt-walk").to_string();
        let request = callback::request(&event, "x-fc-signature", "valid_signature_12345");
        self.send(48, "webhook/callback", request).await;
    }
}

/// A number as it would be printed on plastic of this BIN: the last digit makes it add up.
fn printed_number(bin: &str) -> String {
    let digits = format!("{bin:0<15}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            let doubled = if place % 2 == 0 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[tokio::test]
async fn every_call_of_the_index_succeeds_in_its_order() {
    let app = TestApp::new().await;
    let mut walk = Walk {
        app: &app,
        caller: app.fincard().await,
        walked: BTreeSet::new(),
    };
    let known = walk.common().await;
    walk.money().await;
    let holder = walk.holders(known).await;
    let (old, new, physical) = walk.opened(&holder).await;
    walk.used(&new).await;
    walk.ended_and_begun(&old, &physical).await;
    walk.asked(&new).await;
    let numbers: BTreeSet<u8> = SURFACE.routes().filter_map(|route| route.number).collect();
    assert_eq!(walk.walked, numbers, "a call was left out");
    assert_eq!(numbers, (1..=48).collect(), "the index has 48");
    app.run_jobs().await;
    app.finish().await;
}

#[test]
fn a_printed_number_adds_up() {
    for bin in ["424242", "400005", "520082", "37144963"] {
        let number = printed_number(bin);
        assert!(cardwright_core::luhn_valid(&number), "{number}");
    }
}
