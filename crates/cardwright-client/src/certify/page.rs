//! The report as one page of HTML that needs nothing from anywhere else.
//!
//! Law: whatever a sandbox or a receiver said is text here, never markup.

use std::fmt::Write as _;

use super::report::{Check, ExchangeTrace, Report, Scenario};
use crate::relay::Delivery;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;\
    padding:0 1rem;color:#1a1a1a;background:#fff}h1{font-size:1.6rem}h2{font-size:1.2rem;\
    margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}table{border-collapse:collapse;\
    width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;\
    border-bottom:1px solid #eee}pre{background:#f5f5f5;padding:.6rem;overflow-x:auto;\
    white-space:pre-wrap;word-break:break-all;margin:.3rem 0}.passed{color:#0a6b2d;font-weight:600}\
    .failed{color:#b00020;font-weight:600}summary{cursor:pointer;padding:.2rem 0}\
    @media print{details>*{display:block}}";

/// The whole page.
pub(super) fn html(report: &Report) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\
         <title>Go-live scenarios</title><style>",
    );
    page.push_str(STYLE);
    page.push_str("</style></head><body><h1>Go-live scenarios of a FINCI integration</h1>\n");
    let verdict = report.verdict.word();
    // Writing to a string cannot fail.
    let _ = writeln!(
        page,
        "<p class=\"{verdict}\">{verdict}: {} of {}</p>",
        report.passed, report.of
    );
    page.push_str("<table>");
    for (name, value) in [
        ("Receiver", report.webhook_url.as_str()),
        ("Sandbox", &report.base_url),
        ("Began", &report.started_at),
        ("Ended", &report.ended_at),
        ("Made by", report.made_by),
    ] {
        row(&mut page, &[name, value]);
    }
    page.push_str("</table>\n<table><tr><th>#</th><th>Scenario</th><th>Verdict</th></tr>");
    for scenario in &report.scenarios {
        let verdict = scenario.verdict.word();
        let (number, title) = (scenario.number, escaped(scenario.title));
        let _ = write!(
            page,
            "<tr><td>{number}</td><td><a href=\"#s{number}\">{title}</a></td>\
             <td class=\"{verdict}\">{verdict}</td></tr>"
        );
    }
    page.push_str("</table>\n");
    overview(&mut page, &report.hardening);
    for scenario in &report.scenarios {
        section(&mut page, ("s", ""), scenario);
    }
    for scenario in &report.hardening {
        section(&mut page, ("h", "H"), scenario);
    }
    page.push_str("</body></html>\n");
    page
}

/// What was looked at beyond the contract, in a table of its own.
fn overview(page: &mut String, hardening: &[Scenario]) {
    page.push_str(
        "<h2>Hardening</h2><p>Beyond the contract; it changes no verdict.</p>\
         <table><tr><th>#</th><th>What should be</th><th>Verdict</th></tr>",
    );
    for scenario in hardening {
        let (number, verdict) = (scenario.number, scenario.verdict.word());
        let _ = write!(
            page,
            "<tr><td>H{number}</td><td><a href=\"#h{number}\">{}</a></td>\
             <td class=\"{verdict}\">{verdict}</td></tr>",
            escaped(scenario.title)
        );
    }
    page.push_str("</table>\n");
}

fn section(page: &mut String, (anchor, letter): (&str, &str), scenario: &Scenario) {
    let (number, verdict) = (scenario.number, scenario.verdict.word());
    let _ = writeln!(
        page,
        "<h2 id=\"{anchor}{number}\">{letter}{number}. {} <span class=\"{verdict}\">{verdict}</span></h2>\
         <p>{} to {}</p><table><tr><th>Verdict</th><th>What should be</th><th>What was seen</th></tr>",
        escaped(scenario.title),
        escaped(&scenario.started_at),
        escaped(&scenario.ended_at),
    );
    for Check {
        claim,
        verdict,
        seen,
    } in &scenario.checks
    {
        let verdict = verdict.word();
        let _ = write!(
            page,
            "<tr><td class=\"{verdict}\">{verdict}</td><td>{}</td><td>{}</td></tr>",
            escaped(claim),
            escaped(seen)
        );
    }
    page.push_str("</table>\n");
    if !scenario.identifiers.is_empty() {
        page.push_str("<h3>Identifiers</h3><table>");
        for (name, id) in &scenario.identifiers {
            row(page, &[name, id]);
        }
        page.push_str("</table>\n");
    }
    for delivery in &scenario.deliveries {
        delivered(page, delivery);
    }
    for exchange in &scenario.exchanges {
        exchanged(page, exchange);
    }
}

fn delivered(page: &mut String, delivery: &Delivery) {
    let what = match &delivery.event {
        Some(event) => {
            let advice = match event.advice {
                Some(true) => ", advice",
                Some(false) => ", question",
                None => "",
            };
            format!("{:?}{advice}", event.event)
        }
        None => "not an event".to_owned(),
    };
    let repeat = if delivery.repeated_by_us {
        " (sent on purpose)"
    } else {
        ""
    };
    let status = shown(delivery.status);
    let _ = write!(
        page,
        "<details><summary>{} webhook: {}{repeat} &rarr; {status} in {} ms</summary>",
        escaped(&delivery.at),
        escaped(&what),
        delivery.duration_ms
    );
    let mut headers = String::new();
    for (name, value) in &delivery.headers {
        let _ = writeln!(headers, "{name}: {value}");
    }
    for text in [&headers, &delivery.body, &delivery.answer] {
        let _ = write!(page, "<pre>{}</pre>", escaped(text));
    }
    page.push_str("</details>\n");
}

fn exchanged(page: &mut String, exchange: &ExchangeTrace) {
    let _ = writeln!(
        page,
        "<details><summary>{} call: {} {} &rarr; {}</summary><pre>{}</pre><pre>{}</pre></details>",
        escaped(&exchange.at),
        escaped(&exchange.method),
        escaped(&exchange.path),
        shown(exchange.status),
        escaped(&exchange.request),
        escaped(&exchange.response)
    );
}

fn row(page: &mut String, cells: &[&str]) {
    page.push_str("<tr>");
    for cell in cells {
        let _ = write!(page, "<td>{}</td>", escaped(cell));
    }
    page.push_str("</tr>");
}

fn shown(status: Option<u16>) -> String {
    status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
}

/// Text that no browser takes for anything but text.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => {
                safe.push(char::REPLACEMENT_CHARACTER);
            }
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certify::report::Verdict;

    #[test]
    fn nothing_that_was_said_by_others_is_markup() {
        let evil = "</pre><script>alert('x\" onload=\"y')</script>\u{1b}";
        let report = Report {
            verdict: Verdict::Failed,
            passed: 0,
            of: 1,
            webhook_url: evil.to_owned(),
            base_url: evil.to_owned(),
            started_at: evil.to_owned(),
            ended_at: evil.to_owned(),
            made_by: "cardwright",
            hardening: Vec::new(),
            scenarios: vec![Scenario {
                number: 1,
                title: "One",
                verdict: Verdict::Failed,
                started_at: evil.to_owned(),
                ended_at: evil.to_owned(),
                checks: vec![Check {
                    claim: evil.to_owned(),
                    verdict: Verdict::Failed,
                    seen: evil.to_owned(),
                }],
                identifiers: vec![(evil.to_owned(), evil.to_owned())],
                exchanges: vec![ExchangeTrace {
                    at: evil.to_owned(),
                    method: evil.to_owned(),
                    path: evil.to_owned(),
                    request: evil.to_owned(),
                    status: None,
                    response: evil.to_owned(),
                }],
                deliveries: vec![Delivery {
                    at: evil.to_owned(),
                    headers: vec![(evil.to_owned(), evil.to_owned())],
                    body: evil.to_owned(),
                    status: Some(200),
                    answer: evil.to_owned(),
                    duration_ms: 1,
                    repeated_by_us: true,
                    event: None,
                }],
            }],
        };
        let page = html(&report);
        assert!(
            !page.contains("<script") && !page.contains("onload=\""),
            "{page}"
        );
        assert!(!page.contains('\u{1b}'));
        assert_eq!(page.matches("&lt;script&gt;").count(), 20);
        assert_eq!(
            page.matches("<pre>").count(),
            page.matches("</pre>").count()
        );
        for outside in ["http://", "https://", "src=", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
