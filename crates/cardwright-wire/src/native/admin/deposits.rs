//! Deposits of coins, as staff look at them.

use jiff::Timestamp;

use crate::kind::{Kind, Matching, integer, matching, moment, object, one_of, text};
use crate::native::Paging;
use crate::native::sandbox::counterparts::{CHAIN_REPORTS, ChainReport, coins, on_chain};
use crate::shape::{Fields, Policy, Shape};

/// The words of a deposit's states.
const STATUSES: &[(&str, &str)] = &[
    ("wait_process", "wait_process"),
    ("processing", "processing"),
    ("success", "success"),
    ("fail", "fail"),
];

/// `GET deposits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposits {
    /// Only those that stand so.
    pub status: Option<&'static str>,
    /// Which page.
    pub paging: Paging,
}

impl Shape for Deposits {
    const NAME: &'static str = "Deposits";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", one_of(STATUSES).about("Only those"));
        let paging = Paging::read(fields);
        Some(Deposits {
            status: status?,
            paging: paging?,
        })
    }
}

/// A block of a chain, as its observer saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedBlock {
    /// How many came before it.
    pub number: i64,
    /// Its hash.
    pub hash: String,
    /// When it was made.
    pub at: Timestamp,
}

impl Shape for ReportedBlock {
    const NAME: &'static str = "ReportedBlock";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let number = fields.required(
            "number",
            integer(0..=999_999_999_999)
                .about("How many blocks came before it")
                .example(88_456_310),
        );
        let hash = fields.required("hash", hash().about("Its hash"));
        let at = fields.required("time", moment().about("When it was made"));
        Some(ReportedBlock {
            number: number?,
            hash: hash?,
            at: at?,
        })
    }
}

/// `POST deposits`: what your observer of a chain saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDeposit {
    /// The coin's key.
    pub coin: String,
    /// The address that was paid.
    pub to_address: String,
    /// The transaction on the chain.
    pub transaction_hash: String,
    /// Who sent the coins.
    pub from_address: String,
    /// How many coins, as decimal text.
    pub amount: String,
    /// How many blocks lie on it.
    pub confirmations: i64,
    /// The block that it is in.
    pub block: Option<ReportedBlock>,
    /// What is reported.
    pub report: ChainReport,
}

/// The hash of a transaction or a block: 32 bytes.
fn hash() -> Matching {
    matching(64..=66, "^(0x)?[0-9A-Fa-f]{64}$", |text| {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

impl Shape for ReportDeposit {
    const NAME: &'static str = "ReportDeposit";
    const POLICY: Policy = Policy::Strict;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let coin = fields.required("coin", text(1..=40).about("The coin").example("USDT_TRC20"));
        let to_address = fields.required(
            "to_address",
            on_chain()
                .about("The address that was paid: one that an account of the tenant was given")
                .example("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        );
        let transaction_hash = fields.required(
            "tx_hash",
            hash()
                .about("The transaction; the same again, to the same address, moves its deposit on")
                .example("b6a6b6d3a0b2c1f0e9d8c7b6a5948372615049382716059483726150493827ab"),
        );
        let from_address = fields.required(
            "from_address",
            on_chain()
                .about("Who sent the coins")
                .example("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"),
        );
        let amount = fields.required(
            "amount",
            coins()
                .about("How many coins it paid to the address")
                .example("9"),
        );
        let confirmations = fields.required(
            "confirmations",
            integer(0..=1_000_000)
                .about("How many blocks lie on the transaction: none until it is in one")
                .example(38),
        );
        let block = fields.optional(
            "block",
            object::<ReportedBlock>().about("The block that it is in"),
        );
        let report = fields.optional(
            "report",
            one_of(CHAIN_REPORTS)
                .about("`confirmed` where left out; `dropped` where the chain took it back"),
        );
        Some(ReportDeposit {
            coin: coin?,
            to_address: to_address?,
            transaction_hash: transaction_hash?,
            from_address: from_address?,
            amount: amount?,
            confirmations: confirmations?,
            block: block?,
            report: report?.unwrap_or(ChainReport::Confirmed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    fn body(hash: &str, more: &str) -> String {
        format!(
            r#"{{"coin": "USDT_BEP20", "to_address": "0xa614f803b6fd780986a42c78ec9c7f77e6ded13c",
            "from_address": "0x52908400098527886e0f7030069857d2e4169ee7", "amount": "9.5",
            "confirmations": 3, "tx_hash": "{hash}"{more}}}"#
        )
    }

    #[test]
    fn what_an_observer_saw_is_told_in_full() {
        let (bare, prefixed) = ("aB".repeat(32), format!("0x{}", "ab".repeat(32)));
        for hash in [&bare, &prefixed] {
            let read = shape::from_body::<ReportDeposit>(body(hash, "").as_bytes());
            let read = read.expect("right").value;
            assert_eq!(&read.transaction_hash, hash);
            assert_eq!((read.block, read.report), (None, ChainReport::Confirmed));
        }
        let block = format!(
            r#", "block": {{"number": 7, "hash": "{bare}", "time": "2026-11-21T12:00:00Z"}}"#
        );
        let read = shape::from_body::<ReportDeposit>(body(&bare, &block).as_bytes());
        assert_eq!(read.expect("right").value.block.expect("given").number, 7);
        for wrong in [
            "c0ffee".to_owned(),
            "g".repeat(64),
            format!("0X{}", "ab".repeat(32)),
        ] {
            assert!(shape::from_body::<ReportDeposit>(body(&wrong, "").as_bytes()).is_err());
        }
        let half = r#", "block": {"number": 7}"#;
        assert!(shape::from_body::<ReportDeposit>(body(&bare, half).as_bytes()).is_err());
    }
}
