//! The accounts of one tenant as stored, beside what their transfers and holds add up to.

use std::collections::HashMap;

use cardwright_core::HoldState;

use super::{Figures, Sums, Violation};

/// An account as stored.
pub(super) struct AccountRow {
    pub id: i64,
    pub currency: String,
    pub credits: i64,
    pub debits: i64,
    pub held_credits: i64,
    pub held_debits: i64,
    pub floor: Option<i64>,
    pub entry_sequence: i64,
}

/// A transfer as stored.
pub(super) struct TransferRow {
    pub id: i64,
    pub entry: i64,
    /// None where there is no such entry.
    pub found_entry: Option<i64>,
    pub currency: String,
    pub amount: i64,
    pub payer: SideRow,
    pub receiver: SideRow,
}

/// What a transfer says about one of its accounts.
pub(super) struct SideRow {
    pub account: i64,
    pub sequence: i64,
    pub balance: i64,
}

/// A hold as stored.
pub(super) struct HoldRow {
    pub id: i64,
    pub payer: i64,
    pub receiver: i64,
    pub currency: String,
    pub amount: i64,
    pub posted: i64,
    pub voided: i64,
    pub state: String,
    pub ended_at: Option<i64>,
}

/// What is stored of an account, and what was seen of it. Wide sums, because what is stored may be
/// anything.
struct Kept {
    stored: AccountRow,
    credits: i128,
    debits: i128,
    held_credits: i128,
    held_debits: i128,
    sequence: i64,
}

/// One tenant's part of the ledger.
pub(super) struct Book {
    tenant: i64,
    accounts: HashMap<i64, Kept>,
    moved: HashMap<String, i128>,
    last_entry: Option<i64>,
    entries: u64,
}

/// A law that does not hold, if there is one.
type Found = Result<(), Violation>;

impl Book {
    pub(super) fn new(tenant: i64) -> Book {
        Book {
            tenant,
            accounts: HashMap::new(),
            moved: HashMap::new(),
            last_entry: None,
            entries: 0,
        }
    }

    pub(super) fn tenant(&self) -> i64 {
        self.tenant
    }

    /// How many entries the transfers belonged to, if those of one entry stood together.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn violation(
        &self,
        (record, id): (&'static str, i64),
        what: impl Into<String>,
    ) -> Violation {
        Violation {
            tenant: self.tenant,
            record,
            id,
            what: what.into(),
        }
    }

    pub(super) fn account(&mut self, stored: AccountRow) {
        let kept = Kept {
            credits: 0,
            debits: 0,
            held_credits: 0,
            held_debits: 0,
            sequence: 0,
            stored,
        };
        self.accounts.insert(kept.stored.id, kept);
    }

    pub(super) fn transfer(&mut self, row: &TransferRow) -> Found {
        let subject = ("transfer", row.id);
        if row.found_entry.is_none() {
            let what = format!("its entry {} does not exist", row.entry);
            return Err(self.violation(subject, what));
        }
        if self.last_entry != Some(row.entry) {
            self.last_entry = Some(row.entry);
            self.entries += 1;
        }
        self.check_sides(
            subject,
            (row.payer.account, row.receiver.account),
            row.amount,
        )?;
        let amount = i128::from(row.amount);
        self.side(row, &row.payer, |kept| kept.debits += amount)?;
        self.side(row, &row.receiver, |kept| kept.credits += amount)?;
        match self.moved.get_mut(&row.currency) {
            Some(moved) => *moved += amount,
            None => drop(self.moved.insert(row.currency.clone(), amount)),
        }
        Ok(())
    }

    fn check_sides(
        &self,
        subject: (&'static str, i64),
        (payer, receiver): (i64, i64),
        amount: i64,
    ) -> Found {
        if amount <= 0 {
            return Err(self.violation(subject, format!("its amount is {amount}")));
        }
        if payer == receiver {
            let what = format!("account {payer} is both payer and receiver");
            return Err(self.violation(subject, what));
        }
        Ok(())
    }

    fn side(&mut self, row: &TransferRow, side: &SideRow, change: impl FnOnce(&mut Kept)) -> Found {
        let subject = ("transfer", row.id);
        let kept = self.find(subject, (side.account, &row.currency))?;
        change(kept);
        kept.sequence += 1;
        let (sequence, balance) = (kept.sequence, kept.credits - kept.debits);
        let SideRow { account, .. } = side;
        if side.sequence != sequence {
            let what = format!(
                "it is number {} of account {account}, where {sequence} is next",
                side.sequence
            );
            return Err(self.violation(subject, what));
        }
        if i128::from(side.balance) != balance {
            let what = format!(
                "the balance of account {account} after it is stored as {} and adds up to \
                 {balance}",
                side.balance
            );
            return Err(self.violation(subject, what));
        }
        Ok(())
    }

    fn find(
        &mut self,
        subject: (&'static str, i64),
        (account, currency): (i64, &str),
    ) -> Result<&mut Kept, Violation> {
        let tenant = self.tenant;
        let violation = |what| Violation {
            tenant,
            record: subject.0,
            id: subject.1,
            what,
        };
        let Some(kept) = self.accounts.get_mut(&account) else {
            return Err(violation(format!("its account {account} does not exist")));
        };
        if kept.stored.currency != currency {
            return Err(violation(format!(
                "its currency is {currency:?}, that of account {account} is {:?}",
                kept.stored.currency
            )));
        }
        Ok(kept)
    }

    /// Whether the hold is open.
    pub(super) fn hold(&mut self, row: &HoldRow) -> Result<HoldState, Violation> {
        let subject = ("hold", row.id);
        self.check_sides(subject, (row.payer, row.receiver), row.amount)?;
        let used = i128::from(row.posted) + i128::from(row.voided);
        let open = i128::from(row.amount) - used;
        if row.posted < 0 || row.voided < 0 || open < 0 {
            let what = format!(
                "of {} it has posted {} and voided {}",
                row.amount, row.posted, row.voided
            );
            return Err(self.violation(subject, what));
        }
        let Some(state) = HoldState::from_word(&row.state) else {
            return Err(self.violation(subject, format!("its state is {:?}", row.state)));
        };
        let wrong = match state {
            HoldState::Open if open == 0 => Some("it is open, and nothing is left of it".into()),
            HoldState::Open if row.ended_at.is_some() => Some("it is open, and has ended".into()),
            HoldState::Ended(_) if open > 0 => {
                Some(format!("it is {}, and {open} is left of it", row.state))
            }
            HoldState::Ended(_) if row.ended_at.is_none() => {
                Some(format!("it is {}, and has not ended", row.state))
            }
            HoldState::Open | HoldState::Ended(_) => None,
        };
        if let Some(what) = wrong {
            return Err(self.violation(subject, what));
        }
        self.find(subject, (row.payer, &row.currency))?.held_debits += open;
        self.find(subject, (row.receiver, &row.currency))?
            .held_credits += open;
        Ok(state)
    }

    /// Compares every account with what was seen of it, the oldest first, and looks at the sums.
    pub(super) fn close(&self) -> Found {
        let mut ids: Vec<i64> = self.accounts.keys().copied().collect();
        ids.sort_unstable();
        let mut sums: HashMap<&str, i128> = HashMap::new();
        for id in ids {
            let kept = &self.accounts[&id];
            self.compare(kept)?;
            let balance = i128::from(kept.stored.credits) - i128::from(kept.stored.debits);
            *sums.entry(&kept.stored.currency).or_default() += balance;
        }
        for (currency, sum) in sums {
            if sum != 0 {
                let what = format!("its accounts in {currency:?} add up to {sum}");
                return Err(self.violation(("tenant", self.tenant), what));
            }
        }
        Ok(())
    }

    fn compare(&self, kept: &Kept) -> Found {
        let stored = &kept.stored;
        for (what, stored_value, seen) in [
            ("credits", stored.credits, kept.credits),
            ("debits", stored.debits, kept.debits),
            ("held credits", stored.held_credits, kept.held_credits),
            ("held debits", stored.held_debits, kept.held_debits),
            (
                "entry sequence",
                stored.entry_sequence,
                i128::from(kept.sequence),
            ),
        ] {
            if i128::from(stored_value) != seen {
                let what = format!("{what} stored as {stored_value}, adding up to {seen}");
                return Err(self.violation(("account", stored.id), what));
            }
        }
        Ok(())
    }

    /// Adds what is here to the figures.
    pub(super) fn count(&self, figures: &mut Figures) {
        let of_currency = |figures: &mut Figures, currency: &str, add: &dyn Fn(&mut Sums)| {
            add(figures.currencies.entry(currency.to_owned()).or_default());
        };
        for kept in self.accounts.values() {
            let stored = &kept.stored;
            figures.accounts += 1;
            let balance = i128::from(stored.credits) - i128::from(stored.debits);
            if stored
                .floor
                .is_some_and(|floor| balance < i128::from(floor))
            {
                figures.accounts_below_floor += 1;
            }
            of_currency(figures, &stored.currency, &|sums| {
                sums.balance += balance;
                sums.held += kept.held_debits;
            });
        }
        for (currency, moved) in &self.moved {
            of_currency(figures, currency, &|sums| sums.moved += moved);
        }
    }
}
