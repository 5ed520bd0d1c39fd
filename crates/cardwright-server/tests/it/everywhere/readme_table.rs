//! The README's table of operations is the one that the route tables make.

use std::{env, fs};

use cardwright_server::api::docs::readme_table;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
const BEGIN: &str = "<!-- operations:begin -->\n";
const END: &str = "<!-- operations:end -->\n";

/// The text with this table between its two marks.
fn with_table(readme: &str, table: &str) -> String {
    let (before, rest) = readme.split_once(BEGIN).expect("the mark before the table");
    let (_, after) = rest.split_once(END).expect("the mark after the table");
    format!("{before}{BEGIN}\n{table}\n{END}{after}")
}

#[test]
fn the_readme_lists_exactly_the_operations_there_are() {
    let readme = fs::read_to_string(README).unwrap();
    let right = with_table(&readme, &readme_table());
    #[expect(clippy::disallowed_methods, reason = "the test's own switch")]
    let update = env::var("UPDATE_README").is_ok_and(|value| value == "1");
    if update {
        fs::write(README, right).unwrap();
        return;
    }
    assert!(
        readme == right,
        "the table in README.md is out of date; run\n\
         UPDATE_README=1 cargo test -p cardwright-server --test it readme_table\n\
         It should be:\n{}",
        readme_table()
    );
}

#[test]
fn only_what_is_between_the_marks_is_exchanged() {
    let readme = format!("# A\n\n{BEGIN}old\n{END}\n## B\n");
    let right = format!("# A\n\n{BEGIN}\n| new |\n\n{END}\n## B\n");
    assert_eq!(with_table(&readme, "| new |\n"), right);
    assert_eq!(with_table(&right, "| new |\n"), right);
}
