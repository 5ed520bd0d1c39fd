//! How a sandbox ends: asked politely, asked twice, killed, or by a failing disk.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::desk::Desk;
use crate::server::{PATIENCE, PERSON, Server, finci, finci_call};

/// A connection to a base URL.
fn connect(base_url: &str) -> TcpStream {
    TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap()
}

/// Sends these bytes and reads until the server closes.
pub(crate) fn exchange(base_url: &str, request: &str) -> String {
    let mut stream = connect(base_url);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A signed request that creates a person, cut in the middle of its body.
fn begun_request(desk: &Desk, file: &Value) -> (TcpStream, &'static str) {
    let signed = desk.run(&[
        "sign",
        "POST",
        "/v1/create-person",
        PERSON,
        "--headers",
        "--data",
        "d",
    ]);
    let head = format!(
        "POST /v1/create-person HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n{}\r\n",
        PERSON.len(),
        signed.text().replace('\n', "\r\n")
    );
    let (half, rest) = PERSON.split_at(40);
    let mut stream = connect(file["base_url"].as_str().unwrap());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(half.as_bytes()).unwrap();
    (stream, rest)
}

#[test]
fn requests_in_flight_are_answered_before_the_end() {
    let desk = Desk::new();
    for signal in ["TERM", "INT"] {
        let (mut server, file) = Server::ready(&desk, &["--data", "d"]);
        let idle = connect(file["base_url"].as_str().unwrap());
        let (mut stream, rest) = begun_request(&desk, &file);
        // Answered after the cut request arrived, so that one is in flight.
        finci(
            &desk,
            "d",
            &[
                "POST",
                "/v1/get-cards",
                r#"{"person_id":"10011000000000000001"}"#,
            ],
        );
        server.signal(signal);
        server.logs("told to end");
        assert!(server.runs());
        stream.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        drop(idle);
        let ended = server.ended();
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}

#[test]
fn told_twice_it_waits_for_nobody() {
    let desk = Desk::new();
    let mut command = desk.command(&["sandbox", "--listen", "127.0.0.1:0", "--json"]);
    command.arg("--ephemeral").env(
        "TMPDIR",
        desk.file("tmp/other", "").trim_end_matches("/other"),
    );
    let mut server = Server::spawn(command);
    let file: Value = serde_json::from_str(&server.line().unwrap()).unwrap();
    let mut stream = connect(file["base_url"].as_str().unwrap());
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHost")
        .unwrap();
    exchange(
        file["base_url"].as_str().unwrap(),
        "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    server.signal("TERM");
    server.logs("told to end");
    let ended = server.end("TERM");
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("told to end twice"), "{ended:?}");
    assert_eq!(desk.names("tmp"), ["other"]);
}

#[test]
fn what_was_answered_survives_a_kill() {
    let desk = Desk::new();
    let (mut server, first) = Server::ready(&desk, &["--data", "d"]);
    let person = finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
    assert_eq!(server.end("KILL").code, -9);

    let (_server, second) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(first["finci"], second["finci"]);
    assert_eq!(first["admin"], second["admin"]);
    let body = format!(
        r#"{{"person_id":{},"currency":"EUR"}}"#,
        person["person_id"]
    );
    finci(&desk, "d", &["POST", "/v1/create-account", &body]);
}

#[test]
fn a_kill_during_the_first_start_leaves_nothing_half_made() {
    let desk = Desk::new();
    for (number, mark) in ["lock", "keys/master.key", "cardwright.db"]
        .iter()
        .enumerate()
    {
        let data = format!("d{number}");
        let mut server = Server::start(&desk, &["--data", &data, "--json"]);
        let mark = desk.path(&format!("{data}/{mark}"));
        while !mark.exists() && server.runs() {
            std::thread::yield_now();
        }
        server.end("KILL");
        let (mut server, _) = Server::ready(&desk, &["--data", &data]);
        finci(&desk, &data, &["POST", "/v1/create-person", PERSON]);
        assert_eq!(server.end("TERM").code, 0);
    }
}

#[test]
fn after_a_failure_of_the_disk_nothing_is_acknowledged_and_it_ends() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(server.end("TERM").code, 0);
    // Writes beyond a size fail as a broken disk's do; the limit is per file, pipes have none.
    let program = desk.command(&[]).get_program().to_owned();
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 800; exec \"$0\" \"$@\""])
        .arg(program)
        .args([
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--json",
            "--data",
            "d",
        ])
        .current_dir(desk.path(""));
    let mut server = Server::spawn(command);
    server.line().unwrap();
    let mut acknowledged = Vec::new();
    for number in 0..500 {
        let body = PERSON.replace("p-1", &format!("p-{number}"));
        let ran = finci_call(&desk, "d", &["POST", "/v1/create-person", &body]);
        if ran.code != 0 {
            break;
        }
        acknowledged.push(serde_json::from_slice::<Value>(&ran.stdout).unwrap());
    }
    let ended = server.ended();
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("the disk failed"), "{}", ended.stderr);
    assert!(!acknowledged.is_empty() && acknowledged.len() < 500);

    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
    let last = &acknowledged[acknowledged.len() - 1]["person_id"];
    let body = format!(r#"{{"person_id":{last},"currency":"EUR"}}"#);
    finci(&desk, "d", &["POST", "/v1/create-account", &body]);
}

#[test]
fn a_log_that_nobody_reads_holds_up_neither_answers_nor_the_end() {
    let desk = Desk::new();
    let common = ["sandbox", "--listen", "127.0.0.1:0", "--json", "--data"];
    let mut server = Server::spawn_unread(desk.command(&[&common[..], &["d"]].concat()));
    let file: Value = serde_json::from_str(&server.line().unwrap()).unwrap();
    let mut stream = connect(file["base_url"].as_str().unwrap());
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // Several times what a pipe holds, and more than waits in memory.
    for number in 0..9_000 {
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let answer = one_answer(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 200"), "{number}: {answer}");
    }
    drop(stream);
    server.signal("TERM");
    assert_eq!(server.ended().code, 0);
}

/// Reads one answer of a connection that stays open: its head, and as much as that announces.
fn one_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "closed");
        answer.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.unwrap_or("0").parse().unwrap() {
            return String::from_utf8(answer).unwrap();
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_closes_ends_it_cleanly_however_often_it_says_so() {
    let desk = Desk::new();
    // These tests may themselves run under `nohup`, which the sandbox would respect.
    let mut command = std::process::Command::new("env");
    command
        .arg("--default-signal=HUP")
        .arg(desk.command(&[]).get_program())
        .args(["sandbox", "--listen", "127.0.0.1:0", "--json"])
        .current_dir(desk.path("."));
    command.arg("--ephemeral").env(
        "TMPDIR",
        desk.file("tmp/other", "").trim_end_matches("/other"),
    );
    let mut server = Server::spawn(command);
    let file: Value = serde_json::from_str(&server.line().unwrap()).unwrap();
    let base_url = file["base_url"].as_str().unwrap();
    // In flight, so that it has to wait while the second one comes.
    let mut stream = connect(base_url);
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
        .unwrap();
    exchange(
        base_url,
        "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    for _ in 0..2 {
        server.signal("HUP");
        server.logs("SIGHUP");
        server.forget_log();
    }
    stream.write_all(b"\r\n").unwrap();
    let ended = server.ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(desk.names("tmp"), ["other"]);
}

#[cfg(target_os = "linux")]
#[test]
fn who_starts_it_with_nohup_keeps_it_when_the_terminal_closes() {
    let desk = Desk::new();
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(desk.command(&[]).get_program())
        .args([
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--json",
            "--ephemeral",
        ]);
    let mut server = Server::spawn(command);
    server.line().unwrap();
    server.signal("HUP");
    let ended = server.end("TERM");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(!ended.stderr.contains("SIGHUP"), "{ended:?}");
}
