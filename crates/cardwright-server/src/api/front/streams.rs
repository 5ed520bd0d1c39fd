//! Bodies that tell how far they got.

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};

/// How much of a request body was read.
#[derive(Debug, Default)]
pub(super) struct Progress {
    bytes: AtomicU64,
    ended: AtomicBool,
}

impl Progress {
    /// Bytes handed out so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    /// Whether the body was read to its end. If not, its rest is still on the wire and the
    /// connection cannot be used again: that rest would be read as the next request.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

/// A request body that keeps [`Progress`].
pub(super) struct Inbound {
    body: Body,
    progress: Arc<Progress>,
}

impl Inbound {
    /// Watches a body; an empty one has ended already.
    pub(super) fn watch(body: Body) -> (Body, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        if body.is_end_stream() {
            progress.ended.store(true, Ordering::Release);
            return (body, progress);
        }
        let watched = Body::new(Inbound {
            body,
            progress: Arc::clone(&progress),
        });
        (watched, progress)
    }
}

impl HttpBody for Inbound {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.progress
                    .bytes
                    .fetch_add(length as u64, Ordering::AcqRel);
                if self.body.is_end_stream() {
                    self.progress.ended.store(true, Ordering::Release);
                }
            }
            Poll::Ready(None) => self.progress.ended.store(true, Ordering::Release),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The requests of one connection, counted by the service and read by the gate.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    started: AtomicU32,
    finished: AtomicU32,
}

impl Traffic {
    /// Counts a request as open until the returned guard is dropped.
    pub(super) fn open(self: &Arc<Self>) -> OpenRequest {
        self.started.fetch_add(1, Ordering::AcqRel);
        OpenRequest(Arc::clone(self))
    }

    /// Whether a request is with the router or its answer not yet handed to the engine.
    pub(super) fn is_busy(&self) -> bool {
        self.started.load(Ordering::Acquire) != self.finished.load(Ordering::Acquire)
    }

    /// Requests answered on this connection so far; wraps around, only ever compared for change.
    pub(super) fn finished(&self) -> u32 {
        self.finished.load(Ordering::Acquire)
    }
}

/// One open request; dropping it ends the request.
pub(super) struct OpenRequest(Arc<Traffic>);

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.0.finished.fetch_add(1, Ordering::AcqRel);
    }
}

/// An answer's body that keeps its request open until the engine has taken all of it.
pub(super) struct Outbound {
    body: Body,
    _open: OpenRequest,
}

impl Outbound {
    pub(super) fn new(body: Body, open: OpenRequest) -> Outbound {
        Outbound { body, _open: open }
    }
}

impl HttpBody for Outbound {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
