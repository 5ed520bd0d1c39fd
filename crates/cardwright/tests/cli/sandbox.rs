//! `cardwright sandbox`: what it prints, what it keeps, and what comes back after a restart.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use cardwright_client::{SystemClock, TimeSource};
use serde_json::Value;

use crate::desk::Desk;
use crate::ending::exchange;
use crate::server::{PERSON, Server, finci, finci_call};

/// Every entry of the file that must never repeat, seed or not.
const SECRETS: [&str; 9] = [
    "/admin/api_key",
    "/finci/token",
    "/finci/secret",
    "/finci/webhook_secret",
    "/network/token",
    "/network/secret",
    "/fincard/password",
    "/fincard/webhook_public_key_pem",
    "/base_url",
];
/// Every entry that a seed repeats.
const IDS: [&str; 4] = [
    "/fincard/tenant_id",
    "/fincard/organization_id",
    "/fincard/user_id",
    "/fincard/wallet_account_id",
];

fn at<'a>(file: &'a Value, entry: &str) -> &'a str {
    let text = file.pointer(entry).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {entry}"))
}

fn mode(desk: &Desk, name: &str) -> u32 {
    let metadata = fs::metadata(desk.path(name)).unwrap();
    metadata.permissions().mode() & 0o777
}

#[test]
fn an_ephemeral_sandbox_prints_one_line_serves_and_leaves_nothing() {
    let desk = Desk::new();
    desk.file("mine/notes.txt", "foreign");
    desk.file("tmp/other", "foreign");
    let mut command = desk.command(&["sandbox", "--ephemeral", "--json", "--listen", "[::1]:0"]);
    command
        .args(["--data", "mine"])
        .env("TMPDIR", desk.path("tmp"));
    let mut server = Server::spawn(command);
    let file: Value = serde_json::from_str(&server.line().unwrap()).unwrap();

    assert!(at(&file, "/base_url").starts_with("http://[::1]:"));
    let directory = desk.names("tmp").remove(0);
    assert!(directory.starts_with("cardwright-"), "{directory}");
    let data = format!("tmp/{directory}");
    assert_eq!(mode(&desk, &data), 0o700);
    let kept = fs::read_to_string(desk.path(&format!("{data}/sandbox.json"))).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), file);
    let answer = finci(&desk, &data, &["POST", "/v1/create-person", PERSON]);
    assert_eq!(answer["person_id"], "10011000000000000004");

    let ended = server.end("TERM");
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
    assert_eq!(desk.names("tmp"), ["other"]);
    assert_eq!(desk.names("mine"), ["notes.txt"]);
    assert_eq!(desk.names(""), ["mine", "tmp"]);
    for secret in SECRETS.iter().filter(|entry| !entry.ends_with("_url")) {
        let secret = at(&file, secret);
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
    assert!(ended.stderr.contains("route=\"/v1/create-person\""));
}

#[test]
fn a_seed_repeats_ids_and_never_a_secret() {
    let desk = Desk::new();
    let run = |data: &str, seed: &str| {
        let (mut server, file) = Server::ready(&desk, &["--data", data, "--seed", seed]);
        let person = finci(&desk, data, &["POST", "/v1/create-person", PERSON]);
        let body = format!(
            r#"{{"person_id":{},"currency":"EUR"}}"#,
            person["person_id"]
        );
        let account = finci(&desk, data, &["POST", "/v1/create-account", &body]);
        assert_eq!(server.end("TERM").code, 0);
        (file, account["account_id"].clone())
    };
    let (one, account) = run("one", "7");
    let (two, same) = run("two", "7");
    let (other, _) = run("other", "8");

    assert!(account.is_string(), "{account}");
    assert_eq!(account, same);
    for id in IDS {
        assert_eq!(at(&one, id), at(&two, id), "{id}");
        assert_ne!(at(&one, id), at(&other, id), "{id}");
    }
    for secret in SECRETS.iter().filter(|entry| !entry.ends_with("_url")) {
        assert_ne!(at(&one, secret), at(&two, secret), "{secret}");
    }
    assert_eq!(one["fincard"]["card_type_ids"]["virtual_b2c"], 111_065);
}

#[test]
fn a_restart_keeps_credentials_and_what_was_stored() {
    let desk = Desk::new();
    let (mut server, first) = Server::ready(&desk, &["--data", "d", "--seed", "3"]);
    let person = finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
    assert_eq!(server.end("INT").code, 0);
    assert_eq!(
        desk.names("d"),
        ["cardwright.db", "keys", "lock", "sandbox.json"]
    );

    // The seed of the database is kept; another listener is what changes.
    let (_server, mut second) = Server::ready(&desk, &["--data", "d"]);
    let kept = fs::read_to_string(desk.path("d/sandbox.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap(), second);
    second["base_url"] = first["base_url"].clone();
    assert_eq!(first, second);
    let body = format!(
        r#"{{"person_id":{},"currency":"EUR"}}"#,
        person["person_id"]
    );
    finci(&desk, "d", &["POST", "/v1/create-account", &body]);
}

#[test]
fn a_lost_or_foreign_sandbox_file_ends_the_old_key_and_password() {
    let desk = Desk::new();
    let (mut server, first) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(server.end("TERM").code, 0);
    let (mut server, other) = Server::ready(&desk, &["--data", "other"]);
    assert_eq!(server.end("TERM").code, 0);

    let mut before = first;
    let path = desk.path("d/sandbox.json");
    for content in [None, Some("{}".to_owned()), Some(other.to_string())] {
        match content {
            None => fs::remove_file(&path).unwrap(),
            Some(content) => fs::write(&path, content).unwrap(),
        }
        let (mut server, after) = Server::ready(&desk, &["--data", "d"]);
        for issued in ["/admin/api_key", "/fincard/password"] {
            assert_ne!(at(&before, issued), at(&after, issued), "{issued}");
        }
        let all = SECRETS.iter().chain(&IDS);
        for kept in all.filter(|entry| !entry.ends_with("_key") && !entry.ends_with("password")) {
            let moved = *kept == "/base_url";
            assert!(moved || at(&before, kept) == at(&after, kept), "{kept}");
        }
        finci(&desk, "d", &["POST", "/v1/get-cards", DEMO_PERSON]);
        assert_eq!(mode(&desk, "d/sandbox.json"), 0o600);
        let ended = server.end("TERM");
        assert!(ended.stderr.contains("issued anew"), "{}", ended.stderr);
        before = after;
    }
}

const DEMO_PERSON: &str = r#"{"person_id":"10011000000000000001"}"#;

#[test]
fn a_data_directory_is_for_its_owner_and_foreign_files_stay() {
    let desk = Desk::new();
    desk.file("d/keys/notes", "foreign");
    desk.file("d/.hidden", "foreign");
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    for (name, expected) in [
        ("d/cardwright.db", 0o600),
        ("d/cardwright.db-wal", 0o600),
        ("d/keys/master.key", 0o600),
        ("d/sandbox.json", 0o600),
        ("d/lock", 0o600),
    ] {
        assert_eq!(mode(&desk, name), expected, "{name}");
    }
    assert_eq!(server.end("TERM").code, 0);
    assert_eq!(desk.names("d/keys"), ["master.key", "notes"]);
    assert_eq!(fs::read(desk.path("d/.hidden")).unwrap(), b"foreign");

    let (mut server, _) = Server::ready(&desk, &["--data", "new/below"]);
    assert_eq!(mode(&desk, "new/below"), 0o700);
    assert_eq!(mode(&desk, "new/below/keys"), 0o700);
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn a_second_server_on_the_same_directory_is_refused_and_the_first_goes_on() {
    let desk = Desk::new();
    let (_server, _) = Server::ready(&desk, &["--data", "d"]);
    let refused = |command: &[&str]| {
        let ran = desk.run(command);
        ran.is_refusal(&["--data d: another server is using this directory"]);
    };
    refused(&["sandbox", "--data", "d", "--listen", "127.0.0.1:0"]);
    refused(&["init", "--data", "d", "--environment", "sandbox"]);
    finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
}

#[test]
fn of_two_sandboxes_starting_on_one_new_directory_one_wins() {
    let desk = Desk::new();
    let arguments = ["--data", "d", "--json"];
    let mut both = [
        Server::start(&desk, &arguments),
        Server::start(&desk, &arguments),
    ];
    let lines = both.each_mut().map(Server::line);
    let won = lines.iter().position(Option::is_some).unwrap();
    assert_eq!(lines.iter().flatten().count(), 1, "{lines:?}");
    let lost = both[1 - won].ended();
    assert_eq!(lost.code, 1, "{lost:?}");
    assert!(lost.stderr.contains("another server"), "{}", lost.stderr);
    finci(&desk, "d", &["POST", "/v1/create-person", PERSON]);
    assert_eq!(both[won].end("TERM").code, 0);
}

#[test]
fn people_get_calls_to_paste_and_no_secret() {
    let desk = Desk::new();
    let mut server = Server::start(&desk, &["--data", "my data", "--log-format", "json"]);
    let mut text = String::new();
    while !text.contains("curl ") {
        text += &server.line().unwrap();
    }
    let kept = fs::read_to_string(desk.path("my data/sandbox.json")).unwrap();
    let file: Value = serde_json::from_str(&kept).unwrap();
    for word in [at(&file, "/base_url"), "/docs", "my data/sandbox.json"] {
        assert!(text.contains(word), "`{word}` is not in {text}");
    }
    for secret in SECRETS.iter().filter(|entry| !entry.ends_with("_url")) {
        assert!(!text.contains(at(&file, secret)), "{secret}");
    }
    let call = text.lines().find(|line| line.contains(" call finci "));
    let pasted = Command::new("sh").args(["-c", call.unwrap()]).output();
    let pasted = pasted.unwrap();
    assert!(pasted.status.success(), "{pasted:?}");

    let ended = server.end("TERM");
    assert_eq!(ended.code, 0, "{ended:?}");
    let routes: Vec<Value> = ended
        .stderr
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["route"].clone())
        .collect();
    assert!(routes.contains(&"/v1/create-person".into()), "{routes:?}");
}

#[test]
fn networks_are_allowed_as_long_as_they_are_named() {
    let desk = Desk::new();
    // Named or not, this machine itself may always call; a restart without the flag still serves.
    for arguments in [
        &["--data", "d", "--allow", "192.0.2.0/24", "--allow", "::1"][..],
        &["--data", "d", "--allow", "0.0.0.0/0", "--allow-any"],
        &["--data", "d"],
    ] {
        let (mut server, _) = Server::ready(&desk, arguments);
        finci(&desk, "d", &["POST", "/v1/get-cards", DEMO_PERSON]);
        assert_eq!(server.end("TERM").code, 0);
    }
}

#[test]
fn the_signature_window_is_the_one_that_was_set() {
    let desk = Desk::new();
    let (_server, file) = Server::ready(&desk, &["--data", "d", "--signature-window-s", "30"]);
    let window = |age: i64| {
        let now = SystemClock.unix_seconds();
        let stamp = (now - age).to_string();
        let arguments = ["GET", "/v1/get-card/1", "--timestamp", &stamp];
        let signed = desk.run(&[&["sign", "--headers", "--data", "d"], &arguments[..]].concat());
        exchange(
            at(&file, "/base_url"),
            &format!(
                "GET /v1/get-card/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n",
                signed.text().replace('\n', "\r\n")
            ),
        )
    };
    assert!(window(10).starts_with("HTTP/1.1 404"), "{}", window(10));
    assert!(window(60).starts_with("HTTP/1.1 401"), "{}", window(60));
    assert_eq!(finci_call(&desk, "d", &["GET", "/v1/get-card/1"]).code, 1);
}
