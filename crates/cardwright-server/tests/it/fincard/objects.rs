//! The objects that go out: every published name is there, in both spellings of a pair, and what
//! stands under a name is of the kind that the contract gives it.

use serde_json::{Value, json};

use super::{
    conversations::full_holder,
    support::{opening, order},
};
use crate::harness::TestApp;

const ACCOUNT: &str = "accountId accountName accountType currency totalBalance availableBalance \
    frozenBalance digital currentBalance accountStatus createTime updateTime balance";

const HOLDER: &str = "holderId cardholderId cardHolderModel cardholderType merchantOrderNo \
    cardTypeId areaCode phoneCountryCode mobile phone email firstName lastName birthday country \
    countryStr town city townStr state address postCode zipCode nationality gender occupation \
    annualSalary expectedMonthlyVolume accountPurpose idType idNumber issueDate idNoExpiryDate \
    ipAddress idFrontId idFrontFileId idBackId idBackFileId idHoldId kycVerification \
    statusFlowLocation status description respMsg createTime updateTime accountId \
    cardholderReference cardholderStatus riskLevel personalInfo residentialAddress \
    mailingAddress employmentInfo kycDocuments";

const PERSONAL_INFO: &str = "firstName middleName lastName dateOfBirth gender nationality email \
    phoneNumber mobileNumber";

const ADDRESS: &str = "addressLine1 addressLine2 city state postalCode country addressType \
    isPrimary";

const EMPLOYMENT: &str = "employerName occupationCode occupationTitle industry employmentStatus \
    employmentStartDate monthlyIncome annualIncome incomeCurrency employerAddress";

const DOCUMENT: &str = "documentType documentNumber documentExpiryDate documentIssueDate \
    documentIssuingCountry documentFrontImageUrl documentBackImageUrl selfieImageUrl \
    verificationStatus";

const CARD_TYPE: &str = "cardTypeId organization country mode bankCardBin type category cardName \
    cardDesc cardPrice cardPriceCurrency support risk needCardHolder supportHolderRegin \
    supportHolderAreaCode supportHolderNationality needDepositForActiveCard \
    depositAmountMinQuotaForActiveCard depositAmountMaxQuotaForActiveCard fiatCurrency \
    balanceRetentionQuota status rechargeCurrency rechargeMinQuota rechargeMaxQuota \
    rechargeFeeRate rechargeFixedFee rechargeDigital enableActiveCard enableDeposit enableFreeze \
    enableUnFreeze metadata";

const METADATA: &str = "cardHolderMaxCardLimit cardHolderModel supportSettingNoPinPaymentAmount \
    defaultNoPinPaymentAmount noPinPaymentAmountMinQuota noPinPaymentAmountMaxQuota \
    spendingControls supportSettingMcc supportUpdateCardHolerEmail";

const CARD: &str = "cardNo cardId last4 cardTypeId cardBankBin holderId cardholderId status \
    blocked bindTime remark noPinPaymentAmount balanceInfo customCategory holderInfo \
    spendingControls riskControls cardToken maskedCardNumber expiryDate cardStatus cardType brand \
    currency accountId cardName availableBalance currentBalance blockedAmount spendingLimit \
    dailyLimit monthlyLimit dailySpent monthlySpent createTime updateTime activateTime expireTime \
    settings limits features maskedPan network balance";

const SETTINGS: &str = "enableOnline enableInternational enableContactless enableAtm allowedMcc \
    blockedMcc pinFreeAmount autoLoad autoLoadAmount autoLoadThreshold";

const LIMITS: &str = "spendingLimit dailyLimit monthlyLimit perTransactionLimit atmDailyLimit \
    atmPerTransactionLimit";

const ORDER: &str = "orderNo merchantOrderNo cardNo cardId last4 currency amount fee \
    receivedAmount receivedCurrency type status description remark transactionTime operationType \
    operationStatus transactionId operationTime newCardStatus previousCardStatus reason";

const OPENED: &str = "maskedPan brand network accountId holderId cardholderId cardTypeId \
    cardStatus";

/// Exactly these names, no less and no more.
#[track_caller]
fn assert_names(object: &Value, names: &str) {
    let mut expected: Vec<&str> = names.split_whitespace().collect();
    let mut given: Vec<&str> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    expected.sort_unstable();
    given.sort_unstable();
    assert_eq!(given, expected);
}

/// Names under which money stands, whatever the object.
const MONEY: &str = "amount fee receivedAmount totalBalance availableBalance frozenBalance \
    currentBalance balance blockedAmount usedAmount cardPrice balanceRetentionQuota \
    depositAmountMinQuotaForActiveCard depositAmountMaxQuotaForActiveCard rechargeMinQuota \
    rechargeMaxQuota rechargeFixedFee spendingLimit dailyLimit monthlyLimit dailySpent \
    monthlySpent perTransactionLimit atmDailyLimit atmPerTransactionLimit noPinPaymentAmount \
    pinFreeAmount autoLoadAmount autoLoadThreshold";

/// Names under which ids stand as numbers; all other ids are texts of digits.
const NUMBER_IDS: &str = "holderId cardTypeId";
const TEXT_IDS: &str = "accountId cardNo cardId cardToken cardholderId orderNo transactionId";

fn among(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|one| one == name)
}

fn is_money(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, cents)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits(whole) && digits(cents) && cents.len() == 2
    })
}

/// What stands under a name is of the kind that all objects give that name. How many were judged.
fn check_kinds(json: &Value) -> usize {
    let mut judged = 0;
    if let Some(items) = json.as_array() {
        judged += items.iter().map(check_kinds).sum::<usize>();
    }
    for (name, value) in json.as_object().into_iter().flatten() {
        judged += check_kinds(value);
        if value.is_null() {
            continue;
        }
        let right = if among(MONEY, name) {
            value.as_str().is_some_and(is_money)
        } else if name.ends_with("Time") {
            value.as_i64().is_some_and(|ms| ms > 1_700_000_000_000)
        } else if among(NUMBER_IDS, name) {
            value.as_i64().is_some_and(|id| id > 0 && id < 1 << 53)
        } else if among(TEXT_IDS, name) {
            let id = value.as_str().map(str::parse::<i64>);
            id.is_some_and(|id| id.is_ok_and(|id| id > 0))
        } else {
            continue;
        };
        assert!(right, "{name}: {value}");
        judged += 1;
    }
    judged
}

/// Pairs of names that go out together and say the same.
const PAIRS: [(&str, &str); 9] = [
    ("cardNo", "cardId"),
    ("holderId", "cardholderId"),
    ("cardHolderModel", "cardholderType"),
    ("areaCode", "phoneCountryCode"),
    ("mobile", "phone"),
    ("town", "city"),
    ("postCode", "zipCode"),
    ("idFrontId", "idFrontFileId"),
    ("idBackId", "idBackFileId"),
];

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[track_caller]
fn assert_pairs(object: &Value) {
    let fields = object.as_object().unwrap();
    for (one, other) in PAIRS {
        let both = (fields.get(one), fields.get(other));
        match both {
            (Some(one), Some(other)) => assert_eq!(text_of(one), text_of(other)),
            (None, None) => {}
            _ => panic!("{one} without {other} or the other way round"),
        }
    }
}

#[tokio::test]
async fn accounts_and_card_types_have_exactly_the_published_names() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let accounts = acme.call("account/info", &json!({})).await.ok();
    for account in accounts["data"].as_array().unwrap() {
        assert_names(account, ACCOUNT);
        assert!(account["digital"].is_i64());
    }
    assert!(check_kinds(&accounts) >= 8);
    let types = acme.call("card/v2/cardTypes", &json!({})).await.ok();
    let ids: Vec<i64> = types["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card_type| {
            assert_names(card_type, CARD_TYPE);
            assert_names(&card_type["metadata"], METADATA);
            card_type["cardTypeId"].as_i64().unwrap()
        })
        .collect();
    assert_eq!(ids, [111_001, 111_002, 111_003, 111_004, 111_065]);
    assert!(check_kinds(&types) >= 5 * 5);
    app.finish().await;
}

#[tokio::test]
async fn the_seeded_card_types_say_what_they_cost_and_whom_they_need() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let types = acme.call("card/v2/cardTypes", &json!({})).await.ok();
    let said: Vec<String> = types["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card_type| {
            let fields = [
                "cardTypeId",
                "mode",
                "type",
                "category",
                "needCardHolder",
                "cardPrice",
                "needDepositForActiveCard",
                "depositAmountMinQuotaForActiveCard",
                "depositAmountMaxQuotaForActiveCard",
                "enableDeposit",
                "rechargeFeeRate",
                "rechargeFixedFee",
                "balanceRetentionQuota",
                "enableActiveCard",
            ];
            let words = fields.map(|name| text_of(&card_type[name]));
            let model = text_of(&card_type["metadata"]["cardHolderModel"]);
            format!("{} {model}", words.join(" "))
        })
        .collect();
    assert_eq!(
        said,
        [
            "111001 PREPAID_CARD Virtual PURCHASE false 1.00 true 10.00 10000.00 true 1 0.00 0.00 true B2B",
            "111002 PREPAID_CARD Physical PHYSICAL true 5.00 true 10.00 10000.00 true 1 0.50 5.00 true B2B",
            "111003 BUDGET_CARD Virtual SUBSCRIPTION false 1.00 false null null false null null 0.00 true B2B",
            "111004 PREPAID_CARD Virtual GIFT false 2.00 true 10.00 500.00 false null null 0.00 true null",
            "111065 PREPAID_CARD Virtual PURCHASE true 1.00 true 10.00 10000.00 true 1 0.00 0.00 true B2C",
        ]
    );
    app.finish().await;
}

#[tokio::test]
async fn holders_have_exactly_the_published_names_flat_and_nested() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let mut body = full_holder("ana@example.com");
    body["mailingAddress"] = json!({"addressLine1": "Box 7", "city": "Porto", "country": "PT"});
    body["employmentInfo"] = json!({"employerAddress": {"city": "Porto"}});
    let created = acme.call("card/holder/v2/create", &body).await.ok();
    app.run_jobs().await;
    let id = &created["data"]["holderId"];
    let listed = acme
        .call("card/holder/list", &json!({"holderId": id}))
        .await
        .ok();
    assert_names(&listed["data"], "total pageNum pageSize records");
    for holder in [&created["data"], &listed["data"]["records"][0]] {
        assert_names(holder, HOLDER);
        assert_pairs(holder);
        assert_names(&holder["personalInfo"], PERSONAL_INFO);
        assert_names(&holder["residentialAddress"], ADDRESS);
        assert_names(&holder["mailingAddress"], ADDRESS);
        assert_names(&holder["employmentInfo"], EMPLOYMENT);
        assert_names(&holder["employmentInfo"]["employerAddress"], ADDRESS);
        assert_names(&holder["kycDocuments"][0], DOCUMENT);
        assert_names(&holder["kycVerification"], "provider referenceId");
        assert!(check_kinds(holder) >= 5);
    }
    app.finish().await;
}

#[tokio::test]
async fn cards_and_orders_have_exactly_the_published_names() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let ana = acme.holder("ana@example.com").await;
    let body = opening(1, &json!({"holderId": ana}));
    let opened = acme.call("card/v2/openCard", &body).await.ok();
    assert_names(&opened["data"], &format!("{ORDER} {OPENED}"));
    let card = opened["data"]["cardNo"].as_str().unwrap();
    let body = json!({"cardNo": card, "onlySimpleInfo": false});
    let read = acme.call("card/info", &body).await.ok();
    let listed = acme.call("card/list", &json!({})).await.ok();
    assert_names(&listed["data"], "total pageNum pageSize records");
    for shown in [&read["data"], &listed["data"]["records"][0]] {
        assert_names(shown, CARD);
        assert_names(&shown["settings"], SETTINGS);
        assert_names(&shown["limits"], LIMITS);
        assert_names(&shown["riskControls"], "allowedMcc blockedMcc");
        assert_names(
            &shown["holderInfo"],
            "firstName lastName country state town address addressLine2 postCode",
        );
    }
    assert_names(
        &read["data"]["balanceInfo"],
        "cardNo cardId last4 amount usedAmount currency",
    );
    assert!(listed["data"]["records"][0]["balanceInfo"].is_null());
    let frozen = acme.call("card/v2/freeze", &order(2, card)).await.ok();
    let thawed = acme.call("card/v2/unfreeze", &order(3, card)).await.ok();
    for done in [&frozen["data"], &thawed["data"]] {
        assert_names(done, ORDER);
    }
    for object in [&opened, &read, &frozen, &thawed] {
        assert_pairs(&object["data"]);
        assert!(check_kinds(object) >= 6);
    }
    app.finish().await;
}

#[tokio::test]
async fn a_card_of_the_other_api_is_frozen_in_the_currency_of_its_account() {
    let app = TestApp::new().await;
    let finci = app.finci();
    let person = finci.person("person-1").await;
    finci.account(&person, "EUR").await;
    let token = finci.card(&person).await;
    let acme = app.fincard().await;
    let card = token.trim_start_matches('0');
    let read = acme.call("card/info", &json!({"cardNo": card})).await.ok();
    assert_eq!(read["data"]["currency"], "EUR");
    let frozen = acme.call("card/v2/freeze", &order(1, card)).await.ok();
    assert_eq!(frozen["data"]["currency"], "EUR");
    assert_eq!(frozen["data"]["receivedCurrency"], "EUR");
    app.finish().await;
}
