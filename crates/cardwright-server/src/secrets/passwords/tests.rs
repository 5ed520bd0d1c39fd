//! Claims about passwords.

use std::collections::HashSet;

use serde::Deserialize;

use super::*;

/// The least argon2 allows: these tests are about our rules, not about its strength.
const CHEAP: Cost = Cost {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

fn size(threads: usize, queue: usize) -> PoolSize {
    PoolSize {
        threads: NonZeroUsize::new(threads).unwrap(),
        queue,
    }
}

fn passwords() -> Passwords {
    Passwords::with_cost(CHEAP, size(2, 16), Entropy::system()).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[tokio::test]
async fn a_password_verifies_against_its_own_hash_only() {
    let passwords = passwords();
    let phc = passwords.hash(secret("tiger")).await.unwrap();
    assert_eq!(
        passwords.verify(secret("tiger"), Some(&phc)).await,
        Ok(true)
    );
    for wrong in [
        "Tiger",
        "tiger ",
        " tiger",
        "tige",
        "tiger\0",
        "tigerx",
        "",
        "ｔｉｇｅｒ",
    ] {
        let answer = passwords.verify(secret(wrong), Some(&phc)).await;
        assert_eq!(answer, Ok(false), "{wrong:?}");
    }
}

#[tokio::test]
async fn the_same_password_never_hashes_the_same_twice() {
    let passwords = passwords();
    let mut hashes = HashSet::new();
    for _ in 0..20 {
        hashes.insert(passwords.hash(secret("tiger")).await.unwrap());
    }
    assert_eq!(hashes.len(), 20);
}

#[tokio::test]
async fn the_standard_cost_is_nineteen_mebibytes_and_two_passes() {
    let passwords = Passwords::new(size(1, 1), Entropy::system()).unwrap();
    let phc = passwords.hash(secret("tiger")).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    let digest = phc.rsplit('$').next().unwrap();
    assert_eq!(digest.len(), 43, "32 bytes in base64");
    assert_eq!(
        passwords.verify(secret("tiger"), Some(&phc)).await,
        Ok(true)
    );
}

#[derive(Deserialize)]
struct Vector {
    password: String,
    phc: String,
}

#[tokio::test]
async fn hashes_of_the_reference_implementation_verify() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../vectors/argon2_cffi.json")).unwrap();
    assert_eq!(vectors.len(), 4);
    let passwords = passwords();
    for Vector { password, phc } in vectors {
        let right = passwords
            .verify(Secret::new(password.clone()), Some(&phc))
            .await;
        assert_eq!(right, Ok(true), "{phc}");
        let mut wrong = password.into_bytes();
        wrong[0] ^= 1;
        let wrong = Secret::new(String::from_utf8(wrong).unwrap_or_else(|_| "other".to_owned()));
        assert_eq!(
            passwords.verify(wrong, Some(&phc)).await,
            Ok(false),
            "{phc}"
        );
    }
}

#[tokio::test]
async fn nothing_is_cut_off_and_impossible_lengths_are_never_right() {
    let passwords = passwords();
    let longest = "a".repeat(1024);
    let phc = passwords.hash(secret(&longest)).await.unwrap();
    assert_eq!(
        passwords.verify(secret(&longest), Some(&phc)).await,
        Ok(true)
    );
    for wrong in [
        "a".repeat(1023),
        "a".repeat(1025),
        "a".repeat(100_000),
        String::new(),
    ] {
        let length = wrong.len();
        let answer = passwords.verify(Secret::new(wrong), Some(&phc)).await;
        assert_eq!(answer, Ok(false), "{length}");
    }
    assert_eq!(passwords.hash(secret("")).await, Err(PasswordError::Length));
    assert_eq!(
        passwords.hash(secret(&"a".repeat(1025))).await,
        Err(PasswordError::Length)
    );
    // 341 three-byte characters fit, 342 do not: bytes count, as no reader sees characters alike.
    assert!(passwords.hash(secret(&"密".repeat(341))).await.is_ok());
    assert_eq!(
        passwords.hash(secret(&"密".repeat(342))).await,
        Err(PasswordError::Length)
    );
}

#[tokio::test]
async fn an_empty_or_over_long_password_never_matches_even_a_hash_made_of_it() {
    let passwords = passwords();
    for text in [String::new(), "a".repeat(1025)] {
        let argon2 = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8, 1, 1, None).unwrap(),
        );
        let phc = argon2
            .hash_password_with_salt(text.as_bytes(), b"0123456789abcdef")
            .unwrap();
        let answer = passwords
            .verify(Secret::new(text), Some(&phc.to_string()))
            .await;
        assert_eq!(answer, Ok(false));
    }
}

#[tokio::test]
async fn an_unknown_user_costs_a_real_hash_of_the_same_cost_and_is_refused() {
    let passwords = Passwords::with_cost(
        Cost {
            memory_kib: 64,
            passes: 3,
            lanes: 2,
        },
        size(1, 1),
        Entropy::system(),
    )
    .unwrap();
    assert!(
        passwords.dummy.starts_with("$argon2id$v=19$m=64,t=3,p=2$"),
        "{}",
        passwords.dummy
    );
    // The dummy is a complete hash that is really computed and compared, not an early refusal.
    assert_eq!(
        check(&passwords.hasher, &secret("tiger"), &passwords.dummy),
        Ok(false)
    );
    assert_eq!(passwords.verify(secret("tiger"), None).await, Ok(false));
    assert_eq!(passwords.verify(secret(""), None).await, Ok(false));
}

#[tokio::test]
async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
    let passwords = passwords();
    let salt = "MDEyMzQ1Njc4OWFiY2RlZg";
    let digest = "gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0";
    for phc in [
        String::new(),
        "tiger".to_owned(),
        format!("$argon2i$v=19$m=8,t=1,p=1${salt}${digest}"),
        format!("$argon2d$v=19$m=8,t=1,p=1${salt}${digest}"),
        format!("$argon2id$v=16$m=8,t=1,p=1${salt}${digest}"),
        format!("$argon2id$m=8,t=1,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=8,t=1,p=1${salt}"),
        "$argon2id$v=19$m=8,t=1,p=1".to_owned(),
        format!("$argon2id$v=19$m=4194304,t=1,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=8,t=1000,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=8192,t=1,p=200${salt}${digest}"),
        format!("$argon2id$v=19$m=8,t=1,p=1${salt}${digest}="),
        format!("$scrypt$ln=4,r=8,p=1${salt}${digest}"),
    ] {
        let answer = passwords.verify(secret("tiger"), Some(&phc)).await;
        assert_eq!(answer, Err(PasswordError::Malformed), "{phc}");
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_for_every_kind_of_request() {
    let passwords = Passwords::with_cost(CHEAP, size(1, 1), Entropy::system()).unwrap();
    let (begun, begins) = std::sync::mpsc::channel();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let block = move || {
        begun.send(()).unwrap();
        gate.recv().unwrap();
    };
    passwords.pool.submit(block).unwrap();
    begins.recv().unwrap();
    passwords.pool.submit(|| ()).unwrap();

    assert_eq!(
        passwords.hash(secret("tiger")).await,
        Err(PasswordError::Busy)
    );
    for (password, phc) in [("tiger", None), ("", None), ("tiger", Some("damaged"))] {
        let answer = passwords.verify(secret(password), phc).await;
        assert_eq!(answer, Err(PasswordError::Busy), "{password:?} {phc:?}");
    }

    release.send(()).unwrap();
    // The thread is free and the queue empties; wait for it by a job, not by time.
    let (done, finished) = std::sync::mpsc::channel();
    while passwords.pool.submit({
        let done = done.clone();
        move || done.send(()).unwrap()
    }) != Ok(())
    {
        std::thread::yield_now();
    }
    finished.recv().unwrap();
    assert!(passwords.hash(secret("tiger")).await.is_ok());
}

#[tokio::test]
async fn work_nobody_waits_for_any_more_is_not_done() {
    let passwords = Passwords::with_cost(CHEAP, size(1, 4), Entropy::system()).unwrap();
    let (release, gate) = std::sync::mpsc::channel::<()>();
    passwords.pool.submit(move || gate.recv().unwrap()).unwrap();

    let (told, work_done) = std::sync::mpsc::channel();
    let mut abandoned = Box::pin(passwords.run(move || told.send(()).unwrap()));
    let waker = std::task::Waker::noop();
    let first = abandoned
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    assert!(first.is_pending(), "handed over and waiting");
    drop(abandoned);

    release.send(()).unwrap();
    assert!(passwords.hash(secret("tiger")).await.is_ok());
    assert!(
        work_done.try_recv().is_err(),
        "the abandoned work was skipped"
    );
}

#[test]
fn debug_output_shows_the_cost_and_nothing_secret() {
    let passwords = passwords();
    let shown = format!("{passwords:?}");
    assert!(shown.contains("m_cost: 8"), "{shown}");
    assert!(!shown.contains("$argon2id"), "{shown}");
}
