//! The calls of the API by name, with typed answers.
//!
//! A read is made again when the connection fails or the server answers 5xx, and so is a change that
//! a server knows by its `merchantOrderNo`: under the same number it does nothing twice. Every other
//! change is made again only where no connection came about, whatever number stands in it: a server
//! that goes by none would do it twice.

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::records::{
    Account, Address, AnnouncedDeposit, AreaCode, Authorization, Bill, Card, CardBalance,
    CardSecrets, CardType, Challenge, City, Coin, FeePatch, Holder, LedgerEntry, Occupation,
    OpenedCard, Order, Page, Region, WalletDeposit, WalletTransaction, WorkOrder,
};
use super::requests::{
    AccountQuery, Activate, AddressQuery, AnnounceDeposit, AuthorizationQuery, BillQuery, CardInfo,
    CardOrder, CardQuery, ChallengeQuery, CreateAccount, CreateAddress, DepositQuery,
    FeePatchQuery, HolderQuery, LedgerQuery, MoveMoney, NamedAccount, NamedCard, NewHolder,
    OpenCard, OrderQuery, PlaceQuery, Simulate, SubmitWork, Transfer, UpdateCard, UpdateEmail,
    UpdateHolder, UpdateNote, UpdatePin, WalletQuery, WorkQuery,
};
use super::{Answer, Client, Refusal};
use crate::transport::{Content, Outgoing, plain};
use crate::{Error, Result};

/// Where the platform's events go.
const CALLBACK_PATH: &str = "webhook/callback";

/// What may be repeated after a failure on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// The call: doing it twice does no more than doing it once.
    Call,
    /// Only the attempt to connect.
    Connecting,
}

/// Calls by name: what each is for, and where.
///
/// A `read` changes nothing, and `read_in_pages` asks for a page besides; an `idempotent` change is the same however often it is made; a `numbered`
/// one is known again by its `merchantOrderNo`; any other `change` would be made twice.
macro_rules! calls {
    ($($kind:ident $(#[$about:meta])* $name:ident($path:literal $(, $request:ty)?) -> $answer:ty;)+) => {
        impl Client {$(
            calls! { @$kind [$(#[$about])*] $name $path [$($request)?] $answer }
        )+}

        /// Where the calls go that this client has by name, below [`BASE_PATH`](super::BASE_PATH).
        pub const PATHS: &[&str] = &[$($path,)+ super::files::UPLOAD_PATH, CALLBACK_PATH];

        /// Whether the call there is a change that a server knows again by its `merchantOrderNo`.
        pub fn is_numbered(path: &str) -> bool {
            [$(($path, stringify!($kind)),)+].contains(&(path, "numbered"))
        }
    };
    (@$kind:ident [$(#[$about:meta])*] $name:ident $path:literal [] $answer:ty) => {
        $(#[$about])*
        pub async fn $name(&self) -> Result<$answer> {
            self.$kind($path, &json!({})).await
        }
    };
    (@$kind:ident [$(#[$about:meta])*] $name:ident $path:literal [$request:ty] $answer:ty) => {
        $(#[$about])*
        pub async fn $name(&self, request: &$request) -> Result<$answer> {
            self.$kind($path, request).await
        }
    };
}

calls! {
    read /// `common/region`: countries.
    regions("common/region") -> Vec<Region>;
    read /// `common/city`: the first level of places in `regionCode`.
    cities("common/city", PlaceQuery) -> Vec<City>;
    read /// `common/v2/city`: places in `regionCode`, two levels.
    places("common/v2/city", PlaceQuery) -> Vec<City>;
    read /// `common/mobileAreaCode`: dial codes.
    area_codes("common/mobileAreaCode") -> Vec<AreaCode>;
    numbered /// `work/submit`: asks staff for something.
    submit_work("work/submit", SubmitWork) -> WorkOrder;
    read /// `work/list`: what staff were asked for.
    work_orders("work/list", WorkQuery) -> Page<WorkOrder>;
    read /// `account/info`: the main accounts.
    accounts("account/info") -> Vec<Account>;
    read /// `account/list`: accounts, a page of them.
    account_list("account/list", AccountQuery) -> Page<Account>;
    read /// `account/single/query`: one account.
    account("account/single/query", NamedAccount) -> Account;
    read /// `account/transaction`: the book of an account.
    ledger("account/transaction", LedgerQuery) -> Page<LedgerEntry>;
    change /// `account/create`: opens a shared pool.
    create_account("account/create", CreateAccount) -> Account;
    numbered /// `account/transfer`: moves money between two accounts.
    transfer("account/transfer", Transfer) -> LedgerEntry;
    change /// `account/walletDeposit`: announces a deposit of coins.
    wallet_deposit("account/walletDeposit", AnnounceDeposit) -> AnnouncedDeposit;
    read /// `account/walletDepositTransaction`: deposits of coins, in the older form.
    wallet_deposits("account/walletDepositTransaction", DepositQuery) -> Page<WalletDeposit>;
    read /// `wallet/v2/coins`: coins there are.
    coins("wallet/v2/coins") -> Vec<Coin>;
    idempotent /// `wallet/v2/create`: the address for a coin; a repeat answers the same one.
    create_address("wallet/v2/create", CreateAddress) -> Address;
    read_in_pages /// `wallet/v2/addressList`: addresses.
    addresses("wallet/v2/addressList", AddressQuery) -> Page<Address>;
    read /// `wallet/v2/transaction`: coins that came, or went.
    wallet_transactions("wallet/v2/transaction", WalletQuery) -> Page<WalletTransaction>;
    read /// `card/holder/occupations`: occupations.
    occupations("card/holder/occupations") -> Vec<Occupation>;
    numbered /// `card/holder/create`: the older call for the same, with every field required.
    create_holder_v1("card/holder/create", NewHolder) -> Holder;
    change /// `card/holder/update`: the older call for the correction of a cardholder.
    update_holder_v1("card/holder/update", UpdateHolder) -> Holder;
    numbered /// `card/holder/v2/create`: records a cardholder and has it checked.
    create_holder("card/holder/v2/create", NewHolder) -> Holder;
    change /// `card/holder/v2/update`: corrects a cardholder whom staff refused.
    update_holder("card/holder/v2/update", UpdateHolder) -> Holder;
    change /// `card/holder/updateEmail`: gives a cardholder another e-mail address.
    update_holder_email("card/holder/updateEmail", UpdateEmail) -> Holder;
    read /// `card/holder/list`: cardholders.
    holders("card/holder/list", HolderQuery) -> Page<Holder>;
    read /// `card/v2/cardTypes`: card types.
    card_types("card/v2/cardTypes") -> Vec<CardType>;
    numbered /// `card/openCard`: the older call for opening a card.
    open_card_v1("card/openCard", OpenCard) -> OpenedCard;
    numbered /// `card/v2/openCard`: opens a card.
    open_card("card/v2/openCard", OpenCard) -> Order;
    read /// `card/info`: a card.
    card("card/info", CardInfo) -> Card;
    read /// `card/info/sensitive`: number and code of a card, as plain text over TLS.
    card_secrets("card/info/sensitive", NamedCard) -> CardSecrets;
    read /// `card/balance`: what a card has.
    card_balance("card/balance", NamedCard) -> CardBalance;
    read /// `card/list`: cards.
    cards("card/list", CardQuery) -> Page<Card>;
    numbered /// `card/v2/updateNote`: puts a remark on a card.
    update_note("card/v2/updateNote", UpdateNote) -> Card;
    numbered /// `card/v2/update`: remark, limits and rules of a card.
    update_card("card/v2/update", UpdateCard) -> Order;
    numbered /// `card/v2/freeze`: stops a card until it is unfrozen.
    freeze("card/v2/freeze", CardOrder) -> Order;
    numbered /// `card/v2/unfreeze`: lifts a freeze.
    unfreeze("card/v2/unfreeze", CardOrder) -> Order;
    numbered /// `card/deposit`: puts money on a card.
    deposit("card/deposit", MoveMoney) -> Order;
    numbered /// `card/withdraw`: takes money off a card.
    withdraw("card/withdraw", MoveMoney) -> Order;
    numbered /// `card/cancel`: ends a card; what was on it comes back.
    cancel("card/cancel", CardOrder) -> Order;
    numbered /// `card/activate`: takes a physical card into use.
    activate("card/activate", Activate) -> Order;
    numbered /// `card/updatePin`: gives a card another PIN.
    update_pin("card/updatePin", UpdatePin) -> Order;
    read /// `card/purchase/transaction`: what opening cards cost.
    bills("card/purchase/transaction", BillQuery) -> Page<Bill>;
    read /// `card/transaction`: orders, the openings by the older call too.
    all_orders("card/transaction", OrderQuery) -> Page<Order>;
    read /// `card/v2/transaction`: orders.
    orders("card/v2/transaction", OrderQuery) -> Page<Order>;
    read /// `card/authorize/transaction`: payments and what else moved cards' money.
    authorizations("card/authorize/transaction", AuthorizationQuery) -> Page<Authorization>;
    read /// `card/auth/fee/transaction`: fees that the wallet paid.
    fee_patches("card/auth/fee/transaction", FeePatchQuery) -> Page<FeePatch>;
    read /// `card/3ds/transaction`: codes and links for cardholders.
    challenges("card/3ds/transaction", ChallengeQuery) -> Page<Challenge>;
    change /// `card/simulateAuthTransaction`: plays the card network; in a sandbox only.
    simulate("card/simulateAuthTransaction", Simulate) -> Authorization;
}

impl Client {
    async fn read<A, R>(&self, path: &str, request: &R) -> Result<A>
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        self.typed(path, &sent(request)?, Repeat::Call).await
    }

    async fn read_in_pages(&self, path: &str, request: &AddressQuery) -> Result<Page<Address>> {
        self.read(path, &request.in_pages()).await
    }

    /// A change that is the same however often it is made.
    async fn idempotent<A, R>(&self, path: &str, request: &R) -> Result<A>
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        self.typed(path, &sent(request)?, Repeat::Call).await
    }

    /// A change that a server knows again by its number, where it has one.
    async fn numbered<A, R>(&self, path: &str, request: &R) -> Result<A>
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        let request = sent(request)?;
        let number = request["merchantOrderNo"].as_str().unwrap_or_default();
        let repeat = if number.is_empty() {
            Repeat::Connecting
        } else {
            Repeat::Call
        };
        self.typed(path, &request, repeat).await
    }

    /// A change that a server would do twice.
    async fn change<A, R>(&self, path: &str, request: &R) -> Result<A>
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        self.typed(path, &sent(request)?, Repeat::Connecting).await
    }

    async fn typed<A: DeserializeOwned>(
        &self,
        path: &str,
        request: &Value,
        repeat: Repeat,
    ) -> Result<A> {
        let body = request.to_string();
        let content = || Ok(Content::Json(body.clone()));
        let answer = self.repeated(path, content, repeat).await?;
        granted(path, answer)
    }

    /// `webhook/callback`: hands an event over as the platform would, signed by the tenant's key.
    ///
    /// Nobody's session stands behind it; a server that does not believe the signature refuses with
    /// 401. It is kept once for each `eventId`, so that a repeat changes nothing.
    pub async fn send_event(&self, body: &str, signature: &str) -> Result<()> {
        let response = self
            .transport
            .send(Outgoing {
                method: Method::POST,
                url: self.url(CALLBACK_PATH)?,
                headers: vec![plain("X-FC-SIGNATURE", signature)?],
                body: Content::Json(body.to_owned()),
            })
            .await?;
        granted::<Value>(CALLBACK_PATH, Answer::read(response)).map(|_| ())
    }

    /// Makes a call, and again while that is safe and the trouble may pass.
    pub(super) async fn repeated(
        &self,
        path: &str,
        body: impl Fn() -> Result<Content>,
        repeat: Repeat,
    ) -> Result<Answer> {
        let mut attempts = 1;
        loop {
            let outcome = self.call_with(path, &body).await;
            let Some(asked) = worth_repeating(&outcome, repeat) else {
                return outcome;
            };
            let Some(pause) = self.retry.pause_after(attempts, asked.seconds) else {
                return outcome;
            };
            attempts += 1;
            self.sessions.time().pass(pause).await;
        }
    }
}

/// For how long a server asks to be left alone before the next attempt.
struct Asked {
    seconds: Option<u64>,
}

/// Whether another attempt is safe and may have another outcome.
fn worth_repeating(outcome: &Result<Answer>, repeat: Repeat) -> Option<Asked> {
    let may_pass = match (outcome, repeat) {
        (Ok(answer), Repeat::Call) => answer.response.status >= 500,
        (Ok(_), Repeat::Connecting) => false,
        (Err(error), Repeat::Call) => error.is_transient(),
        // Without a session the call was never made, or it was answered with 401 and did nothing.
        (Err(Error::LoginUnavailable { .. }), Repeat::Connecting) => true,
        (Err(error), Repeat::Connecting) => error.is_unreachable(),
    };
    let seconds = match outcome {
        Ok(answer) => answer.response.retry_after_seconds,
        Err(error) => error.retry_after_seconds(),
    };
    may_pass.then_some(Asked { seconds })
}

/// A request as it is sent.
fn sent(request: &impl Serialize) -> Result<Value> {
    serde_json::to_value(request).map_err(|error| Error::Request {
        reason: error.to_string(),
    })
}

/// What an answer has in `data`, or the refusal that it is.
pub(super) fn granted<A: DeserializeOwned>(path: &str, answer: Answer) -> Result<A> {
    let refused = !answer.is_success();
    let Some(envelope) = answer.envelope else {
        return Err(Error::Answer {
            reason: format!("has no envelope; HTTP {}", answer.response.status),
        });
    };
    if refused {
        return Err(Error::FincardRefused(Refusal {
            status: answer.response.status,
            code: envelope.code,
            error_code: envelope.error_code,
            message: envelope.message,
        }));
    }
    // What does not fit is not quoted: it may be secret.
    serde_json::from_value(envelope.data).map_err(|_| Error::Answer {
        reason: format!("to {path} is not of the form that was published"),
    })
}
