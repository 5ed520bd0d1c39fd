//! Bringing an environment into being, and taking an existing one into use.

use std::sync::Arc;

use tokio::sync::Notify;

use super::decisions;
use crate::{
    clock::Clock,
    entropy::Entropy,
    error::{Error, Result},
    metrics::Metrics,
    secrets::{
        KeyProvider, KeyPurpose, SealContext, Vault, VaultError, VerificationUse, keys::KeyBytes,
        tokens::TokenKeys,
    },
    store::{
        MIGRATIONS, News, Resources, Store,
        arrangements::Arrangements,
        books::Books,
        callers::Callers,
        clocks::Clocks,
        coins,
        controls::ControlsCache,
        db::{Db, ReadSession},
        decisions::Integrators,
        environment::{self, Environment, EnvironmentName, Numbering},
        keys::{self, TokenKey},
        sessions::Sessions,
    },
};

/// Where keys that sign session tokens are sealed.
const TOKEN_KEY_PLACE: &str = "token_key";

/// What a new environment is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewEnvironment {
    /// Sandbox or production.
    pub name: EnvironmentName,
    /// The seed of its generated data.
    pub seed: Option<u64>,
}

/// What an environment brings to its store.
pub struct Means {
    /// The time.
    pub clock: Clock,
    /// Randomness, already repeatable where that is wanted.
    pub entropy: Entropy,
    /// The key-encryption key.
    pub keys: Arc<dyn KeyProvider>,
}

/// An environment in use.
pub struct Opened {
    /// Its store.
    pub store: Store,
    /// What it is.
    pub environment: Environment,
    /// The keys of its session tokens.
    pub tokens: TokenKeys,
}

/// What the database says it is; nothing where it was never initialized.
///
/// Only looks: whoever refuses the database afterwards has changed nothing in it, its schema
/// included. In a file that never had a schema this is an error of the store.
pub async fn find(db: &Db) -> Result<Option<Environment>> {
    db.read(async |mut session: ReadSession| environment::find(&mut session).await)
        .await
}

/// Makes a new environment in an empty database.
pub async fn create(db: Db, means: Means, new: NewEnvironment) -> Result<Opened> {
    db.migrate(MIGRATIONS).await?;
    if find(&db).await?.is_some() {
        return Err(Error::Corrupt(
            "the database already has an environment".to_owned(),
        ));
    }
    let environment = Environment {
        name: new.name,
        seed: new.seed,
    };
    let store = open_store(db, means, &environment).await?;
    let written = environment.clone();
    store
        .system(async move |tx| {
            environment::insert(tx, &written).await?;
            match written.name {
                EnvironmentName::Sandbox => {}
                // Nobody has the key of any address yet.
                EnvironmentName::Production => coins::disable_all(tx).await?,
            }
            for purpose in [KeyPurpose::Environment, KeyPurpose::Lookup] {
                add_key(tx, purpose).await?;
            }
            Ok(())
        })
        .await?;
    load_keys(&store).await?;
    add_token_key(&store).await?;
    finish(store, environment).await
}

/// Takes an existing environment into use.
pub async fn open(db: Db, means: Means, environment: Environment) -> Result<Opened> {
    let store = open_store(db, means, &environment).await?;
    load_keys(&store).await?;
    decisions::end_unfinished(&store).await?;
    finish(store, environment).await
}

async fn open_store(db: Db, means: Means, environment: &Environment) -> Result<Store> {
    let resources = Resources {
        clock: means.clock,
        clocks: Clocks::default(),
        entropy: means.entropy,
        vault: Vault::new(means.keys),
        numbering: Numbering::of(environment.seed),
        controls: ControlsCache::default(),
        books: Books::default(),
        metrics: Metrics::of(&db),
        job_added: Notify::new(),
        news: News::default(),
        callers: Callers::default(),
        integrators: Integrators::default(),
        sessions: Sessions::default(),
        arrangements: Arrangements::default(),
    };
    Store::open(db, Arc::new(resources)).await
}

async fn finish(store: Store, environment: Environment) -> Result<Opened> {
    let tokens = load_token_keys(&store, &environment).await?;
    take_verification_keys(&store).await?;
    Ok(Opened {
        store,
        environment,
        tokens,
    })
}

/// Makes and stores a data key. It is of use only after the commit, see [`load_keys`].
pub(super) async fn add_key(tx: &mut crate::store::SystemTx, purpose: KeyPurpose) -> Result<()> {
    let id = tx.next_id().await?;
    let resources = tx.resources();
    let wrapped = resources.vault.new_key(purpose, id, &resources.entropy)?;
    keys::insert(tx, &wrapped).await
}

/// Takes every stored data key into use.
pub(super) async fn load_keys(store: &Store) -> Result<()> {
    let wrapped = store
        .system_read(async |session| keys::all(session).await)
        .await?;
    for key in wrapped {
        store.resources().vault.add_wrapped(&key)?;
    }
    Ok(())
}

async fn add_token_key(store: &Store) -> Result<()> {
    store
        .system(async |tx| {
            let resources = tx.resources();
            let kid = resources.entropy.uuid().to_string();
            let secret = resources.entropy.secret_bytes::<32>();
            let place = SealContext::of_environment(TOKEN_KEY_PLACE, kid.as_str());
            let sealed = resources.vault.seal(&place, &*secret, &resources.entropy)?;
            keys::insert_token_key(tx, &TokenKey { kid, sealed }).await
        })
        .await
}

/// Takes the verification keys into use, and makes those that a database of an earlier version does
/// not have yet.
async fn take_verification_keys(store: &Store) -> Result<()> {
    for wanted in VerificationUse::ALL {
        let found = store
            .system(async move |tx| {
                if keys::find_verification_key(tx.reading(), wanted)
                    .await?
                    .is_none()
                {
                    let resources = tx.resources();
                    let made = resources
                        .vault
                        .new_verification_key(wanted, &resources.entropy)?;
                    keys::insert_verification_key(tx, wanted, &made).await?;
                }
                keys::find_verification_key(tx.reading(), wanted).await
            })
            .await?;
        let sealed = found.ok_or(VaultError::NoVerificationKey(wanted))?;
        // After the commit: a key that a failed write took away would check nothing again.
        store
            .resources()
            .vault
            .take_verification_key(wanted, &sealed)?;
    }
    Ok(())
}

async fn load_token_keys(store: &Store, environment: &Environment) -> Result<TokenKeys> {
    let stored = store
        .system_read(async |session| keys::token_keys(session).await)
        .await?;
    let current = stored
        .last()
        .map(|key| key.kid.clone())
        .ok_or_else(|| Error::Corrupt("no key signs session tokens".to_owned()))?;
    let mut opened = Vec::with_capacity(stored.len());
    for key in stored {
        let place = SealContext::of_environment(TOKEN_KEY_PLACE, key.kid.as_str());
        let plain = store.resources().vault.open(&place, &key.sealed)?;
        let bytes = KeyBytes::from_slice(&plain).ok_or(Error::from(VaultError::Altered))?;
        opened.push((key.kid, bytes));
    }
    TokenKeys::new(environment.name.word(), &current, opened)
        .map_err(|error| Error::Corrupt(error.to_string()))
}
