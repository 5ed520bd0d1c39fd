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
