//! What `cardwright serve` will not start with.

use super::initialized;
use crate::desk::Desk;

/// What is asked for, and the words of the refusal.
const REFUSED: [(&str, &[&str]); 22] = [
    (
        "--data p",
        &[
            "listen 127.0.0.1:0: ",
            "production",
            "tls_cert",
            "trusted_proxies",
        ],
    ),
    (
        "--data p --listen 0.0.0.0:0",
        &["listen 0.0.0.0:0: ", "loopback"],
    ),
    (
        "--data p --listen 0.0.0.0:0 --trusted-proxies 10.0.0.1/32",
        &["listen 0.0.0.0:0: ", "loopback"],
    ),
    (
        "--data p --listen [::]:0 --trusted-proxies 10.0.0.1/32",
        &["listen [::]:0: ", "loopback"],
    ),
    ("--data s --tls-cert text.pem", &["tls_key: "]),
    ("--data s --tls-key text.pem", &["tls_cert: "]),
    (
        "--data s --tls-cert text.pem --tls-key text.pem",
        &["--tls-cert text.pem: ", "no certificate"],
    ),
    (
        "--data s --tls-cert none.pem --tls-key text.pem",
        &["--tls-cert none.pem: "],
    ),
    (
        "--data s --trusted-proxies 10.0.0.1/8",
        &["trusted_proxies: ", "10.0.0.0/8"],
    ),
    ("--data s --metrics-listen 9090", &["metrics_listen 9090: "]),
    (
        "--data s --rate-limit-per-second 0",
        &["rate_limit_per_second 0: "],
    ),
    (
        "--data s --connections-per-address 0",
        &["connections_per_address 0: "],
    ),
    (
        "--data s --signature-window-s 0",
        &["signature_window_s 0: ", "30 to 900"],
    ),
    (
        "--data p --trusted-proxies 127.0.0.1 --allow-webhook-target 10.0.0.0/8",
        &["allow_webhook_target: ", "production"],
    ),
    (
        "--data p --trusted-proxies 127.0.0.1 --metrics-listen 0.0.0.0:0",
        &["metrics_listen 0.0.0.0:0: ", "production", "private"],
    ),
    (
        "--data p --trusted-proxies 127.0.0.1 --metrics-listen [::]:0",
        &["metrics_listen [::]:0: ", "production"],
    ),
    (
        "--data p --trusted-proxies 127.0.0.1 --metrics-listen 203.0.113.7:0",
        &["metrics_listen 203.0.113.7:0: "],
    ),
    (
        "--data s --allow-webhook-target 10.0.0.0/8,0.0.0.0/0",
        &["allow_webhook_target 0.0.0.0/0: "],
    ),
    ("--data nowhere", &["data nowhere: ", "cardwright init"]),
    (
        "--data s --config unknown.toml",
        &["--config unknown.toml: ", "line 2", "listen_too"],
    ),
    ("--data s --config bad.toml", &["signature_window_s 0: "]),
    (
        "--data s --config level.toml",
        &["log_level loud: ", "info"],
    ),
];

#[test]
fn what_cannot_be_served_is_refused_at_the_start_and_names_its_entry() {
    let desk = Desk::new();
    initialized(&desk, "p", "production");
    initialized(&desk, "s", "sandbox");
    for (name, text) in [
        ("text.pem", "hello"),
        (
            "unknown.toml",
            "listen = \"127.0.0.1:0\"\nlisten_too = \"x\"\n",
        ),
        ("bad.toml", "signature_window_s = 0\n"),
        ("level.toml", "log_level = \"loud\"\n"),
    ] {
        desk.file(name, text);
    }
    for (arguments, words) in REFUSED {
        let mut command = vec!["serve"];
        command.extend(arguments.split(' '));
        if !command.contains(&"--listen") {
            command.extend(["--listen", "127.0.0.1:0"]);
        }
        desk.run(&command).is_refusal(words);
    }
    assert!(!desk.path("nowhere").exists());
    let missing = desk.run(&["serve", "--config", "nothing.toml"]);
    missing.is_refusal(&["--config nothing.toml: "]);
}
