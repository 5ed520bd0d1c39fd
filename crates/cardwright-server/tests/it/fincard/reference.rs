//! Lists that forms are filled in with: countries, places, dial codes, occupations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::refusal;
use crate::harness::{FincardCaller, TestApp, assert_golden};

async fn listed(acme: &FincardCaller<'_>, path: &str, body: &Value) -> Vec<Value> {
    let reply = acme.call(path, body).await.ok();
    reply["data"].as_array().unwrap().clone()
}

fn texts<'v>(records: &'v [Value], field: &str) -> Vec<&'v str> {
    let texts = records.iter().map(|record| record[field].as_str().unwrap());
    texts.collect()
}

#[tokio::test]
async fn the_lists_answer_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for (name, path, bodies) in [
        ("fincard_regions", "common/region", vec![("all", json!({}))]),
        (
            "fincard_cities",
            "common/city",
            vec![
                ("of a country", json!({"regionCode": "AU"})),
                ("of no country", json!({"regionCode": "ZZ"})),
                ("in small letters", json!({"regionCode": "au"})),
                ("no text", json!({"regionCode": 61})),
            ],
        ),
        (
            "fincard_places",
            "common/v2/city",
            vec![
                ("of a small country", json!({"regionCode": "LT"})),
                ("of a country that is a city", json!({"regionCode": "GI"})),
                ("of no country", json!({"regionCode": "ZZ"})),
            ],
        ),
        (
            "fincard_mobile_area_codes",
            "common/mobileAreaCode",
            vec![("all", json!({}))],
        ),
        (
            "fincard_occupations",
            "card/holder/occupations",
            vec![("all", json!({}))],
        ),
    ] {
        let conversation = bodies
            .into_iter()
            .map(|(title, body)| (title, acme.request(path, &body.to_string())))
            .collect();
        assert_golden(&app, name, conversation).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn a_restricted_country_is_listed_and_enabled_for_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let regions = listed(&acme, "common/region", &json!({})).await;
    let restricted = "AF BI BY CF CU EG IR KP LY MM NG RU SD SO SS SY UA VE ZA ZW";
    for region in &regions {
        let code = region["code"].as_str().unwrap();
        let enabled = json!([region["enableKyc"], region["enableCard"]]);
        if restricted.split(' ').any(|other| other == code) {
            assert_eq!(enabled, json!([false, false]), "{code}");
        }
        if ["LT", "US", "HK", "PT"].contains(&code) {
            assert_eq!(enabled, json!([true, true]), "{code}");
        }
    }
    assert_eq!(regions.len(), 249);
    app.finish().await;
}

#[tokio::test]
async fn without_a_country_the_first_level_of_all_of_them_is_listed() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let cities = listed(&acme, "common/city", &json!({})).await;
    let places = listed(&acme, "common/v2/city", &json!({"regionCode": ""})).await;
    assert_eq!(cities.len(), places.len());
    for records in [&cities, &places] {
        let countries: BTreeSet<&str> = texts(records, "country").into_iter().collect();
        assert_eq!(countries.len(), 249);
    }
    for place in &places {
        assert_eq!(place["children"], json!([]), "{place}");
        assert_eq!(place["parentCode"], "0");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_two_lists_of_a_country_name_the_same_subdivisions() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for country in ["AU", "US", "HK", "SG", "GI"] {
        let body = json!({"regionCode": country});
        let cities = listed(&acme, "common/city", &body).await;
        let places = listed(&acme, "common/v2/city", &body).await;
        assert_eq!(texts(&cities, "name"), texts(&places, "name"), "{country}");
        for place in &places {
            let code = place["code"].as_str().unwrap();
            assert!(code.starts_with(&format!("{country}-")), "{code}");
            for child in place["children"].as_array().unwrap() {
                assert_eq!(child["parentCode"], code);
                let below = child["code"].as_str().unwrap();
                assert!(below.starts_with(&format!("{code}-")), "{below}");
                assert_eq!(child["children"], json!([]));
            }
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn a_body_with_other_fields_is_as_good_as_none() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for path in ["common/region", "common/mobileAreaCode", "common/city"] {
        let plain = acme.call(path, &json!({})).await;
        let more = acme.call(path, &json!({"something": 1})).await;
        assert_eq!(plain.text, more.text, "{path}");
    }
    let reply = acme
        .call("common/city", &json!({"regionCode": "AUS"}))
        .await;
    assert_eq!(refusal(&reply), "region_not_found");
    app.finish().await;
}
