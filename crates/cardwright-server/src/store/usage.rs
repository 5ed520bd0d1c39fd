//! What authorizations have used of the windows of limits.
//!
//! Law: the authorizations are the truth. A window of the calendar has a counter from the first
//! time somebody asked for it, a card's when it had [`COUNTED_FROM`] authorizations; before that,
//! and for sliding windows always, usage is added up from the authorizations themselves. A counter that
//! exists follows every change of an authorization made in its window, whatever limits there are
//! by then, so it never has to be corrected.
//!
//! A card has used what the cards have whose place it took: nobody gets a limit twice by having a
//! card replaced.

mod sliding;

use std::collections::BTreeSet;

use cardwright_core::{
    AccountId, Authorization, Card, CardId, ControlScope, Period, Remaining, Timestamp, Usage,
    UsageSubject, Usages, Window,
};

use super::{
    ReadTx, SystemTx, Tx, card_replacements, controls,
    db::{Row, Value},
    tenants,
};
use crate::error::Result;

/// Whose authorizations: a card and the account it spends from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spender {
    /// The card.
    pub card: CardId,
    /// The account.
    pub account: AccountId,
}

/// One window of one subject, as it is stored.
#[derive(Clone, Copy)]
struct Place {
    subject: UsageSubject,
    id: i64,
    window: Window,
    starts_at: i64,
    ends_at: i64,
}

/// What was used of the windows around `at`; counts a window from now on that had no counter.
///
/// To be called before the authorization it is for is written. An increment asks for the time its
/// authorization was made, because it is counted there; of the sliding windows around that time it
/// gets the fullest.
pub async fn load(
    tx: &mut Tx,
    spender: Spender,
    needed: &BTreeSet<(UsageSubject, Window)>,
    at: Timestamp,
) -> Result<Usages> {
    let mut usages = Usages::none();
    for place in places(tx, spender, needed, at).await? {
        let usage = if let Some(usage) = counter(tx, place).await? {
            usage
        } else {
            let Sum { usage, made } = add_up(tx, place).await?;
            let usage = sliding::fullest(tx, (place, at), usage).await?;
            // An account may have thousands of cards, to be looked at one by one.
            let few = place.subject == UsageSubject::Card && made < COUNTED_FROM;
            let counts = place.window.seconds().is_none() && !few;
            // What is too much to be counted gets no counter: it could not follow.
            if counts && usage.amount_minor < i64::MAX {
                begin(tx, place, usage).await?;
            }
            usage
        };
        usages.set(place.subject, place.window, usage);
    }
    Ok(usages)
}

/// What was used of the windows around `at`, leaving everything as it is.
pub async fn look(
    tx: &mut ReadTx,
    spender: Spender,
    needed: &BTreeSet<(UsageSubject, Window)>,
    at: Timestamp,
) -> Result<Usages> {
    let mut usages = Usages::none();
    let places = places(tx, spender, needed, at).await?;
    for of_one in places.chunk_by(|one, next| one.subject == next.subject) {
        let counted = counters(tx, of_one[0]).await?;
        let mut uncounted = Vec::new();
        for place in of_one {
            match counted.iter().find(|counter| counter.is_of(*place)) {
                Some(counter) => usages.set(place.subject, place.window, counter.usage),
                None => uncounted.push(*place),
            }
        }
        for few in uncounted.chunks(AT_ONCE) {
            for (place, usage) in few.iter().zip(add_up_few(tx, few).await?) {
                usages.set(place.subject, place.window, usage);
            }
        }
    }
    Ok(usages)
}

/// Every limit that a card is under, with what is left of it now.
pub async fn remaining(tx: &mut ReadTx, card: &Card) -> Result<Vec<(ControlScope, Remaining)>> {
    let combined = controls::look(tx, card.id, card.account, card.product).await?;
    let spender = Spender {
        card: card.id,
        account: card.account,
    };
    let now = tx.now();
    let usages = look(tx, spender, &combined.needed(), now).await?;
    Ok(combined.remaining(&usages, now, &tenants::zone(tx).await?))
}

/// Follows an authorization that was added or changed. `counted_before_minor` is what it counted
/// until then, nothing for a new one.
///
/// To be called once for each writing of the authorization's row, in the same transaction, with no
/// [`load`] between the two: a counter that begins there would have seen the row already.
pub async fn follow(tx: &mut Tx, counted_before_minor: i64, after: &Authorization) -> Result<()> {
    let counted_minor = after.counted_minor();
    if counted_minor == counted_before_minor {
        return Ok(());
    }
    let counted = Counted {
        at: after.created_at.as_millisecond(),
        more_minor: counted_minor - counted_before_minor,
        more_uses: i64::from(counted_minor > 0) - i64::from(counted_before_minor > 0),
    };
    count(tx, (UsageSubject::Account, after.account.get()), counted).await?;
    let mut card = Some(after.card);
    while let Some(id) = card {
        count(tx, (UsageSubject::Card, id.get()), counted).await?;
        card = card_replacements::replacement_of(tx, id).await?;
    }
    Ok(())
}

/// What more was used, and when.
#[derive(Clone, Copy)]
struct Counted {
    at: i64,
    more_minor: i64,
    more_uses: i64,
}

/// Adds to the counters of one card or account.
async fn count(tx: &mut Tx, (subject, id): (UsageSubject, i64), counted: Counted) -> Result<()> {
    let (word, at) = (subject.word(), counted.at);
    let most_minor = i64::MAX - counted.more_minor.max(0);
    if counted.more_minor >= HUGE_MINOR {
        // A counter that cannot follow is none. It begins anew where it is needed.
        let sql = "DELETE FROM usage_counter WHERE tenant = $1 AND scope = $2 \
                   AND subject = $3 AND starts_at <= $4 AND ends_at > $4 AND amount > $5";
        let parameters = [word.into(), id.into(), at.into(), most_minor.into()];
        tx.execute(sql, &parameters).await?;
    }
    let sql = "UPDATE usage_counter SET amount = amount + $6, uses = uses + $7 \
               WHERE tenant = $1 AND scope = $2 AND subject = $3 \
               AND starts_at <= $4 AND ends_at > $4 AND amount <= $5";
    let parameters = [
        Value::from(word),
        id.into(),
        at.into(),
        most_minor.into(),
        counted.more_minor.into(),
        counted.more_uses.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

/// Smaller amounts than this do not fill a counter in a lifetime: it would take eight million.
const HUGE_MINOR: i64 = 1 << 40;

/// Forgets the counters of a card or an account. They begin anew when they are needed, so this is
/// always right; it is wanted where limits change, so that no counter is kept for nothing.
pub async fn forget(tx: &mut Tx, subject: UsageSubject, id: i64) -> Result<()> {
    let sql = "DELETE FROM usage_counter WHERE tenant = $1 AND scope = $2 AND subject = $3";
    tx.execute(sql, &[subject.word().into(), id.into()]).await?;
    Ok(())
}

/// Removes counters of windows that are over, at most `limit` of them.
pub async fn purge(tx: &mut SystemTx, now: Timestamp, limit: i64) -> Result<u64> {
    let sql = "DELETE FROM usage_counter WHERE (tenant, scope, subject, span, starts_at) IN \
               (SELECT tenant, scope, subject, span, starts_at FROM usage_counter \
               WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)";
    let parameters = [Value::from(now.as_millisecond()), limit.into()];
    Ok(tx.session.execute(sql, &parameters).await?)
}

async fn places(
    tx: &mut ReadTx,
    spender: Spender,
    needed: &BTreeSet<(UsageSubject, Window)>,
    at: Timestamp,
) -> Result<Vec<Place>> {
    if needed.is_empty() {
        return Ok(Vec::new());
    }
    let zone = tenants::zone(tx).await?;
    let place = |(subject, window): &(UsageSubject, Window)| {
        let Period { start, end } = window.period(at, &zone)?;
        // A sliding window ends where it is looked at from.
        let end = match window.seconds() {
            Some(_) => Some(at.as_millisecond().saturating_add(1)),
            None => end.map(Timestamp::as_millisecond),
        };
        Some(Place {
            subject: *subject,
            id: match subject {
                UsageSubject::Card => spender.card.get(),
                UsageSubject::Account => spender.account.get(),
            },
            window: *window,
            starts_at: start.map_or(i64::MIN, Timestamp::as_millisecond),
            ends_at: end.unwrap_or(i64::MAX),
        })
    };
    Ok(needed.iter().filter_map(place).collect())
}

/// The counter of a window, if it has one. One with the same beginning and another end belongs to a
/// calendar that the tenant no longer has.
async fn counter(tx: &mut ReadTx, place: Place) -> Result<Option<Usage>> {
    if place.window.seconds().is_some() {
        return Ok(None);
    }
    let sql = "SELECT amount, uses FROM usage_counter WHERE tenant = $1 AND scope = $2 \
               AND subject = $3 AND span = $4 AND starts_at = $5 AND ends_at = $6";
    let parameters = [
        Value::from(place.subject.word()),
        place.id.into(),
        place.window.word().into(),
        place.starts_at.into(),
        place.ends_at.into(),
    ];
    let row = tx.optional(sql, &parameters).await?;
    row.as_ref().map(usage).transpose()
}

/// A counter as it is stored.
struct Counter {
    span: String,
    starts_at: i64,
    ends_at: i64,
    usage: Usage,
}

impl Counter {
    fn is_of(&self, place: Place) -> bool {
        place.window.seconds().is_none()
            && self.span == place.window.word()
            && (self.starts_at, self.ends_at) == (place.starts_at, place.ends_at)
    }
}

/// All counters of one card or account: a few, because those of windows that are over are removed.
async fn counters(tx: &mut ReadTx, of: Place) -> Result<Vec<Counter>> {
    let sql = "SELECT span, starts_at, ends_at, amount, uses FROM usage_counter \
               WHERE tenant = $1 AND scope = $2 AND subject = $3";
    let rows = tx
        .query(sql, &[of.subject.word().into(), of.id.into()])
        .await?;
    let counter = |row: &Row| -> Result<Counter> {
        let mut columns = row.reader();
        Ok(Counter {
            span: columns.next()?,
            starts_at: columns.next()?,
            ends_at: columns.next()?,
            usage: Usage {
                amount_minor: columns.next()?,
                count: columns.next()?,
            },
        })
    };
    rows.iter().map(counter).collect()
}

/// How many windows are added up in one look.
const AT_ONCE: usize = 3;

/// Adds up authorizations in a few windows of one account, or of one card and those whose place it
/// took, at most [`AT_ONCE`], in one look.
/// Whole thousands of millions and what is left of them apart: amounts may be so large that their
/// sum is no number of ours any more.
async fn add_up_few(tx: &mut ReadTx, places: &[Place]) -> Result<Vec<Usage>> {
    macro_rules! sums {
        ($($from:literal, $until:literal);+) => {
            concat!($(
                "CAST(COALESCE(SUM(CASE WHEN used.created_at >= ", $from,
                " AND used.created_at < ", $until,
                " THEN used.counted / 1000000000 END), 0) AS BIGINT), ",
                "CAST(COALESCE(SUM(CASE WHEN used.created_at >= ", $from,
                " AND used.created_at < ", $until,
                " THEN used.counted % 1000000000 END), 0) AS BIGINT), ",
                "COUNT(CASE WHEN used.created_at >= ", $from,
                " AND used.created_at < ", $until, " THEN 1 END), "
            ),+, "0")
        };
    }
    macro_rules! sums_of_three {
        () => {
            sums!("$3", "$4"; "$5", "$6"; "$7", "$8")
        };
    }
    let Some(first) = places.first() else {
        return Ok(Vec::new());
    };
    let sql = match first.subject {
        UsageSubject::Card => concat!(
            "WITH RECURSIVE line (card) AS (SELECT $2 UNION \
             SELECT earlier.card FROM line CROSS JOIN card_replacement AS earlier \
             WHERE earlier.tenant = $1 AND earlier.replacement = line.card) SELECT ",
            sums_of_three!(),
            " FROM line CROSS JOIN card_authorization AS used WHERE used.tenant = $1 \
             AND used.card = line.card \
             AND used.created_at >= $9 AND used.created_at < $10 AND used.counted > 0"
        ),
        // Card by card, and in that order: an account has few cards, and a card few authorizations.
        UsageSubject::Account => concat!(
            "SELECT ",
            sums_of_three!(),
            " FROM card CROSS JOIN card_authorization AS used \
             WHERE card.tenant = $1 AND card.account = $2 AND used.tenant = $1 \
             AND used.card = card.id AND used.created_at >= $9 AND used.created_at < $10 \
             AND used.counted > 0"
        ),
    };
    let mut parameters = vec![Value::from(first.id)];
    for index in 0..AT_ONCE {
        // A window that ends where it begins has nothing in it.
        let bounds = places.get(index);
        let bounds = bounds.map_or((0, 0), |place| (place.starts_at, place.ends_at));
        parameters.extend([bounds.0.into(), bounds.1.into()]);
    }
    let earliest = places.iter().map(|place| place.starts_at).min();
    let latest = places.iter().map(|place| place.ends_at).max();
    parameters.extend([earliest.into(), latest.into()]);
    let row = tx.one(sql, &parameters).await?;
    let mut columns = row.reader();
    let mut usage = |_| -> Result<Usage> {
        let (thousands_of_millions, rest): (i64, i64) = (columns.next()?, columns.next()?);
        Ok(Usage {
            amount_minor: thousands_of_millions
                .saturating_mul(THOUSAND_MILLION)
                .saturating_add(rest),
            count: columns.next()?,
        })
    };
    places.iter().map(&mut usage).collect()
}

/// From how many authorizations of a card in a window on that has a counter. A few are looked at sooner than a
/// counter is written: with a million cards most have few in a day, and each counter would be a page
/// more that a commit waits for.
const COUNTED_FROM: i64 = 8;

/// What authorizations come to, and how many there are, declined ones and all.
#[derive(Clone, Copy, Default)]
struct Sum {
    usage: Usage,
    made: i64,
}

/// Adds up authorizations in one window.
async fn add_up(tx: &mut ReadTx, place: Place) -> Result<Sum> {
    macro_rules! sum {
        ($of:literal) => {
            concat!(
                "SELECT CAST(COALESCE(SUM(used.counted / 1000000000), 0) AS BIGINT), \
                 CAST(COALESCE(SUM(used.counted % 1000000000), 0) AS BIGINT), \
                 COUNT(CASE WHEN used.counted > 0 THEN 1 END), COUNT(*) FROM ",
                $of,
                " AND used.tenant = $1 AND used.created_at >= $3 AND used.created_at < $4"
            )
        };
    }
    let (of_card, of_account) = (
        sum!("card_authorization AS used WHERE used.card = $2"),
        sum!(
            "card CROSS JOIN card_authorization AS used WHERE card.tenant = $1 \
             AND card.account = $2 AND used.card = card.id"
        ),
    );
    let window = [place.starts_at.into(), place.ends_at.into()];
    let mut sum = Sum::default();
    let mut card = match place.subject {
        UsageSubject::Account => {
            let parameters = [&[place.id.into()], window.as_slice()].concat();
            sum.add(&tx.one(of_account, &parameters).await?)?;
            None
        }
        UsageSubject::Card => CardId::new(place.id).ok(),
    };
    // A card, and those whose place it took.
    while let Some(id) = card {
        let parameters = [&[id.get().into()], window.as_slice()].concat();
        sum.add(&tx.one(of_card, &parameters).await?)?;
        card = card_replacements::replaced_by(tx, id).await?;
    }
    Ok(sum)
}

impl Sum {
    fn add(&mut self, row: &Row) -> Result<()> {
        let mut columns = row.reader();
        let (thousands_of_millions, rest): (i64, i64) = (columns.next()?, columns.next()?);
        let amount_minor = thousands_of_millions
            .saturating_mul(THOUSAND_MILLION)
            .saturating_add(rest);
        self.usage.amount_minor = self.usage.amount_minor.saturating_add(amount_minor);
        self.usage.count = self.usage.count.saturating_add(columns.next()?);
        self.made = self.made.saturating_add(columns.next()?);
        Ok(())
    }
}

/// The part by which sums are taken apart.
const THOUSAND_MILLION: i64 = 1_000_000_000;

async fn begin(tx: &mut Tx, place: Place, usage: Usage) -> Result<()> {
    let sql = "INSERT INTO usage_counter (tenant, scope, subject, span, starts_at, ends_at, \
               amount, uses) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (tenant, scope, subject, span, starts_at) DO UPDATE SET \
               ends_at = excluded.ends_at, amount = excluded.amount, uses = excluded.uses";
    let parameters = [
        Value::from(place.subject.word()),
        place.id.into(),
        place.window.word().into(),
        place.starts_at.into(),
        place.ends_at.into(),
        usage.amount_minor.into(),
        usage.count.into(),
    ];
    tx.execute(sql, &parameters).await?;
    Ok(())
}

fn usage(row: &Row) -> Result<Usage> {
    let mut columns = row.reader();
    Ok(Usage {
        amount_minor: columns.next()?,
        count: columns.next()?,
    })
}
