//! The demo program of a sandbox: one tenant with everything a first call needs.

mod catalogue;
mod people;

use cardwright_core::{AccountId, AccountKind, Amount, Currency, Transfer, TransferKind};
use cardwright_wire::finci::signature::CanonicalForm;

use super::{
    accounts as account_ops,
    callers::SECRET_PLACE,
    credentials::{self as credential_ops, NewCredential},
    environments::load_keys,
    snapshots,
    tenants::{self as tenant_ops, NewTenant},
};
use crate::{
    error::{Error, Result},
    secrets::{
        SealContext, Secret, generate, hash_api_key, passwords::Passwords, webhook_keys::WebhookKey,
    },
    store::{
        Actor, Scope, Store, Tx, accounts,
        admin_keys::{self, Role},
        credentials::{self, CredentialKind},
        designs,
        journal::{self, Cause},
        keys::{self, TenantSecret},
        products,
        tenants::{self, KycMode},
        users::{self, User},
        webhook_keys,
    },
};

/// The networks that seeded credentials may be used from.
pub const LOOPBACK: &str = "127.0.0.0/8 ::1/128";
/// What the demo wallet begins with.
const OPENING_BALANCE_MINOR: i64 = 100_000_000;
/// What signs deliveries where an endpoint is given no secret of its own.
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";
/// The key pair that signs a tenant's events for `FinCard` callers.
const WEBHOOK_RSA: &str = webhook_keys::FIRST;
const DEMO_EMAIL: &str = "developer@demo.example";
const DEMO_USERNAME: &str = "developer";

/// A token and its secret.
#[derive(Clone, Debug)]
pub struct SignedCredential {
    /// The public half.
    pub token: String,
    /// The secret half.
    pub secret: Secret,
}

/// The demo program as its developer needs to know it.
#[derive(Clone, Debug)]
pub struct DemoProgram {
    /// The operator's key.
    pub admin_key: Secret,
    /// For the FINCI API.
    pub finci: SignedCredential,
    /// For messages of the card network.
    pub network: SignedCredential,
    /// The tenant as its `FinCard` callers send it.
    pub tenant_uuid: String,
    /// Its organization.
    pub organization_uuid: String,
    /// The demo user.
    pub user_uuid: String,
    /// The user's e-mail address.
    pub email: String,
    /// The user's login name.
    pub username: String,
    /// The user's password.
    pub password: Secret,
    /// The tenant's main account.
    pub wallet: AccountId,
    /// Signs deliveries to webhook endpoints.
    pub webhook_secret: Secret,
    /// Verifies deliveries that are signed with RSA.
    pub webhook_public_key_pem: String,
}

/// Fills a new environment with the seeded products and the demo program.
pub async fn create(store: &Store, passwords: &Passwords) -> Result<DemoProgram> {
    store
        .system(async |tx| {
            for product in catalogue::products()? {
                products::insert(tx, &product).await?;
            }
            for design in catalogue::designs()? {
                designs::insert(tx, &design).await?;
            }
            Ok(())
        })
        .await?;
    add_tenant(store, passwords, "Demo program").await
}

/// Adds a tenant with everything that the demo program has.
pub async fn add_tenant(
    store: &Store,
    passwords: &Passwords,
    name: &'static str,
) -> Result<DemoProgram> {
    let new = NewTenant {
        name: name.to_owned(),
        kyc_mode: KycMode::Auto,
    };
    let tenant = store
        .system(async move |tx| tenant_ops::insert(tx, new).await)
        .await?;
    load_keys(store).await?;
    let password = generate::password(&store.resources().entropy);
    let password_hash = hash(passwords, &password).await?;
    let webhook_key = new_webhook_key().await?;
    let scope = Scope {
        tenant: tenant.id,
        actor: Actor::system("seed"),
    };
    store
        .write(&scope, async move |tx| {
            let admin_key = add_admin_key(tx).await?;
            let finci = add_credential(tx, CredentialKind::Finci).await?;
            let network = add_credential(tx, CredentialKind::Network).await?;
            let user = add_user(tx, password_hash).await?;
            let wallet = fund_wallet(tx).await?;
            let webhook_secret = generate::webhook_secret(tx.entropy());
            keep_secret(
                tx,
                WEBHOOK_SECRET,
                (webhook_secret.expose().as_bytes(), None),
            )
            .await?;
            let pem = webhook_key.public_pem().map_err(|error| broken(&error))?;
            let der = webhook_key.to_pkcs8().map_err(|error| broken(&error))?;
            keep_secret(tx, WEBHOOK_RSA, (&der, Some(pem.clone()))).await?;
            people::create(tx).await?;
            tx.audit("program.seed", ("tenant", &tenant.uuid)).await?;
            snapshots::take_seed(tx).await?;
            Ok(DemoProgram {
                admin_key,
                finci,
                network,
                tenant_uuid: tenant.uuid,
                organization_uuid: tenant.organization_uuid,
                user_uuid: user.uuid,
                email: user.email,
                username: user.username,
                password,
                wallet,
                webhook_secret,
                webhook_public_key_pem: pem,
            })
        })
        .await
}

/// Describes the demo program again where its description was lost. What is kept can be read back;
/// what is only kept hashed (operator's key, password) is issued anew and the old ones end.
pub async fn recover(store: &Store, passwords: &Passwords) -> Result<DemoProgram> {
    let scope = demo_scope(store).await?;
    let password = generate::password(&store.resources().entropy);
    let password_hash = hash(passwords, &password).await?;
    store
        .write(&scope, async move |tx| {
            let tenant = tenants::current(tx).await?;
            admin_keys::revoke_all(tx).await?;
            let admin_key = add_admin_key(tx).await?;
            let user = users::by_email(tx, DEMO_EMAIL).await?;
            users::set_password(tx, &user.uuid, &password_hash).await?;
            let finci = read_credential(tx, CredentialKind::Finci).await?;
            let network = read_credential(tx, CredentialKind::Network).await?;
            let webhook_secret = open_secret(tx, WEBHOOK_SECRET).await?.0;
            let pem = open_secret(tx, WEBHOOK_RSA).await?.1;
            let wallet = accounts::book(tx, AccountKind::Wallet, Currency::USD).await?;
            tx.audit("program.recover", ("tenant", &tenant.uuid))
                .await?;
            Ok(DemoProgram {
                admin_key,
                finci,
                network,
                tenant_uuid: tenant.uuid,
                organization_uuid: tenant.organization_uuid,
                user_uuid: user.uuid,
                email: user.email,
                username: user.username,
                password,
                wallet: wallet.id,
                webhook_secret: text_secret(&webhook_secret)?,
                webhook_public_key_pem: pem.unwrap_or_default(),
            })
        })
        .await
}

/// Whether a description still opens this environment: its operator's key and token are active.
pub async fn is_current(store: &Store, admin_key: &Secret, finci_token: &str) -> Result<bool> {
    let hash = hash_api_key(admin_key);
    let token = finci_token.to_owned();
    let now = store.resources().clock.now();
    store
        .system(async move |tx| {
            let found = credentials::find_unrevoked(tx.reading(), &token).await?;
            Ok(admin_keys::is_active(tx, &hash).await?
                && found.is_some_and(|credential| credential.is_active(now)))
        })
        .await
}

/// Lets the demo credentials be used from these networks and no others.
pub async fn set_allowlist(store: &Store, networks: String) -> Result<()> {
    let scope = demo_scope(store).await?;
    store
        .write(&scope, async move |tx| {
            if credentials::set_allowlists(tx, &networks).await? > 0 {
                tx.audit(
                    "credential.set_allowlist",
                    ("tenant", &tx.tenant().to_string()),
                )
                .await?;
            }
            Ok(())
        })
        .await
}

async fn demo_scope(store: &Store) -> Result<Scope> {
    let tenants = store
        .system_read(async |session| tenants::ids(session).await)
        .await?;
    let tenant = tenants.first().copied();
    let tenant = tenant.ok_or_else(|| Error::Corrupt("no tenant was ever seeded".to_owned()))?;
    Ok(Scope {
        tenant,
        actor: Actor::system("seed"),
    })
}

/// Finding two primes takes a good part of a second; the threads that answer do not wait for it.
pub(super) async fn new_webhook_key() -> Result<WebhookKey> {
    let made = tokio::task::spawn_blocking(WebhookKey::generate).await;
    made.map_err(|error| broken(&error))?
        .map_err(|error| broken(&error))
}

async fn hash(passwords: &Passwords, password: &Secret) -> Result<String> {
    passwords
        .hash(password.clone())
        .await
        .map_err(|error| broken(&error))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Corrupt(error.to_string())
}

async fn add_admin_key(tx: &mut Tx) -> Result<Secret> {
    let key = generate::admin_key(tx.entropy());
    admin_keys::insert(tx, Role::Owner, &hash_api_key(&key)).await?;
    Ok(key)
}

async fn add_credential(tx: &mut Tx, kind: CredentialKind) -> Result<SignedCredential> {
    let new = NewCredential {
        kind,
        canonical_form: CanonicalForm::Default.to_string(),
        allowlist: LOOPBACK.to_owned(),
    };
    let (credential, secret) = credential_ops::issue(tx, new).await?;
    Ok(SignedCredential {
        token: credential.token,
        secret,
    })
}

async fn read_credential(tx: &mut Tx, kind: CredentialKind) -> Result<SignedCredential> {
    let credential = credentials::newest(tx, kind)
        .await?
        .ok_or_else(|| Error::Corrupt(format!("no active {} credential", kind.word())))?;
    let place = tx.place(SECRET_PLACE, credential.id);
    let secret = tx.vault().open(&place, &credential.secret_sealed)?;
    Ok(SignedCredential {
        token: credential.token,
        secret: text_secret(&secret)?,
    })
}

async fn add_user(tx: &mut Tx, password_hash: String) -> Result<User> {
    let id = tx.next_id().await?;
    let user = User {
        tenant: tx.tenant(),
        id,
        uuid: tx.entropy().record_uuid("user", id).to_string(),
        email: DEMO_EMAIL.to_owned(),
        username: DEMO_USERNAME.to_owned(),
        password_hash,
    };
    users::insert(tx, &user).await?;
    tx.audit("user.create", ("user", &user.uuid)).await?;
    Ok(user)
}

async fn fund_wallet(tx: &mut Tx) -> Result<AccountId> {
    let wallet = account_ops::book(tx, AccountKind::Wallet, Currency::USD).await?;
    let outside = account_ops::book(tx, AccountKind::ExternalFunding, Currency::USD).await?;
    let amount = Amount::from_minor(OPENING_BALANCE_MINOR, Currency::USD)
        .ok_or_else(|| Error::Corrupt("opening balance".to_owned()))?;
    let funding = Transfer::new(outside.id, wallet.id, amount, TransferKind::Funding)?;
    journal::record(tx, Cause::None, &[funding]).await?;
    Ok(wallet.id)
}

async fn keep_secret(
    tx: &mut Tx,
    purpose: &'static str,
    (secret, public_text): (&[u8], Option<String>),
) -> Result<()> {
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", purpose);
    let sealed = tx.vault().seal(&place, secret, tx.entropy())?;
    keys::insert_tenant_secret(
        tx,
        &TenantSecret {
            purpose,
            sealed,
            public_text,
        },
    )
    .await
}

/// A secret of the tenant's; nothing where it has none for this.
pub(super) async fn tenant_secret(
    tx: &mut Tx,
    purpose: &'static str,
) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
    let Some(kept) = keys::find_tenant_secret(tx, purpose).await? else {
        return Ok(None);
    };
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", purpose);
    Ok(Some(tx.vault().open(&place, &kept.sealed)?))
}

async fn open_secret(
    tx: &mut Tx,
    purpose: &'static str,
) -> Result<(zeroize::Zeroizing<Vec<u8>>, Option<String>)> {
    let kept = keys::find_tenant_secret(tx, purpose).await?;
    let kept = kept.ok_or_else(|| Error::Corrupt(format!("no {purpose}")))?;
    let place = SealContext::of_tenant(tx.tenant().get(), "tenant_secret", purpose);
    Ok((tx.vault().open(&place, &kept.sealed)?, kept.public_text))
}

fn text_secret(bytes: &[u8]) -> Result<Secret> {
    let text = std::str::from_utf8(bytes).map_err(|error| broken(&error))?;
    Ok(Secret::new(text.to_owned()))
}
