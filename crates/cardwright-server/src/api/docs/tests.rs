//! What the documents promise.

mod native;
mod served;
mod told;

use std::{
    collections::BTreeSet,
    env,
    io::Write as _,
    process::{Command, Stdio},
};

use axum::http::Method;
use serde_json::Value;
use utoipa::openapi::{
    RefOr,
    schema::{Object, Schema, Type},
};

use super::{SURFACES, components::Collected, document::draw, readme_table, routes_table};
use crate::api::{
    self,
    route::{BodyDoc, Effect, Surface},
};

fn json(surface: &Surface) -> Value {
    serde_json::to_value(super::document(surface)).expect("a document serializes")
}

/// Every operation of a document with its method and path.
/// The one operation that answers with a file.
const FILE: &str = "/admin/v1/files/{file_id}/content";
/// The operation that answers with a stream.
const STREAM: &str = "/admin/v1/events/stream";

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let items = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations");
        methods
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    items.collect()
}

fn operation<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    let found = &document["paths"][path][method];
    assert!(found.is_object(), "no {method} {path}");
    found
}

fn statuses(operation: &Value) -> BTreeSet<&str> {
    let responses = operation["responses"].as_object().expect("responses");
    responses.keys().map(String::as_str).collect()
}

fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(elements) => elements.iter().for_each(|element| walk(element, visit)),
        _ => {}
    }
}

#[test]
fn an_independent_program_finds_the_documents_valid() {
    let Some(python) = variable("CARDWRIGHT_VENV_PYTHON") else {
        let required = variable("CARDWRIGHT_REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(
            !required,
            "CARDWRIGHT_VENV_PYTHON names no Python with openapi-spec-validator"
        );
        eprintln!("skipped: CARDWRIGHT_VENV_PYTHON names no Python with openapi-spec-validator");
        return;
    };
    let program = "import json, sys\n\
        from openapi_spec_validator import OpenAPIV31SpecValidator\n\
        errors = list(OpenAPIV31SpecValidator(json.load(sys.stdin)).iter_errors())\n\
        sys.exit('\\n'.join(f'{list(e.absolute_path)}: {e.message}' for e in errors) or 0)\n";
    let verdict = |document: &Value| {
        let mut child = Command::new(&python)
            .args(["-c", program])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        let text = document.to_string();
        input.write_all(text.as_bytes()).expect("it listens");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            Ok(())
        } else {
            Err(words)
        }
    };
    for surface in SURFACES {
        let mut document = json(surface);
        assert_eq!(verdict(&document), Ok(()), "{}", surface.name);
        document["info"]["version"] = Value::Null;
        let words = verdict(&document).expect_err("the program does look");
        assert!(words.contains("version"), "{words}");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how strict a test run is comes from outside"
)]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    for surface in SURFACES {
        let document = json(surface);
        let mut references = BTreeSet::new();
        walk(&document, &mut |members| {
            references.extend(members.get("$ref").and_then(Value::as_str));
        });
        for reference in &references {
            let pointer = reference.strip_prefix('#').expect("inside the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        for name in document["components"]["schemas"]
            .as_object()
            .expect("schemas")
            .keys()
        {
            let reference = format!("#/components/schemas/{name}");
            assert!(
                references.contains(reference.as_str()),
                "{}: {name}",
                surface.name
            );
        }
    }
}

#[test]
fn no_name_stands_for_two_schemas() {
    for surface in SURFACES {
        assert_eq!(draw(surface).1, Vec::<String>::new(), "{}", surface.name);
    }
}

#[test]
fn a_second_schema_under_one_name_is_noticed() {
    const TEXT: BodyDoc = BodyDoc {
        name: "Thing",
        schema: |_| RefOr::T(Schema::Object(Object::with_type(Type::String))),
    };
    const COUNT: BodyDoc = BodyDoc {
        name: "Other",
        schema: |nested| {
            let count = Schema::Object(Object::with_type(Type::Integer));
            nested.push(("Thing".to_owned(), RefOr::T(count)));
            RefOr::T(Schema::default())
        },
    };
    let mut collected = Collected::default();
    collected.answer(&TEXT);
    collected.answer(&TEXT);
    collected.answer(&COUNT);
    let (schemas, clashes) = collected.finish();
    assert_eq!(clashes, ["Thing"]);
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Other", "Thing"]);
}

#[test]
fn every_route_is_documented_under_every_prefix_and_nothing_else_is() {
    for surface in SURFACES {
        let document = json(surface);
        let documented: BTreeSet<String> = operations(&document)
            .iter()
            .map(|(method, path, _)| format!("{} {path}", method.to_uppercase()))
            .collect();
        let served: BTreeSet<String> = surface
            .prefixes
            .iter()
            .flat_map(|prefix| surface.routes().map(move |route| (prefix, route)))
            .map(|(prefix, route)| format!("{} {prefix}{}", route.method, route.path))
            .collect();
        assert_eq!(documented, served);
    }
}

#[test]
fn every_operation_says_what_it_does_what_it_answers_and_how_it_fails() {
    for surface in SURFACES {
        let document = json(surface);
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let text = |name: &str| operation[name].as_str().unwrap_or_default();
            assert!(!text("summary").is_empty(), "{method} {path}");
            assert!(!text("description").is_empty(), "{method} {path}");
            assert!(
                ids.insert(text("operationId")),
                "{} twice",
                text("operationId")
            );
            assert_eq!(
                operation["tags"].as_array().map(Vec::len),
                Some(1),
                "{path}"
            );
            let statuses = statuses(operation);
            for status in ["200", "400", "401", "500", "503"] {
                assert!(statuses.contains(status), "{method} {path}: {status}");
            }
            for status in statuses {
                let response = &operation["responses"][status];
                assert!(
                    !response["description"]
                        .as_str()
                        .unwrap_or_default()
                        .is_empty()
                );
                let media_type = match (path, status) {
                    (FILE, "200") => "application/octet-stream",
                    (STREAM, "200") => "text/event-stream",
                    _ => "application/json",
                };
                let content = &response["content"][media_type];
                assert!(content["schema"].is_object(), "{method} {path}: {status}");
            }
            assert!(operation["x-cardwright-effect"].is_string(), "{path}");
        }
    }
}

#[test]
fn an_answer_holds_its_fields_beside_an_empty_list_of_errors() {
    let document = json(&api::finci::SURFACE);
    let answer = &document["components"]["schemas"]["TokenIdAnswer"]["allOf"];
    assert_eq!(answer[0]["$ref"], "#/components/schemas/TokenId");
    assert_eq!(answer[1]["properties"]["errors"]["maxItems"], 0);
    let document = json(&api::fincard::SURFACE);
    let page = &document["components"]["schemas"]["CardPageReply"]["properties"]["data"];
    let records = &page["properties"]["records"];
    assert_eq!(records["items"]["$ref"], "#/components/schemas/Card");
}

#[test]
fn what_stands_in_a_path_is_documented_with_its_form() {
    for surface in SURFACES {
        let document = json(surface);
        for (method, path, operation) in operations(&document) {
            let in_path: Vec<&str> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let none = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&none);
            let documented: Vec<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .inspect(|parameter| {
                    assert_eq!(parameter["required"], true);
                    assert!(parameter["schema"]["pattern"].is_string(), "{path}");
                    assert!(parameter["example"].is_string(), "{path}");
                })
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            assert_eq!(documented, in_path, "{method} {path}");
        }
    }
    let document = json(&api::finci::SURFACE);
    let read = operation(&document, "get", "/v1/get-card/{token_id}");
    assert_eq!(read["parameters"][0]["schema"]["pattern"], "^[0-9]{16}$");
}

/// Fields of requests that are neither described nor shown nor told by their words.
fn undocumented(schema: &Value, path: &str, found: &mut Vec<String>) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (name, field) in properties {
        let path = format!("{path}.{name}");
        let speaks = ["description", "examples", "enum"];
        let is_tree = field["properties"].is_object() || field["items"]["properties"].is_object();
        if !is_tree && !speaks.iter().any(|word| !field[word].is_null()) {
            found.push(path.clone());
        }
        undocumented(field, &path, found);
        undocumented(&field["items"], &path, found);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        undocumented(part, path, found);
    }
}

fn undocumented_fields(surface: &Surface) -> Vec<String> {
    let document = json(surface);
    let with_body = surface.routes().filter(|it| it.method != Method::GET);
    let requests = with_body.filter_map(|route| route.request);
    let names: BTreeSet<&str> = requests.map(|request| request.name).collect();
    let mut found = Vec::new();
    for name in names {
        let schema = &document["components"]["schemas"][name];
        assert!(schema.is_object(), "{name}");
        undocumented(schema, name, &mut found);
    }
    found
}

#[test]
fn every_field_of_a_strict_request_is_documented() {
    for surface in [
        &api::finci::SURFACE,
        &api::network::SURFACE,
        &api::admin::SURFACE,
        &api::sandbox::SURFACE,
    ] {
        assert_eq!(undocumented_fields(surface), Vec::<String>::new());
    }
}

#[test]
fn every_example_of_a_request_is_a_request() {
    for surface in SURFACES {
        let document = json(surface);
        for route in surface.routes() {
            let Some(request) = &route.request else {
                continue;
            };
            let path = format!("{}{}", surface.prefixes[0], route.path);
            let operation = operation(&document, &route.method.as_str().to_lowercase(), &path);
            let body = &operation["requestBody"];
            if route.method == Method::GET {
                assert!(body.is_null(), "{path}: a read has a query");
                continue;
            }
            assert_eq!(body["required"], true, "{path}");
            let example = &body["content"][request.media_type]["example"];
            let verdict = (request.check)(example.to_string().as_bytes());
            assert_eq!(verdict, Ok(()), "{path}: {example}");
        }
    }
}

#[test]
fn an_example_shows_one_of_two_fields_and_one_of_two_names() {
    let document = json(&api::finci::SURFACE);
    let example = |document: &Value, path: &str| {
        operation(document, "post", path)["requestBody"]["content"]["application/json"]["example"]
            .clone()
    };
    let create = example(&document, "/v1/create-card");
    assert!(
        create["person_id"].is_string() && create["employee_id"].is_null(),
        "{create}"
    );
    let list = example(&document, "/v1/get-cards");
    assert_eq!(
        list,
        serde_json::json!({"person_id": "10011000000000000001"})
    );
    let document = json(&api::fincard::SURFACE);
    let open = example(&document, "/api/v2.1/fincard/virtual/card/v2/openCard");
    assert_eq!(open["amount"], "200.00");
    assert!(open["initialDeposit"].is_null(), "{open}");
}

#[test]
fn an_operation_has_only_the_statuses_that_it_can_give() {
    let document = json(&api::finci::SURFACE);
    for route in api::finci::SURFACE.routes() {
        let method = route.method.as_str().to_lowercase();
        let path = format!("/v1{}", route.path);
        let statuses = statuses(operation(&document, &method, &path));
        for status in ["408", "413", "415"] {
            assert_eq!(
                statuses.contains(status),
                route.request.is_some(),
                "{path} {status}"
            );
        }
        // One read lacks the key that it would have to answer to.
        let can_conflict =
            route.effect == Effect::Changes || route.path.starts_with("/get-card-details");
        assert_eq!(statuses.contains("409"), can_conflict, "{path}");
        assert!(!statuses.contains("405"), "{path}");
    }
    let of = |path: &str| statuses(operation(&document, "post", path));
    assert!(
        !of("/v1/create-person").contains("404"),
        "it names no record"
    );
    assert!(of("/v1/create-account").contains("404"));
    let updates = operation(&document, "patch", "/v1/update-card-status/{token_id}");
    let refused = updates["responses"]["422"]["description"]
        .as_str()
        .unwrap_or_default();
    assert!(
        refused.contains("`token_status:blocked_by_platform`: The platform"),
        "{refused}"
    );
    assert!(!refused.contains("token_stage"), "{refused}");
}

#[test]
fn business_errors_of_the_session_api_stand_beside_the_answer() {
    let document = json(&api::fincard::SURFACE);
    let freeze = operation(
        &document,
        "post",
        "/api/v2.1/fincard/virtual/card/v2/freeze",
    );
    let done = &freeze["responses"]["200"];
    let description = done["description"].as_str().unwrap_or_default();
    for code in ["card_not_found", "state_not_allowed", "order_no_conflict"] {
        assert!(
            description.contains(&format!("`{code}`")),
            "{code}: {description}"
        );
    }
    assert!(
        !description.contains("insufficient_balance"),
        "{description}"
    );
    let either = &done["content"]["application/json"]["schema"]["oneOf"];
    assert_eq!(either[0]["$ref"], "#/components/schemas/OrderReply");
    assert_eq!(either[1]["$ref"], "#/components/schemas/Error");
    let login = operation(&document, "post", "/api/auth/login");
    assert!(statuses(login).contains("401"));
    assert_eq!(login["responses"]["200"]["description"], "Done.");
}

#[test]
fn every_error_is_in_its_document_and_every_example_in_its_status() {
    for surface in SURFACES {
        let document = json(surface);
        let head = document["info"]["description"].as_str().unwrap_or_default();
        for error in (surface.contract.errors)() {
            let row = format!("| {} | `{}` | {} |", error.http, error.text, error.meaning);
            assert!(head.contains(&row), "{row}");
            let covered = surface.routes().any(|route| error.given.covers(route));
            let shown = operations(&document).iter().any(|(_, _, operation)| {
                let response = &operation["responses"][error.http.to_string()];
                let text = response["description"].as_str().unwrap_or_default();
                text.contains(&format!("`{}`", error.text))
            });
            assert_eq!(shown, covered, "{}", error.text);
        }
    }
}

#[test]
fn a_signed_operation_asks_for_three_headers_and_takes_a_key_where_it_changes_something() {
    let document = json(&api::finci::SURFACE);
    let schemes = &document["components"]["securitySchemes"];
    for (_, path, operation) in operations(&document) {
        let [asked] = operation["security"]
            .as_array()
            .expect("security")
            .as_slice()
        else {
            panic!("{path}: one way to authenticate");
        };
        let asked: Vec<&String> = asked.as_object().expect("schemes").keys().collect();
        assert_eq!(
            asked,
            ["X-Auth-Signature", "X-Auth-Timestamp", "X-Auth-Token"],
            "{path}"
        );
        for name in asked {
            assert_eq!(schemes[name]["type"], "apiKey");
            assert_eq!(schemes[name]["in"], "header");
            assert_eq!(schemes[name]["name"], name.as_str());
        }
        let none = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&none);
        let key = parameters.iter().find(|it| it["name"] == "Idempotency-Key");
        let changes = operation["x-cardwright-effect"] == "changes";
        assert_eq!(key.is_some(), changes, "{path}");
        assert!(key.is_none_or(|key| key["required"] == false && key["in"] == "header"));
    }
}

#[test]
fn a_session_call_asks_for_a_token_and_context_and_a_login_for_no_token() {
    let document = json(&api::fincard::SURFACE);
    let headers = |operation: &Value| {
        let parameters = operation["parameters"].as_array().expect("parameters");
        let headers = parameters.iter().filter(|it| it["in"] == "header");
        headers.count()
    };
    let call = operation(&document, "post", "/api/v2.1/fincard/virtual/card/info");
    assert_eq!(call["security"], serde_json::json!([{"session": []}]));
    assert_eq!(headers(call), 5);
    let login = operation(&document, "post", "/api/auth/login");
    assert_eq!(login["security"], serde_json::json!([{}]));
    assert_eq!(headers(login), 5);
    let sessions = "/api/v2.1/admin/organization/{organizationId}/users/{userId}/sessions";
    assert_eq!(headers(operation(&document, "post", sessions)), 1);
}

#[test]
fn the_tables_list_every_operation() {
    let (readme, routes) = (readme_table(), routes_table());
    assert!(
        readme.starts_with("### FINCI Card API\n\nEvery operation is under `/v1` and `/api/v1`.")
    );
    let line = "| `GET /v1/get-card/{token_id}` | Reads a card |\n";
    assert!(readme.contains(line), "{readme}");
    assert!(
        routes.contains("POST /api/v1/get-cards reads\n"),
        "{routes}"
    );
    let count = |surface: &&Surface| surface.routes().count();
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(rows, SURFACES.iter().map(count).sum::<usize>());
    let all = |surface: &&Surface| surface.routes().count() * surface.prefixes.len();
    assert_eq!(
        routes.lines().count(),
        SURFACES.iter().map(all).sum::<usize>()
    );
}
