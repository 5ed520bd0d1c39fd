//! A holder's checks: they decide themselves unless an operator is to, one event a step.

use cardwright_server::store::db::Value as Stored;
use serde_json::{Value, json};

use super::CREATE;
use crate::{
    fincard::support::{decide_by_hand, opening, refusal, with},
    harness::{FincardCaller, TestApp, holder},
};

/// What the events of a holder say, the oldest first.
async fn told(app: &TestApp, holder: &Value) -> Vec<String> {
    let sql = "SELECT kind, facts FROM event WHERE subject_kind = 'holder' AND subject_id = $1 \
               ORDER BY id";
    let rows = app
        .rows(sql, vec![Stored::from(holder.as_i64().unwrap())])
        .await;
    let said = |row: &cardwright_server::store::db::Row| {
        assert_eq!(row.get::<String>(0).unwrap(), "holder_status_changed");
        let facts: Value = serde_json::from_str(&row.get::<String>(1).unwrap()).unwrap();
        facts["status"].as_str().unwrap().to_owned()
    };
    rows.iter().map(said).collect()
}

async fn standing(caller: &FincardCaller<'_>, id: &Value) -> [Value; 5] {
    let listed = caller
        .call("card/holder/list", &json!({"holderId": id}))
        .await
        .ok();
    let holder = &listed["data"]["records"][0];
    let fields = [
        "status",
        "cardholderStatus",
        "statusFlowLocation",
        "description",
        "respMsg",
    ];
    fields.map(|name| holder[name].clone())
}

/// The words of a holder who was not rejected, so that nothing is said about why.
#[track_caller]
fn assert_open(standing: &[Value; 5], words: [&str; 3]) {
    assert_eq!(standing[..3], words.map(Value::from));
    assert!(standing[3].is_null() && standing[4].is_null());
}

#[tokio::test]
async fn checks_that_decide_themselves_pass_every_step_and_tell_of_each() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let created = acme.call(CREATE, &holder("ana@example.com")).await.ok();
    let id = &created["data"]["holderId"];
    let waiting = ["wait_audit", "PENDING", "admin"];
    assert_open(&standing(&acme, id).await, waiting);
    assert_eq!(told(&app, id).await, ["wait_audit"]);
    app.pass(5);
    assert_eq!(app.run_jobs().await, 2);
    let passed = ["pass_audit", "APPROVED", "channel"];
    assert_open(&standing(&acme, id).await, passed);
    assert_eq!(
        told(&app, id).await,
        ["wait_audit", "under_review", "pass_audit"]
    );
    let listed = acme
        .call("card/holder/list", &json!({"holderId": id}))
        .await
        .ok();
    let record = &listed["data"]["records"][0];
    assert_eq!(record["createTime"], created["data"]["createTime"]);
    assert_eq!(record["updateTime"], app.now().as_millisecond());
    app.finish().await;
}

#[tokio::test]
async fn two_last_names_meet_the_other_outcomes() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let rejected = with(holder("r@example.com"), &json!({"lastName": "REJECT"}));
    let rejected = acme.call(CREATE, &rejected).await.ok()["data"]["holderId"].clone();
    let reviewed = with(holder("v@example.com"), &json!({"lastName": "REVIEW"}));
    let reviewed = acme.call(CREATE, &reviewed).await.ok()["data"]["holderId"].clone();
    assert_eq!(app.run_jobs().await, 2);
    assert_eq!(told(&app, &rejected).await, ["wait_audit", "reject"]);
    assert_eq!(told(&app, &reviewed).await, ["wait_audit", "under_review"]);
    let end = standing(&acme, &rejected).await;
    assert_eq!(
        end[0..3],
        [json!("reject"), json!("REJECTED"), json!("admin")]
    );
    assert!(end[3].as_str().is_some_and(|reason| !reason.is_empty()));
    assert_eq!(end[3], end[4]);
    let review = ["under_review", "UNDER_REVIEW", "channel"];
    assert_open(&standing(&acme, &reviewed).await, review);
    app.finish().await;
}

#[tokio::test]
async fn where_an_operator_decides_nothing_moves_by_itself() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    let other = app.tenant("Other").await;
    let strangers = FincardCaller::log_in(&app, &other).await;
    decide_by_hand(&app, &app.demo).await;
    let ana = acme.call(CREATE, &holder("ana@example.com")).await.ok();
    let eve = strangers
        .call(CREATE, &holder("eve@example.com"))
        .await
        .ok();
    assert_eq!(app.run_jobs().await, 2, "the other tenant's only");
    app.pass(30 * 24 * 3600);
    assert_eq!(app.run_jobs().await, 0);
    let acme = app.fincard().await;
    let waiting = ["wait_audit", "PENDING", "admin"];
    assert_open(&standing(&acme, &ana["data"]["holderId"]).await, waiting);
    let eve = told(&app, &eve["data"]["holderId"]).await;
    assert_eq!(eve.last().unwrap(), "pass_audit");
    app.finish().await;
}

#[tokio::test]
async fn only_an_approved_holder_gets_a_card() {
    let app = TestApp::new().await;
    let acme = app.fincard().await;
    decide_by_hand(&app, &app.demo).await;
    let ana = acme.call(CREATE, &holder("ana@example.com")).await.ok();
    let ana = ana["data"]["holderId"].clone();
    let states = [
        ("wait_audit", "admin", None),
        ("under_review", "channel", None),
        ("reject", "admin", Some("blurred")),
        ("reject", "channel", Some("unknown")),
    ];
    let put = async |(status, stage, reason): (&str, &str, Option<&str>)| {
        let sql =
            "UPDATE holder SET kyc_status = $1, kyc_stage = $2, kyc_reason = $3 WHERE id = $4";
        let id = Stored::from(ana.as_i64().unwrap());
        let parameters = vec![status.into(), stage.into(), reason.into(), id];
        assert_eq!(app.change_rows(sql, parameters).await, 1);
    };
    for (number, state) in states.into_iter().enumerate() {
        put(state).await;
        for product in [111_001, 111_065] {
            let body = opening(number, &json!({"holderId": ana, "cardTypeId": product}));
            let reply = acme.call("card/v2/openCard", &body).await;
            assert_eq!(
                refusal(&reply),
                "holder_not_approved",
                "{state:?} {product}"
            );
        }
    }
    put(("pass_audit", "channel", None)).await;
    for (number, product) in [111_001, 111_065].into_iter().enumerate() {
        let body = opening(number, &json!({"holderId": ana, "cardTypeId": product}));
        acme.call("card/v2/openCard", &body).await.ok();
    }
    app.finish().await;
}
