//! Every call of the FinCard client, made once to a real server: none is left that never met one.

use std::collections::BTreeSet;
use std::sync::Arc;

use cardwright_client::fincard::requests::{
    AccountQuery, Activate, AddressQuery, AnnounceDeposit, AuthorizationQuery, BillQuery, CardInfo,
    CardOrder, CardQuery, ChallengeQuery, Contact, CreateAccount, CreateAddress, DepositQuery,
    FeePatchQuery, Happening, HolderDetails, HolderQuery, IdentityDocument, LedgerQuery, MoveMoney,
    NamedAccount, NamedCard, NewHolder, OpenCard, OrderQuery, Origin, Person, PlaceQuery, Simulate,
    SpendingControl, SubmitWork, Transfer, TransferType, UpdateCard, UpdateEmail, UpdateHolder,
    UpdateNote, UpdatePin, WalletQuery, Way, Work, WorkQuery,
};
use cardwright_client::fincard::{BASE_PATH, Client, Context, PATHS, Platform, SentFile, records};
use cardwright_client::{Error, SandboxFile, Secret, Settings, sandbox};
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

/// A number that an order has to itself.
fn number(name: &str) -> String {
    format!("sdk-order-{name:0>12}")
}

fn person(first_name: &str, birthday: &str, address: &str) -> Person {
    Person {
        first_name: first_name.to_owned(),
        last_name: "REJECT".to_owned(),
        birthday: birthday.to_owned(),
        email: format!("{}@example.com", first_name.to_lowercase()),
        address: address.to_owned(),
    }
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
        let regions = client.regions().await.unwrap();
        assert!(regions.iter().any(|region| region.standard_code == "AUS"));
        let australia = PlaceQuery::new().region_code("AU");
        let towns = client.cities(&australia).await.unwrap();
        let places = client.places(&australia).await.unwrap();
        assert!(places.iter().any(|place| !place.children.is_empty()));
        let codes = client.area_codes().await.unwrap();
        assert!(codes.iter().any(|code| code.code == "+61"));
        assert!(!client.occupations().await.unwrap().is_empty());
        let file = SentFile {
            name: "passport.png".to_owned(),
            content: PICTURE.to_vec(),
        };
        let kept = client.upload(&file).await.unwrap();
        let work = Work {
            title: "ApplePay".to_owned(),
            target: "card".to_owned(),
            trade_type: "CARD_ACTIVE".to_owned(),
            content: "Please activate".to_owned(),
        };
        let work = SubmitWork::new(number("work"), work);
        let submitted = client.submit_work(&work).await.unwrap();
        let asked = WorkQuery::new().order_no(submitted.order_no.as_str());
        let found = client.work_orders(&asked).await.unwrap();
        assert_eq!(found.records, [submitted]);
        (towns[0].code.clone(), kept.file_id)
    }

    async fn money(&self) {
        let client = &self.client;
        let wallet = client.accounts().await.unwrap().remove(0);
        let named = NamedAccount::new(wallet.account_id.as_str());
        assert_eq!(client.account(&named).await.unwrap(), wallet);
        let pool = CreateAccount::new("Team");
        let pool = client.create_account(&pool).await.unwrap();
        let all = client.account_list(&AccountQuery::new()).await.unwrap();
        assert!(all.records.contains(&pool));
        let way = Way {
            from_account_id: wallet.account_id.clone(),
            to_account_id: pool.account_id,
        };
        let transfer = Transfer::new(number("transfer"), TransferType::Transfer, way, "250.00");
        let entry = client.transfer(&transfer).await.unwrap();
        assert_eq!(
            (entry.direction.as_str(), entry.amount.as_str()),
            ("OUT", "250.00")
        );
        assert_eq!(entry.before_balance, wallet.total_balance);
        let of_wallet = LedgerQuery::new().account_id(wallet.account_id);
        let book = client.ledger(&of_wallet).await.unwrap();
        assert!(book.records.contains(&entry));
        self.coins().await;
    }

    async fn coins(&self) {
        let client = &self.client;
        let deposit = client.wallet_deposit(&AnnounceDeposit::new("50.00")).await;
        let deposit = deposit.unwrap();
        assert!(!deposit.to_address.is_empty());
        let deposits = client.wallet_deposits(&DepositQuery::new()).await.unwrap();
        assert_eq!(deposits.records[0].order_no, deposit.order_no);
        let coin = client.coins().await.unwrap().remove(0).coin_key;
        let address = CreateAddress::new(coin.as_str());
        let address = client.create_address(&address).await.unwrap();
        let of_coin = AddressQuery::new().coin_key(coin.as_str());
        let addresses = client.addresses(&of_coin).await.unwrap();
        assert_eq!(addresses.records[0].address, address.address);
        let of_coin = WalletQuery::new().coin_key(coin);
        client.wallet_transactions(&of_coin).await.unwrap();
    }

    /// Two cardholders whom staff refuse at first; the id of the one who is approved.
    async fn holders(&self, town: &str, file: &str) -> i64 {
        let client = &self.client;
        let contact = Contact {
            merchant_order_no: "sdk-holder-0000000001".to_owned(),
            card_type_id: 111_002,
            area_code: "+61".to_owned(),
            mobile: "412345678".to_owned(),
            country: "AU".to_owned(),
            town: town.to_owned(),
            post_code: "2600".to_owned(),
        };
        let strict = NewHolder::business(person("Mia", "1985-03-02", "1 Main Street"), contact)
            .also(|details| details.nationality("AU"));
        let first = client.create_holder_v1(&strict).await.unwrap();
        let loose = NewHolder::loose(
            person("Ana", "1990-05-17", "2 Main Street"),
            Origin::Country("AU".to_owned()),
            IdentityDocument::Front(file.to_owned()),
        );
        let second = client.create_holder(&loose).await.unwrap();
        self.pass().await;
        let renamed = |holder: &records::Holder| {
            UpdateHolder::new(holder.holder_id, HolderDetails::new().last_name("Brown"))
        };
        client.update_holder_v1(&renamed(&first)).await.unwrap();
        client.update_holder(&renamed(&second)).await.unwrap();
        self.pass().await;
        let mail = UpdateEmail::new(second.holder_id, "brown@example.com");
        client.update_holder_email(&mail).await.unwrap();
        self.pass().await;
        let asked = HolderQuery::new().holder_id(second.holder_id);
        let found = client.holders(&asked).await.unwrap().records.remove(0);
        assert_eq!(found.status, "pass_audit");
        assert_eq!(found.email.as_deref(), Some("brown@example.com"));
        second.holder_id
    }

    /// The card that the older call opened, a virtual one and a physical one.
    async fn opened(&self, holder: i64) -> (String, String, String) {
        let client = &self.client;
        let types = client.card_types().await.unwrap();
        let plastic = types.iter().find(|kind| kind.card_type_id == 111_002);
        let bin = plastic.unwrap().bank_card_bin.as_deref().unwrap();
        let old = OpenCard::new(number("old"), 111_001).holder_id(holder);
        let old = client.open_card_v1(&old).await.unwrap();
        assert_eq!(old.order_status, "success");
        let new = OpenCard::new(number("new"), 111_001).amount("100.00");
        let new = client.open_card(&new).await.unwrap();
        let physical = OpenCard::new(number("plastic"), 111_002)
            .amount("100.00")
            .holder_id(holder)
            .card_number(Secret::new(printed_number(bin)));
        let physical = client.open_card(&physical).await.unwrap();
        assert_eq!(physical.holder_id, Some(holder));
        (old.card.card_no, new.card_no, physical.card_no)
    }

    async fn used(&self, card_no: &str) {
        let client = &self.client;
        let card = || NamedCard::new(card_no);
        let order = |name: &str| CardOrder::new(card_no, number(name));
        let whole = CardInfo::new(card_no).only_simple_info(false);
        let whole = client.card(&whole).await.unwrap();
        assert_eq!(whole.status, "Normal");
        let balance = client.card_balance(&card()).await.unwrap();
        assert_eq!(balance.amount, "100.00");
        assert_eq!(whole.balance_info, Some(without_total(balance)));
        let secrets = client.card_secrets(&card()).await.unwrap();
        assert!(secrets.card_number.is_some() && secrets.cvv.is_some());
        let found = client.cards(&CardQuery::new().card_no(card_no)).await;
        assert_eq!(found.unwrap().total, 1);
        let note = UpdateNote::new(card_no, "Team");
        let noted = client.update_note(&note).await.unwrap();
        assert_eq!(noted.remark.as_deref(), Some("Team"));
        let limit = SpendingControl {
            interval: "PER_TRANSACTION".to_owned(),
            amount: "500.00".to_owned(),
        };
        let limit = UpdateCard::new(card_no)
            .merchant_order_no(number("limit"))
            .spending_controls([limit]);
        client.update_card(&limit).await.unwrap();
        client.freeze(&order("freeze")).await.unwrap();
        client.unfreeze(&order("unfreeze")).await.unwrap();
        let deposit = MoveMoney::new(card_no, number("deposit"), "50.00");
        let deposit = client.deposit(&deposit).await.unwrap();
        assert_eq!(deposit.received_amount.as_deref(), Some("50.00"));
        let withdraw = MoveMoney::new(card_no, number("withdraw"), "10.00");
        client.withdraw(&withdraw).await.unwrap();
        let balance = client.card_balance(&card()).await.unwrap();
        assert_eq!(balance.amount, "140.00");
    }

    async fn ended_and_begun(&self, old: &str, physical: &str) {
        let client = &self.client;
        let cancel = CardOrder::new(old, number("cancel"));
        assert_eq!(client.cancel(&cancel).await.unwrap().order_type, "cancel");
        let codes = ChallengeQuery::new().card_no(physical);
        let codes = codes.challenge_type("activation_code");
        let code = client.challenges(&codes).await.unwrap().records.remove(0);
        let pin = Secret::new("294751");
        let activate = Activate::new(physical, number("activate"), pin, code.values);
        client.activate(&activate).await.unwrap();
        let pin = UpdatePin::new(physical, number("pin"), Secret::new("385162"));
        client.update_pin(&pin).await.unwrap();
    }

    async fn asked(&self, card_no: &str) {
        let client = &self.client;
        let bills = BillQuery::new().card_no(card_no);
        let bill = client.bills(&bills).await.unwrap().records.remove(0);
        let of_bill = OrderQuery::new().order_no(bill.order_no);
        let one = client.all_orders(&of_bill).await.unwrap();
        assert_eq!(client.orders(&of_bill).await.unwrap(), one);
        let pay = Simulate::new(card_no, Happening::Auth, "20.00", "USD");
        let paid = client.simulate(&pay).await.unwrap();
        let found = AuthorizationQuery::new().card_no(card_no);
        let found = client.authorizations(&found).await.unwrap();
        assert_eq!(found.records, [paid]);
        let patches = FeePatchQuery::new().card_no(card_no);
        assert_eq!(client.fee_patches(&patches).await.unwrap().total, 0);
        let event =
            json!({"eventId": "sdk-1", "eventType": "card_create", "tenantId": self.tenant_id});
        let event = event.to_string();
        let forged = client.send_event(&event, "AAAA").await.unwrap_err();
        assert!(matches!(forged, Error::FincardRefused(refusal) if refusal.status == 401));
        let published = "valid_signature_12345";
        client.send_event(&event, published).await.unwrap();
    }
}

/// What a card has, as the card itself tells it: without the second name of what can be spent.
fn without_total(mut balance: records::CardBalance) -> records::CardBalance {
    balance.more.remove("balance");
    balance
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
