//! One request in, one answer out: early checks, router, panic net, request id, access log.

use super::access::{Line, RouteSlot, method_name, note_route};
use super::clock;
use super::early::{self, Early};
use super::limits::Limits;
use super::native;
use super::request_id::{Peer, RequestId, RequestIds, X_REQUEST_ID};
use super::streams::Inbound;
use crate::metrics::Metrics;
use crate::network::{AddressList, client_address};
use crate::tls::Tls;
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tower::ServiceExt;
use tower::util::MapRequestLayer;

/// Where a proxy writes for whom it speaks.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A router with everything that stands before it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Front {
    router: Router,
    pub(super) limits: Limits,
    pub(super) request_ids: RequestIds,
    metrics: Option<Metrics>,
    proxies: Arc<AddressList>,
    pub(super) tls: Option<Tls>,
}

/// Whether it is asked how we are.
fn is_health(parts: &Parts) -> bool {
    parts.uri.path().starts_with("/health/")
}

impl Front {
    /// Puts the front door before a finished router.
    pub fn new(router: Router, limits: Limits, request_ids: RequestIds) -> Front {
        let router = router.layer(MapRequestLayer::new(note_route));
        Front {
            router,
            limits,
            request_ids,
            metrics: None,
            proxies: Arc::default(),
            tls: None,
        }
    }

    /// The same front door, which meets whoever connects by TLS where there is a certificate.
    #[must_use]
    pub fn encrypted(self, tls: Option<Tls>) -> Front {
        Front { tls, ..self }
    }

    /// The same front door behind these proxies: whoever they say they speak for is the caller.
    #[must_use]
    pub fn behind(self, proxies: AddressList) -> Front {
        Front {
            proxies: Arc::new(proxies),
            ..self
        }
    }

    /// Whether an address is that of a proxy which may say for whom it speaks.
    pub(super) fn speaks_for_others(&self, address: IpAddr) -> bool {
        self.proxies.contains(address)
    }

    /// The same front door, whose answers are counted here.
    #[must_use]
    pub fn counted_by(self, metrics: Metrics) -> Front {
        Front {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Answers one request exactly as over a connection, sockets and their clocks apart.
    ///
    /// Handlers find [`Peer`] and [`RequestId`] in the request's extensions. A request whose body
    /// was not read to its end, that used a transfer coding, or that came as HTTP/1.0 is the last
    /// one of its connection.
    pub async fn answer(&self, peer: SocketAddr, request: Request) -> Response {
        let started = clock::now();
        let socket = Peer::new(peer);
        let request_id = self.request_ids.next_id();
        let route = RouteSlot::default();
        let (mut parts, body) = request.into_parts();
        let (body, progress) = Inbound::watch(body);
        let method = method_name(&parts.method);
        let caller = self.caller(socket, &parts);
        let refusal = early::refusal(&parts, &self.limits).or(caller.err());
        // Nobody but the proxy can be named in the log where it names nobody itself.
        let peer = caller.unwrap_or(socket);
        let version = parts.version;
        let is_last = refusal.is_some()
            || version == Version::HTTP_10
            || parts.headers.contains_key(header::TRANSFER_ENCODING);

        let routed = if let Some(refusal) = refusal {
            refusal.into_response()
        } else {
            parts.extensions.insert(peer);
            parts.extensions.insert(request_id.clone());
            parts.extensions.insert(route.clone());
            self.route(Request::from_parts(parts, body), &route, &request_id)
                .await
        };

        let mut response = native::render(routed, &request_id);
        if version == Version::HTTP_10 {
            // In its own version hyper does not add the keep-alive that the caller asked for.
            *response.version_mut() = version;
        }
        let headers = response.headers_mut();
        if is_last || !progress.ended() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(value) = request_id.header_value() {
            headers.insert(X_REQUEST_ID, value);
        }
        let line = Line {
            method,
            route: route.pattern(),
            status: response.status(),
            duration: started.elapsed(),
            request_bytes: progress.bytes(),
            response_bytes: response.body().size_hint().exact(),
            peer: peer.ip(),
            request_id: &request_id,
        };
        line.write();
        if let Some(metrics) = &self.metrics {
            metrics.request(line.method, line.route, line.status.as_u16());
        }
        response
    }

    /// Who calls: the peer of the connection, or whom a proxy of ours speaks for. A proxy that speaks
    /// for nobody may ask whether we are well, and nothing else: everybody behind it would have its
    /// address, which allowlists may well contain.
    fn caller(&self, socket: Peer, parts: &Parts) -> Result<Peer, Early> {
        if self.proxies.is_empty() {
            return Ok(socket);
        }
        let lines = parts.headers.get_all(FORWARDED_FOR).iter();
        let lines: Vec<&[u8]> = lines.map(HeaderValue::as_bytes).collect();
        match client_address(socket.ip(), &lines, &self.proxies) {
            Ok(address) if self.proxies.contains(address) && !is_health(parts) => {
                Err(Early::ForwardedFor)
            }
            Ok(address) if address == socket.ip() => Ok(socket),
            // Which port the caller has is known to its proxy alone.
            Ok(address) => Ok(Peer(SocketAddr::new(address, 0))),
            Err(_) => Err(Early::ForwardedFor),
        }
    }

    /// Calls the router; a panic in it becomes a 500 and ends nothing but this request.
    async fn route(
        &self,
        request: Request<Body>,
        slot: &RouteSlot,
        request_id: &RequestId,
    ) -> Response {
        let mut answer = pin!(self.router.clone().oneshot(request));
        // Whatever is logged on the way names the request whose answer carries this id.
        let span = tracing::info_span!("request", %request_id);
        // The panic's own message may quote a value that must not be logged: the hook of the
        // process decides about it, this line only says where.
        let caught = poll_fn(|context| {
            let _entered = span.enter();
            let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
            match polled {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
                Err(_panic) => Poll::Ready(Err(())),
            }
        });
        match caught.await {
            Ok(Ok(response)) => response,
            Ok(Err(impossible)) => match impossible {},
            Err(()) => {
                let route = slot.pattern();
                tracing::error!(route, %request_id, "a handler panicked");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
            }
        }
    }
}
