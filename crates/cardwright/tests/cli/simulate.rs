//! `cardwright simulate`: against a sandbox of its own, and over the wire, call by call.

use cardwright_core::{AuthorizationKind, Channel, DeclineReason};
use serde_json::{Value, json};

use crate::desk::{Desk, Ran, server};
use crate::server::{PERSON, Server, finci};

/// What every call can be told besides: where the sandbox is.
const COMMON: [&str; 4] = ["--data", "--base-url", "--admin-key", "--tenant"];

fn simulate(desk: &Desk, arguments: &[&str]) -> Ran {
    desk.run(&[&["simulate"], arguments].concat())
}

/// The answer of a call that succeeds: one line on stdout.
fn answer(desk: &Desk, arguments: &[&str]) -> Value {
    let ran = simulate(desk, arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let line = ran.text().strip_suffix('\n');
    let line = line.unwrap_or_else(|| panic!("no end of line: {ran:?}"));
    assert!(!line.contains('\n'), "{line}");
    serde_json::from_str(line).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    let found = value.get(name).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no `{name}` in {value}"))
}

/// The first text of this name, wherever it stands.
fn found(value: &Value, name: &str) -> Option<String> {
    let here = value.get(name).and_then(Value::as_str).map(str::to_owned);
    let within = || match value {
        Value::Object(members) => members.values().find_map(|inner| found(inner, name)),
        _ => None,
    };
    here.or_else(within)
}

/// A sandbox with a card whose account holds 100.00 USD; the card and the account as FINCI spells
/// their ids.
fn sandbox(desk: &Desk) -> (Server, String, String) {
    let data = "cardwright-data";
    let (server, _) = Server::ready(desk, &["--data", data]);
    let create = |what: &str, body: &str, id: &str| {
        let made = finci(desk, data, &["POST", what, body]);
        found(&made, id).unwrap_or_else(|| panic!("no {id} in {made}"))
    };
    let person = create("create-person", PERSON, "person_id");
    let account = json!({"external_id": "a-1", "person_id": person, "currency": "USD"});
    let account = create("create-account", &account.to_string(), "account_id");
    let card = json!({
        "external_id": "c-1", "person_id": person, "account_id": account, "product_id": 112_001,
        "embossing_name": "ADA BERG", "token_status": "active", "token_stage": "digital",
        "express_delivery": false,
        "delivery_address": {"line1": "Gedimino pr. 1", "city": "Vilnius",
            "postal_code": "LT-01103", "country": "LT"},
    });
    let card = create("create-card", &card.to_string(), "token_id");
    let arguments = [
        "--account",
        &account,
        "--amount",
        "100",
        "--currency",
        "USD",
    ];
    let funded = answer(desk, &[&["funding"], &arguments[..]].concat());
    assert_eq!(funded["balance"], 10_000);
    (server, card, account)
}

#[test]
fn a_card_pays_and_gets_its_money_back() {
    let desk = Desk::new();
    let (_server, card, _) = sandbox(&desk);
    let usd = |amount| ["--amount", amount, "--currency", "USD"];
    let say = |call: &[&str], more: &[&str]| answer(&desk, &[call, more].concat());

    let approved = say(&["authorization", "--token", &card], &usd("12.50"));
    assert_eq!(approved["approved_amount"], 1_250);
    assert_eq!(approved["balances"]["held"], 1_250);
    let authorization = text(&approved, "authorization_id");

    let clearing = ["clearing", "--authorization", authorization];
    let first = say(&[&clearing[..], &["--more"]].concat(), &usd("5"));
    assert_eq!(text(&first, "authorization_status"), "open");
    let last = say(&clearing, &usd("8.00"));
    assert_eq!(text(&last, "authorization_status"), "cleared");
    assert_eq!(last["balances"]["balance"], 8_700);
    assert_eq!(last["balances"]["held"], 0);

    let transaction = text(&last, "transaction_id");
    let refund = say(&["refund", "--transaction", transaction], &usd("3"));
    assert_eq!(refund["balances"]["balance"], 9_000);
    let refund = say(&["refund", "--transaction", transaction], &[]);
    assert_eq!(
        (&refund["amount"], &refund["balances"]["balance"]),
        (&json!(500), &json!(9_500))
    );

    // The zeros that FINCI puts before an id mean nothing to anybody else.
    let inquiry = say(&["balance-inquiry", "--card", &card], &[]);
    assert_eq!(inquiry["balances"]["available_balance"], 9_500);
}

#[test]
fn a_decline_is_a_successful_simulation_and_says_its_reason() {
    let desk = Desk::new();
    let (_server, card, _) = sandbox(&desk);
    let asked = [
        "authorization",
        "--token",
        &card,
        "--currency",
        "USD",
        "--amount",
    ];
    let declines: [(&[&str], &str); 2] = [
        (&["100.01"], "insufficient_funds"),
        (
            &["1", "--force-decline", "limit_exceeded"],
            "limit_exceeded",
        ),
    ];
    for (amount, reason) in declines {
        let ran = simulate(&desk, &[&asked[..], amount].concat());
        assert_eq!((ran.code, ran.stderr), (0, format!("declined: {reason}\n")));
        let answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(answer["approved"], false);
        assert_eq!(text(&answer, "decline_reason"), reason);
    }
}

#[test]
fn refusals_wrong_arguments_and_missing_sandboxes_are_told_apart() {
    let desk = Desk::new();
    let usd = ["--amount", "1", "--currency", "USD"];
    let ask = |more: &[&str]| simulate(&desk, &[&["authorization"], &usd[..], more].concat());
    let nowhere = [
        "--card",
        "7",
        "--base-url",
        "http://127.0.0.1:1",
        "--admin-key",
        "k",
    ];
    ask(&nowhere).is_usage_error(&["http://127.0.0.1:1", "refused", "does the server run"]);
    ask(&["--card", "7"]).is_usage_error(&["cardwright-data/sandbox.json", "--base-url"]);

    let (_server, card, _) = sandbox(&desk);
    ask(&["--card", "7"]).is_refusal(&["HTTP 404 not_found"]);
    ask(&["--card", &card, "--cvv", "12"]).is_refusal(&["HTTP 400 field_invalid", "`cvv`"]);
    ask(&[]).is_usage_error(&["--card", "--token", "--card-no", "--pan", "--wallet-token"]);
    ask(&["--card", "7", "--token", "7"]).is_usage_error(&["cannot be used with"]);
    ask(&["--card", "7", "--channel", "pigeon"]).is_usage_error(&["pigeon", "contactless"]);
    ask(&["--card", "7", "--mcc", "12"]).is_usage_error(&["--mcc", "four digits"]);
    ask(&["--card", "7", "--pin-stdin"]).is_usage_error(&["--pin-stdin: there is no line"]);
    let amounts = [
        ("12.505", "USD", "more decimals"),
        ("1.5", "JPY", "more decimals"),
        ("1,50", "EUR", "plain decimal"),
        ("1", "eur", "capitals"),
    ];
    for (amount, currency, said) in amounts {
        let funding = [
            "funding",
            "--account",
            "7",
            "--amount",
            amount,
            "--currency",
            currency,
        ];
        simulate(&desk, &funding).is_usage_error(&[said]);
    }
    let without = ["authorization", "--card", "7", "--currency", "USD"];
    simulate(&desk, &without).is_usage_error(&["--amount", "account_verification"]);
    let half = ["reversal", "--authorization", "1", "--amount", "1"];
    simulate(&desk, &half).is_usage_error(&["--currency"]);
}

/// A call: its name, its flags with their values, and the body that is sent.
type Case = (&'static str, &'static str, Value);

fn cases() -> Vec<Case> {
    [asked(), settled(), done_by_others()].concat()
}

fn asked() -> Vec<Case> {
    vec![
        (
            "authorization",
            "--card 007 --amount 12.50 --currency EUR --type cash --partial --channel atm \
             --expiry 2029-11 --cvv 123 --pin 4321 --merchant Shop --merchant-id M-1 --mcc 6011 \
             --city Riga --country LV --reference r-1 --force-decline invalid_cvv",
            json!({"card_id": "7", "amount": 1250, "currency": "EUR", "type": "cash",
                "partial_allowed": true, "channel": "atm", "expiry": "2029-11", "cvv": "123",
                "pin": "4321", "merchant": {"name": "Shop", "id": "M-1", "mcc": "6011",
                "city": "Riga", "country": "LV"}, "reference": "r-1",
                "force_decline": "invalid_cvv"}),
        ),
        (
            "authorization",
            "--token 0000000000000007 --currency JPY --type account_verification --mcc 5411",
            json!({"token_id": "0000000000000007", "amount": 0, "currency": "JPY",
                "type": "account_verification", "merchant": {"name": "Test Merchant",
                "id": "TEST-0001", "mcc": "5411", "city": "Vilnius", "country": "LT"}}),
        ),
        (
            "advice",
            "--pan 4000000000000002 --amount 7 --currency JPY --decline-reason card_expired",
            json!({"pan": "4000000000000002", "amount": 7, "currency": "JPY",
                "decline_reason": "card_expired"}),
        ),
        (
            "increment",
            "--authorization 261121000000000001 --amount 0.01 --currency USD \
             --force-decline system_error --reference r-2",
            json!({"authorization_id": "261121000000000001", "amount": 1, "currency": "USD",
                "force_decline": "system_error", "reference": "r-2"}),
        ),
        (
            "reversal",
            "--authorization 261121000000000001 --amount 2 --currency USD",
            json!({"authorization_id": "261121000000000001", "amount": 200, "currency": "USD"}),
        ),
        (
            "expiry",
            "--authorization 261121000000000001 --reference r-3",
            json!({"authorization_id": "261121000000000001", "reference": "r-3"}),
        ),
        (
            "balance-inquiry",
            "--wallet-token 9 --channel contactless",
            json!({"wallet_token_id": "9", "channel": "contactless"}),
        ),
    ]
}

fn settled() -> Vec<Case> {
    vec![
        (
            "clearing",
            "--authorization 261121000000000001 --amount 1 --currency USD --final",
            json!({"authorization_id": "261121000000000001", "amount": 100, "currency": "USD",
                "final": true}),
        ),
        (
            "clearing",
            "--card-no 8 --amount 1 --currency USD --more",
            json!({"card_no": "8", "amount": 100, "currency": "USD", "final": false}),
        ),
        (
            "force-post",
            "--card 7 --amount 1 --currency USD",
            json!({"card_id": "7", "amount": 100, "currency": "USD"}),
        ),
        (
            "refund",
            "--authorization 261121000000000001",
            json!({"authorization_id": "261121000000000001"}),
        ),
        (
            "refund",
            "--transaction 5 --amount 1 --currency USD --merchant Shop --reference r-4",
            json!({"transaction_id": "5", "amount": 100, "currency": "USD", "reference": "r-4",
                "merchant": {"name": "Shop", "id": "TEST-0001", "mcc": "5999",
                "city": "Vilnius", "country": "LT"}}),
        ),
        (
            "refund-reversal",
            "--transaction 5 --amount 1 --currency USD",
            json!({"transaction_id": "5", "amount": 100, "currency": "USD"}),
        ),
        (
            "dispute",
            "--transaction 5 --amount 1 --currency USD --reason lost",
            json!({"transaction_id": "5", "amount": 100, "currency": "USD", "reason": "lost"}),
        ),
        (
            "dispute",
            "--dispute 6 --decision won",
            json!({"dispute_id": "6", "decision": "won"}),
        ),
    ]
}

fn done_by_others() -> Vec<Case> {
    vec![
        (
            "funding",
            "--account 0000000000000009 --amount 1000000 --currency USD",
            json!({"account_id": "9", "amount": 100_000_000, "currency": "USD"}),
        ),
        (
            "holder-review",
            "--holder 3 --decision reject --reason unreadable",
            json!({"holder_id": "3", "decision": "reject", "reason": "unreadable"}),
        ),
        (
            "crypto-deposit",
            "--coin USDT_TRC20 --amount 0.25 --account 9 --confirmations 2 --tx-hash abcdef12 \
             --from-address T12345678 --report confirmed",
            json!({"coin": "USDT_TRC20", "amount": "0.25", "account_id": "9", "confirmations": 2,
                "tx_hash": "abcdef12", "from_address": "T12345678", "report": "confirmed"}),
        ),
        (
            "shipping",
            "--card 7 --step delivered",
            json!({"card_id": "7", "step": "delivered"}),
        ),
        ("activation-code", "--card 7", json!({"card_id": "7"})),
        (
            "three-ds",
            "--card 7 --kind otp --merchant Shop --amount 1 --currency USD",
            json!({"card_id": "7", "kind": "otp", "merchant": {"name": "Shop"}, "amount": 100,
                "currency": "USD"}),
        ),
        (
            "three-ds",
            "--challenge 4 --decision confirm",
            json!({"challenge_id": "4", "decision": "confirm"}),
        ),
        (
            "wallet-token",
            "--card 7 --wallet apple",
            json!({"card_id": "7", "wallet": "apple"}),
        ),
        (
            "wallet-token",
            "--wallet-token 9 --step suspend",
            json!({"token_id": "9", "step": "suspend"}),
        ),
        (
            "work-order",
            "--work-order 2 --decision fail --description no",
            json!({"work_order_id": "2", "decision": "fail", "description": "no"}),
        ),
    ]
}

const DONE: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\n{}";

#[test]
fn each_call_sends_what_its_flags_say_and_nothing_else() {
    let desk = Desk::new();
    let (url, requests) = server(vec![DONE; cases().len()]);
    let file = format!(r#"{{"base_url":"{url}","admin":{{"api_key":"key-of-the-file"}}}}"#);
    desk.file("cardwright-data/sandbox.json", file);
    for (call, flags, body) in cases() {
        let flags: Vec<&str> = flags.split_whitespace().collect();
        assert_eq!(answer(&desk, &[&[call], &flags[..]].concat()), json!({}));
        let request = requests.recv().unwrap();
        let (head, sent) = request.split_once("\r\n\r\n").unwrap();
        let line = format!("POST /sandbox/v1/simulate/{call} HTTP/1.1");
        assert_eq!(head.lines().next(), Some(line.as_str()));
        assert!(
            head.to_ascii_lowercase().contains("bearer key-of-the-file"),
            "{head}"
        );
        let sent: Value = serde_json::from_str(sent).unwrap();
        assert_eq!(sent, body, "{call} {flags:?}");
    }
}

#[test]
fn a_running_sandbox_understands_every_call() {
    let desk = Desk::new();
    let (_server, _, _) = sandbox(&desk);
    for (call, flags, _) in cases() {
        let flags: Vec<&str> = flags.split_whitespace().collect();
        let ran = simulate(&desk, &[&[call], &flags[..]].concat());
        // There are no such records, which it only says once it has understood the rest.
        ran.is_refusal(&["HTTP 404 not_found: There is no such record"]);
    }
}

#[test]
fn a_pin_is_read_from_stdin() {
    use std::io::Write;
    use std::process::Stdio;
    let desk = Desk::new();
    let (url, requests) = server(vec![DONE]);
    let asked = [
        "simulate",
        "authorization",
        "--card",
        "7",
        "--amount",
        "1",
        "--currency",
        "USD",
    ];
    let there = ["--pin-stdin", "--base-url", &url, "--api-key", "k"];
    let mut command = desk.command(&[&asked[..], &there].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"4321\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(requests.recv().unwrap().contains(r#""pin":"4321""#));
}

#[test]
fn the_help_of_a_call_names_every_flag_and_every_word() {
    let desk = Desk::new();
    for (call, flags, _) in cases() {
        let help = simulate(&desk, &[call, "--help"]);
        assert_eq!(help.code, 0);
        let flags = flags
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        for flag in flags.chain(COMMON) {
            let about = help.text().lines().skip_while(|line| {
                let said = line.trim_start().split([' ', '<']).next();
                said != Some(flag)
            });
            let about = about.skip(1).map(str::trim).next().unwrap_or_default();
            assert!(
                about.len() > 5,
                "{call} says nothing about {flag}: {}",
                help.text()
            );
        }
    }
    let help = simulate(&desk, &["authorization", "--help"]);
    let words = DeclineReason::ALL.map(DeclineReason::word).into_iter();
    let words = words.chain(Channel::ALL.map(Channel::word));
    for word in words.chain(AuthorizationKind::ALL.map(AuthorizationKind::word)) {
        assert!(help.text().contains(word), "{word}");
    }
    assert!(help.text().contains("--pin-stdin"));
    let overview = simulate(&desk, &["--help"]);
    for (call, _, _) in cases() {
        let line = format!("\n  {call} ");
        assert!(overview.text().contains(&line), "{call}");
    }
}

#[test]
fn the_examples_of_the_guide_are_understood() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let (_, table) = guide.split_once("## Messages").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let examples = table.lines().filter_map(|line| line.strip_suffix("` |"));
    let examples: Vec<&str> = examples
        .filter_map(|line| line.rsplit('`').next())
        .collect();
    let desk = Desk::new();
    let pin = desk.file("pin", "4321\n");
    let nowhere = ["--base-url", "http://127.0.0.1:1", "--admin-key", "k"];
    for example in &examples {
        let words: Vec<&str> = example.split_whitespace().collect();
        let mut command = desk.command(&[&["simulate"], &words[..], &nowhere].concat());
        command.stdin(std::fs::File::open(&pin).unwrap());
        // It knows what to send, and finds nobody to send it to.
        let ran = Ran::from(command.output().unwrap());
        ran.is_usage_error(&["does the server run"]);
    }
    for (call, ..) in cases().iter().take_while(|(call, ..)| *call != "funding") {
        let shown = examples
            .iter()
            .any(|example| example.split(' ').next() == Some(call));
        assert!(shown, "the guide shows no {call}");
    }
}
