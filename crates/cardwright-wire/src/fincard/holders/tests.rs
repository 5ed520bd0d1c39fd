//! A holder under all its names, in and out.

use jiff::Timestamp;

use super::*;
use crate::fincard::assert_names;
use crate::fincard::envelope::Failure;
use crate::shape;

const FLAT: &str = r#"{"firstName":"Jonas","lastName":"Jonaitis","birthday":"1990-05-17","email":"jonas@example.com",
    "address":"Gedimino pr. 1","country":"LT","idNumber":"P1234567","idType":"PASSPORT","mobile":"60000000",
    "postCode":"01103","town":"Vilnius","gender":"M","annualSalary":"50000","occupation":"11-1011"}"#;

const NESTED: &str = r#"{"personalInfo":{"firstName":"Jonas","lastName":"Jonaitis","dateOfBirth":"1990-05-17",
    "email":"jonas@example.com","phoneNumber":"60000000","mobileNumber":"60000000","gender":"M"},
    "residentialAddress":{"addressLine1":"Gedimino pr. 1","country":"LT","postalCode":"01103","city":"Vilnius"},
    "employmentInfo":{"annualIncome":50000,"occupationCode":"11-1011"},
    "kycDocuments":[{"documentType":"PASSPORT","documentNumber":"P1234567"}]}"#;

fn read(body: &str) -> shape::Read<CreateHolder> {
    shape::from_body(body.as_bytes()).expect("a good body")
}

fn refused<T: Shape + std::fmt::Debug>(body: &str) -> (&'static str, String) {
    let failure = Failure::from(shape::from_body::<T>(body.as_bytes()).expect_err("a bad body"));
    (failure.error_code(), failure.msg().to_owned())
}

fn holder(profile: Profile) -> serde_json::Value {
    let facts = HolderFacts {
        id: 4,
        model: HolderModel::B2B,
        merchant_order_no: Some("holder-1".to_owned()),
        card_type_id: Some(111_001),
        status: HolderStatus::Reject,
        status_flow: StatusFlow::Admin,
        reject_reason: Some("unreadable".to_owned()),
        country_name: Some("Lithuania".to_owned()),
        town_name: None,
        profile,
        created_at: Timestamp::from_millisecond(1).expect("an instant"),
        updated_at: Timestamp::from_millisecond(2).expect("an instant"),
    };
    serde_json::to_value(Holder::from(facts)).expect("plain")
}

#[test]
fn flat_and_nested_bodies_are_the_same_holder() {
    let (flat, nested) = (read(FLAT), read(NESTED));
    assert_eq!(flat.value, nested.value);
    assert_eq!(flat.canonical(), nested.canonical());
    let both = NESTED.replacen('{', r#"{"firstName":"Jonas","zipCode":"01103","#, 1);
    assert_eq!(read(&both).canonical(), flat.canonical());
}

#[test]
fn a_flat_and_a_nested_name_that_disagree_are_a_conflict() {
    let both = NESTED.replacen('{', r#"{"birthday":"1990-05-18","#, 1);
    let expected = "Two names of one field have different values: birthday";
    assert_eq!(
        refused::<CreateHolder>(&both),
        ("alias_conflict", expected.to_owned())
    );
}

#[test]
fn the_loose_form_requires_little_and_says_what() {
    let expected = "A required field is missing: firstName, lastName, birthday, email, address, country, idNumber";
    assert_eq!(
        refused::<CreateHolder>("{}"),
        ("missing_field", expected.to_owned())
    );
    let least = r#"{"firstName":"Jonas","lastName":"Jonaitis","birthday":"1990-05-17","email":"jonas@example.com",
        "address":"Gedimino pr. 1","nationality":"LT","idFrontId":"file"}"#;
    let profile = read(least).value.profile;
    assert_eq!(
        (profile.country, profile.nationality.as_deref()),
        (None, Some("LT"))
    );
    assert_eq!(profile.document.front_file_id.as_deref(), Some("file"));
}

#[test]
fn each_wrong_field_of_a_holder_is_named() {
    let replaced = |from: &str, to: &str| refused::<CreateHolder>(&FLAT.replace(from, to));
    let invalid = |field: &str| {
        (
            "invalid_field",
            format!("A field has the wrong type or form: {field}"),
        )
    };
    assert_eq!(replaced("1990-05-17", "17.05.1990"), invalid("birthday"));
    assert_eq!(replaced("jonas@example.com", "jonas"), invalid("email"));
    assert_eq!(replaced(r#""LT""#, r#""Lithuania""#), invalid("country"));
    assert_eq!(replaced("11-1011", &"x".repeat(101)), invalid("occupation"));
    assert_eq!(
        replaced(r#"{"first"#, r#"{"cardHolderModel":"C2C","first"#),
        invalid("cardHolderModel")
    );
    assert_eq!(
        replaced(r#"{"first"#, r#"{"personalInfo":[1],"first"#),
        invalid("personalInfo")
    );
    assert_eq!(
        replaced(r#"{"first"#, r#"{"kycDocuments":{},"first"#),
        invalid("kycDocuments")
    );
    assert_eq!(
        replaced(r#"{"first"#, r#"{"kycDocuments":[7],"first"#),
        invalid("kycDocuments.0")
    );
}

#[test]
fn every_published_field_is_read() {
    let body = FLAT.replacen('{', r#"{"merchantOrderNo":"holder-order-0000001","cardTypeId":"111065",
        "phoneCountryCode":"+370","nationality":"LT","state":"VL","expectedMonthlyVolume":"10000 USD",
        "accountPurpose":"savings","issueDate":"2020-01-31","idNoExpiryDate":"2030-01-31","ipAddress":"203.0.113.7",
        "idFrontFileId":"f","idBackFileId":"b","idHoldId":"h","kycVerification":{"provider":"SUMSUB","referenceId":"r"},
        "middleName":"X","mailingAddress":{"city":"Kaunas","isPrimary":false},
        "residentialAddress":{"addressLine2":"flat 2","addressType":"RESIDENTIAL","isPrimary":true},
        "employmentInfo":{"employerName":"UAB","employmentStatus":"FULL_TIME","monthlyIncome":4000,"employerAddress":{"city":"Vilnius"}},
        "kycDocuments":[{"documentIssuingCountry":"LT","documentFrontImageUrl":"https://example.com/f.png"}],"#, 1);
    let request = read(&body).value;
    assert_eq!(
        (request.model, request.card_type_id),
        (None, Some(GivenId::Id(111_065)))
    );
    let written = holder(request.profile);
    let expected = [
        ("areaCode", "+370"),
        ("phoneCountryCode", "+370"),
        ("mobile", "60000000"),
        ("phone", "60000000"),
        ("state", "VL"),
        ("city", "Vilnius"),
        ("zipCode", "01103"),
        ("nationality", "LT"),
        ("expectedMonthlyVolume", "10000 USD"),
        ("accountPurpose", "savings"),
        ("issueDate", "2020-01-31"),
        ("idNoExpiryDate", "2030-01-31"),
        ("ipAddress", "203.0.113.7"),
        ("idFrontId", "f"),
        ("idBackId", "b"),
        ("idFrontFileId", "f"),
        ("idBackFileId", "b"),
        ("idHoldId", "h"),
        ("idNumber", "******67"),
    ];
    for (name, value) in expected {
        assert_eq!(written[name], value, "{name}");
    }
    assert_eq!(written["kycVerification"]["referenceId"], "r");
    assert_eq!(written["personalInfo"]["middleName"], "X");
    assert_eq!(written["residentialAddress"]["addressLine2"], "flat 2");
    assert_eq!(written["residentialAddress"]["isPrimary"], true);
    assert_eq!(written["mailingAddress"]["city"], "Kaunas");
    assert_eq!(written["employmentInfo"]["monthlyIncome"], "4000");
    assert_eq!(
        written["employmentInfo"]["employerAddress"]["city"],
        "Vilnius"
    );
    assert_eq!(written["kycDocuments"][0]["documentIssuingCountry"], "LT");
    assert_eq!(written["kycDocuments"][0]["documentNumber"], "******67");
    assert_eq!(
        written["kycDocuments"][0]["documentExpiryDate"],
        "2030-01-31"
    );
}

#[test]
fn a_holder_has_exactly_the_published_names() {
    let written = holder(read(FLAT).value.profile);
    let names = "holderId cardholderId cardHolderModel cardholderType merchantOrderNo cardTypeId areaCode \
        phoneCountryCode mobile phone email firstName lastName birthday country countryStr town city townStr state \
        address postCode zipCode nationality gender occupation annualSalary expectedMonthlyVolume accountPurpose \
        idType idNumber issueDate idNoExpiryDate ipAddress idFrontId idFrontFileId idBackId idBackFileId idHoldId \
        kycVerification status cardholderStatus statusFlowLocation description respMsg accountId \
        cardholderReference riskLevel personalInfo residentialAddress mailingAddress employmentInfo kycDocuments \
        createTime updateTime";
    assert_names(&written, names);
    let personal = "firstName middleName lastName dateOfBirth gender nationality email phoneNumber mobileNumber";
    assert_names(&written["personalInfo"], personal);
    let address = "addressLine1 addressLine2 city state postalCode country addressType isPrimary";
    assert_names(&written["residentialAddress"], address);
    let employment = "employerName occupationCode occupationTitle industry employmentStatus employmentStartDate \
        monthlyIncome annualIncome incomeCurrency employerAddress";
    assert_names(&written["employmentInfo"], employment);
    let document = "documentType documentNumber documentExpiryDate documentIssueDate documentIssuingCountry \
        documentFrontImageUrl documentBackImageUrl selfieImageUrl verificationStatus";
    assert_names(&written["kycDocuments"][0], document);
}

#[test]
fn a_review_is_written_in_both_vocabularies() {
    let written = holder(read(FLAT).value.profile);
    assert_eq!(
        (&written["status"], &written["cardholderStatus"]),
        (&"reject".into(), &"REJECTED".into())
    );
    assert_eq!(
        (&written["description"], &written["respMsg"]),
        (&"unreadable".into(), &"unreadable".into())
    );
    assert_eq!(written["statusFlowLocation"], "admin");
    assert_eq!(
        (&written["holderId"], &written["cardholderId"]),
        (&4.into(), &"4".into())
    );
    for (word, status) in STATUS_WORDS {
        assert!(
            [status.status(), status.cardholder_status()].contains(word),
            "{word}"
        );
    }
}

#[test]
fn an_id_number_shows_nowhere_whole() {
    let request = read(FLAT);
    assert!(!format!("{request:?}").contains("P1234567"));
    assert!(
        !holder(request.value.profile)
            .to_string()
            .contains("P1234567")
    );
}

#[test]
fn a_holder_without_document_has_an_empty_list_of_them() {
    let profile = Profile {
        first_name: Some("Ona".to_owned()),
        last_name: Some("Onaitė".to_owned()),
        ..Profile::default()
    };
    let written = holder(profile);
    assert_eq!(written["kycDocuments"], serde_json::json!([]));
    assert!(written["mailingAddress"].is_null() && written["birthday"].is_null());
}

#[test]
fn holders_are_listed_by_either_vocabulary_and_a_whole_phone_number() {
    let list = |body: &str| {
        shape::from_body::<ListHolders>(body.as_bytes())
            .expect("a good body")
            .value
    };
    assert_eq!(
        list(r#"{"status":"wait_audit"}"#).status,
        Some(HolderStatus::WaitAudit)
    );
    assert_eq!(
        list(r#"{"cardholderStatus":"APPROVED","status":"pass_audit"}"#).status,
        Some(HolderStatus::PassAudit)
    );
    let phone = list(r#"{"areaCode":"+370","phone":60000000}"#).phone;
    assert_eq!(phone, Some(("+370".to_owned(), "60000000".to_owned())));
    assert_eq!(list("").page.size, 10);
    assert_eq!(
        refused::<ListHolders>(r#"{"areaCode":"+370"}"#).1,
        "A required field is missing: mobile"
    );
    assert_eq!(
        refused::<ListHolders>(r#"{"status":"approved"}"#).0,
        "invalid_field"
    );
}

/// A body with everything in it, under a mark that tells two of them apart.
fn everything(mark: &str) -> String {
    let texts = [
        "middleName",
        "areaCode",
        "mobile",
        "gender",
        "town",
        "state",
        "postCode",
        "occupation",
        "annualSalary",
        "idType",
        "issueDate",
        "idNoExpiryDate",
        "idFrontId",
        "idBackId",
        "idHoldId",
        "accountPurpose",
        "expectedMonthlyVolume",
        "ipAddress",
        "riskLevel",
        "idNumber",
        "firstName",
        "lastName",
        "address",
    ];
    let nested = |names: &[&str]| -> String {
        let fields: Vec<String> = names
            .iter()
            .map(|name| format!(r#""{name}":"{name} {mark}""#))
            .collect();
        fields.join(",")
    };
    let texts = nested(&texts);
    let address = nested(&["addressLine2", "addressType"]);
    let employment = nested(&[
        "occupationTitle",
        "monthlyIncome",
        "incomeCurrency",
        "employerName",
        "industry",
        "employmentStatus",
        "employmentStartDate",
    ]);
    let document = nested(&[
        "documentIssuingCountry",
        "documentFrontImageUrl",
        "documentBackImageUrl",
        "selfieImageUrl",
    ]);
    let (day, country, primary) = match mark {
        "old" => ("1990-05-17", "LT", true),
        _ => ("1991-06-18", "PT", false),
    };
    format!(
        r#"{{{texts},"email":"{mark}@example.com","birthday":"{day}","country":"{country}",
        "nationality":"{country}","residentialAddress":{{{address},"isPrimary":{primary}}},
        "employmentInfo":{{{employment},"employerAddress":{{"city":"{mark}"}}}},
        "kycDocuments":[{{{document}}}],"mailingAddress":{{"city":"{mark}"}},
        "kycVerification":{{"provider":"{mark}","referenceId":"{mark}"}}}}"#
    )
}

#[test]
fn a_change_of_everything_leaves_nothing_and_one_of_nothing_leaves_everything() {
    let (old, new) = (read(&everything("old")), read(&everything("new")));
    let (old, new) = (old.value.profile, new.value.profile);
    // The addresses in it are replaced whole, so they need no more than a city.
    let address = format!("{:?}", old.mailing_address);
    let said = format!("{old:?}").replace(&address, "");
    assert!(!said.contains("None"), "the body says everything: {said}");
    assert_eq!(old.clone().changed_by(new.clone()), new);
    assert_eq!(old.clone().changed_by(Profile::default()), old);
    assert_eq!(Profile::default().changed_by(old.clone()), old);
    let nothing = shape::from_body::<UpdateHolder>(br#"{"holderId":4,"lastName":"","town":null}"#);
    let nothing = nothing.expect("an id is enough").value;
    assert_eq!(old.clone().changed_by(nothing.change), old);
}

#[test]
fn a_model_finds_nothing_wrong_with_what_it_does_not_ask() {
    let profile = read(FLAT).value.profile;
    let names = |model| -> Vec<_> {
        let faults = profile.faults(model).into_iter();
        faults
            .map(|(name, kind)| format!("{name} {kind:?}"))
            .collect()
    };
    // A dot in the address; the rest of what a business asks is there, but for the dial code.
    assert_eq!(
        names(HolderModel::B2B),
        ["areaCode Required", "address Invalid"]
    );
    let consumer = names(HolderModel::B2C);
    assert_eq!(consumer[0], "areaCode Required");
    assert!(
        consumer.contains(&"nationality Required".to_owned()),
        "{consumer:?}"
    );
    assert!(
        !consumer.iter().any(|fault| fault.starts_with("idNumber")),
        "{consumer:?}"
    );
}

#[test]
fn the_schema_of_a_holder_shows_flat_and_nested_names() {
    let schema = serde_json::to_value(shape::schema::<CreateHolder>()).expect("a schema");
    let properties = &schema["allOf"][0]["properties"];
    assert_eq!(
        properties["personalInfo"]["properties"]["dateOfBirth"]["format"],
        "date"
    );
    assert_eq!(
        properties["kycDocuments"]["items"]["properties"]["documentType"]["maxLength"],
        100
    );
    assert_eq!(
        properties["mailingAddress"]["properties"]["isPrimary"]["type"],
        "boolean"
    );
}
