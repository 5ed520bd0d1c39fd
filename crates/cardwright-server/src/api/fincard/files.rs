//! Files, which come as the parts of a form.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request, State},
    response::Response,
};
use cardwright_wire::{
    fincard::{
        envelope::Failure,
        errors::Code,
        files::{UploadFile, UploadedFile},
        headers::Expected,
    },
    json::Json,
    shape::{self, BodyFault},
};
use multer::Multipart;

use super::{
    reply::{self, Refused, respond, success},
    session::{Accepted, Admitted},
};
use crate::{
    api::front::{Media, check_media},
    app::App,
    ops::files,
    store::Scope,
};

/// A picture out of a telephone takes a while.
const FORM: Accepted = Accepted {
    expected: Expected::Multipart,
    limit_bytes: 3 * 1024 * 1024,
    patience: Duration::from_mins(1),
};

/// A form in a session, its body read but not yet taken apart.
pub(super) struct Form {
    scope: Scope,
    body: Bytes,
    boundary: String,
}

impl FromRequest<App> for Form {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Form, Refused> {
        // Headers first, so that a form without its boundary meets the other checks in their order.
        let media = check_media(request.headers());
        let admitted = Admitted::from_request(request, app, FORM).await?;
        let Ok(Media::Multipart { boundary }) = media else {
            return Err(Code::UnsupportedMediaType.into());
        };
        Ok(Form {
            scope: admitted.scope,
            body: admitted.body,
            boundary,
        })
    }
}

/// `common/file/upload`
pub(super) async fn upload(State(app): State<App>, form: Form) -> Response {
    let (parts, content) = match parts_of(form.body, form.boundary).await {
        Ok(parts) => parts,
        Err(failure) => return reply::failure(&failure),
    };
    let kept = files::keep(&app, &form.scope, parts.file_name, &content).await;
    respond(kept.and_then(|file_id| success(UploadedFile { file_id })))
}

/// The parts that mean something, and the file. A part that is not known is passed over.
async fn parts_of(body: Bytes, boundary: String) -> Result<(UploadFile, Bytes), Failure> {
    let broken = |_| Failure::saying(Code::MalformedJson, "The body is not multipart/form-data.");
    let mut form = Multipart::new(Body::from(body).into_data_stream(), boundary);
    let mut texts: Vec<(String, Json)> = Vec::new();
    let (mut content, mut sent_name) = (Bytes::new(), None);
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if !["file", "fileName", "category"].contains(&name.as_str()) {
            continue;
        }
        if texts.iter().any(|(known, _)| *known == name) {
            return Err(Failure::field(Code::InvalidField, &name));
        }
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(broken)?;
        let text = match name.as_str() {
            "file" => {
                (content, sent_name) = (bytes, file_name);
                // Only whether there is one is read as a field.
                if content.is_empty() { "" } else { "file" }.to_owned()
            }
            _ => String::from_utf8(bytes.into())
                .map_err(|_| Failure::field(Code::InvalidField, &name))?,
        };
        texts.push((name, Json::Text(text)));
    }
    // What a browser calls the file stands in for a name; it is no field that could be wrong.
    if let Some(name) = sent_name.filter(|_| !texts.iter().any(|(known, _)| known == "fileName")) {
        let shown = name.chars().filter(|letter| !letter.is_control());
        let name = shown.take(255).collect::<String>().trim().to_owned();
        texts.push(("fileName".to_owned(), Json::Text(name)));
    }
    let read = shape::from_members::<UploadFile>(&texts);
    let read = read.map_err(|faults| Failure::from(BodyFault::Fields(faults)))?;
    Ok((read.value, content))
}
