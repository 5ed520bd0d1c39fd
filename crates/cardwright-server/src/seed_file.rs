//! The file that says what a new sandbox begins with: read, applied, and what came of it.
//!
//! Law: all of it or nothing. Whatever is wrong is named with its entry, and is found out before
//! the database appears under its name. It goes the ways that calls go: the same verbs, with the
//! same refusals.

mod settings;

use std::collections::BTreeMap;
use std::path::Path;

use cardwright_core::{
    Account, AccountId, Address, Capability, CardStage, CardState, Controlled, Country, Delivery,
    Holder, HolderContact, HolderId, HolderModel, HolderName, Mode, OrderRoute, ProductId, Record,
    TransferKind, is_birth_date,
};
use cardwright_wire::finci::persons as finci;
use cardwright_wire::native::seed::{Seed, SeedAccount, SeedCard, SeedEmployee};
use cardwright_wire::shape::{self, BodyFault, FaultKind};
use serde_json::{Value, json};

use crate::config::Fault;
use crate::error::{Error, Result};
use crate::ops::cards::{self as card_ops, IssueCard, OpenCard};
use crate::ops::companies::{self, NewCompany, NewEmployee};
use crate::ops::funds::{self, Direction, Movement};
use crate::ops::holders::{self as holder_ops, NewPerson, Vetting};
use crate::ops::{accounts as account_ops, snapshots};
use crate::secrets::Secret;
use crate::store::{Actor, Scope, Store, Tx, products, tenants};

/// The longest file.
const LONGEST_BYTES: u64 = 16 * 1024 * 1024;
/// How many faults of a file are told at once.
const MOST_TOLD: usize = 10;

/// A file whose form is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeedFile {
    entry: String,
    content: Seed,
}

impl SeedFile {
    /// Reads a file.
    pub fn read(path: &Path) -> std::result::Result<SeedFile, Fault> {
        let entry = format!("--seed-file {}", path.display());
        let fault = |what: String| Fault::new(entry.as_str(), what);
        let length = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?;
        if length.len() > LONGEST_BYTES {
            return Err(fault("it is longer than 16 MiB".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        let read = shape::from_body::<Seed>(&bytes).map_err(|wrong| fault(in_words(&wrong)))?;
        Ok(SeedFile {
            content: read.value,
            entry,
        })
    }

    /// A fault of this file.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(self.entry.as_str(), what)
    }

    /// Puts the content into the oldest tenant of a sandbox, all of it or nothing; the ids of what
    /// was made, by kind and by the file's own names.
    pub async fn apply(&self, store: &Store) -> std::result::Result<Value, Fault> {
        let failed = |error: Error| self.fault(error.log_text());
        let ids = store.system_read(async |session| tenants::ids(session).await);
        let tenant = ids.await.map_err(failed)?.first().copied();
        let scope = Scope {
            tenant: tenant.ok_or_else(|| self.fault("there is no tenant"))?,
            actor: Actor::system("seed-file"),
        };
        let content = self.content.clone();
        let written = store.write(&scope, async move |tx| {
            let made = tx.attempt(async |tx| apply(tx, content).await).await?;
            if made.is_ok() {
                tx.audit("program.seed_file", ("tenant", &tx.tenant().to_string()))
                    .await?;
                snapshots::take_seed(tx).await?;
            }
            Ok(made)
        });
        let made = written.await.map_err(failed)?;
        made.map_err(|wrong| self.fault(format!("{}: {}", wrong.entry, wrong.why)))
    }
}

/// The first faults, each with its path.
fn in_words(wrong: &BodyFault) -> String {
    let faults = match wrong {
        BodyFault::Json(fault) => return fault.to_string(),
        BodyFault::Fields(faults) => faults,
    };
    let told = faults.iter().take(MOST_TOLD).map(|fault| {
        let what = match fault.kind {
            FaultKind::Required => "is missing",
            FaultKind::Unknown => "is not known",
            FaultKind::Invalid | FaultKind::InvalidAmount => "has the wrong type or form",
            FaultKind::NotAllowed => "is none of the values that it takes",
            FaultKind::Conflict => "is there twice",
        };
        format!("`{}` {what}", fault.field)
    });
    told.collect::<Vec<_>>().join(", ")
}

/// An entry that cannot be put in.
struct Wrong {
    entry: String,
    why: String,
}

type Applied<T> = std::result::Result<T, Wrong>;

/// Names the entry of an error.
fn at<T>(entry: impl FnOnce() -> String, outcome: Result<T>) -> Applied<T> {
    outcome.map_err(|error| Wrong {
        entry: entry(),
        why: match error {
            Error::Refused(refusal) => refusal.to_string(),
            other => other.log_text(),
        },
    })
}

/// What the file calls the records that were made.
#[derive(Default)]
struct Named {
    holders: BTreeMap<String, Holder>,
    accounts: BTreeMap<String, Account>,
    ids: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

impl Named {
    fn made(&mut self, kind: &'static str, name: String, ids: Value) {
        self.ids.entry(kind).or_default().insert(name, ids);
    }

    fn holder(&mut self, entry: &str, name: String, holder: Holder) -> Applied<()> {
        match self.holders.insert(name, holder) {
            None => Ok(()),
            Some(_) => Err(taken(entry)),
        }
    }

    fn find_holder(&self, entry: String, name: &str) -> Applied<HolderId> {
        let found = self.holders.get(name).map(|holder| holder.id);
        found.ok_or_else(|| unknown(entry, name))
    }

    fn find_account(&self, entry: String, name: &str) -> Applied<AccountId> {
        let found = self.accounts.get(name).map(|account| account.id);
        found.ok_or_else(|| unknown(entry, name))
    }
}

fn taken(entry: &str) -> Wrong {
    Wrong {
        entry: format!("{entry}.external_id"),
        why: "another record of the file has it".to_owned(),
    }
}

fn unknown(entry: String, name: &str) -> Wrong {
    let why = format!("the file has no `{name}` of this kind");
    Wrong { entry, why }
}

async fn apply(tx: &mut Tx, seed: Seed) -> Applied<Value> {
    let mut named = Named::default();
    settings::feed_rates(tx, &seed.rates).await?;
    settings::control_products(tx, seed.products).await?;
    for (index, money) in seed.wallets.into_iter().enumerate() {
        let entry = || format!("wallets.{index}");
        let amount = at(entry, funds::amount(money.amount_minor, &money.currency))?;
        let wallet = account_ops::wallet(tx, amount.currency()).await;
        let wallet = at(entry, wallet)?;
        at(
            entry,
            fund(tx, wallet.id, amount.minor(), &money.currency).await,
        )?;
        let id = json!({"account_id": wallet.id.padded()});
        named.made("wallets", money.currency, id);
    }
    for (index, person) in seed.persons.into_iter().enumerate() {
        add_person(tx, &mut named, index, person).await?;
    }
    for (index, company) in seed.corporates.into_iter().enumerate() {
        let entry = format!("corporates.{index}");
        let name = company.external_id.clone();
        let new = NewCompany {
            external_id: Some(company.external_id),
            name: company.name,
            registration_number: None,
            country: None,
            contact: HolderContact {
                email: None,
                area_code: None,
                phone: None,
            },
            address: None,
        };
        let made = companies::create(tx, new).await;
        let made = at(|| entry.clone(), made)?;
        named.made(
            "corporates",
            name.clone(),
            json!({"corporate_id": made.number}),
        );
        named.holder(&entry, name, made)?;
    }
    for (index, employee) in seed.employees.into_iter().enumerate() {
        add_employee(tx, &mut named, index, employee).await?;
    }
    for (index, account) in seed.accounts.into_iter().enumerate() {
        add_account(tx, &mut named, index, account).await?;
    }
    for (index, card) in seed.cards.into_iter().enumerate() {
        add_card(tx, &mut named, index, card).await?;
    }
    settings::set(tx, seed.settings).await?;
    Ok(json!(named.ids))
}

async fn fund(tx: &mut Tx, account: AccountId, minor: i64, currency: &str) -> Result<()> {
    let movement = Movement {
        direction: Direction::In,
        amount: funds::amount(minor, currency)?,
        kind: TransferKind::Funding,
        reason: None,
    };
    funds::move_money(tx, account, movement).await.map(drop)
}

async fn add_person(
    tx: &mut Tx,
    named: &mut Named,
    index: usize,
    person: finci::CreatePerson,
) -> Applied<()> {
    let entry = format!("persons.{index}");
    let name = person.external_id.clone();
    let new = at(|| entry.clone(), new_person(person, tx.today()))?;
    let made = holder_ops::create_person(tx, new, Vetting::DoneByCaller).await;
    let made = at(|| entry.clone(), made)?;
    let ids = json!({"person_id": made.number, "holder_id": made.id.to_string()});
    named.made("persons", name.clone(), ids);
    named.holder(&entry, name, made)
}

fn new_person(person: finci::CreatePerson, today: cardwright_core::Date) -> Result<NewPerson> {
    if !is_birth_date(person.birth_date, today) {
        return Err(Error::Invalid("birth_date"));
    }
    let nationality = person
        .nationality
        .map(|code| Country::parse(&code).ok_or(Error::Invalid("nationality")));
    Ok(NewPerson {
        external_id: Some(person.external_id),
        model: Some(HolderModel::B2B),
        product: None,
        name: HolderName {
            first: person.first_name,
            middle: None,
            last: person.last_name,
        },
        birth_date: Some(person.birth_date),
        nationality: nationality.transpose()?,
        contact: HolderContact {
            email: Some(person.email),
            area_code: None,
            phone: Some(person.phone),
        },
        address: Some(address(person.address)?),
        document: None,
        profile: "{}".to_owned(),
    })
}

fn address(given: finci::Address) -> Result<Address> {
    let country = Country::parse(&given.country).ok_or(Error::Invalid("address.country"))?;
    Ok(Address {
        line1: given.line1,
        line2: given.line2,
        city: Some(given.city),
        region: given.region,
        postal_code: Some(given.postal_code),
        country: Some(country),
    })
}

async fn add_employee(
    tx: &mut Tx,
    named: &mut Named,
    index: usize,
    employee: SeedEmployee,
) -> Applied<()> {
    let entry = format!("employees.{index}");
    let name = employee.external_id.clone();
    let corporate = named.find_holder(format!("{entry}.corporate"), &employee.corporate)?;
    let new = NewEmployee {
        external_id: Some(employee.external_id),
        corporate,
        name: HolderName {
            first: employee.first_name,
            middle: None,
            last: employee.last_name,
        },
        birth_date: employee.birth_date,
        email: employee.email,
        phone: None,
    };
    let made = at(|| entry.clone(), companies::employ(tx, new).await)?;
    let ids = json!({"employee_id": made.id.padded(), "holder_id": made.id.to_string()});
    named.made("employees", name.clone(), ids);
    named.holder(&entry, name, made)
}

async fn add_account(
    tx: &mut Tx,
    named: &mut Named,
    index: usize,
    account: SeedAccount,
) -> Applied<()> {
    let entry = format!("accounts.{index}");
    let owner = named.find_holder(format!("{entry}.holder"), &account.holder)?;
    let currency = cardwright_core::Currency::parse(&account.currency);
    let currency = at(
        || format!("{entry}.currency"),
        currency.ok_or(Error::Invalid("currency")),
    )?;
    let name = account.external_id.clone();
    let opened = account_ops::open_customer(tx, owner, currency, Some(account.external_id)).await;
    let opened = at(|| entry.clone(), opened)?;
    if let Some(balance) = account.balance {
        let funded = fund(tx, opened.id, balance, &account.currency).await;
        at(|| format!("{entry}.balance"), funded)?;
    }
    settings::control(tx, &entry, Controlled::Account(opened.id), account.controls).await?;
    named.made(
        "accounts",
        name.clone(),
        json!({"account_id": opened.id.padded()}),
    );
    match named.accounts.insert(name, opened) {
        None => Ok(()),
        Some(_) => Err(taken(&entry)),
    }
}

async fn add_card(tx: &mut Tx, named: &mut Named, index: usize, mut card: SeedCard) -> Applied<()> {
    let entry = format!("cards.{index}");
    let name = card.external_id.clone();
    let holder = match &card.holder {
        Some(holder) => Some(named.find_holder(format!("{entry}.holder"), holder)?),
        None => None,
    };
    let account = match &card.account {
        Some(account) => Some(named.find_account(format!("{entry}.account"), account)?),
        None => None,
    };
    let person = card
        .holder
        .as_ref()
        .and_then(|name| named.holders.get(name));
    let controls = card.controls.take();
    let made = make_card(tx, card, (holder, account, person)).await;
    let id = at(|| entry.clone(), made)?;
    settings::control(tx, &entry, Controlled::Card(id), controls).await?;
    named.made(
        "cards",
        name.clone(),
        json!({"token_id": id.padded(), "card_no": id.to_string()}),
    );
    if named.ids["cards"].len() == index + 1 {
        Ok(())
    } else {
        Err(taken(&entry))
    }
}

async fn make_card(
    tx: &mut Tx,
    card: SeedCard,
    (holder, account, person): (Option<HolderId>, Option<AccountId>, Option<&Holder>),
) -> Result<cardwright_core::CardId> {
    let product = ProductId::new(card.product_id);
    let product = product.map_err(|_| Error::not_found(Record::Product))?;
    if products::get(tx, product).await?.mode != Mode::AccountFunded {
        let new = OpenCard {
            number: card.external_id,
            product,
            amount: card.amount,
            holder,
            account,
            card_number: card
                .card_number
                .map(|number| Secret::new(number.expose().to_owned())),
            design: None,
            route: OrderRoute::Current,
        };
        return card_ops::open(tx, new).await.map(|opened| opened.card.id);
    }
    let holder = holder.ok_or(Error::Missing("holder"))?;
    let home = person.and_then(|person| person.address.clone());
    let destination = match card.delivery_address {
        Some(given) => address(given)?,
        None => home.ok_or(Error::Missing("delivery_address"))?,
    };
    let new = IssueCard {
        holder,
        account,
        product,
        embossing_name: card
            .embossing_name
            .ok_or(Error::Missing("embossing_name"))?,
        expiry: None,
        state: CardState::Active,
        stage: CardStage::Digital,
        delivery: Delivery {
            address: destination,
            express: Capability::No,
        },
        external_id: Some(card.external_id),
    };
    card_ops::issue(tx, new).await.map(|card| card.id)
}
