//! The page for operators, run as it is printed.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::{certificate, is_there};
use crate::desk::{Desk, Ran};
use crate::server::Server;

/// The blocks of the page for operators: their language and their text.
fn page() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/serving.md");
    let page = fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut parts = page.split("\n```");
    parts.next();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        blocks.push((language.to_owned(), text.to_owned()));
    }
    blocks
}

#[test]
fn what_the_page_for_operators_shows_runs_as_it_is_printed() {
    if !is_there("openssl") || !is_there("python3") || !is_there("bash") {
        return;
    }
    let desk = Desk::new();
    certificate(&desk, "server");
    let free = || {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        taken.local_addr().unwrap().to_string()
    };
    let (address, figures) = (free(), free());
    let printed = |text: &str| {
        text.replace("127.0.0.1:8443", &address)
            .replace("127.0.0.1:9464", &figures)
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_cardwright"))
        .parent()
        .unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the page's commands are found as an operator's shell finds them"
    )]
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut server: Option<Server> = None;
    let mut ran = 0;
    for (language, text) in page() {
        let text = printed(&text);
        if language == "toml" {
            desk.file("cardwright.toml", &text);
            continue;
        }
        assert_eq!(language, "sh");
        ran += 1;
        if text.starts_with("cardwright serve ") {
            let words: Vec<&str> = text.split_whitespace().skip(1).collect();
            let mut started = Server::spawn(desk.command(&words));
            let line = started.line().unwrap_or_default();
            assert!(line.contains(&address), "{line}: {:?}", started.ended());
            server = Some(started);
            continue;
        }
        if text.starts_with("cardwright migrate ") {
            let ended = server.take().unwrap().end("TERM");
            assert_eq!(ended.code, 0, "{ended:?}");
        }
        let id = server.as_ref().map(Server::id).unwrap_or_default();
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &text])
            .current_dir(desk.path("."))
            .env("PATH", &path)
            .env("SERVER", id.to_string())
            .env_remove("CARDWRIGHT_DATA")
            .env_remove("CARDWRIGHT_ADMIN_KEY")
            .output();
        let said = Ran::from(output.unwrap());
        assert_eq!(said.code, 0, "{text}: {said:?}");
        if text.starts_with("kill ") {
            server
                .as_mut()
                .unwrap()
                .logs("the certificate was read again");
        }
    }
    assert_eq!(ran, 7, "blocks of the page");
    assert!(server.is_none());
}
