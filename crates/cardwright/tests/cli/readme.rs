//! The README's first session, pasted into a shell as it is printed.
//!
//! Law: what stands in that section runs. A block of it that this test cannot run is a fault of
//! the README, and only the address is exchanged, for a port that is free.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::desk::Desk;
use crate::server::Server;

const SECTION: &str = "## A first session";
const WEBHOOKS: &str = "## Webhooks and decisions";
/// Where the README's receiver listens.
const RECEIVER_PORT: &str = "3000";
/// Stands before the one block that the test performs itself.
const STARTED_HERE: &str = "<!-- readme-test: the test starts this one itself -->";
const START: &str = "cargo run --release -- sandbox\n";
/// The address that a sandbox listens on by itself, as the README prints it.
const PRINTED_ADDRESS: &str = "127.0.0.1:8080";
/// What begins each call, by the command line or by a function of the README.
const CALLS: [&str; 5] = [
    "finci POST ",
    "finci PATCH ",
    "finci GET ",
    "fincard card/",
    "fincard account/",
];
const SUCCESSES: [&str; 4] = [
    r#""status":"success""#,
    r#""success":true"#,
    // As Python prints them.
    "'status': 'success'",
    "'success': True",
];
const REFUSALS: [&str; 4] = [
    r#""status":"error""#,
    r#""success":false"#,
    "'status': 'error'",
    "'success': False",
];
/// What begins each step of the world outside, and what its answer must say.
const SIMULATED: [(&str, &str); 5] = [
    ("cardwright simulate authorization ", r#""status":"open""#),
    ("cardwright simulate clearing ", r#""overdrawn":false"#),
    ("cardwright clock advance ", r#""expire_authorization":1"#),
    ("cardwright simulate balance-inquiry ", r#""held":0"#),
    ("cardwright ledger verify", "USD  sum 0.00 "),
];
/// Far more than a session takes; only a hang is as slow.
const PATIENCE: Duration = Duration::from_mins(3);

#[test]
fn the_first_session_of_the_readme_runs_in_bash_as_printed() {
    run_session(&["bash", "-euo", "pipefail"]);
}

#[test]
fn the_first_session_of_the_readme_runs_in_a_plain_shell_as_printed() {
    run_session(&["sh", "-eu"]);
}

fn run_session(shell: &[&str]) {
    if !all_there(&[shell[0], "curl", "python3"]) {
        return;
    }
    let desk = Desk::new();
    let blocks = blocks(&readme());
    let (_server, file) = Server::ready(&desk, &["--data", "cardwright-data"]);
    let url = file["base_url"].as_str().unwrap();
    let address = url.strip_prefix("http://").unwrap();

    let binary = Path::new(env!("CARGO_BIN_EXE_cardwright"));
    let binaries = binary.parent().unwrap().display();
    // Nobody pastes twice within one second, in which equal requests have equal signatures and
    // the second would be a replay.
    let mut script = format!(
        "exec 2>&1\nPATH='{binaries}':\"$PATH\"\n\
         now=$(date +%s)\nuntil [ \"$(date +%s)\" -gt \"$now\" ]; do :; done\n"
    );
    for (block, number) in blocks.iter().zip(1..) {
        let text = block.text.replace(PRINTED_ADDRESS, address);
        if block.language == "sh" {
            let _ = writeln!(script, "{text}\necho; echo '--- end of block {number}'");
        } else {
            // A program says in its first line what to save it as.
            let name = text.lines().next().unwrap().trim_start_matches("# ");
            desk.file(name, &text);
            let _ = writeln!(script, "echo '--- end of block {number}'");
        }
    }
    check_all(&blocks, &run(&desk, shell, &script));
    // The README says that pasting twice does no harm.
    check_all(&blocks, &run(&desk, shell, &script));
}

#[test]
fn the_receiver_of_the_readme_is_told_what_happens() {
    if !all_there(&["bash", "python3"]) {
        return;
    }
    let desk = Desk::new();
    let _server = Server::ready(&desk, &["--data", "cardwright-data"]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let blocks = blocks_of(section(&readme(), WEBHOOKS), "");
    let [receiver, commands] = &blocks.0[..] else {
        panic!("a receiver and what it is tried with: {blocks:?}");
    };
    desk.file("receiver.py", receiver.text.replace(RECEIVER_PORT, &port));
    let binary = Path::new(env!("CARGO_BIN_EXE_cardwright"));
    let script = format!(
        "exec 2>&1\nPATH='{}':\"$PATH\"\ntrap 'kill $!' EXIT\n{}\n\
         until cardwright events deliveries | grep -q '\"state\":\"delivered\"'; do :; done\n",
        binary.parent().unwrap().display(),
        commands.text.replace(RECEIVER_PORT, &port)
    );
    let said = run(&desk, &["bash", "-euo", "pipefail"], &script);
    assert!(said.contains(r#""event":"authorization""#), "{said}");
}

fn check_all(blocks: &[Block], said: &str) {
    let mut rest = said;
    for (block, number) in blocks.iter().zip(1..) {
        let end = format!("--- end of block {number}\n");
        let (of_block, after) = rest
            .split_once(&end)
            .unwrap_or_else(|| panic!("block {number} did not come to its end:\n{rest}"));
        rest = after;
        check(block, of_block);
    }
}

/// As many successes as calls, and no refusal. A question that is asked until its answer comes
/// may be asked more than once.
fn check(block: &Block, said: &str) {
    let count = |texts: &[&str], within: &str| -> usize {
        texts.iter().map(|text| within.matches(text).count()).sum()
    };
    let context = || format!("this block:\n{}\nsaid this:\n{said}", block.text);
    assert_eq!(count(&REFUSALS, said), 0, "{}", context());
    if block.language == "sh" {
        let calls = count(&CALLS, &block.text);
        assert!(count(&SUCCESSES, said) >= calls, "{}", context());
    }
    for (command, answer) in SIMULATED {
        let (asked, answered) = (count(&[command], &block.text), count(&[answer], said));
        assert!(answered >= asked, "{command}: {}", context());
    }
    if block.text.starts_with("python3 ") {
        assert_eq!(count(&SUCCESSES, said), 2, "{}", context());
    }
}

/// Runs a script on a desk; it must succeed. What it printed.
fn run(desk: &Desk, shell: &[&str], script: &str) -> String {
    let mut command = Command::new(shell[0]);
    command
        .args(&shell[1..])
        .arg(desk.file("session.sh", script))
        .current_dir(desk.path("."))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    // The sandbox is on this machine, whatever proxy leads elsewhere; and nobody set anything.
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "CARDWRIGHT_DATA",
        "CARDWRIGHT_FINCI_TOKEN",
        "CARDWRIGHT_FINCI_SECRET",
        "CARDWRIGHT_FINCARD_PASSWORD",
    ] {
        command.env_remove(name);
    }
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let (sender, printed) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        let outcome = pipe.read_to_string(&mut text).map(|_| text);
        let _nobody_waits = sender.send(outcome);
    });
    let said = printed.recv_timeout(PATIENCE);
    if said.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let said = said.expect("the session came to an end").unwrap();
    assert!(status.success(), "{shell:?} ended with {status}:\n{said}");
    said
}

/// Whether every program is there; where one is not, says so, or fails where that is asked for.
pub(crate) fn all_there(programs: &[&str]) -> bool {
    programs.iter().all(|program| {
        let started = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let Err(error) = started else { return true };
        #[expect(clippy::disallowed_methods, reason = "the test's own switch")]
        let required = env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
        assert!(!required, "{program} must run here: {error}");
        eprintln!("skipped: {program} cannot be started: {error}");
        false
    })
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    language: String,
    text: String,
}

fn readme() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap()
}

/// The text below a heading.
fn section<'a>(readme: &'a str, heading: &str) -> &'a str {
    let (_, section) = readme.split_once(&format!("\n{heading}\n")).unwrap();
    section.split("\n## ").next().unwrap()
}

/// The blocks of the first session that are to be run, in order.
fn blocks(readme: &str) -> Vec<Block> {
    let (found, started) = blocks_of(section(readme, SECTION), START);
    assert_eq!(started, 1, "the section says once how a sandbox is started");
    found
}

/// The blocks of a section, in order, and how many of them the test performs itself.
fn blocks_of(section: &str, performed: &str) -> (Vec<Block>, usize) {
    let mut found = Vec::new();
    let mut started = 0;
    let mut before = "";
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = text.join("\n") + "\n";
            if before == STARTED_HERE {
                assert_eq!(text, performed);
                started += 1;
            } else {
                assert!(
                    ["sh", "python"].contains(&language),
                    "a block that nothing runs: ```{language}\n{text}"
                );
                let language = language.to_owned();
                found.push(Block { language, text });
            }
        }
        before = line;
    }
    assert!(!found.is_empty());
    (found, started)
}
