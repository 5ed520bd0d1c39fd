//! Somebody else's record is no record: for every place an id can stand, the answer to another
//! tenant's id is, byte for byte, the answer to an id that nobody has, and nothing changes.

pub mod counterparts;
mod issuing;
mod orders;
pub mod payments;
pub mod queries;
mod table;
pub mod wallet;
pub mod world;

use axum::{body::Body, http::Request};
use cardwright_server::api::{SURFACES, route::Route};
use serde_json::Value;

use super::beneath::{self, Rows};
use crate::harness::{FincardCaller, FinciCaller, Reply, TestApp, callers};
use table::{Form, NOT_RECORDS, OWN_NUMBERS, Position, TAKE_NO_ID};
use world::World;

/// How the matrix treats a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coverage {
    /// Every id it takes has a row.
    Covered,
    /// It is known to take no id.
    TakesNoId,
    /// Nobody thought of it.
    Missing,
}

/// The whole matrix.
fn positions() -> impl Iterator<Item = &'static Position> {
    let own = table::POSITIONS.iter().chain(counterparts::POSITIONS);
    let own = own.chain(wallet::POSITIONS).chain(queries::POSITIONS);
    let own = own.chain(orders::POSITIONS).chain(issuing::POSITIONS);
    own.chain(payments::positions())
}

/// How the matrix treats a route.
pub fn coverage(route: &Route) -> Coverage {
    let name = name_of(route);
    let uncovered = ids_of(route)
        .into_iter()
        .any(|id| !positions().any(|row| row.route == name && row.id == id));
    match (
        uncovered,
        positions().any(|row| row.route == name),
        TAKE_NO_ID.contains(&name.as_str()),
    ) {
        (false, true, false) => Coverage::Covered,
        (false, false, true) => Coverage::TakesNoId,
        _ => Coverage::Missing,
    }
}

fn name_of(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// Every place in a route's path and body where the id of a record can stand, by the documents.
fn ids_of(route: &Route) -> Vec<String> {
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.to_owned())
    });
    let mut ids: Vec<String> = in_path.collect();
    if let Some(request) = &route.request {
        let schema = serde_json::to_value((request.schema)()).unwrap();
        ids.extend(properties(&schema));
    }
    let own_number =
        |name: &str| name == "merchantOrderNo" && OWN_NUMBERS.contains(&name_of(route).as_str());
    let is_known = |name: &str| NOT_RECORDS.iter().any(|(known, _)| *known == name);
    ids.retain(|name| looks_like_an_id(name) && !is_known(name) && !own_number(name));
    ids
}

fn properties(schema: &Value) -> Vec<String> {
    let mut names: Vec<String> = schema["properties"]
        .as_object()
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        names.extend(properties(part));
    }
    names
}

fn looks_like_an_id(name: &str) -> bool {
    let name = name.to_lowercase();
    ["id", "no", "number", "cursor", "key"]
        .iter()
        .any(|end| name.ends_with(end))
}

#[test]
fn every_id_of_every_route_is_in_the_matrix() {
    let routes = || SURFACES.iter().flat_map(|surface| surface.routes());
    let missing: Vec<String> = routes()
        .filter(|route| coverage(route) == Coverage::Missing)
        .map(|route| format!("{}: {:?}", name_of(route), ids_of(route)))
        .collect();
    assert!(
        missing.is_empty(),
        "not in the isolation matrix: {missing:#?}"
    );
    let rows = positions().map(|row| row.route);
    for name in rows.chain(TAKE_NO_ID.iter().copied()) {
        assert!(
            routes().any(|route| name_of(route) == name),
            "no such route: {name}"
        );
    }
}

/// One position of the matrix under test.
struct Trial<'a> {
    app: &'a TestApp,
    acme: &'a World<'a>,
    globex: &'a World<'a>,
    position: &'static Position,
}

impl Trial<'_> {
    /// Sends the request with this id, and sees to it that nothing changed but what a refused
    /// request may leave behind.
    async fn refused(&self, id: &Value) -> Reply {
        let before = self.rows().await;
        let reply = self.send((self.position.build)(self.acme, id)).await;
        let after = self.rows().await;
        let mut own = after.0.changed_since(&before.0);
        own.retain(|table| !["audit", "replay"].contains(table));
        let mut others = after.1.changed_since(&before.1);
        others.retain(|table| !self.position.may_leave.contains(table));
        assert!(
            own.is_empty() && others.is_empty(),
            "{self}: {id} changed {own:?} {others:?}"
        );
        assert!(
            reply.status < 500,
            "{self}: {id} -> {} {}",
            reply.status,
            reply.text
        );
        reply
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        self.app.pass(1);
        self.app.send(request).await
    }

    async fn rows(&self) -> (Rows, Rows) {
        (
            beneath::rows(self.app, self.acme.tenant).await,
            beneath::rows(self.app, self.globex.tenant).await,
        )
    }

    async fn run(&self) {
        for (missing, foreign) in self.spellings() {
            let (missing, foreign) = (self.refused(&missing).await, self.refused(&foreign).await);
            assert_eq!(missing.bytes(), foreign.bytes(), "{self}");
        }
        let missing = self.refused(&self.position.missing.into()).await;
        for wrong in [
            String::from("no such id"),
            "9".repeat(300),
            String::from("-1"),
        ] {
            let path = self.position.form == Form::Path;
            let wrong = if path { wrong.replace(' ', "-") } else { wrong };
            let reply = self.refused(&wrong.as_str().into()).await;
            match self.position.form {
                Form::Path | Form::Lenient => {
                    assert_eq!(reply.bytes(), missing.bytes(), "{self}: {wrong}");
                }
                Form::Strict => {
                    let code = format!("{}:invalid", self.position.id);
                    assert_eq!(reply.status, 400, "{self}: {wrong}");
                    assert_eq!(reply.json()["errors"], serde_json::json!([code]), "{self}");
                }
                Form::Field => {
                    let code = format!("field_invalid {}", self.position.id);
                    assert_eq!(reply.status, 400, "{self}: {wrong}");
                    assert_eq!(reply.native_code(), code, "{self}");
                }
                Form::Text => {}
            }
        }
        // Without this, a request that is refused for another reason would look isolated.
        let own = self.acme.own(self.position);
        let own = self
            .send((self.position.build)(self.acme, &own.into()))
            .await;
        assert_ne!(
            own.bytes(),
            missing.bytes(),
            "{self}: the own record is found"
        );
        assert_eq!(own.status, 200, "{self}: {}", own.text);
    }

    /// The missing and the foreign id, as text and, where numbers are ids, as numbers.
    fn spellings(&self) -> Vec<(Value, Value)> {
        let (missing, foreign) = (self.position.missing, self.globex.own(self.position));
        let mut pairs = vec![(missing.into(), Value::from(foreign.as_str()))];
        if self.position.form == Form::Lenient
            && let (Ok(missing), Ok(foreign)) = (missing.parse::<i64>(), foreign.parse::<i64>())
        {
            pairs.push((missing.into(), foreign.into()));
        }
        pairs
    }
}

impl std::fmt::Display for Trial<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by {}", self.position.route, self.position.id)
    }
}

#[tokio::test]
async fn a_foreign_record_answers_like_a_missing_one_and_nothing_changes() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let acme = World::of(&app, &app.demo).await;
    let globex = World::of(&app, &other).await;
    app.run_jobs().await;
    for position in positions() {
        let (app, acme, globex) = (&app, &acme, &globex);
        Trial {
            app,
            acme,
            globex,
            position,
        }
        .run()
        .await;
    }
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_session_opens_no_call_for_another_tenant() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let acme = World::of(&app, &app.demo).await;
    let globex = World::of(&app, &other).await;
    let before = (
        beneath::rows(&app, acme.tenant).await,
        beneath::rows(&app, globex.tenant).await,
    );
    for route in SURFACES.iter().flat_map(|surface| surface.routes()) {
        let Some(path) = route.path.strip_prefix("/api/v2.1/fincard/virtual/") else {
            continue;
        };
        if path == "webhook/callback" {
            // No session opens it.
            continue;
        }
        let mut answers = Vec::new();
        for tenant in [&other.tenant_uuid, "00000000-0000-4000-8000-000000000000"] {
            let mut request = acme.fincard.request(path, "{}");
            request
                .headers_mut()
                .insert("x-tenant-id", tenant.parse().unwrap());
            let media_type = match route.request.map(|request| request.media_type) {
                Some("multipart/form-data") => "multipart/form-data; boundary=part",
                _ => "application/json",
            };
            request
                .headers_mut()
                .insert("content-type", media_type.parse().unwrap());
            answers.push(app.send(request).await);
        }
        assert_eq!(answers[0].status, 401, "{path}");
        assert_eq!(answers[0].bytes(), answers[1].bytes(), "{path}");
    }
    let after = (
        beneath::rows(&app, acme.tenant).await,
        beneath::rows(&app, globex.tenant).await,
    );
    assert_eq!(before, after);
    app.run_jobs().await;
    app.finish().await;
}

#[tokio::test]
async fn a_callers_own_numbers_mean_nothing_to_another_tenant() {
    let app = TestApp::new().await;
    let other = app.tenant("globex").await;
    let (acme, globex) = (app.finci(), FinciCaller::new(&app, &other));
    let mut person = callers::person("the-same-number");
    let first = acme.post("create-person", &person).await.ok();
    person["first_name"] = "Petras".into();
    let second = globex.post("create-person", &person).await.ok();
    assert_ne!(first["person_id"], second["person_id"]);
    let conflict = acme.post("create-person", &person).await;
    assert_eq!(conflict.status, 409, "it is one number within a tenant");

    let (acme, globex) = (
        app.fincard().await,
        FincardCaller::log_in(&app, &other).await,
    );
    let first = acme.card("the-same-order-number", None).await;
    let second = globex.card("the-same-order-number", None).await;
    assert_ne!(first, second);
    app.finish().await;
}
