//! Clients as lean as they can be, because they share the machine with what they measure: a request
//! is one write, an answer is read only as far as it must be understood.

use std::io::Write;
use std::sync::Arc;

use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER, TOKEN_HEADER,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Cards, Issuer, fault, is_approved, write_message};
use crate::app::App;
use crate::config::Fault;
use crate::store::db::bench;

const TARGET: &str = "/network/v1/authorization";

/// What all clients sign with.
pub(super) struct Signer {
    app: App,
    token: String,
    key: SigningKey,
}

impl Signer {
    pub(super) fn new(issuer: &Issuer) -> Arc<Signer> {
        let network = &issuer.file.network;
        Arc::new(Signer {
            app: issuer.app.clone(),
            token: network.token.clone(),
            key: SigningKey::new(network.secret.expose()),
        })
    }

    /// Writes the whole request for a body, signed now.
    fn write_request(&self, into: &mut Vec<u8>, body: &[u8]) -> std::io::Result<()> {
        let timestamp = self.app.now().as_second().to_string();
        let parts = Parts {
            token: &self.token,
            timestamp: &timestamp,
            method: "POST",
            target: TARGET,
            body,
        };
        let signature = hex::encode(self.key.sign(&CanonicalForm::Default, &parts));
        write!(
            into,
            "POST {TARGET} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             {TOKEN_HEADER}: {}\r\n{TIMESTAMP_HEADER}: {timestamp}\r\n\
             {SIGNATURE_HEADER}: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        )?;
        into.extend_from_slice(body);
        Ok(())
    }
}

/// One connection.
pub(super) struct Client {
    signer: Arc<Signer>,
    stream: TcpStream,
    cards: Cards,
    from: i64,
    message: Vec<u8>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(
        issuer: &Issuer,
        signer: &Arc<Signer>,
        from: i64,
    ) -> Result<Client, Fault> {
        let connected = TcpStream::connect(issuer.address).await;
        let stream = connected.map_err(|error| fault(&error))?;
        stream.set_nodelay(true).map_err(|error| fault(&error))?;
        Ok(Client {
            signer: Arc::clone(signer),
            stream,
            cards: issuer.cards,
            from,
            message: Vec::new(),
            request: Vec::new(),
            answer: Vec::new(),
        })
    }

    async fn exchange(&mut self) -> std::io::Result<Answer> {
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            if let Some(answer) = Answer::find(&self.answer)? {
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(broken("the connection ended within an answer"));
            }
        }
    }
}

impl bench::Client for Client {
    type Error = String;

    async fn ask(&mut self, number: i64) -> Result<(), String> {
        let words = |error: std::io::Error| error.to_string();
        self.message.clear();
        write_message(&mut self.message, self.cards, self.from + number).map_err(words)?;
        self.request.clear();
        self.signer
            .write_request(&mut self.request, &self.message)
            .map_err(words)?;
        let answer = self.exchange().await.map_err(words)?;
        let body = &self.answer[answer.body_from..];
        if answer.status == 200 && is_approved(body) {
            return Ok(());
        }
        let body = String::from_utf8_lossy(body);
        Err(format!("not approved: {} {body}", answer.status))
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
