//! The twelve scenarios, in the order of the contract.
//!
//! Each uses cards of its own, so that one that fails spoils no other. `whole` is what a new card has
//! by the receiver's promise, `most` and `rest` are two parts of it.

use serde_json::{Value, json};

use super::report::{Scenario, Verdict};
use super::stage::{NewbornCard, Notes, Played, Stage, Told, event_of, is_about, verdict_of};
use crate::finci::StatusChange;
use crate::finci::requests::{NewAccount, NewCard, NewCorporate, NewEmployee};
use crate::relay::{Delivery, Sink};
use crate::webhook::finci::{AuthorizationType, Event, Kind};

/// Plays them all.
pub(super) async fn play(stage: &Stage<'_>) -> Vec<Scenario> {
    let mut scenarios = Vec::with_capacity(TITLES.len());
    for (number, title) in (1..).zip(TITLES) {
        let played = async |notes: &mut Notes| one(number, stage, notes).await;
        scenarios.push(scenario(stage, (number, title), played).await);
    }
    scenarios
}

/// Plays one, and keeps what was seen meanwhile.
pub(super) async fn scenario(
    stage: &Stage<'_>,
    (number, title): (u8, &'static str),
    play: impl AsyncFnOnce(&mut Notes) -> Played<()>,
) -> Scenario {
    let mark = stage.evidence.mark();
    let started_at = stage.evidence.now();
    let mut notes = Notes::default();
    let played = play(&mut notes).await;
    // Whatever became of it: the next one must not wait for answers that are kept back.
    stage.relay.let_go();
    let (exchanges, deliveries) = stage.evidence.since(mark);
    Scenario {
        number,
        title,
        verdict: Verdict::from(played.is_ok()),
        started_at,
        ended_at: stage.evidence.now(),
        checks: notes.checks,
        identifiers: notes.identifiers,
        exchanges,
        deliveries,
    }
}

const TITLES: [&str; 12] = [
    "Create owner, account and cardholder records",
    "Issue a card",
    "Receive an authorization webhook",
    "Approve",
    "Decline",
    "Receive the advice",
    "Timeout-safe decline",
    "Repeated delivery handled",
    "Presentment of an approved authorization",
    "Reversal",
    "Return",
    "Status update and its downstream effect",
];

async fn one(number: u8, stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    match number {
        1 => records(stage, notes).await,
        2 => issue(stage, notes).await,
        3 => receive(stage, notes).await,
        4 => approve(stage, notes).await,
        5 => decline(stage, notes).await,
        6 => advice(stage, notes).await,
        7 => timeout(stage, notes).await,
        8 => repeated(stage, notes).await,
        9 => presentment(stage, notes).await,
        10 => reversal(stage, notes).await,
        11 => returned(stage, notes).await,
        _ => status(stage, notes).await,
    }
}

/// What a new card has, and two parts of it: most, and the rest.
pub(super) fn parts(stage: &Stage<'_>) -> (i64, i64, i64) {
    let whole = stage.plan.card_balance_cents;
    let most = whole / 5 * 3;
    (whole, most, whole - most)
}

async fn records(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let person_id = stage.person(notes).await?;
    let account_id = stage.account(notes, &person_id).await?;
    let account = stage.finci.account(&account_id).await;
    let account = notes.done("a question about the account", account)?;
    notes.same(
        "the account is the person's",
        account.person_id.as_deref().unwrap_or("none"),
        &person_id,
    )?;
    let person = stage.finci.person(&person_id).await;
    let person = notes.done("a question about the person", person)?;
    notes.same("the person is read back", &person.person_id, &person_id)?;
    employee(stage, notes).await.map(|_| ())
}

/// A corporate with an account and somebody who can hold its cards.
async fn employee(stage: &Stage<'_>, notes: &mut Notes) -> Played<String> {
    let corporate = NewCorporate {
        external_id: stage.fresh_id(),
        name: "Baltic Wire UAB".to_owned(),
        registration_number: "305123456".to_owned(),
        country: "LT".to_owned(),
        ..NewCorporate::default()
    };
    let corporate = stage.finci.create_corporate(&corporate).await;
    let corporate_id = notes.done("a corporate", corporate)?;
    notes.id("corporate_id", &corporate_id);
    let account = NewAccount {
        corporate_id: Some(corporate_id.clone()),
        currency: stage.plan.currency.clone(),
        ..NewAccount::default()
    };
    let account = stage.finci.create_account(&account).await;
    let account_id = notes.done("the corporate's account", account)?;
    notes.id("account_id", &account_id);
    let external_id = stage.fresh_id();
    let employee = NewEmployee {
        corporate_id,
        first_name: "Ruta".to_owned(),
        last_name: "Kaune".to_owned(),
        email: format!("{external_id}@example.com"),
        phone: "+37060000001".to_owned(),
        external_id,
        ..NewEmployee::default()
    };
    let employee = stage.finci.create_employee(&employee).await;
    let employee_id = notes.done("an employee", employee)?;
    notes.id("employee_id", &employee_id);
    Ok(employee_id)
}

async fn issue(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let card = stage.card(notes).await?;
    issued(stage, notes, &card.token_id).await?;
    let found = stage.finci.card(&card.token_id).await;
    let found = notes.done("a question about the card", found)?;
    notes.same("the card is active", &found.token_status, "active")?;
    notes.same(
        "the card draws on the account",
        &found.account_id,
        &card.account_id,
    )?;
    notes.same(
        "the card is the person's",
        found.person_id.as_deref().unwrap_or("none"),
        &card.person_id,
    )?;
    let of_employee = NewCard {
        employee_id: Some(employee(stage, notes).await?),
        ..stage.card_order()
    };
    let token_id = stage.finci.create_card(&of_employee).await;
    let token_id = notes.done("a card for an employee", token_id)?;
    notes.id("token_id", &token_id);
    issued(stage, notes, &token_id).await
}

async fn issued(stage: &Stage<'_>, notes: &mut Notes, token_id: &str) -> Played<()> {
    let is_it = |delivery: &Delivery| is_of_card(delivery, &Kind::CardCreated, token_id);
    let created = stage.event(notes, "news of the card", is_it);
    created.await.map(|_| ())
}

/// Whether an event is of this kind and about this card.
fn is_of_card(delivery: &Delivery, kind: &Kind, token_id: &str) -> bool {
    event_of(delivery)
        .is_some_and(|event| event.event == *kind && event.token_id.as_deref() == Some(token_id))
}

async fn receive(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let card = stage.card(notes).await?;
    let told = stage.pay(notes, &card, 100).await?;
    let (question, _) = stage.question(notes, &told).await?;
    let asks = event_of(&question).is_some_and(|event| event.response_code.is_none());
    let claim = "the question has no response code: nothing is decided yet";
    notes.check(claim, asks, &question.body)
}

async fn approve(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (_, most, _) = parts(stage);
    let card = stage.card(notes).await?;
    let (told, _) = stage.approved(notes, &card, most).await?;
    let found = stage.finci.authorization(&told.id).await;
    let found = notes.done("a question about the authorization", found)?;
    notes.same(
        "the authorization is on record as approved",
        found.response_code.as_deref().unwrap_or("none"),
        "Approved",
    )
}

async fn decline(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, ..) = parts(stage);
    let card = stage.card(notes).await?;
    let told = stage.declined(notes, &card, whole + 1).await?;
    let found = stage.finci.authorization(&told.id).await;
    let found = notes.done("a question about the authorization", found)?;
    notes.same(
        "the authorization is on record as declined",
        &found.authorization_status,
        "declined",
    )
}

async fn advice(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let card = stage.card(notes).await?;
    for amount_cents in [100, parts(stage).0 * 1_000] {
        let told = stage.pay(notes, &card, amount_cents).await?;
        let code = told.response_code.clone();
        stage.advice(notes, &told, &code).await?;
    }
    Ok(())
}

/// The receiver says yes, the platform does not hear it in time: no money may stay set aside.
async fn timeout(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, most, _) = parts(stage);
    let card = stage.card(notes).await?;
    stage.relay.hold_back();
    let told = stage.pay(notes, &card, most).await;
    stage.relay.let_go();
    let told = told?;
    let (_, verdict) = stage.question(notes, &told).await?;
    let claim = "the receiver approves; the platform is kept from hearing it in time";
    notes.same(claim, &verdict, "success")?;
    notes.same(
        "the network is told that there is no money",
        &told.response_code,
        "InsufficientFunds",
    )?;
    stage.advice(notes, &told, "InsufficientFunds").await?;
    stage.has_left(notes, &card, whole).await
}

/// The same question and the same advice come twice; the receiver's money moves once.
async fn repeated(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (_, most, rest) = parts(stage);
    let card = stage.card(notes).await?;
    let (told, question) = stage.approved(notes, &card, most).await?;
    let advice = stage.advice(notes, &told, "Approved").await?;
    let again = stage.relay.again(&question).await;
    let verdict = verdict_of(&again);
    notes.same(
        "the question, sent again with the same id, has the same answer",
        verdict.as_deref().unwrap_or(&again.answer),
        "success",
    )?;
    let again = stage.relay.again(&advice).await;
    notes.acknowledged("advice, sent again", &again)?;
    stage.has_left(notes, &card, rest).await?;
    stage.declined(notes, &card, 1).await.map(|_| ())
}

/// A payment that was approved and then cleared for good.
struct Cleared {
    told: Told,
    transaction_id: String,
}

/// Approves so much, and clears so much of it.
async fn cleared(
    stage: &Stage<'_>,
    notes: &mut Notes,
    card: &NewbornCard,
    (approved_cents, cleared_cents): (i64, i64),
) -> Played<Cleared> {
    let (told, _) = stage.approved(notes, card, approved_cents).await?;
    stage.advice(notes, &told, "Approved").await?;
    let clearing = json!({
        "authorization_id": told.id,
        "amount": cleared_cents,
        "currency": stage.plan.currency,
        "final": true,
    });
    let clearing = stage.simulate(notes, "clearing", &clearing).await?;
    let transaction_id = text(&clearing, "transaction_id");
    notes.id("transaction_id", &transaction_id);
    let is_it = |delivery: &Delivery| {
        is_of_card(delivery, &Kind::Presentment, &card.token_id)
            && event_of(delivery)
                .is_some_and(|event| event.authorization_id.as_deref() == Some(&told.id))
    };
    stage
        .event(notes, "presentment, which names its authorization", is_it)
        .await?;
    Ok(Cleared {
        told,
        transaction_id,
    })
}

/// One merchant takes all that was approved, another one less: what it does not take is free again.
async fn presentment(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, most, rest) = parts(stage);
    let card = stage.card(notes).await?;
    cleared(stage, notes, &card, (most, most)).await?;
    stage.has_left(notes, &card, rest).await?;
    let card = stage.card(notes).await?;
    let taken = most / 3;
    let less = cleared(stage, notes, &card, (most, taken)).await?;
    let name = "reversal of what the merchant does not take";
    stage
        .event(notes, name, |delivery| takes_back(delivery, &less.told))
        .await?;
    stage.has_left(notes, &card, whole - taken).await
}

/// Whether a delivery takes back what was approved here.
fn takes_back(delivery: &Delivery, approved: &Told) -> bool {
    event_of(delivery).is_some_and(|event| {
        event.authorization_type == Some(AuthorizationType::Reversal)
            && event.original_id.as_deref() == Some(&approved.id)
    })
}

async fn reversal(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, most, _) = parts(stage);
    let card = stage.card(notes).await?;
    let (told, _) = stage.approved(notes, &card, most).await?;
    stage.advice(notes, &told, "Approved").await?;
    let reversal = json!({"authorization_id": told.id});
    stage.simulate(notes, "reversal", &reversal).await?;
    let is_it = |delivery: &Delivery| takes_back(delivery, &told);
    let reversal = stage.event(notes, "reversal", is_it).await?;
    let is_own = event_of(&reversal).is_some_and(|event| is_advice_of_its_own(event, &told));
    let claim = "the reversal has an id of its own and asks no decision";
    notes.check(claim, is_own, &reversal.body)?;
    stage.has_left(notes, &card, whole).await
}

fn is_advice_of_its_own(event: &Event, original: &Told) -> bool {
    event.advice == Some(true) && event.id.as_ref().is_some_and(|id| *id != original.id)
}

async fn returned(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, most, _) = parts(stage);
    let card = stage.card(notes).await?;
    let paid = cleared(stage, notes, &card, (most, most)).await?;
    let refund = json!({
        "transaction_id": paid.transaction_id,
        "amount": most,
        "currency": stage.plan.currency,
    });
    stage.simulate(notes, "refund", &refund).await?;
    let is_it = |delivery: &Delivery| is_of_card(delivery, &Kind::Return, &card.token_id);
    stage.event(notes, "return", is_it).await?;
    stage.has_left(notes, &card, whole).await
}

/// A card that is not active is declined without asking; the receiver's money is untouched.
async fn status(stage: &Stage<'_>, notes: &mut Notes) -> Played<()> {
    let (whole, ..) = parts(stage);
    let card = stage.card(notes).await?;
    change_status(stage, notes, &card, "deactivated").await?;
    let told = stage.pay(notes, &card, 100).await?;
    let claim = "the network is told that the card is not active";
    notes.same(claim, &told.response_code, "CardNotActive")?;
    stage.advice(notes, &told, "CardNotActive").await?;
    let asked = stage.evidence.deliveries();
    let asked = asked
        .iter()
        .find(|delivery| is_about(delivery, &told.id, Some(false)));
    let seen = asked.map_or("not asked", |question| &question.body);
    let claim = "the receiver is not asked about a card that is not active";
    notes.check(claim, asked.is_none(), seen)?;
    change_status(stage, notes, &card, "active").await?;
    stage.has_left(notes, &card, whole).await
}

async fn change_status(
    stage: &Stage<'_>,
    notes: &mut Notes,
    card: &NewbornCard,
    to: &str,
) -> Played<()> {
    let known = stage.evidence.mark();
    let change = StatusChange::to(to);
    let changed = stage
        .finci
        .update_card_status(&card.token_id, &change)
        .await;
    notes.done(&format!("the status {to}"), changed)?;
    let earlier: Vec<String> = stage.evidence.deliveries()[..known.1]
        .iter()
        .filter_map(|delivery| event_of(delivery).map(|event| event.event_id.clone()))
        .collect();
    let is_it = |delivery: &Delivery| {
        is_of_card(delivery, &Kind::CardStatusChanged, &card.token_id)
            && event_of(delivery).is_some_and(|event| !earlier.contains(&event.event_id))
    };
    stage
        .event(notes, &format!("news of the status {to}"), is_it)
        .await
        .map(|_| ())
}

fn text(answer: &Value, field: &str) -> String {
    answer[field].as_str().unwrap_or_default().to_owned()
}
