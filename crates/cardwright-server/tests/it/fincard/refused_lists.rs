//! What lists answer to those who ask for them in a wrong way.

use crate::harness::{TestApp, assert_golden};

#[tokio::test]
async fn lists_that_are_asked_for_wrongly_refuse_as_recorded() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let conversation = vec![
        (
            "Countries, by no object",
            acme.request("common/region", "[]"),
        ),
        (
            "Dial codes, by no JSON",
            acme.request("common/mobileAreaCode", "{"),
        ),
        (
            "Accounts of no such type",
            acme.request("account/list", r#"{"type":"SAVINGS"}"#),
        ),
        (
            "Coins, with a key twice",
            acme.request("wallet/v2/coins", r#"{"a":1,"a":1}"#),
        ),
        (
            "Occupations, by a number",
            acme.request("card/holder/occupations", "7"),
        ),
        (
            "Card types, by no object",
            acme.request("card/v2/cardTypes", "[{}]"),
        ),
        (
            "What cards cost, of a page before the first",
            acme.request("card/purchase/transaction", r#"{"pageNum":0}"#),
        ),
    ];
    assert_golden(&app, "fincard_lists_refused", conversation).await;
    app.finish().await;
}
