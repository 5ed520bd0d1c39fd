//! Holds: money set aside between two accounts until it is posted or given free.

use cardwright_core::{
    AccountId, Amount, Balance, Currency, Hold, HoldEnd, HoldId, HoldState, PaymentRefusal, Refusal,
};

use super::{
    FloorRule,
    sides::{EXPECT, FORCE_HOLD, HOLD, Movement, RELEASE, UNEXPECT, change, change_blindly},
};
use crate::{
    error::{Error, Result},
    store::{
        ReadTx, Tx,
        db::{Row, Value},
    },
};

/// A hold to be placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewHold {
    /// The id it gets, drawn by the caller.
    pub id: HoldId,
    /// Whose money is set aside.
    pub payer: AccountId,
    /// For whom.
    pub receiver: AccountId,
    /// How much.
    pub amount: Amount,
    /// Whether the payer's floor is in the way.
    pub floor: FloorRule,
}

/// A hold that was raised or became smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldOn {
    /// The hold.
    pub hold: Hold,
    /// What the payer has now, so that nobody needs to read it again.
    pub balance: Balance,
}

/// How much of a hold is given free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VoidWhat {
    /// Whatever is open.
    Rest,
    /// So much of it.
    Amount(Amount),
}

macro_rules! place {
    () => {
        "INSERT INTO hold (tenant, id, payer, receiver, currency, amount, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)"
    };
}

/// Sets money aside. Three statements and no read unless it is refused: every authorization comes
/// through here, and knows the balance from before.
pub async fn hold(tx: &mut Tx, new: &NewHold) -> Result<Hold> {
    let placed = Hold::place(new.id, (new.payer, new.receiver), new.amount)?;
    change_blindly(tx, of_floor(new.floor), new.payer, new.amount).await?;
    change_blindly(tx, &EXPECT, new.receiver, new.amount).await?;
    let now = tx.now().as_millisecond();
    tx.execute(
        place!(),
        &[
            Value::from(new.id.get()),
            new.payer.get().into(),
            new.receiver.get().into(),
            new.amount.currency().code().into(),
            new.amount.minor().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(placed)
}

/// Sets more aside on an open hold.
pub async fn raise(tx: &mut Tx, id: HoldId, more: Amount, floor: FloorRule) -> Result<HeldOn> {
    let raised = get_hold(tx, id).await?.raise(more)?;
    let payer = change(tx, of_floor(floor), raised.payer, more).await?;
    change_blindly(tx, &EXPECT, raised.receiver, more).await?;
    put(tx, &raised).await?;
    Ok(HeldOn {
        hold: raised,
        balance: payer.balance,
    })
}

/// Gives part of a hold free; the last of it ends the hold, in the way that is named. Refuses
/// when it has ended before.
pub async fn void(tx: &mut Tx, id: HoldId, what: VoidWhat, end: HoldEnd) -> Result<HeldOn> {
    let before = get_hold(tx, id).await?;
    let after = match what {
        VoidWhat::Rest => before.end(end)?,
        VoidWhat::Amount(amount) => before.void(amount, end)?,
    };
    let balance = settle(tx, &before, &after).await?;
    let balance = balance.ok_or_else(|| Error::Corrupt(format!("hold {id} released nothing")))?;
    Ok(HeldOn {
        hold: after,
        balance,
    })
}

/// The hold with this id.
pub async fn get_hold(tx: &mut ReadTx, id: HoldId) -> Result<Hold> {
    let sql = "SELECT payer, receiver, currency, amount, posted, voided, state FROM hold \
               WHERE tenant = $1 AND id = $2";
    let row = tx.optional(sql, &[id.get().into()]).await?;
    // Ids of holds come from our own rows, never from a caller.
    let row = row.ok_or_else(|| Error::Corrupt(format!("there is no hold {id}")))?;
    from_row(id, &row)
}

/// Stores a hold that became smaller, and takes the difference off both accounts. What the payer
/// has then, or nothing when there was no difference.
pub(super) async fn settle(tx: &mut Tx, before: &Hold, after: &Hold) -> Result<Option<Balance>> {
    let freed = before.open().minor() - after.open().minor();
    let freed = Amount::from_minor(freed, before.amount.currency());
    let Some(freed) = freed.filter(|freed| !freed.is_zero()) else {
        return Ok(None);
    };
    put(tx, after).await?;
    let payer = change(tx, &RELEASE, after.payer, freed).await?;
    change_blindly(tx, &UNEXPECT, after.receiver, freed).await?;
    Ok(Some(payer.balance))
}

fn of_floor(floor: FloorRule) -> &'static Movement {
    match floor {
        FloorRule::Keep => &HOLD,
        FloorRule::Ignore => &FORCE_HOLD,
    }
}

/// A hold that ended is not changed any more, whatever the caller had read.
async fn put(tx: &mut Tx, hold: &Hold) -> Result<()> {
    let now = tx.now().as_millisecond();
    let ended_at = match hold.state {
        HoldState::Open => None,
        HoldState::Ended(_) => Some(now),
    };
    let sql = "UPDATE hold SET amount = $3, posted = $4, voided = $5, state = $6, ended_at = $7 \
               WHERE tenant = $1 AND id = $2 AND state = 'open'";
    let parameters = [
        Value::from(hold.id.get()),
        hold.amount.minor().into(),
        hold.posted.minor().into(),
        hold.voided.minor().into(),
        hold.state.word().into(),
        ended_at.into(),
    ];
    match tx.execute(sql, &parameters).await? {
        0 => Err(Refusal::Payment(PaymentRefusal::HoldEnded).into()),
        _ => Ok(()),
    }
}

fn from_row(id: HoldId, row: &Row) -> Result<Hold> {
    let corrupt = || Error::Corrupt(format!("hold {id}"));
    let mut columns = row.reader();
    let payer = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let receiver = AccountId::new(columns.next()?).map_err(|_| corrupt())?;
    let currency = Currency::parse(&columns.next::<String>()?).ok_or_else(corrupt)?;
    let mut amount =
        || -> Result<Amount> { Amount::from_minor(columns.next()?, currency).ok_or_else(corrupt) };
    let (amount, posted, voided) = (amount()?, amount()?, amount()?);
    let state = HoldState::from_word(&columns.next::<String>()?).ok_or_else(corrupt)?;
    Ok(Hold {
        id,
        payer,
        receiver,
        amount,
        posted,
        voided,
        state,
    })
}

#[cfg(test)]
mod tests {
    use crate::store::{
        MIGRATIONS,
        db::{Db, DbError, DbOptions, ReadSession, Value},
    };

    #[tokio::test]
    async fn a_hold_is_placed_without_a_search_tree_on_the_side() {
        let db = Db::open(DbOptions::temporary()).expect("a store");
        db.migrate(MIGRATIONS).await.expect("all steps");
        let explain = concat!("EXPLAIN ", place!());
        let opcodes: Result<Vec<String>, DbError> = db
            .read(async move |mut session: ReadSession| {
                let rows = session.query(explain, &vec![Value::from(1); 7]).await?;
                rows.iter().map(|row| row.get(1)).collect()
            })
            .await;
        let opcodes = opcodes.expect("a program");
        assert!(
            opcodes.iter().any(|opcode| opcode == "OpenWrite"),
            "{opcodes:?}"
        );
        assert!(
            !opcodes.iter().any(|opcode| opcode == "OpenEphemeral"),
            "{opcodes:?}"
        );
        db.close().await;
    }
}
