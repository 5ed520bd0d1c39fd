//! Connections as lean as they can be, because clients share the machine with what they measure: a
//! request is one write, an answer is read only as far as it must be understood.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fault;
use crate::config::Fault;

/// One connection, which is kept.
pub(super) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Connection, Fault> {
        let connected = TcpStream::connect(address).await;
        let stream = connected.map_err(|error| fault(&error))?;
        stream.set_nodelay(true).map_err(|error| fault(&error))?;
        Ok(Connection {
            stream,
            answer: Vec::new(),
        })
    }

    /// Sends a whole request and gives the status and the body of its answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> std::io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            if let Some(answer) = Answer::find(&self.answer)? {
                return Ok((answer.status, &self.answer[answer.body_from..]));
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(broken("the connection ended within an answer"));
            }
        }
    }
}

/// Where what is in a complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Answer {
    status: u16,
    body_from: usize,
}

impl Answer {
    /// The answer, once it is there as a whole. Nothing may follow it.
    fn find(bytes: &[u8]) -> std::io::Result<Option<Answer>> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(end) = bytes.windows(END.len()).position(|part| part == END) else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken("an answer's head"))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|text| text.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let named = name.eq_ignore_ascii_case("content-length");
            named.then(|| value.trim().parse::<usize>().ok()).flatten()
        });
        let (Some(status), Some(length)) = (status, length) else {
            return Err(broken("an answer without a status or a length"));
        };
        let body_from = end + END.len();
        match bytes.len().checked_sub(body_from + length) {
            None => Ok(None),
            Some(0) => Ok(Some(Answer { status, body_from })),
            Some(_) => Err(broken("something follows an answer")),
        }
    }
}

fn broken(what: &str) -> std::io::Error {
    std::io::Error::other(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_there_when_all_of_it_is() {
        let bytes = b"HTTP/1.1 402 No\r\nA: b\r\ncontent-length: 3\r\n\r\nabc";
        for length in 0..bytes.len() {
            assert_eq!(Answer::find(&bytes[..length]).unwrap(), None, "{length}");
        }
        let found = Answer::find(bytes).unwrap().unwrap();
        assert_eq!(
            (found.status, &bytes[found.body_from..]),
            (402, &b"abc"[..])
        );
        let long = [bytes.as_slice(), b"d"].concat();
        assert!(Answer::find(&long).is_err());
        assert!(Answer::find(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n").is_err());
    }
}
