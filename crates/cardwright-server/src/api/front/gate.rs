//! The socket with its clocks: the part of the door that a slow or silent peer meets.
//!
//! hyper has one timer for everything before a request is complete, so it cannot tell a resting
//! connection (60 s are fine) from a header that arrives byte by byte (10 s are enough). The gate
//! sits between the socket and hyper, sees which of both is the case, and fails the read when the
//! time is over. It also gives hyper's own answers to unreadable requests a request id and a line
//! in the access log, since no other code ever sees those requests.
//!
//! One thing the gate cannot see: the beginning of a request that arrived in the same packet as
//! its predecessor's end is already inside hyper, so to the gate that connection rests. It is
//! closed after the idle time like any resting one.

use super::access::Line;
use super::clock;
use super::limits::Limits;
use super::request_id::{Peer, RequestIds};
use super::streams::Traffic;
use axum::http::StatusCode;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Input read and thrown away after our last word, at most. A little more than the largest body.
const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// Room for the method, the version and the blanks of a request line beside its target.
pub(super) const REQUEST_LINE_SLACK_BYTES: usize = 64;

/// What the gate waits for while no request is with the router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The first byte of a request.
    Silent,
    /// The end of its first line, of which this much is here.
    FirstLine { bytes: usize },
    /// The end of its headers; the length of the first line decides between 414 and 431.
    HeaderLines { first_line_bytes: usize },
    /// The end of the connection: the answer is written, our side is shut.
    Leaving { discarded_bytes: usize },
}

/// A connection between the socket and hyper.
pub(super) struct Gate<Io> {
    io: Io,
    peer: Peer,
    limits: Limits,
    request_ids: RequestIds,
    traffic: Arc<Traffic>,
    stage: Stage,
    /// The end of the current stage's patience.
    alarm: Pin<Box<Sleep>>,
    /// Runs while the peer does not take our bytes.
    stall: Option<Pin<Box<Sleep>>>,
    /// Requests whose answers this gate has seen finished, when reading and when flushed.
    read_after: u32,
    flushed_after: u32,
    /// An answer of hyper's own that we amended, as far as it is not yet written.
    amended: Vec<u8>,
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Gate<Io> {
    /// Stands before a connection from the moment it was accepted.
    pub(super) fn new(
        io: Io,
        peer: Peer,
        limits: Limits,
        request_ids: RequestIds,
        traffic: Arc<Traffic>,
    ) -> Gate<Io> {
        Gate {
            io,
            peer,
            limits,
            request_ids,
            traffic,
            stage: Stage::Silent,
            alarm: clock::alarm(limits.first_byte),
            stall: None,
            read_after: 0,
            flushed_after: 0,
            amended: Vec::new(),
        }
    }

    fn enter(&mut self, stage: Stage, patience: Duration) {
        self.stage = stage;
        self.alarm.as_mut().reset(clock::now() + patience);
    }

    /// Moves on as bytes of a request's head arrive.
    fn note_arrival(&mut self, arrived: &[u8]) {
        if arrived.is_empty() {
            return;
        }
        if self.stage == Stage::Silent {
            self.enter(Stage::FirstLine { bytes: 0 }, self.limits.headers);
        }
        if let Stage::FirstLine { bytes } = self.stage {
            self.stage = match arrived.iter().position(|byte| *byte == b'\n') {
                Some(at) => Stage::HeaderLines {
                    first_line_bytes: bytes + at,
                },
                None => Stage::FirstLine {
                    bytes: bytes + arrived.len(),
                },
            };
        }
    }

    /// Whether the first line alone is longer than the longest target explains.
    fn is_target_too_long(&self) -> bool {
        let longest = self.limits.target_bytes + REQUEST_LINE_SLACK_BYTES;
        match self.stage {
            Stage::FirstLine { bytes } => bytes > longest,
            Stage::HeaderLines { first_line_bytes } => first_line_bytes > longest,
            Stage::Silent | Stage::Leaving { .. } => false,
        }
    }

    /// Whether bytes written now can only be hyper's own answer to a request it could not read:
    /// nothing is with the router, and every answer of the router has been written out.
    fn is_engine_speaking(&self) -> bool {
        !self.traffic.is_busy() && self.flushed_after == self.traffic.finished()
    }

    /// hyper's own answer with a request id, and 414 where the first line was the long one: hyper
    /// counts it with the headers and says 431.
    fn amend(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(answer).ok()?;
        let (first_line, rest) = text.split_once("\r\n")?;
        let status = first_line.strip_prefix("HTTP/1.1 ")?.get(..3)?;
        let mut status = StatusCode::from_bytes(status.as_bytes()).ok()?;
        if status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE && self.is_target_too_long() {
            status = StatusCode::URI_TOO_LONG;
        }
        let request_id = self.request_ids.next_id();
        let reason = status.canonical_reason().unwrap_or("Error");
        let code = status.as_u16();
        let amended = format!("HTTP/1.1 {code} {reason}\r\nx-request-id: {request_id}\r\n{rest}");
        let line = Line {
            method: "UNREAD",
            route: "unmatched",
            status,
            duration: Duration::ZERO,
            request_bytes: 0,
            response_bytes: Some(0),
            peer: self.peer.ip(),
            request_id: &request_id,
        };
        line.write();
        Some(amended.into_bytes())
    }

    fn poll_write_amended(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.amended.is_empty() {
            let written = ready!(Pin::new(&mut self.io).poll_write(context, &self.amended))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.amended.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_through(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        if self.amended.is_empty()
            && self.is_engine_speaking()
            && let Some(amended) = self.amend(bytes)
        {
            self.amended = amended;
            // Taken over whole; what cannot be written now is written before the next flush.
            let _ = self.poll_write_amended(context)?;
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_write_amended(context))?;
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    /// Lets a pending write wait no longer than the peer may stall.
    fn with_stall_limit<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<Result<T>>,
    ) -> Poll<Result<T>> {
        if polled.is_ready() {
            self.stall = None;
            return polled;
        }
        let patience = self.limits.answer_stall;
        let stall = self.stall.get_or_insert_with(|| clock::alarm(patience));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(timed_out("the peer did not take the answer")))
    }

    /// Shuts our side, then reads on for a while so that the peer gets to see our last word.
    fn poll_leave(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_write_amended(context))?;
        let mut discarded_bytes = if let Stage::Leaving { discarded_bytes } = self.stage {
            discarded_bytes
        } else {
            ready!(Pin::new(&mut self.io).poll_shutdown(context))?;
            self.enter(Stage::Leaving { discarded_bytes: 0 }, self.limits.linger);
            0
        };
        let mut scratch = [0; 8 * 1024];
        while discarded_bytes < LINGER_BYTES && self.alarm.as_mut().poll(context).is_pending() {
            let mut unread = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.io).poll_read(context, &mut unread) {
                Poll::Pending => {
                    self.stage = Stage::Leaving { discarded_bytes };
                    return Poll::Pending;
                }
                Poll::Ready(Ok(())) if !unread.filled().is_empty() => {
                    discarded_bytes += unread.filled().len();
                }
                // The peer has left, one way or the other.
                Poll::Ready(Ok(()) | Err(_)) => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn timed_out(reason: &'static str) -> Error {
    Error::new(ErrorKind::TimedOut, reason)
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gate<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if self.traffic.is_busy() {
            // A body: its reader holds the clock.
            return Pin::new(&mut self.io).poll_read(context, buffer);
        }
        let finished = self.traffic.finished();
        if self.read_after != finished {
            self.read_after = finished;
            let idle = self.limits.idle;
            self.enter(Stage::Silent, idle);
        }
        if self.alarm.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(timed_out("the peer did not send a request in time")));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.note_arrival(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gate<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let polled = self.poll_write_through(context, bytes);
        self.with_stall_limit(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        if self.amended.is_empty() && !self.is_engine_speaking() {
            let polled = Pin::new(&mut self.io).poll_write_vectored(context, slices);
            return self.with_stall_limit(context, polled);
        }
        let first = slices.iter().find(|slice| !slice.is_empty());
        self.poll_write(context, first.map_or(&[], |slice| slice))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let polled = match self.poll_write_amended(context) {
            Poll::Ready(Ok(())) => Pin::new(&mut self.io).poll_flush(context),
            unfinished => unfinished,
        };
        // hyper flushes the socket only after it has written all it had.
        if polled.is_ready() && !self.traffic.is_busy() {
            self.flushed_after = self.traffic.finished();
        }
        self.with_stall_limit(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let polled = self.poll_leave(context);
        if matches!(self.stage, Stage::Leaving { .. }) {
            return polled;
        }
        self.with_stall_limit(context, polled)
    }
}
