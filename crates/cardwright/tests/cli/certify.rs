//! `cardwright certify` against the example integrator, and against ones that are broken in one way
//! each: it finds that one and blames nothing else.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use cardwright_client::Secret;
use cardwright_client::webhook::Verifier;
use cardwright_client::webhook::finci::{Answer, AuthorizationType, Event, Kind};
use serde_json::{Value, json};

use crate::authority::{Authority, Validity};
use crate::desk::{Desk, Ran};
use crate::integrator::Book;
use crate::sdk::{operator, wait_for};
use crate::server::Server;

/// What is wrong with an integrator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// It thinks for longer than the platform waits.
    Slow,
    /// It says yes to everything.
    Generous,
    /// Its answers are of another form.
    Mute,
    /// It takes a repeated delivery for a new one.
    Forgetful,
    /// It leaves what was reversed set aside.
    Greedy,
    /// It believes its own answer where the network was told another.
    Stubborn,
}

impl Broken {
    fn answer(self, book: &Mutex<Book>, event: &Event) -> String {
        let mut book = book.lock().unwrap();
        let reversed = event.authorization_type == Some(AuthorizationType::Reversal);
        let overruled = event.event == Kind::Authorization && !event.asks() && !event.is_approved();
        let answer = match self {
            Broken::Generous if event.asks() => Answer::Success,
            Broken::Mute if event.asks() => return r#"{"approved":true}"#.to_owned(),
            Broken::Greedy if reversed => Answer::Success,
            Broken::Stubborn if overruled => Answer::Success,
            Broken::Forgetful => book.act(event).unwrap_or(Answer::Error),
            _ => book.take(event),
        };
        answer.body().to_owned()
    }
}

/// A sandbox, and `cardwright certify` for a receiver at this address.
struct Stage {
    desk: Desk,
    server: Server,
    secret: Secret,
}

impl Stage {
    fn new() -> Stage {
        let desk = Desk::new();
        let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7"]);
        let secret = file["finci"]["webhook_secret"].as_str().unwrap();
        Stage {
            secret: Secret::new(secret),
            desk,
            server,
        }
    }

    fn certify(&self, receiver: SocketAddr) -> (Ran, Value) {
        let webhook = format!("http://{receiver}/hooks");
        let ran = self.desk.run(&[
            "certify",
            "--webhook",
            &webhook,
            "--data",
            "sandbox",
            "--out",
            "evidence",
        ]);
        let report = std::fs::read_to_string(self.desk.path("evidence/report.json"));
        let report = report.unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        (ran, serde_json::from_str(&report).unwrap())
    }

    /// What fails beyond the contract, of a receiver that passes all of the contract.
    fn weak(&self, receiver: SocketAddr) -> Vec<u64> {
        let (ran, report) = self.certify(receiver);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.text().contains("12 of 12 passed"), "{ran:?}");
        let failed = failed(&report["hardening"]);
        for number in &failed {
            assert!(
                ran.text().contains(&format!("failed H{number} ")),
                "{ran:?}"
            );
        }
        failed
    }

    /// The numbers of the scenarios that fail.
    fn failing(&self, broken: Broken) -> Vec<u64> {
        let book = Mutex::new(Book::with_opening("1000.00").unwrap());
        let receiver = crate::integrator::serve_by(self.secret.clone(), move |event| {
            let delay = match broken {
                Broken::Slow if event.asks() => Duration::from_millis(3_300),
                _ => Duration::ZERO,
            };
            (broken.answer(&book, event), delay)
        });
        let (ran, report) = self.certify(receiver);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.is_empty(), "{ran:?}");
        failed(&report["scenarios"])
    }
}

/// The numbers of those that fail.
fn failed(scenarios: &Value) -> Vec<u64> {
    let fails = |scenario: &&Value| scenario["verdict"] == "failed";
    let failed = scenarios.as_array().unwrap().iter().filter(fails);
    failed
        .map(|scenario| scenario["number"].as_u64().unwrap())
        .collect()
}

#[test]
fn the_example_integrator_passes_every_scenario_and_the_report_has_the_evidence() {
    let stage = Stage::new();
    let book = Book::with_opening("1000.00").unwrap();
    let receiver = crate::integrator::serve(stage.secret.clone(), book);
    let (ran, report) = stage.certify(receiver);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.text().contains("12 of 12 passed"), "{ran:?}");
    assert_eq!((&report["passed"], &report["of"]), (&12.into(), &12.into()));
    for scenario in report["scenarios"].as_array().unwrap() {
        let number = &scenario["number"];
        for list in ["checks", "identifiers", "exchanges"] {
            let list = scenario[list].as_array().unwrap();
            assert!(!list.is_empty(), "{number}");
        }
        let deliveries = scenario["deliveries"].as_array().unwrap();
        assert!(*number == 1 || !deliveries.is_empty(), "{number}");
        for delivery in deliveries {
            let body: Value = serde_json::from_str(delivery["body"].as_str().unwrap()).unwrap();
            assert!(body["event_id"].is_string());
            assert_eq!(delivery["status"], 200);
        }
    }
    let page = std::fs::read_to_string(stage.desk.path("evidence/report.html")).unwrap();
    assert!(page.contains("passed: 12 of 12") && !page.contains("<script"));
    assert_eq!(report["hardening"].as_array().map(Vec::len), Some(3));
    assert_eq!(failed(&report["hardening"]), [0; 0], "{ran:?}");
    assert!(page.contains("H1. A forged signature is refused"));
    let (ran, _) = stage.certify(receiver);
    assert_eq!(ran.code, 0, "a second run leaves the first behind: {ran:?}");
    drop(stage.server);
}

fn books() -> Mutex<Book> {
    Mutex::new(Book::with_opening("1000.00").unwrap())
}

#[test]
fn an_integrator_that_verifies_no_signature_passes_the_contract_and_is_found_out() {
    let book = books();
    let receiver = crate::integrator::serve_to_anybody(move |event| {
        let answer = book.lock().unwrap().take(event);
        (answer.body().to_owned(), Duration::ZERO)
    });
    assert_eq!(Stage::new().weak(receiver), [1, 2]);
}

#[test]
fn an_integrator_that_takes_signatures_of_any_age_is_found_out() {
    let (stage, book) = (Stage::new(), books());
    let verifier = Verifier::finci(std::slice::from_ref(&stage.secret));
    let verifier = verifier.with_tolerance_seconds(u32::MAX);
    let receiver = crate::integrator::serve_with(verifier, move |event| {
        let answer = book.lock().unwrap().take(event);
        (answer.body().to_owned(), Duration::ZERO)
    });
    assert_eq!(stage.weak(receiver), [2]);
}

#[test]
fn an_integrator_that_grants_increments_without_counting_them_is_found_out() {
    let (stage, book) = (Stage::new(), books());
    let receiver = crate::integrator::serve_by(stage.secret.clone(), move |event| {
        let answer = match event.authorization_type {
            Some(AuthorizationType::Incremental) => Answer::Success,
            _ => book.lock().unwrap().take(event),
        };
        (answer.body().to_owned(), Duration::ZERO)
    });
    assert_eq!(stage.weak(receiver), [3]);
}

#[test]
fn over_tls_at_both_ends_a_receiver_is_certified_by_the_authority_that_is_named() {
    let desk = Desk::new();
    let authority = Authority::named("ours");
    desk.file("ca.pem", authority.pem());
    let (server, file) = Server::ready(&desk, &["--data", "sandbox", "--seed", "7", "--tls"]);
    let secret = Secret::new(file["finci"]["webhook_secret"].as_str().unwrap());
    let book = Book::with_opening("1000.00").unwrap();
    let certificate = authority.certificate("localhost", Validity::Good);
    let receiver = crate::integrator::serve_encrypted(secret, book, certificate);
    let webhook = format!("https://localhost:{}/hooks", receiver.port());
    let arguments = [
        "certify",
        "--webhook",
        &webhook,
        "--data",
        "sandbox",
        "--out",
        "evidence",
    ];
    let ran = desk.run(&[&arguments[..], &["--webhook-ca", "ca.pem"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.text().contains("12 of 12 passed"), "{ran:?}");
    let missing = desk.run(&[&arguments[..], &["--webhook-ca", "nothing.pem"]].concat());
    missing.is_usage_error(&["--webhook-ca", "nothing.pem"]);
    drop(server);
}

#[test]
fn an_integrator_that_approves_everything_fails_where_it_should_have_declined() {
    assert_eq!(Stage::new().failing(Broken::Generous), [5, 8]);
}

#[test]
fn an_integrator_that_books_a_repeat_twice_fails_the_repeated_delivery_and_nothing_else() {
    assert_eq!(Stage::new().failing(Broken::Forgetful), [8]);
}

#[test]
fn an_integrator_that_keeps_what_was_reversed_fails_wherever_something_was() {
    assert_eq!(Stage::new().failing(Broken::Greedy), [9, 10]);
}

#[test]
fn an_integrator_that_ignores_what_the_network_was_told_fails_the_timeout_and_nothing_else() {
    assert_eq!(Stage::new().failing(Broken::Stubborn), [7]);
}

#[test]
fn an_integrator_whose_answers_are_no_decisions_fails_whatever_needs_one() {
    assert_eq!(
        Stage::new().failing(Broken::Mute),
        [3, 4, 5, 7, 8, 9, 10, 11, 12]
    );
}

#[test]
fn an_integrator_that_is_too_slow_fails_whatever_needs_a_decision_in_time() {
    assert_eq!(
        Stage::new().failing(Broken::Slow),
        [3, 4, 5, 7, 8, 9, 10, 11, 12]
    );
}

#[test]
fn what_cannot_be_a_receiver_is_refused_before_anything_is_done() {
    let desk = Desk::new();
    let (server, _) = Server::ready(&desk, &["--data", "sandbox"]);
    for webhook in [
        "",
        "nonsense",
        "ftp://127.0.0.1/",
        "http://198.51.100.7/hooks",
    ] {
        let arguments = [
            "certify",
            "--webhook",
            webhook,
            "--data",
            "sandbox",
            "--out",
            "e",
        ];
        desk.run(&arguments).is_usage_error(&["--webhook"]);
    }
    drop(server);
}

#[test]
fn what_was_set_aside_for_a_run_that_could_not_begin_is_put_back() {
    let desk = Desk::new();
    let (server, file) = Server::ready(&desk, &["--data", "sandbox"]);
    let path = "/admin/v1/webhook-endpoints";
    let own = json!({"url": "http://127.0.0.1:9/hooks", "dialect": "finci"});
    wait_for(operator(&file).post(path, &own)).unwrap();
    let standing = || {
        let listed = wait_for(operator(&file).get(path)).unwrap();
        let listed = listed.json().unwrap();
        let standing = |one: &Value| (one["url"].clone(), one["state"].clone());
        let all: Vec<_> = listed["items"].as_array().unwrap().iter().collect();
        all.into_iter().map(standing).collect::<Vec<_>>()
    };
    let before = standing();
    assert!(before.iter().any(|(_, state)| state == "enabled"));
    // The platform takes no URL as long as that, so the relay cannot be registered.
    let webhook = format!("http://127.0.0.1:9/{}", "a".repeat(2_100));
    let ran = desk.run(&[
        "certify",
        "--webhook",
        &webhook,
        "--data",
        "sandbox",
        "--out",
        "evidence",
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("field_invalid"), "{ran:?}");
    assert_eq!(standing(), before);
    drop(server);
}
