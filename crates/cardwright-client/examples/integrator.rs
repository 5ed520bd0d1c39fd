//! An integrator's side of a FINCI card program: a small responder that keeps a balance for each
//! card and approves or declines by it.
//!
//! Start a sandbox with `cardwright sandbox`, then
//! `cargo run -p cardwright-client --features axum --example integrator -- cardwright-data/sandbox.json 127.0.0.1:3000 1000.00`
//! and register `http://127.0.0.1:3000/hooks`. Every card begins with the balance that is given last.
//!
//! It shows what every such receiver needs: the signature is verified over the raw bytes before
//! anything is parsed; a delivery that comes twice changes nothing and is answered as the first
//! time; what the network was really told, which the advice says, wins over what was answered here.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::post;
use cardwright_client::webhook::Verifier;
use cardwright_client::webhook::finci::{Answer, AuthorizationType, Event, Kind};
use cardwright_client::webhook::receiver::Delivered;
use cardwright_client::{SandboxFile, Secret};

/// What cards have, and what was said about them. Amounts are in cents.
#[derive(Debug, Default)]
pub struct Book {
    opening_cents: i64,
    /// What each card can still spend.
    free_cents: HashMap<String, i64>,
    /// What is set aside, by the authorization it began with.
    held_cents: HashMap<String, i64>,
    /// What each question set aside: for which authorization, and how much.
    granted: HashMap<String, (String, i64)>,
    /// What was answered to which delivery.
    answered: HashMap<String, Answer>,
}

impl Book {
    /// Every card begins with this much.
    pub fn with_opening(amount: &str) -> Option<Book> {
        Some(Book {
            opening_cents: cents(amount)?,
            ..Book::default()
        })
    }

    /// Takes a delivery; one that came before changes nothing and has the same answer.
    pub fn take(&mut self, event: &Event) -> Answer {
        if let Some(answer) = self.answered.get(&event.repeat_key()) {
            return *answer;
        }
        let answer = self.act(event).unwrap_or(Answer::Error);
        self.answered.insert(event.repeat_key(), answer);
        answer
    }

    /// Does what a delivery says; nothing where it lacks what it needs.
    pub fn act(&mut self, event: &Event) -> Option<Answer> {
        match event.event {
            Kind::Authorization if event.asks() => return self.decide(event),
            Kind::Authorization
                if event.authorization_type == Some(AuthorizationType::Reversal) =>
            {
                let original = event.original_id.as_deref()?;
                let amount = self.release(original, amount_of(event)?);
                *self.free(event)? += amount;
            }
            Kind::Authorization => self.settle_answer(event)?,
            Kind::Presentment => {
                let amount = amount_of(event)?;
                let set_aside = match &event.authorization_id {
                    Some(authorization) => self.release(authorization, amount),
                    None => 0,
                };
                *self.free(event)? -= amount - set_aside;
            }
            Kind::Return => *self.free(event)? += amount_of(event)?,
            _ => {}
        }
        Some(Answer::Success)
    }

    /// Sets aside what is asked for, if the card has it.
    fn decide(&mut self, event: &Event) -> Option<Answer> {
        let amount = amount_of(event)?;
        let free = self.free(event)?;
        if *free < amount {
            return Some(Answer::Error);
        }
        *free -= amount;
        self.hold(event, amount)?;
        Some(Answer::Success)
    }

    /// The network was told something else than was answered here: what it was told wins.
    fn settle_answer(&mut self, event: &Event) -> Option<()> {
        let granted = self.granted.remove(event.id.as_deref()?);
        match (event.is_approved(), granted) {
            (true, Some(_)) | (false, None) => {}
            (true, None) => {
                let amount = amount_of(event)?;
                *self.free(event)? -= amount;
                self.hold(event, amount)?;
            }
            (false, Some((authorization, amount))) => {
                let amount = self.release(&authorization, amount);
                *self.free(event)? += amount;
            }
        }
        Some(())
    }

    fn hold(&mut self, event: &Event, amount: i64) -> Option<()> {
        let id = event.id.clone()?;
        let authorization = event.original_id.clone().unwrap_or_else(|| id.clone());
        *self.held_cents.entry(authorization.clone()).or_default() += amount;
        self.granted.insert(id, (authorization, amount));
        Some(())
    }

    /// Gives free what is set aside for an authorization, but no more than this.
    fn release(&mut self, authorization: &str, amount: i64) -> i64 {
        match self.held_cents.get_mut(authorization) {
            Some(held) => {
                let released = amount.min(*held);
                *held -= released;
                released
            }
            None => 0,
        }
    }

    fn free(&mut self, event: &Event) -> Option<&mut i64> {
        let card = event.token_id.clone()?;
        Some(self.free_cents.entry(card).or_insert(self.opening_cents))
    }
}

fn amount_of(event: &Event) -> Option<i64> {
    cents(
        event
            .billing_amount
            .as_deref()
            .or(event.amount.as_deref())?,
    )
}

/// The cents of a decimal with two places; nothing for anything else. Money is never a float.
fn cents(amount: &str) -> Option<i64> {
    let (whole, cents) = amount.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if cents.len() != 2 || whole.is_empty() || !digits(cents) || !digits(whole) {
        return None;
    }
    format!("{whole}{cents}").parse().ok()
}

/// What the receiver works with.
#[derive(Clone)]
struct Desk {
    verifier: Arc<Verifier>,
    book: Arc<Mutex<Book>>,
}

impl FromRef<Desk> for Arc<Verifier> {
    fn from_ref(desk: &Desk) -> Arc<Verifier> {
        Arc::clone(&desk.verifier)
    }
}

async fn receive(State(desk): State<Desk>, Delivered(event): Delivered<Event>) -> Answer {
    let mut book = desk.book.lock().unwrap_or_else(PoisonError::into_inner);
    book.take(&event)
}

/// The receiver of deliveries that this secret signs.
pub fn receiver(secret: Secret, book: Book) -> Router {
    let desk = Desk {
        verifier: Arc::new(Verifier::finci(&[secret])),
        book: Arc::new(Mutex::new(book)),
    };
    Router::new()
        .route("/hooks", post(receive))
        .with_state(desk)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut given = |otherwise: &str| arguments.next().unwrap_or_else(|| otherwise.to_owned());
    let sandbox = given("cardwright-data/sandbox.json");
    let listen = given("127.0.0.1:3000");
    let opening = given("1000.00");
    let sandbox = SandboxFile::parse(&std::fs::read_to_string(sandbox)?)?;
    let book = Book::with_opening(&opening).ok_or("a balance is a decimal such as 1000.00")?;
    let app = receiver(sandbox.webhook_secret()?.clone(), book);
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("listening on http://{}/hooks", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
