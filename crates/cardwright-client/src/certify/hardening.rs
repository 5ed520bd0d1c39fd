//! What an integration should do beyond the scenarios of the contract: believe nobody but the platform,
//! and count what is added to an authorization. It is evidence; it changes no verdict.
//!
//! What is forged here is made out of a question that the receiver has answered, and is sent to the
//! receiver by the relay, so that the platform knows nothing of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cardwright_wire::finci::signature::{
    CanonicalForm, Parts, SIGNATURE_HEADER, SigningKey, TIMESTAMP_HEADER,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::report::Scenario;
use super::scenarios::{parts, scenario};
use super::stage::{NewbornCard, Notes, Played, Stage, Stop, Told, event_of, verdict_of};
use crate::relay::Delivery;
use crate::webhook::finci::{AuthorizationType, Event};

const TITLES: [&str; 3] = [
    "A forged signature is refused",
    "A stale timestamp is refused",
    "An increment is decided and counted",
];

/// How far a time lies from now that no receiver may take: the tolerance is minutes.
const FAR_SECONDS: i64 = 3_600;
/// A secret of the right form that nobody was given.
const NOBODYS: &str = "whsec_bm9ib2R5IHdhcyBldmVyIGdpdmVuIHRoaXMgb25l";

/// Plays them all.
pub(super) async fn play(stage: &Stage<'_>) -> Vec<Scenario> {
    let mut played = Vec::with_capacity(TITLES.len());
    for (number, title) in (1..).zip(TITLES) {
        let one = async |notes: &mut Notes| match number {
            1 => forged(stage, notes).await,
            2 => stale(stage, notes).await,
            _ => increment(stage, notes).await,
        };
        played.push(scenario(stage, (number, title), one).await);
    }
    played
}

async fn forged(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (_, most, rest) = parts(stage);
    let card = stage.card(notes).await?;
    let (told, question) = stage.approved(notes, &card, most).await?;
    stage.advice(notes, &told, "Approved").await?;
    let now = stage.evidence.unix_seconds();
    let another = renamed(&question.body, &told);
    let by_nobody = signed(stage, (NOBODYS, now), &another);
    let sent = stage.relay.send(&by_nobody, &another).await;
    refused(notes, "a question that another secret signed", &sent)?;

    let for_this = signed(stage, (stage.secret.expose(), now), &question.body);
    let sent = stage.relay.send(&for_this, &another).await;
    refused(
        notes,
        "a question that was changed after it was signed",
        &sent,
    )?;

    let unsigned: Vec<_> = for_this
        .into_iter()
        .filter(|(name, _)| name == "content-type")
        .collect();
    let sent = stage.relay.send(&unsigned, &another).await;
    refused(notes, "a question that nobody signed", &sent)?;
    // Nothing of it was booked.
    stage.has_left(notes, &card, rest).await
}

async fn stale(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let card = stage.card(notes).await?;
    let (told, question) = stage.approved(notes, &card, 100).await?;
    stage.advice(notes, &told, "Approved").await?;
    let body = &question.body;
    let now = stage.evidence.unix_seconds();
    let send = async |at: i64| {
        let headers = signed(stage, (stage.secret.expose(), at), body);
        stage.relay.send(&headers, body).await
    };
    let again = send(now).await;
    notes.same(
        "signed anew, the question has the same answer: the signature is right",
        verdict_of(&again).as_deref().unwrap_or(&again.answer),
        "success",
    )?;
    let sent = send(now - FAR_SECONDS).await;
    refused(notes, "a question that was signed an hour ago", &sent)?;
    let sent = send(now + FAR_SECONDS).await;
    refused(
        notes,
        "a question that was signed for an hour from now",
        &sent,
    )
}

async fn increment(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (_, most, rest) = parts(stage);
    let card = stage.card(notes).await?;
    let (told, _) = stage.approved(notes, &card, 100).await?;
    stage.advice(notes, &told, "Approved").await?;
    let (more, verdict) = raised(stage, notes, &told, most - 100).await?;
    let claim = "the receiver approves the increment, which the card has";
    notes.same(claim, &verdict, "success")?;
    let claim = "the network is told that the increment is approved";
    notes.same(claim, &more.response_code, "Approved")?;
    stage.advice(notes, &more, "Approved").await?;

    let (over, verdict) = raised(stage, notes, &told, rest + 1).await?;
    let claim = "the receiver declines an increment, which the card does not have";
    notes.same(claim, &verdict, "error")?;
    let code = "InsufficientFunds";
    let claim = "the network is told that there is no money";
    notes.same(claim, &over.response_code, code)?;
    stage.advice(notes, &over, code).await?;
    counted(stage, notes, &card, rest).await
}

async fn counted(
    stage: &Stage<'_>,
    notes: &mut Notes,
    card: &NewbornCard,
    rest: i64,
) -> Played<()> {
    stage.has_left(notes, card, rest).await?;
    stage.declined(notes, card, 1).await.map(|_| ())
}

/// More of an authorization: what the network was told, and what the receiver answered.
async fn raised(
    stage: &Stage<'_>,
    notes: &mut Notes,
    of: &Told,
    amount_cents: i64,
) -> Played<(Told, String)> {
    let known = stage.evidence.deliveries().len();
    let body = json!({"authorization_id": of.id, "amount": amount_cents});
    let answer = stage.simulate(notes, "increment", &body).await?;
    let asked = stage.evidence.deliveries().split_off(known);
    let asked = asked.iter().filter_map(event_of).find(|event| {
        let is_more = event.authorization_type == Some(AuthorizationType::Incremental);
        is_more && event.asks() && event.original_id.as_deref() == Some(&of.id)
    });
    let seen = asked.map_or("none came", |asked| asked.event_id.as_str());
    let claim = "the receiver is asked about the increment, which names its authorization";
    notes.check(claim, asked.is_some(), seen)?;
    let id = asked.and_then(|asked: &Event| asked.id.clone());
    let more = Told {
        id: id.ok_or(Stop)?,
        response_code: answer["response_code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    };
    notes.id("increment id", &more.id);
    let (_, verdict) = stage.question(notes, &more).await?;
    Ok((more, verdict))
}

/// Whoever is refused is told so by a status, and by no decision.
fn refused(notes: &mut Notes, what: &str, sent: &Delivery) -> Played<()> {
    let is_4xx = |status: u16| (400..500).contains(&status);
    let seen = match sent.status {
        Some(status) => format!("HTTP {status} {}", sent.answer),
        None => sent.answer.clone(),
    };
    let claim = format!("the receiver refuses {what} with 4xx");
    notes.check(&claim, sent.status.is_some_and(is_4xx), &seen)
}

/// The same question under a name that nobody has seen.
fn renamed(body: &str, told: &Told) -> String {
    let mut event: Value = serde_json::from_str(body).unwrap_or_default();
    let digits: String = told.id.chars().rev().collect();
    event["id"] = digits.into();
    event["event_id"] = format!("{}_forged", event["event_id"].as_str().unwrap_or("event")).into();
    event.to_string()
}

/// The headers of a delivery, signed in both ways.
fn signed(stage: &Stage<'_>, (secret, at): (&str, i64), body: &str) -> Vec<(String, String)> {
    let (timestamp, target) = (at.to_string(), stage.relay.target());
    let parts = Parts {
        token: "",
        timestamp: &timestamp,
        method: "POST",
        target: &target,
        body: body.as_bytes(),
    };
    let signature = SigningKey::new(secret).sign(&CanonicalForm::Default, &parts);
    let id = format!("{}-{}", stage.run, stage.evidence.next_number());
    let standard = format!(
        "v1,{}",
        standard(secret, &format!("{id}.{timestamp}.{body}"))
    );
    [
        ("content-type", "application/json".to_owned()),
        (TIMESTAMP_HEADER, timestamp.clone()),
        (SIGNATURE_HEADER, hex::encode(signature)),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", standard),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// A signature of Standard Webhooks; its key is what the secret has in base64.
fn standard(secret: &str, content: &str) -> String {
    let encoded = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(encoded).unwrap_or_default();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else {
        return String::new();
    };
    mac.update(content.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
