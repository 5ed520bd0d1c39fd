//! `cardwright serve`, `migrate`, `doctor`, `tenant` and `credential` against a real server with real
//! TLS, as curl, openssl and this program see it.

mod credentials;
mod directory;
mod page;
mod production;
mod refusals;
mod tls;

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::desk::{Desk, Ran, server};
use crate::server::Server;

/// Whether a program is there. Where every test must run, it has to be.
fn is_there(program: &str) -> bool {
    let found = Command::new(program)
        .arg(if program == "openssl" {
            "version"
        } else {
            "--version"
        })
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let found = found.is_ok_and(|status| status.success());
    #[expect(clippy::disallowed_methods, reason = "the test's own switch")]
    let required = std::env::var_os("CARDWRIGHT_REQUIRE_ALL").is_some();
    assert!(found || !required, "{program} is not there");
    if !found {
        eprintln!("skipped: {program} is not there");
    }
    found
}

/// A certificate of its own under a name on the desk.
fn certificate(desk: &Desk, name: &str) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args(["-days", "2", "-subj", &format!("/CN={name}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        .arg("-keyout")
        .arg(desk.path(&format!("{name}.key")))
        .arg("-out")
        .arg(desk.path(&format!("{name}.crt")))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
}

fn initialized(desk: &Desk, data: &str, environment: &str) {
    let ran = desk.run(&["init", "--environment", environment, "--data", data]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// A server that says how it is reached.
fn ready(desk: &Desk, arguments: &[&str]) -> (Server, Value) {
    let common = ["serve", "--listen", "127.0.0.1:0", "--json"];
    let mut server = Server::spawn(desk.command(&[&common, arguments].concat()));
    let line = server.line().unwrap_or_default();
    let reached = serde_json::from_str(&line);
    let reached = reached.unwrap_or_else(|_| panic!("not ready: {:?}", server.ended()));
    (server, reached)
}

fn at<'a>(reached: &'a Value, entry: &str) -> &'a str {
    reached[entry]
        .as_str()
        .unwrap_or_else(|| panic!("no {entry}: {reached}"))
}

/// What curl got, and whether it was content.
fn curl(desk: &Desk, arguments: &[&str]) -> Ran {
    let mut command = Command::new("curl");
    command
        .args(["-sS", "--max-time", "20", "--noproxy", "*"])
        .args(arguments);
    command.current_dir(desk.path("."));
    Ran::from(command.output().unwrap())
}

/// The status that curl saw.
fn status(desk: &Desk, arguments: &[&str]) -> String {
    let shown = ["-o", "body", "-w", "%{http_code}"];
    let ran = curl(desk, &[&shown, arguments].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.text().to_owned()
}

#[test]
fn a_flag_stands_before_a_variable_and_a_variable_before_the_file() {
    let desk = Desk::new();
    initialized(&desk, "d", "sandbox");
    desk.file(
        "c.toml",
        "data = \"d\"\nlisten = \"127.0.0.3:0\"\nlog_level = \"info\"\n",
    );
    for (variable, flag, expected) in [
        (None, None, "http://127.0.0.3:"),
        (Some("127.0.0.2:0"), None, "http://127.0.0.2:"),
        (
            Some("127.0.0.2:0"),
            Some("127.0.0.1:0"),
            "http://127.0.0.1:",
        ),
    ] {
        let mut arguments = vec!["serve", "--json", "--config", "c.toml"];
        arguments.extend(flag.iter().flat_map(|flag| ["--listen", flag]));
        let mut command = desk.command(&arguments);
        if let Some(variable) = variable {
            command.env("CARDWRIGHT_LISTEN", variable);
        }
        let mut server = Server::spawn(command);
        let line = server.line().unwrap_or_default();
        assert!(line.contains(expected), "{line} {:?}", server.end("TERM"));
        assert_eq!(server.end("TERM").code, 0);
    }
}

#[test]
fn a_kept_sandbox_delivers_to_this_machine_unless_other_networks_are_named() {
    let desk = Desk::new();
    let (mut sandbox, _) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(sandbox.end("TERM").code, 0);
    let (receiver, requests) = server(vec!["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]);
    let webhook = |reached: &Value, arguments: &[&str]| {
        let flags = ["--data", "d", "--base-url", at(reached, "base_url")];
        let ran = desk.run(&[&["webhook"], arguments, &flags].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str::<Value>(ran.text()).unwrap()
    };
    let (mut kept, reached) = ready(&desk, &["--data", "d"]);
    let endpoint = webhook(&reached, &["create", &receiver]);
    let answered = webhook(&reached, &["ping", at(&endpoint, "id")]);
    assert_eq!(answered["status"], 200, "{answered}");
    assert!(requests.recv().unwrap().starts_with("POST / HTTP/1.1"));
    assert_eq!(kept.end("TERM").code, 0);

    let elsewhere = ["--data", "d", "--allow-webhook-target", "10.0.0.0/8"];
    let (mut kept, reached) = ready(&desk, &elsewhere);
    let refused = webhook(&reached, &["ping", at(&endpoint, "id")]);
    assert_eq!(refused["outcome"], "refused", "{refused}");
    assert_eq!(kept.end("TERM").code, 0);
}
