//! Claims about card data keys; what is encrypted is read back by OpenSSL.

use std::process::Command;
use std::{env, fs};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};

use super::*;

/// A pair of which we have the private half, for once.
fn pair(size: KeySize) -> (PrivateDecryptingKey, Vec<u8>) {
    let private = PrivateDecryptingKey::generate(size).unwrap();
    let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    let der = der.as_ref().to_vec();
    (private, der)
}

fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<&str> = (0..base64.len())
        .step_by(64)
        .map(|at| &base64[at..base64.len().min(at + 64)])
        .collect();
    let inside = lines.join("\n");
    format!("-----BEGIN PUBLIC KEY-----\n{inside}\n-----END PUBLIC KEY-----\n")
}

/// Modulus and exponent by a reading of DER that is only good for RSA keys.
fn numbers(der: &[u8]) -> (String, String) {
    // Behind the algorithm: a bit string, a sequence, two integers. All lengths have two bytes. The
    // first integer is the modulus, in which any bytes may follow each other.
    let modulus_at = der
        .windows(2)
        .position(|pair| pair == [0x02, 0x82])
        .unwrap()
        + 4;
    let length = usize::from(der[modulus_at - 2]) << 8 | usize::from(der[modulus_at - 1]);
    let modulus = &der[modulus_at..modulus_at + length];
    let exponent = &der[modulus_at + length + 2..];
    let start = modulus.iter().position(|byte| *byte != 0).unwrap();
    (
        URL_SAFE_NO_PAD.encode(&modulus[start..]),
        URL_SAFE_NO_PAD.encode(exponent),
    )
}

#[test]
fn only_the_private_half_reads_what_was_encrypted() {
    let (private, der) = pair(KeySize::Rsa2048);
    let key = CardDataKey::from_der(&der).unwrap();
    let value = Secret::new("4242424242424242".to_owned());
    let (one, other) = (key.encrypt(&value).unwrap(), key.encrypt(&value).unwrap());
    assert_ne!(one, other, "equal values do not show");
    let private = OaepPrivateDecryptingKey::new(private).unwrap();
    for text in [one, other] {
        let sealed = STANDARD.decode(text).unwrap();
        assert_eq!(sealed.len(), 256);
        let mut opened = vec![0; 256];
        let opened = private
            .decrypt(&OAEP_SHA256_MGF1SHA256, &sealed, &mut opened, None)
            .unwrap();
        assert_eq!(opened, b"4242424242424242");
    }
    let shown = format!("{key:?}");
    assert_eq!(shown, "CardDataKey(2048 bits)");
}

#[test]
fn a_key_is_the_same_from_der_pem_and_jwk() {
    for size in [KeySize::Rsa2048, KeySize::Rsa3072] {
        let (_, der) = pair(size);
        let key = CardDataKey::from_der(&der).unwrap();
        let (modulus, exponent) = numbers(&der);
        let of_jwk = CardDataKey::from_jwk(&modulus, &exponent).unwrap();
        let of_pem = CardDataKey::from_pem(&pem(&der)).unwrap();
        assert_eq!(of_jwk.der(), der, "DER has one form for each key");
        assert_eq!(of_pem.der(), der);
        assert_eq!(key.fingerprint(), of_jwk.fingerprint());
        assert_eq!(key.bits(), size.len() * 8);
    }
}

#[test]
fn what_is_no_key_of_the_right_size_is_refused() {
    // openssl genrsa 1024 | openssl rsa -pubout -outform DER | base64
    let short = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCqGKukO1De7zhZj6+H0qtjTkVxwTCpvKe4eCZ0\
                 FPqri0cb2JZfXJ/DgYSF6vUpwmJG8wVQZKjeGcjDOL5UlsuusFncCzWBQ7RKNUSesmQRMSGkVb1/\
                 3j+skZ6UtW+5u09lHNsj6tQ51s1SPrCBkedbNf0Tp0GbMJDyR4e9T04ZZwIDAQAB";
    let short = STANDARD.decode(short).unwrap();
    assert!(CardDataKey::from_der(&short).is_err(), "1024 bits");
    let (_, der) = pair(KeySize::Rsa2048);
    for bytes in [&b""[..], b"key", &der[..der.len() - 1], &[0; 300]] {
        assert!(
            CardDataKey::from_der(bytes).is_err(),
            "{} bytes",
            bytes.len()
        );
    }
    let pem = pem(&der);
    for text in [
        "",
        &pem[1..],
        &pem.replace("PUBLIC", "PRIVATE"),
        &pem.replace('A', "!"),
    ] {
        let refused = CardDataKey::from_pem(text).map(|key| key.bits());
        assert_eq!(refused, Err(CardDataError::Malformed));
    }
    let (modulus, exponent) = numbers(&der);
    for (n, e) in [
        ("", exponent.as_str()),
        (&modulus, ""),
        ("AAAA", &exponent),
        (&modulus[..40], &exponent),
        (&format!("{modulus}="), &exponent),
        ("*", &exponent),
    ] {
        assert!(CardDataKey::from_jwk(n, e).is_err(), "{n} {e}");
    }
}

#[test]
fn openssl_reads_what_was_encrypted_to_its_key() {
    let version = Command::new("openssl").arg("version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        #[expect(
            clippy::disallowed_methods,
            reason = "a switch of the test run, not of the server"
        )]
        let required = env::var("CARDWRIGHT_REQUIRE_ALL").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "CARDWRIGHT_REQUIRE_ALL=1, but there is no openssl command"
        );
        println!("skipped: there is no openssl command to decrypt with");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(directory.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        output.stdout
    };
    run(&[
        "genpkey",
        "-algorithm",
        "RSA",
        "-pkeyopt",
        "rsa_keygen_bits:3072",
        "-out",
        "key.pem",
    ]);
    let public = run(&["pkey", "-in", "key.pem", "-pubout"]);
    let key = CardDataKey::from_pem(&String::from_utf8(public).unwrap()).unwrap();
    assert_eq!(key.bits(), 3_072);
    for value in ["4242424242424242", "123", "01/2030"] {
        let sealed = key.encrypt(&Secret::new(value.to_owned())).unwrap();
        let sealed = STANDARD.decode(sealed).unwrap();
        fs::write(directory.path().join("sealed"), sealed).unwrap();
        let opened = run(&[
            "pkeyutl",
            "-decrypt",
            "-inkey",
            "key.pem",
            "-in",
            "sealed",
            "-pkeyopt",
            "rsa_padding_mode:oaep",
            "-pkeyopt",
            "rsa_oaep_md:sha256",
            "-pkeyopt",
            "rsa_mgf1_md:sha256",
        ]);
        assert_eq!(opened, value.as_bytes());
    }
}
