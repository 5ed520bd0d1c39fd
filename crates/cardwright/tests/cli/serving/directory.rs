//! `cardwright doctor` and `cardwright migrate`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::{initialized, ready};
use crate::desk::Desk;
use crate::server::Server;

#[test]
fn the_doctor_finds_what_is_in_order_and_what_is_not_and_tells_no_secret() {
    let desk = Desk::new();
    let (mut server, file) = Server::ready(&desk, &["--data", "d"]);
    let healthy = desk.run(&["doctor", "--data", "d"]);
    assert_eq!(healthy.code, 0, "{healthy:?}");
    for line in [
        "ok        files",
        "ok        schema",
        "ok        keys",
        "ok        clock",
        "ok        ledger",
        "tenants",
        "USD  sum 0.00",
    ] {
        assert!(healthy.text().contains(line), "{line}: {}", healthy.text());
    }
    for secret in [
        &file["finci"]["secret"],
        &file["admin"]["api_key"],
        &file["finci"]["token"],
    ] {
        assert!(!healthy.text().contains(secret.as_str().unwrap()));
    }
    assert_eq!(server.end("TERM").code, 0);

    let key = desk.path("d/keys/master.key");
    let broken = |words: &[&str]| {
        let ran = desk.run(&["doctor", "--data", "d"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        for word in words {
            assert!(ran.text().contains(word), "{word}: {}", ran.text());
        }
    };
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    broken(&[
        "BROKEN    files",
        "keys/master.key has mode 0644",
        "BROKEN    keys",
    ]);
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let kept = fs::read(&key).unwrap();
    initialized(&desk, "other", "sandbox");
    fs::copy(desk.path("other/keys/master.key"), &key).unwrap();
    broken(&["BROKEN    keys"]);
    fs::write(&key, kept).unwrap();
    assert_eq!(desk.run(&["doctor", "--data", "d"]).code, 0);
    let nothing = desk.run(&["doctor", "--data", "nowhere"]);
    nothing.is_usage_error(&["--data nowhere: "]);
}

#[test]
fn migrate_says_what_it_did_and_what_is_up_to_date_stays_so() {
    let desk = Desk::new();
    initialized(&desk, "d", "sandbox");
    let ran = desk.run(&["migrate", "--data", "d"]);
    assert_eq!(
        (ran.code, ran.text()),
        (0, "the schema is up to date\n"),
        "{ran:?}"
    );
    desk.run(&["migrate", "--data", "nowhere"])
        .is_refusal(&["data nowhere: "]);
    let (mut server, _) = ready(&desk, &["--data", "d"]);
    let ran = desk.run(&["migrate", "--data", "d"]);
    ran.is_refusal(&["--data d: ", "another server is using"]);
    assert_eq!(server.end("TERM").code, 0);
}
