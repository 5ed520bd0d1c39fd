//! Accepting, counting and stopping.

use super::super::listen::{Addresses, Listen, run, serve};
use super::super::{Front, Limits, RequestIds};
use super::{front, front_with};
use crate::capacity::Share;
use crate::network::{AddressList, Breadth};
use axum::Router;
use axum::routing::get;
use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

/// What a proxy passes on.
const FORWARDED: &[u8] = b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";

async fn greets(stream: &mut TcpStream) -> bool {
    answers(stream, HELLO).await
}

async fn answers(stream: &mut TcpStream, request: &[u8]) -> bool {
    if stream.write_all(request).await.is_err() {
        return false;
    }
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.is_ok() && &start == b"HTTP/1.1 200"
}

/// A listener that plays what it was given and then waits for ever.
struct Script(VecDeque<io::Result<(DuplexStream, SocketAddr)>>);

impl Listen for Script {
    type Io = DuplexStream;

    async fn accept(&mut self) -> io::Result<(DuplexStream, SocketAddr)> {
        match self.0.pop_front() {
            Some(outcome) => outcome,
            None => std::future::pending().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn accept_errors_pause_the_listener_and_never_end_it() {
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    // 24 is EMFILE: no file descriptor left.
    let mut script = VecDeque::new();
    script.push_back(Err(io::Error::from_raw_os_error(24)));
    script.push_back(Err(io::ErrorKind::ConnectionAborted.into()));
    script.push_back(Err(io::Error::from_raw_os_error(24)));
    script.push_back(Ok((server, super::peer())));
    let start = Instant::now();
    tokio::spawn(run(Script(script), front(), std::future::pending()));

    client.write_all(HELLO).await.unwrap();
    let mut status = [0; 12];
    client.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    assert_eq!(
        start.elapsed().as_millis() / 100,
        2,
        "one pause for each lack of descriptors"
    );
}

#[tokio::test]
async fn an_address_above_its_share_is_turned_away_until_one_of_its_connections_ends() {
    let limits = Limits {
        connections_per_address: 3,
        ..Limits::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, front_with(limits), std::future::pending()));

    let mut admitted = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(greets(&mut stream).await);
        admitted.push(stream);
    }
    for _ in 0..20 {
        let mut excess = TcpStream::connect(address).await.unwrap();
        assert!(!greets(&mut excess).await);
    }
    for stream in &mut admitted {
        let mut rest = vec![0; 4096];
        assert!(
            stream.read(&mut rest).await.unwrap() > 0,
            "the rest of the first answer"
        );
        assert!(greets(stream).await, "those inside notice nothing");
    }
    drop(admitted.pop());
    let mut tries = 0;
    loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        if greets(&mut stream).await {
            break;
        }
        tries += 1;
        assert!(tries < 10_000, "the freed place was never given away");
    }
}

#[tokio::test]
async fn what_is_more_than_all_that_may_be_open_is_closed_until_a_place_is_free() {
    let limits = Limits {
        connections: 3,
        ..Limits::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, front_with(limits), std::future::pending()));
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(answers(&mut stream, FORWARDED).await);
        open.push(stream);
    }
    for _ in 0..20 {
        let mut excess = TcpStream::connect(address).await.unwrap();
        assert!(!answers(&mut excess, FORWARDED).await);
    }
    open.pop();
    let mut tries = 0;
    while !answers(&mut TcpStream::connect(address).await.unwrap(), FORWARDED).await {
        tries += 1;
        assert!(tries < 10_000, "the freed place was never given away");
    }
}

#[test]
fn limits_stay_within_what_may_be_open() {
    let callers = Share {
        in_all: 400,
        of_one: 300,
    };
    let within = Limits::default().within(callers);
    assert_eq!(
        (within.connections, within.connections_per_address),
        (400, 300)
    );
    let few = Limits {
        connections_per_address: 5,
        ..Limits::default()
    };
    assert_eq!(few.within(callers).connections_per_address, 5);
}

#[tokio::test]
async fn a_trusted_proxy_speaks_for_many_and_has_no_share_of_one() {
    let limits = Limits {
        connections_per_address: 1,
        ..Limits::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxies = AddressList::parse(["127.0.0.1"], Breadth::Bounded).unwrap();
    let front = front_with(limits).behind(proxies);
    tokio::spawn(serve(listener, front, std::future::pending()));
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(FORWARDED).await.unwrap();
        let mut start = [0; 12];
        let read = stream.read_exact(&mut start).await;
        assert!(read.is_ok(), "connection {} is turned away", open.len() + 1);
        assert_eq!(&start, b"HTTP/1.1 200");
        open.push(stream);
    }
}

#[test]
fn an_ipv6_network_counts_as_one_address_and_a_mapped_address_as_ipv4() {
    let addresses = Arc::new(Addresses::new(1));
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let first = addresses.admit(ip("2001:db8:1:1::1"));
    assert!(first.is_some());
    assert!(addresses.admit(ip("2001:db8:1:1:ffff::2")).is_none());
    let neighbour = addresses.admit(ip("2001:db8:1:2::1"));
    assert!(neighbour.is_some());
    drop(first);
    assert!(addresses.admit(ip("2001:db8:1:1::3")).is_some());

    let mapped = addresses.admit(ip("::ffff:192.0.2.1"));
    assert!(mapped.is_some());
    assert!(addresses.admit(ip("192.0.2.1")).is_none());
    assert!(Arc::new(Addresses::new(0)).admit(ip("192.0.2.1")).is_none());
}

/// A front whose `/wait` answers when told.
struct Waiting {
    front: Front,
    entered: Arc<Notify>,
    release: Arc<Notify>,
}

fn waiting() -> Waiting {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (entered, release) = (Arc::clone(&entered), Arc::clone(&release));
        get(async move || {
            entered.notify_one();
            release.notified().await;
            "done"
        })
    };
    let ids = RequestIds::new(|| Uuid::from_u128(1));
    let front = Front::new(
        Router::new().route("/wait", handler),
        Limits::default(),
        ids,
    );
    Waiting {
        front,
        entered,
        release,
    }
}

#[tokio::test]
async fn stopping_finishes_the_request_in_flight_and_closes_the_rest() {
    let Waiting {
        front,
        entered,
        release,
    } = waiting();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, front, async move {
        let _ = stopped.await;
    }));
    let mut resting = TcpStream::connect(address).await.unwrap();
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;

    stop.send(()).unwrap();
    assert_eq!(
        resting.read(&mut [0; 1]).await.unwrap(),
        0,
        "nobody waits for a resting one"
    );
    drop(resting);
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody new gets in"
    );
    release.notify_one();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\ndone"), "{answer}");
    drop(busy);
    server.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_ten_seconds_for_a_request_and_no_longer() {
    let Waiting {
        front,
        entered,
        release: _never,
    } = waiting();
    let (mut client, server) = tokio::io::duplex(64 * 1024);
    let script = Script(VecDeque::from([Ok((server, super::peer()))]));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(run(script, front, async move {
        let _ = stopped.await;
    }));
    client
        .write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    entered.notified().await;
    let start = Instant::now();
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty());
}

#[tokio::test]
async fn a_client_that_closes_its_writing_side_still_gets_its_answer() {
    let Waiting {
        front,
        entered,
        release,
    } = waiting();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, front, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    entered.notified().await;
    release.notify_one();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("\r\n\r\ndone"), "{answer}");
}
