//! When a request may have been signed.

use crate::harness::{Draft, TestApp, person};

fn draft(app: &TestApp, external_id: &str) -> Draft {
    let body = person(external_id).to_string();
    app.finci().draft("POST", "/v1/create-person", &body)
}

#[tokio::test]
async fn only_ten_digits_without_leading_zero_are_a_timestamp() {
    let app = TestApp::new().await;
    let now = app.now().as_second().to_string();
    let ten_zero = format!("0{}", &now[..9]);
    for text in [
        &format!("0{now}"),
        &ten_zero,
        &format!("+{now}"),
        &format!("+{}", &now[..9]),
        &format!("-{now}"),
        &format!("{} {}", &now[..5], &now[5..]),
        &format!("{now}000"),
        &format!("{now}0"),
        &now[..9],
        &format!("{now}.0"),
        &format!("{now}e0"),
        &format!("{now},{now}"),
        "0x6b0133c0ab",
        "now",
        "0",
        "2026-11-21T12:00:00Z",
        "Sat, 21 Nov 2026 12:00:00 GMT",
        "9999999999",
        "18446744073709551615",
        "\u{661}\u{667}\u{669}\u{665}\u{662}\u{666}\u{662}\u{664}\u{660}\u{660}",
    ] {
        // Signed with this very text, so that nothing but the text is wrong.
        let request = Draft {
            timestamp: text.to_owned(),
            ..draft(&app, "p-1")
        };
        let reply = app.send(request.sign().request()).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "timestamp_out_of_range"),
            "{text}"
        );
    }
    let bytes = draft(&app, "p-1")
        .sign()
        .with("x-auth-timestamp", b"179526240\xff");
    let reply = app.send(bytes.request()).await;
    assert_eq!(reply.code(), "timestamp_out_of_range");
    assert_eq!(app.taken_signatures().await, 0);
    app.finish().await;
}

#[tokio::test]
async fn a_request_may_be_five_minutes_early_or_late_and_no_second_more() {
    let app = TestApp::new().await;
    for (seconds, accepted) in [
        (0, true),
        (300, true),
        (-300, true),
        (301, false),
        (-301, false),
        (86_400, false),
        (-86_400, false),
    ] {
        let request = draft(&app, &format!("p{seconds}")).moved(seconds);
        let reply = app.send(request.sign().request()).await;
        if accepted {
            reply.ok();
        } else {
            assert_eq!(reply.status, 401, "{seconds}");
            let expected = r#"{"status":"error","errors":["timestamp_out_of_range"]}"#;
            assert_eq!(reply.text, expected, "{seconds}");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn whoever_is_told_that_its_clock_is_wrong_is_told_the_time() {
    let app = TestApp::new().await;
    for (seconds, status) in [(0, 200), (301, 401), (-301, 401)] {
        let request = draft(&app, "p-1").moved(seconds);
        let reply = app.exchange(&request.sign().wire()).await;
        assert_eq!(reply.status, status, "{}", reply.text);
        let date = reply.headers["date"].to_str().unwrap();
        assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
    }
    app.finish().await;
}
