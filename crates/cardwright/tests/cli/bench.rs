//! `cardwright bench` from outside; what it measures is not a test's business.

use crate::desk::Desk;

#[test]
fn a_benchmark_that_cannot_run_says_why_and_measures_nothing() {
    let desk = Desk::new();
    let ran = desk.run(&["bench", "store", "--data", "missing"]);
    ran.is_usage_error(&["--data missing", "No such file"]);
    for (flag, wrong) in [("--clients", "0"), ("--rounds", "0"), ("--seconds", "x")] {
        let ran = desk.run(&["bench", "store", flag, wrong]);
        ran.is_usage_error(&[flag]);
    }
}

#[test]
fn a_benchmark_leaves_nothing_but_its_table() {
    let desk = Desk::new();
    desk.file("disk/other", "");
    let ran = desk.run(&[
        "bench",
        "store",
        "--data",
        "disk",
        "--seconds",
        "1",
        "--rounds",
        "1",
        "--clients",
        "2",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.text().lines().count(), 7, "{}", ran.text());
    for line in ran.text().lines().skip(2) {
        assert!(!line.contains("|  |") && !line.contains("| 0 "), "{line}");
    }
    assert_eq!(desk.names("disk"), ["other"]);
}

#[test]
fn a_whole_issuer_is_measured_and_its_ledger_verified() {
    let desk = Desk::new();
    desk.file("disk/other", "");
    let flags = "--data disk --seconds 1 --rounds 1 --clients 1 --cards 5 --entries 10 \
                 --limits cards";
    let ran = desk.run(&[&["bench", "authorize"], &*words(flags)].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = ran.text();
    for part in [
        "- Machine: ",
        &format!("- Command: `cardwright bench authorize {flags}`."),
        "| bare SQLite, group commit | ",
        "| the engine, without HTTP | ",
        "| signed messages over HTTP | ",
        "began with 5 cards and 10 entries",
        "USD  sum 0.00",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("|  |") && !text.contains("| 0 "), "{text}");
    assert_eq!(desk.names("disk"), ["other"]);
    let ran = desk.run(&["bench", "authorize", "--data", "missing"]);
    ran.is_usage_error(&["--data missing", "No such file"]);
}

#[test]
fn what_is_told_of_cards_is_measured_beside_a_bare_endpoint() {
    let desk = Desk::new();
    desk.file("disk/other", "");
    let flags = "--data disk --seconds 1 --rounds 1 --clients 2 --cards 5 --compare-cards 7";
    let ran = desk.run(&[&["bench", "card-info"], &*words(flags)].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = ran.text();
    for part in [
        &format!("- Command: `cardwright bench card-info {flags}`."),
        "- Cores: ",
        "| bare axum, the token checked | ",
        "| Cardwright, 5 cards | ",
        "| Cardwright, 7 cards | ",
        "- Cardwright, 5 cards: ",
        "(target: at least 60 %)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("|  |") && !text.contains("| 0 "), "{text}");
    assert_eq!(desk.names("disk"), ["other"]);
    let ran = desk.run(&["bench", "card-info", "--data", "missing"]);
    ran.is_usage_error(&["--data missing", "No such file"]);
}

fn words(flags: &str) -> Vec<&str> {
    flags.split(' ').collect()
}
