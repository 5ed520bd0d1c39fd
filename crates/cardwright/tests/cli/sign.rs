//! `cardwright sign`: the vectors, the layout of its output, and what it refuses.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::desk::{Desk, SECRET, TOKEN};

const VECTORS: &str = include_str!("../../../cardwright-wire/vectors/signatures.json");

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn field<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}

fn body_of(vector: &Value) -> Vec<u8> {
    let digits = field(vector, "body_hex").as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

#[test]
fn sign_prints_the_headers_of_every_vector_in_every_form() {
    let desk = Desk::new();
    for vector in vectors() {
        let body = format!("@{}", desk.file("body.json", body_of(&vector)));
        let secret = desk.file("secret", format!("{}\n", field(&vector, "secret")));
        for (form, signature) in vector["signatures"].as_object().unwrap() {
            let ran = desk.run(&[
                "sign",
                field(&vector, "method"),
                field(&vector, "target"),
                &body,
                "--token",
                field(&vector, "token"),
                "--secret-file",
                &secret,
                "--timestamp",
                field(&vector, "timestamp"),
                "--form",
                form,
                "--headers",
            ]);
            let expected = format!(
                "X-Auth-Token: {}\nX-Auth-Timestamp: {}\nX-Auth-Signature: {}\n",
                field(&vector, "token"),
                field(&vector, "timestamp"),
                signature.as_str().unwrap()
            );
            assert_eq!(
                (ran.code, ran.text()),
                (0, expected.as_str()),
                "{} {form}",
                vector["name"]
            );
        }
    }
}

#[test]
fn sign_prints_canonical_string_digest_and_headers() {
    let desk = Desk::new();
    let vectors = vectors();
    let vector = vectors
        .iter()
        .find(|vector| vector["name"] == "plain object")
        .unwrap();
    let (target, body) = ("/v1/get-cards", r#"{"person_id":"10011000000000000001"}"#);
    let ran = desk.sign(&["post", target, body, "--timestamp", "1767225600"]);

    let digest = vector["signatures"]["default"].as_str().unwrap();
    let expected = format!(
        "canonical string (63 bytes):\n1767225600POST{target}{body}\ndigest:\n{digest}\nheaders:\n\
         X-Auth-Token: {TOKEN}\nX-Auth-Timestamp: 1767225600\nX-Auth-Signature: {digest}\n"
    );
    assert_eq!((ran.code, ran.text()), (0, expected.as_str()));
}

#[test]
fn sign_explains_each_part_with_its_length_and_escapes() {
    let desk = Desk::new();
    let body = "{\"name\":\t\"Zoë\"}\n";
    let arguments = [
        "POST",
        "/v1/x",
        body,
        "--timestamp",
        "1767225600",
        "--explain",
    ];
    let ran = desk.sign(&[&arguments[..], &["--form", "lines"]].concat());

    let text = ran.text();
    for line in [
        "form lines, with \"\\n\" between the parts:\n",
        "  method         4 bytes  POST\n",
        "  path           5 bytes  /v1/x\n",
        "  timestamp     10 bytes  1767225600\n",
        "  body          17 bytes  {\"name\":\\t\"Zo\\xc3\\xab\"}\\n\n",
        "canonical string (39 bytes):\nPOST\n/v1/x\n1767225600\n{",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
}

#[test]
fn sign_reads_the_body_from_stdin_byte_by_byte() {
    let desk = Desk::new();
    let body = "{\"a\":\r\n1}\n\n";
    let arguments = [
        "sign", "POST", "/v1/x", "-", "--token", TOKEN, "--secret", SECRET,
    ];
    let mut child = desk
        .command(&[&arguments[..], &["--timestamp", "1767225600"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(body.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();

    let by_argument = desk.sign(&["POST", "/v1/x", body, "--timestamp", "1767225600"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        by_argument.text()
    );
}

#[test]
fn sign_takes_the_time_of_the_machine_unless_told() {
    let desk = Desk::new();
    let ran = desk.sign(&["GET", "/v1/get-card/42", "--headers"]);
    let line = ran.text().lines().nth(1).unwrap();
    let seconds: u64 = line
        .strip_prefix("X-Auth-Timestamp: ")
        .unwrap()
        .parse()
        .unwrap();
    assert!(seconds > 1_700_000_000, "{line}");
}

#[test]
fn sign_takes_credentials_from_the_sandbox_file() {
    let desk = Desk::new();
    let content = format!(r#"{{"finci": {{"token": "{TOKEN}", "secret": "{SECRET}"}}}}"#);
    desk.file("cardwright-data/sandbox.json", &content);
    let arguments = ["POST", "/v1/x", "{}", "--timestamp", "1767225600"];
    let by_default = desk.run(&[&["sign"], &arguments[..]].concat());
    assert_eq!(by_default.text(), desk.sign(&arguments).text());

    desk.file("elsewhere/sandbox.json", &content);
    let named = desk.run(&[&["sign", "--data", "elsewhere"], &arguments[..]].concat());
    assert_eq!(named.text(), by_default.text());
}

#[test]
fn an_unusable_sandbox_file_is_named_without_its_secrets() {
    let desk = Desk::new();
    for (content, word) in [
        ("", "line 1"),
        ("[]", "sandbox.json"),
        ("{}", "there is no `finci.token`"),
        (
            r#"{"finci": {"token": "demo-token-0123456789"}}"#,
            "there is no `finci.secret`",
        ),
        (
            r#"{"finci": {"token": "demo", "secret": "hunter2"}}"#,
            "finci.token",
        ),
        (r#"{"finci": {"secret": ["hunter2"]}}"#, "line 1"),
    ] {
        let path = desk.file("cardwright-data/sandbox.json", content);
        let ran = desk.run(&["sign", "GET", "/v1/x"]);
        ran.is_usage_error(&["cardwright-data/sandbox.json", word]);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn wrong_arguments_of_sign_are_named() {
    let desk = Desk::new();
    let refused = |arguments: &[&str], words: &[&str]| desk.sign(arguments).is_usage_error(words);

    refused(&[], &["<METHOD>", "<TARGET>"]);
    refused(&["GE T", "/v1/x"], &["METHOD"]);
    refused(&["GET", "v1/x"], &["TARGET", "begins with `/`"]);
    refused(
        &["GET", "https://card.example/v1/x"],
        &["TARGET", "begins with `/`"],
    );
    refused(&["GET", "/v1/{x}"], &["TARGET", "byte 4", "%7B"]);
    refused(&["GET", "/v1/x#y"], &["TARGET", "fragment"]);
    refused(&["GET", "/v1/x", "{}"], &["BODY", "GET"]);
    refused(&["POST", "/v1/x", "[]"], &["BODY", "`{`"]);
    refused(
        &["POST", "/v1/x", "@no-such-file"],
        &["BODY", "no-such-file"],
    );
    refused(
        &["GET", "/v1/x", "--timestamp", "1767225600000"],
        &["--timestamp", "ten digits"],
    );
    refused(
        &["GET", "/v1/x", "--form", "detect"],
        &["--form", "`detect`", "token-first"],
    );
    refused(
        &["GET", "/v1/x", "--form", "custom:path+body"],
        &["--form", "`timestamp`"],
    );
    refused(
        &["GET", "/v1/x", "--headers", "--explain"],
        &["--headers", "--explain"],
    );
    refused(
        &["GET", "/v1/x", "--token", "short"],
        &["--token", "16 to 64"],
    );
}

#[test]
fn half_of_the_credentials_is_not_enough() {
    let desk = Desk::new();
    let sign = |arguments: &[&str]| desk.run(&[&["sign", "GET", "/v1/x"], arguments].concat());

    sign(&["--token", TOKEN]).is_usage_error(&["--token", "CARDWRIGHT_FINCI_SECRET"]);
    sign(&["--secret", SECRET]).is_usage_error(&["--secret", "CARDWRIGHT_FINCI_TOKEN"]);
    sign(&["--token", TOKEN, "--secret-file", "none"]).is_usage_error(&["--secret-file", "none"]);
    let empty = desk.file("empty", "\n");
    sign(&["--token", TOKEN, "--secret-file", &empty]).is_usage_error(&["--secret-file", "empty"]);
}

#[test]
fn help_says_why_a_secret_is_no_argument_and_shows_none() {
    let desk = Desk::new();
    let ran = desk.sign(&["--help"]);
    assert_eq!(ran.code, 0);
    assert!(ran.text().contains("list of processes") && ran.text().contains("curl -H @-"));
    assert!(!ran.text().contains(SECRET));
}

#[test]
fn a_signature_of_another_program_is_compared_and_its_mistakes_are_named() {
    let desk = Desk::new();
    let compared = |target: &str, signature: &str| {
        let arguments = ["POST", target, "{\"a\": 1}", "--timestamp", "1767225600"];
        let ran = desk.sign(&[&arguments[..], &["--explain", "--signature", signature]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let (_, said) = ran.text().rsplit_once("\nsignature:\n").unwrap();
        said.to_owned()
    };
    let digest = |target: &str, form: &str| {
        let arguments = [
            "POST",
            target,
            "{\"a\": 1}",
            "--timestamp",
            "1767225600",
            "--form",
            form,
        ];
        let ran = desk.sign(&arguments);
        let (_, digest) = ran.text().split_once("\ndigest:\n").unwrap();
        digest.lines().next().unwrap().to_owned()
    };
    let target = "/v1/get-cards?page=2";
    assert_eq!(
        compared(target, &digest(target, "lines")),
        "it matches, in form lines\n"
    );
    let dropped = compared(target, &digest("/v1/get-cards", "default"));
    assert!(
        dropped.starts_with("it does not match\nquery_dropped: "),
        "{dropped}"
    );
    let foreign = compared(target, &"0".repeat(64));
    assert_eq!(
        foreign,
        "it does not match\nno common mistake explains it\n"
    );
    let alone = desk.sign(&["GET", "/v1/x", "--signature", "00"]);
    alone.is_usage_error(&["--explain"]);
}
