//! The load of a trial: clients that ask for people, for purchases, and that these be paid or taken
//! back, by keys of their own, and write down what they were answered, until the server is gone.

use std::sync::Arc;

use cardwright_client::{SandboxFile, Settings, SystemClock, TimeSource, finci, sandbox};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A person, who is in one table.
    Person,
    /// A purchase, which sets money aside and counts towards limits.
    Authorization,
    /// What the merchant was paid for the authorization before: less than was asked, and the last.
    Clearing,
    /// The authorization before is taken back.
    Reversal,
    /// What a merchant was paid without asking before.
    Posting,
}

/// What every client asks for in turn: some of the money stays set aside, some is posted, some is
/// given free.
const PATTERN: [Kind; 7] = [
    Kind::Person,
    Kind::Authorization,
    Kind::Authorization,
    Kind::Clearing,
    Kind::Authorization,
    Kind::Reversal,
    Kind::Posting,
];

impl Kind {
    /// How its keys end.
    fn word(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Authorization => "authorization",
            Kind::Clearing => "clearing",
            Kind::Reversal => "reversal",
            Kind::Posting => "posting",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Kind::Person => "/v1/create-person",
            Kind::Authorization => "/network/v1/authorization",
            Kind::Clearing | Kind::Posting => "/network/v1/clearing",
            Kind::Reversal => "/network/v1/reversal",
        }
    }

    /// Whether it is about the authorization before it.
    fn follows(self) -> bool {
        matches!(self, Kind::Clearing | Kind::Reversal)
    }
}

/// All that the content of a request follows from, so that it is the same whoever asks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) key: String,
    kind: Kind,
    /// The number of the authorization that it is about, if it is about one.
    of: Option<String>,
}

/// What a client knows of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) wish: Wish,
    /// The answer, if there was one: of a person the id, of everything else all of it.
    pub(crate) answer: Option<String>,
}

impl Asked {
    /// Whether money was posted or given free, and somebody was told so.
    pub(crate) fn is_settled(&self) -> bool {
        self.answer.is_some() && (self.wish.kind.follows() || self.wish.kind == Kind::Posting)
    }

    /// The number that an authorization was given.
    fn number(&self) -> Option<String> {
        let record: Value = serde_json::from_str(self.answer.as_deref()?).unwrap();
        Some(record["authorization_id"].as_str().unwrap().to_owned())
    }
}

/// A clock that runs ahead, so that a repeated request is not a replayed one.
struct Ahead(i64);

impl TimeSource for Ahead {
    fn unix_seconds(&self) -> i64 {
        SystemClock.unix_seconds() + self.0
    }
}

/// When a request is made; a second time it carries a later timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    First,
    Second,
}

/// Who asks: the issuer for people, the network for everything else.
struct Caller {
    issuer: finci::Client,
    network: finci::Client,
    card: String,
    turn: Turn,
}

impl Caller {
    fn new(sandbox: &str, card: &str, turn: Turn) -> Caller {
        let file = SandboxFile::parse(sandbox).unwrap();
        let ahead_seconds = match turn {
            Turn::First => 0,
            Turn::Second => 60,
        };
        let client = |credentials| {
            let settings = Settings {
                time: Arc::new(Ahead(ahead_seconds)),
                ..Settings::default()
            };
            finci::Client::with_settings(file.base_url().unwrap(), credentials, settings).unwrap()
        };
        Caller {
            issuer: client(file.finci().unwrap()),
            network: client(file.network().unwrap()),
            card: card.to_owned(),
            turn,
        }
    }

    /// Asks once; an answer that is no success ends the test.
    ///
    /// The second time what follows an authorization may be refused, because a store that does not
    /// wait for the disk may have lost it. The refusal is not what was answered first.
    async fn ask(&self, wish: Wish) -> Asked {
        let is_person = wish.kind == Kind::Person;
        let client = if is_person {
            &self.issuer
        } else {
            &self.network
        };
        let body = self.body(&wish).to_string();
        let answer = client.call("POST", wish.kind.path(), Some(&body)).await;
        let Ok(answer) = answer else {
            return Asked { wish, answer: None };
        };
        let may_be_refused = self.turn == Turn::Second && wish.kind.follows();
        assert!(
            answer.is_success() || may_be_refused,
            "{wish:?}: {answer:?}"
        );
        let record: Value = answer.json().unwrap();
        assert_ne!(record["approved"], false, "{wish:?}: {record}");
        let answer = if is_person {
            record["person_id"].as_str().unwrap().to_owned()
        } else {
            answer.body
        };
        Asked {
            wish,
            answer: Some(answer),
        }
    }

    fn body(&self, wish: &Wish) -> Value {
        let (reference, of) = (&wish.key, &wish.of);
        match wish.kind {
            Kind::Person => person(reference),
            Kind::Authorization => json!({
                "reference": reference,
                "token_id": self.card,
                "amount": 5,
                "currency": "EUR",
                "merchant": merchant(),
                "channel": "ecommerce",
                "type": "purchase",
            }),
            Kind::Clearing => json!({"reference": reference, "authorization_id": of, "amount": 3}),
            Kind::Reversal => json!({"reference": reference, "authorization_id": of}),
            Kind::Posting => json!({
                "reference": reference,
                "token_id": self.card,
                "amount": 2,
                "currency": "EUR",
                "merchant": merchant(),
            }),
        }
    }
}

fn merchant() -> Value {
    json!({
        "name": "A shop", "id": "100200300", "mcc": "5411", "city": "Vilnius", "country": "LT",
    })
}

fn person(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "first_name": "Ada",
        "last_name": "Berg",
        "birth_date": "1990-05-17",
        "email": "ada@example.com",
        "phone": "+37060000000",
        "address": address(),
    })
}

fn address() -> Value {
    json!({"line1": "Gedimino pr. 1", "city": "Vilnius", "postal_code": "LT-01103", "country": "LT"})
}

/// More minor units, and more authorizations, than a trial has time for.
const PLENTY: u32 = 1_000_000_000;

/// Issues a card with more money than any trial spends, a few minor units at a time, under a limit
/// that none reaches but every authorization counts towards; its id.
pub(crate) async fn prepare(sandbox: &str) -> String {
    let file = SandboxFile::parse(sandbox).unwrap();
    let issuer = Caller::new(sandbox, "", Turn::First).issuer;
    let made = async |path: &str, body: Value| {
        let answer = issuer.call("POST", path, Some(&body.to_string())).await;
        let answer = answer.unwrap();
        assert!(answer.is_success(), "{answer:?}");
        answer.json().unwrap()
    };
    let holder = made("/v1/create-person", person("the holder")).await;
    let account = json!({"person_id": holder["person_id"], "currency": "EUR"});
    let account = made("/v1/create-account", account).await;
    let card = json!({
        "person_id": holder["person_id"], "product_id": 112_001, "embossing_name": "ADA BERG",
        "token_status": "active", "token_stage": "digital", "delivery_address": address(),
        "express_delivery": false,
    });
    let card = made("/v1/create-card", card).await;
    let card = card["token_id"].as_str().unwrap();
    let account = sandbox::record_id(account["account_id"].as_str().unwrap());
    let (url, key) = (file.base_url().unwrap(), file.admin_key().unwrap());
    let operator = sandbox::Client::new(url, key).unwrap();
    let funding = json!({"account_id": account, "amount": PLENTY, "currency": "EUR"});
    let path = "/sandbox/v1/simulate/funding";
    operator.post(path, &funding).await.unwrap();
    let limit = json!({"window": "day", "amount": PLENTY, "count": PLENTY});
    let path = format!("/admin/v1/cards/{}/controls", sandbox::record_id(card));
    let controls = json!({"limits": [limit]});
    operator.put(&path, &controls).await.unwrap();
    card.to_owned()
}

/// Lets a receiver be told of everything that happens.
pub(crate) async fn register(sandbox: &str, url: &str) {
    let file = SandboxFile::parse(sandbox).unwrap();
    let (base_url, key) = (file.base_url().unwrap(), file.admin_key().unwrap());
    let operator = sandbox::Client::new(base_url, key).unwrap();
    let endpoint = json!({"url": url, "dialect": "standard"});
    let path = "/admin/v1/webhook-endpoints";
    operator.post(path, &endpoint).await.unwrap();
}

/// Begins to ask for ever new keys, each client until it gets no answer.
pub(crate) fn begin(
    (sandbox, card): (&str, &str),
    clients: u32,
    name: &str,
) -> JoinSet<Vec<Asked>> {
    let mut running = JoinSet::new();
    for number in 0..clients {
        let caller = Caller::new(sandbox, card, Turn::First);
        let name = format!("{name}-{number}");
        running.spawn(async move {
            let mut asked = Vec::new();
            let mut authorization = None;
            loop {
                let kind = PATTERN[asked.len() % PATTERN.len()];
                let wish = Wish {
                    key: format!("{name}-{}-{}", asked.len(), kind.word()),
                    kind,
                    of: authorization.clone().filter(|_| kind.follows()),
                };
                let one = caller.ask(wish).await;
                let answered = one.answer.is_some();
                if kind == Kind::Authorization {
                    authorization = one.number();
                }
                asked.push(one);
                if !answered {
                    return asked;
                }
            }
        });
    }
    running
}

/// Asks for what is known once more, with the same content.
pub(crate) async fn repeat(
    (sandbox, card): (&str, &str),
    clients: u32,
    wishes: Vec<Wish>,
) -> Vec<Asked> {
    let mut running = JoinSet::new();
    let share = wishes.len().div_ceil(clients as usize).max(1);
    for wishes in wishes.chunks(share) {
        let caller = Caller::new(sandbox, card, Turn::Second);
        let wishes = wishes.to_vec();
        running.spawn(async move {
            let mut asked = Vec::new();
            for wish in wishes {
                asked.push(caller.ask(wish).await);
            }
            asked
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}
