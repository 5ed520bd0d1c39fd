//! Somebody who takes webhooks and writes down which: a server of a few lines, so that nothing of
//! what is tried stands on both sides.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How often each message arrived, by its `webhook-id`.
type Arrived = Arc<Mutex<BTreeMap<String, u64>>>;

/// A receiver on a free port of loopback, until the test ends.
pub(crate) struct Receiver {
    port: u16,
    arrived: Arrived,
}

impl Receiver {
    pub(crate) fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived = Arrived::default();
        let written = arrived.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let written = written.clone();
                // A sender that is killed in the middle is what this is about.
                thread::spawn(move || drop(serve(stream, &written)));
            }
        });
        Receiver { port, arrived }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hooks", self.port)
    }

    pub(crate) fn arrived(&self) -> BTreeMap<String, u64> {
        self.arrived.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, arrived: &Arrived) -> std::io::Result<()> {
    let mut answers = stream.try_clone()?;
    let mut requests = BufReader::new(stream);
    loop {
        let (mut id, mut length, mut line) = (String::new(), 0, String::new());
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        loop {
            line.clear();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "webhook-id" => value.clone_into(&mut id),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body)?;
        *arrived.lock().unwrap().entry(id).or_default() += 1;
        answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}
