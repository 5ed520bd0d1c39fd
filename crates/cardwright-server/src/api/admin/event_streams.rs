//! A tenant's events as they happen: server-sent events (WHATWG HTML, section 9.2).

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use cardwright_wire::native::{admin::events as wire, errors::Code};
use hyper::body::Frame;
use serde::Serialize;

use super::webhooks::dialect_in;
use crate::{
    api::native::{Operated, reply},
    app::App,
    error::{Error, Result},
    ops::event_streams::{self as ops, Content, Following, Place},
    store::Scope,
    streams::{Piece, Pieces, Seat, Stream},
    webhooks::payloads::Message,
};

/// Where the operation is.
pub(super) const STREAM: &str = "/events/stream";
/// What a reader says that comes back: the last id it has seen.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// How long a reader should wait that finds no place, in seconds.
const RETRY_AFTER_S: u32 = 10;

/// `GET events/stream`
pub(super) async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    operated: Operated<wire::StreamEvents>,
) -> Response {
    let Some(seat) = app.streams().take(operated.tenant()) else {
        let refused = reply::of_code(Code::RateLimited);
        return refused.with_retry_after_s(RETRY_AFTER_S).into_response();
    };
    let operator = operated.operator().clone();
    let begun = async |app: &App, scope: Scope, asked: wire::StreamEvents| {
        let place = place(&headers, asked.after.as_deref())?;
        let dialect = dialect_in(asked.dialect);
        let following = Following {
            tenant: scope.tenant,
            dialect,
            words: ops::filter(dialect, asked.events.as_deref())?,
        };
        let place = ops::begin(app, &scope, (dialect, place)).await?;
        let stream = Stream {
            app: app.clone(),
            operator,
            following,
            place,
        };
        let pieces = stream.begin();
        Ok(answer(Written {
            pieces,
            _seat: seat,
        }))
    };
    operated.begin(&app, begun).await
}

/// Where a reader wants to begin: behind the last it has seen, if it comes back.
fn place(headers: &HeaderMap, after: Option<&str>) -> Result<Option<Place>> {
    let mut seen = headers.get_all(LAST_EVENT_ID).iter();
    let seen = match (seen.next(), seen.next()) {
        (None, _) => None,
        (Some(id), None) => Some(id.to_str().map_err(|_| Error::Invalid("Last-Event-ID"))?),
        (Some(_), Some(_)) => return Err(Error::Invalid("Last-Event-ID")),
    };
    let (id, field) = match (seen, after) {
        (Some(id), _) => (id, "Last-Event-ID"),
        (None, Some(id)) => (id, "after"),
        (None, None) => return Ok(None),
    };
    Place::of_message(id).map(Some).ok_or(Error::Invalid(field))
}

fn answer(written: Written) -> Response {
    let mut response = Response::new(Body::new(written));
    let plain = HeaderValue::from_static;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, plain("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, plain("no-store"));
    // A proxy that gathers would keep it all to itself.
    headers.insert(HeaderName::from_static("x-accel-buffering"), plain("no"));
    response
}

/// A stream as it is written. Its place is free once nobody reads it any more.
struct Written {
    pieces: Pieces,
    _seat: Seat,
}

impl HttpBody for Written {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        let piece = std::task::ready!(self.pieces.poll_next(context));
        let text = piece.map(written).transpose();
        Poll::Ready(
            text.map(|text| text.map(|text| Frame::data(text.into())))
                .transpose(),
        )
    }
}

/// A piece in the form of the standard. No value here has a line end of its own: ids are ours, and
/// JSON escapes them.
fn written(piece: Piece) -> Result<String> {
    Ok(match piece {
        Piece::Ready(place) => format!(
            "retry: 1000\nevent: ready\nid: {}\ndata: {{}}\n\n",
            place.id()
        ),
        // An id without data tells nobody anything, but is remembered by whoever comes back.
        Piece::Heartbeat(place) => format!(": waiting\nid: {}\n\n", place.id()),
        Piece::Told(place, Content::Message(message, sequence), signature) => {
            event("message", place, &told((message, sequence), signature))?
        }
        Piece::Told(place, Content::Unsent(kind, reason), _) => {
            let fault = wire::StreamedFault {
                message_id: crate::webhooks::payloads::event_name(place.event),
                event: kind,
                reason,
            };
            event("unsent", place, &fault)?
        }
    })
}

fn told((message, sequence): (Message, i64), signature: Option<String>) -> wire::StreamedMessage {
    wire::StreamedMessage {
        message_id: message.id,
        event: message.event,
        category: message.category.map(str::to_owned),
        sequence,
        body: message.body,
        signature,
    }
}

fn event<T: Serialize>(name: &str, place: Place, data: &T) -> Result<String> {
    let data = serde_json::to_string(data).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(format!(
        "event: {name}\nid: {}\ndata: {data}\n\n",
        place.id()
    ))
}
