//! Real TLS, as curl, openssl and this program see it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::{at, certificate, curl, initialized, is_there, ready, status};
use crate::desk::{Desk, Ran};
use crate::server::{PERSON, Server};

#[test]
fn tls_offers_modern_versions_and_one_protocol_to_curl_and_openssl() {
    if !is_there("curl") || !is_there("openssl") {
        return;
    }
    let desk = Desk::new();
    certificate(&desk, "one");
    initialized(&desk, "d", "sandbox");
    let tls = [
        "--data",
        "d",
        "--tls-cert",
        "one.crt",
        "--tls-key",
        "one.key",
    ];
    let (mut server, reached) = ready(&desk, &tls);
    let url = at(&reached, "base_url");
    let live = format!("{url}/health/live");
    for version in ["--tlsv1.3", "--tlsv1.2"] {
        let arguments = ["--cacert", "one.crt", version, &live];
        assert_eq!(status(&desk, &arguments), "200", "{version}");
    }
    let untrusted = curl(&desk, &[&live]);
    assert_ne!(
        untrusted.code, 0,
        "it is trusted by nobody who was not told"
    );
    let address = url.trim_start_matches("https://");
    let client = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command
            .args([
                "s_client", "-connect", address, "-CAfile", "one.crt", "-brief",
            ])
            .args(arguments)
            .current_dir(desk.path("."))
            .stdin(Stdio::null());
        Ran::from(command.output().unwrap())
    };
    let modern = client(&["-alpn", "h2,http/1.1", "-verify_return_error"]);
    assert!(modern.stderr.contains("Verification: OK"), "{modern:?}");
    let told = format!("{}{}", modern.stderr, modern.text());
    assert!(told.contains("TLSv1.3"), "{told}");
    let alpn = Command::new("openssl")
        .args([
            "s_client", "-connect", address, "-CAfile", "one.crt", "-alpn", "http/1.1",
        ])
        .current_dir(desk.path("."))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let alpn = String::from_utf8_lossy(&alpn.stdout).into_owned();
    assert!(alpn.contains("ALPN protocol: http/1.1"), "{alpn}");
    let old = client(&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert_ne!(old.code, 0, "{old:?}");
    // Whoever speaks plainly gets nothing, and nobody else notices.
    let plain = curl(&desk, &[&format!("http://{address}/health/live")]);
    assert_ne!(plain.code, 0);
    assert_eq!(status(&desk, &["--cacert", "one.crt", &live]), "200");
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn a_hangup_reads_the_certificate_again_and_a_broken_one_changes_nothing() {
    if !is_there("curl") || !is_there("openssl") {
        return;
    }
    let desk = Desk::new();
    for name in ["one", "two"] {
        certificate(&desk, name);
    }
    let put = |name: &str| {
        for end in ["crt", "key"] {
            fs::copy(
                desk.path(&format!("{name}.{end}")),
                desk.path(&format!("used.{end}")),
            )
            .unwrap();
        }
    };
    put("one");
    initialized(&desk, "d", "sandbox");
    let tls = [
        "--data",
        "d",
        "--tls-cert",
        "used.crt",
        "--tls-key",
        "used.key",
    ];
    let (mut server, reached) = ready(&desk, &tls);
    let live = format!("{}/health/live", at(&reached, "base_url"));
    let trusts = |name: &str| {
        let authority = format!("{name}.crt");
        curl(&desk, &["--cacert", &authority, &live]).code == 0
    };
    assert!(trusts("one") && !trusts("two"));

    put("two");
    server.signal("HUP");
    server.logs("the certificate was read again");
    assert!(trusts("two") && !trusts("one"));

    fs::write(desk.path("used.crt"), "broken").unwrap();
    server.signal("HUP");
    server.logs("the old certificate stays");
    assert!(trusts("two"));
    fs::copy(desk.path("one.crt"), desk.path("used.crt")).unwrap();
    server.forget_log();
    server.signal("HUP");
    server.logs("it is not the key of the certificate");
    assert!(trusts("two"));
    assert!(server.runs());
    assert_eq!(server.end("TERM").code, 0);
}

/// Reads one whole answer, and returns its first line.
fn answered(received: &mut impl BufRead) -> String {
    let mut first = String::new();
    received.read_line(&mut first).unwrap();
    let mut line = String::new();
    let mut length = 0;
    while line != "\r\n" {
        line.clear();
        assert_ne!(received.read_line(&mut line).unwrap(), 0, "it ended early");
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = text.trim().parse().unwrap();
        }
    }
    received.read_exact(&mut vec![0; length]).unwrap();
    first
}

#[test]
fn a_connection_that_is_open_outlives_a_new_certificate() {
    if !is_there("openssl") {
        return;
    }
    let desk = Desk::new();
    certificate(&desk, "one");
    initialized(&desk, "d", "sandbox");
    let tls = [
        "--data",
        "d",
        "--tls-cert",
        "one.crt",
        "--tls-key",
        "one.key",
    ];
    let (mut server, reached) = ready(&desk, &tls);
    let address = at(&reached, "base_url")
        .trim_start_matches("https://")
        .to_owned();
    let mut client = Command::new("openssl")
        .args([
            "s_client", "-connect", &address, "-CAfile", "one.crt", "-quiet",
        ])
        .current_dir(desk.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut sent = client.stdin.take().unwrap();
    let mut received = BufReader::new(client.stdout.take().unwrap());
    let mut ask = || {
        sent.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        sent.flush().unwrap();
        answered(&mut received)
    };
    assert!(ask().contains(" 200 "));
    certificate(&desk, "one");
    server.signal("HUP");
    server.logs("the certificate was read again");
    assert!(ask().contains(" 200 "), "the same connection goes on");
    let _ = client.kill();
    let _ = client.wait();
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn a_sandbox_signs_for_itself_and_its_own_commands_trust_it() {
    let desk = Desk::new();
    let (mut server, file) = Server::ready(&desk, &["--data", "d", "--tls"]);
    let url = at(&file, "base_url");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    for call in [
        &["call", "finci", "POST", "/v1/create-person", PERSON][..],
        &["call", "fincard", "account/info"],
        &["clock", "get"],
        &["credential", "list"],
        &["webhook", "list"],
        &["trigger", "authorization"],
    ] {
        let ran = desk.run(&[call, &["--data", "d"]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.text().is_empty(), "{call:?}");
    }
    // Whoever is not told trusts nobody, and a certificate that is not there is named.
    for call in [&["clock", "get"][..], &["trigger", "authorization"]] {
        let ran = desk.run(&[call, &["--data", "d", "--base-url", url]].concat());
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("certificate"), "{ran:?}");
    }
    let told = [
        "--base-url",
        url,
        "--ca-cert",
        at(&file, "tls_certificate_path"),
    ];
    let ran = desk.run(&[&["trigger", "authorization", "--data", "d"], &told[..]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = desk.run(&["clock", "get", "--data", "d", "--ca-cert", "nothing.pem"]);
    ran.is_usage_error(&["--ca-cert", "nothing.pem"]);
    assert_eq!(server.end("TERM").code, 0);
}

#[test]
fn the_certificate_of_a_sandbox_is_kept_and_its_key_is_nobody_elses() {
    let desk = Desk::new();
    let (mut server, file) = Server::ready(&desk, &["--data", "d", "--tls"]);
    let path = at(&file, "tls_certificate_path");
    let pem = fs::read_to_string(path).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    let key = fs::metadata(desk.path("d/tls-key.pem")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    if is_there("curl") {
        let live = format!("{}/health/live", at(&file, "base_url"));
        assert_eq!(status(&desk, &["--cacert", path, &live]), "200");
    }
    assert_eq!(server.end("TERM").code, 0);
    let (mut server, _) = Server::ready(&desk, &["--data", "d", "--tls"]);
    assert_eq!(fs::read_to_string(path).unwrap(), pem, "it is kept");
    assert_eq!(server.end("TERM").code, 0);
    let (mut server, file) = Server::ready(&desk, &["--data", "d"]);
    assert!(file.get("tls_certificate_path").is_none(), "{file}");
    assert_eq!(server.end("TERM").code, 0);
}
