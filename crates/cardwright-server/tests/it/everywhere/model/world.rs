//! Where a sequence happens: three accounts and four cards of its own, and the books of its tenant.

use cardwright_core::{
    Account, AccountId, AccountKind, AuthorizationTerms, Bin, Card, CardId, CardStage, CardState,
    Controlled, Controls, Currency, Expiry, Limit, LimitsAfterRefund, Pan, PlatformBlock,
    ProductId, TenantId, Window,
};
use cardwright_server::{
    error::{Error, Result},
    store::{Tx, accounts, cards, controls, exchange},
};
use jiff::{civil::Date, tz::TimeZone};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{
    engine::Ids,
    facts::AccountFacts,
    plain::{
        Account as PlainAccount, AfterRefund, Books, Card as PlainCard, Limit as PlainLimit, Plain,
        Span, Whose,
    },
};
use crate::{everywhere::beneath, harness::TestApp};

/// The seeded products that the cards are of, and the first digits of their numbers.
const PREPAID: (i64, &str) = (111_001, "424242");
const POOL: (i64, &str) = (111_003, "400005");
const ACCOUNT: (i64, &str) = (112_001, "520082");

/// What the card of the account is limited to: so little that sequences get there. The second looks
/// as long back as one of the waits is, which is then just outside.
const LIMITS: [PlainLimit; 2] = [
    PlainLimit {
        span: Span::Day,
        amount: 5_000,
        count: 2,
    },
    PlainLimit {
        span: Span::Back(8 * 24 * 60 * 60 * 1_000),
        amount: 8_000,
        count: 3,
    },
];

/// The books of both currencies, in the order in which the model has them.
const BOOKS: [(AccountKind, Currency); 10] = [
    (AccountKind::NetworkSettlement, Currency::USD),
    (AccountKind::NetworkSettlement, Currency::EUR),
    (AccountKind::FeesIncome, Currency::USD),
    (AccountKind::FeesIncome, Currency::EUR),
    (AccountKind::Loss, Currency::USD),
    (AccountKind::Loss, Currency::EUR),
    (AccountKind::ExternalFunding, Currency::USD),
    (AccountKind::ExternalFunding, Currency::EUR),
    (AccountKind::Wallet, Currency::USD),
    (AccountKind::Wallet, Currency::EUR),
];
const DOLLAR_BOOKS: Books = Books {
    network: 3,
    fees: 5,
    loss: 7,
    outside: 9,
    wallet: 11,
};
const EURO_BOOKS: Books = Books {
    network: 4,
    fees: 6,
    loss: 8,
    outside: 10,
    wallet: 12,
};

/// A tenant whose books are open.
pub struct Home {
    pub tenant: TenantId,
    pub books: Vec<AccountId>,
}

/// Opens the books, and has products take a markup: that of the pool 3%, that of the account 1.5%
/// with limits that refunds give back.
pub async fn settle(app: &TestApp) -> Home {
    let tenant = app.tenant_id(&app.demo).await;
    let pool = AuthorizationTerms {
        markup_basis_points: 300,
        ..AuthorizationTerms::DEFAULT
    };
    let account = AuthorizationTerms {
        markup_basis_points: 150,
        after_refund: LimitsAfterRefund::Restored,
        ..AuthorizationTerms::DEFAULT
    };
    beneath::write(app, tenant, async move |tx| {
        exchange::put_terms(tx, product(POOL), pool).await?;
        exchange::put_terms(tx, product(ACCOUNT), account).await
    })
    .await;
    let books = beneath::write(app, tenant, async |tx| {
        let mut books = Vec::new();
        for (kind, currency) in BOOKS {
            let found = accounts::book(tx, kind, currency).await;
            books.push(match found {
                Ok(book) => book.id,
                Err(_) => open_account(tx, kind, currency).await?,
            });
        }
        Ok(books)
    })
    .await;
    Home { tenant, books }
}

fn product((id, _): (i64, &str)) -> ProductId {
    ProductId::new(id).unwrap()
}

async fn open_account(tx: &mut Tx, kind: AccountKind, currency: Currency) -> Result<AccountId> {
    let id = AccountId::new(tx.next_id().await?).unwrap();
    let account = Account::open(id, kind, currency, tx.now());
    accounts::insert(tx, &account).await?;
    Ok(id)
}

/// Opens the accounts and cards of one sequence. The last card ends with the present month.
pub async fn open(tx: &mut Tx, books: &[AccountId], number: u64) -> Result<(Plain, Ids)> {
    let mut ids = Ids {
        sequence: number,
        ..Ids::default()
    };
    let own = [
        (AccountKind::CardBalance, Currency::USD),
        (AccountKind::Customer, Currency::EUR),
        (AccountKind::Margin, Currency::USD),
    ];
    for (kind, currency) in own {
        ids.accounts.push(open_account(tx, kind, currency).await?);
    }
    ids.accounts.extend_from_slice(books);
    let mut random = ChaCha20Rng::seed_from_u64(!number);
    let mut plain_cards = Vec::new();
    for (account, of, months) in [
        (0, PREPAID, 36),
        (1, ACCOUNT, 36),
        (2, POOL, 36),
        (2, POOL, 0),
    ] {
        let expiry = Expiry::after(tx.today(), months).unwrap();
        let card = blank(tx, (ids.accounts[account], product(of)), expiry).await?;
        loop {
            let pan = Pan::issue(&Bin::parse(of.1).unwrap(), random.next_u64()).unwrap();
            if cards::insert(tx, &card, &pan).await? {
                break;
            }
        }
        let limits = plain_limits(account);
        if !limits.is_empty() {
            controls::put(tx, Controlled::Card(card.id), &limited(limits)).await?;
        }
        ids.cards.push((card.id, expiry));
        plain_cards.push(plain_card(account, expiry));
    }
    let plain = Plain {
        now_ms: tx.now().as_millisecond(),
        accounts: plain_accounts(tx, &ids).await?,
        cards: plain_cards,
        asks: Vec::new(),
        authorizations: Vec::new(),
        transactions: Vec::new(),
        disputes: Vec::new(),
    };
    Ok((plain, ids))
}

fn plain_limits(account: usize) -> &'static [PlainLimit] {
    match account {
        1 => &LIMITS,
        _ => &[],
    }
}

fn limited(limits: &[PlainLimit]) -> Controls {
    let limit = |limit: &PlainLimit| Limit {
        window: match limit.span {
            Span::Day => Window::Day,
            Span::Back(long) => Window::Sliding {
                seconds: u32::try_from(long / 1_000).unwrap(),
            },
        },
        amount_minor: Some(limit.amount),
        count: Some(u32::try_from(limit.count).unwrap()),
    };
    Controls {
        limits: limits.iter().map(limit).collect(),
        ..Controls::none()
    }
}

fn plain_card(account: usize, expiry: Expiry) -> PlainCard {
    let (year, month) = (expiry.year(), expiry.month());
    let next = if month == 12 {
        Date::constant(year + 1, 1, 1)
    } else {
        Date::constant(year, month + 1, 1)
    };
    let ends_at = next.to_zoned(TimeZone::UTC).unwrap().timestamp();
    PlainCard {
        account,
        state: "active",
        ends_at_ms: ends_at.as_millisecond(),
        markup_basis_points: [0, 150, 300][account],
        after_refund: match account {
            1 => AfterRefund::Restored,
            _ => AfterRefund::Kept,
        },
        limits: plain_limits(account),
    }
}

/// The books go on from what earlier sequences left in them.
async fn plain_accounts(tx: &mut Tx, ids: &Ids) -> Result<Vec<PlainAccount>> {
    let mut all = Vec::new();
    for id in &ids.accounts {
        let found = accounts::get(tx, *id).await?;
        let (currency, books) = match found.currency {
            Currency::USD => ("USD", DOLLAR_BOOKS),
            Currency::EUR => ("EUR", EURO_BOOKS),
            other => return Err(Error::Corrupt(other.code().to_owned())),
        };
        all.push(PlainAccount {
            currency,
            books,
            whose: match found.kind {
                AccountKind::CardBalance => Whose::Card,
                AccountKind::Margin => Whose::Pool,
                _ => Whose::Other,
            },
            facts: AccountFacts {
                posted: found.balance.posted(),
                held: found.balance.held(),
                expected: found.balance.held_credits,
            },
        });
    }
    Ok(all)
}

async fn blank(
    tx: &mut Tx,
    (account, product): (AccountId, ProductId),
    expiry: Expiry,
) -> Result<Card> {
    Ok(Card {
        id: CardId::new(tx.next_id().await?).unwrap(),
        product,
        holder: None,
        account,
        paying_account: None,
        state: CardState::Active,
        block: PlatformBlock::Clear,
        stage: CardStage::Digital,
        embossing_name: None,
        expiry,
        first_six: "000000".to_owned(),
        last_four: "0000".to_owned(),
        remark: None,
        external_id: None,
        delivery: None,
        no_pin_minor: None,
        design: None,
        created_at: tx.now(),
        activated_at: Some(tx.now()),
        last_use: None,
        updated_at: tx.now(),
    })
}
