//! Events of a sandbox, made to happen one by one.
//!
//! An event is never made up: [`pull`] does what causes it, by the calls of both APIs and by what a
//! sandbox's world outside can do. So whatever the event says is so: the card is there, the money has
//! moved, the books are right. What must be there first is made first, each time anew: pulling twice
//! gives two cards.
//!
//! ```no_run
//! use cardwright_client::{SandboxFile, Settings, trigger};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let file = SandboxFile::parse(&std::fs::read_to_string("cardwright-data/sandbox.json")?)?;
//! let desk = trigger::Desk::new(&file, file.base_url()?, Settings::default())?;
//! let made = desk.pull("presentment").await?;
//! println!("{made}");
//! # Ok(())
//! # }
//! ```

mod fincard;
mod finci;
mod own;

use serde_json::Value;

use crate::fincard::{Client as FincardClient, Context, Login, Platform};
use crate::finci::{Client as FinciClient, IdempotencyKey};
use crate::sandbox::Client as Operator;
use crate::{Error, Result, SandboxFile, SandboxFileFault, Settings};

/// An event that can be made to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name, in the words of the API that tells of it.
    pub name: &'static str,
    /// What is done for it.
    pub about: &'static str,
}

/// Makes the list of names, and what is done for each of them.
macro_rules! events {
    ($($name:literal = $about:literal => $module:ident::$act:ident;)+) => {
        /// Every event that [`Desk::pull`] knows: FINCI's by their `event`, FinCard's by category and
        /// type with a dot between, and those that only our own words have.
        pub const EVENTS: &[Event] = &[$(Event { name: $name, about: $about },)+];

        impl Desk {
            /// Makes this event happen; what was made for it.
            ///
            /// A name that is not in [`EVENTS`] is [`Error::Id`].
            pub async fn pull(&self, name: &str) -> Result<Value> {
                match name {
                    $($name => $module::$act(self).await,)+
                    other => Err(Error::Id { id: other.to_owned() }),
                }
            }
        }
    };
}

events! {
    "authorization" = "a payment that is approved" => finci::authorization;
    "authorization.declined" = "a payment that is declined" => finci::declined;
    "authorization.incremental" = "more of an open authorization" => finci::incremental;
    "authorization.reversal" = "an authorization that is taken back" => finci::reversal;
    "presentment" = "a merchant is paid for an authorization" => finci::presentment;
    "presentment.deferred" = "a merchant is paid without an authorization" => finci::deferred;
    "return" = "a merchant gives money back" => finci::returned;
    "card_created" = "a card is issued" => finci::card_created;
    "card_status_changed" = "a card is deactivated" => finci::status_changed;
    "card_stage_changed" = "the plastic of a card is ordered" => finci::stage_changed;
    "card_transaction.create" = "a card is opened" => fincard::create;
    "card_transaction.deposit" = "money is put on a card" => fincard::deposit;
    "card_transaction.withdraw" = "money is taken off a card" => fincard::withdraw;
    "card_transaction.cancel" = "a card is cancelled" => fincard::cancel;
    "card_transaction.Freeze" = "a card is frozen" => fincard::freeze;
    "card_transaction.UnFreeze" = "a freeze is lifted" => fincard::unfreeze;
    "card_transaction.update_pin" = "a card gets another PIN" => fincard::update_pin;
    "card_transaction.card_update" = "a card gets another limit" => fincard::card_update;
    "card_transaction.blocked" = "the platform blocks a card" => fincard::blocked;
    "card_transaction.overdraft_statement" = "the wallet pays what a card owes" => fincard::overdraft_statement;
    "physical_card.card_activated" = "a physical card is activated" => fincard::card_activated;
    "card_auth_transaction.auth" = "a payment that is approved" => fincard::auth;
    "card_auth_transaction.Void" = "a payment that is taken back" => fincard::void;
    "card_auth_transaction.refund" = "a merchant gives money back" => fincard::refund;
    "card_auth_transaction.verification" = "a merchant asks whether a card is good" => fincard::verification;
    "card_auth_transaction.maintain_fee" = "a card costs something by itself" => fincard::maintain_fee;
    "card_fee_patch.card_patch_fee" = "the wallet pays a fee that a card cannot" => fincard::patch_fee;
    "card_fee_patch.card_patch_cross_border" = "the wallet pays the price of an exchange that a card cannot" => fincard::patch_cross_border;
    "card_3ds.third_3ds_otp" = "a cardholder is asked for a code" => fincard::otp;
    "card_3ds.auth_url" = "a cardholder is sent to a page" => fincard::auth_url;
    "card_3ds.activation_code" = "a physical card gets a code to activate it" => fincard::activation_code;
    "card_holder.wait_audit" = "a cardholder is recorded" => fincard::wait_audit;
    "card_holder.under_review" = "staff let a cardholder through" => fincard::under_review;
    "card_holder.pass_audit" = "a cardholder is approved" => fincard::pass_audit;
    "card_holder.reject" = "a cardholder is refused" => fincard::reject;
    "card_holder_change_email.holder_change_email" = "a cardholder gets another e-mail address" => fincard::change_email;
    "work.work" = "a work order is decided" => fincard::work;
    "wallet_transaction_v2.DEPOSIT" = "coins come in" => fincard::coins;
    "wallet_transaction.chain_deposit" = "coins come in that were announced" => fincard::announced_coins;
    "account_created" = "an account is opened" => own::account_created;
    "authorization_expired" = "the time of an authorization is over" => own::authorization_expired;
    "authorization_released" = "a merchant takes less than was authorized" => own::authorization_released;
    "dispute_changed" = "a payment is disputed" => own::dispute_changed;
    "card_shipment_changed" = "plastic is on its way" => own::shipment_changed;
    "challenge_ended" = "a cardholder confirms a payment" => own::challenge_ended;
    "wallet_token_changed" = "a card is put into a wallet" => own::wallet_token_changed;
}

/// Who makes things happen: a caller of both APIs who is an operator too.
pub struct Desk {
    finci: FinciClient,
    operator: Operator,
    base_url: String,
    login: Login,
    settings: Settings,
    product_id: i64,
}

impl Desk {
    /// Takes the credentials of a sandbox's file; connects when first used.
    pub fn new(file: &SandboxFile, base_url: &str, settings: Settings) -> Result<Desk> {
        let missing = |_: SandboxFileFault| Error::Credentials {
            reason: "sandbox.json lacks credentials",
        };
        let credentials = file.finci().map_err(missing)?;
        let key = file.admin_key().map_err(missing)?;
        Ok(Desk {
            finci: FinciClient::with_settings(base_url, credentials, settings.clone())?,
            operator: Operator::with_settings(base_url, key, &settings)?,
            base_url: base_url.to_owned(),
            login: file.fincard_by_email().map_err(missing)?,
            settings,
            product_id: file.finci_product_id().map_err(missing)?,
        })
    }

    async fn fincard(&self) -> Result<FincardClient> {
        let context = Context {
            platform: Platform::Web,
            device_id: String::new(),
            forwarded_for: String::new(),
            forwarded_from: "trigger".to_owned(),
        };
        let (login, settings) = (self.login.clone(), self.settings.clone());
        FincardClient::login_with_settings(&self.base_url, login, context, settings).await
    }

    /// Lets a moment pass.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server does something by itself, and nothing tells when it is done"
    )]
    async fn pause(&self) {
        tokio::time::sleep(self.settings.retry.pause).await;
    }

    /// Plays the world outside.
    async fn simulate(&self, what: &str, body: &Value) -> Result<Value> {
        let path = format!("/sandbox/v1/simulate/{what}");
        self.operator.post(&path, body).await?.json()
    }
}

/// A text that nothing else has.
fn unique() -> String {
    IdempotencyKey::random().to_string()
}

/// A field of an answer of one of our own surfaces.
fn text(answer: &Value, field: &str) -> Result<String> {
    let found = answer[field].as_str().map(str::to_owned);
    found.ok_or_else(|| Error::Answer {
        reason: format!("has no `{field}`"),
    })
}
