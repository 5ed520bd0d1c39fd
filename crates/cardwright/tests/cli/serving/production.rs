//! Production from an empty directory to a signed request.

use std::fs;

use serde_json::Value;

use super::{at, certificate, initialized, is_there, ready, status};
use crate::desk::{Desk, Ran};
use crate::server::{Ended, PERSON, Server};

const TLS: [&str; 6] = [
    "--data",
    "d",
    "--tls-cert",
    "one.crt",
    "--tls-key",
    "one.key",
];

/// A production server with one tenant, on a certificate of its own.
struct Production {
    desk: Desk,
    server: Server,
    reached: Value,
    founded: Value,
}

impl Production {
    fn new() -> Production {
        let desk = Desk::new();
        certificate(&desk, "one");
        initialized(&desk, "d", "production");
        let founded = desk.run(&["tenant", "create", "Acme", "--data", "d"]);
        assert_eq!(founded.code, 0, "{founded:?}");
        let founded = serde_json::from_str(founded.text()).unwrap();
        let figures = ["--metrics-listen", "127.0.0.1:0"];
        let (server, reached) = ready(&desk, &[&TLS[..], &figures].concat());
        Production {
            desk,
            server,
            reached,
            founded,
        }
    }

    fn url(&self) -> &str {
        at(&self.reached, "base_url")
    }

    fn admin_key(&self) -> &str {
        at(&self.founded, "admin_key")
    }

    /// A command that calls this server and believes its certificate.
    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let connection = ["--base-url", self.url(), "--ca-cert", "one.crt"];
        let mut command = self.desk.command(&[arguments, &connection].concat());
        command.envs(environment.iter().copied());
        Ran::from(command.output().unwrap())
    }

    /// A credential that may be used from this machine.
    fn credential(&self) -> Value {
        let tenant = at(&self.founded, "tenant_id");
        let made = self.run(
            &[
                "credential",
                "create",
                "--allow",
                "127.0.0.0/8",
                "--tenant",
                tenant,
            ],
            &[("CARDWRIGHT_ADMIN_KEY", self.admin_key())],
        );
        assert_eq!(made.code, 0, "{made:?}");
        serde_json::from_str(made.text()).unwrap()
    }

    /// The status of a path, as curl sees it.
    fn status(&self, path: &str, headers: &[&str]) -> String {
        let target = format!("{}{path}", self.url());
        status(
            &self.desk,
            &[&["--cacert", "one.crt", &target], headers].concat(),
        )
    }

    fn end(mut self) -> Ended {
        self.server.end("TERM")
    }
}

#[test]
fn production_runs_on_tls_from_init_to_a_signed_request() {
    if !is_there("curl") || !is_there("openssl") {
        return;
    }
    let production = Production::new();
    assert_eq!(at(&production.reached, "environment"), "production");
    let url = production.url();
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let made = production.credential();
    let called = production.run(
        &["call", "finci", "POST", "/v1/create-person", PERSON],
        &[
            ("CARDWRIGHT_FINCI_TOKEN", at(&made, "token")),
            ("CARDWRIGHT_FINCI_SECRET", at(&made, "secret")),
        ],
    );
    assert!(
        called.text().contains("\"status\":\"success\""),
        "{called:?}"
    );
    let key = production.admin_key().to_owned();
    let ended = production.end();
    assert_eq!(ended.code, 0, "{ended:?}");
    for secret in [key.as_str(), at(&made, "secret")] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[test]
fn production_has_nothing_of_a_sandbox_and_tells_its_figures_elsewhere() {
    if !is_there("curl") || !is_there("openssl") {
        return;
    }
    let production = Production::new();
    let bearer = format!("Authorization: Bearer {}", production.admin_key());
    for (path, expected) in [
        ("/sandbox/v1/clock", "404"),
        ("/sandbox/v1/request-log", "404"),
        ("/sandbox/v1/simulate/funding", "404"),
        ("/openapi/sandbox.json", "404"),
        ("/metrics", "404"),
        ("/health/ready", "200"),
        ("/openapi/finci.json", "200"),
    ] {
        let seen = production.status(path, &["-H", &bearer]);
        assert_eq!(seen, expected, "{path}");
    }
    assert_eq!(production.status("/openapi/finci.json", &[]), "401");
    let figures = format!("{}/metrics", at(&production.reached, "metrics_url"));
    assert_eq!(status(&production.desk, &[&figures]), "200");
    let told = fs::read_to_string(production.desk.path("body")).unwrap();
    assert!(told.contains("cardwright_requests"), "{told}");
    let ended = production.end();
    assert_eq!(ended.code, 0, "{ended:?}");
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
