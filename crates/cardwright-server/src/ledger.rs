//! Looking at the ledger of a data directory, also while a server uses it.
//!
//! Law: nothing is made or changed in the directory, and its lock is not taken: the database shows
//! a second program one unchanging state, whatever is written meanwhile.

use std::fmt::Write;
use std::path::Path;

use cardwright_core::Currency;

use crate::config::Fault;
use crate::directory;
use crate::ops;
use crate::store::MIGRATIONS;
use crate::store::db::Db;

pub use crate::store::verify::{Figures, Outcome, Sums, Violation};

/// Sees whether every law of the ledger holds. A fault says why it cannot be read.
pub async fn verify(data: &Path) -> Result<Outcome, Fault> {
    let fault = |what: String| Fault::new(format!("--data {}", data.display()), what);
    let database = directory::find_database(data).map_err(fault)?;
    let db = Db::open_to_read(&database, MIGRATIONS).await;
    let db = db.map_err(|error| fault(error.to_string()))?;
    let outcome = ops::ledger::verify(&db).await;
    db.close().await;
    outcome.map_err(|error| fault(error.log_text()))
}

/// The figures for people: one a line, then one currency a line.
pub fn table(figures: &Figures) -> String {
    let mut text = String::new();
    for (name, count) in [
        ("tenants", figures.tenants),
        ("accounts", figures.accounts),
        ("below their floor", figures.accounts_below_floor),
        ("entries", figures.entries),
        ("transfers", figures.transfers),
        ("holds open", figures.holds_open),
        ("holds ended", figures.holds_ended),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<18}{count:>16}");
    }
    for (
        code,
        Sums {
            balance,
            moved,
            held,
        },
    ) in &figures.currencies
    {
        let print = |minor| amount(code, minor);
        let (balance, moved, held) = (print(*balance), print(*moved), print(*held));
        let _ = writeln!(text, "{code}  sum {balance}  moved {moved}  held {held}");
    }
    text
}

/// What the currency cannot print is shown in minor units.
fn amount(code: &str, minor: i128) -> String {
    match (Currency::parse(code), i64::try_from(minor)) {
        (Some(currency), Ok(minor)) => currency.print(minor),
        (None, _) | (_, Err(_)) => format!("{minor} minor units"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn figures_are_a_table_with_amounts_of_their_currencies() {
        let sums = |balance, moved, held| Sums {
            balance,
            moved,
            held,
        };
        let figures = Figures {
            tenants: 2,
            accounts: 10,
            accounts_below_floor: 1,
            entries: 1_000_000,
            transfers: 1_000_001,
            holds_open: 3,
            holds_ended: 4,
            currencies: BTreeMap::from([
                ("JPY".to_owned(), sums(0, 5, 0)),
                ("USD".to_owned(), sums(-1, i128::from(i64::MAX) + 1, 12_50)),
            ]),
        };
        let expected = "\
tenants                          2
accounts                        10
below their floor                1
entries                    1000000
transfers                  1000001
holds open                       3
holds ended                      4
JPY  sum 0  moved 5  held 0
USD  sum -0.01  moved 9223372036854775808 minor units  held 12.50
";
        assert_eq!(table(&figures), expected);
    }
}
