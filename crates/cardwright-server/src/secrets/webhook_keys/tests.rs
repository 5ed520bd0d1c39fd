//! Claims about webhook keys, checked by OpenSSL too.

use std::process::{Command, Stdio};
use std::{env, fs};

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::*;

#[test]
fn a_key_survives_sealing_and_signs_the_same() {
    let key = WebhookKey::generate().unwrap();
    let again = WebhookKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(again.public_pem(), key.public_pem());
    let body = b"{\"success\":true}";
    let signature = key.sign_sha256(body).unwrap();
    assert_eq!(
        again.sign_sha256(body).unwrap(),
        signature,
        "PKCS #1 v1.5 is deterministic"
    );
    assert_ne!(
        again.sign_sha256(b"{\"success\":false}").unwrap(),
        signature
    );

    let pem = key.public_pem().unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, STANDARD.decode(der).unwrap());
    let raw = STANDARD.decode(signature).unwrap();
    assert_eq!(raw.len(), 256);
    assert!(public.verify(body, &raw).is_ok());
    assert!(public.verify(b"{\"success\":false}", &raw).is_err());

    let other = WebhookKey::generate().unwrap();
    assert_ne!(other.public_pem(), key.public_pem());
}

#[test]
fn damaged_keys_are_refused() {
    let der = WebhookKey::generate().unwrap().to_pkcs8().unwrap();
    for bytes in [
        &b""[..],
        b"-----BEGIN PRIVATE KEY-----",
        &der[..der.len() - 1],
        &[0; 1200],
    ] {
        let refused = WebhookKey::from_pkcs8(bytes).unwrap_err();
        assert_eq!(refused, WebhookKeyError::Malformed, "{} bytes", bytes.len());
    }
}

#[test]
fn openssl_reads_our_key_and_verifies_our_signature() {
    if !openssl_is_here() {
        let required = env_is_set("CARDWRIGHT_REQUIRE_ALL");
        assert!(
            !required,
            "CARDWRIGHT_REQUIRE_ALL=1, but there is no openssl command"
        );
        println!("skipped: there is no openssl command to verify with");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let key = WebhookKey::generate().unwrap();
    let body = "{\"amount\":\"12.50\",\"merchant\":\"Café\"}".as_bytes();
    let signature = STANDARD.decode(key.sign_sha256(body).unwrap()).unwrap();
    fs::write(file("public.pem"), key.public_pem().unwrap()).unwrap();
    fs::write(file("signature"), &signature).unwrap();

    let verifies = |body: &[u8]| {
        fs::write(file("body"), body).unwrap();
        let output = Command::new("openssl")
            .args(["dgst", "-sha256", "-verify"])
            .arg(file("public.pem"))
            .arg("-signature")
            .arg(file("signature"))
            .arg(file("body"))
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
    };
    assert_eq!(verifies(body), (true, "Verified OK".to_owned()));
    let changed = [body, b" "].concat();
    assert!(
        !verifies(&changed).0,
        "one more byte, and the signature is wrong"
    );

    let shown = Command::new("openssl")
        .args(["pkey", "-pubin", "-noout", "-text", "-in"])
        .arg(file("public.pem"))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("(2048 bit)") && shown.contains("65537"),
        "{shown}"
    );
}

#[test]
fn debug_output_shows_nothing_of_the_key() {
    assert_eq!(
        format!("{:?}", WebhookKey::generate().unwrap()),
        "WebhookKey(…)"
    );
}

fn openssl_is_here() -> bool {
    let version = Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

#[allow(
    clippy::disallowed_methods,
    reason = "a switch of the test run, not of the server"
)]
fn env_is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| value == "1")
}
