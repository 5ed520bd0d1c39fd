//! Which operations are deprecated, and what the documents say about events.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::{json, operation, operations};
use crate::api::{fincard, finci};

const BASE: &str = "/api/v2.1/fincard/virtual/";

#[test]
fn the_older_calls_are_deprecated_and_name_newer_ones() {
    let document = json(&fincard::SURFACE);
    let mut deprecated = BTreeSet::new();
    for (_, path, operation) in operations(&document) {
        if operation["deprecated"] != true {
            continue;
        }
        deprecated.insert(path.strip_prefix(BASE).expect("a call"));
        let words = operation["description"].as_str().expect("words");
        let (_, newer) = words.split_once("Deprecated: call `").expect(words);
        let newer = newer.split('`').next().expect("a path");
        let newer = super::operation(&document, "post", &format!("{BASE}{newer}"));
        assert!(newer["deprecated"].is_null(), "{newer}");
    }
    let expected = [
        "account/walletDeposit",
        "account/walletDepositTransaction",
        "card/holder/create",
        "card/holder/update",
        "card/openCard",
    ];
    assert_eq!(deprecated, BTreeSet::from(expected));
}

#[test]
fn a_number_can_conflict_where_a_call_takes_one_and_nowhere_else() {
    let document = json(&fincard::SURFACE);
    let mut conflicting = 0;
    for route in fincard::SURFACE.routes() {
        let Some(request) = route.request else {
            continue;
        };
        let shape = serde_json::to_value((request.schema)()).expect("plain");
        let mut named = [BTreeSet::new(), BTreeSet::new()];
        fields(&document, &shape, &mut named);
        let takes_one = named[0].contains("merchantOrderNo");
        let is_search = route.effect == crate::api::route::Effect::Reads;
        let operation = operation(&document, "post", route.path);
        let refusals = operation["responses"]["200"]["description"].as_str();
        let conflicts = refusals.is_some_and(|it| it.contains("`order_no_conflict`"));
        assert_eq!(conflicts, takes_one && !is_search, "{}", route.path);
        conflicting += usize::from(conflicts);
    }
    // 6, 13, 21, 23, 27, 28, 33 to 41, and the other names of 35 and 36.
    assert_eq!(conflicting, 17);
}

#[test]
fn the_receiver_of_events_says_what_is_signed_and_how() {
    let document = json(&fincard::SURFACE);
    let callback = operation(&document, "post", &format!("{BASE}webhook/callback"));
    let words = callback["description"].as_str().expect("words");
    for part in [
        "the body's bytes exactly as they are sent",
        "RSA with SHA-256",
        "base64",
        "`X-FC-SIGNATURE`",
        "`X-WSB-SIGNATURE`",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// The schema behind a reference.
fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("inside"),
        None => schema,
    }
}

/// Names of the fields that a schema has, and of those that it says are always there.
fn fields(document: &Value, schema: &Value, found: &mut [BTreeSet<String>; 2]) {
    let schema = followed(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields(document, part, found);
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    found[0].extend(properties.map(|(name, _)| name.clone()));
    let required = schema["required"].as_array().into_iter().flatten();
    found[1].extend(required.filter_map(Value::as_str).map(str::to_owned));
}

/// Holds what was told against the schema of its event.
fn assert_fits(document: &Value, (name, told): (&str, &Value), schema: &Value) {
    let mut documented = [BTreeSet::new(), BTreeSet::new()];
    fields(document, schema, &mut documented);
    let [known, required] = documented;
    let told: BTreeSet<String> = told.as_object().expect("fields").keys().cloned().collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "{name}: not documented");
    let lacking: Vec<_> = required.difference(&told).collect();
    assert_eq!(lacking, Vec::<&String>::new(), "{name}: said to be there");
}

/// The bodies in the golden files whose names begin like this, each with its family if it has one.
fn recorded(prefix: &str) -> Vec<(Option<String>, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/goldens");
    let files = fs::read_dir(folder).expect("the golden files");
    let paths = files.map(|entry| entry.expect("an entry").path());
    let own = paths.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(prefix))
    });
    let texts = own.map(|path| fs::read_to_string(path).expect("a text"));
    let texts: Vec<String> = texts.collect();
    let parts = texts.iter().flat_map(|text| text.split("\n=== ").skip(1));
    parts
        .map(|part| {
            let (head, body) = part.split_once("\n\n").expect("a head and a body");
            let category = head
                .lines()
                .find_map(|line| line.strip_prefix("x-wsb-category: "));
            let body = serde_json::from_str(body).expect(body);
            (category.map(str::to_owned), body)
        })
        .collect()
}

fn body_of<'a>(document: &'a Value, event: &str) -> &'a Value {
    let schema = &document["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]
        ["schema"];
    assert!(schema.is_object(), "no event {event}");
    followed(document, schema)
}

#[test]
fn every_fincard_event_that_was_recorded_has_the_fields_that_its_document_tells() {
    let document = json(&fincard::SURFACE);
    let mut met = BTreeSet::new();
    for (category, told) in recorded("webhook_payloads_fincard") {
        let category = category.expect("a family");
        let schema = body_of(&document, &category);
        assert_fits(&document, (&category, &told), schema);
        let record = &schema["allOf"][0]["properties"]["data"];
        assert_fits(&document, (&category, &told["data"]), record);
        met.insert(category);
    }
    let documented = document["webhooks"].as_object().expect("events");
    let documented: BTreeSet<String> = documented.keys().cloned().collect();
    assert_eq!(met, documented);
    assert_eq!(
        documented.len(),
        10,
        "nine families, one of them in two forms"
    );
}

#[test]
fn every_finci_event_that_was_recorded_has_the_fields_that_its_document_tells() {
    let document = json(&finci::SURFACE);
    let mut met = BTreeSet::new();
    for (_, told) in recorded("webhook_payloads_finci.") {
        let event = told["event"].as_str().expect("a word");
        assert_fits(&document, (event, &told), body_of(&document, event));
        met.insert(event.to_owned());
    }
    let documented = document["webhooks"].as_object().expect("events");
    assert_eq!(met, documented.keys().cloned().collect());
}

#[test]
fn every_event_is_described_with_its_signatures_and_what_acknowledges_it() {
    for (surface, signature) in [
        (&fincard::SURFACE, "X-FC-SIGNATURE"),
        (&finci::SURFACE, "X-Auth-Signature"),
    ] {
        let document = json(surface);
        for (name, event) in document["webhooks"].as_object().expect("events") {
            let event = &event["post"];
            assert!(!event["summary"].as_str().expect(name).is_empty());
            let parameters = event["parameters"].as_array().expect(name);
            for header in [signature, "webhook-signature"] {
                let found = parameters.iter().find(|it| it["name"] == header);
                let about = found.expect(header)["description"].as_str();
                assert!(about.expect(header).contains("base64") || header.starts_with("X-Auth"));
            }
            let answer = &event["responses"]["2XX"]["description"];
            assert!(
                answer.as_str().expect(name).contains("acknowledge"),
                "{name}"
            );
        }
    }
}
