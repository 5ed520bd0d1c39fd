//! Claims about the key file and wrapped keys.

use std::os::unix::fs::{PermissionsExt, symlink};

use serde::Deserialize;

use super::*;

fn entropy() -> Entropy {
    Entropy::system()
}

fn fault(result: Result<KeyFile, KeyError>) -> FileFault {
    match result {
        Err(KeyError::File { path, fault }) => {
            let text = KeyError::file(&path, fault.clone()).to_string();
            assert!(
                text.contains(&path.display().to_string()),
                "the error names the file: {text}"
            );
            fault
        }
        other => panic!("expected a refused file, got {other:?}"),
    }
}

fn wrap_fault(result: Result<KeyBytes, KeyError>) -> WrapFault {
    match result {
        Err(KeyError::Refused { fault, .. }) => fault,
        other => panic!("expected a refused key, got {other:?}"),
    }
}

#[test]
fn a_created_key_is_private_random_and_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    let created = KeyFile::create(&path, &entropy()).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.mode() & 0o7777, 0o600);
    assert_eq!(metadata.len(), 32);

    let wrapped = created
        .wrap(
            7,
            KeyPurpose::Tenant(3),
            &KeyBytes::generate(&entropy()),
            &entropy(),
        )
        .unwrap();
    let loaded = KeyFile::load(&path).unwrap();
    assert_eq!(loaded.open(&wrapped), created.open(&wrapped));
    assert!(loaded.open(&wrapped).is_ok());

    let other = directory.path().join("other.key");
    KeyFile::create(&other, &entropy()).unwrap();
    assert_ne!(fs::read(&path).unwrap(), fs::read(&other).unwrap());
}

#[test]
fn creation_never_overwrites_whatever_stands_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    KeyFile::create(&path, &entropy()).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(fault(KeyFile::create(&path, &entropy())), FileFault::Exists);
    assert_eq!(fs::read(&path).unwrap(), before);

    let empty = directory.path().join("empty.key");
    File::create(&empty).unwrap();
    assert_eq!(
        fault(KeyFile::create(&empty, &entropy())),
        FileFault::Exists
    );
    assert_eq!(fs::read(&empty).unwrap(), b"");

    // A dangling link would let somebody else choose where the key is written.
    let target = directory.path().join("elsewhere");
    let link = directory.path().join("link.key");
    symlink(&target, &link).unwrap();
    assert_eq!(fault(KeyFile::create(&link, &entropy())), FileFault::Exists);
    assert!(!target.exists());

    assert_eq!(
        fault(KeyFile::create(directory.path(), &entropy())),
        FileFault::Exists
    );
}

#[test]
fn a_missing_directory_is_reported_and_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("absent").join("master.key");
    assert!(matches!(
        fault(KeyFile::create(&path, &entropy())),
        FileFault::Io("create", _)
    ));
    assert_eq!(fault(KeyFile::load(&path)), FileFault::Missing);
    assert!(!directory.path().join("absent").exists());
}

#[test]
fn a_key_others_could_read_or_write_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    KeyFile::create(&path, &entropy()).unwrap();
    for mode in [
        0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660, 0o666, 0o777,
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(
            fault(KeyFile::load(&path)),
            FileFault::Exposed(mode),
            "{mode:o}"
        );
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(KeyFile::load(&path).is_ok(), "{mode:o}");
    }
}

#[test]
fn a_key_of_somebody_else_is_refused_even_if_we_may_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    KeyFile::create(&path, &entropy()).unwrap();
    let owner = fs::metadata(&path).unwrap().uid();
    assert!(KeyFile::load_as(&path, owner).is_ok());
    let user = owner + 1;
    assert_eq!(
        fault(KeyFile::load_as(&path, user)),
        FileFault::Foreign { owner, user }
    );
}

#[test]
fn a_key_is_compared_with_the_user_we_run_as() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    KeyFile::create(&path, &entropy()).unwrap();
    let user = fs::metadata(&path).unwrap().uid();
    // Only root can give files away; anybody else is already kept from doing so.
    if user == 0 {
        let owner = 12_345;
        std::os::unix::fs::chown(&path, Some(owner), None).unwrap();
        assert_eq!(
            fault(KeyFile::load(&path)),
            FileFault::Foreign { owner, user }
        );
    } else {
        assert!(KeyFile::load(&path).is_ok());
    }
}

#[test]
fn a_key_of_another_length_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for (length, told) in [(0, 0), (1, 1), (31, 31), (33, 33), (64, 33), (10_000, 33)] {
        let path = directory.path().join(format!("{length}.key"));
        fs::write(&path, vec![7; length]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            fault(KeyFile::load(&path)),
            FileFault::Length(told),
            "{length}"
        );
    }
}

#[test]
fn links_and_directories_are_no_key_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    KeyFile::create(&path, &entropy()).unwrap();
    let link = directory.path().join("link.key");
    symlink(&path, &link).unwrap();
    assert_eq!(fault(KeyFile::load(&link)), FileFault::NotAFile);
    assert_eq!(fault(KeyFile::load(directory.path())), FileFault::NotAFile);
    assert_eq!(
        fault(KeyFile::load(Path::new("/dev/null"))),
        FileFault::NotAFile
    );
}

#[test]
fn errors_say_what_to_do() {
    let path = Path::new("/etc/cardwright/master.key");
    let table = [
        (FileFault::Missing, "restore it from its backup"),
        (FileFault::Exists, "never overwritten"),
        (FileFault::NotAFile, "name the file itself"),
        (FileFault::Exposed(0o644), "mode 0644"),
        (
            FileFault::Exposed(0o644),
            "chmod 600 /etc/cardwright/master.key",
        ),
        (FileFault::Length(31), "31 bytes instead of exactly 32"),
        (FileFault::Length(33), "more than 32 bytes instead"),
        (FileFault::Changed, "try again"),
        (
            FileFault::Io("open", "Permission denied".into()),
            "Permission denied",
        ),
    ];
    for (fault, advice) in table {
        let text = KeyError::file(path, fault).to_string();
        assert!(
            text.contains("/etc/cardwright/master.key") && text.contains(advice),
            "{text}"
        );
    }
}

#[test]
fn a_wrapped_key_opens_only_for_its_id_purpose_and_tenant() {
    let file = key_file(1);
    let key = KeyBytes::generate(&entropy());
    let wrapped = file
        .wrap(7, KeyPurpose::Tenant(3), &key, &entropy())
        .unwrap();
    assert_eq!(file.open(&wrapped), Ok(key));

    let purposes = [
        KeyPurpose::Tenant(4),
        KeyPurpose::Tenant(0),
        KeyPurpose::Lookup,
    ];
    for purpose in purposes.into_iter().chain([KeyPurpose::Environment]) {
        let moved = WrappedKey {
            purpose,
            ..wrapped.clone()
        };
        assert_eq!(
            wrap_fault(file.open(&moved)),
            WrapFault::Altered,
            "{purpose:?}"
        );
    }
    let renumbered = WrappedKey { id: 8, ..wrapped };
    assert_eq!(wrap_fault(file.open(&renumbered)), WrapFault::Altered);
}

#[test]
fn no_changed_byte_of_a_wrapped_key_goes_unnoticed() {
    let file = key_file(1);
    let key = KeyBytes::generate(&entropy());
    let wrapped = file.wrap(7, KeyPurpose::Lookup, &key, &entropy()).unwrap();
    for position in 0..wrapped.bytes.len() {
        for bit in 0..8 {
            let mut changed = wrapped.clone();
            changed.bytes[position] ^= 1 << bit;
            assert!(file.open(&changed).is_err(), "byte {position}, bit {bit}");
        }
    }
    for length in 0..wrapped.bytes.len() {
        let mut cut = wrapped.clone();
        cut.bytes.truncate(length);
        assert_eq!(
            wrap_fault(file.open(&cut)),
            WrapFault::Malformed,
            "{length}"
        );
    }
    let mut longer = wrapped.clone();
    longer.bytes.push(0);
    assert_eq!(wrap_fault(file.open(&longer)), WrapFault::Malformed);
}

#[test]
fn the_wrong_key_file_is_named_as_such() {
    let key = KeyBytes::generate(&entropy());
    let wrapped = key_file(1)
        .wrap(7, KeyPurpose::Environment, &key, &entropy())
        .unwrap();
    let error = key_file(2).open(&wrapped).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("other than the one in /keys/2.key"), "{text}");
}

#[test]
fn wrapping_twice_gives_different_bytes_and_never_the_key_itself() {
    let file = key_file(1);
    let key = KeyBytes::generate(&entropy());
    let one = file
        .wrap(7, KeyPurpose::Environment, &key, &entropy())
        .unwrap();
    let two = file
        .wrap(7, KeyPurpose::Environment, &key, &entropy())
        .unwrap();
    assert_ne!(one.bytes, two.bytes);
    assert!(
        !one.bytes
            .windows(8)
            .any(|part| key.expose().windows(8).any(|own| own == part))
    );
}

#[test]
fn purposes_survive_the_trip_through_two_columns() {
    for purpose in [
        KeyPurpose::Environment,
        KeyPurpose::Lookup,
        KeyPurpose::Tenant(42),
    ] {
        let back = KeyPurpose::from_columns(purpose.code(), purpose.tenant());
        assert_eq!(back, Some(purpose));
    }
    for (code, tenant) in [
        ("tenant", None),
        ("lookup", Some(1)),
        ("environment", Some(1)),
        ("", None),
    ] {
        assert_eq!(
            KeyPurpose::from_columns(code, tenant),
            None,
            "{code} {tenant:?}"
        );
    }
}

#[test]
fn debug_output_never_shows_a_key() {
    let key = KeyBytes::from_slice(&[0xAB; 32]).unwrap();
    assert_eq!(format!("{key:?}"), "KeyBytes(…)");
    assert_eq!(
        format!("{:?}", key_file(1)),
        "KeyFile { path: \"/keys/1.key\", .. }"
    );
    assert_eq!(KeyBytes::from_slice(&[0; 31]), None);
    assert_eq!(KeyBytes::from_slice(&[0; 33]), None);
}

/// RFC 4231, test case 2 has a short key; the zeroes behind it are what HMAC itself would add.
#[test]
fn the_mac_is_hmac_sha_256() {
    let mut padded = [0; 32];
    padded[..4].copy_from_slice(b"Jefe");
    let mac = hmac_sha256(
        &KeyBytes::from_slice(&padded).unwrap(),
        b"what do ya want for nothing?",
    );
    let published = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hex::encode(mac), published);
}

#[derive(Deserialize)]
struct Vector {
    master_hex: String,
    id: i64,
    purpose: String,
    tenant: Option<i64>,
    key_hex: String,
    wrapped_hex: String,
}

/// Also what keeps the format: a database of today must be readable by every later release.
#[test]
fn keys_wrapped_by_another_implementation_of_the_format_open() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../vectors/wrapped.json")).unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let master = KeyBytes::from_slice(&hex::decode(vector.master_hex).unwrap()).unwrap();
        let purpose = KeyPurpose::from_columns(&vector.purpose, vector.tenant).unwrap();
        let bytes = hex::decode(vector.wrapped_hex).unwrap();
        let wrapped = WrappedKey {
            id: vector.id,
            purpose,
            bytes,
        };
        let opened = KeyFile::new(Path::new("/keys/1.key"), master)
            .open(&wrapped)
            .unwrap();
        assert_eq!(hex::encode(opened.expose()), vector.key_hex, "{purpose:?}");
    }
}

fn key_file(number: u8) -> KeyFile {
    let path = PathBuf::from(format!("/keys/{number}.key"));
    KeyFile::new(&path, KeyBytes::from_slice(&[number; 32]).unwrap())
}
