//! What scenarios are played with: cards, payments, and the receiver seen from outside.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::{Duration, timeout};

use super::Plan;
use super::report::{Check, Evidence, Verdict};
use crate::finci::requests::{Address, NewAccount, NewCard, NewPerson};
use crate::relay::{Delivery, Relay};
use crate::sandbox::record_id;
use crate::webhook::finci::{Event, Kind};
use crate::{Result, Secret, finci, sandbox};

/// The platform gives up on an answer after this long.
const DEADLINE_MS: u64 = 3_000;
/// How long a delivery is waited for. Deliveries are made at once; the wait is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);
/// What is put on each account, in cents: more than any scenario asks for, so that the platform never
/// declines for want of money and each such decline is the receiver's.
const FUNDS_CENTS: i64 = 1_000_000_000;

/// Everything scenarios need.
pub(super) struct Stage<'a> {
    pub(super) finci: finci::Client,
    pub(super) operator: sandbox::Client,
    pub(super) relay: &'a Relay<Evidence>,
    pub(super) evidence: Arc<Evidence>,
    pub(super) plan: &'a Plan,
    pub(super) product_id: i64,
    pub(super) run: String,
    /// What signs deliveries to the receiver.
    pub(super) secret: Secret,
}

/// The rest of a scenario makes no sense: a check failed.
#[derive(Debug)]
pub(super) struct Stop;

/// What comes of a part of a scenario.
pub(super) type Played<T> = std::result::Result<T, Stop>;

/// What a scenario has seen so far.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) checks: Vec<Check>,
    pub(super) identifiers: Vec<(String, String)>,
}

impl Notes {
    /// Looks at something; a failure ends the scenario.
    pub(super) fn check(
        &mut self,
        claim: &str,
        verdict: impl Into<Verdict>,
        seen: &str,
    ) -> Played<()> {
        let verdict = verdict.into();
        self.checks.push(Check {
            claim: claim.to_owned(),
            verdict,
            seen: seen.to_owned(),
        });
        match verdict {
            Verdict::Passed => Ok(()),
            Verdict::Failed => Err(Stop),
        }
    }

    /// Two things are to be the same.
    pub(super) fn same(&mut self, claim: &str, seen: &str, expected: &str) -> Played<()> {
        self.check(claim, seen == expected, seen)
    }

    /// What the sandbox answered; a refusal ends the scenario.
    pub(super) fn done<T>(&mut self, what: &str, answer: Result<T>) -> Played<T> {
        answer.map_err(|error| {
            let claim = format!("the sandbox takes {what}");
            self.checks.push(Check {
                claim,
                verdict: Verdict::Failed,
                seen: error.to_string(),
            });
            Stop
        })
    }

    /// The receiver took a delivery.
    pub(super) fn acknowledged(&mut self, name: &str, delivery: &Delivery) -> Played<()> {
        let claim = format!("the receiver acknowledges the {name} with 2xx");
        let is_2xx = |status: u16| (200..300).contains(&status);
        let seen = match delivery.status {
            Some(status) => format!("HTTP {status} {}", delivery.answer),
            None => delivery.answer.clone(),
        };
        self.check(&claim, delivery.status.is_some_and(is_2xx), &seen)
    }

    pub(super) fn id(&mut self, name: &str, id: &str) {
        self.identifiers.push((name.to_owned(), id.to_owned()));
    }
}

/// A card of its own for a scenario.
#[expect(
    clippy::struct_field_names,
    reason = "they are ids and nothing else, under the names of the wire"
)]
pub(super) struct NewbornCard {
    pub(super) person_id: String,
    pub(super) account_id: String,
    pub(super) token_id: String,
}

/// What the network was told.
pub(super) struct Told {
    pub(super) id: String,
    pub(super) response_code: String,
}

impl Stage<'_> {
    /// A text that nothing else in this sandbox has.
    pub(super) fn fresh_id(&self) -> String {
        format!("{}-{}", self.run, self.evidence.next_number())
    }

    pub(super) fn address() -> Address {
        Address {
            line1: "Gedimino pr. 1".to_owned(),
            city: "Vilnius".to_owned(),
            postal_code: "LT-01103".to_owned(),
            country: "LT".to_owned(),
            ..Address::default()
        }
    }

    pub(super) async fn person(&self, notes: &mut Notes) -> Played<String> {
        let external_id = self.fresh_id();
        let person = NewPerson {
            first_name: "Jonas".to_owned(),
            last_name: "Jonaitis".to_owned(),
            birth_date: "1990-05-17".to_owned(),
            email: format!("{external_id}@example.com"),
            phone: "+37060000000".to_owned(),
            address: Stage::address(),
            external_id,
            ..NewPerson::default()
        };
        let person_id = notes.done("a person", self.finci.create_person(&person).await)?;
        notes.id("person_id", &person_id);
        Ok(person_id)
    }

    pub(super) async fn account(&self, notes: &mut Notes, person_id: &str) -> Played<String> {
        let account = NewAccount {
            person_id: Some(person_id.to_owned()),
            currency: self.plan.currency.clone(),
            external_id: Some(self.fresh_id()),
            ..NewAccount::default()
        };
        let account = self.finci.create_account(&account).await;
        let account_id = notes.done("an account", account)?;
        notes.id("account_id", &account_id);
        Ok(account_id)
    }

    /// A person with a funded account and an active card, of which the receiver knows nothing yet.
    pub(super) async fn card(&self, notes: &mut Notes) -> Played<NewbornCard> {
        let person_id = self.person(notes).await?;
        let account_id = self.account(notes, &person_id).await?;
        let funding = json!({
            "account_id": record_id(&account_id),
            "amount": FUNDS_CENTS,
            "currency": self.plan.currency,
        });
        self.simulate(notes, "funding", &funding).await?;
        let card = NewCard {
            person_id: Some(person_id.clone()),
            account_id: Some(account_id.clone()),
            ..self.card_order()
        };
        let token_id = notes.done("a card", self.finci.create_card(&card).await)?;
        notes.id("token_id", &token_id);
        Ok(NewbornCard {
            person_id,
            account_id,
            token_id,
        })
    }

    pub(super) fn card_order(&self) -> NewCard {
        NewCard {
            product_id: self.product_id,
            embossing_name: "JONAS JONAITIS".to_owned(),
            token_status: "active".to_owned(),
            token_stage: "digital".to_owned(),
            delivery_address: Stage::address(),
            external_id: Some(self.fresh_id()),
            ..NewCard::default()
        }
    }

    /// Plays the world outside.
    pub(super) async fn simulate(
        &self,
        notes: &mut Notes,
        what: &str,
        body: &Value,
    ) -> Played<Value> {
        let path = format!("/sandbox/v1/simulate/{what}");
        let answer = self.operator.post(&path, body).await;
        let answer = answer.and_then(|response| response.json());
        notes.done(&format!("a simulated {what}"), answer)
    }

    /// A payment; what the network was told about it.
    pub(super) async fn pay(
        &self,
        notes: &mut Notes,
        card: &NewbornCard,
        amount_cents: i64,
    ) -> Played<Told> {
        let body = json!({
            "card_id": record_id(&card.token_id),
            "amount": amount_cents,
            "currency": self.plan.currency,
        });
        let answer = self.simulate(notes, "authorization", &body).await?;
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        let told = Told {
            id: text("authorization_id"),
            response_code: text("response_code"),
        };
        notes.id("authorization_id", &told.id);
        Ok(told)
    }

    /// The first delivery like this, once its answer is there; nothing if none comes.
    async fn delivery(&self, is_it: impl Fn(&Delivery) -> bool) -> Option<Delivery> {
        let search = self
            .relay
            .until(|evidence| evidence.deliveries().into_iter().find(&is_it));
        timeout(PATIENCE, search).await.ok()
    }

    /// The delivery that asked about a payment, with a timely answer of the right form.
    pub(super) async fn question(
        &self,
        notes: &mut Notes,
        told: &Told,
    ) -> Played<(Delivery, String)> {
        let found = self
            .delivery(|delivery| is_about(delivery, &told.id, Some(false)))
            .await;
        let seen = found.as_ref().map_or("none came", |found| &found.body);
        let claim = "the receiver is asked for a decision";
        notes.check(claim, found.is_some(), seen)?;
        let question = found.ok_or(Stop)?;
        let seen = format!("{} ms", question.duration_ms);
        notes.check(
            "the receiver answers within 3 seconds",
            question.status.is_some() && question.duration_ms < DEADLINE_MS,
            &seen,
        )?;
        let verdict = verdict_of(&question);
        let seen = match question.status {
            Some(status) => format!("HTTP {status} {}", question.answer),
            None => question.answer.clone(),
        };
        let claim = "its answer is HTTP 200 with `status` success or error";
        notes.check(claim, verdict.is_some(), &seen)?;
        Ok((question, verdict.ok_or(Stop)?))
    }

    /// The advice about a payment: it tells this code, and the receiver takes it.
    pub(super) async fn advice(
        &self,
        notes: &mut Notes,
        told: &Told,
        response_code: &str,
    ) -> Played<Delivery> {
        let advice = self
            .event(notes, "advice", |delivery| {
                is_about(delivery, &told.id, Some(true))
            })
            .await?;
        let code = advice
            .event
            .as_ref()
            .and_then(|event| event.response_code.clone());
        notes.same(
            "the advice has the code that the network was told",
            code.as_deref().unwrap_or("none"),
            response_code,
        )?;
        Ok(advice)
    }

    /// A delivery that asks nothing: it comes, and the receiver acknowledges it.
    pub(super) async fn event(
        &self,
        notes: &mut Notes,
        name: &str,
        is_it: impl Fn(&Delivery) -> bool,
    ) -> Played<Delivery> {
        let found = self.delivery(is_it).await;
        let seen = found.as_ref().map_or("none came", |found| &found.body);
        let claim = format!("the receiver is sent the {name}");
        notes.check(&claim, found.is_some(), seen)?;
        let found = found.ok_or(Stop)?;
        notes.acknowledged(name, &found)?;
        Ok(found)
    }

    /// A payment that the receiver is to approve, and approves.
    pub(super) async fn approved(
        &self,
        notes: &mut Notes,
        card: &NewbornCard,
        amount_cents: i64,
    ) -> Played<(Told, Delivery)> {
        let told = self.pay(notes, card, amount_cents).await?;
        let (question, verdict) = self.question(notes, &told).await?;
        let amount = self.money(amount_cents);
        notes.same(
            &format!("the receiver approves {amount}, which the card has"),
            &verdict,
            "success",
        )?;
        let claim = "the network is told that the payment is approved";
        notes.same(claim, &told.response_code, "Approved")?;
        Ok((told, question))
    }

    /// A payment that the receiver is to decline, and declines.
    pub(super) async fn declined(
        &self,
        notes: &mut Notes,
        card: &NewbornCard,
        amount_cents: i64,
    ) -> Played<Told> {
        let told = self.pay(notes, card, amount_cents).await?;
        let (_, verdict) = self.question(notes, &told).await?;
        let amount = self.money(amount_cents);
        notes.same(
            &format!("the receiver declines {amount}, which the card does not have"),
            &verdict,
            "error",
        )?;
        let claim = "the network is told that there is no money";
        notes.same(claim, &told.response_code, "InsufficientFunds")?;
        Ok(told)
    }

    /// Exactly this much is left on the card by the receiver's own book.
    pub(super) async fn has_left(
        &self,
        notes: &mut Notes,
        card: &NewbornCard,
        amount_cents: i64,
    ) -> Played<()> {
        let (told, _) = self.approved(notes, card, amount_cents).await?;
        self.advice(notes, &told, "Approved").await.map(|_| ())
    }

    pub(super) fn money(&self, cents: i64) -> String {
        let (whole, cents) = (cents / 100, cents % 100);
        format!("{whole}.{cents:02} {}", self.plan.currency)
    }
}

/// Whether a delivery is about this authorization, as a question or as an advice.
pub(super) fn is_about(delivery: &Delivery, id: &str, advice: Option<bool>) -> bool {
    !delivery.repeated_by_us
        && event_of(delivery).is_some_and(|event| {
            event.event == Kind::Authorization
                && event.id.as_deref() == Some(id)
                && event.advice == advice
        })
}

pub(super) fn event_of(delivery: &Delivery) -> Option<&Event> {
    delivery.event.as_ref()
}

/// `success` or `error`, where the answer is a decision.
pub(super) fn verdict_of(question: &Delivery) -> Option<String> {
    if question.status != Some(200) {
        return None;
    }
    let answer: Value = serde_json::from_str(&question.answer).ok()?;
    let verdict = answer["status"].as_str()?;
    matches!(verdict, "success" | "error").then(|| verdict.to_owned())
}
