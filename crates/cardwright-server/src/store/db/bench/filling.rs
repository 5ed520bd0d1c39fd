//! Filling a database with cards and a history, much faster than they would come about.
//!
//! One card that was opened in the ordinary way is multiplied in the engine itself. Law: the ledger
//! stays in order. Every new card has an account of its own and the same number of entries: the
//! first brings money from outside, the others move a little of it back and forth. Ids follow the
//! order of the entries, and the sequence of ids goes on after them.
//!
//! What the multiplied cards lack: their sealed number is that of the first, which opens for that
//! one alone, and they have neither orders nor events.

use super::super::{Db, DbError, Value, WriteSession};

/// How much to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    /// Whose cards they are.
    pub tenant: i64,
    /// The card they are like; its account has been paid into from the tenant's outside book.
    pub like: i64,
    /// How many.
    pub cards: u32,
    /// How many entries each has, at least one.
    pub entries_per_card: u32,
}

/// What each card has been paid first, in minor units: enough for any run.
const OPENING_MINOR: i64 = 100_000_000;
/// What its other entries move, in minor units.
const MOVED_MINOR: i64 = 1_250;
/// How many rows a transaction writes at most: what the writer's cache takes.
const ROWS_AT_ONCE: i64 = 50_000;

/// The account of the card they are like, the outside book in its currency, and the last id.
const BEGINNING: &str = "\
    SELECT card.account, outside.id, outside.entry_sequence, outside.credits - outside.debits, \
    sequence.value FROM card \
    JOIN account AS own ON own.tenant = card.tenant AND own.id = card.account \
    JOIN account AS outside ON outside.tenant = card.tenant \
        AND outside.kind = 'external_funding' AND outside.currency = own.currency \
    JOIN sequence ON sequence.name = 'record_id' \
    WHERE card.tenant = $1 AND card.id = $2";

/// Numbers $1 to $2, then account $4 as it is after all entries, with ids from $5 on.
const ACCOUNTS: &str = "\
    INSERT INTO account_record (tenant, id, kind, owner, currency, name, external_id, created_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
    SELECT own.tenant, $5 + n, own.kind, own.owner, own.currency, own.name, own.external_id, \
        own.created_at \
    FROM account_record AS own, number WHERE own.tenant = $3 AND own.id = $4";

/// What they have: $6 has come, $7 has gone, in $8 entries.
const BALANCES: &str = "\
    INSERT INTO account_balance (tenant, account, currency, status, floor, credits, debits, \
        held_credits, held_debits, entry_sequence, updated_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
    SELECT own.tenant, $5 + n, own.currency, own.status, own.floor, $6, $7, 0, 0, $8, \
        own.updated_at \
    FROM account_balance AS own, number WHERE own.tenant = $3 AND own.account = $4";

/// Card $4 likewise. The digests of card numbers are scattered like real ones.
const CARDS: &str = "\
    INSERT INTO card (tenant, id, product, holder, account, paying_account, state, state_since, \
        close_reason, blocked_since, stage, embossing_name, expiry_month, pan_sealed, pan_lookup, \
        first_six, last_four, remark, external_id, delivery, created_at, activated_at, updated_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
    SELECT own.tenant, $5 + n, product, holder, $6 + n, paying_account, state, state_since, \
        close_reason, blocked_since, stage, embossing_name, expiry_month, pan_sealed, \
        CAST(printf('%08x%024d', (n + 1) * 2654435761 % 4294967296, n) AS BLOB), \
        first_six, last_four, remark, NULL, delivery, created_at, activated_at, updated_at \
    FROM card AS own, number WHERE own.tenant = $3 AND own.id = $4";

/// The controls that card $4 has, if any, for each of them.
const CONTROLS: &str = "\
    INSERT INTO controls (tenant, scope, subject, body, updated_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
    SELECT own.tenant, own.scope, $5 + n, own.body, own.updated_at \
    FROM controls AS own, number \
    WHERE own.tenant = $3 AND own.scope = 'card' AND own.subject = $4";

/// One entry for each number, from id $5 on.
const ENTRIES: &str = "\
    INSERT INTO journal_entry (tenant, id, created_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2) \
    SELECT own.tenant, $5 + n, own.created_at FROM card AS own, number \
    WHERE own.tenant = $3 AND own.id = $4";

/// And its transfer, from id $6 on. Entry `step` of card `n / $8` moves money between the card's
/// account, ids from $7 on, and the outside book $9, which had sequence $10 and balance $11 before
/// all of it: in at even steps, out at odd ones. A card is left with $12 after an even step; $13 is
/// the opening and $14 what is moved later, and $15 what a card is left with in the end.
const TRANSFERS: &str = "\
    INSERT INTO transfer (tenant, id, entry, kind, currency, amount, payer, payer_sequence, \
        payer_balance, receiver, receiver_sequence, receiver_balance, created_at) \
    WITH RECURSIVE number (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM number WHERE n < $2), \
    step (n, place, own, own_sequence, own_balance, outside_balance) AS (\
        SELECT n, n % $8, $7 + n / $8, n % $8 + 1, $12 - $14 * (n % $8 % 2), \
            $11 - $15 * (n / $8) - ($12 - $14 * (n % $8 % 2)) FROM number) \
    SELECT card.tenant, $6 + n, $5 + n, \
        CASE WHEN place % 2 = 0 THEN 'funding' ELSE 'card_clearing' END, account.currency, \
        CASE WHEN place = 0 THEN $13 ELSE $14 END, \
        CASE WHEN place % 2 = 0 THEN $9 ELSE own END, \
        CASE WHEN place % 2 = 0 THEN $10 + n + 1 ELSE own_sequence END, \
        CASE WHEN place % 2 = 0 THEN outside_balance ELSE own_balance END, \
        CASE WHEN place % 2 = 0 THEN own ELSE $9 END, \
        CASE WHEN place % 2 = 0 THEN own_sequence ELSE $10 + n + 1 END, \
        CASE WHEN place % 2 = 0 THEN own_balance ELSE outside_balance END, card.created_at \
    FROM card JOIN account ON account.tenant = card.tenant AND account.id = card.account, step \
    WHERE card.tenant = $3 AND card.id = $4";

/// What all of it changed about the outside book.
const OUTSIDE: &str = "\
    UPDATE account_balance SET credits = credits + $3, debits = debits + $4, \
    entry_sequence = entry_sequence + $5 WHERE account = $2 AND tenant = $1";

/// Where the next id begins.
const SEQUENCE: &str = "UPDATE sequence SET value = $1 WHERE name = 'record_id'";

/// Where the ids of each kind of row begin, and what was there before.
#[derive(Clone, Copy)]
struct Beginning {
    account: i64,
    outside: i64,
    outside_sequence: i64,
    outside_balance: i64,
    accounts: i64,
    cards: i64,
    entries: i64,
    transfers: i64,
    end: i64,
}

/// Fills the database; gives the id of the first new card, after which the others follow one by
/// one. Nothing else may use the database meanwhile.
pub async fn fill(db: &Db, filling: Filling) -> Result<i64, DbError> {
    let cards = i64::from(filling.cards);
    let each = i64::from(filling.entries_per_card.max(1));
    let begin = db
        .write(async move |session| begin(session, filling, each).await)
        .await?;
    let like = [filling.tenant.into(), filling.like.into()];
    let own = [filling.tenant.into(), begin.account.into()];
    let (ins, outs) = ((each - 1) / 2, each / 2);
    let (paid_in, paid_out) = (OPENING_MINOR + MOVED_MINOR * ins, MOVED_MINOR * outs);
    let ids = [begin.accounts].map(Value::from);
    repeat(db, ACCOUNTS, cards, [own.as_slice(), &ids].concat()).await?;
    let after = [begin.accounts, paid_in, paid_out, each].map(Value::from);
    repeat(db, BALANCES, cards, [own.as_slice(), &after].concat()).await?;
    let ids = [begin.cards, begin.accounts].map(Value::from);
    repeat(db, CARDS, cards, [like.as_slice(), &ids].concat()).await?;
    let ids = [begin.cards].map(Value::from);
    repeat(db, CONTROLS, cards, [like.as_slice(), &ids].concat()).await?;
    let ids = [begin.entries].map(Value::from);
    repeat(db, ENTRIES, cards * each, [like.as_slice(), &ids].concat()).await?;
    let moves = [
        begin.entries,
        begin.transfers,
        begin.accounts,
        each,
        begin.outside,
        begin.outside_sequence,
        begin.outside_balance,
        OPENING_MINOR,
        OPENING_MINOR,
        MOVED_MINOR,
        paid_in - paid_out,
    ]
    .map(Value::from);
    let moves = [like.as_slice(), &moves].concat();
    repeat(db, TRANSFERS, cards * each, moves).await?;
    let (credits, debits) = (paid_out * cards, paid_in * cards);
    db.write(async move |mut session: WriteSession| {
        let changes = [filling.tenant, begin.outside, credits, debits, cards * each];
        session.execute(OUTSIDE, &changes.map(Value::from)).await
    })
    .await?;
    Ok(begin.cards)
}

/// Looks at what there is, and takes as many ids as are needed.
async fn begin(
    mut session: WriteSession,
    filling: Filling,
    each: i64,
) -> Result<Beginning, DbError> {
    let parameters = [filling.tenant.into(), filling.like.into()];
    let row = session.one(BEGINNING, &parameters).await?;
    let cards = i64::from(filling.cards);
    let accounts = row.get::<i64>(4)? + 1;
    let begin = Beginning {
        account: row.get(0)?,
        outside: row.get(1)?,
        outside_sequence: row.get(2)?,
        outside_balance: row.get(3)?,
        accounts,
        cards: accounts + cards,
        entries: accounts + cards * 2,
        transfers: accounts + cards * 2 + cards * each,
        end: accounts + cards * 2 + cards * each * 2,
    };
    session.execute(SEQUENCE, &[begin.end.into()]).await?;
    Ok(begin)
}

/// Runs a statement for the numbers below `count`, not too many of them at once.
async fn repeat(
    db: &Db,
    sql: &'static str,
    count: i64,
    parameters: Vec<Value>,
) -> Result<(), DbError> {
    let mut first = 0;
    while first < count {
        let last = (first + ROWS_AT_ONCE).min(count) - 1;
        let all = [&[first.into(), last.into()], parameters.as_slice()].concat();
        db.write(async move |mut session: WriteSession| session.execute(sql, &all).await)
            .await?;
        first = last + 1;
    }
    Ok(())
}
