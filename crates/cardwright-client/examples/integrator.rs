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
///
/// Deliveries come in any order and some come late: a presentment may be here before the advice of its
/// authorization, an advice before its question. So nothing is judged by what is already in the book:
/// what an authorization sets aside is what was approved less what was presented and taken back, and
/// nothing while that is below zero.
#[derive(Debug, Default)]
pub struct Book {
    opening_cents: i64,
    cards: HashMap<String, Account>,
    /// What each question set aside: for which authorization, and how much.
    granted: HashMap<String, (String, i64)>,
    /// What the network was told, by the `id` that the question has too.
    told: HashMap<String, Answer>,
    /// What was answered to which delivery.
    answered: HashMap<String, Answer>,
}

/// What one card has.
#[derive(Debug)]
struct Account {
    /// What is there.
    balance_cents: i64,
    /// Of each authorization, what was approved less what was presented and taken back.
    open_cents: HashMap<String, i64>,
}

impl Account {
    fn held_cents(&self) -> i64 {
        self.open_cents.values().map(|open| (*open).max(0)).sum()
    }

    fn free_cents(&self) -> i64 {
        self.balance_cents - self.held_cents()
    }
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

    /// What a card can spend, and what is set aside of what it has.
    pub fn cents_of(&self, card: &str) -> (i64, i64) {
        let account = self.cards.get(card);
        account.map_or((self.opening_cents, 0), |account| {
            (account.free_cents(), account.held_cents())
        })
    }

    /// Does what a delivery says; nothing where it lacks what it needs.
    pub fn act(&mut self, event: &Event) -> Option<Answer> {
        match event.event {
            Kind::Authorization => match event.authorization_type? {
                AuthorizationType::Reversal => {
                    let original = event.original_id.clone()?;
                    self.set_aside(event, original, -amount_of(event)?)?;
                }
                AuthorizationType::Authorization | AuthorizationType::Incremental => {
                    if event.asks() {
                        return self.decide(event);
                    }
                    self.settle_answer(event)?;
                }
                AuthorizationType::Other => {}
            },
            Kind::Presentment => {
                let amount = amount_of(event)?;
                self.account(event)?.balance_cents -= amount;
                // One that takes a return back is no payment for the authorization.
                if let (Some(authorization), None) = (&event.authorization_id, &event.original_id) {
                    self.set_aside(event, authorization.clone(), -amount)?;
                }
            }
            Kind::Return => self.account(event)?.balance_cents += amount_of(event)?,
            _ => {}
        }
        Some(Answer::Success)
    }

    /// Sets aside what is asked for, if the card has it.
    fn decide(&mut self, event: &Event) -> Option<Answer> {
        let amount = amount_of(event)?;
        // The network was told already: what is answered now decides nothing.
        if let Some(told) = self.told.get(event.id.as_deref()?) {
            return Some(*told);
        }
        if self.account(event)?.free_cents() < amount {
            return Some(Answer::Error);
        }
        self.grant(event, amount)?;
        Some(Answer::Success)
    }

    /// The network may have been told something else than was answered here: what it was told wins.
    fn settle_answer(&mut self, event: &Event) -> Option<()> {
        let id = event.id.clone()?;
        let granted = self.granted.remove(&id);
        match (event.is_approved(), granted) {
            (true, Some(_)) | (false, None) => {}
            (true, None) => self.grant(event, amount_of(event)?)?,
            (false, Some((authorization, amount))) => {
                self.set_aside(event, authorization, -amount)?;
            }
        }
        let told = if event.is_approved() {
            Answer::Success
        } else {
            Answer::Error
        };
        self.told.insert(id, told);
        Some(())
    }

    fn grant(&mut self, event: &Event, amount: i64) -> Option<()> {
        let id = event.id.clone()?;
        let authorization = event.original_id.clone().unwrap_or_else(|| id.clone());
        self.set_aside(event, authorization.clone(), amount)?;
        self.granted.insert(id, (authorization, amount));
        Some(())
    }

    /// Sets more aside for an authorization, or, below zero, less.
    fn set_aside(&mut self, event: &Event, authorization: String, amount: i64) -> Option<()> {
        let open = &mut self.account(event)?.open_cents;
        *open.entry(authorization).or_default() += amount;
        Some(())
    }

    fn account(&mut self, event: &Event) -> Option<&mut Account> {
        let card = event.token_id.clone()?;
        let balance_cents = self.opening_cents;
        Some(self.cards.entry(card).or_insert_with(|| Account {
            balance_cents,
            open_cents: HashMap::new(),
        }))
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
    let answer = book.take(&event);
    if let Some(card) = &event.token_id {
        let (free, held) = book.cents_of(card);
        println!("{card}: {free} cents free, {held} set aside");
    }
    answer
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
