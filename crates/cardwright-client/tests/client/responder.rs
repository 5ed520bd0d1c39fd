//! A responder on loopback: one canned answer per connection, every request recorded as it came.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cardwright_client::{Retry, Settings, TimeSource};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the responder does with one connection.
pub(crate) enum Canned {
    /// Answers with a status, further header lines (each ended by `\r\n`) and a body.
    Answer(u16, &'static str, &'static str),
    /// Reads the request and closes without a word.
    HangUp,
    /// Reads the request and stays silent until the client gives up.
    Silence,
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Recorded {
    /// The one value of a header, whatever its case; panics where there is none or more.
    pub(crate) fn header(&self, name: &str) -> &str {
        let values = self.values(name);
        assert_eq!(values.len(), 1, "{name} in {:?}", self.headers);
        values[0]
    }

    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let same = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(same)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

pub(crate) struct Responder {
    pub(crate) url: String,
    recorded: Arc<Mutex<Vec<Recorded>>>,
}

impl Responder {
    /// Gives the answers in order, one per connection, then refuses connections.
    pub(crate) async fn start(answers: Vec<Canned>) -> Responder {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&recorded);
        tokio::spawn(async move {
            for canned in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                record.lock().unwrap().push(request);
                reply(&mut stream, canned).await;
            }
        });
        Responder { url, recorded }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.recorded.lock().unwrap().clone()
    }
}

async fn reply(stream: &mut TcpStream, canned: Canned) {
    match canned {
        Canned::Answer(status, headers, body) => {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} Canned\r\n{headers}Content-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        Canned::HangUp => {}
        Canned::Silence => {
            // Ends when the client closes its side.
            let _ = stream.read(&mut [0]).await;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Recorded {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert_ne!(count, 0, "the client closed in the middle of a request");
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(request) = parsed(&bytes) {
            return request;
        }
    }
}

/// The request, once it is whole.
fn parsed(bytes: &[u8]) -> Option<Recorded> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let recorded = Recorded {
        method,
        target,
        headers,
        body: body.to_owned(),
    };
    let length = recorded
        .values("content-length")
        .first()
        .map_or(0, |text| text.parse().unwrap());
    (body.len() == length).then_some(recorded)
}

/// A clock that a test moves by hand, and that whoever waits moves.
pub(crate) struct HandClock {
    seconds: AtomicI64,
    pauses: Mutex<Vec<Duration>>,
}

impl HandClock {
    pub(crate) fn at(seconds: i64) -> Arc<HandClock> {
        Arc::new(HandClock {
            seconds: AtomicI64::new(seconds),
            pauses: Mutex::default(),
        })
    }

    /// How long was waited, each time that it was.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }

    pub(crate) fn forward(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl TimeSource for HandClock {
    fn unix_seconds(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst)
    }

    fn pass(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.pauses.lock().unwrap().push(pause);
        self.forward(i64::try_from(pause.as_secs()).unwrap());
        Box::pin(std::future::ready(()))
    }
}

/// Settings with the given clock, by which a pause between attempts takes no time.
pub(crate) fn settings(time: &Arc<HandClock>) -> Settings {
    let time: Arc<dyn TimeSource> = time.clone();
    Settings {
        time,
        retry: Retry {
            attempts: 3,
            pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(30),
        },
        ..Settings::default()
    }
}
