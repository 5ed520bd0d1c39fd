//! The FinCard client: headers of login and calls, and when it logs in again.

use std::sync::Arc;
use std::time::Duration;

use cardwright_client::fincard::requests::{
    AddressQuery, AnnounceDeposit, CreateAccount, Happening, HolderDetails, NamedCard, OpenCard,
    Simulate, UpdateHolder, UpdateNote,
};
use cardwright_client::fincard::{Client, Context, Login, Platform};
use cardwright_client::{Error, Secret};

use crate::responder::{Canned, HandClock, Responder, settings};

const NOW: i64 = 1_767_225_600;
const BASE: &str = "/api/v2.1/fincard/virtual";
const UNAUTHORIZED: Canned = Canned::Answer(
    401,
    "",
    r#"{"success":false,"code":401,"msg":"Unauthorized","data":null}"#,
);
const DONE: Canned = Canned::Answer(
    200,
    "",
    r#"{"success":true,"code":200,"msg":"Success","data":{"n":"1"}}"#,
);

/// A login answer with the given token, an hour long.
fn granted(token: &str) -> Canned {
    let body = format!(
        r#"{{"success":true,"code":200,"msg":"Success","accessToken":"{token}","expiresIn":3600}}"#
    );
    Canned::Answer(200, "", body.leak())
}

fn by_email() -> Login {
    Login::Email {
        email: "owner@acme.example".to_owned(),
        password: Secret::new("correct \"horse\""),
        tenant_id: "acme".to_owned(),
    }
}

fn context() -> Context {
    Context {
        platform: Platform::Ios,
        device_id: String::new(),
        forwarded_for: "203.0.113.7".to_owned(),
        forwarded_from: "acme-backend".to_owned(),
    }
}

async fn logged_in(server: &Responder, login: Login, time: &Arc<HandClock>) -> Client {
    Client::login_with_settings(&server.url, login, context(), settings(time))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_login_by_email_sends_the_context_and_its_token_serves_the_calls() {
    let server = Responder::start(vec![granted("t1"), DONE, DONE, DONE]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    for path in [
        "card/info",
        "/card/info",
        "/api/v2.1/fincard/virtual/card/info",
    ] {
        let answer = client.call(path, r#"{"cardNo":"1"}"#).await.unwrap();
        assert!(answer.is_success());
        assert_eq!(answer.envelope.unwrap().data["n"], "1");
    }

    let requests = server.requests();
    let login = &requests[0];
    assert_eq!(login.target, "/api/auth/login");
    assert!(login.values("Authorization").is_empty());
    let body: serde_json::Value = serde_json::from_str(&login.body).unwrap();
    assert_eq!(body["email"], "owner@acme.example");
    assert_eq!(body["password"], "correct \"horse\"");
    assert_eq!(body["tenantId"], "acme");
    for request in &requests {
        assert_eq!(request.method, "POST");
        assert_eq!(request.header("Content-Type"), "application/json");
        assert_eq!(request.header("X-Tenant-ID"), "acme");
        assert_eq!(request.header("X-Forwarded-For"), "203.0.113.7");
        assert_eq!(request.header("X-Forwarded-From"), "acme-backend");
        assert_eq!(request.header("platform"), "ios");
        assert_eq!(request.header("deviceId"), "");
    }
    for call in &requests[1..] {
        assert_eq!(call.target, format!("{BASE}/card/info"));
        assert_eq!(call.header("Authorization"), "Bearer t1");
    }
}

#[tokio::test]
async fn a_login_by_organization_sends_only_the_tenant() {
    let nested = r#"{"success":true,"data":{"accessToken":"t2","expiresIn":3600}}"#;
    let server = Responder::start(vec![Canned::Answer(200, "", nested), DONE]).await;
    let login = Login::Organization {
        organization_id: "0198b3f2-0000-7000-8000-000000000001".to_owned(),
        user_id: "0198b3f2-0000-7000-8000-000000000002".to_owned(),
        username: "owner".to_owned(),
        password: Secret::new("correct horse"),
        tenant_id: "acme".to_owned(),
    };
    let client = logged_in(&server, login, &HandClock::at(NOW)).await;
    client.call("account/info", "{}").await.unwrap();

    let requests = server.requests();
    assert_eq!(
        requests[0].target,
        "/api/v2.1/admin/organization/0198b3f2-0000-7000-8000-000000000001/users/\
         0198b3f2-0000-7000-8000-000000000002/sessions"
    );
    assert_eq!(requests[0].header("X-Tenant-ID"), "acme");
    assert!(requests[0].values("platform").is_empty());
    assert_eq!(
        requests[0].body,
        r#"{"password":"correct horse","username":"owner"}"#
    );
    assert_eq!(requests[1].header("Authorization"), "Bearer t2");
}

#[tokio::test]
async fn a_session_is_renewed_shortly_before_its_end() {
    let time = HandClock::at(NOW);
    let server = Responder::start(vec![granted("t1"), DONE, granted("t2"), DONE, DONE]).await;
    let client = logged_in(&server, by_email(), &time).await;
    time.forward(3539);
    client.call("card/info", "{}").await.unwrap();
    time.forward(1);
    client.call("card/info", "{}").await.unwrap();
    client.call("card/info", "{}").await.unwrap();

    let requests = server.requests();
    let bearers: Vec<&str> = requests
        .iter()
        .flat_map(|request| request.values("Authorization"))
        .collect();
    assert_eq!(bearers, ["Bearer t1", "Bearer t2", "Bearer t2"]);
}

#[tokio::test]
async fn a_401_leads_to_one_login_and_one_more_call() {
    let server = Responder::start(vec![granted("t1"), UNAUTHORIZED, granted("t2"), DONE]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let answer = client.call("card/info", r#"{"cardNo":"1"}"#).await.unwrap();

    assert!(answer.is_success());
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[3].header("Authorization"), "Bearer t2");
    assert_eq!(requests[3].body, r#"{"cardNo":"1"}"#);
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    let server = Responder::start(vec![
        granted("t1"),
        UNAUTHORIZED,
        granted("t2"),
        UNAUTHORIZED,
        DONE,
    ])
    .await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let answer = client.call("card/info", "{}").await.unwrap();

    assert_eq!(answer.response.status, 401);
    assert_eq!(answer.envelope.unwrap().message, "Unauthorized");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn calls_at_the_same_time_share_one_renewal() {
    let time = HandClock::at(NOW);
    let server = Responder::start(vec![granted("t1"), granted("t2"), DONE, DONE, DONE]).await;
    let client = logged_in(&server, by_email(), &time).await;
    time.forward(4000);
    let call = || client.call("card/info", "{}");
    let (one, two, three) = tokio::join!(call(), call(), call());

    assert!(one.unwrap().is_success() && two.unwrap().is_success() && three.unwrap().is_success());
    let logins = server
        .requests()
        .iter()
        .filter(|it| it.target == "/api/auth/login")
        .count();
    assert_eq!(logins, 2, "one at the start, one for all three calls");
}

#[tokio::test]
async fn a_refused_login_tells_the_reason_and_hides_the_password() {
    let refusal = r#"{"success":false,"code":401,"msg":"Invalid credentials","data":null}"#;
    let server = Responder::start(vec![Canned::Answer(401, "", refusal)]).await;
    let login = Client::login(&server.url, by_email(), context()).await;

    let error = login.unwrap_err();
    assert!(
        matches!(error, Error::LoginRefused { status: 401, .. }),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "login refused with HTTP 401: Invalid credentials"
    );
    assert!(!format!("{error:?} {:?}", by_email()).contains("horse"));
}

#[tokio::test]
async fn a_login_answer_without_a_session_is_named() {
    for (body, missing) in [
        ("OK", "JSON"),
        (r#"{"success":true,"expiresIn":3600}"#, "accessToken"),
        (
            r#"{"success":true,"accessToken":"t","expiresIn":0}"#,
            "expiresIn",
        ),
    ] {
        let server = Responder::start(vec![Canned::Answer(200, "", body)]).await;
        let error = Client::login(&server.url, by_email(), context())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
    }
}

#[tokio::test]
async fn a_redirected_login_does_not_carry_the_password_away() {
    let elsewhere = Responder::start(vec![granted("t1")]).await;
    let location: &'static str = format!("Location: {}/login\r\n", elsewhere.url).leak();
    let server = Responder::start(vec![Canned::Answer(308, location, "")]).await;
    let error = Client::login(&server.url, by_email(), context())
        .await
        .unwrap_err();

    assert!(
        matches!(error, Error::LoginRefused { status: 308, .. }),
        "{error:?}"
    );
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_broken_connection_is_not_repeated() {
    let server = Responder::start(vec![granted("t1"), Canned::HangUp, DONE]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let error = client.call("card/deposit", "{}").await.unwrap_err();

    assert!(matches!(error, Error::Connection { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_session_does_not_show_its_token() {
    let server = Responder::start(vec![granted("very-visible-token")]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let shown = format!("{client:?}");
    assert!(
        !shown.contains("very-visible-token") && !shown.contains("horse"),
        "{shown}"
    );
}

const OPENED: Canned = Canned::Answer(
    200,
    "",
    r#"{"success":true,"code":200,"msg":"Success","data":{"orderNo":"9","merchantOrderNo":"order-1","cardNo":"7","type":"create","status":"success","amount":"25.00","fee":"1.00","receivedAmount":"25.00","maskedPan":"424242******4242"}}"#,
);
const BUSY: Canned = Canned::Answer(
    503,
    "",
    r#"{"success":false,"code":500,"msg":"Busy","data":null,"errorCode":"unavailable"}"#,
);
const REFUSED: Canned = Canned::Answer(
    200,
    "",
    r#"{"success":false,"code":-1,"msg":"No","data":null,"errorCode":"insufficient_balance"}"#,
);

fn opening() -> OpenCard {
    OpenCard::new("order-1", 111_001).amount("25.00")
}

fn fee() -> Simulate {
    Simulate::new("7", Happening::MaintainFee, "1.00", "USD")
}

#[tokio::test]
async fn an_order_is_repeated_under_its_number_until_it_is_answered() {
    let answers = vec![granted("t1"), Canned::HangUp, BUSY, OPENED];
    let server = Responder::start(answers).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let order = client.open_card(&opening()).await.unwrap();
    assert_eq!(order.card_no, "7");
    assert_eq!(order.fee.as_deref(), Some("1.00"));
    assert_eq!(order.masked_pan.as_deref(), Some("424242******4242"));
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for call in &requests[1..] {
        assert_eq!(call.target, format!("{BASE}/card/v2/openCard"));
        assert_eq!(
            call.body, requests[1].body,
            "the same number, the same content"
        );
    }
}

#[tokio::test]
async fn a_change_without_a_number_is_made_once_whatever_comes_back() {
    for answer in [Canned::HangUp, BUSY] {
        let server = Responder::start(vec![granted("t1"), answer, OPENED]).await;
        let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
        client.simulate(&fee()).await.unwrap_err();
        assert_eq!(server.requests().len(), 2, "the server may have acted");
    }
}

/// A server knows none of these again, so that a second call would be a second change.
#[tokio::test]
async fn a_change_that_no_server_knows_again_is_made_once() {
    let holder = UpdateHolder::new(7, HolderDetails::new().last_name("Brown"));
    for answer in [|| Canned::HangUp, || BUSY] {
        for call in 0..6 {
            let server = Responder::start(vec![granted("t1"), answer(), OPENED]).await;
            let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
            let failed = match call {
                0 => client
                    .create_account(&CreateAccount::new("Team"))
                    .await
                    .is_err(),
                1 => client
                    .wallet_deposit(&AnnounceDeposit::new("50.00"))
                    .await
                    .is_err(),
                2 => client.simulate(&fee()).await.is_err(),
                3 => client.update_holder(&holder).await.is_err(),
                4 => client.update_holder_v1(&holder).await.is_err(),
                _ => client
                    .update_note(&UpdateNote::new("7", "why"))
                    .await
                    .is_err(),
            };
            assert!(failed, "call {call} was answered");
            assert_eq!(server.requests().len(), 2, "call {call} was made again");
        }
    }
}

#[tokio::test]
async fn a_change_that_may_have_a_number_is_repeated_when_it_has_one() {
    let server = Responder::start(vec![granted("t1"), BUSY, REFUSED]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let numbered = UpdateNote::new("7", "why").merchant_order_no("order-0000000001");
    let error = client.update_note(&numbered).await.unwrap_err();
    assert!(matches!(error, Error::FincardRefused(refusal) if refusal.code == -1));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn addresses_come_in_pages_though_nobody_asked_for_one() {
    let page = Canned::Answer(
        200,
        "",
        r#"{"success":true,"code":200,"msg":"Success","data":{"total":0,"pageNum":1,"pageSize":10,"records":[]}}"#,
    );
    let server = Responder::start(vec![granted("t1"), page]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let found = client.addresses(&AddressQuery::new()).await.unwrap();
    assert_eq!(found.total, 0);
    assert_eq!(server.requests()[1].body, r#"{"pageNum":1}"#);
}

const BUSY_FOR_7: Canned = Canned::Answer(
    503,
    "Retry-After: 7\r\n",
    r#"{"success":false,"code":500,"msg":"Busy","data":null,"errorCode":"unavailable"}"#,
);
const BUSY_FOR_31: Canned = Canned::Answer(
    503,
    "Retry-After: 31\r\n",
    r#"{"success":false,"code":500,"msg":"Busy","data":null,"errorCode":"unavailable"}"#,
);

#[tokio::test]
async fn a_repeat_waits_as_long_as_the_server_asks_and_else_as_long_as_is_set() {
    let answers = vec![granted("t1"), BUSY_FOR_7, BUSY, OPENED];
    let server = Responder::start(answers).await;
    let time = HandClock::at(NOW);
    let client = logged_in(&server, by_email(), &time).await;
    client.open_card(&opening()).await.unwrap();
    let (asked, set) = (Duration::from_secs(7), Duration::from_millis(200));
    assert_eq!(time.pauses(), [asked, set]);
}

#[tokio::test]
async fn a_server_that_asks_for_more_patience_than_there_is_is_not_called_again() {
    let server = Responder::start(vec![granted("t1"), BUSY_FOR_31, OPENED]).await;
    let time = HandClock::at(NOW);
    let client = logged_in(&server, by_email(), &time).await;
    let error = client.open_card(&opening()).await.unwrap_err();
    assert!(matches!(error, Error::FincardRefused(refusal) if refusal.status == 503));
    assert_eq!(server.requests().len(), 2);
    assert_eq!(time.pauses(), []);
}

#[tokio::test]
async fn a_login_that_the_server_cannot_take_is_made_again_and_refuses_nobody() {
    let server = Responder::start(vec![BUSY_FOR_7, Canned::HangUp, granted("t1"), DONE]).await;
    let time = HandClock::at(NOW);
    let client = logged_in(&server, by_email(), &time).await;
    assert!(client.call("card/info", "{}").await.unwrap().is_success());
    assert_eq!(time.pauses().len(), 2);
    assert_eq!(time.pauses()[0], Duration::from_secs(7));

    let server = Responder::start(vec![BUSY, BUSY, BUSY, granted("t1")]).await;
    let time = HandClock::at(NOW);
    let login = Client::login_with_settings(&server.url, by_email(), context(), settings(&time));
    let error = login.await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the server could not take the login, HTTP 503: Busy"
    );
    assert_eq!(server.requests().len(), 3);
}

/// The call itself was not made, or was answered with 401: it did nothing yet.
#[tokio::test]
async fn a_renewal_that_the_server_cannot_take_is_made_again_for_any_change() {
    let time = HandClock::at(NOW);
    let answers = vec![
        granted("t1"),
        UNAUTHORIZED,
        BUSY,
        granted("t2"),
        Canned::HangUp,
    ];
    let server = Responder::start(answers).await;
    let client = logged_in(&server, by_email(), &time).await;
    let error = client.simulate(&fee()).await.unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error:?}");
    let targets: Vec<_> = server.requests().into_iter().map(|it| it.target).collect();
    let (login, call) = ("/api/auth/login", "card/simulateAuthTransaction");
    let call = format!("{BASE}/{call}");
    assert_eq!(targets, [login, &call, login, login, &call]);
    assert_eq!(time.pauses().len(), 1, "the change itself is not repeated");
}

#[tokio::test]
async fn a_refusal_is_an_error_with_its_stable_name_and_is_not_repeated() {
    let server = Responder::start(vec![granted("t1"), REFUSED, OPENED]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let Err(Error::FincardRefused(refusal)) = client.open_card(&opening()).await else {
        panic!("not refused");
    };
    assert_eq!(refusal.error_code.as_deref(), Some("insufficient_balance"));
    assert_eq!((refusal.status, refusal.code), (200, -1));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_typed_call_logs_in_once_more_when_its_session_is_over() {
    let answers = vec![granted("t1"), UNAUTHORIZED, granted("t2"), OPENED];
    let server = Responder::start(answers).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    client.open_card(&opening()).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[3].header("Authorization"), "Bearer t2");
    assert_eq!(requests[3].body, requests[1].body);

    let answers = vec![granted("t1"), UNAUTHORIZED, granted("t2"), UNAUTHORIZED];
    let server = Responder::start(answers).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let error = client.open_card(&opening()).await.unwrap_err();
    assert!(matches!(error, Error::FincardRefused(refusal) if refusal.status == 401));
}

#[tokio::test]
async fn what_does_not_have_the_published_form_is_an_error_that_quotes_nothing() {
    let secret = r#"{"success":true,"code":200,"msg":"Success","data":{"cardNumber":4242}}"#;
    let server = Responder::start(vec![granted("t1"), Canned::Answer(200, "", secret)]).await;
    let client = logged_in(&server, by_email(), &HandClock::at(NOW)).await;
    let error = client.card_secrets(&NamedCard::new("7")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4242"));
}
