//! Tokens that are bad in exactly one way each; all but the outer forms are correctly signed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use super::*;

/// Each line: name of the field, the JSON it is set to (`-` removes it), the expected fault.
fn check_changes(table: &str, token: impl Fn(&Value) -> String, object: &Value) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, rest) = line.split_once(' ').unwrap();
        let (value, fault) = rest.trim().rsplit_once(' ').unwrap();
        let mut changed = object.clone();
        match value.trim() {
            "-" => assert!(
                changed.as_object_mut().unwrap().remove(name).is_some(),
                "{line}"
            ),
            json => changed[name] = serde_json::from_str(json).unwrap(),
        }
        assert_ne!(&changed, object, "{line} changes nothing");
        let answer = verify(&token(&changed)).map_err(|fault| format!("{fault:?}"));
        assert_eq!(answer, Err(fault.to_owned()), "{line}");
    }
}

#[test]
fn a_header_with_anything_else_than_our_three_fields_is_refused() {
    let table = r#"
        alg   "none"                          Header
        alg   "None"                          Header
        alg   "HS512"                         Header
        alg   "HS384"                         Header
        alg   "RS256"                         Header
        alg   "ES256"                         Header
        alg   "hs256"                         Header
        alg   ""                              Header
        alg   null                            Header
        alg   ["HS256"]                       Header
        alg   -                               Header
        typ   "jwt"                           Header
        typ   "at+jwt"                        Header
        typ   ""                              Header
        typ   -                               Header
        kid   -                               Header
        kid   1                               Header
        kid   "k2"                            UnknownKey
        kid   ""                              UnknownKey
        kid   "K1"                            UnknownKey
        kid   "k1 "                           UnknownKey
        kid   "k1\u0000"                      UnknownKey
        kid   "../../dev/null"                UnknownKey
        kid   "' OR 1=1 --"                   UnknownKey
        crit  ["exp"]                         Header
        crit  []                              Header
        jwk   {"kty":"oct","k":"AAECAwQF"}    Header
        jku   "https://attacker.example/k"    Header
        x5u   "https://attacker.example/c"    Header
        x5c   ["AAAA"]                        Header
        x5t   "AAAA"                          Header
        zip   "DEF"                           Header
        enc   "A256GCM"                       Header
        cty   "JWT"                           Header
        b64   false                           Header
        note  "x"                             Header
    "#;
    check_changes(table, |header| signed(header, &payload()), &header());
}

#[test]
fn a_header_that_is_not_one_plain_object_is_refused() {
    for text in [
        r#"["HS256","JWT","k1"]"#,
        r#"{"alg":"none","typ":"JWT","kid":"k1","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"JWT","kid":"k2","kid":"k1"}"#,
        r#"{"alg":"HS256","typ":"JWT","kid":"k1","\u006bid":"k1"}"#,
        r#"{"alg":"HS256","typ":"JWT","kid":"k1"}{}"#,
        r#"{"alg":"HS256","typ":"JWT","kid":"k1""#,
        "\u{feff}{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}",
        r#""HS256""#,
        "null",
        "",
    ] {
        let token = signed_text(text, &payload().to_string());
        assert_eq!(verify(&token), Err(TokenFault::Header), "{text}");
    }
}

#[test]
fn every_claim_must_be_there_once_and_of_its_type() {
    let names: Vec<String> = payload().as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 12);
    let text = payload().to_string();
    for name in &names {
        let value = &payload()[name];
        let table = format!("{name} - Claims\n{name} null Claims\n{name} [{value}] Claims");
        check_changes(&table, |claims| signed(&header(), claims), &payload());

        let doubled = format!("{},\"{name}\":{value}}}", &text[..text.len() - 1]);
        let token = signed_text(&header().to_string(), &doubled);
        assert_eq!(verify(&token), Err(TokenFault::Claims), "{name} twice");
    }
}

#[test]
fn a_claim_with_a_value_that_is_not_ours_is_refused() {
    // The token is issued at 1772366400 and ends 3600 seconds later.
    let table = r#"
        exp       "1772370000"                               Claims
        exp       1772370000.0                               Claims
        exp       1.77237e9                                  Claims
        exp       18446744073709551615                       Claims
        exp       9223372036854775807                        Lifetime
        exp       1772370001                                 Lifetime
        exp       1803902400                                 Lifetime
        exp       1772366400                                 Lifetime
        exp       1772366399                                 Lifetime
        exp       -1                                         Lifetime
        iat       "1772366400"                               Claims
        iat       1772366399                                 Lifetime
        iat       -9223372036854775808                       Lifetime
        nbf       "1772366400"                               Claims
        nbf       true                                       Claims
        nbf       -9223372036854775808                       Claims
        nbf       1772370001                                 Lifetime
        nbf       1772366406                                 NotYetValid
        iss       "bff2"                                     Claims
        iss       "BFF"                                      Claims
        iss       ""                                         Claims
        aud       "bff"                                      Claims
        typ       "refresh"                                  Claims
        typ       ""                                         Claims
        env       "production"                               Environment
        env       "Sandbox"                                  Environment
        env       ""                                         Environment
        tenantId  ""                                         Claims
        tenantId  7                                          Claims
        sub       "0b9e1c0a-5f43-4f4e-9d3c-6a1f1f1d2c3b"     Claims
        userId    "0b9e1c0a-5f43-4f4e-9d3c-6a1f1f1d2c3b"     Claims
        jti       "1"                                        Claims
        jti       ""                                         Claims
        jti       "{0b9e1c0a-5f43-4f4e-9d3c-6a1f1f1d2c3b}"   Claims
        jti       "0B9E1C0A-5F43-4F4E-9D3C-6A1F1F1D2C3B"     Claims
        jti       "0b9e1c0a5f434f4e9d3c6a1f1f1d2c3b"         Claims
        deviceId  7                                          Claims
        role      "owner"                                    Claims
    "#;
    check_changes(table, |claims| signed(&header(), claims), &payload());
}

#[test]
fn claims_that_are_not_one_plain_object_are_refused() {
    let text = payload().to_string();
    let values: Vec<Value> = payload().as_object().unwrap().values().cloned().collect();
    let zero_behind = format!("{text}\0");
    let twice = format!("{text}{text}");
    for body in [
        &json!(values).to_string(),
        "",
        "{}",
        "null",
        &twice,
        &zero_behind,
    ] {
        let token = signed_text(&header().to_string(), body);
        assert_eq!(verify(&token), Err(TokenFault::Claims), "{body}");
    }
    // Not base64url, though the signature covers it as it stands.
    for body in [
        format!("{}=", encode(&text)),
        "@@@@".to_owned(),
        String::new(),
    ] {
        let message = format!("{}.{body}", encode(header().to_string()));
        let signature = encode(hmac_by_hand(&key_bytes(), message.as_bytes()));
        let token = format!("{message}.{signature}");
        assert_eq!(verify(&token), Err(TokenFault::Claims), "{body}");
    }
}

#[test]
fn a_token_of_another_shape_is_refused() {
    let good = signed(&header(), &payload());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, body) = message.split_once('.').unwrap();
    let none = encode(r#"{"alg":"none","typ":"JWT","kid":"k1"}"#);
    let rival = encode(payload().to_string().replace("acme", "rival"));
    for (token, fault) in [
        (String::new(), TokenFault::Malformed),
        ("token".to_owned(), TokenFault::Malformed),
        (message.to_owned(), TokenFault::Malformed),
        ("..".to_owned(), TokenFault::Header),
        (format!(".{body}.{signature}"), TokenFault::Header),
        (format!("{none}.{body}."), TokenFault::Header),
        (format!("{none}.{body}.{signature}"), TokenFault::Header),
        (format!("{head}=.{body}.{signature}"), TokenFault::Header),
        (format!(" {good}"), TokenFault::Header),
        (format!("Bearer {good}"), TokenFault::Header),
        (format!("{head}..{signature}"), TokenFault::Signature),
        (format!("{message}."), TokenFault::Signature),
        (format!("{good}.{signature}"), TokenFault::Signature),
        (
            format!("{message}.{message}.{signature}"),
            TokenFault::Signature,
        ),
        (format!("{head}.{rival}.{signature}"), TokenFault::Signature),
        (format!("{head}.{body}=.{signature}"), TokenFault::Signature),
        (format!("{good}{}", "A".repeat(4096)), TokenFault::TooLong),
    ] {
        assert_eq!(verify(&token), Err(fault), "{token:?}");
    }
}

#[test]
fn a_signature_in_any_other_spelling_or_of_any_other_kind_is_refused() {
    let good = signed(&header(), &payload());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let raw = hmac_by_hand(&key_bytes(), message.as_bytes());
    let mut sha512 = Hmac::<Sha512>::new_from_slice(&key_bytes()).unwrap();
    sha512.update(message.as_bytes());
    // The last character carries four bits of the digest; a lax decoder takes any other two.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = signature.split_at(42);
    let lax = alphabet.as_bytes()[alphabet.find(last).unwrap() ^ 1];
    for other in [
        encode(sha512.finalize().into_bytes()),
        hex::encode(&raw),
        encode(&raw[..31]),
        encode([raw.as_slice(), &[0]].concat()),
        encode([0; 32]),
        format!("{start}{}", char::from(lax)),
        format!("{start}+"),
        format!("{start}/"),
        format!("{signature}="),
        format!("{signature}=="),
        format!("{signature} "),
        format!("{signature}\n"),
        format!("{signature}\0"),
        format!("{signature}A"),
        format!(" {signature}"),
        signature.to_uppercase(),
    ] {
        let answer = verify(&format!("{message}.{other}"));
        assert_eq!(answer, Err(TokenFault::Signature), "{other:?}");
    }
}

/// A receiver that let the token choose would take a public RSA key for an HMAC key.
#[test]
fn a_token_keyed_by_text_anybody_may_know_is_refused() {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}).to_string();
    let message = format!("{}.{}", encode(header), encode(payload().to_string()));
    for public in ["-----BEGIN PUBLIC KEY-----\n", "k1", "sandbox", ""] {
        let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
        mac.update(message.as_bytes());
        let token = format!("{message}.{}", encode(mac.finalize().into_bytes()));
        assert_eq!(verify(&token), Err(TokenFault::Header), "{public}");

        let (_, body) = message.split_once('.').unwrap();
        let honest = format!("{}.{body}", encode(super::header().to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
        mac.update(honest.as_bytes());
        let token = format!("{honest}.{}", encode(mac.finalize().into_bytes()));
        assert_eq!(verify(&token), Err(TokenFault::Signature), "{public}");
    }
}

#[test]
fn no_changed_character_goes_unnoticed() {
    let good = signed(&header(), &payload());
    for position in 0..good.len() {
        for other in ['A', 'z', '-', '.', '='] {
            let mut changed = good.clone();
            changed.replace_range(position..=position, &other.to_string());
            if changed != good {
                assert!(verify(&changed).is_err(), "{position} {other}");
            }
        }
    }
}
