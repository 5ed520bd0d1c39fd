//! Deliveries signed by other programs: the FINCI scheme by Python's `hmac`, Standard Webhooks by the
//! `standardwebhooks` library of `PyPI`, the FinCard scheme by `openssl dgst -sha256 -sign`.

use std::sync::Arc;

use cardwright_client::Secret;
use cardwright_client::webhook::finci::{Answer, AuthorizationType, Event, Kind};
use cardwright_client::webhook::{Delivery, Fault, Verifier, fincard};

use crate::responder::HandClock;

pub(crate) const SIGNED_AT: i64 = 1_767_225_600;
pub(crate) const TARGET: &str = "/hooks/finci?tenant=a%20b";
pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OLD_SECRET: &str = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=";
pub(crate) const BODY: &str = r#"{"event":"authorization","event_id":"evt_1","created_at":"2026-01-01T00:00:00.000Z","id":"260101000000000042","authorization_type":"authorization","advice":false,"token_id":"0000000000000007","account_id":"0000000000000005","amount":"12.50","currency":"EUR","billing_amount":"12.50","billing_currency":"EUR","merchant":{"name":"Café Öst","id":"m-1","mcc":"5411","city":"Vilnius","country":"LT"},"channel":"ecommerce","sequence":3}"#;
pub(crate) const FINCI: &str = "0d21336ca9fbdf5dbff5ac403c95df12510ba62f04f0bdda8af81eb0f65243fd";
const FINCI_OLD: &str = "4ff235f47b2b83fc91961924d185f4ab15e1e747ddec2af26fee3423c9a2354a";
const STANDARD: &str = "v1,DSqVtSaeb5GRq+WRNsFOFDy+hrYOnzEDqjQdGk7R7+Q=";
const STANDARD_OLD: &str = "v1,4O/EyDdau+1VmoOB171NkhCRk0QsFvb1rfTf0fk4o8E=";
pub(crate) const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvap7jwM4b1i5OjZnMgBA
lDRv8i8nlh0Fjdg3yhZKtD/JCsQXNWJs+DY9yooUdx3mfzkj8Tpj6HBkrlEeZRta
4Jjce0gt3OSw94W56qIy1kIKcb4en5Rze8A0dkAU19shCCwa1xpRFOshCJMiCQzV
ImvjstytnQWKdnMYfumXnVYy3IqKClsViRnSGQKbrdjkIRo+ztIebh71gFkVltUT
+4wdeyqhPc5IFa/dHTlB4zmKVRU0vZtIsksp0PfL7EWoycW3Ro0W2w20PKK8hWwd
GxLRJteF3MePgagG1s5WS4spVoNZ3nSM7kG9BIunxw8WL2XSxM9HSvR41Nm1y2oD
dQIDAQAB
-----END PUBLIC KEY-----
";
const OTHER_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtXPyRXUgHXKRSigFjy4v
tgGMTS+ShGkRsDcL24JaqDmD7URjRq4+lkJjvbzUNckwkP+gFFcAimFjOC47GlBZ
K1wUliRq2zfu6NZHysSAbXegCnoc4qRx0oLMGqJslQ/XQtkgpxcjO/vmWwF/d11I
ZXPS1aE2VnzXh9AG7Ov7l7hnAV5+f9guLkDXEJ/RKYDLdpB+0X+oIxszUXAzEFDv
z6nOrPtsiPw9+dxFaeUtQGp8PqDi11qRe7p6b4MhTmRQGJ65LQxrNq+zI701++dx
ZwJNbDco2ZleMxV7xVTVF7cjJYIXS0RFViWfDB6u4ZN3Ngozc1Vey0LA3VaKDdFB
TQIDAQAB
-----END PUBLIC KEY-----
";
pub(crate) const RSA: &str = "KZ7boJgB9ERaONyrv8s2khkrC4wbDFBf1D3+1CbzHBlxJRvTGoyZLsB92ntz3+4S/bdsSDkq2En5WpabtdlvsV/sA+dUHjHTG14C+/s8rmpcw1mYV/MZW8ohcaxqOxsFkoOXhaCAgk58/JKMMRHjInzaqPJi3dzuz/TTOpqMyFeJ0yeem8ND/MSjsAk9g949BncW170kKicngyh0UcuocvLPtF5uQgnrLRTfC064ytKaHO8z2bpInRjR2fHbkhwReuZyd4Vl/GmUjoJFWV8E/QA98HX9j8vOYRkyTHmYhpI85imiE9yPBljbt+hTLn97YnVvFraryGWCD5+8/m+Tvw==";
const OTHER_RSA: &str = "HoDQ0ESmdFzxAgfJNdWiGKeHHoSYW65mCIpmBEEyk4J+bAkIS4XwNZzOnkFwq0nG4CBl07mNuiFMJ20AI8c2YQciTl0dnfM224jwQTZVBifjpHMVSlV+7qS9wfAFKdq/dOdvtnUtq3W0xx2HKvMNmVzxL9mXHLEFiwaqtzkBQZxOs5Genp8AbMgRdYUgEPS+mKLQZ/Zrws7Yg2vqgS6DRYQtCAKHra13MYO6f1AE4auR7TS33qVcdKzy/bkmOipvWCzn5XY9siWTdw7FpUjVfDVlhVIF5Ggd+DSNuX5UbNTfqXaol/yFP2IHhPMysKpDADzzfZ1tIhDX9cNxQA07sg==";

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET)
}

fn old_secret() -> Secret {
    Secret::new(OLD_SECRET)
}

/// A verifier whose clock shows so many seconds after the signature.
fn later(verifier: Verifier, seconds: i64) -> Verifier {
    verifier.with_time(HandClock::at(SIGNED_AT + seconds))
}

/// Headers of a delivery, some of them other than they were sent.
struct Sent(Vec<(&'static str, String)>);

impl Sent {
    fn whole() -> Sent {
        Sent(
            [
                ("x-auth-timestamp", "1767225600"),
                ("x-auth-signature", FINCI),
                ("webhook-id", "msg_1"),
                ("webhook-timestamp", "1767225600"),
                ("webhook-signature", STANDARD),
                ("x-fc-signature", RSA),
                ("x-wsb-signature", RSA),
            ]
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec(),
        )
    }

    fn with(mut self, name: &str, value: &str) -> Sent {
        for header in &mut self.0 {
            if header.0 == name {
                value.clone_into(&mut header.1);
            }
        }
        self
    }

    fn without(mut self, name: &str) -> Sent {
        self.0.retain(|header| header.0 != name);
        self
    }

    fn judged(&self, verifier: &Verifier) -> Result<(), Fault> {
        self.judged_as(verifier, "POST", TARGET, BODY)
    }

    fn judged_as(
        &self,
        verifier: &Verifier,
        method: &str,
        target: &str,
        body: &str,
    ) -> Result<(), Fault> {
        let headers: Vec<(&str, &[u8])> = self
            .0
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect();
        verifier.verify(&Delivery {
            method,
            target,
            headers: &headers,
            body: body.as_bytes(),
        })
    }
}

fn all_three() -> Vec<Verifier> {
    let verifiers = vec![
        Verifier::finci(&[secret()]),
        Verifier::standard(&[secret()]).unwrap(),
        Verifier::fincard(&[PUBLIC_KEY]).unwrap(),
    ];
    let at_once = |verifier| later(verifier, 0);
    verifiers.into_iter().map(at_once).collect()
}

#[test]
fn what_other_programs_signed_is_believed_by_every_scheme_and_by_all_of_them_together() {
    let verifiers = all_three();
    for verifier in &verifiers {
        assert_eq!(Sent::whole().judged(verifier), Ok(()), "{verifier:?}");
    }
    let together = verifiers.into_iter().reduce(Verifier::and).unwrap();
    assert_eq!(Sent::whole().judged(&together), Ok(()));
    for broken in ["x-auth-signature", "webhook-signature", "x-fc-signature"] {
        let fault = Sent::whole().without(broken).without("x-wsb-signature");
        assert!(fault.judged(&together).is_err(), "{broken}");
    }
}

#[test]
fn one_byte_of_the_body_more_or_less_is_a_forgery_in_every_scheme() {
    let changed = [
        BODY.replace("12.50", "12.51"),
        format!("{BODY} "),
        format!("{BODY}\n"),
        BODY[..BODY.len() - 1].to_owned(),
        String::new(),
    ];
    for verifier in all_three() {
        for body in &changed {
            let verdict = Sent::whole().judged_as(&verifier, "POST", TARGET, body);
            assert_eq!(verdict, Err(Fault::Forged), "{verifier:?} {body}");
        }
    }
}

#[test]
fn the_finci_scheme_covers_method_path_and_query() {
    let verifier = later(Verifier::finci(&[secret()]), 0);
    for (method, target) in [
        ("PUT", TARGET),
        ("POST", "/hooks/finci"),
        ("POST", "/hooks/finci?tenant=a b"),
        ("POST", "/finci?tenant=a%20b"),
    ] {
        let verdict = Sent::whole().judged_as(&verifier, method, target, BODY);
        assert_eq!(verdict, Err(Fault::Forged), "{method} {target}");
    }
    let behind_a_proxy = verifier.registered_at(TARGET);
    let verdict = Sent::whole().judged_as(&behind_a_proxy, "POST", "/stripped", BODY);
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_delivery_is_fresh_for_five_minutes_to_either_side_unless_it_is_set_otherwise() {
    for (scheme, verifier) in [
        Verifier::finci(&[secret()]),
        Verifier::standard(&[secret()]).unwrap(),
    ]
    .into_iter()
    .enumerate()
    {
        for (seconds, verdict) in [
            (300, Ok(())),
            (-300, Ok(())),
            (301, Err(Fault::OutOfTime)),
            (-301, Err(Fault::OutOfTime)),
        ] {
            let now = later(verifier.clone(), seconds);
            assert_eq!(Sent::whole().judged(&now), verdict, "{scheme} {seconds}");
        }
        let strict = later(verifier, 31).with_tolerance_seconds(30);
        assert_eq!(Sent::whole().judged(&strict), Err(Fault::OutOfTime));
    }
    let timeless = later(Verifier::fincard(&[PUBLIC_KEY]).unwrap(), 9_000_000);
    assert_eq!(Sent::whole().judged(&timeless), Ok(()));
}

#[test]
fn the_time_is_signed_too() {
    let forged = Sent::whole()
        .with("x-auth-timestamp", "1767225601")
        .with("webhook-timestamp", "1767225601");
    assert_eq!(forged.judged(&all_three()[0]), Err(Fault::Forged));
    assert_eq!(forged.judged(&all_three()[1]), Err(Fault::Forged));
    let renamed = Sent::whole().with("webhook-id", "msg_2");
    assert_eq!(renamed.judged(&all_three()[1]), Err(Fault::Forged));
}

#[test]
fn during_a_rotation_the_old_secret_and_the_new_one_are_believed_and_afterwards_one_of_them() {
    let both = [secret(), old_secret()];
    let by_old = Sent::whole()
        .with("x-auth-signature", FINCI_OLD)
        .with("webhook-signature", STANDARD_OLD)
        .with("x-fc-signature", OTHER_RSA);
    let by_both = Sent::whole().with("webhook-signature", &format!("{STANDARD_OLD} {STANDARD}"));
    let rotating = [
        Verifier::finci(&both),
        Verifier::standard(&both).unwrap(),
        Verifier::fincard(&[PUBLIC_KEY, OTHER_PUBLIC_KEY]).unwrap(),
    ]
    .map(|verifier| later(verifier, 0));
    for verifier in &rotating {
        assert_eq!(Sent::whole().judged(verifier), Ok(()));
        assert_eq!(by_old.judged(verifier), Ok(()), "{verifier:?}");
    }
    for verifier in all_three() {
        assert_eq!(by_old.judged(&verifier), Err(Fault::Forged));
    }
    assert_eq!(by_both.judged(&all_three()[1]), Ok(()));
}

#[test]
fn a_header_that_is_missing_doubled_or_malformed_is_named() {
    let finci = &all_three()[0];
    let standard = &all_three()[1];
    let fincard = &all_three()[2];
    for (header, verifier, name) in [
        ("x-auth-timestamp", finci, "X-Auth-Timestamp"),
        ("x-auth-signature", finci, "X-Auth-Signature"),
        ("webhook-id", standard, "webhook-id"),
        ("webhook-timestamp", standard, "webhook-timestamp"),
        ("webhook-signature", standard, "webhook-signature"),
    ] {
        let missing = Sent::whole().without(header);
        assert_eq!(missing.judged(verifier), Err(Fault::Missing(name)));
        let mut doubled = Sent::whole();
        doubled.0.push((header, "1767225600".to_owned()));
        assert_eq!(doubled.judged(verifier), Err(Fault::Doubled(name)));
    }
    for (header, value, verifier, fault) in [
        (
            "x-auth-timestamp",
            "1767225600000",
            finci,
            Fault::Malformed("X-Auth-Timestamp"),
        ),
        (
            "x-auth-signature",
            "zz",
            finci,
            Fault::Malformed("X-Auth-Signature"),
        ),
        (
            "webhook-timestamp",
            "+1767225600",
            standard,
            Fault::Malformed("webhook-timestamp"),
        ),
        (
            "webhook-timestamp",
            "",
            standard,
            Fault::Malformed("webhook-timestamp"),
        ),
        (
            "webhook-id",
            "msg.1",
            standard,
            Fault::Malformed("webhook-id"),
        ),
        ("webhook-signature", "", standard, Fault::Forged),
        ("webhook-signature", "v2,AAAA", standard, Fault::Forged),
        (
            "x-fc-signature",
            "?",
            fincard,
            Fault::Malformed("X-FC-SIGNATURE"),
        ),
        ("x-fc-signature", "AAAA", fincard, Fault::Forged),
    ] {
        let wrong = Sent::whole().with(header, value);
        assert_eq!(wrong.judged(verifier), Err(fault), "{header}: {value}");
    }
}

#[test]
fn the_older_name_of_the_fincard_signature_is_taken_only_in_the_absence_of_the_newer() {
    let fincard = &all_three()[2];
    assert_eq!(
        Sent::whole().without("x-fc-signature").judged(fincard),
        Ok(())
    );
    let contradicting = Sent::whole().with("x-fc-signature", OTHER_RSA);
    assert_eq!(contradicting.judged(fincard), Err(Fault::Forged));
}

#[test]
fn a_verifier_without_any_secret_believes_nothing_and_none_shows_its_secrets() {
    let trusting_nobody = later(Verifier::finci(&[]), 0);
    assert_eq!(Sent::whole().judged(&trusting_nobody), Err(Fault::Forged));
    let shown = format!("{:?}", all_three());
    assert!(
        !shown.contains("AAEC") && !shown.contains("whsec"),
        "{shown}"
    );
}

#[test]
fn secrets_and_keys_that_cannot_be_any_are_refused() {
    for text in ["whsec_", "whsec_?", "not base64!", ""] {
        assert!(Verifier::standard(&[Secret::new(text)]).is_err(), "{text}");
    }
    for pem in [
        "",
        "PEM",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ] {
        assert!(Verifier::fincard(&[pem]).is_err(), "{pem}");
    }
}

#[test]
fn a_finci_event_is_read_with_what_this_version_knows_and_what_it_does_not() {
    let event: Event = serde_json::from_str(BODY).unwrap();
    assert_eq!(event.event, Kind::Authorization);
    assert_eq!(
        event.authorization_type,
        Some(AuthorizationType::Authorization)
    );
    assert!(event.asks() && !event.is_approved());
    assert_eq!(
        event.merchant.as_ref().unwrap().name.as_deref(),
        Some("Café Öst")
    );
    assert_eq!(event.repeat_key(), "260101000000000042 question");
    let advice = BODY.replace(
        r#""advice":false"#,
        r#""advice":true,"response_code":"Approved","since":2030"#,
    );
    let advice: Event = serde_json::from_str(&advice).unwrap();
    assert!(!advice.asks() && advice.is_approved());
    assert_eq!(advice.repeat_key(), "260101000000000042 advice");
    assert_eq!(advice.more["since"], 2030);
    let other = r#"{"event":"card_melted","event_id":"e-9","created_at":"2026-01-01T00:00:00Z"}"#;
    let other: Event = serde_json::from_str(other).unwrap();
    assert_eq!(other.event, Kind::Other("card_melted".to_owned()));
    assert_eq!(other.repeat_key(), "e-9");
    assert_eq!(
        Answer::Error.body(),
        serde_json::to_string(&Answer::Error).unwrap()
    );
    assert_eq!(
        Answer::Success.body(),
        serde_json::to_string(&Answer::Success).unwrap()
    );
}

#[test]
fn a_fincard_event_gives_its_record_in_the_types_of_the_client() {
    let text = r#"{"eventId":"e-1","eventType":"deposit","tenantId":"acme","createTime":1767225600000,
        "orderNo":"9","cardNo":"7","data":{"orderNo":"9","merchantOrderNo":"o-1","cardNo":"7",
        "type":"deposit","status":"success","amount":"25.00","fee":"0.25","receivedAmount":"25.00"}}"#;
    let event: fincard::Event = serde_json::from_str(text).unwrap();
    let order: cardwright_client::fincard::records::Order = event.record().unwrap();
    assert_eq!(
        (order.card_no.as_str(), order.fee.as_deref()),
        ("7", Some("0.25"))
    );
    assert!(
        event
            .record::<cardwright_client::fincard::records::Holder>()
            .is_none()
    );
    assert_eq!(event.more["orderNo"], "9");
}

/// The clock of the tests of the receiver.
pub(crate) fn clock() -> Arc<HandClock> {
    HandClock::at(SIGNED_AT)
}
