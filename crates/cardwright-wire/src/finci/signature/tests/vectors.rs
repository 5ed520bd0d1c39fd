//! Signatures computed by others: Python's `hmac` module and OpenSSL agree with ours.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::super::*;

const VECTORS: &str = include_str!("../../../../vectors/signatures.json");
const CASES: &str = include_str!("../../../../vectors/cases.tsv");

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

#[test]
fn every_committed_signature_is_reproduced_and_verified() {
    let mut checked = 0;
    for vector in vectors() {
        let body = hex::decode(text(&vector, "body_hex")).unwrap();
        let parts = Parts {
            token: text(&vector, "token"),
            timestamp: text(&vector, "timestamp"),
            method: text(&vector, "method"),
            target: text(&vector, "target"),
            body: &body,
        };
        let key = SigningKey::new(text(&vector, "secret"));
        for form in CanonicalForm::NAMED {
            let expected = text(&vector["signatures"], &form.to_string());
            let signature = key.sign(&form, &parts);
            let name = text(&vector, "name");
            assert_eq!(hex::encode(signature), expected, "{name}, {form}");
            assert!(key.verify(&form, &parts, &signature), "{name}, {form}");
            checked += 1;
        }
    }
    assert!(checked >= 100, "only {checked} signatures were compared");
}

#[test]
fn python_computes_the_committed_vectors() {
    if let Some(output) = run("python3", &["signatures.py"]) {
        assert!(
            output == VECTORS,
            "signatures.json is not what signatures.py prints"
        );
    }
    if let Some(output) = run("python3", &["signatures.py", "--cases"]) {
        assert!(
            output == CASES,
            "cases.tsv is not what signatures.py --cases prints"
        );
    }
}

#[test]
fn openssl_computes_the_committed_vectors() {
    if run("openssl", &["version"]).is_none() {
        return;
    }
    let Some(output) = run("bash", &["signatures.sh"]) else {
        return;
    };
    let mut expected = String::new();
    for vector in vectors() {
        for form in CanonicalForm::NAMED {
            let signature = text(&vector["signatures"], &form.to_string());
            expected += &[text(&vector, "name"), &form.to_string(), signature].join("\t");
            expected.push('\n');
        }
    }
    assert!(!expected.is_empty());
    assert_eq!(output, expected);
}

/// Runs a program in the folder of the vectors; a missing program skips the test, unless every test
/// is required to run.
#[expect(
    clippy::disallowed_methods,
    reason = "whether everything must run is the test runner's own setting"
)]
fn run(program: &str, arguments: &[&str]) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let output = match Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
    {
        Ok(output) => output,
        Err(error) => {
            let required = std::env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "{program} must run here: {error}");
            eprintln!("skipped: {program} cannot be started: {error}");
            return None;
        }
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?} failed: {errors}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}
