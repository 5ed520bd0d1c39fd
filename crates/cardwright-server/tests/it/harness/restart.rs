//! Servers that end and begin again on one data file, and connections byte by byte.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cardwright_server::{
    clock::Clock,
    entropy::Entropy,
    ops::environments::{self, Means, NewEnvironment},
    secrets::keys::KeyFile,
    store::{
        db::{Db, DbOptions},
        environment::EnvironmentName,
    },
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{KEY_FILE, LOOPBACK, Reply, TestApp, front, on_network, passwords};

const DATA_FILE: &str = "cardwright.db";

impl TestApp {
    /// A fresh sandbox whose data is in a file, so that it can be started again.
    pub async fn on_file() -> TestApp {
        let directory = tempfile::tempdir().unwrap();
        let options = DbOptions::file(directory.path().join(DATA_FILE));
        let new = NewEnvironment {
            name: EnvironmentName::Sandbox,
            seed: Some(7),
        };
        TestApp::create(new, directory, options).await
    }

    /// Ends the server and starts another one on the same file, at the same time of day.
    pub async fn restarted(self) -> TestApp {
        let now = self.now();
        self.app.store().db().close().await;
        let (clock, manual) = Clock::manual(now);
        // Another stream of randomness, as a new process has.
        let entropy = Entropy::fixed_for_tests(8);
        let keys = KeyFile::load(&self.directory.path().join(KEY_FILE)).unwrap();
        let means = Means {
            clock,
            entropy: entropy.clone(),
            keys: Arc::new(keys),
        };
        let db = Db::open(DbOptions::file(self.directory.path().join(DATA_FILE))).unwrap();
        let environment = environments::find(&db).await.unwrap().unwrap();
        let opened = environments::open(db, means, environment).await.unwrap();
        let passwords = passwords(entropy);
        let app = on_network(opened, passwords.clone(), &self.outside);
        TestApp {
            outside: self.outside,
            front: front(&app),
            app,
            clock: manual,
            demo: self.demo,
            passwords,
            directory: self.directory,
        }
    }

    /// Sends bytes over a connection of their own and reads what comes until it ends.
    pub async fn exchange(&self, bytes: &[u8]) -> Reply {
        let (mut here, there) = tokio::io::duplex(1 << 20);
        let peer = LOOPBACK.parse().unwrap();
        let front = self.front.clone();
        let serving = tokio::spawn(async move {
            front
                .serve_connection(there, peer, std::future::pending())
                .await;
        });
        here.write_all(bytes).await.unwrap();
        here.shutdown().await.unwrap();
        let mut answer = String::new();
        here.read_to_string(&mut answer).await.unwrap();
        serving.await.unwrap();
        reply(&answer)
    }
}

fn reply(answer: &str) -> Reply {
    let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12));
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    Reply {
        status: status.expect("a status").parse().unwrap(),
        headers,
        text: text.to_owned(),
    }
}
