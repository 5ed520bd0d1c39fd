//! A place to run the binary in, and a loopback server for it to call.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use tempfile::TempDir;

pub(crate) const TOKEN: &str = "demo-token-0123456789";
pub(crate) const SECRET: &str = "an issued secret, taken as text";

/// A directory of its own to run in, without any setting of the outer environment.
pub(crate) struct Desk {
    directory: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk {
            directory: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A path inside the directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What stands in a directory inside, sorted.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(name)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cardwright"));
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null());
        for name in [
            "CARDWRIGHT_FINCI_TOKEN",
            "CARDWRIGHT_FINCI_SECRET",
            "CARDWRIGHT_FINCARD_PASSWORD",
            "CARDWRIGHT_ADMIN_KEY",
            "CARDWRIGHT_LISTEN",
            "CARDWRIGHT_DATA",
            "CARDWRIGHT_SIGNATURE_WINDOW_S",
            "CARDWRIGHT_LOG_FORMAT",
            "CARDWRIGHT_LOG_LEVEL",
            "CARDWRIGHT_CONFIG",
            "CARDWRIGHT_TLS_CERT",
            "CARDWRIGHT_TLS_KEY",
            "CARDWRIGHT_TRUSTED_PROXIES",
            "CARDWRIGHT_METRICS_LISTEN",
            "CARDWRIGHT_RATE_LIMIT_PER_SECOND",
            "CARDWRIGHT_CONNECTIONS_PER_ADDRESS",
            "CARDWRIGHT_REVEALS_PER_MINUTE",
            "CARDWRIGHT_FILES_PER_TENANT",
            "CARDWRIGHT_WEBHOOK_SECRET",
            "CARDWRIGHT_ALLOW_WEBHOOK_TARGET",
            "CARDWRIGHT_DELIVERY_RETENTION_DAYS",
            "CARDWRIGHT_WEBHOOK_CA",
            "CARDWRIGHT_MIGRATE",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Signs with the credentials of the vectors in the environment.
    pub(crate) fn sign(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(&[&["sign"], arguments].concat());
        command
            .env("CARDWRIGHT_FINCI_TOKEN", TOKEN)
            .env("CARDWRIGHT_FINCI_SECRET", SECRET);
        Ran::from(command.output().unwrap())
    }
}

#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// Exit code 1, nothing on stdout, and one line on stderr with these words.
    pub(crate) fn is_refusal(&self, words: &[&str]) {
        assert_eq!((self.code, self.text()), (1, ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is not in: {}",
                self.stderr
            );
        }
    }

    /// Exit code 2, nothing on stdout, and these words on stderr.
    pub(crate) fn is_usage_error(&self, words: &[&str]) {
        assert_eq!((self.code, self.text()), (2, ""), "{self:?}");
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is not in: {}",
                self.stderr
            );
        }
    }
}

/// Answers one connection after the other on loopback and passes on what it received.
pub(crate) fn server(answers: Vec<&'static str>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            sender.send(request(&mut stream)).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, receiver)
}

fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 1024];
        let count = stream.read(&mut chunk).unwrap();
        assert_ne!(count, 0, "the command closed in the middle of a request");
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.map_or(0, |length| length.parse().unwrap()) {
            return text;
        }
    }
}
