//! `cardwright listen`: deliveries reach a program on this machine with signatures that hold, and what
//! happens while nobody listens comes afterwards.

use cardwright_client::trigger::Desk as Hand;
use cardwright_client::{SandboxFile, Secret, Settings};
use serde_json::json;

use crate::desk::Desk;
use crate::integrator::{Book, serve};
use crate::sdk::{operator, wait_for};
use crate::server::Server;

/// A listener that is ready.
fn listening(desk: &Desk, forward: &str) -> Server {
    let arguments = ["listen", "--forward", forward, "--data", "sandbox"];
    let mut listener = Server::spawn(desk.command(&arguments));
    listener.logs("forwarding endpoint");
    listener
}

/// The lines that tell of these events, in whatever order they come.
fn told(listener: &mut Server, events: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let tells = |line: &str, event: &str| line.contains(&format!(" {event} "));
    while !events
        .iter()
        .all(|event| lines.iter().any(|line| tells(line, event)))
    {
        let line = listener.line();
        lines.push(line.unwrap_or_else(|| panic!("no more than {lines:?}")));
    }
    lines.retain(|line| events.iter().any(|event| tells(line, event)));
    lines
}

#[test]
fn what_happens_is_forwarded_with_valid_signatures_also_what_nobody_listened_to() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
    let secret = Secret::new(file["finci"]["webhook_secret"].as_str().unwrap());
    let receiver = serve(secret, Book::with_opening("1000.00").unwrap());
    let forward = format!("http://{receiver}/hooks");
    let sandbox = SandboxFile::parse(&file.to_string()).unwrap();
    let url = sandbox.base_url().unwrap();
    let hand = Hand::new(&sandbox, url, Settings::default()).unwrap();

    let mut listener = listening(&desk, &forward);
    let made = wait_for(hand.pull("presentment")).unwrap();
    // 200 is what the receiver answers to a signature that holds, and 401 to any other.
    let expected = ["card_created", "authorization", "presentment"];
    for line in told(&mut listener, &expected) {
        assert!(line.contains("-> 200 in "), "{line}");
        assert!(line.contains(made["token_id"].as_str().unwrap()), "{line}");
    }
    drop(listener);

    wait_for(hand.pull("return")).unwrap();
    let mut listener = listening(&desk, &forward);
    let by = json!({"by": "PT10M"});
    let moved = wait_for(operator(&file).post("/sandbox/v1/clock/advance", &by));
    moved.unwrap();
    let lines = told(&mut listener, &["return"]);
    assert!(lines[0].contains("-> 200 in "), "{lines:?}");
    let ended = listener.end("INT");
    assert_eq!(ended.code, 0, "{ended:?}");
    let endpoints = wait_for(operator(&file).get("/admin/v1/webhook-endpoints"));
    let endpoints = endpoints.unwrap().json().unwrap();
    assert_eq!(
        endpoints["items"].as_array().unwrap().len(),
        1,
        "one, found again"
    );
    drop(server);
}

#[test]
fn what_cannot_be_forwarded_to_is_refused() {
    let desk = Desk::new();
    let (server, _) = Server::ready(&desk, &["--data", "sandbox"]);
    for forward in ["nonsense", "ftp://localhost/", "http://198.51.100.7/hooks"] {
        let arguments = ["listen", "--forward", forward, "--data", "sandbox"];
        desk.run(&arguments).is_usage_error(&["--forward"]);
    }
    drop(server);
}
