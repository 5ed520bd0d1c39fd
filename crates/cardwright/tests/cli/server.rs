//! A sandbox of our own as a child: started, watched, told to end, and never left behind.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, Ran};

/// Far more than anything here takes; only a hang is as slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A body that creates a person.
pub(crate) const PERSON: &str = r#"{"external_id":"p-1","first_name":"Ada","last_name":"Berg",
    "birth_date":"1990-05-17","email":"ada@example.com","phone":"+37060000000",
    "address":{"line1":"Gedimino pr. 1","city":"Vilnius","postal_code":"LT-01103","country":"LT"}}"#;

/// A running child; ended with the value.
pub(crate) struct Server {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    log: String,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code, or the negative number of the signal that ended it.
    pub(crate) code: i32,
    /// What it printed besides the first line.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Server {
    /// Starts `cardwright sandbox` on a free port of loopback.
    pub(crate) fn start(desk: &Desk, arguments: &[&str]) -> Server {
        let common = ["sandbox", "--listen", "127.0.0.1:0"];
        Server::spawn(desk.command(&[&common, arguments].concat()))
    }

    /// Starts a sandbox and waits for its one line.
    pub(crate) fn ready(desk: &Desk, arguments: &[&str]) -> (Server, Value) {
        let mut server = Server::start(desk, &[arguments, &["--json"]].concat());
        let line = server.line().unwrap_or_default();
        let file = serde_json::from_str(&line);
        let file = file.unwrap_or_else(|_| panic!("not ready: {:?}", server.ended()));
        (server, file)
    }

    /// Starts a child whose stderr is a pipe that stays open and is never read.
    pub(crate) fn spawn_unread(mut command: Command) -> Server {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        Server {
            child,
            stdout,
            stderr: channel().1,
            log: String::new(),
        }
    }

    pub(crate) fn spawn(mut command: Command) -> Server {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Server {
            child,
            stdout,
            stderr,
            log: String::new(),
        }
    }

    /// The next line of stdout; nothing when the child has closed it.
    pub(crate) fn line(&mut self) -> Option<String> {
        match self.stdout.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing on stdout"),
        }
    }

    /// Waits until the log says this.
    pub(crate) fn logs(&mut self, words: &str) {
        while !self.log.contains(words) {
            let line = self.stderr.recv_timeout(PATIENCE);
            self.log += &line.unwrap_or_else(|_| panic!("`{words}` is not in {}", self.log));
        }
    }

    /// Makes [`Server::logs`] wait for lines that are still to come.
    pub(crate) fn forget_log(&mut self) {
        self.log.clear();
    }

    /// The child's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the child still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal to this child and no other.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end(&mut self, signal: &str) -> Ended {
        self.signal(signal);
        self.ended()
    }

    /// Waits for the end.
    pub(crate) fn ended(&mut self) -> Ended {
        let mut stdout = String::new();
        while let Some(line) = self.line() {
            stdout += &line;
        }
        while let Ok(line) = self.stderr.recv_timeout(PATIENCE) {
            self.log += &line;
        }
        let status = self.child.wait().unwrap();
        Ended {
            code: status
                .code()
                .unwrap_or_else(|| -status.signal().unwrap_or_default()),
            stdout,
            stderr: std::mem::take(&mut self.log),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails where it has ended already, which is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, each with its end, as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = String::new();
        while pipe.read_line(&mut line).is_ok_and(|count| count > 0) {
            if sender.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Calls the FINCI API by the binary itself and returns the answer's `response`.
pub(crate) fn finci(desk: &Desk, data: &str, call: &[&str]) -> Value {
    let ran = finci_call(desk, data, call);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// Calls the FINCI API by the binary itself.
pub(crate) fn finci_call(desk: &Desk, data: &str, call: &[&str]) -> Ran {
    desk.run(&[&["call", "finci"], call, &["--data", data]].concat())
}
