//! Bodies: what is one, what counts as an empty one, and what in one changes nothing.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use crate::{
    fincard::support::{failure, headed, opening, refusal, with},
    harness::{TestApp, holder},
};

const LIMIT_BYTES: usize = 256 * 1024;

#[tokio::test]
async fn what_is_no_single_json_object_is_malformed() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let deep = |levels: usize| {
        let arrays = levels - 1;
        format!(r#"{{"x":{}{}}}"#, "[".repeat(arrays), "]".repeat(arrays))
    };
    for body in [
        "[]",
        "[{}]",
        "7",
        "true",
        "null",
        "{",
        "{}{}",
        "{} x",
        "{'a': 1}",
        "\u{feff}{}",
        r#"{"a": 1, "a": 1}"#,
        r#"{"x": {"a": 1, "\u0061": 2}}"#,
        r#"{"a": 01}"#,
        r#"{"a": "\ud800"}"#,
        &deep(33),
        &deep(5_000),
    ] {
        for path in ["account/info", "card/info"] {
            let reply = app.send(acme.request(path, body)).await;
            let shown: String = body.chars().take(40).collect();
            assert_eq!(
                failure(&reply),
                (400, "malformed_json".to_owned()),
                "{shown}"
            );
        }
    }
    let mut request = acme.request("account/info", "");
    *request.body_mut() = Body::from(&b"{\"a\": \"\xff\"}"[..]);
    let reply = app.send(request).await;
    assert_eq!(failure(&reply), (400, "malformed_json".to_owned()));
    app.send(acme.request("account/info", &deep(32))).await.ok();
    app.finish().await;
}

#[tokio::test]
async fn no_body_or_a_string_is_an_empty_object_where_nothing_is_required() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for path in [
        "account/info",
        "card/list",
        "card/holder/list",
        "card/v2/cardTypes",
    ] {
        let empty = app.send(acme.request(path, "{}")).await.ok();
        for body in ["", "  \r\n", "\"\"", "\"{}\"", "\"anything\""] {
            let reply = app.send(acme.request(path, body)).await.ok();
            assert_eq!(reply, empty, "{path} {body}");
        }
    }
    let reply = app.send(acme.request("card/info", "")).await;
    assert_eq!(refusal(&reply), "missing_field");
    let reply = app.send(acme.request("card/info", "\"{}\"")).await;
    assert_eq!(failure(&reply), (400, "malformed_json".to_owned()));
    app.finish().await;
}

#[tokio::test]
async fn null_and_empty_text_in_an_optional_field_are_as_good_as_nothing() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    for empty in [Value::Null, json!("")] {
        let all = json!({
            "pageNum": empty, "pageSize": empty, "status": empty, "cardNo": empty,
            "cardTypeId": empty, "holderId": empty, "startTime": empty, "endTime": empty,
        });
        acme.call("card/list", &all).await.ok();
        let required = json!({"cardNo": empty});
        let reply = acme.call("card/info", &required).await;
        assert_eq!(refusal(&reply), "missing_field");
    }
    let changes =
        json!({"holderId": null, "accountId": "", "designId": null, "initialDeposit": ""});
    let opened = acme
        .call("card/v2/openCard", &opening(1, &changes))
        .await
        .ok();
    let plain = acme
        .call("card/v2/openCard", &opening(1, &json!({})))
        .await
        .ok();
    assert_eq!(opened, plain, "the same content, so the same order");
    app.finish().await;
}

#[tokio::test]
async fn fields_that_nobody_asked_for_change_nothing() {
    let app = TestApp::new().await;
    let other = app.tenant("Other").await;
    let acme = app.fincard().await;
    let smuggled = json!({
        "tenant": other.tenant_uuid,
        "tenantId": other.tenant_uuid,
        "role": "owner",
        "status": "pass_audit",
        "cardholderStatus": "APPROVED",
        "cardStatus": "BLOCKED",
        "balance": "1000000.00",
        "availableBalance": "1000000.00",
        "environment": "production",
        "fee": "0.00",
        "blocked": true,
        "createTime": 1,
        "nonsense": {"deep": [1, 2, 3]},
    });
    let body = with(holder("ana@example.com"), &smuggled);
    let ana = acme.call("card/holder/v2/create", &body).await.ok();
    assert_eq!(ana["data"]["status"], "wait_audit");
    app.run_jobs().await;
    let body = opening(1, &smuggled);
    let opened = acme.call("card/v2/openCard", &body).await.ok();
    assert_eq!(opened["data"]["fee"], "1.00");
    let card = json!({"cardNo": opened["data"]["cardNo"]});
    let read = acme.call("card/info", &with(card, &smuggled)).await.ok();
    let card = &read["data"];
    assert_eq!(card["balance"], "25.00");
    assert_eq!(card["status"], "Normal");
    assert_eq!(card["blocked"], false);
    assert!(card["createTime"].as_i64().unwrap() > 1);
    let accounts = acme.call("account/info", &smuggled).await.ok();
    assert_eq!(accounts["data"][0]["totalBalance"], "999974.00");
    let strangers = crate::harness::FincardCaller::log_in(&app, &other).await;
    let accounts = strangers.call("account/info", &json!({})).await.ok();
    assert_eq!(accounts["data"][0]["totalBalance"], "1000000.00");
    let cards = strangers.call("card/list", &json!({})).await.ok();
    assert_eq!(cards["data"]["total"], 0);
    let again = acme
        .call("card/v2/openCard", &opening(1, &json!({})))
        .await
        .ok();
    assert_eq!(again, opened, "what nobody asked for is no content");
    app.finish().await;
}

/// A body of so many bytes that says nothing.
fn padded(bytes: usize) -> String {
    format!("{{{}}}", " ".repeat(bytes - 2))
}

fn announced(request: Request<Body>, bytes: usize) -> Request<Body> {
    headed(request, "content-length", &[&bytes.to_string()])
}

#[tokio::test]
async fn a_body_has_256_kib_counted_or_announced() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let fits = padded(LIMIT_BYTES);
    app.send(acme.request("account/info", &fits)).await.ok();
    let request = announced(acme.request("account/info", &fits), LIMIT_BYTES);
    app.send(request).await.ok();
    let too_large = padded(LIMIT_BYTES + 1);
    let counted = acme.request("account/info", &too_large);
    let told = announced(acme.request("account/info", &too_large), LIMIT_BYTES + 1);
    for request in [counted, told] {
        let reply = app.send(request).await;
        assert_eq!(failure(&reply), (413, "body_too_large".to_owned()));
    }
    app.finish().await;
}
