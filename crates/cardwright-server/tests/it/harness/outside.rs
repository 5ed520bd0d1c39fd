//! The network outside of a test's server: names, listeners, and what reached them. Nothing of it is
//! real, so a test can pause time and never depends on a port.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response},
};
use cardwright_server::webhooks::guard::{Later, Network, Wire};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::Notify,
};

/// What reached a listener.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request line's target.
    pub target: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header's text; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

/// What a listener does about a request.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Answers.
    Answer(u16, &'static str),
    /// Answers with this header too.
    With(u16, (&'static str, &'static str), &'static str),
    /// Answers, but only after so long.
    After(Duration, u16, &'static str),
    /// Answers, but only once it is told to.
    When(Arc<Notify>, u16, &'static str),
    /// Never answers.
    Hang,
}

type React = dyn Fn(usize, &Received) -> Reaction + Send + Sync;

/// Somebody outside who takes requests.
pub struct Listener {
    react: Box<React>,
    received: Mutex<Vec<Received>>,
}

impl Listener {
    /// Everything that reached it so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The only request that reached it.
    #[track_caller]
    pub fn only(&self) -> Received {
        let mut all = self.received();
        assert_eq!(all.len(), 1, "requests");
        all.remove(0)
    }

    async fn answer(&self, request: Request<hyper::body::Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = to_bytes(Body::new(body), 1 << 20).await.unwrap();
        let received = Received {
            target: head.uri.to_string(),
            headers: head.headers,
            body: body.to_vec(),
        };
        let count = {
            let mut all = self.received.lock().unwrap();
            all.push(received.clone());
            all.len()
        };
        let response = |status: u16| Response::builder().status(status);
        match (self.react)(count, &received) {
            Reaction::Answer(status, body) => response(status).body(body.into()).unwrap(),
            Reaction::With(status, (name, value), body) => response(status)
                .header(name, value)
                .body(body.into())
                .unwrap(),
            Reaction::After(after, status, body) => {
                let never = std::future::pending::<()>();
                let _passed = tokio::time::timeout(after, never).await;
                response(status).body(body.into()).unwrap()
            }
            Reaction::When(told, status, body) => {
                told.notified().await;
                response(status).body(body.into()).unwrap()
            }
            Reaction::Hang => std::future::pending().await,
        }
    }
}

/// A network that exists in the test only.
#[derive(Default)]
pub struct FakeNetwork {
    names: Mutex<HashMap<String, Name>>,
    listeners: Mutex<HashMap<SocketAddr, Arc<Listener>>>,
    attempts: Mutex<Vec<SocketAddr>>,
    open: Arc<Open>,
}

/// How many connections there are, and how many there were at most.
#[derive(Default)]
struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A connection that is counted until whoever made it closes it.
struct Counted {
    wire: DuplexStream,
    open: Arc<Open>,
}

impl Counted {
    fn new(wire: DuplexStream, open: &Arc<Open>) -> Counted {
        let now = open.now.fetch_add(1, Ordering::AcqRel) + 1;
        open.most.fetch_max(now, Ordering::AcqRel);
        Counted {
            wire,
            open: open.clone(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.now.fetch_sub(1, Ordering::AcqRel);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

struct Name {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl FakeNetwork {
    /// Lets a name stand for these addresses.
    pub fn name(&self, name: &str, addresses: &[&str]) {
        self.alternating(name, &[addresses]);
    }

    /// Lets a name stand for something else each time it is asked, from the beginning in the end.
    pub fn alternating(&self, name: &str, answers: &[&[&str]]) {
        let parsed = |addresses: &&[&str]| {
            let parsed = addresses.iter().map(|address| address.parse().unwrap());
            parsed.collect()
        };
        let name_told = Name {
            answers: answers.iter().map(parsed).collect(),
            asked: AtomicUsize::new(0),
        };
        let mut names = self.names.lock().unwrap();
        names.insert(name.to_owned(), name_told);
    }

    /// Listens at an address; `react` is given how many requests there were, this one included.
    pub fn listen<F>(&self, address: &str, react: F) -> Arc<Listener>
    where
        F: Fn(usize, &Received) -> Reaction + Send + Sync + 'static,
    {
        let listener = Arc::new(Listener {
            react: Box::new(react),
            received: Mutex::default(),
        });
        let mut listeners = self.listeners.lock().unwrap();
        listeners.insert(address.parse().unwrap(), listener.clone());
        listener
    }

    /// How many connections are open now.
    pub fn open_now(&self) -> usize {
        self.open.now.load(Ordering::Acquire)
    }

    /// How many were open at a time at most.
    pub fn open_most(&self) -> usize {
        self.open.most.load(Ordering::Acquire)
    }

    /// Every address that was connected to, in order.
    pub fn attempts(&self) -> Vec<SocketAddr> {
        self.attempts.lock().unwrap().clone()
    }
}

impl Network for FakeNetwork {
    fn resolve<'a>(&'a self, name: &'a str) -> Later<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let names = self.names.lock().unwrap();
            let told = names.get(name).ok_or(io::ErrorKind::NotFound)?;
            let asked = told.asked.fetch_add(1, Ordering::Relaxed);
            Ok(told.answers[asked % told.answers.len()].clone())
        })
    }

    fn connect(&self, address: SocketAddr) -> Later<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            self.attempts.lock().unwrap().push(address);
            let listener = self.listeners.lock().unwrap().get(&address).cloned();
            let listener = listener.ok_or(io::ErrorKind::ConnectionRefused)?;
            let (here, there) = tokio::io::duplex(64 * 1024);
            tokio::spawn(async move {
                let service = hyper::service::service_fn(move |request| {
                    let listener = listener.clone();
                    async move { Ok::<_, Infallible>(listener.answer(request).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(there), service);
                // A connection that the server drops is no fault of the test.
                let _ended = connection.await;
            });
            Ok(Box::new(Counted::new(here, &self.open)) as Box<dyn Wire>)
        })
    }
}
