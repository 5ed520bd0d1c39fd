//! Deliveries over real TLS: whom a server believes, and what the log says about whom it does not.

use std::sync::mpsc::channel;

use cardwright_client::webhook::Verifier;
use cardwright_client::{Secret, sandbox};
use serde_json::{Value, json};

use crate::authority::{Authority, Validity};
use crate::desk::Desk;
use crate::integrator::serve_any_encrypted;
use crate::sdk::{operator, wait_for};
use crate::server::Server;

/// The attempts of the first message to an endpoint, once there is one.
async fn first_attempt(operator: &sandbox::Client, endpoint: &str) -> Value {
    let list = format!("/admin/v1/webhook-deliveries?webhook_endpoint_id={endpoint}");
    // Each look is a call that takes its time; the test's own clock ends it.
    for _ in 0..20_000 {
        let found = operator.get(&list).await.unwrap().json().unwrap();
        let Some(id) = found["items"][0]["webhook_delivery_id"].as_str() else {
            continue;
        };
        let path = format!("/admin/v1/webhook-deliveries/{id}");
        let log = operator.get(&path).await.unwrap().json().unwrap();
        if log["attempts"][0].is_object() {
            return log["attempts"][0].clone();
        }
    }
    panic!("nothing was sent to {endpoint}");
}

/// Where a receiver is, what is wrong with its certificate, and the certificate: by whom, for whom.
type Shown<'a> = (
    &'static str,
    Option<&'static str>,
    (&'a Authority, &'static str, Validity),
);

fn receivers<'a>(known: &'a Authority, unknown: &'a Authority) -> [Shown<'a>; 6] {
    let (good, expired) = (Validity::Good, Validity::Expired);
    let misnamed = Some("not valid for name");
    [
        ("localhost", None, (known, "localhost", good)),
        ("127.0.0.1", None, (known, "127.0.0.1", good)),
        ("localhost", Some("expired"), (known, "localhost", expired)),
        ("localhost", misnamed, (known, "hooks.example.com", good)),
        ("127.0.0.1", misnamed, (known, "localhost", good)),
        (
            "localhost",
            Some("UnknownIssuer"),
            (unknown, "localhost", good),
        ),
    ]
}

#[test]
fn a_certificate_is_believed_by_its_authority_its_name_and_its_time_and_the_log_says_what_is_wrong()
{
    let desk = Desk::new();
    let (known, unknown) = (Authority::named("known"), Authority::named("unknown"));
    desk.file("ca.pem", known.pem());
    let arguments = ["--data", "sandbox", "--seed", "7", "--webhook-ca", "ca.pem"];
    let (server, file) = Server::ready(&desk, &arguments);
    let secret = Secret::new(file["finci"]["webhook_secret"].as_str().unwrap());
    let operator = operator(&file);
    let (sender, taken) = channel();
    let mut endpoints = Vec::new();
    for (host, wrong, (authority, name, validity)) in receivers(&known, &unknown) {
        let verifier = Verifier::finci(std::slice::from_ref(&secret));
        let certificate = authority.certificate(name, validity);
        let address = serve_any_encrypted(verifier, sender.clone(), certificate);
        let url = format!("https://{host}:{}/hooks?of=cards", address.port());
        let endpoint = json!({"url": url, "dialect": "finci", "events": ["card_created"]});
        let made = wait_for(operator.post("/admin/v1/webhook-endpoints", &endpoint));
        let made = made.unwrap().json().unwrap();
        endpoints.push((made["id"].as_str().unwrap().to_owned(), wrong));
    }
    let ran = desk.run(&["trigger", "card_created", "--data", "sandbox"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for (id, wrong) in endpoints {
        let attempt = wait_for(first_attempt(&operator, &id));
        let Some(wrong) = wrong else {
            assert_eq!(attempt["outcome"], "answered", "{attempt}");
            assert_eq!(attempt["status"], 200, "{attempt}");
            continue;
        };
        assert_eq!(attempt["outcome"], "failed", "{wrong} {attempt}");
        let reason = attempt["reason"].as_str().unwrap();
        assert!(reason.contains("certificate"), "{reason}");
        assert!(reason.contains(wrong), "{wrong}: {reason}");
    }
    // Two took it, each verified; nobody else was told a byte.
    assert_eq!(taken.try_iter().count(), 2);
    drop(server);
}

#[test]
fn without_the_setting_a_private_authority_is_not_believed() {
    let desk = Desk::new();
    let authority = Authority::named("ours");
    let (server, file) = Server::ready(&desk, &["--data", "sandbox"]);
    let secret = Secret::new(file["finci"]["webhook_secret"].as_str().unwrap());
    let (sender, taken) = channel();
    let certificate = authority.certificate("localhost", Validity::Good);
    let address = serve_any_encrypted(Verifier::finci(&[secret]), sender, certificate);
    let url = format!("https://localhost:{}/hooks", address.port());
    let endpoint = json!({"url": url, "dialect": "finci"});
    let operator = operator(&file);
    let path = "/admin/v1/webhook-endpoints";
    let made = wait_for(operator.post(path, &endpoint))
        .unwrap()
        .json()
        .unwrap();
    let ping = format!("{path}/{}/ping", made["id"].as_str().unwrap());
    let answer = wait_for(operator.post(&ping, &json!({})))
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(answer["outcome"], "failed", "{answer}");
    assert_eq!(taken.try_iter().count(), 0);
    drop(server);
}

#[test]
fn a_file_without_a_usable_certificate_stops_the_server_at_its_start_and_is_named() {
    let desk = Desk::new();
    desk.file("empty.pem", "no certificate");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    desk.file("broken.pem", broken);
    let made = desk.run(&["init", "--data", "d", "--environment", "sandbox"]);
    assert_eq!(made.code, 0, "{made:?}");
    for name in ["nothing.pem", "empty.pem", "broken.pem"] {
        let arguments = [
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--ephemeral",
            "--webhook-ca",
            name,
        ];
        desk.run(&arguments).is_usage_error(&["--webhook-ca", name]);
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            "d",
            "--webhook-ca",
            name,
        ];
        let ran = desk.run(&arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains("webhook_ca") && ran.stderr.contains(name),
            "{ran:?}"
        );
    }
}
