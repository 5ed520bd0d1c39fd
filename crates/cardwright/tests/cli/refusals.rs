//! A configuration that cannot be right: named, refused at the start, nothing written.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::desk::{Desk, Ran};
use crate::server::Server;

fn start(desk: &Desk, arguments: &[&str]) -> Ran {
    let common = ["sandbox", "--listen", "127.0.0.1:0"];
    desk.run(&[&common, arguments].concat())
}

#[test]
fn a_flag_that_cannot_be_right_is_named_before_anything_is_written() {
    let desk = Desk::new();
    let table: [(&[&str], &[&str]); 14] = [
        (&["--allow", "10.1.2.3/8"], &["--allow", "10.0.0.0/8"]),
        (&["--allow", "localhost"], &["--allow", "localhost"]),
        (&["--allow", "0.0.0.0/0"], &["0.0.0.0/0", "--allow-any"]),
        (&["--allow", "::/0"], &["--allow ::/0", "--allow-any"]),
        (&["--allow", "\u{1b}[2J"], &["--allow"]),
        (
            &["--signature-window-s", "0"],
            &["--signature-window-s", "30 to 900"],
        ),
        (
            &["--signature-window-s", "off"],
            &["--signature-window-s", "30 to 900"],
        ),
        (
            &["--signature-window-s", "901"],
            &["--signature-window-s", "901"],
        ),
        (&["--listen", "8080"], &["--listen", "127.0.0.1:8080"]),
        (&["--listen", "127.0.0.1:65536"], &["--listen"]),
        (&["--seed", "-1"], &["--seed"]),
        (&["--seed", "x"], &["--seed", "x"]),
        (&["--log-level", "loud"], &["--log-level", "loud"]),
        (&["--log-format", "xml"], &["--log-format", "xml"]),
    ];
    for (arguments, words) in table {
        let listen: &[&str] = if arguments[0] == "--listen" {
            &[]
        } else {
            &["--listen", "127.0.0.1:0"]
        };
        let ran = desk.run(&[&["sandbox"], listen, arguments].concat());
        ran.is_usage_error(words);
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panic"), "{}", ran.stderr);
    }
    assert!(desk.names("").is_empty());
}

#[test]
fn settings_of_the_environment_are_refused_by_the_same_names() {
    let desk = Desk::new();
    for (name, value, word) in [
        (
            "CARDWRIGHT_SIGNATURE_WINDOW_S",
            "off",
            "--signature-window-s",
        ),
        ("CARDWRIGHT_LISTEN", "here", "--listen"),
        ("CARDWRIGHT_LOG_LEVEL", "loud", "--log-level"),
    ] {
        let output = desk.command(&["sandbox"]).env(name, value).output();
        Ran::from(output.unwrap()).is_usage_error(&[word, value]);
    }
    assert!(desk.names("").is_empty());
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_written() {
    let desk = Desk::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = desk.run(&["sandbox", "--listen", &address]);
    ran.is_refusal(&[&format!("--listen {address}: "), "in use"]);
    assert!(desk.names("").is_empty());
}

#[test]
fn a_place_that_can_hold_no_data_is_named() {
    let desk = Desk::new();
    desk.file("file", "mine");
    start(&desk, &["--data", "file"]).is_refusal(&["--data file: ", "not a directory"]);
    start(&desk, &["--data", "file/d"]).is_refusal(&["--data file/d: "]);
    start(&desk, &["--data", "/proc/cardwright"]).is_refusal(&["--data /proc/cardwright: "]);
    start(&desk, &["--data", "/proc"]).is_refusal(&["--data /proc: ", "cannot write"]);
    assert_eq!(fs::read(desk.path("file")).unwrap(), b"mine");
    assert_eq!(desk.names(""), ["file"]);
}

#[test]
fn a_data_directory_that_does_not_fit_is_refused_and_left_as_it_was() {
    let desk = Desk::new();
    let (mut server, _) = Server::ready(&desk, &["--data", "d", "--seed", "3"]);
    assert_eq!(server.end("TERM").code, 0);
    let (mut server, _) = Server::ready(&desk, &["--data", "other"]);
    assert_eq!(server.end("TERM").code, 0);
    let (key, database) = (desk.path("d/keys/master.key"), desk.path("d/cardwright.db"));
    let before = fs::read(&database).unwrap();
    let refused = |arguments: &[&str], words: &[&str]| {
        let ran = start(&desk, &[&["--data", "d"], arguments].concat());
        ran.is_refusal(&[&["--data d: "], words].concat());
    };

    refused(&["--seed", "4"], &["--seed 4", "with seed 3"]);
    let ran = start(&desk, &["--data", "other", "--seed", "4"]);
    ran.is_refusal(&["--seed 4", "without a seed"]);

    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    refused(&[], &["mode 0640", "chmod 600"]);
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    fs::rename(&key, desk.path("key")).unwrap();
    refused(&[], &["master.key", "restore the key"]);
    fs::copy(desk.path("other/keys/master.key"), &key).unwrap();
    refused(&[], &["a key other than the one in"]);
    fs::rename(desk.path("key"), &key).unwrap();

    fs::rename(desk.path("d/sandbox.json"), desk.path("kept")).unwrap();
    fs::create_dir(desk.path("d/sandbox.json")).unwrap();
    refused(&[], &["sandbox.json is not a file"]);
    fs::remove_dir(desk.path("d/sandbox.json")).unwrap();
    fs::rename(desk.path("kept"), desk.path("d/sandbox.json")).unwrap();

    assert_eq!(fs::read(&database).unwrap(), before);
    let (mut server, _) = Server::ready(&desk, &["--data", "d"]);
    assert_eq!(server.end("TERM").code, 0);
    fs::write(&database, "not a database at all").unwrap();
    refused(&[], &["cardwright.db"]);
    assert_eq!(fs::read(&database).unwrap(), b"not a database at all");
}
