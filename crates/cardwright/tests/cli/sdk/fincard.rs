//! Every call of the FinCard client, made once to a real server: none is left that never met one.

use std::collections::BTreeSet;
use std::sync::Arc;

use cardwright_client::fincard::{
    BASE_PATH, Client, Context, Fields, PATHS, Platform, SentFile, records,
};
use cardwright_client::{Error, SandboxFile, Settings, sandbox};
use serde_json::json;

use super::{Paths, operator, wait_for};
use crate::desk::Desk;
use crate::server::Server;

/// One picture element, in a file of the Portable Network Graphics kind.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\
    \xc4\x89\0\0\0\x0aIDAT\x78\x9c\x63\0\x01\0\0\x05\0\x01\x0d\x0a\x2d\xb4\0\0\0\0IEND\xae\x42\x60\x82";

struct Walk {
    client: Client,
    operator: sandbox::Client,
    tenant_id: String,
}

fn fields() -> Fields {
    Fields::new()
}

/// Fields of an order that has a number of its own.
fn order(number: &str) -> Fields {
    fields().with("merchantOrderNo", format!("sdk-order-{number:0>12}"))
}

impl Walk {
    async fn begin(file: &serde_json::Value, paths: &Arc<Paths>) -> Walk {
        let sandbox = SandboxFile::parse(&file.to_string()).unwrap();
        let context = Context {
            platform: Platform::Web,
            device_id: "device-1".to_owned(),
            forwarded_for: "203.0.113.7".to_owned(),
            forwarded_from: "sdk".to_owned(),
        };
        let settings = Settings {
            observer: Some(Arc::clone(paths) as _),
            ..Settings::default()
        };
        let (url, login) = (sandbox.base_url(), sandbox.fincard_by_organization());
        let client = Client::login_with_settings(url.unwrap(), login.unwrap(), context, settings);
        Walk {
            client: client.await.unwrap(),
            operator: operator(file),
            tenant_id: file["fincard"]["tenant_id"].as_str().unwrap().to_owned(),
        }
    }

    /// Lets what the platform does by itself be done.
    async fn pass(&self) {
        let by = json!({"by": "PT5S"});
        let moved = self.operator.post("/sandbox/v1/clock/advance", &by).await;
        moved.unwrap();
    }

    /// A town and the id of a file.
    async fn reference_and_work(&self) -> (String, String) {
        let client = &self.client;
        let regions = client.regions(fields()).await.unwrap();
        assert!(regions.iter().any(|region| region.standard_code == "AUS"));
        let australia = fields().with("regionCode", "AU");
        let towns = client.cities(australia.clone()).await.unwrap();
        let places = client.places(australia).await.unwrap();
        assert!(places.iter().any(|place| !place.children.is_empty()));
        let codes = client.area_codes(fields()).await.unwrap();
        assert!(codes.iter().any(|code| code.code == "+61"));
        assert!(!client.occupations(fields()).await.unwrap().is_empty());
        let file = SentFile {
            name: "passport.png".to_owned(),
            content: PICTURE.to_vec(),
        };
        let kept = client.upload(&file).await.unwrap();
        let work = order("work")
            .with("title", "ApplePay")
            .with("target", "card")
            .with("tradeType", "CARD_ACTIVE")
            .with("content", "Please activate");
        let submitted = client.submit_work(work).await.unwrap();
        let found = client.work_orders(fields().with("orderNo", submitted.order_no.clone()));
        assert_eq!(found.await.unwrap().records, [submitted]);
        (towns[0].code.clone(), kept.file_id)
    }

    async fn money(&self) {
        let client = &self.client;
        let wallet = client.accounts(fields()).await.unwrap().remove(0);
        let of_wallet = fields().with("accountId", wallet.account_id.clone());
        assert_eq!(client.account(of_wallet.clone()).await.unwrap(), wallet);
        let pool = fields().with("accountName", "Team");
        let pool = client.create_account(pool).await.unwrap();
        let all = client.account_list(fields()).await.unwrap();
        assert!(all.records.contains(&pool));
        let transfer = order("transfer")
            .with("type", "TRANSFER")
            .with("fromAccountId", wallet.account_id)
            .with("toAccountId", pool.account_id)
            .with("amount", "250.00");
        let entry = client.transfer(transfer).await.unwrap();
        assert_eq!(
            (entry.direction.as_str(), entry.amount.as_str()),
            ("OUT", "250.00")
        );
        let book = client.ledger(of_wallet).await.unwrap();
        assert!(book.records.contains(&entry));
        let deposit = client
            .wallet_deposit(fields().with("amount", "50.00"))
            .await;
        let deposit = deposit.unwrap();
        assert!(!deposit.to_address.is_empty());
        client.wallet_deposits(fields()).await.unwrap();
        let coin = client.coins(fields()).await.unwrap().remove(0).coin_key;
        let of_coin = fields().with("coinKey", coin);
        let address = client.create_address(of_coin.clone()).await.unwrap();
        let addresses = client.addresses(of_coin.clone().page(1, 10)).await.unwrap();
        assert_eq!(addresses.records[0].address, address.address);
        client.wallet_transactions(of_coin).await.unwrap();
    }

    /// Two cardholders whom staff refuse at first; the id of the one who is approved.
    async fn holders(&self, town: &str, file: &str) -> i64 {
        let client = &self.client;
        let strict = fields()
            .with("cardHolderModel", "B2B")
            .with("merchantOrderNo", "sdk-holder-0000000001")
            .with("cardTypeId", 111_002)
            .with("areaCode", "+61")
            .with("mobile", "412345678")
            .with("email", "mia@example.com")
            .with("firstName", "Mia")
            .with("lastName", "REJECT")
            .with("birthday", "1985-03-02")
            .with("nationality", "AU")
            .with("country", "AU")
            .with("town", town)
            .with("address", "1 Main Street")
            .with("postCode", "2600");
        let first = client.create_holder_v1(strict).await.unwrap();
        let loose = fields()
            .with("firstName", "Ana")
            .with("lastName", "REJECT")
            .with("birthday", "1990-05-17")
            .with("email", "ana@example.com")
            .with("address", "2 Main Street")
            .with("country", "AU")
            .with("idFrontId", file);
        let second = client.create_holder(loose).await.unwrap();
        self.pass().await;
        let renamed = |holder: &records::Holder| {
            fields()
                .with("holderId", holder.holder_id)
                .with("lastName", "Brown")
        };
        client.update_holder_v1(renamed(&first)).await.unwrap();
        client.update_holder(renamed(&second)).await.unwrap();
        self.pass().await;
        let mail = fields()
            .with("holderId", second.holder_id)
            .with("email", "brown@example.com");
        client.update_holder_email(mail).await.unwrap();
        self.pass().await;
        let asked = fields().with("holderId", second.holder_id);
        let found = client.holders(asked).await.unwrap().records.remove(0);
        assert_eq!(found.status, "pass_audit");
        second.holder_id
    }

    /// The card that the older call opened, a virtual one and a physical one.
    async fn opened(&self, holder: i64) -> (String, String, String) {
        let client = &self.client;
        let types = client.card_types(fields()).await.unwrap();
        let plastic = types.iter().find(|kind| kind.card_type_id == 111_002);
        let bin = plastic.unwrap().more["bankCardBin"].as_str().unwrap();
        let old = order("old")
            .with("cardTypeId", 111_001)
            .with("holderId", holder);
        let old = client.open_card_v1(old).await.unwrap();
        assert_eq!(old.order_status, "success");
        let new = order("new")
            .with("cardTypeId", 111_001)
            .with("amount", "100.00");
        let new = client.open_card(new).await.unwrap();
        let physical = order("plastic")
            .with("cardTypeId", 111_002)
            .with("amount", "100.00")
            .with("holderId", holder)
            .with("cardNumber", printed_number(bin));
        let physical = client.open_card(physical).await.unwrap();
        (old.card_no, new.card_no, physical.card_no)
    }

    async fn used(&self, card_no: &str) {
        let client = &self.client;
        let card = || fields().card(card_no);
        let numbered = |number: &str| order(number).card(card_no);
        assert_eq!(client.card(card()).await.unwrap().status, "Normal");
        let secrets = client.card_secrets(card()).await.unwrap();
        assert!(secrets.card_number.is_some() && secrets.cvv.is_some());
        assert_eq!(client.card_balance(card()).await.unwrap().amount, "100.00");
        assert_eq!(client.cards(card()).await.unwrap().total, 1);
        let note = card().with("remark", "Team");
        client.update_note(note).await.unwrap();
        let limit = json!([{"interval": "PER_TRANSACTION", "amount": "500.00"}]);
        let limit = numbered("limit").with("spendingControls", limit);
        client.update_card(limit).await.unwrap();
        client.freeze(numbered("freeze")).await.unwrap();
        client.unfreeze(numbered("unfreeze")).await.unwrap();
        let deposit = numbered("deposit").with("amount", "50.00");
        let deposit = client.deposit(deposit).await.unwrap();
        assert_eq!(deposit.received_amount.as_deref(), Some("50.00"));
        let withdraw = numbered("withdraw").with("amount", "10.00");
        client.withdraw(withdraw).await.unwrap();
        assert_eq!(client.card_balance(card()).await.unwrap().amount, "140.00");
    }

    async fn ended_and_begun(&self, old: &str, physical: &str) {
        let client = &self.client;
        let cancel = order("cancel").card(old);
        assert_eq!(client.cancel(cancel).await.unwrap().order_type, "cancel");
        let codes = fields().card(physical).with("type", "activation_code");
        let codes = client.challenges(codes).await.unwrap();
        let activate = order("activate")
            .card(physical)
            .with("pin", "294751")
            .with("activationCode", codes.records[0].values.expose());
        client.activate(activate).await.unwrap();
        let pin = order("pin").card(physical).with("pin", "385162");
        client.update_pin(pin).await.unwrap();
    }

    async fn asked(&self, card_no: &str) {
        let client = &self.client;
        let card = || fields().card(card_no);
        let bill = client.bills(card()).await.unwrap().records.remove(0);
        let of_bill = fields().with("orderNo", bill.order_no);
        let one = client.all_orders(of_bill.clone()).await.unwrap();
        assert_eq!(client.orders(of_bill).await.unwrap(), one);
        let pay = card()
            .with("type", "auth")
            .with("amount", "20.00")
            .with("currency", "USD");
        let paid = client.simulate(pay).await.unwrap();
        let found = client.authorizations(card()).await.unwrap();
        assert_eq!(found.records, [paid]);
        assert_eq!(client.fee_patches(card()).await.unwrap().total, 0);
        let event =
            json!({"eventId": "sdk-1", "eventType": "card_create", "tenantId": self.tenant_id});
        let event = event.to_string();
        let forged = client.send_event(&event, "AAAA").await.unwrap_err();
        assert!(matches!(forged, Error::FincardRefused(refusal) if refusal.status == 401));
        let published = "valid_signature_12345";
        client.send_event(&event, published).await.unwrap();
    }
}

/// A number as it would be printed on plastic of this BIN: the last digit makes it add up.
fn printed_number(bin: &str) -> String {
    let digits = format!("{bin:0<15}");
    let ending = (0..10).map(|last| format!("{digits}{last}"));
    let mut right = ending.filter(|number| cardwright_core::luhn_valid(number));
    right.next().unwrap()
}

#[test]
fn every_call_of_the_fincard_client_has_met_a_server() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--ephemeral", "--seed", "7"]);
    let paths = Arc::new(Paths::default());
    wait_for(async {
        let walk = Walk::begin(&file, &paths).await;
        let (town, file) = walk.reference_and_work().await;
        walk.money().await;
        let holder = walk.holders(&town, &file).await;
        let (old, new, physical) = walk.opened(holder).await;
        walk.used(&new).await;
        walk.ended_and_begun(&old, &physical).await;
        walk.asked(&new).await;
    });
    let expected: BTreeSet<String> = PATHS
        .iter()
        .map(|path| format!("{BASE_PATH}/{path}"))
        .collect();
    let seen = paths.seen();
    let unseen: Vec<_> = expected.difference(&seen).collect();
    assert_eq!(unseen, Vec::<&String>::new(), "calls that met no server");
    drop(server);
}
