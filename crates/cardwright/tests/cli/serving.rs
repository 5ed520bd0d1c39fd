//! `cardwright serve`, `migrate`, `doctor`, `tenant` and `credential` against a real server with real
//! TLS, as curl, openssl and this program see it.

mod credentials;
mod directory;
mod page;
mod tls;

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::desk::{Desk, Ran};
use crate::server::{PERSON, Server};

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
fn production_runs_on_tls_from_init_to_a_signed_request() {
    if !is_there("curl") || !is_there("openssl") {
        return;
    }
    let desk = Desk::new();
    certificate(&desk, "one");
    initialized(&desk, "d", "production");
    let founded = desk.run(&["tenant", "create", "Acme", "--data", "d"]);
    assert_eq!(founded.code, 0, "{founded:?}");
    let founded: Value = serde_json::from_str(founded.text()).unwrap();
    let key = at(&founded, "admin_key");
    let tls = [
        "--data",
        "d",
        "--tls-cert",
        "one.crt",
        "--tls-key",
        "one.key",
    ];
    let (mut server, reached) = ready(
        &desk,
        &[&tls[..], &["--metrics-listen", "127.0.0.1:0"]].concat(),
    );
    let (url, figures) = (at(&reached, "base_url"), at(&reached, "metrics_url"));
    assert_eq!(at(&reached, "environment"), "production");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");

    let connection = ["--base-url", url, "--ca-cert", "one.crt"];
    let operator = [&connection[..], &["--tenant", at(&founded, "tenant_id")]].concat();
    let as_operator = |arguments: &[&str]| {
        let mut command = desk.command(&[arguments, &operator].concat());
        command.env("CARDWRIGHT_ADMIN_KEY", key);
        Ran::from(command.output().unwrap())
    };
    let made = as_operator(&["credential", "create", "--allow", "127.0.0.0/8"]);
    assert_eq!(made.code, 0, "{made:?}");
    let made: Value = serde_json::from_str(made.text()).unwrap();
    let call = |token: &Value, secret: &Value| {
        let arguments = ["call", "finci", "POST", "/v1/create-person", PERSON];
        let mut command = desk.command(&[&arguments[..], &connection].concat());
        command
            .env("CARDWRIGHT_FINCI_TOKEN", token.as_str().unwrap())
            .env("CARDWRIGHT_FINCI_SECRET", secret.as_str().unwrap());
        Ran::from(command.output().unwrap())
    };
    let called = call(&made["token"], &made["secret"]);
    assert!(
        called.text().contains("\"status\":\"success\""),
        "{called:?}"
    );

    // What exists in a sandbox only is not there, and figures are told elsewhere.
    let cacert = ["--cacert", "one.crt"];
    let bearer = format!("Authorization: Bearer {key}");
    for (path, expected) in [
        ("/sandbox/v1/clock", "404"),
        ("/sandbox/v1/request-log", "404"),
        ("/sandbox/v1/simulate/funding", "404"),
        ("/openapi/sandbox.json", "404"),
        ("/metrics", "404"),
        ("/health/ready", "200"),
        ("/openapi/finci.json", "200"),
    ] {
        let target = format!("{url}{path}");
        assert_eq!(
            status(&desk, &[&cacert[..], &["-H", &bearer, &target]].concat()),
            expected,
            "{path}"
        );
    }
    let documents = format!("{url}/openapi/finci.json");
    assert_eq!(status(&desk, &[&cacert[..], &[&documents]].concat()), "401");
    assert_eq!(status(&desk, &[&format!("{figures}/metrics")]), "200");
    assert!(
        fs::read_to_string(desk.path("body"))
            .unwrap()
            .contains("cardwright_requests")
    );

    let ended = server.end("TERM");
    assert_eq!(ended.code, 0, "{ended:?}");
    for secret in [key, made["secret"].as_str().unwrap()] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[test]
fn what_cannot_be_served_is_refused_at_the_start_and_names_its_entry() {
    let desk = Desk::new();
    initialized(&desk, "p", "production");
    initialized(&desk, "s", "sandbox");
    desk.file("text.pem", "hello");
    desk.file(
        "unknown.toml",
        "listen = \"127.0.0.1:0\"\nlisten_too = \"x\"\n",
    );
    desk.file("bad.toml", "signature_window_s = 0\n");
    desk.file("level.toml", "log_level = \"loud\"\n");
    let proxied = ["--trusted-proxies", "10.0.0.1/32"];
    let table: [(&[&str], &[&str]); 17] = [
        (
            &["--data", "p"],
            &[
                "listen 127.0.0.1:0: ",
                "production",
                "tls_cert",
                "trusted_proxies",
            ],
        ),
        (
            &["--data", "p", "--listen", "0.0.0.0:0"],
            &["listen 0.0.0.0:0: ", "loopback"],
        ),
        (
            &[
                "--data",
                "p",
                "--listen",
                "0.0.0.0:0",
                proxied[0],
                proxied[1],
            ],
            &["listen 0.0.0.0:0: ", "loopback"],
        ),
        (
            &["--data", "p", "--listen", "[::]:0", proxied[0], proxied[1]],
            &["listen [::]:0: ", "loopback"],
        ),
        (&["--data", "s", "--tls-cert", "text.pem"], &["tls_key: "]),
        (&["--data", "s", "--tls-key", "text.pem"], &["tls_cert: "]),
        (
            &[
                "--data",
                "s",
                "--tls-cert",
                "text.pem",
                "--tls-key",
                "text.pem",
            ],
            &["--tls-cert text.pem: ", "no certificate"],
        ),
        (
            &[
                "--data",
                "s",
                "--tls-cert",
                "none.pem",
                "--tls-key",
                "text.pem",
            ],
            &["--tls-cert none.pem: "],
        ),
        (
            &["--data", "s", "--trusted-proxies", "10.0.0.1/8"],
            &["trusted_proxies: ", "10.0.0.0/8"],
        ),
        (
            &["--data", "s", "--metrics-listen", "9090"],
            &["metrics_listen 9090: "],
        ),
        (
            &["--data", "s", "--rate-limit-per-second", "0"],
            &["rate_limit_per_second 0: "],
        ),
        (
            &["--data", "s", "--connections-per-address", "0"],
            &["connections_per_address 0: "],
        ),
        (
            &["--data", "s", "--signature-window-s", "0"],
            &["signature_window_s 0: ", "30 to 900"],
        ),
        (
            &["--data", "nowhere"],
            &["data nowhere: ", "cardwright init"],
        ),
        (
            &["--data", "s", "--config", "unknown.toml"],
            &["--config unknown.toml: ", "line 2", "listen_too"],
        ),
        (
            &["--data", "s", "--config", "bad.toml"],
            &["signature_window_s 0: "],
        ),
        (
            &["--data", "s", "--config", "level.toml"],
            &["log_level loud: ", "info"],
        ),
    ];
    for (arguments, words) in table {
        let listen: &[&str] = if arguments.contains(&"--listen") {
            &[]
        } else {
            &["--listen", "127.0.0.1:0"]
        };
        let ran = desk.run(&[&["serve"], listen, arguments].concat());
        ran.is_refusal(words);
    }
    assert!(!desk.path("nowhere").exists());
    let missing = desk.run(&["serve", "--config", "nothing.toml"]);
    missing.is_refusal(&["--config nothing.toml: "]);
}

#[test]
fn production_may_be_plain_behind_a_proxy_on_this_machine() {
    let desk = Desk::new();
    initialized(&desk, "d", "production");
    let proxied = ["--data", "d", "--trusted-proxies", "127.0.0.1,10.0.0.0/8"];
    let (mut server, reached) = ready(&desk, &proxied);
    assert!(at(&reached, "base_url").starts_with("http://127.0.0.1:"));
    assert_eq!(reached["metrics_url"], Value::Null);
    assert_eq!(server.end("TERM").code, 0);
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
