//! No input gives a 5xx: random changes of right requests, signed or in a session as they must be,
//! get answers out of the contract and leave the ledger as it should be.

mod draft;
mod forms;
mod issuing;
mod orders;
mod others;
mod payments;
mod queries;
mod wallet;
mod webhooks;
mod wild;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Method, Request},
};
use cardwright_server::{
    api::{self, SURFACES},
    ops::programs::SignedCredential,
};
use cardwright_wire::{fincard, finci, finci::signature::Parts};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde_json::Value;

use super::{isolation::world::World, ledger};
use crate::harness::{Reply, TestApp, finci_signature};
use draft::Draft;

/// How many requests are sent.
const REQUESTS: usize = 5_000;
/// What the draws begin with.
const SEED: u64 = 20_261_121;

/// In whose form an answer is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Form {
    Finci,
    Fincard,
    /// Our own surfaces', and that of a mangled path outside all of them.
    Native,
    /// A line of text, before anything is routed.
    FrontDoor,
    /// The answer to a HEAD, which has no body to tell by.
    Silent,
}

/// The statuses that a form documents, failures of the server itself left out.
fn documented(form: Form) -> BTreeSet<u16> {
    let refusals: Vec<u16> = match form {
        Form::Finci => finci::errors::TABLE.iter().map(|row| row.http).collect(),
        Form::Fincard => fincard::errors::TABLE.iter().map(|row| row.http).collect(),
        Form::Native => {
            let own = [
                &api::network::SURFACE,
                &api::admin::SURFACE,
                &api::sandbox::SURFACE,
            ];
            let errors = own.iter().flat_map(|surface| (surface.contract.errors)());
            errors.map(|error| error.http).collect()
        }
        Form::Silent => {
            let all = [Form::Finci, Form::Fincard, Form::Native, Form::FrontDoor];
            let all = all.map(documented);
            return all.into_iter().flatten().collect();
        }
        Form::FrontDoor => return BTreeSet::from([400, 405, 414, 417, 431]),
    };
    let mut statuses: BTreeSet<u16> = refusals.into_iter().filter(|http| *http < 500).collect();
    statuses.insert(200);
    if form == Form::Finci {
        // A field that is wrong.
        statuses.insert(400);
    }
    statuses
}

/// A signed request, whatever its method, target and body have become.
fn signed(app: &TestApp, draft: &Draft, credential: &SignedCredential) -> Option<Request<Body>> {
    let timestamp = app.now().as_second().to_string();
    let parts = Parts {
        token: &credential.token,
        timestamp: &timestamp,
        method: draft.method.as_str(),
        target: &draft.target,
        body: &draft.body,
    };
    let mut headers = vec![
        (
            "x-auth-token".to_owned(),
            credential.token.clone().into_bytes(),
        ),
        (
            "x-auth-timestamp".to_owned(),
            timestamp.clone().into_bytes(),
        ),
        (
            "x-auth-signature".to_owned(),
            finci_signature(credential.secret.expose(), &parts).into_bytes(),
        ),
        ("content-type".to_owned(), b"application/json".to_vec()),
    ];
    headers.extend(draft.headers.clone());
    draft.request(&headers)
}

/// A request in a session.
fn in_session(world: &World<'_>, draft: &Draft) -> Option<Request<Body>> {
    let own = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let mut headers = vec![
        own("authorization", &format!("Bearer {}", world.fincard.token)),
        own("content-type", draft.media_type),
        own("x-tenant-id", &world.program.tenant_uuid),
        own("x-forwarded-for", "203.0.113.9"),
        own("x-forwarded-from", "shop"),
        own("platform", "web"),
        own("deviceid", "device-1"),
    ];
    headers.retain(|(name, _)| draft.dropped_header.as_ref() != Some(name));
    headers.extend(draft.headers.clone());
    draft.request(&headers)
}

/// A call of an operator.
fn operated(world: &World<'_>, draft: &Draft) -> Option<Request<Body>> {
    let key = world.program.admin_key.expose();
    let mut headers = vec![
        (
            "authorization".to_owned(),
            format!("Bearer {key}").into_bytes(),
        ),
        ("content-type".to_owned(), b"application/json".to_vec()),
    ];
    headers.retain(|(name, _)| draft.dropped_header.as_ref() != Some(name));
    headers.extend(draft.headers.clone());
    draft.request(&headers)
}

/// In whose form an answer is, if it is in anybody's.
fn form_of(method: &Method, reply: &Reply) -> Option<Form> {
    if *method == Method::HEAD && reply.text.is_empty() {
        return Some(Form::Silent);
    }
    let json = reply.json();
    let media = reply.headers["content-type"].to_str().unwrap_or_default();
    if media.starts_with("text/plain") {
        return Some(Form::FrontDoor);
    }
    let finci = match json["status"].as_str() {
        Some("success") => reply.status == 200 && json["errors"] == Value::Array(Vec::new()),
        Some("error") => reply.status != 200 && json["errors"][0].is_string(),
        _ => false,
    };
    let fincard = json["code"].is_i64()
        && json["msg"].is_string()
        && match json["success"].as_bool() {
            Some(true) => reply.status == 200,
            Some(false) => json["errorCode"].is_string() && json["data"].is_null(),
            None => false,
        };
    let refused = json["error"]["code"].is_string() && json["error"]["message"].is_string();
    // A record has no envelope; every other answer that was done has.
    let record = reply.status == 200
        && json.is_object()
        && json["errors"].is_null()
        && json["success"].is_null()
        && json["accessToken"].is_null();
    // Only a file goes out as what it is.
    let file = reply.status == 200 && reply.headers.contains_key("content-disposition");
    let native = refused || record || file;
    match (finci, fincard, native) {
        (true, false, false) => Some(Form::Finci),
        (false, true, false) => Some(Form::Fincard),
        (false, false, true) => Some(Form::Native),
        _ => None,
    }
}

async fn send(app: &TestApp, world: &World<'_>, random: &mut ChaCha20Rng) -> Option<(Form, u16)> {
    let surface = SURFACES[random.random_range(0..SURFACES.len())];
    let routes: Vec<_> = surface.routes().collect();
    let route = routes[random.random_range(0..routes.len())];
    let prefix = surface.prefixes[random.random_range(0..surface.prefixes.len())];
    let mut draft = Draft::right(world, (route, prefix), random);
    draft.spoil(random);
    app.pass(1);
    let request = match surface.slug {
        "finci" => signed(app, &draft, &app.demo.finci),
        "network" => signed(app, &draft, &app.demo.network),
        "fincard" => in_session(world, &draft),
        _ => operated(world, &draft),
    };
    let reply = app.send(request?).await;
    let said = || {
        let start: String = reply.text.chars().take(500).collect();
        format!("{draft}\n-> {} {start}", reply.status)
    };
    let form =
        form_of(&draft.method, &reply).unwrap_or_else(|| panic!("in nobody's form: {}", said()));
    assert!(
        documented(form).contains(&reply.status),
        "{form:?}: {}",
        said()
    );
    Some((form, reply.status))
}

/// Sees to it that the laws of the ledger hold, and that nothing but what a merchant had been paid,
/// or a lost dispute, took an account below its floor.
async fn assert_ledger_is_right(app: &TestApp) {
    ledger::entries_add_up(app).await;
    let unexplained = "SELECT COUNT(*) FROM account a WHERE a.credits - a.debits < a.floor \
         AND NOT EXISTS (SELECT 1 FROM card_transaction t WHERE t.tenant = a.tenant \
         AND t.account = a.id AND t.settlement = 'overdrawn') \
         AND NOT EXISTS (SELECT 1 FROM dispute d JOIN card_transaction t \
         ON t.tenant = d.tenant AND t.id = d.card_transaction \
         WHERE d.tenant = a.tenant AND t.account = a.id AND d.state = 'lost')";
    assert_eq!(app.number(unexplained, &[]).await, 0, "below the floor");
}

#[tokio::test]
async fn random_requests_get_documented_answers_and_leave_the_ledger_right() {
    let app = TestApp::new().await;
    let world = World::of(&app, &app.demo).await;
    let mut random = ChaCha20Rng::seed_from_u64(SEED);
    let mut counts: BTreeMap<(Form, u16), usize> = BTreeMap::new();
    let mut sent = 0;
    while sent < REQUESTS {
        // Some drafts are no HTTP at all and cannot be sent in process.
        let Some(answer) = send(&app, &world, &mut random).await else {
            continue;
        };
        sent += 1;
        *counts.entry(answer).or_default() += 1;
        if sent % 1_000 == 0 {
            app.run_jobs().await;
            assert_ledger_is_right(&app).await;
        }
    }
    for ((form, status), count) in &counts {
        println!("{form:?} {status}: {count}");
    }
    for form in [Form::Finci, Form::Fincard, Form::Native] {
        for status in [200, 400, 404] {
            let met = counts.get(&(form, status)).copied().unwrap_or_default();
            assert!(met >= 20, "{form:?} {status} was hardly met: {counts:?}");
        }
    }
    app.run_jobs().await;
    assert_ledger_is_right(&app).await;
    // One of them may have put the tenant back to how it was made.
    let state = serde_json::json!({"name": world.snapshot});
    world.sandbox.post("restore", &state).await.record();
    // Everything is still there and works as before.
    let card = world
        .finci
        .get(&format!("get-card/{}", world.card))
        .await
        .ok();
    assert_eq!(card["person_id"], world.person);
    let wallet = format!("get-account/{}", app.demo.wallet.padded());
    world.finci.get(&wallet).await.ok();
    let orphans = "SELECT COUNT(*) FROM card_order o WHERE NOT EXISTS \
                   (SELECT 1 FROM card c WHERE c.tenant = o.tenant AND c.id = o.card)";
    assert_eq!(app.number(orphans, &[]).await, 0);
    app.finish().await;
}
