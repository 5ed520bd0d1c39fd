//! How the documents are served, and where not.

use std::{num::NonZeroUsize, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode},
};
use serde_json::Value;
use uuid::Uuid;

use super::{SURFACES, json};
use crate::{
    api::{
        self,
        front::{Front, Limits, RequestIds},
    },
    app::{App, Settings},
    clock::Clock,
    entropy::Entropy,
    ops::environments::{self, Means, NewEnvironment},
    secrets::{
        keys::KeyFile,
        passwords::{Cost, Passwords, PoolSize},
    },
    store::{
        db::{Db, DbOptions},
        environment::EnvironmentName,
    },
};

/// A server with an empty store.
async fn front(environment: EnvironmentName) -> Front {
    let folder = tempfile::tempdir().expect("a folder");
    let entropy = Entropy::fixed_for_tests(7);
    let keys = KeyFile::create(&folder.path().join("key"), &entropy).expect("a key");
    let (clock, _hand) = Clock::manual("2026-03-01T12:00:00Z".parse().expect("an instant"));
    let means = Means {
        clock,
        entropy: entropy.clone(),
        keys: Arc::new(keys),
    };
    let new = NewEnvironment {
        name: environment,
        seed: None,
    };
    let db = Db::open(DbOptions::temporary()).expect("a store");
    let opened = environments::create(db, means, new)
        .await
        .expect("an environment");
    let cheap = Cost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
    let size = PoolSize {
        threads: NonZeroUsize::MIN,
        queue: 1,
    };
    let passwords = Passwords::with_cost(cheap, size, entropy).expect("threads");
    let app = App::new(opened, passwords, Settings::default());
    let ids = RequestIds::new(|| Uuid::from_u128(1));
    Front::new(api::router(&app), Limits::default(), ids)
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

async fn ask(front: &Front, method: Method, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "cardwright.test")
        .body(Body::empty())
        .expect("a request");
    let peer = ([127, 0, 0, 1], 40_000).into();
    let response = front.answer(peer, request).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

async fn get(front: &Front, path: &str) -> Answer {
    ask(front, Method::GET, path).await
}

#[tokio::test]
async fn a_sandbox_serves_the_documents_of_all_surfaces() {
    let front = front(EnvironmentName::Sandbox).await;
    for surface in SURFACES {
        let answer = get(&front, &format!("/openapi/{}.json", surface.slug)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/json");
        let document: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(document, json(surface));
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "/");
        assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    }
}

#[tokio::test]
async fn the_page_and_all_it_needs_come_from_the_server_itself() {
    let front = front(EnvironmentName::Sandbox).await;
    let redirect = get(&front, "/docs").await;
    assert!(redirect.status.is_redirection());
    assert_eq!(redirect.header("location"), "/docs/");
    let page = get(&front, "/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(!page.body.contains("://"), "{}", page.body);
    assert!(!page.body.contains("<style") && !page.body.contains("onload"));
    let named = page.body.split(['"']).filter(|part| {
        let endings = [".js", ".css", ".png", ".json"];
        endings.iter().any(|ending| part.ends_with(ending))
    });
    let named: Vec<&str> = named.collect();
    assert_eq!(named.len(), 7 + SURFACES.len(), "{named:?}");
    for name in named {
        let path = if name.starts_with('/') {
            name.to_owned()
        } else {
            format!("/docs/{name}")
        };
        let file = get(&front, &path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        assert!(!file.body.is_empty(), "{path}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        if file.header("content-type") == "text/css" {
            assert!(!file.body.contains("@import"), "{path}");
            for address in file.body.split("url(").skip(1) {
                let address = address.trim_start_matches(['"', '\'']);
                assert!(address.starts_with("data:"), "{path}: {address:.60}");
            }
        }
    }
}

#[tokio::test]
async fn the_viewer_is_set_to_our_documents_and_to_nothing_on_the_internet() {
    let front = front(EnvironmentName::Sandbox).await;
    let file = get(&front, "/docs/swagger-initializer.js").await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-type").starts_with("text/javascript"));
    assert!(
        !file.body.contains("://") && !file.body.contains("{{"),
        "{}",
        file.body
    );
    assert!(
        file.body.contains("\"validatorUrl\": \"none\""),
        "{}",
        file.body
    );
    for surface in SURFACES {
        let path = format!("\"/openapi/{}.json\"", surface.slug);
        assert!(file.body.contains(&path), "{}", file.body);
    }
}

#[tokio::test]
async fn the_browser_is_told_to_load_nothing_from_elsewhere_and_to_show_the_page_in_no_frame() {
    let front = front(EnvironmentName::Sandbox).await;
    for path in [
        "/docs/",
        "/docs/swagger-ui-bundle.js",
        "/openapi/finci.json",
    ] {
        let answer = get(&front, path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        for loose in ["unsafe", "http", "*"] {
            assert!(!policy.contains(loose), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn only_the_files_of_the_page_are_served() {
    let front = front(EnvironmentName::Sandbox).await;
    let unknown = get(&front, "/nothing-here").await;
    for path in [
        "/docs/oauth2-redirect.html",
        "/docs/index.html",
        "/docs/nothing.js",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/docs/%ff",
        "/docs/a/b",
        "/openapi/nothing.json",
    ] {
        let answer = get(&front, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body, unknown.body, "{path}");
    }
    let posted = ask(&front, Method::POST, "/docs/").await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn production_shows_its_documents_to_nobody_without_a_key() {
    let front = front(EnvironmentName::Production).await;
    let unknown = get(&front, "/nothing-here").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    for path in [
        "/docs",
        "/docs/",
        "/docs/swagger-ui.css",
        "/openapi/finci.json",
        "/openapi/fincard.json",
    ] {
        let answer = get(&front, path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.body.contains("\"unauthorized\""), "{path}");
    }
    let sandbox = get(&front, "/openapi/sandbox.json").await;
    assert_eq!(sandbox.status, StatusCode::NOT_FOUND, "there is none");
    assert_eq!(sandbox.body, unknown.body);
}
