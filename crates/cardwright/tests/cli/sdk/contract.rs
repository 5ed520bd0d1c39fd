//! The FinCard client against the contract that the server tells: the same calls, the same fields.

use std::collections::{BTreeMap, BTreeSet};

use cardwright_client::Secret;
use cardwright_client::fincard::requests::{
    AccountQuery, AccountType, Activate, AddressQuery, AnnounceDeposit, AuthorizationQuery,
    BillQuery, CardInfo, CardOrder, CardQuery, ChallengeQuery, Consumer, Contact, CreateAccount,
    CreateAddress, DepositQuery, FeePatchQuery, Happening, HolderDetails, HolderQuery,
    IdentityDocument, KycVerification, LedgerQuery, MailingAddress, MoveMoney, NamedAccount,
    NamedCard, NewHolder, OpenCard, OrderQuery, Origin, Person, PlaceQuery, RiskControls, Simulate,
    SpendingControl, SubmitWork, Transfer, TransferType, UpdateCard, UpdateEmail, UpdateHolder,
    UpdateNote, UpdatePin, WalletQuery, Way, Work, WorkQuery,
};
use cardwright_client::fincard::{BASE_PATH, PATHS, is_numbered, records};
use cardwright_server::api::{
    SURFACES,
    route::{Route, Surface},
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Older names of calls that the client has by their newer ones.
const OTHER_NAMES: [&str; 2] = ["card/freeze", "card/unfreeze"];

fn surface() -> &'static Surface {
    let mut surfaces = SURFACES.iter();
    surfaces.find(|it| it.slug == "fincard").unwrap()
}

/// The operations in a session and the receiver of events, by their paths below the base.
fn served() -> BTreeMap<&'static str, &'static Route> {
    let routes = surface().routes().filter_map(|route| {
        let below = route.path.strip_prefix(BASE_PATH)?;
        Some((below.trim_start_matches('/'), route))
    });
    routes.collect()
}

#[test]
fn the_client_has_every_call_of_the_server_by_name_and_no_other() {
    let mut served: BTreeSet<&str> = served().into_keys().collect();
    for name in OTHER_NAMES {
        assert!(served.remove(name), "{name} is served no more");
    }
    let named: BTreeSet<&str> = PATHS.iter().copied().collect();
    assert_eq!(named, served);
    assert_eq!(named.len(), PATHS.len(), "a call is named twice");
}

#[test]
fn the_client_repeats_under_a_number_what_the_server_knows_by_one() {
    for (path, route) in served() {
        if OTHER_NAMES.contains(&path) {
            continue;
        }
        let errors = surface().errors_of(route);
        let known = errors.iter().any(|it| it.text == "order_no_conflict");
        assert_eq!(is_numbered(path), known, "{path}");
    }
}

/// The names in an object that must be known, those of objects inside it with theirs before.
fn names(object: &Value, before: &str, found: &mut BTreeSet<String>) {
    for (name, value) in object.as_object().into_iter().flatten() {
        let name = format!("{before}{name}");
        names(value, &format!("{name}."), found);
        let inside = value.as_array().into_iter().flatten();
        inside.for_each(|item| names(item, &format!("{name}.0."), found));
        found.insert(name);
    }
}

/// Those of a schema likewise.
fn properties(schema: &Value, before: &str, found: &mut BTreeSet<String>) {
    for part in ["allOf", "anyOf", "oneOf"] {
        let parts = schema[part].as_array().into_iter().flatten();
        parts.for_each(|part| properties(part, before, found));
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let name = format!("{before}{name}");
        properties(schema, &format!("{name}."), found);
        properties(&schema["items"], &format!("{name}.0."), found);
        found.insert(name);
    }
}

fn text() -> String {
    "x".to_owned()
}

fn person() -> Person {
    Person {
        first_name: "Mia".to_owned(),
        last_name: "Brown".to_owned(),
        birthday: "1985-03-02".to_owned(),
        email: "mia@example.com".to_owned(),
        address: "1 Main Street".to_owned(),
    }
}

fn contact() -> Contact {
    Contact {
        merchant_order_no: "holder-00000000000001".to_owned(),
        card_type_id: 111_065,
        area_code: "+61".to_owned(),
        mobile: "412345678".to_owned(),
        country: "AU".to_owned(),
        town: "AU_01".to_owned(),
        post_code: "2600".to_owned(),
    }
}

fn consumer() -> Consumer {
    Consumer {
        nationality: "AU".to_owned(),
        gender: "F".to_owned(),
        occupation: "11-1011".to_owned(),
        annual_salary: "100000 USD".to_owned(),
        expected_monthly_volume: "10000 USD".to_owned(),
        account_purpose: "Travel".to_owned(),
        id_type: "PASSPORT".to_owned(),
        id_number: "N1234567".to_owned(),
        issue_date: "2020-01-31".to_owned(),
        id_no_expiry_date: "2030-01-31".to_owned(),
        ip_address: "203.0.113.7".to_owned(),
        id_front_id: text(),
        id_back_id: text(),
        id_hold_id: text(),
    }
}

/// Everything that can be told of a cardholder besides.
fn more(details: HolderDetails) -> HolderDetails {
    details
        .middle_name("Ann")
        .state("ACT")
        .address_line2("Flat 2")
        .mailing_address(MailingAddress {
            address_line1: text(),
            address_line2: Some(text()),
            city: text(),
            state: Some(text()),
            postal_code: text(),
            country: "AU".to_owned(),
        })
        .kyc_verification(KycVerification {
            provider: "SUMSUB".to_owned(),
            reference_id: text(),
        })
        .risk_level("LOW")
}

/// Every request with all its fields.
struct Requests(Vec<(&'static str, Value)>);

impl Requests {
    fn of(mut self, path: &'static str, request: impl Serialize) -> Requests {
        self.0.push((path, serde_json::to_value(request).unwrap()));
        self
    }

    fn all() -> Requests {
        Requests(Vec::new())
            .of("common/city", PlaceQuery::new().region_code("AU"))
            .of("common/v2/city", PlaceQuery::new().region_code("AU"))
            .accounts()
            .wallet()
            .holders()
            .cards()
            .plastic()
            .queries()
    }

    fn accounts(self) -> Requests {
        let work = Work {
            title: text(),
            target: text(),
            trade_type: "CARD_ACTIVE".to_owned(),
            content: text(),
        };
        let way = Way {
            from_account_id: "1".to_owned(),
            to_account_id: "2".to_owned(),
        };
        let number = "transfer-00000000001";
        let transfer = Transfer::new(number, TransferType::Collection, way, "1.00");
        let pool = CreateAccount::new("Team").currency("USD");
        let work_query = WorkQuery::new().merchant_order_no("n").order_no("7");
        let work_query = work_query.trade_type("CARD_ACTIVE").trade_status("fail");
        let accounts = AccountQuery::new().page(1, 2).account_id("7");
        self.of("work/submit", SubmitWork::new("n", work).remark("why"))
            .of("work/list", work_query.page(1, 2))
            .of("account/list", accounts.account_type(AccountType::Wallet))
            .of("account/single/query", NamedAccount::new("7"))
            .of("account/create", pool.account_type(AccountType::Margin))
            .of(
                "account/transfer",
                transfer.currency("USD").description("why"),
            )
    }

    fn wallet(self) -> Requests {
        let ledger = LedgerQuery::new()
            .account_id("7")
            .order_no("8")
            .between(1, 2);
        let announced = AnnounceDeposit::new("50.00")
            .account_id("7")
            .currency("USD");
        let announced = announced.chain("TRC20").payment_method("crypto");
        let deposits = DepositQuery::new()
            .account_id("7")
            .order_no("8")
            .status("fail");
        let deposits = deposits.from_address("a").to_address("b").tx_id("c");
        let created = CreateAddress::new("USDT_TRC20").account_id("7");
        let addresses = AddressQuery::new().account_id("7").coin_key("USDT_TRC20");
        let addresses = addresses
            .chain_key("TRC20")
            .address_type("DEPOSIT")
            .active(true);
        let addresses = addresses
            .sort_field("createTime")
            .sort_order("ASC")
            .search_term("a");
        let coins = WalletQuery::new()
            .coin_key("USDT_TRC20")
            .coin_name("USDT")
            .tx_hash("a");
        let coins = coins
            .source_address("a")
            .destination_address("b")
            .order_no("8");
        let coins = coins
            .transaction_type("DEPOSIT")
            .status("fail")
            .search_term("a");
        self.of("account/transaction", ledger.biz_type("fixed").page(1, 2))
            .of("account/walletDeposit", announced)
            .of(
                "account/walletDepositTransaction",
                deposits.page(1, 2).between(1, 2),
            )
            .of("wallet/v2/create", created.chain_key("TRC20").label("mine"))
            .of(
                "wallet/v2/addressList",
                addresses.create_date_from(1).create_date_to(2).page(1, 2),
            )
            .of("wallet/v2/transaction", coins.page(1, 2).between(1, 2))
    }

    fn holders(self) -> Requests {
        let consumer = NewHolder::consumer(person(), contact(), consumer()).also(more);
        let business = NewHolder::business(person(), contact());
        let business = business.also(|details| details.nationality("AU"));
        let (origin, front) = (Origin::Country("AU".to_owned()), text());
        let loose = NewHolder::loose(person(), origin, IdentityDocument::Front(front));
        let origin = Origin::Nationality("AU".to_owned());
        let number = IdentityDocument::Number("N1234567".to_owned());
        let other = NewHolder::loose(person(), origin, number).merchant_order_no("n-1");
        let change = more(HolderDetails::new()).last_name("Green");
        let change = UpdateHolder::new(7, change).card_holder_model("B2B");
        let holders = HolderQuery::new()
            .page(1, 2)
            .holder_id(7)
            .email("a@example.com");
        let holders = holders
            .area_code("+61")
            .mobile("4")
            .merchant_order_no("n-1");
        let holders = holders.cardholder_type("B2B").search_term("a");
        self.of("card/holder/create", business.clone())
            .of("card/holder/v2/create", business)
            .of("card/holder/v2/create", consumer)
            .of("card/holder/v2/create", loose)
            .of("card/holder/v2/create", other)
            .of("card/holder/update", change.clone())
            .of("card/holder/v2/update", change)
            .of(
                "card/holder/updateEmail",
                UpdateEmail::new(7, "a@example.com"),
            )
            .of("card/holder/list", holders.cardholder_status("APPROVED"))
    }

    fn cards(self) -> Requests {
        let number = "order-0000000000001";
        let opening = OpenCard::new(number, 111_001).amount("10.00").holder_id(7);
        let opening = opening.account_id("8").design_id("9");
        let opening = opening.card_number(Secret::new("4242424242424242"));
        let order = || CardOrder::new("7", number).remark("why");
        let money = || MoveMoney::new("7", number, "1.00").remark("why");
        let limit = SpendingControl {
            interval: "PER_TRANSACTION".to_owned(),
            amount: "1.00".to_owned(),
        };
        let update = UpdateCard::new("7").merchant_order_no(number).remark("why");
        let update = update
            .no_pin_payment_amount("1.00")
            .spending_controls([limit]);
        let allowed = update
            .clone()
            .risk_controls(RiskControls::Allowed(vec!["5411".to_owned()]));
        let blocked = update.risk_controls(RiskControls::Blocked(Vec::new()));
        self.of("card/openCard", opening.clone())
            .of("card/v2/openCard", opening)
            .of("card/info", CardInfo::new("7").only_simple_info(false))
            .of("card/info/sensitive", NamedCard::new("7"))
            .of("card/balance", NamedCard::new("7"))
            .of(
                "card/v2/updateNote",
                UpdateNote::new("7", "why").merchant_order_no(number),
            )
            .of("card/v2/update", allowed)
            .of("card/v2/update", blocked)
            .of("card/v2/freeze", order())
            .of("card/v2/unfreeze", order())
            .of("card/cancel", order())
            .of("card/deposit", money())
            .of("card/withdraw", money())
    }

    fn plastic(self) -> Requests {
        let number = "order-0000000000001";
        let secret = || Secret::new("294751");
        let activate = Activate::new("7", number, secret(), secret());
        let pin = UpdatePin::new("7", number, secret()).old_pin(secret());
        let happens = |happening| Simulate::new("7", happening, "1.00", "USD").description("why");
        let origin = || "9".to_owned();
        let path = "card/simulateAuthTransaction";
        self.of("card/activate", activate.no_pin_payment_amount("1.00"))
            .of("card/updatePin", pin)
            .of(path, happens(Happening::Auth))
            .of(path, happens(Happening::MaintainFee))
            .of(path, happens(Happening::Void { origin: origin() }))
            .of(path, happens(Happening::Refund { origin: origin() }))
    }

    fn queries(self) -> Requests {
        let cards = CardQuery::new()
            .card_no("7")
            .card_type_id(1)
            .holder_id(2)
            .status("ACTIVE");
        let bills = BillQuery::new()
            .card_no("7")
            .merchant_order_no("n")
            .order_no("8");
        let orders = OrderQuery::new()
            .card_no("7")
            .merchant_order_no("n")
            .order_no("8");
        let orders = orders.order_type("create").page(1, 2).between(1, 2);
        let trades = AuthorizationQuery::new()
            .card_no("7")
            .trade_type("auth")
            .trade_no("9");
        let fees = FeePatchQuery::new()
            .card_no("7")
            .trade_type("card_patch_fee")
            .trade_no("9");
        let asked = ChallengeQuery::new().card_no("7").trade_no("9");
        let asked = asked.challenge_type("auth_url").page(1, 2).between(1, 2);
        self.of("card/list", cards.page(1, 2).between(1, 2))
            .of("card/purchase/transaction", bills.page(1, 2).between(1, 2))
            .of("card/transaction", orders.clone())
            .of("card/v2/transaction", orders)
            .of(
                "card/authorize/transaction",
                trades.page(1, 2).between(1, 2),
            )
            .of(
                "card/auth/fee/transaction",
                fees.origin_trade_no("9").page(1, 2).between(1, 2),
            )
            .of("card/3ds/transaction", asked)
    }
}

#[test]
fn every_field_that_the_client_can_send_is_one_that_the_server_reads() {
    let served = served();
    let mut met = BTreeSet::new();
    for (path, body) in Requests::all().0 {
        met.insert(path);
        let request = served[path].request.unwrap();
        let schema = serde_json::to_value((request.schema)()).unwrap();
        let (mut sent, mut read) = (BTreeSet::new(), BTreeSet::new());
        names(&body, "", &mut sent);
        properties(&schema, "", &mut read);
        let unread: Vec<_> = sent.difference(&read).collect();
        assert_eq!(unread, Vec::<&String>::new(), "{path} {body}");
        let verdict = (request.check)(body.to_string().as_bytes());
        verdict.unwrap_or_else(|fault| panic!("{path} {body}: {fault:?}"));
    }
    let mut takes_something: BTreeSet<&str> = PATHS.iter().copied().collect();
    // Those without a field, and the two that have no request of their own.
    for path in [
        "common/region",
        "common/mobileAreaCode",
        "account/info",
        "wallet/v2/coins",
        "card/holder/occupations",
        "card/v2/cardTypes",
        "common/file/upload",
        "webhook/callback",
    ] {
        takes_something.remove(path);
    }
    assert_eq!(met, takes_something);
}

/// Something of the form that a schema gives.
fn sample(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return sample(&schemas[name], schemas);
    }
    let mut whole = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(part) = sample(part, schemas) {
            whole.extend(part);
        }
    }
    let parts = ["oneOf", "anyOf"]
        .iter()
        .find_map(|it| schema[it].as_array());
    if let Some(parts) = parts {
        let is_null = |part: &&Value| part["type"] == "null";
        let part = parts.iter().find(|part| !is_null(part));
        return sample(part.unwrap(), schemas);
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        whole.insert(name.clone(), sample(schema, schemas));
    }
    let kinds = schema["type"].as_array();
    let kind = match kinds {
        Some(kinds) => kinds.iter().find(|kind| **kind != "null").unwrap(),
        None => &schema["type"],
    };
    match kind.as_str() {
        Some("string") => json!("1"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => Value::Object(whole),
    }
}

/// The record in an answer, or in the page or list of them.
fn record_in(answer: &Value) -> &Value {
    let data = &answer["properties"]["data"];
    let data = match data["oneOf"].as_array() {
        Some(forms) => &forms[0],
        None => data,
    };
    let of_page = &data["properties"]["records"];
    [&data["items"], &of_page["items"]]
        .into_iter()
        .find(|it| it.is_object())
        .unwrap_or(data)
}

/// What the client has no name for in a record as the server tells it.
fn unnamed<T: DeserializeOwned>(path: &str, more: fn(T) -> Map<String, Value>) -> String {
    let mut schemas = Vec::new();
    let answer = (served()[path].answer.schema)(&mut schemas);
    let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
    let schemas = serde_json::to_value(schemas).unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let record = sample(record_in(&answer), &schemas);
    assert!(record.as_object().unwrap().len() > 1, "{path}: {record}");
    let read: T = serde_json::from_value(record).unwrap();
    let names: Vec<String> = more(read).into_iter().map(|(name, _)| name).collect();
    names.join(" ")
}

macro_rules! unnamed {
    ($($record:ident at $path:literal: $names:literal;)+) => {
        [$(($path, unnamed::<records::$record>($path, |read| read.more), $names)),+]
    };
}

#[test]
fn every_published_field_of_a_record_has_a_name_in_the_client_but_for_second_names() {
    let found = unnamed! {
        Region at "common/region": "";
        City at "common/v2/city": "";
        AreaCode at "common/mobileAreaCode": "";
        Occupation at "card/holder/occupations": "";
        WorkOrder at "work/list": "";
        Account at "account/info": "balance currentBalance";
        LedgerEntry at "account/transaction": "balanceAfter balanceBefore transactionType txId";
        Coin at "wallet/v2/coins": "chainKey";
        Address at "wallet/v2/addressList": "chainKey walletAddress";
        AnnouncedDeposit at "account/walletDeposit": "chainKey orderId";
        WalletDeposit at "account/walletDepositTransaction": "chainKey";
        WalletTransaction at "wallet/v2/transaction": "amount blockHeight chainKey feeAmount fromAddress toAddress transactionHash transactionId transactionStatus transactionType";
        Holder at "card/holder/list": "cardholderId cardholderReference cardholderType city idBackFileId idFrontFileId phone phoneCountryCode respMsg zipCode";
        CardType at "card/v2/cardTypes": "";
        Order at "card/v2/openCard": "cardId cardholderId network operationTime transactionId";
        Card at "card/info": "balance cardId cardToken cardholderId dailyLimit maskedPan monthlyLimit network spendingLimit";
        CardBalance at "card/balance": "balance cardId";
        Bill at "card/purchase/transaction": "cardId createTime tradeTime";
        Authorization at "card/authorize/transaction": "cardId";
        FeePatch at "card/auth/fee/transaction": "cardId";
    };
    let opened = unnamed::<records::OpenedCard>("card/openCard", |read| read.card.more);
    let card = unnamed::<records::Card>("card/info", |read| read.more);
    assert_eq!(opened, card);
    let told: Vec<String> = found
        .iter()
        .map(|(path, unnamed, _)| format!("{path}: {unnamed}"))
        .collect();
    let expected: Vec<String> = found
        .iter()
        .map(|(path, _, expected)| format!("{path}: {expected}"))
        .collect();
    assert_eq!(told, expected);
}
