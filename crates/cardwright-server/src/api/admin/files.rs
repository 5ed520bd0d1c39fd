//! Files that callers sent about holders, for staff who review them.
//!
//! Law: a file goes out as what it was found to be, to be saved and not to be run, and who looked at
//! it is written down.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Method, header},
    response::Response,
    routing::{get, post},
};
use cardwright_wire::{
    instant::Rfc3339,
    native::{Empty, List, RecordId, admin::files as wire},
};
use zeroize::Zeroizing;

use crate::{
    api::{
        native::{Operated, contract, page},
        route::{BodyDoc, Effect, Route, answer_schema},
    },
    app::App,
    ops::files as ops,
    store::{
        admin_keys::Role,
        files::{self, FileFacts},
    },
};

/// Where the content of one is.
pub(super) const CONTENT: &str = "/files/{file_id}/content";

/// The operations.
pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Method::GET,
        path: "/files",
        summary: "Lists the files that were uploaded, the newest first",
        number: None,
        role: Some(Role::Support),
        request: Some(crate::api::route::request::<List>()),
        answer: BodyDoc {
            name: "FilePage",
            schema: contract::page::<wire::File>,
        },
        effect: Effect::Reads,
        handler: || get(list),
    },
    Route {
        method: Method::POST,
        path: CONTENT,
        summary: "Shows what is in a file; that is written down",
        number: None,
        role: Some(Role::Support),
        request: None,
        answer: BodyDoc {
            name: "FileContent",
            schema: answer_schema::<wire::Content>,
        },
        effect: Effect::Changes,
        handler: || post(content),
    },
];

/// `GET files`
async fn list(State(app): State<App>, operated: Operated<List>) -> Response {
    operated
        .look_up(&app, async |tx, asked| {
            let list = ("files", &asked.paging);
            page(tx, list, files::before, |file| file.id, shown).await
        })
        .await
}

/// `POST files/{file_id}/content`
async fn content(State(app): State<App>, operated: Operated<Empty>) -> Response {
    let id = operated.name("file_id").to_owned();
    operated
        .show(&app, async move |tx, _| ops::show(tx, &id).await, attached)
        .await
}

fn shown(file: FileFacts) -> wire::File {
    wire::File {
        id: RecordId(file.id),
        file_id: file.uuid,
        name: file.name,
        media_type: file.kind.media_type(),
        size_bytes: file.size_bytes,
        created_at: Rfc3339(file.created_at),
    }
}

/// A file to be saved. What its caller calls it is a claim that a shell or a desktop might act upon,
/// so it goes out under its id.
fn attached((file, content): (FileFacts, Zeroizing<Vec<u8>>)) -> Response {
    let name = format!(
        "attachment; filename=\"{}.{}\"",
        file.uuid,
        file.kind.extension()
    );
    let mut response = Response::new(Body::from(content.to_vec()));
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, plain(file.kind.media_type()));
    headers.insert(header::CACHE_CONTROL, plain("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, plain("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, plain("sandbox"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
