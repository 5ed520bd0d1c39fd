//! How fast an issuer tells of a card by signed requests, beside a bare endpoint and beside other
//! programs that check the same signature.

use std::fmt::Display;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::reads::{Endpoint, Question};
use super::{Cards, Issuer, fault};
use crate::api::bare::signed::{self, Credential};
use crate::clock::Clock;
use crate::config::Fault;
use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER, TOKEN_HEADER,
};

const PREFIX: &str = "/v1/get-card";

/// How often a rival that was just started is tried, and how long apart.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// `GET get-card`, signed anew each time.
struct Signed {
    token: String,
    key: SigningKey,
    clock: Clock,
    cards: Cards,
}

impl Question for Signed {
    fn write(&self, into: &mut Vec<u8>, number: i64) -> std::io::Result<i64> {
        let card = self.cards.of(number);
        let target = format!("{PREFIX}/{card:016}");
        let timestamp = self.clock.now().as_second().to_string();
        let parts = Parts {
            token: &self.token,
            timestamp: &timestamp,
            method: "GET",
            target: &target,
            body: b"",
        };
        let signature = hex::encode(self.key.sign(&CanonicalForm::Default, &parts));
        write!(
            into,
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{TOKEN_HEADER}: {}\r\n\
             {TIMESTAMP_HEADER}: {timestamp}\r\n{SIGNATURE_HEADER}: {signature}\r\n\r\n",
            self.token,
        )?;
        Ok(card)
    }

    fn opening(&self) -> &'static [u8] {
        b"{\"status\":\"success\","
    }

    fn mark(&self, card: i64) -> String {
        format!("\"token_id\":\"{card:016}\"")
    }
}

/// Asks for the cards of an issuer with its demo credential.
pub fn endpoint(issuer: &Issuer) -> Endpoint {
    at(issuer, issuer.address)
}

fn at(issuer: &Issuer, address: SocketAddr) -> Endpoint {
    let finci = &issuer.file.finci;
    Endpoint {
        address,
        question: Arc::new(Signed {
            token: finci.token.clone(),
            key: SigningKey::new(finci.secret.expose()),
            clock: issuer.app.store().resources().clock.clone(),
            cards: issuer.cards,
        }),
    }
}

/// Starts an endpoint that is asked in the same words and answers as long. It is served until the
/// task is aborted.
pub async fn bare(
    issuer: &Issuer,
    answer_bytes: usize,
) -> Result<(Endpoint, JoinHandle<std::io::Result<()>>), Fault> {
    let named = |error: &dyn Display| fault(&format!("the bare endpoint: {error}"));
    let finci = &issuer.file.finci;
    let credential = Credential {
        token: &finci.token,
        secret: finci.secret.expose(),
    };
    let clock = issuer.app.store().resources().clock.clone();
    let started = signed::start(PREFIX, credential, clock, answer_bytes).await;
    let bound = started.map_err(|error| named(&error))?;
    let endpoint = at(issuer, bound.address().map_err(|error| named(&error))?);
    Ok((endpoint, tokio::spawn(bound.serve())))
}

/// Another program that checks the same signature. It ends with this.
pub struct Rival {
    program: Child,
    /// How it is asked.
    pub endpoint: Endpoint,
}

impl Rival {
    /// Starts a program on this thread's core and waits until it answers.
    ///
    /// It is told by its environment on which `PORT` of 127.0.0.1 to listen, which `TOKEN` and
    /// `SECRET` sign requests, how many `ANSWER_BYTES` an answer has, and in which `DIRECTORY` it
    /// may write. It must not go to the background.
    pub async fn start(
        issuer: &Issuer,
        program: &Path,
        answer_bytes: usize,
    ) -> Result<Rival, Fault> {
        let named = |what: &dyn Display| {
            Fault::new(format!("--rival {}", program.display()), what.to_string())
        };
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let address = free.and_then(|listener| listener.local_addr());
        let address = address.map_err(|error| named(&error))?;
        let finci = &issuer.file.finci;
        let started = Command::new(program)
            .env("PORT", address.port().to_string())
            .env("TOKEN", &finci.token)
            .env("SECRET", finci.secret.expose())
            .env("ANSWER_BYTES", answer_bytes.to_string())
            .env("DIRECTORY", issuer.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let mut rival = Rival {
            program: started.map_err(|error| named(&error))?,
            endpoint: at(issuer, address),
        };
        let mut tries = tokio::time::interval(BETWEEN_TRIES);
        for _ in 0..TRIES {
            tries.tick().await;
            if let Ok(Some(status)) = rival.program.try_wait() {
                return Err(named(&format!("it has ended: {status}")));
            }
            if rival.endpoint.answers().await {
                return Ok(rival);
            }
        }
        Err(named(&"it does not answer as it should"))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to end.
        let _ended = self.program.kill();
        let _status = self.program.wait();
    }
}
