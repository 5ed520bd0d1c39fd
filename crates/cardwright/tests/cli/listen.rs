//! `cardwright listen`: messages reach a program on this machine with signatures that hold, each once,
//! whatever becomes of the server meanwhile.

use std::sync::mpsc::channel;

use cardwright_client::listen::fresh_secret;
use cardwright_client::trigger::Desk as Hand;
use cardwright_client::webhook::Verifier;
use cardwright_client::{SandboxFile, Secret, Settings};
use serde_json::{Value, json};

use crate::authority::{Authority, Validity};
use crate::desk::Desk;
use crate::integrator::{Book, Received, serve, serve_any, serve_any_encrypted};
use crate::sdk::{operator, wait_for};
use crate::server::Server;

/// A listener that is ready.
fn listening(desk: &Desk, forward: &str, more: &[&str]) -> Server {
    let arguments = ["listen", "--forward", forward, "--data", "sandbox"];
    let mut listener = Server::spawn(desk.command(&[&arguments, more].concat()));
    listener.logs("forwarding ");
    listener
}

/// The next lines, up to one that tells of this event.
fn until(listener: &mut Server, event: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    while !lines
        .last()
        .is_some_and(|line| line.contains(&format!(" {event} ")))
    {
        let line = listener.line();
        lines.push(line.unwrap_or_else(|| panic!("no more than {lines:?}")));
    }
    lines
}

/// The id of the message that a line tells of.
fn id(line: &str) -> &str {
    line.split(' ')
        .find(|word| word.starts_with("evt_"))
        .unwrap()
}

fn hand(file: &Value) -> Hand {
    let sandbox = SandboxFile::parse(&file.to_string()).unwrap();
    Hand::new(&sandbox, sandbox.base_url().unwrap(), Settings::default()).unwrap()
}

fn secret_of(file: &Value) -> Secret {
    Secret::new(file["finci"]["webhook_secret"].as_str().unwrap())
}

fn pull(desk: &Desk, event: &str) {
    let ran = desk.run(&["trigger", event, "--data", "sandbox"]);
    assert_eq!(ran.code, 0, "{event}: {ran:?}");
}

#[test]
fn what_happens_is_forwarded_with_valid_signatures_and_nothing_is_left_with_the_server() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let receiver = serve(secret_of(&file), Book::with_opening("1000.00").unwrap());
    let forward = format!("http://{receiver}/hooks");
    let mut listener = listening(&desk, &forward, &[]);
    let made = wait_for(hand(&file).pull("presentment")).unwrap();
    let lines = until(&mut listener, "presentment");
    // 200 is what the receiver answers to a signature that holds, and 401 to any other.
    for line in &lines {
        assert!(line.contains("-> 200 in "), "{line}");
        assert!(!line.contains("not acknowledged"), "{line}");
        assert!(line.contains(made["token_id"].as_str().unwrap()), "{line}");
    }
    let words: Vec<&str> = lines
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(words, ["card_created", "authorization", "presentment"]);
    // The place among the card's events, although there is no endpoint.
    for (line, place) in lines.iter().zip(["#1 ", "#2 ", "#3 "]) {
        assert!(line.contains(place), "{line}");
    }
    let ended = listener.end("INT");
    assert_eq!(ended.code, 0, "{ended:?}");
    let endpoints = wait_for(operator(&file).get("/admin/v1/webhook-endpoints"));
    assert_eq!(endpoints.unwrap().json().unwrap()["items"], json!([]));
    drop(server);
}

#[test]
fn a_server_that_comes_back_is_heard_again_without_losing_or_doubling_anything() {
    let desk = Desk::new();
    let (mut server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let receiver = serve(secret_of(&file), Book::with_opening("1000.00").unwrap());
    let forward = format!("http://{receiver}/hooks");
    let mut listener = listening(&desk, &forward, &[]);
    let mut lines = Vec::new();
    let address = file["base_url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://");
    let again = [
        "sandbox", "--listen", address, "--data", "sandbox", "--json",
    ];
    for signal in ["TERM", "KILL"] {
        wait_for(hand(&file).pull("presentment")).unwrap();
        lines.extend(until(&mut listener, "presentment"));
        listener.forget_log();
        let ended = server.end(signal);
        // The stream was ended and not waited for.
        assert!(!ended.stderr.contains("did not finish"), "{ended:?}");
        assert!(signal == "KILL" || ended.code == 0, "{ended:?}");
        listener.logs("broke off");
        server = Server::spawn(desk.command(&again));
        server.line().unwrap();
        // Most likely before the listener is back.
        wait_for(hand(&file).pull("return")).unwrap();
        lines.extend(until(&mut listener, "return"));
        listener.logs("forwarding ");
    }
    assert_eq!(listener.end("INT").code, 0);
    let heard: Vec<&str> = lines.iter().map(|line| id(line)).collect();
    let mut listener = listening(&desk, &forward, &["--after", "evt_0"]);
    let mut all = Vec::new();
    while all.len() < heard.len() {
        all.push(listener.line().unwrap());
    }
    let all: Vec<&str> = all.iter().map(|line| id(line)).collect();
    assert_eq!(heard, all, "each once, in order");
    drop(server);
}

#[test]
fn over_tls_in_every_dialect_a_secret_of_ones_own_signs_and_the_tenants_key_for_fincard() {
    let desk = Desk::new();
    let authority = Authority::named("ours");
    desk.file("ca.pem", authority.pem());
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7", "--tls"]);
    assert!(file["base_url"].as_str().unwrap().starts_with("https://"));
    let secret = fresh_secret().unwrap();
    desk.file("secret", format!("{}\n", secret.expose()));
    let standard = Verifier::standard(std::slice::from_ref(&secret)).unwrap();
    let key = file["fincard"]["webhook_public_key_pem"].as_str().unwrap();
    let fincard = Verifier::fincard(&[key]).unwrap().and(standard.clone());
    for (dialect, verifier, event, field) in [
        ("finci", Verifier::finci(&[secret]), "card_created", "event"),
        ("fincard", fincard, "card_transaction.create", "eventType"),
        ("standard", standard, "card_created", "type"),
    ] {
        let (sender, received) = channel();
        let certificate = authority.certificate("localhost", Validity::Good);
        let address = serve_any_encrypted(verifier, sender, certificate);
        let forward = format!("https://localhost:{}/hooks?of=cards", address.port());
        let more = [
            "--dialect",
            dialect,
            "--secret-file",
            "secret",
            "--forward-ca",
            "ca.pem",
        ];
        let mut listener = listening(&desk, &forward, &more);
        pull(&desk, event);
        let lines = until(&mut listener, event);
        assert!(
            lines.iter().all(|line| line.contains("-> 200 in ")),
            "{lines:?}"
        );
        // The receiver hands on what it has verified, and nothing else.
        let taken: Vec<Received> = received.try_iter().collect();
        assert_eq!(taken.len(), lines.len(), "{dialect}");
        let last = taken.last().unwrap();
        assert_eq!(id(lines.last().unwrap()), last.id);
        let category = last.category.as_deref().map(|_| "card_transaction");
        assert_eq!(last.category.as_deref(), category);
        assert_eq!(last.body[field], event.rsplit('.').next().unwrap());
        assert_eq!(listener.end("INT").code, 0);
    }
    drop(server);
}

#[test]
fn what_is_not_taken_is_told_and_what_follows_is_forwarded_all_the_same() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let (sender, received) = channel();
    let other = Verifier::finci(&[fresh_secret().unwrap()]);
    let wrong = format!("http://{}/hooks", serve_any(other, sender));
    let filter = ["--event", "card_created"];
    let mut listener = listening(&desk, &wrong, &filter);
    pull(&desk, "authorization");
    let line = listener.line().unwrap();
    assert!(
        line.contains(" card_created ") && line.contains("-> 401 in "),
        "{line}"
    );
    assert!(line.trim_end().ends_with(", not acknowledged"), "{line}");
    assert_eq!(received.try_iter().count(), 0);
    drop(listener);

    let mut listener = listening(&desk, "http://127.0.0.1:9/hooks", &filter);
    for _ in 0..2 {
        pull(&desk, "card_created");
        let line = listener.line().unwrap();
        assert!(line.contains("-> (no answer: "), "{line}");
    }
    drop(listener);

    // Another server than that of sandbox.json: a secret is made, and said.
    let url = file["base_url"].as_str().unwrap();
    let mut command = desk.command(&["listen", "--forward", &wrong, "--base-url", url]);
    command.env(
        "CARDWRIGHT_ADMIN_KEY",
        file["admin"]["api_key"].as_str().unwrap(),
    );
    let mut listener = Server::spawn(command);
    listener.logs("signed, until this ends, by whsec_");
    drop((listener, server));
}

#[test]
fn what_cannot_be_listened_to_or_forwarded_to_is_refused() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox"]);
    for forward in ["nonsense", "ftp://localhost/", "http://198.51.100.7/hooks"] {
        let arguments = ["listen", "--forward", forward, "--data", "sandbox"];
        desk.run(&arguments).is_usage_error(&["--forward"]);
    }
    let forward = [
        "listen",
        "--forward",
        "http://127.0.0.1:9/",
        "--data",
        "sandbox",
    ];
    let run = |more: &[&str]| desk.run(&[&forward, more].concat());
    run(&["--secret", "short"]).is_usage_error(&["--secret"]);
    run(&["--event", "a b"]).is_usage_error(&["--event"]);
    run(&["--forward-ca", "nothing.pem"]).is_usage_error(&["--forward-ca"]);
    run(&["--event", "card_melted"]).is_refusal(&["field_invalid", "events"]);
    run(&["--after", "yesterday"]).is_refusal(&["field_invalid", "after"]);
    run(&["--admin-key", "cwa_nobody"]).is_refusal(&["unauthorized"]);
    let stranger = "0198f6a0-0000-7000-8000-00000000dead";
    run(&["--tenant", stranger]).is_refusal(&["not_found"]);
    let role = json!({"role": "support"});
    let made = wait_for(operator(&file).post("/admin/v1/admin-keys", &role));
    let made = made.unwrap().json().unwrap();
    run(&["--admin-key", made["key"].as_str().unwrap()]).is_refusal(&["forbidden"]);
    drop(server);
    run(&[]).is_usage_error(&["does the server run?"]);
}
