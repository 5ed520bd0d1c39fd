//! The chores as a contributor meets them: by their output and their exit code.

use std::path::Path;
use std::process::{Command, Output};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate stands in the repository")
}

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).output().expect("xtask runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_repository_is_tidy() {
    let output = xtask(&["tidy"]);
    let list = text(&output.stdout);
    assert!(output.status.success(), "\n{list}{}", text(&output.stderr));
    assert!(
        list.contains(" files checked, nothing to correct"),
        "{list}"
    );
}

#[test]
fn an_untidy_tree_fails_with_its_list_and_a_build_folder_is_not_read() {
    let root = tempfile::tempdir().expect("a folder for the fixture");
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("the folder is made");
        std::fs::write(path, text).expect("the file is written");
    };
    write("Cargo.toml", "[workspace.dependencies]\nserde = \"1\"\n");
    write(
        "crates/cardwright-core/Cargo.toml",
        "[dependencies]\nserde.workspace = true\n",
    );
    write(
        "crates/cardwright-core/src/lib.rs",
        "//! Core.\nuse std::fs;\n",
    );
    write("built/CACHEDIR.TAG", "");
    write("built/lib.rs", "not Rust");

    let output = xtask(&["tidy", root.path().to_str().expect("the path is text")]);

    let list = text(&output.stdout);
    let found: Vec<&str> = list
        .lines()
        .map(|line| line.split(':').nth(2).expect("a rule").trim())
        .collect();
    assert_eq!(
        found,
        ["dependency-reason", "crate-arrow", "pure-core"],
        "{list}"
    );
    assert!(
        list.contains("Cargo.toml:2: dependency-reason: say behind `serde`"),
        "{list}"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr).trim(), "tidy: 3 to correct in 3 files");
}

#[test]
fn an_unknown_chore_explains_the_known_ones() {
    for arguments in [&[][..], &["tidyup"], &["tidy", ".", "more"]] {
        let output = xtask(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).starts_with("usage: cargo xtask tidy"),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_continuous_integration_script_is_sound_shell_and_may_be_run() {
    let script = repository().join(".ci/run");
    let output = Command::new("bash")
        .arg("-n")
        .arg(&script)
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&script)
            .expect("the script is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111, "every user may run it");
    }
}
